package dev.coffer.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.http.FieldName;
import dev.coffer.http.HeadWriter;
import dev.coffer.http.HttpServer;
import dev.coffer.http.Method;
import dev.coffer.http.RequestHead;
import dev.coffer.http.Status;
import dev.coffer.server.drive.LoopContext;
import dev.coffer.server.drive.Transport;
import dev.coffer.server.time.Now;
import dev.coffer.server.time.Timer;
import dev.coffer.testkit.Seeds;
import java.lang.System.Logger;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.Proxy;
import java.util.EnumSet;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// An exchange through any order of what a handler, a sink, another thread, the time, the engine and the peer can do to it,
/// beside an engine that takes nothing amiss twice.
class CoursePropertyTest {
    private static final int SEEDS = 400;
    private static final int STEPS = 300;
    private static final long CONTENT_MAX = 50;

    private enum Deed { RESPOND, RESPOND_BYTES, RESPOND_ANSWER, LATER, RECEIVE, LIMIT, ABORT, RESUME, FIELD, ON_END, SCRATCH, THROW }

    private static final Deed[] DEEDS = Deed.values();

    private final Set<Deed> done = EnumSet.noneOf(Deed.class);
    private final Set<Deed> refused = EnumSet.noneOf(Deed.class);
    private int awaited;
    private int answered;
    private int sunk;

    @Test
    void whateverIsDoneInWhateverOrderAnExchangeIsAnsweredOnceOrCutAndEndsClean() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(Exchange.bytes(Exchange.FIELD_BYTES_MAX));
            Seeds.forEach(1, SEEDS, random -> new World(random, memory).run());
        }
        assertEquals(EnumSet.allOf(Deed.class), done, "each was done");
        assertTrue(refused.containsAll(Set.of(Deed.RESPOND, Deed.LATER, Deed.RECEIVE, Deed.LIMIT, Deed.FIELD)), "and refused: " + refused);
        assertTrue(awaited > 50 && answered > 5_000 && sunk > 500, awaited + " awaited, " + answered + " answered, " + sunk + " pieces");
    }

    /// What the application may throw on purpose.
    private static final class Planted extends RuntimeException {
        private static final long serialVersionUID = 1;

        Planted() {
            super("planted", null, false, false);
        }
    }

    private final class World implements Timer {
        private final SplittableRandom random;
        private final MemorySegment memory;
        private final Now now = new Now();
        private final Completions completions;
        private final Course course;
        private Runnable task;
        private boolean armed;

        // The engine's side.
        private boolean open;
        private boolean skipping;
        private boolean complete;       // END was told
        private boolean aborted;
        private boolean given;
        private long stream;
        private long length;
        private long announced;

        // What was promised to the application.
        private boolean lent;
        private boolean waiting;        // an answer is written and not taken in
        private boolean late;           // the time was over while it was
        private int answers;
        private int answersEnded;
        private int endings;
        private int ended;
        private AssertionError fault;

        World(SplittableRandom random, MemorySegment memory) {
            this.random = random;
            this.memory = memory;
            LoopContext loop = (LoopContext) Proxy.newProxyInstance(LoopContext.class.getClassLoader(),
                    new Class<?>[] {LoopContext.class}, (proxy, method, arguments) -> switch (method.getName()) {
                        case "now" -> now;
                        case "timer" -> {
                            task = (Runnable) arguments[0];
                            yield this;
                        }
                        case "wake" -> null;
                        default -> throw new AssertionError(method);
                    });
            this.completions = new Completions(loop);
            LoopStatistics statistics = new LoopStatistics();
            this.course = new Course(memory, 0, Exchange.FIELD_BYTES_MAX, loop, completions, new Failures(statistics, Logger.Level.TRACE));
        }

        @Override
        public void arm(long nanos) {
            armed = true;
        }

        @Override
        public void cancel() {
            armed = false;
        }

        private final RequestHead head = (RequestHead) Proxy.newProxyInstance(RequestHead.class.getClassLoader(),
                new Class<?>[] {RequestHead.class}, (proxy, method, arguments) -> method.getReturnType() == int.class ? (Object) (-1)
                        : method.getReturnType() == Method.class ? Method.GET : announced);

        private final Transport transport = (Transport) Proxy.newProxyInstance(Transport.class.getClassLoader(),
                new Class<?>[] {Transport.class}, (proxy, method, arguments) -> method.getReturnType() == int.class ? (Object) 0
                        : method.getReturnType() == long.class ? Transport.ALL_SENT
                                : method.getReturnType() == boolean.class ? (Object) false : null);

        private final HttpServer engine = (HttpServer) Proxy.newProxyInstance(HttpServer.class.getClassLoader(),
                new Class<?>[] {HttpServer.class}, (proxy, method, arguments) -> called(method.getName(), arguments));

        private Object called(String method, Object[] arguments) {
            require(open && arguments[0].equals(stream), method + " of a stream that is not open");
            switch (method) {
                case "request" -> {
                    return head;
                }
                case "dataLength" -> {
                    return length;
                }
                case "dataSegment" -> {
                    return memory;
                }
                case "dataAt" -> {
                    return 0L;
                }
                case "respond" -> {
                    require(!given && !aborted, "answered twice, or after the end");
                    given = true;
                }
                case "abort" -> {
                    require(!aborted, "aborted twice");
                    aborted = true;
                    length = 0;
                }
                case "discard" -> {
                    require(!aborted, "skipped after the end");
                    skipping = true;
                    length = 0;
                }
                case "consume" -> {
                    require((long) arguments[1] <= length, "consumed more than there is");
                    length -= (long) arguments[1];
                }
                case "proceed", "resume" -> require(!aborted, method + " after the end");
                default -> throw new AssertionError(method);
            }
            return null;
        }

        void run() {
            for (int i = 0; i < STEPS; i++) {
                step();
                check();
            }
            if (lent) {
                end(false);
            }
            takeIn();
            assertEquals(endings, ended);
            assertEquals(answers, answersEnded, "each answer that was taken is ended, once");
        }

        private void step() {
            if (!lent) {
                takeIn();
                lend();
                return;
            }
            switch (random.nextInt(8)) {
                case 0 -> data();
                case 1 -> contentEnd();
                case 2 -> elsewhere();
                case 3 -> takeIn();
                case 4 -> {
                    if (armed && random.nextInt(3) == 0) {
                        armed = false;
                        late = waiting;
                        task.run();
                    }
                }
                case 5 -> {
                    if (given && random.nextInt(4) == 0) {
                        course.failReply();
                    } else {
                        deed(course.exchange, DEEDS[random.nextInt(Deed.THROW.ordinal())]);
                    }
                }
                case 6 -> {
                    if (given || aborted || random.nextInt(4) == 0) {
                        end(given && !aborted);
                    }
                }
                default -> data();
            }
        }

        private void lend() {
            lent = true;
            open = true;
            skipping = false;
            complete = false;
            aborted = false;
            given = false;
            late = false;
            stream++;
            length = 0;
            announced = random.nextInt(3) == 0 ? -1 : random.nextInt(2 * (int) CONTENT_MAX);
            course.lend(engine, transport, new Reply.Pulled(), stream, CONTENT_MAX, 1 + random.nextInt(100));
            course.handle(exchange -> deeds(exchange, 4));
        }

        private void deeds(Exchange exchange, int most) {
            for (int i = random.nextInt(most); i > 0; i--) {
                Deed deed = DEEDS[random.nextInt(DEEDS.length)];
                if (deed == Deed.THROW) {
                    done.add(deed);
                    throw new Planted();
                }
                deed(exchange, deed);
            }
        }

        private void deed(Exchange exchange, Deed deed) {
            try {
                switch (deed) {
                    case RESPOND -> exchange.respond(Status.OK);
                    case RESPOND_BYTES -> exchange.respond(Status.OK, MediaType.TEXT, memory, 0, 1);
                    case RESPOND_ANSWER -> {
                        exchange.respond(Status.OK, new Counted());
                        answers++;
                    }
                    case LATER -> exchange.later();
                    case RECEIVE -> exchange.receive(new Sink(), CONTENT_MAX);
                    case LIMIT -> exchange.limit(random.nextInt((int) CONTENT_MAX), 1 + random.nextInt(100));
                    case ABORT -> {
                        if (random.nextInt(4) == 0) {
                            exchange.abort();
                        }
                    }
                    case RESUME -> exchange.resume();
                    case FIELD -> exchange.field(FieldName.AGE, 1);
                    case ON_END -> {
                        exchange.onEnd((over, whole) -> {
                            ended++;
                            deed(over, DEEDS[random.nextInt(Deed.ON_END.ordinal())]);
                        });
                        endings++;
                    }
                    case SCRATCH -> exchange.scratch().set(ValueLayout.JAVA_BYTE, exchange.scratchAt(), (byte) 1);
                    case THROW -> throw new AssertionError();
                }
                done.add(deed);
            } catch (IllegalStateException e) {
                refused.add(deed);
            } catch (AssertionError e) {  // the course catches what the application throws, and this is not that
                fault = e;
                throw e;
            }
        }

        private final class Counted implements Answer {
            @Override
            public void head(HeadWriter writer) {}

            @Override
            public long body(MemorySegment output, long at, long room) {
                return END;
            }

            @Override
            public void ended(boolean whole) {
                answersEnded++;
            }
        }

        private final class Sink implements ContentSink {
            private final long of = stream;

            @Override
            public long take(Exchange exchange, MemorySegment content, long at, long bytes) {
                require(of == stream && open && !skipping && !aborted && !complete, "content that nobody wants");
                sunk++;
                deeds(exchange, 2);
                return random.nextLong(bytes + 1);
            }

            @Override
            public void end(Exchange exchange) {
                require(of == stream && open && !skipping && !aborted && complete, "an end that was not told");
                deeds(exchange, 4);
            }
        }

        private void require(boolean met, String what) {
            if (!met) {
                fault = new AssertionError(what);
            }
        }

        private void data() {
            if (!skipping && !aborted && !complete) {
                length += random.nextInt((int) CONTENT_MAX / 4);
                course.data();
            }
        }

        private void contentEnd() {
            if (!skipping && !aborted && !complete && length == 0) {
                complete = true;
                course.contentEnd();
            }
        }

        /// Another thread answers, or asks for a turn.
        private void elsewhere() {
            Later later = course.remote();
            long ticket = later.ticket();
            if (random.nextBoolean()) {
                later.resume(ticket);
                return;
            }
            try {
                if (later.respond(ticket, Status.OK, new Counted())) {
                    answers++;
                    waiting = true;
                }
            } catch (IllegalStateException e) {
                assertTrue(given || waiting || aborted, "it has its answer");
            }
        }

        private void takeIn() {
            Later later = completions.take();
            if (later != null) {
                later.next = null;
                waiting = false;
                assertEquals(course, later.course);
                if (course.signalled()) {
                    assertFalse(lent);
                }
            }
        }

        private void end(boolean whole) {
            answered += given ? 1 : 0;
            lent = false;
            open = false;
            boolean free = course.end(whole);
            open = false;
            assertEquals(!waiting, free, "free, unless an answer is on its way");
            awaited += free ? 0 : 1;
        }

        private void check() {
            assertNull(fault);
            if (!lent) {
                assertFalse(armed, "no timer of an exchange that is over");
                assertEquals(endings, ended, "who asked was told");
                for (int i = 0; i < Exchange.bytes(Exchange.FIELD_BYTES_MAX); i++) {
                    assertEquals(0, memory.get(ValueLayout.JAVA_BYTE, i), "wiped");
                }
                assertEquals(course.exchange.isAnswered(), false);
            } else if (given || aborted) {
                assertFalse(armed, "no time limit of what is answered or cut");
            } else {
                assertTrue(armed || late, "whoever waits does so for a time");
            }
        }
    }
}
