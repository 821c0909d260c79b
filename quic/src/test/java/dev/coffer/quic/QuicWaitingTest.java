package dev.coffer.quic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.memory.engine.StreamTransport;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Connections of an endpoint that all want to say something, and blocks that come back one at a time.
class QuicWaitingTest extends EndpointTalk {
    private static final int WAITERS = 10;
    private static final int BYTES = 100;

    private final long[] streams = new long[WAITERS];
    private final List<Integer> served = new ArrayList<>();
    private final List<Integer> held = new ArrayList<>();
    private QuicConnection greedy;
    private long before;  // looks

    /// Who has said its piece is content.
    @Override
    void heard(QuicConnection connection) {
        for (long stream; (stream = connection.pollReady()) != StreamTransport.NONE;) {
            int of = connection.number();
            if (!served.contains(of) && connection.outputFree(stream) >= BYTES) {
                connection.write(stream, MemorySegment.ofArray(new byte[BYTES]), 0, BYTES);
                served.add(of);
            }
        }
    }

    @BeforeEach
    void allWait() {
        open(QuicConfig.tight().withBlocks(128, 160).withWindows(8192, 8192, 8192), EndpointConfig.defaults(WAITERS + 1, WAITERS + 1), EndpointKeys.none());
        for (int client = 0; client <= WAITERS; client++) {
            connect(client);
        }
        converse();
        Arrays.setAll(streams, of -> ends.endpoint.connection(of).open(true));
        greedy = ends.endpoint.connection(WAITERS);
        while (IntStream.range(0, WAITERS).anyMatch(of -> ends.endpoint.connection(of).outputFree(streams[of]) > 0)) {
            held.add(greedy.c.blocks().tryTake(Blocks.LAST));
        }
        for (int of = 0; of < WAITERS; of++) {
            assertEquals(0, ends.endpoint.connection(of).outputFree(streams[of]));
            ends.endpoint.turnSoon(of);
        }
        drain();
        drain();
        told.clear();
        assertEquals(WAITERS, ends.endpoint.lacking.count());
        before = ends.endpoint.lacking.looks();
    }

    private void giveBack() {
        greedy.c.blocks().release(held.removeLast());
        ends.endpoint.turnSoon(WAITERS);
        drain();
    }

    private void giveAllBack() {
        held.forEach(greedy.c.blocks()::release);
    }

    @Test
    void eachIsServedInItsTurnAndAFewAreAskedForEachBlock() {
        int back = 0;
        for (; served.size() < WAITERS; back++) {
            assertTrue(back < 8 * WAITERS, () -> served + " served");
            giveBack();
            long looks = ends.endpoint.lacking.looks() - before;
            assertTrue(looks <= (long) Waiting.LOOKS * (back + 1), looks + " looks");
        }
        giveAllBack();
        assertEquals(IntStream.range(0, WAITERS).boxed().toList(), served);
    }

    /// By its own word, or ours, or as it is content.
    @Test
    void whoIsGoneHandsItOn() {
        QuicConnection gone = ends.endpoint.connection(0);
        gone.close(7);
        ends.endpoint.turnSoon(0);
        QuicConnection content = ends.endpoint.connection(1);
        content.finish(streams[1]);  // it wants nothing more
        ends.endpoint.turnSoon(1);
        greedy.c.blocks().release(held.removeLast());
        ends.endpoint.fault(2);
        for (int i = 0; i < 4; i++) {
            giveBack();
        }
        assertFalse(served.isEmpty());
        assertEquals(3, served.getFirst());
        assertFalse(ends.endpoint.lacking.isIn(0) || ends.endpoint.lacking.isIn(1) || ends.endpoint.lacking.isIn(2));
        giveAllBack();
    }

    /// What its peer does not hear of times out in the midst of waiting.
    @Test
    void whoTimesOutHandsItOn() {
        for (int of = 0; of < WAITERS; of++) {
            if (of % 2 == 1) {
                ends.endpoint.connection(of).ping();  // is heard of, and lives on
                ends.endpoint.turnSoon(of);
            }
        }
        long until = now + QuicConfig.tight().idleNanos();
        while (now <= until) {
            now += 1000 * MILLI;
            for (int of = 1; of < WAITERS; of += 2) {
                ends.endpoint.connection(of).ping();
                ends.endpoint.turnSoon(of);
            }
            ends.endpoint.onDeadline(now);
            turn();
        }
        List<Integer> left = IntStream.range(0, WAITERS).filter(of -> of % 2 == 1).boxed().toList();
        for (int i = 0; i < 6 * WAITERS && !served.containsAll(left); i++) {
            giveBack();
        }
        giveAllBack();
        assertTrue(served.containsAll(left), served.toString());
    }
}
