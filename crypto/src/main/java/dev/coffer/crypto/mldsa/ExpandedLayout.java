package dev.coffer.crypto.mldsa;

/// Where everything lies in an expanded key: the matrix and tr, which both kinds have, then t1 of a public key, or K, s1, s2
/// and t0 of a private one; polynomials are transformed. Stateless.
final class ExpandedLayout {
    private static final int TR_BYTES = 64;
    private static final int K_BYTES = 32;

    private ExpandedLayout() {}

    private static long polynomials(int count) {
        return (long) count * Polynomial.BYTES;
    }

    /// Row i of the matrix: l polynomials.
    static long row(int l, int i) {
        return polynomials(l * i);
    }

    static long tr(int k, int l) {
        return row(l, k);
    }

    /// t1 times 2^d.
    static long t1(int k, int l, int i) {
        return tr(k, l) + TR_BYTES + polynomials(i);
    }

    static long verifyingBytes(int k, int l) {
        return t1(k, l, k);
    }

    static long seed(int k, int l) {
        return tr(k, l) + TR_BYTES;
    }

    static long s1(int k, int l, int i) {
        return seed(k, l) + K_BYTES + polynomials(i);
    }

    static long s2(int k, int l, int i) {
        return s1(k, l, l) + polynomials(i);
    }

    static long t0(int k, int l, int i) {
        return s2(k, l, k) + polynomials(i);
    }

    static long signingBytes(int k, int l) {
        return t0(k, l, k);
    }
}
