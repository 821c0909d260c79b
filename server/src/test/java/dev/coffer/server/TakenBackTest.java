package dev.coffer.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.coffer.http.HeadWriter;
import dev.coffer.http.Status;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.server.LoopStatistics.Count;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What a handler has taken comes back where the exchange does not take its answer.
@Timeout(600)
class TakenBackTest {
    /// More than there are of anything that is lent.
    private static final int TIMES = 100;

    /// Answers before the site behind it does, which is a fault of its own.
    private static final class Hasty extends Site {
        private final Site behind;

        Hasty(Site behind) {
            this.behind = behind;
        }

        @Override
        public MemoryPlan plan(ServerConfig config, int exchanges) {
            return behind.plan(config, exchanges);
        }

        @Override
        public int timers() {
            return behind.timers();
        }

        @Override
        public int descriptors() {
            return behind.descriptors();
        }

        @Override
        public Handler open(Place place) throws IOException {
            Handler next = behind.open(place);
            return exchange -> {
                if (exchange.request().queryLength() > 0) {
                    exchange.respond(Status.OK, new Empty());
                }
                next.handle(exchange);
            };
        }
    }

    private static final class Empty implements Answer {
        @Override
        public void head(HeadWriter head) {
            head.content(0);
        }

        @Override
        public long body(MemorySegment output, long at, long room) {
            return END;
        }
    }

    private static void check(Site site, int status, String... paths) throws IOException {
        ServerConfig config = ServerConfig.standard();
        try (Server server = Server.open(config.withSize(1, 8, 8), new Hasty(site))) {
            server.start();
            try (Client client = new Client(server.address())) {
                for (String path : paths) {
                    for (int i = 0; i < TIMES; i++) {
                        assertEquals(500, client.get(path + "?hasty").status(), path + ", " + i);
                    }
                    assertEquals(status, client.get(path).status(), path);
                    assertEquals(status, client.get(path).status(), path);
                }
            }
            assertEquals(TIMES * paths.length, server.count(Count.FAILED));
            assertFalse(server.hasFailed());
        }
    }

    @Test
    void theLedgersPage() throws Exception {
        check(LedgerPage.before(Site.of(exchange -> exchange.respond(Status.NOT_FOUND))), 200, "/-/ledger.json");
    }
}
