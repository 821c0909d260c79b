package dev.coffer.bench.datagrams;

import com.sun.management.ThreadMXBean;
import dev.coffer.bench.table.Machine;
import dev.coffer.memory.engine.DatagramHeader;
import dev.coffer.memory.engine.NetworkPath;
import dev.coffer.server.net.DatagramConfig;
import dev.coffer.server.net.Datagrams;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/// Bursts of datagrams over the loopback address, one thread: it sends a burst and then receives it, and its processor time is taken for
/// either. Nothing waits and nothing is lost. The kernel carries a datagram over the loopback while it is sent, so that is in what
/// sending costs.
public final class DatagramBench {
    public static final String NAME = "datagrams";
    public static final String TITLE = "datagrams: processor time to send and to receive one";

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final int BYTES = 1200;      // what QUIC begins with
    private static final int BURST = 44;
    private static final int ROUNDS = 9;        // the first two warm up
    private static final int WARM_UPS = 2;
    private static final long ROUND_NANOS = 300_000_000L;

    private DatagramBench() {}

    /// One kind of socket, both ends.
    private interface Pair extends AutoCloseable {
        void send() throws IOException;

        /// {@return datagrams}
        int receive() throws IOException;

        @Override
        void close() throws IOException;
    }

    /// Ours.
    private static final class Ours implements Pair {
        private final Arena arena = Arena.ofShared();
        private final Datagrams from;
        private final Datagrams to;

        Ours(boolean portable, boolean segmented, boolean grouped) throws IOException {
            from = open(portable, segmented);
            to = open(portable, grouped);
        }

        private Datagrams open(boolean portable, boolean grouped) throws IOException {
            DatagramConfig config = DatagramConfig.standard().withGrouped(grouped).withReceives(grouped ? 8 : 64);
            Datagrams socket = Datagrams.of(config, portable, arena.allocate(Datagrams.plan(config, portable).totalBytes(), 64));
            socket.bind(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0));
            return socket;
        }

        @Override
        public void send() {
            for (int i = 0; i < BURST; i++) {  // as an engine that writes one at a time
                NetworkPath.ipv4(from.queue().memory(), from.queue().headerAt() + DatagramHeader.PATH, 0x7f000001,
                        to.address().getPort(), 0, from.address().getPort());
                DatagramHeader.ecn(from.queue().memory(), from.queue().headerAt(), DatagramHeader.ECT_0);
                DatagramHeader.segmentBytes(from.queue().memory(), from.queue().headerAt(), BYTES);
                from.queue().add(BYTES);
            }
            from.send();
        }

        @Override
        public int receive() {
            int count = 0;
            to.receive();
            while (to.next()) {
                count++;
            }
            return count;
        }

        @Override
        public void close() {
            from.close();
            to.close();
            arena.close();
        }
    }

    /// The JDK's channel, as anyone would use it.
    private static final class Jdk implements Pair {
        private final DatagramChannel from = open();
        private final DatagramChannel to = open();
        private final SocketAddress target = to.getLocalAddress();
        private final ByteBuffer out = ByteBuffer.allocateDirect(BYTES);
        private final ByteBuffer in = ByteBuffer.allocateDirect(2048);

        Jdk() throws IOException {}

        private static DatagramChannel open() throws IOException {
            DatagramChannel channel = DatagramChannel.open(StandardProtocolFamily.INET);
            channel.configureBlocking(false);
            return channel.bind(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0));
        }

        @Override
        public void send() throws IOException {
            for (int i = 0; i < BURST; i++) {
                from.send(out.clear(), target);
            }
        }

        @Override
        public int receive() throws IOException {
            return to.receive(in.clear()) == null ? 0 : 1;
        }

        @Override
        public void close() throws IOException {
            from.close();
            to.close();
        }
    }

    /// {@return nanoseconds to send one and to receive one, and heap bytes of both}
    private static double[] round(Pair pair) throws IOException {
        long sending = 0;
        long receiving = 0;
        long datagrams = 0;
        long heap = THREADS.getCurrentThreadAllocatedBytes();
        long end = System.nanoTime() + ROUND_NANOS;
        do {
            long begin = THREADS.getCurrentThreadCpuTime();
            pair.send();
            long sent = THREADS.getCurrentThreadCpuTime();
            for (int received = 0; received < BURST;) {
                int count = pair.receive();
                if (count == 0) {
                    throw new IOException("a datagram is missing");
                }
                received += count;
            }
            receiving += THREADS.getCurrentThreadCpuTime() - sent;
            sending += sent - begin;
            datagrams += BURST;
        } while (System.nanoTime() < end);
        return new double[] {(double) sending / datagrams, (double) receiving / datagrams,
                (double) (THREADS.getCurrentThreadAllocatedBytes() - heap) / datagrams};
    }

    /// Prints the table.
    public static void run() throws IOException {
        String[] labels = {"**Coffer, runs and groups (GSO, GRO)**", "Coffer, runs alone (GSO)", "Coffer, `sendmmsg` and `recvmmsg` alone",
                "Coffer, portable", "the JDK's `DatagramChannel`"};
        Pair[] pairs = {new Ours(false, true, true), new Ours(false, true, false), new Ours(false, false, false),
                new Ours(true, false, false), new Jdk()};
        List<List<double[]>> all = new ArrayList<>();
        Arrays.stream(pairs).forEach(pair -> all.add(new ArrayList<>()));
        for (int round = 0; round < ROUNDS; round++) {  // by turns, since the machine is never quiet
            for (int i = 0; i < pairs.length; i++) {
                double[] result = round(pairs[i]);
                if (round >= WARM_UPS) {
                    all.get(i).add(result);
                }
            }
        }
        System.out.println("**datagrams**: " + BYTES + " bytes, bursts of " + BURST + " over the loopback address, one thread sends and receives by "
                + "turns; processor time, median of " + (ROUNDS - WARM_UPS) + " rounds, which alternate  ");
        System.out.println(Machine.line());
        System.out.println();
        System.out.println("| | ns to send one | ns to receive one | least - most, both | datagrams a second, both ways | heap B | to the first row |");
        System.out.println("|---|---|---|---|---|---|---|");
        double first = 0;
        for (int i = 0; i < pairs.length; i++) {
            double sending = median(all.get(i), 0);
            double receiving = median(all.get(i), 1);
            double[] sums = all.get(i).stream().mapToDouble(r -> r[0] + r[1]).sorted().toArray();
            first = i == 0 ? sending + receiving : first;
            System.out.printf(Locale.ROOT, "| %s | %,.0f | %,.0f | %,.0f - %,.0f | %,.0f | %.0f | %.2f |%n", labels[i], sending, receiving,
                    sums[0], sums[sums.length - 1], 1e9 / (sending + receiving), median(all.get(i), 2), (sending + receiving) / first);
            pairs[i].close();
        }
        System.out.println();
    }

    private static double median(List<double[]> rounds, int which) {
        return rounds.stream().mapToDouble(round -> round[which]).sorted().toArray()[rounds.size() / 2];
    }
}
