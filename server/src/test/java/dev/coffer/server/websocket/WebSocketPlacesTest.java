package dev.coffer.server.websocket;

import static dev.coffer.server.websocket.Frames.frame;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.coffer.server.Server;
import dev.coffer.server.ServerConfig;
import dev.coffer.testkit.Eventually;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Places for messages that several sockets wait for: whoever is called and has gone meanwhile hands the call on.
@Timeout(600)
class WebSocketPlacesTest {
    private static final long LONG = 300_000_000_000L;
    private static final MemorySegment WORD = MemorySegment.ofArray("word".getBytes(StandardCharsets.US_ASCII));
    private static final WebSocketConfig ONE_PLACE =
            WebSocketConfig.standard().withSockets(4).withMessages(1 << 10, 1).withSent(64, 1, 1, 1).withTimes(LONG, LONG, LONG);

    private final BlockingQueue<WebSocket> opened = new LinkedBlockingQueue<>();
    private final BlockingQueue<Integer> closed = new LinkedBlockingQueue<>();
    private final BlockingQueue<Long> told = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    private final List<AutoCloseable> open = new ArrayList<>();
    private volatile Said onMessage = (socket, text) -> socket.send(true, MemorySegment.ofArray(text.getBytes(StandardCharsets.UTF_8)), 0, text.length());
    private final WebSocketHub hub = WebSocketHub.of(ONE_PLACE, new Listener());
    private Server server;

    private interface Said {
        void message(WebSocket socket, String text);
    }

    private final class Listener implements WebSocketListener {
        @Override
        public void opened(WebSocket socket) {
            opened.add(socket);
        }

        @Override
        public void message(WebSocket socket, boolean text, MemorySegment data, long at, long length, boolean last) {
            onMessage.message(socket, words(data, at, length));
            heard.add(words(data, at, length));
        }

        private static String words(MemorySegment data, long at, long length) {
            return new String(data.asSlice(at, length).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
        }

        @Override
        public void sendable(WebSocket socket) {
            told.add(socket.number());
        }

        @Override
        public void closed(WebSocket socket, int code) {
            closed.add(code);
        }
    }

    @BeforeEach
    void serve() throws IOException {
        server = Server.open(ServerConfig.standard().withSize(1, 16, 4), hub);
        server.start();
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable one : open) {
            one.close();
        }
        server.close();
    }

    private Frames open() throws IOException {
        Frames frames = Frames.open(server.address());
        open.add(frames);
        return frames;
    }

    private WebSocket socket() {
        return Eventually.found("a socket", opened::poll);
    }

    /// A peer that has begun a message for which there is no place.
    private Frames waiting() throws IOException {
        Frames frames = open();
        byte[] ping = frame(0x89, "p");
        byte[] begun = frame(1, "wai");
        byte[] both = java.util.Arrays.copyOf(ping, ping.length + begun.length);
        System.arraycopy(begun, 0, both, ping.length, begun.length);
        frames.say(both);
        assertEquals("pong p", frames.next());
        return frames;
    }

    @Test
    void whoIsClosedWhileItWaitsForAPlaceHandsItOn() throws IOException {
        Frames holder = open();
        socket();
        holder.say(frame(1, "be"));
        Eventually.equal(1024L, this::usedByMessages);
        Frames gone = waiting();
        long number = socket().number();
        Frames next = waiting();
        hub.close(number, 3000);
        assertEquals("close 3000", gone.next());
        gone.say(Frames.close(3000));
        assertEquals("end", gone.next());
        next.say(frame(0x80, "ted"));
        holder.say(frame(0x80, "gun"));
        assertEquals("text begun", holder.next());
        assertEquals("text waited", next.next());
        Eventually.equal(0L, this::usedByMessages);
    }

    private long usedByMessages() {
        return server.ledger().lines().stream().filter(line -> line.account() != null && line.account().name().endsWith("received message"))
                .mapToLong(line -> line.account().usedBytes()).sum();
    }

    /// What a listener does with three sockets in one call: nothing goes before it has returned.
    private void three(Trio trio) throws IOException {
        Frames first = open();
        WebSocket one = socket();
        open();
        WebSocket two = socket();
        open();
        WebSocket three = socket();
        onMessage = (socket, text) -> trio.act(one, two, three);
        first.text("go");
        assertEquals("text word", first.next());
    }

    private interface Trio {
        void act(WebSocket one, WebSocket two, WebSocket three);
    }

    private static boolean send(WebSocket socket) {
        return socket.send(true, WORD, 0, WORD.byteSize());
    }

    @Test
    void whoClosesWhileItWaitsForRoomHandsTheCallOn() throws IOException {
        BlockingQueue<Long> last = new LinkedBlockingQueue<>();
        three((one, two, three) -> {
            heard.add(send(one) + " " + send(two) + " " + send(three));
            two.close(3000, null);
            last.add(three.number());
        });
        assertEquals("true false false", heard.poll());
        assertEquals(last.poll(), Eventually.found("who has room", told::poll));
    }

    @Test
    void whatAnotherThreadIsRefusedIsToldTheSocketAndHeldBackFromNobody() throws IOException {
        BlockingQueue<Long> all = new LinkedBlockingQueue<>();
        three((one, two, three) -> {
            heard.add(send(one) + " " + hub.send(two.number(), "word") + " " + send(three));
            all.add(two.number());
            all.add(three.number());
        });
        assertEquals("true false false", heard.poll());
        assertEquals(all.poll(), Eventually.found("who has room", told::poll));
        assertEquals(all.poll(), Eventually.found("who has room too, as the first one took none", told::poll));
    }

    @Test
    void aMessageLiesWhereItIsUntilItsListenerReturns() throws IOException {
        onMessage = (socket, text) -> socket.close(3000, null);
        Frames frames = open();
        frames.say(frame(1, "in two ")).say(frame(0x80, "pieces"));
        assertEquals("in two pieces", Eventually.found("a message", heard::poll), "after a close of its own");
        assertEquals("close 3000", frames.next());
        Eventually.equal(0L, this::usedByMessages);
    }

    @Test
    void nothingIsTakenForASocketThatCloses() throws IOException {
        onMessage = (socket, text) -> {
            socket.close(3000, null);
            heard.add("taken: " + hub.send(socket.number(), "late"));
        };
        Frames frames = open();
        frames.text("x");
        assertEquals("taken: false", Eventually.found("an answer", heard::poll));
        assertEquals("close 3000", frames.next());
    }

    /// Numbers outlive a server where somebody keeps them.
    @Test
    void aNumberOfAnEarlierServerIsNobodys() throws Exception {
        open();
        long before = socket().number();
        server.close();
        serve();
        Frames later = open();
        long after = socket().number();
        assertNotEquals(before, after);
        assertFalse(hub.send(before, "to whom"));
        hub.send(after, "to you");
        assertEquals("text to you", later.next());
    }
}
