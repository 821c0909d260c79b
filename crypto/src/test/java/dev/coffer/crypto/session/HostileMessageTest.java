package dev.coffer.crypto.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.testkit.LongRun;
import dev.coffer.testkit.Seeds;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Messages of a session with other headers, other bytes, other lengths: each is refused for a reason, gives nothing out and moves
/// nothing, so that the true message opens after it, once.
class HostileMessageTest {
    private static final int TEXT_BYTES = 20;
    private static final int PAIR_INPUTS = 1 << 12;  // before the two begin anew

    private final byte[] spoiled = new byte[128];
    private final int[] refusals = new int[SessionRefusal.COUNT];
    private SessionPair pair;
    private int inputs;

    private void read(SplittableRandom random) {
        if (inputs++ % PAIR_INPUTS == 0) {
            end();
            pair = new SessionPair(SessionConfig.micro().withSuite(random.nextBoolean() ? Suite.AES_256_GCM : Suite.CHACHA20_POLY1305));
        }
        if (random.nextInt(50) == 0) {
            pair.alice.rotate(0);
        }
        byte[] message = pair.sealed(random.nextInt(), TEXT_BYTES, 0);
        int length = spoil(random, message);
        if (length == message.length && Arrays.equals(spoiled, 0, length, message, 0, length)) {
            assertEquals(TEXT_BYTES, pair.open(message, 0));
        } else {
            MemorySegment.copy(spoiled, 0, pair.wire, ValueLayout.JAVA_BYTE, 0, length);
            int answer = pair.open(length, 0);
            assertTrue(answer < 0, "opened " + answer);
            refusals[SessionRefusal.of(answer).ordinal()]++;
            for (int i = 0; i < pair.out.byteSize(); i++) {
                byte out = pair.out.get(ValueLayout.JAVA_BYTE, i);
                assertTrue(out == 0x77 || out == 0 && i < length, "given out at " + i);
            }
            assertEquals(SessionState.ACTIVE, pair.bob.state());
            assertEquals(TEXT_BYTES, pair.open(message, 0), "the true one, after " + SessionRefusal.of(answer));
        }
        assertEquals(SessionRefusal.REPLAYED, pair.refusal(message, 0));
    }

    private int spoil(SplittableRandom random, byte[] message) {
        System.arraycopy(message, 0, spoiled, 0, message.length);
        int length = message.length;
        for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
            switch (random.nextInt(6)) {
                case 0 -> length = random.nextInt(4) == 0 ? random.nextInt(spoiled.length + 1) : length;
                case 1 -> spoiled[4 + random.nextInt(4)] ^= (byte) (1 << random.nextInt(8));              // the epoch
                case 2 -> spoiled[7] += (byte) (random.nextInt(9) - 4);
                case 3 -> spoiled[8 + random.nextInt(8)] = (byte) random.nextInt();                      // the sequence
                case 4 -> spoiled[random.nextInt(Session.HEADER_BYTES)] ^= (byte) (1 << random.nextInt(8));
                default -> spoiled[random.nextInt(message.length)] = (byte) random.nextInt();
            }
        }
        return length;
    }

    @AfterEach
    void end() {
        if (pair != null) {
            pair.close();
        }
    }

    @Test
    void everyOtherMessageIsRefusedAndMovesNothing() {
        Seeds.forEach(1, 3_000, this::read);
        for (SessionRefusal reason : new SessionRefusal[] {SessionRefusal.FORGED, SessionRefusal.FOREIGN, SessionRefusal.MALFORMED,
                SessionRefusal.STALE, SessionRefusal.AHEAD}) {
            assertTrue(Long.getLong("coffer.seed") != null || refusals[reason.ordinal()] > 10,
                    reason + " " + refusals[reason.ordinal()] + " times");
        }
    }

    @Test
    @Tag("long")
    void messagesForLong() {
        LongRun.of("session messages", this::read);
    }
}
