package dev.coffer.quic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.memory.engine.StreamTransport;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What lies in a stream's place at once and is longer than the peer's windows: it goes as they rise, never beyond them (who said more would be closed with FLOW_CONTROL_ERROR).
class SendRoomTest extends Talk {
    private static final int LENGTH = 1100;

    SendRoomTest() {
        super(QuicConfig.tight());  // 256 bytes of a stream, 1,024 of all
    }

    private static byte[] words() {
        byte[] words = new byte[LENGTH];
        for (int i = 0; i < LENGTH; i++) {
            words[i] = (byte) (i * 7 + i / 256);
        }
        return words;
    }

    private static long write(QuicConnection of, long stream) {
        assertTrue(of.outputPlace(stream) >= LENGTH);
        of.write(stream, MemorySegment.ofArray(words()), 0, LENGTH);
        return stream;
    }

    /// Reads what is there, and has both speak, until there is nothing more.
    private int read(QuicConnection of, long stream, int from) {
        int read = from;
        for (long bytes; (bytes = of.inputLength(stream)) > 0; converse()) {
            byte[] came = of.inputSegment(stream).asSlice(of.inputAt(stream), bytes).toArray(ValueLayout.JAVA_BYTE);
            for (int i = 0; i < bytes; i++) {
                assertEquals(words()[read + i], came[i], "octet " + (read + i));
            }
            of.consume(stream, bytes);
            read += (int) bytes;
        }
        return read;
    }

    @ParameterizedTest
    @CsvSource({"true, true", "true, false", "false, true"})
    void whatIsLongerThanTheWindowGoesAsThatRises(boolean byClient, boolean bidirectional) {
        converse();
        QuicConnection from = byClient ? ends.client : ends.server;
        QuicConnection to = byClient ? ends.server : ends.client;
        long stream = write(from, from.open(bidirectional));
        assertEquals(LENGTH - 256, from.outputOwed(stream));
        assertEquals(0, from.outputFree(stream));
        assertTrue(from.isHeldBack(stream, 1));
        converse();
        assertEquals(stream, to.pollReady());
        assertEquals(256, SendBuffer.highest(from.c.blocks().memory(), Streams.find(from.c, stream) + StreamRow.SEND), "no more than was allowed");
        while (from.pollReady() >= 0) {
            // what has arrived left room
        }
        assertEquals(LENGTH - 256, from.outputOwed(stream));
        assertEquals(StreamTransport.NONE, from.pollReady());
        assertEquals(LENGTH, read(to, stream, 0));
        assertEquals(stream, from.pollReady(), "more may go");
        assertEquals(0, from.outputOwed(stream));
        from.finish(stream);
        converse();
        assertTrue(to.isInputEnded(stream));
    }

    /// The connection's window is less than what its streams have said, and each of them has its part of it.
    @Test
    void theConnectionsWindowHoldsForAllOfThem() {
        converse();
        long[] streams = new long[4];
        for (int i = 0; i < streams.length; i++) {
            streams[i] = write(ends.client, ends.client.open(true));
        }
        converse();
        assertTrue(ends.server.isConnected(), "1,024 bytes and no more have come");
        assertEquals(4 * LENGTH - 1024, streams.length * (long) LENGTH - came());
        int[] read = new int[streams.length];
        for (int turns = 0; turns < 50; turns++) {
            for (int i = 0; i < streams.length; i++) {
                while (ends.server.pollReady() >= 0) {
                    // all of them
                }
                read[i] = read(ends.server, streams[i], read[i]);
            }
        }
        for (int i = 0; i < streams.length; i++) {
            assertEquals(LENGTH, read[i]);
            assertEquals(0, ends.client.outputOwed(streams[i]));
        }
        assertTrue(ends.server.isConnected() && ends.client.isConnected());
    }

    /// What is left unread of three streams is most of the connection's window, and does not hold the fourth, also where what was read before was less than half of it.
    @ParameterizedTest
    @ValueSource(ints = {0, 250})
    void whatOthersHaveUnreadHoldsNobody(int before) {
        converse();
        long first = ends.client.open(false);
        ends.client.write(first, MemorySegment.ofArray(words()), 0, before);
        converse();
        assertEquals(before == 0 ? -1 : first, ends.server.pollReady());
        if (before > 0) {
            assertEquals(before, read(ends.server, first, 0));
        }
        for (int i = 0; i < 3; i++) {
            ends.client.write(ends.client.open(true), MemorySegment.ofArray(words()), 0, 256);
        }
        long stream = write(ends.client, ends.client.open(true));
        converse();
        while (ends.server.pollReady() >= 0) {
            // all of them
        }
        assertEquals(LENGTH, read(ends.server, stream, 0));
    }

    /// Of four streams all may go that is said; a fifth says more than is left: it owes that, also while the others' words have not gone, and it is not theirs that wait.
    @Test
    void whoSaysMoreThanIsLeftOwesItWhateverOthersHaveSaid() {
        converse();
        for (int i = 0; i < 4; i++) {
            long stream = ends.client.open(i < 3);
            ends.client.write(stream, MemorySegment.ofArray(words()), 0, i < 3 ? 256 : 255);
            ends.client.finish(stream);
            assertEquals(0, ends.client.outputOwed(stream));
        }
        long stream = ends.client.open(true);
        ends.client.write(stream, MemorySegment.ofArray(words()), 0, 256);
        assertEquals(255, ends.client.outputOwed(stream), "none of it has gone");
        converse();
        assertEquals(255, ends.client.outputOwed(stream), "all that may has gone");
        assertEquals(1, SendBuffer.highest(ends.client.c.blocks().memory(), Streams.find(ends.client.c, stream) + StreamRow.SEND));
        assertEquals(1024, came());
        Map<Long, Integer> read = new HashMap<>();
        for (long came; (came = ends.server.pollReady()) != StreamTransport.NONE;) {
            read.put(came, read(ends.server, came, read.getOrDefault(came, 0)));
        }
        assertEquals(0, ends.client.outputOwed(stream));
        assertEquals(256, read.get(stream));
        assertEquals(4 * 256 - 1 + 256, read.values().stream().mapToInt(Integer::intValue).sum());
        assertTrue(ends.server.isConnected());
    }

    private long came() {
        long came = 0;
        for (int block = Streams.first(ends.server.c); block != Blocks.NONE; block = ends.server.c.blocks().next(block)) {
            came += ReceiveBuffer.highest(ends.server.c.blocks().memory(), ends.server.c.blocks().content(block) + StreamRow.RECEIVE);
        }
        return came;
    }

    /// An end that is said behind it waits for it, and nothing turns in place meanwhile.
    @Test
    void anEndWaitsForWhatIsOwed() {
        converse();
        long stream = write(ends.client, ends.client.open(true));
        ends.client.finish(stream);
        converse();
        assertEquals(0, ends.client.pollOutput(wire, 0, 1472, header, 0, now));
        assertTrue(ends.client.deadlineNanos() > now);
        assertFalse(Body.hasSomething(ends.client.c, PacketSpace.APPLICATION), "neither the end nor what it waits for may go");
        assertEquals(stream, ends.server.pollReady());
        assertEquals(LENGTH, read(ends.server, stream, 0));
        assertTrue(ends.server.isInputEnded(stream));
    }

    @Test
    void whatIsOwedIsLostWithWhatCarriesIt() {
        converse();
        long stream = write(ends.client, ends.client.open(true));
        all(ends.client);  // nobody hears it
        now += 2000 * MILLI;
        ends.client.onDeadline(now);
        converse();
        assertEquals(stream, ends.server.pollReady());
        assertEquals(LENGTH, read(ends.server, stream, 0));
    }

    /// A peer that reads no more lets nothing more go, and its code is not taken for a window.
    @Test
    void whoReadsNoMoreIsSentNoMoreThanItAllowed() {
        converse();
        long stream = write(ends.client, ends.client.open(true));
        converse();
        assertEquals(stream, ends.server.pollReady());
        ends.server.stopSending(stream, 1L << 40);
        ends.server.finish(stream);
        converse();
        assertEquals(1L << 40, ends.client.outputStopped(stream));
        assertEquals(256, SendBuffer.highest(ends.client.c.blocks().memory(), Streams.find(ends.client.c, stream) + StreamRow.SEND), "and then no more");
        assertTrue(ends.server.isConnected());
        ends.client.reset(stream, 7);
        ends.client.release(stream);
        ends.server.release(stream);
        converse();
        assertEquals(0, Streams.rows(ends.client.c) + Streams.rows(ends.server.c));
        long next = write(ends.client, ends.client.open(true));
        converse();
        assertEquals(next, ends.server.pollReady());
        assertEquals(LENGTH, read(ends.server, next, 0), "what never went counts no more");
    }

    /// What the windows had let go still goes: only its application may know that it is in vain.
    @Test
    void whatWasSaidBeforeGoes() {
        converse();
        long stream = ends.client.open(true);
        ends.client.write(stream, MemorySegment.ofArray(words()), 0, 200);
        ends.client.finish(stream);
        feed(ends.client, packet(ends.server, (byte) 0x05, (byte) stream, (byte) 9), 0x0a000001, 443);
        assertEquals(9, ends.client.outputStopped(stream));
        converse();
        assertEquals(stream, ends.server.pollReady());
        assertEquals(200, read(ends.server, stream, 0));
        assertTrue(ends.server.isInputEnded(stream));
    }

    /// As above, of who has said its end and heard nothing of it.
    @Test
    void whatIsWithheldGoesWithItsStream() {
        converse();
        long stream = write(ends.client, ends.client.open(true));
        ends.client.finish(stream);
        converse();
        assertEquals(stream, ends.server.pollReady());
        ends.server.stopSending(stream, 9);
        ends.server.finish(stream);
        converse();
        ends.client.release(stream);
        ends.server.release(stream);
        converse();
        assertEquals(0, Streams.rows(ends.client.c) + Streams.rows(ends.server.c));
    }

    @Test
    void noMoreIsTakenThanThePlaceHolds() {
        converse();
        long stream = write(ends.client, ends.client.open(true));
        long left = ends.client.outputPlace(stream);
        assertEquals(QuicConfig.tight().sendBytes() - LENGTH, left);
        assertThrows(IllegalArgumentException.class, () -> ends.client.write(stream, MemorySegment.ofArray(words()), 0, left + 1));
        assertTrue(ends.client.isHeldBack(ends.client.open(true), 1), "all of the connection's window is taken");
    }
}
