package dev.coffer.crypto.falcon;

import java.lang.foreign.MemorySegment;

/// Short vectors for a hashed message (section 3.9, algorithm 10): s1 and s2 with s1 + s2 h = c, by the key's tree, or by growing that on
/// the way. Stateless, thread-safe; 0 heap bytes.
final class Signer {
    private final Parameters p;
    private final FalconLayout layout;
    private final int n;
    private final int logn;
    private final long whole;

    Signer(Parameters p, FalconLayout layout) {
        this.p = p;
        this.layout = layout;
        this.n = p.n();
        this.logn = p.logn();
        this.whole = (long) n * Double.BYTES;
    }

    /// Bytes of an expanded key: the basis, the tree, f and g as they multiply modulo q.
    static long expandedBytes(Parameters p) {
        return equation(p) + 2L * 2 * p.n();
    }

    private static long tree(Parameters p) {
        return 4L * p.n() * Double.BYTES;
    }

    private static long equation(Parameters p) {
        return tree(p) + (long) FourierSampler.treeDoubles(p.logn()) * Double.BYTES;
    }

    /// Decodes a private key and computes the G that it leaves out, all into the workspace.
    ///
    /// @return false where it is none
    boolean decode(MemorySegment sk, long skAt, MemorySegment w, long at) {
        return PrivateKey.decode(p, sk, skAt, w, at + layout.basis, at + layout.numbers);
    }

    /// The basis [[g, -f], [G, -F]], transformed: four polynomials.
    private void basis(MemorySegment w, long at, MemorySegment v, long to) {
        int[] order = ORDER;
        for (int i = 0; i < 4; i++) {
            Reals.fromBytes(w, at + layout.basis(order[i]), v, to + i * whole, n);
            Fft.forward(v, to + i * whole, logn);
        }
        Fft.negate(v, to + whole, logn);
        Fft.negate(v, to + 3 * whole, logn);
    }

    // g, f, G, F among f, g, F, G
    private static final int[] ORDER = {1, 0, 3, 2};

    /// Whether f G - g F = q, of a transformed basis: where it is another polynomial of integers, it differs from q by 1 at least somewhere.
    private boolean isBasis(MemorySegment v, long b) {
        int half = n >> 1;
        boolean good = true;
        for (int i = 0; i < half; i++) {
            double gRe = Reals.load(v, b, i);
            double gIm = Reals.load(v, b, i + half);
            double fRe = -Reals.load(v, b + whole, i);
            double fIm = -Reals.load(v, b + whole, i + half);
            double bigGRe = Reals.load(v, b + 2 * whole, i);
            double bigGIm = Reals.load(v, b + 2 * whole, i + half);
            double bigFRe = -Reals.load(v, b + 3 * whole, i);
            double bigFIm = -Reals.load(v, b + 3 * whole, i + half);
            double re = fRe * bigGRe - fIm * bigGIm - (gRe * bigFRe - gIm * bigFIm);
            double im = fRe * bigGIm + fIm * bigGRe - (gRe * bigFIm + gIm * bigFRe);
            good &= Math.abs(re - Ntt.Q) < 0.25 && Math.abs(im) < 0.25;
        }
        return good;
    }

    /// Makes an expanded key of the basis in a workspace.
    ///
    /// @return false where it is none
    boolean expand(MemorySegment w, long at, MemorySegment key, long keyAt) {
        basis(w, at, key, keyAt);
        if (!isBasis(key, keyAt)) {
            return false;
        }
        long g00 = at + layout.numbers;
        long g01 = g00 + whole;
        long g11 = g01 + whole;
        long scratch = g11 + whole;
        gram(key, keyAt, w, g00, g01, g11, scratch);
        FourierSampler.grow(p, key, keyAt + tree(p), w, g00, g01, g11, scratch);
        for (int i = 0; i < 2; i++) {
            long to = keyAt + equation(p) + 2L * n * i;
            Ntt.fromBytes(w, at + layout.basis(i), key, to, logn);
            Ntt.forward(key, to, logn);
        }
        return true;
    }

    /// The Gram matrix B B* of a basis.
    private void gram(MemorySegment key, long b, MemorySegment w, long g00, long g01, long g11, long scratch) {
        product(key, b, b, w, g00);
        product(key, b + whole, b + whole, w, scratch);
        Fft.add(w, g00, w, scratch, logn);
        product(key, b, b + 2 * whole, w, g01);
        product(key, b + whole, b + 3 * whole, w, scratch);
        Fft.add(w, g01, w, scratch, logn);
        product(key, b + 2 * whole, b + 2 * whole, w, g11);
        product(key, b + 3 * whole, b + 3 * whole, w, scratch);
        Fft.add(w, g11, w, scratch, logn);
    }

    /// A polynomial of a basis times the adjoint of one.
    private void product(MemorySegment key, long a, long b, MemorySegment w, long to) {
        MemorySegment.copy(key, a, w, to, whole);
        if (a == b) {
            Fft.multiplySelfAdjoint(w, to, logn);
        } else {
            Fft.multiplyAdjoint(w, to, key, b, logn);
        }
    }

    /// The target: the hashed message, transformed, times the inverse of the basis: -c f / q to t1, c F / q to t0.
    ///
    /// @param b01  -f, of the basis
    /// @param b11  -F
    private void target(MemorySegment w, long at, MemorySegment key, long b01, long b11, long t0, long t1) {
        Reals.fromPoint(w, at + layout.point, t0, n);
        Fft.forward(w, t0, logn);
        MemorySegment.copy(w, t0, w, t1, whole);
        Fft.multiply(w, t1, key, b01, logn);
        Fft.scale(w, t1, -INVERSE_Q, logn);
        Fft.multiply(w, t0, key, b11, logn);
        Fft.scale(w, t0, INVERSE_Q, logn);
    }

    private static final double INVERSE_Q = 1.0 / Ntt.Q;

    /// One attempt with the basis in a workspace: s2 goes to its place.
    ///
    /// @return 1 where it is short and solves the equation, 0 where it is not short; -1 where this is no basis, or there was a fault: it is
    ///         short and solves nothing, or the sampler came to no end
    int attempt(MemorySegment w, long at) {
        long b = at + layout.numbers;
        basis(w, at, w, b);
        if (!isBasis(w, b)) {
            return -1;
        }
        long b01 = b + whole;
        long b10 = b + 2 * whole;
        long b11 = b + 3 * whole;
        long t0 = b + 4 * whole;
        long t1 = b + 5 * whole;
        // The basis becomes its Gram matrix; b01 and b11 are kept for the target.
        MemorySegment.copy(w, b01, w, t0, whole);
        Fft.multiplySelfAdjoint(w, t0, logn);
        MemorySegment.copy(w, b, w, t1, whole);
        Fft.multiplyAdjoint(w, t1, w, b10, logn);
        Fft.multiplySelfAdjoint(w, b, logn);
        Fft.add(w, b, w, t0, logn);
        MemorySegment.copy(w, b01, w, t0, whole);
        Fft.multiplyAdjoint(w, b01, w, b11, logn);
        Fft.add(w, b01, w, t1, logn);
        Fft.multiplySelfAdjoint(w, b10, logn);
        MemorySegment.copy(w, b11, w, t1, whole);
        Fft.multiplySelfAdjoint(w, t1, logn);
        Fft.add(w, b10, w, t1, logn);
        // g00 g01 g11 b11 b01, then the target, which moves down over the last two
        target(w, at, w, t0, b11, t1, t1 + whole);
        MemorySegment.copy(w, t1, w, b11, 2 * whole);
        FourierSampler.sampleGrowing(p, w, at + layout.sampler, b11, b11 + whole, b, b01, b10, logn, b11 + 2 * whole);
        MemorySegment.copy(w, b11, w, t0, 2 * whole);
        basis(w, at, w, b);
        latticePoint(w, t0, t1, w, b, t1 + whole, t1 + 2 * whole);
        long s1 = b;
        long fg = s1 + 2L * 3 * n;
        if (!isShort(w, at, t0, t1, s1)) {
            return Generator.failed(w, at + layout.sampler) ? -1 : 0;
        }
        for (int i = 0; i < 2; i++) {
            Ntt.fromBytes(w, at + layout.basis(i), w, fg + 2L * n * i, logn);
            Ntt.forward(w, fg + 2L * n * i, logn);
        }
        return solves(w, at, s1, w, fg) ? 1 : -1;
    }

    /// One attempt with an expanded key: s2 goes to its place.
    ///
    /// @return as [#attempt(MemorySegment,long)] does
    int attempt(MemorySegment key, long keyAt, MemorySegment w, long at) {
        long t0 = at + layout.numbers;
        long t1 = t0 + whole;
        long tx = t1 + whole;
        long ty = tx + whole;
        target(w, at, key, keyAt + whole, keyAt + 3 * whole, t0, t1);
        FourierSampler.sample(p, w, at + layout.sampler, tx, ty, key, keyAt + tree(p), t0, t1, logn, ty + whole);
        MemorySegment.copy(w, tx, w, t0, 2 * whole);
        latticePoint(w, t0, t1, key, keyAt, tx, ty);
        if (!isShort(w, at, t0, t1, tx)) {
            return Generator.failed(w, at + layout.sampler) ? -1 : 0;
        }
        return solves(w, at, tx, key, keyAt + equation(p)) ? 1 : -1;
    }

    /// The integers (t0, t1) times the basis, not transformed any more, in their places.
    private void latticePoint(MemorySegment w, long t0, long t1, MemorySegment key, long b, long tx, long ty) {
        MemorySegment.copy(w, t0, w, tx, whole);
        MemorySegment.copy(w, t1, w, ty, whole);
        Fft.multiply(w, tx, key, b, logn);
        Fft.multiply(w, ty, key, b + 2 * whole, logn);
        Fft.add(w, tx, w, ty, logn);
        MemorySegment.copy(w, t0, w, ty, whole);
        Fft.multiply(w, ty, key, b + whole, logn);
        MemorySegment.copy(w, tx, w, t0, whole);
        Fft.multiply(w, t1, key, b + 3 * whole, logn);
        Fft.add(w, t1, w, ty, logn);
        Fft.inverse(w, t0, logn);
        Fft.inverse(w, t1, logn);
    }

    /// Whether the vectors from the hashed message to a lattice point are short; s1 and s2 are written.
    private boolean isShort(MemorySegment w, long at, long t0, long t1, long s1) {
        long wide = 0;
        for (int i = 0; i < n; i++) {
            long first = Ntt.load(w, at + layout.point, i) - Reals.nearest(Reals.load(w, t0, i));
            long second = -Reals.nearest(Reals.load(w, t1, i));
            wide |= first ^ (short) first | second ^ (short) second;
            Ntt.store(w, s1, i, (int) first);
            Ntt.store(w, at + layout.s2, i, (int) second);
        }
        return wide == 0 && Verifier.squaredNorm(w, s1, n) + Verifier.squaredNorm(w, at + layout.s2, n) <= p.bound();
    }

    /// Whether f (c - s1) = g s2 modulo q, which is s1 + s2 h = c without a division.
    ///
    /// @param s1  short, with room for two polynomials of 16 bits behind it
    /// @param fg  f and g, transformed
    private boolean solves(MemorySegment w, long at, long s1, MemorySegment key, long fg) {
        long left = s1 + 2L * n;
        long right = left + 2L * n;
        for (int i = 0; i < n; i++) {
            Ntt.store(w, left, i, Ntt.reduce(Ntt.load(w, at + layout.point, i) - (short) Ntt.load(w, s1, i) + Ntt.Q));
        }
        Ntt.fromSigned(w, at + layout.s2, right, logn);
        Ntt.forward(w, left, logn);
        Ntt.forward(w, right, logn);
        int difference = 0;
        for (int i = 0; i < n; i++) {
            difference |= Ntt.multiply(Ntt.load(w, left, i), Ntt.load(key, fg, i))
                    ^ Ntt.multiply(Ntt.load(w, right, i), Ntt.load(key, fg + 2L * n, i));
        }
        return difference == 0;
    }
}
