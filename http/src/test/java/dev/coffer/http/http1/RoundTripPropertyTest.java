package dev.coffer.http.http1;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.http.HttpEngine;
import dev.coffer.http.HttpEvent;
import dev.coffer.http.Method;
import dev.coffer.http.RequestHead;
import dev.coffer.http.ResponseHead;
import dev.coffer.testkit.Seeds;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// A client and a server with a pipe of random widths between them: what one sends the other receives, whatever the
/// framing and wherever the bytes are cut.
class RoundTripPropertyTest {
    /// One end of the pipe.
    private static final class End {
        final HttpEngine engine;
        final SplittableRandom random;
        final MemorySegment out;
        int used;
        byte[] seen = new byte[0];
        boolean trailers;
        int ends;
        int sents;
        Message sending;
        boolean responded;

        End(HttpEngine engine, SplittableRandom random, MemorySegment out) {
            this.engine = engine;
            this.random = random;
            this.out = out;
        }

        void begin(Message message) {
            sending = message;
            seen = new byte[0];
            trailers = false;
            ends = 0;
            sents = 0;
        }

        /// Moves a random part of what it has to say into `to`; returns whether anything moved.
        boolean turn(End to) {
            long wrote = used > 0 ? 0 : engine.pollOutput(out, 0, 1024 + random.nextInt(1000), 0);
            used += (int) wrote;
            int most = (int) Math.min(used, to.engine.feedRoom());
            int offered = most == 0 ? 0 : 1 + random.nextInt(most);
            long taken = to.engine.feed(out, 0, offered, 0);
            assertEquals(offered, taken, "feedRoom was promised");
            MemorySegment.copy(out, taken, out, 0, used - taken);
            used -= (int) taken;
            boolean stalled = sending.stalled;
            if (stalled) {
                sending.stalled = false;
                engine.resume(engine.stream() < 0 ? 0 : stream());
            }
            return wrote > 0 || taken > 0 || stalled;
        }

        private long stream() {
            return ((Http1Engine) engine).stream;
        }

        void data(long stream) {
            int length = (int) engine.dataLength(stream);
            int bytes = 1 + random.nextInt(length);
            byte[] more = java.util.Arrays.copyOf(seen, seen.length + bytes);
            MemorySegment.copy(engine.dataSegment(stream), ValueLayout.JAVA_BYTE, engine.dataAt(stream), more,
                    seen.length, bytes);
            seen = more;
            engine.consume(stream, bytes);
            if (bytes < length) {
                data(stream);
            }
        }
    }

    @Test
    void whatOneSendsTheOtherReceives() {
        int[] exchanges = {0};
        Seeds.forEach(1, 300, random -> {
            try (Arena arena = Arena.ofConfined()) {
                Http1Config config = Http1Config.defaults();
                long bytes = config.plan().totalBytes();
                End client = new End(new Http1Client(config, arena.allocate(bytes), 0), random.split(), arena.allocate(4096));
                End server = new End(new Http1Server(config, arena.allocate(bytes), 0, null), random.split(), arena.allocate(4096));
                client.engine.reset(0);
                server.engine.reset(0);
                for (int i = 0; i < 10; i++, exchanges[0]++) {
                    exchange(random, (Http1Client) client.engine, client, (Http1Server) server.engine, server);
                }
            }
        });
        assertTrue(exchanges[0] == 3000 || Long.getLong("coffer.seed") != null);
    }

    private static void exchange(SplittableRandom random, Http1Client http, End client, Http1Server host, End server) {
        Method method = new Method[] {Method.GET, Method.HEAD, Method.POST, Method.PUT}[random.nextInt(4)];
        Message request = new Message(random, true, method);
        Message answer = new Message(random, false, method);
        client.begin(request);
        server.begin(answer);
        assertTrue(http.request(request) >= 0);
        int status = 0;
        for (int step = 0; client.ends + client.sents + server.sents < 3; step++) {
            assertTrue(step < 100_000, "no end");
            boolean any = client.turn(server);
            any |= server.turn(client);
            for (HttpEvent event; (event = host.pollEvent()) != null; any = true) {
                switch (event) {
                    case REQUEST -> {
                        RequestHead head = host.request(host.stream());
                        assertEquals(method, head.method());
                        assertTrue(request.path.prefixes(head.segment(), head.pathAt(), request.path.length()));
                        assertTrue(Message.HOST.matches(head.segment(), head.authorityAt(), head.authorityLength()));
                        assertEquals(request.expects, head.expectsContinue());
                        request.check(head);
                        host.proceed(host.stream());
                    }
                    case DATA -> server.data(host.stream());
                    case TRAILERS -> {
                        request.check(host.trailers(host.stream()));
                        server.trailers = true;
                    }
                    case END -> {
                        assertEquals(request.trailer, server.trailers);
                        assertTrue(java.util.Arrays.equals(request.content, server.seen));
                        host.respond(host.stream(), answer);
                    }
                    case SENT -> server.sents++;
                    default -> throw new AssertionError(event + " " + host.refusal());
                }
            }
            for (HttpEvent event; (event = http.pollEvent()) != null; any = true) {
                switch (event) {
                    case INFORMATION -> assertTrue(request.expects);
                    case RESPONSE -> {
                        ResponseHead head = http.response(http.stream());
                        status = head.status();
                        answer.check(head);
                    }
                    case DATA -> client.data(http.stream());
                    case TRAILERS -> {
                        answer.check(http.trailers(http.stream()));
                        client.trailers = true;
                    }
                    case END -> client.ends++;
                    case SENT -> client.sents++;
                    default -> throw new AssertionError(event + " " + http.refusal());
                }
            }
            assertTrue(any, "stuck: " + http + " " + host);
        }
        assertEquals(answer.status, status);
        boolean silent = method == Method.HEAD || status == 204 || status == 304;
        assertTrue(java.util.Arrays.equals(silent ? new byte[0] : answer.content, client.seen));
        assertEquals(answer.trailer && !silent, client.trailers);
    }
}
