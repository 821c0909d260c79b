package dev.coffer.http.http1;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.http.HttpEvent;
import dev.coffer.http.Refusal;
import dev.coffer.http.RequestHead;
import dev.coffer.http.ResponseHead;
import dev.coffer.testkit.simulation.Actor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.SplittableRandom;

/// The application of either side in an [Http1World]: reads and writes at a pace of its own, answers at once, later or early, discards,
/// aborts, and notes what it was told.
final class Http1Application implements Actor {
    private static final long PAUSE_NANOS_MAX = 700_000_000L;
    private static final long NEVER = Long.MAX_VALUE;

    private final Http1World world;
    private final Http1Engine engine;
    private final SplittableRandom random;
    int begun;              // exchanges
    int closed;             // CLOSED told
    boolean gaveUp;
    private long stream = -1;   // of the open exchange
    private Http1World.Exchange exchange;
    private Http1World.Seen seen;
    private Message sending;
    private long readAt;
    private long resumeAt = NEVER;
    private long answerAt = NEVER;

    Http1Application(Http1World world, Http1Engine engine, SplittableRandom random) {
        this.world = world;
        this.engine = engine;
        this.random = random;
    }

    private boolean isOpen() {
        return stream >= 0 && engine.open && !engine.isEnded();
    }

    @Override
    public boolean turn(long now) {
        boolean moved = false;
        if (engine instanceof Http1Client client) {
            moved = ask(client, now);
        } else if (answerAt <= now) {
            answerAt = NEVER;
            if (isOpen()) {
                answer();
                moved = true;
            }
        }
        if (isOpen() && engine.dataLength(stream) > 0 && readAt <= now) {
            read(now);
            moved = true;
        }
        if (sending != null && sending.stalled && resumeAt == NEVER) {
            resumeAt = now + (random.nextInt(4) == 0 ? random.nextLong(PAUSE_NANOS_MAX) : 0);
        }
        if (resumeAt <= now) {
            resumeAt = NEVER;
            sending.stalled = false;
            if (isOpen()) {
                engine.resume(stream);
                moved = true;
            }
        }
        return moved;
    }

    @Override
    public long deadlineNanos() {
        boolean resumes = sending != null && sending.stalled && resumeAt == NEVER;  // since our last turn
        return resumes ? 0 : Math.min(Math.min(answerAt, resumeAt), isOpen() && engine.dataLength(stream) > 0 ? readAt : NEVER);
    }

    private boolean ask(Http1Client client, long now) {
        if (!client.canRequest()) {
            return false;
        }
        if (begun == world.exchanges() || world.has(Http1World.Fault.CORRUPTION) && begun > 5) {
            client.shutdown(now);
            return true;
        }
        exchange = world.exchange(begun++);
        seen = exchange.atClient;
        sending = exchange.request;
        stream = client.request(sending);
        assertTrue(stream >= 0);
        return true;
    }

    private void read(long now) {
        int length = (int) engine.dataLength(stream);
        int bytes = random.nextBoolean() ? length : 1 + random.nextInt(length);
        int before = seen.content.length;
        seen.content = Arrays.copyOf(seen.content, before + bytes);
        MemorySegment.copy(engine.dataSegment(stream), ValueLayout.JAVA_BYTE, engine.dataAt(stream), seen.content, before, bytes);
        engine.consume(stream, bytes);
        readAt = random.nextInt(8) == 0 ? now + random.nextLong(PAUSE_NANOS_MAX) : now;
    }

    private void answer() {
        sending = exchange.answer;
        ((Http1Server) engine).respond(stream, sending);
    }

    private void discard() {
        seen.discarded = true;
        engine.discard(stream);
    }

    /// Gives up what is open, if anything is.
    void abort() {
        if (isOpen()) {
            gaveUp = true;
            engine.abort(stream);
        }
    }

    /// Takes an event.
    void handle(HttpEvent event) {
        if (dev.coffer.testkit.simulation.Simulation.traces()) {
            world.simulation.trace(engine + " " + event);
        }
        assertEquals(0, closed, "told after CLOSED: " + event);
        switch (event) {
            case REQUEST -> request((Http1Server) engine);
            case INFORMATION -> assertEquals(stream, engine.stream());
            case RESPONSE -> response((Http1Client) engine);
            case DATA -> {
                assertEquals(stream, engine.stream());
                assertTrue(!seen.discarded && engine.dataLength(stream) > 0, "DATA");
            }
            case TRAILERS -> {
                seen.trailers = true;
                if (!world.has(Http1World.Fault.CORRUPTION)) {
                    (engine instanceof Http1Server ? exchange.request : exchange.answer).check(engine.trailers(stream));
                }
            }
            case END -> end();
            case SENT -> {
                assertTrue(!seen.sent && !seen.aborted, "SENT");
                seen.sent = true;
                if (engine instanceof Http1Server) {
                    over();
                }
            }
            case ABORTED -> {
                assertTrue(!seen.aborted, "ABORTED twice");
                seen.aborted = true;
                over();
            }
            case REFUSED -> {}
            case CLOSED -> closed++;
        }
    }

    private void over() {
        stream = -1;
        sending = null;
        resumeAt = NEVER;
        answerAt = NEVER;
    }

    private void request(Http1Server server) {
        assertEquals(-1, stream, "one exchange at a time");
        stream = server.stream();
        exchange = world.exchange(begun++);
        seen = exchange.atServer;
        seen.head = true;
        RequestHead head = server.request(stream);
        if (!world.has(Http1World.Fault.CORRUPTION)) {
            assertEquals(exchange.request.method, head.method());
            assertTrue(exchange.request.path.prefixes(head.segment(), head.pathAt(), exchange.request.path.length()));
            assertTrue(Message.HOST.matches(head.segment(), head.authorityAt(), head.authorityLength()));
            assertEquals(exchange.request.expects, head.expectsContinue());
            exchange.request.check(head);
        }
        boolean early = world.has(Http1World.Fault.EARLY_ANSWER) && random.nextBoolean();
        if (!early || random.nextBoolean()) {
            server.proceed(stream);
        }
        if (early) {
            if (random.nextBoolean()) {
                discard();
            }
            answer();
        }
    }

    private void response(Http1Client client) {
        assertEquals(stream, client.stream());
        ResponseHead head = client.response(stream);
        seen.head = true;
        if (world.has(Http1World.Fault.SHORT_LIMITS) && head.status() == Refusal.TOO_SLOW.status()) {
            seen.refused = true;  // by the server's engine, in its own words
        } else if (!world.has(Http1World.Fault.CORRUPTION)) {
            assertEquals(exchange.answer.status, head.status());
            exchange.answer.check(head);
        }
        if (random.nextInt(8) == 0) {
            discard();
        }
    }

    private void end() {
        assertEquals(stream, engine.stream());
        assertTrue(!seen.end && !seen.discarded, "END");
        seen.end = true;
        if (engine instanceof Http1Server && sending == null) {
            if (random.nextInt(3) == 0) {
                answerAt = world.simulation.clock().nanos() + random.nextLong(PAUSE_NANOS_MAX);
            } else {
                answer();
            }
        }
    }

    @Override
    public String toString() {
        return "application of " + engine + (isOpen() ? ", shows " + engine.dataLength(stream) : "") + (sending == null ? ""
                : ", sends " + sending.at + " of " + sending.content.length + (sending.stalled ? ", stalled" : ""));
    }
}
