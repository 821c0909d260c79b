package dev.coffer.server.websocket;

import static dev.coffer.server.websocket.Frames.OPENING;
import static dev.coffer.server.websocket.Frames.frame;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.http.Ascii;
import dev.coffer.http.websocket.CloseCode;
import dev.coffer.server.Exchange;
import dev.coffer.server.LoopStatistics.Count;
import dev.coffer.server.Server;
import dev.coffer.server.ServerConfig;
import dev.coffer.server.TurnedClock;
import dev.coffer.server.websocket.WebSocketConfig.WhenFull;
import dev.coffer.testkit.Eventually;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket.Listener;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Sockets over real connections: what is sent and heard, who is held back, how each end is told.
@Timeout(600)
class WebSocketHubTest {
    private static final long SECOND = 1_000_000_000L;
    private static final long IDLE_MILLIS = 600_000;
    private static final WebSocketConfig SMALL = WebSocketConfig.standard().withSockets(8).withMessages(1 << 10, 1).withSent(1 << 10, 4, 2, 4);

    private final BlockingQueue<Long> opened = new LinkedBlockingQueue<>();
    private final BlockingQueue<Integer> closed = new LinkedBlockingQueue<>();
    private final List<AutoCloseable> open = new ArrayList<>();
    private volatile Server server;
    private volatile WebSocketHub hub;

    /// Echoes, and does what some messages say.
    private final class Echo implements WebSocketListener {
        @Override
        public void opening(Exchange exchange) {
            if (exchange.request().queryLength() > 0) {
                exchange.respond(403);
            }
        }

        @Override
        public void opened(WebSocket socket) {
            opened.add(socket.number());
        }

        @Override
        public void message(WebSocket socket, boolean text, MemorySegment data, long at, long length, boolean last) {
            String said = length > 20 ? "" : new String(data.asSlice(at, length).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
            switch (said) {
                case "close me" -> {
                    socket.send(text, data, at, length);
                    socket.close(4000, Ascii.of("as asked"));
                    assertFalse(socket.send(text, data, at, length));
                }
                case "cut me" -> socket.abort();
                case "throw" -> throw new IllegalStateException("on purpose");
                case "fill" -> {
                    int sent = 0;
                    while (socket.send(text, data, at, length)) {
                        sent++;
                    }
                    socket.attach(sent);
                }
                default -> socket.send(text, data, at, length);
            }
        }

        @Override
        public void sendable(WebSocket socket) {
            byte[] words = ("room again after " + socket.attachment()).getBytes(StandardCharsets.UTF_8);
            socket.send(true, MemorySegment.ofArray(words), 0, words.length);
        }

        @Override
        public void closed(WebSocket socket, int code) {
            closed.add(code);
        }
    }

    private void serve(WebSocketConfig config, ServerConfig serverConfig) throws IOException {
        hub = WebSocketHub.of(config, new Echo()).withProtocols("chat", "talk");
        server = Server.open(serverConfig, hub);
        server.start();
    }

    private void serve(WebSocketConfig config) throws IOException {
        serve(config, ServerConfig.standard().withSize(1, 16, 4));
    }

    @AfterEach
    void close() throws Exception {
        leave();
        if (server != null) {
            server.close();
        }
    }

    private void leave() throws Exception {
        for (AutoCloseable one : open) {
            one.close();
        }
        open.clear();
    }

    private Frames open() throws IOException {
        Frames frames = Frames.open(server.address());
        open.add(frames);
        return frames;
    }

    private Frames connect(String text) throws IOException {
        Frames frames = Frames.connect(server.address()).say(text);
        open.add(frames);
        return frames;
    }

    private long number() {
        return Eventually.found("a socket", opened::poll);
    }

    private int endCode() {
        return Eventually.found("an end", closed::poll);
    }

    // Handshakes.

    @Test
    void whatIsNoHandshakeIsAnsweredAndTheConnectionGoesOn() throws IOException {
        serve(SMALL);
        Frames frames = connect("GET / HTTP/1.1\r\nHost: t\r\n\r\n");
        String head = frames.head();
        assertTrue(head.startsWith("HTTP/1.1 426 Upgrade Required\r\n") && head.contains("Upgrade: websocket\r\n")
                && head.contains("Sec-WebSocket-Version: 13\r\n") && head.contains("Connection: upgrade\r\n"), head);
        Frames other = connect(OPENING + "Origin: https://elsewhere.example\r\n\r\n");
        assertTrue(other.head().startsWith("HTTP/1.1 403 "));
        assertTrue(connect(OPENING.replace("GET /", "GET /?x") + "\r\n").head().startsWith("HTTP/1.1 403 "), "the application's own");
        assertTrue(connect(OPENING.replace("GET", "POST") + "Content-Length: 0\r\n\r\n").head().contains("Allow: GET\r\n"));
        assertEquals(0, opened.size());
        open().text("x");
        assertTrue(number() != 0);
    }

    @Test
    void pagesOfOtherOriginsAreWelcomeAsItIsSaid() throws Exception {
        String[] fields = {"", "Origin: http://t\r\n", "Origin: https://a.example\r\n", "Origin: https://b.example\r\n",
                "Origin: https://b.example.org\r\n", "Origin: https://a.example\r\nOrigin: https://b.example\r\n"};
        for (boolean any : new boolean[] {false, true}) {
            WebSocketHub told = WebSocketHub.of(SMALL, new Echo());
            told = any ? told.withAnyOrigin() : told.withOrigins("https://a.example", "https://b.example");
            server = Server.open(ServerConfig.standard().withSize(1, 16, 4), told.withProtocols("chat"));
            server.start();
            for (int i = 0; i < fields.length; i++) {
                String head = connect(OPENING + fields[i] + "\r\n").head();
                assertTrue(head.startsWith(any || i < 4 ? "HTTP/1.1 101 " : "HTTP/1.1 403 "), fields[i] + head);
            }
            leave();
            server.close();
        }
    }

    @Test
    void subprotocolsAreAgreedOnAndExtensionsAreNot() throws IOException {
        serve(SMALL);
        String head =
                connect(OPENING + "Sec-WebSocket-Protocol: none, talk\r\nSec-WebSocket-Extensions: permessage-deflate\r\nOrigin: http://t\r\n\r\n").head();
        assertTrue(head.contains("Sec-WebSocket-Protocol: talk\r\n") && !head.contains("Extensions"), head);
    }

    @Test
    void framesBehindTheHandshakesHeadAreNotLost() throws IOException {
        serve(SMALL);
        byte[] frames = frame(0x81, "early");
        Frames peer = connect(OPENING + "\r\n" + new String(frames, StandardCharsets.ISO_8859_1)
                + new String(frame(0x81, "bird"), StandardCharsets.ISO_8859_1).substring(0, 5));
        peer.head();
        assertEquals("text early", peer.next());
        peer.say(java.util.Arrays.copyOfRange(frame(0x81, "bird"), 5, 10));
        assertEquals("text bird", peer.next());
    }

    @Test
    void oneSocketMoreThanThereAreIs503() throws IOException {
        serve(SMALL.withSockets(1));
        Frames first = open();
        assertTrue(connect(OPENING + "\r\n").head().startsWith("HTTP/1.1 503 "));
        first.say(Frames.close(1000));
        assertEquals("close 1000", first.next());
        assertEquals(1000, endCode());
        Eventually.passes(() -> open().text("again"));
    }

    // Messages.

    @Test
    void messagesComeBackWholeAndInPieces() throws IOException {
        serve(SMALL);
        Frames frames = open();
        frames.text("hello").say(frame(0x82, new byte[1024]));
        assertEquals("text hello", frames.next());
        assertEquals("binary 1024", frames.next());
        frames.say(frame(1, "frag")).say(frame(0x89, "ping"));
        assertEquals("pong ping", frames.next());
        frames.say(frame(0x80, "ments"));
        assertEquals("text fragments", frames.next());
        byte[] slow = frame(0x81, "drop by drop");
        for (byte b : slow) {
            frames.say(new byte[] {b});
        }
        assertEquals("text drop by drop", frames.next());
        frames.say(frame(0x82, new byte[1025]));
        assertEquals("close 1009", frames.next());
        assertEquals(CloseCode.TOO_BIG, endCode());
    }

    @Test
    void whoBeginsAMessageWhileAllPlacesAreLentWaitsForOneAndOthersGoOn() throws IOException {
        serve(SMALL);
        Frames holder = open();
        Frames waiter = open();
        Frames other = open();
        holder.say(frame(1, "be"));
        Eventually.equal(1024L, () -> used("received message"));
        waiter.say(frame(1, "wai")).say(frame(0x80, "ted"));
        other.text("whole");
        assertEquals("text whole", other.next());
        holder.say(frame(0x80, "gun"));
        assertEquals("text begun", holder.next());
        assertEquals("text waited", waiter.next());
        Eventually.equal(0L, () -> used("received message"));
    }

    private long used(String row) {
        return server.ledger().lines().stream().filter(line -> line.account() != null && line.account().name().endsWith(row))
                .mapToLong(line -> line.account().usedBytes()).sum();
    }

    @Test
    void wrongTextIs1007AndWhatWasSaidBeforeStillGoes() throws IOException {
        serve(SMALL);
        Frames frames = open();
        frames.text("good").say(frame(0x81, new byte[] {(byte) 0xff}));
        assertEquals("text good", frames.next());
        assertEquals("close 1007", frames.next());
        assertEquals("end", frames.next());
        assertEquals(CloseCode.INVALID_DATA, endCode());
    }

    // From other threads.

    @Test
    void anyThreadSendsToOneAndToAllWhileTheyRest() throws IOException {
        serve(SMALL.withSent(1 << 10, 8, 2, 4));
        List<Frames> all = new ArrayList<>();
        List<Long> numbers = new ArrayList<>();
        for (int i = 0; i < 8; i++) {  // twice as many as can be active
            all.add(open());
            numbers.add(number());
        }
        assertEquals(8, hub.sockets());
        for (int i = 0; i < 8; i++) {
            assertTrue(hub.send(numbers.get(i), "to " + i));
        }
        hub.broadcast("to all");
        for (int i = 0; i < 8; i++) {
            assertEquals("text to " + i, all.get(i).next());
            assertEquals("text to all", all.get(i).next());
        }
        Eventually.equal(0L, () -> used("active"));
        all.getFirst().text("after a rest");
        assertEquals("text after a rest", all.getFirst().next());
        assertTrue(hub.close(numbers.get(1), 3001));
        assertEquals("close 3001", all.get(1).next());
        all.get(1).say(Frames.close(3001));
        assertEquals("end", all.get(1).next());
        assertEquals(3001, endCode());
        assertFalse(hub.send(numbers.get(1), "gone"));
        assertFalse(hub.close(numbers.get(1), 1000));
        assertThrows(IllegalArgumentException.class, () -> hub.close(numbers.get(2), 1006));
        assertThrows(IllegalArgumentException.class, () -> hub.broadcast("x".repeat(1025)));
    }

    @Test
    void whoReadsTooSlowlyLosesTheOldestAndNobodyElseWaits() throws IOException {
        serve(SMALL.withSent(1 << 16, 4, 2, 2).withTimes(600 * SECOND, 600 * SECOND, SECOND));
        Frames slow = open();
        Frames quick = open();
        number();
        number();
        String large = "x".repeat(60_000);
        int sent = 0;
        while (hub.lost() == 0) {
            hub.broadcast(sent++ + " " + large);
            String got = quick.next();
            assertTrue(got.startsWith("text " + (sent - 1)), got.substring(0, Math.min(20, got.length())) + " in place of " + (sent - 1));
        }
        int last = -1;
        String frame = slow.next();
        while (frame.startsWith("text ")) {
            int number = Integer.parseInt(frame.substring(5, frame.indexOf(' ', 5)));
            assertTrue(number > last, "in order");
            last = number;
            if (number == sent - 1) {
                return;
            }
            frame = slow.next();
        }
        assertTrue(List.of("reset", "end", "cut").contains(frame), "overtaken in the midst of a message: " + frame);
    }

    @Test
    void whoIsOvertakenIsClosedWhereTheHubSaysSo() throws IOException {
        serve(SMALL.withSent(64, 4, 2, 1).withWhenFull(WhenFull.CLOSE));
        Frames frames = open();
        number();
        // the loop stands still while this one says two things that it cannot hold both
        hub.broadcast("held");
        assertEquals("text held", frames.next());
        int sent = 0;
        String heard = null;
        while (heard == null || heard.startsWith("text")) {
            for (int i = 0; i < 50; i++) {
                hub.broadcast("m" + sent++);
            }
            heard = frames.next();
        }
        assertEquals("close 1013", heard);
        assertTrue(hub.lost() > 0);
    }

    // Back-pressure.

    @Test
    void aFullQueueIsRefusedAndRoomIsTold() throws IOException {
        serve(SMALL);
        Frames frames = open();
        frames.text("fill");
        assertEquals("text fill", frames.next());
        assertEquals("text fill", frames.next());
        assertEquals("text room again after 2", frames.next());
    }

    @Test
    void manyPingsAreEachAnswered() throws IOException {
        serve(SMALL);
        Frames frames = open();
        java.io.ByteArrayOutputStream pings = new java.io.ByteArrayOutputStream();
        for (int i = 0; i < 2000; i++) {
            pings.writeBytes(frame(0x89, "p" + i));
        }
        frames.say(pings.toByteArray());
        for (int i = 0; i < 2000; i++) {
            assertEquals("pong p" + i, frames.next());
        }
    }

    // Ends.

    @Test
    void eachEndIsToldOnceWithItsCode() throws IOException {
        serve(SMALL);
        Frames asked = open().text("close me");
        assertEquals("text close me", asked.next());
        assertEquals("close 4000", asked.next());
        asked.say(Frames.close(4000));
        assertEquals("end", asked.next());
        assertEquals(4000, endCode());

        open().say(frame(0x88, "")).next();
        assertEquals(CloseCode.NONE, endCode());

        open().close();
        assertEquals(CloseCode.ABNORMAL, endCode(), "at rest, or before");

        Frames cut = open().text("cut me");
        assertTrue(List.of("end", "reset").contains(cut.next()));
        assertEquals(CloseCode.ABNORMAL, endCode());

        Frames thrown = open().text("throw");
        assertTrue(List.of("end", "reset").contains(thrown.next()));
        assertEquals(CloseCode.ABNORMAL, endCode());
        Eventually.equal(1L, () -> server.count(Count.FAILED));
        assertEquals(0, closed.size());
        Eventually.equal(0L, () -> used("websocket"));
    }

    @Test
    void aStopSays1001ToAllAndWaitsForTheirAnswers() throws Exception {
        serve(SMALL);
        List<Frames> all = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            all.add(open());
            number();
        }
        server.stop();
        for (Frames frames : all) {
            assertEquals("close 1001", frames.next());
            frames.say(Frames.close(1001));
            assertEquals("end", frames.next());
            assertEquals(1001, endCode());
        }
        server.join();
    }

    @Test
    void aSilentPeerIsPingedAndThenGivenUp() throws IOException {
        TurnedClock clock = new TurnedClock();
        hub = WebSocketHub.of(SMALL.withTimes(IDLE_MILLIS * 1_000_000, IDLE_MILLIS * 1_000_000, SECOND / 10), new Echo());
        server = clock.open(ServerConfig.standard().withSize(1, 16, 4), hub);
        server.start();
        Frames frames = open();
        for (int i = 0; i < 2; i++) {
            clock.advanceMillis(IDLE_MILLIS);
            assertEquals("ping", frames.next());
            frames.say(frame(0x8a, "")).text("alive");
            assertEquals("text alive", frames.next());
        }
        clock.advanceMillis(IDLE_MILLIS);
        assertEquals("ping", frames.next());
        clock.advanceMillis(IDLE_MILLIS);
        String end = frames.next();
        assertTrue(List.of("end", "reset").contains(end), end);
        assertEquals(CloseCode.ABNORMAL, endCode());
    }

    @Test
    void whoDoesNotEndItsMessageIs1008AndWhoDoesNotAnswerACloseIsCut() throws IOException {
        serve(SMALL.withTimes(30 * SECOND, SECOND / 20, SECOND / 20));
        Frames frames = open();
        frames.say(frame(1, "never ended"));
        assertEquals("close 1008", frames.next());
        String end = frames.next();
        assertTrue(List.of("end", "reset").contains(end), end);
        assertEquals(CloseCode.ABNORMAL, endCode());
    }

    // The JDK's client.

    /// Notes what it hears in words.
    private static final class Heard implements Listener {
        final BlockingQueue<String> words = new LinkedBlockingQueue<>();
        private final StringBuilder text = new StringBuilder();
        private int bytes;

        @Override
        public CompletionStage<?> onText(java.net.http.WebSocket socket, CharSequence data, boolean last) {
            text.append(data);
            if (last) {
                words.add("text " + text);
                text.setLength(0);
            }
            socket.request(1);
            return null;
        }

        @Override
        public CompletionStage<?> onBinary(java.net.http.WebSocket socket, java.nio.ByteBuffer data, boolean last) {
            bytes += data.remaining();
            if (last) {
                words.add("binary " + bytes);
                bytes = 0;
            }
            socket.request(1);
            return null;
        }

        @Override
        public CompletionStage<?> onPong(java.net.http.WebSocket socket, java.nio.ByteBuffer data) {
            words.add("pong " + data.remaining());
            socket.request(1);
            return null;
        }

        @Override
        public CompletionStage<?> onClose(java.net.http.WebSocket socket, int code, String reason) {
            words.add("close " + code + " " + reason);
            return null;
        }

        String next() {
            return Eventually.found("a word", words::poll);
        }
    }

    @Test
    void theJdksClientTalksWithIt() throws Exception {
        serve(WebSocketConfig.standard());
        Heard heard = new Heard();
        try (HttpClient client = HttpClient.newHttpClient()) {
            java.net.http.WebSocket socket = Eventually.done(client.newWebSocketBuilder().subprotocols("other", "chat")
                    .buildAsync(URI.create("ws://localhost:" + server.address().getPort() + "/"), heard));
            assertEquals("chat", socket.getSubprotocol());
            Eventually.done(socket.sendText("gr\u00fc\u00dfe ", false));
            Eventually.done(socket.sendText("\ud83d\ude00", true));
            assertEquals("text gr\u00fc\u00dfe \ud83d\ude00", heard.next());
            Eventually.done(socket.sendBinary(java.nio.ByteBuffer.allocate(16_000), true));
            assertEquals("binary 16000", heard.next());
            Eventually.done(socket.sendPing(java.nio.ByteBuffer.allocate(125)));
            assertEquals("pong 125", heard.next());
            hub.broadcast("news");
            assertEquals("text news", heard.next());
            Eventually.done(socket.sendText("close me", true));
            assertEquals("text close me", heard.next());
            assertEquals("close 4000 as asked", heard.next());
            assertEquals(4000, endCode());
        }
    }
}
