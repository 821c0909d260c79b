package dev.coffer.quic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.memory.engine.StreamTransport;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What connections of an endpoint share: nobody takes so much of it that another cannot go on.
class QuicSharesTest extends EndpointTalk {
    private static final int BLOCKS = 160;
    private static final int OWNER_A = 0;
    private static final int OWNER_B = 8;
    private static final int OWNER_C = 16;

    private final MemorySegment memory = Arena.ofAuto().allocate(64 + BLOCKS * 128L, 64);
    private final Blocks blocks = new Blocks("b", BLOCKS, 128, memory, 64);

    private int takeAll(long owner, int kind) {
        int taken = 0;
        while (blocks.of(owner).tryTake(kind) != Blocks.NONE) {
            taken++;
        }
        return taken;
    }

    @Test
    void whoTakesAllThatIsGivenLeavesAFifthAndTheNextAFifthOfThat() {
        blocks.share(true);
        int shared = BLOCKS - BLOCKS / 16;
        assertEquals(shared * 4 / 5, takeAll(OWNER_A, Blocks.CRYPTO));
        assertEquals(shared / 5 * 4 / 5, takeAll(OWNER_B, Blocks.CRYPTO));
        assertEquals(0, takeAll(OWNER_A, Blocks.CRYPTO));
        assertTrue(takeAll(OWNER_C, Blocks.CRYPTO) >= 4);
        assertTrue(blocks.freeCount() >= BLOCKS / 16, "for packets under way");
        while (blocks.freeCount() > 0) {
            assertNotEquals(Blocks.NONE, blocks.of(OWNER_C).tryTake(Blocks.LAST));
        }
        assertTrue(blocks.lacked(OWNER_A));
        assertEquals(Blocks.NONE, blocks.of(OWNER_C).tryTake(Blocks.LAST));
    }

    @Test
    void theLastOneGoesToWhoHasNone() {
        blocks.share(true);
        takeAll(OWNER_A, Blocks.NEED);
        takeAll(OWNER_B, Blocks.NEED);
        while (blocks.freeCount() > 1) {
            blocks.of(OWNER_C).tryTake(Blocks.LAST);
        }
        assertEquals(0, blocks.of(OWNER_C).available(Blocks.NEED));
        assertEquals(1, blocks.of(24).available(Blocks.NEED));
    }

    @Test
    void writingLeavesRoomForWhatComesEarlyThatForWhatComesInOrder() {
        int quarter = 150 * 4 / 5 / 4;
        for (int shared = 0; shared < 2; shared++) {
            blocks.share(shared == 1);
            int all = shared == 1 ? 150 * 4 / 5 : BLOCKS;
            int writing = blocks.of(OWNER_A).available(Blocks.WRITING);
            int early = blocks.available(Blocks.EARLY);
            int order = blocks.available(Blocks.ORDER);
            assertEquals(shared == 1 ? all - quarter : BLOCKS * 3 / 4, writing);
            assertEquals(shared == 1 ? all - quarter - all / 16 : BLOCKS * 7 / 8, early);
            assertEquals(shared == 1 ? all - quarter : BLOCKS * 15 / 16, order);
        }
    }

    /// A quarter of what a connection may have is for its words, whatever it has received, and the other way round.
    @Test
    void neitherWhatComesNorWhatIsWrittenTakesTheOthersRoom() {
        blocks.share(true);
        int received = takeAll(OWNER_A, Blocks.ORDER);
        int all = received * 4 / 3;
        assertEquals(all / 4, blocks.of(OWNER_A).available(Blocks.WRITING), "for an answer, though all else is taken");
        for (int i = 0; i < all / 4; i++) {
            write();
        }
        assertEquals(0, blocks.of(OWNER_A).available(Blocks.WRITING));
        for (int block = BLOCKS - blocks.freeCount(); block > received; block--) {
            blocks.release(block);
            blocks.written(-1);
        }
        for (int block = received; block > 0; block--) {
            blocks.release(block);
        }
        int written = 0;
        for (; blocks.of(OWNER_A).available(Blocks.WRITING) > 0; written++) {
            write();
        }
        assertEquals(received, written);
        assertEquals(all / 4, blocks.of(OWNER_A).available(Blocks.ORDER), "for a question, though what was answered is not acknowledged");
    }

    private void write() {
        assertNotEquals(Blocks.NONE, blocks.of(OWNER_A).tryTake(Blocks.NEED));
        blocks.written(1);
    }

    @Test
    void whatIsGivenBackCountsForItsOwner() {
        blocks.share(true);
        int first = blocks.of(OWNER_A).tryTake(Blocks.ORDER);
        int taken = 1 + takeAll(OWNER_A, Blocks.ORDER);
        blocks.of(OWNER_A).release(first);
        assertEquals(1, takeAll(OWNER_A, Blocks.ORDER));
        assertEquals(taken, BLOCKS - blocks.freeCount());
        assertEquals(1, blocks.released());
    }

    /// Who wants more than the end of a block, the last that it may have, is told when another connection gives some back; who has written into it is not.
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whoHadTheEndOfABlockIsToldWhenAnotherConnectionGivesSomeBack(boolean atOnce) {
        open(QuicConfig.tight().withBlocks(128, 48).withWindows(8192, 8192, 8192), EndpointConfig.defaults(3, 3), EndpointKeys.none());
        for (int client = 0; client < 3; client++) {
            connect(client);
            converse();
        }
        QuicConnection lacking = ends.endpoint.connection(0);
        QuicConnection content = ends.endpoint.connection(1);
        long stream = lacking.open(true);
        lacking.write(stream, MemorySegment.ofArray(new byte[115]), 0, 115);
        long another = content.open(true);
        content.write(another, MemorySegment.ofArray(new byte[115]), 0, 115);
        ends.endpoint.turnSoon(0);
        ends.endpoint.turnSoon(1);
        converse();
        QuicConnection greedy = ends.endpoint.connection(2);
        List<Integer> held = new ArrayList<>();
        while (lacking.c.blocks().available(Blocks.WRITING) > 1) {
            held.add(greedy.c.blocks().tryTake(Blocks.LAST));
        }
        assertEquals(5, lacking.outputFree(stream));
        assertEquals(5, content.outputFree(another));
        assertTrue(content.c.blocks().isLacking(content.c.core + ConnectionLayout.OWNER));
        content.write(another, MemorySegment.ofArray(new byte[5]), 0, 5);
        assertFalse(content.c.blocks().isLacking(content.c.core + ConnectionLayout.OWNER), "it was enough");
        if (!atOnce) {
            ends.endpoint.turnSoon(0);
            drain();
            told.clear();
            drain();
            assertFalse(told.contains("0 STREAMS"), "nothing is back yet");
        }
        told.clear();
        for (int i = 0; i < 3; i++) {
            greedy.c.blocks().release(held.removeLast());
        }
        assertFalse(greedy.c.blocks().isAmple());
        ends.endpoint.turnSoon(0);
        drain();
        held.forEach(greedy.c.blocks()::release);
        assertTrue(told.contains("0 STREAMS"), told.toString());
        assertTrue(lacking.outputFree(stream) > 5);
    }

    /// What comes back between when it was asked for and the turn of who asked: nobody has noted by then that it waits, and nothing more need ever be given back to wake it.
    @Test
    void whatComesBackBeforeItsTurnIsToldToWhoLackedIt() {
        open(QuicConfig.tight().withBlocks(128, 48).withWindows(8192, 8192, 8192), EndpointConfig.defaults(2, 2), EndpointKeys.none());
        connect(0);
        connect(1);
        converse();
        QuicConnection lacking = ends.endpoint.connection(0);
        QuicConnection greedy = ends.endpoint.connection(1);
        long stream = lacking.open(true);
        List<Integer> held = new ArrayList<>();
        while (lacking.outputFree(stream) > 0) {
            held.add(greedy.c.blocks().tryTake(Blocks.LAST));
        }
        for (int i = 0; i < 3; i++) {
            greedy.c.blocks().release(held.removeLast());
        }
        assertFalse(greedy.c.blocks().isAmple());
        ends.endpoint.turnSoon(0);
        assertEquals(0, ends.endpoint.pollOutput(wire, 0, 1472, header, 0, now));
        assertEquals(QuicEvent.STREAMS, ends.endpoint.pollEvent());
        assertEquals(0, ends.endpoint.number());
        assertEquals(stream, lacking.pollReady());
        assertTrue(lacking.outputFree(stream) > 0);
        held.forEach(greedy.c.blocks()::release);
    }

    /// Of two that lack room the first wants more than is given back: what it leaves is for the second.
    @Test
    void whatIsTooLittleForOneIsForTheNext() {
        open(QuicConfig.tight().withBlocks(128, 48).withWindows(8192, 8192, 8192), EndpointConfig.defaults(3, 3), EndpointKeys.none());
        for (int client = 0; client < 3; client++) {
            connect(client);
            converse();
        }
        long[] streams = new long[2];
        for (int i = 0; i < streams.length; i++) {
            streams[i] = ends.endpoint.connection(i).open(true);
        }
        QuicConnection greedy = ends.endpoint.connection(2);
        List<Integer> held = new ArrayList<>();
        while (ends.endpoint.connection(1).c.blocks().available(Blocks.WRITING) > 0) {
            held.add(greedy.c.blocks().tryTake(Blocks.LAST));
        }
        for (int i = 0; i < streams.length; i++) {
            assertEquals(0, ends.endpoint.connection(i).outputFree(streams[i]));
            ends.endpoint.turnSoon(i);
        }
        drain();
        drain();
        told.clear();
        drain();
        assertTrue(told.isEmpty(), "nothing is back yet");
        greedy.c.blocks().release(held.removeLast());
        assertFalse(greedy.c.blocks().isAmple());
        ends.endpoint.turnSoon(0);
        drain();
        long first = ends.endpoint.connection(0).outputFree(streams[0]);
        long second = ends.endpoint.connection(1).outputFree(streams[1]);
        held.forEach(greedy.c.blocks()::release);
        assertTrue(first > 0 && first < 600, "too little for who wants a head");
        assertTrue(second >= 100);
        assertTrue(told.contains("0 STREAMS"), told.toString());
        assertTrue(told.contains("1 STREAMS"), told.toString());
    }

    /// A client opens all its streams, says all that it may and reads no answer; gaps are in what it says.
    private void hoard(int client) {
        QuicConnection of = ends.clients.get(client);
        for (long stream; (stream = of.open(true)) != StreamTransport.NONE;) {
            of.write(stream, MemorySegment.ofArray(new byte[(int) of.outputFree(stream)]), 0, of.outputFree(stream));
        }
    }

    @Test
    void whoReadsNothingAndLeavesGapsStopsNobodyElse() {
        open(QuicConfig.tight().withBlocks(128, 48).withWindows(4096, 8192, 8192), EndpointConfig.defaults(3, 3), EndpointKeys.none());
        connect(0);
        connect(1);
        connect(2);
        converse();
        for (int client = 0; client < 2; client++) {
            hoard(client);
            for (int i = 0; i < 12; i++) {  // of all that is said every other datagram is lost
                int at = 0;
                for (byte[] each : all(client)) {
                    if (at++ % 2 == 0) {
                        feed(client, each);
                    }
                }
                ends.endpoint.pollOutput(wire, 0, 1472, header, 0, now);  // and every answer, of which the server would learn that some is read
                pass(200 * MILLI);
            }
        }
        long held = ends.serverLoop.blocksAccount().usedBytes();
        assertTrue(held > 48 * 128 / 2, () -> "hoarded: " + held);
        for (int i = 0; i < 3; i++) {
            QuicConnection third = ends.clients.get(2);
            long stream = third.open(true);
            third.write(stream, MemorySegment.ofArray(new byte[] {1, 2, 3}), 0, 3);
            third.finish(stream);
            for (int step = 0; step < 200 && third.inputLength(stream) < 3; step++) {
                for (byte[] each : all(2)) {
                    feed(2, each);
                }
                drain();
                pass(50 * MILLI);
            }
            assertEquals(stream, third.pollReady(), "answered");
            third.consume(stream, third.inputLength(stream));
            third.release(stream);
        }
    }
}
