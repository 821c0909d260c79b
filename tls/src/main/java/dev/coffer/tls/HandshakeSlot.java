package dev.coffer.tls;

import dev.coffer.memory.pool.SlotPool;

/// The memory of one connection's handshake: a slot, lent with the first message; and of a server that has said all that it says a small one in its place, where one
/// is free, so that who waits for a client holds up nobody (decision 0156). The connection's thread alone; 0 heap bytes.
final class HandshakeSlot {
    private final TlsContext context;
    private final int connection;
    private long slot = SlotPool.NONE;
    private boolean small;

    HandshakeSlot(TlsContext context, int connection) {
        this.context = context;
        this.connection = connection;
    }

    /// {@return whether there is one, for a handshake that begins}
    boolean lend() {
        slot = context.pool().tryLend(TlsContext.KIND_HANDSHAKE, connection);
        small = false;
        return slot != SlotPool.NONE;
    }

    boolean isLent() {
        return slot != SlotPool.NONE;
    }

    /// {@return whether it is a small one}
    boolean isSmall() {
        return small;
    }

    /// {@return the loan}
    long slot() {
        return slot;
    }

    /// Goes on in a small place, if it can and there is one.
    ///
    /// @param handshake  what is in the slot
    /// @return whether it does from here on: its slot is free
    boolean shrink(Handshake handshake) {
        if (small || !(handshake instanceof ServerFinish finish) || !finish.isWaiting() || context.isSpent(TlsContext.KIND_WAITING)) {
            return false;
        }
        long place = context.pool().tryLend(TlsContext.KIND_WAITING, connection);
        if (place == SlotPool.NONE) {
            return false;
        }
        context.waiting(place).goOn(finish);
        context.pool().release(slot);
        slot = place;
        small = true;
        return true;
    }

    /// Gives it back, wiped. Twice is harmless.
    void release() {
        if (slot != SlotPool.NONE) {
            context.pool().release(slot);
            slot = SlotPool.NONE;
            small = false;
        }
    }
}
