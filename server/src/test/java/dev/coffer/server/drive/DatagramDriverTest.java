package dev.coffer.server.drive;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.memory.engine.DatagramHeader;
import dev.coffer.memory.engine.NetworkPath;
import dev.coffer.memory.internal.os.ProcessLimits;
import dev.coffer.server.net.DatagramConfig;
import dev.coffer.server.net.DatagramStatistics.Count;
import dev.coffer.server.net.Datagrams;
import dev.coffer.server.net.Sockets;
import dev.coffer.testkit.Eventually;
import dev.coffer.testkit.simulation.Conditions;
import dev.coffer.testkit.simulation.DatagramPort;
import dev.coffer.testkit.simulation.Simulation;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.DatagramChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// One engine over both forms of sockets and over the simulated network: the same datagrams come back. And what a turn of the driver
/// does at its bounds.
@Timeout(600)
class DatagramDriverTest {
    private static final DatagramConfig CONFIG = DatagramConfig.standard().withSystemBytes(1 << 20, 0);
    private static final long DELAY = 3_000_000L;

    private DatagramLane lane;
    private Thread thread;

    private static InetSocketAddress loopback(String host) throws IOException {
        return new InetSocketAddress(InetAddress.getByName(host), 0);
    }

    private void start() {
        thread = new Thread(lane.loop, "loop");
        thread.start();
    }

    @AfterEach
    void close() throws InterruptedException {
        if (lane != null) {
            lane.loop.stop();
            if (thread != null) {
                Eventually.ended(thread);
            }
            lane.loop.close();
        }
    }

    private static DatagramSocket peer(String host) throws IOException {
        DatagramSocket socket = DatagramChannel.open().bind(loopback(host)).socket();
        socket.setSoTimeout(Eventually.MILLIS);
        return socket;
    }

    private static List<byte[]> script() {
        SplittableRandom random = new SplittableRandom(7);
        List<byte[]> all = new ArrayList<>();
        for (int i = 0; i < 400; i++) {
            byte[] bytes = new byte[random.nextInt(6) == 0 ? 1 + random.nextInt(1472) : random.nextInt(3) == 0 ? 0 : 1200];
            random.nextBytes(bytes);
            all.add(bytes);
        }
        return all;
    }

    private static List<byte[]> withoutEmpty(List<byte[]> all) {
        return all.stream().filter(bytes -> bytes.length > 0).toList();
    }

    private static void assertSame(List<byte[]> expected, List<byte[]> actual) {
        assertEquals(expected.size(), actual.size());
        for (int i = 0; i < expected.size(); i++) {
            assertArrayEquals(expected.get(i), actual.get(i), "datagram " + i);
        }
    }

    @ParameterizedTest
    @CsvSource({"false, true, 127.0.0.1, 64", "false, true, ::1, 1", "false, false, 127.0.0.1, 64", "true, true, 127.0.0.1, 64",
            "true, true, ::1, 1"})
    void theEngineAnswersOverRealSockets(boolean portable, boolean grouped, String host, int runMax) throws Exception {
        lane = DatagramLane.open(CONFIG.withGrouped(grouped), portable, DELAY, runMax, loopback(host));
        start();
        List<byte[]> script = script();
        List<byte[]> answers = new ArrayList<>();
        try (DatagramSocket peer = peer(host)) {
            int expected = 0;
            for (int i = 0; i < script.size(); i++) {
                byte[] bytes = script.get(i);
                peer.send(new DatagramPacket(bytes, bytes.length, lane.driver.address()));
                expected += bytes.length == 0 ? 0 : 1;
                if (i % 20 == 19 || i == script.size() - 1) {  // no more under way than any buffer holds
                    while (answers.size() < expected) {
                        answers.add(receive(peer));
                    }
                }
            }
        }
        assertSame(withoutEmpty(script), answers);
        lane.loop.stop();
        Eventually.ended(thread);
        check(script);
        assertEquals(script.size(), lane.driver.statistics().of(Count.RECEIVED));
        assertEquals(answers.size(), lane.driver.statistics().of(Count.SENT));
        assertEquals(bytes(script), lane.driver.statistics().of(Count.RECEIVED_BYTES));
        assertEquals(bytes(script), lane.driver.statistics().of(Count.SENT_BYTES));
        assertTrue(lane.engine.isWiped());
    }

    private static long bytes(List<byte[]> all) {
        return all.stream().mapToLong(b -> b.length).sum();
    }

    private void check(List<byte[]> script) {
        int sent = withoutEmpty(script).size();
        check(lane.engine, sent, script.size() - sent);
    }

    private static void check(EchoEngine engine, int sent, int empty) {
        assertEquals(sent, engine.told(EchoEngine.Event.ARRIVED));
        assertEquals(sent, engine.told(EchoEngine.Event.SENT_BACK));
        assertEquals(empty, engine.told(EchoEngine.Event.EMPTY));
        assertEquals(0, engine.told(EchoEngine.Event.DROPPED));
        assertEquals(1, engine.told(EchoEngine.Event.ENDED));
    }

    private static byte[] receive(DatagramSocket peer) throws IOException {
        DatagramPacket packet = new DatagramPacket(new byte[2000], 2000);
        peer.receive(packet);
        return Arrays.copyOf(packet.getData(), packet.getLength());
    }

    /// The same engine and the same datagrams, driven by the simulator's driver: the same answers and events.
    @ParameterizedTest
    @ValueSource(ints = {1, 64})
    void theEngineAnswersTheSameInTheSimulator(int runMax) {
        List<byte[]> script = script();
        List<byte[]> answers = new ArrayList<>();
        try (Arena arena = Arena.ofConfined()) {
            EchoEngine engine = new EchoEngine(arena.allocate(EchoEngine.BYTES, 8), DELAY, runMax);
            SplittableRandom random = new SplittableRandom(3);
            Simulation simulation = new Simulation(random);
            DatagramPort.Address serverAddress = new DatagramPort.Address(0x0a000002, 443);
            DatagramPort client = simulation.network().datagrams(new DatagramPort.Address(0x0a000001, 999), Conditions.perfect());
            DatagramPort server = simulation.network().datagrams(serverAddress, Conditions.perfect());
            engine.reset(simulation.clock().nanos());
            simulation.add(new dev.coffer.testkit.simulation.DatagramDriver<>("server", engine, server, random.split(), event -> {}));
            MemorySegment header = arena.allocate(DatagramHeader.BYTES, 8);
            DatagramPort.path(header, DatagramHeader.PATH, serverAddress, null);
            MemorySegment room = arena.allocate(2000);
            int expected = 0;
            for (byte[] bytes : script) {
                if (bytes.length > 0) {  // the simulated port has no empty datagrams to send
                    DatagramHeader.segmentBytes(header, 0, bytes.length);
                    client.send(MemorySegment.ofArray(bytes), 0, bytes.length, header, 0);
                    expected++;
                }
                if (expected % 20 == 19) {
                    int waited = expected;
                    simulation.run(100_000, () -> take(client, room, answers) >= waited);
                }
            }
            int all = expected;
            simulation.run(100_000, () -> take(client, room, answers) >= all);
            engine.shutdown(simulation.clock().nanos());
            simulation.run(1_000, () -> engine.isEnded() && engine.told(EchoEngine.Event.ENDED) > 0);
            check(engine, all, 0);
            engine.close();
        }
        assertSame(withoutEmpty(script), answers);
    }

    private static int take(DatagramPort client, MemorySegment room, List<byte[]> answers) {
        MemorySegment header = MemorySegment.ofArray(new byte[(int) DatagramHeader.BYTES]);
        for (int bytes; (bytes = client.receive(room, 0, 2000, header, 0)) >= 0;) {
            answers.add(room.asSlice(0, bytes).toArray(ValueLayout.JAVA_BYTE));
        }
        return answers.size();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anAnswerComesAtItsDeadlineAndNotBefore(boolean portable) throws IOException {
        long delay = 60_000_000L;
        lane = DatagramLane.open(CONFIG, portable, delay, 64, loopback("127.0.0.1"));
        start();
        try (DatagramSocket peer = peer("127.0.0.1")) {
            for (int i = 0; i < 3; i++) {
                long from = System.nanoTime();
                peer.send(new DatagramPacket(new byte[10], 10, lane.driver.address()));
                receive(peer);
                assertTrue(System.nanoTime() - from >= delay);
            }
        }
    }

    /// What an application throws into an event ends no loop: the socket goes on in the next turn, or is closed, as the protocol says.
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anEventThatThrowsCostsItsSocketAtMost(boolean portable) throws IOException {
        lane = DatagramLane.open(CONFIG, portable, 0, 64, loopback("127.0.0.1"));
        try (DatagramSocket peer = peer("127.0.0.1")) {
            lane.throwsLeft = 3;
            peer.send(new DatagramPacket(new byte[10], 10, lane.driver.address()));
            for (int turns = 0; lane.throwsLeft > 0 || lane.driver.statistics().of(Count.SENT) == 0; turns++) {
                int before = lane.failures;
                lane.loop.turn(100_000_000L);
                assertTrue(lane.failures - before <= 1, "once a turn");
                assertTrue(turns < 100);
            }
            assertEquals(10, receive(peer).length);
            assertEquals(3, lane.failures);
            assertFalse(lane.driver.isEnded());
            lane.throwsLeft = Integer.MAX_VALUE;
            lane.goesOn = false;
            peer.send(new DatagramPacket(new byte[10], 10, lane.driver.address()));
            InetSocketAddress was = lane.driver.address();
            for (int turns = 0; !lane.driver.isEnded(); turns++) {
                lane.loop.turn(100_000_000L);
                assertTrue(turns < 100);
            }
            assertEquals(4, lane.failures, "it is asked no more");
            lane.loop.turn(0);
            new DatagramSocket(was).close();  // the port is free
        }
    }

    /// What an engine throws when it is fed or told the time ends no loop: the datagrams behind are fed, and the rest is as the protocol says.
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anEngineThatThrowsCostsADatagram(boolean portable) throws IOException {
        lane = DatagramLane.open(CONFIG, portable, 0, 64, loopback("127.0.0.1"));
        try (DatagramSocket peer = peer("127.0.0.1")) {
            lane.engine.throwsLeft = 2;
            for (int i = 0; i < 3; i++) {
                peer.send(new DatagramPacket(new byte[10 + i], 10 + i, lane.driver.address()));
            }
            for (int turns = 0; lane.driver.statistics().of(Count.SENT) == 0; turns++) {
                lane.loop.turn(100_000_000L);
                assertTrue(turns < 100);
            }
            assertEquals(12, receive(peer).length);
            assertEquals(2, lane.failures);
            lane.engine.throwsLeft = 1;
            lane.engine.deadlineAt = lane.now.nanos() + 1;
            lane.driver.turnSoon();
            for (int turns = 0; lane.failures < 3; turns++) {
                lane.loop.turn(100_000_000L);
                assertTrue(turns < 100);
            }
            assertFalse(lane.driver.isEnded());
            lane.engine.throwsLeft = Integer.MAX_VALUE;
            lane.goesOn = false;
            for (int i = 0; i < 3; i++) {
                peer.send(new DatagramPacket(new byte[10], 10, lane.driver.address()));
            }
            for (int turns = 0; !lane.driver.isEnded(); turns++) {
                lane.loop.turn(100_000_000L);
                assertTrue(turns < 100);
            }
            assertEquals(4, lane.failures, "it is fed no more");
            lane.loop.turn(0);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aTurnFeedsNoMoreThanItsBoundAndTheNextOneGoesOn(boolean portable) throws IOException {
        int datagrams = 300;
        lane = DatagramLane.open(CONFIG.withGrouped(false).withReceives(8), portable, Long.MAX_VALUE / 4, 64, loopback("127.0.0.1"));
        try (DatagramSocket peer = peer("127.0.0.1")) {
            for (int i = 0; i < datagrams; i++) {
                peer.send(new DatagramPacket(new byte[1], 1, lane.driver.address()));
            }
            lane.loop.turn(0);
            long first = lane.driver.statistics().of(Count.RECEIVED);
            assertTrue(first >= DatagramDriver.TURN_DATAGRAMS_MAX && first < DatagramDriver.TURN_DATAGRAMS_MAX + 8, "fed " + first);
            lane.loop.turn(0);
            long then = lane.driver.statistics().of(Count.RECEIVED);
            assertTrue(then > first && then <= datagrams, "fed " + then);  // the system may have had no room for some
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aTurnSendsNoMoreThanItsBoundAndTheNextOneGoesOn(boolean portable) throws IOException {
        int datagrams = 800;
        lane = DatagramLane.open(CONFIG, portable, 0, 64, loopback("127.0.0.1"));
        try (DatagramSocket peer = peer("127.0.0.1"); Arena arena = Arena.ofConfined()) {
            fill(arena, peer.getLocalPort(), datagrams);
            lane.driver.turnSoon();
            int turns = 0;
            long before = 0;
            while (before < datagrams * 1400L) {
                lane.loop.turn(100_000_000L);  // the engine names no time: what is left has the next turn by the driver's doing
                turns++;
                long now = lane.driver.statistics().of(Count.SENT_BYTES);
                assertTrue(now - before <= DatagramDriver.TURN_BYTES_MAX + 64 * 1400, "sent " + (now - before));
                before = now;
                assertTrue(turns < 100);
            }
            assertTrue(turns >= 3, "turns " + turns);
            assertEquals(datagrams, lane.driver.statistics().of(Count.SENT));
            assertEquals(0, lane.driver.account().usedBytes());
        }
    }

    private void fill(Arena arena, int port, int datagrams) {
        MemorySegment bytes = arena.allocate(1400);
        MemorySegment header = arena.allocate(DatagramHeader.BYTES, 8);
        NetworkPath.ipv4(header, DatagramHeader.PATH, 0x7f000001, port, 0, lane.driver.address().getPort());
        for (int i = 0; i < datagrams; i++) {
            lane.engine.feed(bytes, 0, 1400, header, 0, lane.now.nanos());
        }
    }

    /// While the system has no room: the driver says so once, polls nothing, hears and feeds all the same; then everything goes, once.
    @Test
    void whatTheSystemHasNoRoomForWaitsInTheEngine() throws IOException {
        try (Arena arena = Arena.ofShared(); DatagramSocket peer = peer("127.0.0.1")) {
            StuckDatagrams stuck = new StuckDatagrams(Datagrams.of(CONFIG, false,
                    arena.allocate(Datagrams.plan(CONFIG, false).totalBytes(), 64)));
            lane = DatagramLane.open(CONFIG, false, 0, 64, loopback("127.0.0.1"), stuck);
            stuck.stuck = true;
            fill(arena, peer.getLocalPort(), 200);
            lane.driver.turnSoon();
            lane.loop.turn(1_000_000_000L);
            assertEquals(List.of(Sockets.READ | Sockets.WRITE), stuck.interests);
            long queued = lane.driver.account().usedBytes();
            assertTrue(queued > 0 && queued <= CONFIG.outputBytes());
            peer.send(new DatagramPacket(new byte[100], 100, lane.driver.address()));
            for (int i = 0; i < 100 && lane.driver.statistics().of(Count.RECEIVED) == 0; i++) {
                lane.loop.turn(100_000_000L);
            }
            assertEquals(1, lane.driver.statistics().of(Count.RECEIVED), "fed all the same");
            assertEquals(201, lane.engine.told(EchoEngine.Event.ARRIVED));
            assertEquals(queued, lane.driver.account().usedBytes(), "nothing more was polled");
            assertEquals(1, stuck.sends, "nothing is tried before the system says that there is room");
            lane.engine.deadlineAt = lane.now.nanos();  // past, and looked at once a millisecond and not in every turn
            lane.driver.turnSoon();
            for (int i = 0; i < 100 && lane.engine.deadlines == 0; i++) {
                lane.loop.turn(100_000_000L);
            }
            assertEquals(1, lane.engine.deadlines);
            assertEquals(List.of(Sockets.READ | Sockets.WRITE), stuck.interests);
            assertEquals(0, lane.driver.statistics().of(Count.SENT));
            stuck.unstick();
            for (int i = 0; i < 100 && lane.driver.statistics().of(Count.SENT) < 201; i++) {
                lane.loop.turn(100_000_000L);
            }
            assertEquals(201, lane.driver.statistics().of(Count.SENT));
            assertEquals(List.of(Sockets.READ | Sockets.WRITE, Sockets.READ), stuck.interests);
            close();
            lane = null;
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aStopWaitsForWhatTheEngineHasToSay(boolean portable) throws Exception {
        lane = DatagramLane.open(CONFIG, portable, 100_000_000L, 64, loopback("127.0.0.1"));
        start();
        try (DatagramSocket peer = peer("127.0.0.1")) {
            peer.send(new DatagramPacket(new byte[10], 10, lane.driver.address()));
            Eventually.equal(1, () -> lane.driver.statistics().of(Count.RECEIVED));
            lane.loop.stop();
            assertEquals(10, receive(peer).length);
        }
        Eventually.ended(thread);
        assertTrue(lane.driver.isEnded());
        check(lane.engine, 1, 0);
    }

    /// A stop while the system has no room: the engine has said all and ended, and what it said is still queued.
    @Test
    void aStopWaitsForWhatIsQueued() throws Exception {
        try (Arena arena = Arena.ofShared(); DatagramSocket peer = peer("127.0.0.1")) {
            StuckDatagrams stuck = new StuckDatagrams(Datagrams.of(CONFIG, false,
                    arena.allocate(Datagrams.plan(CONFIG, false).totalBytes(), 64)));
            lane = DatagramLane.open(CONFIG, false, 0, 64, loopback("127.0.0.1"), stuck);
            stuck.stuck = true;
            fill(arena, peer.getLocalPort(), 3);
            lane.driver.turnSoon();
            lane.loop.turn(1_000_000_000L);
            lane.driver.shutdown(lane.now.nanos());
            assertTrue(lane.engine.isEnded());
            assertFalse(lane.driver.isEnded());
            stuck.unstick();
            for (int i = 0; i < 100 && !lane.driver.isEnded(); i++) {
                lane.loop.turn(100_000_000L);
            }
            assertTrue(lane.driver.isEnded());
            assertEquals(3, lane.driver.statistics().of(Count.SENT));
            close();
            lane = null;
        }
    }

    /// An engine whose deadline brings nothing to say hears of it all the same.
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theEngineHearsOfItsDeadlineAndNotBefore(boolean portable) throws IOException {
        lane = DatagramLane.open(CONFIG, portable, 0, 64, loopback("127.0.0.1"));
        lane.loop.turn(0);
        lane.engine.deadlineAt = lane.now.nanos() + 3_600_000_000_000L;
        lane.driver.turnSoon();
        lane.loop.turn(10_000_000L);
        lane.loop.turn(10_000_000L);
        assertEquals(0, lane.engine.deadlines);
        lane.engine.deadlineAt = lane.now.nanos() + 5_000_000L;
        lane.driver.turnSoon();
        for (int i = 0; i < 100 && lane.engine.deadlines == 0; i++) {
            lane.loop.turn(100_000_000L);
        }
        assertEquals(1, lane.engine.deadlines);
    }

    /// A loop that was held up reads what has come meanwhile before anything counts as late.
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatCameWhileTheLoopWasHeldUpIsInTime(boolean portable) throws IOException {
        lane = DatagramLane.open(CONFIG, portable, DELAY, 64, loopback("127.0.0.1"));
        lane.loop.turn(0);
        try (DatagramSocket peer = peer("127.0.0.1")) {
            lane.engine.deadlineAt = lane.now.nanos();
            peer.send(new DatagramPacket(new byte[1], 1, lane.driver.address()));
            Eventually.holds("it has its turn", () -> {
                lane.loop.turn(10_000_000L);
                return lane.engine.deadlines == 1;
            });
            assertEquals(1, lane.engine.fedBefore);
        }
    }

    /// A lane need not bind what it drives: a stop asks nothing of an engine that may never have been reset.
    @Test
    void aStopAsksNothingOfWhatWasNeverBound() throws IOException {
        lane = DatagramLane.open(CONFIG, false, 0, 64, null);
        lane.engine.close();
        lane.driver.shutdown(lane.now.nanos());
        assertTrue(lane.driver.isEnded());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anOpenThatIsRefusedHoldsNothing(boolean portable) throws IOException {
        lane = DatagramLane.open(CONFIG, portable, DELAY, 64, loopback("127.0.0.1"));
        InetSocketAddress taken = lane.driver.address();
        assertThrows(IOException.class, () -> DatagramLane.open(CONFIG, portable, DELAY, 64, taken));
        long before = ProcessLimits.descriptorsOpen();
        for (int i = 0; i < 5; i++) {
            assertThrows(IOException.class, () -> DatagramLane.open(CONFIG, portable, DELAY, 64, taken));
            assertThrows(IllegalArgumentException.class,
                    () -> DatagramLane.open(CONFIG.withOutput(1471, 4, 4), portable, DELAY, 64, loopback("127.0.0.1")));
        }
        assertEquals(before, ProcessLimits.descriptorsOpen());
        DatagramLane.open(CONFIG.withOutput(1472, 1, 1), portable, DELAY, 64, loopback("127.0.0.1")).loop.close();
        assertEquals(before, ProcessLimits.descriptorsOpen());
    }

    @Test
    void aSocketThatCannotBeWatchedIsClosed() throws IOException {
        try (Arena arena = Arena.ofShared()) {
            DatagramLane.open(CONFIG, false, DELAY, 64, loopback("127.0.0.1")).loop.close();
            long before = ProcessLimits.descriptorsOpen();
            StuckDatagrams stuck = new StuckDatagrams(Datagrams.of(CONFIG, false,
                    arena.allocate(Datagrams.plan(CONFIG, false).totalBytes(), 64)));
            stuck.unwatched = true;
            assertThrows(IOException.class, () -> DatagramLane.open(CONFIG, false, DELAY, 64, loopback("127.0.0.1"), stuck));
            assertEquals(before, ProcessLimits.descriptorsOpen());
        }
    }
}
