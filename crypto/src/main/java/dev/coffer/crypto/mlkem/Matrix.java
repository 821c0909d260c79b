package dev.coffer.crypto.mlkem;

import static dev.coffer.crypto.mlkem.Ntt.Q;

import dev.coffer.crypto.keccak.KeccakBatch;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.LittleEndian;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// SampleNTT (FIPS 203, algorithm 7): entries of the public matrix, four at a time. Time and addresses depend on rho,
/// which is public. Stateless, thread-safe; 0 heap bytes where the kernels take none.
final class Matrix {
    private static final ValueLayout.OfShort COEFFICIENT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(java.nio.ByteOrder.LITTLE_ENDIAN);

    private Matrix() {}

    /// Samples entries `first`..`first + count - 1`, in the order of rows.
    ///
    /// @param rho         32 bytes
    /// @param k           the matrix has k rows of k
    /// @param transposed  whether it is the transposed matrix whose entries are counted
    /// @param count       1 to 4
    /// @param slots       where entry n goes: `at + n * Polynomial.BYTES`, n taken modulo `slots`
    /// @param states      [KeccakBatch#BYTES] of scratch
    static void sample(MemorySegment rhoSegment, long rho, int k, boolean transposed, int first, int count, int slots,
            MemorySegment w, long at, long states) {
        Wipe.bytes(w, states, KeccakBatch.STATES_BYTES);
        absorb(rhoSegment, rho, k, transposed, first, count, w, states);
        long filled = 0;  // coefficients of each, in 16 bits
        boolean all;
        do {
            KeccakBatch.permuteFirst(w, states, count);
            all = true;
            for (int s = 0; s < count; s++) {
                int have = (int) (filled >>> 16 * s) & 0xffff;
                int now = take(w, states, s, at + (long) slot(first + s, slots) * Polynomial.BYTES, have);
                filled += (long) (now - have) << 16 * s;
                all &= now == Polynomial.N;
            }
        } while (!all);
        for (int s = 0; s < count; s++) {
            arrange(w, at + (long) slot(first + s, slots) * Polynomial.BYTES);
        }
    }

    /// The seeds of entries. A loop that ends with its test: decision 0208.
    private static void absorb(MemorySegment rhoSegment, long rho, int k, boolean transposed, int first, int count, MemorySegment w, long states) {
        int s = 0;
        do {
            KeccakBatch.absorbShake128(w, states, s, rhoSegment, rho, indices(first + s, k, transposed));
        } while (++s < count);
    }

    /// {@return column and row of an entry, low byte first: what the seed of its polynomial ends with}
    private static int indices(int entry, int k, boolean transposed) {
        int row = k == 3 ? entry * 11 >>> 5 : entry >>> (k >> 1);  // entry / k, below 16: 11 / 32 is a third and a hundredth
        int column = entry - row * k;
        return transposed ? row | column << 8 : column | row << 8;
    }

    /// Puts coefficients that were sampled one behind the other where [Polynomial] keeps them: the middle two of each four change
    /// places.
    private static void arrange(MemorySegment w, long at) {
        for (int i = 0; i < Polynomial.N / 4; i++) {
            long x = LittleEndian.i64(w, at + 8L * i);
            LittleEndian.i64(w, at + 8L * i,
                    x & 0xffff_0000_0000_ffffL | (x & 0xffff_0000L) << 16 | x >>> 16 & 0xffff_0000L);
        }
    }

    /// {@return n modulo slots}
    static int slot(int n, int slots) {
        int slot = n;
        while (slot >= slots) {
            slot -= slots;
        }
        return slot;
    }

    /// Takes coefficients from one block: 16 candidates of three lanes, seven times.
    ///
    /// @return coefficients that the polynomial has now
    private static int take(MemorySegment w, long states, int state, long at, int have) {
        int count = have;
        for (int lane = 0; lane < KeccakBatch.SHAKE128_LANES && count < Polynomial.N; lane += 3) {
            long from = states + (long) lane * KeccakBatch.LANE_STRIDE + 8L * state;
            long x = LittleEndian.i64(w, from);
            long y = LittleEndian.i64(w, from + KeccakBatch.LANE_STRIDE);
            long z = LittleEndian.i64(w, from + 2 * KeccakBatch.LANE_STRIDE);
            if (count <= Polynomial.N - 16) {
                count = five(w, at, count, x);
                count = one(w, at, count, x >>> 60 | y << 4);
                count = four(w, at, count, y >>> 8);
                count = one(w, at, count, y >>> 56 | z << 8);
                count = five(w, at, count, z >>> 4);
            } else {
                for (int c = 0; c < 16 && count < Polynomial.N; c++) {
                    int bit = 12 * c;
                    long bits = bit < 60 ? x >>> bit : bit == 60 ? x >>> 60 | y << 4 : bit < 120 ? y >>> bit - 64
                            : bit == 120 ? y >>> 56 | z << 8 : z >>> bit - 128;
                    count = one(w, at, count, bits);
                }
            }
        }
        return count;
    }

    private static int five(MemorySegment w, long at, int count, long bits) {
        return one(w, at, four(w, at, count, bits), bits >>> 48);
    }

    private static int four(MemorySegment w, long at, int count, long bits) {
        int n = one(w, at, count, bits);
        n = one(w, at, n, bits >>> 12);
        n = one(w, at, n, bits >>> 24);
        return one(w, at, n, bits >>> 36);
    }

    /// Writes a candidate and counts it where it is below q: the next one overwrites it otherwise.
    private static int one(MemorySegment w, long at, int count, long bits) {
        int d = (int) bits & 0xfff;
        w.set(COEFFICIENT, at + 2L * count, (short) d);
        return count + (d - Q >>> 31);
    }
}
