package dev.coffer.crypto.mldsa;

import static dev.coffer.crypto.mldsa.Ntt.Q;

import dev.coffer.crypto.Xof;
import dev.coffer.crypto.keccak.Keccak;
import dev.coffer.crypto.keccak.KeccakBatch;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.LittleEndian;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Pseudorandom sampling of FIPS 204, section 7.3. Stateless, thread-safe; 0 heap bytes where the kernels take none.
///
/// Rejection shows in time how many candidates were rejected and, in [#bounded], where: the standard's algorithms do, and
/// what is rejected is independent of what is kept. Nothing depends on the values that are kept.
final class Sampling {
    private static final int SHAKE256_RATE = 136;
    private static final int SEED_WORDS = 8;

    private Sampling() {}

    /// ExpandA (algorithm 32), entries `first`..`first + count - 1` in the order of rows, to as many polynomials at `at`.
    ///
    /// @param rho     32 bytes, public
    /// @param l       entries of a row
    /// @param count   1 to 4
    /// @param states  [KeccakBatch#BYTES] of scratch
    static void matrix(MemorySegment rhoSegment, long rho, int l, int first, int count, MemorySegment out, long at,
            MemorySegment w, long states) {
        Wipe.bytes(w, states, KeccakBatch.STATES_BYTES);
        absorb(rhoSegment, rho, l, first, count, w, states);
        long filled = 0;  // coefficients of each, in 16 bits
        boolean all;
        do {
            KeccakBatch.permuteFirst(w, states, count);
            all = true;
            for (int i = 0; i < count; i++) {
                int have = (int) (filled >>> 16 * i) & 0xffff;
                int now = take(w, states + 8L * i, out, at + (long) i * Polynomial.BYTES, have);
                filled += (long) (now - have) << 16 * i;
                all &= now == Polynomial.N;
            }
        } while (!all);
    }

    /// The seeds of entries, each with its column and row. A loop that ends with its test: decision 0208.
    private static void absorb(MemorySegment rhoSegment, long rho, int l, int first, int count, MemorySegment w, long states) {
        int r = 0;
        int s = first;
        while (s >= l) {
            s -= l;
            r++;
        }
        int i = 0;
        do {
            KeccakBatch.absorbShake128(w, states, i, rhoSegment, rho, s | r << 8);
            int within = s + 1 - l >> 31;  // -1, and 0 where the row ends
            s = s + 1 & within;
            r += 1 + within;
        } while (++i < count);
    }

    /// RejNTTPoly (algorithm 30) from one block: eight candidates of three lanes, seven times.
    private static int take(MemorySegment w, long state, MemorySegment out, long at, int have) {
        int count = have;
        for (int lane = 0; lane < KeccakBatch.SHAKE128_LANES && count < Polynomial.N; lane += 3) {
            long from = state + (long) lane * KeccakBatch.LANE_STRIDE;
            long x = LittleEndian.i64(w, from);
            long y = LittleEndian.i64(w, from + KeccakBatch.LANE_STRIDE);
            long z = LittleEndian.i64(w, from + 2 * KeccakBatch.LANE_STRIDE);
            if (count <= Polynomial.N - 8) {
                count = one(out, at, count, x);
                count = one(out, at, count, x >>> 24);
                count = one(out, at, count, x >>> 48 | y << 16);
                count = one(out, at, count, y >>> 8);
                count = one(out, at, count, y >>> 32);
                count = one(out, at, count, y >>> 56 | z << 8);
                count = one(out, at, count, z >>> 16);
                count = one(out, at, count, z >>> 40);
            } else {
                for (int c = 0; c < 8 && count < Polynomial.N; c++) {
                    int bit = 24 * c;
                    long bits = bit < 48 ? x >>> bit : bit == 48 ? x >>> 48 | y << 16 : bit < 120 ? y >>> bit - 64
                            : bit == 120 ? y >>> 56 | z << 8 : z >>> bit - 128;
                    count = one(out, at, count, bits);
                }
            }
        }
        return count;
    }

    /// CoeffFromThreeBytes (algorithm 14): writes a candidate and counts it where it is below q.
    private static int one(MemorySegment out, long at, int count, long bits) {
        int candidate = (int) bits & 0x7fffff;
        LittleEndian.i32(out, at + 4L * count, candidate);
        return count + (candidate - (int) Q >>> 31);
    }

    /// One block of SHAKE256 of a seed of 64 bytes and a number of 16 bits.
    private static void begin(MemorySegment w, long seed, int number, long state) {
        Wipe.bytes(w, state, Keccak.STATE_BYTES);
        for (int i = 0; i < SEED_WORDS; i++) {
            LittleEndian.i64(w, state + 8L * i, LittleEndian.i64(w, seed + 8L * i));
        }
        LittleEndian.i64(w, state + 8L * SEED_WORDS, number | 0b11111L << 16);
        LittleEndian.i64(w, state + SHAKE256_RATE - Long.BYTES, 0x80L << 56);
        Keccak.permute(w, state);
    }

    /// RejBoundedPoly (algorithm 31): canonical coefficients of -eta..eta.
    ///
    /// @param seed  rho', 64 bytes
    /// @param eta   2 or 4
    static void bounded(MemorySegment w, long seed, int number, int eta, long at, long state) {
        begin(w, seed, number, state);
        int limit = eta == 2 ? 15 : 9;
        int count = 0;
        while (true) {
            for (int lane = 0; lane < SHAKE256_RATE; lane += Long.BYTES) {
                long bits = LittleEndian.i64(w, state + lane);
                for (int nibble = 0; nibble < 16; nibble++) {
                    int z = (int) bits & 15;
                    bits >>>= 4;
                    int residue = eta == 2 ? z - 5 * (z * 205 >>> 10) : z;  // z mod 5, or z
                    long x = eta - residue;
                    LittleEndian.u32(w, at + 4L * count, x + (x >> 63 & Q));
                    count += z - limit >>> 31;
                    if (count == Polynomial.N) {
                        return;
                    }
                }
            }
            Keccak.permute(w, state);
        }
    }

    /// ExpandMask (algorithm 34), one polynomial: canonical coefficients of -gamma1 + 1..gamma1.
    ///
    /// @param seed   rho'', 64 bytes
    /// @param bits   18 or 20: 1 + bitlen(gamma1 - 1)
    /// @param coded  five blocks of scratch
    static void mask(MemorySegment w, long seed, int number, int bits, long at, long state, long coded) {
        begin(w, seed, number, state);
        for (int block = 0; block < 5; block++) {
            if (block > 0) {
                Keccak.permute(w, state);
            }
            for (int i = 0; i < SHAKE256_RATE; i += Long.BYTES) {
                LittleEndian.i64(w, coded + (long) block * SHAKE256_RATE + i, LittleEndian.i64(w, state + i));
            }
        }
        Polynomial.unpack(w, coded, bits, w, at);
        Polynomial.subtractFrom(w, 1L << bits - 1, at);
    }

    /// SampleInBall (algorithm 29) of a commitment hash, which is public where it becomes part of a signature and says
    /// nothing where it does not: canonical coefficients.
    ///
    /// @param hash   [Xof#STATE_BYTES] of scratch
    /// @param coded  a block of scratch
    static void ball(MemorySegment w, long cTilde, int cTildeBytes, int tau, long at, long hash, long coded) {
        Wipe.bytes(w, at, Polynomial.BYTES);
        Xof.SHAKE_256.init(w, hash);
        Xof.SHAKE_256.absorb(w, hash, w, cTilde, cTildeBytes);
        Xof.SHAKE_256.squeeze(w, hash, w, coded, SHAKE256_RATE);
        long signs = LittleEndian.i64(w, coded);
        int used = Long.BYTES;
        for (int i = Polynomial.N - tau; i < Polynomial.N; i++) {
            int j;
            do {
                if (used == SHAKE256_RATE) {
                    Xof.SHAKE_256.squeeze(w, hash, w, coded, SHAKE256_RATE);
                    used = 0;
                }
                j = w.get(ValueLayout.JAVA_BYTE, coded + used++) & 0xff;
            } while (j > i);
            LittleEndian.u32(w, at + 4L * i, LittleEndian.u32(w, at + 4L * j));
            LittleEndian.u32(w, at + 4L * j, 1 + (-(signs & 1) & Q - 2));
            signs >>>= 1;
        }
    }
}
