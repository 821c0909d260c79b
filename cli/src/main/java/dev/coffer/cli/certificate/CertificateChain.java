package dev.coffer.cli.certificate;

import java.io.ByteArrayInputStream;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Certificates that lie in a file in whatever order, as those of PKCS#12 do, put into the order that TLS sends: the key's own, then whoever issued it, and so on.
/// Others are left out. Stateless, thread-safe.
final class CertificateChain {
    private CertificateChain() {}

    /// {@return the chain of a key}
    ///
    /// @param der        certificates
    /// @param publicKey  a SubjectPublicKeyInfo
    /// @throws CertificateException  one cannot be read, or none is that key's
    static List<X509Certificate> of(List<byte[]> der, byte[] publicKey) throws CertificateException {
        List<X509Certificate> left = new ArrayList<>();
        CertificateFactory factory = CertificateFactory.getInstance("X.509");
        try {
            for (byte[] each : der) {
                left.add((X509Certificate) factory.generateCertificate(new ByteArrayInputStream(each)));
            }
        } catch (RuntimeException e) {  // at what it was not made for
            throw new CertificateException("a certificate that cannot be read", e);
        }
        X509Certificate own = left.stream().filter(each -> Arrays.equals(each.getPublicKey().getEncoded(), publicKey)).findFirst()
                .orElseThrow(() -> new CertificateException("none of its " + der.size() + " certificates is that of its key"));
        List<X509Certificate> chain = new ArrayList<>();
        X509Certificate last = own;
        while (last != null) {
            chain.add(last);
            left.remove(last);
            last = issuer(last, left);
        }
        return chain;
    }

    /// {@return who issued a certificate: of several of that name, as after a change of keys, the one whose signature it has; null for none}
    private static X509Certificate issuer(X509Certificate of, List<X509Certificate> among) {
        if (of.getIssuerX500Principal().equals(of.getSubjectX500Principal())) {
            return null;
        }
        return among.stream().filter(each -> each.getSubjectX500Principal().equals(of.getIssuerX500Principal()) && hasSigned(each, of)).findFirst()
                .orElse(null);
    }

    private static boolean hasSigned(X509Certificate issuer, X509Certificate certificate) {
        try {
            certificate.verify(issuer.getPublicKey());
            return true;
        } catch (GeneralSecurityException e) {
            return false;
        }
    }
}
