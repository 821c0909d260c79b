package dev.coffer.tls;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PublicKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/// Trusts whom the JDK trusts: its certificate authorities, or those of a file. Path validation is the JDK's PKIX (RFC 5280), and so is the
/// verifying of signatures; the name is looked at here (RFC 9525): in the certificate's alternative names alone, a DNS name with a star for one
/// whole first label, or an IP address, never the common name.
///
/// It works on public data alone, and on the heap: some tens of KiB a handshake.
@SuppressWarnings("exports")  // annotations that users need not have
public final class JdkVerifier implements PeerVerifier {
    /// Bytes of a file of certificates at most: some twenty times those of all that browsers trust.
    public static final int FILE_BYTES_MAX = 4 << 20;

    private static final String USE_SERVER = "1.3.6.1.5.5.7.3.1";  // KeyPurposeId, RFC 5280 section 4.2.1.12
    private static final String USE_CLIENT = "1.3.6.1.5.5.7.3.2";
    private static final String USE_ANY = "2.5.29.37.0";

    private final X509TrustManager trust;
    private @Nullable PublicKey key;
    private X509Certificate[] trusted = {};

    private JdkVerifier(X509TrustManager trust) {
        this.trust = trust;
    }

    private static JdkVerifier over(@Nullable KeyStore authorities) throws GeneralSecurityException {
        TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
        factory.init(authorities);
        X509TrustManager found = null;
        for (TrustManager manager : factory.getTrustManagers()) {
            found = manager instanceof X509TrustManager x509 ? x509 : found;
        }
        if (found == null) {
            throw new GeneralSecurityException("the JDK has no trust manager for X.509");
        }
        return new JdkVerifier(found);
    }

    /// {@return who trusts the JDK's certificate authorities}
    ///
    /// @throws GeneralSecurityException  they cannot be read (the installation's fault)
    public static JdkVerifier ofSystem() throws GeneralSecurityException {
        return over(null);
    }

    /// {@return who trusts the certificates of a file alone, PEM, one or more}
    ///
    /// @throws IOException               it cannot be read, or has more than [#FILE_BYTES_MAX]
    /// @throws GeneralSecurityException  it holds no certificate
    public static JdkVerifier of(Path certificates) throws IOException, GeneralSecurityException {
        List<X509Certificate> read = CertificateFile.read(certificates, FILE_BYTES_MAX);
        if (read.isEmpty()) {
            throw new CertificateException(certificates + ": no certificate in it");
        }
        return of(read);
    }

    /// {@return who trusts those certificates alone}
    ///
    /// @param certificates  one or more
    /// @throws GeneralSecurityException  there is none, or the JDK has no store for them
    public static JdkVerifier of(List<X509Certificate> certificates) throws GeneralSecurityException {
        if (certificates.isEmpty()) {
            throw new CertificateException("no certificate to trust (expected one at least)");
        }
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        try {
            store.load(null, null);
        } catch (IOException e) {
            throw new CertificateException("a store that is empty cannot be read", e);
        }
        for (int i = 0; i < certificates.size(); i++) {
            store.setCertificateEntry("ca-" + i, certificates.get(i));
        }
        return over(store);
    }

    @Override
    public JdkVerifier another() {
        return new JdkVerifier(trust);
    }

    @Override
    public int[] schemes() {
        return JdkCertificates.schemes();
    }

    /// {@return the certificate authorities}
    X509Certificate[] authorities() {
        return trust.getAcceptedIssuers();
    }

    /// {@return the chain that was trusted last}
    X509Certificate[] trusted() {
        return trusted;
    }

    @Override
    public @Nullable Alert trust(MemorySegment chain, long at, int length, String host) {
        return trust(chain, at, length, host, false);
    }

    /// Looks at a client's chain: it is asked for no name.
    ///
    /// @return null if it is trusted; else the alert for it
    @Nullable
    Alert trustClient(MemorySegment chain, long at, int length) {
        return trust(chain, at, length, "", true);
    }

    private @Nullable Alert trust(MemorySegment chain, long at, int length, String host, boolean client) {
        key = null;
        try {
            X509Certificate[] certificates = read(chain, at, length);
            if (!isForUse(certificates[0], client ? USE_CLIENT : USE_SERVER)) {
                return Alert.UNSUPPORTED_CERTIFICATE;
            }
            if (client) {
                trust.checkClientTrusted(certificates, "UNKNOWN");
            } else {
                trust.checkServerTrusted(certificates, "UNKNOWN");
            }
            certificates[0].checkValidity();  // the JDK does not look at one that is trusted by itself
            if (!client && !JdkCertificates.isFor(certificates[0], host)) {
                return Alert.BAD_CERTIFICATE;
            }
            key = certificates[0].getPublicKey();
            trusted = certificates;
            return null;
        } catch (CertificateExpiredException | CertificateNotYetValidException e) {
            return Alert.CERTIFICATE_EXPIRED;
        } catch (CertificateException e) {
            return isOfTime(e) ? Alert.CERTIFICATE_EXPIRED : Alert.UNKNOWN_CA;
        } catch (IllegalArgumentException e) {
            return Alert.BAD_CERTIFICATE;
        }
    }

    /// {@return whether a certificate may be used so (RFC 5280, section 4.2.1.12); the JDK does not ask where it is trusted by itself}
    private static boolean isForUse(X509Certificate certificate, String use) throws CertificateException {
        List<String> uses = certificate.getExtendedKeyUsage();
        return uses == null || uses.contains(use) || uses.contains(USE_ANY);
    }

    private static boolean isOfTime(Throwable e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof CertificateExpiredException || cause instanceof CertificateNotYetValidException) {
                return true;
            }
        }
        return false;
    }

    private static X509Certificate[] read(MemorySegment chain, long at, int length) {
        try {
            return JdkCertificates.read(chain, at, length);
        } catch (CertificateException e) {
            throw new IllegalArgumentException("no certificate", e);
        }
    }

    @Override
    public boolean fits(int code) {
        PublicKey with = key;
        return with != null && JdkCertificates.fits(with, code);
    }

    @Override
    public boolean verifies(int code, MemorySegment covered, long coveredAt, int coveredLength, MemorySegment signature, long signatureAt,
            int signatureLength) {
        PublicKey with = key;
        return with != null
                && JdkCertificates.verifies(with, code, covered, coveredAt, coveredLength, signature, signatureAt, signatureLength);
    }
}
