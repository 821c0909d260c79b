package dev.coffer.crypto.internal.vector;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;

/// Chooses between vector kernels and scalar code, once for each kernel, at its first use: a kernel serves where the
/// vector module is resolved (`--add-modules jdk.incubator.vector`), the machine's vectors are wide enough, and a
/// self-test on public data saw it give the scalar code's bytes and, after it was warmed up, run at 0 heap bytes.
/// Thread-safe. The self-test takes some tens of milliseconds and at most a few seconds.
public final class Kernels {
    /// Number of the first block in the self-test: the counter passes 2^32 on the way.
    public static final int CHACHA20_COUNTER = -8;

    private static final String ABSENT = "the vector module is not resolved (--add-modules jdk.incubator.vector)";
    private static final String NARROW = "the machine's vectors are too narrow";
    private static final int PATTERNS = 6;
    private static final int CALLS = 2_000;             // in one measured batch
    private static final long PATIENCE_NANOS = 5_000_000_000L;

    private Kernels() {}

    /// {@return whether the vector module is there, whatever its kernels do}
    public static boolean modulePresent() {
        return Kernels.class.getModule().isNamed()
                ? ModuleLayer.boot().findModule("jdk.incubator.vector").map(Kernels.class.getModule()::canRead).orElse(false)
                : ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();
    }

    /// {@return whether [ChaCha20Lanes] serves}; asked once, by who keeps the answer
    ///
    /// @param scalar  key at 0, nonce at 32 of its memory: adds the key stream from block 0xfffffff8 on to the 1,024 bytes
    ///                at 1,024 and writes them to 2,048; scratch at 3,072
    public static boolean chaCha20(Kernel scalar) {
        String obstacle = !modulePresent() ? ABSENT : !ChaCha20Lanes.wideEnough() ? NARROW : obstacle(4096,
                memory -> ChaCha20Lanes.xor(memory, 0, memory, 32, CHACHA20_COUNTER, memory, 1024, 1024, memory, 2048, memory,
                        3072), scalar, 2048, 1024);
        return chosen("ChaCha20", obstacle);
    }

    /// {@return whether [KeccakLanes] serves}; asked once, by who keeps the answer
    ///
    /// @param scalar  permutes the four interleaved states at 0 of its memory
    public static boolean keccak(Kernel scalar) {
        String obstacle = !modulePresent() ? ABSENT : !KeccakLanes.wideEnough() ? NARROW
                : obstacle(1024, memory -> KeccakLanes.permute(memory, 0), scalar, 0, 800);
        return chosen("Keccak", obstacle);
    }

    private static boolean chosen(String kernel, String obstacle) {
        if (obstacle != null) {
            System.getLogger("dev.coffer.crypto").log(System.Logger.Level.INFO,
                    kernel + ": scalar code, not vectors: " + obstacle);
        }
        return obstacle == null;
    }

    /// What is done to the memory of a self-test.
    public interface Kernel {
        /// @param memory  as the caller of the self-test says
        void run(MemorySegment memory);
    }

    /// {@return why a kernel does not serve, or null where it gives the scalar form's bytes and takes none from the heap}
    static String obstacle(long bytes, Kernel vectors, Kernel scalar, long answerAt, long answerBytes) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment mine = arena.allocate(bytes);
            MemorySegment theirs = arena.allocate(bytes);
            for (int pattern = 0; pattern < PATTERNS; pattern++) {
                for (long i = 0; i < bytes; i++) {  // public, without a period that a wrong rotation could keep
                    byte value = (byte) (pattern == 0 ? -1 : (i * i * 31 + i * 7 + pattern * 101) >>> (pattern & 3));
                    mine.set(ValueLayout.JAVA_BYTE, i, value);
                    theirs.set(ValueLayout.JAVA_BYTE, i, value);
                }
                vectors.run(mine);
                scalar.run(theirs);
                for (long i = answerAt; i < answerAt + answerBytes; i++) {
                    if (mine.get(ValueLayout.JAVA_BYTE, i) != theirs.get(ValueLayout.JAVA_BYTE, i)) {
                        return "its answer differs from the scalar form's at byte " + (i - answerAt) + " of pattern " + pattern;
                    }
                }
            }
        }
        return allocatesNothing(bytes, vectors) ? null : "it still takes heap bytes after " + PATIENCE_NANOS / 1_000_000_000
                + " s of warming up";
    }

    private static boolean allocatesNothing(long bytes, Kernel kernel) {
        if (!(ManagementFactory.getThreadMXBean() instanceof com.sun.management.ThreadMXBean threads)
                || !threads.isThreadAllocatedMemorySupported()) {
            return false;
        }
        long start = System.nanoTime();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(bytes);
            while (System.nanoTime() - start < PATIENCE_NANOS) {
                long before = threads.getCurrentThreadAllocatedBytes();
                for (int i = 0; i < CALLS; i++) {
                    kernel.run(memory);
                }
                if (threads.getCurrentThreadAllocatedBytes() == before) {
                    return true;
                }
            }
        }
        return false;
    }
}
