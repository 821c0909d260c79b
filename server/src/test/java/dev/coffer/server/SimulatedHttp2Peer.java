package dev.coffer.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.http.Ascii;
import dev.coffer.http.HeadWriter;
import dev.coffer.http.HttpEvent;
import dev.coffer.http.MessageSource;
import dev.coffer.http.Method;
import dev.coffer.http.Refusal;
import dev.coffer.http.http2.Http2Client;
import dev.coffer.http.http2.Http2Config;
import dev.coffer.http.http2.Http2Streams;
import dev.coffer.memory.engine.Engine;
import dev.coffer.server.net.FakeSockets;
import dev.coffer.testkit.simulation.Actor;
import dev.coffer.testkit.simulation.Conditions;
import dev.coffer.testkit.simulation.Simulation;
import dev.coffer.testkit.simulation.StreamDriver;
import dev.coffer.testkit.simulation.StreamEnd;
import dev.coffer.tls.ClientContext;
import dev.coffer.tls.TlsClient;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/// One client of a simulated server that speaks HTTP/2, over TLS or not: asks several things at once, with pauses in which its connection rests, takes
/// some of it back, checks each answer, and counts how they ended.
final class SimulatedHttp2Peer implements Actor {
    /// How an exchange ended. REFUSED: the server has said that it did nothing with it. UNASKED: there was no connection any more.
    enum End { ANSWERED, BUSY, CANCELLED, REFUSED, LOST, UNASKED }

    private static final Ascii HOST = Ascii.of("a");
    private static final long NEVER = Long.MAX_VALUE;
    private static final long SECOND = 1_000_000_000L;
    private static final long DAY = 24 * 3600 * SECOND;  // the slowest network brings six octets a second
    private static final int STREAMS = 4;
    static final int CONTENT_BYTES_MAX = 3000;

    private final Simulation world;
    private final FakeSockets sockets;
    private final SplittableRandom random;
    private final Http2Client engine;
    private final Engine<HttpEvent> outer;      // the same, or TLS before it
    private final int number;
    private final int requests;
    private final boolean corrupts;
    private final SimulatedApplication application;
    private final List<Ask> open = new ArrayList<>();
    final Map<End, Integer> ends = new EnumMap<>(End.class);
    private long nextAt;
    private int asked;
    private final boolean planted;              // its driver loses octets
    private boolean said;                       // that it is done
    private StreamEnd end;
    private String lately = "";                 // what was aborted last, and why
    private StreamDriver<HttpEvent> driver;

    /// @param clients  of TLS, whose place `number` is its own; null for none
    /// @param planted  of what comes its driver loses an octet now and then
    SimulatedHttp2Peer(Simulation world, FakeSockets sockets, SplittableRandom random, int number, Http2Config like, Arena arena, boolean corrupts,
            SimulatedApplication application, ClientContext clients, boolean planted) {
        this.world = world;
        this.sockets = sockets;
        this.random = random;
        this.number = number;
        this.corrupts = corrupts;
        this.application = application;
        this.planted = planted;
        this.requests = 1 + random.nextInt(8);
        this.nextAt = world.clock().nanos() + random.nextLong(2 * SECOND);
        Http2Config config = like.withStreamsMax(STREAMS).withWindowBytes(1024 << random.nextInt(5));
        Http2Streams streams = Http2Streams.ofClient(config, STREAMS, arena.allocate(Http2Streams.planOfClient(config, STREAMS).totalBytes(), 64), 0);
        engine = new Http2Client(config, DAY, DAY, arena.allocate(config.clientPlan().totalBytes(), 64), 0, streams);
        outer = clients == null ? engine : new TlsClient<HttpEvent>(clients, number, (connection, now) -> {
            engine.reset(now);
            return engine;
        }).to("coffer.test");
    }

    int requests() {
        return requests;
    }

    int count(End how) {
        return ends.getOrDefault(how, 0);
    }

    boolean isDone() {
        return driver != null && driver.isDone();
    }

    StreamEnd end() {
        return end;
    }

    /// Nothing gets through for a while.
    void stall(long nanos) {
        if (end != null) {
            Conditions before = Conditions.any(random, false);
            end.conditions(before.withLoss(1));
            world.clock().after(nanos, () -> end.conditions(before));
        }
    }

    @Override
    public boolean turn(long now) {
        if (now < nextAt) {
            return false;
        }
        if (end == null) {
            end = sockets.connect(Conditions.any(random, corrupts), Conditions.any(random, corrupts));
            outer.reset(now);
            driver = world.add(new StreamDriver<>("peer " + number, outer, end, random.split(), this::handle) {
                @Override
                protected int afterFeed(int offered, int taken, int left) {
                    return planted && left > 0 ? left - 1 : left;
                }
            }.readsAlways());
            return true;
        }
        if (asked < requests && engine.canRequest()) {
            ask();
            nextAt = random.nextInt(3) == 0 ? now + random.nextLong(2 * SECOND) : now;
            return true;
        }
        if (asked == requests && open.isEmpty() && !said) {
            said = true;
            driver.shutdown(now);
            return true;
        }
        return false;
    }

    @Override
    public long deadlineNanos() {
        return nextAt > world.clock().nanos() ? nextAt : NEVER;
    }

    private void ask() {
        Ask ask = new Ask();
        ask.stream = engine.request(ask);
        assertTrue(ask.stream >= 0);
        open.add(ask);
        if (random.nextInt(8) == 0) {
            world.clock().after(random.nextLong(SECOND), () -> {
                if (open.contains(ask) && !engine.isEnded()) {
                    ask.isCancelled = true;
                    engine.abort(ask.stream);
                }
            });
        }
    }

    private void handle(HttpEvent event) {
        if (Simulation.traces()) {
            world.trace("peer " + number + " " + outer + " " + event);
        }
        long stream = engine.stream();
        Ask ask = open.stream().filter(each -> each.stream == stream).findFirst().orElse(null);
        switch (event) {
            case RESPONSE -> ask.status = engine.response(stream).status();
            case DATA -> ask.data();
            case END -> {
                ask.isEnded = true;
                ask.overIfDone();
            }
            case SENT -> {
                ask.isSent = true;
                ask.overIfDone();
            }
            case ABORTED -> {
                lately = ask + " " + engine.refusal();
                if (ask.isEnded) {
                    ask.answered();     // before all of the request's content was wanted
                } else {
                    ask.over(ask.isCancelled ? End.CANCELLED : engine.refusal() == Refusal.NOT_TAKEN ? End.REFUSED : End.LOST);
                }
            }
            default -> {}
        }
        if (engine.isEnded()) {
            List.copyOf(open).forEach(each -> each.over(End.LOST));
        }
    }

    /// What never was asked, once the connection has ended.
    void settle() {
        List.copyOf(open).forEach(each -> each.over(End.LOST));
        if (asked < requests) {
            ends.merge(End.UNASKED, requests - asked, Integer::sum);
        }
        outer.close();
        engine.close();
    }

    /// One exchange.
    private final class Ask implements MessageSource {
        private final int expected = random.nextInt(random.nextBoolean() ? 100 : LoopSimulationTest.CONTENT_BYTES_MAX);
        private final boolean posts = random.nextBoolean();
        private final int content = posts ? random.nextInt(CONTENT_BYTES_MAX) : 0;
        private final boolean announces = random.nextBoolean();
        private final String path = "/" + number + "/" + asked++ + "/" + random.nextInt(SimulatedApplication.Way.values().length) + "/" + expected;
        private long stream;
        private int sent;
        private int status;
        private int seen;
        private boolean isCancelled;
        private boolean isEnded;
        private boolean isSent;

        @Override
        public void head(HeadWriter head) {
            head.request(posts ? Method.POST : Method.GET, HOST, Ascii.of(path));
            if (posts && announces) {
                head.content(content);
            } else if (posts) {
                head.contentOfUnknownLength();
            }
        }

        @Override
        public long body(MemorySegment output, long at, long room) {
            if (sent == content) {
                return END;
            }
            int piece = (int) Math.min(room, content - sent);
            for (int i = 0; i < piece; i++) {
                output.set(ValueLayout.JAVA_BYTE, at + i, LoopSimulationTest.content(sent + i));
            }
            sent += piece;
            return piece;
        }

        void data() {
            long at = engine.dataAt(stream);
            int bytes = (int) engine.dataLength(stream);
            for (int i = 0; i < bytes && status == 200; i++) {
                assertEquals(LoopSimulationTest.content(seen + i), engine.dataSegment(stream).get(ValueLayout.JAVA_BYTE, at + i), path);
            }
            seen += bytes;
            engine.consume(stream, bytes);
        }

        void overIfDone() {
            if (isEnded && isSent) {
                answered();
            }
        }

        private void answered() {
            SimulatedApplication.Outcome outcome = application.outcome(path);
            assertTrue(outcome == null ? status == 503 : outcome.explains(status, content), status + " to " + path + ", " + content + " bytes");
            assertTrue(status != 200 || seen == expected, path + ": its end after " + seen);
            over(outcome == null ? End.BUSY : End.ANSWERED);
        }

        void over(End how) {
            if (open.remove(this)) {
                ends.merge(how, 1, Integer::sum);
            }
        }

        @Override
        public String toString() {
            return path + " (" + status + ", " + seen + " of " + expected + " down, " + sent + " of " + content + " up)";
        }
    }

    @Override
    public String toString() {
        return "peer " + number + ": " + ends + " of " + requests + ", open " + open.size() + ", " + outer + ", aborted " + lately;
    }
}
