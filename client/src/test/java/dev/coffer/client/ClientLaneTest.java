package dev.coffer.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.coffer.client.ClientConfig.Times;
import dev.coffer.server.drive.DatagramDriver;
import dev.coffer.server.drive.DatagramProtocol;
import dev.coffer.server.drive.LoopContext;
import dev.coffer.server.drive.Protocol;
import dev.coffer.server.net.Datagrams;
import dev.coffer.server.time.Now;
import dev.coffer.server.time.Time;
import dev.coffer.server.time.Timer;
import dev.coffer.testkit.Eventually;
import java.lang.foreign.Arena;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// When a connection that is being made is given up for the next address, on a clock of the test's own.
class ClientLaneTest {
    private static final long SECOND = 1_000_000_000L;
    private static final long CONNECT = 12 * SECOND;

    /// A loop whose connections come to nothing: it only keeps what it was asked for.
    private static final class Waiting implements LoopContext, Time {
        final List<InetSocketAddress> dialed = new ArrayList<>();
        final List<Long> until = new ArrayList<>();
        private final Now now = new Now();
        private long nanos = 77 * SECOND;

        Waiting() {
            now.read(this);
        }

        void passTo(long time) {
            nanos = time;
            now.read(this);
        }

        @Override
        public long nanos() {
            return nanos;
        }

        @Override
        public long epochSeconds() {
            return 0;
        }

        @Override
        public int connect(InetSocketAddress address, long untilNanos) {
            dialed.add(address);
            until.add(untilNanos);
            return 0;
        }

        @Override
        public int index() {
            return 0;
        }

        @Override
        public Now now() {
            return now;
        }

        @Override
        public Timer timer(Runnable task) {
            return new Timer() {
                @Override
                public void arm(long at) {
                    // never fires
                }

                @Override
                public void cancel() {
                    // nor did it before
                }
            };
        }

        @Override
        public void use(int seat, Protocol protocol) {
            throw new AssertionError("nothing was connected");
        }

        @Override
        public void close(int seat) {
            throw new AssertionError("nothing is idle");
        }

        @Override
        public DatagramDriver drive(Datagrams socket, DatagramProtocol protocol) {
            throw new AssertionError("no datagrams");
        }

        @Override
        public void wake() {
            // the test turns by itself
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 8})
    void theTimeToConnectIsSharedOutEvenlyAmongAHostsAddresses(int addresses) throws Exception {
        InetAddress[] found = new InetAddress[addresses];
        for (int i = 0; i < addresses; i++) {
            found[i] = InetAddress.getByAddress(new byte[] {10, 0, 0, (byte) i});
        }
        ClientConfig config = ClientConfig.standard().withSize(1, 1, 1, 1).withOrigins(1)
                .withTimes(new Times(CONNECT, CONNECT, 100 * CONNECT, CONNECT, CONNECT));
        ClientLane lane = new ClientLane(config, host -> found, new ClientStatistics());
        Waiting loop = new Waiting();
        long begun = loop.nanos();
        Asked asked = Asked.get("http://some.example/");
        try (Arena arena = Arena.ofShared()) {
            lane.open(loop, arena.allocate(lane.plan().totalBytes(), 64));
            lane.inbox().ask(asked, asked);
            Eventually.holds("the first address is dialed", () -> {
                lane.takeIn();
                lane.dispatch();
                return !loop.dialed.isEmpty();
            });
            for (int i = 0; i < addresses; i++) {
                assertEquals(i + 1, loop.dialed.size());
                assertEquals(found[i], loop.dialed.get(i).getAddress());
                assertEquals(begun + (i + 1) * CONNECT / addresses, loop.until.get(i), "until when address " + i + " is waited for");
                assertNull(asked.failure);
                loop.passTo(loop.until.get(i));
                lane.left(0);
                lane.dispatch();
            }
            assertEquals(Failure.CONNECT_TIMED_OUT, asked.failure, "when all its time is over");
            assertEquals(begun + CONNECT, loop.nanos());
            assertEquals(1, asked.ends);
        }
    }
}
