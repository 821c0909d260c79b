package dev.coffer.http.http1;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.http.Ascii;
import dev.coffer.http.DateField;
import dev.coffer.http.FieldName;
import dev.coffer.http.HeadWriter;
import dev.coffer.http.HttpEvent;
import dev.coffer.http.MessageSource;
import dev.coffer.http.Method;
import dev.coffer.http.Refusal;
import dev.coffer.http.RequestHead;
import dev.coffer.testkit.HeapBytes;
import dev.coffer.testkit.ObjectBytes;
import dev.coffer.testkit.RawMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/// What an engine holds on and off the heap, and what it leaves behind.
class MemoryTest {
    private static final Ascii IF_NONE = Ascii.of("\"1-2\"");
    private static final Ascii TEXT = Ascii.of("text/plain");
    private static final Ascii SECRET = Ascii.of("/secret");

    /// Answers as a file server does: by path, condition and method; reads every field that it knows.
    static final class Files implements MessageSource {
        private final MemorySegment file;
        private int status;
        private long left;
        private boolean chunked;

        Files(MemorySegment file) {
            this.file = file;
        }

        void plan(RequestHead head) {
            int match = head.find(FieldName.IF_NONE_MATCH);
            boolean same = match >= 0 && head.valueIs(match, IF_NONE);
            boolean secret = SECRET.matches(head.segment(), head.pathAt(), head.pathLength());
            status = secret ? 403 : same ? 304 : head.find(FieldName.RANGE) >= 0 ? 206 : 200;
            left = status == 200 || status == 206 ? 3000 : 0;
            chunked = head.method() == Method.POST;
        }

        @Override
        public void head(HeadWriter head) {
            head.status(status).field(FieldName.CONTENT_TYPE, TEXT).date(FieldName.LAST_MODIFIED, 1_700_000_000);
            head.begin(FieldName.ETAG).text(IF_NONE).end();
            if (status == 206) {
                head.begin(FieldName.CONTENT_RANGE).text(TEXT).decimal(12).hex(255).end();
            }
            if (chunked) {
                head.contentOfUnknownLength();
            } else {
                head.content(left);
            }
        }

        @Override
        public long body(MemorySegment output, long at, long room) {
            if (left == 0) {
                return END;
            }
            long bytes = Math.min(room, left);
            MemorySegment.copy(file, 0, output, at, bytes);
            left -= bytes;
            return bytes;
        }
    }

    static final String REQUESTS = "GET /index.html?a=b HTTP/1.1\r\nHost: localhost:8080\r\nUser-Agent: t/1\r\n"
            + "Accept: */*\r\nX-Unknown: 1\r\n\r\n"
            + "GET /a HTTP/1.1\r\nHost: a\r\nIf-None-Match: \"1-2\"\r\n\r\n"
            + "GET /secret HTTP/1.1\r\nHost: a\r\n\r\n"
            + "HEAD /a HTTP/1.1\r\nHost: a\r\nRange: bytes=0-1\r\n\r\n"
            + "POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n0\r\nX-T: 1\r\n\r\n"
            + "POST /a HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\nhello"
            + "GET /range HTTP/1.1\r\nHost: a\r\nRange: bytes=0-1\r\n\r\n";
    static final int REQUESTS_EACH = 7;

    /// One driver's turn after another until all input is taken; counts answers. Makes no object.
    static int serve(Http1Server server, Files files, MemorySegment in, long length, MemorySegment out,
            long now) {
        int sent = 0;
        long at = 0;
        boolean more = true;
        while (at < length || more) {
            long taken = server.feed(in, at, length - at, now);
            at += taken;
            more = taken > 0;
            while (server.pollOutput(out, 0, out.byteSize(), now) > 0) {
                more = true;
            }
            for (HttpEvent event; (event = server.pollEvent()) != null; more = true) {
                long stream = server.stream();
                switch (event) {
                    case REQUEST -> {
                        files.plan(server.request(stream));
                        server.proceed(stream);
                        server.respond(stream, files);
                    }
                    case DATA -> server.consume(stream, server.dataLength(stream));
                    case SENT -> sent++;
                    default -> {}
                }
            }
        }
        return sent;
    }

    @Test
    void servesAndRefusesAtZeroHeapBytes() {
        try (Arena arena = Arena.ofConfined()) {
            Http1Config config = Http1Config.defaults();
            DateField date = new DateField();
            Http1Server server = new Http1Server(config, arena.allocate(config.plan().totalBytes(), 64), 0, date);
            MemorySegment in = arena.allocate(4096);
            MemorySegment out = arena.allocate(2048);
            Files files = new Files(arena.allocate(4096));
            byte[] text = REQUESTS.getBytes(StandardCharsets.ISO_8859_1);
            byte[] bad = "GET / HTTP/1.1\r\nHost: a\r\nBad name: 1\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1);
            MemorySegment.copy(text, 0, in, ValueLayout.JAVA_BYTE, 0, text.length);
            MemorySegment.copy(bad, 0, in, ValueLayout.JAVA_BYTE, text.length, bad.length);
            int[] sent = {0};
            long[] clock = {0};
            Runnable connection = () -> {
                for (int i = 0; i < 1000; i++) {
                    long now = clock[0] += 1_000_000;
                    date.update(now / 1_000_000_000);
                    server.reset(now);
                    sent[0] += serve(server, files, in, text.length + (i % 5 == 0 ? bad.length : 0), out, now);
                    server.onDeadline(now + 60_000_000_000L);
                    server.pollEvent();
                }
            };
            assertEquals(0, HeapBytes.least(2, 3, connection), "heap bytes of 7,000 requests and 200 refusals");
            assertEquals(5 * 1000 * REQUESTS_EACH, sent[0]);
        }
    }

    @Test
    void heapBytesOfThePlanAreThoseOfTheObjects() {
        Http1Config config = Http1Config.tight();
        // a confined arena would lead to the thread, and from there to everything
        MemorySegment memory = Arena.global().allocate(config.plan().totalBytes(), 64);
        assertEquals(own(new Http1Server(config, memory, 0, null), config, memory), config.plan().heapBytes());
        assertEquals(own(new Http1Client(config, memory, 0), config, memory), config.clientPlan().heapBytes());
    }

    /// {@return bytes of the objects that JOL reaches from `engine` and that are neither shared nor constants}
    private static long own(Object engine, Http1Config config, MemorySegment memory) {
        return ObjectBytes.beside(engine, config, memory, HttpEvent.values(), Method.values(), Refusal.values(), Sender.Phase.values(), Receiver.Step.values(),
                Receiver.Phase.values(), ChunkDecoder.At.values(), HeadText.At.values(), MemorySegment.NULL);
    }

    @Test
    void nothingIsLeftBehindByResetCloseOrAnIdleConnection() {
        try (Lab lab = new Lab(Http1Config.tight())) {
            long bytes = lab.config.plan().totalBytes();
            long address = lab.memory.address() + 64;
            lab.feed("GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer 1234\r\n\r\n");
            assertEquals(0, RawMemory.nonZero(address, lab.config.inputBytes()), "idle");
            lab.onRequest = l -> {};
            lab.feed("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 600\r\n\r\n" + "s".repeat(300));
            assertTrue(RawMemory.nonZero(address, (int) bytes) > 300);
            lab.server.reset(0);
            assertEquals(0, RawMemory.nonZero(address, (int) bytes), "reset");
            lab.feed("GET / HTTP/1.1\r\nHost: a\r\nBad name: Bearer 1234\r\n");
            assertTrue(RawMemory.nonZero(address, (int) bytes) > 30);
            lab.server.close();
            assertEquals(0, RawMemory.nonZero(address, (int) bytes), "close");
            lab.server.close();
            assertThrows(IllegalStateException.class, () -> lab.server.feed(lab.wire, 0, 1, 0));
        }
    }

    @Test
    void writesOnlyItsOwnRange() {
        try (Lab lab = new Lab(Http1Config.tight())) {
            long bytes = lab.config.plan().totalBytes();
            lab.memory.asSlice(0, 64).fill((byte) 0x5a);
            lab.memory.asSlice(64 + bytes, 64).fill((byte) 0x5a);
            lab.feed("GET / HTTP/1.1\r\nHost: a\r\n" + "X: y\r\n".repeat(31) + "\r\n");
            lab.feed("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6000\r\n\r\n" + "s".repeat(6000));
            lab.feed("GET / HTTP/1.1\r\nHost: a\r\n" + "X: y\r\n".repeat(400));
            lab.server.reset(0);
            for (long i = 0; i < 64; i++) {
                assertEquals(0x5a, lab.memory.get(ValueLayout.JAVA_BYTE, i));
                assertEquals(0x5a, lab.memory.get(ValueLayout.JAVA_BYTE, 64 + bytes + i));
            }
        }
    }

    @Test
    void whereASourceThrowsNothingOfItsMessageIsLeftInTheOutput() {
        Http1Config config = Http1Config.defaults();
        try (Arena arena = Arena.ofConfined(); Http1Client client = new Http1Client(config, arena.allocate(config.plan().totalBytes(), 64), 0)) {
            MemorySegment output = arena.allocate(4096);
            client.reset(0);
            long stream = client.request(new MessageSource() {
                @Override
                public void head(HeadWriter head) {
                    head.request(Method.PUT, Ascii.of("host"), SECRET).content(10);
                }

                @Override
                public long body(MemorySegment segment, long at, long room) {
                    segment.set(ValueLayout.JAVA_BYTE, at, (byte) 1);
                    throw new IllegalStateException("planted by the test");
                }
            });
            assertThrows(IllegalStateException.class, () -> client.pollOutput(output, 8, 4000, 1));
            assertEquals(-1, output.mismatch(MemorySegment.ofArray(new byte[4096])));
            client.abort(stream);
            assertEquals(0, client.pollOutput(output, 8, 4000, 2));
        }
    }
}
