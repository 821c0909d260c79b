package dev.coffer.crypto.falcon;

/// A parameter set of Falcon (specification v1.2, table 3.3).
///
/// @param logn          the degree is 2^logn
/// @param fgBits        bits of a coefficient of f and g in a private key (section 3.11.5)
/// @param paddedBytes   of a signature in the padded form (section 3.11.3)
/// @param bound         largest squared norm of a signature: floor(beta^2)
/// @param inverseSigma  1 / sigma
/// @param sigmaMin      smallest deviation of the sampler
record Parameters(String name, int logn, int fgBits, int paddedBytes, int bound, double inverseSigma, double sigmaMin) {
    /// Bits of a coefficient of F (section 3.11.5).
    static final int LARGE_BITS = 8;
    /// Bits of a coefficient of s2 in the constant-time form.
    static final int CONSTANT_BITS = 12;
    /// Bits of a coefficient of h (section 3.11.4).
    static final int PUBLIC_BITS = 14;
    /// Bytes of a salt (section 3.1): r.
    static final int SALT_BYTES = 40;
    /// Bytes before s2: header, salt.
    static final int HEAD_BYTES = 1 + SALT_BYTES;

    int n() {
        return 1 << logn;
    }

    int publicKeyBytes() {
        return 1 + (n() * PUBLIC_BITS >> 3);
    }

    int privateKeyBytes() {
        return 1 + (2 * n() * fgBits + n() * LARGE_BITS >> 3);
    }

    /// {@return bytes of the longest signature in a form}
    int signatureBytesMax(FalconForm form) {
        return switch (form) {
            // 8 bits and the 1 that ends them for each coefficient, and n 2 more zeros and a bit less than a tenth of that for high bits:
            // who has a norm within the bound has no more
            case COMPRESSED -> HEAD_BYTES + (11 * n() + (101 >> 10 - logn) + 7 >> 3);
            case PADDED -> paddedBytes;
            case CONSTANT_TIME -> HEAD_BYTES + (n() * CONSTANT_BITS >> 3);
        };
    }
}
