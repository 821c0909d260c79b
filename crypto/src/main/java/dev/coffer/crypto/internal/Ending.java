package dev.coffer.crypto.internal;

import dev.coffer.memory.Wipe;
import java.lang.foreign.MemorySegment;

/// What an operation does with the caller's memory when it ends, and an object when it is closed. Stateless, thread-safe; 0 heap bytes.
public final class Ending {
    private Ending() {}

    /// Ends an operation: wipes its workspace, and its output where that is not whole. Each is wiped whatever becomes of the other, as the
    /// memory of one may be why the operation broke off; what cannot be wiped is thrown afterwards.
    public static void end(boolean whole, MemorySegment output, long outputAt, long outputBytes, MemorySegment w, long at, long bytes) {
        try {
            if (!whole) {
                Wipe.bytes(output, outputAt, outputBytes);
            }
        } finally {
            Wipe.bytes(w, at, bytes);
        }
    }

    /// Ends an operation with two outputs, as above.
    public static void end(boolean whole, MemorySegment first, long firstAt, long firstBytes, MemorySegment second, long secondAt,
            long secondBytes, MemorySegment w, long at, long bytes) {
        try {
            if (!whole) {
                Wipe.both(first, firstAt, firstBytes, second, secondAt, secondBytes);
            }
        } finally {
            Wipe.bytes(w, at, bytes);
        }
    }

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
