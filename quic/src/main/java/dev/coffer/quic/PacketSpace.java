package dev.coffer.quic;

import dev.coffer.memory.layout.LittleEndian;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// One of the three spaces of packet numbers of a connection (RFC 9000, section 12.3): what is sent, what is received, and when something is to be done about it.
/// Stateless; 0 heap bytes. [#begin] first.
final class PacketSpace {
    /// Ordinals.
    static final int INITIAL = 0;
    static final int HANDSHAKE = 1;
    static final int APPLICATION = 2;
    static final int COUNT = 3;
    /// Packets that are asked for when a probe is due (RFC 9002, section 6.2.4).
    static final int PROBES = 2;

    private static final long NEXT = 0;              // i64, number of the next packet
    private static final long LARGEST_ACKED = 8;     // i64, -1 before
    private static final long LOSS_NANOS = 16;       // i64, when the oldest packet is lost; Long.MAX_VALUE for none
    private static final long ELICITING_NANOS = 24;  // i64, when the last ack-eliciting packet was sent
    private static final long ACK_NUMBER = 32;       // i64, a packet that carried an ACK, and is under way; -1 for none
    private static final long ACK_LARGEST = 40;      // i64, the largest number that it told of
    private static final long ELICITING = 48;        // u32, ack-eliciting packets that are under way
    private static final long PROBES_LEFT = 52;      // u8, packets that are to go whatever the window says
    private static final long PASSED = 53;           // u24, low bits of the number that is passed over next, or was last; 0 for none
    static final long SENT = 56;                     // SentPackets
    static final long RECEIVED = SENT + SentPackets.BYTES;

    private static final int PASSED_MASK = (1 << 24) - 1;

    private PacketSpace() {}

    /// {@return bytes of the state}
    static long bytes(int rangesMax) {
        return RECEIVED + ReceivedRanges.bytes(rangesMax);
    }

    /// Begins in memory of zeros.
    static void begin(MemorySegment memory, long at, long nowNanos) {
        LittleEndian.i64(memory, at + ELICITING_NANOS, nowNanos);
        LittleEndian.i64(memory, at + LARGEST_ACKED, -1);
        LittleEndian.i64(memory, at + LOSS_NANOS, Long.MAX_VALUE);
        LittleEndian.i64(memory, at + ACK_NUMBER, -1);
        ReceivedRanges.begin(memory, at + RECEIVED);
    }

    static long next(MemorySegment memory, long at) {
        return LittleEndian.i64(memory, at + NEXT);
    }

    /// {@return a number, used by that}
    static long use(MemorySegment memory, long at) {
        long number = next(memory, at);
        boolean passes = passing(memory, at) != 0 && (number + 1 & PASSED_MASK) == passing(memory, at);
        LittleEndian.i64(memory, at + NEXT, number + (passes ? 2 : 1));
        return number;
    }

    private static int passing(MemorySegment memory, long at) {
        return Byte.toUnsignedInt(memory.get(ValueLayout.JAVA_BYTE, at + PASSED)) | LittleEndian.u16(memory, at + PASSED + 1) << Byte.SIZE;
    }

    /// {@return the number that was passed over last: who acknowledges it acknowledges what it has not received (RFC 9000, section 21.4). -1 for none}
    static long passedOver(MemorySegment memory, long at) {
        long behind = next(memory, at) - passing(memory, at) & PASSED_MASK;
        return passing(memory, at) == 0 || behind > PASSED_MASK / 2 ? -1 : next(memory, at) - behind;
    }

    /// {@return whether another number is to be passed over: none was yet, or the peer has acknowledged one behind it}
    static boolean wantsToPass(MemorySegment memory, long at) {
        return passing(memory, at) == 0 || passedOver(memory, at) >= 0 && largestAcked(memory, at) > passedOver(memory, at);
    }

    /// Passes over a number.
    ///
    /// @param distance  from the next one, 1 or more
    static void passOver(MemorySegment memory, long at, int distance) {
        int low = (int) (next(memory, at) + distance & PASSED_MASK);
        low = low == 0 ? 1 : low;
        memory.set(ValueLayout.JAVA_BYTE, at + PASSED, (byte) low);
        LittleEndian.u16(memory, at + PASSED + 1, low >>> Byte.SIZE);
    }

    static long largestAcked(MemorySegment memory, long at) {
        return LittleEndian.i64(memory, at + LARGEST_ACKED);
    }

    static void largestAcked(MemorySegment memory, long at, long number) {
        LittleEndian.i64(memory, at + LARGEST_ACKED, number);
    }

    static long lossNanos(MemorySegment memory, long at) {
        return LittleEndian.i64(memory, at + LOSS_NANOS);
    }

    static void lossNanos(MemorySegment memory, long at, long nanos) {
        LittleEndian.i64(memory, at + LOSS_NANOS, nanos);
    }

    static long elicitingNanos(MemorySegment memory, long at) {
        return LittleEndian.i64(memory, at + ELICITING_NANOS);
    }

    static void elicitingNanos(MemorySegment memory, long at, long nanos) {
        LittleEndian.i64(memory, at + ELICITING_NANOS, nanos);
    }

    static int eliciting(MemorySegment memory, long at) {
        return LittleEndian.i32(memory, at + ELICITING);
    }

    static void eliciting(MemorySegment memory, long at, int change) {
        int now = eliciting(memory, at) + change;
        assert now >= 0 : now + " packets";
        LittleEndian.i32(memory, at + ELICITING, now);
    }

    static int probes(MemorySegment memory, long at) {
        return memory.get(ValueLayout.JAVA_BYTE, at + PROBES_LEFT);
    }

    static void probes(MemorySegment memory, long at, int left) {
        memory.set(ValueLayout.JAVA_BYTE, at + PROBES_LEFT, (byte) left);
    }

    /// A packet carries an ACK: its acknowledgement tells that the peer has heard it. One such packet at a time is followed.
    static void carriesAck(MemorySegment memory, long at, long number, long largestTold) {
        if (LittleEndian.i64(memory, at + ACK_NUMBER) < 0) {
            LittleEndian.i64(memory, at + ACK_NUMBER, number);
            LittleEndian.i64(memory, at + ACK_LARGEST, largestTold);
        }
    }

    /// A packet is acknowledged or lost.
    static void over(MemorySegment memory, long at, long number, boolean acknowledged) {
        if (LittleEndian.i64(memory, at + ACK_NUMBER) == number) {
            LittleEndian.i64(memory, at + ACK_NUMBER, -1);
            if (acknowledged) {
                ReceivedRanges.heard(memory, at + RECEIVED, LittleEndian.i64(memory, at + ACK_LARGEST));
            }
        }
    }
}
