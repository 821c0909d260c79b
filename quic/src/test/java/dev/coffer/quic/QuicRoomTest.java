package dev.coffer.quic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
