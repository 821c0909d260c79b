package dev.coffer.quic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.memory.engine.StreamTransport;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// A server that closes behind its last word: its client can read what had come. And what calls answer on a connection that is over and has not said so.
class QuicLingeringTest extends Talk {
    private static final int BYTES = 250;

    private long stream;

    QuicLingeringTest() {
        super(QuicConfig.tight());
    }

    @BeforeEach
    void connected() {
        converse();
        while (ends.client.pollEvent() != null || ends.server.pollEvent() != null) {
            assertTrue(ends.client.isConfirmed());
        }
        stream = ends.client.open(true);
    }

    private static MemorySegment words(int bytes) {
        MemorySegment words = MemorySegment.ofArray(new byte[bytes]);
        for (int i = 0; i < bytes; i++) {
            words.set(ValueLayout.JAVA_BYTE, i, Echo.at(1, i));
        }
        return words;
    }

    /// The client asks, the server answers and closes; all of that lies with the client before it looks.
    private void answerAndClose(boolean asksAll, boolean answersAll) {
        ends.client.write(stream, words(10), 0, 10);
        if (asksAll) {
            ends.client.finish(stream);
        }
        carry(ends.client, 0x0a000002, 5000);
        assertEquals(stream, ends.server.pollReady());
        ends.server.write(stream, words(BYTES), 0, BYTES);
        if (answersAll) {
            ends.server.finish(stream);
        }
        carry(ends.server, 0, 0);
        ends.server.close(7);
        carry(ends.server, 0, 0);
        assertFalse(ends.client.isConnected());
        assertTrue(ends.client.isLingering());
    }

    private void readAll() {
        assertEquals(stream, ends.client.pollReady());
        int read = 0;
        for (long length; (length = ends.client.inputLength(stream)) > 0;) {
            long at = ends.client.inputAt(stream);
            for (int i = 0; i < length; i++) {
                assertEquals(Echo.at(1, read + i), ends.client.inputSegment(stream).get(ValueLayout.JAVA_BYTE, at + i));
            }
            ends.client.consume(stream, length);
            read += (int) length;
        }
        assertEquals(BYTES, read);
    }

    @Test
    void whatHadComeIsReadBeforeTheEndIsTold() {
        answerAndClose(true, true);
        assertEquals(QuicEvent.STREAMS, ends.client.pollEvent());
        assertNull(ends.client.pollEvent(), "its end is not told");
        assertEquals(StreamTransport.NONE, ends.client.open(true));
        now += 5_000 * MILLI;  // longer than it drains
        ends.client.onDeadline(now);
        readAll();
        assertTrue(ends.client.isInputEnded(stream));
        assertNull(ends.client.pollEvent(), "that it has ended is to be heard of, too");
        ends.client.release(stream);
        assertEquals(QuicEvent.CLOSED, ends.client.pollEvent());
        assertEquals(7, ends.client.closeCode());
        assertNull(ends.client.pollEvent());
        ends.client.onDeadline(ends.client.deadlineNanos());
        assertTrue(ends.client.isEnded());
        assertEquals(0, ends.clientLoop.blocksAccount().usedBytes());
    }

    @Test
    void anAnswerThatIsCutIsToldAsFarAsItCame() {
        answerAndClose(true, false);
        readAll();
        assertFalse(ends.client.isInputEnded(stream));
        assertEquals(QuicEvent.CLOSED, ends.client.pollEvent());
        assertEquals(0, ends.clientLoop.blocksAccount().usedBytes(), "nothing is kept for what will not come");
    }

    @Test
    void whoIsStillSpeakingHearsThatNobodyListens() {
        answerAndClose(false, true);
        assertEquals(stream, ends.client.pollReady());
        assertTrue(ends.client.outputStopped(stream) != StreamTransport.NONE);
        assertEquals(0, ends.client.outputFree(stream));
        ends.client.reset(stream, 3);
        assertTrue(ends.client.inputLength(stream) > 0, "the answer is there all the same");
    }

    @Test
    void whatNobodyReadsIsKeptNoLongerThanAConnectionMayBeIdle() {
        answerAndClose(true, true);
        assertEquals(QuicEvent.STREAMS, ends.client.pollEvent());
        long until = ends.client.deadlineNanos();
        assertTrue(until < Long.MAX_VALUE);
        now = until - 1;
        ends.client.onDeadline(now);
        assertTrue(ends.client.isLingering());
        now = until;
        ends.client.onDeadline(now);
        assertEquals(QuicEvent.CLOSED, ends.client.pollEvent());
        assertTrue(ends.client.isEnded());
        assertEquals(0, ends.clientLoop.blocksAccount().usedBytes());
    }

    @Test
    void whoClosesWantsNothingOfIt() {
        answerAndClose(true, true);
        ends.client.close(1);
        assertEquals(QuicEvent.CLOSED, ends.client.pollEvent());
        assertEquals(0, ends.clientLoop.blocksAccount().usedBytes());
    }

    /// An answer that nobody has read when the idle time is over is no less there.
    @Test
    void whatHadComeIsReadBehindTheIdleTimeToo() {
        ends.client.write(stream, words(10), 0, 10);
        ends.client.finish(stream);
        carry(ends.client, 0x0a000002, 5000);
        assertEquals(stream, ends.server.pollReady());
        ends.server.write(stream, words(BYTES), 0, BYTES);
        ends.server.finish(stream);
        carry(ends.server, 0, 0);
        now = ends.client.c.idleAt;
        ends.client.onDeadline(now);
        assertTrue(ends.client.isLingering());
        readAll();
        ends.client.release(stream);
        assertEquals(QuicEvent.CLOSED, ends.client.pollEvent());
        assertEquals(0, ends.client.closeCode());
    }

    /// A relay may hold the number of a stream whose connection has just been lost: every call has an answer.
    @Test
    void onAConnectionThatIsOverEveryCallAnswersThatNothingComesAndNothingGoes() {
        ends.client.write(stream, words(10), 0, 10);
        carry(ends.client, 0x0a000002, 5000);
        assertEquals(stream, ends.server.pollReady());
        QuicConnection of = ends.server;
        of.shutdown(now);
        assertEquals(0, of.inputLength(stream));
        assertEquals(0, of.inputAt(stream));
        of.consume(stream, 10);
        assertFalse(of.isInputEnded(stream));
        assertEquals(StreamTransport.NONE, of.inputReset(stream));
        of.stopSending(stream, 1);
        assertEquals(0, of.outputRoom(stream));
        assertEquals(0, of.outputFree(stream));
        assertEquals(0, of.outputAt(stream));
        of.wrote(stream, 0);
        of.write(stream, words(3), 0, 3);
        assertFalse(of.isHeldBack(stream, 1));
        of.finish(stream);
        of.reset(stream, 1);
        assertEquals(StreamTransport.NONE, of.outputStopped(stream));
        assertEquals(StreamTransport.NONE, of.pollReady());
        assertEquals(StreamTransport.NONE, of.open(true));
        assertTrue(of.isDelivered());
        of.release(stream);
        assertEquals(QuicEvent.CLOSED, of.pollEvent());
    }

    /// A server's wish that its client stop goes when the answer has arrived.
    @Test
    void aClientIsAskedToStopWhenItsAnswerHasArrived() {
        ends.client.write(stream, words(10), 0, 10);
        carry(ends.client, 0x0a000002, 5000);
        assertEquals(stream, ends.server.pollReady());
        ends.server.write(stream, words(20), 0, 20);
        ends.server.finish(stream);
        ends.server.stopSending(stream, 0x100);
        ends.server.release(stream);
        carry(ends.server, 0, 0);
        assertEquals(stream, ends.client.pollReady());
        assertEquals(20, ends.client.inputLength(stream));
        assertEquals(StreamTransport.NONE, ends.client.outputStopped(stream), "not with the answer");
        ends.client.write(stream, words(30), 0, 30);
        converse();
        assertEquals(0x100, ends.client.outputStopped(stream));
        ends.client.reset(stream, 0x100);
        ends.client.consume(stream, 20);
        ends.client.release(stream);
        converse();
        assertEquals(0, ends.held());
    }

    @Test
    void aClientIsAskedToStopAtOnceWhereNothingIsAnswered() {
        ends.client.write(stream, words(10), 0, 10);
        carry(ends.client, 0x0a000002, 5000);
        assertEquals(stream, ends.server.pollReady());
        ends.server.stopSending(stream, 5);
        ends.server.reset(stream, 6);
        carry(ends.server, 0, 0);
        assertEquals(5, ends.client.outputStopped(stream));
        assertEquals(6, ends.client.inputReset(stream));
    }
}
