package dev.coffer.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.coffer.http.FieldName;
import dev.coffer.http.HeadWriter;
import dev.coffer.http.Status;
import dev.coffer.server.LoopStatistics.Count;
import dev.coffer.server.drive.DatagramDriver;
import dev.coffer.server.drive.DatagramProtocol;
import dev.coffer.server.drive.LoopContext;
import dev.coffer.server.drive.Protocol;
import dev.coffer.server.net.Datagrams;
import dev.coffer.server.net.EpollSockets;
import dev.coffer.server.time.Now;
import dev.coffer.server.time.Timer;
import dev.coffer.testkit.Eventually;
import dev.coffer.testkit.Seeds;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Answers from other threads: each to its own exchange or to nobody.
@Timeout(600)
class LaterTest {
    private static final long SECOND = 1_000_000_000L;

    private final AtomicLong busy = new AtomicLong();
    private final AtomicLong called = new AtomicLong();
    private Server server;

    private void open(ServerConfig config, Handler handler) throws IOException {
        server = Server.open(config, Site.of(handler));
        server.start();
    }

    @AfterEach
    void close() {
        if (server != null) {
            server.close();
        }
    }

    /// A ticket and where it is answered.
    private record Held(Later later, long ticket) {
        static Held of(Exchange exchange) {
            Later later = exchange.later();
            return new Held(later, later.ticket());
        }
    }

    private static <T> T poll(BlockingQueue<T> queue) {
        return Eventually.found("something in the queue", queue::poll);
    }

    @Test
    void anAnswerIsTakenOnceAndASecondOneIsTheCallersFault() throws Exception {
        BlockingQueue<Held> held = new ArrayBlockingQueue<>(10);
        open(ServerConfig.standard(), exchange -> held.add(Held.of(exchange)));
        try (Client client = new Client(server.address())) {
            client.send("GET / HTTP/1.1\r\nHost: t\r\n\r\n");
            Held first = poll(held);
            assertThrows(IllegalArgumentException.class, () -> first.later.respond(first.ticket, 99));
            assertThrows(NullPointerException.class, () -> first.later.respond(first.ticket, 200, null));
            MemorySegment nothing = MemorySegment.ofArray(new byte[0]);
            Answer unused = new Text("", new ArrayBlockingQueue<>(1));
            for (int status : new int[] {-1, 0, 99}) {  // whichever way it is answered
                assertThrows(IllegalArgumentException.class, () -> first.later.respond(first.ticket, status));
                assertThrows(IllegalArgumentException.class, () -> first.later.respond(first.ticket, status, MediaType.TEXT, nothing, 0, 0));
                assertThrows(IllegalArgumentException.class, () -> first.later.respond(first.ticket, status, unused));
            }
            assertFalse(first.later.respond(first.ticket + 1, 200), "no such ticket yet");
            assertTrue(first.later.respond(first.ticket, Status.CONFLICT));
            assertThrows(IllegalStateException.class, () -> first.later.respond(first.ticket, 200));
            assertEquals(409, client.read().status());
            client.send("GET / HTTP/1.1\r\nHost: t\r\n\r\n");
            Held second = poll(held);
            assertEquals(first.later, second.later, "the same exchange, lent again");
            assertThrows(IllegalStateException.class, () -> first.later.respond(first.ticket, 200), "long answered");
            byte[] bytes = "answer".getBytes(StandardCharsets.US_ASCII);
            assertTrue(second.later.respond(second.ticket, 200, MediaType.TEXT, MemorySegment.ofArray(bytes), 1, 5));
            assertEquals("nswer", client.read().text());
            assertFalse(first.later.resume(first.ticket));
        }
    }

    @Test
    void anAnswerToWhoHasGoneIsAQuietNoAndStaysTheCallers() throws Exception {
        BlockingQueue<Held> held = new ArrayBlockingQueue<>(10);
        BlockingQueue<Boolean> ended = new ArrayBlockingQueue<>(10);
        open(ServerConfig.standard(), exchange -> {
            exchange.onEnd((over, complete) -> ended.add(complete));
            held.add(Held.of(exchange));
        });
        Client client = new Client(server.address());
        client.send("GET / HTTP/1.1\r\nHost: t\r\n\r\n");
        Held gone = poll(held);
        client.socket().setSoLinger(true, 0);
        client.close();
        assertFalse(poll(ended));
        BlockingQueue<Object> told = new ArrayBlockingQueue<>(10);
        assertFalse(gone.later.respond(gone.ticket, 200, new Text("x", told)));
        assertFalse(gone.later.respond(gone.ticket, 200), "still no");
        assertNull(told.poll());
        try (Client next = new Client(server.address())) {
            next.send("GET / HTTP/1.1\r\nHost: t\r\n\r\n");
            Held other = poll(held);
            assertFalse(gone.later.respond(gone.ticket, 200), "not to somebody else");
            assertTrue(other.later.respond(other.ticket, 200, new Text("hers", told)));
            assertEquals("hers", next.read().text());
            assertEquals(true, poll(told));
        }
    }

    /// A text, and whether it was sent.
    private record Text(String text, BlockingQueue<Object> told) implements Answer {
        @Override
        public void head(HeadWriter head) {
            head.field(FieldName.CONTENT_TYPE, MediaType.TEXT).content(text.length());
        }

        @Override
        public long body(MemorySegment output, long at, long room) {
            if (room < text.length()) {
                return FAILED;
            }
            for (int i = 0; i < text.length(); i++) {
                output.set(ValueLayout.JAVA_BYTE, at + i, (byte) text.charAt(i));
            }
            return text.length();
        }

        @Override
        public void ended(boolean complete) {
            told.add(complete);
        }
    }

    @Test
    void whatAnAnswerThrowsWhoseExchangeHasGoneIsCountedAndTheLoopGoesOn() throws Exception {
        open(ServerConfig.standard(), exchange -> {
            Held held = Held.of(exchange);
            assertTrue(held.later.respond(held.ticket, 200, new Answer() {
                @Override
                public void head(HeadWriter head) {
                    head.content(0);
                }

                @Override
                public long body(MemorySegment output, long at, long room) {
                    return FAILED;
                }

                @Override
                public void ended(boolean complete) {
                    if (!complete) {
                        throw new IllegalStateException("ended");
                    }
                }
            }));
            if (exchange.request().pathLength() > 1) {
                exchange.abort();  // before the answer, which is there, is taken in
            }
        });
        try (Client client = new Client(server.address()); Client next = new Client(server.address())) {
            assertTrue(client.send("GET /gone HTTP/1.1\r\nHost: t\r\n\r\n").atEnd());
            assertEquals(200, next.get("/").status());
            assertEquals(1, server.count(Count.FAILED));
            assertFalse(server.hasFailed());
        }
    }

    @Test
    void whoResetsWhileNothingMoreIsReadFromItIsNoticedAtOnce() throws Exception {
        assumeTrue(EpollSockets.available(), "the JDK's selector tells of a reset only where reading is awaited");
        BlockingQueue<Held> held = new ArrayBlockingQueue<>(10);
        BlockingQueue<Boolean> ended = new ArrayBlockingQueue<>(10);
        ServerConfig standard = ServerConfig.standard();
        open(standard.withTimes(3600 * SECOND, standard.starvedNanosMax(), standard.stopNanosMax()), exchange -> {
            if (exchange.request().pathLength() == 1) {
                exchange.respond(200);
                return;
            }
            exchange.onEnd((over, complete) -> ended.add(complete));
            held.add(Held.of(exchange));
        });
        try (Client other = new Client(server.address())) {
            Client client = new Client(server.address());
            client.send("GET /held HTTP/1.1\r\nHost: t\r\n\r\n" + "x".repeat(1 << 16));
            Held gone = poll(held);
            for (int i = 0; i < 10; i++) {  // as many turns: by now its input is full
                assertEquals(200, other.get("/").status());
            }
            client.socket().setSoLinger(true, 0);
            client.close();
            assertFalse(poll(ended));
            assertFalse(gone.later.respond(gone.ticket, 200));
        }
    }

    @Test
    void whoIsNotAnsweredInTimeHears503AndTheAnswerComesToNothing() throws Exception {
        BlockingQueue<Held> held = new ArrayBlockingQueue<>(10);
        open(ServerConfig.standard().withTimes(SECOND / 10, SECOND, SECOND), exchange -> held.add(Held.of(exchange)));
        try (Client client = new Client(server.address())) {
            assertEquals(503, client.get("/").status());
            Held late = poll(held);
            assertFalse(late.later.respond(late.ticket, 200));
            int status;
            do {  // until this thread is quick enough
                client.send("GET / HTTP/1.1\r\nHost: t\r\n\r\n");
                Held next = poll(held);
                boolean taken = next.later.respond(next.ticket, 200);
                status = client.read().status();
                assertEquals(taken ? 200 : 503, status);
            } while (status != 200);
        }
    }

    /// Many workers, every kind of delay, peers that go away in the middle: each answer reaches its own request or nobody, each
    /// `Answer` given is ended once, and at the end nothing is held.
    @Test
    void everyAnswerReachesItsOwnRequestOrNobody() throws Exception {
        AtomicLong given = new AtomicLong();
        AtomicLong ended = new AtomicLong();
        AtomicLong lost = new AtomicLong();
        ConcurrentLinkedQueue<Throwable> faults = new ConcurrentLinkedQueue<>();
        ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor();
        open(ServerConfig.standard().withSize(2, 16, 8), exchange -> {
            long path = number(exchange);
            Held held = Held.of(exchange);
            workers.execute(() -> {
                try {
                    SplittableRandom random = new SplittableRandom(path);
                    if (random.nextInt(3) > 0) {
                        LockSupport.parkNanos(random.nextInt(500_000));
                    }
                    Answer answer = new Counted(path, ended);
                    if (held.later.respond(held.ticket, 200, answer)) {
                        given.incrementAndGet();
                    } else {
                        lost.incrementAndGet();
                    }
                } catch (RuntimeException | Error e) {
                    faults.add(e);
                }
            });
        });
        try (ExecutorService peers = Executors.newFixedThreadPool(8)) {
            List<Future<Integer>> all = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                int peer = i;
                all.add(peers.submit(() -> ask(peer, new SplittableRandom(peer))));
            }
            for (Future<Integer> one : all) {
                assertEquals(100, Eventually.done(one));
            }
        }
        // Who has reset his connection may not even have been let in, so no worker goes home yet.
        Eventually.equal(called.get(), () -> server.count(Count.ACCEPTED) + server.count(Count.TURNED_AWAY));
        Eventually.equal(0, server::connections);
        workers.shutdown();
        assertTrue(workers.awaitTermination(Eventually.MILLIS, TimeUnit.MILLISECONDS));
        assertEquals(List.of(), new ArrayList<>(faults));
        Eventually.equal(given.get(), ended::get);
        long without = server.count(Count.ERRORS);  // each a 503: who goes away does not hear of his
        assertTrue(busy.get() <= without, busy + " heard of " + without);
        assertEquals(server.count(Count.REQUESTS), given.get() + lost.get() + without);
        System.out.println(given + " given, " + lost + " lost, " + without + " without an exchange");
        assertEquals(0, server.count(Count.FAILED));
    }

    private static long number(Exchange exchange) {
        long number = 0;
        for (int i = 1; i < exchange.request().pathLength(); i++) {
            number = number * 10
                    + exchange.request().segment().get(ValueLayout.JAVA_BYTE, exchange.request().pathAt() + i) - '0';
        }
        return number;
    }

    private int ask(int peer, SplittableRandom random) throws IOException {
        int asked = 0;
        while (asked < 100) {
            try (Client client = new Client(server.address())) {
                called.incrementAndGet();
                while (asked < 100) {
                    long number = peer * 1000L + asked++;
                    client.send("GET /" + number + " HTTP/1.1\r\nHost: t\r\n\r\n");
                    if (random.nextInt(6) == 0) {
                        client.socket().setSoLinger(random.nextBoolean(), 0);  // a reset, or an ordinary end
                        break;
                    }
                    Client.Response response = client.read();
                    if (response.status() == 503) {  // every spare exchange waits for a worker that was cut short
                        if ("close".equalsIgnoreCase(response.field("connection"))) {
                            break;               // of the door or the lane, which no request was counted for
                        }
                        busy.incrementAndGet();
                    } else {
                        assertEquals(Long.toString(number), response.text());
                    }
                }
            }
        }
        return asked;
    }

    /// The number of its request, as text.
    private static final class Counted implements Answer {
        private final String text;
        private final AtomicLong ended;
        private boolean over;

        Counted(long number, AtomicLong ended) {
            this.text = Long.toString(number);
            this.ended = ended;
        }

        @Override
        public void head(HeadWriter head) {
            head.field(FieldName.CONTENT_TYPE, MediaType.TEXT).content(text.length());
        }

        @Override
        public long body(MemorySegment output, long at, long room) {
            for (int i = 0; i < text.length(); i++) {
                output.set(ValueLayout.JAVA_BYTE, at + i, (byte) text.charAt(i));
            }
            return text.length();
        }

        @Override
        public void ended(boolean complete) {
            assertFalse(over, "ended twice");
            over = true;
            ended.incrementAndGet();
        }
    }

    /// A stop in the middle of it all: whoever is told `true` has his answer ended, and nothing hangs.
    @Test
    void aServerStopsWhileOthersAnswer() throws Exception {
        for (int round = 0; round < 5; round++) {
            AtomicLong given = new AtomicLong();
            AtomicLong ended = new AtomicLong();
            ConcurrentLinkedQueue<Throwable> faults = new ConcurrentLinkedQueue<>();
            CountDownLatch some = new CountDownLatch(20);
            ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor();
            ServerConfig config = ServerConfig.standard().withSize(2, 16, 16);
            open(config.withTimes(60 * SECOND, SECOND, round % 2 == 0 ? 0 : SECOND / 2), exchange -> {
                Held held = Held.of(exchange);
                workers.execute(() -> {
                    try {
                        LockSupport.parkNanos(200_000);
                        if (held.later.respond(held.ticket, 200, new Counted(1, ended))) {
                            given.incrementAndGet();
                        }
                    } catch (RuntimeException | Error e) {
                        faults.add(e);
                    }
                    some.countDown();
                });
            });
            List<Thread> peers = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                peers.add(Thread.ofVirtual().start(() -> {
                    try (Client client = new Client(server.address())) {
                        for (int k = 0; k < 1000; k++) {
                            client.get("/1");
                        }
                    } catch (IOException e) {
                        // the stop
                    }
                }));
            }
            Eventually.open(some);
            server.close();
            workers.shutdown();
            assertTrue(workers.awaitTermination(Eventually.MILLIS, TimeUnit.MILLISECONDS));
            for (Thread peer : peers) {
                peer.join();
            }
            assertEquals(List.of(), new ArrayList<>(faults));
            assertTrue(ended.get() <= given.get(), ended + " ended of " + given);
            assertFalse(server.hasFailed());
        }
    }

    /// The phases of one ticket alone, against a plain model, without threads.
    @Test
    void ticketsAgreeWithAModel() {
        Seeds.forEach(1, 300, random -> {
            Later later = new Later(null, new Completions(new Idle()));
            long ticket = later.ticket();
            boolean open = false;
            boolean answered = false;
            List<Long> done = new ArrayList<>();
            List<Long> gone = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                switch (random.nextInt(4)) {
                    case 0 -> {
                        if (!open && !answered) {
                            later.open();
                            open = true;
                        }
                    }
                    case 1 -> {
                        if (answered) {
                            long now = ticket;
                            assertThrows(IllegalStateException.class, () -> later.respond(now, 200));
                        } else {
                            assertEquals(open, later.respond(ticket, 200));
                            answered = open;
                        }
                    }
                    case 2 -> {
                        boolean free = later.close();
                        assertEquals(!answered, free);
                        if (answered) {
                            assertTrue(later.taken());
                            later.drop();
                        }
                        (answered ? done : gone).add(ticket);
                        later.renew();
                        assertEquals(ticket + 1, later.ticket());
                        ticket++;
                        open = false;
                        answered = false;
                    }
                    default -> {
                        for (long old : done) {
                            if (ticket - old < 64) {
                                assertThrows(IllegalStateException.class, () -> later.respond(old, 200));
                            } else {
                                assertFalse(later.respond(old, 200), "not remembered any more");
                            }
                        }
                        for (long old : gone) {
                            assertFalse(later.respond(old, 200));
                        }
                    }
                }
            }
        });
    }

    /// A loop that needs no waking.
    private static final class Idle implements LoopContext {
        @Override
        public int index() {
            return 0;
        }

        @Override
        public Now now() {
            return new Now();
        }

        @Override
        public Timer timer(Runnable task) {
            throw new AssertionError("no timer");
        }

        @Override
        public int connect(InetSocketAddress address, long untilNanos) {
            return NO_SEAT;
        }

        @Override
        public void use(int seat, Protocol protocol) {
            throw new AssertionError("no seat");
        }

        @Override
        public void close(int seat) {
            throw new AssertionError("no seat");
        }

        @Override
        public DatagramDriver drive(Datagrams socket, DatagramProtocol protocol) {
            throw new AssertionError("no datagrams");
        }

        @Override
        public void wake() {
            // nobody sleeps
        }
    }
}
