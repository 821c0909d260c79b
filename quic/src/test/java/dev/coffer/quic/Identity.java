package dev.coffer.quic;

import dev.coffer.crypto.key.KeyAlgorithm;
import dev.coffer.crypto.key.KeyPair;
import dev.coffer.crypto.key.PrivateKeyForm;
import dev.coffer.memory.Entropy;
import dev.coffer.memory.Secret;
import dev.coffer.tls.ServerIdentity;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/// A server's Ed25519 key with a certificate that it signs itself, made with Bouncy Castle and the JDK.
final class Identity {
    static final ServerIdentity OURS = make();

    private Identity() {}

    private static ServerIdentity make() {
        try {
            KeyAlgorithm algorithm = KeyAlgorithm.ED25519;
            MemorySegment work = Arena.ofAuto().allocate(algorithm.workspaceBytes());
            Secret secret = Secret.of(Arena.ofAuto().allocate(algorithm.keyPairBytes()), 0, algorithm.keyPairBytes());
            KeyPair pair = KeyPair.generate(algorithm, secret, Entropy.SYSTEM, work, 0);
            MemorySegment key = Arena.ofAuto().allocate(algorithm.publicKeyBytes());
            MemorySegment target = Arena.ofAuto().allocate(Math.max(algorithm.spkiBytes(), algorithm.pkcs8Bytes()));
            byte[] spki = target.asSlice(0, pair.publicKey(key, 0).encode(target, 0)).toArray(ValueLayout.JAVA_BYTE);
            byte[] pkcs8 = target.asSlice(0, pair.encode(PrivateKeyForm.EXPANDED, target, 0)).toArray(ValueLayout.JAVA_BYTE);
            PrivateKey jdk = KeyFactory.getInstance("Ed25519").generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
            X500Name name = new X500Name("CN=coffer.test");
            Instant now = Instant.now();
            X509v3CertificateBuilder builder = new X509v3CertificateBuilder(name, BigInteger.ONE, Date.from(now.minus(1, ChronoUnit.DAYS)),
                    Date.from(now.plus(30, ChronoUnit.DAYS)), name, SubjectPublicKeyInfo.getInstance(spki));
            return ServerIdentity.of(
                    List.of(new JcaX509CertificateConverter().getCertificate(builder.build(new JcaContentSignerBuilder("Ed25519").build(jdk)))),
                    pair);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
