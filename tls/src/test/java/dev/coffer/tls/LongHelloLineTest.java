package dev.coffer.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.packet.CipherSuite;
import dev.coffer.testkit.Seeds;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Long hellos over TCP that wait for the one place of them: in a line, whoever asks first.
class LongHelloLineTest extends HostileClient {
    private static final long SECOND = 1_000_000_000L;
    private static final int WAITERS = 3;

    private final MemorySegment out = Arena.ofAuto().allocate(1 << 15);
    private final List<TlsServer<Echo.Event>> servers = new ArrayList<>();
    private TlsServer<Echo.Event> holder;
    private long now;

    @Override
    TlsServerConfig config() {
        return CONFIG.withCounts(WAITERS + 2, WAITERS + 1, WAITERS + 1).withLongHelloBytesMax(TlsServerConfig.HELLO_BYTES_MAX).withNanosMax(10 * SECOND,
                10 * SECOND);
    }

    private TlsServer<Echo.Event> server(int connection) {
        return new TlsServer<>(place.context(), connection, (of, time) -> new Echo(10));
    }

    private static byte[] padded(TestClient c, int bytes) {
        int bare = c.hello(c.extensions()).length;
        List<byte[]> extensions = new ArrayList<>(c.extensions());
        extensions.add(TestClient.extension(21, new byte[bytes - bare - 4]));
        return c.hello(extensions);
    }

    /// One has the place and is in the midst of its hello; the others have said theirs, the first first.
    private void allWait() {
        holder = server(0);
        TestClient slow = new TestClient(holder, SUITE);
        slow.say(Wire.HANDSHAKE, Arrays.copyOf(padded(slow, 60_000), 1 << 14));
        now = slow.now;
        for (int i = 0; i < WAITERS; i++) {
            servers.add(server(2 + i));
            TestClient next = new TestClient(servers.get(i), SUITE);
            next.say(Wire.HANDSHAKE, padded(next, 12_000));
            assertFalse(isAnswered(i));
        }
    }

    @AfterEach
    void gone() {
        holder.close();
        servers.forEach(TlsServer::close);
        servers.clear();
    }

    /// It asks again.
    private boolean isAnswered(int waiter) {
        servers.get(waiter).onDeadline(now);
        return servers.get(waiter).pollOutput(out, 0, out.byteSize(), now) > 0;
    }

    @Test
    void whoAskedFirstIsServedFirstWhoeverAsksAgainFirst() {
        Seeds.forEach(1, 20, random -> {
            allWait();
            holder.close();
            List<Integer> served = new ArrayList<>();
            for (int asked = 0; served.size() < WAITERS; asked++) {
                assertTrue(asked < 100, () -> served + " alone");
                int of = random.nextInt(WAITERS);
                if (!served.contains(of) && isAnswered(of)) {
                    served.add(of);
                }
                now += random.nextLong(5_000_000);
            }
            assertEquals(List.of(0, 1, 2), served);
            gone();
        });
    }

    /// The place is kept for the first for a quarter of a second from when somebody else would have it.
    @Test
    void whoDoesNotComeStandsLast() {
        allWait();
        holder.close();
        assertFalse(isAnswered(1));
        now += LongHello.TURN_NANOS - 1;
        assertFalse(isAnswered(2));
        now++;
        assertTrue(isAnswered(1));
        assertFalse(isAnswered(0), "behind the third now");
        assertTrue(isAnswered(2));
        assertTrue(isAnswered(0));
    }

    @Test
    void whoIsGoneKeepsNobody() {
        allWait();
        servers.get(0).close();
        holder.close();
        assertFalse(isAnswered(2));
        servers.get(1).close();
        assertTrue(isAnswered(2));
    }

    /// Its second is over: the place is the next one's in the line, whoever asks first then.
    @Test
    void whoIsSlowGivesWayToTheFirstOfTheLine() {
        allWait();
        now += SECOND;
        assertFalse(isAnswered(1));
        assertTrue(isAnswered(0));
        assertTrue(isAnswered(1));
        assertTrue(isAnswered(2));
    }

    /// Nothing tells QUIC's side when one over TCP has done with the place: it is looked at, until that has had its second.
    @Test
    void whoWaitsOverQuicIsNamedAlsoBehindOneOverTcp() {
        holder = server(0);
        TestClient slow = new TestClient(holder, SUITE);
        slow.say(Wire.HANDSHAKE, Arrays.copyOf(padded(slow, 60_000), 1 << 14));
        now = slow.now;
        ServerContext context = place.context();
        assertEquals(Long.MAX_VALUE, context.longHelloNanos(now), "nobody waits");
        QuicTransport carrier = new Carrier();
        QuicHandshake waits = QuicHandshake.server(context, 2, carrier);
        assertTrue(waits.begin(now));
        MemorySegment header = MemorySegment.ofArray(new byte[] {Wire.CLIENT_HELLO, 0, 0x2e, (byte) 0xe0});
        assertFalse(waits.mayFeed(QuicHandshake.Level.INITIAL, header, 0, 4, now));
        assertEquals(now + 5_000_000, context.longHelloNanos(now));
        assertEquals(now + SECOND, context.longHelloNanos(now + SECOND - 1));
        assertNull(context.nextLongHello(now + SECOND - 1));
        holder.close();
        assertEquals(now, context.longHelloNanos(now));
        assertSame(carrier, context.nextLongHello(now));
        assertNull(context.nextLongHello(now), "once");
        assertEquals(now + LongHello.TURN_NANOS, context.longHelloNanos(now));
        assertTrue(waits.mayFeed(QuicHandshake.Level.INITIAL, header, 0, 4, now));
        waits.close();
        assertEquals(Long.MAX_VALUE, context.longHelloNanos(now));
    }

    private static final class Carrier implements QuicTransport {
        @Override
        public int parameters(MemorySegment target, long at) {
            return 0;
        }

        @Override
        public void onParameters(MemorySegment from, long at, int length) {}

        @Override
        public void onSecret(QuicHandshake.Level level, boolean ours, CipherSuite suite, MemorySegment secret, long at) {}
    }
}
