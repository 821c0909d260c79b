package dev.coffer.client;

import dev.coffer.tls.JdkVerifier;
import dev.coffer.tls.KeyLog;
import dev.coffer.tls.PeerVerifier;
import dev.coffer.tls.ServerIdentity;
import dev.coffer.tls.TlsClientConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// That a client speaks TLS to origins of `https`, and whom it trusts.
///
/// @param config    what is offered; its numbers of connections and handshakes are the client's own
/// @param verifier  who decides, of this one client
/// @param identity  who the client is, to servers that ask for a certificate; null for nobody. Closed by whom it belongs to, after the client
/// @param keyLog    who hears the secrets of handshakes, for debugging alone; null for nobody
@SuppressWarnings("exports")  // annotations that users need not have
public record ClientTls(TlsClientConfig config, PeerVerifier verifier, @Nullable ServerIdentity identity, @Nullable KeyLog keyLog) {
    /// Checks that configuration and verifier are there.
    public ClientTls {
        Objects.requireNonNull(config);
        Objects.requireNonNull(verifier);
    }

    /// {@return TLS as it is by default, trusting the JDK's certificate authorities}
    ///
    /// @throws GeneralSecurityException  they cannot be read (the installation's fault)
    public static ClientTls ofSystem() throws GeneralSecurityException {
        return new ClientTls(TlsClientConfig.defaults().withProtocols("http/1.1"), JdkVerifier.ofSystem(), null, null);
    }

    /// {@return the same, trusting the certificates of a file alone, PEM, one or more}
    ///
    /// @throws IOException               it cannot be read
    /// @throws GeneralSecurityException  it holds no certificate
    public static ClientTls trusting(Path certificates) throws IOException, GeneralSecurityException {
        return new ClientTls(TlsClientConfig.defaults().withProtocols("http/1.1"), JdkVerifier.of(certificates), null, null);
    }

    /// {@return the same as somebody: a certificate of Ed25519, ECDSA on P-256 or RSA with its key}
    public ClientTls withIdentity(ServerIdentity who) {
        return new ClientTls(config, verifier, who, keyLog);
    }

    /// {@return the same with another configuration}
    public ClientTls withConfig(TlsClientConfig newConfig) {
        return new ClientTls(newConfig, verifier, identity, keyLog);
    }

    /// {@return the same, saying so many bytes with the hello of a connection that resumes a session, where the server's ticket allows that (0-RTT, RFC 8446, section
    /// 2.3): a request saves a round trip. **Who listens can say it again to the server**, so it is done for requests that [Request#mayBeEarly] alone. What the
    /// server does not take is said again when the handshake is done}
    ///
    /// @param bytes  0, as it is at first: nothing; of use from the longest head on, 16,384 at most; held for each handshake under way
    /// @throws IllegalArgumentException  another number (caller's fault)
    public ClientTls withEarlyData(int bytes) {
        return withConfig(config.withEarlyBytes(bytes));
    }

    /// {@return the same with somebody who hears the secrets of every handshake: for debugging alone}
    public ClientTls withKeyLog(@Nullable KeyLog newKeyLog) {
        return new ClientTls(config, verifier, identity, newKeyLog);
    }
}
