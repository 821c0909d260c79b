package dev.coffer.server.events;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.http.Ascii;
import dev.coffer.server.Client;
import dev.coffer.server.Client.Response;
import dev.coffer.server.LoopStatistics.Count;
import dev.coffer.server.Server;
import dev.coffer.server.ServerConfig;
import dev.coffer.server.events.EventConfig.WhenFull;
import dev.coffer.testkit.Eventually;
import dev.coffer.testkit.Seeds;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Streams of events over real sockets, read as the standard reads them.
@Timeout(600)
class EventHubTest {
    private static final EventConfig SMALL = EventConfig.standard().withSize(3, 128, 4, 2);

    private final BlockingQueue<Long> subscribed = new LinkedBlockingQueue<>();
    private final BlockingQueue<Long> left = new LinkedBlockingQueue<>();
    private final List<Socket> sockets = new ArrayList<>();
    private Server server;
    private EventHub hub;

    private final class Noting implements Subscriber {
        @Override
        public void subscribed(dev.coffer.server.Exchange exchange, long subscriber) {
            if (exchange.request().queryLength() == 0) {
                throw new IllegalStateException("on purpose");
            }
            if (exchange.request().queryLength() > 0) {
                exchange.respond(403);
                return;
            }
            subscribed.add(subscriber);
        }

        @Override
        public void left(long subscriber) {
            left.add(subscriber);
        }
    }

    private void serve(EventConfig config, ServerConfig serverConfig) throws IOException {
        hub = EventHub.of(config, new Noting());
        server = Server.open(serverConfig, hub);
        server.start();
    }

    private void serve(EventConfig config) throws IOException {
        serve(config, ServerConfig.standard());
    }

    @AfterEach
    void close() throws IOException {
        for (Socket socket : sockets) {
            socket.close();
        }
        if (server != null) {
            stop();
        }
    }

    /// Without waiting for streams that are open.
    private void stop() {
        hub.endAll();
        server.close();
    }

    private Socket connect(String fields) throws IOException {
        Socket socket = new Socket();
        sockets.add(socket);
        socket.setReceiveBufferSize(1 << 16);
        socket.connect(new InetSocketAddress(server.address().getAddress(), server.address().getPort()));
        socket.setSoTimeout(Eventually.MILLIS);
        socket.getOutputStream().write(("GET / HTTP/1.1\r\nHost: t\r\n" + fields + "\r\n").getBytes(StandardCharsets.US_ASCII));
        return socket;
    }

    private EventReader open(String fields) throws IOException {
        EventReader reader = new EventReader(connect(fields).getInputStream());
        String head = reader.head();
        assertTrue(head.contains("text/event-stream") && head.contains("no-store") && head.contains("chunked"), head);
        return reader;
    }

    private long number() {
        return Eventually.found("a subscriber", subscribed::poll);
    }

    private long gone() {
        return Eventually.found("the end of a subscriber", left::poll);
    }

    /// Who plans no queue sends to nobody alone, and what is for all goes on.
    @Test
    void withoutAQueueNothingIsSentToOne() throws Exception {
        serve(SMALL.withSize(3, 128, 4, 0));
        EventReader reader = open("");
        long number = number();
        assertThrows(IllegalStateException.class, () -> hub.send(number, "mine", "alone"));
        hub.publish("tick", "all");
        assertEquals("tick:all", reader.event());
    }

    @Test
    void whatIsPublishedReachesAllAndWhatIsSentReachesOne() throws Exception {
        for (int loops = 1; loops <= 2; loops++) {
            serve(EventConfig.standard(), ServerConfig.standard().withSize(loops, 64, 64));
            EventReader[] readers = {open(""), open(""), open("")};
            long[] numbers = {number(), number(), number()};
            hub.publish("tick", "one\ntwo\r\n\u00e9\rfour");
            hub.comment(MemorySegment.ofArray(new byte[] {'c', '\n', 'd'}), 0, 3);
            hub.publish((String) null, "");
            for (EventReader reader : readers) {
                assertEquals("tick:one\ntwo\n\u00e9\nfour", reader.event());
                assertEquals("1", reader.lastId);
                assertEquals("3000", reader.retry);
                assertEquals(0, reader.comments, "a stream that begins is not kept alive");
                assertEquals("message:", reader.event());
                assertEquals("3", reader.lastId);
                assertEquals(2, reader.comments);
            }
            for (long number : numbers) {
                assertTrue(hub.send(number, "own", "for " + number));
            }
            List<String> heard = new ArrayList<>();
            for (EventReader reader : readers) {
                heard.add(reader.event());
            }
            for (long number : numbers) {
                assertTrue(heard.contains("own:for " + number), heard::toString);
            }
            assertEquals(3, hub.subscribers());
            assertTrue(hub.end(numbers[0]));
            hub.endAll();
            for (EventReader reader : readers) {
                assertNull(reader.event(), "a proper end");
            }
            for (int i = 0; i < 3; i++) {
                gone();
            }
            assertFalse(hub.send(numbers[0], "own", "gone"));
            assertFalse(hub.end(numbers[1]));
            Eventually.equal(0, hub::subscribers);
            assertEquals(0, hub.lost());
            server.close();
        }
    }

    @Test
    void whoComesBackGoesOnBehindWhatItHasSeen() throws Exception {
        serve(SMALL);
        for (int i = 1; i <= 6; i++) {
            hub.publish((String) null, "e" + i);
        }
        EventReader second = open("Last-Event-ID: 4\r\n");
        assertEquals("message:e5", second.event());
        assertEquals("message:e6", second.event());
        EventReader early = open("Last-Event-ID: 1\r\n");
        assertEquals("message:e3", early.event(), "the oldest that is still there");
        assertEquals(1, hub.lost());
        String[] nothings = {"", "Last-Event-ID: \r\n", "Last-Event-ID: 7\r\n", "Last-Event-ID: x\r\n", "Last-Event-ID: 9999999999999999999999\r\n"};
        for (String field : nothings) {
            number();
            hub.endAll();
            Eventually.equal(0, hub::subscribers);
            EventReader fresh = open(field);
            Eventually.equal(1, hub::subscribers);
            hub.publish((String) null, "new");
            assertEquals("message:new", fresh.event(), field);
        }
    }

    @Test
    void oneSubscriberMoreThanThereIsRoomForIs503AndARefusedOneHoldsNothing() throws Exception {
        serve(SMALL);
        for (int i = 0; i < 5; i++) {
            try (Client refused = new Client(server.address())) {
                assertEquals(403, refused.get("/?refuse").status());
                assertEquals(500, refused.get("/?").status(), "a listener that throws");
            }
        }
        EventReader[] three = {open(""), open(""), open("")};
        try (Client fourth = new Client(server.address())) {
            Response busy = fourth.get("/");
            assertEquals(503, busy.status());
            assertEquals("1", busy.field("retry-after"));
            assertEquals("GET, HEAD", fourth.request("POST", "/").field("allow"));
            assertTrue(hub.end(number()));
            assertNull(three[0].event());
        }
        Eventually.equal(2, hub::subscribers);
        open("");
        Eventually.equal(1, left::size);
    }

    @Test
    void numbersAreNeverUsedAgain() throws Exception {
        serve(SMALL);
        long before = -1;
        for (int i = 0; i < 5; i++) {
            EventReader reader = open("");
            long number = number();
            assertNotEquals(before, number);
            assertFalse(hub.send(before, "old", "x"));
            assertTrue(hub.send(number, "new", "x"));
            assertEquals("new:x", reader.event());
            hub.end(number);
            assertNull(reader.event());
            assertEquals(number, gone());
            before = number;
        }
        assertFalse(hub.send(Long.MAX_VALUE, "x", "y"));
        assertFalse(hub.send(-1, "x", "y"));
    }

    /// Who has kept one from before a restart must not reach another client by it.
    @Test
    void numbersOfAnEarlierServerNameNobody() throws Exception {
        serve(SMALL);
        open("");
        long before = number();
        stop();
        server = Server.open(ServerConfig.standard(), hub);
        server.start();
        EventReader reader = open("");
        long now = number();
        assertFalse(hub.send(before, "old", "x"));
        assertFalse(hub.end(before));
        assertTrue(hub.send(now, "new", "x"));
        assertEquals("new:x", reader.event());
    }

    @Test
    void anEventAtItsLimitIsTakenAndOneByteMoreIsRefused() throws Exception {
        serve(SMALL);
        EventReader reader = open("");
        long number = number();
        String most = "x".repeat(128 - "data: \n\n".length());
        assertTrue(hub.send(number, null, most));
        assertEquals("message:" + most, reader.event());
        assertThrows(IllegalArgumentException.class, () -> hub.send(number, null, most + "x"));
        String all = "x".repeat(128 - "id: 9223372036854775807\ndata: \n\n".length());
        hub.publish((String) null, all);
        assertEquals("message:" + all, reader.event());
        assertThrows(IllegalArgumentException.class, () -> hub.publish((String) null, all + "x"));
        MemorySegment comment = MemorySegment.ofArray(new byte[126]);
        hub.comment(comment, 0, 125);
        assertThrows(IllegalArgumentException.class, () -> hub.comment(comment, 0, 126));
        for (String type : new String[] {"a\nb", "a\rb", "a\0", "\u00e9"}) {
            assertThrows(IllegalArgumentException.class, () -> hub.publish(type, "x"));
            assertThrows(IllegalArgumentException.class, () -> hub.send(number, type, "x"));
        }
        assertThrows(IndexOutOfBoundsException.class, () -> hub.publish(null, comment, 1, 126));
        hub.publish("z", "end");
        assertEquals("z:end", reader.event(), "nothing came of what was refused");
    }

    @Test
    void aSlowReaderLosesTheOldestOrItsStreamEndsAndNobodyElseIsHeldBack() throws Exception {
        for (WhenFull whenFull : WhenFull.values()) {
            serve(EventConfig.standard().withSize(4, 1024, 128, 2).withWhenFull(whenFull));
            EventReader slow = open("");
            for (int i = 0; i < 7_000; i++) {  // 6 MB, more than the system's buffers take
                hub.publish("flood", i + "x".repeat(900));
            }
            EventReader fast = open("");
            hub.publish("last", "words");
            assertEquals("last:words", fast.event());
            long before = 0;
            long missed = 0;
            boolean gap = false;
            String event;
            while ((event = slow.event()) != null && !event.equals("last:words")) {
                long id = Long.parseLong(slow.lastId);
                assertTrue(event.startsWith("flood:" + (id - 1) + "x"), "whole, and the one that it says it is");
                assertEquals(905 + Long.toString(id - 1).length() + 1, event.length());
                assertTrue(id > before);
                gap |= id > before + 1;
                missed += id - before - 1;
                before = id;
            }
            missed += event == null ? 1 : Long.parseLong(slow.lastId) - before - 1;  // one of which the half came, or those before the last
            if (whenFull == WhenFull.DROP_OLDEST) {
                assertEquals(missed, hub.lost(), "counted one by one: " + event);
            }
            // overtaken in the midst of an event, a stream ends in either case
            assertTrue(hub.lost() > 0 && (event == null || whenFull == WhenFull.DROP_OLDEST && gap), whenFull + " " + event + " " + gap);
            stop();
        }
    }

    private static String letter(int number) {
        return String.valueOf((char) ('a' + number % 26));
    }

    @Test
    void aFullQueueDropsItsOldestOrEndsTheStream() throws Exception {
        for (WhenFull whenFull : WhenFull.values()) {
            serve(EventConfig.standard().withSize(2, 1 << 17, 1, 4).withWhenFull(whenFull));
            EventReader slow = open("");
            long number = number();
            int sent = 0;
            boolean there = true;
            while ((hub.lost() < 3 || sent < 70) && there) {    // 7 MB, more than the system's buffers take
                there = hub.send(number, "own", sent + ":" + letter(sent++).repeat(100_000));
                Thread.sleep(1);    // most of them are taken; one is longer than an output block, so it is under way when nothing moves
            }
            long lost = hub.lost();
            assertEquals(whenFull == WhenFull.DROP_OLDEST, there);
            hub.end(number);
            List<Integer> heard = new ArrayList<>();
            for (String event; (event = slow.event()) != null;) {
                int one = Integer.parseInt(event.split(":")[1]);
                heard.add(one);
                assertEquals("own:" + one + ":" + letter(one).repeat(100_000), event);
            }
            assertEquals(heard.stream().sorted().distinct().toList(), heard);
            if (there) {
                assertEquals(sent - lost, heard.size());
                assertEquals(sent - 1, heard.getLast(), "the newest stays");
            }
            assertEquals(number, gone());
            server.close();
        }
    }

    @Test
    void aQuietStreamIsKeptAliveAndAGoneClientIsFoundOut() throws Exception {
        serve(SMALL.withTimes(0, 20_000_000L));
        EventReader reader = open("");
        Socket gone = connect("");
        new EventReader(gone.getInputStream()).head();  // all is read: its end is no reset, and only a write finds out
        Eventually.equal(2, hub::subscribers);
        gone.close();
        Eventually.equal(1, hub::subscribers);
        Eventually.equal(1, () -> server.count(Count.BROKEN));
        do {
            Thread.sleep(20);
            hub.publish("x", "y");
            assertEquals("x:y", reader.event());
        } while (reader.comments == 0);
        assertEquals("", reader.retry, "0 says nothing");
    }

    @Test
    void aStopWaitsForOpenStreamsAsLongAsItMayUnlessTheyAreEnded() throws Exception {
        serve(SMALL, ServerConfig.standard().withTimes(1_000_000_000L, 1_000_000_000L, 50_000_000L));
        EventReader reader = open("");
        number();
        server.close();     // returns
        assertThrows(IOException.class, reader::event, "cut");
        hub.publish("to", "nobody");
        assertEquals(0, hub.subscribers());
        serve(SMALL, ServerConfig.standard().withTimes(1_000_000_000L, 1_000_000_000L, Long.MAX_VALUE / 4));
        reader = open("");
        hub.publish("last", "one");
        hub.endAll();
        server.close();     // returns, though it would wait for years
        assertEquals("last:one", reader.event());
        assertNull(reader.event());
    }

    @Test
    void aHubBelongsToOneServerAtATime() throws Exception {
        serve(SMALL);
        assertThrows(IllegalStateException.class, () -> Server.open(ServerConfig.standard(), hub));
        stop();
        server = Server.open(ServerConfig.standard(), hub);
        server.start();
        EventReader reader = open("");
        hub.publish("again", "here");
        assertEquals("again:here", reader.event());
    }

    @Test
    void configurationsOutOfRangeAreRefused() {
        for (int[] size : new int[][] {{0, 64, 1, 0}, {1, 63, 1, 0}, {1, 65, 1, 0}, {1, 64, 0, 0}, {1, 64, 1, 1}, {1, 64, 1, 1025},
                {(1 << 20) + 1, 64, 1, 0}}) {
            assertThrows(IllegalArgumentException.class, () -> SMALL.withSize(size[0], size[1], size[2], size[3]));
        }
        SMALL.withSize(1, 64, 1, 0);
        assertThrows(IllegalArgumentException.class, () -> SMALL.withTimes(-1, 1_000_000));
        assertThrows(IllegalArgumentException.class, () -> SMALL.withTimes(0, 999_999));
    }

    /// Any data, framed and read back: line ends become LF, all else stays.
    @Test
    void whateverIsFramedIsReadBack() {
        Seeds.forEach(1, 500, random -> {
            StringBuilder text = new StringBuilder();
            for (int left = random.nextInt(20); left > 0; left--) {
                text.append(new String[] {"\n", "\r", "\r\n", ":", " ", "a", "data: ", "\u20ac", "\0"}[random.nextInt(9)]);
            }
            byte[] data = text.toString().getBytes(StandardCharsets.UTF_8);
            long id = random.nextBoolean() ? EventText.NO_ID : random.nextLong(Long.MAX_VALUE);
            Ascii type = random.nextBoolean() ? null : Ascii.of("kind");
            MemorySegment source = MemorySegment.ofArray(data);
            int bytes = (int) EventText.eventLength(id, type, source, 0, data.length);
            byte[] framed = new byte[bytes];        // not a byte more is written
            EventText.event(id, type, source, 0, data.length, MemorySegment.ofArray(framed), 0);
            byte[] chunk = ("\r\n\r\n" + Integer.toHexString(bytes) + "\r\n").getBytes(StandardCharsets.US_ASCII);
            byte[] stream = java.util.Arrays.copyOf(chunk, chunk.length + bytes);
            System.arraycopy(framed, 0, stream, chunk.length, bytes);
            EventReader reader = new EventReader(new java.io.ByteArrayInputStream(stream));
            try {
                assertEquals((type == null ? "message:" : "kind:") + text.toString().replace("\r\n", "\n").replace('\r', '\n'), reader.event());
            } catch (IOException e) {
                throw new AssertionError(e);
            }
            assertEquals(id == EventText.NO_ID ? "" : Long.toString(id), reader.lastId);
        });
    }

    @Test
    void whatWasReadOrLeftBehindIsWiped() throws Exception {
        serve(SMALL);
        EventReader reader = open("");
        long number = number();
        hub.send(number, "own", "a secret that is read");
        assertEquals("own:a secret that is read", reader.event());
        hub.publish("all", "a secret for all");
        assertEquals("all:a secret for all", reader.event());
        hub.end(number);
        assertNull(reader.event());
        gone();
        for (int i = 0; i < 4; i++) {
            hub.publish((String) null, "x");  // writes over it
        }
        try (Arena arena = Arena.ofShared()) {
            MemorySegment all = arena.allocate(1);
            hub.publish(null, all, 0, 0);
        }
        MemorySegment memory = server.regions().getFirst().data();
        byte[] bytes = memory.toArray(ValueLayout.JAVA_BYTE);
        assertFalse(new String(bytes, StandardCharsets.ISO_8859_1).contains("secret"));
    }

}
