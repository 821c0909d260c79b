package dev.coffer.crypto.hybrid;

import dev.coffer.crypto.Agreement;
import dev.coffer.crypto.Hash;
import dev.coffer.crypto.Kem;
import dev.coffer.crypto.Xof;
import dev.coffer.crypto.internal.KemRanges;
import dev.coffer.crypto.mlkem.MlKem;
import dev.coffer.crypto.x25519.X25519;
import dev.coffer.memory.Entropy;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.BigEndian;
import java.lang.foreign.MemorySegment;

/// X-Wing (draft-connolly-cfrg-xwing-kem-10): X25519 and ML-KEM-768 in one KEM, safe as long as one of them is. Stateless, thread-safe;
/// 0 heap bytes.
///
/// | | bytes | |
/// |---|---|---|
/// | seed, which is the decapsulation key | 32 | both keys are made of it at each use (section 5.2) |
/// | encapsulation key | 1,216 | ML-KEM's 1,184, X25519's 32 |
/// | ciphertext | 1,120 | ML-KEM's 1,088, X25519's 32 |
/// | shared secret | 32 | SHA3-256 of both secrets, X25519's ciphertext and key, and a label (section 5.3) |
///
/// **A draft**: it may change until it is an RFC. One difference from its text: a point of small order, in a key or a ciphertext, is
/// refused, where the draft would go on with zeros for X25519's part; nobody who is honest sends one.
public final class XWing implements Kem {
    /// The KEM.
    public static final XWing KEM = new XWing();

    /// Bytes of a seed and of a decapsulation key, which are the same (section 5.1).
    public static final int SEED_BYTES = 32;
    /// Bytes of an encapsulation key (section 5.1).
    public static final int ENCAPSULATION_KEY_BYTES = 1184 + 32;
    /// Bytes of a ciphertext (section 5.1).
    public static final int CIPHERTEXT_BYTES = 1088 + 32;
    /// Bytes of a shared secret (section 5.1).
    public static final int SHARED_BYTES = 32;

    private static final String NAME = "X-Wing";
    private static final MlKem ML_KEM = MlKem.ML_KEM_768;
    private static final int POINT_BYTES = 32;
    private static final int EK_BYTES = ENCAPSULATION_KEY_BYTES - POINT_BYTES;
    private static final int CT_BYTES = CIPHERTEXT_BYTES - POINT_BYTES;
    private static final int LABEL_BYTES = 6;
    private static final int LABEL_HIGH = 0x5c2e2f2f;  // section 5.3: \./ and /^\
    private static final int LABEL_LOW = 0x5e5c;

    private static final long SEED = 0;                        // d and z of ML-KEM; where one encapsulates, nothing
    private static final long SCALAR = SEED + MlKem.SEED_BYTES;
    private static final long COMBINED = SCALAR + POINT_BYTES;  // what is hashed, in the order of section 5.3
    private static final long SECRET_M = COMBINED;
    private static final long SECRET_X = SECRET_M + MlKem.SHARED_BYTES;
    private static final long CIPHERTEXT_X = SECRET_X + POINT_BYTES;
    private static final long KEY_X = CIPHERTEXT_X + POINT_BYTES;
    private static final long LABEL = KEY_X + POINT_BYTES;
    private static final long SHARED = LABEL + LABEL_BYTES;
    private static final long EK = SHARED + SHARED_BYTES;
    private static final long DK = EK + EK_BYTES;              // where one encapsulates, the ciphertext
    private static final long OPERATION = DK + 2400;
    private static final long OPERATION_BYTES = Math.max(ML_KEM.workspaceBytes(), X25519.KEM.workspaceBytes());
    /// Bytes of the workspace of every operation: both secrets and what is hashed, both keys of ML-KEM, and the larger workspace of the
    /// two algorithms.
    public static final long WORKSPACE_BYTES = OPERATION + OPERATION_BYTES;
    private static final KemRanges RANGES = new KemRanges(NAME, SEED_BYTES, ENCAPSULATION_KEY_BYTES, SEED_BYTES, CIPHERTEXT_BYTES, SHARED_BYTES,
            WORKSPACE_BYTES);

    private XWing() {}

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public int seedBytes() {
        return SEED_BYTES;
    }

    @Override
    public int encapsulationKeyBytes() {
        return ENCAPSULATION_KEY_BYTES;
    }

    @Override
    public int decapsulationKeyBytes() {
        return SEED_BYTES;
    }

    @Override
    public int ciphertextBytes() {
        return CIPHERTEXT_BYTES;
    }

    @Override
    public int sharedBytes() {
        return SHARED_BYTES;
    }

    @Override
    public long workspaceBytes() {
        return WORKSPACE_BYTES;
    }

    /// {@return what lies in the workspace, as a plan of [#WORKSPACE_BYTES]}
    public static MemoryPlan plan() {
        return MemoryPlan.group("X-Wing workspace", MemoryPlan.block("expanded", COMBINED, 1, "ML-KEM's seed, X25519's scalar"),
                MemoryPlan.block("combined", EK - COMBINED, 1, "secrets, ciphertext and key that are hashed, the shared secret"),
                MemoryPlan.block("encapsulation key", EK_BYTES), MemoryPlan.block("decapsulation key", OPERATION - DK),
                MemoryPlan.block("operation", OPERATION_BYTES, 1, "the larger of ML-KEM-768 and X25519"));
    }

    /// {@return true: every seed makes keys; the decapsulation key is the seed}
    @Override
    public boolean keyPair(MemorySegment seed, long seedAt, MemorySegment ek, long ekAt, MemorySegment dk, long dkAt,
            MemorySegment w, long at) {
        RANGES.checkKeyPair(seed, seedAt, ek, ekAt, dk, dkAt, w, at);
        boolean whole = false;
        try {
            expand(seed, seedAt, w, at);
            MemorySegment.copy(w, at + EK, ek, ekAt, EK_BYTES);
            MemorySegment.copy(w, at + KEY_X, ek, ekAt + EK_BYTES, POINT_BYTES);
            MemorySegment.copy(seed, seedAt, dk, dkAt, SEED_BYTES);
            whole = true;
            return true;
        } finally {
            RANGES.endKeyPair(whole, ek, ekAt, dk, dkAt, w, at);
        }
    }

    /// expandDecapsulationKey (section 5.2).
    private static void expand(MemorySegment dk, long dkAt, MemorySegment w, long at) {
        Xof.SHAKE_256.expand(w, at + OPERATION, dk, dkAt, SEED_BYTES, w, at + SEED, MlKem.SEED_BYTES + POINT_BYTES);
        ML_KEM.keyPair(w, at + SEED, w, at + EK, w, at + DK, w, at + OPERATION);
        X25519.publicKey(w, at + SCALAR, w, at + KEY_X, w, at + OPERATION);
    }

    /// The combiner (section 5.3): the secret of what lies from COMBINED on.
    private static void combine(MemorySegment w, long at) {
        BigEndian.i32(w, at + LABEL, LABEL_HIGH);
        BigEndian.u16(w, at + LABEL + Integer.BYTES, LABEL_LOW);
        Hash.SHA3_256.hash(w, at + OPERATION, w, at + COMBINED, SHARED - COMBINED, w, at + SHARED);
    }

    @Override
    public boolean encapsulate(Entropy entropy, MemorySegment ek, long ekAt, MemorySegment ciphertext, long ciphertextAt,
            MemorySegment shared, long sharedAt, MemorySegment w, long at) {
        RANGES.checkEncapsulation(ek, ekAt, ciphertext, ciphertextAt, shared, sharedAt, w, at);
        boolean whole = false;
        try {
            MemorySegment.copy(ek, ekAt, w, at + EK, EK_BYTES);
            MemorySegment.copy(ek, ekAt + EK_BYTES, w, at + KEY_X, POINT_BYTES);
            if (!ML_KEM.encapsulate(entropy, w, at + EK, w, at + DK, w, at + SECRET_M, w, at + OPERATION)
                    || !X25519.KEM.encapsulate(entropy, w, at + KEY_X, w, at + CIPHERTEXT_X, w, at + SECRET_X, w, at + OPERATION)) {
                whole = true;
                return false;
            }
            combine(w, at);
            MemorySegment.copy(w, at + DK, ciphertext, ciphertextAt, CT_BYTES);
            MemorySegment.copy(w, at + CIPHERTEXT_X, ciphertext, ciphertextAt + CT_BYTES, POINT_BYTES);
            MemorySegment.copy(w, at + SHARED, shared, sharedAt, SHARED_BYTES);
            whole = true;
            return true;
        } finally {
            RANGES.endEncapsulation(whole, ciphertext, ciphertextAt, shared, sharedAt, w, at);
        }
    }

    /// @return false where X25519's part of the ciphertext has small order; then nothing was written. Any other change of a ciphertext
    ///         gives another secret (FIPS 203, section 6.3)
    @Override
    public boolean decapsulate(MemorySegment dk, long dkAt, MemorySegment ciphertext, long ciphertextAt, MemorySegment shared,
            long sharedAt, MemorySegment w, long at) {
        RANGES.checkDecapsulation(dk, dkAt, ciphertext, ciphertextAt, shared, sharedAt, w, at);
        try {
            expand(dk, dkAt, w, at);
            MemorySegment.copy(ciphertext, ciphertextAt + CT_BYTES, w, at + CIPHERTEXT_X, POINT_BYTES);
            if (!ML_KEM.decapsulate(w, at + DK, ciphertext, ciphertextAt, w, at + SECRET_M, w, at + OPERATION)) {
                throw new IllegalStateException("X-Wing: a decapsulation key that is none");  // made by us just now
            }
            if (X25519.agree(w, at + SCALAR, w, at + CIPHERTEXT_X, w, at + SECRET_X, w, at + OPERATION) != Agreement.AGREED) {
                return false;
            }
            combine(w, at);
            MemorySegment.copy(w, at + SHARED, shared, sharedAt, SHARED_BYTES);
            return true;
        } finally {
            Wipe.bytes(w, at, WORKSPACE_BYTES);
        }
    }

    @Override
    public String toString() {
        return NAME;
    }
}
