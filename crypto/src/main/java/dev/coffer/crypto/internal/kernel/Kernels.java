package dev.coffer.crypto.internal.kernel;

import dev.coffer.crypto.internal.kernel.VectorKernels.Kernel;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import org.jspecify.annotations.Nullable;

/// Chooses between vector kernels and scalar code, once for each kernel, at its first use: a kernel serves where the module
/// `dev.coffer.crypto.vector` is found, has no [VectorKernels#obstacle] to tell, and a self-test on public data saw it give
/// the scalar code's bytes and, after it was warmed up, run at 0 heap bytes. Where scalar code serves one that wished for vectors, or although
/// the module is there, one line of the log says why. Thread-safe. The self-test takes some tens of milliseconds, at most five seconds of the thread's processor time, and twenty of
/// the clock's where the machine is busy.
@SuppressWarnings("exports")  // annotations that users need not have
public final class Kernels {
    /// Number of the first block in the self-test: the counter passes 2^32 on the way.
    public static final int CHACHA20_COUNTER = -8;

    private static final String ABSENT = "module dev.coffer.crypto.vector (artifact coffer-crypto-vector) was not found";
    private static final int PATTERNS = 6;
    private static final int CALLS = 2_000;             // in one measured batch
    private static final long PATIENCE_NANOS = 5_000_000_000L;  // of the thread's processor time, as C2 waits its turn as we do
    private static final long PATIENCE_LAST_NANOS = 20_000_000_000L;  // of the clock's

    private Kernels() {}

    /// {@return the kernels if [VectorKernels#chaCha20] serves, else null}; asked once, by who keeps the answer
    ///
    /// @param scalar  key at 0, nonce at 32 of its memory: adds the key stream from block 0xfffffff8 on to the 1,024 bytes
    ///                at 1,024 and writes them to 2,048; scratch at 3,072
    public static @Nullable VectorKernels chaCha20(Work scalar) {
        return choose(Kernel.CHACHA20, Level.INFO, found -> obstacle(4096, memory -> found.chaCha20(memory, 0, memory, 32,
                CHACHA20_COUNTER, memory, 1024, 1024, memory, 2048, memory, 3072), scalar, 2048, 1024));
    }

    /// {@return the kernels if [VectorKernels#permute] serves, else null}; asked once, by who keeps the answer. Public data is permuted so in
    /// the strict profile too, whose users never wished for vectors: where there is no module nothing is said, see [#tellWhereAbsent]
    ///
    /// @param scalar  permutes the four interleaved states at 0 of its memory
    public static @Nullable VectorKernels keccak(Work scalar) {
        return choose(Kernel.KECCAK, Level.DEBUG, found -> obstacle(2048, memory -> found.permute(memory, 0, 0), scalar, 0, 800));
    }

    /// {@return the kernels if [VectorKernels#permuteWide] serves, else null}; asked once, by who keeps the answer. Where it does not serve
    /// [VectorKernels#permute] may, so absence is told by who asked for either
    ///
    /// @param scalar  permutes the eight interleaved states at 0 of its memory
    public static @Nullable VectorKernels keccakWide(Work scalar) {
        return choose(Kernel.KECCAK_WIDE, Level.DEBUG, found -> obstacle(4096, memory -> found.permuteWide(memory, 0, 0), scalar, 0, 1600));
    }

    /// {@return the kernels if [VectorKernels#sha256] serves, else null}; asked once, by who keeps the answer
    ///
    /// @param scalar  compresses the blocks of eight lanes: chaining values at 0 of its memory, the next ones to 256, schedules at 512
    public static @Nullable VectorKernels sha256(Work scalar) {
        return choose(Kernel.SHA_256, Level.INFO, found -> obstacle(4096, memory -> found.sha256(memory, 0, 512, 256), scalar, 256, 256));
    }

    /// Tells who wished for a kernel whose absence [#keccak] did not tell.
    ///
    /// @return whether it was told: the module is absent
    public static boolean tellWhereAbsent(Kernel kernel) {
        boolean isAbsent;
        try {
            isAbsent = find() == null;
        } catch (ServiceConfigurationError | LinkageError e) {
            isAbsent = false;  // this was told
        }
        if (isAbsent) {
            tell(kernel, Level.INFO, ABSENT);
        }
        return isAbsent;
    }

    private static void tell(Kernel kernel, Level level, String obstacle) {
        System.getLogger("dev.coffer.crypto").log(level, kernel + ": scalar code, not vectors: " + obstacle);
    }

    /// @param whereAbsent  how loudly it is told that there is no module
    private static @Nullable VectorKernels choose(Kernel kernel, Level whereAbsent, SelfTest test) {
        VectorKernels found = null;
        String obstacle;
        try {
            found = find();
            obstacle = found == null ? ABSENT : found.obstacle(kernel);
            if (found != null && obstacle == null) {
                obstacle = test.obstacle(found);
            }
        } catch (ServiceConfigurationError | LinkageError e) {  // jars of two versions, an odd class path
            obstacle = e.toString();
        }
        if (obstacle == null) {
            return found;
        }
        tell(kernel, obstacle.equals(ABSENT) ? whereAbsent : Level.INFO, obstacle);
        return null;
    }

    /// {@return the provider in our own layer, or beside us on the class path; null where there is none}
    private static @Nullable VectorKernels find() {
        Module own = Kernels.class.getModule();
        ServiceLoader<VectorKernels> loader = own.isNamed() ? ServiceLoader.load(own.getLayer(), VectorKernels.class)
                : ServiceLoader.load(VectorKernels.class, Kernels.class.getClassLoader());
        return loader.findFirst().orElse(null);
    }

    private interface SelfTest {
        @Nullable
        String obstacle(VectorKernels found);
    }

    /// What is done to the memory of a self-test.
    public interface Work {
        /// @param memory  as the caller of the self-test says
        void run(MemorySegment memory);
    }

    /// {@return why a kernel does not serve, or null where it gives the scalar form's bytes and takes none from the heap}
    public static @Nullable String obstacle(long bytes, Work vectors, Work scalar, long answerAt, long answerBytes) {
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
                + " s of warming up, or " + PATIENCE_LAST_NANOS / 1_000_000_000 + " on a busy machine";
    }

    private static boolean allocatesNothing(long bytes, Work kernel) {
        if (!(ManagementFactory.getThreadMXBean() instanceof com.sun.management.ThreadMXBean threads)
                || !threads.isThreadAllocatedMemorySupported()) {
            return false;
        }
        long start = System.nanoTime();
        long used = now(threads);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(bytes);
            while (System.nanoTime() - start < PATIENCE_LAST_NANOS && now(threads) - used < PATIENCE_NANOS) {
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

    private static long now(com.sun.management.ThreadMXBean threads) {
        return threads.isCurrentThreadCpuTimeSupported() ? threads.getCurrentThreadCpuTime() : System.nanoTime();
    }
}
