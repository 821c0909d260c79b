package dev.coffer.client;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.coffer.crypto.key.EncodedKey;
import dev.coffer.crypto.key.KeyPair;
import dev.coffer.memory.Secret;
import dev.coffer.testkit.Eventually;
import dev.coffer.tls.ServerIdentity;
import dev.coffer.tls.TlsServerConfig;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLParameters;

/// A key of P-256 with a certificate for `localhost` that it signs itself, of the JDK's own tool: who a server is, for one of ours and for others.
///
/// @param identity     for a server of ours
/// @param trusted      a file of the certificate, PEM
/// @param key          for others
/// @param certificate  for others
public record Localhost(ServerIdentity identity, Path trusted, PrivateKey key, X509Certificate certificate) {
    private static final long PATIENCE_NANOS = Eventually.MILLIS * 1_000_000L;
    private static final char[] PASSWORD = "changeit".toCharArray();

    /// Makes one.
    public static Localhost in(Path folder) throws Exception {
        Path store = folder.resolve("store.p12");
        int code = new ProcessBuilder(System.getProperty("java.home") + "/bin/keytool", "-genkeypair", "-keyalg", "EC", "-groupname", "secp256r1",
                "-alias", "server", "-dname", "CN=test", "-ext", "san=dns:localhost", "-validity", "30", "-storetype", "PKCS12", "-keystore",
                store.toString(), "-storepass", "changeit").redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start().waitFor();
        assertEquals(0, code, "keytool");
        KeyStore keys = KeyStore.getInstance(store.toFile(), PASSWORD);
        X509Certificate certificate = (X509Certificate) keys.getCertificate("server");
        Path trusted = Files.writeString(folder.resolve("trusted.pem"), "-----BEGIN CERTIFICATE-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(certificate.getEncoded()) + "\n-----END CERTIFICATE-----\n",
                StandardCharsets.US_ASCII);
        PrivateKey key = (PrivateKey) keys.getKey("server", PASSWORD);
        byte[] encoded = key.getEncoded();
        MemorySegment file = Arena.global().allocate(EncodedKey.FILE_BYTES_MAX).copyFrom(MemorySegment.ofArray(encoded));
        try (EncodedKey read = EncodedKey.in(file, 0, encoded.length)) {
            Secret secret = Secret.of(Arena.global().allocate(read.algorithm().keyPairBytes()), 0, read.algorithm().keyPairBytes());
            KeyPair pair = read.keyPair(secret, Arena.global().allocate(read.algorithm().workspaceBytes()), 0);
            return new Localhost(ServerIdentity.of(List.of(certificate), pair), trusted, key, certificate);
        }
    }

    /// {@return a client that trusts it, and waits as long as a busy machine may take}
    public ClientConfig client(int earlyBytes) throws Exception {
        ClientConfig config = ClientConfig.standard();
        ClientTls tls = ClientTls.trusting(trusted);
        return config.withHttp(config.http().withLimits(config.http().limits().withTimes(PATIENCE_NANOS, PATIENCE_NANOS, PATIENCE_NANOS)))
                .withTimes(new ClientConfig.Times(PATIENCE_NANOS, PATIENCE_NANOS, 2 * PATIENCE_NANOS, PATIENCE_NANOS, 0))
                .withTls(tls.withConfig(tls.config().withNanosMax(PATIENCE_NANOS, PATIENCE_NANOS)).withEarlyData(earlyBytes));
    }

    /// {@return TLS of a server as it, as patient}
    public TlsServerConfig serving(String... protocols) {
        return TlsServerConfig.defaults().withProtocols(protocols).withNanosMax(PATIENCE_NANOS, PATIENCE_NANOS);
    }

    /// {@return a listener of the JDK's TLS, which chooses the first of these protocols that a client offers}
    SSLServerSocket listener(String... protocols) throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry("server", key, PASSWORD, new X509Certificate[] {certificate});
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(store, PASSWORD);
        SSLContext context = SSLContext.getInstance("TLSv1.3");
        context.init(managers.getKeyManagers(), null, null);
        SSLServerSocket listener = (SSLServerSocket) context.getServerSocketFactory().createServerSocket();
        SSLParameters parameters = listener.getSSLParameters();
        parameters.setApplicationProtocols(protocols);
        listener.setSSLParameters(parameters);
        return listener;
    }
}
