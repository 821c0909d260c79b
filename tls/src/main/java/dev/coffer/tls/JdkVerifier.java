package dev.coffer.tls;

import dev.coffer.memory.layout.BigEndian;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECKey;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.util.ArrayList;
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
    private static final int SAN_DNS = 2;  // GeneralName, RFC 5280 section 4.2.1.6
    private static final int SAN_IP = 7;

    private static final String USE_SERVER = "1.3.6.1.5.5.7.3.1";  // KeyPurposeId, RFC 5280 section 4.2.1.12
    private static final String USE_CLIENT = "1.3.6.1.5.5.7.3.2";
    private static final String USE_ANY = "2.5.29.37.0";

    // Scheme, JDK's name, and for RSASSA-PSS the bits of its hash.
    private record Scheme(int code, String name, int pss) {}

    private static final List<Scheme> SCHEMES = List.of(new Scheme(0x0403, "SHA256withECDSA", 0), new Scheme(0x0807, "Ed25519", 0),
            new Scheme(0x0503, "SHA384withECDSA", 0), new Scheme(0x0804, "RSASSA-PSS", 256), new Scheme(0x0805, "RSASSA-PSS", 384),
            new Scheme(0x0806, "RSASSA-PSS", 512), new Scheme(0x0904, "ML-DSA-44", 0), new Scheme(0x0905, "ML-DSA-65", 0),
            new Scheme(0x0906, "ML-DSA-87", 0),
            // in certificates alone (section 4.2.3), and never in a handshake
            new Scheme(0x0401, "", 0), new Scheme(0x0501, "", 0), new Scheme(0x0601, "", 0));
    private static final int[] CODES = SCHEMES.stream().mapToInt(Scheme::code).toArray();

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
    /// @throws IOException               it cannot be read
    /// @throws GeneralSecurityException  it holds no certificate
    public static JdkVerifier of(Path certificates) throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        int count = 0;
        try (InputStream in = Files.newInputStream(certificates)) {
            for (Certificate certificate : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                store.setCertificateEntry("ca-" + count++, certificate);
            }
        }
        if (count == 0) {
            throw new CertificateException(certificates + ": no certificate in it");
        }
        return over(store);
    }

    @Override
    public JdkVerifier another() {
        return new JdkVerifier(trust);
    }

    @Override
    public int[] schemes() {
        return CODES.clone();
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
            if (!client && !isFor(certificates[0], host)) {
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

    private static X509Certificate[] read(MemorySegment chain, long at, int length) throws CertificateException {
        CertificateFactory factory = CertificateFactory.getInstance("X.509");
        List<X509Certificate> read = new ArrayList<>();
        for (long p = at; p < at + length;) {
            int bytes = BigEndian.u24(chain, p);
            byte[] der = chain.asSlice(p + 3, bytes).toArray(ValueLayout.JAVA_BYTE);
            try {
                read.add((X509Certificate) factory.generateCertificate(new ByteArrayInputStream(der)));
            } catch (CertificateException e) {
                throw new IllegalArgumentException("no certificate", e);
            }
            p += 3 + bytes;
            p += 2 + BigEndian.u16(chain, p);
        }
        return read.toArray(X509Certificate[]::new);
    }

    private static boolean isFor(X509Certificate certificate, String host) throws CertificateException {
        boolean address = HostNames.isAddress(host);
        if (certificate.getSubjectAlternativeNames() == null) {
            return false;
        }
        for (List<?> name : certificate.getSubjectAlternativeNames()) {
            boolean same = name.get(0).equals(address ? SAN_IP : SAN_DNS)
                    && (address ? HostNames.isSameAddress((String) name.get(1), host) : HostNames.matches((String) name.get(1), host));
            if (same) {
                return true;
            }
        }
        return false;
    }

    @Override
    public boolean verifies(int code, MemorySegment covered, long coveredAt, int coveredLength, MemorySegment signature, long signatureAt,
            int signatureLength) {
        Scheme scheme = SCHEMES.stream().filter(each -> each.code == code && !each.name.isEmpty()).findFirst().orElse(null);
        if (scheme == null || key == null || !fits(scheme, key)) {
            return false;
        }
        try {
            Signature verifying = Signature.getInstance(scheme.name);
            if (scheme.pss > 0) {
                String hash = "SHA-" + scheme.pss;
                verifying.setParameter(new PSSParameterSpec(hash, "MGF1", new MGF1ParameterSpec(hash), scheme.pss / Byte.SIZE, 1));
            }
            verifying.initVerify(key);
            verifying.update(covered.asSlice(coveredAt, coveredLength).toArray(ValueLayout.JAVA_BYTE));
            return verifying.verify(signature.asSlice(signatureAt, signatureLength).toArray(ValueLayout.JAVA_BYTE));
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    /// An ECDSA scheme of TLS 1.3 names its curve (section 4.2.3).
    private static boolean fits(Scheme scheme, PublicKey with) {
        int bits = with instanceof ECKey ec ? ec.getParams().getCurve().getField().getFieldSize() : 0;
        return scheme.code == 0x0403 ? bits == 256 : scheme.code == 0x0503 ? bits == 384 : bits == 0;
    }
}
