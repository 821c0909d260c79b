package dev.coffer.quic;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.coffer.quic.frame.TransportError;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// A peer that says a stream's later bytes and not those before, and something else now and then.
class GapsTest extends Talk {
    private static final int HOME = 0x0a000002;
    private static final int GAPPED = 0;   // streams of the client's
    private static final int OTHER = 4;
    private static final int THIRD = 8;

    private final List<Integer> taken = new ArrayList<>();

    GapsTest() {
        super(QuicConfig.tight());
    }

    @BeforeEach
    void connected() {
        converse();
        for (int id : new int[] {GAPPED, OTHER, THIRD}) {
            assertEquals(id, ends.client.open(true));  // so that it may hear of them; what is said on them is ours
        }
        press();
    }

    @AfterEach
    void relax() {
        taken.forEach(ends.server.c.blocks()::release);
        taken.clear();
    }

    /// Others take so many blocks that less than half are free.
    private void press() {
        while (ends.server.c.blocks().isAmple()) {
            taken.add(ends.server.c.blocks().tryTake(Blocks.LAST));
        }
    }

    /// STREAM frame with offset and length.
    private static byte[] stream(int id, int offset, int length) {
        ByteArrayOutputStream frame = new ByteArrayOutputStream();
        frame.write(0x0e);
        frame.write(id);
        frame.write(0x40 | offset >>> 8);
        frame.write(offset);
        frame.write(0x40 | length >>> 8);
        frame.write(length);
        frame.writeBytes(new byte[length]);
        return frame.toByteArray();
    }

    /// What comes is read at once, as far as it can be.
    private void say(byte... frames) {
        feed(ends.server, packet(ends.client, frames), HOME, 5000);
        for (long stream; (stream = ends.server.pollReady()) >= 0;) {
            for (long bytes; (bytes = ends.server.inputLength(stream)) > 0;) {
                ends.server.consume(stream, bytes);
            }
        }
        acknowledge();
        if (ends.server.c.phase == Connection.OPEN) {
            Gaps.checkInvariants(ends.server.c);
        }
    }

    /// Time goes by, in which the client says a PING each second, and acknowledges what the server says: of all times none but that of gaps can run out.
    private void pass(long nanos) {
        long end = now + nanos;
        while (now < end) {
            now = Math.min(end, now + 1000 * MILLI);
            if (now < end) {
                say((byte) 1);
            }
            acknowledge();
            if (ends.server.deadlineNanos() <= now) {
                ends.server.onDeadline(now);
            }
        }
    }

    private void acknowledge() {
        Connection c = ends.server.c;
        if (c.phase == Connection.OPEN) {
            carry(ends.server, 0, 0);
            for (Datagram each : all(ends.client)) {
                feed(ends.server, each.bytes(), HOME, 5000);
            }
        }
    }

    private void assertOpen() {
        assertEquals(Connection.OPEN, ends.server.c.phase, () -> "error " + ends.server.c.error);
    }

    private void assertTooLate() {
        assertEquals(Connection.CLOSING, ends.server.c.phase);
        assertEquals(TransportError.PROTOCOL_VIOLATION, ends.server.c.error);
    }

    @Test
    void aGapThatClosesInTimeEndsNothingAndTheNextHasAllOfIt() {
        say(stream(GAPPED, 1, 1));
        pass(Gaps.NANOS_MAX - 1);
        assertOpen();
        say(stream(GAPPED, 0, 1));
        assertEquals(0, Gaps.held(ends.server.c));
        pass(Gaps.NANOS_MAX);
        assertOpen();
        say(stream(GAPPED, 3, 1));
        pass(Gaps.NANOS_MAX - 1);
        assertOpen();
        pass(1);
        assertTooLate();
    }

    /// The abuse: a byte in order each second, and now and then one more behind a gap that is always there.
    @Test
    void aGapThatIsKeptAheadEndsWhateverArrives() {
        say(stream(GAPPED, 200, 1));
        for (int i = 0; i < 179; i++) {
            pass(1000 * MILLI);
            say(stream(GAPPED, i, 1));
            say(stream(GAPPED, 201 + i / 4, 1));
        }
        pass(1000 * MILLI - 1);
        assertOpen();
        pass(1);
        assertTooLate();
    }

    /// So much, on whatever stream, is what the gap is held for another time; a byte less is too little.
    @Test
    void whatGapsHeldIsToBeDeliveredInEachOfItsTimes() {
        int content = ends.server.c.blocks().contentBytes();
        say(stream(GAPPED, 1, 1));
        assertEquals(2 * content, Gaps.held(ends.server.c), "a block, and one that remembers what came");
        pass(Gaps.NANOS_MAX / 2);
        say(stream(OTHER, 0, 2 * content));
        pass(Gaps.NANOS_MAX - 1);
        assertOpen();
        say(stream(THIRD, 0, 2 * content - 1));
        pass(1);
        assertTooLate();
    }

    @Test
    void whatIsResetHasDeliveredNothing() {
        say(stream(GAPPED, 1, 1));
        pass(Gaps.NANOS_MAX / 2);
        say(stream(OTHER, 200, 1));
        say((byte) 4, (byte) OTHER, (byte) 0, (byte) 0x40, (byte) 201);
        say(stream(THIRD, 200, 1));
        say((byte) 4, (byte) THIRD, (byte) 0, (byte) 0x40, (byte) 250);
        assertEquals(2 * ends.server.c.blocks().contentBytes(), Gaps.held(ends.server.c), "of the first alone");
        pass(Gaps.NANOS_MAX / 2 - 1);
        assertOpen();
        pass(1);
        assertTooLate();
    }

    @Test
    void aResetOfAllThatHaveGapsStopsTheClock() {
        say(stream(GAPPED, 1, 1));
        say((byte) 4, (byte) GAPPED, (byte) 0, (byte) 2);
        assertEquals(0, Gaps.held(ends.server.c));
        pass(2 * Gaps.NANOS_MAX);
        assertOpen();
    }

    /// Nobody lacks what it holds.
    @Test
    void whileHalfOfTheBlocksAreFreeThereIsTimeThreeTimes() {
        relax();
        say(stream(GAPPED, 1, 1));
        pass(Gaps.TIMES_MAX * Gaps.NANOS_MAX - 1);
        assertOpen();
        pass(1);
        assertTooLate();
    }

    @Test
    void whatIsDeliveredInOneOfThemGivesAllAnew() {
        relax();
        int held = 2 * ends.server.c.blocks().contentBytes();
        say(stream(GAPPED, 1, 1));
        pass(Gaps.TIMES_MAX * Gaps.NANOS_MAX - 1);
        say(stream(OTHER, 0, held - 1));
        say(stream(THIRD, 0, 1));
        pass(Gaps.TIMES_MAX * Gaps.NANOS_MAX - 1);
        assertOpen();
        pass(1);
        assertTooLate();
    }

    /// Its first time is over: it is ended with the next that comes of it, as soon as less than half are free.
    @Test
    void whoHasHadItsTimeIsLateWhenBlocksAreWanted() {
        relax();
        say(stream(GAPPED, 1, 1));
        pass(Gaps.NANOS_MAX + 1000 * MILLI);
        assertOpen();
        press();
        say((byte) 1);
        assertTooLate();
    }

    @Test
    void whoHasNotIsNot() {
        relax();
        say(stream(GAPPED, 1, 1));
        pass(Gaps.NANOS_MAX - 1);
        press();
        say((byte) 1);
        assertOpen();
        relax();
        pass(1);
        assertOpen();
    }

    @Test
    void whatTheServerDoesNotReadAnyMoreHoldsNothing() {
        say(stream(GAPPED, 1, 1));
        ends.server.stopSending(GAPPED, 0);
        assertEquals(0, Gaps.held(ends.server.c));
        say(stream(GAPPED, 5, 1));
        pass(2 * Gaps.NANOS_MAX);
        assertOpen();
    }
}
