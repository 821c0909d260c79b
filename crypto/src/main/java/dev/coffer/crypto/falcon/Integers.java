package dev.coffer.crypto.falcon;

import static dev.coffer.crypto.falcon.Rns.load;
import static dev.coffer.crypto.falcon.Rns.store;

import java.lang.foreign.MemorySegment;

/// Large integers in memory: words of 31 bits, the lowest first, in two's complement where they are signed. Their lengths are public and
/// those that a level of the tower has; no branch or index depends on a value. Stateless, thread-safe; 0 heap bytes.
final class Integers {
    /// Bits of a word.
    static final int WORD_BITS = 31;
    private static final int MASK = Integer.MAX_VALUE;

    private Integers() {}

    /// {@return all ones in a word where the number is negative, else 0}
    static int sign(MemorySegment w, long x, int length) {
        return -(load(w, x, length - 1) >>> 30) >>> 1;
    }

    /// {@return a signed number of one word}
    static int plain(MemorySegment w, long x, int i) {
        int word = load(w, x, i);
        return word | (word & 0x40000000) << 1;
    }

    /// a - b, to a, where the control is 1.
    private static void subtract(MemorySegment w, long a, long b, int length, int control) {
        int borrow = 0;
        for (int i = 0; i < length; i++) {
            int word = load(w, a, i);
            int difference = word - load(w, b, i) - borrow;
            borrow = difference >>> 31;
            store(w, a, i, word ^ ((difference & MASK) ^ word) & -control);
        }
    }

    /// m times a small number.
    ///
    /// @return the word that does not fit
    static int multiplySmall(MemorySegment w, long m, int length, int x) {
        int carry = 0;
        for (int i = 0; i < length; i++) {
            long z = (long) load(w, m, i) * x + carry;
            store(w, m, i, (int) z & MASK);
            carry = (int) (z >>> WORD_BITS);
        }
        return carry;
    }

    /// {@return an unsigned number modulo prime k}
    static int modulo(MemorySegment w, long d, int length, int k) {
        int x = 0;
        for (int i = length - 1; i >= 0; i--) {
            x = Rns.multiply(x, Rns.squaredR(k), k);
            int word = load(w, d, i) - Rns.prime(k);
            x = Rns.add(x, word + (word >> 31 & Rns.prime(k)), k);
        }
        return x;
    }

    /// {@return a signed number modulo prime k}
    ///
    /// @param power  [Rns#powerOfR] of the length
    static int moduloSigned(MemorySegment w, long d, int length, int k, int power) {
        return Rns.subtract(modulo(w, d, length, k), power & -(load(w, d, length - 1) >>> 30), k);
    }

    /// x + y s, a word longer.
    private static void addMultiple(MemorySegment w, long x, long y, int length, int s) {
        int carry = 0;
        for (int i = 0; i < length; i++) {
            long z = (long) load(w, y, i) * s + load(w, x, i) + carry;
            store(w, x, i, (int) z & MASK);
            carry = (int) (z >>> WORD_BITS);
        }
        store(w, x, length, carry);
    }

    /// x - p where x is above p/2.
    private static void centre(MemorySegment w, long x, long p, int length) {
        int r = 0;
        int low = 0;
        for (int i = length - 1; i >= 0; i--) {
            int word = load(w, p, i);
            int half = word >>> 1 | low << 30;
            low = word & 1;
            int c = half - load(w, x, i);
            c = -c >>> 31 | -(c >>> 31);
            r |= c & (r & 1) - 1;
        }
        subtract(w, x, p, length, r >>> 31);
    }

    /// Numbers from their remainders, by the Chinese remainder theorem, in place.
    ///
    /// @param length   words of each: as many primes
    /// @param count    numbers, which lie one behind the other
    /// @param signed   whether they are brought around 0
    /// @param product  scratch of as many words
    static void rebuild(MemorySegment w, long numbers, int length, int count, boolean signed, long product) {
        store(w, product, 0, Rns.prime(0));
        for (int k = 1; k < length; k++) {
            for (int i = 0; i < count; i++) {
                long x = numbers + 4L * length * i;
                int quotient = Rns.multiply(Rns.crt(k), Rns.subtract(load(w, x, k), modulo(w, x, k, k), k), k);
                addMultiple(w, x, product, k, quotient);
            }
            store(w, product, k, multiplySmall(w, product, k, Rns.prime(k)));
        }
        for (int i = 0; i < count && signed; i++) {
            centre(w, numbers + 4L * length * i, product, length);
        }
    }

    /// x + k y 2^scale.
    ///
    /// @param words  of the scale
    /// @param bits   of the rest
    static void addScaled(MemorySegment w, long x, int xLength, long y, int yLength, int k, int words, int bits) {
        int sign = sign(w, y, yLength);
        int low = 0;
        int carry = 0;
        for (int i = words; i < xLength; i++) {
            int word = i - words < yLength ? load(w, y, i - words) : sign;
            int scaled = word << bits & MASK | low;
            low = word >>> WORD_BITS - bits;
            long z = (long) scaled * k + load(w, x, i) + carry;
            store(w, x, i, (int) z & MASK);
            carry = (int) (z >> WORD_BITS);
        }
    }

    /// x - y 2^scale.
    static void subtractScaled(MemorySegment w, long x, int xLength, long y, int yLength, int words, int bits) {
        int sign = sign(w, y, yLength);
        int low = 0;
        int borrow = 0;
        for (int i = words; i < xLength; i++) {
            int word = i - words < yLength ? load(w, y, i - words) : sign;
            int scaled = word << bits & MASK | low;
            low = word >>> WORD_BITS - bits;
            int difference = load(w, x, i) - scaled - borrow;
            store(w, x, i, difference & MASK);
            borrow = difference >>> 31;
        }
    }

    /// Polynomials of doubles from signed numbers.
    ///
    /// @param stride  words from one to the next
    static void toReals(MemorySegment w, long from, int length, int stride, long to, int n) {
        for (int i = 0; i < n; i++) {
            long x = from + 4L * stride * i;
            int negative = -(load(w, x, length - 1) >>> 30);
            int flip = negative >>> 1;
            int carry = negative & 1;
            double sum = 0;
            double scale = 1;
            for (int j = 0; j < length; j++) {
                int word = (load(w, x, j) ^ flip) + carry;
                carry = word >>> 31;
                word &= MASK;
                word -= word << 1 & negative;
                sum += word * scale;
                scale *= 0x1p31;
            }
            Reals.store(w, to, i, sum);
        }
    }
}
