package dev.coffer.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.memory.Region;
import dev.coffer.server.time.Time;
import dev.coffer.http.Limits;
import dev.coffer.http.Status;
import dev.coffer.http.http1.Http1Config;
import dev.coffer.server.Client.Response;
import dev.coffer.server.LoopStatistics.Count;
import dev.coffer.server.files.FileSite;
import dev.coffer.testkit.Eventually;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What is full, slow, rude or told to stop; on both drivers. Limits are short, no duration is asserted.
@Timeout(600)
class ServerLimitsTest {
    private static final long MILLI = 1_000_000;
    private static final long LONG = 600_000 * MILLI;
    private static final int LARGE = 20_000_000;  // more than the buffers of two sockets

    @TempDir
    Path root;

    private Server server;

    @BeforeEach
    void write() throws IOException {
        Files.writeString(root.resolve("a.txt"), "0123456789");
        Files.write(root.resolve("large.bin"), new byte[LARGE]);
    }

    private Server open(Setup config) throws IOException {
        server = config.open();
        server.start();
        return server;
    }

    private Setup config(boolean portable) {
        return Setup.standard(root).withPortable(portable);
    }

    /// One short limit each: a test thread that the machine holds up must not be the one that is too slow.
    private static Http1Config impatient(long headNanos, long idleNanos, long graceNanos) {
        Limits d = Limits.defaults();
        return Http1Config.defaults().withLimits(new Limits(d.startLineBytesMax(), d.fieldBytesMax(), d.headBytesMax(),
                d.fieldsMax(), d.bodyBytesMax(), headNanos, idleNanos, graceNanos, 100_000_000));
    }

    @AfterEach
    void close() {
        if (server != null) {
            server.close();
            server.regions().forEach(region -> assertTrue(region.isClosed()));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aFullTableTurnsNewcomersAwayAndLeavesTheOthersAlone(boolean portable) throws IOException {
        open(config(portable).sized(1, 3, 8));
        List<Client> inside = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            Client client = new Client(server.address());
            assertEquals(200, client.get("/a.txt").status());
            inside.add(client);
        }
        for (int i = 0; i < 20; i++) {  // more than the door has slots
            try (Client late = new Client(server.address())) {
                late.send("GET /a.txt HTTP/1.1\r\nHost: t\r\n\r\n");
                Response response = late.read();
                assertEquals(503, response.status());
                assertEquals("1", response.field("retry-after"));
                assertEquals("Server is busy.\r\n", response.text());
                assertTrue(late.atEnd());
            }
        }
        for (Client client : inside) {
            assertEquals("0123456789", client.get("/a.txt").text());
        }
        inside.getFirst().close();
        Response again = null;
        while (again == null || again.status() == 503) {  // until the loop has seen the close
            try (Client next = new Client(server.address())) {
                again = next.get("/a.txt");
            }
        }
        assertEquals(200, again.status());
        assertEquals(4, server.count(Count.ACCEPTED));
        assertTrue(server.count(Count.TURNED_AWAY) >= 20);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whoSendsAHeadTooSlowlyIsAnsweredAndClosed(boolean portable) throws IOException {
        open(config(portable).with(impatient(200 * MILLI, LONG, LONG)));
        Eventually.passes(() -> {
            try (Client slow = new Client(server.address())) {
                slow.send("GET /a.txt HTTP/1.1\r\nHost:");
                assertEquals(408, slow.read().status());
                assertTrue(slow.atEnd());
            } catch (IOException e) {
                throw new AssertionError("closed before it had said a word", e);
            }
        });
        try (Client silent = new Client(server.address())) {
            assertTrue(silent.atEnd(), "who says nothing is closed without a word");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anIdleConnectionIsClosed(boolean portable) throws IOException {
        open(config(portable).with(impatient(LONG, 200 * MILLI, LONG)));
        try (Client client = new Client(server.address())) {
            assertEquals(200, client.get("/a.txt").status());
            assertTrue(client.atEnd());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whoReadsTooSlowlyIsDroppedAndHoldsNobodyUp(boolean portable) throws IOException, InterruptedException {
        // One block for two slow readers: the second sends through its own small buffer.
        open(config(portable).with(impatient(LONG, LONG, 200 * MILLI)).withBlocks(1, 1 << 14));
        try (Client one = new Client(server.address()); Client two = new Client(server.address());
                Client other = new Client(server.address())) {
            one.send("GET /large.bin HTTP/1.1\r\nHost: t\r\n\r\n");
            two.send("GET /large.bin HTTP/1.1\r\nHost: t\r\n\r\n");
            assertEquals("0123456789", other.get("/a.txt").text());
            Eventually.equal(2, () -> server.count(Count.REFUSED));
            Eventually.equal(2, () -> server.count(Count.BROKEN));
            assertThrows(IOException.class, one::read, "cut short");
            assertThrows(IOException.class, two::read, "cut short");
        }
        try (Client next = new Client(server.address())) {
            assertEquals("0123456789", next.get("/a.txt").text());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void badSyntaxIsAnsweredBeforeTheEnd(boolean portable) throws IOException {
        open(config(portable));
        String[][] table = {{"GET /a b HTTP/1.1\r\n\r\n", "400"}, {"GET / HTTP/1.1\r\n\r\n", "400"},
                {"GET / HTTP/3.0\r\nHost: t\r\n\r\n", "505"}, {"GET /" + "a".repeat(9000) + " HTTP/1.1\r\n\r\n", "414"},
                {"GET /" + "a".repeat(1100) + " HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n", "414"},
                {"GET / HTTP/1.1\r\nHost: t\r\nX: " + "b".repeat(9000) + "\r\n\r\n", "431"},
                {"GET / HTTP/1.1\r\nHost: t\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", "400"},
                {"POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 99999999\r\n\r\n", "413"}};
        for (String[] row : table) {
            try (Client client = new Client(server.address())) {
                // Much is on its way that nobody will read: the answer must not be lost to a reset.
                client.send(row[0] + "x".repeat(20_000));
                assertEquals(row[1], String.valueOf(client.read().status()), row[0].lines().findFirst().orElseThrow());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theAnswerReachesAPeerWhoseContentNobodyWants(boolean portable) throws IOException {
        open(config(portable));
        for (int i = 0; i < 20; i++) {  // without the moment of listening some are lost to a reset
            try (Client client = new Client(server.address())) {
                client.send("POST /a.txt HTTP/1.1\r\nHost: t\r\nContent-Length: 1000000\r\n\r\n" + "x".repeat(400_000));
                client.send("x".repeat(400_000));
                assertEquals(405, client.read().status());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aLoopThatDiesTakesTheServerAlong(boolean portable) throws Exception {
        AtomicBoolean broken = new AtomicBoolean();
        server = config(portable).sized(2, 4, 4).open(new Time() {
            @Override
            public long nanos() {
                if (broken.getAndSet(false)) {
                    throw new IllegalStateException("a fault that the test planted; its trace may be seen");
                }
                return SYSTEM.nanos();
            }

            @Override
            public long epochSeconds() {
                return SYSTEM.epochSeconds();
            }
        });
        server.start();
        try (Client client = new Client(server.address())) {
            assertEquals(200, client.get("/a.txt").status());
            assertFalse(server.hasFailed());
            broken.set(true);
            client.send("GET /a.txt HTTP/1.1\r\nHost: t\r\n\r\n");
            server.join();  // all loops end
            assertTrue(server.hasFailed());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aPeerThatFinishedSendingStillGetsItsAnswers(boolean portable) throws IOException {
        open(config(portable));
        try (Client client = new Client(server.address())) {
            client.send("GET /a.txt HTTP/1.1\r\nHost: t\r\n\r\n".repeat(5)
                    + "GET /large.bin HTTP/1.1\r\nHost: t\r\n\r\n");
            client.socket().shutdownOutput();
            for (int i = 0; i < 5; i++) {
                assertEquals("0123456789", client.read().text());
            }
            assertEquals(LARGE, client.read().body().length);
            assertTrue(client.atEnd());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void resetsInTheMiddleLeaveNothingBehind(boolean portable) throws IOException, InterruptedException {
        open(config(portable).sized(1, 4, 2));
        long idle = server.ledger().usedBytes();
        for (int i = 0; i < 40; i++) {
            Client client = new Client(server.address());
            client.send("GET /large.bin HTTP/1.1\r\nHost: t\r\n\r\n");
            client.socket().getInputStream().read();
            client.socket().setSoLinger(true, 0);
            client.close();
        }
        try (Client client = new Client(server.address())) {
            assertEquals(LARGE, client.get("/large.bin").body().length);
        }
        Eventually.equal(idle, server.ledger()::usedBytes);  // the file, too, once nobody has asked for a while
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aStopFinishesWhatIsInFlight(boolean portable) throws Exception {
        open(config(portable));
        InetSocketAddress address = server.address();
        try (Client busy = new Client(address); Client idle = new Client(address)) {
            assertEquals(200, idle.get("/a.txt").status());
            busy.send("GET /large.bin HTTP/1.1\r\nHost: t\r\n\r\n");
            assertEquals('H', busy.socket().getInputStream().read());
            Thread stopper = Thread.ofPlatform().start(server::close);
            assertTrue(idle.atEnd(), "an idle connection is closed at once");
            byte[] rest = busy.socket().getInputStream().readAllBytes();
            assertTrue(rest.length > LARGE, "the answer in flight is finished: " + rest.length);
            stopper.join();
            assertEquals(0, server.count(Count.BROKEN));
            assertThrows(IOException.class, () -> new Client(address).close());
        }
    }

    @Test
    void aHandlerMayStopItsServerAndNotCloseIt() throws Exception {
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        AtomicReference<Server> own = new AtomicReference<>();
        try (Server served = Server.open(ServerConfig.standard().withAddress(new InetSocketAddress("127.0.0.1", 0)), Site.of(exchange -> {
            try {
                own.get().close();
            } catch (IllegalStateException e) {
                thrown.set(e);
            }
            own.get().stop();
            exchange.respond(Status.OK);
        }))) {
            own.set(served);
            served.start();
            try (Client client = new Client(served.address())) {
                assertEquals(200, client.get("/").status());
            }
            served.join();
        }
        assertEquals("a server closed by its own thread", thrown.get().getMessage());
    }

    /// A shutdown hook beside a block that closes: each goes on to close what the loops read.
    @Test
    void whoClosesWhileAnotherClosesWaitsForIt() throws Exception {
        open(config(false));
        AtomicBoolean whole = new AtomicBoolean();
        try (Client busy = new Client(server.address())) {
            busy.send("GET /large.bin HTTP/1.1\r\nHost: t\r\n\r\n");
            assertEquals('H', busy.socket().getInputStream().read());
            Thread first = Thread.ofPlatform().start(server::close);
            Eventually.holds("it waits", () -> first.getState() == Thread.State.WAITING);
            Thread second = Thread.ofPlatform().start(() -> {
                server.close();
                whole.set(server.regions().stream().allMatch(Region::isClosed));
            });
            Eventually.holds("it waits or has returned", () -> second.getState() != Thread.State.NEW && second.getState() != Thread.State.RUNNABLE);
            assertTrue(busy.socket().getInputStream().readAllBytes().length > LARGE);
            first.join();
            second.join();
        }
        assertTrue(whole.get(), "closed when the second returned");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aStopWaitsForNobodyForEver(boolean portable) throws Exception {
        open(config(portable).withStopNanosMax(100 * MILLI));
        try (Client stuck = new Client(server.address()); Client idle = new Client(server.address());
                Client half = new Client(server.address())) {
            assertEquals(200, idle.get("/a.txt").status());
            half.send("GET /a.txt HTTP/1.1\r\nHo");  // asked for nothing yet: nothing of it is cut
            stuck.send("GET /large.bin HTTP/1.1\r\nHost: t\r\n\r\n");
            assertEquals('H', stuck.socket().getInputStream().read());
            server.close();
            server.close();
            assertEquals(1, server.count(Count.BROKEN), "the answer that the stop has cut");
            assertThrows(IOException.class, stuck::read);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void loopsShareOneAddress(boolean portable) throws IOException {
        open(config(portable).sized(2, 64, 16));
        assertEquals(2, server.regions().size());
        List<Client> clients = new ArrayList<>();
        for (int i = 0; i < 32; i++) {
            Client client = new Client(server.address());
            assertEquals("0123456789", client.get("/a.txt").text());
            clients.add(client);
        }
        assertEquals(32, server.count(Count.ACCEPTED));
        for (Client client : clients) {
            client.close();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void refusesAnAddressInUseEvenWhereItCouldBeShared(boolean portable) throws IOException {
        open(config(portable).sized(2, 8, 8));
        Setup same = config(portable).sized(2, 8, 8).at(server.address());
        // Two servers must not share a port by accident; the first shares its port only among its own loops.
        IOException e = assertThrows(IOException.class, () -> same.open());
        assertEquals("address in use", e.getMessage());
        assertThrows(FileSite.FolderException.class,
                () -> Setup.standard(root.resolve("none")).withPortable(portable).open());
    }
}
