package dev.coffer.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.client.Client.Count;
import dev.coffer.client.ClientConfig.Times;
import dev.coffer.http.Method;
import dev.coffer.http.Refusal;
import dev.coffer.testkit.Eventually;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What servers do wrong, what is retried, who hears of it, and that nobody else does.
@Timeout(600)
class FaultTest {
    private static final ClientConfig CONFIG = ClientConfig.standard();
    private static final long MILLI = 1_000_000L;
    private static final long LONG = 600_000 * MILLI;

    private static Asked ask(String answer) throws Exception {
        try (Peer peer = new Peer((socket, n) -> {
            Peer.readHead(socket);
            Peer.write(socket, answer);
        }); Client client = Client.open(CONFIG)) {
            Asked asked = Asked.get(peer.uri("/")).by(client).await();
            assertEquals(1, asked.ends);
            assertEquals(1, asked.begins, "a new connection's request is sent once");
            assertEquals("ok", other(client));
            return asked;
        }
    }

    /// Another call of the same client, which nothing must hurt.
    private static String other(Client client) throws Exception {
        try (Peer peer = Peer.answering(Peer.OK)) {
            return Asked.get(peer.uri("/")).by(client).await().text();
        }
    }

    @Test
    void anAnswerCutShortIsTruncated() throws Exception {
        Asked asked = ask("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc");
        assertEquals(Failure.TRUNCATED, asked.failure);
        assertEquals("abc", asked.text());
        assertEquals(Failure.TRUNCATED, ask("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n").failure);
        assertEquals(Failure.TRUNCATED, ask("HTTP/1.1 200 OK\r\nContent-Le").failure);
        assertEquals(Failure.NO_ANSWER, ask("").failure);
        assertNull(ask("HTTP/1.1 200 OK\r\n\r\nuntil the end").failure);
    }

    @Test
    void whatIsNoHttpIsAFaultOfProtocol() throws Exception {
        Asked garbage = ask("garbage in place of a status line\r\n\r\n");
        assertEquals(Failure.PROTOCOL, garbage.failure);
        assertEquals(Refusal.START_LINE, garbage.refusal);
        assertEquals(Refusal.BOTH_LENGTHS, ask("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\nx").refusal);
        assertEquals(Refusal.CONTENT_LENGTH, ask("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nx").refusal);
        assertEquals(Refusal.CHUNK, ask("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nx").refusal);
        assertEquals(Refusal.UNEXPECTED, ask("HTTP/1.1 101 Switching Protocols\r\n\r\n").refusal);
    }

    @Test
    void anEndlessHeadIsRefusedAtItsLimit() throws Exception {
        try (Peer peer = new Peer((socket, n) -> {
            Peer.readHead(socket);
            Peer.write(socket, "HTTP/1.1 200 OK\r\n");
            while (true) {
                Peer.write(socket, "X-More: " + "y".repeat(1000) + "\r\n");
            }
        }); Client client = Client.open(CONFIG)) {
            Asked asked = Asked.get(peer.uri("/")).by(client).await();
            assertEquals(Failure.PROTOCOL, asked.failure);
            assertEquals(Refusal.HEAD_TOO_LONG, asked.refusal);
            assertEquals("ok", other(client));
        }
    }

    @Test
    void contentPastItsLimitIsTooLarge() throws Exception {
        ClientConfig small = CONFIG.withHttp(CONFIG.http().withLimits(CONFIG.http().limits().withBodyBytesMax(3)));
        try (Peer peer = Peer.answering("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc");
                Peer more = Peer.answering("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabcd"); Client client = Client.open(small)) {
            assertNull(Asked.get(peer.uri("/")).by(client).await().failure);
            assertEquals(Failure.TOO_LARGE, Asked.get(more.uri("/")).by(client).await().failure);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aResetIsBroken(boolean portable) throws Exception {
        try (Peer peer = new Peer((socket, n) -> {
            Peer.readHead(socket);
            Peer.write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc");
            Thread.sleep(50);
            Peer.reset(socket);
        }); Client client = Client.open(CONFIG.withPortable(portable))) {
            assertEquals(Failure.BROKEN, Asked.get(peer.uri("/")).by(client).await().failure);
            assertEquals("ok", other(client));
        }
    }

    @Test
    void bytesThatNobodyAskedForEndTheConnectionAndNotTheAnswer() throws Exception {
        try (Peer peer = Peer.answering(Peer.OK + "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwrong"); Client client = Client.open(CONFIG)) {
            for (int i = 0; i < 5; i++) {
                Asked asked = Asked.get(peer.uri("/")).by(client).await();
                assertNull(asked.failure);
                assertEquals("ok", asked.text());
            }
            assertEquals(5, peer.connections.get(), "none was used again");
        }
    }

    @Test
    void anAnswerBeforeTheWholeRequestIsHeardAndTheConnectionNotUsedAgain() throws Exception {
        try (Peer peer = new Peer((socket, n) -> {
            Peer.readHead(socket);
            Peer.write(socket, "HTTP/1.1 413 Content Too Large\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno");
            Peer.awaitEnd(socket);
        }); Client client = Client.open(CONFIG)) {
            Asked asked = new Asked(Method.POST, peer.uri("/"), "x".repeat(20_000_000)).by(client).await();
            assertNull(asked.failure);
            assertEquals(413, asked.status);
            assertEquals("no", asked.text());
        }
    }

    @Test
    void aServerThatReadsOnlyWhileItsAnswerIsReadIsNoDeadlock() throws Exception {
        int bytes = 32 << 20;  // more than the system holds on its way
        try (Peer peer = new Peer((socket, n) -> {
            Peer.readHead(socket);
            Peer.write(socket, "HTTP/1.1 200 OK\r\nContent-Length: " + bytes + "\r\n\r\n");
            byte[] buffer = new byte[4096];
            for (int left = bytes; left > 0;) {
                int count = socket.getInputStream().read(buffer, 0, Math.min(left, buffer.length));
                socket.getOutputStream().write(buffer, 0, count);
                left -= count;
            }
        }); Client client = Client.open(CONFIG)) {
            Asked asked = new Asked(Method.POST, peer.uri("/"), "x".repeat(bytes)).by(client).await();
            assertNull(asked.failure);
            assertEquals(bytes, asked.got.size());
        }
    }

    @Test
    void anIdempotentRequestIsSentOnceMoreWhereAReusedConnectionDiedUnheard() throws Exception {
        try (Peer peer = new Peer((socket, n) -> {
            Peer.readHead(socket);
            Peer.write(socket, Peer.OK);
            Peer.readHead(socket);  // and is closed
        }); Client client = Client.open(CONFIG)) {
            Asked.get(peer.uri("/1")).by(client).await();
            Asked second = Asked.get(peer.uri("/2")).by(client).await();
            assertNull(second.failure);
            assertEquals("ok", second.text());
            assertEquals(2, second.begins);
            assertEquals(2, peer.connections.get());
            assertEquals(1, client.count(Count.REPEATED));
            Asked post = new Asked(Method.POST, peer.uri("/3"), "x").by(client).await();
            assertTrue(post.failure.isDeath(), "" + post.failure);
            assertEquals(1, post.begins, "a POST is sent once");
        }
    }

    @Test
    void whatHasBeenHeardOrCannotGoBackIsNotSentAgain() throws Exception {
        try (Peer peer = new Peer((socket, n) -> {
            Peer.readHead(socket);
            Peer.write(socket, Peer.OK);
            Peer.readHead(socket);
            Peer.write(socket, "H");
        }); Client client = Client.open(CONFIG)) {
            Asked.get(peer.uri("/1")).by(client).await();
            Asked heard = Asked.get(peer.uri("/2")).by(client).await();
            assertEquals(Failure.TRUNCATED, heard.failure);
            assertEquals(1, heard.begins);
        }
        try (Peer peer = new Peer((socket, n) -> {
            Peer.readHead(socket);
            Peer.write(socket, Peer.OK);
            Peer.readHead(socket);
        }); Client client = Client.open(CONFIG)) {
            Asked.get(peer.uri("/1")).by(client).await();
            Asked once = new Asked(Method.GET, peer.uri("/2"), null) {
                @Override
                public boolean isRepeatable() {
                    return false;
                }
            };
            assertTrue(once.by(client).await().failure.isDeath());
            assertEquals(1, once.begins);
        }
    }

    @Test
    void aSecondDeathIsTheLast() throws Exception {
        try (Peer peer = new Peer((socket, n) -> {
            Peer.readHead(socket);
            if (n == 0) {
                Peer.write(socket, Peer.OK);
                Peer.readHead(socket);
            }
        }); Client client = Client.open(CONFIG)) {
            Asked.get(peer.uri("/1")).by(client).await();
            Asked twice = Asked.get(peer.uri("/2")).by(client).await();
            assertTrue(twice.failure.isDeath());
            assertEquals(2, twice.begins);
            assertEquals(1, twice.ends);
        }
    }

    @Test
    void aSecondDeathIsTheLastOnAReusedConnectionToo() throws Exception {
        CountDownLatch both = new CountDownLatch(2);
        CountDownLatch go = new CountDownLatch(1);
        Peer[] self = new Peer[1];
        try (Peer peer = new Peer((socket, n) -> {
            for (String head; (head = Peer.readHead(socket)) != null;) {
                if (head.startsWith("GET /first")) {
                    both.countDown();
                    both.await();
                } else if (head.startsWith("GET /slow")) {
                    go.await();
                } else {
                    self[0].closeListener();  // so that it is the slow one's connection on which it is sent again
                    return;
                }
                Peer.write(socket, Peer.OK);
            }
        }); Client client = Client.open(CONFIG)) {
            self[0] = peer;
            long idle = client.ledger().usedBytes() + 128;  // two timers
            Asked one = Asked.get(peer.uri("/first")).by(client);
            Asked.get(peer.uri("/first")).by(client).await();
            one.await();
            Eventually.holds("both connections rest", () -> client.ledger().usedBytes() <= idle);
            Asked slow = Asked.get(peer.uri("/slow")).by(client);
            Asked dies = Asked.get(peer.uri("/dies")).by(client);
            Eventually.equal(1, () -> client.count(Count.REPEATED));
            go.countDown();
            dies.await();
            assertNull(slow.await().failure);
            assertTrue(dies.failure.isDeath(), "" + dies.failure);
            assertEquals(2, dies.begins);
            assertEquals(1, client.count(Count.REPEATED));
        }
    }

    @Test
    void timeLimitsEndACallWhereverItStands() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        ClientConfig firstByte = CONFIG.withTimes(new Times(LONG, 50 * MILLI, LONG, LONG, 0));
        ClientConfig whole = CONFIG.withTimes(new Times(LONG, LONG, 50 * MILLI, LONG, 0));
        ClientConfig connect = CONFIG.withTimes(new Times(50 * MILLI, LONG, LONG, LONG, 0));
        ClientConfig patient = CONFIG.withTimes(new Times(LONG, LONG, LONG, LONG, 0));
        Resolver silence = host -> {
            try {
                never.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return null;
        };
        try (Peer silent = new Peer((socket, n) -> Peer.awaitEnd(socket)); Client first = Client.open(firstByte);
                Client second = Client.open(whole); Client third = Client.open(connect, silence); Client fourth = Client.open(patient, silence)) {
            assertEquals(Failure.TOO_SLOW, Asked.get(silent.uri("/")).by(first).await().failure);
            assertEquals(Failure.TIMED_OUT, Asked.get(silent.uri("/")).by(second).await().failure);
            Asked own = new Asked(Method.GET, silent.uri("/"), null) {
                @Override
                public long nanosMax() {
                    return 20 * MILLI;
                }
            };
            assertEquals(Failure.TIMED_OUT, own.by(fourth).await().failure);
            assertEquals(Failure.CONNECT_TIMED_OUT, Asked.get("http://slow.example/").by(third).await().failure);
        } finally {
            never.countDown();
        }
    }

    @Test
    void aCallIsCancelledWhileItWaitsAndOnTheWireAndOnce() throws Exception {
        Semaphore heard = new Semaphore(0);
        try (Peer silent = new Peer((socket, n) -> {
            Peer.readHead(socket);
            heard.release();
            Peer.awaitEnd(socket);
        }); Client client = Client.open(CONFIG.withSize(1, 1, 1, 8))) {
            Asked wire = Asked.get(silent.uri("/")).by(client);
            Asked waits = Asked.get(silent.uri("/")).by(client);
            heard.acquire();
            assertTrue(client.cancel(waits.ticket));
            assertEquals(Failure.CANCELLED, waits.await().failure);
            assertTrue(client.cancel(wire.ticket));
            assertEquals(Failure.CANCELLED, wire.await().failure);
            Eventually.holds("both places are given back", () -> !client.cancel(wire.ticket) && !client.cancel(waits.ticket));
            assertFalse(client.cancel(-1));
            assertEquals("ok", other(client));
            assertEquals(1, wire.ends);
        }
    }

    @Test
    void aSinkThatTakesNothingHoldsTheServerBackUntilItIsResumed() throws Exception {
        int bytes = 20 << 20;
        AtomicLong sent = new AtomicLong();
        CountDownLatch offered = new CountDownLatch(1);
        try (Peer peer = new Peer((socket, n) -> {
            Peer.readHead(socket);
            Peer.write(socket, "HTTP/1.1 200 OK\r\nContent-Length: " + bytes + "\r\n\r\n");
            for (int i = 0; i < bytes; i += 1024) {
                socket.getOutputStream().write(new byte[1024]);
                sent.addAndGet(1024);
            }
        }); Client client = Client.open(CONFIG)) {
            boolean[] takes = {false};
            Asked slow = new Asked(Method.GET, peer.uri("/"), null) {
                @Override
                public long take(Call call, MemorySegment segment, long at, long length) {
                    offered.countDown();
                    return takes[0] ? super.take(call, segment, at, length) : 0;
                }
            };
            slow.by(client);
            offered.await();
            assertEquals("ok", other(client));
            for (long before = -1; before != sent.get();) {
                before = sent.get();
                Thread.sleep(100);
            }
            assertTrue(sent.get() < bytes, "all was sent: nobody was held back");
            takes[0] = true;
            assertTrue(client.resume(slow.ticket));
            slow.await();
            assertNull(slow.failure);
            assertEquals(bytes, slow.got.size());
        }
    }

    /// The server has said all and gone: what the sink held back is still its own.
    @ParameterizedTest
    @ValueSource(strings = {"Content-Length: 1500", "Transfer-Encoding: chunked", "X-Until: the end"})
    void aWholeAnswerThatASinkHoldsBackOutlivesItsConnection(String framing) throws Exception {
        CountDownLatch gone = new CountDownLatch(1);
        CountDownLatch offered = new CountDownLatch(1);
        String content = "z".repeat(1500);
        String sent = framing.startsWith("T") ? "5dc\r\n" + content + "\r\n0\r\nX-Trailer: t\r\n\r\n" : content;
        try (Peer peer = new Peer((socket, n) -> {
            Peer.readHead(socket);
            Peer.write(socket, "HTTP/1.1 200 OK\r\n" + framing + "\r\n\r\n" + sent);
            socket.close();
            gone.countDown();
        }); Client client = Client.open(CONFIG)) {
            boolean[] takes = {false};
            Asked slow = new Asked(Method.GET, peer.uri("/"), null) {
                @Override
                public long take(Call call, MemorySegment segment, long at, long length) {
                    offered.countDown();
                    return takes[0] ? super.take(call, segment, at, length) : 0;
                }
            };
            slow.by(client);
            offered.await();
            gone.await();
            assertEquals("ok", other(client));
            Thread.sleep(50);  // the end has most likely come; the answer is the same where it has not
            takes[0] = true;
            assertTrue(client.resume(slow.ticket));
            slow.await();
            assertNull(slow.failure);
            assertEquals(content, slow.text());
            assertEquals(framing.startsWith("T") ? "t;" : "", slow.trailers);
        }
    }

    /// What came too late for a call is nobody else's answer.
    @Test
    void theAnswerToACallThatWasGivenUpIsNotTheNextOnes() throws Exception {
        Semaphore heard = new Semaphore(0);
        Semaphore givenUp = new Semaphore(0);
        try (Peer peer = new Peer((socket, n) -> {
            for (String head; (head = Peer.readHead(socket)) != null;) {
                if (head.startsWith("GET /late")) {
                    heard.release();
                    givenUp.acquire();
                }
                String path = head.substring(4, head.indexOf(' ', 4));
                Peer.write(socket, "HTTP/1.1 200 OK\r\nContent-Length: " + path.length() + "\r\n\r\n" + path);
            }
        }); Client client = Client.open(CONFIG.withSize(2, 1, 1, 8))) {
            for (int i = 0; i < 20; i++) {
                Asked late = Asked.get(peer.uri("/late")).by(client);
                Asked next = Asked.get(peer.uri("/next" + i)).by(client);  // waits for the one connection there may be
                heard.acquire();
                client.cancel(late.ticket);
                givenUp.release();
                late.await();
                assertEquals("/next" + i, next.await().text());
            }
        }
    }

    @Test
    void aClientThatASinkClosesGoesOn() throws Exception {
        try (Peer peer = Peer.answering(Peer.OK); Client client = Client.open(CONFIG)) {
            Runnable close = client::close;
            Asked closes = new Asked(Method.GET, peer.uri("/"), null) {
                @Override
                public void head(Call call) {
                    close.run();
                }
            };
            assertEquals(Failure.APPLICATION, closes.by(client).await().failure);
            assertEquals("ok", other(client), "the misuse costs who it is by");
        }
    }

    @Test
    void whatAnApplicationThrowsEndsItsOwnCall() throws Exception {
        try (Peer peer = Peer.answering(Peer.OK); Client client = Client.open(CONFIG)) {
            Asked head = new Asked(Method.GET, peer.uri("/"), null) {
                @Override
                public void head(Call call) {
                    throw new IllegalStateException("planted by the test");
                }
            };
            assertEquals(Failure.APPLICATION, head.by(client).await().failure);
            Asked body = new Asked(Method.POST, peer.uri("/"), "x") {
                @Override
                public long body(MemorySegment output, long at, long room) {
                    throw new StackOverflowError("planted by the test");
                }
            };
            assertEquals(Failure.APPLICATION, body.by(client).await().failure);
            Asked take = new Asked(Method.GET, peer.uri("/"), null) {
                @Override
                public long take(Call call, MemorySegment segment, long at, long length) {
                    return length + 1;
                }
            };
            assertEquals(Failure.APPLICATION, take.by(client).await().failure);
            Asked end = new Asked(Method.GET, peer.uri("/"), null) {
                @Override
                public void end(Call call) {
                    super.end(call);
                    throw new IllegalStateException("planted by the test");
                }
            };
            assertNull(end.by(client).await().failure);
            Asked source = new Asked(Method.PUT, peer.uri("/"), "x") {
                @Override
                public long body(MemorySegment output, long at, long room) {
                    return FAILED;
                }
            };
            assertEquals(Failure.SOURCE_FAILED, source.by(client).await().failure);
            assertEquals("ok", other(client));
        }
    }

    @Test
    void whoIsUnderWayWhenTheClientIsClosedHearsOfItOnce() throws Exception {
        Semaphore heard = new Semaphore(0);
        try (Peer silent = new Peer((socket, n) -> {
            Peer.readHead(socket);
            heard.release();
            Peer.awaitEnd(socket);
        })) {
            Client client = Client.open(CONFIG.withSize(2, 1, 1, 8));
            Asked wire = Asked.get(silent.uri("/")).by(client);
            heard.acquire();
            Asked waits = Asked.get(silent.uri("/")).by(client);
            Eventually.equal(2, () -> client.count(Count.CALLS));  // it stands in the queue
            client.close();
            assertEquals(Failure.STOPPED, wire.await().failure);
            assertEquals(Failure.STOPPED, waits.await().failure);
            assertEquals(1, wire.ends);
            assertEquals(1, waits.ends);
            assertEquals(1, client.count(Count.BROKEN), "the stop cut one short");
            assertNotNull(client.ledger());
        }
    }

    @Test
    void aStopThatFindsConnectionsIdleBreaksNone() throws Exception {
        try (Peer peer = Peer.answering(Peer.OK)) {
            Client client = Client.open(CONFIG);
            assertEquals("ok", Asked.get(peer.uri("/")).by(client).await().text());
            Eventually.equal(1, client::connections);
            client.close();
            assertEquals(0, client.count(Count.BROKEN));
        }
    }

    @Test
    void aConnectionThatEndsAfterItsAnswerIsNotCountedAsBroken() throws Exception {
        try (Peer peer = Peer.answering("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"); Client client = Client.open(CONFIG)) {
            assertEquals("ok", Asked.get(peer.uri("/")).by(client).await().text());
            Eventually.equal(0, client::connections);
            assertEquals(0, client.count(Count.BROKEN));
        }
    }
}
