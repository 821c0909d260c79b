package dev.coffer.crypto.falcon;

import static dev.coffer.crypto.falcon.Rns.load;
import static dev.coffer.crypto.falcon.Rns.store;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// NTRUSolve (section 3.8.2, algorithm 6): short F and G with f G - g F = q, from the bottom of the tower of fields, where f and g are numbers,
/// up. In 28 bytes a coefficient: at each depth only what it needs is there, and the two highest, where degrees are largest, reduce F and G
/// in place of their integers. Stateless, thread-safe; 0 heap bytes.
final class NtruEquation {
    private NtruEquation() {}

    /// @param basis    f and g as signed bytes; behind them room for F and G
    /// @param scratch  28 bytes a coefficient
    /// @return false where there is no solution, or none that is short: f and g are to be drawn anew
    static boolean solve(MemorySegment w, long basis, int logn, long scratch) {
        if (!bottom(w, basis, logn, scratch)) {
            return false;
        }
        for (int depth = logn - 1; depth >= 2; depth--) {
            lift(w, basis, logn, depth, scratch);
            int n = 1 << logn - depth;
            if (!Reduction.reduce(w, scratch, logn - depth, depth,
                    scratch + 4L * 2 * n * (Tower.liftedWords(depth) + Tower.words(depth)))) {
                return false;
            }
        }
        return NtruTop.second(w, basis, logn, scratch) && NtruTop.first(w, basis, logn, scratch) && small(w, basis, logn, scratch)
                && holds(w, basis, logn, scratch);
    }

    /// At the bottom: Bezout's equation of the resultants, times q.
    private static boolean bottom(MemorySegment w, long basis, int logn, long scratch) {
        int words = Tower.words(logn);
        long g = scratch + 4L * words;  // F, then G
        long resultants = g + 4L * words;
        long rest = resultants + 4L * 2 * words;
        Tower.norms(w, basis, logn, logn, false, resultants);
        Integers.rebuild(w, resultants, words, 2, false, rest);
        return Bezout.solve(w, g, scratch, resultants, resultants + 4L * words, words, rest)
                && Integers.multiplySmall(w, scratch, words, Ntt.Q) == 0 && Integers.multiplySmall(w, g, words, Ntt.Q) == 0;
    }

    /// F and G of half the degree, at `scratch`, to those of a depth, not reduced, with f and g behind them, all as integers.
    private static void lift(MemorySegment w, long basis, int lognTop, int depth, long scratch) {
        int logn = lognTop - depth;
        int n = 1 << logn;
        int half = n >> 1;
        int words = Tower.words(depth);
        int deeper = Tower.words(depth + 1);
        int lifted = Tower.liftedWords(depth);
        long source = scratch + 4L * 2 * half * deeper;
        Tower.norms(w, basis, lognTop, depth, true, source);
        long big = scratch;
        long f = big + 4L * 2 * n * lifted;
        long g = f + 4L * n * words;
        long rest = g + 4L * n * words;
        MemorySegment.copy(w, source, w, f, 4L * 2 * n * words);
        MemorySegment.copy(w, scratch, w, rest, 4L * 2 * half * deeper);
        remainders(w, rest, deeper, half, big, n, lifted);
        for (int k = 0; k < lifted; k++) {
            if (k == words) {
                Integers.rebuild(w, f, words, 2 * n, true, rest);
            }
            long roots = rest;
            long inverses = roots + 4L * n;
            long fx = inverses + 4L * n;
            long gx = fx + 4L * n;
            Rns.roots(w, roots, inverses, logn, k);
            int power = Rns.powerOfR(words, k);
            for (int i = 0; i < n; i++) {
                if (k < words) {
                    store(w, fx, i, load(w, f, i * words + k));
                    store(w, gx, i, load(w, g, i * words + k));
                } else {
                    store(w, fx, i, Integers.moduloSigned(w, f + 4L * i * words, words, k, power));
                    store(w, gx, i, Integers.moduloSigned(w, g + 4L * i * words, words, k, power));
                }
            }
            if (k < words) {
                Rns.inverse(w, f + 4L * k, words, inverses, logn, k);
                Rns.inverse(w, g + 4L * k, words, inverses, logn, k);
            } else {
                Rns.forward(w, fx, 1, roots, logn, k);
                Rns.forward(w, gx, 1, roots, logn, k);
            }
            liftOne(w, big + 4L * k, lifted, fx, gx, roots, inverses, logn, k);
        }
        Integers.rebuild(w, big, lifted, 2 * n, true, rest);
    }

    /// n/2 numbers F, then G, of half the degree, modulo all primes that F and G need.
    static void remainders(MemorySegment w, long from, int words, int half, long to, int n, int lifted) {
        for (int k = 0; k < lifted; k++) {
            int power = Rns.powerOfR(words, k);
            for (int i = 0; i < half; i++) {
                store(w, to, i * lifted + k, Integers.moduloSigned(w, from + 4L * i * words, words, k, power));
                store(w, to, (n + i) * lifted + k, Integers.moduloSigned(w, from + 4L * (half + i) * words, words, k, power));
            }
        }
    }

    /// F = F'(x^2) g(-x) and G = G'(x^2) f(-x) modulo a prime, where F' and G' are, in the lower half of either's room.
    ///
    /// @param big  the first remainder of F; G's are n numbers behind
    /// @param fx   f and then g, transformed, with room for F' and G' behind them
    static void liftOne(MemorySegment w, long big, int stride, long fx, long gx, long roots, long inverses, int logn, int k) {
        int n = 1 << logn;
        int half = n >> 1;
        long upper = big + 4L * n * stride;
        long smallF = gx + 4L * n;
        long smallG = smallF + 4L * half;
        for (int i = 0; i < half; i++) {
            store(w, smallF, i, load(w, big, i * stride));
            store(w, smallG, i, load(w, upper, i * stride));
        }
        Rns.forward(w, smallF, 1, roots, logn - 1, k);
        Rns.forward(w, smallG, 1, roots, logn - 1, k);
        product(w, big, upper, stride, fx, gx, smallF, smallG, half, k);
        Rns.inverse(w, big, stride, inverses, logn, k);
        Rns.inverse(w, upper, stride, inverses, logn, k);
    }

    /// The products, transformed: roots of which one is the negative of the other are neighbours.
    static void product(MemorySegment w, long bigF, long bigG, int stride, long fx, long gx, long smallF, long smallG, int half, int k) {
        for (int i = 0; i < half; i++) {
            int f0 = load(w, fx, 2 * i);
            int f1 = load(w, fx, 2 * i + 1);
            int g0 = load(w, gx, 2 * i);
            int g1 = load(w, gx, 2 * i + 1);
            int up = Rns.multiply(load(w, smallF, i), Rns.squaredR(k), k);
            int down = Rns.multiply(load(w, smallG, i), Rns.squaredR(k), k);
            store(w, bigF, 2 * i * stride, Rns.multiply(g1, up, k));
            store(w, bigF, (2 * i + 1) * stride, Rns.multiply(g0, up, k));
            store(w, bigG, 2 * i * stride, Rns.multiply(f1, down, k));
            store(w, bigG, (2 * i + 1) * stride, Rns.multiply(f0, down, k));
        }
    }

    /// F and G to signed bytes.
    private static boolean small(MemorySegment w, long basis, int logn, long from) {
        int n = 1 << logn;
        int most = (1 << Parameters.LARGE_BITS - 1) - 1;
        int bad = 0;
        for (int i = 0; i < 2 * n; i++) {
            int x = Integers.plain(w, from, i);
            bad |= most - x | most + x;
            w.set(ValueLayout.JAVA_BYTE, basis + 2L * n + i, (byte) x);
        }
        return bad >= 0;
    }

    /// Whether f G - g F = q: all are so short that this holds where it holds modulo a prime.
    private static boolean holds(MemorySegment w, long basis, int logn, long scratch) {
        int n = 1 << logn;
        long roots = scratch + 4L * 4 * n;
        Rns.roots(w, roots, roots + 4L * n, logn, 0);
        for (int i = 0; i < 4; i++) {
            Rns.fromBytes(w, basis + (long) i * n, scratch + 4L * i * n, n, 0);
            Rns.forward(w, scratch + 4L * i * n, 1, roots, logn, 0);
        }
        int q = Rns.multiply(Ntt.Q, 1, 0);
        int difference = 0;
        for (int i = 0; i < n; i++) {
            int fg = Rns.multiply(load(w, scratch, i), load(w, scratch, 3 * n + i), 0);
            int gf = Rns.multiply(load(w, scratch, n + i), load(w, scratch, 2 * n + i), 0);
            difference |= Rns.subtract(fg, gf, 0) ^ q;
        }
        return difference == 0;
    }
}
