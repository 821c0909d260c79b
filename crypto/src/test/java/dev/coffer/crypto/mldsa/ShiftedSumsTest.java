package dev.coffer.crypto.mldsa;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.coffer.crypto.Memory;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import java.util.function.IntUnaryOperator;
import org.junit.jupiter.api.Test;

/// Products with a challenge beside those of the definition, at the ends of every range: where a sum would carry into its neighbour, it is seen here.
class ShiftedSumsTest {
    private static final long Q = Ntt.Q;
    private static final int[][] SECRETS = {{3, 4, 39}, {4, 8, 49}, {3, 4, 60}};  // bits, twice eta, tau
    private static final long COPIES = 0;
    private static final long SHIFTS = COPIES + ShiftedSums.COPIES_BYTES;
    private static final long CHALLENGE = SHIFTS + ShiftedSums.SHIFTS_BYTES;
    private static final long TO = CHALLENGE + Polynomial.BYTES;
    private static final long BYTES = TO + Polynomial.BYTES;
    private static final SplittableRandom RANDOM = new SplittableRandom(11);

    /// tau coefficients of 1 or -1, in the first places, the last, or anywhere.
    private static long[] challenge(int tau, int kind) {
        long[] c = new long[256];
        for (int left = tau; left > 0;) {
            int i = kind < 3 ? tau - left : kind < 6 ? 256 - left : RANDOM.nextInt(256);
            if (c[i] == 0) {
                c[i] = kind % 3 == 0 ? 1 : kind % 3 == 1 ? -1 : RANDOM.nextBoolean() ? 1 : -1;
                left--;
            }
        }
        return c;
    }

    private static long[] product(long[] c, long[] x) {
        long[] product = new long[256];
        for (int i = 0; i < 256; i++) {
            for (int j = 0; j < 256; j++) {
                product[i + j & 255] += (i + j < 256 ? 1 : -1) * c[i] * x[j];
            }
        }
        return product;
    }

    private static MemorySegment memory(long[] x) {
        MemorySegment memory = Memory.zeros(Polynomial.BYTES);
        for (int i = 0; i < 256; i++) {
            Polynomial.store(memory, 0, i, Math.floorMod(x[i], Q));
        }
        return memory;
    }

    /// {@return as many bytes as are encoded and no more: what reads behind them is refused}
    private static MemorySegment packed(long[] x, int bits) {
        MemorySegment packed = Memory.zeros(32L * bits);
        Polynomial.pack(memory(x), 0, bits, packed, 0);
        return packed;
    }

    private interface Check {
        void run(long[] c, long[] encoded);
    }

    private static void everyChallenge(int tau, int most, Check check) {
        for (int kind = 0; kind < 9; kind++) {
            for (IntUnaryOperator fill : new IntUnaryOperator[] {i -> 0, i -> most, i -> (i & 1) * most, i -> i < 128 ? 0 : most,
                    i -> RANDOM.nextInt(most + 1)}) {
                long[] encoded = new long[256];
                for (int i = 0; i < 256; i++) {
                    encoded[i] = fill.applyAsInt(i);
                }
                check.run(challenge(tau, kind), encoded);
            }
        }
    }

    @Test
    void productsOfShortPolynomialsAreTheDefiningOnes() {
        for (int[] set : SECRETS) {
            int bits = set[0];
            int most = set[1];
            int tau = set[2];
            everyChallenge(tau, most, (c, encoded) -> {
                long[] x = new long[256];
                long[] to = new long[256];
                for (int i = 0; i < 256; i++) {
                    x[i] = most / 2 - encoded[i];
                    to[i] = i % 3 == 0 ? 0 : i % 3 == 1 ? Q - 1 : RANDOM.nextLong(Q);
                }
                long[] product = product(c, x);
                for (int sign : new int[] {1, -1}) {
                    MemorySegment w = workspace(c);
                    ShiftedSums.copies(packed(encoded, bits), 0, bits, most / 2, w, COPIES);
                    store(w, to);
                    ShiftedSums.add(w, COPIES, SHIFTS, tau, most / 2, sign, TO);
                    for (int i = 0; i < 256; i++) {
                        assertEquals(Math.floorMod(to[i] + sign * product[i], Q), Polynomial.load(w, TO, i), bits + " bits, place " + i);
                    }
                }
            });
        }
    }

    private static MemorySegment workspace(long[] c) {
        MemorySegment w = Memory.zeros(BYTES);
        MemorySegment.copy(memory(c), 0, w, CHALLENGE, Polynomial.BYTES);
        ShiftedSums.shifts(w, CHALLENGE, SHIFTS);
        return w;
    }

    private static void store(MemorySegment w, long[] to) {
        for (int i = 0; i < 256; i++) {
            Polynomial.store(w, TO, i, to[i]);
        }
    }
}
