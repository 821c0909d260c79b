package dev.coffer.memory.pool;

import dev.coffer.memory.Wipe;
import java.lang.foreign.MemorySegment;

/// What everything that lives in one carved row does with its memory at the beginning and at the end. Stateless, thread-safe; makes no
/// object but an exception.
final class Carved {
    private Carved() {}

    /// {@return the memory, which is as it must be}
    ///
    /// @param kind   of what lives there, in the message
    /// @param bytes  exactly so many
    /// @throws IllegalArgumentException  another size, or memory that is read-only or on the heap (caller's fault)
    static MemorySegment check(String kind, String name, MemorySegment memory, long bytes) {
        if (memory.byteSize() != bytes || memory.isReadOnly() || !memory.isNative()) {
            throw new IllegalArgumentException(kind + " \"" + name + "\": memory of " + memory.byteSize() + " bytes "
                    + (memory.isNative() ? "off" : "on") + " the heap (expected " + bytes + ", writable, off the heap)");
        }
        return memory;
    }

    /// Wipes all of it, unless it is gone: a region that is closed has wiped it.
    static void wipe(MemorySegment memory) {
        if (memory.scope().isAlive()) {
            Wipe.segment(memory);
        }
    }

    /// {@return what a use after the end is answered with}
    static IllegalStateException closed(String kind, String name) {
        return new IllegalStateException(kind + " \"" + name + "\" is closed");
    }
}
