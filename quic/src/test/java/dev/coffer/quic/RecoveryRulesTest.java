package dev.coffer.quic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Rules of RFC 9002 that hold before much is known of a peer, and of losses for long that are none; and counts of marks that fall (RFC 9000, section 13.4.2.1).
class RecoveryRulesTest extends Recovering {
    private int probes() {
        return LossRecovery.probeCount(of.memory, 0);
    }

    private void probe() {
        now = LossTimer.deadlineNanos(of);
        LossTimer.onDeadline(of, now);
    }

    /// Section 6.2.1: a server that is held back acknowledges a client's first packets, and can say nothing more.
    @Test
    void theBackOffOfAClientStaysUntilItIsKnownToBeBelieved() {
        of.validated = false;
        of.confirmed = false;
        send(PacketSpace.INITIAL, FLAGS);
        probe();
        probe();
        assertEquals(2, probes());
        ack(PacketSpace.INITIAL, 0, 0, 0);
        assertEquals(2, probes());
        of.validated = true;
        send(PacketSpace.INITIAL, FLAGS);
        ack(PacketSpace.INITIAL, 0, 1, 1);
        assertEquals(0, probes());
    }

    /// Section 6.4.
    @Test
    void theBackOffIsOfKeysThatThereAre() {
        of.confirmed = false;
        send(PacketSpace.INITIAL, FLAGS);
        probe();
        assertEquals(1, probes());
        LossRecovery.discard(of, PacketSpace.INITIAL);
        assertEquals(0, probes());
    }

    /// Section 5.3: no ACK of an Initial packet is held back on purpose.
    @Test
    void aDelayOfInitialPacketsIsNotTakenOff() {
        of.confirmed = false;
        send(PacketSpace.INITIAL, FLAGS);
        now += 50 * MILLI;
        ack(PacketSpace.INITIAL, 0, 0, 0);
        send(PacketSpace.INITIAL, FLAGS);
        now += 90 * MILLI;
        ack(PacketSpace.INITIAL, 30 * MILLI, 1, 1);
        assertEquals((7 * 50 * MILLI + 90 * MILLI) / 8, smoothed());
    }

    /// Section 7.6.2.
    @Test
    void whatWasLostBeforeTheFirstSampleSaysNothingOfThePath() {
        send(1);
        now += 3600_000 * MILLI;
        send(5);
        now += 50 * MILLI;
        ack(5, 5);
        assertTrue(lost.size() >= 2);
        assertTrue(window() > 2 * DATAGRAM, "less, and no more");
    }

    /// Section 7.6.2: where one between was acknowledged the path was there.
    @Test
    void whatWasLostOnBothSidesOfWhatCameIsNoTimeOfCongestion() {
        send(1);
        now += 50 * MILLI;
        ack(0, 0);
        now += MILLI;
        send(1);
        now += 1800_000 * MILLI;
        send(1);
        now += 1800_000 * MILLI;
        send(4);
        now += 50 * MILLI;
        ack(PacketSpace.APPLICATION, 0, 6, 6, 2, 2);
        assertEquals(List.of(1L, 3L), lost);
        assertTrue(window() > 2 * DATAGRAM);
    }

    @Test
    void aCountOfCongestionThatFallsEndsEcn() {
        MemorySegment memory = Arena.ofAuto().allocate(EcnValidation.BYTES);
        for (int i = 0; i < 10; i++) {
            EcnValidation.sent(memory, 0);
        }
        assertTrue(EcnValidation.told(memory, 0, 4, true, 2, 0, 2));
        assertFalse(EcnValidation.told(memory, 0, 2, true, 6, 0, 1));
        assertTrue(EcnValidation.isFailed(memory, 0));
    }
}
