package dev.coffer.quic;

import dev.coffer.memory.layout.LittleEndian;
import java.lang.foreign.MemorySegment;

/// Whether a path carries ECN both ways, before its marks are believed and while they are (RFC 9000, section 13.4.2 and appendix A.4). Stateless; 0 heap
/// bytes. All zeros is a path of which nothing is known: the first ten packets go with ECT(0), and where all of them are lost none does any more.
/// Packets of 1-RTT alone are marked, so there is one count.
final class EcnValidation {
    private static final long STATE = 0;     // u16
    private static final long TESTS = 2;     // u16, packets sent in TESTING
    private static final long LOST = 4;      // u16, of them that are lost
    private static final long SENT = 8;      // i64, packets with ECT(0)
    private static final long TOLD_ECT = 16; // i64, that the peer told of
    private static final long TOLD_CE = 24;
    static final long BYTES = 32;

    private static final int TESTING = 0;
    private static final int UNKNOWN = 1;    // tests are under way
    private static final int CAPABLE = 2;
    private static final int FAILED = 3;

    private static final int TESTS_MAX = 10;

    private EcnValidation() {}

    /// Another path is asked anew; the counts of both sides go on, as they are of all paths.
    static void restart(MemorySegment memory, long at) {
        state(memory, at, TESTING);
        LittleEndian.u16(memory, at + TESTS, 0);
        LittleEndian.u16(memory, at + LOST, 0);
    }

    private static int state(MemorySegment memory, long at) {
        return LittleEndian.u16(memory, at + STATE);
    }

    private static void state(MemorySegment memory, long at, int state) {
        LittleEndian.u16(memory, at + STATE, state);
    }

    /// {@return whether packets go with ECT(0)}
    static boolean isMarking(MemorySegment memory, long at) {
        int state = state(memory, at);
        return state == TESTING || state == CAPABLE;
    }

    /// {@return whether the path has proven that it carries ECN}
    static boolean isCapable(MemorySegment memory, long at) {
        return state(memory, at) == CAPABLE;
    }

    static boolean isFailed(MemorySegment memory, long at) {
        return state(memory, at) == FAILED;
    }

    /// A packet went with ECT(0).
    static void sent(MemorySegment memory, long at) {
        LittleEndian.i64(memory, at + SENT, LittleEndian.i64(memory, at + SENT) + 1);
        if (state(memory, at) == TESTING) {
            int tests = LittleEndian.u16(memory, at + TESTS) + 1;
            LittleEndian.u16(memory, at + TESTS, tests);
            if (tests == TESTS_MAX) {
                state(memory, at, UNKNOWN);
            }
        }
    }

    /// A packet that went with ECT(0) is lost: a path that drops such packets is not asked again.
    static void lost(MemorySegment memory, long at) {
        if (state(memory, at) == UNKNOWN) {
            int lost = LittleEndian.u16(memory, at + LOST) + 1;
            LittleEndian.u16(memory, at + LOST, lost);
            if (lost == TESTS_MAX) {
                state(memory, at, FAILED);
            }
        } else if (state(memory, at) == TESTING) {
            LittleEndian.u16(memory, at + LOST, LittleEndian.u16(memory, at + LOST) + 1);
        }
    }

    /// An ACK came that raises the largest number that is acknowledged.
    ///
    /// @param newly    packets that went with ECT(0) and that it acknowledges for the first time
    /// @param counted  whether it has counts
    /// @return whether packets were marked on their way: congestion
    static boolean told(MemorySegment memory, long at, int newly, boolean counted, long ect0, long ect1, long ce) {
        if (state(memory, at) == FAILED) {
            return false;
        }
        long ectBefore = LittleEndian.i64(memory, at + TOLD_ECT);
        long ceBefore = LittleEndian.i64(memory, at + TOLD_CE);
        boolean fits = counted ? ect1 == 0 && ect0 >= ectBefore && ce >= ceBefore && ect0 + ce - ectBefore - ceBefore >= newly
                && ect0 + ce <= LittleEndian.i64(memory, at + SENT) : newly == 0;
        if (!fits) {
            state(memory, at, FAILED);
            return false;
        }
        if (!counted) {
            return false;
        }
        LittleEndian.i64(memory, at + TOLD_ECT, ect0);
        LittleEndian.i64(memory, at + TOLD_CE, ce);
        if (newly > 0) {
            state(memory, at, CAPABLE);
        }
        return ce > ceBefore;
    }
}
