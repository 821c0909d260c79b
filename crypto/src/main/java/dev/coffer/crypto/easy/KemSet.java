package dev.coffer.crypto.easy;

import dev.coffer.crypto.Kem;
import dev.coffer.crypto.hpke.HpkeAead;
import dev.coffer.crypto.hpke.HpkeKdf;
import dev.coffer.crypto.hpke.HpkeKem;
import dev.coffer.crypto.hpke.HpkeSuite;
import dev.coffer.crypto.hybrid.XWing;
import dev.coffer.crypto.mlkem.MlKem;

/// The parameter sets of key encapsulation: those of ML-KEM (FIPS 203, section 8), with the encodings of section 7, and X-Wing.
public abstract sealed class KemSet extends ParameterSet
        permits KemSet.MlKem512, KemSet.MlKem768, KemSet.MlKem1024, KemSet.XWing768 {
    private final int ciphertextBytes;
    private final Kem kem;
    final int code;  // in a sealed message
    final HpkeSuite suite;

    KemSet(Kem kem, int category, int publicKeyBytes, int secretKeyBytes, int ciphertextBytes, int code, HpkeKem hpke, HpkeKdf kdf) {
        super(kem.name(), category, publicKeyBytes, secretKeyBytes);
        this.kem = kem;
        this.ciphertextBytes = ciphertextBytes;
        this.code = code;
        this.suite = HpkeSuite.of(hpke, kdf, HpkeAead.CHACHA20_POLY1305);
    }

    /// {@return bytes of a ciphertext}
    public final int ciphertextBytes() {
        return ciphertextBytes;
    }

    /// {@return bytes of a shared secret: 32}
    public final int sharedSecretBytes() {
        return kem.sharedBytes();
    }

    /// {@return the algorithm over the caller's memory}
    public final Kem kem() {
        return kem;
    }

    /// ML-KEM-512: k = 2, du = 10, dv = 4.
    public static final class MlKem512 extends KemSet {
        /// Section 7.1: t of 2 polynomials of 384 bytes, rho.
        public static final int PUBLIC_KEY_BYTES = 2 * 384 + 32;
        /// Section 7.1: s, the public key, its hash, z.
        public static final int SECRET_KEY_BYTES = 2 * 384 + PUBLIC_KEY_BYTES + 32 + 32;
        /// Section 7.2: u of 2 polynomials at 10 bits, v at 4.
        public static final int CIPHERTEXT_BYTES = 32 * (10 * 2 + 4);
        /// Section 8, table 3.
        public static final int SHARED_SECRET_BYTES = 32;
        /// The set.
        public static final MlKem512 SET = new MlKem512();

        private MlKem512() {
            super(MlKem.ML_KEM_512, 1, PUBLIC_KEY_BYTES, SECRET_KEY_BYTES, CIPHERTEXT_BYTES, 1, HpkeKem.ML_KEM_512, HpkeKdf.HKDF_SHA256);
        }
    }

    /// ML-KEM-768: k = 3, du = 10, dv = 4.
    public static final class MlKem768 extends KemSet {
        /// Section 7.1: t of 3 polynomials of 384 bytes, rho.
        public static final int PUBLIC_KEY_BYTES = 3 * 384 + 32;
        /// Section 7.1: s, the public key, its hash, z.
        public static final int SECRET_KEY_BYTES = 3 * 384 + PUBLIC_KEY_BYTES + 32 + 32;
        /// Section 7.2: u of 3 polynomials at 10 bits, v at 4.
        public static final int CIPHERTEXT_BYTES = 32 * (10 * 3 + 4);
        /// Section 8, table 3.
        public static final int SHARED_SECRET_BYTES = 32;
        /// The set.
        public static final MlKem768 SET = new MlKem768();

        private MlKem768() {
            super(MlKem.ML_KEM_768, 3, PUBLIC_KEY_BYTES, SECRET_KEY_BYTES, CIPHERTEXT_BYTES, 2, HpkeKem.ML_KEM_768, HpkeKdf.HKDF_SHA384);
        }
    }

    /// ML-KEM-1024: k = 4, du = 11, dv = 5.
    public static final class MlKem1024 extends KemSet {
        /// Section 7.1: t of 4 polynomials of 384 bytes, rho.
        public static final int PUBLIC_KEY_BYTES = 4 * 384 + 32;
        /// Section 7.1: s, the public key, its hash, z.
        public static final int SECRET_KEY_BYTES = 4 * 384 + PUBLIC_KEY_BYTES + 32 + 32;
        /// Section 7.2: u of 4 polynomials at 11 bits, v at 5.
        public static final int CIPHERTEXT_BYTES = 32 * (11 * 4 + 5);
        /// Section 8, table 3.
        public static final int SHARED_SECRET_BYTES = 32;
        /// The set.
        public static final MlKem1024 SET = new MlKem1024();

        private MlKem1024() {
            super(MlKem.ML_KEM_1024, 5, PUBLIC_KEY_BYTES, SECRET_KEY_BYTES, CIPHERTEXT_BYTES, 3, HpkeKem.ML_KEM_1024, HpkeKdf.HKDF_SHA512);
        }
    }

    /// X-Wing (draft-connolly-cfrg-xwing-kem-10, section 5.1): ML-KEM-768 and X25519 in one.
    public static final class XWing768 extends KemSet {
        /// ML-KEM-768's, X25519's.
        public static final int PUBLIC_KEY_BYTES = MlKem768.PUBLIC_KEY_BYTES + 32;
        /// The seed of both.
        public static final int SECRET_KEY_BYTES = 32;
        /// ML-KEM-768's, X25519's.
        public static final int CIPHERTEXT_BYTES = MlKem768.CIPHERTEXT_BYTES + 32;
        /// Section 5.1.
        public static final int SHARED_SECRET_BYTES = 32;
        /// The set.
        public static final XWing768 SET = new XWing768();

        private XWing768() {
            super(XWing.KEM, 3, PUBLIC_KEY_BYTES, SECRET_KEY_BYTES, CIPHERTEXT_BYTES, 4, HpkeKem.X_WING, HpkeKdf.HKDF_SHA384);
        }
    }
}
