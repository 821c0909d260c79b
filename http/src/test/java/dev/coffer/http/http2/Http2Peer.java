package dev.coffer.http.http2;

import dev.coffer.http.Ascii;
import dev.coffer.http.FieldName;
import dev.coffer.http.HeadWriter;
import dev.coffer.http.HttpEvent;
import dev.coffer.http.MessageSource;
import dev.coffer.http.RequestHead;
import dev.coffer.http.hpack.HpackDecoder;
import dev.coffer.http.hpack.HpackEncoder;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// A client that says what it is told to, frame by frame, an engine, and an application behind it that answers by the path:
///
/// | path | answer |
/// |---|---|
/// | `/` | 200, `hello` |
/// | `/N` | 200, N bytes of known length |
/// | `/echo` | 200, the content, of unknown length, with a trailer `x-end` and how many trailers came |
/// | `/plain` | 200, `hello`, of unknown length, with no trailer |
/// | `/wait` | none until [#answer] |
/// | `/hold` | none, and content is not taken until [#take] |
/// | `/fail` | 200, ten bytes announced, five given |
/// | `/throw` | a head that throws |
final class Http2Peer {
    static final Ascii TEXT = Ascii.of("text/plain");
    private static final Ascii X_END = Ascii.of("x-end");
    private static final int OUTPUT_BYTES = 1 << 16;

    record Seen(int type, int flags, int stream, byte[] payload, String text) {
        @Override
        public String toString() {
            return text;
        }

        int code(int at) {
            return ByteBuffer.wrap(payload).getInt(at);
        }
    }

    final Http2Config config;
    final Http2Streams streams;
    final Http2Server engine;
    final Arena arena = Arena.ofAuto();
    final MemorySegment memory;
    final MemorySegment sharedMemory;
    final List<String> events = new ArrayList<>();
    final List<Seen> seen = new ArrayList<>();
    final Map<Long, Exchange> exchanges = new HashMap<>();
    final ByteArrayOutputStream raw = new ByteArrayOutputStream();
    private final HpackDecoder decoder = new HpackDecoder(arena.allocate(HpackDecoder.plan(4096).totalBytes(), 64), 0, 4096);
    final HpackEncoder encoder = new HpackEncoder(arena.allocate(HpackEncoder.plan(4096).totalBytes(), 64), 0, 4096);
    private final MemorySegment output = arena.allocate(OUTPUT_BYTES);
    private final ByteArrayOutputStream pending = new ByteArrayOutputStream();
    long now = 1_000_000_000L;
    int piece = Integer.MAX_VALUE;      // octets fed at once
    int room = OUTPUT_BYTES;
    boolean reads = true;               // what the engine has to say is polled
    Http2Rests rests;                   // where the connection rests whenever it can; null for never
    int rested;

    Http2Peer() {
        this(Http2Config.defaults(), 16, 8);
    }

    Http2Peer(Http2Config config, int streamCount, int windows) {
        this.config = config;
        sharedMemory = arena.allocate(Http2Streams.plan(config, streamCount, windows).totalBytes(), 64);
        streams = new Http2Streams(config, streamCount, windows, sharedMemory, 0, null);
        memory = arena.allocate(config.plan().totalBytes(), 64);
        engine = new Http2Server(config, memory, 0, streams);
        engine.reset(now);
    }

    /// Another connection of the same loop.
    Http2Peer(Http2Peer other) {
        config = other.config;
        sharedMemory = other.sharedMemory;
        streams = other.streams;
        memory = arena.allocate(config.plan().totalBytes(), 64);
        engine = new Http2Server(config, memory, 0, streams);
        engine.reset(now);
    }

    /// Preface and settings, with the acknowledgement of the engine's.
    Http2Peer hello() {
        send(Http2Server.preface());
        frame(Frame.SETTINGS, 0, 0);
        frame(Frame.SETTINGS, Frame.ACK, 0);
        return this;
    }

    Http2Peer frame(int type, int flags, int stream, byte... payload) {
        send(frameBytes(type, flags, stream, payload.length, payload));
        return this;
    }

    static byte[] frameBytes(int type, int flags, int stream, int length, byte... payload) {
        return ByteBuffer.allocate(9 + payload.length).put((byte) (length >>> 16)).putShort((short) length).put((byte) type).put((byte) flags)
                .putInt(stream).put(payload).array();
    }

    static byte[] ints(int... values) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length);
        for (int value : values) {
            bytes.putInt(value);
        }
        return bytes.array();
    }

    static byte[] setting(int name, int value) {
        return ByteBuffer.allocate(6).putShort((short) name).putInt(value).array();
    }

    /// {@return a block of literals that no table takes}
    static byte[] block(String... namesAndValues) {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        for (int i = 0; i < namesAndValues.length; i++) {
            byte[] text = namesAndValues[i].getBytes(StandardCharsets.ISO_8859_1);
            if (i % 2 == 0) {
                block.write(0);
            }
            if (text.length < 127) {
                block.write(text.length);
            } else {
                block.write(127);
                int rest = text.length - 127;
                for (; rest >= 128; rest >>>= 7) {
                    block.write(rest & 127 | 128);
                }
                block.write(rest);
            }
            block.writeBytes(text);
        }
        return block.toByteArray();
    }

    static byte[] get(String path, String... more) {
        return request("GET", path, more);
    }

    static byte[] request(String method, String path, String... more) {
        String[] all = new String[8 + more.length];
        System.arraycopy(new String[] {":method", method, ":scheme", "http", ":path", path, ":authority", "a"}, 0, all, 0, 8);
        System.arraycopy(more, 0, all, 8, more.length);
        return block(all);
    }

    Http2Peer get(int stream, String path, String... more) {
        return frame(Frame.HEADERS, Frame.END_HEADERS | Frame.END_STREAM, stream, get(path, more));
    }

    /// A request whose fields enter the tables.
    Http2Peer remembered(int stream, String path, String... more) {
        String[] all = new String[8 + more.length];
        System.arraycopy(new String[] {":method", "GET", ":scheme", "http", ":path", path, ":authority", "a"}, 0, all, 0, 8);
        System.arraycopy(more, 0, all, 8, more.length);
        return frame(Frame.HEADERS, Frame.END_HEADERS | Frame.END_STREAM, stream, encoded(all));
    }

    /// {@return a block whose fields enter the tables}
    byte[] encoded(String... namesAndValues) {
        MemorySegment block = arena.allocate(1 << 15);
        encoder.begin(block, 0);
        for (int i = 0; i < namesAndValues.length; i += 2) {
            field(namesAndValues[i], namesAndValues[i + 1]);
        }
        return block.asSlice(0, encoder.end()).toArray(ValueLayout.JAVA_BYTE);
    }

    private void field(String name, String value) {
        MemorySegment both = arena.allocateFrom(name + value, StandardCharsets.ISO_8859_1);
        encoder.field(both, 0, name.length(), name.length(), value.length());
    }

    Http2Peer post(int stream, String path, String... more) {
        return frame(Frame.HEADERS, Frame.END_HEADERS, stream, request("POST", path, more));
    }

    Http2Peer data(int stream, boolean last, int bytes) {
        byte[] content = new byte[bytes];
        java.util.Arrays.fill(content, (byte) 'd');
        return frame(Frame.DATA, last ? Frame.END_STREAM : 0, stream, content);
    }

    Http2Peer send(byte... bytes) {
        MemorySegment in = arena.allocate(Math.max(1, bytes.length)).copyFrom(MemorySegment.ofArray(bytes));
        for (int at = 0; at < bytes.length; at += piece) {
            int length = Math.min(piece, bytes.length - at);
            if (engine.feed(in, at, length, now) != length) {
                throw new AssertionError("not all taken");
            }
            turn();
        }
        return this;
    }

    /// A turn of the driver.
    void turn() {
        boolean more;
        do {
            more = false;
            if (reads) {
                long wrote;
                try {
                    wrote = engine.pollOutput(output, 0, room, now);
                } catch (IllegalArgumentException e) {  // a source that throws, as a server's would be made 500
                    events.add("thrown");
                    exchanges.values().forEach(exchange -> exchange.thrown = true);
                    wrote = engine.pollOutput(output, 0, room, now);
                }
                if (wrote > 0) {
                    byte[] bytes = output.asSlice(0, wrote).toArray(ValueLayout.JAVA_BYTE);
                    raw.writeBytes(bytes);
                    pending.writeBytes(bytes);
                    parse();
                    more = true;
                }
            }
            for (HttpEvent event; (event = engine.pollEvent()) != null; more = true) {
                handle(event);
            }
        } while (more);
        if (rests != null && rests.takes(engine)) {
            rest();
        }
    }

    /// The engine goes and comes again: of what it held nothing is left meanwhile but in the blocks.
    private void rest() {
        long due = engine.deadlineNanos();
        int rest = rests.keep(engine);
        engine.close();
        for (byte b : memory.toArray(ValueLayout.JAVA_BYTE)) {
            if (b != 0) {
                throw new AssertionError("an engine that rests has left something");
            }
        }
        engine.reset(now);
        rests.resume(rest, engine);
        if (rests.account().usedBytes() != 0 || engine.deadlineNanos() != due) {
            throw new AssertionError(rests + ", due " + engine.deadlineNanos() + " instead of " + due);
        }
        rested++;
    }

    private void parse() {
        byte[] all = pending.toByteArray();
        int at = 0;
        while (all.length - at >= 9) {
            ByteBuffer head = ByteBuffer.wrap(all, at, 9);
            int length = head.getInt() >>> 8;
            if (all.length - at - 9 < length) {
                break;
            }
            int type = all[at + 3] & 0xff;
            int flags = all[at + 4] & 0xff;
            int stream = ByteBuffer.wrap(all, at + 5, 4).getInt();
            byte[] payload = java.util.Arrays.copyOfRange(all, at + 9, at + 9 + length);
            if (length > Frame.PAYLOAD_BYTES_MAX) {
                throw new AssertionError("frame of " + length);
            }
            seen.add(new Seen(type, flags, stream, payload, text(type, flags, stream, payload)));
            at += 9 + length;
        }
        pending.reset();
        pending.write(all, at, all.length - at);
    }

    private String text(int type, int flags, int stream, byte[] payload) {
        String end = (flags & Frame.END_STREAM) != 0 ? " end" : "";
        return switch (type) {
            case Frame.DATA -> "DATA " + stream + " " + payload.length + end;
            case Frame.HEADERS -> "HEADERS " + stream + " " + fields(payload) + end;
            case Frame.RST_STREAM -> "RST " + stream + " " + ErrorCode.values()[ByteBuffer.wrap(payload).getInt()];
            case Frame.SETTINGS -> (flags & Frame.ACK) != 0 ? "SETTINGS ack" : "SETTINGS";
            case Frame.PING -> "PING" + ((flags & Frame.ACK) != 0 ? " ack" : "");
            case Frame.GOAWAY -> "GOAWAY " + ByteBuffer.wrap(payload).getInt() + " " + ErrorCode.values()[ByteBuffer.wrap(payload).getInt(4)];
            case Frame.WINDOW_UPDATE -> "UPDATE " + stream + " " + ByteBuffer.wrap(payload).getInt();
            default -> "type " + type;
        };
    }

    private String fields(byte[] block) {
        MemorySegment head = arena.allocate(1 << 14);
        MemorySegment bytes = arena.allocate(Math.max(1, block.length)).copyFrom(MemorySegment.ofArray(block));
        List<String> fields = new ArrayList<>();
        decoder.begin(head, 0, 1 << 14);
        for (int at = 0; at < block.length; at += decoder.taken()) {
            int result = decoder.decode(bytes, at, block.length - at);
            if (result == HpackDecoder.FAULT) {
                throw new AssertionError("the engine's block does not decode");
            }
            if (result == HpackDecoder.FIELD) {
                fields.add(string(head, decoder.nameAt(), decoder.nameLength()) + "=" + string(head, decoder.valueAt(), decoder.valueLength()));
            }
        }
        if (!decoder.end()) {
            throw new AssertionError("the engine's block is cut");
        }
        return String.join(", ", fields);
    }

    static String string(MemorySegment segment, long at, long length) {
        return new String(segment.asSlice(at, length).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.ISO_8859_1);
    }

    private void handle(HttpEvent event) {
        long stream = engine.stream();
        events.add(event + (stream < 0 ? "" : " " + (int) stream));
        switch (event) {
            case REQUEST -> {
                Exchange exchange = new Exchange(stream);
                exchanges.put(stream, exchange);
                exchange.begin(engine.request(stream));
            }
            case DATA -> exchanges.get(stream).data();
            case END -> exchanges.get(stream).end();
            case SENT, ABORTED -> exchanges.remove(stream).over = true;
            default -> {}
        }
    }

    Exchange exchange(int id) {
        return exchanges.entrySet().stream().filter(e -> e.getKey().intValue() == id).findFirst().orElseThrow().getValue();
    }

    /// Lets the time pass, and the engine see it.
    Http2Peer pass(long nanos) {
        now += nanos;
        engine.onDeadline(now);
        turn();
        return this;
    }

    /// {@return what was said about a stream, and about the connection, beside settings}
    List<String> said() {
        return seen.stream().map(Seen::toString).filter(text -> !text.startsWith("SETTINGS")).toList();
    }

    String last() {
        return said().isEmpty() ? "-" : said().getLast();
    }

    /// The application's side of one stream.
    final class Exchange implements MessageSource {
        final long stream;
        String path;
        boolean over;
        boolean thrown;
        boolean held;
        final ByteArrayOutputStream content = new ByteArrayOutputStream();
        private byte[] answer;
        private int given;
        private boolean unknown;
        private boolean plain;
        private int trailers;

        Exchange(long stream) {
            this.stream = stream;
        }

        void begin(RequestHead head) {
            path = string(head.segment(), head.pathAt(), head.pathLength());
            held = path.equals("/hold");
            plain = path.equals("/plain");
            unknown = plain;
            if (path.equals("/echo")) {
                engine.proceed(stream);
            } else if (path.equals("/tunnel")) {
                engine.tunnel(stream);
            } else if (!path.equals("/wait") && !held) {
                engine.discard(stream);
                answer(path.length() < 2 || !Character.isDigit(path.charAt(1)) ? "hello".getBytes(StandardCharsets.US_ASCII)
                        : new byte[Integer.parseInt(path.substring(1))]);
            }
        }

        void answer(byte[] bytes) {
            answer = bytes;
            engine.respond(stream, this);
        }

        void data() {
            if (!held) {
                take((int) engine.dataLength(stream));
            }
        }

        void take(int bytes) {
            content.writeBytes(engine.dataSegment(stream).asSlice(engine.dataAt(stream), bytes).toArray(ValueLayout.JAVA_BYTE));
            engine.consume(stream, bytes);
        }

        void end() {
            if (path.equals("/echo")) {
                trailers = engine.trailers(stream).count();
                unknown = true;
                answer(content.toByteArray());
            }
        }

        @Override
        public void head(HeadWriter head) {
            if (path.equals("/throw") && !thrown) {
                head.status(200).field(FieldName.CONTENT_TYPE, Ascii.of("a\nb"));
            }
            head.status(thrown ? 500 : 200).field(FieldName.CONTENT_TYPE, TEXT);
            if (unknown) {
                head.contentOfUnknownLength();
            } else {
                head.content(path.equals("/fail") ? 10 : answer.length);
            }
        }

        @Override
        public long body(MemorySegment out, long at, long most) {
            int bytes = (int) Math.min(most, answer.length - given);
            if (bytes == 0) {
                return END;
            }
            MemorySegment.copy(answer, given, out, ValueLayout.JAVA_BYTE, at, bytes);
            given += bytes;
            return bytes;
        }

        @Override
        public void trailers(HeadWriter head) {
            if (plain) {
                return;
            }
            head.begin(FieldName.VARY).decimal(trailers).end().field(X_END, TEXT);
        }
    }
}
