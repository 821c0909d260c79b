package dev.coffer.http.http1;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.http.Limits;
import dev.coffer.testkit.Seeds;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// Where the network cuts a peer's bytes must not matter: every split gives the same events and the same answers.
class SplitPropertyTest {
    private static final Http1Config SMALL = new Http1Config(new Limits(60, 60, 200, 6, 300, 1_000_000_000L,
            1_000_000_000L, 1_000_000_000L, 100), 64, 10, 100, 256, 1_000_000_000);

    private static final List<String> PIECES = List.of(
            "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
            "\r\nHEAD /x?y HTTP/1.1\r\nHost: a:1\r\nX: \t y\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\nhello world",
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 150\r\n\r\n" + "0123456789".repeat(15),
            "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n00a\r\n0123456789\r\n0\r\n\r\n",
            "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX-T: u\r\nY: v\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\nabc",
            "GET /" + "x".repeat(45) + " HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\nX: " + "y".repeat(57) + "\r\n\r\n");

    private static final List<String> LAST = List.of(
            "GET / HTTP/1.0\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
            "GET /" + "x".repeat(46) + " HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\nX: " + "y".repeat(58) + "\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\n" + ("X: " + "y".repeat(55) + "\r\n").repeat(4) + "\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\n" + "X: y\r\n".repeat(9) + "\r\n",
            "GET / HTTP/1.1\r\nHost: a\nX: y\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\nX\r\n\r\n",
            "GET / HTTP/1.1\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 301\r\n\r\nx",
            "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhelloX\r\n",
            "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;aaaaaaaaaaaaa\r\nhello\r\n0\r\n\r\n",
            "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nHost: b\r\n\r\n",
            "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nA: " + "t".repeat(56)
                    + "\r\nB: c\r\n\r\n",
            "\u0016\u0003\u0001\u0002\u0000\u0001\u0000",
            "");

    private static String session(SplittableRandom random) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(5); i > 0; i--) {
            text.append(PIECES.get(random.nextInt(PIECES.size())));
        }
        return text.append(LAST.get(random.nextInt(LAST.size()))).toString();
    }

    private record Outcome(List<String> events, String output) {}

    /// Answers after END, so that the answer to a fault in content does not depend on when it was seen.
    private static Lab lab() {
        Lab lab = new Lab(SMALL);
        lab.answersAtEnd = true;
        return lab;
    }

    private static Outcome outcome(Lab lab) {
        lab.feedEnd();
        // 100 is left out where the content was already there, as it may be
        return new Outcome(List.copyOf(lab.events), lab.output.toString().replace("HTTP/1.1 100 Continue\r\n\r\n", ""));
    }

    @Test
    void everySplitInTwoGivesTheSameEvents() {
        int cuts = 0;
        for (int i = 0; i < PIECES.size() * LAST.size(); i++) {
            String text = PIECES.get(i % PIECES.size()) + LAST.get(i / PIECES.size());
            Outcome whole;
            try (Lab lab = lab()) {
                whole = outcome(lab.feed(text));
            }
            for (int cut = 1; cut < text.length(); cut++, cuts++) {
                try (Lab lab = lab()) {
                    assertEquals(whole, outcome(lab.feed(text.substring(0, cut)).feed(text.substring(cut))),
                            "cut at " + cut + " of " + text);
                }
            }
        }
        assertTrue(cuts > 10_000, "cuts " + cuts);
    }

    @Test
    void anySplitGivesTheSameEvents() {
        Seeds.forEach(1, 2000, random -> {
            String text = session(random);
            Outcome whole;
            try (Lab lab = lab()) {
                whole = outcome(lab.feed(text));
            }
            int most = 1 + random.nextInt(random.nextBoolean() ? 3 : 100);
            try (Lab lab = lab()) {
                lab.outputRoom = 256 + random.nextInt(300);
                for (int at = 0; at < text.length();) {
                    int end = Math.min(text.length(), at + 1 + random.nextInt(most));
                    lab.feed(text.substring(at, end));
                    at = end;
                }
                assertEquals(whole, outcome(lab));
            }
        });
    }

    /// The same with one engine for all sessions: what a connection leaves behind must not matter either.
    @Test
    void aUsedEngineGivesTheSameEventsAsANewOne() {
        try (Lab used = lab()) {
            Seeds.forEach(1, 1000, random -> {
                String text = session(random);
                int cut = text.isEmpty() ? 0 : random.nextInt(text.length());
                used.server.reset(0);
                used.firstStream = -1;
                used.events.clear();
                used.output.setLength(0);
                used.content.setLength(0);
                try (Lab fresh = lab()) {
                    assertEquals(outcome(fresh.feed(text)), outcome(used.feed(text.substring(0, cut))
                            .feed(text.substring(cut))));
                }
            });
        }
    }
}
