package dev.coffer.http.http3;

import dev.coffer.http.Ascii;
import dev.coffer.http.FieldName;
import dev.coffer.http.HeadWriter;
import dev.coffer.http.HttpEvent;
import dev.coffer.http.MessageSource;
import dev.coffer.http.Method;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// A client's engine over streams in memory, with an application that asks and takes all answers; what the server says is said by the test, or by a server's engine.
final class Http3Caller {
    private static final Ascii HOST = Ascii.of("a");

    final Http3Config config;
    final Http3Streams streams;
    final Http3Client engine;
    final SimulatedStreams wire;
    final MemorySegment memory;
    final MemorySegment sharedMemory;
    final List<String> events = new ArrayList<>();
    final Map<Long, Call> calls = new HashMap<>();
    long now = 1_000_000_000L;

    Http3Caller() {
        this(Http3Config.defaults(), 2048, 4096);
    }

    Http3Caller(Http3Config config, int inputBytes, int outputBytes) {
        this.config = config;
        Arena arena = Arena.ofAuto();
        wire = new SimulatedStreams(true, 300, inputBytes, outputBytes);
        sharedMemory = arena.allocate(Http3Streams.planOfClient(config, 40).totalBytes(), 64);
        streams = Http3Streams.ofClient(config, 40, sharedMemory, 0);
        memory = arena.allocate(config.clientPlan().totalBytes(), 64);
        engine = new Http3Client(config, 30_000_000_000L, 1_000_000_000L, memory, 0, streams);
        engine.reset(now);
        engine.attach(wire);
    }

    /// The server's control stream, with settings.
    Http3Caller hello() {
        return hello(1, 4096, 7, 100);
    }

    Http3Caller hello(long... settings) {
        wire.send(3, Http3Peer.join(Http3Peer.numbers(Frame.CONTROL), Http3Peer.frame(Frame.SETTINGS, Http3Peer.numbers(settings))), false);
        return run();
    }

    Call call(Method method, String path, int content) {
        Call call = new Call(method, path, content);
        call.stream = engine.request(call);
        if (call.stream >= 0) {
            calls.put(call.stream, call);
        }
        run();
        return call;
    }

    Call get(String path) {
        return call(Method.GET, path, 0);
    }

    Http3Caller says(long stream, boolean end, byte[]... parts) {
        wire.send(stream, Http3Peer.join(parts), end);
        return run();
    }

    Http3Caller run() {
        boolean more;
        do {
            more = wire.move() | turn();
        } while (more);
        return this;
    }

    boolean turn() {
        boolean more = !engine.isEnded() && engine.advance(now);
        for (HttpEvent event; (event = engine.pollEvent()) != null; more = true) {
            long stream = engine.stream();
            events.add(event + (stream < 0 ? "" : " " + stream + (event == HttpEvent.ABORTED ? " " + engine.refusal() : "")));
            Call call = calls.get(stream);
            switch (event) {
                case INFORMATION -> call.informed = engine.response(stream).status();
                case RESPONSE -> call.status = engine.response(stream).status();
                case DATA -> call.take();
                case TRAILERS -> call.trailers = engine.trailers(stream).count();
                case ABORTED -> call.unheard = engine.isUnheard(stream);
                default -> {}
            }
        }
        return more;
    }

    void pass(long nanos) {
        now += nanos;
        engine.onDeadline(now);
        run();
    }

    String closed() {
        return wire.closed == SimulatedStreams.NONE ? "-" : ErrorCode.of(wire.closed).name();
    }

    void checkNothingHeld() {
        if (streams.accounts().getFirst().usedBytes() != 0) {
            throw new AssertionError("lent: " + streams.accounts().getFirst());
        }
        for (byte b : sharedMemory.toArray(ValueLayout.JAVA_BYTE)) {
            if (b != 0) {
                throw new AssertionError("something is left in a place that was given back");
            }
        }
    }

    /// One request and what became of it.
    final class Call implements MessageSource {
        private final Method method;
        private final Ascii path;
        private final int content;
        long stream = -1;
        int informed;
        int status;
        int trailers = -1;
        boolean unheard;
        boolean expects;
        boolean unknown;
        boolean trailer;
        private int given;
        final ByteArrayOutputStream got = new ByteArrayOutputStream();

        Call(Method method, String path, int content) {
            this.method = method;
            this.path = Ascii.of(path);
            this.content = content;
        }

        void take() {
            int bytes = (int) engine.dataLength(stream);
            got.writeBytes(engine.dataSegment(stream).asSlice(engine.dataAt(stream), bytes).toArray(ValueLayout.JAVA_BYTE));
            engine.consume(stream, bytes);
        }

        @Override
        public void head(HeadWriter head) {
            head.request(method, HOST, path).field(FieldName.USER_AGENT, Http3Peer.TEXT);
            if (expects) {
                head.expectContinue();
            }
            if (unknown) {
                head.contentOfUnknownLength();
            } else if (content > 0) {
                head.content(content);
            }
        }

        @Override
        public long body(MemorySegment out, long at, long most) {
            int bytes = (int) Math.min(most, content - given);
            if (bytes == 0) {
                return END;
            }
            for (int i = 0; i < bytes; i++) {
                out.set(ValueLayout.JAVA_BYTE, at + i, (byte) 'c');
            }
            given += bytes;
            return bytes;
        }

        @Override
        public void trailers(HeadWriter head) {
            if (trailer) {
                head.field(FieldName.USER_AGENT, Http3Peer.TEXT);
            }
        }
    }
}
