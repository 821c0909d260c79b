package dev.coffer.server.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.memory.engine.DatagramHeader;
import dev.coffer.memory.engine.NetworkPath;
import dev.coffer.memory.internal.os.DatagramCalls;
import dev.coffer.memory.internal.os.Errno;
import dev.coffer.memory.internal.os.SocketCalls;
import dev.coffer.server.net.DatagramStatistics.Count;
import dev.coffer.server.net.Datagrams.Feature;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What Linux's own calls do beyond the JDK's channel, over the loopback address, which keeps groups and codepoints; and what the kernel
/// refuses, by a kernel of the test's where ours does not.
@Timeout(600)
class LinuxDatagramsTest {
    private static final DatagramConfig CONFIG = DatagramConfig.standard();

    /// The system's calls, of which the next ones to send are answered by the test.
    private static final class Refusing extends DatagramKernel {
        private final Queue<Integer> answers = new ArrayDeque<>();
        private final Queue<Integer> received = new ArrayDeque<>();
        private final List<Integer> offered = new ArrayList<>();  // messages, by call

        @Override
        int send(int fd, MemorySegment headers, long at, int count) {
            if (count > 0) {
                offered.add(count);
            }
            Integer answer = count == 0 ? null : answers.poll();
            return answer == null || answer > 0 ? super.send(fd, headers, at, answer == null ? count : Math.min(answer, count)) : answer;
        }

        @Override
        int receive(int fd, MemorySegment headers, long at, int count) {
            Integer answer = received.poll();
            return answer == null ? super.receive(fd, headers, at, count) : answer;
        }
    }

    @Test
    void thisSystemDoesEverything() throws IOException {
        for (String host : new String[] {"127.0.0.1", "::1", "0.0.0.0", "::"}) {
            try (DatagramBench bench = new DatagramBench(true, CONFIG).bind(host)) {
                for (Feature feature : Feature.values()) {
                    assertTrue(bench.datagrams.has(feature), bench.datagrams.features());
                }
            }
        }
    }

    /// Two of ours: what one sends as one message the other receives as one, and hands on as the datagrams that it was.
    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1"})
    void aGroupIsCutIntoItsDatagramsAlsoWhereTheLastIsShorter(String host) throws IOException {
        try (DatagramBench from = new DatagramBench(true, CONFIG).bind(host);
                DatagramBench to = new DatagramBench(true, CONFIG).bind(host)) {
            for (int[] run : new int[][] {{1200, 1200}, {3600, 1200}, {3601, 1200}, {3599, 1200}, {64, 1}, {44 * 1472, 1472}, {6400, 100}}) {
                long calls = to.count(Count.RECEIVE_CALLS);
                from.add(host, to.port(), run[0], run[1], DatagramHeader.ECT_0);
                assertEquals(Datagrams.SENT, from.datagrams.send());
                for (int at = 0; at < run[0]; at += run[1]) {
                    assertArrayEquals(DatagramBench.octets(at, Math.min(run[1], run[0] - at)), to.receive());
                    assertEquals(DatagramHeader.ECT_0, to.ecn());
                    assertEquals(from.port(), NetworkPath.remotePort(to.datagrams.received(), to.datagrams.headerAt()));
                }
                assertFalse(to.datagrams.next());
                assertEquals(1, to.count(Count.RECEIVE_CALLS) - calls, "a group came as one message");
            }
            assertEquals(from.count(Count.SENT), to.count(Count.RECEIVED));
            assertEquals(from.count(Count.SENT_BYTES), to.count(Count.RECEIVED_BYTES));
            assertEquals(7, from.count(Count.SEND_CALLS));
        }
    }

    /// A group of datagrams that are too long: each is dropped and counted, and the short last one is not.
    @Test
    void ofAGroupEachDatagramIsMeasuredAlone() throws IOException {
        try (DatagramBench from = new DatagramBench(true, CONFIG).bind("127.0.0.1");
                DatagramBench to = new DatagramBench(true, CONFIG.withDatagramBytesMax(1000)).bind("127.0.0.1")) {
            from.add("127.0.0.1", to.port(), 3 * 1001 + 500, 1001, DatagramHeader.NOT_ECT);
            from.datagrams.send();
            assertArrayEquals(DatagramBench.octets(3 * 1001, 500), to.receive());
            assertEquals(3, to.count(Count.TRUNCATED));
            assertEquals(1, to.count(Count.RECEIVED));
        }
    }

    /// To a socket that knows no groups a run arrives cut by the kernel: what the network would see.
    @Test
    void aRunIsCutByTheKernelForWhoKnowsNoGroups() throws IOException {
        try (DatagramBench from = new DatagramBench(true, CONFIG).bind("::1");
                DatagramBench to = new DatagramBench(true, CONFIG.withGrouped(false).withReceives(64)).bind("::1")) {
            assertFalse(to.datagrams.has(Feature.GROUPED_RECEIVING));
            from.add("::1", to.port(), 20 * 1000 + 1, 1000, DatagramHeader.CE);
            from.datagrams.send();
            for (int i = 0; i <= 20; i++) {
                assertArrayEquals(DatagramBench.octets(i * 1000, i < 20 ? 1000 : 1), to.receive());
                assertEquals(DatagramHeader.CE, to.ecn());
            }
            assertEquals(1, from.count(Count.SEND_CALLS));
            assertEquals(21, from.count(Count.SENT));
        }
    }

    @ParameterizedTest
    @CsvSource({"127.0.0.1, 127.0.0.1", "::1, ::1", "::, 127.0.0.1", "::, ::1", "0.0.0.0, 127.0.0.1"})
    void everyCodepointPassesBothWays(String bound, String at) throws IOException {
        try (DatagramBench bench = new DatagramBench(true, CONFIG).bind(bound);
                DatagramBench peer = new DatagramBench(true, CONFIG).bind(bound)) {
            for (int round = 0; round < 2; round++) {
                for (int codepoint = 0; codepoint <= DatagramHeader.CE; codepoint++) {
                    bench.add(at, peer.port(), 1, 1, codepoint);
                    assertEquals(Datagrams.SENT, bench.datagrams.send());
                    peer.receive();
                    assertEquals(codepoint, peer.ecn());
                    peer.add(at, bench.port(), 1, 1, codepoint);
                    assertEquals(Datagrams.SENT, peer.datagrams.send());
                    bench.receive();
                    assertEquals(codepoint, bench.ecn());
                }
            }
        }
    }

    /// All of 127.0.0.0/8 is this machine: what came to one address is answered from it.
    @ParameterizedTest
    @ValueSource(strings = {"0.0.0.0", "::"})
    void isToldWhichAddressADatagramCameToAndAnswersFromIt(String bound) throws IOException {
        try (DatagramBench bench = new DatagramBench(true, CONFIG).bind(bound);
                DatagramSocket peer = DatagramBench.peer("127.0.0.1")) {
            for (String local : new String[] {"127.0.0.1", "127.0.0.7", "127.1.2.3"}) {
                DatagramBench.send(peer, local, bench.port(), new byte[10]);
                bench.receive();
                assertArrayEquals(DatagramBench.mapped(local), bench.pathAddress(NetworkPath.LOCAL));
                bench.add("127.0.0.1", peer.getLocalPort(), local, 10, 10, DatagramHeader.ECT_1);
                assertEquals(Datagrams.SENT, bench.datagrams.send());
                DatagramPacket answer = DatagramBench.receive(peer);
                assertEquals(local, answer.getAddress().getHostAddress());
            }
            bench.add("127.0.0.1", peer.getLocalPort(), "192.0.2.1", 10, 10, DatagramHeader.NOT_ECT);
            assertEquals(Datagrams.SENT, bench.datagrams.send());
            assertEquals(1, bench.count(Count.REFUSED), "no address of this machine");
        }
    }

    /// The loopback's MTU is 65,536, less 40 and 8: at it, one past it, and what follows is sent.
    @Test
    void aProbeAboveThePathsMtuIsDroppedAndCounted() throws IOException {
        DatagramConfig config = CONFIG.withDatagramBytesMax(65_507);
        try (DatagramBench bench = new DatagramBench(true, config).bind("::1"); DatagramBench peer = new DatagramBench(true, config).bind("::1")) {
            bench.add("::1", peer.port(), 65_488, 65_488, DatagramHeader.NOT_ECT);
            assertEquals(Datagrams.SENT, bench.datagrams.send());
            assertEquals(65_488, peer.receive().length);
            bench.add("::1", peer.port(), 65_489, 65_489, DatagramHeader.NOT_ECT);
            bench.add("::1", peer.port(), 10, 10, DatagramHeader.NOT_ECT);
            assertEquals(Datagrams.SENT, bench.datagrams.send());
            assertEquals(10, peer.receive().length);
            assertEquals(1, bench.count(Count.TOO_LARGE));
            assertEquals(2, bench.count(Count.SENT));
            assertEquals(0, bench.count(Count.REFUSED));
        }
    }

    /// With `IP_RECVERR` the kernel tells even an unconnected socket what ICMP said, in whatever call comes next.
    @Test
    void whatIcmpSaysOfOnePeerDropsNothingOfAnother() throws IOException {
        try (DatagramBench bench = new DatagramBench(true, CONFIG).bind("127.0.0.1");
                DatagramSocket peer = DatagramBench.peer("127.0.0.1"); DatagramSocket deaf = DatagramBench.deaf("127.0.0.1")) {
            int closed = deaf.getLocalPort();
            int fd = ((LinuxDatagrams) bench.datagrams).descriptor();
            assertEquals(0, SocketCalls.option(fd, DatagramCalls.IPPROTO_IP, DatagramCalls.IP_RECVERR, 1, bench.arena.allocate(8), 0));
            for (int i = 0; i < 5; i++) {
                bench.add("127.0.0.1", closed, 1, 1, DatagramHeader.NOT_ECT);
                assertEquals(Datagrams.SENT, bench.datagrams.send());
                bench.add("127.0.0.1", peer.getLocalPort(), 2, 2, DatagramHeader.NOT_ECT);  // meets the error
                assertEquals(Datagrams.SENT, bench.datagrams.send());
                assertEquals(2, DatagramBench.receive(peer).getLength());
                bench.add("127.0.0.1", closed, 1, 1, DatagramHeader.NOT_ECT);
                assertEquals(Datagrams.SENT, bench.datagrams.send());
                DatagramBench.send(peer, "127.0.0.1", bench.port(), new byte[3]);           // behind the error
                assertEquals(3, bench.receive().length);
            }
            assertEquals(15, bench.count(Count.SENT));
            assertEquals(5, bench.count(Count.RECEIVED));
            assertTrue(bench.count(Count.RECEIVE_ERRORS) >= 5, "errors told to the receiver");
            assertEquals(0, bench.count(Count.REFUSED));
        }
    }

    @Test
    void whereTheSystemHasNoRoomTheRestWaitsAndNothingIsSentTwice() throws IOException {
        Refusing kernel = new Refusing();
        try (DatagramBench bench = new DatagramBench(true, CONFIG.withGrouped(false), kernel).bind("127.0.0.1");
                DatagramSocket peer = DatagramBench.peer("127.0.0.1")) {
            bench.add("127.0.0.1", peer.getLocalPort(), 5 * 100, 100, DatagramHeader.NOT_ECT);
            kernel.answers.add(2);
            kernel.answers.add(-Errno.EAGAIN);
            kernel.answers.add(-Errno.EAGAIN);
            assertEquals(Datagrams.FULL, bench.datagrams.send());
            assertEquals(Datagrams.FULL, bench.datagrams.send());
            bench.add("127.0.0.1", peer.getLocalPort(), 50, 100, DatagramHeader.NOT_ECT);  // joins the run that waits
            assertEquals(Datagrams.SENT, bench.datagrams.send());
            for (int i = 0; i < 5; i++) {
                assertArrayEquals(DatagramBench.octets(i * 100, 100), DatagramBench.content(DatagramBench.receive(peer)));
            }
            assertEquals(50, DatagramBench.receive(peer).getLength());
            assertEquals(6, bench.count(Count.SENT));
            assertEquals(550, bench.count(Count.SENT_BYTES));
            assertEquals(2, bench.count(Count.FULL));
            assertEquals(2, bench.count(Count.SEND_CALLS));
        }
    }

    /// A device that computes no checksums (EIO): runs are cut here from then on, and it is told.
    @Test
    void aDeviceThatCutsNothingIsDoneWithout() throws IOException {
        Refusing kernel = new Refusing();
        try (DatagramBench bench = new DatagramBench(true, CONFIG, kernel).bind("127.0.0.1");
                DatagramSocket peer = DatagramBench.peer("127.0.0.1")) {
            kernel.answers.add(-Errno.EIO);
            for (int i = 0; i < 2; i++) {
                bench.add("127.0.0.1", peer.getLocalPort(), 250, 100, DatagramHeader.NOT_ECT);
                assertEquals(Datagrams.SENT, bench.datagrams.send());
                assertEquals(100, DatagramBench.receive(peer).getLength());
                assertEquals(100, DatagramBench.receive(peer).getLength());
                assertEquals(50, DatagramBench.receive(peer).getLength());
            }
            assertEquals(List.of(1, 3, 3), kernel.offered, "a run, and from then on its datagrams");
            assertFalse(bench.datagrams.has(Feature.SEGMENTED_SENDING));
            assertTrue(bench.datagrams.features().contains("SEGMENTED_SENDING (EIO)"), bench.datagrams.features());
            assertEquals(6, bench.count(Count.SENT));
            assertEquals(0, bench.count(Count.REFUSED) + bench.count(Count.TOO_LARGE));
        }
    }

    /// A run whose datagrams the path does not carry (EINVAL, EMSGSIZE): they are tried one by one, and those that pass pass.
    @ParameterizedTest
    @ValueSource(ints = {Errno.EINVAL, Errno.EMSGSIZE})
    void aRunThatIsRefusedIsTriedDatagramByDatagram(int error) throws IOException {
        Refusing kernel = new Refusing();
        try (DatagramBench bench = new DatagramBench(true, CONFIG, kernel).bind("127.0.0.1");
                DatagramSocket peer = DatagramBench.peer("127.0.0.1")) {
            kernel.answers.add(-error);
            kernel.answers.add(-Errno.EMSGSIZE);
            kernel.answers.add(-Errno.EMSGSIZE);
            bench.add("127.0.0.1", peer.getLocalPort(), 250, 100, DatagramHeader.NOT_ECT);
            bench.add("127.0.0.1", peer.getLocalPort(), 300, 100, DatagramHeader.ECT_0);
            assertEquals(Datagrams.SENT, bench.datagrams.send());
            assertEquals(50, DatagramBench.receive(peer).getLength());
            for (int i = 0; i < 3; i++) {
                assertEquals(100, DatagramBench.receive(peer).getLength());
            }
            assertEquals(2, bench.count(Count.TOO_LARGE));
            assertEquals(4, bench.count(Count.SENT));
            assertTrue(bench.datagrams.has(Feature.SEGMENTED_SENDING));
        }
    }

    /// ENOBUFS and EPERM cost the message; an error that may be ICMP's of another peer is tried once more, and no oftener.
    @Test
    void whatIsRefusedForGoodIsDroppedAndTheNextOneGoes() throws IOException {
        Refusing kernel = new Refusing();
        try (DatagramBench bench = new DatagramBench(true, CONFIG, kernel).bind("127.0.0.1");
                DatagramSocket peer = DatagramBench.peer("127.0.0.1")) {
            int[] errors = {Errno.ENOBUFS, Errno.EPERM, Errno.ENETUNREACH, Errno.ENETUNREACH, Errno.ECONNREFUSED};
            for (int i = 1; i <= 4; i++) {
                bench.add("127.0.0.1", peer.getLocalPort(), 10 * i * 3, 10 * i, i % 4);
                kernel.answers.add(-errors[i - 1]);
            }
            kernel.answers.add(-errors[4]);
            // ENOBUFS: first; EPERM: second; ENETUNREACH twice: third; ECONNREFUSED once: the fourth goes
            assertEquals(Datagrams.SENT, bench.datagrams.send());
            for (int i = 0; i < 3; i++) {
                assertEquals(40, DatagramBench.receive(peer).getLength());
            }
            assertEquals(9, bench.count(Count.REFUSED));
            assertEquals(3, bench.count(Count.SENT));
        }
    }

    /// A storm of errors does not keep the loop: it is left, and what is there is received in the next turn.
    @Test
    void anErrorThatIsToldForEverEndsTheCallAndNotTheSocket() throws IOException {
        Refusing kernel = new Refusing();
        try (DatagramBench bench = new DatagramBench(true, CONFIG, kernel).bind("127.0.0.1");
                DatagramSocket peer = DatagramBench.peer("127.0.0.1")) {
            DatagramBench.send(peer, "127.0.0.1", bench.port(), new byte[7]);
            bench.await();
            for (int i = 0; i < 20; i++) {
                kernel.received.add(-Errno.ECONNREFUSED);
            }
            assertEquals(0, bench.datagrams.receive());
            assertEquals(7, bench.receive().length);
            assertEquals(20, bench.count(Count.RECEIVE_ERRORS));
            DatagramBench.send(peer, "127.0.0.1", bench.port(), new byte[8]);
            bench.await();
            kernel.received.add(-Errno.ECONNREFUSED);
            assertEquals(1, bench.datagrams.receive(), "one error hides nothing that is behind it");
            assertEquals(8, bench.receive().length);
        }
    }
}
