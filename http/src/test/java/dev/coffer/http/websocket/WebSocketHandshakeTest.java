package dev.coffer.http.websocket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.coffer.http.Ascii;
import dev.coffer.http.HttpEvent;
import dev.coffer.http.RequestHead;
import dev.coffer.http.http1.Http1Config;
import dev.coffer.http.http1.Http1Server;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.SplittableRandom;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/// The opening handshake of HTTP/1.1 (RFC 6455, section 4.2): what opens, what is refused and how.
class WebSocketHandshakeTest {
    private static final String KEY = "dGhlIHNhbXBsZSBub25jZQ==";
    private static final String GOOD = "GET /chat HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Key: " + KEY + "\r\nOrigin: http://example.com\r\nSec-WebSocket-Protocol: chat, superchat\r\n"
            + "Sec-WebSocket-Version: 13\r\n\r\n";

    private static <T> T of(String text, Function<RequestHead, T> asked) {
        try (Arena arena = Arena.ofConfined()) {
            Http1Config config = Http1Config.defaults();
            Http1Server server = new Http1Server(config, arena.allocate(config.plan().totalBytes(), 64), 0, null);
            server.reset(0);
            byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
            server.feed(MemorySegment.ofArray(bytes), 0, bytes.length, 0);
            assertEquals(HttpEvent.REQUEST, server.pollEvent(), text);
            return asked.apply(server.request(server.stream()));
        }
    }

    private static int judged(String text) {
        return of(text, WebSocketHandshake::judge);
    }

    private static String accept(String key) {
        return of(GOOD.replace(KEY, key), request -> {
            MemorySegment target = MemorySegment.ofArray(new byte[WebSocketHandshake.ACCEPT_BYTES]);
            new WebSocketHandshake().accept(request, target, 0);
            return new String(target.toArray(ValueLayout.JAVA_BYTE), StandardCharsets.US_ASCII);
        });
    }

    @Test
    void theStandardsOwnKeyHasItsAnswer() {
        assertEquals(WebSocketHandshake.OPENS, judged(GOOD));
        assertEquals("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", accept(KEY));
    }

    @Test
    void everyKeyHasTheAnswerThatTheJdksSha1Gives() throws Exception {
        SplittableRandom random = new SplittableRandom(7);
        for (int i = 0; i < 200; i++) {
            byte[] nonce = new byte[16];
            random.nextBytes(nonce);
            String key = Base64.getEncoder().encodeToString(nonce);
            byte[] digest = MessageDigest.getInstance("SHA-1")
                    .digest((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").getBytes(StandardCharsets.US_ASCII));
            assertEquals(Base64.getEncoder().encodeToString(digest), accept(key), key);
        }
    }

    @Test
    void whatIsNoUpgradeToThisVersionIs426() {
        assertEquals(426, judged("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
        assertEquals(426, judged(GOOD.replace("Upgrade: websocket", "Upgrade: h2c")));
        assertEquals(426, judged(GOOD.replace("Connection: Upgrade", "Connection: keep-alive")));
        assertEquals(426, judged(GOOD.replace("Version: 13", "Version: 8")));
        assertEquals(426, judged(GOOD.replace("Version: 13", "Version: 13\r\nSec-WebSocket-Version: 13")));
        assertEquals(426, judged(GOOD.replace("HTTP/1.1", "HTTP/1.0")));
        assertEquals(WebSocketHandshake.OPENS, judged(GOOD.replace("Connection: Upgrade", "Connection: keep-alive, uPGRADE")
                .replace("Upgrade: websocket", "Upgrade: h2c, WebSocket")));
    }

    @Test
    void anotherMethodIs405AndAMalformedOneIs400() {
        assertEquals(405, judged(GOOD.replace("GET", "POST")));
        assertEquals(405, judged(GOOD.replace("GET", "HEAD")));
        for (String key : new String[] {"", "dGhlIHNhbXBsZSBub25jZQ=", "dGhlIHNhbXBsZSBub25jZQ==A", "dGhlIHNhbXBsZSBub25jZQAA", "dGhlIHNhbXBsZSBub25j-Q==",
                KEY + "\r\nSec-WebSocket-Key: " + KEY}) {
            assertEquals(400, judged(GOOD.replace(KEY, key)), key);
        }
        assertEquals(400, judged(GOOD.replace("Origin:", "Content-Length: 3\r\nOrigin:") + "abc"));
        assertEquals(400, judged(GOOD.replace("Origin:", "Transfer-Encoding: chunked\r\nOrigin:") + "0\r\n\r\n"));
    }

    @Test
    void onlyPagesOfThisHostAndWhoIsNoPageAreOfTheSameOrigin() {
        Function<String, Boolean> same = origin -> of(GOOD.replace("Host: server.example.com", "Host: Example.com:8443")
                .replace("Origin: http://example.com\r\n", origin), WebSocketHandshake::isSameOrigin);
        assertEquals(true, same.apply(""));
        assertEquals(true, same.apply("Origin: https://example.com:8443\r\n"));
        assertEquals(true, same.apply("Origin: http://EXAMPLE.com:8443\r\n"));
        for (String other : new String[] {"https://example.com", "https://evil.example.com:8443", "https://example.com:8443.evil", "null", "",
                "https://", "example.com:8443", "ftp://example.com:8443", "https://example.com:8443\r\nOrigin: https://example.com:8443"}) {
            assertEquals(false, same.apply("Origin: " + other + "\r\n"), other);
        }
    }

    @Test
    void theFirstSubprotocolThatBothHaveIsAgreedOn() {
        Ascii[] had = {Ascii.of("superchat"), Ascii.of("chat")};
        Function<String, Object> chosen = listed -> of(GOOD.replace("chat, superchat", listed),
                request -> String.valueOf(WebSocketHandshake.protocol(request, had)));
        assertEquals("chat", chosen.apply("chat, superchat"));
        assertEquals("superchat", chosen.apply("x,\t superchat ,chat"));
        assertEquals("chat", chosen.apply("x\r\nSec-WebSocket-Protocol: y, chat"));
        assertEquals("null", chosen.apply("Chat, chats, ,"));
        assertNull(of("GET / HTTP/1.1\r\nHost: a\r\n\r\n", request -> WebSocketHandshake.protocol(request, had)));
    }
}
