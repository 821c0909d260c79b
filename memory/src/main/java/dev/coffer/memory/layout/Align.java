package dev.coffer.memory.layout;

/// Alignment arithmetic on byte counts and offsets. Stateless, thread-safe.
public final class Align {
    /// Bytes of a cache line on every machine that the JDK's own padding is written for.
    public static final long CACHE_LINE_BYTES = 64;

    private Align() {}

    /// {@return the smallest multiple of `alignment` that is at least `bytes`}
    ///
    /// @param bytes      0 or more
    /// @param alignment  a power of two
    /// @throws IllegalArgumentException  negative bytes or an alignment that is no power of two (caller's fault)
    /// @throws ArithmeticException       the result is past `Long.MAX_VALUE` (caller's fault)
    public static long up(long bytes, long alignment) {
        if (bytes < 0 || Long.bitCount(alignment) != 1 || alignment < 0) {
            throw new IllegalArgumentException(
                    "align: " + bytes + " bytes to " + alignment + " (expected 0 or more, to a power of two)");
        }
        return Math.addExact(bytes, alignment - 1) & -alignment;
    }

    /// {@return whether `bytes` is a multiple of `alignment`, a power of two}
    public static boolean is(long bytes, long alignment) {
        return (bytes & (alignment - 1)) == 0;
    }
}
