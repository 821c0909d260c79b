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

    private static IndexOutOfBoundsException outside(String name, MemorySegment segment, long at, long length) {
        return new IndexOutOfBoundsException(name + ": " + length + " bytes at " + at + " of " + segment.byteSize());
    }

    /// Refuses an output that overlaps an input without starting where the input does. Equal starts are in place.
    ///
    /// @param name  what the output is, for the message
    /// @throws IllegalArgumentException  they overlap in part (caller's fault)
    public static void inPlaceOrApart(String name, MemorySegment input, long inputAt, long inputLength,
            MemorySegment output, long outputAt, long outputLength) {
        long from = input.address() + inputAt;
        long to = output.address() + outputAt;
        if (from != to && from < to + outputLength && to < from + inputLength && mayShare(input, output)) {
            throw new IllegalArgumentException(name + ": overlaps its input, " + (to - from)
                    + " bytes from its start (expected the same start, or no overlap)");
        }
    }

    /// Refuses an output that overlaps a range that is still read after the output is written.
    ///
    /// @param name  what the output is, for the message
    /// @throws IllegalArgumentException  they overlap (caller's fault)
    public static void apart(String name, MemorySegment input, long inputAt, long inputLength, MemorySegment output,
            long outputAt, long outputLength) {
        long from = input.address() + inputAt;
        long to = output.address() + outputAt;
        if (from < to + outputLength && to < from + inputLength && mayShare(input, output)) {
            throw new IllegalArgumentException(name + ": overlaps an input (expected no overlap)");
        }
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
