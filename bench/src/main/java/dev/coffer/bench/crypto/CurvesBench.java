package dev.coffer.bench.crypto;

import dev.coffer.crypto.Agreement;
import dev.coffer.crypto.ed25519.Ed25519;
import dev.coffer.crypto.p256.EcdsaP256;
import dev.coffer.crypto.p256.P256;
import dev.coffer.crypto.x25519.X25519;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.PublicKey;
import java.security.Security;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.concurrent.TimeUnit;
import javax.crypto.KeyAgreement;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/// Key agreement and signatures on the three curves, messages of 64 bytes: ours over the caller's memory; the JDK and
/// Bouncy Castle as
/// providers (keys parsed before, objects kept between operations) and Bouncy Castle's own low-level calls where there
/// are.
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class CurvesBench {
    private static final int MESSAGE = 64;

    private static void refuse(boolean good) {
        if (!good) {
            throw new IllegalStateException("the operation failed");
        }
    }

    /// Ours: one segment with keys, message, outputs and workspace.
    @State(Scope.Thread)
    public static class Coffer {
        private static final long PRIVATE = 0;
        private static final long PUBLIC_X = 64;
        private static final long PUBLIC_ED = 128;
        private static final long PUBLIC_P = 192;
        private static final long SIGNATURE_ED = 320;
        private static final long SIGNATURE_P = 384;
        private static final long OUT = 448;
        private static final long TEXT = 576;
        private static final long WORK = 1024;

        private MemorySegment m;

        @Setup
        public void open() {
            m = Arena.ofConfined().allocate(WORK + (32 << 10), 64);
            m.asSlice(PRIVATE, 32).fill((byte) 0x37);
            X25519.publicKey(m, PRIVATE, m, PUBLIC_X, m, WORK);
            Ed25519.publicKey(m, PRIVATE, m, PUBLIC_ED, m, WORK);
            P256.publicKey(m, PRIVATE, m, PUBLIC_P, m, WORK);
            Ed25519.sign(m, PRIVATE, m, PUBLIC_ED, m, TEXT, MESSAGE, m, SIGNATURE_ED, m, WORK);
            EcdsaP256.sign(m, PRIVATE, m, TEXT, MESSAGE, m, SIGNATURE_P, m, WORK);
        }
    }

    @Benchmark
    public void x25519KeyCoffer(Coffer s) {
        X25519.publicKey(s.m, Coffer.PRIVATE, s.m, Coffer.OUT, s.m, Coffer.WORK);
    }

    @Benchmark
    public Agreement x25519Coffer(Coffer s) {
        return X25519.agree(s.m, Coffer.PRIVATE, s.m, Coffer.PUBLIC_X, s.m, Coffer.OUT, s.m, Coffer.WORK);
    }

    @Benchmark
    public void ed25519SignCoffer(Coffer s) {
        Ed25519.sign(s.m, Coffer.PRIVATE, s.m, Coffer.PUBLIC_ED, s.m, Coffer.TEXT, MESSAGE, s.m, Coffer.OUT, s.m,
                Coffer.WORK);
    }

    @Benchmark
    public void ed25519VerifyCoffer(Coffer s) {
        refuse(Ed25519.verify(s.m, Coffer.PUBLIC_ED, s.m, Coffer.TEXT, MESSAGE, s.m, Coffer.SIGNATURE_ED, 64, s.m,
                Coffer.WORK));
    }

    @Benchmark
    public void p256KeyCoffer(Coffer s) {
        refuse(P256.publicKey(s.m, Coffer.PRIVATE, s.m, Coffer.OUT, s.m, Coffer.WORK));
    }

    @Benchmark
    public Agreement p256Coffer(Coffer s) {
        return P256.agree(s.m, Coffer.PRIVATE, s.m, Coffer.PUBLIC_P, 65, s.m, Coffer.OUT, s.m, Coffer.WORK);
    }

    @Benchmark
    public void p256SignCoffer(Coffer s) {
        refuse(EcdsaP256.sign(s.m, Coffer.PRIVATE, s.m, Coffer.TEXT, MESSAGE, s.m, Coffer.OUT, s.m, Coffer.WORK));
    }

    @Benchmark
    public void p256VerifyCoffer(Coffer s) {
        refuse(EcdsaP256.verify(s.m, Coffer.PUBLIC_P, 65, s.m, Coffer.TEXT, MESSAGE, s.m, Coffer.SIGNATURE_P, 64, s.m,
                Coffer.WORK));
    }

    /// A provider's keys and objects, for one algorithm.
    @State(Scope.Thread)
    public static class Peer {
        /// `JDK` or `BC`.
        @Param({"JDK", "BC"})
        public String provider;
        /// `X25519`, `Ed25519` or `EC`.
        @Param({"X25519", "Ed25519", "EC"})
        public String algorithm;

        private final byte[] message = new byte[MESSAGE];
        private byte[] signature;
        private KeyPairGenerator generator;
        private KeyAgreement agreement;
        private Signature signer;
        private Signature verifier;
        private PrivateKey privateKey;
        private PublicKey publicKey;

        @Setup
        public void open() throws GeneralSecurityException {
            Provider bouncy = new BouncyCastleProvider();
            Provider used = provider.equals("BC") ? bouncy : Security.getProvider("SunEC");
            generator = KeyPairGenerator.getInstance(algorithm, used);
            if (algorithm.equals("EC")) {
                generator.initialize(256);
            }
            KeyPair made = generator.generateKeyPair();
            KeyFactory factory = KeyFactory.getInstance(algorithm, used);
            privateKey = factory.generatePrivate(new PKCS8EncodedKeySpec(made.getPrivate().getEncoded()));
            publicKey = factory.generatePublic(new X509EncodedKeySpec(made.getPublic().getEncoded()));
            if (!algorithm.equals("Ed25519")) {
                agreement = KeyAgreement.getInstance(algorithm.equals("EC") ? "ECDH" : "X25519", used);
            }
            if (!algorithm.equals("X25519")) {
                String name = algorithm.equals("EC") ? "SHA256withECDSA" : "Ed25519";
                signer = Signature.getInstance(name, used);
                signer.initSign(privateKey);
                signer.update(message);
                signature = signer.sign();
                verifier = Signature.getInstance(name, used);
                verifier.initVerify(publicKey);
            }
        }
    }

    @Benchmark
    public KeyPair keyPeer(Peer s) {
        return s.generator.generateKeyPair();
    }

    @Benchmark
    public byte[] agreePeer(Peer s) throws GeneralSecurityException {
        s.agreement.init(s.privateKey);
        s.agreement.doPhase(s.publicKey, true);
        return s.agreement.generateSecret();
    }

    @Benchmark
    public byte[] signPeer(Peer s) throws GeneralSecurityException {
        s.signer.update(s.message);
        return s.signer.sign();
    }

    @Benchmark
    public void verifyPeer(Peer s) throws GeneralSecurityException {
        s.verifier.update(s.message);
        refuse(s.verifier.verify(s.signature));
    }

    /// Bouncy Castle below its providers.
    @State(Scope.Thread)
    public static class Low {
        private final byte[] key = new byte[32];
        private final byte[] publicKey = new byte[32];
        private final byte[] out = new byte[64];
        private final byte[] message = new byte[MESSAGE];
        private final byte[] signature = new byte[64];
        private final byte[] u = new byte[32];

        @Setup
        public void open() {
            key[5] = 7;
            org.bouncycastle.math.ec.rfc7748.X25519.scalarMultBase(key, 0, u, 0);
            org.bouncycastle.math.ec.rfc8032.Ed25519.generatePublicKey(key, 0, publicKey, 0);
            org.bouncycastle.math.ec.rfc8032.Ed25519.sign(key, 0, publicKey, 0, message, 0, MESSAGE, signature, 0);
        }
    }

    @Benchmark
    public void x25519Low(Low s) {
        org.bouncycastle.math.ec.rfc7748.X25519.scalarMult(s.key, 0, s.u, 0, s.out, 0);
    }

    @Benchmark
    public void ed25519SignLow(Low s) {
        org.bouncycastle.math.ec.rfc8032.Ed25519.sign(s.key, 0, s.publicKey, 0, s.message, 0, MESSAGE, s.out, 0);
    }

    @Benchmark
    public void ed25519VerifyLow(Low s) {
        refuse(org.bouncycastle.math.ec.rfc8032.Ed25519.verify(s.signature, 0, s.publicKey, 0, s.message, 0, MESSAGE));
    }
}
