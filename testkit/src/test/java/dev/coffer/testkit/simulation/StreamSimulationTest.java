package dev.coffer.testkit.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.testkit.Seeds;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// The simulated network itself: what it may do to bytes and what not, and that a seed decides all of it.
class StreamSimulationTest {
    private static final MemorySegment MEMORY = MemorySegment.ofArray(new byte[1 << 16]);
    private static final long SECOND = 1_000_000_000L;

    private final VirtualClock clock = new VirtualClock();
    private final Network network = new Network(clock, new SplittableRandom(1));

    private Network.Stream stream() {
        return network.stream(Conditions.perfect().withDelay(1_000_000, 0), Conditions.perfect());
    }

    private static int write(StreamEnd end, int bytes) {
        int done = 0;
        for (int taken; done < bytes && (taken = end.write(MEMORY, 0, bytes - done)) > 0;) {
            done += taken;
        }
        return done;
    }

    private void later() {
        clock.advanceTo(clock.nanos() + 60 * SECOND);
    }

    @Test
    void bytesArriveInOrderHoweverTheyAreCut() {
        Seeds.forEach(1, 300, random -> {
            VirtualClock time = new VirtualClock();
            Network.Stream stream = new Network(time, random.split()).stream(Conditions.any(random, false), Conditions.perfect());
            int total = random.nextInt(3000);
            int sent = 0;
            int received = 0;
            MemorySegment bytes = MemorySegment.ofArray(new byte[64]);
            for (int steps = 0; received < total; steps++) {
                assertTrue(steps < 100_000, "no end");
                int length = Math.min(total - sent, 1 + random.nextInt(64));
                for (int i = 0; i < length; i++) {
                    bytes.set(ValueLayout.JAVA_BYTE, i, (byte) ((sent + i) * 7));
                }
                sent += length > 0 ? stream.client().write(bytes, 0, length) : 0;
                int read = stream.server().read(bytes, 0, 1 + random.nextInt(64));
                for (int i = 0; i < read; i++) {
                    assertEquals((byte) ((received + i) * 7), bytes.get(ValueLayout.JAVA_BYTE, i), "byte " + (received + i));
                }
                received += read;
                time.advanceTo(read == 0 && time.nextNanos() < Long.MAX_VALUE ? time.nextNanos() : time.nanos());
            }
            stream.client().finish();
            time.advanceTo(time.nanos() + 3600 * SECOND);
            assertEquals(StreamEnd.FINISHED, stream.server().read(bytes, 0, 1));
        });
    }

    @Test
    void aSeedDecidesEverything() {
        String[] seen = new String[2];
        for (int i = 0; i < 2; i++) {
            SplittableRandom random = new SplittableRandom(77);
            VirtualClock time = new VirtualClock();
            Network.Stream stream = new Network(time, random.split()).stream(Conditions.any(random, true), Conditions.any(random, true));
            StringBuilder text = new StringBuilder();
            for (int k = 0; k < 200; k++) {
                text.append(stream.client().write(MEMORY, 0, 100)).append(' ').append(stream.server().read(MEMORY, 1000, 70)).append(' ')
                        .append(time).append('\n');
                time.advanceTo(Math.min(time.nextNanos(), time.nanos() + SECOND));
            }
            seen[i] = text.toString();
        }
        assertEquals(seen[0], seen[1]);
    }

    @Test
    void aWindowThatIsNotReadHoldsTheWriterBack() {
        Network.Stream stream = stream();
        int window = write(stream.client(), 1 << 20);
        assertTrue(window > 0 && window <= 1 << 16, "window " + window);
        assertFalse(stream.client().isWritable());
        later();
        assertEquals(0, stream.client().write(MEMORY, 0, 1), "arrived is not read");
        assertEquals(1, stream.server().read(MEMORY, 0, 1));
        assertTrue(stream.client().isWritable());
        assertEquals(1, write(stream.client(), 2), "one byte read makes room for one");
    }

    @Test
    void aHalfThatEndsLeavesTheOtherOpen() {
        Network.Stream stream = stream();
        write(stream.client(), 3);
        stream.client().finish();
        assertThrows(IllegalStateException.class, () -> stream.client().write(MEMORY, 0, 1));
        assertEquals(0, stream.server().read(MEMORY, 0, 10), "nothing has arrived yet");
        later();
        assertEquals(3, stream.server().read(MEMORY, 0, 10));
        assertEquals(StreamEnd.FINISHED, stream.server().read(MEMORY, 0, 10));
        assertEquals(2, write(stream.server(), 2));
        stream.server().finish();
        later();
        assertEquals(2, stream.client().read(MEMORY, 0, 10));
        assertEquals(StreamEnd.FINISHED, stream.client().read(MEMORY, 0, 10));
    }

    @Test
    void aResetBreaksBothEnds() {
        Network.Stream stream = stream();
        stream.client().reset();
        assertEquals(StreamEnd.BROKEN, stream.client().write(MEMORY, 0, 1));
        assertEquals(StreamEnd.BROKEN, stream.client().read(MEMORY, 0, 1));
        assertTrue(write(stream.server(), 1) == 1, "the reset has not arrived");
        later();
        assertEquals(StreamEnd.BROKEN, stream.server().write(MEMORY, 0, 1));
        assertEquals(StreamEnd.BROKEN, stream.server().read(MEMORY, 0, 1));
    }

    @Test
    void closingWhatWasNotReadIsAReset() {
        Network.Stream read = stream();
        read.server().close();
        later();
        assertEquals(StreamEnd.FINISHED, read.client().read(MEMORY, 0, 1));
        assertEquals(1, write(read.client(), 1), "nobody has said yet that nobody reads");
        later();
        assertEquals(StreamEnd.BROKEN, read.client().read(MEMORY, 0, 1));

        Network.Stream unread = stream();
        write(unread.client(), 1);
        later();
        unread.server().close();
        later();
        assertEquals(StreamEnd.BROKEN, unread.client().read(MEMORY, 0, 1));
    }

    @Test
    void aTruncatedHalfLooksLikeAnEndToThePeerAndIsNoticedWhenWriting() {
        Network.Stream stream = stream();
        write(stream.client(), 2);
        stream.client().truncate();
        later();
        assertEquals(2, stream.server().read(MEMORY, 0, 10));
        assertEquals(StreamEnd.FINISHED, stream.server().read(MEMORY, 0, 10));
        assertEquals(0, stream.client().read(MEMORY, 0, 1));
        assertTrue(write(stream.client(), 2) > 0);
        later();
        assertEquals(StreamEnd.BROKEN, stream.client().write(MEMORY, 0, 1));
        assertEquals(StreamEnd.FINISHED, stream.server().read(MEMORY, 0, 10));
    }

    @Test
    void aListenerRefusesPastItsBacklog() {
        StreamListener listener = network.listen(2);
        StreamEnd[] clients = new StreamEnd[3];
        for (int i = 0; i < 3; i++) {
            clients[i] = network.connect(listener, Conditions.perfect(), Conditions.perfect());
        }
        assertFalse(listener.isReadable());
        later();
        assertTrue(listener.isReadable());
        assertEquals(1, listener.refused());
        assertTrue(clients[2].isBroken() && !clients[1].isBroken());
        assertEquals(1, write(clients[0], 1));
        later();
        assertEquals(1, listener.accept().read(MEMORY, 0, 10));
        listener.close();
        later();
        assertTrue(clients[1].isBroken(), "what was not accepted is refused");
        assertEquals(null, listener.accept());
    }

    @Test
    void aWorldThatIsStuckOrBusyForEverIsAFailure() {
        Simulation still = new Simulation(new SplittableRandom(1));
        assertTrue(assertThrows(AssertionError.class, () -> still.run(100, () -> false)).getMessage().startsWith("stuck"));
        for (boolean busy : new boolean[] {false, true}) {
            Simulation world = new Simulation(new SplittableRandom(1));
            world.add(new Actor() {
                @Override
                public boolean turn(long nowNanos) {
                    return busy;
                }

                @Override
                public long deadlineNanos() {
                    return 0;
                }
            });
            assertTrue(assertThrows(AssertionError.class, () -> world.run(30_000, () -> false)).getMessage()
                    .startsWith(busy ? "busy" : "not done after 30000 steps"));
        }
    }

    @Test
    void timeRunsForwardOnlyAndThingsHappenInTheirOrder() {
        StringBuilder order = new StringBuilder();
        clock.after(20, () -> order.append('c'));
        clock.after(10, () -> order.append('a'));
        clock.after(10, () -> {
            order.append('b');
            clock.after(5, () -> order.append(clock.nanos() - VirtualClock.START_NANOS));
        });
        assertEquals(VirtualClock.START_NANOS + 10, clock.nextNanos());
        clock.advanceTo(VirtualClock.START_NANOS + 100);
        assertEquals("ab15c", order.toString());
        assertEquals(Long.MAX_VALUE, clock.nextNanos());
        assertThrows(IllegalArgumentException.class, () -> clock.advanceTo(VirtualClock.START_NANOS + 99));
        assertThrows(IllegalArgumentException.class, () -> clock.after(-1, () -> {}));
    }

    @Test
    void conditionsRefuseWhatCannotBe() {
        Conditions perfect = Conditions.perfect();
        for (double wrong : new double[] {-0.01, 1.01, Double.NaN}) {
            assertThrows(IllegalArgumentException.class, () -> perfect.withLoss(wrong));
            assertThrows(IllegalArgumentException.class, () -> perfect.withDisorder(wrong, 0));
            assertThrows(IllegalArgumentException.class, () -> perfect.withDisorder(0, wrong));
            assertThrows(IllegalArgumentException.class, () -> perfect.withCorruption(wrong));
            assertThrows(IllegalArgumentException.class, () -> perfect.withEcn(wrong, 0));
            assertThrows(IllegalArgumentException.class, () -> perfect.withEcn(0, wrong));
        }
        assertThrows(IllegalArgumentException.class, () -> perfect.withDelay(-1, 0));
        assertThrows(IllegalArgumentException.class, () -> perfect.withDelay(0, -1));
        assertThrows(IllegalArgumentException.class, () -> perfect.withRate(-1, 0));
        assertThrows(IllegalArgumentException.class, () -> perfect.withMtu(0));
        assertEquals(1, perfect.withLoss(1).loss());
    }
}
