package dev.coffer.quic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.memory.engine.NetworkPath;
import dev.coffer.memory.layout.LittleEndian;
import dev.coffer.quic.packet.Version;
import dev.coffer.testkit.Seeds;
import dev.coffer.testkit.simulation.Conditions;
import dev.coffer.testkit.simulation.DatagramDriver;
import dev.coffer.testkit.simulation.DatagramPort;
import dev.coffer.testkit.simulation.DatagramPort.Address;
import dev.coffer.testkit.simulation.Simulation;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/// Datagrams beside streams over networks that delay, lose, reorder, repeat and corrupt: what arrives is what was sent, once; what does not is known to be lost.
class DatagramFramesSimulationTest {
    private static final long MILLI = 1_000_000;
    private static final Address SERVER = new Address(0x0a000001, 443);
    private static final Address CLIENT = new Address(0x0a000002, 5000);
    private static final int STEPS_MAX = 400_000;
    private static final int COUNT = 60;
    private static final QuicConfig CONFIG = QuicConfig.defaults().withDatagrams(8192);
    private static Ends ends;

    private final MemorySegment place = Arena.ofAuto().allocate(2048);
    private final Set<Integer> heard = new HashSet<>();
    private int sent;
    private int due;

    @AfterAll
    static void close() {
        if (ends != null) {
            ends.close();
        }
    }

    /// The client sends some, each with its number and a byte that follows from it; the server takes them.
    private void say(SplittableRandom random) {
        int most = ends.client.datagramBytesMax();
        while (most > 0 && due > 0 && sent < COUNT) {
            int length = 4 + random.nextInt(most - 3);
            place.asSlice(0, length).fill((byte) (sent * 7));
            LittleEndian.i32(place, 0, sent);
            if (!ends.client.sendDatagram(place, 0, length)) {
                return;
            }
            sent++;
            due--;
        }
    }

    private void hear() {
        for (int length; (length = ends.server.receiveDatagram(place, 0)) >= 0;) {
            int number = LittleEndian.i32(place, 0);
            assertTrue(heard.add(number), "twice: " + number);
            for (int i = 4; i < length; i++) {
                assertEquals((byte) (number * 7), place.get(ValueLayout.JAVA_BYTE, i));
            }
        }
    }

    private void run(SplittableRandom random, Conditions both, boolean loses) {
        ends = ends == null ? new Ends(CONFIG, CONFIG, Ends.tls()) : ends;
        ends.seed(random.nextLong());
        heard.clear();
        sent = 0;
        due = 0;
        Simulation world = new Simulation(random);
        DatagramPort serverPort = world.network().datagrams(SERVER, both);
        DatagramPort clientPort = world.network().datagrams(CLIENT, both);
        long now = world.clock().nanos();
        ends.server.reset(now);
        ends.client.reset(now);
        MemorySegment path = Arena.ofAuto().allocate(NetworkPath.BYTES);
        DatagramPort.path(path, 0, SERVER, CLIENT);
        assertTrue(ends.client.connect("coffer.test", Version.V1, path, 0, now));
        Echo.Speaker speaker = new Echo.Speaker(ends.client, 3, 4000);
        world.add(new DatagramDriver<>("client", ends.client, clientPort, random.split(), event -> {
            if (event != QuicEvent.CLOSED) {
                due += 10;
                say(random);
                speaker.go();
            }
        }));
        world.add(new DatagramDriver<>("server", ends.server, serverPort, random.split(), event -> {
            if (event == QuicEvent.DATAGRAMS) {
                hear();
            } else if (event == QuicEvent.STREAMS) {
                Echo.echo(ends.server);
            }
        }));
        Connection c = ends.client.c;
        world.run(STEPS_MAX, () -> ends.client.isEnded() || speaker.done == 3 && c.spaceAt(PacketSpace.APPLICATION) >= 0
                && PacketSpace.eliciting(c.memory, c.spaceAt(PacketSpace.APPLICATION)) == 0 && !DatagramFrames.isDue(c));
        assertEquals(3, speaker.done, () -> ends.client + " and " + ends.server);
        assertTrue(sent > 10, sent + " sent");
        long missing = sent - heard.size() - ends.server.datagramsDropped();
        assertTrue(missing <= ends.client.datagramsLost(), missing + " are missing, " + ends.client.datagramsLost() + " are known to be lost");
        if (!loses) {
            assertEquals(0, missing);
            assertEquals(0, ends.client.datagramsLost());
        }
    }

    @Test
    void allArriveWhereNothingIsLost() {
        Seeds.forEach(1, QuicSimulationTest.seeds(1), random -> run(random, Conditions.perfect().withDelay(20 * MILLI, 0), false));
    }

    @Test
    void whatDoesNotArriveIsKnownToBeLost() {
        Seeds.forEach(1, QuicSimulationTest.seeds(2),
                random -> run(random, Conditions.perfect().withDelay(20 * MILLI, 5 * MILLI).withLoss(0.1).withDisorder(0.05, 0.05).withCorruption(0.02), true));
    }
}
