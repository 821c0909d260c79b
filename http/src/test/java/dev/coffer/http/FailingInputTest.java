package dev.coffer.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.http.http1.Http1Config;
import dev.coffer.http.http1.Http1Server;
import dev.coffer.http.http2.Http2Config;
import dev.coffer.http.http2.Http2Server;
import dev.coffer.http.http2.Http2Streams;
import dev.coffer.memory.engine.Engine;
import dev.coffer.testkit.CutMemory;
import dev.coffer.testkit.RawMemory;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/// Input that fails while it is copied, as a mapped file that is cut does: an engine that is closed then has left nothing in its memory.
class FailingInputTest {
    private static final long NOW = 1_000_000_000L;
    private static final Arena ARENA = Arena.ofAuto();

    private static MemorySegment octets(Object... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (Object part : parts) {
            all.writeBytes(part instanceof byte[] bytes ? bytes : ((String) part).getBytes(StandardCharsets.ISO_8859_1));
        }
        return MemorySegment.ofArray(all.toByteArray());
    }

    /// Feeds what comes before, then what reaches over the cut; `content` begins so many bytes before it.
    private static void feed(Engine<?> engine, MemorySegment before, MemorySegment content, int readable) {
        engine.reset(NOW);
        for (long at = 0; at < before.byteSize();) {
            long taken = engine.feed(before, at, before.byteSize() - at, NOW);
            assertTrue(taken > 0, "taken up to " + at);
            at += taken;
        }
        MemorySegment two = MemorySegment.ofArray(new byte[2 * CutMemory.READABLE]);
        long from = CutMemory.READABLE - readable;
        MemorySegment.copy(content, 0, two, from, content.byteSize());
        try (CutMemory cut = new CutMemory(two)) {
            assertThrows(InternalError.class, () -> {
                for (long at = 0; at < content.byteSize();) {
                    long taken = engine.feed(cut.segment(), from + at, content.byteSize() - at, NOW);
                    assertTrue(taken > 0, "taken up to " + at);
                    at += taken;
                }
            });
        }
        engine.close();
    }

    private static void assertZero(MemorySegment memory) {
        assertEquals(0, RawMemory.nonZero(memory));
    }

    @Test
    void requestsOfHttp1LeaveNothing() {
        Http1Config config = Http1Config.defaults();
        MemorySegment memory = ARENA.allocate(config.plan().totalBytes(), 64);
        for (int readable : new int[] {1, 30, 500}) {
            feed(new Http1Server(config, memory, 0, new DateField()), octets("GET / HT"), octets("TP/1.1\r\nHost: a\r\nX: ", "y".repeat(900)), readable);
            assertZero(memory);
        }
    }

    @Test
    void contentOfHttp2LeavesNothing() {
        Http2Config config = Http2Config.defaults();
        MemorySegment shared = ARENA.allocate(Http2Streams.plan(config, 4, 2).totalBytes(), 64);
        MemorySegment memory = ARENA.allocate(config.plan().totalBytes(), 64);
        byte[] settings = {0, 0, 0, 4, 0, 0, 0, 0, 0};
        byte[] post = {0, 0, 14, 1, 4, 0, 0, 0, 1, (byte) 0x83, (byte) 0x86, (byte) 0x84, 1, 9, 'l', 'o', 'c', 'a', 'l', 'h', 'o', 's', 't'};
        byte[] data = {0, 3, (byte) 0xe8, 0, 0, 0, 0, 0, 1};
        for (int readable : new int[] {1, 30, 500}) {
            Http2Streams streams = new Http2Streams(config, 4, 2, shared, 0, null);
            Http2Server engine = new Http2Server(config, memory, 0, streams);
            feed(engine, octets("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", settings, post, data), octets("z".repeat(1000)), readable);
            assertZero(memory);
            assertZero(shared);
        }
    }
}
