package dev.coffer.memory.internal.os;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// `struct statx`, the part that a server of files reads (statx(2)); the same on every architecture. Stateless,
/// thread-safe.
public final class FileStatus {
    public static final long MODE = 28;             // u16
    public static final long INODE = 32;            // u64
    public static final long SIZE = 40;             // u64
    public static final long CHANGED_SECONDS = 96;    // s64, then u32 of nanoseconds: content or anything about it
    public static final long MODIFIED_SECONDS = 112;  // s64, then u32 of nanoseconds
    public static final long DEVICE_MAJOR = 136;    // u32, then u32 minor
    public static final long BYTES = 256;

    private static final int S_IFMT = 0170000;
    private static final int S_IFREG = 0100000;
    private static final int S_IFDIR = 0040000;
    private static final ValueLayout.OfShort U16 = ValueLayout.JAVA_SHORT_UNALIGNED;
    private static final ValueLayout.OfInt U32 = ValueLayout.JAVA_INT_UNALIGNED;
    private static final ValueLayout.OfLong I64 = ValueLayout.JAVA_LONG_UNALIGNED;

    private FileStatus() {}

    public static boolean isFile(MemorySegment segment, long at) {
        return (segment.get(U16, at + MODE) & S_IFMT) == S_IFREG;
    }

    public static boolean isFolder(MemorySegment segment, long at) {
        return (segment.get(U16, at + MODE) & S_IFMT) == S_IFDIR;
    }

    public static long inode(MemorySegment segment, long at) {
        return segment.get(I64, at + INODE);
    }

    /// {@return major and minor number in one}
    public static long device(MemorySegment segment, long at) {
        return segment.get(I64, at + DEVICE_MAJOR);
    }

    public static long size(MemorySegment segment, long at) {
        return segment.get(I64, at + SIZE);
    }

    public static long modifiedSeconds(MemorySegment segment, long at) {
        return segment.get(I64, at + MODIFIED_SECONDS);
    }

    /// {@return nanoseconds within the second}
    public static int modifiedNanos(MemorySegment segment, long at) {
        return segment.get(U32, at + MODIFIED_SECONDS + Long.BYTES);
    }

    /// {@return when the file or anything about it, its name's link count included, was changed}
    public static long changedSeconds(MemorySegment segment, long at) {
        return segment.get(I64, at + CHANGED_SECONDS);
    }

    /// {@return nanoseconds within that second}
    public static int changedNanos(MemorySegment segment, long at) {
        return segment.get(U32, at + CHANGED_SECONDS + Long.BYTES);
    }
}
