package dev.coffer.crypto.internal;

import dev.coffer.memory.Wipe;
import java.lang.foreign.MemorySegment;

/// What an object does with the caller's memory when it is closed. Stateless, thread-safe; 0 heap bytes.
public final class Ending {
    private Ending() {}

    /// Wipes a range, unless its memory is closed by now: an object may be closed after the arena or region that it lies in, which
    /// has taken its bytes back (a region wiped).
    public static void wipe(MemorySegment segment, long at, long length) {
        try {
            Wipe.bytes(segment, at, length);
        } catch (IllegalStateException e) {
            if (segment.scope().isAlive()) {  // in use by a system call, say
                throw e;
            }
        }
    }
}
