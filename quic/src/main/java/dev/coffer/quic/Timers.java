package dev.coffer.quic;

import dev.coffer.memory.layout.LittleEndian;
import dev.coffer.quic.frame.FrameType;
import dev.coffer.quic.frame.TransportError;
import dev.coffer.quic.packet.OpeningKeys;

/// When something is to be done about a connection, and what then. Stateless; 0 heap bytes.
final class Timers {
    /// How long a client that waits for an answer says nothing: NATs forget a path of UDP after 30 s and more (RFC 9308, section 3.2).
    private static final long KEEP_NANOS_MAX = 15_000_000_000L;

    /// What a peer can make of its round trip counts for no more, where it says how long a place is held (section 10.2 and 10.1).
    private static final long END_PROBE_NANOS_MAX = 3_000_000_000L;
    /// Who acknowledges nothing of what is asked again and again is given up when the next time would be so far away, and twice the idle time.
    private static final long UNHEARD_NANOS = 60_000_000_000L;
    /// A round trip of half a minute makes one probe that long by itself.
    private static final int UNHEARD_PROBES = 2;

    private Timers() {}

    /// Something came, or the first thing went that wants an answer (RFC 9000, section 10.1).
    static void touch(Connection c, long nowNanos) {
        c.idleAt = c.idleNanos == 0 ? Connection.NEVER : nowNanos + idleNanos(c);
    }

    private static long idleNanos(Connection c) {
        return Math.max(c.idleNanos, Math.min(3 * probeNanos(c), Math.max(2 * c.idleNanos, 3 * END_PROBE_NANOS_MAX)));
    }

    /// {@return how long a connection that is closed answers who goes on (section 10.2): three probes, and no more than 9 s, however late the peer has acknowledged}
    static long closingNanos(Connection c) {
        return 3 * Math.min(probeNanos(c), END_PROBE_NANOS_MAX);
    }

    /// {@return whether nothing of what is under way was acknowledged for so long, probe after probe, that the peer, from which other packets may come, is not going to. Of a handshake
    /// whatever the idle time: a server that has given it up has no key any more to say so}
    private static boolean isUnheard(Connection c) {
        int probes = LossRecovery.probeCount(c.memory, c.recoveryAt());
        return probes >= UNHEARD_PROBES && (probes >= LossTimer.BACK_OFF_MAX
                || LossTimer.backOffNanos(c, probeNanos(c)) > Math.max(UNHEARD_NANOS, c.confirmed ? 2 * c.idleNanos : 0));
    }

    /// {@return when a client that waits for an answer, and has heard of all that it said, says so again, so that the connection does not end meanwhile and its path is not forgotten
    /// (section 10.1.2): after half of the idle time, never where there is none}
    private static long keepNanos(Connection c) {
        if (!c.client || !c.confirmed || c.idleAt == Connection.NEVER) {
            return Connection.NEVER;
        }
        long space = c.spaceAt(PacketSpace.APPLICATION);
        if (PacketSpace.eliciting(c.memory, space) > 0 || PacketSpace.probes(c.memory, space) > 0 || !Streams.awaits(c)) {
            return Connection.NEVER;  // what is under way is asked for anyhow
        }
        long idle = idleNanos(c);
        return c.idleAt - idle + Math.min(idle / 2, KEEP_NANOS_MAX);
    }

    /// {@return how long an answer of the peer's may take (RFC 9002, section 6.2.1), without back-off}
    static long probeNanos(Connection c) {
        return RoundTrip.probeNanos(c.memory, c.recoveryAt() + LossRecovery.ROUND_TRIP, c.peerDelayNanosMax);
    }

    static long deadlineNanos(Connection c) {
        if (c.phase != Connection.OPEN) {
            return c.phase == Connection.CLOSING || c.phase == Connection.DRAINING ? endNanos(c) : Connection.NEVER;
        }
        long due = Math.min(Math.min(Math.min(c.idleAt, handshakeUntil(c)), Math.min(Math.min(c.lateAt, Gaps.deadlineNanos(c)), keepNanos(c))),
                Math.min(Math.min(c.paceAt, Paths.deadlineNanos(c)), LossTimer.deadlineNanos(c)));
        if (c.isBlockedByAmplification() || !Amplification.mayAckAlone(c)) {
            return due;  // nothing can be said, so nothing is due
        }
        for (int space = 0; space < PacketSpace.COUNT; space++) {
            if (c.spaceAt(space) >= 0 && c.seals(space)) {
                due = Math.min(due, ReceivedRanges.dueNanos(c.memory, c.spaceAt(space) + PacketSpace.RECEIVED));
            }
        }
        return due;
    }

    /// {@return until when the handshake must be done}
    static long handshakeUntil(Connection c) {
        return c.handshakeAt < 0 || c.loop.handshakeNanosMax == Connection.NEVER ? Connection.NEVER
                : LittleEndian.i64(c.memory, c.handshakeAt + ConnectionLayout.BEGUN) + c.loop.handshakeNanosMax;
    }

    /// {@return when closing or draining is over}
    private static long endNanos(Connection c) {
        return c.lingers ? Math.max(c.endAt, c.lingerUntil) : c.endAt;
    }

    static void onDeadline(Connection c, long nowNanos) {
        c.lastNanos = nowNanos;
        lookAtGaps(c, nowNanos);
        if (c.phase == Connection.OPEN && c.idleAt <= nowNanos) {
            Ending.timeOut(c, nowNanos);
        } else if (c.phase == Connection.OPEN && handshakeUntil(c) <= nowNanos) {
            Ending.giveUp(c, nowNanos);
        } else if ((c.phase == Connection.CLOSING || c.phase == Connection.DRAINING) && endNanos(c) <= nowNanos) {
            c.end();
        } else if (c.phase == Connection.OPEN) {
            c.paceAt = c.paceAt <= nowNanos ? Connection.NEVER : c.paceAt;
            if (keepNanos(c) <= nowNanos) {
                PacketSpace.probes(c.memory, c.spaceAt(PacketSpace.APPLICATION), 1);
            }
            if (c.lateAt <= nowNanos) {
                c.lateAt = Connection.NEVER;
                c.opening(PacketSpace.APPLICATION).forgetLate();
            }
            Paths.onDeadline(c, nowNanos);
            if (c.phase == Connection.OPEN) {  // else no path is left, and nothing that could be lost
                LossTimer.onDeadline(c, nowNanos);
                if (isUnheard(c)) {
                    Ending.timeOut(c, nowNanos);
                }
            }
        }
    }

    /// Frames have come, or time has gone by: who leaves gaps for too long has not said again what is lost (section 13.3).
    static void lookAtGaps(Connection c, long nowNanos) {
        if (c.phase == Connection.OPEN && Gaps.isLate(c, nowNanos)) {
            c.fail(TransportError.PROTOCOL_VIOLATION, FrameType.STREAM, nowNanos);
        }
    }

    /// {@return whether our keys may be updated: a packet of theirs was acknowledged, and the peer's turned three probes ago or more (RFC 9001, sections 6.1 and 6.5)}
    static boolean mayTurnKeys(Connection c) {
        return c.lateAt == Connection.NEVER && c.sealing(PacketSpace.APPLICATION).mayUpdate();
    }

    /// The peer has updated its keys: packets that this has overtaken are opened for three probes longer (RFC 9001, section 6.5).
    static void keysTurned(Connection c, OpeningKeys keys, long nowNanos) {
        c.lateAt = keys.isLate() ? nowNanos + 3 * probeNanos(c) : Connection.NEVER;
    }
}
