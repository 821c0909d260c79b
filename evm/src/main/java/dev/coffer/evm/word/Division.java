package dev.coffer.evm.word;

/// Division, remainder and what is made of them: DIV, SDIV, MOD, SMOD, ADDMOD, MULMOD, EXP (Yellow Paper, appendix H.2).
/// Division by zero gives zero, as the paper says.
///
/// Algorithm D of Knuth (The Art of Computer Programming, volume 2, section 4.3.1) in base 2^64. The JVM has no division
/// of 128 bits by 64, so quotient digits come from a precomputed reciprocal (Moeller and Granlund, "Improved division by
/// invariant integers", 2011, algorithms 3 and 4): multiplications only.
///
/// Holds its working digits, so it belongs to one thread; makes no object after its constructor.
public final class Division {
    /// Longs of the largest dividend, a product of two words, with the digit that normalizing adds.
    private static final int DIGITS = 2 * Word.LONGS + 1;

    private final long[] dividend = new long[DIGITS];
    private final long[] divisor = new long[Word.LONGS];
    private final long[] quotient = new long[DIGITS];
    private final long[] product = new long[2 * Word.LONGS];
    private final long[] scratch = new long[3 * Word.LONGS];  // EXP: result, base, exponent; signed forms: magnitudes

    /// Makes the working digits, about 400 bytes.
    public Division() {}

    /// r = a / b, 0 where b is 0.
    public void divide(long[] s, int a, int b, int r) {
        if (Word.isLong(s, a) && Word.isLong(s, b)) {
            Word.set(s, r, s[b] == 0 ? 0 : Long.divideUnsigned(s[a], s[b]));
            return;
        }
        System.arraycopy(s, a, dividend, 0, Word.LONGS);
        if (!run(Word.LONGS, s, b)) {
            Word.set(s, r, 0);
            return;
        }
        Word.copy(quotient, 0, s, r);
    }

    /// r = a mod b, 0 where b is 0.
    public void remainder(long[] s, int a, int b, int r) {
        if (Word.isLong(s, a) && Word.isLong(s, b)) {
            Word.set(s, r, s[b] == 0 ? 0 : Long.remainderUnsigned(s[a], s[b]));
            return;
        }
        System.arraycopy(s, a, dividend, 0, Word.LONGS);
        if (!run(Word.LONGS, s, b)) {
            Word.set(s, r, 0);
            return;
        }
        Word.copy(dividend, 0, s, r);
    }

    /// r = a / b in two's complement, rounded to zero; -2^255 / -1 is -2^255.
    public void divideSigned(long[] s, int a, int b, int r) {
        boolean negative = (s[a + 3] ^ s[b + 3]) < 0;
        magnitude(s, a, 0);
        magnitude(s, b, Word.LONGS);
        divide(scratch, 0, Word.LONGS, 0);
        if (negative) {
            Word.negate(scratch, 0, 0);
        }
        Word.copy(scratch, 0, s, r);
    }

    /// r = a mod b in two's complement, with the sign of a.
    public void remainderSigned(long[] s, int a, int b, int r) {
        boolean negative = s[a + 3] < 0;
        magnitude(s, a, 0);
        magnitude(s, b, Word.LONGS);
        remainder(scratch, 0, Word.LONGS, 0);
        if (negative) {
            Word.negate(scratch, 0, 0);
        }
        Word.copy(scratch, 0, s, r);
    }

    private void magnitude(long[] s, int a, int to) {
        if (s[a + 3] < 0) {
            Word.copy(s, a, scratch, to);
            Word.negate(scratch, to, to);
        } else {
            Word.copy(s, a, scratch, to);
        }
    }

    /// r = (a + b) mod m over the integers, 0 where m is 0.
    public void addModulo(long[] s, int a, int b, int m, int r) {
        long carry = 0;
        for (int i = 0; i < Word.LONGS; i++) {
            long sum = s[a + i] + s[b + i];
            long out = Long.compareUnsigned(sum, s[a + i]) < 0 ? 1 : 0;
            dividend[i] = sum + carry;
            carry = out + (Long.compareUnsigned(dividend[i], sum) < 0 ? 1 : 0);
        }
        dividend[Word.LONGS] = carry;
        reduce(Word.LONGS + 1, s, m, r);
    }

    /// r = (a * b) mod m over the integers, 0 where m is 0.
    public void multiplyModulo(long[] s, int a, int b, int m, int r) {
        java.util.Arrays.fill(product, 0);
        for (int i = 0; i < Word.LONGS; i++) {
            long carry = 0;
            for (int j = 0; j < Word.LONGS; j++) {
                long low = s[a + i] * s[b + j];
                long high = Math.unsignedMultiplyHigh(s[a + i], s[b + j]);
                low += carry;
                high += Long.compareUnsigned(low, carry) < 0 ? 1 : 0;
                long sum = product[i + j] + low;
                high += Long.compareUnsigned(sum, low) < 0 ? 1 : 0;
                product[i + j] = sum;
                carry = high;
            }
            product[i + Word.LONGS] = carry;
        }
        System.arraycopy(product, 0, dividend, 0, 2 * Word.LONGS);
        reduce(2 * Word.LONGS, s, m, r);
    }

    private void reduce(int length, long[] s, int m, int r) {
        if (run(length, s, m)) {
            Word.copy(dividend, 0, s, r);
        } else {
            Word.set(s, r, 0);
        }
    }

    /// r = a to the power b mod 2^256, from b's highest bit down.
    public void power(long[] s, int a, int b, int r) {
        int bits = Word.bits(s, b);
        Word.copy(s, a, scratch, 4);
        Word.copy(s, b, scratch, 8);
        Word.set(scratch, 0, 1);
        if (bits > 0) {
            Word.copy(scratch, 4, scratch, 0);
        }
        for (int i = bits - 2; i >= 0; i--) {
            Word.multiply(scratch, 0, 0, 0);
            if ((scratch[8 + (i >>> 6)] >>> i & 1) != 0) {
                Word.multiply(scratch, 0, 4, 0);
            }
        }
        Word.copy(scratch, 0, s, r);
    }

    /// Divides the first `length` longs of `dividend` by the word at `m`: quotient to `quotient`, remainder to `dividend`.
    ///
    /// @return false where m is 0; then nothing is meaningful
    private boolean run(int length, long[] s, int m) {
        int n = Word.LONGS;
        while (n > 0 && s[m + n - 1] == 0) {
            n--;
        }
        if (n == 0) {
            return false;
        }
        int u = length;
        while (u > 0 && dividend[u - 1] == 0) {
            u--;
        }
        for (int i = u; i < DIGITS; i++) {
            dividend[i] = 0;
        }
        java.util.Arrays.fill(quotient, 0);
        if (u < n) {
            return true;  // the dividend is the remainder
        }
        int shift = Long.numberOfLeadingZeros(s[m + n - 1]);
        normalize(s, m, n, u, shift);
        if (n == 1) {
            byOneDigit(u);
        } else {
            byDigits(n, u);
        }
        for (int i = 0; i < n; i++) {  // undo the shift of the remainder; the digits above are zero by now
            dividend[i] = shift == 0 ? dividend[i] : dividend[i] >>> shift | dividend[i + 1] << -shift;
        }
        for (int i = n; i < Word.LONGS; i++) {
            dividend[i] = 0;
        }
        return true;
    }

    /// Shifts both so that the divisor's top bit is set.
    private void normalize(long[] s, int m, int n, int u, int shift) {
        if (shift == 0) {
            System.arraycopy(s, m, divisor, 0, n);
            dividend[u] = 0;
            return;
        }
        for (int i = n - 1; i > 0; i--) {
            divisor[i] = s[m + i] << shift | s[m + i - 1] >>> -shift;
        }
        divisor[0] = s[m] << shift;
        dividend[u] = dividend[u - 1] >>> -shift;
        for (int i = u - 1; i > 0; i--) {
            dividend[i] = dividend[i] << shift | dividend[i - 1] >>> -shift;
        }
        dividend[0] <<= shift;
    }

    private void byOneDigit(int u) {
        long d = divisor[0];
        long v = reciprocal(d);
        long rest = dividend[u];
        for (int j = u - 1; j >= 0; j--) {
            long digit = digit(rest, dividend[j], d, v);
            quotient[j] = digit;
            rest = dividend[j] - digit * d;
            dividend[j + 1] = 0;
        }
        dividend[0] = rest;
    }

    private void byDigits(int n, int u) {
        long top = divisor[n - 1];
        long next = divisor[n - 2];
        long v = reciprocal(top);
        for (int j = u - n; j >= 0; j--) {
            long high = dividend[j + n];
            long middle = dividend[j + n - 1];
            long digit;
            if (high == top) {         // the estimate would be 2^64
                digit = -1;
                long rest = middle + top;
                if (Long.compareUnsigned(rest, top) >= 0 && tooLarge(digit, next, rest, dividend[j + n - 2])) {
                    digit--;           // once is enough: subtract() adds back what is left over
                }
            } else {
                digit = digit(high, middle, top, v);
                long rest = middle - digit * top;
                while (tooLarge(digit, next, rest, dividend[j + n - 2])) {
                    digit--;
                    rest += top;
                    if (Long.compareUnsigned(rest, top) < 0) {
                        break;
                    }
                }
            }
            quotient[j] = subtract(digit, j, n);
        }
    }

    /// {@return whether digit * next > rest * 2^64 + below}
    private static boolean tooLarge(long digit, long next, long rest, long below) {
        long high = Math.unsignedMultiplyHigh(digit, next);
        return high != rest ? Long.compareUnsigned(high, rest) > 0 : Long.compareUnsigned(digit * next, below) > 0;
    }

    /// Takes digit * divisor off the dividend at `j`; adds the divisor back while that went below zero.
    ///
    /// @return the digit, corrected
    private long subtract(long digit, int j, int n) {
        long borrow = 0;
        for (int i = 0; i < n; i++) {
            long low = digit * divisor[i];
            long high = Math.unsignedMultiplyHigh(digit, divisor[i]);
            low += borrow;
            high += Long.compareUnsigned(low, borrow) < 0 ? 1 : 0;
            long from = dividend[j + i];
            dividend[j + i] = from - low;
            borrow = high + (Long.compareUnsigned(from, low) < 0 ? 1 : 0);
        }
        long from = dividend[j + n];
        dividend[j + n] = from - borrow;
        if (Long.compareUnsigned(from, borrow) >= 0) {
            return digit;
        }
        long left = digit;
        long carry;
        do {
            left--;
            carry = 0;
            for (int i = 0; i < n; i++) {
                long sum = dividend[j + i] + carry;
                carry = Long.compareUnsigned(sum, carry) < 0 ? 1 : 0;
                dividend[j + i] = sum + divisor[i];
                carry += Long.compareUnsigned(dividend[j + i], sum) < 0 ? 1 : 0;
            }
            dividend[j + n] += carry;
        } while (carry == 0);
        return left;
    }

    /// {@return floor((high * 2^64 + low) / d), where high < d and d's top bit is set (algorithm 4)}
    static long digit(long high, long low, long d, long v) {
        long q0 = v * high;
        long q1 = Math.unsignedMultiplyHigh(v, high);
        q0 += low;
        q1 += high + (Long.compareUnsigned(q0, low) < 0 ? 1 : 0) + 1;
        long rest = low - q1 * d;
        if (Long.compareUnsigned(rest, q0) > 0) {
            q1--;
            rest += d;
        }
        return Long.compareUnsigned(rest, d) >= 0 ? q1 + 1 : q1;
    }

    /// {@return floor((2^128 - 1) / d) - 2^64, where d's top bit is set (algorithm 3)}
    static long reciprocal(long d) {
        long v0 = 0x7fd00 / (d >>> 55);  // 11 bits; d >>> 55 is 256..511
        long d40 = (d >>> 24) + 1;
        long v1 = (v0 << 11) - (v0 * v0 * d40 >>> 40) - 1;
        long v2 = (v1 << 13) + (v1 * ((1L << 60) - v1 * d40) >>> 47);
        long half = (d >>> 1) + (d & 1);
        long e = ((v2 >>> 1) & -(d & 1)) - v2 * half;
        long v3 = (Math.unsignedMultiplyHigh(v2, e) >>> 1) + (v2 << 31);
        long low = v3 * d;
        long sum = low + d;
        long high = Math.unsignedMultiplyHigh(v3, d) + (Long.compareUnsigned(sum, low) < 0 ? 1 : 0);
        return v3 - (high + d);
    }
}
