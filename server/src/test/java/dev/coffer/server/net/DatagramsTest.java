package dev.coffer.server.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.memory.engine.DatagramEngine;
import dev.coffer.memory.engine.DatagramHeader;
import dev.coffer.memory.engine.NetworkPath;
import dev.coffer.server.net.DatagramStatistics.Count;
import dev.coffer.server.net.Datagrams.Feature;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Both forms behind one set of promises, with peers of the JDK's on the loopback address.
@Timeout(600)
class DatagramsTest {
    private static final DatagramConfig CONFIG = DatagramConfig.standard();
    private static final byte[] PING = "ping".getBytes(StandardCharsets.US_ASCII);

    @ParameterizedTest
    @CsvSource({"true, 127.0.0.1, 127.0.0.1", "true, ::1, ::1", "true, ::, 127.0.0.1", "true, ::, ::1", "true, 0.0.0.0, 127.0.0.1",
            "false, 127.0.0.1, 127.0.0.1", "false, ::1, ::1", "false, ::, 127.0.0.1", "false, ::, ::1", "false, 0.0.0.0, 127.0.0.1"})
    void carriesDatagramsBothWays(boolean linux, String bound, String at) throws IOException {
        try (DatagramBench bench = new DatagramBench(linux, CONFIG).bind(bound); DatagramSocket peer = DatagramBench.peer(at)) {
            for (int i = 0; i < 3; i++) {
                DatagramBench.send(peer, at, bench.port(), PING);
                assertArrayEquals(PING, bench.receive());
                assertFalse(bench.datagrams.next());
                assertEquals(0, bench.datagrams.receive());
                assertArrayEquals(DatagramBench.mapped(at), bench.pathAddress(NetworkPath.REMOTE));
                long path = bench.datagrams.headerAt() + DatagramHeader.PATH;
                assertEquals(peer.getLocalPort(), NetworkPath.remotePort(bench.datagrams.received(), path));
                assertEquals(bench.port(), NetworkPath.localPort(bench.datagrams.received(), path));
                assertArrayEquals(bench.datagrams.has(Feature.LOCAL_ADDRESS) ? DatagramBench.mapped(at) : new byte[16],
                        bench.pathAddress(NetworkPath.LOCAL));
                bench.add(at, peer.getLocalPort(), 5 + i, 100, DatagramHeader.NOT_ECT);
                assertEquals(Datagrams.SENT, bench.datagrams.send());
                DatagramPacket answer = DatagramBench.receive(peer);
                assertArrayEquals(DatagramBench.octets(0, 5 + i), DatagramBench.content(answer));
                assertEquals(bench.port(), answer.getPort());
                assertEquals(InetAddress.getByName(at), answer.getAddress());
            }
            assertEquals(3, bench.count(Count.RECEIVED));
            assertEquals(12, bench.count(Count.RECEIVED_BYTES));
            assertEquals(3, bench.count(Count.SENT));
            assertEquals(5 + 6 + 7, bench.count(Count.SENT_BYTES));
            assertEquals(0, bench.count(Count.TRUNCATED) + bench.count(Count.REFUSED) + bench.count(Count.TOO_LARGE)
                    + bench.count(Count.RECEIVE_ERRORS) + bench.count(Count.FULL));
        }
    }

    /// Eight addresses of 40 bytes fill five lines of a cache, and no sixth is planned.
    @Test
    void theTargetsOfTheJdksFormArePlannedToTheByte() {
        assertEquals(8 * 40, NioDatagrams.plan(CONFIG).child("targets").totalBytes());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anEmptyDatagramIsADatagram(boolean linux) throws IOException {
        try (DatagramBench bench = new DatagramBench(linux, CONFIG).bind("127.0.0.1");
                DatagramSocket peer = DatagramBench.peer("127.0.0.1")) {
            DatagramBench.send(peer, "127.0.0.1", bench.port(), new byte[0]);
            DatagramBench.send(peer, "127.0.0.1", bench.port(), PING);
            DatagramBench.send(peer, "127.0.0.1", bench.port(), new byte[0]);
            assertEquals(0, bench.receive().length);
            assertEquals(4, bench.receive().length);
            assertEquals(0, bench.receive().length);
            assertEquals(3, bench.count(Count.RECEIVED));
            int port = peer.getLocalPort();
            bench.add("127.0.0.1", port, 0, 1, DatagramHeader.NOT_ECT);
            bench.add("127.0.0.1", port, 7, 7, DatagramHeader.NOT_ECT);
            bench.add("127.0.0.1", port, 0, 1, DatagramHeader.NOT_ECT);
            assertEquals(Datagrams.SENT, bench.datagrams.send());
            assertEquals(0, DatagramBench.receive(peer).getLength());
            assertEquals(7, DatagramBench.receive(peer).getLength());
            assertEquals(0, DatagramBench.receive(peer).getLength());
            assertEquals(3, bench.count(Count.SENT));
        }
    }

    /// 65,507 is what IPv4 carries; over it there is nothing to receive, and what is longer than we take is dropped.
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theLargestDatagramPassesBothWays(boolean linux) throws IOException {
        int most = DatagramEngine.DATAGRAM_BYTES_MAX;
        try (DatagramBench bench = new DatagramBench(linux, CONFIG.withDatagramBytesMax(most)).bind("127.0.0.1");
                DatagramSocket peer = DatagramBench.peer("127.0.0.1")) {
            peer.setSendBufferSize(1 << 20);
            DatagramBench.send(peer, "127.0.0.1", bench.port(), DatagramBench.octets(0, most));
            assertArrayEquals(DatagramBench.octets(0, most), bench.receive());
            bench.add("127.0.0.1", peer.getLocalPort(), most, most, DatagramHeader.NOT_ECT);
            assertEquals(Datagrams.SENT, bench.datagrams.send());
            assertArrayEquals(DatagramBench.octets(0, most), DatagramBench.content(DatagramBench.receive(peer)));
        }
    }

    /// In pairs, with and without places for groups: at the limit, one past it.
    @ParameterizedTest
    @CsvSource({"true, true", "true, false", "false, false"})
    void oneByteTooManyIsDroppedAndCountedAndTheNextOneComes(boolean linux, boolean grouped) throws IOException {
        for (int most : new int[] {1, 63, 64, 1472}) {
            DatagramConfig config = CONFIG.withDatagramBytesMax(most).withGrouped(grouped);
            try (DatagramBench bench = new DatagramBench(linux, config).bind("127.0.0.1");
                    DatagramSocket peer = DatagramBench.peer("127.0.0.1")) {
                DatagramBench.send(peer, "127.0.0.1", bench.port(), DatagramBench.octets(0, most + 1));
                DatagramBench.send(peer, "127.0.0.1", bench.port(), DatagramBench.octets(0, 60_000));
                DatagramBench.send(peer, "127.0.0.1", bench.port(), DatagramBench.octets(0, most));
                assertArrayEquals(DatagramBench.octets(0, most), bench.receive());
                assertEquals(2, bench.count(Count.TRUNCATED));
                assertEquals(1, bench.count(Count.RECEIVED));
                assertEquals(most, bench.count(Count.RECEIVED_BYTES));
            }
        }
    }

    /// A run arrives as its datagrams, whether the system cuts it or we do.
    @ParameterizedTest
    @CsvSource({"true, true", "true, false", "false, true"})
    void aRunArrivesAsItsDatagrams(boolean linux, boolean grouped) throws IOException {
        try (DatagramBench bench = new DatagramBench(linux, CONFIG.withGrouped(grouped)).bind("127.0.0.1");
                DatagramSocket peer = DatagramBench.peer("127.0.0.1")) {
            for (int[] run : new int[][] {{1200, 1200}, {2400, 1200}, {2401, 1200}, {2399, 1200}, {64 * 100, 100}, {3, 1}, {65_507, 1472},
                    {64 * 1472, 1472}, {64 * 1023, 1023}}) {
                long before = bench.count(Count.SENT);
                bench.add("127.0.0.1", peer.getLocalPort(), run[0], run[1], DatagramHeader.ECT_0);
                assertEquals(Datagrams.SENT, bench.datagrams.send());
                int datagrams = 0;
                for (int from = 0; from < run[0]; from += run[1]) {
                    assertArrayEquals(DatagramBench.octets(from, Math.min(run[1], run[0] - from)),
                            DatagramBench.content(DatagramBench.receive(peer)));
                    datagrams++;
                }
                assertEquals(datagrams, bench.count(Count.SENT) - before);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void manyPeersAreToldApartAndEachIsAnswered(boolean linux) throws IOException {
        int peers = 20;  // more than the portable form keeps the addresses of
        DatagramSocket[] all = new DatagramSocket[peers];
        try (DatagramBench bench = new DatagramBench(linux, CONFIG).bind("::")) {
            for (int i = 0; i < peers; i++) {
                all[i] = DatagramBench.peer(i % 2 == 0 ? "127.0.0.1" : "::1");
            }
            for (int round = 0; round < 3; round++) {
                Set<Integer> ports = new HashSet<>();
                for (int i = 0; i < peers; i++) {
                    DatagramBench.send(all[i], i % 2 == 0 ? "127.0.0.1" : "::1", bench.port(), new byte[] {(byte) i});
                    int from = bench.receive()[0];
                    assertEquals(i, from);
                    long path = bench.datagrams.headerAt() + DatagramHeader.PATH;
                    ports.add(NetworkPath.remotePort(bench.datagrams.received(), path));
                    bench.add(i % 2 == 0 ? "127.0.0.1" : "::1", all[i].getLocalPort(), i + 1, 100, DatagramHeader.NOT_ECT);
                }
                assertEquals(Datagrams.SENT, bench.datagrams.send());
                assertEquals(peers, ports.size());
                for (int i = 0; i < peers; i++) {
                    assertEquals(i + 1, DatagramBench.receive(all[i]).getLength());
                }
            }
        } finally {
            for (DatagramSocket peer : all) {
                if (peer != null) {
                    peer.close();
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatCannotBeSentIsCountedAndHoldsNothingUp(boolean linux) throws IOException {
        try (DatagramBench bench = new DatagramBench(linux, CONFIG).bind("127.0.0.1");
                DatagramSocket peer = DatagramBench.peer("127.0.0.1")) {
            int port = peer.getLocalPort();
            bench.add("127.0.0.1", port, 1, 1, DatagramHeader.NOT_ECT);
            bench.add("127.0.0.1", 0, 2, 2, DatagramHeader.NOT_ECT);      // no port
            bench.add("127.0.0.1", port, 3, 3, DatagramHeader.NOT_ECT);
            bench.add("::1", port, 8, 4, DatagramHeader.NOT_ECT);         // another family
            bench.add("127.0.0.1", port, 5, 5, DatagramHeader.NOT_ECT);
            assertEquals(Datagrams.SENT, bench.datagrams.send());
            assertTrue(bench.datagrams.queue().isEmpty());
            assertEquals(1, DatagramBench.receive(peer).getLength());
            assertEquals(3, DatagramBench.receive(peer).getLength());
            assertEquals(5, DatagramBench.receive(peer).getLength());
            assertEquals(3, bench.count(Count.SENT));
            assertEquals(3, bench.count(Count.REFUSED), "one, and the two of a run");
        }
    }

    /// ICMP says that nobody listens there: to a socket that is connected to nobody, nothing.
    @ParameterizedTest
    @CsvSource({"true, 127.0.0.1", "true, ::1", "false, 127.0.0.1", "false, ::1"})
    void aPortThatIsClosedStopsNothing(boolean linux, String host) throws IOException {
        try (DatagramBench bench = new DatagramBench(linux, CONFIG).bind(host); DatagramSocket peer = DatagramBench.peer(host);
                DatagramSocket deaf = DatagramBench.deaf(host)) {
            int closed = deaf.getLocalPort();
            for (int i = 0; i < 10; i++) {
                bench.add(host, closed, 10, 10, DatagramHeader.NOT_ECT);
                assertEquals(Datagrams.SENT, bench.datagrams.send());
                bench.add(host, peer.getLocalPort(), 20, 20, DatagramHeader.NOT_ECT);
                assertEquals(Datagrams.SENT, bench.datagrams.send());
                assertEquals(20, DatagramBench.receive(peer).getLength());
                DatagramBench.send(peer, host, bench.port(), PING);
                assertArrayEquals(PING, bench.receive());
            }
            assertEquals(20, bench.count(Count.SENT));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void isToldOnlyWhatIsAwaited(boolean linux) throws IOException {
        try (DatagramBench bench = new DatagramBench(linux, CONFIG).bind("127.0.0.1");
                DatagramSocket peer = DatagramBench.peer("127.0.0.1")) {
            assertFalse(bench.isReady());
            DatagramBench.send(peer, "127.0.0.1", bench.port(), PING);
            assertEquals(Sockets.READ, bench.await());
            assertEquals(Sockets.READ, bench.await(), "level-triggered");
            bench.datagrams.interest(0);
            assertFalse(bench.isReady());
            bench.datagrams.interest(Sockets.WRITE);
            assertEquals(Sockets.WRITE, bench.await());
            bench.datagrams.interest(Sockets.READ | Sockets.WRITE);
            assertEquals(Sockets.READ | Sockets.WRITE, bench.await());
            assertArrayEquals(PING, bench.receive());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void receivedAndSentBytesAreWiped(boolean linux) throws IOException {
        byte[] content = new byte[1400];
        Arrays.fill(content, DatagramBench.CONTENT);
        try (DatagramBench bench = new DatagramBench(linux, CONFIG).bind("127.0.0.1");
                DatagramSocket peer = DatagramBench.peer("127.0.0.1")) {
            for (int i = 0; i < 5; i++) {
                DatagramBench.send(peer, "127.0.0.1", bench.port(), content);
            }
            bench.receive();
            bench.receive();
            bench.add("127.0.0.1", peer.getLocalPort(), 40, 40, DatagramHeader.NOT_ECT);
            DatagramQueue queue = bench.datagrams.queue();
            queue.memory().asSlice(queue.at() - 40, 40).fill(DatagramBench.CONTENT);
            // closed with three waiting in the batch and one in the queue: the bench looks
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void saysWhatItCannotBind(boolean linux) throws IOException {
        try (DatagramBench first = new DatagramBench(linux, CONFIG).bind("127.0.0.1");
                DatagramBench second = new DatagramBench(linux, CONFIG)) {
            InetSocketAddress taken = first.datagrams.address();
            assertEquals("address in use", assertThrows(IOException.class, () -> second.datagrams.bind(taken)).getMessage());
            assertEquals("no such address on this machine", assertThrows(IOException.class,
                    () -> second.datagrams.bind(new InetSocketAddress(InetAddress.getByName("192.0.2.1"), 0))).getMessage());
            second.datagrams.bind(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0));  // it may be tried again
            assertThrows(IllegalStateException.class, () -> second.datagrams.bind(taken));
            assertThrows(IllegalStateException.class, () -> first.datagrams.bind(taken));
            second.datagrams.close();
            assertThrows(IllegalStateException.class, () -> second.datagrams.bind(taken));
            assertTrue(first.datagrams.features().contains("UNFRAGMENTED"), first.datagrams.features());
        }
    }
}
