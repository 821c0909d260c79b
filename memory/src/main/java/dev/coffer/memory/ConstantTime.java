package dev.coffer.memory;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Comparison and selection whose time depends on lengths and addresses, never on contents. Stateless, thread-safe;
/// 0 heap bytes.
///
/// There is no branch, index or division on the bytes. What the JIT makes of that is not specified; the timing test of
/// the `long` profile watches it. Lengths are public.
public final class ConstantTime {
    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;

    private ConstantTime() {}

    /// {@return whether two values are equal: of one length, and the same bytes}
    ///
    /// The form for values whose lengths are not known to be one: a tag, a token or a password that someone sent. The time
    /// depends on the lengths; they are public.
    ///
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault)
    public static boolean equal(MemorySegment a, long aAt, long aLength, MemorySegment b, long bAt, long bLength) {
        check(a, aAt, aLength);
        check(b, bAt, bLength);
        return aLength == bLength && difference(a, aAt, b, bAt, aLength) == 0;
    }

    /// {@return whether two whole segments are equal: of one length, and the same bytes}
    public static boolean equal(MemorySegment a, MemorySegment b) {
        return equal(a, 0, a.byteSize(), b, 0, b.byteSize());
    }

    /// {@return whether `length` bytes of `a` from `aAt` equal those of `b` from `bAt`}
    ///
    /// Says nothing of what lies past them: for ranges whose length a standard fixes. A value that came from elsewhere is
    /// compared by [#equal(MemorySegment, long, long, MemorySegment, long, long)].
    ///
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault)
    public static boolean equal(MemorySegment a, long aAt, MemorySegment b, long bAt, long length) {
        return difference(a, aAt, b, bAt, length) == 0;
    }

    /// {@return 0 where the ranges are equal, else a number that says nothing else}
    ///
    /// For callers that go on without a branch: see [#maskOfZero].
    public static long difference(MemorySegment a, long aAt, MemorySegment b, long bAt, long length) {
        check(a, aAt, length);
        check(b, bAt, length);
        long difference = 0;
        long i = 0;
        for (; i <= length - Long.BYTES; i += Long.BYTES) {
            difference |= a.get(LONG, aAt + i) ^ b.get(LONG, bAt + i);
        }
        for (; i < length; i++) {
            difference |= a.get(BYTE, aAt + i) ^ b.get(BYTE, bAt + i);
        }
        return difference;
    }

    /// {@return whether `length` bytes from `at` are all zero}
    ///
    /// @throws IndexOutOfBoundsException  the range does not lie in the segment (caller's fault)
    public static boolean isZero(MemorySegment segment, long at, long length) {
        check(segment, at, length);
        long bits = 0;
        long i = 0;
        for (; i <= length - Long.BYTES; i += Long.BYTES) {
            bits |= segment.get(LONG, at + i);
        }
        for (; i < length; i++) {
            bits |= segment.get(BYTE, at + i);
        }
        return bits == 0;
    }

    /// {@return all ones where `value` is 0, else 0}
    public static long maskOfZero(long value) {
        return ((value | -value) >> 63) ^ -1L;
    }

    /// {@return `ifOnes` where `mask` is all ones, `ifZero` where it is 0}
    public static long select(long mask, long ifOnes, long ifZero) {
        return ifZero ^ (mask & (ifOnes ^ ifZero));
    }

    /// Overwrites `target` with `source` where `mask` is all ones and leaves it where `mask` is 0; reads and writes
    /// every byte of the target in both cases. The ranges must not overlap, save where they are the same.
    ///
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault); nothing is written
    public static void copyIf(long mask, MemorySegment source, long sourceAt, MemorySegment target, long targetAt,
            long length) {
        check(source, sourceAt, length);
        check(target, targetAt, length);
        long i = 0;
        for (; i <= length - Long.BYTES; i += Long.BYTES) {
            target.set(LONG, targetAt + i,
                    select(mask, source.get(LONG, sourceAt + i), target.get(LONG, targetAt + i)));
        }
        for (; i < length; i++) {
            byte now = target.get(BYTE, targetAt + i);
            target.set(BYTE, targetAt + i, (byte) select(mask, source.get(BYTE, sourceAt + i), now));
        }
    }

    private static void check(MemorySegment segment, long at, long length) {
        if ((at | length) < 0 || length > segment.byteSize() - at) {
            throw new IndexOutOfBoundsException(
                    "constant time: " + length + " bytes at " + at + " of " + segment.byteSize());
        }
    }
}
