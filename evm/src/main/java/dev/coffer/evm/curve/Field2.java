package dev.coffer.evm.curve;

import dev.coffer.evm.word.Word;

/// The quadratic field over alt_bn128's prime, a + b i with i^2 = -1 (EIP-197): eight longs of an array, a, then b, in Montgomery's form. A result may lie where
/// an operand lies. Takes time by its values: for public numbers. Makes no object after its constructor; one thread at a time.
final class Field2 {
    static final int LONGS = 2 * Word.LONGS;
    /// Longs of working space that each holds.
    static final int WORKING_LONGS = 4 * Word.LONGS;

    private static final int IM = Word.LONGS;
    private static final long[] ZERO = new long[Word.LONGS];

    private final Residues f;
    private final long[] w = new long[WORKING_LONGS];

    Field2(Residues field) {
        f = field;
    }

    static boolean isZero(long[] x, int a) {
        return Word.isZero(x, a) && Word.isZero(x, a + IM);
    }

    static boolean equal(long[] x, int a, long[] y, int b) {
        return Word.equal(x, a, y, b) && Word.equal(x, a + IM, y, b + IM);
    }

    static void copy(long[] x, int a, long[] z, int r) {
        System.arraycopy(x, a, z, r, LONGS);
    }

    void add(long[] x, int a, long[] y, int b, long[] z, int r) {
        f.add(x, a, y, b, z, r);
        f.add(x, a + IM, y, b + IM, z, r + IM);
    }

    void twice(long[] x, int a, long[] z, int r) {
        add(x, a, x, a, z, r);
    }

    void subtract(long[] x, int a, long[] y, int b, long[] z, int r) {
        f.subtract(x, a, y, b, z, r);
        f.subtract(x, a + IM, y, b + IM, z, r + IM);
    }

    void negate(long[] x, int a, long[] z, int r) {
        f.subtract(ZERO, 0, x, a, z, r);
        f.subtract(ZERO, 0, x, a + IM, z, r + IM);
    }

    /// Writes a - b i, which is the p-th power.
    void conjugate(long[] x, int a, long[] z, int r) {
        Word.copy(x, a, z, r);
        f.subtract(ZERO, 0, x, a + IM, z, r + IM);
    }

    void multiply(long[] x, int a, long[] y, int b, long[] z, int r) {
        f.multiply(x, a, y, b, w, 0);
        f.multiply(x, a + IM, y, b + IM, w, 4);
        f.add(x, a, x, a + IM, w, 8);
        f.add(y, b, y, b + IM, w, 12);
        f.multiply(w, 8, w, 12, w, 8);
        f.subtract(w, 0, w, 4, z, r);
        f.subtract(w, 8, w, 0, w, 8);
        f.subtract(w, 8, w, 4, z, r + IM);
    }

    void square(long[] x, int a, long[] z, int r) {
        f.add(x, a, x, a + IM, w, 0);
        f.subtract(x, a, x, a + IM, w, 4);
        f.multiply(x, a, x, a + IM, w, 8);
        f.multiply(w, 0, w, 4, z, r);
        f.add(w, 8, w, 8, z, r + IM);
    }

    /// Writes x times a number of the prime field.
    void scale(long[] x, int a, long[] y, int b, long[] z, int r) {
        Word.copy(y, b, w, 0);
        f.multiply(x, a, w, 0, z, r);
        f.multiply(x, a + IM, w, 0, z, r + IM);
    }

    /// Writes (9 + i) x: what w^6 is in the field of degree 12.
    void timesXi(long[] x, int a, long[] z, int r) {
        nine(x, a, w, 0);
        nine(x, a + IM, w, 4);
        f.subtract(w, 0, x, a + IM, w, 0);
        f.add(w, 4, x, a, z, r + IM);
        Word.copy(w, 0, z, r);
    }

    private void nine(long[] x, int a, long[] z, int r) {
        f.add(x, a, x, a, z, r);
        f.add(z, r, z, r, z, r);
        f.add(z, r, z, r, z, r);
        f.add(z, r, x, a, z, r);
    }

    /// Writes 1 / x; 0 for 0.
    ///
    /// @param v  working space of [Residues#POWER_LONGS] from `at`
    void invert(long[] x, int a, long[] z, int r, long[] v, int at) {
        f.multiply(x, a, x, a, w, 0);
        f.multiply(x, a + IM, x, a + IM, w, 4);
        f.add(w, 0, w, 4, w, 0);
        f.invert(w, 0, w, 8, v, at);
        f.multiply(x, a, w, 8, z, r);
        f.multiply(x, a + IM, w, 8, w, 0);
        f.subtract(ZERO, 0, w, 0, z, r + IM);
    }
}
