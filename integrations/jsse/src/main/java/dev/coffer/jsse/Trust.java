package dev.coffer.jsse;

import dev.coffer.tls.Alert;
import dev.coffer.tls.ClientVerifier;
import dev.coffer.tls.JdkCertificates;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.CertificateRevokedException;
import java.security.cert.X509Certificate;
import java.util.Locale;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/// The caller's trust manager, as one engine's connection asks it. An extended one sees the engine, or the socket whose it is, and looks at the name itself, if
/// the engine's parameters want that; for another the name is looked at here. Signatures are verified by the JDK. One handshake's.
final class Trust implements ClientVerifier {
    private final X509TrustManager manager;
    private final TlsEngine engine;
    private final int[] schemes;
    private final Sessions sessions;    // of the side that it asks for
    private final boolean creates;      // whether a session may begin by it
    private X509Certificate[] chain = {};
    private boolean trusted;
    private @Nullable Throwable fault;

    /// @param schemes  that are verified, by number
    Trust(X509TrustManager manager, TlsEngine engine, int[] schemes, Sessions sessions) {
        this.sessions = sessions;
        this.manager = manager;
        this.engine = engine;
        this.schemes = schemes;
        this.creates = engine.settings.createsSessions();
    }

    @Override
    public int[] schemes() {
        return schemes.clone();
    }

    @Override
    public ClientVerifier another() {
        return this;  // there is one handshake
    }

    /// {@return what the manager threw, if it did}
    @Nullable
    Throwable fault() {
        return fault;
    }

    @Override
    public @Nullable Alert trust(MemorySegment memory, long at, int length, String host) {
        trusted = false;
        if (!creates) {  // who is resumed shows nobody a certificate
            fault = new SSLHandshakeException("New session creation is disabled");
            return Alert.HANDSHAKE_FAILURE;
        }
        try {
            chain = JdkCertificates.read(memory, at, length);
        } catch (CertificateException | RuntimeException e) {
            fault = e;
            return Alert.BAD_CERTIFICATE;
        }
        try {
            engine.onPeer(chain);
            if (engine.getUseClientMode()) {
                checkServer();
            } else {
                checkClient();
            }
            trusted = true;
            return null;
        } catch (CertificateException e) {
            fault = e;
            return alert(e);
        } catch (RuntimeException e) {
            fault = e;
            return Alert.CERTIFICATE_UNKNOWN;
        } catch (Error e) {  // the manager's, who is told by the cause
            fault = e;
            return Alert.INTERNAL_ERROR;
        }
    }

    private void checkServer() throws CertificateException {
        SSLSocket socket = engine.socket();
        if (manager instanceof X509ExtendedTrustManager extended) {
            if (socket != null) {
                extended.checkServerTrusted(chain.clone(), "UNKNOWN", socket);
            } else {
                extended.checkServerTrusted(chain.clone(), "UNKNOWN", engine);
            }
        } else {
            manager.checkServerTrusted(chain.clone(), "UNKNOWN");
            checkName();
        }
    }

    private void checkClient() throws CertificateException {
        String type = chain[0].getPublicKey().getAlgorithm();
        String authType = switch (type) {
            case "RSA", "DSA", "EC", "RSASSA-PSS" -> type;
            default -> "UNKNOWN";
        };
        SSLSocket socket = engine.socket();
        if (manager instanceof X509ExtendedTrustManager extended) {
            if (socket != null) {
                extended.checkClientTrusted(chain.clone(), authType, socket);
            } else {
                extended.checkClientTrusted(chain.clone(), authType, engine);
            }
        } else {
            manager.checkClientTrusted(chain.clone(), authType);
        }
    }

    private void checkName() throws CertificateException {
        String algorithm = engine.getSSLParameters().getEndpointIdentificationAlgorithm();
        if (algorithm == null || algorithm.isEmpty()) {
            return;
        }
        String host = engine.host();
        boolean known = algorithm.toUpperCase(Locale.ROOT).startsWith("HTTPS") || algorithm.toUpperCase(Locale.ROOT).startsWith("LDAP");
        if (!known) {
            throw new CertificateException("endpoint identification " + algorithm + " (expected HTTPS or LDAPS)");
        }
        if (host == null || !JdkCertificates.isFor(chain[0], host)) {
            throw new CertificateException("no name of the certificate is " + (host == null ? "asked for" : host));
        }
    }

    private static Alert alert(CertificateException e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof CertificateExpiredException || cause instanceof CertificateNotYetValidException) {
                return Alert.CERTIFICATE_EXPIRED;
            }
            if (cause instanceof CertificateRevokedException) {
                return Alert.CERTIFICATE_REVOKED;
            }
        }
        return Alert.CERTIFICATE_UNKNOWN;
    }

    @Override
    public boolean fits(int scheme) {
        return trusted && JdkCertificates.fits(chain[0].getPublicKey(), scheme);
    }

    @Override
    public boolean verifies(int scheme, MemorySegment covered, long coveredAt, int coveredLength, MemorySegment signature, long signatureAt,
            int signatureLength) {
        return trusted && JdkCertificates.verifies(chain[0].getPublicKey(), scheme, covered, coveredAt, coveredLength, signature, signatureAt,
                signatureLength);
    }

    /// {@return the chain that was trusted last, or that a session was begun with which is resumed}
    X509Certificate[] chain() {
        return chain;
    }

    /// Writes a digest of the whole chain, which a server remembers it by.
    @Override
    public void key(MemorySegment target, long at) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (X509Certificate each : chain) {
                digest.update(each.getEncoded());
            }
            MemorySegment.copy(digest.digest(), 0, target, ValueLayout.JAVA_BYTE, at, KEY_BYTES);
        } catch (NoSuchAlgorithmException | CertificateEncodingException e) {
            throw new IllegalStateException("SHA-256, which every Java has, of a certificate that came encoded", e);
        }
    }

    /// {@return whether a client is remembered that was verified before: then this is its chain, if its session is resumed}
    boolean knows(MemorySegment key, long at) {
        byte[] digest = new byte[KEY_BYTES];
        MemorySegment.copy(key, ValueLayout.JAVA_BYTE, at, digest, 0, KEY_BYTES);
        X509Certificate[] found = sessions.client(digest);
        if (found != null) {
            chain = found;
        }
        return found != null;
    }

    @Override
    public long untilSeconds() {
        long until = Long.MAX_VALUE / 1000;
        for (X509Certificate each : chain) {
            until = Math.min(until, each.getNotAfter().toInstant().getEpochSecond());
        }
        return until;
    }

    @Override
    public long policy() {
        return System.identityHashCode(manager);
    }
}
