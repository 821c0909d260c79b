package dev.coffer.memory.internal.os;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// `struct linux_dirent64`, one name of a folder as [FileCalls#entries] answers it (getdents64(2)). Stateless, thread-safe; 0 heap bytes.
public final class FolderEntry {
    /// Kinds, as `d_type` has them.
    public static final int UNKNOWN = 0;
    public static final int FOLDER = 4;
    public static final int FILE = 8;
    public static final int LINK = 10;

    // d_ino u64, d_off s64
    private static final long LENGTH = 16;  // u16, of the entry
    private static final long TYPE = 18;    // u8
    private static final long NAME = 19;    // and a NUL
    private static final ValueLayout.OfByte U8 = ValueLayout.JAVA_BYTE;

    private FolderEntry() {}

    /// {@return bytes from this entry to the next one}
    public static int length(MemorySegment segment, long at) {
        return Short.toUnsignedInt(segment.get(ValueLayout.JAVA_SHORT_UNALIGNED, at + LENGTH));
    }

    /// {@return one of the kinds, or another number for what is neither file, folder nor link}
    public static int kind(MemorySegment segment, long at) {
        return segment.get(U8, at + TYPE);
    }

    /// {@return offset of the name}
    public static long nameAt(long at) {
        return at + NAME;
    }

    /// {@return bytes of the name}
    public static int nameLength(MemorySegment segment, long at) {
        int length = 0;
        while (segment.get(U8, at + NAME + length) != 0) {
            length++;
        }
        return length;
    }
}
