package dev.coffer.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import dev.coffer.client.Client.Count;
import dev.coffer.http.Ascii;
import dev.coffer.http.HeadWriter;
import dev.coffer.http.Method;
import dev.coffer.server.Server;
import dev.coffer.server.ServerConfig;
import dev.coffer.server.Site;
import dev.coffer.server.easy.Easy;
import dev.coffer.server.easy.Response;
import dev.coffer.testkit.Eventually;
import dev.coffer.testkit.FreePort;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Asking real servers: ours, the JDK's, and those of [Peer].
@Timeout(600)
class ClientTest {
    private static final ClientConfig CONFIG = ClientConfig.standard();

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void asksTheJdksServerOverOneConnection(boolean portable) throws Exception {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", exchange -> {
            byte[] content = exchange.getRequestBody().readAllBytes();
            byte[] answer = (exchange.getRequestMethod() + " " + exchange.getRequestURI() + " " + content.length)
                    .getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, exchange.getRequestURI().getPath().equals("/chunked") ? 0 : answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        server.start();
        String base = "http://localhost:" + server.getAddress().getPort();
        try (Client client = Client.open(CONFIG.withPortable(portable))) {
            assertEquals("GET /chunked 0", Asked.get(base + "/chunked").by(client).await().text());
            assertEquals("GET /plain 0", Asked.get(base + "/plain").by(client).await().text());
            assertEquals("POST /up 1000000", new Asked(Method.POST, base + "/up", "x".repeat(1_000_000)).by(client).await().text());
            assertEquals("PUT /none 0", new Asked(Method.PUT, base + "/none", "").by(client).await().text());
            assertEquals(1, client.count(Count.CONNECTIONS));
            assertEquals(3, client.count(Count.REUSED));
            assertEquals(1, client.connections());
        } finally {
            server.stop(0);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void asksOurOwnServer(boolean portable) throws Exception {
        Site site = Easy.answering(request -> Response.text("heard " + request.text()));
        try (Server server = Server.open(ServerConfig.standard(), site); Client client = Client.open(CONFIG.withPortable(portable))) {
            server.start();
            String uri = "http://127.0.0.1:" + server.address().getPort() + "/";
            Asked post = new Asked(Method.POST, uri, "you").by(client).await();
            assertEquals(200, post.status);
            assertEquals("heard you", post.text());
            Asked head = new Asked(Method.HEAD, uri, null).by(client).await();
            assertEquals(200, head.status);
            assertEquals("", head.text());
            assertEquals(1, client.count(Count.CONNECTIONS));
        }
    }

    @Test
    void trailersAndInterimHeadsAreTold() throws Exception {
        try (Peer peer = Peer.answering("HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "2\r\nok\r\n0\r\nX-Sum: 7\r\n\r\n"); Client client = Client.open(CONFIG)) {
            Asked asked = Asked.get(peer.uri("/")).by(client).await();
            assertEquals("ok", asked.text());
            assertEquals("7;", asked.trailers);
            assertEquals(200, asked.status);
        }
    }

    @Test
    void contentWaitsForAContinue() throws Exception {
        List<String> heard = new ArrayList<>();
        try (Peer peer = new Peer((socket, n) -> {
            heard.add(Peer.readHead(socket));
            heard.add("before " + socket.getInputStream().available());
            Peer.write(socket, "HTTP/1.1 100 Continue\r\n\r\n");
            heard.add(new String(socket.getInputStream().readNBytes(3), StandardCharsets.US_ASCII));
            Peer.write(socket, Peer.OK);
        }); Client client = Client.open(CONFIG)) {
            Asked asked = new Asked(Method.PUT, peer.uri("/"), "abc") {
                @Override
                public void head(HeadWriter head) {
                    super.head(head);
                    head.expectContinue();
                }
            };
            asked.by(client).await();
            assertNull(asked.failure);
            assertTrue(heard.get(0).contains("100-continue"));
            assertEquals(List.of("before 0", "abc"), heard.subList(1, 3));
        }
    }

    @Test
    void aTargetAndContentOfUnknownLengthComeFromMemory() throws Exception {
        MemorySegment target = MemorySegment.ofArray("/in/memory?q=1".getBytes(StandardCharsets.US_ASCII));
        List<String> heard = new ArrayList<>();
        try (Peer peer = new Peer((socket, n) -> {
            heard.add(Peer.readHead(socket));
            heard.add(new String(socket.getInputStream().readNBytes("0001\r\nx\r\n0\r\nx-sum: 1\r\n\r\n".length()), StandardCharsets.US_ASCII));
            Peer.write(socket, Peer.OK);
        }); Client client = Client.open(CONFIG)) {
            Asked asked = new Asked(Method.POST, peer.uri("/"), "x") {
                private boolean given;

                @Override
                public void start(HeadWriter head) {
                    head.request(method(), origin().authority(), target, 0, (int) target.byteSize());
                }

                @Override
                public void head(HeadWriter head) {
                    head.contentOfUnknownLength();
                }

                @Override
                public long body(MemorySegment output, long at, long room) {
                    if (given) {
                        return END;
                    }
                    given = true;
                    return super.body(output, at, room);
                }

                @Override
                public void trailers(HeadWriter trailers) {
                    trailers.field(Ascii.of("x-sum"), Ascii.of("1"));
                }
            };
            asked.by(client).await();
            assertNull(asked.failure);
            assertTrue(heard.get(0).startsWith("POST /in/memory?q=1 HTTP/1.1\r\nHost: 127.0.0.1:"), heard.get(0));
            assertTrue(heard.get(1).endsWith("x-sum: 1\r\n\r\n"), heard.get(1));
        }
    }

    @Test
    void noMoreConnectionsThanAnOriginMayHaveAndTheOthersWait() throws Exception {
        AtomicInteger now = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        CountDownLatch three = new CountDownLatch(3);
        try (Peer peer = new Peer((socket, n) -> {
            while (Peer.readHead(socket) != null) {
                most.accumulateAndGet(now.incrementAndGet(), Math::max);
                three.countDown();
                three.await();  // the first ones are there at once, however slow the machine is
                Thread.sleep(2);
                now.decrementAndGet();
                Peer.write(socket, Peer.OK);
            }
        }); Client client = Client.open(CONFIG.withSize(8, 3, 8, 64))) {
            List<Asked> all = new ArrayList<>();
            for (int i = 0; i < 60; i++) {
                all.add(Asked.get(peer.uri("/" + i)).by(client));
            }
            for (Asked asked : all) {
                assertEquals("ok", asked.await().text());
            }
            assertEquals(3, client.count(Count.CONNECTIONS));
            assertEquals(3, most.get());
            assertEquals(57, client.count(Count.REUSED));
        }
    }

    @Test
    void noMoreExchangesThanThereIsMemoryForAreOnTheWire() throws Exception {
        AtomicInteger now = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        try (Peer peer = new Peer((socket, n) -> {
            while (Peer.readHead(socket) != null) {
                most.accumulateAndGet(now.incrementAndGet(), Math::max);
                Thread.sleep(2);
                now.decrementAndGet();
                Peer.write(socket, Peer.OK);
            }
        }); Client client = Client.open(CONFIG.withSize(8, 8, 2, 64))) {
            List<Asked> all = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                all.add(Asked.get(peer.uri("/" + i)).by(client));
            }
            for (Asked asked : all) {
                assertEquals("ok", asked.await().text());
            }
            assertTrue(most.get() <= 2, "at once: " + most);
        }
    }

    @Test
    void oneCallMoreThanPlannedIsRefusedByItsType() throws Exception {
        Semaphore answers = new Semaphore(0);
        try (Peer peer = new Peer((socket, n) -> {
            while (Peer.readHead(socket) != null) {
                answers.acquire();
                Peer.write(socket, Peer.OK);
            }
        }); Client client = Client.open(CONFIG.withSize(4, 4, 4, 2))) {
            Asked one = Asked.get(peer.uri("/")).by(client);
            Asked two = Asked.get(peer.uri("/")).by(client);
            Asked three = Asked.get(peer.uri("/"));
            assertEquals(Client.FULL, client.tryAsk(three, three));
            assertEquals(2, assertThrows(CallsExhaustedException.class, () -> client.ask(three, three)).calls());
            answers.release(9);
            assertEquals("ok", one.await().text());
            assertEquals("ok", two.await().text());
            Eventually.holds("a place that is given back, after its end was told", () -> client.tryAsk(three, three) != Client.FULL);
            assertEquals("ok", three.await().text());
            assertEquals(3, client.count(Count.CALLS));
        }
    }

    @Test
    void aFullTableOfConnectionsClosesTheOneThatHasBeenIdleTheLongest() throws Exception {
        try (Peer one = Peer.answering(Peer.OK); Peer two = Peer.answering(Peer.OK); Peer three = Peer.answering(Peer.OK);
                Client client = Client.open(CONFIG.withSize(2, 2, 2, 8))) {
            Asked.get(one.uri("/")).by(client).await();
            Asked.get(two.uri("/")).by(client).await();
            Asked.get(one.uri("/")).by(client).await();
            assertEquals("ok", Asked.get(three.uri("/")).by(client).await().text());
            assertEquals("ok", Asked.get(one.uri("/")).by(client).await().text());
            assertEquals(1, one.connections.get(), "the second peer's had to go");
            assertEquals("ok", Asked.get(two.uri("/")).by(client).await().text());
            assertEquals(2, two.connections.get());
            assertEquals(2, client.connections());
        }
    }

    @Test
    void anOriginMoreThanTheTableHasRowsForFailsWhileAllAreInUseAndNotAfter() throws Exception {
        Semaphore answers = new Semaphore(0);
        try (Peer slow = new Peer((socket, n) -> {
            while (Peer.readHead(socket) != null) {
                answers.acquire();
                Peer.write(socket, Peer.OK);
            }
        }); Peer other = Peer.answering(Peer.OK); Client client = Client.open(CONFIG.withOrigins(1))) {
            Asked first = Asked.get(slow.uri("/")).by(client);
            assertEquals(Failure.ORIGINS_FULL, Asked.get(other.uri("/")).by(client).await().failure);
            answers.release();
            assertNull(first.await().failure);
            Asked again = Asked.get(other.uri("/")).by(client).await();
            while (again.failure == Failure.ORIGINS_FULL) {  // until the connection rests
                again = Asked.get(other.uri("/")).by(client).await();
            }
            assertEquals("ok", again.text());
        }
    }

    @Test
    void whereNobodyListensEveryWaitingCallHearsOfIt() throws Exception {
        try (Socket nobody = FreePort.refusing(); Client client = Client.open(CONFIG)) {
            List<Asked> all = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                all.add(Asked.get("http://127.0.0.1:" + nobody.getLocalPort() + "/").by(client));
            }
            for (Asked asked : all) {
                assertEquals(Failure.UNREACHABLE, asked.await().failure);
                assertEquals(1, asked.ends);
            }
            Eventually.equal(0, client::connections);
        }
    }

    @Test
    void bothFamiliesAreTriedInOrder() throws Exception {
        InetAddress six = InetAddress.getByName("::1");
        InetAddress four = InetAddress.getByName("127.0.0.1");
        try (Peer peer = new Peer(four, 0, (socket, n) -> {
            Peer.readHead(socket);
            Peer.write(socket, Peer.OK);
        }); Client client = Client.open(CONFIG, host -> new InetAddress[] {six, six, four})) {
            assertEquals("ok", Asked.get("http://two.example:" + peer.port() + "/").by(client).await().text());
        }
        try (Peer peer = new Peer(six, 0, (socket, n) -> {
            Peer.readHead(socket);
            Peer.write(socket, Peer.OK);
        }); Client client = Client.open(CONFIG, host -> new InetAddress[] {four, six})) {
            assertEquals("ok", Asked.get("http://two.example:" + peer.port() + "/").by(client).await().text());
            assertEquals("ok", Asked.get("http://[::1]:" + peer.port() + "/").by(client).await().text());
        }
    }

    @Test
    void aNameIsLookedUpOffTheClientsThread() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        try (Peer peer = Peer.answering(Peer.OK); Client client = Client.open(CONFIG, host -> {
            try {
                go.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return new InetAddress[] {InetAddress.getLoopbackAddress()};
        })) {
            Asked slow = Asked.get("http://slow.example:" + peer.port() + "/").by(client);
            assertEquals("ok", Asked.get(peer.uri("/")).by(client).await().text());
            assertEquals(0, slow.ends);
            go.countDown();
            assertEquals("ok", slow.await().text());
        }
    }

    @Test
    void whatAClientHoldsIsItsPlanItsRegionAndItsLedger() throws Exception {
        try (Peer peer = Peer.answering(Peer.OK)) {
            long second = 1_000_000_000L;
            Client client = Client.open(CONFIG.withTimes(new ClientConfig.Times(second, 60 * second, 60 * second, second / 50, 0)));
            long plan = Client.plan(CONFIG).totalBytes();
            assertEquals(plan, client.region().bytes());
            assertEquals(plan, client.ledger().planBytes());
            long before = client.ledger().usedBytes();
            Asked.get(peer.uri("/")).by(client).await();
            assertTrue(client.ledger().peakBytes() > before, "nothing was lent");
            Eventually.equal(before, client.ledger()::usedBytes);  // the end is told before all is given back; an idle connection has a timer
            client.close();
            assertTrue(client.region().isClosed());
            assertEquals(Client.STOPPED, client.tryAsk(Asked.get(peer.uri("/")), Asked.get(peer.uri("/"))));
            client.close();
        }
    }

    @Test
    void whatWentThroughIsWipedWhenTheConnectionRests() throws Exception {
        String secret = "0a-secret-9f";
        try (Peer peer = new Peer((socket, n) -> {
            Peer.readHead(socket);
            socket.getInputStream().readNBytes(secret.length());
            Peer.write(socket, "HTTP/1.1 200 OK\r\nX-Secret: " + secret + "\r\nContent-Length: " + secret.length() + "\r\n\r\n" + secret);
            Peer.awaitEnd(socket);
        }); Client client = Client.open(CONFIG)) {
            long before = client.ledger().usedBytes();
            CountDownLatch looked = new CountDownLatch(1);
            boolean[] seen = {false};
            Asked asked = new Asked(Method.PUT, peer.uri("/" + secret), secret) {
                @Override
                public void head(Call call) {
                    super.head(call);
                    seen[0] = holds(client, secret);
                    looked.countDown();
                }
            };
            assertEquals(secret, asked.by(client).await().text());
            looked.await();
            assertTrue(seen[0], "it was never there");
            // the end is told before all is given back; an idle connection has a timer
            Eventually.holds("all but a timer is given back", () -> client.ledger().usedBytes() <= before + 64);
            assertEquals(1, client.connections());
            assertFalse(holds(client, secret), "left in the region");
        }
    }

    private static boolean holds(Client client, String text) {
        byte[] memory = client.region().data().toArray(ValueLayout.JAVA_BYTE);
        return new String(memory, StandardCharsets.ISO_8859_1).contains(text);
    }

    @Test
    void numbersOutOfTheirRangeAreRefused() {
        CONFIG.withSize(1, 1, 1, 1);
        assertThrows(IllegalArgumentException.class, () -> CONFIG.withSize(0, 1, 1, 1));
        CONFIG.withSize(4, 4, 4, 1);
        assertThrows(IllegalArgumentException.class, () -> CONFIG.withSize(4, 5, 4, 1));
        assertThrows(IllegalArgumentException.class, () -> CONFIG.withSize(4, 4, 5, 1));
        assertThrows(IllegalArgumentException.class, () -> CONFIG.withSize(4, 4, 4, 0));
    }
}
