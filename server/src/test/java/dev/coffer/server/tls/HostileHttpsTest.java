package dev.coffer.server.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.key.KeyAlgorithm;
import dev.coffer.http.HeadWriter;
import dev.coffer.http.HttpEvent;
import dev.coffer.http.MessageSource;
import dev.coffer.http.Refusal;
import dev.coffer.http.http1.Http1Config;
import dev.coffer.http.http1.Http1Server;
import dev.coffer.memory.Entropy;
import dev.coffer.memory.engine.Engine;
import dev.coffer.testkit.Speaker;
import dev.coffer.tls.Alert;
import dev.coffer.tls.ClientContext;
import dev.coffer.tls.NamedGroup;
import dev.coffer.tls.PeerVerifier;
import dev.coffer.tls.ServerContext;
import dev.coffer.tls.TlsClient;
import dev.coffer.tls.TlsClientConfig;
import dev.coffer.tls.TlsServer;
import dev.coffer.tls.TlsServerConfig;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// HTTP/1.1 that is wrong, behind TLS: it has the answer that it has in the clear, octet for octet, and then close_notify, however its octets lie in records and the records' on
/// the wire. And the ends that only TLS has.
class HostileHttpsTest {
    private static final long NOW = 1_000_000_000L;
    private static final int WIRE_BYTES = 1 << 15;
    private static final MemorySegment FED = Arena.ofAuto().allocate(WIRE_BYTES);
    private static final MemorySegment DRAINED = Arena.ofAuto().allocate(WIRE_BYTES);
    private static final Http1Config HTTP = Http1Config.tight();
    private static final String GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    private static final String POST = "POST / HTTP/1.1\r\nHost: a\r\n";
    private static final String CHUNKS = POST + "Transfer-Encoding: chunked\r\n\r\n";
    /// One for each thing that a request is refused for.
    private static final List<String> WRONG = List.of(
            "GET /\r\nHost: a\r\n\r\n", "GET / HTTP/1.1\nHost: a\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n", "GET / HTTP/1.1\r\nHost\r\n\r\n",
            "GET / HTTP/1.1\r\nHost : a\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n", "GET a HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET / HTTP/1.1\r\n\r\n",
            "GET / HTTP/2.0\r\nHost: a\r\n\r\n", "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", POST + "Expect: tea\r\n\r\n",
            POST + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", POST + "Content-Length: +5\r\n\r\nhello",
            POST + "Transfer-Encoding: chunked, gzip\r\n\r\n", POST + "Transfer-Encoding: gzip, chunked\r\n\r\n", CHUNKS + "5 \r\nhello\r\n0\r\n\r\n",
            CHUNKS + "0\r\nContent-Length: 5\r\n\r\n", "GET /" + "p".repeat(HTTP.limits().startLineBytesMax()) + " HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\nX: " + "v".repeat(HTTP.limits().fieldBytesMax()) + "\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\n" + ("X: " + "v".repeat(HTTP.limits().fieldBytesMax() - 10) + "\r\n").repeat(20) + "\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\n" + "X: v\r\n".repeat(HTTP.limits().fieldsMax()) + "\r\n",
            POST + "Content-Length: " + (HTTP.limits().bodyBytesMax() + 1) + "\r\n\r\n", CHUNKS + "1;" + "x".repeat(20_000) + "\r\na\r\n0\r\n\r\n");
    private static final List<String> RIGHT = List.of(GET, POST + "Content-Length: 5\r\n\r\nhello", CHUNKS + "5\r\nhello\r\n0\r\nX: y\r\n\r\n", "\r\n" + GET,
            "GET / HTTP/1.0\r\n\r\n", "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
            POST + "Content-Length: 600\r\n\r\n" + "0123456789".repeat(60));  // more than the engine takes at once

    private ServerContext servers;
    private ClientContext clients;

    private record Trusting() implements PeerVerifier {
        @Override
        public int[] schemes() {
            return new int[] {0x0807};
        }

        @Override
        public PeerVerifier another() {
            return this;
        }

        @Override
        public Alert trust(MemorySegment chain, long at, int length, String host) {
            return null;
        }

        @Override
        public boolean verifies(int scheme, MemorySegment covered, long coveredAt, int coveredLength, MemorySegment signature, long signatureAt,
                int signatureLength) {
            return true;
        }
    }

    @BeforeEach
    void open() throws Exception {
        TlsServerConfig server =
                TlsServerConfig.defaults().withCounts(1, 1, 1).withGroups(NamedGroup.X25519).withCarriedOutputBytesMin(HTTP.sentHeadBytesMax());
        TlsClientConfig client = TlsClientConfig.defaults().withCounts(1, 1, 1).withGroups(NamedGroup.X25519);
        servers = ServerContext.over(server, List.of(Certified.make(KeyAlgorithm.ED25519, "coffer.test").identity()), Entropy.SYSTEM,
                Arena.ofAuto().allocate(server.plan().totalBytes(), 64));
        clients = ClientContext.over(client, new Trusting(), Entropy.SYSTEM, Arena.ofAuto().allocate(client.plan().totalBytes(), 64));
    }

    @AfterEach
    void close() {
        servers.close();
        clients.close();
    }

    /// The server's engine, and what becomes of its requests.
    private static class Server {
        final Http1Server http = new Http1Server(HTTP, Arena.ofAuto().allocate(HTTP.plan().totalBytes(), 64), 0, null);
        final List<String> events = new ArrayList<>();
        final StringBuilder content = new StringBuilder();
        boolean answers = true;

        Server() {
            http.reset(NOW);
        }

        void handle(HttpEvent event) {
            long stream = http.stream();
            switch (event) {
                case REQUEST -> http.proceed(stream);
                case DATA -> {
                    long length = http.dataLength(stream);
                    content.append(new String(http.dataSegment(stream).asSlice(http.dataAt(stream), length).toArray(ValueLayout.JAVA_BYTE),
                            StandardCharsets.ISO_8859_1));
                    http.consume(stream, length);
                    return;  // how much comes at a time is not the same
                }
                case END -> answer(stream);
                default -> {}
            }
            events.add(event + (event == HttpEvent.REFUSED ? " " + http.refusal() : ""));
        }

        void answer(long stream) {
            if (answers) {
                http.respond(stream, new Text(content.length() > 100 ? content.length() + " " + content.toString().hashCode() : content.toString()));
                content.setLength(0);
            }
        }
    }

    private record Text(String text) implements MessageSource {
        @Override
        public void head(HeadWriter head) {
            head.status(200).content(text.length());
        }

        @Override
        public long body(MemorySegment output, long at, long room) {
            if (room < text.length()) {
                return 0;
            }
            MemorySegment.copy(text.getBytes(StandardCharsets.ISO_8859_1), 0, output, ValueLayout.JAVA_BYTE, at, text.length());
            return text.isEmpty() ? END : text.length();
        }
    }

    /// Gives octets to an engine, as many at a time as are told and as it takes.
    ///
    /// @return those that it has no room for now
    private static byte[] feed(Engine<?> engine, byte[] bytes, int piece, Runnable turn) {
        for (int at = 0; at < bytes.length;) {
            int part = (int) Math.min(Math.min(piece, bytes.length - at), Math.min(engine.feedRoom(), WIRE_BYTES));
            MemorySegment.copy(bytes, at, FED, ValueLayout.JAVA_BYTE, 0, part);
            long taken = engine.feed(FED, 0, part, NOW);
            turn.run();
            if (taken == 0 && part > 0) {
                throw new AssertionError("stuck at " + at + ": " + engine);
            }
            at += (int) taken;
            if (part == 0) {
                return Arrays.copyOfRange(bytes, at, bytes.length);
            }
        }
        return new byte[0];
    }

    private static byte[] drain(Engine<?> engine) {
        return DRAINED.asSlice(0, engine.pollOutput(DRAINED, 0, WIRE_BYTES, NOW)).toArray(ValueLayout.JAVA_BYTE);
    }

    /// In the clear.
    private static final class Clear extends Server {
        final StringBuilder output = new StringBuilder();

        void say(String text) {
            feed(http, text.getBytes(StandardCharsets.ISO_8859_1), Integer.MAX_VALUE, this::turn);
        }

        void turn() {
            for (boolean more = true; more;) {
                byte[] out = drain(http);
                output.append(new String(out, StandardCharsets.ISO_8859_1));
                more = out.length > 0;
                for (HttpEvent event; (event = http.pollEvent()) != null; more = true) {
                    handle(event);
                }
            }
        }
    }

    /// Behind TLS.
    private final class Line extends Server {
        final Speaker said;
        final TlsServer<HttpEvent> outer = new TlsServer<>(servers, 0, (connection, now) -> http);
        final TlsClient<Speaker.Event> client;
        private final int piece;
        private boolean heard;
        private byte[] waiting = {};    // for the server to have room

        /// @param record  octets in a record, at most
        /// @param piece   octets on the wire at a time
        Line(String text, int record, int piece) {
            this.piece = piece;
            said = new Speaker(text).inPieces(record);
            client = new TlsClient<Speaker.Event>(clients, 0, (connection, now) -> said).to("coffer.test");
            outer.reset(NOW);
            client.reset(NOW);
        }

        void turn() {
            for (boolean more = true; more;) {
                byte[] up = drain(client);
                byte[] all = Arrays.copyOf(waiting, waiting.length + up.length);
                System.arraycopy(up, 0, all, waiting.length, up.length);
                waiting = feed(outer, all, piece, this::events);
                byte[] down = drain(outer);
                feed(client, down, WIRE_BYTES, () -> {});
                while (client.pollEvent() != null) {}
                more = up.length + down.length > 0 | events() | heard;
                heard = false;
            }
        }

        boolean events() {
            boolean any = false;
            for (HttpEvent event; (event = outer.pollEvent()) != null; any = true) {
                handle(event);
            }
            heard |= any;
            return any;
        }

        /// The client says close_notify.
        void leave() {
            client.shutdown(NOW);
            turn();
        }

        void end() {
            outer.close();
            client.close();
            http.close();
        }
    }

    private Refusal same(String text, int record, int piece) {
        Clear clear = new Clear();
        clear.say(text);
        Line line = new Line(text, record, piece);
        line.turn();
        String why = text.substring(0, Math.min(60, text.length())) + ", records of " + record + ", " + line.outer + line.events;
        assertEquals(clear.output.toString(), line.said.text(), why);
        assertEquals(clear.events, line.events, why);
        assertEquals(clear.http.refusal(), line.http.refusal(), why);
        assertEquals(clear.http.isEnded(), line.http.isEnded(), why);
        if (clear.http.isEnded()) {
            assertEquals(Alert.CLOSE_NOTIFY, line.client.alertReceived(), why);
            line.leave();
            assertTrue(line.outer.isEnded(), why);
        }
        Refusal refusal = clear.http.refusal();
        if (refusal.status() > 0) {
            assertTrue(clear.output.toString().matches("(?s)(HTTP/1.1 200.*)?HTTP/1.1 " + refusal.status() + " .*"), () -> why + ": " + clear.output);
        }
        line.end();
        clear.http.close();
        return refusal;
    }

    @Test
    void whatIsRefusedInTheClearIsRefusedAlikeBehindTls() {
        Set<Refusal> met = EnumSet.noneOf(Refusal.class);
        for (int record : new int[] {1, 7, Integer.MAX_VALUE}) {
            for (String text : WRONG) {
                Refusal refusal = same(text + GET, record, record == 7 ? 3 : Integer.MAX_VALUE);
                assertTrue(refusal.status() >= 400, text);
                met.add(refusal);
            }
            RIGHT.forEach(text -> assertEquals(Refusal.NONE, same(text, record, Integer.MAX_VALUE), text));
        }
        Set<Refusal> all = EnumSet.noneOf(Refusal.class);
        for (Refusal refusal : Refusal.values()) {
            if (refusal.status() > 0 && refusal != Refusal.TOO_SLOW) {
                all.add(refusal);
            }
        }
        assertEquals(all, met, "what can be refused is here");
    }

    /// Pipelined requests have their answers in their order, whatever record a field's name is cut by.
    @Test
    void pipelinedRequestsInRecordsThatCutThem() {
        SplittableRandom random = new SplittableRandom(12);
        for (int i = 0; i < 40; i++) {
            StringBuilder text = new StringBuilder();
            for (int requests = 1 + random.nextInt(5); requests > 0; requests--) {
                text.append(random.nextInt(8) == 0 ? WRONG.get(random.nextInt(WRONG.size())) : RIGHT.get(random.nextInt(RIGHT.size())));
            }
            same(text.toString(), 1 + random.nextInt(40), 1 + random.nextInt(60));
        }
        String large = POST + "Content-Length: 18000\r\n\r\n" + "0123456789".repeat(1800);  // records of which the engine takes a part at a time
        assertEquals(Refusal.NONE, same(large + large + GET, Integer.MAX_VALUE, Integer.MAX_VALUE));
    }

    private static void feedEnd(Line line, boolean said) {
        if (said) {
            line.client.shutdown(NOW);
            line.turn();
        }
        line.outer.feedEnd(NOW);
        line.turn();
    }

    /// The end of the stream, with close_notify and without: in a head, in content, between requests.
    @Test
    void anEndInTheMidstOfARequestIsNoRequest() {
        for (boolean said : new boolean[] {true, false}) {
            for (String cut : new String[] {"GET / HTTP/1.1\r\nHo", "GET / HTTP/1.1\r\nHost: a\r\n", POST + "Content-Length: 5\r\n\r\nhel",
                    CHUNKS + "5\r\nhello\r\n0\r\n"}) {
                Line line = new Line(GET + cut, Integer.MAX_VALUE, Integer.MAX_VALUE);
                line.turn();
                int answered = line.said.text().length();
                assertTrue(answered > 0, cut);
                feedEnd(line, said);
                assertEquals(answered, line.said.text().length(), cut);
                assertTrue(line.http.isEnded() && line.outer.isEnded(), () -> cut + line.outer + line.events);
                assertEquals(!said, line.outer.isTruncated(), cut);
                assertEquals(said ? Refusal.TRUNCATED : line.http.refusal(), line.http.refusal(), cut);
                assertTrue(line.http.refusal() == Refusal.TRUNCATED || line.http.refusal() == Refusal.BROKEN, cut);
                assertEquals(1, line.events.stream().filter(event -> event.equals("END")).count(), cut + line.events);
                assertEquals(cut.startsWith("POST"), line.events.contains("ABORTED"), cut + line.events);
                line.end();
            }
            Line line = new Line(GET, Integer.MAX_VALUE, Integer.MAX_VALUE);
            line.turn();
            feedEnd(line, said);
            assertTrue(line.outer.isEnded(), () -> line.outer + " " + line.events);
            assertEquals(!said, line.outer.isTruncated());
            assertEquals(Refusal.NONE, line.http.refusal(), "nothing is missing between requests");
            line.end();
        }
    }

    /// A client that has said all and says so, without waiting for its answer, has it.
    @Test
    void halfAConnectionIsAnswered() {
        Line line = new Line(GET, Integer.MAX_VALUE, Integer.MAX_VALUE);
        line.answers = false;
        line.turn();
        assertEquals("", line.said.text());
        line.client.shutdown(NOW);
        feed(line.outer, drain(line.client), Integer.MAX_VALUE, line::events);
        assertEquals(Alert.CLOSE_NOTIFY, line.outer.alertReceived());
        assertFalse(line.outer.isEnded(), "its answer is owed");
        line.outer.feedEnd(NOW);
        line.answers = true;
        line.answer(line.http.stream() < 0 ? 0 : line.http.stream());
        byte[] down = drain(line.outer);
        assertTrue(down.length > 40, "an answer, and close_notify");
        line.turn();
        assertEquals(Alert.CLOSE_NOTIFY, line.outer.alertSent());
        assertTrue(line.outer.isEnded());
        line.end();
    }
}
