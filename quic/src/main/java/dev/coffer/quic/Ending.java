package dev.coffer.quic;

import dev.coffer.memory.Wipe;
import dev.coffer.quic.frame.TransportError;

/// The end of a connection (RFC 9000, section 10): who is told, and what is given back, see [Lingering] for what is kept. Stateless; 0 heap bytes.
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
        boolean first = c.phase == Connection.OPEN;
        c.phase = next;
        if (first) {
            c.events |= Connection.TELL_CLOSED;
            c.endAt = Math.min(nowNanos + Timers.closingNanos(c), Timers.handshakeUntil(c));  // no place of a handshake is held for longer by failing
            Lingering.begin(c, nowNanos);
            Paths.backToValidated(c);
            releaseBlocks(c);
            c.tls().close();
        }
    }

    /// Nothing came for too long (section 10.1): nobody is told but the application.
    static void timeOut(Connection c, long nowNanos) {
        over(c, Connection.DRAINING, nowNanos);
        c.endAt = nowNanos;
        if (!c.lingers) {
            c.end();
        }
    }

    /// A server's handshake has not come to its end in the time that it has: the client is told once, as far as that may be, and its place is free. A client that is only slow would
    /// else say its last word to nobody, and wait for its own time-out.
    static void giveUp(Connection c, long nowNanos) {
        close(c, TransportError.CONNECTION_REFUSED, 0, false, nowNanos);
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
        if (c.lingers) {
            Lingering.keep(c);
        } else {
            Streams.release(c);
        }
        Paths.release(c);
        for (int space = 0; space < PacketSpace.COUNT; space++) {
            if ((c.alive & 1 << space) != 0) {
                LossRecovery.discard(c, space);
                SendBuffer.release(c.memory, ConnectionLayout.cryptoSend(c.core, c.handshakeAt, space), c.blocks());
                ReceiveBuffer.release(c.memory, ConnectionLayout.cryptoReceive(c.core, c.handshakeAt, space), c.blocks());
            }
        }
    }

    /// Something has thrown that should not have: the peer is told once, and where that throws too nobody is.
    static void fault(Connection c, long nowNanos) {
        boolean told = false;
        try {
            if (c.phase == Connection.OPEN) {
                close(c, TransportError.INTERNAL_ERROR, 0, false, nowNanos);
                told = true;
            }
        } catch (RuntimeException | Error again) {
            // what is thrown on is what came first
        }
        if (!told && c.phase != Connection.IDLE && c.phase != Connection.ENDED) {
            try {
                c.end();
            } catch (RuntimeException | Error again) {
                // it has ended all the same, see there
            }
        }
    }

    /// Gives everything back, wiped: each step whatever the one before has thrown.
    static void release(Connection c) {
        c.lingers = false;
        try {
            c.tls().close();
        } finally {
            try {
                releaseBlocks(c);
            } finally {
                releaseRest(c);
            }
        }
    }

    private static void releaseRest(Connection c) {
        try {
            wipeKeys(c, 0);
        } finally {
            c.alive = 0;
            try {
                releaseIds(c);
            } finally {
                try {
                    Wipe.bytes(c.memory, c.core, ConnectionLayout.coreBytes(c.loop.config));
                } finally {
                    c.releaseHandshake();  // wiped as it is given back
                }
            }
        }
    }

    /// Of that level and those behind it.
    private static void wipeKeys(Connection c, int space) {
        if (space == PacketSpace.COUNT) {
            return;
        }
        try {
            if ((c.alive & 1 << space) != 0) {
                c.wipeKeys(space);
            }
        } finally {
            wipeKeys(c, space + 1);
        }
    }

    private static void releaseIds(Connection c) {
        try {
            LocalIds.release(c);
        } finally {
            c.loop.ids.forgetOriginal(c);
        }
    }
}
