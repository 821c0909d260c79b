package dev.coffer.bench.crypto;

import dev.coffer.crypto.mldsa.ExpandedSigningKey;
import dev.coffer.crypto.mldsa.ExpandedVerifyingKey;
import dev.coffer.crypto.mldsa.MlDsa;
import dev.coffer.crypto.mlkem.ExpandedDecapsulationKey;
import dev.coffer.crypto.mlkem.ExpandedEncapsulationKey;
import dev.coffer.crypto.mlkem.MlKem;
import dev.coffer.memory.Entropy;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Provider;
import java.security.SecureRandom;
import java.security.Security;
import java.security.Signature;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.crypto.KEM;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/// ML-KEM and ML-DSA, messages of 50 bytes, hedged: ours over the caller's memory, strict; the JDK and Bouncy Castle as
/// providers, with keys parsed and objects made before.
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class PostQuantumBench {
    private static final int MESSAGE = 50;

    private static void refuse(boolean good) {
        if (!good) {
            throw new IllegalStateException("the operation failed");
        }
    }

    /// Ours, ML-KEM.
    @State(Scope.Thread)
    public static class Kems {
        /// The standard's name.
        @Param({"ML-KEM-512", "ML-KEM-768", "ML-KEM-1024"})
        public String set;

        private MlKem kem;
        private MemorySegment m;
        private ExpandedEncapsulationKey ek;
        private ExpandedDecapsulationKey dk;
        private static final long EK = 64;
        private static final long DK = 2048;
        private static final long CIPHERTEXT = 6144;
        private static final long SHARED = 8192;
        private static final long WORK = 9216;

        @Setup
        public void open() {
            kem = Stream.of(MlKem.ML_KEM_512, MlKem.ML_KEM_768, MlKem.ML_KEM_1024).filter(k -> k.name().equals(set)).findFirst()
                    .orElseThrow();
            m = Arena.global().allocate(64 << 10, 64);
            Entropy.SYSTEM.fill(m, 0, 64);
            kem.keyPair(m, 0, m, EK, m, DK, m, WORK);
            kem.encapsulate(Entropy.SYSTEM, m, EK, m, CIPHERTEXT, m, SHARED, m, WORK);
            ek = new ExpandedEncapsulationKey(kem, m, 32 << 10);
            dk = new ExpandedDecapsulationKey(kem, m, 48 << 10);
            ek.expand(m, EK, m, WORK);
            dk.expand(m, DK, m, WORK);
        }
    }

    @Benchmark
    public void keyPairKem(Kems s) {
        Entropy.SYSTEM.fill(s.m, 0, 64);
        s.kem.keyPair(s.m, 0, s.m, Kems.EK, s.m, Kems.DK, s.m, Kems.WORK);
    }

    @Benchmark
    public void encapsulate(Kems s) {
        refuse(s.kem.encapsulate(Entropy.SYSTEM, s.m, Kems.EK, s.m, Kems.CIPHERTEXT, s.m, Kems.SHARED, s.m, Kems.WORK));
    }

    @Benchmark
    public void encapsulateExpanded(Kems s) {
        s.ek.encapsulate(Entropy.SYSTEM, s.m, Kems.CIPHERTEXT, s.m, Kems.SHARED, s.m, Kems.WORK);
    }

    @Benchmark
    public void decapsulate(Kems s) {
        refuse(s.kem.decapsulate(s.m, Kems.DK, s.m, Kems.CIPHERTEXT, s.m, Kems.SHARED, s.m, Kems.WORK));
    }

    @Benchmark
    public void decapsulateExpanded(Kems s) {
        s.dk.decapsulate(s.m, Kems.CIPHERTEXT, s.m, Kems.SHARED, s.m, Kems.WORK);
    }

    /// Ours, ML-DSA.
    @State(Scope.Thread)
    public static class Signatures {
        /// The standard's name.
        @Param({"ML-DSA-44", "ML-DSA-65", "ML-DSA-87"})
        public String set;

        private MlDsa dsa;
        private MemorySegment m;
        private ExpandedSigningKey sk;
        private ExpandedVerifyingKey pk;
        private static final long PK = 64;
        private static final long SK = 4096;
        private static final long TEXT = 10240;
        private static final long SIGNATURE = 12288;
        private static final long WORK = 20480;

        @Setup
        public void open() {
            dsa = Stream.of(MlDsa.ML_DSA_44, MlDsa.ML_DSA_65, MlDsa.ML_DSA_87).filter(d -> d.name().equals(set)).findFirst()
                    .orElseThrow();
            m = Arena.global().allocate(256 << 10, 64);
            Entropy.SYSTEM.fill(m, 0, 32);
            dsa.keyPair(m, 0, m, PK, m, SK, m, WORK);
            dsa.sign(Entropy.SYSTEM, m, SK, m, TEXT, MESSAGE, m, TEXT, 0, m, SIGNATURE, m, WORK);
            sk = new ExpandedSigningKey(dsa, m, 64 << 10);
            pk = new ExpandedVerifyingKey(dsa, m, 160 << 10);
            sk.expand(m, SK, m, WORK);
            pk.expand(m, PK, m, WORK);
        }
    }

    @Benchmark
    public void keyPairDsa(Signatures s) {
        Entropy.SYSTEM.fill(s.m, 0, 32);
        s.dsa.keyPair(s.m, 0, s.m, Signatures.PK, s.m, Signatures.SK, s.m, Signatures.WORK);
    }

    @Benchmark
    public void sign(Signatures s) {
        refuse(s.dsa.sign(Entropy.SYSTEM, s.m, Signatures.SK, s.m, Signatures.TEXT, MESSAGE, s.m, Signatures.TEXT, 0, s.m,
                Signatures.SIGNATURE, s.m, Signatures.WORK));
    }

    @Benchmark
    public void signExpanded(Signatures s) {
        s.sk.sign(Entropy.SYSTEM, s.m, Signatures.TEXT, MESSAGE, s.m, Signatures.TEXT, 0, s.m, Signatures.SIGNATURE, s.m, Signatures.WORK);
    }

    @Benchmark
    public void verify(Signatures s) {
        refuse(s.dsa.verify(s.m, Signatures.PK, s.m, Signatures.TEXT, MESSAGE, s.m, Signatures.TEXT, 0, s.m, Signatures.SIGNATURE,
                s.dsa.signatureBytes(), s.m, Signatures.WORK));
    }

    @Benchmark
    public void verifyExpanded(Signatures s) {
        refuse(s.pk.verify(s.m, Signatures.TEXT, MESSAGE, s.m, Signatures.TEXT, 0, s.m, Signatures.SIGNATURE, s.dsa.signatureBytes(), s.m,
                Signatures.WORK));
    }

    /// The JDK or Bouncy Castle, as providers.
    @State(Scope.Thread)
    public static class Peer {
        /// `JDK` or `BC`.
        @Param({"JDK", "BC"})
        public String provider;
        /// The standard's name.
        @Param({"ML-KEM-768", "ML-DSA-65"})
        public String set;

        private final byte[] message = new byte[MESSAGE];
        private KeyPairGenerator generator;
        private KEM kem;
        private KeyPair pair;
        private KEM.Encapsulator encapsulator;
        private KEM.Decapsulator decapsulator;
        private byte[] encapsulation;
        private Signature signer;
        private Signature verifier;
        private byte[] signature;

        @Setup
        public void open() throws GeneralSecurityException {
            boolean kems = set.startsWith("ML-KEM");
            Provider bouncy = new BouncyCastleProvider();
            Provider used = provider.equals("BC") ? bouncy : Security.getProvider(kems ? "SunJCE" : "SUN");
            generator = KeyPairGenerator.getInstance(set, used);
            pair = generator.generateKeyPair();
            if (kems) {
                kem = KEM.getInstance("ML-KEM", used);
                encapsulator = kem.newEncapsulator(pair.getPublic());
                decapsulator = kem.newDecapsulator(pair.getPrivate());
                encapsulation = encapsulator.encapsulate().encapsulation();
            } else {
                signer = Signature.getInstance(set, used);
                signer.initSign(pair.getPrivate(), new SecureRandom());
                signer.update(message);
                signature = signer.sign();
                verifier = Signature.getInstance(set, used);
                verifier.initVerify(pair.getPublic());
            }
        }
    }

    @Benchmark
    public KeyPair keyPairPeer(Peer s) {
        return s.generator.generateKeyPair();
    }

    @Benchmark
    public KEM.Encapsulated encapsulatePeer(Peer s) {
        return s.encapsulator.encapsulate();
    }

    @Benchmark
    public Object decapsulatePeer(Peer s) throws GeneralSecurityException {
        return s.decapsulator.decapsulate(s.encapsulation);
    }

    @Benchmark
    public Object decapsulateNewPeer(Peer s) throws GeneralSecurityException {
        return s.kem.newDecapsulator(s.pair.getPrivate()).decapsulate(s.encapsulation);
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
}
