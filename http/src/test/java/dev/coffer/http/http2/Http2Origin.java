package dev.coffer.http.http2;

import static dev.coffer.http.http2.Http2Peer.frameBytes;

import dev.coffer.http.Ascii;
import dev.coffer.http.FieldName;
import dev.coffer.http.HeadWriter;
import dev.coffer.http.HttpEvent;
import dev.coffer.http.Limits;
import dev.coffer.http.MessageSource;
import dev.coffer.http.Method;
import dev.coffer.http.ResponseHead;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// A server that says what it is told to, frame by frame, and a client of ours whose application takes all content, unless it is to hold it.
final class Http2Origin {
    static final long SECOND = 1_000_000_000L;
    static final long IDLE = 15 * SECOND;
    static final long CONTINUE = 2 * SECOND;
    private static final int OUTPUT_BYTES = 1 << 15;
    private static final Ascii AUTHORITY = Ascii.of("a.example");

    final Http2Config config;
    final Http2Streams streams;
    final Http2Client engine;
    final MemorySegment memory;
    final MemorySegment sharedMemory;
    final List<String> events = new ArrayList<>();
    final List<String> said = new ArrayList<>();
    final Map<Long, Ask> asks = new HashMap<>();
    private final Arena arena = Arena.ofAuto();
    private final MemorySegment output = arena.allocate(OUTPUT_BYTES);
    private final ByteArrayOutputStream pending = new ByteArrayOutputStream();
    long now = SECOND;
    int piece = Integer.MAX_VALUE;
    boolean holds;

    Http2Origin() {
        this(Http2Config.of(Limits.defaults().withTimes(10 * SECOND, 30 * SECOND, 20 * SECOND), 1024), 16);
    }

    Http2Origin(Http2Config config, int streamCount) {
        this.config = config;
        sharedMemory = arena.allocate(Http2Streams.planOfClient(config, streamCount).totalBytes(), 64);
        streams = Http2Streams.ofClient(config, streamCount, sharedMemory, 0);
        memory = arena.allocate(config.clientPlan().totalBytes(), 64);
        engine = new Http2Client(config, IDLE, CONTINUE, memory, 0, streams);
        engine.reset(now);
    }

    /// The server's settings, and the acknowledgement of the client's.
    Http2Origin hello(byte... settings) {
        return frame(Frame.SETTINGS, 0, 0, settings).frame(Frame.SETTINGS, Frame.ACK, 0);
    }

    Http2Origin frame(int type, int flags, int stream, byte... payload) {
        return send(frameBytes(type, flags, stream, payload.length, payload));
    }

    Http2Origin headers(int stream, boolean last, String... fields) {
        return frame(Frame.HEADERS, Frame.END_HEADERS | (last ? Frame.END_STREAM : 0), stream, Http2Peer.block(fields));
    }

    Http2Origin data(int stream, boolean last, int bytes) {
        return frame(Frame.DATA, last ? Frame.END_STREAM : 0, stream, new byte[bytes]);
    }

    Http2Origin send(byte... bytes) {
        MemorySegment in = arena.allocate(Math.max(1, bytes.length)).copyFrom(MemorySegment.ofArray(bytes));
        for (int at = 0; at < bytes.length; at += piece) {
            engine.feed(in, at, Math.min(piece, bytes.length - at), now);
            turn();
        }
        return this;
    }

    Ask ask(Method method, int bytes) {
        return ask(new Ask(method, bytes));
    }

    Ask ask(Ask ask) {
        ask.stream = engine.request(ask);
        if (ask.stream >= 0) {
            asks.put(ask.stream, ask);
        }
        turn();
        return ask;
    }

    void pass(long nanos) {
        now += nanos;
        engine.onDeadline(now);
        turn();
    }

    void turn() {
        boolean more;
        do {
            long wrote = engine.pollOutput(output, 0, OUTPUT_BYTES, now);
            if (wrote > 0) {
                pending.writeBytes(output.asSlice(0, wrote).toArray(ValueLayout.JAVA_BYTE));
                parse();
            }
            more = wrote > 0;
            for (HttpEvent event; (event = engine.pollEvent()) != null; more = true) {
                told(event);
            }
        } while (more);
    }

    private void parse() {
        byte[] all = pending.toByteArray();
        int at = 0;
        if (said.isEmpty()) {
            at = FrameReader.PREFACE.length();
            said.add(new String(all, 0, at, java.nio.charset.StandardCharsets.US_ASCII).substring(0, 14));
        }
        while (all.length - at >= 9) {
            java.nio.ByteBuffer head = java.nio.ByteBuffer.wrap(all, at, all.length - at);
            int length = head.getInt(at) >>> 8;
            int type = all[at + 3] & 0xff;
            int flags = all[at + 4] & 0xff;
            int stream = head.getInt(at + 5);
            String end = (flags & Frame.END_STREAM) != 0 ? " end" : "";
            said.add(switch (type) {
                case Frame.DATA -> "DATA " + stream + " " + length + end;
                case Frame.HEADERS -> "HEADERS " + stream + end;
                case Frame.RST_STREAM -> "RST " + stream + " " + ErrorCode.of(head.getInt(at + 9));
                case Frame.SETTINGS -> end.isEmpty() ? "SETTINGS" : "SETTINGS ack";
                case Frame.PING -> "PING" + (end.isEmpty() ? "" : " ack");
                case Frame.GOAWAY -> "GOAWAY " + head.getInt(at + 9) + " " + ErrorCode.of(head.getInt(at + 13));
                case Frame.WINDOW_UPDATE -> "UPDATE " + stream + " " + head.getInt(at + 9);
                default -> "type " + type;
            });
            at += 9 + length;
        }
        pending.reset();
        pending.write(all, at, all.length - at);
    }

    String last() {
        return said.getLast();
    }

    private void told(HttpEvent event) {
        long number = engine.stream();
        Ask ask = asks.get(number);
        if (ask == null) {
            events.add(event + "");
            return;
        }
        String more = switch (event) {
            case INFORMATION, RESPONSE -> {
                ResponseHead head = engine.response(number);
                StringBuilder text = new StringBuilder(" " + head.status());
                for (int i = 0; i < head.count(); i++) {
                    text.append(' ').append(Http2Peer.string(head.segment(), head.nameAt(i), head.nameLength(i))).append('=')
                            .append(Http2Peer.string(head.segment(), head.valueAt(i), head.valueLength(i)));
                }
                yield text.toString();
            }
            case DATA -> {
                long bytes = engine.dataLength(number);
                if (!holds) {
                    ask.got += (int) bytes;
                    engine.consume(number, bytes);
                }
                yield " " + bytes;
            }
            case TRAILERS -> " " + engine.trailers(number).count();
            case ABORTED -> " " + engine.refusal() + (engine.isUnheard(number) ? " unheard" : "");
            default -> "";
        };
        events.add(event + " " + ask.name + more);
    }

    /// A request.
    static class Ask implements MessageSource {
        final Method method;
        final int bytes;
        boolean expects;
        boolean blocked;
        boolean unknown;
        long stream;
        int got;
        private int sent;
        String name = "";

        Ask(Method method, int bytes) {
            this.method = method;
            this.bytes = bytes;
            this.name = method.name();
        }

        Ask named(String newName) {
            name = newName;
            return this;
        }

        @Override
        public void head(HeadWriter head) {
            head.request(method, AUTHORITY, Ascii.of("/x")).field(FieldName.USER_AGENT, AUTHORITY);
            if (expects) {
                head.expectContinue();
            }
            if (unknown) {
                head.contentOfUnknownLength();
            } else if (bytes > 0) {
                head.content(bytes);
            }
        }

        @Override
        public long body(MemorySegment out, long at, long room) {
            if (blocked) {
                return 0;
            }
            if (sent == bytes) {
                return END;
            }
            int count = (int) Math.min(room, bytes - sent);
            sent += count;
            return count;
        }

        @Override
        public void trailers(HeadWriter trailers) {
            trailers.field(FieldName.VARY, 1);
        }
    }
}
