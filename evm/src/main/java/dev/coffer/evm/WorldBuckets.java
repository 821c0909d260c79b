package dev.coffer.evm;

import dev.coffer.memory.Entropy;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Where the tables of a [WorldState], and that of known code, begin to look for a word. Addresses and keys are anybody's choice, so the place depends on five words that are drawn for each: nobody can
/// choose keys that all have the same. Products of 128 bits, folded, as in wyhash. What is enumerated is so by index, so no answer depends on them. Makes no object.
final class WorldBuckets {
    private static final int KEYS = 5;

    private final long k0;
    private final long k1;
    private final long k2;
    private final long k3;
    private final long k4;

    WorldBuckets() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment drawn = arena.allocate(KEYS * Long.BYTES, Long.BYTES);
            Entropy.SYSTEM.fill(drawn, 0, drawn.byteSize());
            k0 = drawn.getAtIndex(ValueLayout.JAVA_LONG, 0);
            k1 = drawn.getAtIndex(ValueLayout.JAVA_LONG, 1);
            k2 = drawn.getAtIndex(ValueLayout.JAVA_LONG, 2);
            k3 = drawn.getAtIndex(ValueLayout.JAVA_LONG, 3);
            k4 = drawn.getAtIndex(ValueLayout.JAVA_LONG, 4);
        }
    }

    /// {@return where to begin, 0..length - 1}
    ///
    /// @param s       holds the word from `a`
    /// @param owner   what it belongs to: of an address 0, of a key its account
    /// @param length  of the table, a power of two
    int of(long[] s, int a, int owner, int length) {
        long mixed = fold(s[a] ^ k0, s[a + 1] ^ k1) ^ fold(s[a + 2] ^ k2, s[a + 3] ^ k3);
        return (int) (fold(mixed ^ owner, k4) >>> Integer.SIZE) & length - 1;
    }

    private static long fold(long x, long y) {
        return x * y ^ Math.multiplyHigh(x, y);
    }
}
