package dev.coffer.memory;

import java.lang.foreign.MemorySegment;

/// Where an operation draws its random bytes from: handed in, so that a test can replay it. The system's is
/// `dev.coffer.crypto.Entropy.SYSTEM`; a seeded one lives in the testkit, which ships with nothing.
///
/// Whoever draws a secret from it owns the range before and after; a source keeps no copy.
@FunctionalInterface
public interface EntropySource {
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
