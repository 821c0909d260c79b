package dev.coffer.http.http1;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.http.Ascii;
import dev.coffer.http.HttpEvent;
import dev.coffer.http.Method;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

/// What a driver or an application does wrong is refused before anything changes; what it may do at the edge is done.
class EngineMisuseTest {
    private static final String GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    private static final String POST = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc";

    private static void refusedRanges(Http1Engine engine, MemorySegment memory) {
        long bytes = memory.byteSize();
        for (long[] wrong : new long[][] {{0, -1}, {-1, 1}, {0, bytes + 1}, {bytes, 1}, {1, bytes}, {bytes + 1, 0}, {Long.MAX_VALUE, 2}}) {
            assertThrows(IllegalArgumentException.class, () -> engine.feed(memory, wrong[0], wrong[1], 0), wrong[0] + ", " + wrong[1]);
            assertThrows(IllegalArgumentException.class, () -> engine.pollOutput(memory, wrong[0], wrong[1], 0), wrong[0] + ", " + wrong[1]);
        }
        assertEquals(0, engine.feed(memory, bytes, 0, 0));
        assertEquals(0, engine.pollOutput(memory, 0, bytes, 0));
        assertEquals(0, engine.pollOutput(memory, bytes, 0, 0));
    }

    @Test
    void rangesOutsideTheMemoryAreRefused() {
        try (Lab lab = new Lab()) {
            refusedRanges(lab.server, lab.wire.asSlice(0, 64));
            Http1Config config = Http1Config.tight();
            Http1Client client = new Http1Client(config, lab.arena.allocate(config.plan().totalBytes(), 64), 0);
            client.reset(0);
            refusedRanges(client, lab.wire.asSlice(0, 64));
            client.close();
        }
    }

    @Test
    void anEngineWantsAllOfItsMemory() {
        Http1Config config = Http1Config.tight();
        long bytes = config.plan().totalBytes();
        try (Lab lab = new Lab()) {
            MemorySegment memory = lab.arena.allocate(bytes + 63, 64);
            new Http1Server(config, memory, 63, null);
            assertThrows(IllegalArgumentException.class, () -> new Http1Server(config, memory, 64, null));
            assertThrows(IllegalArgumentException.class, () -> new Http1Server(config, memory, -1, null));
            assertThrows(IllegalArgumentException.class, () -> new Http1Client(config, memory, 64));
        }
    }

    @Test
    void anInterimAnswerHasAnInterimStatusAndATunnelWasMadeOne() {
        try (Lab lab = new Lab()) {
            Http1Server server = lab.server;
            MemorySegment.copy(MemorySegment.ofArray(GET.getBytes(java.nio.charset.StandardCharsets.US_ASCII)), 0, lab.wire, 0, GET.length());
            server.feed(lab.wire, 0, GET.length(), 0);
            assertEquals(HttpEvent.REQUEST, server.pollEvent());
            long stream = server.stream();
            for (int status : new int[] {99, 100, 101, 200}) {
                assertThrows(IllegalArgumentException.class, () -> server.inform(stream, status, head -> {}), "interim " + status);
            }
            server.respond(stream, new Lab.TextSource(head -> head.tunnel(Ascii.of("x")), ""));
            assertThrows(IllegalStateException.class, () -> server.pollOutput(lab.wire, 0, lab.wire.byteSize(), 0));
        }
    }

    @Test
    void contentIsConsumedOnceAndNoFurther() {
        try (Lab lab = new Lab()) {
            Http1Server server = lab.server;
            MemorySegment.copy(MemorySegment.ofArray(POST.getBytes(java.nio.charset.StandardCharsets.US_ASCII)), 0, lab.wire, 0, POST.length());
            server.feed(lab.wire, 0, POST.length(), 0);
            assertEquals(HttpEvent.REQUEST, server.pollEvent());
            long stream = server.stream();
            assertEquals(HttpEvent.DATA, server.pollEvent());
            assertEquals(3, server.dataLength(stream));
            for (long wrong : new long[] {-1, 4}) {
                assertThrows(IllegalArgumentException.class, () -> server.consume(stream, wrong));
            }
            for (long other : new long[] {stream - 1, stream + 1}) {
                assertThrows(IllegalArgumentException.class, () -> server.consume(other, 0));
                assertThrows(IllegalArgumentException.class, () -> server.dataLength(other));
                assertThrows(IllegalArgumentException.class, () -> server.dataAt(other));
                assertThrows(IllegalArgumentException.class, () -> server.dataSegment(other));
                assertThrows(IllegalArgumentException.class, () -> server.trailers(other));
                assertThrows(IllegalArgumentException.class, () -> server.request(other));
                assertThrows(IllegalArgumentException.class, () -> server.discard(other));
                assertThrows(IllegalArgumentException.class, () -> server.resume(other));
                assertThrows(IllegalArgumentException.class, () -> server.abort(other));
                assertThrows(IllegalArgumentException.class, () -> server.proceed(other));
                assertThrows(IllegalArgumentException.class, () -> server.respond(other, Lab.text(200, "x")));
            }
            server.consume(stream, 2);
            assertEquals(1, server.dataLength(stream));
            assertTrue(server.isHolding(), "a byte waits for the application");
            assertEquals(Long.MAX_VALUE, server.deadlineNanos(), "one byte waits for the application, so no time runs for the peer");
            server.consume(stream, 1);
            assertFalse(server.isHolding(), "more would be taken at once");
            assertEquals(HttpEvent.END, server.pollEvent());
            server.feed(lab.wire, 0, POST.length(), 0);
            assertTrue(server.isHolding(), "a request waits behind this one");
            server.respond(stream, Lab.text(200, "ok"));
            assertThrows(IllegalStateException.class, () -> server.respond(stream, Lab.text(200, "ok")));
            assertThrows(IllegalStateException.class, () -> server.passed(1, 0));
            assertThrows(IllegalStateException.class, () -> server.refusePassage(0));
        }
    }

    @Test
    void anAnswersLastByteWaitsForTheApplicationWithoutADeadline() {
        Http1Config config = Http1Config.tight();
        try (Lab lab = new Lab()) {
            Http1Client client = new Http1Client(config, lab.arena.allocate(config.plan().totalBytes(), 64), 0);
            client.reset(0);
            long stream = client.request(new Lab.TextSource(head -> head.request(Method.GET, Ascii.of("a"), Ascii.of("/")), ""));
            client.pollOutput(lab.wire, 0, 4096, 0);
            assertEquals(HttpEvent.SENT, client.pollEvent());
            byte[] answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nx".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
            MemorySegment.copy(MemorySegment.ofArray(answer), 0, lab.wire, 0, answer.length);
            client.feed(lab.wire, 0, answer.length, 5);
            assertEquals(HttpEvent.RESPONSE, client.pollEvent());
            assertEquals(HttpEvent.DATA, client.pollEvent());
            assertEquals(Long.MAX_VALUE, client.deadlineNanos());
            client.consume(stream, 1);
            assertTrue(client.deadlineNanos() < Long.MAX_VALUE, "now it is the server's turn");
            assertThrows(IllegalArgumentException.class, () -> client.isUnheard(stream + 1));
            assertThrows(IllegalArgumentException.class, () -> client.response(stream + 1));
        }
    }

    @Test
    void nothingIsDoneWithAnEngineThatWasNeverResetOrIsClosed() {
        Http1Config config = Http1Config.tight();
        try (Lab lab = new Lab()) {
            Http1Server server = new Http1Server(config, lab.arena.allocate(config.plan().totalBytes(), 64), 0, null);
            for (int life = 0; life < 2; life++) {
                assertThrows(IllegalStateException.class, () -> server.feed(lab.wire, 0, 1, 0));
                assertThrows(IllegalStateException.class, () -> server.feedEnd(0));
                assertThrows(IllegalStateException.class, () -> server.disconnect(0));
                assertThrows(IllegalStateException.class, () -> server.pollOutput(lab.wire, 0, 1, 0));
                assertThrows(IllegalStateException.class, () -> server.onDeadline(0));
                assertThrows(IllegalStateException.class, () -> server.shutdown(0));
                assertThrows(IllegalStateException.class, () -> server.giveWay(0, 0));
                server.reset(0);
                server.feedEnd(0);
                server.close();
                server.close();
            }
            lab.server.feedEnd(0);
            assertEquals(HttpEvent.CLOSED, lab.server.pollEvent());
            assertEquals(1, lab.server.feed(lab.wire, 0, 1, 0), "what comes after CLOSED is discarded");
        }
    }
}
