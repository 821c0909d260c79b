package dev.coffer.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.coffer.http.qpack.QpackDecoder;
import dev.coffer.http.qpack.SectionDecoder;
import dev.coffer.memory.engine.StreamTransport;
import dev.coffer.quic.QuicConnection;
import dev.coffer.server.tls.Certified;
import dev.coffer.testkit.Eventually;
import dev.coffer.tls.NamedGroup;
import dev.coffer.tls.TlsServerConfig;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;

/// A client that says on the streams of a real connection what it is told to, octet by octet, and keeps what comes: no engine of HTTP/3 is in it. One connection after
/// another.
final class Http3RawTalk extends RehearsalHttp3Peer {
    private static final int ROOM = 1 << 16;

    /// What has come on a stream.
    static final class Lane {
        final ByteArrayOutputStream came = new ByteArrayOutputStream();
        boolean ended;
        long reset = StreamTransport.NONE;
    }

    private final Map<Long, Lane> lanes = new LinkedHashMap<>();
    private final MemorySegment kept = MemorySegment.ofArray(new byte[ROOM]);
    private boolean open;
    long control;
    long request;               // the one that was opened last

    Http3RawTalk(TlsServerConfig tls, Certified identity) {
        super(tls, identity.identity(), NamedGroup.X25519);
    }

    /// Begins another connection.
    Http3RawTalk begin(Server server) throws IOException {
        lanes.clear();
        open = false;
        connect(server.address(), System.nanoTime());
        Eventually.holds("handshake", () -> turn() && open);
        return this;
    }

    /// The control stream with settings that say nothing.
    Http3RawTalk hello() {
        control = uni(Http3Octets.numbers(0), Http3Octets.settings());
        return this;
    }

    @Override
    void connected(long nowNanos) {
        open = true;
    }

    boolean turn() {
        try {
            exchange(System.nanoTime());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        QuicConnection quic = quic();
        for (long stream; open && !isEnded() && (stream = quic.pollReady()) != StreamTransport.NONE;) {
            listen(quic, stream);
        }
        return true;
    }

    private void listen(QuicConnection quic, long stream) {
        Lane lane = lane(stream);
        if ((stream & 3) == 2) {
            return;  // ours alone: there is room on it, or the peer reads it no more
        }
        for (long length; (length = quic.inputLength(stream)) > 0; quic.consume(stream, length)) {
            lane.came.writeBytes(quic.inputSegment(stream).asSlice(quic.inputAt(stream), length).toArray(ValueLayout.JAVA_BYTE));
        }
        lane.ended = quic.isInputEnded(stream);
        lane.reset = quic.inputReset(stream);
        if (lane.ended) {
            quic.release(stream);  // else the end of the connection is held back, as there could be more to read
        }
    }

    Lane lane(long stream) {
        return lanes.computeIfAbsent(stream, of -> new Lane());
    }

    /// Opens a stream of one direction.
    long uni(byte[]... said) {
        long stream = quic().open(false);
        say(stream, said);
        return stream;
    }

    /// Opens a request's stream.
    long ask(byte[]... said) {
        request = quic().open(true);
        say(request, said);
        return request;
    }

    /// As [#ask], and ends it.
    long askAll(byte[]... said) {
        ask(said);
        return end(request);
    }

    /// Says something, which goes at once.
    Http3RawTalk say(long stream, byte[]... said) {
        byte[] all = Http3Octets.join(said);
        Eventually.holds("room on stream " + stream, () -> hasEnough(stream) || quic().outputFree(stream) >= all.length || !turn());
        if (hasEnough(stream)) {
            return this;
        }
        quic().write(stream, MemorySegment.ofArray(all), 0, all.length);
        turn();
        return this;
    }

    /// {@return whether the server has had enough of it}
    private boolean hasEnough(long stream) {
        return isEnded() || lane(stream).ended || quic().outputStopped(stream) >= 0;
    }

    long end(long stream) {
        quic().finish(stream);
        turn();
        return stream;
    }

    /// Waits for the answer to a request like any other: what was said before has been heard then, and the connection goes on.
    Http3RawTalk served() {
        assertEquals("200", outcome(askAll(Http3Octets.request("GET", "/"))), "the connection goes on");
        return this;
    }

    void reset(long stream, long code) {
        quic().reset(stream, code);
        turn();
    }

    void stop(long stream, long code) {
        quic().stopSending(stream, code);
        turn();
    }

    /// {@return the stream of that type of the server's, once it is there}
    long ofServer(int type) {
        Eventually.holds("stream of type " + type, () -> turn() && find(type) >= 0);
        return find(type);
    }

    private long find(int type) {
        return lanes.entrySet().stream()
                .filter(each -> (each.getKey() & 3) == 3 && each.getValue().came.size() > 0 && each.getValue().came.toByteArray()[0] == type)
                .mapToLong(Map.Entry::getKey).findAny().orElse(StreamTransport.NONE);
    }

    /// Waits for what becomes of the request: the status of its answer, or `RESET` with the code, or `CLOSED` with that.
    String outcome() {
        return outcome(request);
    }

    String outcome(long stream) {
        Eventually.holds("outcome of stream " + stream, () -> turn() && (isEnded() || lane(stream).reset >= 0 || status(stream) != 0));
        return isEnded() ? closed() : lane(stream).reset >= 0 ? "RESET " + Long.toHexString(lane(stream).reset) : "" + status(stream);
    }

    /// Waits for the end of the connection.
    String end() {
        Eventually.holds("end of the connection", () -> turn() && isEnded());
        return closed();
    }

    private String closed() {
        return "CLOSED " + Long.toHexString(quic().closeCode()) + (quic().isClosedByPeer() && quic().isClosedByApplication() ? "" : " by somebody else");
    }

    /// {@return the status of the answer whose head has come whole, 0 before}
    private int status(long stream) {
        ByteBuffer came = ByteBuffer.wrap(lane(stream).came.toByteArray());
        while (came.hasRemaining()) {
            long type = number(came);
            long length = number(came);
            if (length < 0 || length > came.remaining()) {
                return 0;
            }
            byte[] payload = new byte[(int) length];
            came.get(payload);
            if (type == Http3Octets.HEADERS) {
                return status(payload);
            }
        }
        return 0;
    }

    private int status(byte[] payload) {
        SectionDecoder section = new SectionDecoder();
        section.begin(new QpackDecoder(MemorySegment.NULL, 0, 0, 0), 0, kept, 0, ROOM);
        if (section.decode(MemorySegment.ofArray(payload), 0, payload.length) != SectionDecoder.FIELD) {
            throw new AssertionError("no field in an answer's head");
        }
        return Integer.parseInt(new String(kept.asSlice(section.valueAt(), section.valueLength()).toArray(ValueLayout.JAVA_BYTE),
                java.nio.charset.StandardCharsets.US_ASCII));
    }

    private static long number(ByteBuffer from) {
        if (!from.hasRemaining()) {
            return -1;
        }
        int first = from.get() & 0xff;
        int more = (1 << (first >>> 6)) - 1;
        long value = first & 0x3f;
        if (from.remaining() < more) {
            from.position(from.limit());
            return -1;
        }
        for (int i = 0; i < more; i++) {
            value = value << 8 | from.get() & 0xff;
        }
        return value;
    }
}
