package dev.coffer.bench.crypto;

import dev.coffer.crypto.falcon.ExpandedSigningKey;
import dev.coffer.crypto.falcon.Falcon;
import dev.coffer.crypto.falcon.FalconForm;
import dev.coffer.memory.Entropy;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.bouncycastle.crypto.AsymmetricCipherKeyPair;
import org.bouncycastle.crypto.params.ParametersWithRandom;
import org.bouncycastle.pqc.crypto.falcon.FalconKeyGenerationParameters;
import org.bouncycastle.pqc.crypto.falcon.FalconKeyPairGenerator;
import org.bouncycastle.pqc.crypto.falcon.FalconParameters;
import org.bouncycastle.pqc.crypto.falcon.FalconPrivateKeyParameters;
import org.bouncycastle.pqc.crypto.falcon.FalconPublicKeyParameters;
import org.bouncycastle.pqc.crypto.falcon.FalconSigner;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/// Falcon, messages of 50 bytes, the compressed form: ours over the caller's memory, strict; Bouncy Castle with keys and objects made before.
/// Each key is made of another seed, as their times differ many times over.
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class FalconBench {
    private static final int MESSAGE = 50;
    private static final FalconForm FORM = FalconForm.COMPRESSED;

    private static void refuse(boolean good) {
        if (!good) {
            throw new IllegalStateException("the operation failed");
        }
    }

    /// One key pair in both, and a signature.
    @State(Scope.Thread)
    public static class Keys {
        /// The submission's name.
        @Param({"Falcon-512", "Falcon-1024"})
        public String set;

        private static final long SEED = 0;
        private static final long TEXT = 512;
        private static final long PK = 1024;
        private static final long SK = 4096;
        private static final long SIGNATURE = 8192;
        private static final long MADE_PK = 12288;
        private static final long MADE_SK = 16384;
        private static final long MADE_SIGNATURE = 20480;
        private static final long WORK = 32768;
        private static final long TREE = 128 << 10;

        private final byte[] message = new byte[MESSAGE];
        private Falcon falcon;
        private MemorySegment m;
        private ExpandedSigningKey key;
        private int length;
        private FalconKeyPairGenerator generator;
        private FalconSigner signer;
        private FalconSigner verifier;
        private byte[] signature;

        @Setup
        public void open() {
            boolean small = set.equals(Falcon.FALCON_512.name());
            falcon = small ? Falcon.FALCON_512 : Falcon.FALCON_1024;
            m = Arena.global().allocate(TREE + ExpandedSigningKey.bytes(falcon), 64);
            Entropy.SYSTEM.fill(m, SEED, Falcon.SEED_BYTES);
            falcon.keyPair(m, SEED, m, PK, m, SK, m, WORK);
            key = new ExpandedSigningKey(falcon, m, TREE);
            key.expand(m, SK, m, WORK);
            length = falcon.sign(FORM, Entropy.SYSTEM, m, SK, m, TEXT, MESSAGE, m, SIGNATURE, m, WORK);
            signature = bytes(SIGNATURE, length);

            FalconParameters parameters = small ? FalconParameters.falcon_512 : FalconParameters.falcon_1024;
            byte[] pk = bytes(PK + 1, falcon.publicKeyBytes() - 1);  // Bouncy Castle's have no header
            byte[] sk = bytes(SK + 1, falcon.privateKeyBytes() - 1);
            int part = small ? 512 * 6 / 8 : 1024 * 5 / 8;
            generator = new FalconKeyPairGenerator();
            generator.init(new FalconKeyGenerationParameters(new SecureRandom(), parameters));
            signer = new FalconSigner();
            signer.init(true, new ParametersWithRandom(new FalconPrivateKeyParameters(parameters, Arrays.copyOfRange(sk, 0, part),
                    Arrays.copyOfRange(sk, part, 2 * part), Arrays.copyOfRange(sk, 2 * part, sk.length), pk), new SecureRandom()));
            verifier = new FalconSigner();
            verifier.init(false, new FalconPublicKeyParameters(parameters, pk));
        }

        private byte[] bytes(long at, int count) {
            return m.asSlice(at, count).toArray(ValueLayout.JAVA_BYTE);
        }
    }

    @Benchmark
    public void keyPair(Keys s) {
        Entropy.SYSTEM.fill(s.m, Keys.SEED, Falcon.SEED_BYTES);
        refuse(s.falcon.keyPair(s.m, Keys.SEED, s.m, Keys.MADE_PK, s.m, Keys.MADE_SK, s.m, Keys.WORK));
    }

    @Benchmark
    public void sign(Keys s) {
        refuse(s.falcon.sign(FORM, Entropy.SYSTEM, s.m, Keys.SK, s.m, Keys.TEXT, MESSAGE, s.m, Keys.MADE_SIGNATURE, s.m, Keys.WORK) != 0);
    }

    @Benchmark
    public void signExpanded(Keys s) {
        refuse(s.key.sign(FORM, Entropy.SYSTEM, s.m, Keys.TEXT, MESSAGE, s.m, Keys.MADE_SIGNATURE, s.m, Keys.WORK) != 0);
    }

    @Benchmark
    public void verify(Keys s) {
        refuse(s.falcon.verify(FORM, s.m, Keys.PK, s.m, Keys.TEXT, MESSAGE, s.m, Keys.SIGNATURE, s.length, s.m, Keys.WORK));
    }

    @Benchmark
    public AsymmetricCipherKeyPair keyPairPeer(Keys s) {
        return s.generator.generateKeyPair();
    }

    @Benchmark
    public byte[] signPeer(Keys s) {
        return s.signer.generateSignature(s.message);
    }

    @Benchmark
    public void verifyPeer(Keys s) {
        refuse(s.verifier.verifySignature(s.message, s.signature));
    }
}
