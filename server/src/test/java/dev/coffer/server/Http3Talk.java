package dev.coffer.server;

import dev.coffer.http.Ascii;
import dev.coffer.http.HeadWriter;
import dev.coffer.http.HttpEvent;
import dev.coffer.http.MessageSource;
import dev.coffer.http.Method;
import dev.coffer.http.ResponseHead;
import dev.coffer.server.tls.Certified;
import dev.coffer.testkit.Eventually;
import dev.coffer.tls.NamedGroup;
import dev.coffer.tls.TlsServerConfig;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/// A client of HTTP/3 over a UDP socket of the JDK's, with answers that are kept. The connection is made by [#open]; whatever is waited for has the whole exchange go on.
final class Http3Talk extends RehearsalHttp3Peer {
    private static final Ascii HOST = Ascii.of("localhost");

    /// One request and its answer.
    static final class Asked implements MessageSource {
        private final Method method;
        private final Ascii path;
        private final String[] fields;
        private final byte[] sent;
        private int at;
        int status;
        final Map<String, String> answered = new LinkedHashMap<>();
        final ByteArrayOutputStream content = new ByteArrayOutputStream();
        boolean ended;
        boolean aborted;
        boolean left;  // its content is not taken, so that no more of it comes than its flow control lets

        Asked(Method method, String path, byte[] sent, String... fields) {
            this.method = method;
            this.path = Ascii.of(path);
            this.sent = sent;
            this.fields = fields;
        }

        @Override
        public void head(HeadWriter head) {
            head.request(method, HOST, path);
            for (int i = 0; i < fields.length; i += 2) {
                head.field(Ascii.of(fields[i]), Ascii.of(fields[i + 1]));
            }
            if (sent.length > 0) {
                head.content(sent.length);
            }
        }

        @Override
        public long body(MemorySegment output, long to, long room) {
            int bytes = (int) Math.min(room, sent.length - at);
            MemorySegment.copy(sent, at, output, ValueLayout.JAVA_BYTE, to, bytes);
            at += bytes;
            return bytes;
        }

        String text() {
            return content.toString(StandardCharsets.UTF_8);
        }

        @Override
        public String toString() {
            return path + ": " + status + ", " + content.size() + " bytes" + (ended ? ", ended" : "") + (aborted ? ", aborted" : "");
        }
    }

    private final Map<Long, Asked> asked = new LinkedHashMap<>();
    private final byte[] piece = new byte[1 << 16];

    Http3Talk(TlsServerConfig tls, Certified identity) {
        super(tls, identity.identity(), NamedGroup.X25519);
    }

    static Http3Talk open(Server server, Certified identity) throws IOException {
        Http3Talk talk = new Http3Talk(server.config().tls().config(), identity);
        talk.begin(server.address());
        return talk;
    }

    void begin(InetSocketAddress address) throws IOException {
        asked.clear();
        connect(address, System.nanoTime());
        Eventually.holds("handshake", () -> turn() && isOpen());
    }

    boolean turn() throws IOException {
        exchange(System.nanoTime());
        return true;
    }

    Asked get(String path, String... fields) throws IOException {
        return ask(new Asked(Method.GET, path, new byte[0], fields));
    }

    Asked post(String path, byte[] content, String... fields) throws IOException {
        return ask(new Asked(Method.POST, path, content, fields));
    }

    Asked ask(Asked what) throws IOException {
        Eventually.holds("room for a request", () -> turn() && http().canRequest());
        asked.put(http().request(what), what);
        turn();
        return what;
    }

    /// Forgets what was asked.
    void forget() {
        asked.clear();
    }

    /// Waits for the end of an answer.
    Asked end(Asked of) {
        Eventually.holds("end of " + of, () -> turn() && (of.ended || of.aborted));
        return of;
    }

    /// Waits for its head.
    Asked head(Asked of) {
        Eventually.holds("head of " + of, () -> turn() && (of.status != 0 || of.aborted));
        return of;
    }

    /// Waits for the end of the connection.
    long ended() {
        Eventually.holds("end of the connection", () -> turn() && isEnded());
        return quic().closeCode();
    }

    @Override
    void heard(HttpEvent event) {
        Asked of = asked.get(http().stream());
        if (of == null) {
            return;
        }
        switch (event) {
            case RESPONSE -> {
                ResponseHead head = http().response(http().stream());
                of.status = head.status();
                for (int i = 0; i < head.count(); i++) {
                    of.answered.put(text(head.segment(), head.nameAt(i), head.nameLength(i)).toLowerCase(Locale.ROOT),
                            text(head.segment(), head.valueAt(i), head.valueLength(i)));
                }
            }
            case DATA -> {
                if (of.left) {
                    return;
                }
                long stream = http().stream();
                int bytes = (int) http().dataLength(stream);
                MemorySegment.copy(http().dataSegment(stream), ValueLayout.JAVA_BYTE, http().dataAt(stream), piece, 0, bytes);
                of.content.write(piece, 0, bytes);
                http().consume(stream, bytes);
            }
            case END -> of.ended = true;
            case ABORTED -> of.aborted = true;
            default -> {}
        }
    }

    private static String text(MemorySegment segment, long at, int length) {
        return new String(segment.asSlice(at, length).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.ISO_8859_1);
    }
}
