package dev.coffer.jca;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.PublicKey;
import java.security.Security;
import java.security.SignatureException;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Set;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Certificates that Bouncy Castle's bcpkix makes, with keys of either provider and signed by either, are read and verified by the JDK, by
/// Bouncy Castle and by this provider.
class CertificatesTest {
    private static final CofferProvider COFFER = new CofferProvider();
    private static final Provider BC = new BouncyCastleProvider();
    private static final X500Name NAME = new X500Name("CN=someone");

    @AfterAll
    static void close() {
        COFFER.close();
    }

    private static X509Certificate certificate(String algorithm, PublicKey key, PrivateKey signer, Provider by) throws Exception {
        X509v3CertificateBuilder builder = new X509v3CertificateBuilder(NAME, BigInteger.TEN, Date.from(Instant.now().minusSeconds(60)),
                Date.from(Instant.now().plusSeconds(3600)), NAME, SubjectPublicKeyInfo.getInstance(key.getEncoded()));
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
        byte[] encoded = builder.build(new JcaContentSignerBuilder(algorithm).setProvider(by).build(signer)).getEncoded();
        return (X509Certificate) CertificateFactory.getInstance("X.509", "SUN").generateCertificate(new ByteArrayInputStream(encoded));
    }

    private static KeyPair read(KeyPair pair, String name, Provider by) throws Exception {
        KeyFactory factory = KeyFactory.getInstance(name, by);
        return new KeyPair(factory.generatePublic(new X509EncodedKeySpec(pair.getPublic().getEncoded())),
                factory.generatePrivate(new PKCS8EncodedKeySpec(pair.getPrivate().getEncoded())));
    }

    @ParameterizedTest
    @ValueSource(strings = {"ML-DSA-44", "ML-DSA-65", "ML-DSA-87", "Ed25519", "SHA256withECDSA", "SLH-DSA-SHA2-128f"})
    void certificatesAreVerifiedByAllThree(String algorithm) throws Exception {
        String keys = algorithm.equals("SHA256withECDSA") ? "EC" : algorithm;
        Provider jdk = algorithm.startsWith("ML") ? Security.getProvider("SUN") : Security.getProvider("SunEC");
        for (Provider maker : new Provider[] {BC, COFFER}) {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(keys, maker);
            if (keys.equals("EC")) {
                generator.initialize(256);
            }
            KeyPair made = generator.generateKeyPair();
            KeyPair other = read(made, keys, maker == BC ? COFFER : BC);
            for (Provider by : new Provider[] {BC, COFFER}) {
                X509Certificate certificate = certificate(algorithm, made.getPublic(), by == maker ? made.getPrivate() : other.getPrivate(), by);
                certificate.verify(certificate.getPublicKey(), COFFER);
                certificate.verify(KeyFactory.getInstance(keys, BC).generatePublic(new X509EncodedKeySpec(certificate.getPublicKey().getEncoded())), BC);
                if (!algorithm.startsWith("SLH")) {  // which the JDK has not
                    certificate.verify(KeyFactory.getInstance(keys, jdk).generatePublic(new X509EncodedKeySpec(certificate.getPublicKey().getEncoded())), jdk);
                }
                assertArrayEquals(made.getPublic().getEncoded(), certificate.getPublicKey().getEncoded());
                X509Certificate changed = (X509Certificate) CertificateFactory.getInstance("X.509", "SUN").generateCertificate(
                        new ByteArrayInputStream(changed(certificate.getEncoded())));
                assertThrows(SignatureException.class, () -> changed.verify(certificate.getPublicKey(), COFFER));
            }
        }
    }

    private static byte[] changed(byte[] certificate) {
        certificate[certificate.length - 20] ^= 1;  // in the signature
        return certificate;
    }

    /// With this provider first the JDK makes our keys of a certificate, and its path validation works on them.
    @ParameterizedTest
    @ValueSource(strings = {"ML-DSA-44", "ML-DSA-65", "ML-DSA-87", "SHA256withECDSA"})
    void theJdkValidatesAPathOnOurKeys(String algorithm) throws Exception {
        Security.insertProviderAt(COFFER, 1);
        try {
            String keys = algorithm.equals("SHA256withECDSA") ? "EC" : algorithm;
            KeyPair root = KeyPairGenerator.getInstance(keys, COFFER).generateKeyPair();
            X509Certificate certificate = certificate(algorithm, root.getPublic(), root.getPrivate(), COFFER);
            assertTrue(certificate.getPublicKey() instanceof CofferPublicKey, certificate.getPublicKey().getClass().getName());
            KeyPair leaf = KeyPairGenerator.getInstance(keys, COFFER).generateKeyPair();
            X509Certificate below = certificate(algorithm, leaf.getPublic(), root.getPrivate(), COFFER);
            PKIXParameters parameters = new PKIXParameters(Set.of(new TrustAnchor(certificate, null)));
            parameters.setRevocationEnabled(false);
            CertPathValidator.getInstance("PKIX").validate(CertificateFactory.getInstance("X.509").generateCertPath(List.of(below)), parameters);
            assertEquals(leaf.getPublic(), below.getPublicKey());
        } finally {
            Security.removeProvider("Coffer");
        }
    }
}
