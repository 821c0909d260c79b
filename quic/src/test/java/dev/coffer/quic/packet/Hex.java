package dev.coffer.quic.packet;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;

/// Bytes of tests, as digits and off the heap.
public final class Hex {
    private Hex() {}

    public static MemorySegment of(Arena arena, String digits) {
        byte[] bytes = HexFormat.of().parseHex(digits.replace(" ", "").replace("\n", ""));
        return arena.allocate(Math.max(1, bytes.length)).copyFrom(MemorySegment.ofArray(bytes)).asSlice(0, bytes.length);
    }

    /// Room with bytes in front.
    public static MemorySegment of(Arena arena, String digits, long room) {
        MemorySegment bytes = of(arena, digits);
        return arena.allocate(room).copyFrom(bytes);
    }

    public static String of(MemorySegment segment, long at, long length) {
        return HexFormat.of().formatHex(segment.asSlice(at, length).toArray(ValueLayout.JAVA_BYTE));
    }

    /// The place of a connection ID with these bytes.
    public static MemorySegment id(Arena arena, String digits) {
        MemorySegment bytes = of(arena, digits);
        MemorySegment place = arena.allocate(ConnectionId.BYTES);
        ConnectionId.set(place, 0, bytes, 0, (int) bytes.byteSize());
        return place;
    }
}
