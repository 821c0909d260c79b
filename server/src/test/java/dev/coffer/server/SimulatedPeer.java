package dev.coffer.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.http.Ascii;
import dev.coffer.http.HeadWriter;
import dev.coffer.http.HttpEvent;
import dev.coffer.http.MessageSource;
import dev.coffer.http.Method;
import dev.coffer.http.http1.Http1Client;
import dev.coffer.http.http1.Http1Config;
import dev.coffer.server.net.FakeSockets;
import dev.coffer.testkit.simulation.Actor;
import dev.coffer.testkit.simulation.Conditions;
import dev.coffer.testkit.simulation.Simulation;
import dev.coffer.testkit.simulation.StreamDriver;
import dev.coffer.testkit.simulation.StreamEnd;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;

/// One client of a simulated server: connects at its time, asks one thing after another, checks each answer, and counts how they ended.
final class SimulatedPeer implements Actor {
    private static final Ascii HOST = Ascii.of("a");
    private static final long NEVER = Long.MAX_VALUE;

    private final Simulation world;
    private final FakeSockets sockets;
    private final SplittableRandom random;
    private final Http1Client engine;
    private final int number;
    private final int requests;
    private final boolean corrupts;
    private final SimulatedApplication application;     // what answers; null for one that answers each at once
    private long connectAt;
    private StreamEnd end;
    private StreamDriver<HttpEvent> driver;
    private long stream = -1;
    private int asked;
    private int status;
    private int seen;           // bytes of content
    private int expected;
    private int content;        // bytes of the request's
    private String path;
    private boolean ended;      // the answer's END was told
    int answered;               // by the application, whole and right
    int refused;                // 503, and not by the application
    int lost;                   // neither

    SimulatedPeer(Simulation world, FakeSockets sockets, SplittableRandom random, int number, Http1Config config, MemorySegment memory,
            boolean corrupts, SimulatedApplication application) {
        this.world = world;
        this.sockets = sockets;
        this.random = random;
        this.number = number;
        this.engine = new Http1Client(config, memory, 0);
        this.requests = 1 + random.nextInt(4);
        this.corrupts = corrupts;
        this.application = application;
        this.connectAt = world.clock().nanos() + random.nextLong(2_000_000_000L);
    }

    int requests() {
        return requests;
    }

    boolean isDone() {
        return driver != null && driver.isDone();
    }

    StreamEnd end() {
        return end;
    }

    @Override
    public boolean turn(long now) {
        if (end == null) {
            if (now < connectAt) {
                return false;
            }
            connectAt = NEVER;
            end = sockets.connect(Conditions.any(random, corrupts), Conditions.any(random, corrupts));
            engine.reset(now);
            driver = world.add(new StreamDriver<>("peer " + number, engine, end, random.split(), this::handle).readsAlways());
            return true;
        }
        if (!engine.canRequest()) {
            return false;
        }
        over();
        if (asked == requests) {
            engine.shutdown(now);
        } else {
            ask();
        }
        return true;
    }

    @Override
    public long deadlineNanos() {
        return connectAt;
    }

    private void ask() {
        int length = random.nextInt(random.nextBoolean() ? 100 : LoopSimulationTest.CONTENT_BYTES_MAX);
        boolean posts = random.nextBoolean();
        int bytes = posts ? random.nextInt(3000) : 0;
        boolean announces = application == null || random.nextBoolean();
        String way = application == null ? "" : random.nextInt(SimulatedApplication.Way.values().length) + "/";
        path = "/" + number + "/" + asked++ + "/" + way + length;
        Ascii target = Ascii.of(path);
        status = 0;
        seen = 0;
        ended = false;
        expected = length;
        content = bytes;
        stream = engine.request(new MessageSource() {
            private int at;

            @Override
            public void head(HeadWriter head) {
                head.request(posts ? Method.POST : Method.GET, HOST, target);
                if (posts && announces) {
                    head.content(bytes);
                } else if (posts) {
                    head.contentOfUnknownLength();
                }
            }

            @Override
            public long body(MemorySegment output, long offset, long room) {
                if (at == bytes && !announces) {
                    return END;
                }
                int piece = (int) Math.min(room, bytes - at);
                for (int i = 0; i < piece; i++) {
                    output.set(ValueLayout.JAVA_BYTE, offset + i, LoopSimulationTest.content(at + i));
                }
                at += piece;
                return piece;
            }
        });
        assertTrue(stream >= 0);
    }

    private void handle(HttpEvent event) {
        if (Simulation.traces()) {
            world.trace("peer " + number + " " + engine + " " + event);
        }
        switch (event) {
            case RESPONSE -> {
                status = engine.response(stream).status();
                assertTrue(corrupts || application != null || status == 200 || status == 503, "status " + status);
            }
            case DATA -> {
                long at = engine.dataAt(stream);
                int bytes = (int) engine.dataLength(stream);
                for (int i = 0; i < bytes && status == 200 && !corrupts; i++) {
                    assertEquals(LoopSimulationTest.content(seen + i), engine.dataSegment(stream).get(ValueLayout.JAVA_BYTE, at + i));
                }
                seen += bytes;
                engine.consume(stream, bytes);
            }
            case END -> {
                ended = true;
                assertTrue(corrupts || status != 200 || seen == expected, "END after " + seen + " of " + expected);
            }
            case CLOSED -> over();
            default -> {}
        }
    }

    /// The exchange that was asked last is over.
    private void over() {
        if (stream >= 0) {
            stream = -1;
            boolean handled = status == 200;
            if (application != null && ended) {
                SimulatedApplication.Outcome outcome = application.outcome(path);
                handled = outcome != null;
                assertTrue(handled ? outcome.explains(status, content) : status == 503, status + " to " + path + ", " + content + " bytes");
            }
            answered += ended && handled ? 1 : 0;
            refused += ended && !handled && status == 503 ? 1 : 0;
            lost += ended ? 0 : 1;
        }
    }

    void close() {
        engine.close();
    }

    @Override
    public String toString() {
        return "peer " + number + ": " + answered + " answered, " + refused + " refused, " + lost + " lost of " + requests;
    }
}
