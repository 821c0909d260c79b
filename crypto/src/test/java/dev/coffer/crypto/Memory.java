package dev.coffer.crypto;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;

/// Off-heap bytes for tests, from and to hex.
public final class Memory {
    private Memory() {}

    /// {@return the bytes in memory that is freed with its last reference}
    public static MemorySegment of(byte[] bytes) {
        MemorySegment segment = Arena.ofAuto().allocate(Math.max(bytes.length, 1));
        MemorySegment.copy(bytes, 0, segment, ValueLayout.JAVA_BYTE, 0, bytes.length);
        return segment.asSlice(0, bytes.length);
    }

    /// {@return the bytes of a hex string}
    public static MemorySegment hex(String hex) {
        return of(HexFormat.of().parseHex(hex));
    }

    /// {@return zeros}
    public static MemorySegment zeros(long bytes) {
        return Arena.ofAuto().allocate(bytes);
    }

    /// {@return the whole segment in hex}
    public static String hex(MemorySegment segment) {
        return HexFormat.of().formatHex(bytes(segment));
    }

    /// {@return a copy of the whole segment}
    public static byte[] bytes(MemorySegment segment) {
        return segment.toArray(ValueLayout.JAVA_BYTE);
    }
}
