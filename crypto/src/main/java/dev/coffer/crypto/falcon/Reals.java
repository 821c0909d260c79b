package dev.coffer.crypto.falcon;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Doubles in memory, and what Falcon does with one. Java's are IEEE 754 binary64 with one rounding an operation (JLS 15.4), never fused
/// unless asked, so results are those of the submission's code on every machine. Stateless, thread-safe; 0 heap bytes.
///
/// [#inverse] and [#root] are the only division and the only square root of the package. Their time can depend on the operands: on x86-64,
/// `divsd` and `sqrtsd` took less time for some operands (powers of two, short significands) before Intel's Broadwell and AMD's Zen; since
/// then their documented latency is a range of few cycles. On AArch64 cores of Arm `fdiv` and `fsqrt` end early for powers of two and
/// special values. Operands here are dense: sums of squares of a key's coefficients in the transformed domain. Additions and
/// multiplications depend on operands only where numbers are subnormal, which none here is.
final class Reals {
    /// 1.5 2^52: a number of less than 2^51 that is added to it is rounded to an integer, ties to even.
    private static final double ROUNDER = 0x1.8p52;
    private static final long ROUNDER_BITS = Double.doubleToRawLongBits(ROUNDER);
    private static final ValueLayout.OfDouble F64 = ValueLayout.JAVA_DOUBLE_UNALIGNED;

    private Reals() {}

    static double load(MemorySegment w, long at, int i) {
        return w.get(F64, at + 8L * i);
    }

    static void store(MemorySegment w, long at, int i, double x) {
        w.set(F64, at + 8L * i, x);
    }

    /// {@return 1 / x}
    static double inverse(double x) {
        return 1.0 / x;
    }

    /// {@return the square root}
    static double root(double x) {
        return Math.sqrt(x);
    }

    /// {@return the nearest integer, ties to even, of less than 2^51 in absolute value}
    static long nearest(double x) {
        return Double.doubleToRawLongBits(x + ROUNDER) - ROUNDER_BITS;
    }

    /// {@return the largest integer that is not above x, of less than 2^51 in absolute value}
    static long floor(double x) {
        long nearest = nearest(x);
        return nearest + (Double.doubleToRawLongBits(x - (double) nearest) >> 63);  // -1 where the nearest lies above
    }

    /// Polynomials of doubles from signed bytes.
    static void fromBytes(MemorySegment w, long from, MemorySegment v, long to, int n) {
        for (int i = 0; i < n; i++) {
            store(v, to, i, w.get(ValueLayout.JAVA_BYTE, from + i));
        }
    }

    /// Polynomials of doubles from unsigned numbers of 16 bits.
    static void fromPoint(MemorySegment w, long from, long to, int n) {
        for (int i = 0; i < n; i++) {
            store(w, to, i, Ntt.load(w, from, i));
        }
    }
}
