package dev.coffer.crypto.vector;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/// Four Keccak-f[1600] permutations at a time (FIPS 202, section 3), for public data: matrix expansion, public-key
/// hashing, verification. Stateless, thread-safe.
///
/// The states are interleaved: lane i of state j lies at `8 * (4 * i + j)`, little-endian. Inside, two states at a time
/// share vectors of 128 bits: that form is compiled by C2 in every run, while four in 256 bits at times never are
/// (measured on JDK 25).
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
    private static final VectorSpecies<Long> SPECIES = LongVector.SPECIES_128;

    private KeccakLanes() {}

    static boolean wideEnough() {
        return LongVector.SPECIES_PREFERRED.length() >= 2;
    }

    /// Permutes the interleaved states in place.
    static void permute(MemorySegment states, long at) {
        permutePair(states, at);
        permutePair(states, at + 2 * Long.BYTES);
    }

    private static void permutePair(MemorySegment states, long at) {
        LongVector a00 = load(states, at);
        LongVector a10 = load(states, at + 32);
        LongVector a20 = load(states, at + 64);
        LongVector a30 = load(states, at + 96);
        LongVector a40 = load(states, at + 128);
        LongVector a01 = load(states, at + 160);
        LongVector a11 = load(states, at + 192);
        LongVector a21 = load(states, at + 224);
        LongVector a31 = load(states, at + 256);
        LongVector a41 = load(states, at + 288);
        LongVector a02 = load(states, at + 320);
        LongVector a12 = load(states, at + 352);
        LongVector a22 = load(states, at + 384);
        LongVector a32 = load(states, at + 416);
        LongVector a42 = load(states, at + 448);
        LongVector a03 = load(states, at + 480);
        LongVector a13 = load(states, at + 512);
        LongVector a23 = load(states, at + 544);
        LongVector a33 = load(states, at + 576);
        LongVector a43 = load(states, at + 608);
        LongVector a04 = load(states, at + 640);
        LongVector a14 = load(states, at + 672);
        LongVector a24 = load(states, at + 704);
        LongVector a34 = load(states, at + 736);
        LongVector a44 = load(states, at + 768);
        for (int round = 0; round < IOTA.length; round++) {
            // theta (3.2.1)
            LongVector c0 = xor(xor(xor(xor(a00, a01), a02), a03), a04);
            LongVector c1 = xor(xor(xor(xor(a10, a11), a12), a13), a14);
            LongVector c2 = xor(xor(xor(xor(a20, a21), a22), a23), a24);
            LongVector c3 = xor(xor(xor(xor(a30, a31), a32), a33), a34);
            LongVector c4 = xor(xor(xor(xor(a40, a41), a42), a43), a44);
            LongVector d0 = xor(c4, rotate(c1, 1));
            LongVector d1 = xor(c0, rotate(c2, 1));
            LongVector d2 = xor(c1, rotate(c3, 1));
            LongVector d3 = xor(c2, rotate(c4, 1));
            LongVector d4 = xor(c3, rotate(c0, 1));
            // rho and pi (3.2.2, 3.2.3)
            LongVector b00 = xor(a00, d0);
            LongVector b10 = rotate(xor(a11, d1), 44);
            LongVector b20 = rotate(xor(a22, d2), 43);
            LongVector b30 = rotate(xor(a33, d3), 21);
            LongVector b40 = rotate(xor(a44, d4), 14);
            LongVector b01 = rotate(xor(a30, d3), 28);
            LongVector b11 = rotate(xor(a41, d4), 20);
            LongVector b21 = rotate(xor(a02, d0), 3);
            LongVector b31 = rotate(xor(a13, d1), 45);
            LongVector b41 = rotate(xor(a24, d2), 61);
            LongVector b02 = rotate(xor(a10, d1), 1);
            LongVector b12 = rotate(xor(a21, d2), 6);
            LongVector b22 = rotate(xor(a32, d3), 25);
            LongVector b32 = rotate(xor(a43, d4), 8);
            LongVector b42 = rotate(xor(a04, d0), 18);
            LongVector b03 = rotate(xor(a40, d4), 27);
            LongVector b13 = rotate(xor(a01, d0), 36);
            LongVector b23 = rotate(xor(a12, d1), 10);
            LongVector b33 = rotate(xor(a23, d2), 15);
            LongVector b43 = rotate(xor(a34, d3), 56);
            LongVector b04 = rotate(xor(a20, d2), 62);
            LongVector b14 = rotate(xor(a31, d3), 55);
            LongVector b24 = rotate(xor(a42, d4), 39);
            LongVector b34 = rotate(xor(a03, d0), 41);
            LongVector b44 = rotate(xor(a14, d1), 2);
            // chi and iota (3.2.4, 3.2.5)
            a00 = xor(chi(b00, b10, b20), LongVector.broadcast(SPECIES, IOTA[round]));
            a10 = chi(b10, b20, b30);
            a20 = chi(b20, b30, b40);
            a30 = chi(b30, b40, b00);
            a40 = chi(b40, b00, b10);
            a01 = chi(b01, b11, b21);
            a11 = chi(b11, b21, b31);
            a21 = chi(b21, b31, b41);
            a31 = chi(b31, b41, b01);
            a41 = chi(b41, b01, b11);
            a02 = chi(b02, b12, b22);
            a12 = chi(b12, b22, b32);
            a22 = chi(b22, b32, b42);
            a32 = chi(b32, b42, b02);
            a42 = chi(b42, b02, b12);
            a03 = chi(b03, b13, b23);
            a13 = chi(b13, b23, b33);
            a23 = chi(b23, b33, b43);
            a33 = chi(b33, b43, b03);
            a43 = chi(b43, b03, b13);
            a04 = chi(b04, b14, b24);
            a14 = chi(b14, b24, b34);
            a24 = chi(b24, b34, b44);
            a34 = chi(b34, b44, b04);
            a44 = chi(b44, b04, b14);
        }
        store(a00, states, at);
        store(a10, states, at + 32);
        store(a20, states, at + 64);
        store(a30, states, at + 96);
        store(a40, states, at + 128);
        store(a01, states, at + 160);
        store(a11, states, at + 192);
        store(a21, states, at + 224);
        store(a31, states, at + 256);
        store(a41, states, at + 288);
        store(a02, states, at + 320);
        store(a12, states, at + 352);
        store(a22, states, at + 384);
        store(a32, states, at + 416);
        store(a42, states, at + 448);
        store(a03, states, at + 480);
        store(a13, states, at + 512);
        store(a23, states, at + 544);
        store(a33, states, at + 576);
        store(a43, states, at + 608);
        store(a04, states, at + 640);
        store(a14, states, at + 672);
        store(a24, states, at + 704);
        store(a34, states, at + 736);
        store(a44, states, at + 768);
    }

    private static LongVector load(MemorySegment states, long at) {
        return LongVector.fromMemorySegment(SPECIES, states, at, ByteOrder.LITTLE_ENDIAN);
    }

    private static void store(LongVector lanes, MemorySegment states, long at) {
        lanes.intoMemorySegment(states, at, ByteOrder.LITTLE_ENDIAN);
    }

    private static LongVector rotate(LongVector x, int by) {
        return x.lanewise(VectorOperators.ROL, by);
    }

    private static LongVector xor(LongVector x, LongVector y) {
        return x.lanewise(VectorOperators.XOR, y);
    }

    private static LongVector chi(LongVector x, LongVector y, LongVector z) {
        return x.lanewise(VectorOperators.XOR, z.lanewise(VectorOperators.AND_NOT, y));
    }
}
