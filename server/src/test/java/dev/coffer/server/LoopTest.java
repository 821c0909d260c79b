package dev.coffer.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.server.drive.Loop;
import dev.coffer.server.time.Time;
import dev.coffer.server.time.Timer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A loop turned by hand, with the test's clock.
@Timeout(600)
class LoopTest {
    private static final long MILLI = 1_000_000;
    private static final long TICK = 1 << 17;  // of the wheel
    private static final int TURN_BYTES = 1 << 18;
    private static final int BLOCK_BYTES = 1 << 16;

    @TempDir
    Path root;

    private final long[] nanos = {1};
    private Loop loop;

    private void open(boolean portable) throws IOException {
        Files.write(root.resolve("large.bin"), new byte[8 << 20]);
        loop = Setup.standard(root).withPortable(portable).loop(0, time());
        loop.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), new Loop[] {loop});
        loop.turn(0);
    }

    private Time time() {
        return new Time() {
            @Override
            public long nanos() {
                return nanos[0];
            }

            @Override
            public long epochSeconds() {
                return SYSTEM.epochSeconds();
            }
        };
    }

    @AfterEach
    void close() {
        loop.close();
    }

    private SocketChannel connect() throws IOException {
        SocketChannel peer = SocketChannel.open(loop.address());
        peer.configureBlocking(false);
        return peer;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void acceptingGoesOnAfterItsPauseThoughNothingElseIsDue(boolean portable) throws IOException {
        open(portable);
        loop.pauseAccepting();
        try (SocketChannel peer = connect()) {
            nanos[0] += 100 * MILLI - 1;
            for (int i = 0; i < 3; i++) {
                loop.turn(MILLI);
            }
            assertEquals(0, loop.connections(), "not yet");
            nanos[0] += MILLI;  // the wheel's tick is shorter
            for (int i = 0; i < 1000 && loop.connections() == 0; i++) {
                loop.turn(MILLI);
            }
            assertEquals(1, loop.connections());
            assertTrue(peer.isConnected());
        }
    }

    /// The loop that listens still gives its newcomers to another one, which has stopped: they are let go, and their seats are free again.
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whoIsGivenToALoopThatHasStoppedIsLetGo(boolean portable) throws IOException {
        Setup setup = Setup.standard(root).withPortable(portable).sized(2, 2, 64);
        loop = setup.loop(0, time());
        try (Loop other = setup.loop(1, time())) {
            loop.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), new Loop[] {loop, other});
            loop.turn(0);
            other.turn(0);
            try (SocketChannel first = connect()) {
                for (int i = 0; i < 1000 && loop.connections() == 0; i++) {
                    loop.turn(MILLI);
                }
                assertEquals(1, loop.connections());
                assertTrue(first.isConnected());
                other.stop();
                for (int round = 0; round < 3; round++) {
                    try (SocketChannel peer = connect()) {
                        int heard = 0;
                        for (int i = 0; i < 1000 && heard == 0; i++) {
                            loop.turn(MILLI);
                            other.turn(0);
                            heard = peer.read(ByteBuffer.allocate(1));
                        }
                        assertEquals(-1, heard, "let go without a word, by a loop that has a seat for it");
                        assertEquals(0, other.connections());
                    }
                }
                assertTrue(other.isDone());
            }
        }
    }

    /// However much one peer's socket takes, the others have their turn.
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void oneConnectionIsSentNoMoreThanItsShareInATurn(boolean portable) throws IOException {
        open(portable);
        try (SocketChannel peer = connect()) {
            for (int i = 0; i < 1000 && loop.connections() == 0; i++) {
                loop.turn(MILLI);
            }
            peer.write(ByteBuffer.wrap("GET /large.bin HTTP/1.1\r\nHost: t\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));
            ByteBuffer sink = ByteBuffer.allocate(1 << 16);
            long heard = 0;
            int turns = 0;
            while (heard < 8 << 20 && turns < 100_000) {
                loop.turn(MILLI);
                turns++;
                long before = heard;
                for (int got; (got = peer.read(sink.clear())) > 0;) {
                    heard += got;
                }
                assertTrue(heard - before < TURN_BYTES + 2 * BLOCK_BYTES, heard - before + " bytes in one turn");
            }
            assertTrue(heard >= 8 << 20, "heard " + heard);
        }
    }

    /// No floor below which time is not looked at: a handler's timer fires within a tick of the wheel.
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aTimerOfOneMillisecondFiresThenAndNotBefore(boolean portable) throws IOException {
        int[] fired = {0};
        Timer[] timer = {null};
        Site site = new Site() {
            @Override
            public int timers() {
                return 1;
            }

            @Override
            public Handler open(Place place) {
                timer[0] = place.timer(() -> fired[0]++);
                assertThrows(IllegalStateException.class, () -> place.timer(() -> {}), "one was planned");
                return exchange -> exchange.respond(200);
            }
        };
        ServerConfig config = ServerConfig.standard().withPortable(portable);
        LoopStatistics statistics = new LoopStatistics();
        loop = new Loop(config.loop(0), new HttpLane(config, site, 0, statistics), statistics.tally(), time());
        loop.turn(0);
        for (int i = 1; i <= 3; i++) {
            timer[0].arm(nanos[0] + MILLI);
            nanos[0] += MILLI - 1;
            loop.turn(0);
            assertEquals(i - 1, fired[0], "early");
            nanos[0] += TICK + 1;
            loop.turn(0);
            assertEquals(i, fired[0]);
        }
        timer[0].arm(nanos[0] + MILLI);
        timer[0].cancel();
        nanos[0] += 2 * MILLI;
        loop.turn(0);
        assertEquals(3, fired[0], "cancelled");
    }
}
