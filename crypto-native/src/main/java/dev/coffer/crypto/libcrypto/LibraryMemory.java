package dev.coffer.crypto.libcrypto;

import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;

/// Where libcrypto's memory is in this process: decided once, by the first opening. Its region lives as long as the process, since the
/// library keeps what it made at start.
final class LibraryMemory {
    static final String HEAP = "libcrypto-heap";
    private static final long INIT_NO_LOAD_CONFIG = 0x80;
    private static final long INIT_NO_ATEXIT = 0x80000;
    private static final int MAJOR = 3;

    private static boolean decided;
    private static String obstacle = "";
    private static @Nullable LibraryHeap heap;
    private static @Nullable Region region;
    private static long refusedAfter = Long.MAX_VALUE;  // blocks; set by tests alone

    private LibraryMemory() {}

    static MemoryPlan plan(LibcryptoConfig config) {
        return Region.plan(RegionConfig.defaults(HEAP), data(config));
    }

    private static MemoryPlan data(LibcryptoConfig config) {
        return MemoryPlan.block(HEAP, config.heapBytes(), 1, "all that the library allocates");
    }

    /// Starts the library, once a process.
    ///
    /// @return its heap, or null where it has its own: somebody was first
    /// @throws LibcryptoException  it cannot serve, now and ever
    /// @throws RuntimeException    as of [Region#open]: nothing is decided yet
    static synchronized @Nullable LibraryHeap start(LibcryptoConfig config) {
        if (!decided) {
            decide(config);
        }
        if (!obstacle.isEmpty()) {
            throw new LibcryptoException(obstacle);
        }
        return heap;
    }

    private static void decide(LibcryptoConfig config) {
        obstacle = LibraryCalls.OBSTACLE;
        if (obstacle.isEmpty() && LibraryCalls.version() >>> 28 != MAJOR) {
            obstacle = LibraryCalls.LIBRARY + " is of version " + (LibraryCalls.version() >>> 28) + " (expected " + MAJOR + ")";
        }
        if (!obstacle.isEmpty()) {
            decided = true;
            return;
        }
        Region opened = Region.open(RegionConfig.defaults(HEAP), MemoryPlan.group(HEAP, data(config)));
        LibraryHeap ours = new LibraryHeap(HEAP, opened.carve(HEAP));
        ours.refuseAfter(refusedAfter);
        decided = true;
        if (LibraryCalls.serveFrom(ours)) {
            region = opened;  // for ever: the library's pointers point there
            heap = ours;
        } else {
            opened.close();
            System.getLogger("dev.coffer.crypto").log(Level.WARNING, "libcrypto keeps a heap of its own, without plan, bound and locked"
                    + " pages: something in this process used it first");
        }
        try {
            if (!LibraryCalls.init(INIT_NO_LOAD_CONFIG | INIT_NO_ATEXIT)) {
                obstacle = "it did not start within " + config.heapBytes() + " bytes (LibcryptoConfig.heapBytes)";
            }
        } finally {
            LibraryCalls.threadStop();
        }
    }

    /// Refuses the library's memory after so many blocks, in a process that has not decided yet.
    static synchronized void refuseAfter(long blocks) {
        refusedAfter = blocks;
    }

    /// {@return the region, or null where the library has its own heap or did not start}
    static synchronized @Nullable Region region() {
        return region;
    }
}
