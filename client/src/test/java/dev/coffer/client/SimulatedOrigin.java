package dev.coffer.client;

import dev.coffer.http.HeadWriter;
import dev.coffer.http.HttpEvent;
import dev.coffer.http.HttpServer;
import dev.coffer.http.Limits;
import dev.coffer.http.MessageSource;
import dev.coffer.http.RequestHead;
import dev.coffer.http.http1.Http1Config;
import dev.coffer.http.http1.Http1Server;
import dev.coffer.http.http2.Http2Config;
import dev.coffer.http.http2.Http2Server;
import dev.coffer.http.http2.Http2Streams;
import dev.coffer.testkit.simulation.Actor;
import dev.coffer.testkit.simulation.Simulation;
import dev.coffer.testkit.simulation.StreamDriver;
import dev.coffer.testkit.simulation.StreamEnd;
import dev.coffer.testkit.simulation.StreamListener;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;

/// A server of a simulated world, which answers `/NUMBER/LENGTH` with that many bytes, counts how often it has taken each number up, and
/// does what real ones do: ends connections that are idle, breaks those that are not, and sometimes never answers.
final class SimulatedOrigin implements Actor {
    private static final long NEVER = Long.MAX_VALUE;
    private static final long SECOND = 1_000_000_000L;
    /// No link is so slow that it gives up a request of some kilobytes.
    private static final Http1Config CONFIG = Http1Config.defaults()
            .withLimits(Limits.defaults().withTimes(36_000 * SECOND, 36_000 * SECOND, 36_000 * SECOND).withBodyBytesMax(1 << 20));

    final StreamListener listener;
    final Map<Integer, Integer> taken = new HashMap<>();    // by number of the request
    private final Simulation world;
    private final SplittableRandom random;
    private final Arena arena;
    private final String name;
    private final boolean ends;         // idle connections, whenever it likes
    private final boolean breaks;
    private final boolean silent;       // at times
    private final Http2Config http2;    // null where it speaks HTTP/1.1
    private final Http2Streams streams;
    private int connections;

    /// @param second  whether HTTP/2 is spoken, with fewer places than a client may want
    SimulatedOrigin(Simulation world, SplittableRandom random, Arena arena, String name, boolean ends, boolean breaks, boolean silent,
            boolean second) {
        this.world = world;
        this.random = random;
        this.arena = arena;
        this.name = name;
        this.ends = ends;
        this.breaks = breaks;
        this.silent = silent;
        this.http2 = !second ? null : Http2Config.of(CONFIG.limits(), 256).withStreamsMax(1 + random.nextInt(5)).withWindowBytes(1024 << random.nextInt(6));
        int places = 2 + random.nextInt(8);
        this.streams = !second ? null
                : new Http2Streams(http2, places, places, arena.allocate(Http2Streams.plan(http2, places, places).totalBytes(), 64), 0, null);
        this.listener = world.network().listen(64);
        world.add(this);
    }

    static byte content(int number, int i) {
        return (byte) (i * 31 + (i >> 8) + number);
    }

    @Override
    public boolean turn(long now) {
        boolean moved = false;
        while (listener.isReadable()) {
            moved = true;
            StreamEnd end = listener.accept();
            if (!end.isBroken()) {
                new Connection(end, now);
            }
        }
        return moved;
    }

    @Override
    public long deadlineNanos() {
        return NEVER;
    }

    private final class Connection {
        private final HttpServer engine = http2 == null ? new Http1Server(CONFIG, arena.allocate(CONFIG.plan().totalBytes(), 64), 0, null)
                : new Http2Server(http2, arena.allocate(http2.plan().totalBytes(), 64), 0, streams);
        private final StreamDriver<HttpEvent> driver;
        private final Map<Long, Taken> exchanges = new HashMap<>();

        Connection(StreamEnd end, long now) {
            engine.reset(now);
            driver = world.add(new StreamDriver<>(name + " " + connections++, engine, end, random.split(), this::handle));
            if (breaks && random.nextInt(3) == 0) {
                world.clock().after(random.nextLong(5 * SECOND), () -> {
                    if (!end.isClosed()) {
                        end.reset();
                    }
                });
            }
            if (breaks && random.nextInt(3) == 0) {
                world.clock().after(random.nextLong(5 * SECOND), end::truncate);
            }
        }

        private void handle(HttpEvent event) {
            switch (event) {
                case REQUEST -> {
                    long stream = engine.stream();
                    RequestHead head = engine.request(stream);
                    String[] path = new String(head.segment().asSlice(head.pathAt(), head.pathLength()).toArray(ValueLayout.JAVA_BYTE),
                            StandardCharsets.US_ASCII).split("/");
                    Taken exchange = new Taken();
                    exchange.number = Integer.parseInt(path[1]);
                    exchange.length = Integer.parseInt(path[2]);
                    exchanges.put(stream, exchange);
                    taken.merge(exchange.number, 1, Integer::sum);
                    world.trace(name + " takes up " + exchange.number);
                }
                case DATA -> {
                    long stream = engine.stream();
                    Taken exchange = exchanges.get(stream);
                    int bytes = (int) engine.dataLength(stream);
                    for (int i = 0; i < bytes; i++) {
                        if (engine.dataSegment(stream).get(ValueLayout.JAVA_BYTE, engine.dataAt(stream) + i) != content(exchange.number, exchange.seen + i)) {
                            throw new AssertionError("content of request " + exchange.number + " at " + (exchange.seen + i));
                        }
                    }
                    exchange.seen += bytes;
                    engine.consume(stream, bytes);
                }
                case END -> {
                    if (!silent || random.nextInt(4) != 0) {
                        Taken exchange = exchanges.get(engine.stream());
                        engine.respond(engine.stream(), new Answer(exchange.number, exchange.length, random.nextBoolean()));
                    }
                }
                case SENT -> {
                    exchanges.remove(engine.stream());
                    if (ends && random.nextInt(2) == 0) {
                        world.clock().after(random.nextLong(3 * SECOND), () -> {
                            if (!driver.isDone()) {
                                driver.shutdown(world.clock().nanos());
                            }
                        });
                    }
                }
                case ABORTED -> exchanges.remove(engine.stream());
                default -> {}
            }
        }
    }

    /// A request that was taken up.
    private static final class Taken {
        int number;
        int length;
        int seen;                   // bytes of its content
    }

    private static final class Answer implements MessageSource {
        private final int number;
        private final int length;
        private final boolean announces;
        private int sent;

        Answer(int number, int length, boolean announces) {
            this.number = number;
            this.length = length;
            this.announces = announces;
        }

        @Override
        public void head(HeadWriter head) {
            head.status(200);
            if (announces) {
                head.content(length);
            } else {
                head.contentOfUnknownLength();
            }
        }

        @Override
        public long body(MemorySegment output, long at, long room) {
            if (sent == length) {
                return END;
            }
            int bytes = (int) Math.min(room, length - sent);
            for (int i = 0; i < bytes; i++) {
                output.set(ValueLayout.JAVA_BYTE, at + i, content(number, sent + i));
            }
            sent += bytes;
            return bytes;
        }
    }
}
