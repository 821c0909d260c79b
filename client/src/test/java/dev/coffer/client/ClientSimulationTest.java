package dev.coffer.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.client.Client.Count;
import dev.coffer.client.ClientConfig.Times;
import dev.coffer.http.Ascii;
import dev.coffer.http.HeadWriter;
import dev.coffer.http.Limits;
import dev.coffer.http.Method;
import dev.coffer.http.http1.Http1Config;
import dev.coffer.memory.Protection.Level;
import dev.coffer.server.time.Time;
import dev.coffer.testkit.LongRun;
import dev.coffer.testkit.Seeds;
import dev.coffer.testkit.simulation.Actor;
import dev.coffer.testkit.simulation.Simulation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// A whole client, unchanged, over the simulated network and clock, in HTTP/1.1 and in HTTP/2, against servers that end and break connections, are not there or say
/// nothing. Each call ends once, with what the server gave it or a failure that its world explains; a POST is taken up once at most, the rest
/// twice; no more connections than planned; afterwards nothing is held.
class ClientSimulationTest {
    private static final int SEEDS = 200;
    private static final long SECOND = 1_000_000_000L;
    private static final long HOUR = 3600 * SECOND;

    private enum Fault { IDLE_ENDS, BREAKS, SILENCE, NOBODY, BLACK_HOLE, NO_DESCRIPTOR, CANCEL, HOLD, CROWD }

    /// What a run of worlds came to.
    private static final class Totals {
        int answered;
        int refused;
        int second;             // answered over HTTP/2
        long reused;
        long repeated;
        final int[] failures = new int[Failure.values().length];
    }

    @Test
    void everyCallEndsOnceAsItsWorldExplains() {
        Totals totals = new Totals();
        Seeds.forEach(1, SEEDS, random -> world(random, totals));
        if (Long.getLong("coffer.seed") == null) {
            assertTrue(totals.answered > SEEDS && totals.second > SEEDS / 2, "answered " + totals.answered + ", over HTTP/2 " + totals.second);
            assertTrue(totals.reused > SEEDS && totals.repeated > 0 && totals.refused > 0,
                    "reused " + totals.reused + ", repeated " + totals.repeated + ", refused " + totals.refused);
            for (Failure seen : new Failure[] {Failure.UNREACHABLE, Failure.CONNECT_TIMED_OUT, Failure.TIMED_OUT, Failure.TOO_SLOW,
                    Failure.BROKEN, Failure.TRUNCATED, Failure.CANCELLED, Failure.NO_DESCRIPTOR, Failure.ORIGINS_FULL}) {
                assertTrue(totals.failures[seen.ordinal()] > 0, seen + " was never seen");
            }
        }
    }

    @Test
    @Tag("long")
    void manyWorlds() {
        Totals totals = new Totals();
        LongRun.of("worlds of a client", 50_000, random -> world(random, totals));
    }

    private static void world(SplittableRandom random, Totals totals) {
        try {
            new World(random, totals).run();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// One seed's.
    private static final class World implements Actor, Time {
        private final SplittableRandom random;
        private final Totals totals;
        private final Simulation world;
        private final Set<Fault> faults = EnumSet.noneOf(Fault.class);
        private final List<SimulatedCall> calls = new ArrayList<>();
        private final List<SimulatedOrigin> origins = new ArrayList<>();
        private final boolean second;   // HTTP/2 is spoken
        private final int most;
        private Client client;
        private CallSockets sockets;
        private long usedAtFirst;
        private int asked;
        private long nextAsk;
        private long checkAt = Long.MAX_VALUE;

        World(SplittableRandom random, Totals totals) {
            this.random = random;
            this.second = random.nextBoolean();
            this.totals = totals;
            this.world = new Simulation(random);
            for (Fault fault : Fault.values()) {
                if (random.nextInt(4) == 0) {
                    faults.add(fault);
                }
            }
            this.most = 1 + random.nextInt(20);
        }

        void run() throws IOException {
            int connections = 1 + random.nextInt(5);
            int perOrigin = 1 + random.nextInt(connections);
            int ports = 1 + random.nextInt(3);
            int rows = faults.contains(Fault.CROWD) ? 1 : ports + 1;
            long whole = has(Fault.SILENCE) && random.nextBoolean() ? 20 * SECOND : HOUR;
            Http1Config http = new Http1Config(Limits.defaults().withTimes(HOUR, HOUR, HOUR).withBodyBytesMax(1 << 20), 64 + 64 * random.nextInt(20),
                    256, 0, 256, SECOND);
            ClientConfig config = ClientConfig.standard().withHttp(http).withOutput(256, random.nextInt(3), 1024)
                    .withSize(connections, perOrigin, 1 + random.nextInt(connections), 1 + random.nextInt(faults.contains(Fault.CROWD) ? 3 : 20))
                    .withOrigins(rows).withLocked(Level.OFF).withTimes(new Times(5 * SECOND, has(Fault.SILENCE) ? 30 * SECOND : HOUR, whole, 2 * SECOND, 0));
            if (second) {
                config = config.withHttp2(new Http2Asking(1 + random.nextInt(8), 1024 << random.nextInt(6), true));
            }
            sockets = new CallSockets(world, random.split(), connections, perOrigin);
            sockets.faults(has(Fault.BLACK_HOLE) ? 0.3 : 0, has(Fault.NO_DESCRIPTOR) ? 0.2 : 0);
            try (Arena arena = Arena.ofConfined()) {
                for (int port = 1; port <= ports; port++) {
                    SimulatedOrigin origin = new SimulatedOrigin(world, random.split(), arena, "origin " + port, has(Fault.IDLE_ENDS),
                            has(Fault.BREAKS), has(Fault.SILENCE), second);
                    origins.add(origin);
                    sockets.listens(port, origin.listener);
                }
                client = Client.assemble(config, host -> {
                    throw new AssertionError("an address was looked up");
                }, this, sockets, false);
                usedAtFirst = client.ledger().usedBytes();
                nextAsk = world.clock().nanos();
                world.add(this);
                client.run();  // until all is checked and it is stopped
            }
            judge();
        }

        private boolean has(Fault fault) {
            return faults.contains(fault);
        }

        @Override
        public boolean turn(long now) {
            if (asked < most && now >= nextAsk) {
                nextAsk = now + random.nextLong(random.nextInt(3) == 0 ? 1 : 3 * SECOND);
                ask();
                return true;
            }
            if (asked == most && checkAt == Long.MAX_VALUE && calls.stream().allMatch(c -> c.ends > 0)) {
                checkAt = now + 60 * SECOND;  // long past the idle time
                return true;
            }
            if (now >= checkAt) {
                checkAt = Long.MAX_VALUE - 1;
                assertEquals(0, client.connections(), "idle connections");
                assertEquals(usedAtFirst, client.ledger().usedBytes(), "bytes in use");
                client.stop();
                return true;
            }
            return false;
        }

        @Override
        public long deadlineNanos() {
            return Math.min(asked < most ? nextAsk : Long.MAX_VALUE, checkAt);
        }

        private void ask() {
            int port = has(Fault.NOBODY) && random.nextInt(5) == 0 ? 9 : 1 + random.nextInt(origins.size());
            SimulatedCall call = new SimulatedCall(asked++, port, random, has(Fault.HOLD));
            long ticket = client.tryAsk(call, call);
            world.trace("asks " + call + ": " + ticket);
            if (ticket == Client.FULL) {
                totals.refused++;
                assertTrue(calls.stream().filter(c -> c.ends == 0).count() >= client.config().calls() - 1, "refused though it is not full");
                return;
            }
            assertTrue(ticket >= 0);
            calls.add(call);
            call.ticket = ticket;
            if (has(Fault.CANCEL) && random.nextInt(3) == 0) {
                world.clock().after(random.nextLong(5 * SECOND), () -> client.cancel(ticket));
            }
            if (call.holds) {
                resumeLater(call);
            }
        }

        /// Again and again until it has ended: it may wait for a connection for minutes.
        private void resumeLater(SimulatedCall call) {
            world.clock().after(SECOND / 4, () -> {
                if (call.ends == 0) {
                    client.resume(call.ticket);
                    resumeLater(call);
                }
            });
        }

        private void judge() {
            totals.reused += client.count(Count.REUSED);
            totals.repeated += client.count(Count.REPEATED);
            for (SimulatedCall call : calls) {
                assertEquals(1, call.ends, call + " ended");
                int taken = call.port > origins.size() ? 0 : origins.get(call.port - 1).taken.getOrDefault(call.number, 0);
                assertTrue(taken <= (call.method.isIdempotent() ? 2 : 1), call + " was taken up " + taken + " times");
                assertTrue(taken <= call.begins, call + " was taken up " + taken + " times");
                int left = second ? 2 : 0;  // by the server, with the word that it did nothing
                assertTrue(call.begins <= (call.method.isIdempotent() ? 2 : 1) + left, call + " was begun " + call.begins + " times");
                if (call.failure == null) {
                    totals.answered++;
                    totals.second += second ? 1 : 0;
                    assertTrue(taken > 0, call + " was answered by nobody");
                    assertEquals(call.length, call.seen, call + " got");
                } else {
                    totals.failures[call.failure.ordinal()]++;
                    assertTrue(isExplained(call), call + " in a world of " + faults);
                }
            }
        }

        private boolean isExplained(SimulatedCall call) {
            return switch (call.failure) {
                case BROKEN, TRUNCATED, NO_ANSWER -> has(Fault.BREAKS) || has(Fault.IDLE_ENDS) && call.begins > 0;
                case TOO_SLOW -> has(Fault.SILENCE);
                case TIMED_OUT -> client.config().times().call() < HOUR;
                case UNREACHABLE -> call.port > origins.size() || has(Fault.BREAKS);
                case CONNECT_TIMED_OUT -> has(Fault.BLACK_HOLE);
                case NO_DESCRIPTOR -> has(Fault.NO_DESCRIPTOR);
                case ORIGINS_FULL -> has(Fault.CROWD);
                case CANCELLED -> has(Fault.CANCEL);
                case REFUSED -> second && call.begins == 3;
                default -> false;
            };
        }

        @Override
        public long nanos() {
            return world.clock().nanos();
        }

        @Override
        public long epochSeconds() {
            return world.clock().nanos() / SECOND;
        }
    }

    /// One call: asks for so many bytes, with some of its own, and checks what comes.
    private static final class SimulatedCall implements Request, ResponseSink {
        final int number;
        final int port;
        final Method method;
        final int length;
        final int bytes;        // of the request's content
        final boolean holds;    // takes content by and by
        private final Origin origin;
        private final Ascii target;
        private final SplittableRandom random;
        private int sent;
        int begins;
        int seen;
        int ends;
        long ticket;
        Failure failure;

        SimulatedCall(int number, int port, SplittableRandom random, boolean holds) {
            this.number = number;
            this.port = port;
            this.random = random.split();
            this.method = switch (random.nextInt(3)) {
                case 0 -> Method.POST;
                case 1 -> Method.PUT;
                default -> Method.GET;
            };
            this.length = random.nextInt(random.nextBoolean() ? 50 : 5000);
            this.bytes = method == Method.GET ? 0 : random.nextInt(3000);
            this.holds = holds && random.nextBoolean();
            this.origin = Origin.http("10.0.0.1", port);
            this.target = Ascii.of("/" + number + "/" + length);
        }

        @Override
        public Origin origin() {
            return origin;
        }

        @Override
        public Method method() {
            return method;
        }

        @Override
        public Ascii target() {
            return target;
        }

        @Override
        public void begin() {
            begins++;
            sent = 0;
            assertEquals(0, seen, "begun again though something was heard");
        }

        @Override
        public void head(HeadWriter head) {
            if (method != Method.GET) {
                head.content(bytes);
            }
        }

        @Override
        public long body(MemorySegment output, long at, long room) {
            int count = (int) Math.min(room, bytes - sent);
            for (int i = 0; i < count; i++) {
                output.set(ValueLayout.JAVA_BYTE, at + i, SimulatedOrigin.content(number, sent + i));
            }
            sent += count;
            return count;
        }

        @Override
        public void head(Call call) {
            assertEquals(200, call.response().status());
            assertEquals(ticket, call.ticket());
        }

        @Override
        public long take(Call call, MemorySegment content, long at, long count) {
            long takes = holds ? random.nextLong(count + 1) : count;
            for (int i = 0; i < takes; i++) {
                if (content.get(ValueLayout.JAVA_BYTE, at + i) != SimulatedOrigin.content(number, seen + i)) {
                    throw new AssertionError("content of answer " + number + " at " + (seen + i));
                }
            }
            seen += (int) takes;
            return takes;
        }

        @Override
        public void end(Call call) {
            ends++;
        }

        @Override
        public void failed(Call call, Failure why) {
            ends++;
            failure = why;
        }

        @Override
        public String toString() {
            return method + " " + number + " of port " + port + " (" + bytes + " bytes up, " + length + " down" + (holds ? ", held" : "")
                    + (failure == null ? "" : ", " + failure) + ")";
        }
    }
}
