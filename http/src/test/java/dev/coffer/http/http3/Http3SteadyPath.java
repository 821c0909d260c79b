package dev.coffer.http.http3;

import dev.coffer.http.Ascii;
import dev.coffer.http.DateField;
import dev.coffer.http.FieldName;
import dev.coffer.http.HeadWriter;
import dev.coffer.http.HttpEvent;
import dev.coffer.http.MessageSource;
import dev.coffer.http.Method;
import dev.coffer.testkit.SteadyPath;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// A server's side of HTTP/3: requests of all kinds with their tables, a reset, a priority, a stop; then faults of streams and of the connection. A client's: an
/// upload, interim heads, trailers, one that is given up, GOAWAY. 0 heap bytes, whoever executes it; run among HTTP/2's.
public final class Http3SteadyPath implements SteadyPath {
    /// 3,000 bytes, by turns of known and of unknown length.
    private static final class Answer implements MessageSource {
        private static final Ascii TYPE = Ascii.of("text/plain");
        private static final Ascii OWN = Ascii.of("x-own");
        private long left;
        private int turn;

        @Override
        public void head(HeadWriter head) {
            left = 3000;
            head.status(200).field(FieldName.CONTENT_TYPE, TYPE).field(OWN, TYPE).field(FieldName.ETAG, turn++);
            if (turn % 2 == 0) {
                head.contentOfUnknownLength();
            } else {
                head.content(left);
            }
        }

        @Override
        public long body(MemorySegment output, long at, long room) {
            if (left == 0) {
                return END;
            }
            long bytes = Math.min(room, left);
            output.set(ValueLayout.JAVA_BYTE, at, (byte) 'x');
            left -= bytes;
            return bytes;
        }

        @Override
        public void trailers(HeadWriter trailers) {
            trailers.field(FieldName.VARY, 1);
        }
    }

    /// An upload of 3,000 bytes.
    private static final class Request implements MessageSource {
        private static final Ascii HOST = Ascii.of("a");
        private static final Ascii PATH = Ascii.of("/");
        private long left;

        @Override
        public void head(HeadWriter head) {
            left = 3000;
            head.request(Method.POST, HOST, PATH).content(left);
        }

        @Override
        public long body(MemorySegment output, long at, long room) {
            long bytes = Math.min(room, left);
            output.set(ValueLayout.JAVA_BYTE, at, (byte) 'x');
            left -= bytes;
            return bytes;
        }
    }

    private final Http3Config config = Http3Config.defaults();
    private final DateField date = new DateField();
    private final Http3Streams streams = new Http3Streams(config, 6, memory(Http3Streams.plan(config, 6).totalBytes()), 0, date);
    private final Http3Server server = new Http3Server(config, memory(config.plan().totalBytes()), 0, streams);
    private final SimulatedStreams wire = new SimulatedStreams(false, 24, 900, 1500);
    private final Answer[] answers = {new Answer(), new Answer(), new Answer(), new Answer()};
    private final byte[] control = Http3Peer.join(Http3Peer.numbers(Frame.CONTROL), Http3Peer.frame(Frame.SETTINGS, Http3Peer.numbers(1, 4096, 7, 100)));
    private final byte[] encoder = Http3Peer.join(Http3Peer.numbers(Frame.ENCODER), new byte[] {0x3f, (byte) 0xe1, 0x1f, 0x41, 'x', 1, 'y'});
    private final byte[] get = Http3Peer.join(Http3Peer.request("GET", "/", "cookie", "a=b", "cookie", "c=d"), Http3Peer.frame(0x21, new byte[9]));
    private final byte[] waits =
            Http3Peer.frame(Frame.HEADERS, (byte) 2, (byte) 0, (byte) 0xd1, (byte) 0xd7, (byte) 0x50, (byte) 1, (byte) 'a', (byte) 0xc1, (byte) 0x80);
    private final byte[] post =
            Http3Peer.join(Http3Peer.request("POST", "/x?y", "expect", "100-continue", "priority", "u=1, i"), Http3Peer.data(2000), Http3Peer.data(500),
                    Http3Peer.frame(Frame.HEADERS, Http3Peer.section("t", "u")));
    private final byte[] priority = Http3Peer.frame(Frame.PRIORITY_UPDATE, Http3Peer.numbers(8));
    private final byte[] malformed = Http3Peer.request("GET", "/", "te", "x");
    private final byte[] large = Http3Peer.request("GET", "/", "a", "b".repeat(8200));
    private final byte[] early = Http3Peer.data(1);
    private final Http3Streams clients = Http3Streams.ofClient(config, 4, memory(Http3Streams.planOfClient(config, 4).totalBytes()), 0);
    private final Http3Client client = new Http3Client(config, 1_000_000_000L, 1_000_000_000L, memory(config.clientPlan().totalBytes()), 0, clients);
    private final SimulatedStreams asked = new SimulatedStreams(true, 24, 900, 1500);
    private final Request request = new Request();
    private final byte[] answer = Http3Peer.join(Http3Peer.frame(Frame.HEADERS, Http3Peer.section(":status", "103")),
            Http3Peer.frame(Frame.HEADERS, Http3Peer.section(":status", "200", "x", "y")), Http3Peer.data(1000),
            Http3Peer.frame(Frame.HEADERS, Http3Peer.section("t", "u")));
    private final byte[] goAway = Http3Peer.frame(Frame.GOAWAY, Http3Peer.numbers(4));
    private int answered;
    private int asks;
    private long now = 1_000_000_000L;

    private static MemorySegment memory(long bytes) {
        return Arena.global().allocate(bytes, 64);
    }

    private void begin() {
        now += 2_000_000_000L;
        date.update(now / 1_000_000_000);
        wire.clear();
        wire.piece = 700;
        server.reset(now);
        server.attach(wire);
        wire.send(2, control, false);
    }

    private int serve() {
        int sent = 0;
        boolean more = true;
        while (more) {
            more = wire.move();
            more |= !server.isEnded() && server.advance(now);
            for (HttpEvent event; (event = server.pollEvent()) != null; more = true) {
                long stream = server.stream();
                switch (event) {
                    case REQUEST -> server.proceed(stream);
                    case DATA -> server.consume(stream, server.dataLength(stream));
                    case END -> server.respond(stream, answers[(int) stream & 3]);
                    case SENT -> sent++;
                    default -> {}
                }
            }
            server.deadlineNanos();
        }
        return sent;
    }

    /// Opens both sides.
    public Http3SteadyPath() {}

    @Override
    public void run() {
        begin();
        wire.send(0, get, true);
        wire.send(4, waits, true);
        wire.send(2, priority, false);
        wire.send(8, post, true);
        wire.send(12, get, false);
        int sent = serve();
        wire.send(6, encoder, false);
        wire.resetByPeer(12, 0x10c);
        sent += serve();
        server.shutdown(now);
        sent += serve();
        now += 1_000_000_000L;
        server.onDeadline(now);
        sent += serve();
        if (sent != 3 || !server.isEnded()) {
            throw new AssertionError(sent + " " + server);
        }
        begin();
        wire.send(0, malformed, true);
        wire.send(4, large, true);
        serve();
        wire.send(8, early, true);
        serve();
        if (!server.isEnded()) {
            throw new AssertionError(server);
        }
        ask();
    }

    private void ask() {
        asked.clear();
        client.reset(now);
        client.attach(asked);
        asked.send(3, control, false);
        told();
        long first = client.request(request);
        told();
        long second = client.request(request);
        told();
        asked.send(0, answer, true);
        told();
        client.abort(second);
        asked.send(3, goAway, false);
        told();
        if (first < 0 || second < 0 || answered != 3 * ++asks || !client.isEnded()) {
            throw new AssertionError(answered + " " + client);
        }
    }

    private void told() {
        boolean more = true;
        while (more) {
            more = asked.move();
            more |= !client.isEnded() && client.advance(now);
            for (HttpEvent event; (event = client.pollEvent()) != null; more = true) {
                switch (event) {
                    case DATA -> client.consume(client.stream(), client.dataLength(client.stream()));
                    case INFORMATION, RESPONSE, END -> answered++;
                    default -> {}
                }
            }
            client.deadlineNanos();
        }
    }

    @Override
    public int operations() {
        return 16;
    }
}
