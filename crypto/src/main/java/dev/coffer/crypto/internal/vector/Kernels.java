package dev.coffer.crypto.internal.vector;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;

/// Chooses between vector kernels and scalar code, once for each kernel, at its first use: a kernel serves where the
/// vector module is resolved (`--add-modules jdk.incubator.vector`), the machine's vectors are wide enough, and a
/// self-test on public data saw it agree with the scalar code and, after it was warmed up, run at 0 heap bytes.
/// Thread-safe. The self-test takes some tens of milliseconds and at most a few seconds.
public final class Kernels {
    private static final int CALLS = 2_000;             // in one measured batch
    private static final long PATIENCE_NANOS = 5_000_000_000L;

    private Kernels() {}

    /// {@return whether the vector module is there, whatever its kernels do}
    public static boolean modulePresent() {
        return Kernels.class.getModule().isNamed()
                ? ModuleLayer.boot().findModule("jdk.incubator.vector").map(Kernels.class.getModule()::canRead).orElse(false)
                : ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();
    }

    /// {@return whether [ChaCha20Lanes] serves}
    public static boolean chaCha20() {
        return ChaCha20Choice.PASSED;
    }

    /// {@return whether [KeccakLanes] serves}
    public static boolean keccak() {
        return KeccakChoice.PASSED;
    }

    private static final class ChaCha20Choice {
        static final boolean PASSED = modulePresent() && ChaCha20Lanes.wideEnough() && allocatesNothing(4096,
                memory -> ChaCha20Lanes.xor(memory, 0, memory, 32, 1, memory, 1024, 1024, memory, 2048, memory, 3072));
    }

    private static final class KeccakChoice {
        static final boolean PASSED = modulePresent() && KeccakLanes.wideEnough()
                && allocatesNothing(1024, memory -> KeccakLanes.permute(memory, 0));
    }

    private interface Kernel {
        void run(MemorySegment memory);
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
