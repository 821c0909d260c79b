package dev.coffer.crypto.aead;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// GHASH (SP 800-38D, section 6.4) in constant time. Stateless, thread-safe; ranges are checked by the callers.
///
/// A product of polynomials over GF(2) is made of products of integers whose bits are so far apart that sums cannot reach
/// the next one: every fourth bit, sixteen of them, so a sum is at most 16 and only spoils what lies past the low 64 bits
/// of a product. The high 64 bits are those of the product of the reversed words, reversed. (The method of Pornin's
/// BearSSL.) Integer multiplication takes the same time for all operands on every 64-bit machine that runs a JDK.
///
/// The standard's bit 0 is the highest of the first byte, so an element is read as two big-endian words and is reversed
/// as a whole; the product of two such is one bit too low, which a shift makes good.
final class Ghash {
    // The key: the two words of H and their sum, then the same reversed.
    private static final long H0 = 0;
    private static final long H1 = H0 + Long.BYTES;
    private static final long H2 = H1 + Long.BYTES;
    private static final long R0 = H2 + Long.BYTES;
    private static final long R1 = R0 + Long.BYTES;
    private static final long R2 = R1 + Long.BYTES;
    static final long KEY_BYTES = R2 + Long.BYTES;
    static final int BLOCK_BYTES = 16;

    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;
    private static final ValueLayout.OfLong BIG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private static final long EVERY_4 = 0x1111111111111111L;

    private Ghash() {}

    /// Prepares H, one block.
    static void key(MemorySegment h, long hAt, MemorySegment key, long keyAt) {
        long h1 = h.get(BIG, hAt);
        long h0 = h.get(BIG, hAt + 8);
        key.set(LONG, keyAt + H0, h0);
        key.set(LONG, keyAt + H1, h1);
        key.set(LONG, keyAt + H2, h0 ^ h1);
        key.set(LONG, keyAt + R0, Long.reverse(h0));
        key.set(LONG, keyAt + R1, Long.reverse(h1));
        key.set(LONG, keyAt + R2, Long.reverse(h0 ^ h1));
    }

    /// Adds bytes to the sum, padded with zeros to whole blocks.
    ///
    /// @param sum    16 bytes, zero at the start
    /// @param block  16 bytes of scratch for a last block that is not whole; the caller wipes it
    static void update(MemorySegment key, long keyAt, MemorySegment sum, long sumAt, MemorySegment input, long inputAt,
            long length, MemorySegment block, long blockAt) {
        long whole = length & -BLOCK_BYTES;
        blocks(key, keyAt, sum, sumAt, input, inputAt, whole);
        if (whole != length) {
            block.set(LONG, blockAt, 0);
            block.set(LONG, blockAt + 8, 0);
            MemorySegment.copy(input, inputAt + whole, block, blockAt, length - whole);
            blocks(key, keyAt, sum, sumAt, block, blockAt, BLOCK_BYTES);
        }
    }

    private static void blocks(MemorySegment key, long keyAt, MemorySegment sum, long sumAt, MemorySegment input,
            long inputAt, long length) {
        long h0 = key.get(LONG, keyAt + H0);
        long h1 = key.get(LONG, keyAt + H1);
        long h2 = key.get(LONG, keyAt + H2);
        long r0 = key.get(LONG, keyAt + R0);
        long r1 = key.get(LONG, keyAt + R1);
        long r2 = key.get(LONG, keyAt + R2);
        long y1 = sum.get(BIG, sumAt);
        long y0 = sum.get(BIG, sumAt + 8);
        for (long p = inputAt, end = inputAt + length; p < end; p += BLOCK_BYTES) {
            y1 ^= input.get(BIG, p);
            y0 ^= input.get(BIG, p + 8);
            long s0 = Long.reverse(y0);
            long s1 = Long.reverse(y1);

            // Karatsuba: three products of words, each with its low half and, reversed, its high half.
            long low = multiply(y0, h0);
            long high = multiply(y1, h1);
            long middle = multiply(y0 ^ y1, h2) ^ low ^ high;
            long lowUp = multiply(s0, r0);
            long highUp = multiply(s1, r1);
            long middleUp = multiply(s0 ^ s1, r2) ^ lowUp ^ highUp;
            long v0 = low;
            long v1 = Long.reverse(lowUp) >>> 1 ^ middle;
            long v2 = Long.reverse(middleUp) >>> 1 ^ high;
            long v3 = Long.reverse(highUp) >>> 1;
            v3 = v3 << 1 | v2 >>> 63;
            v2 = v2 << 1 | v1 >>> 63;
            v1 = v1 << 1 | v0 >>> 63;
            v0 <<= 1;

            // Modulo x^128 + x^7 + x^2 + x + 1 (6.3), from the highest powers, which are in the lowest word.
            v2 ^= v0 ^ v0 >>> 1 ^ v0 >>> 2 ^ v0 >>> 7;
            v1 ^= v0 << 63 ^ v0 << 62 ^ v0 << 57;
            y1 = v3 ^ v1 ^ v1 >>> 1 ^ v1 >>> 2 ^ v1 >>> 7;
            y0 = v2 ^ v1 << 63 ^ v1 << 62 ^ v1 << 57;
        }
        sum.set(BIG, sumAt, y1);
        sum.set(BIG, sumAt + 8, y0);
    }

    /// {@return the low 64 bits of the product of two polynomials}
    private static long multiply(long a, long b) {
        long a0 = a & EVERY_4;
        long a1 = a & EVERY_4 << 1;
        long a2 = a & EVERY_4 << 2;
        long a3 = a & EVERY_4 << 3;
        long b0 = b & EVERY_4;
        long b1 = b & EVERY_4 << 1;
        long b2 = b & EVERY_4 << 2;
        long b3 = b & EVERY_4 << 3;
        return ((a0 * b0 ^ a1 * b3 ^ a2 * b2 ^ a3 * b1) & EVERY_4)
                | ((a0 * b1 ^ a1 * b0 ^ a2 * b3 ^ a3 * b2) & EVERY_4 << 1)
                | ((a0 * b2 ^ a1 * b1 ^ a2 * b0 ^ a3 * b3) & EVERY_4 << 2)
                | ((a0 * b3 ^ a1 * b2 ^ a2 * b1 ^ a3 * b0) & EVERY_4 << 3);
    }
}
