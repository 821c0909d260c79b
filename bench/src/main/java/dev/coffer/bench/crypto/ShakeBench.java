package dev.coffer.bench.crypto;

import dev.coffer.crypto.Xof;
import dev.coffer.crypto.keccak.KeccakBatch;
import dev.coffer.memory.Wipe;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.security.DigestException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.concurrent.TimeUnit;
import org.bouncycastle.crypto.digests.SHAKEDigest;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/// SHAKE128 of one message, 32 bytes out; and of four seeds of 34 bytes, a block of 168 out of each, as matrices are sampled: ours side by
/// side, a peer's one after the other.
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@State(Scope.Thread)
public class ShakeBench {
    private static final int SHORT = 32;
    private static final int SEED = 34;
    private static final long STATES = 256;

    /// Bytes of the message.
    @Param({"64", "1024", "16384"})
    public int bytes;

    private MemorySegment m;
    private MemorySegment text;
    private byte[] heapText;
    private final byte[] heapOut = new byte[168];
    private MessageDigest digest;
    private SHAKEDigest bouncyCastle;

    @Setup
    public void open() throws NoSuchAlgorithmException {
        m = Arena.global().allocate(STATES + KeccakBatch.BYTES, 64);
        text = Arena.global().allocate(bytes, 64);
        heapText = new byte[bytes];
        digest = MessageDigest.getInstance("SHAKE128-256");
        bouncyCastle = new SHAKEDigest(128);
    }

    @Benchmark
    public void hashCoffer() {
        Xof.SHAKE_128.expand(m, STATES, text, 0, bytes, m, 0, SHORT);
    }

    @Benchmark
    public byte[] hashJdk() throws DigestException {
        digest.update(heapText, 0, bytes);
        digest.digest(heapOut, 0, SHORT);
        return heapOut;
    }

    @Benchmark
    public byte[] hashBouncyCastle() {
        bouncyCastle.update(heapText, 0, bytes);
        bouncyCastle.doFinal(heapOut, 0, SHORT);
        return heapOut;
    }

    @Benchmark
    public MemorySegment fourCoffer() {
        Wipe.bytes(m, STATES, KeccakBatch.STATES_BYTES);
        for (int i = 0; i < KeccakBatch.STATES; i++) {
            KeccakBatch.absorbShake128(m, STATES, i, m, 0, i);
        }
        KeccakBatch.permute(m, STATES);
        return m;
    }

    /// Four digests of 32 bytes, one permutation each: the JDK has no way to ask for more.
    @Benchmark
    public byte[] fourJdk() throws DigestException {
        for (int i = 0; i < KeccakBatch.STATES; i++) {
            digest.update(heapText, 0, SEED);
            digest.digest(heapOut, 0, SHORT);
        }
        return heapOut;
    }

    @Benchmark
    public byte[] fourBouncyCastle() {
        for (int i = 0; i < KeccakBatch.STATES; i++) {
            bouncyCastle.update(heapText, 0, SEED);
            bouncyCastle.doFinal(heapOut, 0, heapOut.length);
        }
        return heapOut;
    }
}
