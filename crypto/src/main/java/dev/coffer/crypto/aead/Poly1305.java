package dev.coffer.crypto.aead;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// Poly1305 (RFC 8439, section 2.5) over blocks that are padded with zeros to 16 bytes, which is all that the AEAD needs
/// (section 2.8). Numbers modulo 2^130 - 5 are three limbs of 44, 44 and 42 bits. Stateless, thread-safe; ranges are
/// checked by the callers.
///
/// A product of limbs is cut at bit 44 as it is made: the low 44 bits, and, with one factor shifted up by 20 in all, the
/// high half of the 128-bit product. So sums of products never need a carry between words.
final class Poly1305 {
    // The state: the multiplier r in limbs, the sum h in limbs, and the pad s that is added in the end.
    private static final long R0 = 0;
    private static final long R1 = R0 + Long.BYTES;
    private static final long R2 = R1 + Long.BYTES;
    private static final long H0 = R2 + Long.BYTES;
    private static final long H1 = H0 + Long.BYTES;
    private static final long H2 = H1 + Long.BYTES;
    private static final long PAD = H2 + Long.BYTES;
    static final long STATE_BYTES = PAD + 16;

    private static final long M44 = (1L << 44) - 1;
    private static final long M42 = (1L << 42) - 1;
    private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private Poly1305() {}

    /// Takes a one-time key of 32 bytes: r, which is clamped here (section 2.5), and s.
    static void init(MemorySegment state, long at, MemorySegment key, long keyAt) {
        long low = key.get(WORD, keyAt) & 0x0ffffffc0fffffffL;
        long high = key.get(WORD, keyAt + 8) & 0x0ffffffc0ffffffcL;
        state.set(WORD, at + R0, low & M44);
        state.set(WORD, at + R1, (low >>> 44 | high << 20) & M44);
        state.set(WORD, at + R2, high >>> 24);
        state.set(WORD, at + H0, 0);
        state.set(WORD, at + H1, 0);
        state.set(WORD, at + H2, 0);
        state.set(WORD, at + PAD, key.get(WORD, keyAt + 16));
        state.set(WORD, at + PAD + 8, key.get(WORD, keyAt + 24));
    }

    /// Adds bytes, padded with zeros to a whole number of blocks.
    ///
    /// @param block  16 bytes of scratch for a last block that is not whole; the caller wipes it
    static void update(MemorySegment state, long at, MemorySegment input, long inputAt, long length,
            MemorySegment block, long blockAt) {
        long whole = length & -16;
        blocks(state, at, input, inputAt, whole);
        if (whole != length) {
            block.set(WORD, blockAt, 0);
            block.set(WORD, blockAt + 8, 0);
            MemorySegment.copy(input, inputAt + whole, block, blockAt, length - whole);
            blocks(state, at, block, blockAt, 16);
        }
    }

    private static void blocks(MemorySegment state, long at, MemorySegment input, long inputAt, long length) {
        long r0 = state.get(WORD, at + R0);
        long r1 = state.get(WORD, at + R1);
        long r2 = state.get(WORD, at + R2);
        // Products of weight 2^132 and up come back at the bottom: 2^132 = 4 * 2^130, which is 4 * 5 modulo 2^130 - 5.
        long s1 = r1 * 20;
        long s2 = r2 * 20;
        long r0Up = r0 << 20;
        long r1Up = r1 << 20;
        long r2Up = r2 << 20;
        long s1Up = s1 << 15;  // 49 bits, so that 15 is all that fits; its partner h2 is shifted by the other 5
        long s2Up = s2 << 20;  // r2 has 36 bits after clamping
        long h0 = state.get(WORD, at + H0);
        long h1 = state.get(WORD, at + H1);
        long h2 = state.get(WORD, at + H2);
        for (long p = inputAt, end = inputAt + length; p < end; p += 16) {
            long low = input.get(WORD, p);
            long high = input.get(WORD, p + 8);
            h0 += low & M44;
            h1 += (low >>> 44 | high << 20) & M44;
            h2 += high >>> 24 | 1L << 40;  // the bit past the block: 128 - 88

            long d0 = (h0 * r0 & M44) + (h1 * s2 & M44) + (h2 * s1 & M44);
            long e0 = high(h0, r0Up) + high(h1, s2Up) + high(h2 << 5, s1Up);
            long d1 = (h0 * r1 & M44) + (h1 * r0 & M44) + (h2 * s2 & M44);
            long e1 = high(h0, r1Up) + high(h1, r0Up) + high(h2, s2Up);
            long d2 = (h0 * r2 & M44) + (h1 * r1 & M44) + (h2 * r0 & M44);
            long e2 = high(h0, r2Up) + high(h1, r1Up) + high(h2, r0Up);

            d1 += e0 + (d0 >>> 44);
            d2 += e1 + (d1 >>> 44);
            h2 = d2 & M42;
            h0 = (d0 & M44) + ((d2 >>> 42) + (e2 << 2)) * 5;
            h1 = (d1 & M44) + (h0 >>> 44);
            h0 &= M44;
        }
        state.set(WORD, at + H0, h0);
        state.set(WORD, at + H1, h1);
        state.set(WORD, at + H2, h2);
    }

    private static long high(long a, long b) {
        return Math.unsignedMultiplyHigh(a, b);
    }

    /// Writes the tag: the sum modulo 2^130 - 5, plus s, modulo 2^128.
    static void tag(MemorySegment state, long at, MemorySegment tag, long tagAt) {
        long h0 = state.get(WORD, at + H0);
        long h1 = state.get(WORD, at + H1);
        long h2 = state.get(WORD, at + H2);
        // What [#blocks] leaves: h0 and h2 below their size, h1 above it by less than 2^6. So one way round is enough: where
        // h1 carries, it is small afterwards, and what comes back at the bottom cannot make it carry again.
        assert h0 >>> 44 == 0 && h2 >>> 42 == 0 && h1 < (1L << 44) + 64 : "a limb past its bound";
        h2 += h1 >>> 44;
        h1 &= M44;
        h0 += (h2 >>> 42) * 5;
        h2 &= M42;
        h1 += h0 >>> 44;
        h0 &= M44;

        // h + 5 - 2^130 is not negative exactly where h must be reduced once more.
        long g0 = h0 + 5;
        long g1 = h1 + (g0 >>> 44);
        long g2 = h2 + (g1 >>> 44) - (1L << 42);
        long keep = g2 >> 63;
        h0 = h0 & keep | g0 & M44 & ~keep;
        h1 = h1 & keep | g1 & M44 & ~keep;
        h2 = h2 & keep | g2 & M42 & ~keep;

        long low = h0 | h1 << 44;
        long high = h1 >>> 20 | h2 << 24;
        long padLow = state.get(WORD, at + PAD);
        long sum = low + padLow;
        long carry = (low & padLow | (low | padLow) & ~sum) >>> 63;
        tag.set(WORD, tagAt, sum);
        tag.set(WORD, tagAt + 8, high + state.get(WORD, at + PAD + 8) + carry);
    }
}
