package dev.coffer.server.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.memory.internal.os.DatagramCalls;
import dev.coffer.memory.internal.os.Errno;
import dev.coffer.memory.internal.os.SocketCalls;
import dev.coffer.server.net.DatagramStatistics.Count;
import dev.coffer.server.net.Datagrams.Feature;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A bind that is refused at each of its steps holds nothing, and what may be refused is done without.
@Timeout(600)
class DatagramRefusalTest {
    private static final int ALL = -1;  // options of a level
    private static final DatagramConfig CONFIG = DatagramConfig.standard().withSystemBytes(1 << 16, 1 << 16);

    /// The system's calls, of which one is refused, by its ordinal or as an option; counts descriptors.
    private static final class Kernel extends DatagramKernel {
        private int step;
        private int refused = Integer.MAX_VALUE;
        private int level = -1;
        private int option = ALL;
        private int open;

        private boolean refuses() {
            return ++step == refused;
        }

        @Override
        int socket(int family) {
            if (refuses()) {
                return -Errno.EMFILE;
            }
            open++;
            return super.socket(family);
        }

        @Override
        int option(int fd, int toLevel, int what, int value, MemorySegment scratch, long at) {
            return refuses() || toLevel == level && (what == option || option == ALL) ? -Errno.ENOPROTOOPT
                    : super.option(fd, toLevel, what, value, scratch, at);
        }

        @Override
        int bind(int fd, MemorySegment address, long at, long length) {
            return refuses() ? -Errno.EADDRINUSE : super.bind(fd, address, at, length);
        }

        @Override
        int name(int fd, MemorySegment name, long at) {
            return refuses() ? -Errno.ENOBUFS : super.name(fd, name, at);
        }

        @Override
        int receive(int fd, MemorySegment headers, long at, int count) {
            return refuses() ? -Errno.ENOSYS : super.receive(fd, headers, at, count);
        }

        @Override
        int send(int fd, MemorySegment headers, long at, int count) {
            return refuses() ? -Errno.EPERM : super.send(fd, headers, at, count);
        }

        @Override
        void close(int fd) {
            open--;
            super.close(fd);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "0.0.0.0", "::1", "::"})
    void aBindThatIsRefusedAtAnyStepHoldsNothing(String host) throws IOException {
        InetSocketAddress address = new InetSocketAddress(InetAddress.getByName(host), 0);
        int refusals = 0;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(LinuxDatagrams.plan(CONFIG).totalBytes(), 64);
            Kernel kernel = new Kernel();
            LinuxDatagrams datagrams = new LinuxDatagrams(CONFIG, memory, kernel);
            for (kernel.refused = 1;; kernel.refused++) {
                kernel.step = 0;
                try {
                    datagrams.bind(address);
                } catch (IOException e) {
                    refusals++;
                    assertEquals(0, kernel.open, e.getMessage());
                    assertEquals(null, datagrams.address());
                    assertEquals(-1, datagrams.descriptor());
                    continue;
                }
                assertEquals(1, kernel.open);
                if (kernel.step < kernel.refused) {
                    break;  // nothing was refused
                }
                datagrams.close();  // an option was done without; anew
                assertEquals(0, kernel.open);
                datagrams = new LinuxDatagrams(CONFIG, memory, kernel);
            }
            datagrams.close();
            datagrams.close();
            assertEquals(0, kernel.open);
            assertEquals(host.contains(":") ? 6 : 5, refusals, "socket, V6ONLY, bind, getsockname, sendmmsg, recvmmsg");
        }
    }

    /// Each feature is refused in turn: it is said, the others are there, and datagrams pass.
    @Test
    void whatTheKernelDoesNotHaveIsDoneWithoutAndSaid() throws IOException {
        int ip = DatagramCalls.IPPROTO_IP;
        int ip6 = SocketCalls.IPPROTO_IPV6;
        int udp = DatagramCalls.IPPROTO_UDP;
        withoutOption("0.0.0.0", udp, DatagramCalls.UDP_SEGMENT, Feature.SEGMENTED_SENDING);
        withoutOption("0.0.0.0", udp, DatagramCalls.UDP_GRO, Feature.GROUPED_RECEIVING);
        withoutOption("0.0.0.0", udp, ALL, Feature.SEGMENTED_SENDING, Feature.GROUPED_RECEIVING);
        withoutOption("0.0.0.0", ip, DatagramCalls.IP_PKTINFO, Feature.LOCAL_ADDRESS);
        withoutOption("::", ip6, DatagramCalls.IPV6_RECVPKTINFO, Feature.LOCAL_ADDRESS);
        withoutOption("0.0.0.0", ip, ALL, Feature.ECN_SENT, Feature.ECN_RECEIVED, Feature.LOCAL_ADDRESS, Feature.UNFRAGMENTED);
        for (String host : new String[] {"0.0.0.0", "::"}) {  // a socket of both families wants the options of both
            withoutOption(host, ip, DatagramCalls.IP_TOS, Feature.ECN_SENT);
            withoutOption(host, ip, DatagramCalls.IP_RECVTOS, Feature.ECN_RECEIVED);
            withoutOption(host, ip, DatagramCalls.IP_MTU_DISCOVER, Feature.UNFRAGMENTED);
        }
        withoutOption("::", ip6, DatagramCalls.IPV6_TCLASS, Feature.ECN_SENT);
        withoutOption("::", ip6, DatagramCalls.IPV6_RECVTCLASS, Feature.ECN_RECEIVED);
        withoutOption("::", ip6, DatagramCalls.IPV6_MTU_DISCOVER, Feature.UNFRAGMENTED);
    }

    private static void withoutOption(String host, int level, int option, Feature... lost) throws IOException {
        Kernel kernel = new Kernel();
        kernel.level = level;
        kernel.option = option;
        try (DatagramBench bench = new DatagramBench(true, CONFIG, kernel).bind(host);
                DatagramSocket peer = DatagramBench.peer("127.0.0.1")) {
            int missing = 0;
            for (Feature feature : Feature.values()) {
                missing += bench.datagrams.has(feature) ? 0 : 1;
            }
            assertEquals(lost.length, missing, bench.datagrams.features());
            for (Feature feature : lost) {
                assertFalse(bench.datagrams.has(feature));
                assertTrue(bench.datagrams.features().contains(feature + " (ENOPROTOOPT)"), bench.datagrams.features());
            }
            bench.add("127.0.0.1", peer.getLocalPort(), "127.0.0.1", 250, 100, 2);
            assertEquals(Datagrams.SENT, bench.datagrams.send());
            assertEquals(100, DatagramBench.receive(peer).getLength());
            assertEquals(100, DatagramBench.receive(peer).getLength());
            assertEquals(50, DatagramBench.receive(peer).getLength());
            DatagramBench.send(peer, "127.0.0.1", bench.port(), new byte[9]);
            assertEquals(9, bench.receive().length);
            assertEquals(0, bench.ecn());
            assertEquals(3, bench.count(Count.SENT));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void refusesMemoryThatIsNotItsPlans(boolean linux) {
        long bytes = (linux ? LinuxDatagrams.plan(CONFIG) : NioDatagrams.plan(CONFIG)).totalBytes();
        try (Arena arena = Arena.ofConfined()) {
            for (MemorySegment memory : new MemorySegment[] {arena.allocate(bytes - 1), arena.allocate(bytes + 64),
                    arena.allocate(bytes).asReadOnly(), MemorySegment.ofArray(new long[(int) (bytes / 8)])}) {
                assertThrows(IllegalArgumentException.class,
                        () -> (linux ? new LinuxDatagrams(CONFIG, memory) : new NioDatagrams(CONFIG, memory)).close());
            }
        }
    }

    @Test
    void refusesNumbersOutOfRange() {
        for (int i = 0; i < 7; i++) {
            int at = i;
            int[] least = {1, 1, 1, 1, 1, 0, 0};
            int[] most = {65_507, 1024, 1 << 24, 4096, 1024, 1 << 30, 1 << 30};
            config(at, least[at]);
            config(at, most[at]);
            assertThrows(IllegalArgumentException.class, () -> config(at, least[at] - 1));
            assertThrows(IllegalArgumentException.class, () -> config(at, most[at] + 1));
        }
    }

    private static DatagramConfig config(int at, int value) {
        int[] numbers = {1472, 8, 1 << 17, 64, 64, 0, 0};
        numbers[at] = value;
        return new DatagramConfig(numbers[0], numbers[1], true, numbers[2], numbers[3], numbers[4], numbers[5], numbers[6]);
    }

    @Test
    void aDescriptorIsGivenBackThatNobodyWatches() throws IOException {
        Kernel kernel = new Kernel();
        try (Arena arena = Arena.ofConfined()) {
            LinuxDatagrams datagrams = new LinuxDatagrams(CONFIG,
                    arena.allocate(LinuxDatagrams.plan(CONFIG).totalBytes(), 64), kernel);
            datagrams.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            EpollSockets gone = new EpollSockets(1, arena.allocate(EpollSockets.plan(1).totalBytes(), 64));
            gone.close();
            assertThrows(IOException.class, () -> datagrams.watch(gone, 1));
            datagrams.close();
            assertEquals(0, kernel.open);
        }
    }
}
