package dev.coffer.quic;

import java.lang.foreign.MemorySegment;

/// The one timer of recovery (RFC 9002, section 6.2 and appendix A.8): packets are lost by time, or nothing was heard for so long that probes are to go, each time after twice as long. Over the
/// state of [LossRecovery]. Stateless; 0 heap bytes.
final class LossTimer {
    static final int BACK_OFF_MAX = 16;      // doublings: past it the connection is idle for long

    private LossTimer() {}

    /// {@return the space whose packet is lost first, or -1}
    private static int lossSpace(LossRecovery.Owner of) {
        int earliest = -1;
        for (int space = 0; space < PacketSpace.COUNT; space++) {
            long at = of.spaceAt(space);
            if (at >= 0 && PacketSpace.lossNanos(of.memory(), at) != Long.MAX_VALUE
                    && (earliest < 0 || PacketSpace.lossNanos(of.memory(), at) < PacketSpace.lossNanos(of.memory(), of.spaceAt(earliest)))) {
                earliest = space;
            }
        }
        return earliest;
    }

    private static boolean hasEliciting(LossRecovery.Owner of) {
        for (int space = 0; space < PacketSpace.COUNT; space++) {
            long at = of.spaceAt(space);
            if (at >= 0 && PacketSpace.eliciting(of.memory(), at) > 0) {
                return true;
            }
        }
        return false;
    }

    /// {@return how long a probe waits in a space (section 6.2.1)}
    private static long probeNanos(LossRecovery.Owner of, int space) {
        long recovery = of.recoveryAt();
        long nanos = RoundTrip.probeNanos(of.memory(), recovery + LossRecovery.ROUND_TRIP, space == PacketSpace.APPLICATION ? of.peerDelayNanosMax() : 0);
        return backOffNanos(of, nanos);
    }

    /// {@return how long a probe waits that is asked again and again: doubled for each that had no answer}
    static long backOffNanos(LossRecovery.Owner of, long nanos) {
        return nanos << Math.min(BACK_OFF_MAX, LossRecovery.probeCount(of.memory(), of.recoveryAt()));
    }

    /// {@return whether a space has something under way that probes ask for: of 1-RTT once the handshake is confirmed (section 6.2.1)}
    private static boolean isAsked(LossRecovery.Owner of, int space) {
        long at = of.spaceAt(space);
        return at >= 0 && PacketSpace.eliciting(of.memory(), at) > 0 && (space != PacketSpace.APPLICATION || of.isConfirmed());
    }

    /// {@return the space whose probe is due first, or -1}
    private static int probeSpace(LossRecovery.Owner of) {
        int earliest = -1;
        for (int space = 0; space < PacketSpace.COUNT; space++) {
            if (isAsked(of, space) && (earliest < 0 || dueNanos(of, space) < dueNanos(of, earliest))) {
                earliest = space;
            }
        }
        return earliest;
    }

    private static long dueNanos(LossRecovery.Owner of, int space) {
        return PacketSpace.elicitingNanos(of.memory(), of.spaceAt(space)) + probeNanos(of, space);
    }

    /// {@return the space in which a client asks though nothing of its own is under way: the server may be held back by what it may send (section 6.2.2.1)}
    private static int unblockingSpace(LossRecovery.Owner of) {
        return of.spaceAt(PacketSpace.HANDSHAKE) >= 0 ? PacketSpace.HANDSHAKE : PacketSpace.INITIAL;
    }

    /// {@return when [#onDeadline] is due; `Long.MAX_VALUE` for never}
    static long deadlineNanos(LossRecovery.Owner of) {
        int lost = lossSpace(of);
        if (lost >= 0) {
            return PacketSpace.lossNanos(of.memory(), of.spaceAt(lost));
        }
        if (of.isBlockedByAmplification()) {
            return Long.MAX_VALUE;
        }
        int probe = probeSpace(of);
        if (probe >= 0) {
            return dueNanos(of, probe);
        }
        // under way is what the peer opens when the handshake is over alone, or nothing
        if ((hasEliciting(of) ? of.isConfirmed() : of.isPeerValidated()) || of.spaceAt(unblockingSpace(of)) < 0) {
            return Long.MAX_VALUE;
        }
        int space = unblockingSpace(of);
        return PacketSpace.elicitingNanos(of.memory(), of.spaceAt(space)) + probeNanos(of, space);
    }

    /// The deadline may have come: then packets are lost, or probes are to go.
    static void onDeadline(LossRecovery.Owner of, long nowNanos) {
        if (deadlineNanos(of) > nowNanos) {
            return;
        }
        MemorySegment memory = of.memory();
        int lost = lossSpace(of);
        if (lost >= 0) {
            long recovery = of.recoveryAt();
            long window = CongestionControl.window(memory, recovery + LossRecovery.CONGESTION);
            LossRecovery.detect(of, lost, nowNanos);
            LossRecovery.repace(memory, recovery, window, RoundTrip.smoothed(memory, recovery + LossRecovery.ROUND_TRIP), nowNanos);
            SentPackets.trim(memory, of.spaceAt(lost) + PacketSpace.SENT, of.blocks());
            return;
        }
        int probe = probeSpace(of);
        int space = probe >= 0 ? probe : unblockingSpace(of);
        long at = of.spaceAt(space);
        PacketSpace.probes(memory, at, probe >= 0 ? PacketSpace.PROBES : 1);
        PacketSpace.elicitingNanos(memory, at, probe >= 0 ? PacketSpace.elicitingNanos(memory, at) : nowNanos);
        LossRecovery.probeCount(memory, of.recoveryAt(), LossRecovery.probeCount(memory, of.recoveryAt()) + 1);
        again(of, space);
        for (int other = 0; other < PacketSpace.COUNT; other++) {  // the back-off is one for all, so each is asked with it (section 6.2.4)
            if (other != space && isAsked(of, other)) {
                PacketSpace.probes(memory, of.spaceAt(other), PacketSpace.PROBES);
                again(of, other);
            }
        }
    }

    /// What the oldest packets carried goes with the probes, though they are not known to be lost (section 6.2.4).
    private static void again(LossRecovery.Owner of, int space) {
        MemorySegment in = of.blocks().memory();
        long at = of.spaceAt(space) + PacketSpace.SENT;
        int packets = 0;
        boolean hit = false;
        for (long cursor = SentPackets.oldest(of.memory(), at); cursor != 0; cursor = SentPackets.next(of.memory(), at, of.blocks(), cursor)) {
            long record = SentPackets.record(of.blocks(), cursor);
            int flags = SentPackets.flags(in, record);
            if ((flags & SentPackets.MORE) == 0) {
                hit = (flags & (SentPackets.OVER | SentPackets.ELICITING)) == SentPackets.ELICITING;
                packets += hit ? 1 : 0;
                if (packets > PacketSpace.PROBES) {
                    return;
                }
            }
            if (hit) {
                of.onLost(space, record);
            }
        }
    }
}
