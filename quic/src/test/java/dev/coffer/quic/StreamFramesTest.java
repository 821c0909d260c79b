package dev.coffer.quic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.quic.frame.TransportError;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

/// What a server answers to a client's frames about streams: each limit, and one past it.
class StreamFramesTest {
    private static final long CLIENT_BIDI = 0;
    private static final long CLIENT_UNI = 2;
    private static final long SERVER_BIDI = 1;
    private static final long SERVER_UNI = 3;

    private BareStreams of = new BareStreams(QuicConfig.tight());
    private final MemorySegment data = Arena.ofAuto().allocate(2048);

    private long say(long stream, long offset, int length, boolean fin) {
        return StreamFrames.onStream(of, stream, offset, data, 0, length, fin);
    }

    @Test
    void streamsUpToTheirNumberAreOpenedWithThoseBeforeThem() {
        assertEquals(TransportError.STREAM_LIMIT_ERROR, say(CLIENT_BIDI + 4 * 4, 0, 1, false));
        assertEquals(Streams.OK, say(CLIENT_BIDI + 4 * 3, 0, 1, false));
        assertEquals(4, Streams.rows(of));
        assertEquals(TransportError.STREAM_LIMIT_ERROR, say(CLIENT_UNI + 4 * 3, 0, 1, false));
        assertEquals(Streams.OK, say(CLIENT_UNI + 4 * 2, 0, 1, false));
        assertEquals(7, Streams.rows(of));
    }

    @Test
    void framesNameStreamsThatHaveTheirDirection() {
        assertEquals(TransportError.STREAM_STATE_ERROR, say(SERVER_BIDI, 0, 1, false), "never opened by us");
        assertEquals(TransportError.STREAM_STATE_ERROR, say(SERVER_UNI, 0, 1, false));
        assertEquals(SERVER_BIDI, Streams.open(of, false));
        assertEquals(SERVER_UNI, Streams.open(of, true));
        assertEquals(-1, Streams.open(of, true), "one past what the peer allows");
        assertEquals(Streams.OK, say(SERVER_BIDI, 0, 1, false));
        assertEquals(TransportError.STREAM_STATE_ERROR, say(SERVER_UNI, 0, 1, false), "we alone say something on it");
        assertEquals(TransportError.STREAM_STATE_ERROR, StreamFrames.onMaxStreamData(of, CLIENT_UNI, 5));
        assertEquals(TransportError.STREAM_STATE_ERROR, StreamFrames.onStopSending(of, CLIENT_UNI, 5));
        assertEquals(TransportError.STREAM_STATE_ERROR, StreamFrames.onReset(of, SERVER_UNI, 5, 0));
        assertEquals(TransportError.STREAM_STATE_ERROR, StreamFrames.onStreamDataBlocked(of, SERVER_UNI));
        assertEquals(Streams.OK, StreamFrames.onMaxStreamData(of, CLIENT_BIDI, 5), "opened by that");
    }

    @Test
    void windowsHoldToTheByteOfAStreamAndOfAllOfThem() {
        assertEquals(TransportError.FLOW_CONTROL_ERROR, say(CLIENT_BIDI, 0, 257, false));
        assertEquals(Streams.OK, say(CLIENT_BIDI, 0, 256, false));
        assertEquals(TransportError.FLOW_CONTROL_ERROR, say(CLIENT_BIDI, 256, 1, false));
        for (int i = 1; i < 4; i++) {
            assertEquals(Streams.OK, say(CLIENT_BIDI + 4L * i, 0, 256, false));
        }
        assertEquals(TransportError.FLOW_CONTROL_ERROR, say(CLIENT_UNI, 0, 1, false), "1,024 of all");
        assertEquals(Streams.OK, say(CLIENT_BIDI, 0, 256, true), "what came before counts once");
        Streams.read(of, Streams.find(of, CLIENT_BIDI + 4), 120);
        assertEquals(0, Streams.due(of), "less than half is read");
        assertEquals(TransportError.FLOW_CONTROL_ERROR, say(CLIENT_UNI, 0, 1, false));
        for (int i = 2; i < 4; i++) {
            Streams.read(of, Streams.find(of, CLIENT_BIDI + 4L * i), 256);
        }
        assertEquals(SentPackets.MAX_DATA, Streams.due(of));
        assertEquals(Streams.OK, say(CLIENT_UNI, 0, 1, false));
    }

    @Test
    void aStreamHasOneSize() {
        assertEquals(Streams.OK, say(CLIENT_BIDI, 0, 10, false));
        assertEquals(TransportError.FINAL_SIZE_ERROR, say(CLIENT_BIDI, 0, 9, true), "below what came");
        assertEquals(Streams.OK, say(CLIENT_BIDI, 10, 5, true));
        assertEquals(Streams.OK, say(CLIENT_BIDI, 10, 5, true), "once more");
        assertEquals(TransportError.FINAL_SIZE_ERROR, say(CLIENT_BIDI, 15, 1, false));
        assertEquals(TransportError.FINAL_SIZE_ERROR, say(CLIENT_BIDI, 10, 4, true));
        assertEquals(TransportError.FINAL_SIZE_ERROR, StreamFrames.onReset(of, CLIENT_BIDI, 0, 14));
        assertEquals(Streams.OK, StreamFrames.onReset(of, CLIENT_BIDI, 0, 15), "all came: the reset changes nothing");
        assertEquals(15, ReceiveBuffer.ready(of.blocks().memory(), Streams.find(of, CLIENT_BIDI) + StreamRow.RECEIVE));
        assertEquals(TransportError.FINAL_SIZE_ERROR, resetOf(20, 19));
        assertEquals(Streams.OK, resetOf(20, 20));
    }

    private long resetOf(int said, long size) {
        of = new BareStreams(QuicConfig.tight());
        assertEquals(Streams.OK, say(CLIENT_BIDI, 0, said, false));
        return StreamFrames.onReset(of, CLIENT_BIDI, 9, size);
    }

    @Test
    void aResetCountsWhatWillNeverComeAndFreesWhatCame() {
        assertEquals(Streams.OK, say(CLIENT_BIDI, 100, 20, false));
        assertEquals(TransportError.FLOW_CONTROL_ERROR, StreamFrames.onReset(of, CLIENT_BIDI, 9, 257));
        assertEquals(Streams.OK, StreamFrames.onReset(of, CLIENT_BIDI, 9, 256));
        assertEquals(1, of.blocks().account().count(), "the row alone");
        long row = Streams.find(of, CLIENT_BIDI);
        assertTrue(StreamRow.has(of.blocks().memory(), row, StreamRow.RESET_BY_PEER));
        assertEquals(9, StreamRow.receiveMax(of.blocks().memory(), row));
        assertEquals(Streams.OK, say(CLIENT_BIDI, 0, 100, false), "late pieces are nothing");
        assertEquals(1, of.blocks().account().count());
    }

    @Test
    void anotherStreamMayComeWhenOneIsOver() {
        assertEquals(4, Streams.peerStreamsMax(of, false));
        assertEquals(Streams.OK, say(CLIENT_BIDI, 0, 3, true));
        long row = Streams.find(of, CLIENT_BIDI);
        assertEquals(CLIENT_BIDI, StreamNews.told(of, true));
        Streams.read(of, row, 3);
        Streams.finish(of, row);
        Streams.released(of, row, 0);
        Streams.settle(of, CLIENT_BIDI);
        assertEquals(1, Streams.rows(of), "our end is not acknowledged");
        StreamRow.set(of.blocks().memory(), row, StreamRow.FIN_ACKED);
        assertTrue(Streams.settle(of, CLIENT_BIDI));
        assertEquals(0, of.blocks().account().count());
        assertEquals(5, Streams.peerStreamsMax(of, false));
        assertEquals(SentPackets.MAX_STREAMS_BIDI, Streams.due(of));
        assertEquals(Streams.OK, say(CLIENT_BIDI, 0, 3, true), "over: nothing new");
        assertEquals(0, Streams.rows(of));
    }

    @Test
    void withoutABlockAPacketIsNotAcknowledgedAndComesAgain() {
        while (of.blocks().freeCount() > of.config().blocks() / 16) {
            of.blocks().tryTake(0);
        }
        assertEquals(Streams.NOT_KEPT, say(CLIENT_BIDI, 0, 1, false));
        assertEquals(0, Streams.rows(of));
        int block = of.blocks().tryTake(0);
        of.blocks().release(block);
        of.blocks().release(1);
        assertEquals(Streams.NOT_KEPT, say(CLIENT_BIDI, 0, 1, false), "a row, and no block for what it says");
        assertEquals(1, Streams.rows(of));
        of.blocks().release(2);
        assertEquals(Streams.OK, say(CLIENT_BIDI, 0, 1, false));
    }

    @Test
    void singleBytesAtTheEndOfWindowsHoldNoMoreThanHalfOfTheBlocks() {
        of = new BareStreams(QuicConfig.defaults().withBlocks(1032, 256));
        int kept = 0;
        for (int i = 0; i < 3; i++) {
            kept += say(CLIENT_UNI + 4L * i, 65_535, 1, false) == Streams.OK ? 1 : 0;
        }
        kept += say(CLIENT_BIDI, 65_535, 1, false) == Streams.OK ? 1 : 0;
        assertEquals(2, kept, "of 65 blocks and a row each: no third");
        assertTrue(of.blocks().freeCount() >= 256 / 2 - 66, () -> "free: " + of.blocks().freeCount());
        assertEquals(Streams.NOT_KEPT, say(CLIENT_BIDI, 65_535, 1, false));
        assertEquals(Streams.OK, say(CLIENT_BIDI, 0, 1200, false), "what comes in order is taken");
        assertEquals(Streams.OK, say(CLIENT_BIDI, 3600, 1200, false), "and behind a gap of two datagrams");
    }

    @Test
    void whatThePeerLetsUsSayIsTheLeastOfItsWindows() {
        assertEquals(SERVER_BIDI, Streams.open(of, false));
        long row = Streams.find(of, SERVER_BIDI);
        assertEquals(400, SendRoom.free(of, row), "of a stream that we opened");
        Streams.sent(of, 700);
        assertEquals(300, SendRoom.free(of, row), "of all");
        Streams.onMaxData(of, 999);
        assertEquals(300, SendRoom.free(of, row), "no limit falls");
        Streams.onMaxData(of, 5000);
        assertEquals(Streams.OK, StreamFrames.onMaxStreamData(of, SERVER_BIDI, 5000));
        assertEquals(1280, SendRoom.free(of, row), "its own place");
        assertEquals(Streams.OK, StreamFrames.onStopSending(of, SERVER_BIDI, 3));
        assertEquals(0, SendRoom.free(of, row));
    }
}
