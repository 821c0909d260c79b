package dev.coffer.crypto.internal.limbs;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Numbers of five signed limbs in the caller's memory, least first, in [#BYTES] bytes of native-order longs, whatever their radix:
/// what a field does limb by limb, without carrying. How large limbs may grow, each field says.
///
/// Stateless, thread-safe; 0 heap bytes; no branch or index depends on a limb. Output may be the same number as an input; apart
/// from that numbers do not overlap.
public final class Limbs {
    /// Bytes of a number: 5 limbs of 8.
    public static final long BYTES = 5 * Long.BYTES;
    /// One limb.
    public static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;

    private Limbs() {}

    /// Writes five limbs.
    public static void set(MemorySegment w, long out, long a0, long a1, long a2, long a3, long a4) {
        w.set(LONG, out, a0);
        w.set(LONG, out + 8, a1);
        w.set(LONG, out + 16, a2);
        w.set(LONG, out + 24, a3);
        w.set(LONG, out + 32, a4);
    }

    /// Copies a number.
    public static void copy(MemorySegment w, long out, long a) {
        set(w, out, w.get(LONG, a), w.get(LONG, a + 8), w.get(LONG, a + 16), w.get(LONG, a + 24), w.get(LONG, a + 32));
    }

    /// out = a + b, without carrying.
    public static void add(MemorySegment w, long out, long a, long b) {
        set(w, out, w.get(LONG, a) + w.get(LONG, b), w.get(LONG, a + 8) + w.get(LONG, b + 8),
                w.get(LONG, a + 16) + w.get(LONG, b + 16), w.get(LONG, a + 24) + w.get(LONG, b + 24),
                w.get(LONG, a + 32) + w.get(LONG, b + 32));
    }

    /// out = a - b, without carrying: limbs may be negative.
    public static void subtract(MemorySegment w, long out, long a, long b) {
        set(w, out, w.get(LONG, a) - w.get(LONG, b), w.get(LONG, a + 8) - w.get(LONG, b + 8),
                w.get(LONG, a + 16) - w.get(LONG, b + 16), w.get(LONG, a + 24) - w.get(LONG, b + 24),
                w.get(LONG, a + 32) - w.get(LONG, b + 32));
    }

    /// out = -a, without carrying.
    public static void negate(MemorySegment w, long out, long a) {
        set(w, out, -w.get(LONG, a), -w.get(LONG, a + 8), -w.get(LONG, a + 16), -w.get(LONG, a + 24),
                -w.get(LONG, a + 32));
    }

    /// Exchanges two numbers where `mask` is all ones, leaves them where it is 0.
    public static void swapIf(MemorySegment w, long mask, long a, long b) {
        for (long i = 0; i < BYTES; i += Long.BYTES) {
            long difference = mask & (w.get(LONG, a + i) ^ w.get(LONG, b + i));
            w.set(LONG, a + i, w.get(LONG, a + i) ^ difference);
            w.set(LONG, b + i, w.get(LONG, b + i) ^ difference);
        }
    }

    /// out = a where `mask` is all ones, out unchanged where it is 0.
    public static void copyIf(MemorySegment w, long mask, long out, long a) {
        for (long i = 0; i < BYTES; i += Long.BYTES) {
            long now = w.get(LONG, out + i);
            w.set(LONG, out + i, now ^ (mask & (now ^ w.get(LONG, a + i))));
        }
    }

    /// {@return all ones where every limb is 0, else 0}
    public static long maskZero(MemorySegment w, long a) {
        long bits = w.get(LONG, a) | w.get(LONG, a + 8) | w.get(LONG, a + 16) | w.get(LONG, a + 24)
                | w.get(LONG, a + 32);
        return ~((bits | -bits) >> 63);
    }
}
