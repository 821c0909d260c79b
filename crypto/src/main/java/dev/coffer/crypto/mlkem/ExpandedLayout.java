package dev.coffer.crypto.mlkem;

/// Where everything lies in an expanded key: the public part, then, of a decapsulation key, the secret one. Stateless.
final class ExpandedLayout {
    private ExpandedLayout() {}

    /// Row i of the transposed matrix: k polynomials.
    static long row(int k, int i) {
        return (long) i * k * Polynomial.BYTES;
    }

    /// t, transformed: k polynomials.
    static long t(int k) {
        return row(k, k);
    }

    /// H(ek).
    static long hash(int k) {
        return t(k) + (long) k * Polynomial.BYTES;
    }

    /// Bytes of an expanded encapsulation key: where the secret part begins.
    static long publicBytes(int k) {
        return hash(k) + MlKemLayout.SYMBYTES;
    }

    /// s, transformed: k polynomials.
    static long s(int k) {
        return publicBytes(k);
    }

    /// z.
    static long z(int k) {
        return s(k) + (long) k * Polynomial.BYTES;
    }

    /// Bytes of an expanded decapsulation key.
    static long secretBytes(int k) {
        return z(k) + MlKemLayout.SYMBYTES;
    }
}
