package dev.coffer.http.http1;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.http.Ascii;
import dev.coffer.http.HeadWriter;
import dev.coffer.http.HttpEvent;
import dev.coffer.http.Limits;
import dev.coffer.http.MessageSource;
import dev.coffer.http.Method;
import dev.coffer.testkit.Seeds;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/// An engine that has lived through anything and was reset is one that was never used: the same script gives the same events, bytes and
/// deadlines. And a deadline is exact: a nanosecond before it nothing happens, at it something does.
class UsedEngineTest {
    private static final Limits LIMITS = new Limits(100, 120, 400, 8, 1 << 12, 1_000_000_000L, 2_000_000_000L, 500_000_000L, 100);
    private static final Http1Config CONFIG = new Http1Config(LIMITS, 128, 40, 500, 256, 700_000_000);
    private static final Ascii HOST = Ascii.of("a");
    private static final Ascii PATH = Ascii.of("/p");
    private static final Set<HttpEvent> OF_A_MESSAGE = EnumSet.of(HttpEvent.REQUEST, HttpEvent.INFORMATION, HttpEvent.RESPONSE, HttpEvent.DATA,
            HttpEvent.TRAILERS, HttpEvent.END);
    private static final long NEVER = Long.MAX_VALUE;
    private static final List<String> REQUESTS = List.of("GET / HTTP/1.1\r\nHost: a\r\n\r\n", "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n",
            "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello", "GET / HTTP/1.0\r\n\r\n",
            "\r\nGET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\nabc",
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\nT: x\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 60\r\n\r\n" + "z".repeat(60), "GET / HTTP/1.1\r\n\r\n");
    private static final List<String> ANSWERS = List.of("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", "HTTP/1.1 204 No\r\n\r\n",
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nT: u\r\n\r\n", "HTTP/1.0 200 OK\r\n\r\nall of it", "HTTP/1.1 2OO\r\n\r\n");

    /// One engine, driven by a random script; what it did as text.
    private static final class Driven implements AutoCloseable {
        final Arena arena = Arena.ofConfined();
        final boolean isServer;
        final Http1Engine engine;
        final MemorySegment wire = arena.allocate(1 << 12);
        StringBuilder trace = new StringBuilder();
        SplittableRandom random = new SplittableRandom();
        long begun;
        long now;
        long firstStream;
        long stream;          // of the exchange, -1 for none
        String unfed = "";

        Driven(boolean isServer) {
            this.isServer = isServer;
            MemorySegment memory = arena.allocate(CONFIG.plan().totalBytes(), 64);
            engine = isServer ? new Http1Server(CONFIG, memory, 0, null) : new Http1Client(CONFIG, memory, 0);
        }

        /// {@return what a script does to the engine, begun anew at `time`}
        String run(long seed, int steps, long time) {
            random = new SplittableRandom(seed);
            trace = new StringBuilder();
            begun = time;
            now = time;
            unfed = "";
            stream = -1;
            firstStream = engine.stream + 1;
            engine.reset(time);
            for (int i = 0; i < steps && !(engine.isEnded() && engine.pending == 0); i++) {
                step();
                engine.receiver.checkInvariants();
                long deadline = engine.deadlineNanos();
                trace.append(deadline == NEVER ? " never" : " by " + (deadline - begun)).append(engine.isEnded() ? " ended" : "")
                        .append(engine.isOutputEnded() ? " mute" : "").append(' ').append(engine.refusal()).append(' ').append(engine.feedRoom()).append('\n');
            }
            return trace.toString();
        }

        private void step() {
            int kind = random.nextInt(16);
            trace.append(kind).append(':');
            switch (kind) {
                case 0, 1, 2, 3 -> feed();
                case 4, 5, 6 -> poll();
                case 7, 8, 9, 10 -> event();
                case 11 -> now += random.nextLong(400_000_000);
                case 12 -> exchange();
                case 13 -> deadline();
                case 14 -> consume();
                default -> rare();
            }
        }

        private void feed() {
            if (engine.peerEnded) {
                return;
            }
            if (unfed.isEmpty()) {
                List<String> messages = isServer ? REQUESTS : ANSWERS;
                unfed = messages.get(random.nextInt(messages.size()));
            }
            byte[] bytes = unfed.substring(0, random.nextInt(unfed.length()) + 1).getBytes(StandardCharsets.ISO_8859_1);
            MemorySegment.copy(bytes, 0, wire, ValueLayout.JAVA_BYTE, 0, bytes.length);
            long taken = engine.feed(wire, 0, bytes.length, now);
            unfed = unfed.substring((int) taken);
            trace.append(taken);
        }

        private void poll() {
            long wrote = engine.pollOutput(wire, 0, random.nextBoolean() ? 1 << 12 : engine.outputBytesMin() + random.nextInt(4), now);
            trace.append(Lab.text(wire, 0, wrote));
        }

        private void event() {
            boolean ending = engine.ending;
            HttpEvent event = engine.pollEvent();
            trace.append(event);
            if (event == null) {
                return;
            }
            assertTrue(!ending || !OF_A_MESSAGE.contains(event), () -> event + " was told when nothing was to come: " + engine);
            long told = engine.stream();
            trace.append(told < 0 ? "" : " " + (told - firstStream));
            switch (event) {
                case REQUEST -> {
                    stream = told;
                    trace.append(Lab.describe(((Http1Server) engine).request(told)));
                    if (random.nextBoolean()) {
                        ((Http1Server) engine).proceed(told);
                    }
                }
                case TRAILERS -> trace.append(Lab.describe(engine.trailers(told)));
                case DATA -> trace.append(Lab.text(engine.dataSegment(told), engine.dataAt(told), engine.dataLength(told)));
                case SENT, ABORTED -> stream = isServer || event == HttpEvent.ABORTED ? -1 : stream;
                default -> {
                }
            }
        }

        /// A message of our own, of known or unknown length, that may stop and fail.
        private MessageSource source() {
            String body = "b".repeat(random.nextInt(9));
            int kind = random.nextInt(4);
            Consumer<HeadWriter> framing = head -> {
                if (kind == 0) {
                    head.contentOfUnknownLength();
                } else {
                    head.content(body.length());
                }
            };
            Method method = random.nextInt(4) == 0 ? Method.HEAD : Method.POST;
            Consumer<HeadWriter> head = isServer ? to -> framing.accept(to.status(200)) : to -> {
                if (method == Method.HEAD) {
                    to.request(method, HOST, PATH);
                } else {
                    framing.accept(to.request(method, HOST, PATH));
                }
            };
            return new Lab.TextSource(head, method == Method.HEAD && !isServer ? "" : body) {
                private int stops = kind == 1 ? 1 : 0;

                @Override
                public long body(MemorySegment output, long offset, long room) {
                    return stops-- > 0 ? 0 : super.body(output, offset, kind == 2 ? Math.min(1, room) : room);
                }
            };
        }

        private void exchange() {
            if (!isServer && ((Http1Client) engine).canRequest()) {
                stream = ((Http1Client) engine).request(source());
                trace.append(stream - firstStream);
            } else if (isServer && open() && engine.sender.isUnanswered()) {
                ((Http1Server) engine).respond(stream, source());
            } else if (open()) {
                engine.resume(stream);
            }
        }

        private boolean open() {
            return engine.open && stream == engine.stream;
        }

        private void consume() {
            if (open()) {
                long bytes = engine.dataLength(stream);
                engine.consume(stream, random.nextBoolean() ? bytes : bytes / 2);
            }
        }

        private void deadline() {
            long deadline = engine.deadlineNanos();
            if (deadline == NEVER || deadline <= now) {
                engine.onDeadline(now);
                return;
            }
            int before = engine.pending;
            engine.onDeadline(deadline - 1);
            assertEquals(before, engine.pending, "a nanosecond before the deadline");
            assertEquals(deadline, engine.deadlineNanos());
            now = deadline;
            if (random.nextBoolean()) {
                engine.onDeadline(now);
                assertTrue(engine.pending != before || engine.deadlineNanos() > deadline, () -> "at the deadline nothing happened: " + engine);
            }
        }

        private void rare() {
            switch (random.nextInt(12)) {
                case 0 -> engine.feedEnd(now);
                case 1 -> engine.disconnect(now);
                case 2 -> engine.shutdown(now);
                case 3 -> {
                    if (open()) {
                        engine.discard(stream);
                    }
                }
                case 4 -> {
                    if (open()) {
                        engine.abort(stream);
                    }
                }
                case 5 -> trace.append(isServer ? ((Http1Server) engine).giveWay(now, 100_000_000) : engine.passage() == null);
                default -> trace.append(isServer ? ((Http1Server) engine).isAtRest() : ((Http1Client) engine).canRequest());
            }
        }

        @Override
        public void close() {
            engine.close();
            arena.close();
        }
    }

    private static void sameAsNew(boolean isServer, SplittableRandom random) {
        long script = random.nextLong();
        try (Driven used = new Driven(isServer); Driven fresh = new Driven(isServer)) {
            for (int life = random.nextInt(3); life >= 0; life--) {
                used.run(random.nextLong(), random.nextInt(1, 40), random.nextLong(1 << 30));
                if (random.nextInt(4) == 0) {
                    used.engine.close();
                }
            }
            assertEquals(fresh.run(script, 40, 0), used.run(script, 40, random.nextLong(1 << 30)));
        }
    }

    @Test
    void aServerThatWasResetIsAsNew() {
        Seeds.forEach(1, 4000, random -> sameAsNew(true, random));
    }

    @Test
    void aClientThatWasResetIsAsNew() {
        Seeds.forEach(1, 4000, random -> sameAsNew(false, random));
    }
}
