package dev.coffer.quic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Who is named when there is room again, where no endpoint says so.
class QuicRoomTest extends Talk {
    QuicRoomTest() {
        super(QuicConfig.tight().withWindows(1 << 14, 1 << 16, 1 << 14));  // more than its blocks hold
    }

    /// A stream that had no block is named when another one's were given back, though nothing of its own was under way.
    @Test
    void whoHadNoBlockIsNamedWhenOneIsBack() {
        converse();
        long one = ends.client.open(true);
        long other = ends.client.open(true);
        for (long room; (room = ends.client.outputFree(one)) > 0;) {
            ends.client.write(one, wire, 0, room);
        }
        assertEquals(0, ends.client.outputFree(other));
        assertEquals(-1, ends.client.pollReady());
        converse();
        boolean named = false;
        for (long stream; (stream = ends.client.pollReady()) >= 0;) {
            named |= stream == other;
        }
        assertTrue(named);
        assertTrue(ends.client.outputFree(other) > 0);
    }

    /// The same where it is another connection of the loop that gives them back: an event says that there is something to be read of it, as nothing else would.
    @Test
    void whoHadNoBlockHearsThatAnotherConnectionGaveOneBack() {
        converse();
        long stream = ends.client.open(true);
        Blocks blocks = ends.client.c.blocks();
        List<Integer> others = new ArrayList<>();
        for (int block; (block = blocks.of(-1).tryTake(Blocks.LAST)) != Blocks.NONE;) {
            others.add(block);
        }
        assertEquals(0, ends.client.outputFree(stream));
        while (ends.client.pollEvent() != null || ends.client.pollReady() >= 0) {
            // of what was before
        }
        others.forEach(blocks.of(-1)::release);
        assertEquals(QuicEvent.STREAMS, ends.client.pollEvent(), "though nothing comes");
        assertNull(ends.client.pollEvent(), "once");
        assertEquals(stream, ends.client.pollReady());
        assertTrue(ends.client.outputFree(stream) > 0);
    }

    /// The same where one block is left, and a stream has the end of it only: what it wants to write whole may be longer.
    @Test
    void whoHadTheEndOfABlockIsNamedWhenAnotherOneIsBack() {
        converse();
        long one = ends.client.open(true);
        long other = ends.client.open(true);
        int content = ends.client.c.blocks().contentBytes();
        ends.client.write(other, wire, 0, content - 5);
        converse();
        while (ends.client.pollReady() >= 0) {
            // of what was acknowledged
        }
        while (ends.client.c.blocks().available(Blocks.WRITING) > 1) {
            ends.client.write(one, wire, 0, content);
        }
        assertEquals(5, ends.client.outputFree(other));
        assertEquals(-1, ends.client.pollReady(), "nothing is back yet");
        converse();
        boolean named = false;
        for (long stream; (stream = ends.client.pollReady()) >= 0;) {
            named |= stream == other;
        }
        assertTrue(named);
        assertTrue(ends.client.outputFree(other) > 5);
    }

    /// A gap on a stream of one direction is told, as nobody else has a clock for it; on others it is not, and no end of one either.
    @Test
    void aGapIsToldOnAStreamOfOneDirection() {
        converse();
        feed(ends.server, packet(ends.client, (byte) 0x0e, (byte) 2, (byte) 1, (byte) 1, (byte) 'b'), 0x0a000002, 5000);
        assertEquals(2, ends.server.pollReady());
        assertEquals(-1, ends.server.pollReady());
        assertTrue(ends.server.hasGap(2));
        assertEquals(0, ends.server.inputLength(2));
        feed(ends.server, packet(ends.client, (byte) 0x0e, (byte) 2, (byte) 3, (byte) 1, (byte) 'd'), 0x0a000002, 5000);
        assertEquals(2, ends.server.pollReady());
        feed(ends.server, packet(ends.client, (byte) 0x0e, (byte) 2, (byte) 0, (byte) 3, (byte) 'a', (byte) 'b', (byte) 'c'), 0x0a000002, 5000);
        assertEquals(2, ends.server.pollReady());
        assertFalse(ends.server.hasGap(2));
        assertEquals(4, ends.server.inputLength(2));
        feed(ends.server, packet(ends.client, (byte) 0x0e, (byte) 0, (byte) 0, (byte) 1, (byte) 'a'), 0x0a000002, 5000);
        assertEquals(0, ends.server.pollReady());
        feed(ends.server, packet(ends.client, (byte) 0x0e, (byte) 0, (byte) 2, (byte) 1, (byte) 'c'), 0x0a000002, 5000);
        assertEquals(-1, ends.server.pollReady());
        assertTrue(ends.server.hasGap(0));
    }

    /// Two streams lack one: that one of them takes what it has is not the other's affair.
    @Test
    void whoWritesTakesBackNoOtherStreamsWish() {
        converse();
        long one = ends.client.open(true);
        long other = ends.client.open(true);
        long third = ends.client.open(true);
        int content = ends.client.c.blocks().contentBytes();
        ends.client.write(other, wire, 0, content - 5);
        ends.client.write(third, wire, 0, content - 7);
        converse();
        while (ends.client.pollReady() >= 0) {
            // of what was acknowledged
        }
        while (ends.client.c.blocks().available(Blocks.WRITING) > 1) {
            ends.client.write(one, wire, 0, content);
        }
        assertEquals(5, ends.client.outputFree(other));
        assertEquals(7, ends.client.outputFree(third));
        ends.client.write(other, wire, 0, 5);
        converse();
        boolean named = false;
        for (long stream; (stream = ends.client.pollReady()) >= 0;) {
            named |= stream == third;
        }
        assertTrue(named);
    }
}
