package dev.coffer.crypto.mldsa;

/// The numbers of FIPS 204, section 4, table 1, and what follows from them.
///
/// @param etaBits     bits of a coefficient of s1 and s2: bitlen(2 eta)
/// @param gamma1Bits  bits of a coefficient of z: 1 + bitlen(gamma1 - 1)
/// @param highBits    bits of a coefficient of w1: bitlen((q - 1) / (2 gamma2) - 1)
/// @param cTildeBytes lambda / 4
record Parameters(String name, int k, int l, int eta, int etaBits, int tau, int gamma1Bits, long gamma2, int highBits,
        int omega, int cTildeBytes) {
    long gamma1() {
        return 1L << gamma1Bits - 1;
    }

    int beta() {
        return tau * eta;
    }

    int publicKeyBytes() {
        return Lattice.SEED_BYTES + 32 * k * (23 - Polynomial.D);
    }

    int signatureBytes() {
        return cTildeBytes + 32 * l * gamma1Bits + omega + k;
    }
}
