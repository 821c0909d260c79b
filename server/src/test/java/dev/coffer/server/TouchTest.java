package dev.coffer.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.coffer.crypto.key.KeyAlgorithm;
import dev.coffer.http.Status;
import dev.coffer.instruments.Mapping;
import dev.coffer.memory.Account;
import dev.coffer.memory.Protection;
import dev.coffer.memory.Protection.Level;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig.Commit;
import dev.coffer.memory.internal.os.MemoryCalls;
import dev.coffer.server.tls.Certified;
import dev.coffer.server.tls.Tls;
import dev.coffer.testkit.Eventually;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import javax.net.ssl.SSLEngine;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// A server whose memory is committed when touched: what it holds in the kernel's eyes, and in the ledger's, before many handshakes, with them and after.
class TouchTest {
    private static final int HANDSHAKES = 96;
    private static final int RECORD_HEADER_BYTES = 5;
    private static final int BEGUN_BYTES = 100;
    private static Certified identity;

    @BeforeAll
    static void identity() throws Exception {
        identity = Certified.make(KeyAlgorithm.ED25519, "localhost");
    }

    private static ServerConfig config(Commit commit) {
        Tls tls = Tls.of(Certified.patient().withCounts(512, HANDSHAKES, 16).withProtocols("h2", "http/1.1").withQuicProtocols("h3"),
                identity.identity());
        return ServerConfig.standard().withHttp2(Http2Serving.defaults()).withTls(tls).withHttp3(Http3ServingTest.serving()).withCommit(commit);
    }

    /// {@return resident bytes of the region's data, as the kernel says}
    private static long residentBytes(Region region) {
        long from = region.data().address();
        return Mapping.within(Mapping.ofSelf(), from, from + region.data().byteSize()).stream().mapToLong(Mapping::rssBytes).sum();
    }

    /// A second goes by, and a request has the loop see it.
    private static void goOn(TurnedClock clock, Server server) throws Exception {
        clock.advanceMillis(1_100);
        try (Socket socket = identity.trusting().getSocketFactory().createSocket(server.address().getAddress(), server.address().getPort())) {
            socket.setSoTimeout(Eventually.MILLIS);
            socket.getOutputStream().write("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".getBytes());
            assertTrue(new String(socket.getInputStream().readAllBytes()).startsWith("HTTP/1.1 204"));
        }
    }

    /// A second goes by, and the loop has a turn of somebody who says nothing.
    private static void look(TurnedClock clock, Server server) throws IOException {
        clock.advanceMillis(1_100);
        new Socket(server.address().getAddress(), server.address().getPort()).close();
    }

    /// Until two passes in a row have nothing more to give.
    private static long settled(TurnedClock clock, Server server) throws Exception {
        for (int i = 0; i < 6; i++) {
            goOn(clock, server);
        }
        return residentBytes(server.regions().getFirst());
    }

    @Test
    void handshakesTakePagesAndGiveThemBack() throws Exception {
        TurnedClock clock = new TurnedClock();
        try (Server server = clock.open(config(Commit.ON_TOUCH), Site.of(exchange -> exchange.respond(Status.NO_CONTENT)))) {
            Region region = server.regions().getFirst();
            assumeTrue(region.givesBack(), "a kernel that gives no locked pages back");
            server.start();
            long whole = region.bytes() - 2 * region.pageBytes();
            long before = settled(clock, server);
            assertTrue(4 * before < whole, before + " of " + whole + " bytes are committed before anybody came");

            List<Socket> open = new ArrayList<>();
            for (int i = 0; i < HANDSHAKES; i++) {
                Socket socket = new Socket(server.address().getAddress(), server.address().getPort());
                socket.getOutputStream().write(begunHello());
                open.add(socket);
            }
            Eventually.equal(HANDSHAKES, () -> handshakes(server));
            long during = residentBytes(region);
            assertTrue(server.ledger().committedBytes() < whole / 4);
            assertTrue(during - before >= (HANDSHAKES - 16) * region.pageBytes(), before + " before, " + during + " with " + HANDSHAKES + " handshakes");
            for (Socket socket : open) {
                socket.close();
            }
            Eventually.equal(0, () -> handshakes(server));
            try (Http3Talk talk = Http3Talk.open(server, identity)) {
                assertEquals(204, talk.end(talk.get("/")).status);
            }
            Eventually.equal(0, () -> used(server, "http3/connection"));
            long after = settled(clock, server);
            assertTrue(after <= before + 8 * region.pageBytes(), before + " before, " + during + " with handshakes, " + after + " after");
            Eventually.holds("the ledger says so, once the sweep has looked behind the last request", () -> {
                look(clock, server);
                return residentBytes(region) <= server.ledger().committedBytes();
            });
            assertTrue(server.ledger().committedBytes() < during, () -> during + " with handshakes, in the ledger " + server.ledger().committedBytes());
        }
    }

    /// {@return places of handshakes that are lent}
    private static long handshakes(Server server) {
        return used(server, "handshake") / (account(server, "handshake").capacityBytes() / HANDSHAKES);
    }

    private static long used(Server server, String row) {
        return account(server, row).usedBytes();
    }

    private static Account account(Server server, String row) {
        return server.ledger().lines().stream().map(line -> line.account()).filter(Objects::nonNull).filter(each -> each.name().equals(row)).findFirst()
                .orElseThrow();
    }

    /// {@return a record with the first bytes of a ClientHello: who sends no more has the place of a handshake until it leaves}
    private static byte[] begunHello() throws Exception {
        SSLEngine engine = identity.trusting().createSSLEngine("localhost", 443);
        engine.setUseClientMode(true);
        ByteBuffer to = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
        engine.wrap(ByteBuffer.allocate(0), to);
        to.flip();
        byte[] bytes = new byte[RECORD_HEADER_BYTES + BEGUN_BYTES];
        to.get(bytes);
        bytes[RECORD_HEADER_BYTES - 2] = 0;
        bytes[RECORD_HEADER_BYTES - 1] = BEGUN_BYTES;
        return bytes;
    }

    @Test
    void pagesThatAreNotLockedAreGivenBackAnywhere() throws Exception {
        try (Server server = Server.open(config(Commit.ON_TOUCH).withLocked(Level.OFF), Site.of(exchange -> exchange.respond(Status.NO_CONTENT)))) {
            assertTrue(server.regions().getFirst().givesBack());
        }
    }

    /// What a thread of the application may write at any moment: a page of it that is zero is not given back.
    @Test
    void theScratchOfAnExchangeIsNotGivenBack() throws Exception {
        TurnedClock clock = new TurnedClock();
        long[] address = new long[1];
        Site site = Site.of(exchange -> {
            if (address[0] == 0) {
                MemorySegment scratch = exchange.scratch().asSlice(exchange.scratchAt(), Exchange.SCRATCH_BYTES);
                scratch.fill((byte) 1);
                scratch.fill((byte) 0);
                address[0] = scratch.address();
            }
            exchange.respond(Status.NO_CONTENT);
        });
        try (Server server = clock.open(config(Commit.ON_TOUCH), site); Arena arena = Arena.ofConfined()) {
            Region region = server.regions().getFirst();
            assumeTrue(region.givesBack(), "a kernel that gives no locked pages back");
            server.start();
            goOn(clock, server);
            long page = address[0] & -region.pageBytes();
            assertEquals(-1, region.data().asSlice(page - region.data().address(), region.pageBytes()).mismatch(arena.allocate(region.pageBytes())),
                    "a page that is not zero stays anyhow");
            settled(clock, server);
            MemorySegment resident = arena.allocate(1);
            assertEquals(0, MemoryCalls.SYSTEM.resident(page, region.pageBytes(), resident.address()));
            assertEquals(1, resident.get(ValueLayout.JAVA_BYTE, 0) & 1);
        }
    }

    @Test
    void aServerThatCommitsAtOpenHasAllFromTheStart() throws Exception {
        try (Server server = Server.open(config(Commit.ON_OPEN), Site.of(exchange -> exchange.respond(Status.NO_CONTENT)))) {
            Region region = server.regions().getFirst();
            assertEquals(region.bytes() - 2 * region.pageBytes(), residentBytes(region));
            assertEquals(residentBytes(region), server.ledger().committedBytes());
            assertEquals(Protection.values().length, region.protections().size());
        }
    }
}
