package dev.coffer.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.http.websocket.WebSocketEngine;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.server.route.Route;
import dev.coffer.server.route.Router;
import dev.coffer.server.websocket.Frames;
import dev.coffer.server.websocket.WebSocketConfig;
import dev.coffer.server.websocket.WebSocketHub;
import dev.coffer.testkit.Eventually;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The same hub over HTTP/2 by extended CONNECT (RFC 8441), behind a router; interim answers (RFC 8297) over both versions; what is planned.
@Timeout(600)
class WebSocketVersionsTest {
    private static final String[] HANDSHAKE = {":protocol", "websocket", "sec-websocket-version", "13"};
    private final WebSocketHub hub = WebSocketHub.of(WebSocketConfig.standard(),
            (socket, text, data, at, length, last) -> socket.send(text, data, at, length)).withProtocols("chat");
    private Server server;

    private void serve() throws IOException {
        server = Server.open(ServerConfig.standard().withHttp2(Http2Serving.defaults()), Router.of(Route.get("/chat", hub),
                Route.get("/plain", exchange -> exchange.respond(200)), Route.get("/hints", exchange -> {
                    boolean will = exchange.earlyHints(FixedFields.of(List.of("Link: </a.css>; rel=preload; as=style")));
                    assertEquals(exchange.request().version() > 10, will);
                    exchange.respond(204);
                })));
        server.start();
    }

    @AfterEach
    void close() {
        if (server != null) {
            server.close();
        }
    }

    private static byte[] frame(int first, String payload) {
        return Frames.frame(first, payload);
    }

    /// Connects; the fields in place of those of the handshake where there are any.
    private static Http2Talk connect(Http2Talk talk, int stream, String path, String... fields) throws IOException {
        // pseudo-header fields come first: `:protocol` is the first of the others
        return talk.request(stream, "CONNECT", path, false, fields.length == 0 ? HANDSHAKE : fields);
    }

    private static String text(Http2Talk.Answer answer) {
        return answer.content.size() < 2 ? "" : answer.text().substring(2);
    }

    @Test
    void aSocketIsAStreamBesideOthers() throws IOException {
        serve();
        try (Http2Talk talk = Http2Talk.open(server.address()).hello()) {
            connect(talk, 1, "/chat", ":protocol", "websocket", "sec-websocket-version", "13", "sec-websocket-protocol", "chat");
            connect(talk, 3, "/chat");
            talk.frame(Http2Talk.DATA, 0, 1, frame(0x81, "one"));
            talk.frame(Http2Talk.DATA, 0, 3, java.util.Arrays.copyOf(frame(0x81, "three"), 4));
            while (!talk.answers.containsKey(1) || !text(talk.answers.get(1)).equals("one")) {
                talk.read();
            }
            assertTrue(talk.answers.get(1).fields.containsAll(List.of(":status=200", "sec-websocket-protocol=chat")), talk.answers.get(1).fields::toString);
            byte[] rest = frame(0x81, "three");
            talk.frame(Http2Talk.DATA, 0, 3, java.util.Arrays.copyOfRange(rest, 4, rest.length));
            while (!text(talk.answers.get(3)).equals("three")) {
                talk.read();
            }
            assertEquals(":status=200", talk.get(5, "/plain").answer(5).status());
            hub.broadcast("all");
            while (!text(talk.answers.get(3)).endsWith("all") || !text(talk.answers.get(1)).endsWith("all")) {
                talk.read();
            }
            talk.frame(Http2Talk.DATA, 0, 1, Frames.close(1000));
            assertTrue(talk.answer(1).text().endsWith("\u0088\u0002\u0003\u00e8"));
            assertEquals(0, Math.max(0, talk.answers.get(1).reset), "NO_ERROR, or its own end");
            Eventually.equal(1L, hub::sockets);
            talk.frame(Http2Talk.RST_STREAM, 0, 3, (byte) 0, (byte) 0, (byte) 0, (byte) 8);
            Eventually.equal(0L, hub::sockets);
        }
    }

    @Test
    void whatIsNoHandshakeOverHttp2IsRefused() throws IOException {
        serve();
        try (Http2Talk talk = Http2Talk.open(server.address()).hello()) {
            assertEquals(":status=501", connect(talk, 1, "/chat", ":protocol", "connect-udp", "sec-websocket-version", "13").answer(1).status());
            assertEquals(":status=400", connect(talk, 3, "/chat", ":protocol", "websocket", "sec-websocket-version", "8").answer(3).status());
            assertEquals(":status=400", talk.get(5, "/chat").answer(5).status());
            assertEquals(":status=501", connect(talk, 7, "/plain").answer(7).status(), "a 200 would be taken for a tunnel");
            assertEquals(":status=404", connect(talk, 9, "/nothing").answer(9).status());
            assertEquals(":status=400", talk.request(11, "CONNECT", "/chat", true, HANDSHAKE).answer(11).status(), "its side has ended");
            assertEquals(":status=403", connect(talk, 13, "/chat", ":protocol", "websocket", "sec-websocket-version", "13", "origin", "http://evil")
                    .answer(13).status());
            assertEquals(1, talk.request(15, "GET", "/chat", true, HANDSHAKE).answer(15).reset, ":protocol without CONNECT is malformed");
            assertEquals(":status=200", talk.get(17, "/plain").answer(17).status());
        }
    }

    @Test
    void aStopSays1001OverHttp2Too() throws Exception {
        serve();
        try (Http2Talk talk = Http2Talk.open(server.address()).hello()) {
            connect(talk, 1, "/chat");
            Eventually.equal(1L, hub::sockets);
            server.stop();
            while (!talk.answers.containsKey(1) || !talk.answers.get(1).text().endsWith("\u0088\u0002\u0003\u00e9")) {
                assertTrue(talk.read());
            }
            talk.frame(Http2Talk.DATA, 0, 1, Frames.close(1001));
            talk.answer(1);
            server.join();
        }
    }

    @Test
    void earlyHintsGoBeforeTheAnswerToWhomCanReadThem() throws IOException {
        serve();
        try (Client client = new Client(server.address())) {
            client.send("GET /hints HTTP/1.1\r\nHost: a\r\n\r\n");
            assertEquals("</a.css>; rel=preload; as=style", client.read(false).field("link"));
            assertEquals(204, client.read(false).status());
        }
        try (Client client = new Client(server.address())) {
            client.send("GET /hints HTTP/1.0\r\nHost: a\r\n\r\n");
            assertEquals(204, client.read(false).status(), "HTTP/1.0 knows no interim answers");
        }
        try (Http2Talk talk = Http2Talk.open(server.address()).hello()) {
            List<String> fields = talk.get(1, "/hints").answer(1).fields;
            assertEquals(List.of(":status=103", "link=</a.css>; rel=preload; as=style", ":status=204"), fields.subList(0, 3));
        }
    }

    @Test
    void anIdleSocketHoldsItsPlaceAndAnExchangeAndTheLedgerSaysSo() throws IOException {
        serve();
        MemoryPlan plan = server.plan();
        assertEquals(plan.totalBytes(), server.ledger().regionBytes());
        MemoryPlan row = plan.child("loop-0").child("data").child("http").child("exchanges");
        assertEquals((256 + 256 + 256 + 8) * (long) Exchange.bytes(Exchange.FIELD_BYTES_MAX), row.totalBytes(), "active, streams, sockets at rest, spares");
        long before = used("websocket") + used("active");
        Frames[] idle = new Frames[5];
        for (int i = 0; i < idle.length; i++) {
            idle[i] = Frames.open(server.address(), "/chat");
        }
        Eventually.equal(before + 5L * WebSocketEngine.BYTES, () -> used("websocket") + used("active"));
        assertEquals(320, WebSocketEngine.BYTES);
        for (Frames frames : idle) {
            frames.close();
        }
        Eventually.equal(before, () -> used("websocket") + used("active"));
    }

    private long used(String row) {
        return server.ledger().lines().stream().filter(line -> line.account() != null && line.account().name().endsWith(row))
                .mapToLong(line -> line.account().usedBytes()).sum();
    }
}
