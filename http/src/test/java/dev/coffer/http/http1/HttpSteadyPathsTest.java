package dev.coffer.http.http1;

import dev.coffer.http.Ascii;
import dev.coffer.http.DateField;
import dev.coffer.http.HeadWriter;
import dev.coffer.http.HttpDate;
import dev.coffer.http.HttpEvent;
import dev.coffer.http.MessageSource;
import dev.coffer.http.Method;
import dev.coffer.testkit.HeapMode;
import dev.coffer.testkit.SteadyPath;
import dev.coffer.testkit.SteadyPaths;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The codec on both sides: 0 heap bytes, whoever executes it.
class HttpSteadyPathsTest {
    private static final List<Class<? extends SteadyPath>> PATHS =
            List.of(Requests.class, Faults.class, BothSides.class, Ends.class, Dates.class);

    @ParameterizedTest
    @EnumSource(HeapMode.class)
    void noMessageMakesAnObject(HeapMode mode) {
        SteadyPaths.check(mode, PATHS);
    }

    private static MemorySegment memory(long bytes) {
        return Arena.global().allocate(bytes, 64);
    }

    private static MemorySegment memory(String text) {
        return memory(text.length()).copyFrom(MemorySegment.ofArray(text.getBytes(StandardCharsets.ISO_8859_1)));
    }

    /// Pipelined, 304, ranges, chunks, 100, HEAD, 403, then idle until the limit.
    static final class Requests implements SteadyPath {
        private final Http1Config config = Http1Config.defaults();
        private final DateField date = new DateField();
        private final Http1Server server = new Http1Server(config, memory(config.plan().totalBytes()), 0, date);
        private final MemorySegment in = memory(MemoryTest.REQUESTS);
        private final MemorySegment out = memory(2048);
        private final MemoryTest.Files files = new MemoryTest.Files(memory(4096));
        private long now;

        @Override
        public void run() {
            now += 1_000_000_000;
            date.update(now / 1_000_000_000);
            server.reset(now);
            int sent = MemoryTest.serve(server, files, in, in.byteSize(), out, now);
            if (sent != MemoryTest.REQUESTS_EACH) {
                throw new AssertionError(sent);
            }
            server.onDeadline(now + 60_000_000_000L);
            server.pollEvent();
        }

        @Override
        public int operations() {
            return 64;
        }
    }

    /// Each refusal, once a connection.
    static final class Faults implements SteadyPath {
        private static final String HOST = " HTTP/1.1\r\nHost: a\r\n";
        private static final String[] TEXTS = {"GET / HTTP/1.1\r\n\r\n", "GET /" + HOST + "Bad name: 1\r\n\r\n",
                "GET / HTTP/3.0\r\nHost: a\r\n\r\n", "\0", "GET /" + "a".repeat(3000),
                "GET /" + HOST + "X: " + "b".repeat(3000), "GET /" + HOST + "Content-Length: x\r\n\r\n",
                "GET /" + HOST + "Expect: tea\r\n\r\n", "POST /" + HOST + "Content-Length: 99999999999\r\n\r\n",
                "POST /" + HOST + "Transfer-Encoding: gzip, chunked\r\n\r\n",
                "POST /" + HOST + "Transfer-Encoding: chunked\r\n\r\nx",
                "POST /" + HOST + "Transfer-Encoding: chunked\r\n\r\n0\r\nHost: b\r\n\r\n"};
        private final Http1Config config = Http1Config.tight();
        private final Http1Server server = new Http1Server(config, memory(config.plan().totalBytes()), 0, null);
        private final MemorySegment[] in = new MemorySegment[TEXTS.length];
        private final MemorySegment out = memory(2048);
        private final MemoryTest.Files files = new MemoryTest.Files(memory(4096));

        Faults() {
            for (int i = 0; i < in.length; i++) {
                in[i] = memory(TEXTS[i]);
            }
        }

        @Override
        public void run() {
            for (MemorySegment text : in) {
                server.reset(0);
                MemoryTest.serve(server, files, text, text.byteSize(), out, 0);
            }
        }

        @Override
        public int operations() {
            return 32;
        }
    }

    /// A client and a server that talk to each other through two buffers.
    static final class BothSides implements SteadyPath {
        private static final Ascii PATH = Ascii.of("/a");
        private static final Ascii HOST = Ascii.of("a");
        private final Http1Config config = Http1Config.defaults();
        private final Http1Server server = new Http1Server(config, memory(config.plan().totalBytes()), 0, null);
        private final Http1Client client = new Http1Client(config, memory(config.clientPlan().totalBytes()), 0);
        private final MemoryTest.Files files = new MemoryTest.Files(memory(4096));
        private final MemorySegment up = memory(4096);
        private final MemorySegment down = memory(4096);
        private final MessageSource source = new MessageSource() {
            @Override
            public void head(HeadWriter head) {
                head.request(Method.GET, HOST, PATH).content(0);
            }

            @Override
            public long body(MemorySegment output, long at, long room) {
                return END;
            }
        };

        @Override
        public void run() {
            server.reset(0);
            client.reset(0);
            client.request(source);
            int turns = 0;
            do {
                long sent = client.pollOutput(up, 0, up.byteSize(), 0);
                for (long at = 0; at < sent; at += server.feed(up, at, sent - at, 0)) {
                    heard(server);
                }
                heard(server);
                sent = server.pollOutput(down, 0, down.byteSize(), 0);
                for (long at = 0; at < sent; at += client.feed(down, at, sent - at, 0)) {
                    told();
                }
                told();
                if (++turns > 50) {
                    throw new AssertionError("no end");
                }
            } while (!client.canRequest());
        }

        private void heard(Http1Server engine) {
            for (HttpEvent event; (event = engine.pollEvent()) != null;) {
                if (event == HttpEvent.REQUEST) {
                    files.plan(engine.request(engine.stream()));
                    engine.respond(engine.stream(), files);
                }
            }
        }

        private void told() {
            for (HttpEvent event; (event = client.pollEvent()) != null;) {
                if (event == HttpEvent.DATA) {
                    client.consume(client.stream(), client.dataLength(client.stream()));
                }
            }
        }
    }

    /// Ends of the peer and of the transport in the middle of a message, on both sides.
    static final class Ends implements SteadyPath {
        private static final Ascii PATH = Ascii.of("/a");
        private static final Ascii HOST = Ascii.of("a");
        private final Http1Config config = Http1Config.tight();
        private final Http1Server server = new Http1Server(config, memory(config.plan().totalBytes()), 0, null);
        private final Http1Client client = new Http1Client(config, memory(config.clientPlan().totalBytes()), 0);
        private final MemorySegment request = memory("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhello");
        private final MemorySegment answer = memory("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
        private final MemorySegment out = memory(2048);
        private final MessageSource source = new MessageSource() {
            @Override
            public void head(HeadWriter head) {
                head.request(Method.GET, HOST, PATH).content(0);
            }

            @Override
            public long body(MemorySegment output, long at, long room) {
                return END;
            }
        };

        @Override
        public void run() {
            for (int end = 0; end < 2; end++) {
                server.reset(0);
                one(server, request, end == 0);
                client.reset(0);
                client.request(source);
                client.pollOutput(out, 0, out.byteSize(), 0);
                one(client, answer, end == 0);
            }
        }

        private static void one(Http1Engine engine, MemorySegment text, boolean orderly) {
            engine.feed(text, 0, text.byteSize(), 0);
            drain(engine);
            if (orderly) {
                engine.feedEnd(0);
            } else {
                engine.disconnect(0);
            }
            drain(engine);
            if (!engine.isEnded()) {
                throw new AssertionError(engine);
            }
        }

        private static void drain(Http1Engine engine) {
            for (HttpEvent event; (event = engine.pollEvent()) != null;) {
                if (event == HttpEvent.DATA) {
                    engine.consume(engine.stream(), engine.dataLength(engine.stream()));
                }
            }
        }
    }

    static final class Dates implements SteadyPath {
        private final MemorySegment text = memory(64);
        private final DateField date = new DateField();
        private long clock = 1_700_000_000;

        @Override
        public void run() {
            clock++;
            HttpDate.write(text, 0, clock);
            date.update(clock);
            date.write(text, 0);
            if (HttpDate.parse(text, 0, HttpDate.BYTES, 2026) != clock) {
                throw new AssertionError(clock);
            }
        }
    }
}
