package dev.coffer.server.drive;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.server.net.DatagramConfig;
import dev.coffer.server.net.DatagramStatistics.Count;
import dev.coffer.server.net.Datagrams;
import dev.coffer.server.net.Sockets;
import dev.coffer.server.time.Time;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A socket that is looked at every 2 ms while nobody is answered, and waited for else.
@Timeout(600)
class LullsTest {
    private static final long MILLI = 1_000_000;
    private static final long SECOND = 1000 * MILLI;

    private long nanos = -SECOND;

    private void reading(Lulls lulls, int each, long apart) {
        for (int i = 0; i <= Lulls.TURNS; i++) {
            nanos += apart;
            lulls.received(each, false, nanos);
        }
    }

    private boolean areOn(int each, long apart) {
        Lulls lulls = new Lulls();
        reading(lulls, each, apart);
        return lulls.areOn();
    }

    @Test
    void theyBeginAndEndWithThePace() {
        assertTrue(areOn(1, SECOND / Lulls.RATE_MIN));
        assertFalse(areOn(1, SECOND / Lulls.RATE_MIN + 1));
        assertTrue(areOn(1, SECOND / Lulls.RATE_MAX));
        assertFalse(areOn(1, SECOND / Lulls.RATE_MAX - 1));
        assertTrue(areOn(3, Lulls.PAUSE_NANOS));
        assertFalse(areOn(2, Lulls.PAUSE_NANOS), "953 a second");
        assertFalse(areOn(1, 0));
    }

    @Test
    void anAnswerEndsThemAndTheyAreReadAnew() {
        Lulls lulls = new Lulls();
        reading(lulls, 1, 200_000);
        assertTrue(lulls.areOn());
        lulls.received(1, true, nanos);
        assertFalse(lulls.areOn());
        for (int i = 0; i < Lulls.TURNS; i++) {
            lulls.received(1, false, nanos += 200_000);
            assertFalse(lulls.areOn());
        }
        lulls.received(1, true, nanos += 200_000);
        reading(lulls, 1, 200_000);
        assertTrue(lulls.areOn());
        reading(lulls, 0, Lulls.PAUSE_NANOS);
        assertFalse(lulls.areOn(), "nothing came any more");
    }

    /// Sends one and has it received, 250 us behind the last.
    private void lone(DatagramLane lane, DatagramSocket peer, int bytes) throws IOException {
        long before = lane.driver.statistics().of(Count.RECEIVED);
        nanos += 250_000;
        peer.send(new DatagramPacket(new byte[bytes], bytes, lane.driver.address()));
        for (int i = 0; i < 1000 && lane.driver.statistics().of(Count.RECEIVED) == before; i++) {
            lane.loop.turn(10 * MILLI);
        }
        assertEquals(before + 1, lane.driver.statistics().of(Count.RECEIVED));
    }

    private Time clock() {
        return new Time() {
            @Override
            public long nanos() {
                return nanos;
            }

            @Override
            public long epochSeconds() {
                return 0;
            }
        };
    }

    /// As of a server that somebody uploads to, whose ACKs are due at once with each second datagram; and where they had all waited.
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whoIsAcknowledgedAtOnceIsWaitedFor(boolean atOnce) throws IOException {
        InetSocketAddress loopback = new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0);
        DatagramConfig config = DatagramConfig.standard();
        try (Arena arena = Arena.ofShared(); DatagramSocket peer = new DatagramSocket(loopback)) {
            StuckDatagrams socket = new StuckDatagrams(Datagrams.of(config, false, arena.allocate(Datagrams.plan(config, false).totalBytes(), 64)));
            DatagramLane lane = DatagramLane.open(config, false, 0, 64, loopback, socket, clock());
            try {
                for (int i = 0; i <= Lulls.TURNS; i++) {
                    lane.engine.acknowledges = !atOnce || i % 2 == 0;
                    lone(lane, peer, 7);
                }
                assertEquals(Lulls.TURNS + 1, lane.driver.statistics().of(Count.SENT));
                assertEquals(atOnce ? List.of() : List.of(0), socket.interests);
            } finally {
                lane.loop.close();
            }
        }
    }

    /// Answers that come when their time has come, and those of an application that has its own, are answers too.
    @ParameterizedTest
    @ValueSource(ints = {0, 7})
    void whoIsServedLaterIsWaitedFor(int bytes) throws IOException {
        InetSocketAddress loopback = new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0);
        DatagramConfig config = DatagramConfig.standard();
        try (Arena arena = Arena.ofShared(); DatagramSocket peer = new DatagramSocket(loopback)) {
            StuckDatagrams socket = new StuckDatagrams(Datagrams.of(config, false, arena.allocate(Datagrams.plan(config, false).totalBytes(), 64)));
            DatagramLane lane = DatagramLane.open(config, false, 250_000, 64, loopback, socket, clock());
            try {
                for (int i = 0; i < 3 * Lulls.TURNS; i++) {
                    lone(lane, peer, bytes);
                    if (bytes == 0) {
                        lane.driver.turnSoon();
                        lane.loop.turn(0);
                    }
                }
                assertEquals(List.of(), socket.interests);
            } finally {
                lane.loop.close();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aSocketIsLookedAtEveryTwoMillisecondsUntilSomebodyIsAnswered(boolean portable) throws IOException {
        InetSocketAddress loopback = new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0);
        DatagramConfig config = DatagramConfig.standard();
        try (Arena arena = Arena.ofShared(); DatagramSocket peer = new DatagramSocket(loopback)) {
            StuckDatagrams socket =
                    new StuckDatagrams(Datagrams.of(config, portable, arena.allocate(Datagrams.plan(config, portable).totalBytes(), 64)));
            DatagramLane lane = DatagramLane.open(config, portable, 0, 64, loopback, socket, clock());
            try {
                for (int i = 0; i <= Lulls.TURNS; i++) {
                    assertEquals(List.of(), socket.interests);
                    lone(lane, peer, 0);  // which is answered by nothing
                }
                assertEquals(List.of(0), socket.interests);
                long before = lane.driver.statistics().of(Count.RECEIVED);
                peer.send(new DatagramPacket(new byte[0], 0, lane.driver.address()));
                peer.send(new DatagramPacket(new byte[7], 7, lane.driver.address()));
                lane.loop.turn(0);
                nanos += Lulls.PAUSE_NANOS - 1;
                lane.loop.turn(0);
                assertEquals(before, lane.driver.statistics().of(Count.RECEIVED), "its time has not come");
                nanos += MILLI;
                lane.loop.turn(0);
                assertEquals(before + 2, lane.driver.statistics().of(Count.RECEIVED), "both at once");
                assertEquals(1, lane.driver.statistics().of(Count.SENT));
                assertEquals(List.of(0, Sockets.READ), socket.interests);
                lone(lane, peer, 0);
            } finally {
                lane.loop.close();
            }
        }
    }
}
