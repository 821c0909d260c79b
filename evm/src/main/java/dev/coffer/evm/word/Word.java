package dev.coffer.evm.word;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.Objects;

/// 256-bit words as four longs of a caller's array, least significant first, and the operations of the Yellow Paper
/// (appendix H.2) that need no division; [Division] has the others. A word is named by the index of its first long.
///
/// Sources and target may be the same word. Stateless, thread-safe; makes no object, but for [BigInteger] and hex. An index whose four longs do not
/// lie in the array throws [IndexOutOfBoundsException] (caller's fault).
public final class Word {
    /// Longs of a word: 256 / 64.
    public static final int LONGS = 4;
    /// Bytes of a word: 256 / 8.
    public static final int BYTES = 32;

    private static final ValueLayout.OfLong BIG =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private Word() {}

    /// Sets a word to an unsigned 64-bit value.
    public static void set(long[] s, int r, long low) {
        s[r] = low;
        s[r + 1] = 0;
        s[r + 2] = 0;
        s[r + 3] = 0;
    }

    /// Copies the word at `a` of `from` to `r` of `to`.
    public static void copy(long[] from, int a, long[] to, int r) {
        long w0 = from[a];
        long w1 = from[a + 1];
        long w2 = from[a + 2];
        long w3 = from[a + 3];
        to[r] = w0;
        to[r + 1] = w1;
        to[r + 2] = w2;
        to[r + 3] = w3;
    }

    /// Reads 32 bytes, big-endian.
    public static void load(MemorySegment from, long at, long[] s, int r) {
        s[r + 3] = from.get(BIG, at);
        s[r + 2] = from.get(BIG, at + 8);
        s[r + 1] = from.get(BIG, at + 16);
        s[r] = from.get(BIG, at + 24);
    }

    /// Writes 32 bytes, big-endian.
    public static void store(long[] s, int a, MemorySegment to, long at) {
        to.set(BIG, at, s[a + 3]);
        to.set(BIG, at + 8, s[a + 2]);
        to.set(BIG, at + 16, s[a + 1]);
        to.set(BIG, at + 24, s[a]);
    }

    public static boolean isZero(long[] s, int a) {
        return (s[a] | s[a + 1] | s[a + 2] | s[a + 3]) == 0;
    }

    /// {@return whether the value is below 2^64}
    public static boolean isLong(long[] s, int a) {
        return (s[a + 1] | s[a + 2] | s[a + 3]) == 0;
    }

    public static boolean equal(long[] x, int a, long[] y, int b) {
        return ((x[a] ^ y[b]) | (x[a + 1] ^ y[b + 1]) | (x[a + 2] ^ y[b + 2]) | (x[a + 3] ^ y[b + 3])) == 0;
    }

    /// {@return whether a < b, both unsigned}
    public static boolean less(long[] x, int a, long[] y, int b) {
        for (int i = LONGS - 1; i > 0; i--) {
            if (x[a + i] != y[b + i]) {
                return Long.compareUnsigned(x[a + i], y[b + i]) < 0;
            }
        }
        return Long.compareUnsigned(x[a], y[b]) < 0;
    }

    /// {@return whether a < b, both two's complement}
    public static boolean lessSigned(long[] x, int a, long[] y, int b) {
        return (x[a + 3] ^ y[b + 3]) < 0 ? x[a + 3] < 0 : less(x, a, y, b);
    }

    /// r = a + b mod 2^256.
    public static void add(long[] s, int a, int b, int r) {
        long a0 = s[a];
        long r0 = a0 + s[b];
        long c0 = Long.compareUnsigned(r0, a0) < 0 ? 1 : 0;
        long a1 = s[a + 1];
        long t1 = a1 + s[b + 1];
        long r1 = t1 + c0;
        long c1 = (Long.compareUnsigned(t1, a1) < 0 ? 1 : 0) + (Long.compareUnsigned(r1, t1) < 0 ? 1 : 0);
        long a2 = s[a + 2];
        long t2 = a2 + s[b + 2];
        long r2 = t2 + c1;
        long c2 = (Long.compareUnsigned(t2, a2) < 0 ? 1 : 0) + (Long.compareUnsigned(r2, t2) < 0 ? 1 : 0);
        long r3 = s[a + 3] + s[b + 3] + c2;
        s[r] = r0;
        s[r + 1] = r1;
        s[r + 2] = r2;
        s[r + 3] = r3;
    }

    /// r = a - b mod 2^256.
    public static void subtract(long[] s, int a, int b, int r) {
        long a0 = s[a];
        long b0 = s[b];
        long r0 = a0 - b0;
        long c0 = Long.compareUnsigned(a0, b0) < 0 ? 1 : 0;
        long a1 = s[a + 1];
        long b1 = s[b + 1];
        long t1 = a1 - b1;
        long r1 = t1 - c0;
        long c1 = (Long.compareUnsigned(a1, b1) < 0 ? 1 : 0) + (Long.compareUnsigned(t1, c0) < 0 ? 1 : 0);
        long a2 = s[a + 2];
        long b2 = s[b + 2];
        long t2 = a2 - b2;
        long r2 = t2 - c1;
        long c2 = (Long.compareUnsigned(a2, b2) < 0 ? 1 : 0) + (Long.compareUnsigned(t2, c1) < 0 ? 1 : 0);
        long r3 = s[a + 3] - s[b + 3] - c2;
        s[r] = r0;
        s[r + 1] = r1;
        s[r + 2] = r2;
        s[r + 3] = r3;
    }

    /// r = -a mod 2^256.
    public static void negate(long[] s, int a, int r) {
        long r0 = -s[a];
        long borrow = s[a] == 0 ? 1 : 0;
        long r1 = ~s[a + 1] + borrow;
        borrow &= s[a + 1] == 0 ? 1 : 0;
        long r2 = ~s[a + 2] + borrow;
        borrow &= s[a + 2] == 0 ? 1 : 0;
        long r3 = ~s[a + 3] + borrow;
        s[r] = r0;
        s[r + 1] = r1;
        s[r + 2] = r2;
        s[r + 3] = r3;
    }

    /// r = a * b mod 2^256, column by column: ten products, six of them with their upper halves.
    public static void multiply(long[] s, int a, int b, int r) {
        long a0 = s[a];
        long b0 = s[b];
        if (((s[a + 1] | s[a + 2] | s[a + 3]) | (s[b + 1] | s[b + 2] | s[b + 3])) == 0) {
            s[r] = a0 * b0;
            s[r + 1] = Math.unsignedMultiplyHigh(a0, b0);
            s[r + 2] = 0;
            s[r + 3] = 0;
            return;
        }
        long a1 = s[a + 1];
        long a2 = s[a + 2];
        long b1 = s[b + 1];
        long b2 = s[b + 2];
        long r3 = a0 * s[b + 3] + a1 * b2 + a2 * b1 + s[a + 3] * b0;
        // column 1: hi(a0 b0) + lo(a0 b1) + lo(a1 b0)
        long t = Math.unsignedMultiplyHigh(a0, b0);
        long p = a0 * b1;
        t += p;
        long carry = Long.compareUnsigned(t, p) < 0 ? 1 : 0;
        p = a1 * b0;
        t += p;
        carry += Long.compareUnsigned(t, p) < 0 ? 1 : 0;
        s[r + 1] = t;
        // column 2: carry + hi(a0 b1) + hi(a1 b0) + lo(a0 b2) + lo(a1 b1) + lo(a2 b0)
        t = carry;
        p = Math.unsignedMultiplyHigh(a0, b1);
        t += p;
        carry = Long.compareUnsigned(t, p) < 0 ? 1 : 0;
        p = Math.unsignedMultiplyHigh(a1, b0);
        t += p;
        carry += Long.compareUnsigned(t, p) < 0 ? 1 : 0;
        p = a0 * b2;
        t += p;
        carry += Long.compareUnsigned(t, p) < 0 ? 1 : 0;
        p = a1 * b1;
        t += p;
        carry += Long.compareUnsigned(t, p) < 0 ? 1 : 0;
        p = a2 * b0;
        t += p;
        carry += Long.compareUnsigned(t, p) < 0 ? 1 : 0;
        s[r + 2] = t;
        // column 3 keeps its low half only
        s[r + 3] = r3 + carry + Math.unsignedMultiplyHigh(a0, b2) + Math.unsignedMultiplyHigh(a1, b1)
                + Math.unsignedMultiplyHigh(a2, b0);
        s[r] = a0 * b0;
    }

    /// r = b << a; 0 from 256 up (EIP-145).
    public static void shiftLeft(long[] s, int a, int b, int r) {
        long shift = s[a];
        if (!isLong(s, a) || Long.compareUnsigned(shift, 255) > 0) {
            set(s, r, 0);
            return;
        }
        long b0 = s[b];
        long b1 = s[b + 1];
        long b2 = s[b + 2];
        long b3 = s[b + 3];
        int n = (int) shift & 63;
        if (n != 0) {
            b3 = b3 << n | b2 >>> -n;
            b2 = b2 << n | b1 >>> -n;
            b1 = b1 << n | b0 >>> -n;
            b0 <<= n;
        }
        switch ((int) shift >>> 6) {
            case 0 -> put(s, r, b0, b1, b2, b3);
            case 1 -> put(s, r, 0, b0, b1, b2);
            case 2 -> put(s, r, 0, 0, b0, b1);
            default -> put(s, r, 0, 0, 0, b0);
        }
    }

    /// r = b >>> a, filled with zeros; 0 from 256 up (EIP-145).
    public static void shiftRight(long[] s, int a, int b, int r) {
        if (!isLong(s, a) || Long.compareUnsigned(s[a], 255) > 0) {
            set(s, r, 0);
            return;
        }
        shiftRight(s, (int) s[a], b, r, 0);
    }

    /// r = b >> a, filled with b's sign; all sign from 256 up (EIP-145).
    public static void shiftRightSigned(long[] s, int a, int b, int r) {
        long sign = s[b + 3] >> 63;
        if (!isLong(s, a) || Long.compareUnsigned(s[a], 255) > 0) {
            put(s, r, sign, sign, sign, sign);
            return;
        }
        shiftRight(s, (int) s[a], b, r, sign);
    }

    private static void shiftRight(long[] s, int shift, int b, int r, long fill) {
        long b0 = s[b];
        long b1 = s[b + 1];
        long b2 = s[b + 2];
        long b3 = s[b + 3];
        int n = shift & 63;
        if (n != 0) {
            b0 = b0 >>> n | b1 << -n;
            b1 = b1 >>> n | b2 << -n;
            b2 = b2 >>> n | b3 << -n;
            b3 = b3 >>> n | fill << -n;
        }
        switch (shift >>> 6) {
            case 0 -> put(s, r, b0, b1, b2, b3);
            case 1 -> put(s, r, b1, b2, b3, fill);
            case 2 -> put(s, r, b2, b3, fill, fill);
            default -> put(s, r, b3, fill, fill, fill);
        }
    }

    /// r = the byte of b at index a, the most significant being 0; 0 from 32 up.
    public static void byteOf(long[] s, int a, int b, int r) {
        long index = s[a];
        long value = 0;
        if (isLong(s, a) && Long.compareUnsigned(index, BYTES) < 0) {
            int low = BYTES - 1 - (int) index;
            value = s[b + (low >>> 3)] >>> 8 * (low & 7) & 0xff;
        }
        set(s, r, value);
    }

    /// r = b, whose byte a (the least significant being 0) holds the sign, extended to 256 bits; b from 31 up.
    public static void signExtend(long[] s, int a, int b, int r) {
        long index = s[a];
        boolean whole = !isLong(s, a) || Long.compareUnsigned(index, BYTES - 1) >= 0;
        copy(s, b, s, r);
        if (whole) {
            return;
        }
        int limb = (int) index >>> 3;
        int up = 56 - 8 * ((int) index & 7);  // brings the sign to bit 63
        long extended = s[r + limb] << up >> up;
        s[r + limb] = extended;
        for (int i = limb + 1; i < LONGS; i++) {
            s[r + i] = extended >> 63;
        }
    }

    /// r = number of zero bits above a's highest one, 256 for zero (EIP-7939).
    public static void countLeadingZeros(long[] s, int a, int r) {
        set(s, r, 256 - bits(s, a));
    }

    /// {@return bits up to the highest one, 0..256}
    public static int bits(long[] s, int a) {
        for (int i = LONGS - 1; i >= 0; i--) {
            if (s[a + i] != 0) {
                return 64 * i + 64 - Long.numberOfLeadingZeros(s[a + i]);
            }
        }
        return 0;
    }

    // --- to and from what people and libraries write; these make objects -----------------------------------------------

    /// {@return a value as a word of its own}
    ///
    /// @throws IllegalArgumentException  below 0, or 2^256 and above (caller's fault)
    public static long[] of(BigInteger value) {
        long[] word = new long[LONGS];
        set(word, 0, value);
        return word;
    }

    /// Sets a word to a value.
    ///
    /// @throws IllegalArgumentException  below 0, or 2^256 and above (caller's fault); nothing changes
    public static void set(long[] s, int r, BigInteger value) {
        if (value.signum() < 0 || value.bitLength() > 8 * BYTES) {
            throw new IllegalArgumentException("word: " + (value.signum() < 0 ? "a negative value" : value.bitLength() + " bits")
                    + " (expected 0..2^256 - 1)");
        }
        Objects.checkFromIndexSize(r, LONGS, s.length);
        for (int i = 0; i < LONGS; i++) {
            s[r + i] = value.shiftRight(64 * i).longValue();
        }
    }

    /// {@return a word's value, 0..2^256 - 1}
    public static BigInteger toBigInteger(long[] s, int a) {
        Objects.checkFromIndexSize(a, LONGS, s.length);
        return new BigInteger(toHex(s, a).substring(2), 16);
    }

    /// {@return a word as `0x` and 64 digits, lower case}
    public static String toHex(long[] s, int a) {
        Objects.checkFromIndexSize(a, LONGS, s.length);
        HexFormat hex = HexFormat.of();
        return "0x" + hex.toHexDigits(s[a + 3]) + hex.toHexDigits(s[a + 2]) + hex.toHexDigits(s[a + 1])
                + hex.toHexDigits(s[a]);
    }

    /// Sets a word to what hex digits say: 1 to 64 of them, of either case, with or without `0x`.
    ///
    /// @throws IllegalArgumentException  no digit, more than 64, or another character (caller's fault); nothing changes
    public static void setHex(long[] s, int r, CharSequence digits) {
        Objects.checkFromIndexSize(r, LONGS, s.length);
        int from = digits.length() >= 2 && digits.charAt(0) == '0' && (digits.charAt(1) | 0x20) == 'x' ? 2 : 0;
        int count = digits.length() - from;
        if (count < 1 || count > 2 * BYTES) {
            throw new IllegalArgumentException("word: " + count + " hex digits (expected 1..64)");
        }
        long[] word = new long[LONGS];
        for (int i = 0; i < count; i++) {
            char digit = digits.charAt(digits.length() - 1 - i);
            if (!HexFormat.isHexDigit(digit)) {
                throw new IllegalArgumentException("word: no hex digit at " + (digits.length() - 1 - i));
            }
            word[i >>> 4] |= (long) HexFormat.fromHexDigit(digit) << 4 * (i & 15);
        }
        copy(word, 0, s, r);
    }

    private static void put(long[] s, int r, long w0, long w1, long w2, long w3) {
        s[r] = w0;
        s[r + 1] = w1;
        s[r + 2] = w2;
        s[r + 3] = w3;
    }
}
