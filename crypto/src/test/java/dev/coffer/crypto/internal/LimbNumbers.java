package dev.coffer.crypto.internal;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

/// Five limbs as a number, and numbers as limbs at the ends of what an operation documents.
public final class LimbNumbers {
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;

    private LimbNumbers() {}

    /// {@return the number of five limbs in a radix of 2^bits}
    public static BigInteger value(MemorySegment w, long at, int bits) {
        BigInteger sum = BigInteger.ZERO;
        for (int i = 4; i >= 0; i--) {
            sum = sum.shiftLeft(bits).add(BigInteger.valueOf(w.get(LONG, at + 8L * i)));
        }
        return sum;
    }

    /// Writes five limbs.
    public static void set(MemorySegment w, long at, long... limbs) {
        for (int i = 0; i < 5; i++) {
            w.set(LONG, at + 8L * i, limbs[i]);
        }
    }

    /// {@return one limb}
    public static long limb(MemorySegment w, long at, int i) {
        return w.get(LONG, at + 8L * i);
    }

    /// Writes a number: its low four limbs are 0..2^bits - 1, the last one has the rest and the sign.
    public static void set(MemorySegment w, long at, BigInteger value, int bits) {
        BigInteger mask = BigInteger.ONE.shiftLeft(bits).subtract(BigInteger.ONE);
        for (int i = 0; i < 5; i++) {
            w.set(LONG, at + 8L * i, (i < 4 ? value.shiftRight(bits * i).and(mask) : value.shiftRight(bits * 4)).longValueExact());
        }
    }

    /// {@return each way of choosing one of the values for each of `count` limbs}
    public static List<long[]> patterns(int count, long... values) {
        List<long[]> all = new ArrayList<>();
        int total = (int) Math.round(Math.pow(values.length, count));
        for (int n = 0; n < total; n++) {
            long[] limbs = new long[count];
            int rest = n;
            for (int i = 0; i < count; i++) {
                limbs[i] = values[rest % values.length];
                rest /= values.length;
            }
            all.add(limbs);
        }
        return all;
    }
}
