package dev.coffer.crypto.falcon;

import static dev.coffer.crypto.falcon.Rns.load;
import static dev.coffer.crypto.falcon.Rns.store;

import java.lang.foreign.MemorySegment;

/// f and g at each depth of the tower of fields: their norms, of half the degree and twice the length each time. Stateless, thread-safe; 0
/// heap bytes.
final class Tower {
    /// Words of a coefficient of f and g at each depth, and of the F and G that belong to them.
    private static final int[] WORDS = {1, 1, 2, 2, 4, 7, 14, 27, 53, 106, 209};
    /// Words of a coefficient of F and G before they are reduced.
    private static final int[] LIFTED_WORDS = {2, 2, 5, 7, 12, 21, 40, 78, 157, 308};
    /// Bits of the largest coefficient of f and g: mean and deviation over thousands of keys, by the submission's authors.
    private static final int[] BITS_MEAN = {4, 11, 24, 50, 102, 202, 401, 794, 1577, 3138, 6308};
    private static final int[] BITS_DEVIATION = {0, 1, 1, 1, 1, 2, 4, 5, 8, 13, 25};

    private Tower() {}

    static int words(int depth) {
        return WORDS[depth];
    }

    static int liftedWords(int depth) {
        return LIFTED_WORDS[depth];
    }

    static int bitsMin(int depth) {
        return BITS_MEAN[depth] - 6 * BITS_DEVIATION[depth];
    }

    static int bitsMax(int depth) {
        return BITS_MEAN[depth] + 6 * BITS_DEVIATION[depth];
    }

    /// f and g at a depth from 1 on, modulo as many primes as they have words; f first, then g.
    ///
    /// @param f            signed bytes, then those of g
    /// @param to           room for two levels and five polynomials
    /// @param transformed  whether they are left so
    static void norms(MemorySegment w, long f, int logn, int depth, boolean transformed, long to) {
        int n = 1 << logn;
        Rns.fromBytes(w, f, to, n, 0);
        Rns.fromBytes(w, f + n, to + 4L * n, n, 0);
        for (int d = 0; d < depth; d++) {
            step(w, to, logn - d, d, d != 0, d + 1 < depth || transformed);
        }
    }

    /// From a depth to the next, in place.
    private static void step(MemorySegment w, long data, int logn, int depth, boolean isTransformed, boolean transformed) {
        int n = 1 << logn;
        int half = n >> 1;
        int from = words(depth);
        int to = words(depth + 1);
        long source = data + 4L * 2 * half * to;
        long roots = source + 4L * 2 * n * from;
        long inverses = roots + 4L * n;
        long one = inverses + 4L * n;
        MemorySegment.copy(w, data, w, source, 4L * 2 * n * from);
        for (int k = 0; k < to; k++) {
            if (k == from) {  // every remainder has been used: the numbers themselves, whose remainders by more primes are needed
                Integers.rebuild(w, source, from, 2 * n, true, roots);
            }
            Rns.roots(w, roots, inverses, logn, k);
            int power = Rns.powerOfR(from, k);
            for (int polynomial = 0; polynomial < 2; polynomial++) {
                long x = source + 4L * polynomial * n * from;
                long target = data + 4L * polynomial * half * to + 4L * k;
                for (int i = 0; i < n; i++) {
                    store(w, one, i, k < from ? load(w, x, i * from + k) : Integers.moduloSigned(w, x + 4L * i * from, from, k, power));
                }
                if (k >= from || !isTransformed) {
                    Rns.forward(w, one, 1, roots, logn, k);
                }
                Rns.norm(w, one, target, to, half, k);
                if (k < from && isTransformed) {
                    Rns.inverse(w, x + 4L * k, from, inverses, logn, k);
                }
                if (!transformed) {
                    Rns.inverse(w, target, to, inverses, logn - 1, k);
                }
            }
        }
    }
}
