package dev.coffer.crypto.vector;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/// Four Keccak-f[1600] permutations at a time (FIPS 202, section 3), one in each lane of 256 bits. Stateless, thread-safe.
///
/// The states are interleaved: lane i of state j lies at `8 * (4 * i + j)`, little-endian, and so do those of the next round in the
/// scratch behind them. A round is seven methods, each of which C2 takes whole: it stops inlining at 18,000 nodes, a load or store of a
/// vector makes some 500 and an operation 120, and what is not inlined boxes its vectors for ever. The whole permutation
/// in one method was past that.
final class KeccakLanes {
    // FIPS 202, section 3.2.5, algorithm 5: a copy, as this stands below the scalar form; the tests compare the two.
    private static final long[] IOTA = {
            0x0000000000000001L, 0x0000000000008082L, 0x800000000000808aL, 0x8000000080008000L,
            0x000000000000808bL, 0x0000000080000001L, 0x8000000080008081L, 0x8000000000008009L,
            0x000000000000008aL, 0x0000000000000088L, 0x0000000080008009L, 0x000000008000000aL,
            0x000000008000808bL, 0x800000000000008bL, 0x8000000000008089L, 0x8000000000008003L,
            0x8000000000008002L, 0x8000000000000080L, 0x000000000000800aL, 0x800000008000000aL,
            0x8000000080008081L, 0x8000000000008080L, 0x0000000080000001L, 0x8000000080008008L,
    };
    private static final VectorSpecies<Long> SPECIES = LongVector.SPECIES_256;
    private static final ByteOrder ORDER = ByteOrder.LITTLE_ENDIAN;
    private static final int ROW = 4 * Long.BYTES;
    private static final int STATES_BYTES = 25 * ROW;
    private static final int NEXT = STATES_BYTES;         // offset of the next round's states
    private static final int THETA = NEXT + STATES_BYTES;  // of what theta adds, a row a column
    static final int SCRATCH_BYTES = STATES_BYTES + 5 * ROW;

    private KeccakLanes() {}

    static boolean wideEnough() {
        return LongVector.SPECIES_PREFERRED.length() >= SPECIES.length();
    }

    /// Permutes interleaved states to another place, or in place; [#SCRATCH_BYTES] behind that are overwritten.
    static void permute(MemorySegment states, long from, long at) {
        round(states, from, at + NEXT, at + THETA, IOTA[0]);
        round(states, at + NEXT, at, at + THETA, IOTA[1]);
        for (int round = 2; round < IOTA.length; round += 2) {
            round(states, at, at + NEXT, at + THETA, IOTA[round]);
            round(states, at + NEXT, at, at + THETA, IOTA[round + 1]);
        }
    }

    private static void round(MemorySegment states, long from, long to, long theta, long iota) {
        columns(states, from, theta);
        theta(states, theta);
        row0(states, from, theta, to, iota);
        row1(states, from, theta, to + 5 * ROW);
        row2(states, from, theta, to + 10 * ROW);
        row3(states, from, theta, to + 15 * ROW);
        row4(states, from, theta, to + 20 * ROW);
    }

    /// The parities of columns (3.2.1).
    private static void columns(MemorySegment states, long from, long theta) {
        for (int x = 0; x < 5 * ROW; x += ROW) {
            long at = from + x;
            LongVector column = xor(load(states, at), load(states, at + 5 * ROW));
            column = xor(xor(column, load(states, at + 10 * ROW)), xor(load(states, at + 15 * ROW), load(states, at + 20 * ROW)));
            store(column, states, theta + x);
        }
    }

    /// What is added to each column, in place of the parities.
    private static void theta(MemorySegment states, long theta) {
        LongVector c0 = load(states, theta);
        LongVector c1 = load(states, theta + ROW);
        LongVector c2 = load(states, theta + 2 * ROW);
        LongVector c3 = load(states, theta + 3 * ROW);
        LongVector c4 = load(states, theta + 4 * ROW);
        store(xor(c4, rotate(c1, 1)), states, theta);
        store(xor(c0, rotate(c2, 1)), states, theta + ROW);
        store(xor(c1, rotate(c3, 1)), states, theta + 2 * ROW);
        store(xor(c2, rotate(c4, 1)), states, theta + 3 * ROW);
        store(xor(c3, rotate(c0, 1)), states, theta + 4 * ROW);
    }

    // The rows of rho, pi and chi (3.2.2 to 3.2.4), and iota (3.2.5) in the first. Written out, so that each has more than the 325
    // bytes of code up to which C2 would put all of them into one method, and then run out of nodes.

    private static void row0(MemorySegment states, long from, long theta, long to, long iota) {
        LongVector b0 = LongVector.fromMemorySegment(SPECIES, states, from, ORDER)
                .lanewise(VectorOperators.XOR, LongVector.fromMemorySegment(SPECIES, states, theta, ORDER));
        LongVector b1 = LongVector.fromMemorySegment(SPECIES, states, from + 6 * ROW, ORDER)
                .lanewise(VectorOperators.XOR, LongVector.fromMemorySegment(SPECIES, states, theta + ROW, ORDER)).lanewise(VectorOperators.ROL, 44);
        LongVector b2 = LongVector.fromMemorySegment(SPECIES, states, from + 12 * ROW, ORDER)
                .lanewise(VectorOperators.XOR, LongVector.fromMemorySegment(SPECIES, states, theta + 2 * ROW, ORDER)).lanewise(VectorOperators.ROL, 43);
        LongVector b3 = LongVector.fromMemorySegment(SPECIES, states, from + 18 * ROW, ORDER)
                .lanewise(VectorOperators.XOR, LongVector.fromMemorySegment(SPECIES, states, theta + 3 * ROW, ORDER)).lanewise(VectorOperators.ROL, 21);
        LongVector b4 = LongVector.fromMemorySegment(SPECIES, states, from + 24 * ROW, ORDER)
                .lanewise(VectorOperators.XOR, LongVector.fromMemorySegment(SPECIES, states, theta + 4 * ROW, ORDER)).lanewise(VectorOperators.ROL, 14);
        b0.lanewise(VectorOperators.XOR, b2.lanewise(VectorOperators.AND_NOT, b1)).lanewise(VectorOperators.XOR, iota).intoMemorySegment(states, to, ORDER);
        b1.lanewise(VectorOperators.XOR, b3.lanewise(VectorOperators.AND_NOT, b2)).intoMemorySegment(states, to + ROW, ORDER);
        b2.lanewise(VectorOperators.XOR, b4.lanewise(VectorOperators.AND_NOT, b3)).intoMemorySegment(states, to + 2 * ROW, ORDER);
        b3.lanewise(VectorOperators.XOR, b0.lanewise(VectorOperators.AND_NOT, b4)).intoMemorySegment(states, to + 3 * ROW, ORDER);
        b4.lanewise(VectorOperators.XOR, b1.lanewise(VectorOperators.AND_NOT, b0)).intoMemorySegment(states, to + 4 * ROW, ORDER);
    }

    private static void row1(MemorySegment states, long from, long theta, long to) {
        LongVector b0 = LongVector.fromMemorySegment(SPECIES, states, from + 3 * ROW, ORDER)
                .lanewise(VectorOperators.XOR, LongVector.fromMemorySegment(SPECIES, states, theta + 3 * ROW, ORDER)).lanewise(VectorOperators.ROL, 28);
        LongVector b1 = LongVector.fromMemorySegment(SPECIES, states, from + 9 * ROW, ORDER)
                .lanewise(VectorOperators.XOR, LongVector.fromMemorySegment(SPECIES, states, theta + 4 * ROW, ORDER)).lanewise(VectorOperators.ROL, 20);
        LongVector b2 = LongVector.fromMemorySegment(SPECIES, states, from + 10 * ROW, ORDER)
                .lanewise(VectorOperators.XOR, LongVector.fromMemorySegment(SPECIES, states, theta, ORDER)).lanewise(VectorOperators.ROL, 3);
        LongVector b3 = LongVector.fromMemorySegment(SPECIES, states, from + 16 * ROW, ORDER)
                .lanewise(VectorOperators.XOR, LongVector.fromMemorySegment(SPECIES, states, theta + ROW, ORDER)).lanewise(VectorOperators.ROL, 45);
        LongVector b4 = LongVector.fromMemorySegment(SPECIES, states, from + 22 * ROW, ORDER)
                .lanewise(VectorOperators.XOR, LongVector.fromMemorySegment(SPECIES, states, theta + 2 * ROW, ORDER)).lanewise(VectorOperators.ROL, 61);
        b0.lanewise(VectorOperators.XOR, b2.lanewise(VectorOperators.AND_NOT, b1)).intoMemorySegment(states, to, ORDER);
        b1.lanewise(VectorOperators.XOR, b3.lanewise(VectorOperators.AND_NOT, b2)).intoMemorySegment(states, to + ROW, ORDER);
        b2.lanewise(VectorOperators.XOR, b4.lanewise(VectorOperators.AND_NOT, b3)).intoMemorySegment(states, to + 2 * ROW, ORDER);
        b3.lanewise(VectorOperators.XOR, b0.lanewise(VectorOperators.AND_NOT, b4)).intoMemorySegment(states, to + 3 * ROW, ORDER);
        b4.lanewise(VectorOperators.XOR, b1.lanewise(VectorOperators.AND_NOT, b0)).intoMemorySegment(states, to + 4 * ROW, ORDER);
    }

    private static void row2(MemorySegment states, long from, long theta, long to) {
        LongVector b0 = LongVector.fromMemorySegment(SPECIES, states, from + ROW, ORDER)
                .lanewise(VectorOperators.XOR, LongVector.fromMemorySegment(SPECIES, states, theta + ROW, ORDER)).lanewise(VectorOperators.ROL, 1);
        LongVector b1 = LongVector.fromMemorySegment(SPECIES, states, from + 7 * ROW, ORDER)
                .lanewise(VectorOperators.XOR, LongVector.fromMemorySegment(SPECIES, states, theta + 2 * ROW, ORDER)).lanewise(VectorOperators.ROL, 6);
        LongVector b2 = LongVector.fromMemorySegment(SPECIES, states, from + 13 * ROW, ORDER)
                .lanewise(VectorOperators.XOR, LongVector.fromMemorySegment(SPECIES, states, theta + 3 * ROW, ORDER)).lanewise(VectorOperators.ROL, 25);
        LongVector b3 = LongVector.fromMemorySegment(SPECIES, states, from + 19 * ROW, ORDER)
                .lanewise(VectorOperators.XOR, LongVector.fromMemorySegment(SPECIES, states, theta + 4 * ROW, ORDER)).lanewise(VectorOperators.ROL, 8);
        LongVector b4 = LongVector.fromMemorySegment(SPECIES, states, from + 20 * ROW, ORDER)
                .lanewise(VectorOperators.XOR, LongVector.fromMemorySegment(SPECIES, states, theta, ORDER)).lanewise(VectorOperators.ROL, 18);
        b0.lanewise(VectorOperators.XOR, b2.lanewise(VectorOperators.AND_NOT, b1)).intoMemorySegment(states, to, ORDER);
        b1.lanewise(VectorOperators.XOR, b3.lanewise(VectorOperators.AND_NOT, b2)).intoMemorySegment(states, to + ROW, ORDER);
        b2.lanewise(VectorOperators.XOR, b4.lanewise(VectorOperators.AND_NOT, b3)).intoMemorySegment(states, to + 2 * ROW, ORDER);
        b3.lanewise(VectorOperators.XOR, b0.lanewise(VectorOperators.AND_NOT, b4)).intoMemorySegment(states, to + 3 * ROW, ORDER);
        b4.lanewise(VectorOperators.XOR, b1.lanewise(VectorOperators.AND_NOT, b0)).intoMemorySegment(states, to + 4 * ROW, ORDER);
    }

    private static void row3(MemorySegment states, long from, long theta, long to) {
        LongVector b0 = LongVector.fromMemorySegment(SPECIES, states, from + 4 * ROW, ORDER)
                .lanewise(VectorOperators.XOR, LongVector.fromMemorySegment(SPECIES, states, theta + 4 * ROW, ORDER)).lanewise(VectorOperators.ROL, 27);
        LongVector b1 = LongVector.fromMemorySegment(SPECIES, states, from + 5 * ROW, ORDER)
                .lanewise(VectorOperators.XOR, LongVector.fromMemorySegment(SPECIES, states, theta, ORDER)).lanewise(VectorOperators.ROL, 36);
        LongVector b2 = LongVector.fromMemorySegment(SPECIES, states, from + 11 * ROW, ORDER)
                .lanewise(VectorOperators.XOR, LongVector.fromMemorySegment(SPECIES, states, theta + ROW, ORDER)).lanewise(VectorOperators.ROL, 10);
        LongVector b3 = LongVector.fromMemorySegment(SPECIES, states, from + 17 * ROW, ORDER)
                .lanewise(VectorOperators.XOR, LongVector.fromMemorySegment(SPECIES, states, theta + 2 * ROW, ORDER)).lanewise(VectorOperators.ROL, 15);
        LongVector b4 = LongVector.fromMemorySegment(SPECIES, states, from + 23 * ROW, ORDER)
                .lanewise(VectorOperators.XOR, LongVector.fromMemorySegment(SPECIES, states, theta + 3 * ROW, ORDER)).lanewise(VectorOperators.ROL, 56);
        b0.lanewise(VectorOperators.XOR, b2.lanewise(VectorOperators.AND_NOT, b1)).intoMemorySegment(states, to, ORDER);
        b1.lanewise(VectorOperators.XOR, b3.lanewise(VectorOperators.AND_NOT, b2)).intoMemorySegment(states, to + ROW, ORDER);
        b2.lanewise(VectorOperators.XOR, b4.lanewise(VectorOperators.AND_NOT, b3)).intoMemorySegment(states, to + 2 * ROW, ORDER);
        b3.lanewise(VectorOperators.XOR, b0.lanewise(VectorOperators.AND_NOT, b4)).intoMemorySegment(states, to + 3 * ROW, ORDER);
        b4.lanewise(VectorOperators.XOR, b1.lanewise(VectorOperators.AND_NOT, b0)).intoMemorySegment(states, to + 4 * ROW, ORDER);
    }

    private static void row4(MemorySegment states, long from, long theta, long to) {
        LongVector b0 = LongVector.fromMemorySegment(SPECIES, states, from + 2 * ROW, ORDER)
                .lanewise(VectorOperators.XOR, LongVector.fromMemorySegment(SPECIES, states, theta + 2 * ROW, ORDER)).lanewise(VectorOperators.ROL, 62);
        LongVector b1 = LongVector.fromMemorySegment(SPECIES, states, from + 8 * ROW, ORDER)
                .lanewise(VectorOperators.XOR, LongVector.fromMemorySegment(SPECIES, states, theta + 3 * ROW, ORDER)).lanewise(VectorOperators.ROL, 55);
        LongVector b2 = LongVector.fromMemorySegment(SPECIES, states, from + 14 * ROW, ORDER)
                .lanewise(VectorOperators.XOR, LongVector.fromMemorySegment(SPECIES, states, theta + 4 * ROW, ORDER)).lanewise(VectorOperators.ROL, 39);
        LongVector b3 = LongVector.fromMemorySegment(SPECIES, states, from + 15 * ROW, ORDER)
                .lanewise(VectorOperators.XOR, LongVector.fromMemorySegment(SPECIES, states, theta, ORDER)).lanewise(VectorOperators.ROL, 41);
        LongVector b4 = LongVector.fromMemorySegment(SPECIES, states, from + 21 * ROW, ORDER)
                .lanewise(VectorOperators.XOR, LongVector.fromMemorySegment(SPECIES, states, theta + ROW, ORDER)).lanewise(VectorOperators.ROL, 2);
        b0.lanewise(VectorOperators.XOR, b2.lanewise(VectorOperators.AND_NOT, b1)).intoMemorySegment(states, to, ORDER);
        b1.lanewise(VectorOperators.XOR, b3.lanewise(VectorOperators.AND_NOT, b2)).intoMemorySegment(states, to + ROW, ORDER);
        b2.lanewise(VectorOperators.XOR, b4.lanewise(VectorOperators.AND_NOT, b3)).intoMemorySegment(states, to + 2 * ROW, ORDER);
        b3.lanewise(VectorOperators.XOR, b0.lanewise(VectorOperators.AND_NOT, b4)).intoMemorySegment(states, to + 3 * ROW, ORDER);
        b4.lanewise(VectorOperators.XOR, b1.lanewise(VectorOperators.AND_NOT, b0)).intoMemorySegment(states, to + 4 * ROW, ORDER);
    }

    private static LongVector load(MemorySegment states, long at) {
        return LongVector.fromMemorySegment(SPECIES, states, at, ORDER);
    }

    private static void store(LongVector lanes, MemorySegment states, long at) {
        lanes.intoMemorySegment(states, at, ORDER);
    }

    private static LongVector rotate(LongVector x, int by) {
        return x.lanewise(VectorOperators.ROL, by);
    }

    private static LongVector xor(LongVector x, LongVector y) {
        return x.lanewise(VectorOperators.XOR, y);
    }
}
