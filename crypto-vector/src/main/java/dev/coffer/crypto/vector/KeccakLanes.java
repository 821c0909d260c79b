package dev.coffer.crypto.vector;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/// Four Keccak-f[1600] permutations at a time (FIPS 202, section 3), one in each lane of 256 bits. Stateless, thread-safe.
///
/// The states are interleaved: lane i of state j lies at `8 * (4 * i + j)`, little-endian, and so do those of the next round in the
/// scratch behind them. A round is four methods, each of which C2 takes whole: it stops inlining methods of ours at 18,000 nodes, of which a
/// load or store of a vector makes some 500 and an operation 120, and what is not inlined boxes its vectors for ever. So the vector module is
/// called straight, whose methods C2 inlines later too. All of a round in one method is past what it does then. [KeccakWideLanes] is the same text with another
/// width, as a species that is no constant of the class is none for C2; a test compares the two.
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
        theta(states, from, theta);
        rows01(states, from, theta, to, iota);
        rows23(states, from, theta, to + 10 * ROW);
        row4(states, from, theta, to + 20 * ROW);
    }

    /// What is added to each column (3.2.1).
    private static void theta(MemorySegment states, long from, long theta) {
        LongVector c0 = LongVector.fromMemorySegment(SPECIES, states, from, ORDER)
                .lanewise(VectorOperators.XOR, LongVector.fromMemorySegment(SPECIES, states, from + 5 * ROW, ORDER))
                .lanewise(VectorOperators.XOR, LongVector.fromMemorySegment(SPECIES, states, from + 10 * ROW, ORDER))
                .lanewise(VectorOperators.XOR, LongVector.fromMemorySegment(SPECIES, states, from + 15 * ROW, ORDER))
                .lanewise(VectorOperators.XOR, LongVector.fromMemorySegment(SPECIES, states, from + 20 * ROW, ORDER));
        LongVector c1 = LongVector.fromMemorySegment(SPECIES, states, from + ROW, ORDER)
                .lanewise(VectorOperators.XOR, LongVector.fromMemorySegment(SPECIES, states, from + 6 * ROW, ORDER))
                .lanewise(VectorOperators.XOR, LongVector.fromMemorySegment(SPECIES, states, from + 11 * ROW, ORDER))
                .lanewise(VectorOperators.XOR, LongVector.fromMemorySegment(SPECIES, states, from + 16 * ROW, ORDER))
                .lanewise(VectorOperators.XOR, LongVector.fromMemorySegment(SPECIES, states, from + 21 * ROW, ORDER));
        LongVector c2 = LongVector.fromMemorySegment(SPECIES, states, from + 2 * ROW, ORDER)
                .lanewise(VectorOperators.XOR, LongVector.fromMemorySegment(SPECIES, states, from + 7 * ROW, ORDER))
                .lanewise(VectorOperators.XOR, LongVector.fromMemorySegment(SPECIES, states, from + 12 * ROW, ORDER))
                .lanewise(VectorOperators.XOR, LongVector.fromMemorySegment(SPECIES, states, from + 17 * ROW, ORDER))
                .lanewise(VectorOperators.XOR, LongVector.fromMemorySegment(SPECIES, states, from + 22 * ROW, ORDER));
        LongVector c3 = LongVector.fromMemorySegment(SPECIES, states, from + 3 * ROW, ORDER)
                .lanewise(VectorOperators.XOR, LongVector.fromMemorySegment(SPECIES, states, from + 8 * ROW, ORDER))
                .lanewise(VectorOperators.XOR, LongVector.fromMemorySegment(SPECIES, states, from + 13 * ROW, ORDER))
                .lanewise(VectorOperators.XOR, LongVector.fromMemorySegment(SPECIES, states, from + 18 * ROW, ORDER))
                .lanewise(VectorOperators.XOR, LongVector.fromMemorySegment(SPECIES, states, from + 23 * ROW, ORDER));
        LongVector c4 = LongVector.fromMemorySegment(SPECIES, states, from + 4 * ROW, ORDER)
                .lanewise(VectorOperators.XOR, LongVector.fromMemorySegment(SPECIES, states, from + 9 * ROW, ORDER))
                .lanewise(VectorOperators.XOR, LongVector.fromMemorySegment(SPECIES, states, from + 14 * ROW, ORDER))
                .lanewise(VectorOperators.XOR, LongVector.fromMemorySegment(SPECIES, states, from + 19 * ROW, ORDER))
                .lanewise(VectorOperators.XOR, LongVector.fromMemorySegment(SPECIES, states, from + 24 * ROW, ORDER));
        c4.lanewise(VectorOperators.XOR, c1.lanewise(VectorOperators.ROL, 1)).intoMemorySegment(states, theta, ORDER);
        c0.lanewise(VectorOperators.XOR, c2.lanewise(VectorOperators.ROL, 1)).intoMemorySegment(states, theta + ROW, ORDER);
        c1.lanewise(VectorOperators.XOR, c3.lanewise(VectorOperators.ROL, 1)).intoMemorySegment(states, theta + 2 * ROW, ORDER);
        c2.lanewise(VectorOperators.XOR, c4.lanewise(VectorOperators.ROL, 1)).intoMemorySegment(states, theta + 3 * ROW, ORDER);
        c3.lanewise(VectorOperators.XOR, c0.lanewise(VectorOperators.ROL, 1)).intoMemorySegment(states, theta + 4 * ROW, ORDER);
    }

    // The rows of rho, pi and chi (3.2.2 to 3.2.4), and iota (3.2.5) in the first. Written out, so that each has more than the 325
    // bytes of code up to which C2 would put all of them into one method, and then run out of nodes.

    private static void rows01(MemorySegment states, long from, long theta, long to, long iota) {
        LongVector d0 = LongVector.fromMemorySegment(SPECIES, states, theta, ORDER);
        LongVector d1 = LongVector.fromMemorySegment(SPECIES, states, theta + ROW, ORDER);
        LongVector d2 = LongVector.fromMemorySegment(SPECIES, states, theta + 2 * ROW, ORDER);
        LongVector d3 = LongVector.fromMemorySegment(SPECIES, states, theta + 3 * ROW, ORDER);
        LongVector d4 = LongVector.fromMemorySegment(SPECIES, states, theta + 4 * ROW, ORDER);
        LongVector b0 = LongVector.fromMemorySegment(SPECIES, states, from, ORDER).lanewise(VectorOperators.XOR, d0);
        LongVector b1 =
                LongVector.fromMemorySegment(SPECIES, states, from + 6 * ROW, ORDER).lanewise(VectorOperators.XOR, d1).lanewise(VectorOperators.ROL, 44);
        LongVector b2 =
                LongVector.fromMemorySegment(SPECIES, states, from + 12 * ROW, ORDER).lanewise(VectorOperators.XOR, d2).lanewise(VectorOperators.ROL, 43);
        LongVector b3 =
                LongVector.fromMemorySegment(SPECIES, states, from + 18 * ROW, ORDER).lanewise(VectorOperators.XOR, d3).lanewise(VectorOperators.ROL, 21);
        LongVector b4 =
                LongVector.fromMemorySegment(SPECIES, states, from + 24 * ROW, ORDER).lanewise(VectorOperators.XOR, d4).lanewise(VectorOperators.ROL, 14);
        b0.lanewise(VectorOperators.XOR, b2.lanewise(VectorOperators.AND_NOT, b1)).lanewise(VectorOperators.XOR, iota).intoMemorySegment(states, to, ORDER);
        b1.lanewise(VectorOperators.XOR, b3.lanewise(VectorOperators.AND_NOT, b2)).intoMemorySegment(states, to + ROW, ORDER);
        b2.lanewise(VectorOperators.XOR, b4.lanewise(VectorOperators.AND_NOT, b3)).intoMemorySegment(states, to + 2 * ROW, ORDER);
        b3.lanewise(VectorOperators.XOR, b0.lanewise(VectorOperators.AND_NOT, b4)).intoMemorySegment(states, to + 3 * ROW, ORDER);
        b4.lanewise(VectorOperators.XOR, b1.lanewise(VectorOperators.AND_NOT, b0)).intoMemorySegment(states, to + 4 * ROW, ORDER);
        b0 = LongVector.fromMemorySegment(SPECIES, states, from + 3 * ROW, ORDER).lanewise(VectorOperators.XOR, d3).lanewise(VectorOperators.ROL, 28);
        b1 = LongVector.fromMemorySegment(SPECIES, states, from + 9 * ROW, ORDER).lanewise(VectorOperators.XOR, d4).lanewise(VectorOperators.ROL, 20);
        b2 = LongVector.fromMemorySegment(SPECIES, states, from + 10 * ROW, ORDER).lanewise(VectorOperators.XOR, d0).lanewise(VectorOperators.ROL, 3);
        b3 = LongVector.fromMemorySegment(SPECIES, states, from + 16 * ROW, ORDER).lanewise(VectorOperators.XOR, d1).lanewise(VectorOperators.ROL, 45);
        b4 = LongVector.fromMemorySegment(SPECIES, states, from + 22 * ROW, ORDER).lanewise(VectorOperators.XOR, d2).lanewise(VectorOperators.ROL, 61);
        b0.lanewise(VectorOperators.XOR, b2.lanewise(VectorOperators.AND_NOT, b1)).intoMemorySegment(states, to + 5 * ROW, ORDER);
        b1.lanewise(VectorOperators.XOR, b3.lanewise(VectorOperators.AND_NOT, b2)).intoMemorySegment(states, to + 6 * ROW, ORDER);
        b2.lanewise(VectorOperators.XOR, b4.lanewise(VectorOperators.AND_NOT, b3)).intoMemorySegment(states, to + 7 * ROW, ORDER);
        b3.lanewise(VectorOperators.XOR, b0.lanewise(VectorOperators.AND_NOT, b4)).intoMemorySegment(states, to + 8 * ROW, ORDER);
        b4.lanewise(VectorOperators.XOR, b1.lanewise(VectorOperators.AND_NOT, b0)).intoMemorySegment(states, to + 9 * ROW, ORDER);
    }

    private static void rows23(MemorySegment states, long from, long theta, long to) {
        LongVector d0 = LongVector.fromMemorySegment(SPECIES, states, theta, ORDER);
        LongVector d1 = LongVector.fromMemorySegment(SPECIES, states, theta + ROW, ORDER);
        LongVector d2 = LongVector.fromMemorySegment(SPECIES, states, theta + 2 * ROW, ORDER);
        LongVector d3 = LongVector.fromMemorySegment(SPECIES, states, theta + 3 * ROW, ORDER);
        LongVector d4 = LongVector.fromMemorySegment(SPECIES, states, theta + 4 * ROW, ORDER);
        LongVector b0 = LongVector.fromMemorySegment(SPECIES, states, from + ROW, ORDER).lanewise(VectorOperators.XOR, d1).lanewise(VectorOperators.ROL, 1);
        LongVector b1 = LongVector.fromMemorySegment(SPECIES, states, from + 7 * ROW, ORDER).lanewise(VectorOperators.XOR, d2).lanewise(VectorOperators.ROL, 6);
        LongVector b2 =
                LongVector.fromMemorySegment(SPECIES, states, from + 13 * ROW, ORDER).lanewise(VectorOperators.XOR, d3).lanewise(VectorOperators.ROL, 25);
        LongVector b3 =
                LongVector.fromMemorySegment(SPECIES, states, from + 19 * ROW, ORDER).lanewise(VectorOperators.XOR, d4).lanewise(VectorOperators.ROL, 8);
        LongVector b4 =
                LongVector.fromMemorySegment(SPECIES, states, from + 20 * ROW, ORDER).lanewise(VectorOperators.XOR, d0).lanewise(VectorOperators.ROL, 18);
        b0.lanewise(VectorOperators.XOR, b2.lanewise(VectorOperators.AND_NOT, b1)).intoMemorySegment(states, to, ORDER);
        b1.lanewise(VectorOperators.XOR, b3.lanewise(VectorOperators.AND_NOT, b2)).intoMemorySegment(states, to + ROW, ORDER);
        b2.lanewise(VectorOperators.XOR, b4.lanewise(VectorOperators.AND_NOT, b3)).intoMemorySegment(states, to + 2 * ROW, ORDER);
        b3.lanewise(VectorOperators.XOR, b0.lanewise(VectorOperators.AND_NOT, b4)).intoMemorySegment(states, to + 3 * ROW, ORDER);
        b4.lanewise(VectorOperators.XOR, b1.lanewise(VectorOperators.AND_NOT, b0)).intoMemorySegment(states, to + 4 * ROW, ORDER);
        b0 = LongVector.fromMemorySegment(SPECIES, states, from + 4 * ROW, ORDER).lanewise(VectorOperators.XOR, d4).lanewise(VectorOperators.ROL, 27);
        b1 = LongVector.fromMemorySegment(SPECIES, states, from + 5 * ROW, ORDER).lanewise(VectorOperators.XOR, d0).lanewise(VectorOperators.ROL, 36);
        b2 = LongVector.fromMemorySegment(SPECIES, states, from + 11 * ROW, ORDER).lanewise(VectorOperators.XOR, d1).lanewise(VectorOperators.ROL, 10);
        b3 = LongVector.fromMemorySegment(SPECIES, states, from + 17 * ROW, ORDER).lanewise(VectorOperators.XOR, d2).lanewise(VectorOperators.ROL, 15);
        b4 = LongVector.fromMemorySegment(SPECIES, states, from + 23 * ROW, ORDER).lanewise(VectorOperators.XOR, d3).lanewise(VectorOperators.ROL, 56);
        b0.lanewise(VectorOperators.XOR, b2.lanewise(VectorOperators.AND_NOT, b1)).intoMemorySegment(states, to + 5 * ROW, ORDER);
        b1.lanewise(VectorOperators.XOR, b3.lanewise(VectorOperators.AND_NOT, b2)).intoMemorySegment(states, to + 6 * ROW, ORDER);
        b2.lanewise(VectorOperators.XOR, b4.lanewise(VectorOperators.AND_NOT, b3)).intoMemorySegment(states, to + 7 * ROW, ORDER);
        b3.lanewise(VectorOperators.XOR, b0.lanewise(VectorOperators.AND_NOT, b4)).intoMemorySegment(states, to + 8 * ROW, ORDER);
        b4.lanewise(VectorOperators.XOR, b1.lanewise(VectorOperators.AND_NOT, b0)).intoMemorySegment(states, to + 9 * ROW, ORDER);
    }

    private static void row4(MemorySegment states, long from, long theta, long to) {
        LongVector d0 = LongVector.fromMemorySegment(SPECIES, states, theta, ORDER);
        LongVector d1 = LongVector.fromMemorySegment(SPECIES, states, theta + ROW, ORDER);
        LongVector d2 = LongVector.fromMemorySegment(SPECIES, states, theta + 2 * ROW, ORDER);
        LongVector d3 = LongVector.fromMemorySegment(SPECIES, states, theta + 3 * ROW, ORDER);
        LongVector d4 = LongVector.fromMemorySegment(SPECIES, states, theta + 4 * ROW, ORDER);
        LongVector b0 =
                LongVector.fromMemorySegment(SPECIES, states, from + 2 * ROW, ORDER).lanewise(VectorOperators.XOR, d2).lanewise(VectorOperators.ROL, 62);
        LongVector b1 =
                LongVector.fromMemorySegment(SPECIES, states, from + 8 * ROW, ORDER).lanewise(VectorOperators.XOR, d3).lanewise(VectorOperators.ROL, 55);
        LongVector b2 =
                LongVector.fromMemorySegment(SPECIES, states, from + 14 * ROW, ORDER).lanewise(VectorOperators.XOR, d4).lanewise(VectorOperators.ROL, 39);
        LongVector b3 =
                LongVector.fromMemorySegment(SPECIES, states, from + 15 * ROW, ORDER).lanewise(VectorOperators.XOR, d0).lanewise(VectorOperators.ROL, 41);
        LongVector b4 =
                LongVector.fromMemorySegment(SPECIES, states, from + 21 * ROW, ORDER).lanewise(VectorOperators.XOR, d1).lanewise(VectorOperators.ROL, 2);
        b0.lanewise(VectorOperators.XOR, b2.lanewise(VectorOperators.AND_NOT, b1)).intoMemorySegment(states, to, ORDER);
        b1.lanewise(VectorOperators.XOR, b3.lanewise(VectorOperators.AND_NOT, b2)).intoMemorySegment(states, to + ROW, ORDER);
        b2.lanewise(VectorOperators.XOR, b4.lanewise(VectorOperators.AND_NOT, b3)).intoMemorySegment(states, to + 2 * ROW, ORDER);
        b3.lanewise(VectorOperators.XOR, b0.lanewise(VectorOperators.AND_NOT, b4)).intoMemorySegment(states, to + 3 * ROW, ORDER);
        b4.lanewise(VectorOperators.XOR, b1.lanewise(VectorOperators.AND_NOT, b0)).intoMemorySegment(states, to + 4 * ROW, ORDER);
    }
}
