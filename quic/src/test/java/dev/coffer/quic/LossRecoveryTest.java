package dev.coffer.quic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.memory.layout.LittleEndian;
import dev.coffer.testkit.Seeds;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/// RFC 9002: the round trip, what is lost, the window, ECN, the pacer.
class LossRecoveryTest extends Recovering {
    @Test
    void anAckThatSaysNothingNewLooksAtNoMoreThanItNames() {
        send(50);
        now += 30 * MILLI;
        ack(0, 0);
        ack(45, 45);
        assertEquals(2, arrived.size());
        of.looks = 0;
        ack(1, 1);  // was lost: it has come late
        int first = of.looks;
        ack(0, 0);
        assertTrue(of.looks - first < 8, () -> "looks for a packet that is long over: " + (of.looks - first));
        of.looks = 0;
        for (int i = 0; i < 20; i++) {
            ack(45, 45);
        }
        int again = of.looks;
        assertTrue(again < 20 * 12, () -> "looks for 20 ACKs of the same packet: " + again + ", of which few are left before it");
    }

    @Test
    void theRoundTripIsThatOfTheStandardAndAPeersDelayIsTakenOffUpToWhatItMayWait() {
        send(1);
        now += 100 * MILLI;
        ack(PacketSpace.APPLICATION, 90 * MILLI, 0, 0);
        assertEquals(100 * MILLI, smoothed(), "the first sample as it is");
        assertEquals(50 * MILLI, RoundTrip.variation(of.memory, LossRecovery.ROUND_TRIP));
        send(1);
        now += 140 * MILLI;
        ack(PacketSpace.APPLICATION, 90 * MILLI, 1, 1);
        long adjusted = 140 * MILLI - PEER_DELAY;
        assertEquals((7 * 100 * MILLI + adjusted) / 8, smoothed());
        assertEquals((3 * 50 * MILLI + (adjusted - 100 * MILLI)) / 4, RoundTrip.variation(of.memory, LossRecovery.ROUND_TRIP));
        send(1);
        now += 90 * MILLI;
        long before = smoothed();
        ack(PacketSpace.APPLICATION, PEER_DELAY, 2, 2);
        assertEquals((7 * before + 90 * MILLI) / 8, smoothed(), "no less than the least");
        of.confirmed = false;
        send(1);
        now += 200 * MILLI;
        before = smoothed();
        ack(PacketSpace.APPLICATION, 90 * MILLI, 3, 3);
        assertEquals((7 * before + 110 * MILLI) / 8, smoothed(), "before the handshake is confirmed nobody knows what it may wait");
    }

    @Test
    void threeLaterOnesMakeAPacketLostAndTwoDoNot() {
        send(4);
        now += 10 * MILLI;
        ack(2, 2);
        assertTrue(lost.isEmpty(), "overtaken by two");
        ack(3, 3);
        assertEquals(List.of(0L), lost);
        assertEquals(List.of(2L, 3L), arrived);
        assertEquals(DATAGRAM, inFlight());
    }

    @Test
    void whatWentOnAnotherPathSaysNothingOfThisOne() {
        send(6);
        now += 50 * MILLI;
        LossRecovery.move(of);
        assertEquals(0, inFlight());
        send(1);
        now += 70 * MILLI;
        ack(2, 5);
        assertEquals(333 * MILLI, smoothed(), "no sample");
        assertEquals(CongestionControl.WINDOW_DATAGRAMS_INITIAL * DATAGRAM, window(), "nor growth, nor loss");
        assertEquals(List.of(0L, 1L), lost, "overtaken by three, and said again");
        assertEquals(DATAGRAM, inFlight());
        ack(6, 6);
        assertEquals(70 * MILLI, smoothed());
        assertEquals(0, inFlight());
    }

    @Test
    void theWindowHalvesOnceARoundTripAndIsLeastWhenAllWasLostForLong() {
        send(10);
        now += 50 * MILLI;
        long initial = window();
        assertEquals(12_000, initial);
        ack(4, 4);
        assertEquals(List.of(0L, 1L), lost);
        assertEquals((initial + DATAGRAM) / 2, window());
        long halved = window();
        ack(6, 6);
        assertEquals(List.of(0L, 1L, 2L, 3L), lost);
        assertEquals(halved, window(), "sent before it was halved");
        now += MILLI;
        send(1);
        now += 3600_000 * MILLI;
        send(5);
        now += 50 * MILLI;
        ack(15, 15);
        assertEquals(2 * DATAGRAM, window(), "persistent");
    }

    /// RFC 9002, section 5.2: a path that has become slower is not taken for one that is congested again and again.
    @Test
    void theLeastRoundTripIsForgottenWhenAllWasLostForLong() {
        send(10);
        now += 50 * MILLI;
        ack(0, 9);
        assertEquals(50 * MILLI, RoundTrip.min(of.memory, LossRecovery.ROUND_TRIP));
        now += MILLI;
        send(1);
        now += 3600_000 * MILLI;
        send(5);
        now += 400 * MILLI;
        ack(15, 15);
        assertEquals(2 * DATAGRAM, window(), "persistent");
        assertEquals(400 * MILLI, RoundTrip.min(of.memory, LossRecovery.ROUND_TRIP));
        now += MILLI;
        send(1);
        now += 500 * MILLI;
        ack(PacketSpace.APPLICATION, 20 * MILLI, 16, 16);
        assertEquals(400 * MILLI, RoundTrip.min(of.memory, LossRecovery.ROUND_TRIP), "and goes on from there");
    }

    @Test
    void windowsGrowByWhatIsAcknowledgedWhileTheyAreUsed() {
        send(10);
        now += 50 * MILLI;
        ack(0, 4);
        assertEquals(12_000 + 5 * DATAGRAM, window(), "slow start");
        ack(5, 9);
        assertEquals(12_000 + 5 * DATAGRAM, window(), "half of it was not in use");
    }

    @Test
    void renoGrowsByADatagramARoundTripAndCubicBackToWhereItWasInK() {
        for (CongestionControl control : new CongestionControl[] {NewReno.INSTANCE, Cubic.INSTANCE}) {
            MemorySegment memory = Arena.ofAuto().allocate(CongestionControl.BYTES);
            CongestionControl.begin(memory, 0, DATAGRAM);
            LittleEndian.i64(memory, CongestionControl.WINDOW, 100L * DATAGRAM);
            control.congested(memory, 0, 5 * MILLI, DATAGRAM, 10 * MILLI);
            long reduced = CongestionControl.window(memory, 0);
            assertEquals(control == NewReno.INSTANCE ? 50L * DATAGRAM : 70L * DATAGRAM, reduced);
            long time = 20 * MILLI;
            long rtt = 100 * MILLI;
            for (int trip = 0; trip < 30; trip++) {
                for (long acked = 0, window = CongestionControl.window(memory, 0); acked < window; acked += DATAGRAM) {
                    control.acknowledged(memory, 0, DATAGRAM, time - rtt + 1000 * MILLI, true, rtt, DATAGRAM, time);
                    time += rtt * DATAGRAM / window;
                }
            }
            long grown = CongestionControl.window(memory, 0);
            if (control == NewReno.INSTANCE) {
                assertEquals(80.0, (double) grown / DATAGRAM, 0.5);
            } else {  // K = cbrt(30 / 0.4) = 4.2 s: after 3 s it is close below, and flat
                assertEquals(100 - 0.4 * Math.pow(4.217 - 3.1, 3), (double) grown / DATAGRAM, 1.0);
            }
        }
    }

    @Test
    void aMarkIsCongestionAndCountsThatCannotBeEndEcn() {
        MemorySegment memory = Arena.ofAuto().allocate(EcnValidation.BYTES);
        for (int i = 0; i < 10; i++) {
            assertTrue(EcnValidation.isMarking(memory, 0));
            EcnValidation.sent(memory, 0);
        }
        assertFalse(EcnValidation.isMarking(memory, 0), "ten are under way, and nothing is known");
        assertFalse(EcnValidation.told(memory, 0, 2, true, 2, 0, 0));
        assertTrue(EcnValidation.isCapable(memory, 0));
        assertTrue(EcnValidation.told(memory, 0, 2, true, 3, 0, 1));
        assertFalse(EcnValidation.told(memory, 0, 1, true, 4, 0, 1), "no new mark");
        assertFalse(EcnValidation.told(memory, 0, 2, true, 5, 0, 1), "two came, one is told");
        assertTrue(EcnValidation.isFailed(memory, 0));
        long[][] wrong = {{1, 0, 0, 0, 0}, {1, 1, 0, 1, 0}, {0, 1, 11, 0, 0}, {0, 1, 1, 1, 0}};
        for (long[] each : wrong) {
            memory.fill((byte) 0);
            for (int i = 0; i < 10; i++) {
                EcnValidation.sent(memory, 0);
            }
            EcnValidation.told(memory, 0, (int) each[0], each[1] == 1, each[2], each[3], each[4]);
            assertTrue(EcnValidation.isFailed(memory, 0), "counts " + List.of(each[0], each[1], each[2], each[3]));
        }
        memory.fill((byte) 0);
        for (int i = 0; i < 10; i++) {
            EcnValidation.sent(memory, 0);
        }
        for (int i = 0; i < 10; i++) {
            assertFalse(EcnValidation.isFailed(memory, 0));
            EcnValidation.lost(memory, 0);
        }
        assertTrue(EcnValidation.isFailed(memory, 0), "a path that drops them");
        memory.fill((byte) 0);
        for (int i = 0; i < 10; i++) {
            EcnValidation.sent(memory, 0);
        }
        for (int i = 0; i < 9; i++) {
            EcnValidation.lost(memory, 0);
        }
        EcnValidation.restart(memory, 0);
        for (int i = 0; i < 10; i++) {
            assertTrue(EcnValidation.isMarking(memory, 0), "another path has as many");
            EcnValidation.sent(memory, 0);
        }
        assertFalse(EcnValidation.isMarking(memory, 0));
        EcnValidation.lost(memory, 0);
        assertFalse(EcnValidation.isFailed(memory, 0), "one of its ten");
        EcnValidation.told(memory, 0, 9, true, 20, 0, 0);
        assertTrue(EcnValidation.isCapable(memory, 0), "counts are of all paths");
    }

    @Test
    void pacingLetsABurstGoAndThenSpreadsTheWindow() {
        MemorySegment memory = Arena.ofAuto().allocate(Pacer.BYTES);
        long window = 100L * DATAGRAM;
        long rtt = 100 * MILLI;
        assertEquals(10, burst(memory, window, rtt));
        assertEquals(now + rtt * 4 / 5 / 100, Pacer.sendNanos(memory, 0, window, rtt, DATAGRAM), "0.8 round trips for a window of 100");
    }

    @Test
    void onAFastPathAMillisecondsWorthGoesAtOnce() {
        MemorySegment memory = Arena.ofAuto().allocate(Pacer.BYTES);
        assertEquals(10, burst(memory, 70L * DATAGRAM, 10 * MILLI), "8.75 a millisecond");
        assertEquals(26, burst(memory, 100L * DATAGRAM, 5 * MILLI), "25 a millisecond, and the first");
        assertEquals(64, burst(memory, 1000L * DATAGRAM, MILLI / 10), "one call's");
        assertEquals(64, burst(memory, 200L * DATAGRAM, MILLI / 10));
        now += 199 * MILLI;
        assertEquals(64, more(memory, 200L * DATAGRAM, MILLI / 10), "it is in use");
        now += 201 * MILLI;
        assertEquals(10, more(memory, 200L * DATAGRAM, MILLI / 10), "what a window of before says of a path after a rest is not known");
        now += MILLI;
        assertEquals(64, more(memory, 200L * DATAGRAM, MILLI / 10), "and the others in their time");
    }

    /// The first flight goes at the rate of a round trip that nobody has seen yet (333 ms), 27 ms a datagram: on a short path nothing of that is owed any more once an answer has come.
    @Test
    void whatIsOwedAreBytesAndTakesTheTimeOfTheRoundTripThatIsKnownNow() {
        send(3);
        now += 2 * MILLI;
        ack(0, 0);
        assertTrue(LossRecovery.sendNanos(of) <= now, () -> "waits for " + (LossRecovery.sendNanos(of) - now) + " ns: three of a burst of ten have gone");
        int more = 0;
        for (; LossRecovery.sendNanos(of) <= now; more++) {
            send(1);
        }
        assertEquals(7, more, "the burst is ten, of which two and what went in 2 ms of the slow rate, less than one, were left");
        long before = LossRecovery.sendNanos(of) - now;
        long owed = LittleEndian.i64(of.memory, LossRecovery.PACER) - now;
        assertTrue(before > 0 && owed > before, "ten are owed");
        Pacer.changed(of.memory, LossRecovery.PACER, 10 * DATAGRAM, 2 * MILLI, 20 * DATAGRAM, 8 * MILLI, now);
        assertEquals(2 * owed, LittleEndian.i64(of.memory, LossRecovery.PACER) - now, 1, "four times the round trip, twice the window");
        Pacer.changed(of.memory, LossRecovery.PACER, 20 * DATAGRAM, 8 * MILLI, 20 * DATAGRAM, 0, now);
        Pacer.changed(of.memory, LossRecovery.PACER, 20 * DATAGRAM, 0, 20 * DATAGRAM, 8 * MILLI, now);
        assertEquals(now, LittleEndian.i64(of.memory, LossRecovery.PACER), "a path that takes no time owes none");
    }

    /// {@return datagrams that go before one has to wait}
    private int burst(MemorySegment memory, long window, long rtt) {
        Pacer.begin(memory, 0);
        return more(memory, window, rtt);
    }

    private int more(MemorySegment memory, long window, long rtt) {
        int burst = 0;
        while (Pacer.sendNanos(memory, 0, window, rtt, DATAGRAM) <= now) {
            Pacer.sent(memory, 0, DATAGRAM, window, rtt, DATAGRAM, now);
            burst++;
        }
        return burst;
    }

    @Test
    void everyPacketArrivesOrIsLostOnceAndNothingIsHeldAtTheEnd() {
        Seeds.forEach(1, 300, random -> {
            arrived.clear();
            lost.clear();
            begin();
            of.control = random.nextBoolean() ? NewReno.INSTANCE : Cubic.INSTANCE;
            TreeSet<Long> under = new TreeSet<>();
            int probed = 0;
            for (int step = 0; step < 200; step++) {
                now += random.nextLong(20 * MILLI);
                if (random.nextInt(3) > 0 && LossRecovery.sendNanos(of) <= now) {
                    under.add(send(PacketSpace.APPLICATION, FLAGS));
                } else if (!under.isEmpty()) {
                    List<Long> all = new ArrayList<>(under);
                    int high = random.nextInt(all.size());
                    int low = Math.max(0, high - random.nextInt(4));
                    int before = arrived.size();
                    if (low > 2 && all.get(low) - all.get(low - 2) >= 2) {
                        ack(PacketSpace.APPLICATION, 0, all.get(low), all.get(high), all.get(0), all.get(low - 2));
                    } else {
                        ack(all.get(low), all.get(high));
                    }
                    assertTrue(arrived.size() > before);
                }
                LossTimer.onDeadline(of, now);
                if (PacketSpace.probes(of.memory, of.spaces[2]) > 0) {
                    PacketSpace.probes(of.memory, of.spaces[2], 0);
                    probed++;
                }
                SentPackets.checkInvariants(of.memory, of.spaces[2] + PacketSpace.SENT, of.blocks);
                under.removeAll(arrived);
                if (probed == 0) {
                    under.removeAll(lost);
                    assertEquals(under.size() * (long) DATAGRAM, inFlight());
                    assertEquals(under.size(), PacketSpace.eliciting(of.memory, of.spaces[2]));
                }
                assertTrue(window() >= 2 * DATAGRAM);
            }
            assertEquals(arrived.size(), new TreeSet<>(arrived).size(), "told twice");
            LossRecovery.discard(of, PacketSpace.APPLICATION);
            assertEquals(0, inFlight());
            assertEquals(0, of.blocks.account().count());
        });
    }
}
