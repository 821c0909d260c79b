package dev.coffer.bench.crypto;

import dev.coffer.crypto.slhdsa.SlhDsa;
import dev.coffer.memory.Entropy;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.security.SecureRandom;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.bouncycastle.crypto.AsymmetricCipherKeyPair;
import org.bouncycastle.crypto.generators.SLHDSAKeyPairGenerator;
import org.bouncycastle.crypto.params.ParametersWithRandom;
import org.bouncycastle.crypto.params.SLHDSAKeyGenerationParameters;
import org.bouncycastle.crypto.params.SLHDSAParameters;
import org.bouncycastle.crypto.params.SLHDSAPrivateKeyParameters;
import org.bouncycastle.crypto.params.SLHDSAPublicKeyParameters;
import org.bouncycastle.crypto.signers.SLHDSASigner;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/// SLH-DSA, messages of 50 bytes, hedged: ours over the caller's memory, strict or fast; Bouncy Castle with keys and objects made before.
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class HashSignaturesBench {
    private static final int MESSAGE = 50;

    private static void refuse(boolean good) {
        if (!good) {
            throw new IllegalStateException("the operation failed");
        }
    }

    /// One key pair in both, and a signature.
    @State(Scope.Thread)
    public static class Keys {
        /// The standard's name.
        @Param({"SLH-DSA-SHAKE-128f", "SLH-DSA-SHA2-128f"})
        public String set;
        /// `strict` or `fast`.
        @Param("strict")
        public String profile = "strict";

        private static final long PK = 128;
        private static final long SK = 256;
        private static final long TEXT = 512;
        private static final long SIGNATURE = 1024;
        private static final long WORK = 65536;

        private final byte[] message = new byte[MESSAGE];
        private SlhDsa dsa;
        private MemorySegment m;
        private SLHDSAKeyPairGenerator generator;
        private SLHDSASigner signer;
        private SLHDSASigner verifier;
        private byte[] signature;

        @Setup
        public void open() throws ReflectiveOperationException {
            dsa = SlhDsa.SETS.stream().filter(d -> d.name().equals(set)).findFirst().orElseThrow();
            dsa = profile.equals("fast") ? dsa.fast() : dsa;
            m = Arena.global().allocate(80 << 10, 64);
            Entropy.SYSTEM.fill(m, 0, dsa.seedBytes());
            dsa.keyPair(m, 0, m, PK, m, SK, m, WORK);
            dsa.sign(Entropy.SYSTEM, m, SK, m, TEXT, MESSAGE, m, TEXT, 0, m, SIGNATURE, m, WORK);
            SLHDSAParameters parameters = (SLHDSAParameters) SLHDSAParameters.class
                    .getField(set.substring("SLH-DSA-".length()).toLowerCase(Locale.ROOT).replace('-', '_')).get(null);
            generator = new SLHDSAKeyPairGenerator();
            generator.init(new SLHDSAKeyGenerationParameters(new SecureRandom(), parameters));
            signer = new SLHDSASigner();
            signer.init(true, new ParametersWithRandom(new SLHDSAPrivateKeyParameters(parameters, bytes(SK, dsa.privateKeyBytes())),
                    new SecureRandom()));
            verifier = new SLHDSASigner();
            verifier.init(false, new SLHDSAPublicKeyParameters(parameters, bytes(PK, dsa.publicKeyBytes())));
            signature = bytes(SIGNATURE, dsa.signatureBytes());
        }

        /// {@return whether vectors serve}
        boolean isFast() {
            return !SlhDsa.SETS.contains(dsa);
        }

        private byte[] bytes(long at, int length) {
            return m.asSlice(at, length).toArray(ValueLayout.JAVA_BYTE);
        }
    }

    @Benchmark
    public void keyPair(Keys s) {
        refuse(s.dsa.keyPair(s.m, 0, s.m, Keys.PK, s.m, Keys.SK, s.m, Keys.WORK));
    }

    @Benchmark
    public void sign(Keys s) {
        refuse(s.dsa.sign(Entropy.SYSTEM, s.m, Keys.SK, s.m, Keys.TEXT, MESSAGE, s.m, Keys.TEXT, 0, s.m, Keys.SIGNATURE, s.m, Keys.WORK));
    }

    @Benchmark
    public void verify(Keys s) {
        refuse(s.dsa.verify(s.m, Keys.PK, s.m, Keys.TEXT, MESSAGE, s.m, Keys.TEXT, 0, s.m, Keys.SIGNATURE, s.dsa.signatureBytes(), s.m,
                Keys.WORK));
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
