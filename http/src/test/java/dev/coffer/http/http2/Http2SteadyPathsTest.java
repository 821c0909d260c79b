package dev.coffer.http.http2;

import dev.coffer.http.Ascii;
import dev.coffer.http.DateField;
import dev.coffer.http.FieldName;
import dev.coffer.http.HeadWriter;
import dev.coffer.http.HttpEvent;
import dev.coffer.http.MessageSource;
import dev.coffer.http.http3.Http3SteadyPath;
import dev.coffer.testkit.HeapMode;
import dev.coffer.testkit.SteadyPath;
import dev.coffer.testkit.SteadyPaths;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A server's side of HTTP/2, and of HTTP/3: 0 heap bytes, whoever executes it.
class Http2SteadyPathsTest {
    @ParameterizedTest
    @EnumSource(HeapMode.class)
    void noConnectionAndNoStreamMakesAnObject(HeapMode mode) {
        SteadyPaths.check(mode, List.of(Connections.class, Faults.class, Http3SteadyPath.class));
    }

    private static MemorySegment memory(long bytes) {
        return Arena.global().allocate(bytes, 64);
    }

    /// 3,000 bytes, by turns of known and of unknown length.
    static final class Answer implements MessageSource {
        private static final Ascii TYPE = Ascii.of("text/plain");
        private long left;
        private int turn;

        @Override
        public void head(HeadWriter head) {
            left = 3000;
            head.status(200).field(FieldName.CONTENT_TYPE, TYPE).field(FieldName.ETAG, turn++);
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

    /// An engine and an application that takes all content and answers with some bytes, some of unknown length.
    abstract static class Served implements SteadyPath {
        final Http2Config config = Http2Config.defaults();
        final DateField date = new DateField();
        final Http2Streams streams = new Http2Streams(config, 4, 2, memory(Http2Streams.plan(config, 4, 2).totalBytes()), 0, date);
        final Http2Server server = new Http2Server(config, memory(config.plan().totalBytes()), 0, streams);
        final MemorySegment out = memory(1 << 14);
        private final Answer[] answers = {new Answer(), new Answer(), new Answer(), new Answer()};
        long now;

        int serve(MemorySegment in, int piece) {
            int sent = 0;
            for (long at = 0; at < in.byteSize(); at += piece) {
                server.feed(in, at, Math.min(piece, in.byteSize() - at), now);
                boolean more = true;
                while (more) {
                    more = server.pollOutput(out, 0, out.byteSize(), now) > 0;
                    for (HttpEvent event; (event = server.pollEvent()) != null; more = true) {
                        long stream = server.stream();
                        switch (event) {
                            case REQUEST -> server.proceed(stream);
                            case DATA -> server.consume(stream, server.dataLength(stream));
                            case END -> server.respond(stream, answers[(int) stream / 2 & 3]);
                            case SENT -> sent++;
                            default -> {}
                        }
                    }
                }
                server.deadlineNanos();
            }
            return sent;
        }

        static MemorySegment script(byte[]... frames) {
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            all.writeBytes(Http2Server.preface());
            all.writeBytes(frame(Frame.SETTINGS, 0, 0));
            all.writeBytes(frame(Frame.SETTINGS, Frame.ACK, 0));
            for (byte[] frame : frames) {
                all.writeBytes(frame);
            }
            return memory(all.size()).copyFrom(MemorySegment.ofArray(all.toByteArray()));
        }

        static byte[] frame(int type, int flags, int stream, byte... payload) {
            return Http2Peer.frameBytes(type, flags, stream, payload.length, payload);
        }
    }

    /// Requests of all kinds, controls, a reset, a stop.
    static final class Connections extends Served {
        private final MemorySegment in = script(frame(Frame.HEADERS, 5, 1, Http2Peer.get("/", "cookie", "a=b", "cookie", "c=d")),
                frame(Frame.PING, 0, 0, new byte[8]),
                frame(Frame.HEADERS, 4, 3, Http2Peer.request("POST", "/x?y", "expect", "100-continue", "priority", "u=1, i")),
                frame(Frame.DATA, 0, 3, new byte[9000]), frame(Frame.DATA, 0, 3, new byte[9000]), frame(Frame.DATA, 0, 3, new byte[16_000]),
                frame(Frame.HEADERS, 5, 3, Http2Peer.block("t", "u")), frame(Frame.PRIORITY_UPDATE, 0, 0, Http2Peer.ints(3)),
                frame(Frame.HEADERS, 4, 5, Http2Peer.request("POST", "/")), frame(Frame.RST_STREAM, 0, 5, Http2Peer.ints(8)),
                frame(Frame.HEADERS, 1, 7, Http2Peer.get("/", "x", "y".repeat(100))), frame(Frame.CONTINUATION, 4, 7),
                frame(Frame.WINDOW_UPDATE, 0, 0, Http2Peer.ints(1000)));

        @Override
        public void run() {
            now += 2_000_000_000L;
            date.update(now / 1_000_000_000);
            server.reset(now);
            int sent = serve(in, 1000);
            if (sent != 3) {
                throw new AssertionError(sent);
            }
            server.shutdown(now);
            while (server.pollOutput(out, 0, out.byteSize(), now) > 0) {
                // all that it says
            }
            server.onDeadline(now + 1_000_000_000L);
            while (server.pollOutput(out, 0, out.byteSize(), now + 1_000_000_000L) > 0) {
                // and its last word
            }
            if (!server.isEnded()) {
                throw new AssertionError("not ended");
            }
        }

        @Override
        public int operations() {
            return 16;
        }
    }

    /// Errors of streams and of the connection, and heads that are too long.
    static final class Faults extends Served {
        private final MemorySegment[] scripts = {
                script(frame(Frame.HEADERS, 5, 1, Http2Peer.get("/", "te", "x")), frame(Frame.HEADERS, 5, 3, Http2Peer.get("/", "a", "b".repeat(8200))),
                        frame(Frame.HEADERS, 4, 5, Http2Peer.request("POST", "/", "content-length", "99999999")), frame(Frame.DATA, 0, 5, new byte[10]),
                        frame(Frame.HEADERS, 5, 7, new byte[] {(byte) 0x80})),
                script(frame(Frame.DATA, 0, 1)), script(frame(Frame.SETTINGS, 0, 0, new byte[5])), script(frame(Frame.WINDOW_UPDATE, 0, 0, new byte[4])),
                memory(30)};

        @Override
        public void run() {
            for (MemorySegment script : scripts) {
                server.reset(now);
                serve(script, 100);
                if (!server.isEnded()) {
                    throw new AssertionError("not ended");
                }
            }
        }

        @Override
        public int operations() {
            return 16;
        }
    }
}
