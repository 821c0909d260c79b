package dev.coffer.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.coffer.client.Http3Asking.When;
import dev.coffer.http.Method;
import dev.coffer.http.Status;
import dev.coffer.instruments.Mapping;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig.Commit;
import dev.coffer.server.Http2Serving;
import dev.coffer.server.Http3Serving;
import dev.coffer.server.Server;
import dev.coffer.server.ServerConfig;
import dev.coffer.server.Site;
import dev.coffer.server.time.Time;
import dev.coffer.server.tls.Tls;
import dev.coffer.testkit.Eventually;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A client whose memory is committed when touched, over each version of HTTP: what it holds in the kernel's eyes before many calls, with them under way and after.
class ClientTouchTest {
    private static final int CALLS = 24;
    private static final long MILLI = 1_000_000L;
    private static final int SETTLED = 8;       // passes of a sweep
    private static final int PASS_MILLIS = 1_100;
    private static final int LEFT_PAGES = 8;    // places that lie across two pages, what a session is resumed with
    private static Localhost localhost;

    @BeforeAll
    static void make(@TempDir Path folder) throws Exception {
        localhost = Localhost.in(folder);
    }

    /// Goes on by itself, and further when told to.
    private static final class Clock implements Time {
        private long ahead;

        @Override
        public long nanos() {
            return SYSTEM.nanos() + ahead;
        }

        @Override
        public long epochSeconds() {
            return SYSTEM.epochSeconds() + ahead / 1000 / MILLI;
        }
    }

    private static ClientConfig config() throws Exception {
        return localhost.client(0).withSize(CALLS, CALLS, CALLS, 2 * CALLS).withCommit(Commit.ON_TOUCH);
    }

    /// A server that answers when it is told to, in a region of its own, committed at open.
    private static Server server() throws Exception {
        Tls tls = Tls.of(localhost.serving("h2", "http/1.1").withQuicProtocols("h3"), localhost.identity());
        Server server = Server.open(ServerConfig.standard().withHttp2(Http2Serving.defaults()).withTls(tls).withHttp3(Http3Serving.defaults()),
                Site.of(exchange -> exchange.respond(Status.NO_CONTENT)));
        server.start();
        return server;
    }

    private static long residentBytes(Region region) {
        long from = region.data().address();
        return Mapping.within(Mapping.ofSelf(), from, from + region.data().byteSize()).stream().mapToLong(Mapping::rssBytes).sum();
    }

    /// Until passes of the sweep have nothing more to give.
    private static long settled(Client client, Clock clock) {
        for (int i = 0; i < SETTLED; i++) {
            clock.ahead += PASS_MILLIS * MILLI;
            client.turn(0);
        }
        return residentBytes(client.region());
    }

    /// @param pages  that calls take at least, all at once
    private static void check(ClientConfig config, int pages) throws Exception {
        Clock clock = new Clock();
        try (Server server = server();
                Client client = Client.assemble(config, host -> new InetAddress[] {InetAddress.getLoopbackAddress()}, clock, null, false)) {
            Region region = client.region();
            assumeTrue(region.givesBack(), "a kernel that gives no locked pages back");
            client.turn(0);
            long before = settled(client, clock);
            long most = 0;
            List<Asked> all = new ArrayList<>();
            for (int i = 0; i < CALLS; i++) {
                all.add(new Asked(Method.PUT, "https://localhost:" + server.address().getPort() + "/", "y".repeat(1000)).by(client));
            }
            while (all.stream().anyMatch(asked -> asked.done.getCount() > 0)) {
                client.turn(20 * MILLI);
                most = Math.max(most, residentBytes(region));
            }
            for (Asked asked : all) {
                assertNull(asked.failure, () -> asked.failure + " " + asked.refusal);
                assertEquals(204, asked.status);
            }
            clock.ahead += config.times().idle();
            Eventually.holds("its connections are closed", () -> {
                client.turn(20 * MILLI);
                clock.ahead += 1000 * MILLI;  // what QUIC waits for behind a close
                return client.connections() == 0;
            });
            long after = settled(client, clock);
            String figures = before + " before, " + most + " with calls, " + after + " after";
            assertTrue(most - before >= pages * region.pageBytes(), figures);
            assertTrue(after <= before + LEFT_PAGES * region.pageBytes(), figures);
            assertEquals(after, client.ledger().committedBytes() & -region.pageBytes(), figures);
        }
    }

    @Test
    void callsOverTlsTakePagesAndGiveThemBack() throws Exception {
        check(config(), 2 * CALLS);
    }

    @Test
    void callsOverHttp2TakePagesAndGiveThemBack() throws Exception {
        check(config().withHttp2(Http2Asking.defaults()), CALLS);
    }

    @Test
    void callsOverHttp3TakePagesAndGiveThemBack() throws Exception {
        check(config().withHttp3(Http3Asking.defaults().withWhen(When.ALONE)), CALLS);
    }
}
