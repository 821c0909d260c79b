package dev.coffer.memory.pool;

import java.util.concurrent.atomic.AtomicLong;

/// Where an allocator begins to number its handles: each somewhere else, so that a handle that strayed to another allocator
/// names nothing there. The golden ratio keeps the beginnings as far apart as they can be, however many there are.
final class HandleNumbers {
    private static final long GOLDEN_RATIO = 0x9E37_79B9_7F4A_7C15L;  // 2^64 / phi, odd
    private static final AtomicLong MADE = new AtomicLong();

    private HandleNumbers() {}

    /// {@return a number of as many bits, 0..2^bits-1}
    static long beginning(int bits) {
        return MADE.incrementAndGet() * GOLDEN_RATIO >>> Long.SIZE - bits;
    }
}
