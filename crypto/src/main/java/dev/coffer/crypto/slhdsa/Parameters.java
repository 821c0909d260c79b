package dev.coffer.crypto.slhdsa;

/// The numbers of a parameter set (FIPS 205, section 11, table 2), and what follows from them. Immutable, thread-safe.
///
/// @param shake    whether it hashes with SHAKE256 (section 11.1), else with SHA-2 (section 11.2)
/// @param n        bytes of a hash value
/// @param h        height of the hypertree: d trees of height hPrime
/// @param a        height of a tree of FORS
/// @param k        trees of FORS
record Parameters(String name, boolean shake, int n, int h, int d, int hPrime, int a, int k) {
    /// w of WOTS+ (section 5): digits of four bits.
    static final int W = 16;

    Parameters {
        assert h == d * hPrime : name;
    }

    /// {@return digits of a value that WOTS+ signs, equation 5.2: two a byte}
    int digits() {
        return 2 * n;
    }

    /// {@return chains of WOTS+, equation 5.4: its digits, and three of their checksum, which is at most 64 * 15}
    int len() {
        return digits() + 3;
    }

    int mdBytes() {
        return k * a + 7 >> 3;
    }

    int treeBytes() {
        return h - hPrime + 7 >> 3;
    }

    int leafBytes() {
        return hPrime + 7 >> 3;
    }

    /// {@return bytes of a digest of a message: m}
    int m() {
        return mdBytes() + treeBytes() + leafBytes();
    }

    /// {@return the bits of a tree's number; all ones where it has 64}
    long treeMask() {
        return -1L >>> 64 - (h - hPrime);
    }

    int leafMask() {
        return (1 << hPrime) - 1;
    }

    /// {@return bytes of a signature of FORS (section 8): for each tree a secret value and a path}
    int forsBytes() {
        return k * (1 + a) * n;
    }

    /// {@return bytes of a signature of XMSS (section 6): a signature of WOTS+ and a path}
    int xmssBytes() {
        return (len() + hPrime) * n;
    }

    int signatureBytes() {
        return n + forsBytes() + d * xmssBytes();
    }
}
