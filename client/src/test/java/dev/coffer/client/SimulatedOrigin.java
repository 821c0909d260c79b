package dev.coffer.client;

import dev.coffer.http.HeadWriter;
import dev.coffer.http.HttpEvent;
import dev.coffer.http.Limits;
import dev.coffer.http.MessageSource;
import dev.coffer.http.RequestHead;
import dev.coffer.http.http1.Http1Config;
import dev.coffer.http.http1.Http1Server;
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
    private int connections;

    SimulatedOrigin(Simulation world, SplittableRandom random, Arena arena, String name, boolean ends, boolean breaks, boolean silent) {
        this.world = world;
        this.random = random;
        this.arena = arena;
        this.name = name;
        this.ends = ends;
        this.breaks = breaks;
        this.silent = silent;
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
        private final Http1Server engine = new Http1Server(CONFIG, arena.allocate(CONFIG.plan().totalBytes(), 64), 0, null);
        private final StreamDriver<HttpEvent> driver;
        private long stream;
        private int number;
        private int length;
        private int seen;           // bytes of the request's content

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
                    stream = engine.stream();
                    RequestHead head = engine.request(stream);
                    String[] path = new String(head.segment().asSlice(head.pathAt(), head.pathLength()).toArray(ValueLayout.JAVA_BYTE),
                            StandardCharsets.US_ASCII).split("/");
                    number = Integer.parseInt(path[1]);
                    length = Integer.parseInt(path[2]);
                    seen = 0;
                    taken.merge(number, 1, Integer::sum);
                    world.trace(name + " takes up " + number);
                }
                case DATA -> {
                    int bytes = (int) engine.dataLength(stream);
                    for (int i = 0; i < bytes; i++) {
                        if (engine.dataSegment(stream).get(ValueLayout.JAVA_BYTE, engine.dataAt(stream) + i) != content(number, seen + i)) {
                            throw new AssertionError("content of request " + number + " at " + (seen + i));
                        }
                    }
                    seen += bytes;
                    engine.consume(stream, bytes);
                }
                case END -> {
                    if (!silent || random.nextInt(4) != 0) {
                        engine.respond(stream, new Answer(number, length, random.nextBoolean()));
                    }
                }
                case SENT -> {
                    if (ends && random.nextInt(2) == 0) {
                        world.clock().after(random.nextLong(3 * SECOND), () -> {
                            if (!driver.isDone()) {
                                driver.shutdown(world.clock().nanos());
                            }
                        });
                    }
                }
                default -> {}
            }
        }
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
