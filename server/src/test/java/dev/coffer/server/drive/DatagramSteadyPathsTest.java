package dev.coffer.server.drive;

import dev.coffer.server.net.DatagramConfig;
import dev.coffer.server.net.DatagramStatistics.Count;
import dev.coffer.testkit.HeapMode;
import dev.coffer.testkit.SteadyPath;
import dev.coffer.testkit.SteadyPaths;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What a datagram costs over a real socket: 0 heap bytes of the loop's thread, whoever executes it; from one peer and from
/// changing ones, in runs and alone, too long, and answered late. The portable form makes no such promise.
class DatagramSteadyPathsTest {
    @ParameterizedTest
    @EnumSource(HeapMode.class)
    void noDatagramMakesAnObject(HeapMode mode) {
        SteadyPaths.check(mode, List.of(Grouped.class, Single.class, Six.class));
    }

    /// Bursts from two peers, answered in runs.
    private abstract static class Echoed implements SteadyPath {
        private static final int BURST = 12;
        private final DatagramLane lane;
        private final Thread thread;
        private final DatagramSocket[] peers = new DatagramSocket[2];
        private final DatagramPacket[] packets = new DatagramPacket[BURST];
        private final DatagramPacket tooLong;
        private final DatagramPacket empty;
        private final DatagramPacket answer = new DatagramPacket(new byte[2000], 2000);

        Echoed(boolean grouped, String host, String to) throws IOException {
            lane = DatagramLane.open(DatagramConfig.standard().withGrouped(grouped), false, 200_000, 64,
                    new InetSocketAddress(InetAddress.getByName(host), 0));
            InetSocketAddress address = new InetSocketAddress(InetAddress.getByName(to), lane.driver.address().getPort());
            thread = new Thread(lane.loop, "datagrams");
            thread.setDaemon(true);
            thread.start();
            for (int i = 0; i < peers.length; i++) {
                peers[i] = new DatagramSocket(0, InetAddress.getByName(to));
            }
            for (int i = 0; i < BURST; i++) {
                packets[i] = new DatagramPacket(new byte[i % 4 == 3 ? 100 : 1200], i % 4 == 3 ? 100 : 1200, address);
            }
            tooLong = new DatagramPacket(new byte[3000], 3000, address);
            empty = new DatagramPacket(new byte[0], 0, address);
        }

        @Override
        public void run() throws IOException {
            for (DatagramSocket peer : peers) {
                peer.send(tooLong);
                peer.send(empty);
                for (DatagramPacket packet : packets) {
                    peer.send(packet);
                }
            }
            for (DatagramSocket peer : peers) {
                for (int i = 0; i < BURST; i++) {
                    answer.setLength(2000);
                    peer.receive(answer);
                }
            }
        }

        @Override
        public int operations() {
            return 40;
        }

        @Override
        public long thread() {
            return thread.threadId();
        }

        @Override
        public void close() throws IOException {
            lane.loop.stop();
            try {
                thread.join();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            if (lane.driver.statistics().of(Count.TRUNCATED) == 0 || lane.driver.statistics().of(Count.SENT) == 0) {
                throw new IOException("not driven: " + lane.driver);
            }
            lane.loop.close();
            for (DatagramSocket peer : peers) {
                peer.close();
            }
        }
    }

    static final class Grouped extends Echoed {
        Grouped() throws IOException {
            super(true, "0.0.0.0", "127.0.0.1");
        }
    }

    static final class Single extends Echoed {
        Single() throws IOException {
            super(false, "127.0.0.1", "127.0.0.1");
        }
    }

    static final class Six extends Echoed {
        Six() throws IOException {
            super(true, "::", "::1");
        }
    }
}
