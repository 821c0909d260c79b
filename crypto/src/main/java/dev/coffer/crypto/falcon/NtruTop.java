package dev.coffer.crypto.falcon;

import static dev.coffer.crypto.falcon.Rns.load;
import static dev.coffer.crypto.falcon.Rns.store;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// The two highest steps of [NtruEquation]: numbers there are so short that doubles and one prime hold them, and polynomials so long that there
/// is no room for more. Stateless, thread-safe; 0 heap bytes.
final class NtruTop {
    /// More than this no double rounds to an integer; a key whose quotients are so large is thrown away.
    private static final double QUOTIENT_MAX = 0x1p51;

    private NtruTop() {}

    /// Depth 1: F and G of depth 2 at `scratch` to those of depth 1, one word each.
    static boolean second(MemorySegment w, long basis, int lognTop, long scratch) {
        int logn = lognTop - 1;
        int n = 1 << logn;
        int top = 1 << lognTop;
        int half = n >> 1;
        int deeper = Tower.words(2);
        int lifted = Tower.liftedWords(1);
        long source = scratch + 4L * 2 * half * deeper;
        NtruEquation.remainders(w, scratch, deeper, half, source, n, lifted);
        MemorySegment.copy(w, source, w, scratch, 4L * 2 * n * lifted);
        long f = scratch + 4L * 2 * n * lifted;
        long g = f + 4L * n;
        long rest = g + 4L * n;
        for (int k = 0; k < lifted; k++) {
            norms(w, basis, lognTop, rest, k);
            long roots = rest;
            long inverses = roots + 4L * n;
            long fx = inverses + 4L * n;
            long gx = fx + 4L * n;
            NtruEquation.liftOne(w, scratch + 4L * k, lifted, fx, gx, roots, inverses, logn, k);
            if (k == 0) {
                Rns.inverse(w, fx, 1, inverses, logn, k);
                Rns.inverse(w, gx, 1, inverses, logn, k);
                MemorySegment.copy(w, fx, w, f, 4L * 2 * n);
            }
        }
        Integers.rebuild(w, scratch, lifted, 2 * n, true, rest);
        Integers.rebuild(w, f, 1, 2 * n, true, rest);

        // Doubles take the place of integers, which are no more needed, F and G first.
        long whole = 8L * n;
        Integers.toReals(w, scratch, lifted, lifted, rest, n);
        Integers.toReals(w, scratch + 4L * n * lifted, lifted, lifted, rest + whole, n);
        MemorySegment.copy(w, f, w, scratch, 4L * 2 * n);
        MemorySegment.copy(w, rest, w, scratch + whole, 2 * whole);
        long reals = scratch + whole;
        Integers.toReals(w, scratch, 1, 1, reals + 2 * whole, n);
        Integers.toReals(w, scratch + 4L * n, 1, 1, reals + 3 * whole, n);
        MemorySegment.copy(w, reals, w, scratch, 4 * whole);
        assert top == 2 * n;
        return reduceSecond(w, scratch, n, logn);
    }

    /// f and g of depth 1 modulo a prime, transformed, behind the roots of that depth: roots, inverses, f, g.
    private static void norms(MemorySegment w, long basis, int lognTop, long at, int k) {
        int top = 1 << lognTop;
        int n = top >> 1;
        long inverses = at + 4L * top;
        long fx = inverses + 4L * n;
        long gx = fx + 4L * top;
        Rns.roots(w, at, inverses, lognTop, k);  // of inverses the first half is used; f may lie over the rest
        Rns.fromBytes(w, basis, fx, top, k);
        Rns.fromBytes(w, basis + top, gx, top, k);
        Rns.forward(w, fx, 1, at, lognTop, k);
        Rns.forward(w, gx, 1, at, lognTop, k);
        Rns.norm(w, fx, fx, 1, n, k);
        Rns.norm(w, gx, gx, 1, n, k);
        MemorySegment.copy(w, inverses, w, at + 4L * n, 4L * n);
        MemorySegment.copy(w, fx, w, at + 4L * 2 * n, 4L * n);
        MemorySegment.copy(w, gx, w, at + 4L * 3 * n, 4L * n);
    }

    /// F, G, f, g as doubles; F - k f and G - k g as words in their place.
    private static boolean reduceSecond(MemorySegment w, long at, int n, int logn) {
        long whole = 8L * n;
        long bigG = at + whole;
        long f = at + 2 * whole;
        long g = at + 3 * whole;
        long k = at + 4 * whole;
        long norm = at + 5 * whole;
        for (int i = 0; i < 4; i++) {
            Fft.forward(w, at + i * whole, logn);
        }
        MemorySegment.copy(w, at, w, k, whole);
        Fft.multiplyAdjoint(w, k, w, f, logn);
        MemorySegment.copy(w, bigG, w, norm, whole);
        Fft.multiplyAdjoint(w, norm, w, g, logn);
        Fft.add(w, k, w, norm, logn);
        Fft.inverseNorm(w, norm, f, g, logn);
        Fft.multiplyReal(w, k, norm, logn);
        Fft.inverse(w, k, logn);
        for (int i = 0; i < n; i++) {
            double x = Reals.load(w, k, i);
            if (!(-QUOTIENT_MAX < x && x < QUOTIENT_MAX)) {
                return false;
            }
            Reals.store(w, k, i, (double) Reals.nearest(x));
        }
        Fft.forward(w, k, logn);
        Fft.multiply(w, f, w, k, logn);
        Fft.multiply(w, g, w, k, logn);
        Fft.subtract(w, at, f, logn);
        Fft.subtract(w, bigG, g, logn);
        Fft.inverse(w, at, logn);
        Fft.inverse(w, bigG, logn);
        for (int i = 0; i < 2 * n; i++) {  // a word never lies behind the double it is made of
            store(w, at, i, (int) Reals.nearest(Reals.load(w, at, i)));
        }
        return true;
    }

    /// Depth 0: F and G of depth 1 at `scratch` to those that are sought, one word each.
    static boolean first(MemorySegment w, long basis, int logn, long scratch) {
        int n = 1 << logn;
        int half = n >> 1;
        long smallF = scratch;
        long smallG = smallF + 4L * half;
        long f = smallG + 4L * half;
        long g = f + 4L * n;
        long roots = g + 4L * n;
        long inverses = roots + 4L * n;
        Rns.roots(w, roots, inverses, logn, 0);
        for (int i = 0; i < n; i++) {
            store(w, smallF, i, Rns.of(Integers.plain(w, smallF, i), 0));
        }
        Rns.forward(w, smallF, 1, roots, logn - 1, 0);
        Rns.forward(w, smallG, 1, roots, logn - 1, 0);
        Rns.fromBytes(w, basis, f, n, 0);
        Rns.fromBytes(w, basis + n, g, n, 0);
        Rns.forward(w, f, 1, roots, logn, 0);
        Rns.forward(w, g, 1, roots, logn, 0);
        NtruEquation.product(w, f, g, 1, f, g, smallF, smallG, half, 0);
        MemorySegment.copy(w, f, w, scratch, 4L * 2 * n);  // still transformed

        long numerator = scratch + 4L * 2 * n;
        long denominator = numerator + 4L * n;
        quotient(w, basis, logn, scratch, numerator, denominator);
        return subtract(w, basis, logn, scratch, numerator);
    }

    /// k, nearest to (F adj(f) + G adj(g)) / (f adj(f) + g adj(g)): both are computed modulo the prime, and divided as doubles.
    ///
    /// @param big          F and G, transformed
    /// @param numerator    k afterwards, modulo the prime; five polynomials of 32 bits are free from here on
    private static void quotient(MemorySegment w, long basis, int logn, long big, long numerator, long denominator) {
        int n = 1 << logn;
        long word = 4L * n;
        long roots = denominator + word;
        long one = roots + word;
        long adjoint = one + word;
        for (int polynomial = 0; polynomial < 2; polynomial++) {
            long source = basis + (long) polynomial * n;
            Rns.roots(w, roots, one, logn, 0);
            Rns.fromBytes(w, source, one, n, 0);
            store(w, adjoint, 0, load(w, one, 0));
            for (int i = 1; i < n; i++) {
                store(w, adjoint, n - i, Rns.of(-w.get(ValueLayout.JAVA_BYTE, source + i), 0));
            }
            Rns.forward(w, one, 1, roots, logn, 0);
            Rns.forward(w, adjoint, 1, roots, logn, 0);
            for (int i = 0; i < n; i++) {
                int factor = Rns.multiply(load(w, adjoint, i), Rns.squaredR(0), 0);
                int up = Rns.multiply(factor, load(w, big, polynomial * n + i), 0);
                int down = Rns.multiply(factor, load(w, one, i), 0);
                store(w, numerator, i, polynomial == 0 ? up : Rns.add(load(w, numerator, i), up, 0));
                store(w, denominator, i, polynomial == 0 ? down : Rns.add(load(w, denominator, i), down, 0));
            }
        }
        long inverses = one;
        Rns.roots(w, roots, inverses, logn, 0);
        Rns.inverse(w, numerator, 1, inverses, logn, 0);
        Rns.inverse(w, denominator, 1, inverses, logn, 0);
        // The denominator is real: half of its doubles lie where its words were, those of the numerator behind them.
        for (int i = 0; i < n; i++) {
            Reals.store(w, roots, i, Rns.centred(load(w, denominator, i), 0));
        }
        Fft.forward(w, roots, logn);
        MemorySegment.copy(w, roots, w, denominator, word);
        for (int i = 0; i < n; i++) {
            Reals.store(w, roots, i, Rns.centred(load(w, numerator, i), 0));
        }
        Fft.forward(w, roots, logn);
        Fft.divideReal(w, roots, denominator, logn);
        Fft.inverse(w, roots, logn);
        for (int i = 0; i < n; i++) {
            store(w, numerator, i, (int) Reals.nearest(Reals.load(w, roots, i)));
        }
    }

    /// F - k f and G - k g.
    ///
    /// @return false where k is out of range
    private static boolean subtract(MemorySegment w, long basis, int logn, long big, long k) {
        int n = 1 << logn;
        long word = 4L * n;
        long roots = k + word;
        long inverses = roots + word;
        long f = inverses + word;
        int bad = 0;
        for (int i = 0; i < n; i++) {
            int x = load(w, k, i);
            bad |= Rns.prime(0) - 1 - x | Rns.prime(0) - 1 + x;
            store(w, k, i, Rns.of(x, 0));
        }
        Rns.roots(w, roots, inverses, logn, 0);
        Rns.forward(w, k, 1, roots, logn, 0);
        for (int polynomial = 0; polynomial < 2; polynomial++) {
            long x = big + polynomial * word;
            Rns.fromBytes(w, basis + (long) polynomial * n, f, n, 0);
            Rns.forward(w, f, 1, roots, logn, 0);
            for (int i = 0; i < n; i++) {
                int factor = Rns.multiply(load(w, k, i), Rns.squaredR(0), 0);
                store(w, x, i, Rns.subtract(load(w, x, i), Rns.multiply(factor, load(w, f, i), 0), 0));
            }
            Rns.inverse(w, x, 1, inverses, logn, 0);
            for (int i = 0; i < n; i++) {
                store(w, x, i, Rns.centred(load(w, x, i), 0));
            }
        }
        return bad >= 0;
    }
}
