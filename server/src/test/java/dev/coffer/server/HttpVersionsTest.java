package dev.coffer.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.http.HeadWriter;
import dev.coffer.http.HttpEvent;
import dev.coffer.http.MessageSource;
import dev.coffer.http.http1.Http1Config;
import dev.coffer.http.http1.Http1Server;
import dev.coffer.http.http2.Http2Config;
import dev.coffer.http.http2.Http2Server;
import dev.coffer.http.http2.Http2Streams;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/// A connection whose version is not known yet, step by step.
class HttpVersionsTest {
    private static final Http1Config HTTP1 = Http1Config.tight();
    private static final Http2Config HTTP2 = Http2Serving.defaults().config();

    private final Arena arena = Arena.ofAuto();
    private final HttpVersions versions = versions();

    private record Nothing() implements MessageSource {
        @Override
        public void head(HeadWriter head) {
            head.status(200).content(0);
        }

        @Override
        public long body(MemorySegment output, long at, long room) {
            return END;
        }
    }

    private HttpVersions versions() {
        MemorySegment ofOne = arena.allocate(HTTP1.plan().totalBytes(), 64);
        MemorySegment ofTwo = arena.allocate(HTTP2.plan().totalBytes(), 64);
        MemorySegment shared = arena.allocate(Http2Streams.plan(HTTP2, 4, 2).totalBytes(), 64);
        return new HttpVersions(new Http1Server(HTTP1, ofOne, 0, null),
                new Http2Server(HTTP2, ofTwo, 0, new Http2Streams(HTTP2, 4, 2, shared, 0, null)));
    }

    /// What has begun as a preface does has begun as a head of HTTP/1.1 does too: when its time is over it is the latter, and not before.
    @Test
    void aPrefaceThatIsNotEndedInTimeIsAHeadThatWasBegun() {
        HttpVersions versions = versions();
        byte[] begun = "PRI * HT".getBytes(StandardCharsets.US_ASCII);
        for (int before = 1; before >= 0; before--) {
            versions.reset(1);
            long deadline = versions.deadlineNanos();
            assertEquals(begun.length, versions.feed(MemorySegment.ofArray(begun), 0, begun.length, deadline / 2));
            assertFalse(versions.isKnown());
            assertEquals(deadline, versions.deadlineNanos());
            versions.onDeadline(deadline - before);
            assertEquals(before == 0, versions.isKnown());
            assertEquals(before == 0, versions.deadlineNanos() != deadline, "a head has another time");
        }
        assertFalse(versions.isShared());
        assertTrue(versions.isKnown());
        versions.close();
    }

    /// What begins as no version of HTTP does may be a preface of HTTP/2 that went wrong: its connection ends, and it is not told so in HTTP/1.1. Else, and
    /// where HTTP/1.1 was agreed on, it is a request that is malformed.
    @Test
    void aPrefaceThatWentWrongIsNotAnsweredInAnotherVersion() {
        assertEquals("", said("INVALID CONNECTION PREFACE\r\n\r\n", false));
        assertEquals("HTTP/1.1 400", said("INVALID\r\n\r\n", false), "nothing of the connection before");
        assertEquals("HTTP/1.1 400", said("INVALID CONNECTION PREFACE\r\n\r\n", true));
        assertEquals("", said("INVALID CONNECTION PRE\u0001FACE\r\n\r\n", false));
        assertEquals("HTTP/1.1 200HTTP/1.1 400", said("GET / HTTP/1.1\r\nHost: a\r\n\r\nINVALID CONNECTION PREFACE\r\n\r\n", false), "by then it is known");
        assertEquals("HTTP/1.1 400", said("GET CONNECTION PREFACE\r\n\r\n", false));
        assertEquals("HTTP/1.1 400", said("INVALID CONNECTION HTTP/x\r\n\r\n", false));
        assertEquals("HTTP/1.1 505", said("INVALID /CONNECTION HTTP/2.0\r\n\r\n", false));
    }

    private String said(String begin, boolean agreed) {
        versions.reset(1);
        if (agreed) {
            versions.choose(false);
        }
        MemorySegment out = arena.allocate(4096);
        StringBuilder said = new StringBuilder();
        for (long fed = 0; !versions.isEnded();) {
            fed += versions.feed(MemorySegment.ofArray(begin.getBytes(StandardCharsets.US_ASCII)), fed, begin.length() - fed, 2);
            for (HttpEvent event; (event = versions.pollEvent()) != null;) {
                if (event == HttpEvent.END) {
                    versions.engine().respond(versions.engine().stream(), new Nothing());
                }
            }
            long wrote = versions.pollOutput(out, 0, 4096, 3);
            said.append(new String(out.asSlice(0, Math.min(12, wrote)).toArray(java.lang.foreign.ValueLayout.JAVA_BYTE), StandardCharsets.US_ASCII));
        }
        return said.toString();
    }
}
