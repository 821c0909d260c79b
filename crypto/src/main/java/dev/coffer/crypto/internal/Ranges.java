package dev.coffer.crypto.internal;

import java.lang.foreign.MemorySegment;

/// Checks of the caller's ranges, done before anything is written. Stateless, thread-safe; 0 heap bytes for native
/// segments and for whatever passes.
public final class Ranges {
    private Ranges() {}

    /// Refuses a range that does not lie in its segment.
    ///
    /// @param name  what the range is, for the message
    /// @throws IndexOutOfBoundsException  it does not (caller's fault)
    public static void check(String name, MemorySegment segment, long at, long length) {
        if ((at | length) < 0 || length > segment.byteSize() - at) {
            throw outside(name, segment, at, length);
        }
    }

    /// Refuses a range that does not lie in its segment or cannot be written.
    ///
    /// @param name  what the range is, for the message
    /// @throws IndexOutOfBoundsException  it does not lie there (caller's fault)
    /// @throws IllegalArgumentException   it is read-only (caller's fault)
    public static void checkWritable(String name, MemorySegment segment, long at, long length) {
        check(name, segment, at, length);
        if (segment.isReadOnly()) {
            throw new IllegalArgumentException(name + ": read-only segment (expected a writable one)");
        }
    }

    /// Refuses a place for a secret, or for what is computed from one (a state, a schedule, a workspace), that does not
    /// lie in its segment, cannot be written, or lies on the heap, where the collector copies it.
    ///
    /// @param name  what the range is, for the message
    /// @throws IndexOutOfBoundsException  it does not lie there (caller's fault)
    /// @throws IllegalArgumentException   it is read-only or on the heap (caller's fault)
    public static void checkWorkspace(String name, MemorySegment segment, long at, long length) {
        checkWritable(name, segment, at, length);
        checkNative(name, segment);
    }

    /// Refuses a context that does not lie in its segment, or is longer than an algorithm takes.
    ///
    /// @param most  bytes of the longest; 0 where there are none
    /// @throws IndexOutOfBoundsException  it does not lie there (caller's fault)
    /// @throws IllegalArgumentException   it is longer (caller's fault)
    public static void checkContext(String name, MemorySegment context, long at, int length, int most) {
        check(name, context, at, length);
        if (length > most) {
            throw new IllegalArgumentException(name + ": a context of " + length + " bytes (expected " + (most == 0 ? "none" : "at most " + most)
                    + ")");
        }
    }

    /// Refuses a secret that does not lie in its segment or lies on the heap, where the collector copies it.
    ///
    /// @param name  what the range is, for the message
    /// @throws IndexOutOfBoundsException  it does not lie there (caller's fault)
    /// @throws IllegalArgumentException   it is on the heap (caller's fault)
    public static void checkSecret(String name, MemorySegment segment, long at, long length) {
        check(name, segment, at, length);
        checkNative(name, segment);
    }

    private static void checkNative(String name, MemorySegment segment) {
        if (!segment.isNative()) {
            throw new IllegalArgumentException(
                    name + ": a secret, state or workspace on the heap (expected native memory)");
        }
    }

    private static IndexOutOfBoundsException outside(String name, MemorySegment segment, long at, long length) {
        return new IndexOutOfBoundsException(name + ": " + length + " bytes at " + at + " of " + segment.byteSize());
    }

    /// Refuses an output that overlaps an input without starting where the input does. Equal starts are in place; an
    /// empty range overlaps nothing.
    ///
    /// @param name  what the output is, for the message
    /// @throws IllegalArgumentException  they overlap in part (caller's fault)
    public static void inPlaceOrApart(String name, MemorySegment input, long inputAt, long inputLength,
            MemorySegment output, long outputAt, long outputLength) {
        if (input.address() + inputAt != output.address() + outputAt
                && overlap(input, inputAt, inputLength, output, outputAt, outputLength)) {
            throw new IllegalArgumentException(name + ": overlaps its input, "
                    + (output.address() + outputAt - input.address() - inputAt)
                    + " bytes from its start (expected the same start, or no overlap)");
        }
    }

    /// Refuses two ranges of which one is written while the other is still needed. An empty range overlaps nothing.
    ///
    /// @param name  what the ranges are for, for the message
    /// @throws IllegalArgumentException  they overlap (caller's fault)
    public static void apart(String name, MemorySegment a, long aAt, long aLength, MemorySegment b, long bAt,
            long bLength) {
        if (overlap(a, aAt, aLength, b, bAt, bLength)) {
            throw new IllegalArgumentException(name + ": " + aLength + " bytes and " + bLength
                    + " bytes overlap (expected no overlap)");
        }
    }

    private static boolean overlap(MemorySegment a, long aAt, long aLength, MemorySegment b, long bAt, long bLength) {
        long from = a.address() + aAt;
        long to = b.address() + bAt;
        return aLength > 0 && bLength > 0 && from < to + bLength && to < from + aLength && mayShare(a, b);
    }

    /// Addresses of heap segments are offsets in their arrays, so those mean something for the same array only. A
    /// read-only segment hides its array and counts as the same.
    private static boolean mayShare(MemorySegment a, MemorySegment b) {
        if (a.isNative() || b.isNative()) {
            return a.isNative() && b.isNative();
        }
        return a.isReadOnly() || b.isReadOnly() || a.heapBase().orElse(a) == b.heapBase().orElse(b);
    }
}
