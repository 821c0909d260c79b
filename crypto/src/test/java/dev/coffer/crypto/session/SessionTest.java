package dev.coffer.crypto.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.testkit.RawMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Sealing, opening, rotation and the buffers.
class SessionTest {
    private static final long HOUR = 3_600_000_000_000L;

    @ParameterizedTest
    @EnumSource(Suite.class)
    void textsOfEveryLengthCrossBothWays(Suite suite) {
        try (SessionPair pair = new SessionPair(SessionConfig.micro().withSuite(suite))) {
            assertEquals(128 - 32, pair.alice.textBytesMax());
            for (int length = 0; length <= pair.alice.textBytesMax(); length++) {
                int message = pair.seal(length, length, 0);
                assertEquals(length + Session.OVERHEAD_BYTES, message);
                assertEquals(length, pair.open(message, 0));
                assertEquals(-1, pair.out.asSlice(0, length).mismatch(pair.text.asSlice(0, length)));
                assertEquals(0x77, pair.out.get(ValueLayout.JAVA_BYTE, length));
                int back = pair.bob.seal(pair.text, 0, length, pair.wire, 0, 128, 0);
                assertEquals(length, pair.alice.open(pair.wire, 0, back, pair.out, 0, 128, 0));
                pair.check();
            }
            assertEquals(97, pair.alice.sealed());
            assertEquals(97, pair.alice.opened());
            assertEquals(97, pair.right.opened());
            assertThrows(IllegalArgumentException.class, () -> pair.seal(1, pair.alice.textBytesMax() + 1, 0));
        }
    }

    /// A message from there would be keys, and what a peer is told of it could tell of them.
    @Test
    void noMessageIsReadFromTheKeys() throws ReflectiveOperationException {
        try (SessionPair pair = new SessionPair(SessionConfig.micro())) {
            Field slot = Session.class.getDeclaredField("slot");
            slot.setAccessible(true);
            MemorySegment keys = ((SessionSlot) slot.get(pair.bob)).keys;
            int length = Session.OVERHEAD_BYTES + 8;
            for (long at : new long[] {0, keys.byteSize() - length}) {
                assertThrows(IllegalArgumentException.class, () -> pair.bob.open(keys, at, length, pair.out, 0, 128, 0), "at " + at);
            }
            assertEquals(8, pair.open(pair.seal(0, 8, 0), 0), "nothing was counted");
        }
    }

    @Test
    void sealsAndOpensInPlaceAndThroughTheDoubleBuffers() {
        try (SessionPair pair = new SessionPair(SessionConfig.small())) {
            pair.wire.fill((byte) 9);
            int message = pair.alice.seal(pair.wire, Session.HEADER_BYTES, 100, pair.wire, 0, 512, 0);
            assertEquals(100, pair.bob.open(pair.wire, 0, message, pair.wire, Session.HEADER_BYTES, 500, 0));
            assertEquals(9, pair.wire.get(ValueLayout.JAVA_BYTE, Session.HEADER_BYTES + 99));

            assertEquals(0, pair.alice.lockInput());
            assertEquals(2, pair.alice.lockOutput());
            assertEquals(SessionRefusal.BUSY, SessionRefusal.of(pair.alice.lock(0)));
            pair.alice.buffer(0).asSlice(0, 50).fill((byte) 8);
            int buffered = pair.alice.seal(0, 50, 2, 0);
            pair.bob.lock(1);
            pair.bob.lock(3);
            MemorySegment.copy(pair.alice.buffer(2), 0, pair.bob.buffer(1), 0, buffered);
            assertEquals(50, pair.bob.open(1, buffered, 3, 0));
            assertEquals(8, pair.bob.buffer(3).get(ValueLayout.JAVA_BYTE, 49));
            assertEquals(0, pair.bob.buffer(3).get(ValueLayout.JAVA_BYTE, 50));
            MemorySegment kept = pair.alice.buffer(0);
            assertEquals(512, kept.byteSize());
            pair.alice.unlock(0);
            assertEquals(0, RawMemory.nonZero(kept, 0, 512));
            assertThrows(IllegalStateException.class, () -> pair.alice.buffer(0));
            assertThrows(IllegalStateException.class, () -> pair.alice.unlock(0));
            assertThrows(IllegalStateException.class, () -> pair.alice.seal(0, 1, 2, 0));
            assertThrows(IllegalStateException.class, () -> pair.bob.seal(1, 1, 2, 0));
            assertThrows(IndexOutOfBoundsException.class, () -> pair.bob.open(1, 513, 3, 0));
            assertThrows(IndexOutOfBoundsException.class, () -> pair.bob.open(2, 40, 3, 0));
            assertThrows(IndexOutOfBoundsException.class, () -> pair.bob.seal(1, 40, 1, 0));
            assertThrows(IndexOutOfBoundsException.class, () -> pair.bob.seal(1, 40, 4, 0));
            assertThrows(IndexOutOfBoundsException.class, () -> pair.alice.lock(4));
            assertThrows(IndexOutOfBoundsException.class, () -> pair.alice.lock(-1));
            pair.check();
        }
    }

    @Test
    void inputAndOutputBuffersTakeTurnsAndBusyIsAnAnswer() {
        try (SessionPair pair = new SessionPair(SessionConfig.micro())) {
            Session one = pair.alice;
            for (int turn = 0; turn < 4; turn++) {
                assertEquals(turn & 1, one.lockInput());
                one.unlock(turn & 1);
                assertEquals(2 + (turn & 1), one.lockOutput());
                one.unlock(2 + (turn & 1));
            }
            assertEquals(0, one.lockInput());
            assertEquals(1, one.lockInput());
            assertEquals(SessionRefusal.BUSY, SessionRefusal.of(one.lockInput()));
            one.unlock(1);
            assertEquals(1, one.lockInput());  // the other is in use
            assertEquals(2, one.lock(2));
            assertEquals(3, one.lockOutput());
            assertEquals(SessionRefusal.BUSY, SessionRefusal.of(one.lockOutput()));
            assertEquals(2, one.refused(SessionRefusal.BUSY));
            one.expire();
            one.unlock(3);  // in a finally it must not hide why
            assertThrows(IndexOutOfBoundsException.class, () -> one.unlock(4));
            assertEquals(SessionRefusal.EXPIRED, SessionRefusal.of(one.lockInput()));
            assertEquals(SessionRefusal.EXPIRED, SessionRefusal.of(one.lockOutput()));
            assertEquals(SessionRefusal.EXPIRED, SessionRefusal.of(one.lock(0)));
            assertEquals(SessionRefusal.EXPIRED, SessionRefusal.of(one.seal(0, 1, 2, 0)));
            assertEquals(SessionRefusal.EXPIRED, SessionRefusal.of(one.open(0, 40, 2, 0)));
            assertThrows(IllegalStateException.class, () -> one.buffer(0));
        }
    }

    @Test
    void repeatedMessagesAreRefusedAndEndNothing() {
        try (SessionPair pair = new SessionPair(SessionConfig.micro())) {
            int message = pair.seal(1, 10, 0);
            assertEquals(10, pair.open(message, 0));
            for (int i = 0; i < 20; i++) {
                assertEquals(SessionRefusal.REPLAYED, SessionRefusal.of(pair.open(message, 0)));
            }
            assertEquals(20, pair.bob.refused(SessionRefusal.REPLAYED));
            assertEquals(20, pair.right.refused(SessionRefusal.REPLAYED));
            assertEquals(0, pair.right.refused(SessionRefusal.FORGED));
            assertEquals(0x77, pair.out.get(ValueLayout.JAVA_BYTE, 0));
            assertEquals(SessionState.ACTIVE, pair.bob.state());
        }
    }

    @ParameterizedTest
    @EnumSource(Suite.class)
    void everyFlippedBitIsRefusedAndEndsNothing(Suite suite) {
        try (SessionPair pair = new SessionPair(SessionConfig.micro().withSuite(suite))) {
            int message = pair.seal(1, 10, 0);
            for (int bit = 0; bit < 8 * message; bit++) {
                flip(pair.wire, bit);
                SessionRefusal refusal = SessionRefusal.of(pair.open(message, 0));
                assertEquals(bit < 32 ? SessionRefusal.FOREIGN : bit < 59 ? SessionRefusal.AHEAD : SessionRefusal.FORGED,
                        refusal, "bit " + bit);
                assertEquals(0x77, pair.out.get(ValueLayout.JAVA_BYTE, 0), "output untouched");
                flip(pair.wire, bit);
                pair.check();
            }
            assertEquals(10, pair.open(message, 0));
            assertEquals(SessionState.ACTIVE, pair.bob.state());
            assertEquals(32, pair.bob.refused(SessionRefusal.FOREIGN));
            assertEquals(27, pair.bob.refused(SessionRefusal.AHEAD));
            assertEquals(8 * message - 59, pair.bob.refused(SessionRefusal.FORGED));
            assertEquals(0, pair.bob.refused(SessionRefusal.VIOLATION));
            for (int length : new int[] {0, 31, 129}) {
                MemorySegment any = pair.arena.allocate(200);
                assertEquals(SessionRefusal.MALFORMED,
                        SessionRefusal.of(pair.bob.open(any, 0, length, pair.out, 0, 128, 0)), length + " bytes");
            }
            assertEquals(3, pair.bob.refused(SessionRefusal.MALFORMED));
        }
    }

    private static void flip(MemorySegment segment, int bit) {
        // Bits in the order of the wire, most significant first.
        byte now = segment.get(ValueLayout.JAVA_BYTE, bit / 8);
        segment.set(ValueLayout.JAVA_BYTE, bit / 8, (byte) (now ^ 0x80 >>> bit % 8));
    }

    @Test
    void lateMessagesOfTheSessionBeforeAndEchoesAreForeignAndEndNothing() {
        try (SessionPair pair = new SessionPair(SessionConfig.micro())) {
            List<byte[]> late = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                late.add(pair.sealed(i, 20, 0));
            }
            pair.alice.release();
            pair.bob.release();
            pair.begin(0);
            byte[] own = pair.sealed(1, 20, 0);
            for (byte[] message : late) {
                assertEquals(SessionRefusal.FOREIGN, pair.refusal(message, 0));
                MemorySegment.copy(own, 0, pair.wire, ValueLayout.JAVA_BYTE, 0, own.length);
                assertEquals(SessionRefusal.FOREIGN.code(),
                        pair.alice.open(pair.wire, 0, own.length, pair.out, 0, 128, 0), "an echo");
            }
            assertEquals(40, pair.bob.refused(SessionRefusal.FOREIGN));
            assertEquals(40, pair.alice.refused(SessionRefusal.FOREIGN));
            assertEquals(20, pair.open(own, 0));
        }
    }

    @ParameterizedTest
    @EnumSource(Suite.class)
    void keysRotateByCountByAgeAndByHandAndTheReceiverFollows(Suite suite) {
        try (SessionPair pair = new SessionPair(SessionConfig.micro().withSuite(suite).withRotation(3, HOUR))) {
            for (int i = 0; i < 10; i++) {
                assertEquals(5, pair.open(pair.seal(i, 5, 0), 0));
                assertEquals(i / 3, pair.alice.sendEpoch());
                assertEquals(i / 3, pair.bob.receiveEpoch());
            }
            assertEquals(5, pair.open(pair.seal(1, 5, HOUR - 1), 0));
            assertEquals(3, pair.alice.sendEpoch());
            assertEquals(SessionSecurity.SECURE, pair.alice.security(HOUR - 1));
            assertEquals(SessionSecurity.ROTATION_DUE, pair.alice.security(HOUR));
            assertEquals(5, pair.open(pair.seal(1, 5, HOUR), 0));
            assertEquals(4, pair.alice.sendEpoch());
            assertNull(pair.alice.rotate(HOUR));
            assertEquals(5, pair.alice.sendEpoch());
            for (int i = 0; i < 40; i++) {
                assertNull(pair.alice.rotate(HOUR));  // a key that has sealed nothing stays
            }
            assertEquals(5, pair.alice.sendEpoch());
            assertEquals(5, pair.open(pair.seal(1, 5, HOUR), 0));
            assertEquals(5, pair.bob.receiveEpoch());
            pair.check();
        }
    }

    @Test
    void aKeyAgesFromItsFirstMessage() {
        try (SessionPair pair = new SessionPair(SessionConfig.micro().withRotation(1 << 20, HOUR)
                .withLifetimeNanos(Long.MAX_VALUE))) {
            assertEquals(7, pair.alice.sendKeyAgeNanos(7));
            pair.open(pair.seal(1, 5, 5 * HOUR), 5 * HOUR + 4);
            assertEquals(0, pair.alice.sendEpoch());
            assertEquals(10, pair.alice.sendKeyAgeNanos(5 * HOUR + 10));
            assertEquals(6, pair.bob.receiveKeyAgeNanos(5 * HOUR + 10));
            pair.open(pair.seal(1, 5, 6 * HOUR - 1), 6 * HOUR);
            assertEquals(0, pair.bob.receiveEpoch());
            assertEquals(HOUR - 4, pair.bob.receiveKeyAgeNanos(6 * HOUR));
            assertEquals(6 * HOUR, pair.bob.lastUseNanos());
            assertEquals(6 * HOUR - 1, pair.alice.lastUseNanos());
            pair.open(pair.seal(1, 5, 6 * HOUR), 6 * HOUR + 3);
            assertEquals(1, pair.bob.receiveEpoch());
            assertEquals(2, pair.bob.receiveKeyAgeNanos(6 * HOUR + 5));
        }
    }

    @ParameterizedTest
    @EnumSource(Suite.class)
    void theTwoNewestEpochsAreKeptAndNoOthers(Suite suite) {
        try (SessionPair pair = new SessionPair(SessionConfig.micro().withSuite(suite).withRotation(2, Long.MAX_VALUE))) {
            List<byte[]> messages = new ArrayList<>();
            for (int i = 0; i < 80; i++) {
                messages.add(pair.sealed(i, 4, 0));  // two of each epoch
            }
            assertEquals(4, pair.open(messages.get(0), 0));
            assertEquals(4, pair.open(messages.get(4), 0));                                // epoch 2, 1 was skipped
            assertEquals(SessionRefusal.STALE, pair.refusal(messages.get(1), 0));          // epoch 0, two before
            assertEquals(4, pair.open(messages.get(3), 0));                                // epoch 1, one before
            assertEquals(4, pair.open(messages.get(2), 0));
            assertEquals(SessionRefusal.REPLAYED, pair.refusal(messages.get(3), 0));
            assertEquals(4, pair.open(messages.get(6), 0));                                // epoch 3
            assertEquals(4, pair.open(messages.get(5), 0));                                // epoch 2, whose window is kept
            assertEquals(SessionRefusal.REPLAYED, pair.refusal(messages.get(4), 0));
            assertEquals(SessionRefusal.STALE, pair.refusal(messages.get(3), 0));
            assertEquals(SessionRefusal.AHEAD, pair.refusal(messages.get(40), 0));         // 17 ahead
            assertEquals(4, pair.open(messages.get(38), 0));                               // 16 ahead
            assertEquals(4, pair.open(messages.get(37), 0));                               // epoch 18 of 19
            assertEquals(SessionRefusal.STALE, pair.refusal(messages.get(35), 0));
            assertEquals(3, pair.bob.refused(SessionRefusal.STALE));
            pair.check();
            long before = pair.right.keys().address() + SessionKey.RECEIVE_BEFORE * SessionKey.directionBytes(suite);
            assertEquals(0, RawMemory.nonZero(before + SessionKey.SECRET, 32), "the old secret leads to the new key");
        }
    }

    @Test
    void theOldSecretIsGoneOnceTheNextKeyIsInUse() {
        try (SessionPair pair = new SessionPair(SessionConfig.micro().withRotation(1, Long.MAX_VALUE))) {
            long direction = SessionKey.directionBytes(Suite.CHACHA20_POLY1305);
            long keys = pair.right.keys().address();
            pair.open(pair.seal(1, 4, 0), 0);
            byte[] secret = RawMemory.read(keys + direction + SessionKey.SECRET, 32);
            pair.open(pair.seal(1, 4, 0), 0);
            byte[] all = RawMemory.read(pair.right.keys());
            for (int at = 0; at + 32 <= all.length; at++) {
                assertFalse(java.util.Arrays.equals(all, at, at + 32, secret, 0, 32), "old secret at " + at);
            }
            assertEquals(0, RawMemory.nonZero(keys + SessionKey.RECEIVE_BEFORE * direction + SessionKey.SECRET, 32));
        }
    }

    @Test
    void whoIsTooFarBehindResynchronises() {
        try (SessionPair pair = new SessionPair(SessionConfig.micro().withRotation(1, Long.MAX_VALUE))) {
            List<byte[]> messages = new ArrayList<>();
            for (int i = 0; i < 101; i++) {
                messages.add(pair.sealed(i, 4, 0));
            }
            for (int i = 0; i < 10; i++) {
                assertEquals(SessionRefusal.AHEAD, pair.refusal(messages.get(100), 0));
            }
            assertEquals(10, pair.bob.refused(SessionRefusal.AHEAD));
            assertEquals(SessionRefusal.AHEAD, SessionRefusal.of(resynchronise(pair, messages.get(100), 99)));
            byte[] forged = messages.get(100).clone();
            forged[40 - 5] ^= 1;
            assertEquals(SessionRefusal.FORGED, SessionRefusal.of(resynchronise(pair, forged, 100)));
            assertEquals(0, pair.bob.receiveEpoch());
            assertEquals(4, resynchronise(pair, messages.get(100), 100));
            assertEquals(100, pair.bob.receiveEpoch());
            assertEquals(4, pair.open(messages.get(99), 0));
            assertEquals(4, pair.open(pair.sealed(1, 4, 0), 0));
            assertThrows(IllegalArgumentException.class, () -> resynchronise(pair, messages.get(100), 0));
            assertThrows(IllegalArgumentException.class,
                    () -> resynchronise(pair, messages.get(100), Session.EPOCHS_RESYNCHRONISED_MAX + 1));
            assertEquals(SessionRefusal.STALE,
                    SessionRefusal.of(resynchronise(pair, messages.get(98), Session.EPOCHS_RESYNCHRONISED_MAX)));
            pair.check();
        }
    }

    private static int resynchronise(SessionPair pair, byte[] message, int epochs) {
        MemorySegment.copy(message, 0, pair.wire, ValueLayout.JAVA_BYTE, 0, message.length);
        return pair.bob.resynchronise(pair.wire, 0, message.length, pair.out, 0, 128, epochs, 0);
    }

    @ParameterizedTest
    @EnumSource(Suite.class)
    void aKeyStopsAtTheLimitOfItsSuite(Suite suite) {
        SessionConfig config = SessionConfig.micro().withSuite(suite).withRotation(suite.messagesMax(), Long.MAX_VALUE);
        try (SessionPair pair = new SessionPair(config)) {
            SessionKey.next(pair.left.keys(), 0, suite.messagesMax() - 1);
            assertEquals(4, pair.open(pair.seal(1, 4, 0), 0));
            assertEquals(SessionRefusal.EXPIRED, SessionRefusal.of(pair.seal(1, 4, 0)));
            assertEquals(SessionState.EXPIRED, pair.alice.state());
            assertEquals(SessionExpiry.KEY_USED_UP, pair.alice.expiry());
            assertEquals(1, pair.left.expired(SessionExpiry.KEY_USED_UP));
        }
    }

    @Test
    void theLastEpochOfAllIsTheLast() {
        try (SessionPair pair = new SessionPair(SessionConfig.micro().withRotation(1, Long.MAX_VALUE))) {
            pair.left.keys().set(ValueLayout.JAVA_INT, SessionKey.EPOCH, -2);
            assertTrue(pair.seal(1, 4, 0) > 0);
            assertTrue(pair.seal(1, 4, 0) > 0);
            assertEquals(0xffff_ffffL, pair.alice.sendEpoch());
            assertEquals(SessionRefusal.EXPIRED, pair.alice.rotate(0));
            assertEquals(SessionExpiry.KEY_USED_UP, pair.alice.expiry());
        }
    }

    @ParameterizedTest
    @EnumSource(Suite.class)
    void misplacedTextsAreRefusedBeforeANumberIsTakenOrAByteWritten(Suite suite) {
        try (SessionPair pair = new SessionPair(SessionConfig.small().withSuite(suite))) {
            MemorySegment both = pair.wire;
            int room = (int) both.byteSize();
            both.fill((byte) 0x51);
            for (int textAt : new int[] {0, 1, 15, 17, 63}) {  // 16 is in place
                assertThrows(IllegalArgumentException.class, () -> pair.alice.seal(both, textAt, 48, both, 0, room, 0),
                        "text at " + textAt);
            }
            assertThrows(IllegalArgumentException.class,
                    () -> pair.alice.seal(pair.text, 0, 48, both.asReadOnly(), 0, room, 0));
            assertThrows(IllegalArgumentException.class, () -> pair.alice.seal(pair.text, 0, 48, both, 0, 79, 0));
            assertThrows(IllegalArgumentException.class, () -> pair.alice.seal(pair.text, 0, -1, both, 0, 79, 0));
            assertThrows(IndexOutOfBoundsException.class, () -> pair.alice.seal(pair.text, 465, 48, both, 0, 80, 0));
            assertThrows(IndexOutOfBoundsException.class, () -> pair.alice.seal(pair.text, 0, 48, both, 433, 80, 0));
            assertThrows(IllegalArgumentException.class,
                    () -> pair.alice.seal(MemorySegment.ofArray(new byte[48]), 0, 48, both, 0, room, 0), "a text on the heap");
            assertEquals(-1, both.mismatch(pair.out.fill((byte) 0x51)), "written before it was refused");
            int length = pair.alice.seal(pair.text, 0, 48, both, 0, 80, 0);
            assertEquals(0, both.get(ValueLayout.JAVA_LONG_UNALIGNED, 8), "a number was taken by what was refused");

            pair.alice.rotate(0);
            length = pair.seal(8, 48, 0);  // of the next epoch: trying it derives keys
            int bytes = length;
            MemorySegment before = pair.right.keys();
            byte[] keys = before.toArray(ValueLayout.JAVA_BYTE);
            assertThrows(IllegalArgumentException.class, () -> pair.bob.open(both, 0, bytes, both, 17, room, 0));
            assertThrows(IllegalArgumentException.class,
                    () -> pair.bob.open(both, 0, bytes, pair.out.asReadOnly(), 0, room, 0));
            assertThrows(IllegalArgumentException.class, () -> pair.bob.open(both, 0, bytes, pair.out, 0, 47, 0));
            assertThrows(IndexOutOfBoundsException.class, () -> pair.bob.open(both, 0, bytes, pair.out, 465, 48, 0));
            assertThrows(IndexOutOfBoundsException.class, () -> pair.bob.open(both, 433, bytes, pair.out, 0, 48, 0));
            assertThrows(IndexOutOfBoundsException.class, () -> pair.bob.open(both, 0, -1, pair.out, 0, 48, 0));
            assertThrows(IllegalArgumentException.class,
                    () -> pair.bob.open(both, 0, bytes, MemorySegment.ofArray(new byte[48]), 0, 48, 0), "on the heap");
            assertThrows(IllegalArgumentException.class, () -> pair.bob.open(before, 0, bytes, pair.out, 0, room, 0), "a message in the keys");
            assertThrows(IllegalArgumentException.class, () -> pair.bob.open(both, 0, bytes, before, 0, 48, 0), "a text in the keys");
            assertThrows(IllegalArgumentException.class, () -> pair.alice.seal(pair.left.keys(), 0, 48, both, 0, room, 0), "keys as a text");
            assertThrows(IllegalArgumentException.class, () -> pair.alice.seal(pair.text, 0, 48, pair.left.keys(), 0, 80, 0),
                    "a message for the keys");
            assertEquals(-1, before.mismatch(MemorySegment.ofArray(keys)), "keys changed by what was refused");
            assertEquals(48, pair.bob.open(both, 0, bytes, both, 16, room, 0));
            MemorySegment.ofArray(keys).fill((byte) 0);
        }
    }

    @Test
    void messagesMayLieOnTheHeap() {
        try (SessionPair pair = new SessionPair(SessionConfig.micro()); Arena arena = Arena.ofConfined()) {
            MemorySegment message = MemorySegment.ofArray(new byte[128]);
            MemorySegment text = arena.allocate(40).fill((byte) 5);
            int length = pair.alice.seal(text, 0, 40, message, 1, 127, 0);
            assertEquals(40, pair.bob.open(message.asReadOnly(), 1, length, pair.out, 0, 128, 0));
            assertEquals(-1, text.mismatch(pair.out.asSlice(0, 40)));
        }
    }
}
