package dev.coffer.crypto.session;

import dev.coffer.memory.ConstantTime;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.Align;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// One direction's key at one epoch, as it lies in a key slot: what every message touches in the first cache line, the
/// secret of the epoch in the second, the AEAD's key schedule behind them. Offsets, sizes and the ratchet; the policy is
/// that of [Sealing] and [Opening].
///
/// ```
///   0 window 24 | 24 started 8 | 32 epoch 4 | 36 state 4 | 40 iv 12 | 52 id 4 | 56 pad 8 || 64 secret 32 | pad 32 || 128 schedule
/// ```
final class SessionKey {
    static final long WINDOW = 0;                                   // ReplayWindow; a sender uses its NEXT alone
    static final long STARTED_NANOS = WINDOW + ReplayWindow.BYTES;  // when made; from the first message on, when that was
    static final long EPOCH = STARTED_NANOS + Long.BYTES;           // u32
    static final long STATE = EPOCH + Integer.BYTES;                // 0 not to be used, 1 ready
    static final long IV = STATE + Integer.BYTES;
    static final long IV_BYTES = 12;
    static final long ID = IV + IV_BYTES;                           // u32, big-endian: the direction's, in every message
    static final long ID_BYTES = Integer.BYTES;
    static final long SECRET = Align.CACHE_LINE_BYTES;
    static final long SCHEDULE = 2 * Align.CACHE_LINE_BYTES;

    static final long SECRET_BYTES = 32;
    static final long KEY_BYTES = 32;

    /// Directions of a slot: sending, receiving now, receiving before. The next one is tried in the workspace's own place.
    static final int SEND = 0;
    static final int RECEIVE = 1;
    static final int RECEIVE_BEFORE = 2;
    static final int DIRECTIONS = 3;

    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;

    private SessionKey() {}

    /// {@return bytes of one direction}
    static long directionBytes(Suite suite) {
        return Align.up(SCHEDULE + suite.scheduleBytes(), Align.CACHE_LINE_BYTES);
    }

    /// {@return bytes of a key slot: three directions}
    static long slotBytes(Suite suite) {
        return DIRECTIONS * directionBytes(suite);
    }

    static boolean isReady(MemorySegment segment, long at) {
        return segment.get(INT, at + STATE) != 0;
    }

    static long epoch(MemorySegment segment, long at) {
        return Integer.toUnsignedLong(segment.get(INT, at + EPOCH));
    }

    /// {@return the direction's id, as four bytes of a message read it in native order}
    static int id(MemorySegment segment, long at) {
        return segment.get(INT, at + ID);
    }

    static long startedNanos(MemorySegment segment, long at) {
        return segment.get(LONG, at + STARTED_NANOS);
    }

    static void startedNanos(MemorySegment segment, long at, long nowNanos) {
        segment.set(LONG, at + STARTED_NANOS, nowNanos);
    }

    /// {@return the number of messages sealed, which is the next sequence number; of a receiving key, the newest number
    /// opened plus one. 0 where there was no message}
    static long next(MemorySegment segment, long at) {
        return segment.get(LONG, at + WINDOW + ReplayWindow.NEXT);
    }

    static void next(MemorySegment segment, long at, long count) {
        segment.set(LONG, at + WINDOW + ReplayWindow.NEXT, count);
    }

    /// Writes the nonce of a sequence number: the IV, its last eight bytes masked with the number, big-endian.
    static void nonce(MemorySegment segment, long at, long sequence, MemorySegment target, long targetAt) {
        target.set(ValueLayout.JAVA_INT_UNALIGNED, targetAt, segment.get(ValueLayout.JAVA_INT_UNALIGNED, at + IV));
        target.set(ValueLayout.JAVA_LONG_UNALIGNED, targetAt + Integer.BYTES,
                segment.get(ValueLayout.JAVA_LONG_UNALIGNED, at + IV + Integer.BYTES) ^ Long.reverseBytes(sequence));
    }

    /// Makes a direction ready from the secret that lies in it: key, IV and schedule; counters at zero. Until it is done
    /// the direction is not ready, so whatever strikes meanwhile leaves no number that could be used under an old key.
    ///
    /// @param scratch  [SessionScratch], wiped of the key when this returns
    static void start(MemorySegment segment, long at, long epoch, long nowNanos, SessionScratch scratch) {
        segment.set(INT, at + STATE, 0);
        segment.set(LONG, at + WINDOW + ReplayWindow.LOW, 0);
        segment.set(LONG, at + WINDOW + ReplayWindow.HIGH, 0);
        next(segment, at, 0);
        startedNanos(segment, at, nowNanos);
        segment.set(INT, at + EPOCH, (int) epoch);
        scratch.expand(segment, at + SECRET, SessionScratch.LABEL_IV, segment, at + IV, IV_BYTES);
        scratch.schedule(segment, at + SECRET, segment, at + SCHEDULE);
        segment.set(INT, at + STATE, 1);
    }

    /// Writes the secret of the next epoch over the one of this epoch. One way: the old is not to be had from the new.
    /// The direction is not ready until it is started.
    static void ratchet(MemorySegment segment, long at, SessionScratch scratch) {
        segment.set(INT, at + STATE, 0);
        scratch.expand(segment, at + SECRET, SessionScratch.LABEL_NEXT, segment, at + SECRET, SECRET_BYTES);
    }

    static void wipe(MemorySegment segment, long at, Suite suite) {
        Wipe.bytes(segment, at, directionBytes(suite));
    }

    /// For assertions: nothing of a key is left.
    static boolean isWiped(MemorySegment segment, long at, Suite suite) {
        return ConstantTime.isZero(segment, at, directionBytes(suite));
    }
}
