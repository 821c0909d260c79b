package dev.coffer.http.http1;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.http.HttpEvent;
import dev.coffer.memory.engine.Passage;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Content that goes around the output: framed, counted and timed as if it had gone through it.
class PassageTest {
    private static final String GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    private static final String CONTENT = "0123456789";

    private final Lab lab = new Lab();

    /// Offers its content in pieces of `piece` bytes, or as many as it says it has.
    private class Passing extends Lab.TextSource {
        private final MemorySegment memory = lab.arena.allocateFrom(CONTENT, StandardCharsets.US_ASCII);
        private final int piece;
        private int asked;

        Passing(int piece, boolean known) {
            super(head -> {
                if (known) {
                    head.status(200).content(CONTENT.length());
                } else {
                    head.status(200).contentOfUnknownLength();
                }
            }, CONTENT);
            this.piece = piece;
        }

        @Override
        public boolean pass(Passage passage, long left) {
            asked++;
            if (piece > 0) {
                passage.ofMemory(memory, at, piece > CONTENT.length() ? piece : Math.min(piece, left));
            }
            return piece > 0;
        }

        @Override
        public void passed(long bytes) {
            at += (int) bytes;
        }
    }

    private Passing ask(Passing source) {
        lab.onRequest = any -> lab.server.respond(lab.server.stream(), source);
        lab.server.allowPassages(true);
        lab.feed(GET);
        return source;
    }

    /// Sends what is offered, `most` bytes at a time.
    private String pass(int most) {
        StringBuilder text = new StringBuilder();
        for (Passage passage; (passage = lab.server.passage()) != null;) {
            long bytes = Math.min(most, passage.left());
            text.append(Lab.text(passage.segment(), passage.at(), bytes));
            assertEquals(0, lab.server.pollOutput(lab.wire, 0, 1000, lab.now), "nothing overtakes it");
            lab.server.passed(bytes, lab.now);
            lab.turn();
        }
        return text.toString();
    }

    @BeforeEach
    void isNotAllowedBefore() {
        Passing source = new Passing(4, true);
        lab.onRequest = any -> lab.server.respond(lab.server.stream(), source);
        lab.feed(GET);
        assertEquals(0, source.asked, "nobody said that the driver can");
        assertTrue(lab.output.toString().endsWith(CONTENT));
        lab.output.setLength(0);
        lab.events.clear();
    }

    @AfterEach
    void close() {
        lab.close();
    }

    @Test
    void goesBehindItsHeadAndTheNextAnswerBehindIt() {
        ask(new Passing(4, true));
        assertTrue(lab.output.toString().endsWith("Content-Length: 10\r\n\r\n"), lab.output.toString());
        assertEquals(CONTENT, pass(3));
        assertTrue(lab.events.contains("SENT 1"), lab.events.toString());
        lab.onRequest = any -> lab.server.respond(lab.server.stream(), Lab.text(200, "ok"));
        lab.feed(GET);
        assertTrue(lab.output.toString().endsWith("ok"));
    }

    @Test
    void itsEndIsToldWithItsLastByte() {
        ask(new Passing(10, true));
        lab.server.passed(10, lab.now);
        assertEquals(HttpEvent.SENT, lab.server.pollEvent());
        assertTrue(lab.server.isAtRest());
    }

    @Test
    void whatIsRefusedComesThroughTheOutputFromThereOn() {
        Passing source = ask(new Passing(10, true));
        lab.server.passed(7, lab.now);
        lab.output.setLength(0);
        lab.server.refusePassage(lab.now);
        lab.turn();
        assertEquals("789", lab.output.toString());
        assertEquals(1, source.asked, "what does not pass is not offered again");
        assertTrue(lab.events.contains("SENT 1"), lab.events.toString());
    }

    @Test
    void whoHasNothingThatPassesIsAskedOnce() {
        Passing source = ask(new Passing(0, true));
        assertEquals(1, source.asked);
        assertTrue(lab.output.toString().endsWith(CONTENT));
        assertNull(lab.server.passage());
    }

    @Test
    void contentOfUnknownLengthIsFramedAndSoNeverPasses() {
        assertEquals(0, ask(new Passing(4, false)).asked);
        assertTrue(lab.output.toString().endsWith("0\r\n\r\n"));
    }

    @Test
    void anAnswerToHeadHasNoContentThatCouldPass() {
        Passing source = new Passing(4, true);
        lab.onRequest = any -> lab.server.respond(lab.server.stream(), source);
        lab.server.allowPassages(true);
        lab.feed(GET.replace("GET", "HEAD"));
        assertEquals(0, source.asked);
        assertTrue(lab.events.contains("SENT 1"), lab.events.toString());
    }

    @Test
    void moreThanWasAnnouncedIsTheSourcesFaultAndNoByteOfItGoes() {
        MemorySegment more = lab.arena.allocate(11);
        Passing source = new Passing(4, true) {
            @Override
            public boolean pass(Passage passage, long left) {
                passage.ofMemory(more, 0, left + 1);
                return true;
            }
        };
        lab.onRequest = any -> lab.server.respond(lab.server.stream(), source);
        lab.server.allowPassages(true);
        assertThrows(IllegalStateException.class, () -> lab.feed(GET));
        assertNull(lab.server.passage());
    }

    @Test
    void aPeerThatTakesNothingOfItIsGivenUpAndItIsForgotten() {
        ask(new Passing(10, true));
        long grace = lab.config.limits().graceNanos();
        lab.now += grace - 1;
        lab.server.passed(1, lab.now);
        assertTrue(lab.server.deadlineNanos() > lab.now + 1, "a byte buys time");
        lab.now += grace + 1;
        lab.deadline();
        assertNull(lab.server.passage());
        assertTrue(lab.events.contains("REFUSED READS_TOO_SLOWLY"), lab.events.toString());
        assertThrows(IllegalStateException.class, () -> lab.server.passed(1, lab.now));
    }

    @Test
    void theNextConnectionMustBeAllowedAnew() {
        ask(new Passing(10, true));
        lab.server.reset(lab.now);
        assertNull(lab.server.passage());
        Passing source = new Passing(4, true);
        lab.onRequest = any -> lab.server.respond(lab.server.stream(), source);
        lab.feed(GET);
        assertEquals(0, source.asked);
    }

    @Test
    void onlyWhatThereIsCanHavePassed() {
        ask(new Passing(4, true));
        assertThrows(IllegalArgumentException.class, () -> lab.server.passed(5, lab.now));
        assertEquals(CONTENT, pass(10), "nothing has changed");
        assertThrows(IllegalStateException.class, () -> lab.server.refusePassage(lab.now));
    }
}
