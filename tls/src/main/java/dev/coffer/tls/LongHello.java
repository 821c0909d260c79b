package dev.coffer.tls;

import dev.coffer.memory.Wipe;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// Room for one ClientHello of a loop that is longer than a handshake's slot ([TlsServerConfig#longHelloBytesMax]): lent with its header, wiped and free again when it was read or its
/// handshake has ended. Whoever has held it for a second gives way to who asks for it then: its handshake fails with its next octet, so that one that speaks slowly does not keep the
/// others out. The loop's thread alone; 0 heap bytes.
final class LongHello {
    /// How long it is nobody else's.
    private static final long PATIENCE_NANOS = 1_000_000_000L;

    private final MemorySegment memory;
    private @Nullable Handshake holder;
    private int dirty;
    private long lentAt;    // when

    /// @param memory  zero; of no bytes where none is taken
    LongHello(MemorySegment memory) {
        this.memory = memory;
    }

    /// Lends it.
    ///
    /// @param bytes  that are needed
    /// @return null, or why not: longer than any may be, or another's now
    @Nullable
    Alert lend(Handshake by, int bytes) {
        if (bytes > memory.byteSize()) {
            return Alert.DECODE_ERROR;
        }
        Handshake slow = holder;
        if (slow != null) {
            if (by.nowNanos() - lentAt < PATIENCE_NANOS) {
                return Alert.INTERNAL_ERROR;  // it is our memory that is short (RFC 8446, section 6.2)
            }
            slow.loseMessage();
            release(slow);
        }
        holder = by;
        lentAt = by.nowNanos();
        dirty = bytes;
        return null;
    }

    /// {@return whether [#lend] refuses for now what it will not later: it is another's, who has not held it for long}
    boolean isAnothers(Handshake by, int bytes) {
        return bytes <= memory.byteSize() && holder != null && holder != by && by.nowNanos() - lentAt < PATIENCE_NANOS;
    }

    MemorySegment memory() {
        return memory;
    }

    /// Gives it back, wiped, if it is that one's. Twice is harmless.
    void release(Handshake by) {
        if (holder == by) {
            Wipe.bytes(memory, 0, dirty);
            holder = null;
        }
    }

    /// Wipes it.
    void wipe() {
        if (memory.scope().isAlive()) {
            Wipe.segment(memory);
        }
    }
}
