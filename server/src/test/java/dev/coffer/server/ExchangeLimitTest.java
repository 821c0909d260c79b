package dev.coffer.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.http.Ascii;
import dev.coffer.http.HeadWriter;
import dev.coffer.http.Status;
import dev.coffer.testkit.Eventually;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Limits that are set when an exchange has begun, and at the ends of their ranges.
@Timeout(600)
class ExchangeLimitTest {
    private static final long HOUR = 3_600_000_000_000L;

    private final BlockingQueue<Object> seen = new ArrayBlockingQueue<>(100);
    private Server server;

    private Client serve(Handler handler) throws IOException {
        server = Server.open(ServerConfig.standard(), Site.of(handler));
        server.start();
        return new Client(server.address());
    }

    @AfterEach
    void close() {
        if (server != null) {
            server.close();
        }
    }

    /// Takes content, one byte at a time where it says so, and does something with the first of it.
    private static final class Sink implements ContentSink {
        private final Handler first;
        private final int most;
        private boolean done;

        Sink(Handler first, int most) {
            this.first = first;
            this.most = most;
        }

        @Override
        public long take(Exchange exchange, MemorySegment content, long at, long length) {
            if (!done) {
                done = true;
                first.handle(exchange);
            }
            return Math.min(most, length);
        }

        @Override
        public void end(Exchange exchange) {
            exchange.respond(Status.OK);
        }
    }

    @Test
    void aTimeThatASinkSetsCountsAlthoughAnotherIsRunning() throws Exception {
        try (Client client = serve(exchange -> {
            exchange.limitTime(HOUR);
            exchange.receive(new Sink(sooner -> sooner.limitTime(50_000_000), 100), 100);
        })) {
            client.send("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 3\r\n\r\na");
            assertEquals(408, client.read().status());
        }
    }

    @Test
    void aTimeThatASinkPutsOffIsPutOff() throws Exception {
        try (Client client = serve(exchange -> {
            exchange.limitTime(200_000_000);
            exchange.receive(new Sink(later -> {
                later.limitTime(HOUR);
                seen.add("put off");
            }, 100), 100);
        })) {
            client.send("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 3\r\n\r\na");
            assertEquals("put off", seen.poll(Eventually.MILLIS, TimeUnit.MILLISECONDS));
            TimeUnit.MILLISECONDS.sleep(300);  // past the first limit
            client.send("bc");
            assertEquals(200, client.read().status());
        }
    }

    @Test
    void theLongestTimesNeverEnd() throws Exception {
        try (Client client = serve(exchange -> {
            exchange.limitTime(exchange.request().pathLength() == 1 ? Long.MAX_VALUE - 1 : Long.MAX_VALUE);
            Later later = exchange.later();
            long ticket = later.ticket();
            Thread.ofVirtual().start(() -> {
                try {
                    TimeUnit.MILLISECONDS.sleep(50);  // a time that is past by an overflow is over in the next turn
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                later.respond(ticket, Status.OK);
            });
        })) {
            assertEquals(200, client.get("/").status());
            assertEquals(200, client.get("/more").status());
        }
    }

    @Test
    void aHeadAtItsLimitIsSentAndALargerOneIs500HoweverManyBuffersAreFree() throws Exception {
        ServerConfig standard = ServerConfig.standard();
        int value = standard.http().sentHeadBytesMax() - ("HTTP/1.1 200 OK\r\n" + "content-length: 0\r\n" + "n: " + "\r\n" + "\r\n").length()
                - 37;  // Date
        Ascii name = Ascii.of("n");
        Ascii[] values = {Ascii.of("v".repeat(value)), Ascii.of("v".repeat(value + 1))};
        for (int blocks : new int[] {0, 4}) {
            server = Server.open(standard.withBlocks(blocks, 1 << 16), Site.of(exchange -> exchange.respond(Status.OK, new Answer() {
                @Override
                public void head(HeadWriter head) {
                    head.field(name, values[exchange.request().pathLength() - 1]).content(0);
                }

                @Override
                public long body(MemorySegment output, long at, long room) {
                    return END;
                }
            })));
            server.start();
            try (Client client = new Client(server.address())) {
                assertEquals(200, client.get("/").status());
                assertEquals(500, client.get("/m").status(), blocks + " blocks");
                assertEquals(200, client.get("/").status());
            }
            server.close();
        }
    }

    @Test
    void contentThatASinkLimitsIs413FromThereOn() throws Exception {
        try (Client client = serve(exchange -> exchange.receive(new Sink(less -> seen.add(less.limitContent(
                exchange.request().pathLength())), 1), 100))) {
            client.send("POST /3 HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n");
            assertEquals(true, seen.poll(Eventually.MILLIS, TimeUnit.MILLISECONDS));
            client.send("1\r\nb\r\n0\r\n\r\n");
            assertEquals(200, client.read().status(), "two bytes of two");
            client.send("POST /3 HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n");
            assertEquals(true, seen.poll(Eventually.MILLIS, TimeUnit.MILLISECONDS));
            client.send("2\r\nbc\r\n0\r\n\r\n");
            assertEquals(413, client.read().status(), "three bytes of two");
            client.send("POST /3 HTTP/1.1\r\nHost: t\r\nContent-Length: 3\r\n\r\na");
            assertEquals(false, seen.poll(Eventually.MILLIS, TimeUnit.MILLISECONDS), "it was announced");
            assertEquals(413, client.read().status());
            assertFalse(server.hasFailed());
        }
    }

    @Test
    void aLimitBelowWhatASinkHasTakenIs413AtOnce() throws Exception {
        try (Client client = serve(exchange -> exchange.receive(new ContentSink() {
            private int taken;

            @Override
            public long take(Exchange exchange, MemorySegment content, long at, long length) {
                if (taken > 1) {
                    seen.add(exchange.limitContent(1));
                }
                taken += (int) length;
                return length;
            }

            @Override
            public void end(Exchange exchange) {
                exchange.respond(Status.OK);
            }
        }, 100))) {
            client.send("POST / HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n");
            client.send("1\r\nc\r\n");
            assertEquals(413, client.read().status());
            assertTrue(Boolean.FALSE.equals(seen.poll(Eventually.MILLIS, TimeUnit.MILLISECONDS)));
        }
    }
}
