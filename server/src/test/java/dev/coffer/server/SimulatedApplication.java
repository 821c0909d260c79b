package dev.coffer.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.http.HeadWriter;
import dev.coffer.testkit.simulation.VirtualClock;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;

/// A handler of a simulated server that takes its time: it holds content back, answers later, gives its answer in pieces with pauses, and
/// sets limits that are met or not. The last part of the path but one says which; the last how long the answer is.
///
/// It writes down what became of each exchange by what it was told itself, so that a peer's answer can be held against it.
final class SimulatedApplication implements Handler, ContentSink {
    /// How a request is dealt with.
    enum Way {
        /// At once, when the content is complete.
        PLAIN,
        /// By [Later], some time after the content is complete.
        LATER,
        /// By [Later], some time after the head: the content may be complete by then or not.
        EARLY,
        /// The content is taken in pieces, with pauses.
        HELD,
        /// The answer is pulled, with pauses.
        PULLED,
        /// Content past a limit is 413.
        BOUNDED,
        /// As [#HELD] and [#LATER], and past its time 408 or 503.
        TIMED
    }

    static final int BOUND_BYTES = 1500;
    static final long BOUND_NANOS = 1_000_000_000L;
    private static final long LATER_NANOS_MAX = 2_000_000_000L;
    private static final long PAUSE_NANOS_MAX = 100_000_000L;

    private final VirtualClock clock;
    private final SplittableRandom random;
    private final Map<String, Outcome> outcomes = new HashMap<>();
    final int[] seen = new int[Way.values().length];
    int handled;
    int over;
    int held;       // pieces of content that were left lying
    int late;       // answers that came when the exchange had gone, or its time
    int refused;    // 413, 408, 503
    String wrong;   // what an ending found: thrown there it would be counted and nobody told

    SimulatedApplication(VirtualClock clock, SplittableRandom random) {
        this.clock = clock;
        this.random = random;
    }

    /// One exchange, as the application knows it.
    final class Outcome implements Ending {
        private final Way way;
        private final int length;
        private final Later remote;
        private final long ticket;
        private final long began = clock.nanos();
        private int taken;
        private boolean given;      // by the application
        private boolean contentOver;
        int status;                 // once it is over; -1 for none

        Outcome(Way way, int length, Exchange exchange) {
            this.way = way;
            this.length = length;
            this.remote = exchange.remote();
            this.ticket = remote.ticket();
        }

        void answerLater(Exchange exchange) {
            Later later = exchange.later();
            assertEquals(ticket, later.ticket());
            clock.after(random.nextLong(LATER_NANOS_MAX), () -> {
                boolean there = later.respond(ticket, 200, MediaType.TEXT, LoopSimulationTest.CONTENT, 0, length);
                assertTrue(!there || status == 0, "an answer was taken of an exchange that was over");
                given |= there;
                late += there ? 0 : 1;
            });
        }

        void resumeSoon() {
            clock.after(random.nextLong(PAUSE_NANOS_MAX), () -> assertTrue(remote.resume(ticket) || status != 0, "gone, and nobody was told"));
        }

        /// {@return whether what was asked for can end in an answer of that status}
        boolean explains(int answered, int contentBytes) {
            return switch (answered) {
                case 200 -> way != Way.BOUNDED || contentBytes <= BOUND_BYTES;
                case 413 -> way == Way.BOUNDED && contentBytes > BOUND_BYTES;
                case 408, 503 -> way == Way.TIMED && !given;
                default -> false;
            };
        }

        @Override
        public void ended(Exchange exchange, boolean whole) {
            require(status == 0, "an exchange is over twice");
            over++;
            status = exchange.status() == 0 ? -1 : exchange.status();
            if (status > 200) {
                refused++;
            }
            if (status == 408 || status == 503) {
                require(clock.nanos() - began >= BOUND_NANOS, status + " before its time");
                require(contentOver == (status == 503), status + " where content is " + (contentOver ? "complete" : "still coming"));
            }
        }
    }

    private void require(boolean right, String otherwise) {
        wrong = right || wrong != null ? wrong : otherwise;
    }

    /// {@return what became of the exchange of that path, null where it was never handled}
    Outcome outcome(String path) {
        return outcomes.get(path);
    }

    @Override
    public void handle(Exchange exchange) {
        handled++;
        MemorySegment head = exchange.request().segment();
        StringBuilder path = new StringBuilder();
        for (long i = 0; i < exchange.pathLength(); i++) {
            path.append((char) head.get(ValueLayout.JAVA_BYTE, exchange.pathAt() + i));
        }
        String[] parts = path.toString().split("/");
        Way way = Way.values()[Integer.parseInt(parts[3])];
        seen[way.ordinal()]++;
        Outcome outcome = new Outcome(way, Integer.parseInt(parts[4]), exchange);
        outcomes.put(path.toString(), outcome);
        exchange.attach(outcome);
        exchange.onEnd(outcome);
        if (way == Way.BOUNDED && !exchange.limit(BOUND_BYTES, Long.MAX_VALUE)
                || way == Way.TIMED && !exchange.limit(Long.MAX_VALUE, BOUND_NANOS)) {
            assertTrue(exchange.isAnswered());
            return;
        }
        assertTrue(exchange.receive(this, 1 << 20));
        if (way == Way.EARLY) {
            outcome.answerLater(exchange);
        }
    }

    @Override
    public long take(Exchange exchange, MemorySegment content, long at, long length) {
        Outcome outcome = (Outcome) exchange.attachment();
        long bytes = length;
        if ((outcome.way == Way.HELD || outcome.way == Way.TIMED) && random.nextInt(3) != 0) {
            bytes = random.nextLong(length);
            held++;
            outcome.resumeSoon();
        }
        for (int i = 0; i < bytes; i++) {
            assertEquals(LoopSimulationTest.content(outcome.taken + i), content.get(ValueLayout.JAVA_BYTE, at + i));
        }
        outcome.taken += (int) bytes;
        return bytes;
    }

    @Override
    public void end(Exchange exchange) {
        Outcome outcome = (Outcome) exchange.attachment();
        assertFalse(outcome.contentOver, "the content's end comes once");
        outcome.contentOver = true;
        switch (outcome.way) {
            case LATER, TIMED -> outcome.answerLater(exchange);
            case EARLY -> {}  // asked for with the head
            case PULLED -> exchange.respond(200, new Pieces(outcome));
            default -> exchange.respond(200, MediaType.TEXT, LoopSimulationTest.CONTENT, 0, outcome.length);
        }
    }

    /// The answer with pauses in it, of known length or in chunks.
    private final class Pieces implements Answer {
        private final Outcome outcome;
        private final boolean chunked = random.nextBoolean();
        private int at;
        private int endings;

        Pieces(Outcome outcome) {
            this.outcome = outcome;
        }

        @Override
        public void head(HeadWriter head) {
            if (chunked) {
                head.contentOfUnknownLength();
            } else {
                head.content(outcome.length);
            }
        }

        @Override
        public long body(MemorySegment output, long offset, long room) {
            if (at == outcome.length) {
                return END;
            }
            if (random.nextInt(4) == 0) {
                outcome.resumeSoon();
                return 0;
            }
            int bytes = (int) Math.min(1 + random.nextLong(room), outcome.length - at);
            MemorySegment.copy(LoopSimulationTest.CONTENT, at, output, offset, bytes);
            at += bytes;
            return bytes;
        }

        @Override
        public void ended(boolean complete) {
            require(++endings == 1, "an answer is let go of twice");
            require(!complete || at == outcome.length, "an answer is complete after " + at + " of " + outcome.length);
        }
    }
}
