package dev.coffer.crypto.falcon;

import static dev.coffer.crypto.falcon.Reals.load;
import static dev.coffer.crypto.falcon.Reals.store;

import java.lang.foreign.MemorySegment;

/// The transform of real polynomials modulo X^n + 1 (section 3.7): n/2 complex numbers, the real parts first, then the imaginary ones, the
/// other n/2 being their conjugates. Each operation rounds in the order of the submission's code. No branch or index depends on a number.
/// Stateless, thread-safe; 0 heap bytes.
final class Fft {
    private Fft() {}

    /// In place.
    static void forward(MemorySegment w, long at, int logn) {
        int half = 1 << logn - 1;
        for (int step = half >> 1; step >= 1; step >>= 1) {
            int z = half >> Integer.numberOfTrailingZeros(step);
            for (int start = 0; start < half; start += 2 * step) {
                double sRe = Roots.REAL[z];
                double sIm = Roots.IMAGINARY[z++];
                for (int i = start; i < start + step; i++) {
                    double xRe = load(w, at, i);
                    double xIm = load(w, at, i + half);
                    double aRe = load(w, at, i + step);
                    double aIm = load(w, at, i + step + half);
                    double yRe = aRe * sRe - aIm * sIm;
                    double yIm = aRe * sIm + aIm * sRe;
                    store(w, at, i, xRe + yRe);
                    store(w, at, i + half, xIm + yIm);
                    store(w, at, i + step, xRe - yRe);
                    store(w, at, i + step + half, xIm - yIm);
                }
            }
        }
    }

    /// The inverse, in place.
    static void inverse(MemorySegment w, long at, int logn) {
        int half = 1 << logn - 1;
        for (int step = 1; step < half; step <<= 1) {
            int z = half >> Integer.numberOfTrailingZeros(step);
            for (int start = 0; start < half; start += 2 * step) {
                double sRe = Roots.REAL[z];
                double sIm = -Roots.IMAGINARY[z++];
                for (int i = start; i < start + step; i++) {
                    double xRe = load(w, at, i);
                    double xIm = load(w, at, i + half);
                    double yRe = load(w, at, i + step);
                    double yIm = load(w, at, i + step + half);
                    store(w, at, i, xRe + yRe);
                    store(w, at, i + half, xIm + yIm);
                    double dRe = xRe - yRe;
                    double dIm = xIm - yIm;
                    store(w, at, i + step, dRe * sRe - dIm * sIm);
                    store(w, at, i + step + half, dRe * sIm + dIm * sRe);
                }
            }
        }
        scale(w, at, Math.scalb(1.0, 1 - logn), logn);
    }

    /// a b, to a.
    static void multiply(MemorySegment w, long a, MemorySegment v, long b, int logn) {
        int half = 1 << logn - 1;
        for (int i = 0; i < half; i++) {
            double aRe = load(w, a, i);
            double aIm = load(w, a, i + half);
            double bRe = load(v, b, i);
            double bIm = load(v, b, i + half);
            store(w, a, i, aRe * bRe - aIm * bIm);
            store(w, a, i + half, aRe * bIm + aIm * bRe);
        }
    }

    /// a times the adjoint of b, to a.
    static void multiplyAdjoint(MemorySegment w, long a, MemorySegment v, long b, int logn) {
        int half = 1 << logn - 1;
        for (int i = 0; i < half; i++) {
            double aRe = load(w, a, i);
            double aIm = load(w, a, i + half);
            double bRe = load(v, b, i);
            double bIm = -load(v, b, i + half);
            store(w, a, i, aRe * bRe - aIm * bIm);
            store(w, a, i + half, aRe * bIm + aIm * bRe);
        }
    }

    /// a times its own adjoint, to a: real.
    static void multiplySelfAdjoint(MemorySegment w, long a, int logn) {
        int half = 1 << logn - 1;
        for (int i = 0; i < half; i++) {
            double re = load(w, a, i);
            double im = load(w, a, i + half);
            store(w, a, i, re * re + im * im);
            store(w, a, i + half, 0);
        }
    }

    /// a times the real b, of which only the first half is there, to a.
    static void multiplyReal(MemorySegment w, long a, long b, int logn) {
        int half = 1 << logn - 1;
        for (int i = 0; i < half; i++) {
            double factor = load(w, b, i);
            store(w, a, i, load(w, a, i) * factor);
            store(w, a, i + half, load(w, a, i + half) * factor);
        }
    }

    /// a over the real b, of which only the first half is there, to a.
    static void divideReal(MemorySegment w, long a, long b, int logn) {
        int half = 1 << logn - 1;
        for (int i = 0; i < half; i++) {
            double factor = Reals.inverse(load(w, b, i));
            store(w, a, i, load(w, a, i) * factor);
            store(w, a, i + half, load(w, a, i + half) * factor);
        }
    }

    /// 1 / (a adj(a) + b adj(b)): half a polynomial, as it is real.
    static void inverseNorm(MemorySegment w, long to, long a, long b, int logn) {
        int half = 1 << logn - 1;
        for (int i = 0; i < half; i++) {
            double aRe = load(w, a, i);
            double aIm = load(w, a, i + half);
            double bRe = load(w, b, i);
            double bIm = load(w, b, i + half);
            store(w, to, i, Reals.inverse(aRe * aRe + aIm * aIm + (bRe * bRe + bIm * bIm)));
        }
    }

    /// The adjoint, in place.
    static void adjoint(MemorySegment w, long at, int logn) {
        int n = 1 << logn;
        for (int i = n >> 1; i < n; i++) {
            store(w, at, i, -load(w, at, i));
        }
    }

    /// a + b, to a.
    static void add(MemorySegment w, long a, MemorySegment v, long b, int logn) {
        int n = 1 << logn;
        for (int i = 0; i < n; i++) {
            store(w, a, i, load(w, a, i) + load(v, b, i));
        }
    }

    /// a - b, to a.
    static void subtract(MemorySegment w, long a, long b, int logn) {
        int n = 1 << logn;
        for (int i = 0; i < n; i++) {
            store(w, a, i, load(w, a, i) - load(w, b, i));
        }
    }

    /// -a, in place.
    static void negate(MemorySegment w, long at, int logn) {
        int n = 1 << logn;
        for (int i = 0; i < n; i++) {
            store(w, at, i, -load(w, at, i));
        }
    }

    /// a times a number, in place.
    static void scale(MemorySegment w, long at, double factor, int logn) {
        int n = 1 << logn;
        for (int i = 0; i < n; i++) {
            store(w, at, i, load(w, at, i) * factor);
        }
    }

    /// splitfft (section 3.7.2, algorithm 1): to the halves of even and of odd coefficients, one behind the other.
    ///
    /// @param to  n doubles, apart from the source
    static void split(MemorySegment w, long to, MemorySegment v, long from, int logn) {
        int half = 1 << logn - 1;
        int quarter = half >> 1;
        long odd = to + 8L * half;
        if (quarter == 0) {  // one complex number: its parts are the halves
            store(w, to, 0, load(v, from, 0));
            store(w, odd, 0, load(v, from, 1));
        }
        for (int i = 0; i < quarter; i++) {
            double aRe = load(v, from, 2 * i);
            double aIm = load(v, from, 2 * i + half);
            double bRe = load(v, from, 2 * i + 1);
            double bIm = load(v, from, 2 * i + 1 + half);
            store(w, to, i, (aRe + bRe) * 0.5);
            store(w, to, i + quarter, (aIm + bIm) * 0.5);
            double dRe = aRe - bRe;
            double dIm = aIm - bIm;
            double sRe = Roots.REAL[i + half];
            double sIm = -Roots.IMAGINARY[i + half];
            store(w, odd, i, (dRe * sRe - dIm * sIm) * 0.5);
            store(w, odd, i + quarter, (dRe * sIm + dIm * sRe) * 0.5);
        }
    }

    /// mergefft (algorithm 2): the inverse of [#split].
    ///
    /// @param to  n doubles, apart from the source
    static void merge(MemorySegment w, long to, long from, int logn) {
        int half = 1 << logn - 1;
        int quarter = half >> 1;
        long odd = from + 8L * half;
        if (quarter == 0) {
            store(w, to, 0, load(w, from, 0));
            store(w, to, 1, load(w, odd, 0));
        }
        for (int i = 0; i < quarter; i++) {
            double aRe = load(w, from, i);
            double aIm = load(w, from, i + quarter);
            double oddRe = load(w, odd, i);
            double oddIm = load(w, odd, i + quarter);
            double sRe = Roots.REAL[i + half];
            double sIm = Roots.IMAGINARY[i + half];
            double bRe = oddRe * sRe - oddIm * sIm;
            double bIm = oddRe * sIm + oddIm * sRe;
            store(w, to, 2 * i, aRe + bRe);
            store(w, to, 2 * i + half, aIm + bIm);
            store(w, to, 2 * i + 1, aRe - bRe);
            store(w, to, 2 * i + 1 + half, aIm - bIm);
        }
    }

    /// LDL* (algorithm 8) of the self-adjoint matrix [[g00, g01], [adj(g01), g11]]: g01 becomes l10, g11 becomes d11; d00 is g00.
    ///
    /// @param to  where l10 goes: g01's place, or another
    static void decompose(MemorySegment w, long g00, long g01, long g11, MemorySegment v, long to, int logn) {
        int half = 1 << logn - 1;
        for (int i = 0; i < half; i++) {
            double bRe = load(w, g00, i);
            double bIm = load(w, g00, i + half);
            double aRe = load(w, g01, i);
            double aIm = load(w, g01, i + half);
            double m = Reals.inverse(bRe * bRe + bIm * bIm);
            bRe *= m;
            bIm = -bIm * m;
            double muRe = aRe * bRe - aIm * bIm;
            double muIm = aRe * bIm + aIm * bRe;
            double subtractRe = muRe * aRe - muIm * -aIm;
            double subtractIm = muRe * -aIm + muIm * aRe;
            store(w, g11, i, load(w, g11, i) - subtractRe);
            store(w, g11, i + half, load(w, g11, i + half) - subtractIm);
            store(v, to, i, muRe);
            store(v, to, i + half, -muIm);
        }
    }
}
