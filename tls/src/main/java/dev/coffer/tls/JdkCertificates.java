package dev.coffer.tls;

import dev.coffer.memory.layout.BigEndian;
import java.io.ByteArrayInputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECKey;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.NamedParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a [PeerVerifier] that stands on the JDK needs beside the decision whom it trusts: a peer's certificates, read by the JDK's own reader;
/// signatures, verified by the JDK; names, looked at here (RFC 9525). On public data and the heap alone. Any thread.
public final class JdkCertificates {
    private static final int SAN_DNS = 2;  // GeneralName, RFC 5280 section 4.2.1.6
    private static final int SAN_IP = 7;

    // Scheme, JDK's name, and for RSASSA-PSS the bits of its hash.
    private record Scheme(int code, String name, int pss) {}

    private static final List<Scheme> SCHEMES = List.of(new Scheme(0x0403, "SHA256withECDSA", 0), new Scheme(0x0807, "Ed25519", 0),
            new Scheme(0x0503, "SHA384withECDSA", 0), new Scheme(0x0804, "RSASSA-PSS", 256), new Scheme(0x0805, "RSASSA-PSS", 384),
            new Scheme(0x0806, "RSASSA-PSS", 512), new Scheme(0x0904, "ML-DSA-44", 0), new Scheme(0x0905, "ML-DSA-65", 0),
            new Scheme(0x0906, "ML-DSA-87", 0),
            // in certificates alone (section 4.2.3), and never in a handshake
            new Scheme(0x0401, "", 0), new Scheme(0x0501, "", 0), new Scheme(0x0601, "", 0));
    private static final int[] CODES = SCHEMES.stream().mapToInt(Scheme::code).toArray();

    private JdkCertificates() {}

    /// {@return the numbers of the signature schemes that are verified, in order of preference, as of [PeerVerifier#schemes]}
    public static int[] schemes() {
        return CODES.clone();
    }

    /// {@return the certificates of a chain, as of [PeerVerifier#trust]}
    ///
    /// @throws CertificateException  one that cannot be read (the peer's fault)
    public static X509Certificate[] read(MemorySegment chain, long at, int length) throws CertificateException {
        CertificateFactory factory = CertificateFactory.getInstance("X.509");
        List<X509Certificate> read = new ArrayList<>();
        for (long p = at; p < at + length;) {
            int bytes = BigEndian.u24(chain, p);
            byte[] der = chain.asSlice(p + 3, bytes).toArray(ValueLayout.JAVA_BYTE);
            read.add((X509Certificate) factory.generateCertificate(new ByteArrayInputStream(der)));
            p += 3 + bytes;
            p += 2 + BigEndian.u16(chain, p);
        }
        return read.toArray(X509Certificate[]::new);
    }

    /// {@return whether a certificate is for a host: by its alternative names alone, a DNS name with a star for one whole first label, or an IP
    /// address, never the common name}
    ///
    /// @throws CertificateException  its names cannot be read (the peer's fault)
    public static boolean isFor(X509Certificate certificate, String host) throws CertificateException {
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

    /// Verifies a signature, as of [PeerVerifier#verifies].
    ///
    /// @param key  of the peer's own certificate
    /// @return whether it is valid, of a scheme that may stand in a handshake, and of the key's kind
    public static boolean verifies(PublicKey key, int code, MemorySegment covered, long coveredAt, int coveredLength, MemorySegment signature,
            long signatureAt, int signatureLength) {
        Scheme scheme = scheme(code);
        if (scheme == null || !fits(scheme, key)) {
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

    /// {@return whether a scheme may stand in a handshake and is of a key's kind, as of [PeerVerifier#fits]: ECDSA's name their curve, RSASSA-PSS's here an RSA key (section 4.2.3)}
    ///
    /// @param key  of the peer's own certificate
    public static boolean fits(PublicKey key, int code) {
        Scheme scheme = scheme(code);
        return scheme != null && fits(scheme, key);
    }

    /// {@return the scheme of a handshake with that number, or null}
    private static @Nullable Scheme scheme(int code) {
        return SCHEMES.stream().filter(each -> each.code == code && !each.name.isEmpty()).findFirst().orElse(null);
    }

    private static boolean fits(Scheme scheme, PublicKey with) {
        if (scheme.code == 0x0403 || scheme.code == 0x0503) {
            return with instanceof ECKey ec && ec.getParams().getCurve().getField().getFieldSize() == (scheme.code == 0x0403 ? 256 : 384);
        }
        if (scheme.pss > 0) {
            return with.getAlgorithm().equals("RSA");
        }
        return with.getParams() instanceof NamedParameterSpec named && named.getName().equalsIgnoreCase(scheme.name);
    }
}
