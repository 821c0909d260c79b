package dev.coffer.crypto.falcon;

import static dev.coffer.crypto.falcon.Reals.load;
import static dev.coffer.crypto.falcon.Reals.store;

import java.lang.foreign.MemorySegment;

/// ffLDL* and ffSampling (section 3.8.3 and 3.9.2, algorithms 9 and 11): the tree of a key, and lattice points near a target, by a tree that
/// was made before or branch by branch as it is walked. Recursion is as deep as log2 n. Stateless, thread-safe; 0 heap bytes.
///
/// The tree of degree n is n doubles of l10, then the tree of d00, then that of d11, each of degree n/2; a leaf is the square root of its
/// value over sigma: what the sampler takes.
final class FourierSampler {
    private FourierSampler() {}

    /// {@return doubles of a tree}
    static int treeDoubles(int logn) {
        return logn + 1 << logn;
    }

    private static long doubles(int count) {
        return (long) count * Double.BYTES;
    }

    private static double leaf(Parameters p, double value) {
        return Reals.root(value) * p.inverseSigma();
    }

    /// ffLDL* of the matrix [[g00, g01], [adj(g01), g11]], which is spent.
    ///
    /// @param scratch  a polynomial
    static void grow(Parameters p, MemorySegment tree, long at, MemorySegment w, long g00, long g01, long g11, long scratch) {
        int logn = p.logn();
        int half = p.n() >> 1;
        Fft.decompose(w, g00, g01, g11, tree, at, logn);
        Fft.split(w, scratch, w, g00, logn);
        Fft.split(w, g00, w, g11, logn);
        MemorySegment.copy(w, scratch, w, g11, doubles(p.n()));
        long left = at + doubles(p.n());
        growBranch(p, tree, left, w, g11, g11 + doubles(half), logn - 1, scratch);
        growBranch(p, tree, left + doubles(treeDoubles(logn - 1)), w, g00, g00 + doubles(half), logn - 1, scratch);
    }

    /// The same of [[g0, g1], [adj(g1), g0]].
    private static void growBranch(Parameters p, MemorySegment tree, long at, MemorySegment w, long g0, long g1, int logn, long scratch) {
        if (logn == 0) {
            store(tree, at, 0, leaf(p, load(w, g0, 0)));
            return;
        }
        int n = 1 << logn;
        MemorySegment.copy(w, g0, w, scratch, doubles(n));
        Fft.decompose(w, g0, g1, scratch, tree, at, logn);
        Fft.split(w, g1, w, g0, logn);
        Fft.split(w, g0, w, scratch, logn);
        long left = at + doubles(n);
        growBranch(p, tree, left, w, g1, g1 + doubles(n >> 1), logn - 1, scratch);
        growBranch(p, tree, left + doubles(treeDoubles(logn - 1)), w, g0, g0 + doubles(n >> 1), logn - 1, scratch);
    }

    /// ffSampling by a tree.
    ///
    /// @param z0       room for the integers near t0, transformed
    /// @param t0       left as it is, as t1 is
    /// @param scratch  two polynomials
    static void sample(Parameters p, MemorySegment w, long generator, long z0, long z1, MemorySegment tree, long at, long t0, long t1,
            int logn, long scratch) {
        if (logn == 0) {
            double inverseSigma = load(tree, at, 0);
            double x0 = load(w, t0, 0);
            double x1 = load(w, t1, 0);
            store(w, z0, 0, Sampler.sample(w, generator, x0, inverseSigma, p.sigmaMin()));
            store(w, z1, 0, Sampler.sample(w, generator, x1, inverseSigma, p.sigmaMin()));
            return;
        }
        int n = 1 << logn;
        long half = doubles(n >> 1);
        long left = at + doubles(n);
        long right = left + doubles(treeDoubles(logn - 1));
        Fft.split(w, z1, w, t1, logn);
        sample(p, w, generator, scratch, scratch + half, tree, right, z1, z1 + half, logn - 1, scratch + doubles(n));
        Fft.merge(w, z1, scratch, logn);
        MemorySegment.copy(w, t1, w, scratch, doubles(n));
        Fft.subtract(w, scratch, z1, logn);
        Fft.multiply(w, scratch, tree, at, logn);
        Fft.add(w, scratch, w, t0, logn);
        Fft.split(w, z0, w, scratch, logn);
        sample(p, w, generator, scratch, scratch + half, tree, left, z0, z0 + half, logn - 1, scratch + doubles(n));
        Fft.merge(w, z0, scratch, logn);
    }

    /// ffSampling with the tree of the matrix [[g00, g01], [adj(g01), g11]], which is spent, as it is walked.
    ///
    /// @param t0       becomes the integers near it, transformed, as t1 does
    /// @param scratch  four polynomials
    static void sampleGrowing(Parameters p, MemorySegment w, long generator, long t0, long t1, long g00, long g01, long g11, int logn,
            long scratch) {
        if (logn == 0) {
            double inverseSigma = leaf(p, load(w, g00, 0));
            store(w, t0, 0, Sampler.sample(w, generator, load(w, t0, 0), inverseSigma, p.sigmaMin()));
            store(w, t1, 0, Sampler.sample(w, generator, load(w, t1, 0), inverseSigma, p.sigmaMin()));
            return;
        }
        int n = 1 << logn;
        long half = doubles(n >> 1);
        long whole = doubles(n);
        Fft.decompose(w, g00, g01, g11, w, g01, logn);
        // l10 to scratch; the halves of d00 and d11 in their places; the first halves of both once more where l10 was
        Fft.split(w, scratch, w, g00, logn);
        MemorySegment.copy(w, scratch, w, g00, whole);
        Fft.split(w, scratch, w, g11, logn);
        MemorySegment.copy(w, scratch, w, g11, whole);
        MemorySegment.copy(w, g01, w, scratch, whole);
        MemorySegment.copy(w, g00, w, g01, half);
        MemorySegment.copy(w, g11, w, g01 + half, half);

        long z1 = scratch + whole;
        long merged = scratch + 2 * whole;
        Fft.split(w, z1, w, t1, logn);
        sampleGrowing(p, w, generator, z1, z1 + half, g11, g11 + half, g01 + half, logn - 1, merged);
        Fft.merge(w, merged, z1, logn);

        // t0 + (t1 - z1) l10
        MemorySegment.copy(w, t1, w, z1, whole);
        Fft.subtract(w, z1, merged, logn);
        MemorySegment.copy(w, merged, w, t1, whole);
        Fft.multiply(w, scratch, w, z1, logn);
        Fft.add(w, t0, w, scratch, logn);

        Fft.split(w, scratch, w, t0, logn);
        sampleGrowing(p, w, generator, scratch, scratch + half, g00, g00 + half, g01, logn - 1, scratch + whole);
        Fft.merge(w, t0, scratch, logn);
    }
}
