package dev.coffer.crypto.falcon;

import static dev.coffer.crypto.falcon.Rns.load;
import static dev.coffer.crypto.falcon.Rns.store;

import java.lang.foreign.MemorySegment;

/// The extended binary greatest common divisor of two odd numbers, 31 steps at a time on their highest and lowest words, for as many rounds
/// as their length can need: no branch or index depends on a value. Numbers are those of [Integers]. Stateless, thread-safe; 0 heap bytes.
final class Bezout {
    private static final int MASK = Integer.MAX_VALUE;

    private Bezout() {}

    /// u and v with x u - y v = 1, 0 < u < y, 0 < v < x.
    ///
    /// @param x        left as it is, as y is
    /// @param scratch  four numbers
    /// @return false where there are none: the divisor is not 1, or one of both is even; and where one of both is 1, modulo which 0 and 1 are
    ///         one number, of which the rounds find either
    static boolean solve(MemorySegment w, long u, long v, long x, long y, int length, long scratch) {
        long u1 = scratch;
        long v1 = u1 + 4L * length;
        long a = v1 + 4L * length;
        long b = a + 4L * length;
        int xInverse = Rns.negativeInverse(load(w, x, 0));
        int yInverse = Rns.negativeInverse(load(w, y, 0));
        MemorySegment.copy(w, x, w, a, 4L * length);
        MemorySegment.copy(w, y, w, b, 4L * length);
        MemorySegment.copy(w, y, w, u1, 4L * length);
        MemorySegment.copy(w, x, w, v1, 4L * length);
        store(w, v1, 0, load(w, v1, 0) - 1);
        for (int i = 0; i < length; i++) {
            store(w, u, i, i == 0 ? 1 : 0);
            store(w, v, i, 0);
        }
        for (int bits = 62 * length + 30; bits >= 30; bits -= 30) {
            round(w, u, u1, v, v1, a, b, x, y, length, xInverse, yInverse);
        }
        return (isOne(w, a, length) & ~isOne(w, x, length) & ~isOne(w, y, length) & load(w, x, 0) & load(w, y, 0) & 1) != 0;
    }

    /// {@return ones where a number is 1, else zeros}
    private static int isOne(MemorySegment w, long number, int length) {
        int rest = load(w, number, 0) ^ 1;
        for (int i = 1; i < length; i++) {
            rest |= load(w, number, i);
        }
        return ~((rest | -rest) >> 31);
    }

    /// 31 steps: a and b become (a pa + b pb) / 2^31 and (a qa + b qb) / 2^31; the factors follow from their words.
    private static void round(MemorySegment w, long u0, long u1, long v0, long v1, long a, long b, long x, long y, int length,
            int xInverse, int yInverse) {
        int c0 = -1;
        int c1 = -1;
        int a0 = 0;
        int a1 = 0;
        int b0 = 0;
        int b1 = 0;
        for (int j = length - 1; j >= 0; j--) {  // the two highest words in use
            int aw = load(w, a, j);
            int bw = load(w, b, j);
            a0 ^= (a0 ^ aw) & c0;
            a1 ^= (a1 ^ aw) & c1;
            b0 ^= (b0 ^ bw) & c0;
            b1 ^= (b1 ^ bw) & c1;
            c1 = c0;
            c0 &= ((aw | bw) + MASK >>> 31) - 1;
        }
        a1 |= a0 & c1;
        a0 &= ~c1;
        b1 |= b0 & c1;
        b0 &= ~c1;
        long aHigh = ((long) a0 << 31) + a1;
        long bHigh = ((long) b0 << 31) + b1;
        int aLow = load(w, a, 0);
        int bLow = load(w, b, 0);
        long pa = 1;
        long pb = 0;
        long qa = 0;
        long qb = 1;
        for (int i = 0; i < 31; i++) {
            long z = bHigh - aHigh;
            int above = (int) ((z ^ (aHigh ^ bHigh) & (aHigh ^ z)) >>> 63);  // a above b
            int oddA = aLow >> i & 1;
            int oddB = bLow >> i & 1;
            int fromA = oddA & oddB & above;  // a - b
            int fromB = oddA & oddB & ~above;  // b - a
            int halveA = fromA | oddA ^ 1;
            aLow -= bLow & -fromA;
            aHigh -= bHigh & -(long) fromA;
            pa -= qa & -(long) fromA;
            pb -= qb & -(long) fromA;
            bLow -= aLow & -fromB;
            bHigh -= aHigh & -(long) fromB;
            qa -= pa & -(long) fromB;
            qb -= pb & -(long) fromB;
            // a is halved, or b: the low words stay and the other doubles
            long keepA = (long) halveA - 1;
            aLow += aLow & (int) keepA;
            pa += pa & keepA;
            pb += pb & keepA;
            aHigh ^= (aHigh ^ aHigh >> 1) & ~keepA;
            bLow += bLow & (int) ~keepA;
            qa += qa & ~keepA;
            qb += qb & ~keepA;
            bHigh ^= (bHigh ^ bHigh >> 1) & keepA;
        }
        int negated = reduce(w, a, b, length, pa, pb, qa, qb);
        pa -= pa + pa & -(long) (negated & 1);
        pb -= pb + pb & -(long) (negated & 1);
        qa -= qa + qa & -(long) (negated >> 1);
        qb -= qb + qb & -(long) (negated >> 1);
        reduceModulo(w, u0, u1, y, length, yInverse, pa, pb, qa, qb);
        reduceModulo(w, v0, v1, x, length, xInverse, pa, pb, qa, qb);
    }

    /// (a pa + b pb) / 2^31 and (a qa + b qb) / 2^31, made positive.
    ///
    /// @return bit 0 where the first was negative, bit 1 where the second was
    private static int reduce(MemorySegment w, long a, long b, int length, long pa, long pb, long qa, long qb) {
        long carryA = 0;
        long carryB = 0;
        for (int i = 0; i < length; i++) {
            long aw = load(w, a, i);
            long bw = load(w, b, i);
            long za = aw * pa + bw * pb + carryA;
            long zb = aw * qa + bw * qb + carryB;
            if (i > 0) {
                store(w, a, i - 1, (int) za & MASK);
                store(w, b, i - 1, (int) zb & MASK);
            }
            carryA = za >> 31;
            carryB = zb >> 31;
        }
        store(w, a, length - 1, (int) carryA);
        store(w, b, length - 1, (int) carryB);
        int negativeA = (int) (carryA >>> 63);
        int negativeB = (int) (carryB >>> 63);
        negate(w, a, length, negativeA);
        negate(w, b, length, negativeB);
        return negativeA | negativeB << 1;
    }

    private static void negate(MemorySegment w, long a, int length, int control) {
        int carry = control;
        int flip = -control >>> 1;
        for (int i = 0; i < length; i++) {
            int word = (load(w, a, i) ^ flip) + carry;
            store(w, a, i, word & MASK);
            carry = word >>> 31;
        }
    }

    /// The same modulo the odd m: four Montgomery multiplications in one.
    private static void reduceModulo(MemorySegment w, long a, long b, long m, int length, int inverse, long pa, long pb, long qa, long qb) {
        long carryA = 0;
        long carryB = 0;
        int firstA = load(w, a, 0);
        int firstB = load(w, b, 0);
        long fa = (firstA * (int) pa + firstB * (int) pb) * inverse & MASK;
        long fb = (firstA * (int) qa + firstB * (int) qb) * inverse & MASK;
        for (int i = 0; i < length; i++) {
            long aw = load(w, a, i);
            long bw = load(w, b, i);
            long mw = load(w, m, i);
            long za = aw * pa + bw * pb + mw * fa + carryA;
            long zb = aw * qa + bw * qb + mw * fb + carryB;
            if (i > 0) {
                store(w, a, i - 1, (int) za & MASK);
                store(w, b, i - 1, (int) zb & MASK);
            }
            carryA = za >> 31;
            carryB = zb >> 31;
        }
        store(w, a, length - 1, (int) carryA);
        store(w, b, length - 1, (int) carryB);
        finish(w, a, length, m, (int) (carryA >>> 63));
        finish(w, b, length, m, (int) (carryB >>> 63));
    }

    /// From -m..2m to 0..m.
    private static void finish(MemorySegment w, long a, int length, long m, int negative) {
        int borrow = 0;
        for (int i = 0; i < length; i++) {
            borrow = load(w, a, i) - load(w, m, i) - borrow >>> 31;
        }
        int flip = -negative >>> 1;
        int all = -(negative | 1 - borrow);
        borrow = negative;
        for (int i = 0; i < length; i++) {
            int word = load(w, a, i) - ((load(w, m, i) ^ flip) & all) - borrow;
            store(w, a, i, word & MASK);
            borrow = word >>> 31;
        }
    }
}
