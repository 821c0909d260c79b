package dev.coffer.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.http.Status;
import dev.coffer.memory.ledger.LedgerSnapshot;
import dev.coffer.server.LoopStatistics.Count;
import dev.coffer.testkit.Eventually;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Memory by need: who has something to say has a protocol's memory, nobody else.
@Timeout(600)
class ActiveTest {
    private static final long SECOND = 1_000_000_000L;
    private static final String GET = "GET / HTTP/1.1\r\nHost: t\r\n\r\n";

    private Server server;

    private void open(boolean portable, int connections, int active, long starvedNanos) throws IOException {
        ServerConfig config = ServerConfig.standard().withSize(1, connections, active).withPortable(portable);
        server = Server.open(config.withTimes(60 * SECOND, starvedNanos, SECOND), Site.of(x -> x.respond(Status.OK)));
        server.start();
    }

    @AfterEach
    void close() {
        if (server != null) {
            server.close();
        }
    }

    /// {@return bytes in use of the row of that name}
    private long used(String row) {
        LedgerSnapshot snapshot = server.ledger().snapshot();
        snapshot.refresh();
        for (int i = 0; i < server.ledger().lines().size(); i++) {
            if (server.ledger().lines().get(i).name().equals(row)) {
                return snapshot.usedBytes(i);
            }
        }
        throw new AssertionError("no row " + row);
    }

    private void awaitActive(long count) {
        long each = ServerConfig.standard().http().plan().totalBytes() + ServerConfig.standard().outputBytes();
        Eventually.equal(count * each, () -> used("active"));
    }

    private Client client() throws IOException {
        return new Client(server.address());
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void manyIdleConnectionsHoldNothingAndAreServedInTheMemoryOfOne(boolean portable) throws Exception {
        open(portable, 100, 1, 5 * SECOND);
        List<Client> clients = new ArrayList<>();
        try {
            for (int i = 0; i < 100; i++) {
                clients.add(client());
            }
            Eventually.equal(100, server::connections);
            awaitActive(0);
            for (int round = 0; round < 3; round++) {
                for (Client client : clients) {
                    assertEquals(200, client.get("/").status());
                }
            }
            awaitActive(0);
            assertEquals(100, server.connections());
            assertEquals(0, server.count(Count.STARVED));
        } finally {
            for (Client client : clients) {
                client.close();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whoFindsNoMemoryWaitsForItInTurn(boolean portable) throws Exception {
        open(portable, 4, 1, 30 * SECOND);
        try (Client holder = client(); Client second = client(); Client third = client(); Client idle = client()) {
            holder.send("GET / HTT");
            awaitActive(1);
            second.send(GET + GET);
            third.send(GET);
            holder.send("P/1.1\r\nHost: t\r\n\r\n");
            assertEquals(200, holder.read().status());
            assertEquals(200, second.read().status());
            assertEquals(200, second.read().status());
            assertEquals(200, third.read().status());
            assertEquals(200, idle.get("/").status());
            awaitActive(0);
            assertEquals(0, server.count(Count.STARVED) + server.count(Count.BROKEN));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whoWaitsForTooLongHears503AndNobodyElseIsTouched(boolean portable) throws Exception {
        open(portable, 3, 1, SECOND / 10);
        try (Client holder = client(); Client starved = client(); Client idle = client()) {
            holder.send("GET / HTT");
            awaitActive(1);
            starved.send(GET);
            assertEquals(503, starved.read().status());
            assertTrue(starved.atEnd());
            assertEquals(1, server.count(Count.STARVED));
            holder.send("P/1.1\r\nHost: t\r\n\r\n");
            assertEquals(200, holder.read().status());
            assertEquals(200, idle.get("/").status());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void headsThatAreBegunAndNotEndedGiveWayToWhoWaitsTheOldestFirst(boolean portable) throws Exception {
        open(portable, 16, 3, 4 * SECOND);  // the time of a head is 10 s
        try (Client first = client(); Client second = client(); Client third = client(); Client waiting = client()) {
            first.send("GET / HTT");
            awaitActive(1);
            second.send("GET / HTT");
            awaitActive(2);
            third.send("GET / HTT");
            awaitActive(3);
            assertEquals(200, waiting.get("/").status(), "long before a head's time is over");
            assertEquals(408, first.read().status());
            assertTrue(first.atEnd());
            for (Client other : List.of(second, third)) {
                other.send("P/1.1\r\nHost: t\r\n\r\n");
                assertEquals(200, other.read().status(), "one was enough");
            }
            Eventually.equal(1, () -> server.count(Count.REFUSED));
            awaitActive(0);
            assertEquals(0, server.count(Count.STARVED));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whoHoldsAnAnswerGivesWayToNobody(boolean portable) throws Exception {
        ServerConfig config = ServerConfig.standard().withSize(1, 4, 1).withPortable(portable);
        BlockingQueue<Runnable> answers = new ArrayBlockingQueue<>(4);
        server = Server.open(config.withTimes(60 * SECOND, SECOND / 5, SECOND), Site.of(exchange -> {
            Later later = exchange.later();
            long ticket = later.ticket();
            answers.add(() -> later.respond(ticket, Status.OK));
        }));
        server.start();
        try (Client holder = client(); Client waiting = client()) {
            holder.send(GET);
            Runnable answer = Eventually.found("the request", answers::poll);
            waiting.send(GET);
            assertEquals(503, waiting.read().status());
            answer.run();
            assertEquals(200, holder.read().status());
            assertEquals(0, server.count(Count.REFUSED));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whoWaitsAndGoesLeavesNothingBehind(boolean portable) throws Exception {
        open(portable, 3, 1, 30 * SECOND);
        try (Client holder = client()) {
            holder.send("GET / HTT");
            awaitActive(1);
            Client reset = client();
            reset.send(GET);
            reset.socket().setSoLinger(true, 0);
            Client ended = client();
            ended.send(GET);
            ended.socket().shutdownOutput();
            Eventually.equal(3, server::connections);  // and what they have said came before the reset
            reset.close();
            holder.send("P/1.1\r\nHost: t\r\n\r\n");
            assertEquals(200, holder.read().status());
            assertEquals(200, ended.read().status(), "it only reads");
            ended.close();
            Eventually.equal(1, server::connections);
            assertEquals(200, holder.get("/").status());
            awaitActive(0);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aStopRefusesWhoWaits(boolean portable) throws Exception {
        open(portable, 3, 1, 30 * SECOND);
        try (Client holder = client(); Client waiting = client()) {
            holder.send("GET / HTT");
            awaitActive(1);
            Eventually.equal(2, server::connections);
            waiting.send(GET);
            Client after = client();
            Eventually.equal(3, server::connections);  // it came after what the other has said: that one waits by now
            after.close();
            server.stop();
            assertEquals(503, waiting.read().status());
            assertTrue(waiting.atEnd());
            server.join();
        }
    }
}
