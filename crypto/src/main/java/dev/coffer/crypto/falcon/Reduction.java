package dev.coffer.crypto.falcon;

import static dev.coffer.crypto.falcon.Rns.load;
import static dev.coffer.crypto.falcon.Rns.store;

import java.lang.foreign.MemorySegment;

/// Babai's reduction of large F and G by f and g: their upper bits as doubles say by which k f and k g they are too large; that is subtracted
/// and the next bits are looked at, for as often as their lengths can need. Stateless, thread-safe; 0 heap bytes.
///
/// Where a quotient is out of range the key is thrown away; no other branch depends on a number.
final class Reduction {
    /// Words that a double's exponent can hold, with room for products.
    private static final int TOP_WORDS = 10;
    /// Up to here k f is computed by transforms, deeper by the definition: few coefficients, long numbers.
    private static final int TRANSFORM_DEPTH_MAX = 4;
    /// Bits by which F and G get shorter in each round, at least.
    private static final int ROUND_BITS = 25;
    private static final double QUOTIENT_MAX = 0x1p31 - 1;

    private Reduction() {}

    /// Reduces F and G, n numbers of `liftedWords` one behind the other, by f and g, n numbers of `words`.
    ///
    /// @param large    F, then G, then f, then g
    /// @param scratch  four and a half polynomials of doubles, or what transforms of k f need
    /// @return false where a quotient is out of range
    static boolean reduce(MemorySegment w, long large, int logn, int depth, long scratch) {
        int n = 1 << logn;
        int words = Tower.words(depth);
        int lifted = Tower.liftedWords(depth);
        long f = large + 4L * 2 * n * lifted;
        long g = f + 4L * n * words;
        long adjointF = scratch;
        long adjointG = adjointF + 8L * n;
        long norm = adjointG + 8L * n;
        long quotient = norm + 4L * n;
        long other = quotient + 8L * n;

        int top = Math.min(words, TOP_WORDS);
        Integers.toReals(w, f + 4L * (words - top), top, words, adjointF, n);
        Integers.toReals(w, g + 4L * (words - top), top, words, adjointG, n);
        int scaleSmall = Integers.WORD_BITS * (words - top);
        Fft.forward(w, adjointF, logn);
        Fft.forward(w, adjointG, logn);
        Fft.inverseNorm(w, norm, adjointF, adjointG, logn);
        Fft.adjoint(w, adjointF, logn);
        Fft.adjoint(w, adjointG, logn);

        int length = lifted;
        int bitsMax = Integers.WORD_BITS * lifted;
        int scale = bitsMax - Tower.bitsMin(depth);
        while (true) {
            top = Math.min(length, TOP_WORDS);
            Integers.toReals(w, large + 4L * (length - top), top, lifted, quotient, n);
            Integers.toReals(w, large + 4L * n * lifted + 4L * (length - top), top, lifted, other, n);
            Fft.forward(w, quotient, logn);
            Fft.forward(w, other, logn);
            Fft.multiply(w, quotient, w, adjointF, logn);
            Fft.multiply(w, other, w, adjointG, logn);
            Fft.add(w, other, w, quotient, logn);
            Fft.multiplyReal(w, other, norm, logn);
            Fft.inverse(w, other, logn);
            int scaleLarge = Integers.WORD_BITS * (length - top);
            if (!round(w, other, Math.scalb(1.0, scaleLarge - scaleSmall - scale), quotient, n)) {
                return false;
            }
            subtract(w, large, length, lifted, f, words, quotient, scale, logn, depth);
            int bits = scale + Tower.bitsMax(depth) + 10;
            if (bits < bitsMax) {
                bitsMax = bits;
                if (length * Integers.WORD_BITS >= bitsMax + Integers.WORD_BITS) {
                    length--;
                }
            }
            if (scale <= 0) {
                break;
            }
            scale = Math.max(scale - ROUND_BITS, 0);
        }
        shorten(w, large, 2 * n, length, lifted, words);
        return true;
    }

    /// k, in 32 bits, of the quotients.
    private static boolean round(MemorySegment w, long from, double factor, long to, int n) {
        for (int i = 0; i < n; i++) {
            double x = Reals.load(w, from, i) * factor;
            if (!(-QUOTIENT_MAX < x && x < QUOTIENT_MAX)) {
                return false;
            }
            store(w, to, i, (int) Reals.nearest(x));
        }
        return true;
    }

    /// F - k f and G - k g, scaled.
    ///
    /// @param k  32 bits each, with room behind them
    private static void subtract(MemorySegment w, long large, int length, int lifted, long f, int words, long k, int scale, int logn,
            int depth) {
        int scaleWords = 0;
        int scaleBits = scale;
        while (scaleBits >= Integers.WORD_BITS) {
            scaleBits -= Integers.WORD_BITS;
            scaleWords++;
        }
        int n = 1 << logn;
        for (int polynomial = 0; polynomial < 2; polynomial++) {
            long x = large + 4L * polynomial * n * lifted;
            long y = f + 4L * polynomial * n * words;
            if (depth <= TRANSFORM_DEPTH_MAX) {
                subtractByTransform(w, x, length, lifted, y, words, k, scaleWords, scaleBits, logn, k + 4L * n);
            } else {
                subtractByDefinition(w, x, length, lifted, y, words, k, scaleWords, scaleBits, n);
            }
        }
    }

    private static void subtractByDefinition(MemorySegment w, long large, int length, int lifted, long f, int words, long k,
            int scaleWords, int scaleBits, int n) {
        for (int i = 0; i < n; i++) {
            int factor = -load(w, k, i);
            for (int j = 0; j < n; j++) {
                int to = i + j < n ? i + j : i + j - n;
                Integers.addScaled(w, large + 4L * to * lifted, length, f + 4L * j * words, words, i + j < n ? factor : -factor, scaleWords,
                        scaleBits);
            }
        }
    }

    private static void subtractByTransform(MemorySegment w, long large, int length, int lifted, long f, int words, long k, int scaleWords,
            int scaleBits, int logn, long scratch) {
        int n = 1 << logn;
        int productWords = words + 1;
        long roots = scratch;
        long inverses = roots + 4L * n;
        long product = inverses + 4L * n;
        long one = product + 4L * n * productWords;
        for (int prime = 0; prime < productWords; prime++) {
            int power = Rns.powerOfR(words, prime);
            Rns.roots(w, roots, inverses, logn, prime);
            for (int i = 0; i < n; i++) {
                store(w, one, i, Rns.of(load(w, k, i), prime));
                store(w, product, i * productWords + prime, Integers.moduloSigned(w, f + 4L * i * words, words, prime, power));
            }
            Rns.forward(w, one, 1, roots, logn, prime);
            Rns.forward(w, product + 4L * prime, productWords, roots, logn, prime);
            for (int i = 0; i < n; i++) {
                int at = i * productWords + prime;
                int x = Rns.multiply(Rns.multiply(load(w, one, i), load(w, product, at), prime), Rns.squaredR(prime), prime);
                store(w, product, at, x);
            }
            Rns.inverse(w, product + 4L * prime, productWords, inverses, logn, prime);
        }
        Integers.rebuild(w, product, productWords, n, true, one);
        for (int i = 0; i < n; i++) {
            Integers.subtractScaled(w, large + 4L * i * lifted, length, product + 4L * i * productWords, productWords, scaleWords, scaleBits);
        }
    }

    /// Numbers of `lifted` words, of which `length` are in use, to numbers of `words`, one behind the other.
    private static void shorten(MemorySegment w, long at, int count, int length, int lifted, int words) {
        for (int i = 0; i < count; i++) {
            long from = at + 4L * i * lifted;
            int sign = Integers.sign(w, from, length);
            for (int j = length; j < words; j++) {
                store(w, from, j, sign);
            }
            MemorySegment.copy(w, from, w, at + 4L * i * words, 4L * words);
        }
    }
}
