package dev.coffer.http.http1;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.http.Limits;
import dev.coffer.http.MessageSource;
import dev.coffer.http.Refusal;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// Peers that take their time: head 1 s, idle 2 s, pause in content 0.5 s, slowest content 100 bytes a second.
class SlowClientTest {
    private static final Limits LIMITS = new Limits(100, 120, 400, 8, 1 << 20, 1_000_000_000L, 2_000_000_000L,
            500_000_000L, 100);
    private static final Http1Config CONFIG = new Http1Config(LIMITS, 128, 20, 500, 256, 1_000_000_000);
    private static final String GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    private static final String POST = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n";

    /// What happens up to the moment before the limit, when the limit is, and what then comes: the refusal's status, none where it
    /// has none or the request has its answer.
    private record Case(String name, long millis, Refusal refusal, boolean isAnswered, java.util.function.Consumer<Lab> before) {
        Case(String name, long millis, Refusal refusal, java.util.function.Consumer<Lab> before) {
            this(name, millis, refusal, false, before);
        }
    }

    private static List<Case> cases() {
        return List.of(
                new Case("nothing ever comes", 1000, Refusal.IDLE, lab -> {}),
                new Case("a head stops in its start line", 1000, Refusal.TOO_SLOW, lab -> lab.at(600).feed("GE")),
                new Case("a head stops in its fields", 1000, Refusal.TOO_SLOW,
                        lab -> lab.at(100).feed("GET / HTTP/1.1\r\nHost: a\r\nX:")),
                new Case("an empty line and no more", 1000, Refusal.IDLE, lab -> lab.feed("\r\n")),
                new Case("a head comes octet by octet", 1000, Refusal.TOO_SLOW, lab -> {
                    for (int i = 0; i < 10; i++) {
                        lab.at(i * 100L).feed(GET.substring(i, i + 1)).deadline();
                    }
                }),
                new Case("a kept connection without a request", 2300, Refusal.IDLE, lab -> lab.at(300).feed(GET)),
                new Case("a second head stops", 1400, Refusal.TOO_SLOW,
                        lab -> lab.at(300).feed(GET).at(400).feed("G")),
                new Case("content never comes", 700, Refusal.TOO_SLOW, lab -> {
                    lab.onRequest = l -> {};
                    lab.at(200).feed(POST);
                }),
                new Case("content comes one octet at a time", 720, Refusal.TOO_SLOW, lab -> {
                    lab.onRequest = l -> {};
                    lab.at(200).feed(POST);                    // until 700; each octet adds 10 ms
                    lab.at(400).feed("c").at(600).feed("c");
                }),
                new Case("the rest of skipped content never comes", 700, Refusal.TOO_SLOW, true, lab -> {
                    lab.at(200).feed("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 400\r\n\r\n");
                }));
    }

    @TestFactory
    Stream<DynamicTest> slowPeersAreRefusedAtTheirLimitAndNotBefore() {
        return cases().stream().map(c -> DynamicTest.dynamicTest(c.name, () -> {
            try (Lab lab = new Lab(CONFIG)) {
                c.before.accept(lab);
                int written = lab.statuses().size();
                assertEquals(c.millis * 1_000_000, lab.server.deadlineNanos());
                lab.at(c.millis - 1).deadline();
                assertFalse(lab.closed());
                lab.at(c.millis).deadline();
                assertTrue(lab.closed(), lab.events.toString());
                assertEquals(c.refusal, lab.server.refusal());
                List<Integer> after = lab.statuses().subList(written, lab.statuses().size());
                assertEquals(c.refusal.status() == 0 || c.isAnswered ? List.of() : List.of(c.refusal.status()), after);
                assertEquals(Long.MAX_VALUE, lab.server.deadlineNanos());
            }
        }));
    }

    @Test
    void steadySlowContentIsTaken() {
        try (Lab lab = new Lab(CONFIG)) {
            lab.onRequest = l -> {};
            lab.feed(POST);
            for (int i = 1; i <= 100; i++) {               // 10 bytes each 100 ms: the slowest rate allowed
                lab.at(i * 100L).deadline().feed("cccccccccc");
            }
            assertTrue(lab.events.getLast().startsWith("END"), lab.events.toString());
        }
    }

    @Test
    void timeThatTheApplicationTakesIsNotThePeers() {
        try (Lab lab = new Lab(CONFIG)) {
            lab.onRequest = l -> {};
            lab.feed(POST);
            MemorySegment wire = lab.wire;
            wire.set(java.lang.foreign.ValueLayout.JAVA_BYTE, 0, (byte) 'c');
            lab.server.feed(wire, 0, 1, lab.now);
            assertEquals(Long.MAX_VALUE, lab.server.deadlineNanos());  // DATA is shown and not consumed
            lab.at(60_000);
            lab.server.onDeadline(lab.now);
            assertTrue(lab.turn());
            assertFalse(lab.closed());
            lab.server.onDeadline(lab.now);
            assertEquals(60_500_000_000L, lab.server.deadlineNanos());
        }
    }

    /// A response whose source always has more.
    private static MessageSource endless(long bytes) {
        return new Lab.TextSource(h -> h.status(200).content(bytes), "") {
            @Override
            public long body(MemorySegment output, long at, long room) {
                return room;
            }
        };
    }

    @Test
    void readerThatStopsIsCutWithoutAnotherByte() {
        try (Lab lab = new Lab(CONFIG)) {
            lab.onRequest = l -> {
                l.server.respond(0, endless(1 << 20));
                l.outputRoom = 300;
            };
            byte[] get = GET.getBytes(java.nio.charset.StandardCharsets.US_ASCII);
            MemorySegment.copy(get, 0, lab.wire, java.lang.foreign.ValueLayout.JAVA_BYTE, 0, get.length);
            lab.server.feed(lab.wire, 0, get.length, 0);
            lab.server.pollEvent();
            lab.server.respond(0, endless(1 << 20));
            assertEquals(300, lab.server.pollOutput(lab.wire, 0, 300, 0));
            assertEquals(500_000_000, lab.server.deadlineNanos());
            lab.at(499);
            lab.server.onDeadline(lab.now);
            assertEquals(Refusal.NONE, lab.server.refusal());
            lab.at(500);
            lab.server.onDeadline(lab.now);
            assertEquals(Refusal.READS_TOO_SLOWLY, lab.server.refusal());
            assertEquals(0, lab.server.pollOutput(lab.wire, 0, 300, lab.now));
            lab.turn();
            assertEquals(List.of("END 0 \"\"", "ABORTED 0", "REFUSED READS_TOO_SLOWLY", "CLOSED -1").subList(1, 4),
                    lab.events);
        }
    }

    @Test
    void steadySlowReaderIsServed() {
        try (Lab lab = new Lab(CONFIG)) {
            lab.outputRoom = 0;
            lab.onRequest = l -> l.server.respond(0, endless(1000));
            lab.feed(GET);
            long total = lab.server.pollOutput(lab.wire, 0, 256, 0);
            for (int i = 1; !lab.server.sender.isSent() && i < 10_000; i++) {
                lab.now = i * 100_000_000L;                // 10 bytes each 100 ms
                lab.server.onDeadline(lab.now);
                total += lab.server.pollOutput(lab.wire, 0, 10, lab.now);
            }
            assertEquals(1000 + "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n".length(), total);
            assertEquals(Refusal.NONE, lab.server.refusal());
        }
    }

    @Test
    void sourceThatHasNothingIsNotThePeersFault() {
        try (Lab lab = new Lab(CONFIG)) {
            lab.onRequest = l -> l.server.respond(0, new Lab.TextSource(h -> h.status(200).content(9), "") {
                @Override
                public long body(MemorySegment output, long at, long room) {
                    return 0;
                }
            });
            lab.feed(GET);
            assertEquals(Long.MAX_VALUE, lab.server.deadlineNanos());
            lab.at(1_000_000).deadline();
            assertFalse(lab.closed());
        }
    }

    @Test
    void idleTimeBeginsWhenTheAnswerIsSentWhateverIsPolledAfterIt() {
        try (Lab lab = new Lab(CONFIG)) {
            byte[] get = GET.getBytes(java.nio.charset.StandardCharsets.US_ASCII);
            MemorySegment.copy(get, 0, lab.wire, java.lang.foreign.ValueLayout.JAVA_BYTE, 0, get.length);
            lab.server.feed(lab.wire, 0, get.length, 0);
            lab.server.pollEvent();
            lab.server.respond(0, Lab.text(200, ""));
            lab.server.pollOutput(lab.wire, 0, 4096, 900_000_000);
            while (lab.server.pollEvent() != null) {
                lab.events.add("x");
            }
            assertEquals(1, lab.events.size());            // SENT, and no call with a time after it
            assertEquals(2_900_000_000L, lab.server.deadlineNanos());
            lab.server.onDeadline(1_000_000_000);
            assertEquals(Refusal.NONE, lab.server.refusal());
            assertEquals(2_900_000_000L, lab.server.deadlineNanos());
        }
    }

    /// Who was told that it was too slow is no longer waited for: the answer is written whole, at the pace of any other.
    @Test
    void anAnswerThatIsNotYetWrittenEndsTheWaitForTheHead() {
        for (String part : List.of("GE", "GET / HTTP/1.1\r\nHost: a\r\nX:")) {
            try (Lab lab = new Lab(CONFIG)) {
                lab.feed(part);
                lab.outputRoom = 0;
                lab.at(1000).deadline();
                assertEquals(Refusal.TOO_SLOW, lab.server.refusal());
                assertEquals(1_500_000_000L, lab.server.deadlineNanos());
                lab.at(1499).deadline().deadline();
                assertFalse(lab.closed());
                lab.outputRoom = 4096;
                lab.turn();
                assertEquals(List.of(408), lab.statuses());
                assertTrue(lab.closed());
                assertEquals(Long.MAX_VALUE, lab.server.deadlineNanos());
            }
        }
    }
}
