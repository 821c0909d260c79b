package dev.coffer.memory;

import java.lang.foreign.MemorySegment;

/// Where random bytes come from: handed in to whatever draws a key, a salt or a nonce, so that a test can replay it. The
/// system's is [#SYSTEM]; a seeded one lives in the testkit, which ships with nothing. There is no other way to random
/// bytes in the library, and nothing to seed.
///
/// Whoever draws a secret owns the range before and after; a source keeps no copy.
@FunctionalInterface
public interface Entropy {
    /// The kernel's generator: `getrandom(2)` straight into the caller's memory, no copy in between, nothing kept.
    /// Thread-safe; 0 heap bytes. It waits, once after the machine's boot, until the kernel has gathered enough. The memory
    /// must not be closed by another thread meanwhile. Where the system calls are not to be had it reads the system's
    /// random device.
    Entropy SYSTEM = new SystemEntropy();

    /// Overwrites a range with random bytes, all of it or none.
    ///
    /// @param segment  writable memory off the heap
    /// @param at       offset of the first byte
    /// @param length   bytes, 0 or more
    /// @throws IndexOutOfBoundsException  the range does not lie in the segment (caller's fault); nothing is written
    /// @throws IllegalArgumentException   memory on the heap or read-only (caller's fault); nothing is written
    /// @throws IllegalStateException      the source has no bytes (the machine's fault); the range is wiped
    void fill(MemorySegment segment, long at, long length);
}
