package dev.coffer.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.http.Limits;
import dev.coffer.http.http1.Http1Config;
import dev.coffer.http.http2.Http2Config;
import dev.coffer.http.http2.Http2Server;
import dev.coffer.memory.Account;
import dev.coffer.server.drive.Kept;
import dev.coffer.server.drive.Loop;
import dev.coffer.server.drive.Protocol;
import dev.coffer.server.drive.Transport;
import dev.coffer.server.files.FileSite;
import dev.coffer.server.time.Time;
import dev.coffer.testkit.Eventually;
import dev.coffer.testkit.ObjectBytes;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Connections of HTTP/2 that say nothing hold their tables and no place; they go on when they do, and have a word to say at the end.
class Http2RestingTest {
    /// Off the heap, of a connection after a browser's first request; gate 4,096.
    private static final long RESTING_BYTES_MAX = 2048;
    private static final long SECOND = 1_000_000_000L;
    private static final String RESTING = "http2 at rest";
    /// What Chromium 150 says with its first request, beside the pseudo-header fields.
    private static final String[] BROWSER = {"sec-ch-ua", "\"Chromium\";v=\"150\", \"Not)A;Brand\";v=\"24\", \"Google Chrome\";v=\"150\"", "sec-ch-ua-mobile",
            "?0", "sec-ch-ua-platform", "\"Linux\"", "upgrade-insecure-requests", "1", "user-agent",
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Safari/537.36", "accept",
            "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7",
            "sec-fetch-site", "none", "sec-fetch-mode", "navigate", "sec-fetch-user", "?1", "sec-fetch-dest", "document", "accept-encoding",
            "gzip, deflate, br, zstd", "accept-language", "en-US,en;q=0.9", "priority", "u=0, i"};

    @TempDir
    Path folder;
    private final List<Http2Talk> talks = new ArrayList<>();

    @BeforeEach
    void site() throws Exception {
        Files.writeString(folder.resolve("page.html"), "<!doctype html>");
    }

    @AfterEach
    void leave() throws Exception {
        for (Http2Talk talk : talks) {
            talk.close();
        }
    }

    private static ServerConfig config(int connections, int active, int resting) {
        return ServerConfig.tight().withSize(1, connections, active).withHttp2(Http2Serving.defaults().withSize(64, 8).withResting(resting));
    }

    private Server open(ServerConfig config) throws Exception {
        Server server = Server.open(config, FileSite.of(folder, 8));
        server.start();
        return server;
    }

    /// A connection that has had an answer.
    private Http2Talk served(Server server) throws Exception {
        Http2Talk talk = Http2Talk.open(server.address()).hello().get(1, "/page.html", BROWSER);
        talks.add(talk);
        assertEquals("<!doctype html>", talk.answer(1).text());
        return talk;
    }

    private static Account account(Server server, String name) {
        return server.ledger().lines().stream().filter(line -> line.account() != null && line.name().equals(name)).findFirst().orElseThrow().account();
    }

    private static void allRest(Server server) {
        Eventually.equal(0L, () -> account(server, "active").usedBytes());
    }

    @Test
    void afterABrowsersFirstRequestItHoldsTwoKibibytesAtMost() throws Exception {
        try (Server server = open(config(32, 2, 32))) {
            for (int i = 0; i < 20; i++) {
                served(server);
            }
            allRest(server);
            long each = account(server, RESTING).usedBytes() / 20;
            System.out.println("an idle connection of HTTP/2: " + each + " bytes in the ledger's row");
            assertTrue(each > 0 && each <= RESTING_BYTES_MAX, each + " bytes");
            assertEquals(account(server, RESTING).usedBytes(), 20 * each, "each the same");
        }
    }

    /// Two places, and twenty who are connected: nobody makes way, as nobody is in one's way.
    @Test
    void manyAreServedAgainAndAgainInThePlacesOfFew() throws Exception {
        try (Server server = open(config(32, 2, 32))) {
            for (int i = 0; i < 20; i++) {
                served(server);
            }
            for (int stream = 3; stream < 9; stream += 2) {
                for (Http2Talk talk : talks) {
                    talk.get(stream, "/page.html", BROWSER);
                    assertEquals("<!doctype html>", talk.answer(stream).text());
                }
            }
            assertEquals(20, server.connections());
            for (Http2Talk talk : talks) {
                assertEquals(List.of(), talk.goodbyes);
                talk.close();
            }
            Eventually.equal(0L, () -> account(server, RESTING).usedBytes());
        }
    }

    /// Of those for which there is no room one gives its place up to who waits, as before.
    @Test
    void whoseTablesHaveNoRoomKeepsItsPlaceUntilSomebodyWaits() throws Exception {
        ServerConfig none = config(32, 2, 0).withTimes(60 * SECOND, 2 * SECOND, SECOND);
        try (Server server = open(none)) {
            Http2Talk first = served(server);
            served(server);
            served(server);
            first.end();
            assertEquals(List.of("1 0"), first.goodbyes);
        }
    }

    @Test
    void theIdleTimeEndsWithAWord() throws Exception {
        Limits hasty = Limits.tight().withTimes(60 * SECOND, SECOND / 5, 60 * SECOND);
        ServerConfig config = config(8, 2, 8);
        try (Server server = open(config.withHttp(Http1Config.tight().withLimits(hasty))
                .withHttp2(config.http2().withConfig(Http2Config.defaults().withLimits(hasty.withHead(8192, 100)))))) {
            Http2Talk talk = served(server);
            talk.end();
            assertEquals(List.of("1 0"), talk.goodbyes);
            Eventually.equal(0, server::connections);
            assertEquals(0, server.count(LoopStatistics.Count.BROKEN), "nothing was cut");
        }
    }

    @Test
    void aStopTellsThoseAtRest() throws Exception {
        Server server = open(config(8, 2, 8));
        Http2Talk talk = served(server);
        allRest(server);
        Thread stopping = Thread.ofVirtual().start(server::close);
        talk.end();
        stopping.join();
        assertEquals(List.of("2147483647 0", "1 0"), talk.goodbyes);
    }

    /// A connection without a socket, which remembers what is kept for it.
    private static final class Alone implements Transport {
        private Kept kept;

        @Override
        public boolean isLoopback() {
            return true;
        }

        @Override
        public int peer(MemorySegment target, long at) {
            return 0;
        }

        @Override
        public void turnSoon() {}

        @Override
        public void makeWay(long nowNanos) {}

        @Override
        public void keep(Kept thing) {
            kept = thing;
        }

        @Override
        public Kept kept() {
            return kept;
        }

        @Override
        public int fills() {
            return 0;
        }

        @Override
        public long unsentAt() {
            return ALL_SENT;
        }

        @Override
        public void cut() {}
    }

    private static Protocol lent(HttpLane lane, Alone connection) {
        Protocol protocol = lane.acquire();
        protocol.engine().reset(SECOND);
        protocol.begin(connection);
        return protocol;
    }

    /// What came is taken up and answered.
    private static void turn(Protocol protocol, byte... bytes) {
        MemorySegment wire = Arena.ofAuto().allocate(1 << 15);
        MemorySegment.copy(bytes, 0, wire, ValueLayout.JAVA_BYTE, 0, bytes.length);
        assertEquals(bytes.length, protocol.engine().feed(wire, 0, bytes.length, SECOND));
        do {
            while (protocol.event(SECOND)) {
                // all that there is to tell
            }
        } while (protocol.engine().pollOutput(wire, 0, wire.byteSize(), SECOND) > 0);
    }

    private static byte[] frame(int type, int flags, int stream, byte... payload) {
        return ByteBuffer.allocate(9 + payload.length).putInt(payload.length << 8 | type).put((byte) flags).putInt(stream).put(payload).array();
    }

    private static byte[] post(int stream, boolean ends) {
        byte[] head = {(byte) 0x83, (byte) 0x87, (byte) 0x84, 1, 1, 'a'};  // POST, https, `/`, an authority
        return frame(Http2Talk.HEADERS, ends ? 5 : 4, stream, head);
    }

    /// Whoever was refused in the middle of an upload goes on with it for a moment: a reset must not overtake the answer, though the connection rested in
    /// between, and another request came.
    @Test
    void anUploadThatWasRefusedIsListenedToAtTheEndThoughTheConnectionRestedMeanwhile() throws Exception {
        ServerConfig config = config(4, 2, 4);
        HttpLane lane = new HttpLane(config, Site.of(exchange -> exchange.respond(403)), 0, new LoopStatistics());
        try (Loop loop = new Loop(config.loop(0), lane, new LoopStatistics().tally(), Time.SYSTEM)) {
            assertEquals(0, loop.connections());
            for (boolean uploads : new boolean[] {false, true}) {
                Alone connection = new Alone();
                Protocol first = lent(lane, connection);
                turn(first, Http2Server.preface());
                turn(first, frame(Http2Talk.SETTINGS, 0, 0));
                turn(first, frame(Http2Talk.SETTINGS, 1, 0));
                turn(first, post(1, !uploads));
                assertEquals(!uploads, first.isAtRest(), "its stream lingers for a second");
                first.engine().onDeadline(2 * SECOND);
                turn(first);
                assertEquals(uploads, first.lingers());
                assertTrue(first.isAtRest(), first.engine()::toString);
                first.end();
                lane.release(first);
                for (int stream = 3; stream < 7; stream += 2) {
                    Protocol again = lent(lane, connection);
                    assertEquals(uploads, again.lingers(), "of a connection that goes on");
                    turn(again, post(stream, true));
                    assertEquals(uploads, again.lingers(), "what the last one sends is not all that may come");
                    again.end();
                    lane.release(again);
                }
                lane.forsake(connection.kept());
            }
        }
    }

    /// What room for a thousand connections more costs: the plan's word, the ledger's and JOL's.
    @Test
    void planIsLedgerIsJol() throws Exception {
        long[] bytes = new long[3];
        for (int resting : new int[] {16, 1016}) {
            ServerConfig config = config(2000, 8, resting);
            LoopStatistics statistics = new LoopStatistics();
            HttpLane lane = new HttpLane(config, FileSite.of(folder, 8), 0, statistics);
            try (Loop loop = new Loop(config.loop(0), lane, statistics.tally(), Time.SYSTEM)) {
                bytes[0] = lane.plan().child("resting").totalBytes() - bytes[0];
                bytes[1] = ObjectBytes.of(loop) - bytes[1];
                bytes[2] = lane.plan().heapBytes() - bytes[2];
                assertEquals(lane.plan().child("resting").totalBytes(),
                        Arrays.stream(loop.accounts()).filter(each -> each.name().equals(RESTING)).mapToLong(Account::capacityBytes).sum());
            }
        }
        assertEquals(1000 * 2048, bytes[0]);
        assertEquals(bytes[2], bytes[1]);
    }
}
