package dev.coffer.http.http1;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.http.HttpEvent;
import dev.coffer.http.Limits;
import dev.coffer.http.MessageSource;
import dev.coffer.http.Method;
import dev.coffer.testkit.LongRun;
import dev.coffer.testkit.Seeds;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Mutated and random input never makes an engine throw, hang, write past its range or leave anything behind.
class FuzzTest {
    private static final Http1Config SMALL = new Http1Config(new Limits(200, 200, 500, 10, 2000, 1_000_000_000L,
            1_000_000_000L, 1_000_000_000L, 100), 64, 32, 200, 256, 1_000_000_000);
    private static final int GUARD_BYTES = 64;

    private static final List<byte[]> SERVER_CORPUS = bytes(
            "GET / HTTP/1.1\r\nHost: a\r\nAccept: */*\r\n\r\n",
            "POST /x?y HTTP/1.1\r\nHost: a:80\r\nContent-Length: 11\r\n\r\nhello world",
            "PUT http://b/ HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;a=\"b\"\r\nhello\r\n0\r\nX: y\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\nabc",
            "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    private static final List<byte[]> CLIENT_CORPUS = bytes(
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;a\r\nhello\r\n0\r\nX: y\r\n\r\n",
            "HTTP/1.1 103 Early\r\nLink: a\r\n\r\nHTTP/1.1 304 x\r\nETag: \"a\"\r\n\r\n",
            "HTTP/1.0 200 OK\r\n\r\nuntil the end");
    private static final byte[] SPICE = "\r\n\r\n\0 \t:;,=\"\\0123456789abcdefABCDEF/*?#%+-_\u007f\u0080\u00ff"
            .getBytes(StandardCharsets.ISO_8859_1);

    private static List<byte[]> bytes(String... texts) {
        return java.util.Arrays.stream(texts).map(t -> t.getBytes(StandardCharsets.ISO_8859_1)).toList();
    }

    /// Fills `wire` with one to four pieces of the corpus, or noise, and spoils some octets; returns its length.
    private static int input(SplittableRandom random, List<byte[]> corpus, MemorySegment wire) {
        int length = 0;
        if (random.nextInt(20) == 0) {
            length = random.nextInt(1500);
            for (int i = 0; i < length; i++) {
                wire.set(ValueLayout.JAVA_BYTE, i, (byte) random.nextInt(256));
            }
            return length;
        }
        for (int i = 1 + random.nextInt(4); i > 0; i--) {
            byte[] piece = corpus.get(random.nextInt(corpus.size()));
            MemorySegment.copy(piece, 0, wire, ValueLayout.JAVA_BYTE, length, piece.length);
            length += piece.length;
        }
        for (int i = random.nextInt(4); i > 0; i--) {
            int at = random.nextInt(length);
            switch (random.nextInt(4)) {
                case 0 -> wire.set(ValueLayout.JAVA_BYTE, at, SPICE[random.nextInt(SPICE.length)]);
                case 1 -> wire.set(ValueLayout.JAVA_BYTE, at, (byte) random.nextInt(256));
                case 2 -> {           // repeat a stretch
                    int bytes = Math.min(random.nextInt(600), length - at);
                    MemorySegment.copy(wire, at, wire, at + bytes, length - at);
                    length += bytes;
                }
                default -> {          // drop a stretch
                    int bytes = Math.min(1 + random.nextInt(8), length - at - 1);
                    MemorySegment.copy(wire, at + bytes, wire, at, length - at - bytes);
                    length -= bytes;
                }
            }
        }
        return length;
    }

    /// @param rounds  gives each of its seeds' generators to what it is given
    private static void fuzz(boolean thorough, Consumer<Consumer<SplittableRandom>> rounds) {
        try (Arena arena = Arena.ofConfined()) {
            long bytes = SMALL.plan().totalBytes();
            MemorySegment memory = arena.allocate(bytes + 2 * GUARD_BYTES);
            MemorySegment wire = arena.allocate(8192);
            MemorySegment out = arena.allocate(1024);
            for (long i = 0; i < GUARD_BYTES; i++) {
                memory.set(ValueLayout.JAVA_BYTE, i, (byte) 0x5a);
                memory.set(ValueLayout.JAVA_BYTE, GUARD_BYTES + bytes + i, (byte) 0x5a);
            }
            Http1Server server = new Http1Server(SMALL, memory, GUARD_BYTES, null);
            Http1Client client = new Http1Client(SMALL, memory, GUARD_BYTES);
            long[] told = new long[HttpEvent.values().length];
            rounds.accept(random -> {
                boolean asServer = random.nextInt(3) > 0;
                Http1Engine engine = asServer ? server : client;
                engine.reset(0);
                int length = input(random, asServer ? SERVER_CORPUS : CLIENT_CORPUS, wire);
                drive(random, engine, wire, length, out, told);
                engine.close();
                for (long i = 0; i < memory.byteSize(); i++) {
                    boolean guard = i < GUARD_BYTES || i >= GUARD_BYTES + bytes;
                    if (memory.get(ValueLayout.JAVA_BYTE, i) != (guard ? 0x5a : 0)) {
                        throw new AssertionError("byte " + (i - GUARD_BYTES) + " after close");
                    }
                }
            });
            for (HttpEvent event : HttpEvent.values()) {
                assertTrue(told[event.ordinal()] > 0 || !thorough, "never told: " + event);
            }
        }
    }

    private static void drive(SplittableRandom random, Http1Engine engine, MemorySegment wire, int length,
            MemorySegment out, long[] told) {
        int at = 0;
        long now = 0;
        int idle = 0;
        int steps = 0;
        boolean ended = false;
        while (idle < 3) {
            assertTrue(steps++ < 100_000, "hangs");
            boolean any = false;
            if (engine instanceof Http1Client client && client.canRequest()) {
                Method method = random.nextInt(4) == 0 ? Method.HEAD : Method.GET;
                client.request(new Lab.TextSource(h -> h.request(method, dev.coffer.http.Ascii.of("a"),
                        dev.coffer.http.Ascii.of("/")), ""));
            }
            long wrote = engine.pollOutput(out, 0, 256 + random.nextInt(700), now);
            any |= wrote > 0;
            for (HttpEvent event; (event = engine.pollEvent()) != null; any = true) {
                told[event.ordinal()]++;
                handle(random, engine, event);
            }
            int offered = Math.min(length - at, 1 + random.nextInt(200));
            if (offered > 0) {
                long taken = engine.feed(wire, at, offered, now);
                assertTrue(taken >= 0 && taken <= offered);
                at += (int) taken;
                any |= taken > 0;
            } else if (!ended && random.nextInt(3) == 0) {
                ended = true;
                any = true;
                engine.feedEnd(now);
            }
            if (random.nextInt(512) == 0) {  // at any time, also after an end
                at = length;
                ended = true;
                any = true;
                engine.disconnect(now);
            }
            engine.receiver.checkInvariants();
            if (!any) {
                idle++;
                now = Math.max(now, engine.deadlineNanos() == Long.MAX_VALUE ? 0 : engine.deadlineNanos());
                engine.onDeadline(now);
            }
        }
        assertTrue(engine.isEnded() || engine.open, "neither served nor closed: " + engine);
    }

    private static void handle(SplittableRandom random, Http1Engine engine, HttpEvent event) {
        long stream = engine.stream();
        switch (event) {
            case REQUEST -> {
                Http1Server server = (Http1Server) engine;
                Lab.describe(server.request(stream));
                switch (random.nextInt(10)) {
                    case 0 -> server.discard(stream);
                    case 1, 2, 3 -> server.proceed(stream);
                    case 4 -> server.abort(stream);
                    default -> {}
                }
                MessageSource answer = random.nextBoolean() ? Lab.text(200, "ok") : Lab.chunked(404, "not found");
                server.respond(stream, answer);
            }
            case INFORMATION, RESPONSE -> Lab.describe(((Http1Client) engine).response(stream));
            case DATA -> {
                assertTrue(engine.dataLength(stream) > 0);
                Lab.text(engine.dataSegment(stream), engine.dataAt(stream), engine.dataLength(stream));
                engine.consume(stream, engine.dataLength(stream));
            }
            case TRAILERS -> Lab.describe(engine.trailers(stream));
            default -> {}
        }
    }

    @Test
    void mutatedInputIsServedOrRefused() {
        fuzz(Long.getLong("coffer.seed") == null, one -> Seeds.forEach(1, 20_000, one));
    }

    @Test
    @Tag("long")
    void mutatedInputIsServedOrRefusedForLong() {
        fuzz(false, one -> LongRun.of("HTTP/1.1 sessions", one));
    }
}
