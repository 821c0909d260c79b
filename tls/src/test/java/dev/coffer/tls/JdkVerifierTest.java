package dev.coffer.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Every scheme of a handshake's signature, signed by the JDK: each verifies what is signed in it, and nothing else (RFC 8446, section 4.2.3).
class JdkVerifierTest {
    private static final byte[] COVERED = "what both have said".getBytes(StandardCharsets.US_ASCII);
    private static final String HOST = "coffer.test";

    @TempDir
    private Path folder;

    /// @param bits  of the hash of RSASSA-PSS, else 0
    private record Scheme(int code, String signature, int bits) {
        byte[] sign(KeyPair pair) throws Exception {
            Signature signing = Signature.getInstance(signature);
            if (bits > 0) {
                signing.setParameter(new PSSParameterSpec("SHA-" + bits, "MGF1", new MGF1ParameterSpec("SHA-" + bits), bits / 8, 1));
            }
            signing.initSign(pair.getPrivate());
            signing.update(COVERED);
            return signing.sign();
        }
    }

    /// @param signed  how its certificate is
    private record Key(String algorithm, int size, String signed, Scheme... schemes) {
        KeyPair pair() throws Exception {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
            if (size > 0) {
                generator.initialize(size);
            }
            return generator.generateKeyPair();
        }
    }

    private static final List<Key> KEYS = List.of(new Key("EC", 256, "SHA256withECDSA", new Scheme(0x0403, "SHA256withECDSA", 0)),
            new Key("EC", 384, "SHA384withECDSA", new Scheme(0x0503, "SHA384withECDSA", 0)),
            new Key("Ed25519", 0, "Ed25519", new Scheme(0x0807, "Ed25519", 0)),
            new Key("RSA", 2048, "SHA256withRSA", new Scheme(0x0804, "RSASSA-PSS", 256), new Scheme(0x0805, "RSASSA-PSS", 384),
                    new Scheme(0x0806, "RSASSA-PSS", 512)),
            new Key("ML-DSA-44", 0, "ML-DSA-44", new Scheme(0x0904, "ML-DSA-44", 0)),
            new Key("ML-DSA-65", 0, "ML-DSA-65", new Scheme(0x0905, "ML-DSA-65", 0)),
            new Key("ML-DSA-87", 0, "ML-DSA-87", new Scheme(0x0906, "ML-DSA-87", 0)));

    private static X509Certificate certificate(KeyPair pair, String signed) throws Exception {
        X500Name name = new X500Name("CN=" + HOST);
        Instant now = Instant.now();
        X509v3CertificateBuilder builder = new X509v3CertificateBuilder(name, BigInteger.ONE, Date.from(now.minus(1, ChronoUnit.DAYS)),
                Date.from(now.plus(30, ChronoUnit.DAYS)), name, SubjectPublicKeyInfo.getInstance(pair.getPublic().getEncoded()));
        builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(new GeneralName(GeneralName.dNSName, HOST)));
        return new JcaX509CertificateConverter().getCertificate(builder.build(new JcaContentSignerBuilder(signed).build(pair.getPrivate())));
    }

    /// {@return who trusts a certificate, and has seen it}
    private JdkVerifier trusting(X509Certificate certificate, Arena arena) throws Exception {
        byte[] der = certificate.getEncoded();
        JdkVerifier verifier = JdkVerifier.of(Files.writeString(folder.resolve("ca.pem"), "-----BEGIN CERTIFICATE-----\n"
                + Base64.getMimeEncoder().encodeToString(der) + "\n-----END CERTIFICATE-----\n"));
        MemorySegment chain = arena.allocate(3 + der.length + 2);  // CertificateEntry, section 4.4.2, without extensions
        for (int i = 0; i < 3; i++) {
            chain.set(ValueLayout.JAVA_BYTE, i, (byte) (der.length >> 16 - 8 * i));
        }
        MemorySegment.copy(der, 0, chain, ValueLayout.JAVA_BYTE, 3, der.length);
        assertNull(verifier.trust(chain, 0, (int) chain.byteSize(), HOST));
        return verifier;
    }

    private static boolean verifies(JdkVerifier verifier, int code, byte[] covered, byte[] signature, Arena arena) {
        MemorySegment memory = arena.allocate(1 + covered.length + signature.length);
        MemorySegment.copy(covered, 0, memory, ValueLayout.JAVA_BYTE, 1, covered.length);
        MemorySegment.copy(signature, 0, memory, ValueLayout.JAVA_BYTE, 1 + covered.length, signature.length);
        return verifier.verifies(code, memory, 1, covered.length, memory, 1 + covered.length, signature.length);
    }

    @Test
    void eachSchemeVerifiesWhatIsSignedInItAndNothingElse() throws Exception {
        int verified = 0;
        for (Key key : KEYS) {
            KeyPair pair = key.pair();
            try (Arena arena = Arena.ofConfined()) {
                JdkVerifier verifier = trusting(certificate(pair, key.signed), arena);
                for (Scheme scheme : key.schemes) {
                    byte[] signature = scheme.sign(pair);
                    for (int code : verifier.schemes()) {
                        assertEquals(code == scheme.code, verifies(verifier, code, COVERED, signature, arena),
                                scheme + ", verified as " + Integer.toHexString(code));
                    }
                    byte[] other = COVERED.clone();
                    other[other.length - 1] ^= 1;
                    assertFalse(verifies(verifier, scheme.code, other, signature, arena), scheme + ": another text");
                    assertFalse(verifies(verifier, 0x0808, COVERED, signature, arena), "a scheme that was not offered");
                    verified++;
                }
                assertFalse(verifies(verifier.another(), key.schemes[0].code, COVERED, key.schemes[0].sign(pair), arena), "before a chain is trusted");
            }
        }
        assertEquals(9, verified);
    }
}
