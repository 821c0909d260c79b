package dev.coffer.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.server.LoopStatistics.Count;
import dev.coffer.testkit.Eventually;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// As many connections as were planned are served, however they fall on the loops; one more is turned away.
@Timeout(600)
class ServerLoopsTest {
    @TempDir
    Path root;

    private Server server;

    @BeforeEach
    void write() throws IOException {
        Files.writeString(root.resolve("a.txt"), "0123456789");
    }

    private void open(boolean portable, int loops, int connections) throws IOException {
        server = Setup.standard(root).withPortable(portable).sized(loops, connections, 8).open();
        server.start();
    }

    @AfterEach
    void close() {
        if (server != null) {
            server.close();
        }
    }

    private int status() throws IOException {
        try (Client client = new Client(server.address())) {
            return client.get("/a.txt").status();
        }
    }

    private void fill(List<Client> inside, int until) throws IOException {
        while (inside.size() < until) {
            Client client = new Client(server.address());
            inside.add(client);
            assertEquals("0123456789", client.get("/a.txt").text(), "connection " + inside.size());
        }
    }

    @ParameterizedTest
    @CsvSource({"false,16,64", "true,16,64", "false,5,13", "true,5,13", "false,3,3", "true,2,2"})
    void everySeatIsUsedAndOneMoreIsTurnedAway(boolean portable, int loops, int connections) throws Exception {
        open(portable, loops, connections);
        List<Client> inside = new ArrayList<>();
        SplittableRandom random = new SplittableRandom(loops);
        for (int round = 0; round < 4; round++) {
            fill(inside, connections);
            assertEquals(connections, server.connections());
            for (int i = 0; i < 3; i++) {
                assertEquals(503, status(), "one too many, round " + round);
            }
            int leaving = random.nextInt(1, connections + 1);
            for (int i = 0; i < leaving; i++) {
                inside.remove(random.nextInt(inside.size())).close();
            }
            Eventually.equal(inside.size(), server::connections);
        }
        assertEquals(12, server.count(Count.TURNED_AWAY));
        for (Client client : inside) {
            client.close();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void allAtOnceAreServedToo(boolean portable) throws Exception {
        open(portable, 8, 32);
        for (int round = 0; round < 5; round++) {
            List<Client> inside = new ArrayList<>();
            for (int i = 0; i < 32; i++) {  // nobody waits for an answer before the next comes
                inside.add(new Client(server.address()).send("GET /a.txt HTTP/1.1\r\nHost: t\r\n\r\n"));
            }
            for (Client client : inside) {
                assertEquals(200, client.read().status());
            }
            for (Client client : inside) {
                client.close();
            }
            Eventually.equal(0, server::connections);
        }
        assertEquals(0, server.count(Count.TURNED_AWAY));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void atTheEdgeEveryoneIsAnsweredAndNoSeatIsLost(boolean portable) throws Exception {
        open(portable, 4, 6);
        ExecutorService peers = Executors.newFixedThreadPool(8);
        try {
            List<Future<Integer>> answers = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                long seed = i;
                answers.add(peers.submit(() -> hammer(new SplittableRandom(seed))));
            }
            for (Future<Integer> answered : answers) {
                assertEquals(60, Eventually.done(answered));
            }
        } finally {
            peers.shutdownNow();
        }
        Eventually.equal(0, server::connections);
        List<Client> inside = new ArrayList<>();
        fill(inside, 6);
        assertEquals(503, status());
        for (Client client : inside) {
            client.close();
        }
    }

    private int hammer(SplittableRandom random) throws IOException {
        int answered = 0;
        for (int i = 0; i < 60; i++) {
            try (Client client = new Client(server.address())) {
                int status = client.get("/a.txt").status();
                assertTrue(status == 200 || status == 503, "status " + status);
                if (status == 200 && random.nextBoolean()) {
                    assertEquals(200, client.get("/a.txt").status());
                }
                if (random.nextInt(4) == 0) {
                    client.socket().setSoLinger(true, 0);
                }
                answered++;
            }
        }
        return answered;
    }
}
