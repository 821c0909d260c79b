package dev.coffer.quic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

/// RFC 9002, section 6.2: what time loses, and when probes go.
class LossTimerTest extends Recovering {
    @Test
    void probesComeWithBackOffAndSayTheOldestAgain() {
        send(3);
        long probe = 333 * MILLI + 4 * (333 * MILLI / 2) + PEER_DELAY;
        assertEquals(now + probe, LossTimer.deadlineNanos(of));
        long sent = now;
        now += probe;
        LossTimer.onDeadline(of, now);
        assertEquals(List.of(0L, 1L), lost, "what the two oldest carried");
        assertEquals(2, PacketSpace.probes(of.memory, of.spaces[PacketSpace.APPLICATION]));
        assertEquals(3 * DATAGRAM, inFlight(), "a probe says nothing of loss");
        assertEquals(sent + 2 * probe, LossTimer.deadlineNanos(of));
        ack(0, 0);
        assertEquals(0, LossRecovery.probeCount(of.memory, 0));
    }

    @Test
    void dataOfTheApplicationAreNotAskedForBeforeTheHandshakeIsConfirmed() {
        of.confirmed = false;
        long began = now;
        now += 10 * MILLI;
        send(1);
        assertEquals(began + 333 * MILLI + 4 * (333 * MILLI / 2), LossTimer.deadlineNanos(of), "the level before is asked, as it may be what is missing");
        LossTimer.onDeadline(of, LossTimer.deadlineNanos(of));
        assertEquals(1, PacketSpace.probes(of.memory, of.spaces[PacketSpace.HANDSHAKE]));
        assertEquals(0, PacketSpace.probes(of.memory, of.spaces[PacketSpace.APPLICATION]));
        LossRecovery.probeCount(of.memory, 0, 0);
        send(PacketSpace.HANDSHAKE, FLAGS);
        assertEquals(now + 333 * MILLI + 4 * (333 * MILLI / 2), LossTimer.deadlineNanos(of), "no delay of acknowledgements there");
        of.blocked = true;
        assertEquals(Long.MAX_VALUE, LossTimer.deadlineNanos(of), "held back by the limit of three times: nothing could be sent");
    }

    @Test
    void aClientAsksThoughNothingOfItsOwnIsUnderWayUntilTheServerMayAnswer() {
        of.validated = false;
        of.confirmed = false;
        long due = LossTimer.deadlineNanos(of);
        assertEquals(now + 333 * MILLI + 4 * (333 * MILLI / 2), due);
        now = due;
        LossTimer.onDeadline(of, now);
        assertEquals(1, PacketSpace.probes(of.memory, of.spaces[PacketSpace.HANDSHAKE]));
        assertTrue(LossTimer.deadlineNanos(of) > now);
        of.validated = true;
        assertEquals(Long.MAX_VALUE, LossTimer.deadlineNanos(of));
    }

    @Test
    void aProbeAsksForEveryLevelThatIsUnderWayAsTheBackOffIsOneForAll() {
        of.confirmed = false;
        send(PacketSpace.INITIAL, FLAGS);
        now += 5 * MILLI;
        send(PacketSpace.HANDSHAKE, FLAGS);
        send(PacketSpace.APPLICATION, FLAGS);
        now = LossTimer.deadlineNanos(of);
        LossTimer.onDeadline(of, now);
        assertEquals(2, PacketSpace.probes(of.memory, of.spaces[PacketSpace.INITIAL]), "whose probe was due");
        assertEquals(2, PacketSpace.probes(of.memory, of.spaces[PacketSpace.HANDSHAKE]), "or it waits for twice as long next time");
        assertEquals(0, PacketSpace.probes(of.memory, of.spaces[PacketSpace.APPLICATION]), "before the handshake is confirmed");
        assertEquals(List.of(0L, 0L), lost);
        of.confirmed = true;
        now = LossTimer.deadlineNanos(of);
        LossTimer.onDeadline(of, now);
        assertEquals(2, PacketSpace.probes(of.memory, of.spaces[PacketSpace.APPLICATION]));
    }

    @Test
    void aPacketIsLostNineEighthsOfARoundTripAfterItWasSentAndNotBefore() {
        send(1);
        now += MILLI;
        send(1);
        now += 80 * MILLI;
        ack(1, 1);
        assertTrue(lost.isEmpty());
        long due = LossTimer.deadlineNanos(of);
        assertEquals(1000 * MILLI + 90 * MILLI, due);
        now = due - 1;
        LossTimer.onDeadline(of, now);
        assertTrue(lost.isEmpty(), "one nanosecond before");
        now = due;
        LossTimer.onDeadline(of, now);
        assertEquals(List.of(0L), lost);
        assertEquals(0, inFlight());
        assertEquals(0, of.blocks.account().count(), "nothing under way: nothing held");
        assertEquals(Long.MAX_VALUE, LossTimer.deadlineNanos(of));
    }
}
