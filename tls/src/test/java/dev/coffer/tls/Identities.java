package dev.coffer.tls;

import dev.coffer.crypto.key.KeyAlgorithm;
import dev.coffer.crypto.key.KeyPair;
import dev.coffer.crypto.key.PrivateKeyForm;
import dev.coffer.memory.Entropy;
import dev.coffer.memory.Secret;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/// Keys of ours with certificates that they sign themselves, made with Bouncy Castle and the JDK.
final class Identities {
    private Identities() {}

    /// {@return an identity for those names, its key in an arena that the process keeps}
    static ServerIdentity of(KeyAlgorithm algorithm, String... names) throws Exception {
        KeyPair pair = pair(algorithm);
        return ServerIdentity.of(List.of(certificate(pair, names)), pair);
    }

    static KeyPair pair(KeyAlgorithm algorithm) {
        MemorySegment work = Arena.ofAuto().allocate(algorithm.workspaceBytes());
        Secret secret = Secret.of(Arena.ofAuto().allocate(algorithm.keyPairBytes()), 0, algorithm.keyPairBytes());
        return KeyPair.generate(algorithm, secret, Entropy.SYSTEM, work, 0);
    }

    static X509Certificate certificate(KeyPair pair, String... names) throws Exception {
        KeyAlgorithm algorithm = pair.algorithm();
        byte[] spki = encoded(algorithm.spkiBytes(), target -> {
            MemorySegment key = Arena.ofAuto().allocate(algorithm.publicKeyBytes());
            return pair.publicKey(key, 0).encode(target, 0);
        });
        byte[] pkcs8 = encoded(algorithm.pkcs8Bytes(), target -> pair.encode(PrivateKeyForm.EXPANDED, target, 0));
        String jdk = switch (algorithm) {
            case P256 -> "EC";
            case ED25519 -> "Ed25519";
            default -> algorithm.name().replace('_', '-');
        };
        PrivateKey key = KeyFactory.getInstance(jdk).generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
        return signed(jdk.equals("EC") ? "SHA256withECDSA" : jdk, key, spki, names);
    }

    private static X509Certificate signed(String algorithm, PrivateKey key, byte[] spki, String... names) throws Exception {
        Instant now = Instant.now();
        X500Name name = new X500Name("CN=" + (names.length == 0 ? "coffer" : names[0]));
        X509v3CertificateBuilder builder = new X509v3CertificateBuilder(name, BigInteger.valueOf(System.nanoTime()),
                Date.from(now.minus(1, ChronoUnit.DAYS)), Date.from(now.plus(30, ChronoUnit.DAYS)), name,
                SubjectPublicKeyInfo.getInstance(spki));
        GeneralName[] general = new GeneralName[names.length];
        for (int i = 0; i < names.length; i++) {
            general[i] = new GeneralName(GeneralName.dNSName, names[i]);
        }
        if (names.length > 0) {
            builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(general));
        }
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
        return new JcaX509CertificateConverter()
                .getCertificate(builder.build(new JcaContentSignerBuilder(algorithm).build(key)));
    }

    /// {@return an identity with an RSA key of 2,048 bits, which computes with `BigInteger`}
    static ServerIdentity ofRsa(String... names) throws Exception {
        return of(PlainRsaKey.make(), names);
    }

    static ServerIdentity of(PlainRsaKey key, String... names) throws Exception {
        return ServerIdentity.of(List.of(signed("SHA256withRSA", key.jdk(), key.publicKey(), names)), key);
    }

    private interface Writer {
        int write(MemorySegment target);
    }

    private static byte[] encoded(int room, Writer writer) {
        MemorySegment target = Arena.ofAuto().allocate(room);
        return target.asSlice(0, writer.write(target)).toArray(ValueLayout.JAVA_BYTE);
    }
}
