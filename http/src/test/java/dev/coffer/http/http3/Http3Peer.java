package dev.coffer.http.http3;

import dev.coffer.http.Ascii;
import dev.coffer.http.FieldName;
import dev.coffer.http.HeadWriter;
import dev.coffer.http.HttpEvent;
import dev.coffer.http.MessageSource;
import dev.coffer.http.RequestHead;
import dev.coffer.http.qpack.QpackDecoder;
import dev.coffer.http.qpack.QpackEncoder;
import dev.coffer.http.qpack.SectionDecoder;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// A client that says what it is told to, frame by frame, an engine over streams in memory, and an application behind it that answers by the path:
///
/// | path | answer |
/// |---|---|
/// | `/` | 200, `hello` |
/// | `/N` | 200, N bytes of known length |
/// | `/echo` | 200, the content, of unknown length, with a trailer `x-end` and how many trailers came |
/// | `/wait` | none until [Exchange#answer] |
/// | `/hold` | none, and content is not taken until [Exchange#take] |
/// | `/fail` | 200, ten bytes announced, five given |
/// | `/throw` | a head that throws |
/// | `/tunnel` | of an extended CONNECT: 200, the content as it comes |
/// | `/hints` | 103, then 200 |
final class Http3Peer {
    static final long CONTROL = 2;
    static final long ENCODER = 6;
    static final long DECODER = 10;
    static final Ascii TEXT = Ascii.of("text/plain");
    private static final Ascii X_END = Ascii.of("x-end");

    final Http3Config config;
    final Http3Streams streams;
    final Http3Server engine;
    final SimulatedStreams wire;
    final Arena arena = Arena.ofAuto();
    final MemorySegment memory;
    final MemorySegment sharedMemory;
    final List<String> events = new ArrayList<>();
    final Map<Long, Exchange> exchanges = new HashMap<>();
    final QpackEncoder encoder = new QpackEncoder(arena.allocate(QpackEncoder.plan(4096).totalBytes(), 64), 0, 4096, true);
    final QpackDecoder decoder = new QpackDecoder(arena.allocate(QpackDecoder.plan(4096).totalBytes(), 64), 0, 4096, 100);
    private int instructionsRead;
    long now = 1_000_000_000L;
    int pulls;              // of content, from all sources
    boolean leaves;         // sources leave more behind than they say

    Http3Peer() {
        this(Http3Config.defaults(), 128, 4096, 4096);
    }

    Http3Peer(Http3Config config, int streamCount, int inputBytes, int outputBytes) {
        this.config = config;
        wire = new SimulatedStreams(false, 300, inputBytes, outputBytes);
        sharedMemory = arena.allocate(Http3Streams.plan(config, streamCount).totalBytes(), 64);
        streams = new Http3Streams(config, streamCount, sharedMemory, 0, null);
        memory = arena.allocate(Math.max(64, config.plan().totalBytes()), 64);
        engine = new Http3Server(config, memory, 0, streams);
        engine.reset(now);
        engine.attach(wire);
    }

    // Octets.

    static byte[] numbers(long... values) {
        byte[] all = new byte[8 * values.length];
        long to = 0;
        for (long value : values) {
            to = Frame.number(MemorySegment.ofArray(all), to, value);
        }
        return Arrays.copyOf(all, (int) to);
    }

    static byte[] frame(long type, byte... payload) {
        return join(numbers(type, payload.length), payload);
    }

    static byte[] join(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    /// {@return a section of literals that refers to no table}
    static byte[] section(String... namesAndValues) {
        ByteArrayOutputStream section = new ByteArrayOutputStream();
        section.write(0);
        section.write(0);
        for (int i = 0; i < namesAndValues.length; i++) {
            byte[] text = namesAndValues[i].getBytes(StandardCharsets.ISO_8859_1);
            int mask = i % 2 == 0 ? 7 : 127;
            int pattern = i % 2 == 0 ? 0x20 : 0;
            if (text.length < mask) {
                section.write(pattern | text.length);
            } else {
                section.write(pattern | mask);
                int rest = text.length - mask;
                for (; rest >= 128; rest >>>= 7) {
                    section.write(rest & 127 | 128);
                }
                section.write(rest);
            }
            section.writeBytes(text);
        }
        return section.toByteArray();
    }

    static byte[] request(String method, String path, String... more) {
        String[] all = new String[8 + more.length];
        System.arraycopy(new String[] {":method", method, ":scheme", "https", ":authority", "a", ":path", path}, 0, all, 0, 8);
        System.arraycopy(more, 0, all, 8, more.length);
        return frame(Frame.HEADERS, section(all));
    }

    static byte[] data(int bytes) {
        byte[] content = new byte[bytes];
        Arrays.fill(content, (byte) 'd');
        return frame(Frame.DATA, content);
    }

    // The client.

    /// Its control stream, with settings.
    Http3Peer hello() {
        return hello(Frame.QPACK_MAX_TABLE_CAPACITY, 4096, Frame.QPACK_BLOCKED_STREAMS, 100);
    }

    Http3Peer hello(long... settings) {
        return send(CONTROL, join(numbers(Frame.CONTROL), frame(Frame.SETTINGS, numbers(settings))));
    }

    Http3Peer send(long stream, byte[]... parts) {
        wire.send(stream, join(parts), false);
        return run();
    }

    Http3Peer end(long stream, byte[]... parts) {
        wire.send(stream, join(parts), true);
        return run();
    }

    Http3Peer get(long stream, String path, String... more) {
        return end(stream, request("GET", path, more));
    }

    Http3Peer reset(long stream, long code) {
        wire.resetByPeer(stream, code);
        return run();
    }

    /// A request whose fields enter the tables, and whose instructions go before it.
    byte[] remembered(long stream, String path, String... more) {
        MemorySegment place = arena.allocate(1 << 12);
        String[] all = new String[8 + more.length];
        System.arraycopy(new String[] {":method", "GET", ":scheme", "https", ":authority", "a", ":path", path}, 0, all, 0, 8);
        System.arraycopy(more, 0, all, 8, more.length);
        encoder.begin(stream, place, 0);
        for (int i = 0; i < all.length; i += 2) {
            MemorySegment both = arena.allocateFrom(all[i] + all[i + 1], StandardCharsets.ISO_8859_1);
            encoder.field(both, 0, all[i].length(), all[i].length(), all[i + 1].length());
        }
        long end = encoder.end();
        return frame(Frame.HEADERS, place.asSlice(encoder.sectionAt(), end - encoder.sectionAt()).toArray(ValueLayout.JAVA_BYTE));
    }

    byte[] instructions() {
        MemorySegment place = arena.allocate(1 << 12);
        return place.asSlice(0, encoder.write(place, 0, 1 << 12)).toArray(ValueLayout.JAVA_BYTE);
    }

    /// Turns of the driver until nothing moves any more.
    Http3Peer run() {
        boolean more;
        do {
            more = wire.move() | turn();
        } while (more);
        return this;
    }

    private boolean turn() {
        boolean more;
        try {
            more = !engine.isEnded() && engine.advance(now);
        } catch (IllegalArgumentException e) {  // a source that throws, as a server's would be made 500
            if (e.getMessage().startsWith("stream ") || e.getMessage().startsWith("w")) {
                throw e;
            }
            events.add("thrown");
            exchanges.values().forEach(exchange -> exchange.thrown = true);
            more = true;
        }
        for (HttpEvent event; (event = engine.pollEvent()) != null; more = true) {
            handle(event);
        }
        return more;
    }

    private void handle(HttpEvent event) {
        long stream = engine.stream();
        events.add(event + (stream < 0 ? "" : " " + stream));
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

    void pass(long nanos) {
        now += nanos;
        engine.onDeadline(now);
        run();
    }

    /// {@return the code that the connection was closed with, `-` where it is open}
    String closed() {
        return wire.closed == SimulatedStreams.NONE ? "-" : ErrorCode.of(wire.closed).name();
    }

    /// {@return what the engine has said on a stream: its frames, its end or reset, and whether it reads on}
    List<String> said(long stream) {
        SimulatedStreams.Lane lane = wire.find(stream);
        List<String> said = new ArrayList<>();
        byte[] all = Arrays.copyOf(lane.sent, lane.sentLength);
        int at = (stream & 2) != 0 ? 1 : 0;
        while (at < all.length) {
            NumberReader number = new NumberReader();
            MemorySegment view = MemorySegment.ofArray(all);
            int from = at;
            from += (int) number.takeNumber(view, from, all.length - from);
            long type = number.number();
            number.resetNumber();
            from += (int) number.takeNumber(view, from, all.length - from);
            long length = number.number();
            int there = (int) Math.min(length, all.length - from);
            byte[] payload = Arrays.copyOfRange(all, from, from + there);
            said.add(text(type, length, stream, payload));
            at = from + there;
        }
        if (lane.ended) {
            said.add("end");
        }
        if (lane.reset != SimulatedStreams.NONE) {
            said.add("RESET " + ErrorCode.of(lane.reset));
        }
        if (lane.stopped != SimulatedStreams.NONE) {
            said.add("STOP " + ErrorCode.of(lane.stopped));
        }
        return said;
    }

    private String text(long type, long length, long stream, byte[] payload) {
        return switch ((int) type) {
            case Frame.DATA -> "DATA " + length + (payload.length < length ? " of which " + payload.length : "");
            case Frame.HEADERS -> payload.length < length ? "HEADERS cut" : "HEADERS " + fields(stream, payload);
            case Frame.GOAWAY -> "GOAWAY " + java.util.HexFormat.of().formatHex(payload);
            case Frame.SETTINGS -> "SETTINGS";
            default -> "type " + type;
        };
    }

    /// What the engine says of fields, with what it said to our table before.
    private String fields(long stream, byte[] payload) {
        for (int i = 0; i < wire.count(); i++) {
            SimulatedStreams.Lane lane = wire.lane(i);
            if ((lane.id & 3) == 3 && lane.sentLength > 0 && lane.sent[0] == Frame.ENCODER && lane.sentLength > Math.max(1, instructionsRead)) {
                instructionsRead = Math.max(1, instructionsRead);
                if (decoder.feed(MemorySegment.ofArray(lane.sent), instructionsRead, lane.sentLength - instructionsRead) != QpackDecoder.TAKEN) {
                    throw new AssertionError("the engine's instructions do not decode");
                }
                instructionsRead = lane.sentLength;
            }
        }
        MemorySegment head = arena.allocate(1 << 14);
        MemorySegment bytes = arena.allocate(Math.max(1, payload.length)).copyFrom(MemorySegment.ofArray(payload));
        List<String> fields = new ArrayList<>();
        SectionDecoder section = new SectionDecoder();
        section.begin(decoder, stream, head, 0, 1 << 14);
        for (int at = 0; at < payload.length; at += section.taken()) {
            int result = section.decode(bytes, at, payload.length - at);
            if (result == SectionDecoder.FAULT || result == SectionDecoder.BLOCKED) {
                throw new AssertionError("the engine's section does not decode: " + section);
            }
            if (result == SectionDecoder.FIELD) {
                fields.add(string(head, section.nameAt(), section.nameLength()) + "=" + string(head, section.valueAt(), section.valueLength()));
            }
        }
        if (!section.end()) {
            throw new AssertionError("the engine's section is cut");
        }
        return String.join(", ", fields);
    }

    static String string(MemorySegment segment, long at, long length) {
        return new String(segment.asSlice(at, length).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.ISO_8859_1);
    }

    Exchange exchange(long number) {
        return exchanges.get(number);
    }

    /// Nothing is lent, and what was is zero.
    void checkNothingHeld() {
        if (streams.accounts().getFirst().usedBytes() != 0) {
            throw new AssertionError("lent: " + streams.accounts().getFirst());
        }
        if (!streams.isUnused()) {
            throw new AssertionError("a place of a head, or who decodes one, was not given back");
        }
        for (byte b : sharedMemory.toArray(ValueLayout.JAVA_BYTE)) {
            if (b != 0) {
                throw new AssertionError("something is left in a place that was given back");
            }
        }
    }

    /// The application's side of one stream.
    final class Exchange implements MessageSource {
        final long stream;
        String path = "";
        boolean over;
        boolean thrown;
        boolean held;
        final ByteArrayOutputStream content = new ByteArrayOutputStream();
        private byte[] answer = {};
        private int given;
        private boolean unknown;
        private boolean tunnel;
        private boolean ended;
        private int trailers;

        Exchange(long stream) {
            this.stream = stream;
        }

        void begin(RequestHead head) {
            path = string(head.segment(), head.pathAt(), head.pathLength());
            held = path.equals("/hold");
            tunnel = path.equals("/tunnel");
            if (path.equals("/echo")) {
                engine.proceed(stream);
            } else if (tunnel) {
                engine.tunnel(stream);
                engine.respond(stream, this);
            } else if (!path.equals("/wait") && !held) {
                if (path.equals("/hints")) {
                    engine.inform(stream, 103, fields -> fields.field(FieldName.LINK, TEXT));
                }
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
            if (tunnel) {
                answer = content.toByteArray();
                engine.resume(stream);
            }
        }

        void end() {
            ended = true;
            if (path.equals("/echo")) {
                trailers = engine.trailers(stream).count();
                unknown = true;
                answer(content.toByteArray());
            } else if (tunnel) {
                engine.resume(stream);
            }
        }

        @Override
        public void head(HeadWriter head) {
            if (tunnel) {
                head.tunnel(TEXT);
                return;
            }
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
            pulls++;
            if (leaves) {
                out.asSlice(at, most).fill((byte) 0x55);
            }
            if (bytes == 0) {
                return tunnel && !ended ? 0 : END;
            }
            MemorySegment.copy(answer, given, out, ValueLayout.JAVA_BYTE, at, bytes);
            given += bytes;
            return bytes;
        }

        @Override
        public void trailers(HeadWriter head) {
            if (!tunnel) {
                head.begin(FieldName.VARY).decimal(trailers).end().field(X_END, TEXT);
            }
        }
    }
}
