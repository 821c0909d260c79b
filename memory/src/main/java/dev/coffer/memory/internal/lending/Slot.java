package dev.coffer.memory.internal.lending;

import java.lang.foreign.MemorySegment;
import java.util.Objects;

/// Memory that a buffer's life may begin over. Only this module can make one, so only its packages can extend `Buffer`: a sealed
/// class would have to name them, and stand in a cycle with each.
///
/// @param memory  of the slot; [MemorySegment#NULL] for none yet
public record Slot(MemorySegment memory) {
    public Slot {
        Objects.requireNonNull(memory);
    }
}
