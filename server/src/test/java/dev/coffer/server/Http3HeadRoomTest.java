package dev.coffer.server;

import static dev.coffer.server.Http3Octets.request;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.coffer.crypto.key.KeyAlgorithm;
import dev.coffer.http.Limits;
import dev.coffer.http.http3.Http3Config;
import dev.coffer.memory.engine.StreamTransport;
import dev.coffer.server.route.Route;
import dev.coffer.server.route.Router;
import dev.coffer.server.tls.Certified;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// A server of the tight profile, whose connections share what there is for heads: what one gives back moves another, that says nothing meanwhile.
class Http3HeadRoomTest {
    /// Longer than the test may last: nobody's time of a head ends.
    private static final long LONG_NANOS = TimeUnit.HOURS.toNanos(1);
    /// Requests of which half has come are waited for at the server's end.
    private static final long STOP_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    @Test
    void roomThatOneConnectionGivesBackIsAnothers() throws Exception {
        Certified identity = Certified.make(KeyAlgorithm.ED25519, "localhost");
        Http3Config tight = Http3Config.tight();
        Limits limits = tight.limits();
        Http3Serving serving =
                Http3ServingTest.serving().withConfig(tight.withLimits(limits.withTimes(LONG_NANOS, LONG_NANOS, limits.graceNanos()))).withSize(4, 2, 8);
        byte[] whole = request("GET", "/", "x-long", "v".repeat(800));
        byte[] half = Arrays.copyOf(whole, 500);
        ServerConfig config = Http3ServingTest.config(identity).withHttp3(serving);
        try (Server server = Server.open(config.withTimes(config.answerNanosMax(), config.starvedNanosMax(), STOP_NANOS),
                Router.of(Route.get("/", exchange -> exchange.respond(200))));
                Http3RawTalk greedy = new Http3RawTalk(server.config().tls().config(), identity);
                Http3RawTalk other = new Http3RawTalk(server.config().tls().config(), identity);
                Http3RawTalk last = new Http3RawTalk(server.config().tls().config(), identity)) {
            server.start();
            greedy.begin(server).hello();
            long first = greedy.ask(half);
            greedy.ask(half);
            long third = greedy.ask(whole);
            other.begin(server).hello().served();
            assertEquals(0, greedy.lane(third).came.size(), "what one connection asks for leaves room to another");
            other.ask(half);
            last.begin(server).hello();
            long waits = last.ask(whole);
            last.end(waits);
            greedy.reset(first, 0);
            assertEquals("200", last.outcome(waits));
            assertEquals(StreamTransport.NONE, greedy.lane(third).reset);
            for (Http3RawTalk each : new Http3RawTalk[] {greedy, other, last}) {
                each.leave(System.nanoTime());  // else the server's end would wait for them
            }
        }
    }
}
