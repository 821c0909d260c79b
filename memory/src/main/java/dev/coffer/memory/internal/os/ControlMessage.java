package dev.coffer.memory.internal.os;

import dev.coffer.memory.layout.Align;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// `struct cmsghdr` of 64-bit systems and a walk over a row of them (cmsg(3)): what the kernel tells beside a message, and is told.
/// Stateless, thread-safe, 0 heap bytes.
///
/// ```
///   0        8       12     16
///   | length | level | type | data ... | up to a multiple of 8
/// ```
///
/// `length` counts the header. One that lies (shorter than the header, longer than what is left) ends the walk: nothing outside
/// of the row is ever read.
public final class ControlMessage {
    public static final long LENGTH = 0;
    public static final long LEVEL = 8;
    public static final long TYPE = 12;
    public static final long DATA = 16;
    private static final long ALIGNMENT = 8;

    private static final ValueLayout.OfInt I32 = ValueLayout.JAVA_INT_UNALIGNED;
    private static final ValueLayout.OfLong I64 = ValueLayout.JAVA_LONG_UNALIGNED;

    private ControlMessage() {}

    /// {@return bytes that a message takes in a row: `CMSG_SPACE`}
    ///
    /// @param data  its data's bytes
    public static long space(long data) {
        return Align.up(DATA + data, ALIGNMENT);
    }

    /// {@return bytes of data of the message at `at`, -1 where no whole message lies before `end`}
    public static int dataBytes(MemorySegment segment, long at, long end) {
        if (end - at < DATA) {
            return -1;
        }
        long length = segment.get(I64, at + LENGTH);  // one past 2^63 is negative
        return length < DATA || length > end - at ? -1 : (int) (length - DATA);
    }

    /// {@return where the message after that at `at` begins, which may be past the row's end}
    ///
    /// @param dataBytes  of the one at `at`, as [#dataBytes] tells, 0 or more
    public static long next(long at, int dataBytes) {
        return at + space(dataBytes);
    }

    /// {@return whether the message at `at` is of that kind}
    public static boolean is(MemorySegment segment, long at, int level, int type) {
        return segment.get(I32, at + LEVEL) == level && segment.get(I32, at + TYPE) == type;
    }

    /// Writes a header.
    ///
    /// @param data  bytes that the caller writes at [#DATA]
    /// @return bytes that the message takes in the row
    public static long write(MemorySegment segment, long at, int level, int type, int data) {
        segment.set(I64, at + LENGTH, DATA + data);
        segment.set(I32, at + LEVEL, level);
        segment.set(I32, at + TYPE, type);
        return space(data);
    }
}
