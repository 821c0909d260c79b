package dev.coffer.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.client.Client.Count;
import dev.coffer.client.Http3Asking.When;
import dev.coffer.http.Method;
import dev.coffer.server.time.Time;
import dev.coffer.testkit.Eventually;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Calls over HTTP/3, through real sockets, to engines of ours: many on one connection, and what becomes of them when it ends.
class Http3CallsTest {
    private static final long MILLI = 1_000_000L;
    private static Localhost localhost;

    @BeforeAll
    static void make(@TempDir Path folder) throws Exception {
        localhost = Localhost.in(folder);
    }

    private static ClientConfig alone() throws Exception {
        return localhost.client(0).withHttp3(Http3Asking.defaults().withWhen(When.ALONE));
    }

    private static Http3Origin origin() throws Exception {
        return new Http3Origin(localhost.identity(), "h3", 100, 0);
    }

    private static Asked answered(Asked asked) {
        asked.await();
        assertNull(asked.failure, () -> asked.failure + " " + asked.refusal);
        assertEquals(200, asked.status);
        return asked;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void manyCallsShareOneConnection(boolean portable) throws Exception {
        try (Http3Origin origin = origin(); Client client = Client.open(alone().withPortable(portable))) {
            long before = client.ledger().usedBytes();
            List<Asked> all = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                all.add(new Asked(Method.GET, origin.url("/" + i * 700 + (i % 3 == 0 ? "/t" : "")), null).by(client));
                all.add(new Asked(Method.PUT, origin.url("/echo"), "x".repeat(i * 900)).by(client));
            }
            for (int i = 0; i < 40; i++) {
                assertEquals(i * 700, answered(all.get(2 * i)).got.size());
                assertEquals(i % 3 == 0 ? "text/plain;" : "", all.get(2 * i).trailers);
                assertEquals(i * 900, answered(all.get(2 * i + 1)).got.size());
            }
            assertEquals(1, client.count(Count.CONNECTIONS));
            assertEquals(1, client.connections());
            assertEquals(79, client.count(Count.REUSED));
            Eventually.holds("all is given back but the connection's own", () -> client.ledger().usedBytes() - before < 20_000);
            client.stop();
            Eventually.holds("the server hears of the end", () -> origin.closed.get() == 1);
        }
    }

    /// A clock that is late once, when a connection was begun: as where kernels are warmed up for the first hello.
    private static final class Late implements Time {
        private final long nanos;
        private long late;
        private Client client;

        Late(long nanos) {
            this.nanos = nanos;
        }

        @Override
        public long nanos() {
            if (late == 0 && client != null && client.connections() > 0) {
                late = nanos;
            }
            return System.nanoTime() + late;
        }

        @Override
        public long epochSeconds() {
            return SYSTEM.epochSeconds();
        }
    }

    @Test
    void whatOurOwnHelloTookIsNoneOfTheServersTime() throws Exception {
        long patience = alone().times().connect();
        Late clock = new Late(patience + 1000 * MILLI);
        ClientConfig config = alone().withTimes(new ClientConfig.Times(patience, patience, 4 * patience, patience, 0));
        try (Http3Origin origin = origin();
                Client client = Client.assemble(config, host -> new InetAddress[] {InetAddress.getByAddress(new byte[] {127, 0, 0, 1})}, clock, null, false)) {
            clock.client = client;
            Asked asked = Asked.get(origin.url("/1000")).by(client);
            Eventually.holds("it has an end", () -> {
                client.turn(20 * MILLI);
                return asked.done.getCount() == 0;
            });
            assertEquals(1000, answered(asked).got.size());
            assertEquals(clock.nanos, clock.late, "the clock was late");
        }
    }

    @Test
    void callsWaitWhereTheServerAllowsNoMoreStreams() throws Exception {
        try (Http3Origin origin = new Http3Origin(localhost.identity(), "h3", 2, 0);
                Client client = Client.open(alone().withSize(8, 1, 8, 64))) {
            List<Asked> all = new ArrayList<>();
            for (int i = 0; i < 30; i++) {
                all.add(Asked.get(origin.url("/1000")).by(client));
            }
            all.forEach(Http3CallsTest::answered);
            assertEquals(1, client.count(Count.CONNECTIONS));
        }
    }

    @Test
    void oneIsCancelledAndOneGivenUpByTheServerAndTheOthersGoOn() throws Exception {
        try (Http3Origin origin = origin(); Client client = Client.open(alone())) {
            Asked waits = Asked.get(origin.url("/wait")).by(client);
            Asked late = Asked.get(origin.url("/wait")).by(client);
            Asked reset = Asked.get(origin.url("/reject")).by(client).await();
            assertEquals(Failure.RESET, reset.failure);
            assertEquals(2000, answered(Asked.get(origin.url("/2000")).by(client)).got.size());
            client.cancel(late.ticket);
            assertEquals(Failure.CANCELLED, late.await().failure);
            origin.release();
            answered(waits);
            assertEquals(1, client.count(Count.CONNECTIONS));
        }
    }

    @Test
    void whatTheServerLeavesOutWhenItGoesAwayIsSentAgain() throws Exception {
        try (Http3Origin origin = origin(); Client client = Client.open(alone())) {
            Asked first = Asked.get(origin.url("/wait")).by(client);
            Eventually.holds("it is there", () -> origin.requests.get() == 1);
            origin.goAway();
            List<Asked> all = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                all.add(new Asked(Method.POST, origin.url("/echo"), "again").by(client));
            }
            for (Asked asked : all) {
                assertEquals("again", answered(asked).text());
            }
            origin.release();
            answered(first);
            assertEquals(11, client.count(Count.ANSWERED));
        }
    }

    @Test
    void aServerThatVanishesIsWaitedForAsLongAsAConnectionMayBeSilent() throws Exception {
        ClientConfig config = alone();
        ClientConfig.Times times = config.times();
        try (Http3Origin origin = origin(); Client client = Client.open(config.withTimes(new ClientConfig.Times(times.connect(), 300 * MILLI, times.call(),
                times.idle(), 0)))) {
            answered(Asked.get(origin.url("/10")).by(client));
            origin.vanish();
            assertEquals(Failure.TOO_SLOW, Asked.get(origin.url("/10")).by(client).await().failure);
        }
    }

    @Test
    void idleConnectionsMakeRoomForOtherOrigins() throws Exception {
        try (Http3Origin one = origin(); Http3Origin two = origin(); Http3Origin three = origin();
                Client client = Client.open(alone().withHttp3(Http3Asking.defaults().withWhen(When.ALONE).withSize(2, 4, 1 << 16)).withOrigins(1))) {
            for (int i = 0; i < 9; i++) {
                Http3Origin origin = List.of(one, two, three).get(i % 3);
                answered(Asked.get(origin.url("/100")).by(client));
            }
            assertTrue(client.connections() <= 2);
            assertEquals(9, client.count(Count.CONNECTIONS));
            Eventually.holds("those that made room were closed", () -> one.closed.get() + two.closed.get() + three.closed.get() >= 7);
        }
    }

    @Test
    void failuresAreNamed() throws Exception {
        ClientConfig config = alone();
        ClientConfig.Times times = config.times();
        ClientConfig quick = config.withTimes(new ClientConfig.Times(400 * MILLI, times.firstByte(), times.call(), times.idle(), 0));
        try (Http3Origin origin = origin(); Client client = Client.open(quick); Client doubting = Client.open(config.withTls(ClientTls.ofSystem()))) {
            assertEquals(Failure.CONNECT_TIMED_OUT, Asked.get("https://localhost:9/").by(client).await().failure);
            assertEquals(Failure.NO_HTTP3, Asked.get("http://localhost:9/").by(client).await().failure);
            assertEquals(Failure.UNTRUSTED, Asked.get(origin.url("/1")).by(doubting).await().failure);
        }
        try (Http3Origin other = new Http3Origin(localhost.identity(), "hq-interop", 10, 0); Client client = Client.open(config)) {
            assertEquals(Failure.NO_HTTP3, Asked.get(other.url("/1")).by(client).await().failure);
        }
    }

    @Test
    void aStopGivesUpWhatIsUnderWayAndTellsTheServer() throws Exception {
        try (Http3Origin origin = origin()) {
            Client client = Client.open(alone());
            Asked waits = Asked.get(origin.url("/wait")).by(client);
            Eventually.holds("it is there", () -> origin.requests.get() == 1);
            client.close();
            assertEquals(Failure.STOPPED, waits.await().failure);
            Eventually.holds("the server hears of the end", () -> origin.closed.get() == 1);
        }
    }

    @Test
    void aWrongServerIsAskedOnceMore() throws Exception {
        try (Http3Origin origin = origin(); Client client = Client.open(alone())) {
            Asked wrong = Asked.get(origin.url("/wrong")).by(client).await();
            assertEquals(421, wrong.status);
            assertNull(wrong.failure);
            assertEquals(2, origin.requests.get());
            assertFalse(client.count(Count.REPEATED) == 0);
        }
    }
}
