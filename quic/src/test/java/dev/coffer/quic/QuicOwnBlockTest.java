package dev.coffer.quic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.memory.engine.DatagramHeader;
import dev.coffer.memory.engine.NetworkPath;
import dev.coffer.memory.engine.StreamTransport;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// One connection that lacks a block, and gives one back itself in the turn behind which it begins to wait: nobody else is going to.
class QuicOwnBlockTest extends EndpointTalk {
    private static final int GREEDY = 1;
    private static final int BYTES = 20;

    private final List<Integer> held = new ArrayList<>();
    private long stream;
    private boolean served;

    @Override
    void heard(QuicConnection connection) {
        served |= connection.pollReady() == stream && connection.outputFree(stream) > 0;
    }

    private QuicConnection of(int number) {
        return ends.endpoint.connection(number);
    }

    /// Says a piece in a packet of its own.
    ///
    /// @param arrives  or is lost on the way
    private void say(boolean arrives) {
        of(0).write(stream, MemorySegment.ofArray(new byte[BYTES]), 0, BYTES);
        ends.endpoint.turnSoon(0);
        for (long bytes; (bytes = ends.endpoint.pollOutput(wire, 0, 1472, header, 0, now)) > 0;) {
            if (arrives) {
                NetworkPath.ipv4(header, DatagramHeader.PATH, 0x0a000001, 443, 0x0a000002, 5000);
                ends.clients.getFirst().feed(wire, 0, bytes, header, 0, now);
            }
        }
        now += MILLI;
    }

    @Test
    void whatComesBackInItsOwnTurnIsHeardOfByIt() {
        open(QuicConfig.tight().withBlocks(128, 160).withWindows(8192, 8192, 8192), EndpointConfig.defaults(2, 2), EndpointKeys.none());
        connect(0);
        connect(GREEDY);
        converse();
        stream = of(0).open(true);
        say(false);
        for (int i = 0; i < 4; i++) {
            say(true);
        }
        say(false);  // whose record has room behind it
        now += 30 * MILLI;
        ends.clients.getFirst().onDeadline(now);
        int free = of(0).c.blocks().freeCount();
        all(0).forEach(each -> feed(0, each));
        assertEquals(free - 1, of(0).c.blocks().freeCount(), "it is remembered what was lost");
        while (of(0).outputFree(stream) > 0) {
            held.add(of(GREEDY).c.blocks().tryTake(Blocks.LAST));
        }
        while (of(0).pollReady() != StreamTransport.NONE) {
            assertEquals(0, of(0).outputFree(stream));
        }
        assertEquals(0, ends.endpoint.lacking.count());
        served = false;
        long before = ends.endpoint.lacking.looks();
        drain();
        assertTrue(served, "which has gone again");
        assertEquals(1, ends.endpoint.lacking.looks() - before);
        held.forEach(of(GREEDY).c.blocks()::release);
    }
}
