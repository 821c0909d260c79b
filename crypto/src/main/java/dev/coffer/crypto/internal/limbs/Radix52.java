package dev.coffer.crypto.internal.limbs;

import dev.coffer.memory.layout.BigEndian;
import dev.coffer.memory.layout.LittleEndian;
import java.lang.foreign.MemorySegment;

/// The radix 2^52, in which five limbs hold 256 bits and four more: how limb products are cut, and how numbers of 32 bytes are read
/// and written. Stateless, thread-safe; 0 heap bytes; no branch or index depends on a limb.
public final class Radix52 {
    /// Bits of a limb.
    public static final int BITS = 52;
    /// The bits of a limb.
    public static final long MASK = (1L << BITS) - 1;
    /// Bytes of an encoded number.
    public static final int ENCODED_BYTES = 32;

    private Radix52() {}

    /// {@return h, the high part of the limb product x y cut at bit 52; the low part is x y - h 2^52, of which whole columns can be
    /// taken at once, as wrapping sums}
    ///
    /// @param x  of magnitude below 2^57, as y
    public static long high(long x, long y) {
        return Math.multiplyHigh(x << 6, y << 6);
    }

    /// Reads 32 bytes, big-endian; the number is not reduced.
    public static void decodeBigEndian(MemorySegment w, long out, MemorySegment source, long at) {
        words(w, out, BigEndian.i64(source, at + 24), BigEndian.i64(source, at + 16), BigEndian.i64(source, at + 8),
                BigEndian.i64(source, at));
    }

    /// Reads 32 bytes, little-endian; the number is not reduced.
    public static void decodeLittleEndian(MemorySegment w, long out, MemorySegment source, long at) {
        words(w, out, LittleEndian.i64(source, at), LittleEndian.i64(source, at + 8),
                LittleEndian.i64(source, at + 16), LittleEndian.i64(source, at + 24));
    }

    private static void words(MemorySegment w, long out, long w0, long w1, long w2, long w3) {
        Limbs.set(w, out, w0 & MASK, (w0 >>> 52 | w1 << 12) & MASK, (w1 >>> 40 | w2 << 24) & MASK,
                (w2 >>> 28 | w3 << 36) & MASK, w3 >>> 16);
    }

    /// Writes 32 bytes, big-endian, of a number whose limbs are carried.
    public static void encodeBigEndian(MemorySegment w, long a, MemorySegment target, long at) {
        BigEndian.i64(target, at + 24, word0(w, a));
        BigEndian.i64(target, at + 16, word1(w, a));
        BigEndian.i64(target, at + 8, word2(w, a));
        BigEndian.i64(target, at, word3(w, a));
    }

    /// Writes 32 bytes, little-endian, of a number whose limbs are carried.
    public static void encodeLittleEndian(MemorySegment w, long a, MemorySegment target, long at) {
        LittleEndian.i64(target, at, word0(w, a));
        LittleEndian.i64(target, at + 8, word1(w, a));
        LittleEndian.i64(target, at + 16, word2(w, a));
        LittleEndian.i64(target, at + 24, word3(w, a));
    }

    private static long word0(MemorySegment w, long a) {
        return w.get(Limbs.LONG, a) | w.get(Limbs.LONG, a + 8) << 52;
    }

    private static long word1(MemorySegment w, long a) {
        return w.get(Limbs.LONG, a + 8) >>> 12 | w.get(Limbs.LONG, a + 16) << 40;
    }

    private static long word2(MemorySegment w, long a) {
        return w.get(Limbs.LONG, a + 16) >>> 24 | w.get(Limbs.LONG, a + 24) << 28;
    }

    private static long word3(MemorySegment w, long a) {
        return w.get(Limbs.LONG, a + 24) >>> 36 | w.get(Limbs.LONG, a + 32) << 16;
    }
}
