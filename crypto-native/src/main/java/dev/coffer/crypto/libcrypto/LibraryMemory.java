package dev.coffer.crypto.libcrypto;

import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Protection;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import java.lang.System.Logger.Level;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Where libcrypto's memory is in this process: decided once, by the first opening. Its regions live as long as the process, since the
/// library keeps what it made at start.
final class LibraryMemory {
    static final String START = "libcrypto-start";
    static final String KEYS = "libcrypto-keys";
    private static final RegionConfig START_CONFIG = RegionConfig.defaults(START).withProtection(Protection.LOCKED, Protection.Level.OFF);
    private static final RegionConfig KEYS_CONFIG = RegionConfig.defaults(KEYS);
    private static final long INIT_NO_LOAD_CONFIG = 0x80;
    private static final long INIT_NO_ATEXIT = 0x80000;
    private static final int MAJOR = 3;

    private static boolean decided;
    private static String obstacle = "";
    private static List<LibraryHeap> heaps = List.of();  // keys, start; none where the library has its own
    private static List<Region> regions = List.of();
    private static @Nullable LibraryAllocator served;  // null where the library has its own
    private static long refusedAfter = Long.MAX_VALUE;  // blocks; set by tests alone

    private LibraryMemory() {}

    static List<MemoryPlan> plans(LibcryptoConfig config) {
        return List.of(Region.plan(START_CONFIG, start(config)), Region.plan(KEYS_CONFIG, keys(config)));
    }

    private static MemoryPlan start(LibcryptoConfig config) {
        return MemoryPlan.group("data", MemoryPlan.block(START, config.startBytes(), 1, "what the library makes at its start"));
    }

    private static MemoryPlan keys(LibcryptoConfig config) {
        return MemoryPlan.group("data", MemoryPlan.block(KEYS, config.keyBytes() + NativeRsaKey.bytes(config), 1,
                "all that the library makes later: contexts, RSA keys"));
    }

    /// Starts the library, once a process.
    ///
    /// @return its heaps, that of keys first; none where it has its own: somebody was first
    /// @throws LibcryptoException  it cannot serve, now and ever
    /// @throws RuntimeException    as of [Region#open]: nothing is decided yet
    static synchronized List<LibraryHeap> begin(LibcryptoConfig config) {
        if (!decided) {
            decide(config);
        }
        if (!obstacle.isEmpty()) {
            throw new LibcryptoException(obstacle);
        }
        return heaps;
    }

    private static void decide(LibcryptoConfig config) {
        obstacle = LibraryCalls.OBSTACLE.isEmpty() ? CurveCalls.OBSTACLE : LibraryCalls.OBSTACLE;
        if (obstacle.isEmpty() && LibraryCalls.version() >>> 28 != MAJOR) {
            obstacle = LibraryCalls.LIBRARY + " is of version " + (LibraryCalls.version() >>> 28) + " (expected " + MAJOR + ")";
        }
        if (!obstacle.isEmpty()) {
            decided = true;
            return;
        }
        String notStarted = "it did not start within " + config.startBytes() + " bytes (LibcryptoConfig.startBytes), or lacks a cipher";
        LibraryAllocator allocator = serve(config);
        obstacle = notStarted;  // nothing can be refused from here to the start: a library that starts by itself, with its first use, ends with the process
        decided = true;         // and calls us when the VM is gone
        try {
            obstacle = startLibrary() ? "" : obstacle;  // an Error on the way leaves one too
        } finally {
            LibraryCalls.threadStop();
            allocator.started();
        }
    }

    /// Has the library take its memory from regions of ours, where it still can. Refused on the way, nothing is held and nothing decided.
    private static LibraryAllocator serve(LibcryptoConfig config) {
        Region start = Region.open(START_CONFIG, start(config));
        Region keys = null;
        boolean serves = false;
        try {
            keys = Region.open(KEYS_CONFIG, keys(config));
            LibraryHeap startHeap = new LibraryHeap(START, start.carve(START));
            LibraryHeap keyHeap = new LibraryHeap(KEYS, keys.carve(KEYS));
            LibraryAllocator allocator = new LibraryAllocator(startHeap, keyHeap);
            startHeap.refuseAfter(refusedAfter);
            List<Region> both = List.of(start, keys);
            List<LibraryHeap> two = List.of(keyHeap, startHeap);
            serves = LibraryCalls.serveFrom(allocator);
            if (serves) {
                regions = both;  // for ever: the library's pointers point there
                heaps = two;
                served = allocator;
            } else {
                System.getLogger("dev.coffer.crypto").log(Level.WARNING, "libcrypto keeps a heap of its own, without plan, bound and locked"
                        + " pages: something in this process used it first");
            }
            return allocator;
        } finally {
            if (!serves) {
                try {
                    start.close();
                } finally {
                    if (keys != null) {
                        keys.close();
                    }
                }
            }
        }
    }

    /// The library, its provider, and the ciphers and the exchange that will be asked for: they are kept by it from here on.
    ///
    /// @return whether all of it is there
    private static boolean startLibrary() {
        boolean whole = LibraryCalls.init(INIT_NO_LOAD_CONFIG | INIT_NO_ATEXIT);
        for (NativeCipher cipher : NativeCipher.values()) {
            long fetched = whole ? LibraryCalls.fetch(cipher.fetchName()) : 0;
            if (fetched == 0) {
                whole = false;
            } else {
                LibraryCalls.cipherFree(fetched);
            }
        }
        return whole && CurveCalls.fetch() && (!RsaCalls.OBSTACLE.isEmpty() || RsaSelfTest.fetch());
    }

    /// {@return what the library calls back, or null where it has its own}
    static synchronized @Nullable LibraryAllocator allocator() {
        return served;
    }

    /// Refuses the library's memory after so many blocks, in a process that has not decided yet.
    static synchronized void refuseAfter(long blocks) {
        refusedAfter = blocks;
    }

    /// {@return the regions, none where the library has its own heap or did not start}
    static synchronized List<Region> regions() {
        return regions;
    }
}
