package dev.coffer.server.drive;

import dev.coffer.memory.layout.HeapLayout;
import java.lang.foreign.MemorySegment;

/// The output buffer that is a protocol's own, for when no large one is left. Immutable; made at start.
///
/// @param memory  zero where the buffer lies, when the protocol is not lent
/// @param at      offset of the buffer
/// @param bytes   of the buffer: at least the engine's `outputBytesMin`, or 0 for none
public record OwnOutput(MemorySegment memory, long at, int bytes) {
    /// There is none: what is written waits for a block that is lent.
    public static final OwnOutput NONE = new OwnOutput(MemorySegment.NULL, 0, 0);

    /// {@return bytes of the object}
    public static long heapBytes() {
        return HeapLayout.instance(OwnOutput.class);
    }
}
