package dev.coffer.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.http.FieldName;
import dev.coffer.http.HeadWriter;
import dev.coffer.http.Limits;
import dev.coffer.http.http1.Http1Config;
import dev.coffer.memory.Account;
import dev.coffer.memory.Protection.Level;
import dev.coffer.memory.engine.Passage;
import dev.coffer.server.drive.Loop;
import dev.coffer.server.net.FakeSockets;
import dev.coffer.server.time.Time;
import dev.coffer.testkit.LongRun;
import dev.coffer.testkit.Seeds;
import dev.coffer.testkit.simulation.Actor;
import dev.coffer.testkit.simulation.Simulation;
import dev.coffer.testkit.simulation.VirtualClock;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// A whole loop, unchanged, over the simulated network and clock: its seats, its door, its drivers and its protocols, with peers that come
/// and go under every fault. What each peer got is what the handler gave it, or a refusal that its world explains; afterwards nothing is held.
class LoopSimulationTest {
    static final int CONTENT_BYTES_MAX = 20_000;
    private static final int SEEDS = 200;
    private static final long SECOND = 1_000_000_000L;
    private static final long HOUR = 3600 * SECOND;

    private enum Fault { RESET, TRUNCATION, NO_DESCRIPTOR, NO_WATCH, EARLY_STOP, CROWD, CORRUPTION }

    static final MemorySegment CONTENT = Arena.global().allocate(CONTENT_BYTES_MAX);

    static {
        for (int i = 0; i < CONTENT_BYTES_MAX; i++) {
            CONTENT.set(ValueLayout.JAVA_BYTE, i, content(i));
        }
    }

    static byte content(int i) {
        return (byte) (i * 37 + (i >> 8));
    }

    /// What a run of worlds came to.
    private static final class Totals {
        int answered;
        int refused;
        int lost;
        final int[] faults = new int[Fault.values().length];
        final int[] ways = new int[SimulatedApplication.Way.values().length];
        int held;
        int late;
        int limited;

        void add(SimulatedApplication application) {
            for (int i = 0; i < ways.length; i++) {
                ways[i] += application.seen[i];
            }
            held += application.held;
            late += application.late;
            limited += application.refused;
        }
    }

    /// Takes the content, which must be what was sent, and answers at once with as much as the path's last number says.
    private static final class Echo implements Handler, ContentSink {
        private boolean corrupts;
        private int handled;

        Echo(boolean corrupts) {
            this.corrupts = corrupts;
        }

        @Override
        public void handle(Exchange exchange) {
            handled++;
            exchange.attach(new int[1]);
            exchange.receive(this, 1 << 20);
        }

        @Override
        public long take(Exchange exchange, MemorySegment content, long at, long length) {
            int[] seen = (int[]) exchange.attachment();
            for (int i = 0; i < length && !corrupts; i++) {
                assertEquals(content(seen[0] + i), content.get(ValueLayout.JAVA_BYTE, at + i));
            }
            seen[0] += (int) length;
            return length;
        }

        @Override
        public void end(Exchange exchange) {
            MemorySegment head = exchange.request().segment();
            int length = 0;
            for (long i = 0; i < exchange.request().pathLength(); i++) {
                byte b = head.get(ValueLayout.JAVA_BYTE, exchange.request().pathAt() + i);
                length = b == '/' ? 0 : b >= '0' && b <= '9' ? length * 10 + b - '0' : length;
            }
            int bytes = corrupts ? length % CONTENT_BYTES_MAX & 0x7fff : length;
            if (handled % 2 == 0) {
                exchange.respond(200, MediaType.TEXT, CONTENT, 0, bytes);
            } else {
                exchange.respond(200, new Lying(bytes));
            }
        }
    }

    /// Content that is sent from where it lies, in as many pieces as it likes.
    private static final class Lying implements Answer {
        private final int length;
        private int from;

        Lying(int length) {
            this.length = length;
        }

        @Override
        public void head(HeadWriter head) {
            head.field(FieldName.CONTENT_TYPE, MediaType.TEXT).content(length);
        }

        @Override
        public boolean pass(Passage passage, long left) {
            assertEquals(length - from, left);
            if (from % 7 == 6) {
                return false;  // the rest in the other way
            }
            passage.ofMemory(CONTENT, from, Math.min(left, 1 + length / 3));
            return true;
        }

        @Override
        public void passed(long bytes) {
            from += (int) bytes;
        }

        @Override
        public long body(MemorySegment output, long at, long room) {
            int bytes = (int) Math.min(room, length - from);
            MemorySegment.copy(CONTENT, from, output, at, bytes);
            from += bytes;
            return bytes;
        }
    }

    /// One world. Peers come in two waves: the first under its faults; the second, when the first has gone, must all be served.
    ///
    /// @param takesTime  whether the handler is a [SimulatedApplication], else one that answers at once
    private static void world(SplittableRandom random, Totals totals, boolean takesTime) {
        Set<Fault> faults = EnumSet.noneOf(Fault.class);
        for (Fault fault : Fault.values()) {
            if (random.nextInt(5) == 0 && !(takesTime && fault == Fault.CORRUPTION)) {
                faults.add(fault);
                totals.faults[fault.ordinal()]++;
            }
        }
        int count = 1 + random.nextInt(8);
        boolean crowd = faults.contains(Fault.CROWD);
        int seats = crowd ? 1 + random.nextInt(count) : count;
        int active = crowd ? 1 + random.nextInt(seats) : seats;
        Http1Config http = Http1Config.tight().withLimits(Limits.tight().withTimes(HOUR, HOUR, HOUR));
        ServerConfig config = ServerConfig.tight().withSize(1, seats, active).withHttp(http).withBlocks(random.nextInt(3), 1024)
                .withLocked(Level.OFF).withPortable(true).withTimes(HOUR, crowd ? 5 * SECOND : HOUR, HOUR);
        Simulation simulation = new Simulation(random);
        FakeSockets sockets = new FakeSockets(simulation, random.split(), config.loop(0).sockets(), config.loop(0).sockets() + 10);
        Echo echo = new Echo(faults.contains(Fault.CORRUPTION));
        SimulatedApplication application = takesTime ? new SimulatedApplication(simulation.clock(), random.split()) : null;
        int[] handledBefore = {-1};  // the second wave
        LoopStatistics statistics = new LoopStatistics();
        List<SimulatedPeer> first = new ArrayList<>();
        List<SimulatedPeer> second = new ArrayList<>();
        try (Arena arena = Arena.ofConfined()) {
            try (Loop loop = new Loop(config.loop(0), new HttpLane(config, Site.of(takesTime ? application : echo), 0, statistics), statistics.tally(),
                    time(simulation.clock()), sockets)) {
                loop.listen(config.address(), new Loop[] {loop});
                String before = used(loop);
                for (int i = 0; i < count; i++) {
                    first.add(peer(simulation, sockets, random, i, http, arena, echo.corrupts, application));
                }
                plan(simulation, sockets, random, faults, first, loop);
                simulation.add(new Waves(first, () -> {
                    sockets.watchFailures(0);
                    sockets.foreign(0);
                    handledBefore[0] = takesTime ? application.handled : echo.handled;
                    echo.corrupts = false;
                    for (int i = 1 + random.nextInt(active); i > 0; i--) {
                        second.add(peer(simulation, sockets, random, count + second.size(), http, arena, false, application));
                    }
                }, second, loop, simulation.clock()));
                loop.run();
                assertEquals(0, loop.connections(), "connections after the stop");
                assertEquals(before, used(loop), "what is lent after the stop");
            }
            simulation.run(200_000, () -> first.stream().allMatch(SimulatedPeer::isDone) && second.stream().allMatch(SimulatedPeer::isDone));
            int handled = handledBefore[0] >= 0 ? handledBefore[0] : takesTime ? application.handled : echo.handled;
            check(faults, first, handled, totals);
            if (takesTime) {
                assertNull(application.wrong);
                assertEquals(application.handled, application.over, "exchanges that are over, of those that began");
                totals.add(application);
            }
            for (SimulatedPeer peer : second) {
                assertEquals(faults.contains(Fault.EARLY_STOP) ? peer.answered : peer.requests(), peer.answered,
                        "served, as nothing stands in its way: " + peer + ", after " + faults);
                peer.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String used(Loop loop) {
        return Arrays.toString(Arrays.stream(loop.accounts()).mapToLong(Account::usedBytes).toArray());
    }

    private static SimulatedPeer peer(Simulation simulation, FakeSockets sockets, SplittableRandom random, int number, Http1Config http,
            Arena arena, boolean corrupts, SimulatedApplication application) {
        return simulation.add(new SimulatedPeer(simulation, sockets, random.split(), number, http,
                arena.allocate(http.plan().totalBytes(), 64), corrupts, application));
    }

    /// Begins the second wave when the first is over and whoever lingers has left, and stops the loop when that is over too.
    private static final class Waves implements Actor {
        private static final long BETWEEN_NANOS = 3 * SECOND;
        private final List<SimulatedPeer> first;
        private final Runnable begin;
        private final List<SimulatedPeer> second;
        private final Loop loop;
        private final VirtualClock clock;
        private long beginAt = Long.MAX_VALUE;
        private boolean begun;
        private boolean stopped;

        Waves(List<SimulatedPeer> first, Runnable begin, List<SimulatedPeer> second, Loop loop, VirtualClock clock) {
            this.first = first;
            this.begin = begin;
            this.second = second;
            this.loop = loop;
            this.clock = clock;
        }

        @Override
        public boolean turn(long nowNanos) {
            if (!begun && beginAt == Long.MAX_VALUE && loop.connections() == 0
                    && first.stream().allMatch(SimulatedPeer::isDone)) {  // a reset takes its time to arrive
                beginAt = clock.nanos() + BETWEEN_NANOS;
            }
            if (!begun && nowNanos >= beginAt) {
                begun = true;
                begin.run();
                return true;
            }
            if (begun && !stopped && second.stream().allMatch(SimulatedPeer::isDone)) {
                stopped = true;
                loop.stop();
                return true;
            }
            return false;
        }

        @Override
        public long deadlineNanos() {
            return begun ? Long.MAX_VALUE : beginAt;
        }
    }

    private static Time time(VirtualClock clock) {
        return new Time() {
            @Override
            public long nanos() {
                return clock.nanos();
            }

            @Override
            public long epochSeconds() {
                return 1_700_000_000 + (clock.nanos() - VirtualClock.START_NANOS) / SECOND;
            }
        };
    }

    /// Faults at their times.
    private static void plan(Simulation simulation, FakeSockets sockets, SplittableRandom random, Set<Fault> faults,
            List<SimulatedPeer> peers, Loop loop) {
        VirtualClock clock = simulation.clock();
        for (Fault fault : faults) {
            SimulatedPeer peer = peers.get(random.nextInt(peers.size()));
            Runnable action = switch (fault) {
                case RESET -> () -> {
                    if (peer.end() != null) {
                        peer.end().reset();
                    }
                };
                case TRUNCATION -> () -> {
                    if (peer.end() != null) {
                        peer.end().truncate();
                    }
                };
                case NO_DESCRIPTOR -> () -> {
                    sockets.foreign(1000);
                    clock.after(1 + random.nextLong(3 * SECOND), () -> sockets.foreign(0));
                };
                case NO_WATCH -> () -> {
                    sockets.watchFailures(0.3);
                    clock.after(2 * SECOND, () -> sockets.watchFailures(0));
                };
                case EARLY_STOP -> loop::stop;
                case CROWD, CORRUPTION -> () -> {};
            };
            clock.after(random.nextLong(3 * SECOND), () -> {
                simulation.trace(fault);
                action.run();
            });
        }
    }

    private static void check(Set<Fault> faults, List<SimulatedPeer> peers, int handled, Totals totals) {
        int answered = 0;
        for (SimulatedPeer peer : peers) {
            answered += peer.answered;
            totals.answered += peer.answered;
            totals.refused += peer.refused;
            totals.lost += peer.lost;
            if (faults.isEmpty()) {
                assertEquals(peer.requests(), peer.answered, peer.toString());
            }
            boolean full = faults.contains(Fault.CROWD) || faults.contains(Fault.NO_DESCRIPTOR) || faults.contains(Fault.CORRUPTION);
            assertTrue(full || peer.refused == 0, peer + ", " + faults);
            peer.close();
        }
        if (!faults.contains(Fault.RESET) && !faults.contains(Fault.TRUNCATION) && !faults.contains(Fault.CORRUPTION)) {
            if (faults.contains(Fault.EARLY_STOP)) {
                assertTrue(answered <= handled, answered + " answered of " + handled + " handled");
            } else {
                assertEquals(handled, answered, "answers that arrived whole, of those that were given; " + faults + ", " + peers);
            }
        }
    }

    @Test
    void everyPeerGetsWhatTheHandlerGaveItOrARefusalThatItsWorldExplains() {
        Totals totals = new Totals();
        Seeds.forEach(1, SEEDS, random -> world(random, totals, false));
        if (Long.getLong("coffer.seed") == null) {
            assertTrue(totals.answered > 4 * SEEDS && totals.refused > SEEDS / 20 && totals.lost > SEEDS / 20,
                    totals.answered + " answered, " + totals.refused + " refused, " + totals.lost + " lost");
            for (int count : totals.faults) {
                assertTrue(count > SEEDS / 10, Arrays.toString(totals.faults));
            }
        }
    }

    @Test
    void whoeverTakesTimeIsWaitedForAndNobodyElseIs() {
        Totals totals = new Totals();
        Seeds.forEach(1, SEEDS, random -> world(random, totals, true));
        if (Long.getLong("coffer.seed") == null) {
            assertTrue(totals.held > 2 * SEEDS && totals.late > SEEDS / 10 && totals.limited > SEEDS / 10,
                    totals.held + " held, " + totals.late + " late, " + totals.limited + " limited");
            for (int count : totals.ways) {
                assertTrue(count > SEEDS / 4, Arrays.toString(totals.ways));
            }
        }
    }

    /// A stop while accepting pauses; one after somebody who was turned away has left early.
    @Test
    void noTimerIsLeftArmedAfterAStop() {
        for (long seed : new long[] {619, 1650}) {
            world(new SplittableRandom(seed), new Totals(), false);
        }
    }

    @Test
    @Tag("long")
    void manyWorldsMore() {
        Totals totals = new Totals();
        LongRun.of("a server's loop in the simulator", 50_000, random -> world(random, totals, false));
        LongRun.of("a server's loop with handlers that take time", 50_000, random -> world(random, totals, true));
    }
}
