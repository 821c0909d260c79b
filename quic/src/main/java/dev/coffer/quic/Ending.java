package dev.coffer.quic;

import dev.coffer.memory.Wipe;

/// The end of a connection (RFC 9000, section 10): who is told, and what is given back. Stateless; 0 heap bytes.
final class Ending {
    /// Packets that come while closing and that have one answer, at most.
    private static final int CLOSE_EVERY_MAX = 1 << 10;

    private Ending() {}

    /// Begins to close: the peer is told, and told again while it goes on (section 10.2.1).
    static void close(Connection c, long code, long frame, boolean ofApplication, long nowNanos) {
        if (c.phase != Connection.OPEN) {
            return;
        }
        c.error = code;
        c.errorFrame = frame;
        c.errorOfApplication = ofApplication;
        c.closeDue = true;
        over(c, Connection.CLOSING, nowNanos);
    }

    /// The peer has closed: nothing more is said (section 10.2.2).
    static void drain(Connection c, long code, boolean ofApplication, long nowNanos) {
        if (c.phase == Connection.OPEN) {
            c.error = code;
            c.errorOfApplication = ofApplication;
            c.errorOfPeer = true;
        }
        if (c.phase == Connection.OPEN || c.phase == Connection.CLOSING) {
            c.closeDue = false;
            over(c, Connection.DRAINING, nowNanos);
        }
    }

    private static void over(Connection c, int next, long nowNanos) {
        if (c.phase == Connection.OPEN) {
            c.events |= Connection.TELL_CLOSED;
            c.endAt = nowNanos + 3 * Timers.probeNanos(c);
            releaseBlocks(c);
            c.tls().close();
        }
        c.phase = next;
    }

    /// A packet came while closing.
    static void onLateInput(Connection c) {
        if (++c.closeCount >= c.closeEvery) {
            c.closeCount = 0;
            c.closeEvery = Math.min(CLOSE_EVERY_MAX, c.closeEvery * 2);
            c.closeDue = true;
        }
    }

    private static void releaseBlocks(Connection c) {
        Streams.release(c);
        Paths.release(c);
        for (int space = 0; space < PacketSpace.COUNT; space++) {
            if ((c.alive & 1 << space) != 0) {
                LossRecovery.discard(c, space);
                SendBuffer.release(c.memory, ConnectionLayout.cryptoSend(c.core, c.handshakeAt, space), c.blocks());
                ReceiveBuffer.release(c.memory, ConnectionLayout.cryptoReceive(c.core, c.handshakeAt, space), c.blocks());
            }
        }
    }

    /// Gives everything back, wiped.
    static void release(Connection c) {
        try {
            c.tls().close();
        } finally {
            releaseBlocks(c);
            for (int space = 0; space < PacketSpace.COUNT; space++) {
                if ((c.alive & 1 << space) != 0) {
                    c.wipeKeys(space);
                }
            }
            c.alive = 0;
            LocalIds.release(c);
            c.loop.ids.forgetOriginal(c);
            c.releaseHandshake();
            Wipe.bytes(c.memory, c.core, ConnectionLayout.coreBytes(c.loop.config));
        }
    }
}
