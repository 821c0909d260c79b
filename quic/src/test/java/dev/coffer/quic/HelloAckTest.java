package dev.coffer.quic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

/// When a client of two datagrams hears of the first: with our answer, and not before it, as an ACK is what it measures the way by, and asks again after.
class HelloAckTest extends Talk {
    HelloAckTest() {
        super(QuicConfig.tight());
    }

    private void feed(Datagram datagram) {
        feed(ends.server, datagram.bytes(), datagram.host(), datagram.port());
    }

    private boolean isHeard() {
        carry(ends.server, 0, 0);
        return PacketSpace.largestAcked(ends.client.c.memory, ends.client.c.spaceAt(PacketSpace.INITIAL)) >= 0;
    }

    private void pass(long nanos) {
        now += nanos;
        ends.server.onDeadline(now);
    }

    @Test
    void aHelloOfTwoDatagramsIsAcknowledgedWithItsAnswer() {
        List<Datagram> hello = all(ends.client);
        assertEquals(2, hello.size());
        feed(hello.getFirst());
        assertEquals(List.of(), all(ends.server));
        assertEquals(now + Incoming.HELLO_ACK_NANOS, ends.server.deadlineNanos());
        pass(Incoming.HELLO_ACK_NANOS - 1);
        assertEquals(List.of(), all(ends.server));
        feed(hello.getLast());
        assertTrue(isHeard());
        assertTrue(ends.client.c.seals(PacketSpace.HANDSHAKE), "the answer went with it");
    }

    @Test
    void oneWhoseOtherDatagramIsLostIsAcknowledgedIn4Milliseconds() {
        feed(all(ends.client).getFirst());
        pass(Incoming.HELLO_ACK_NANOS);
        assertTrue(isHeard());
    }

    @Test
    void oneWhoseOtherDatagramCameFirstIsAcknowledgedAtOnce() {
        feed(all(ends.client).getLast());
        assertTrue(isHeard(), "a gap before it is told");
    }

    /// The client asks again before it has heard anything: what it says twice is heard at once.
    @Test
    void whatIsSaidTwiceIsAcknowledgedAtOnce() {
        feed(all(ends.client).getFirst());
        now = ends.client.deadlineNanos();
        ends.client.onDeadline(now);
        List<Datagram> again = all(ends.client);
        pass(0);
        assertTrue(again.size() > 0 && now > 1000 * MILLI + Incoming.HELLO_ACK_NANOS);
        assertTrue(isHeard());
    }

    /// Behind the answer nothing more is on its way: who asks again is heard at once.
    @Test
    void aHelloThatWasAnsweredIsAcknowledgedAtOnceWhereItComesAgain() {
        all(ends.client).forEach(this::feed);
        assertTrue(all(ends.server).size() > 0, "all of which is lost");
        now = ends.client.deadlineNanos();
        ends.client.onDeadline(now);
        all(ends.client).stream().limit(1).forEach(this::feed);
        assertEquals(now, ReceivedRanges.dueNanos(ends.server.c.memory, ends.server.c.spaceAt(PacketSpace.INITIAL) + PacketSpace.RECEIVED));
    }
}
