package dev.coffer.client;

import dev.coffer.tls.JdkVerifier;
import dev.coffer.tls.PeerVerifier;
import dev.coffer.tls.TlsClientConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Objects;

/// That a client speaks TLS to origins of `https`, and whom it trusts.
///
/// @param config    what is offered; its numbers of connections and handshakes are the client's own
/// @param verifier  who decides, of this one client
public record ClientTls(TlsClientConfig config, PeerVerifier verifier) {
    /// Checks that both are there.
    public ClientTls {
        Objects.requireNonNull(config);
        Objects.requireNonNull(verifier);
    }

    /// {@return TLS as it is by default, trusting the JDK's certificate authorities}
    ///
    /// @throws GeneralSecurityException  they cannot be read (the installation's fault)
    public static ClientTls ofSystem() throws GeneralSecurityException {
        return new ClientTls(TlsClientConfig.defaults().withProtocols("http/1.1"), JdkVerifier.ofSystem());
    }

    /// {@return the same, trusting the certificates of a file alone, PEM, one or more}
    ///
    /// @throws IOException               it cannot be read
    /// @throws GeneralSecurityException  it holds no certificate
    public static ClientTls trusting(Path certificates) throws IOException, GeneralSecurityException {
        return new ClientTls(TlsClientConfig.defaults().withProtocols("http/1.1"), JdkVerifier.of(certificates));
    }
}
