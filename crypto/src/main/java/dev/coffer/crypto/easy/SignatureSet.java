package dev.coffer.crypto.easy;

import dev.coffer.crypto.falcon.Falcon;
import dev.coffer.crypto.mldsa.MlDsa;
import dev.coffer.crypto.slhdsa.SlhDsa;

/// The parameter sets of signatures: those of ML-DSA (FIPS 204, section 4), SLH-DSA (FIPS 205, section 11), and Falcon in the encoding of
/// round 3, as FIPS 206 is not final.
public abstract sealed class SignatureSet extends ParameterSet permits SignatureSet.InPieces, SignatureSet.SlhDsaSet {
    private final int signatureBytes;
    private final dev.coffer.crypto.Signature scheme;

    SignatureSet(dev.coffer.crypto.Signature scheme, int category, int publicKeyBytes, int secretKeyBytes, int signatureBytes) {
        super(scheme.name(), category, publicKeyBytes, secretKeyBytes);
        this.scheme = scheme;
        this.signatureBytes = signatureBytes;
    }

    /// {@return bytes of a signature}
    public final int signatureBytes() {
        return signatureBytes;
    }

    /// {@return the algorithm over the caller's memory}
    public final dev.coffer.crypto.Signature scheme() {
        return scheme;
    }

    /// Those whose messages are taken in pieces, so that files of any length are signed. SLH-DSA reads a message twice (FIPS 205, section 9.2),
    /// between which a file may change, and is none of them.
    public abstract static sealed class InPieces extends SignatureSet permits MlDsaSet, FalconSet {
        InPieces(dev.coffer.crypto.Signature scheme, int category, int publicKeyBytes, int secretKeyBytes, int signatureBytes) {
            super(scheme, category, publicKeyBytes, secretKeyBytes, signatureBytes);
        }
    }

    /// Those of ML-DSA.
    public abstract static sealed class MlDsaSet extends InPieces permits MlDsa44, MlDsa65, MlDsa87 {
        final MlDsa dsa;

        MlDsaSet(MlDsa dsa, int category, int publicKeyBytes, int secretKeyBytes, int signatureBytes) {
            super(dsa, category, publicKeyBytes, secretKeyBytes, signatureBytes);
            this.dsa = dsa;
        }
    }

    /// ML-DSA-44: k = 4, l = 4, lambda = 128, omega = 80.
    public static final class MlDsa44 extends MlDsaSet {
        /// Algorithm 22: rho, t1 of 4 polynomials at 10 bits.
        public static final int PUBLIC_KEY_BYTES = 32 + 32 * 4 * 10;
        /// Algorithm 24: rho, K, tr, s1 and s2 at 3 bits, t0 at 13.
        public static final int SECRET_KEY_BYTES = 32 + 32 + 64 + 32 * ((4 + 4) * 3 + 4 * 13);
        /// Algorithm 26: c~ of lambda / 4 bytes, z of 4 polynomials at 18 bits, hints.
        public static final int SIGNATURE_BYTES = 128 / 4 + 32 * 4 * 18 + 80 + 4;
        /// The set.
        public static final MlDsa44 SET = new MlDsa44();

        private MlDsa44() {
            super(MlDsa.ML_DSA_44, 2, PUBLIC_KEY_BYTES, SECRET_KEY_BYTES, SIGNATURE_BYTES);
        }
    }

    /// ML-DSA-65: k = 6, l = 5, lambda = 192, omega = 55.
    public static final class MlDsa65 extends MlDsaSet {
        /// Algorithm 22: rho, t1 of 6 polynomials at 10 bits.
        public static final int PUBLIC_KEY_BYTES = 32 + 32 * 6 * 10;
        /// Algorithm 24: rho, K, tr, s1 and s2 at 4 bits, t0 at 13.
        public static final int SECRET_KEY_BYTES = 32 + 32 + 64 + 32 * ((6 + 5) * 4 + 6 * 13);
        /// Algorithm 26: c~ of lambda / 4 bytes, z of 5 polynomials at 20 bits, hints.
        public static final int SIGNATURE_BYTES = 192 / 4 + 32 * 5 * 20 + 55 + 6;
        /// The set.
        public static final MlDsa65 SET = new MlDsa65();

        private MlDsa65() {
            super(MlDsa.ML_DSA_65, 3, PUBLIC_KEY_BYTES, SECRET_KEY_BYTES, SIGNATURE_BYTES);
        }
    }

    /// ML-DSA-87: k = 8, l = 7, lambda = 256, omega = 75.
    public static final class MlDsa87 extends MlDsaSet {
        /// Algorithm 22: rho, t1 of 8 polynomials at 10 bits.
        public static final int PUBLIC_KEY_BYTES = 32 + 32 * 8 * 10;
        /// Algorithm 24: rho, K, tr, s1 and s2 at 3 bits, t0 at 13.
        public static final int SECRET_KEY_BYTES = 32 + 32 + 64 + 32 * ((8 + 7) * 3 + 8 * 13);
        /// Algorithm 26: c~ of lambda / 4 bytes, z of 7 polynomials at 20 bits, hints.
        public static final int SIGNATURE_BYTES = 256 / 4 + 32 * 7 * 20 + 75 + 8;
        /// The set.
        public static final MlDsa87 SET = new MlDsa87();

        private MlDsa87() {
            super(MlDsa.ML_DSA_87, 5, PUBLIC_KEY_BYTES, SECRET_KEY_BYTES, SIGNATURE_BYTES);
        }
    }

    /// Those of SLH-DSA.
    public abstract static sealed class SlhDsaSet extends SignatureSet
            permits SlhDsaSha2128s, SlhDsaSha2128f, SlhDsaSha2192s, SlhDsaSha2192f, SlhDsaSha2256s, SlhDsaSha2256f,
            SlhDsaShake128s, SlhDsaShake128f, SlhDsaShake192s, SlhDsaShake192f, SlhDsaShake256s, SlhDsaShake256f {
        SlhDsaSet(SlhDsa dsa, int category, int publicKeyBytes, int secretKeyBytes, int signatureBytes) {
            super(dsa, category, publicKeyBytes, secretKeyBytes, signatureBytes);
        }
    }

    /// SLH-DSA-SHA2-128s: n = 16, h = 63, d = 7, a = 12, k = 14.
    public static final class SlhDsaSha2128s extends SlhDsaSet {
        /// Section 9.1: PK.seed, PK.root.
        public static final int PUBLIC_KEY_BYTES = 2 * 16;
        /// Section 9.1: SK.seed, SK.prf, the public key.
        public static final int SECRET_KEY_BYTES = 2 * 16 + PUBLIC_KEY_BYTES;
        /// Section 9.2: R, FORS, the hypertree.
        public static final int SIGNATURE_BYTES = (1 + 14 * (1 + 12) + 63 + 7 * (2 * 16 + 3)) * 16;
        /// The set.
        public static final SlhDsaSha2128s SET = new SlhDsaSha2128s();

        private SlhDsaSha2128s() {
            super(SlhDsa.SHA2_128S, 1, PUBLIC_KEY_BYTES, SECRET_KEY_BYTES, SIGNATURE_BYTES);
        }
    }

    /// SLH-DSA-SHA2-128f: n = 16, h = 66, d = 22, a = 6, k = 33.
    public static final class SlhDsaSha2128f extends SlhDsaSet {
        /// Section 9.1: PK.seed, PK.root.
        public static final int PUBLIC_KEY_BYTES = 2 * 16;
        /// Section 9.1: SK.seed, SK.prf, the public key.
        public static final int SECRET_KEY_BYTES = 2 * 16 + PUBLIC_KEY_BYTES;
        /// Section 9.2: R, FORS, the hypertree.
        public static final int SIGNATURE_BYTES = (1 + 33 * (1 + 6) + 66 + 22 * (2 * 16 + 3)) * 16;
        /// The set.
        public static final SlhDsaSha2128f SET = new SlhDsaSha2128f();

        private SlhDsaSha2128f() {
            super(SlhDsa.SHA2_128F, 1, PUBLIC_KEY_BYTES, SECRET_KEY_BYTES, SIGNATURE_BYTES);
        }
    }

    /// SLH-DSA-SHA2-192s: n = 24, h = 63, d = 7, a = 14, k = 17.
    public static final class SlhDsaSha2192s extends SlhDsaSet {
        /// Section 9.1: PK.seed, PK.root.
        public static final int PUBLIC_KEY_BYTES = 2 * 24;
        /// Section 9.1: SK.seed, SK.prf, the public key.
        public static final int SECRET_KEY_BYTES = 2 * 24 + PUBLIC_KEY_BYTES;
        /// Section 9.2: R, FORS, the hypertree.
        public static final int SIGNATURE_BYTES = (1 + 17 * (1 + 14) + 63 + 7 * (2 * 24 + 3)) * 24;
        /// The set.
        public static final SlhDsaSha2192s SET = new SlhDsaSha2192s();

        private SlhDsaSha2192s() {
            super(SlhDsa.SHA2_192S, 3, PUBLIC_KEY_BYTES, SECRET_KEY_BYTES, SIGNATURE_BYTES);
        }
    }

    /// SLH-DSA-SHA2-192f: n = 24, h = 66, d = 22, a = 8, k = 33.
    public static final class SlhDsaSha2192f extends SlhDsaSet {
        /// Section 9.1: PK.seed, PK.root.
        public static final int PUBLIC_KEY_BYTES = 2 * 24;
        /// Section 9.1: SK.seed, SK.prf, the public key.
        public static final int SECRET_KEY_BYTES = 2 * 24 + PUBLIC_KEY_BYTES;
        /// Section 9.2: R, FORS, the hypertree.
        public static final int SIGNATURE_BYTES = (1 + 33 * (1 + 8) + 66 + 22 * (2 * 24 + 3)) * 24;
        /// The set.
        public static final SlhDsaSha2192f SET = new SlhDsaSha2192f();

        private SlhDsaSha2192f() {
            super(SlhDsa.SHA2_192F, 3, PUBLIC_KEY_BYTES, SECRET_KEY_BYTES, SIGNATURE_BYTES);
        }
    }

    /// SLH-DSA-SHA2-256s: n = 32, h = 64, d = 8, a = 14, k = 22.
    public static final class SlhDsaSha2256s extends SlhDsaSet {
        /// Section 9.1: PK.seed, PK.root.
        public static final int PUBLIC_KEY_BYTES = 2 * 32;
        /// Section 9.1: SK.seed, SK.prf, the public key.
        public static final int SECRET_KEY_BYTES = 2 * 32 + PUBLIC_KEY_BYTES;
        /// Section 9.2: R, FORS, the hypertree.
        public static final int SIGNATURE_BYTES = (1 + 22 * (1 + 14) + 64 + 8 * (2 * 32 + 3)) * 32;
        /// The set.
        public static final SlhDsaSha2256s SET = new SlhDsaSha2256s();

        private SlhDsaSha2256s() {
            super(SlhDsa.SHA2_256S, 5, PUBLIC_KEY_BYTES, SECRET_KEY_BYTES, SIGNATURE_BYTES);
        }
    }

    /// SLH-DSA-SHA2-256f: n = 32, h = 68, d = 17, a = 9, k = 35.
    public static final class SlhDsaSha2256f extends SlhDsaSet {
        /// Section 9.1: PK.seed, PK.root.
        public static final int PUBLIC_KEY_BYTES = 2 * 32;
        /// Section 9.1: SK.seed, SK.prf, the public key.
        public static final int SECRET_KEY_BYTES = 2 * 32 + PUBLIC_KEY_BYTES;
        /// Section 9.2: R, FORS, the hypertree.
        public static final int SIGNATURE_BYTES = (1 + 35 * (1 + 9) + 68 + 17 * (2 * 32 + 3)) * 32;
        /// The set.
        public static final SlhDsaSha2256f SET = new SlhDsaSha2256f();

        private SlhDsaSha2256f() {
            super(SlhDsa.SHA2_256F, 5, PUBLIC_KEY_BYTES, SECRET_KEY_BYTES, SIGNATURE_BYTES);
        }
    }

    /// SLH-DSA-SHAKE-128s: n = 16, h = 63, d = 7, a = 12, k = 14.
    public static final class SlhDsaShake128s extends SlhDsaSet {
        /// Section 9.1: PK.seed, PK.root.
        public static final int PUBLIC_KEY_BYTES = 2 * 16;
        /// Section 9.1: SK.seed, SK.prf, the public key.
        public static final int SECRET_KEY_BYTES = 2 * 16 + PUBLIC_KEY_BYTES;
        /// Section 9.2: R, FORS, the hypertree.
        public static final int SIGNATURE_BYTES = (1 + 14 * (1 + 12) + 63 + 7 * (2 * 16 + 3)) * 16;
        /// The set.
        public static final SlhDsaShake128s SET = new SlhDsaShake128s();

        private SlhDsaShake128s() {
            super(SlhDsa.SHAKE_128S, 1, PUBLIC_KEY_BYTES, SECRET_KEY_BYTES, SIGNATURE_BYTES);
        }
    }

    /// SLH-DSA-SHAKE-128f: n = 16, h = 66, d = 22, a = 6, k = 33.
    public static final class SlhDsaShake128f extends SlhDsaSet {
        /// Section 9.1: PK.seed, PK.root.
        public static final int PUBLIC_KEY_BYTES = 2 * 16;
        /// Section 9.1: SK.seed, SK.prf, the public key.
        public static final int SECRET_KEY_BYTES = 2 * 16 + PUBLIC_KEY_BYTES;
        /// Section 9.2: R, FORS, the hypertree.
        public static final int SIGNATURE_BYTES = (1 + 33 * (1 + 6) + 66 + 22 * (2 * 16 + 3)) * 16;
        /// The set.
        public static final SlhDsaShake128f SET = new SlhDsaShake128f();

        private SlhDsaShake128f() {
            super(SlhDsa.SHAKE_128F, 1, PUBLIC_KEY_BYTES, SECRET_KEY_BYTES, SIGNATURE_BYTES);
        }
    }

    /// SLH-DSA-SHAKE-192s: n = 24, h = 63, d = 7, a = 14, k = 17.
    public static final class SlhDsaShake192s extends SlhDsaSet {
        /// Section 9.1: PK.seed, PK.root.
        public static final int PUBLIC_KEY_BYTES = 2 * 24;
        /// Section 9.1: SK.seed, SK.prf, the public key.
        public static final int SECRET_KEY_BYTES = 2 * 24 + PUBLIC_KEY_BYTES;
        /// Section 9.2: R, FORS, the hypertree.
        public static final int SIGNATURE_BYTES = (1 + 17 * (1 + 14) + 63 + 7 * (2 * 24 + 3)) * 24;
        /// The set.
        public static final SlhDsaShake192s SET = new SlhDsaShake192s();

        private SlhDsaShake192s() {
            super(SlhDsa.SHAKE_192S, 3, PUBLIC_KEY_BYTES, SECRET_KEY_BYTES, SIGNATURE_BYTES);
        }
    }

    /// SLH-DSA-SHAKE-192f: n = 24, h = 66, d = 22, a = 8, k = 33.
    public static final class SlhDsaShake192f extends SlhDsaSet {
        /// Section 9.1: PK.seed, PK.root.
        public static final int PUBLIC_KEY_BYTES = 2 * 24;
        /// Section 9.1: SK.seed, SK.prf, the public key.
        public static final int SECRET_KEY_BYTES = 2 * 24 + PUBLIC_KEY_BYTES;
        /// Section 9.2: R, FORS, the hypertree.
        public static final int SIGNATURE_BYTES = (1 + 33 * (1 + 8) + 66 + 22 * (2 * 24 + 3)) * 24;
        /// The set.
        public static final SlhDsaShake192f SET = new SlhDsaShake192f();

        private SlhDsaShake192f() {
            super(SlhDsa.SHAKE_192F, 3, PUBLIC_KEY_BYTES, SECRET_KEY_BYTES, SIGNATURE_BYTES);
        }
    }

    /// SLH-DSA-SHAKE-256s: n = 32, h = 64, d = 8, a = 14, k = 22.
    public static final class SlhDsaShake256s extends SlhDsaSet {
        /// Section 9.1: PK.seed, PK.root.
        public static final int PUBLIC_KEY_BYTES = 2 * 32;
        /// Section 9.1: SK.seed, SK.prf, the public key.
        public static final int SECRET_KEY_BYTES = 2 * 32 + PUBLIC_KEY_BYTES;
        /// Section 9.2: R, FORS, the hypertree.
        public static final int SIGNATURE_BYTES = (1 + 22 * (1 + 14) + 64 + 8 * (2 * 32 + 3)) * 32;
        /// The set.
        public static final SlhDsaShake256s SET = new SlhDsaShake256s();

        private SlhDsaShake256s() {
            super(SlhDsa.SHAKE_256S, 5, PUBLIC_KEY_BYTES, SECRET_KEY_BYTES, SIGNATURE_BYTES);
        }
    }

    /// SLH-DSA-SHAKE-256f: n = 32, h = 68, d = 17, a = 9, k = 35.
    public static final class SlhDsaShake256f extends SlhDsaSet {
        /// Section 9.1: PK.seed, PK.root.
        public static final int PUBLIC_KEY_BYTES = 2 * 32;
        /// Section 9.1: SK.seed, SK.prf, the public key.
        public static final int SECRET_KEY_BYTES = 2 * 32 + PUBLIC_KEY_BYTES;
        /// Section 9.2: R, FORS, the hypertree.
        public static final int SIGNATURE_BYTES = (1 + 35 * (1 + 9) + 68 + 17 * (2 * 32 + 3)) * 32;
        /// The set.
        public static final SlhDsaShake256f SET = new SlhDsaShake256f();

        private SlhDsaShake256f() {
            super(SlhDsa.SHAKE_256F, 5, PUBLIC_KEY_BYTES, SECRET_KEY_BYTES, SIGNATURE_BYTES);
        }
    }

    /// Those of Falcon.
    public abstract static sealed class FalconSet extends InPieces permits Falcon512, Falcon1024 {
        final Falcon falcon;

        FalconSet(Falcon falcon, int category, int publicKeyBytes, int secretKeyBytes, int signatureBytes) {
            super(falcon, category, publicKeyBytes, secretKeyBytes, signatureBytes);
            this.falcon = falcon;
        }
    }

    /// Falcon-512 (specification of round 3).
    public static final class Falcon512 extends FalconSet {
        /// Section 3.11.4: a header, h at 14 bits.
        public static final int PUBLIC_KEY_BYTES = 1 + 512 * 14 / 8;
        /// Section 3.11.5: a header, f and g at 6 bits, F at 8.
        public static final int SECRET_KEY_BYTES = 1 + 2 * 512 * 6 / 8 + 512;
        /// Section 3.11.3, padded: a header, the salt, s2 compressed.
        public static final int SIGNATURE_BYTES = 1 + 40 + 625;
        /// The set.
        public static final Falcon512 SET = new Falcon512();

        private Falcon512() {
            super(Falcon.FALCON_512, 1, PUBLIC_KEY_BYTES, SECRET_KEY_BYTES, SIGNATURE_BYTES);
        }
    }

    /// Falcon-1024 (specification of round 3).
    public static final class Falcon1024 extends FalconSet {
        /// Section 3.11.4: a header, h at 14 bits.
        public static final int PUBLIC_KEY_BYTES = 1 + 1024 * 14 / 8;
        /// Section 3.11.5: a header, f and g at 5 bits, F at 8.
        public static final int SECRET_KEY_BYTES = 1 + 2 * 1024 * 5 / 8 + 1024;
        /// Section 3.11.3, padded: a header, the salt, s2 compressed.
        public static final int SIGNATURE_BYTES = 1 + 40 + 1239;
        /// The set.
        public static final Falcon1024 SET = new Falcon1024();

        private Falcon1024() {
            super(Falcon.FALCON_1024, 5, PUBLIC_KEY_BYTES, SECRET_KEY_BYTES, SIGNATURE_BYTES);
        }
    }
}
