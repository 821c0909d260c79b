package dev.coffer.crypto.hpke;

import dev.coffer.crypto.Kem;
import dev.coffer.crypto.hybrid.XWing;
import dev.coffer.crypto.internal.Drawn;
import dev.coffer.crypto.internal.Ranges;
import dev.coffer.crypto.mlkem.MlKem;
import dev.coffer.crypto.p256.P256;
import dev.coffer.crypto.x25519.X25519;
import dev.coffer.memory.Entropy;
import dev.coffer.memory.Wipe;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// The KEMs of HPKE: a [Kem] with its number, and what RFC 9180 adds. Stateless, thread-safe; 0 heap bytes.
///
/// | | number | public key | private key | encapsulated key | auth | from |
/// |---|---|---|---|---|---|---|
/// | [#DHKEM_P256] | 0x0010 | 65 | 32 | 65 | yes | RFC 9180, section 7.1 |
/// | [#DHKEM_X25519] | 0x0020 | 32 | 32 | 32 | yes | RFC 9180, section 7.1 |
/// | [#ML_KEM_512] | 0x0040 | 800 | 64 | 768 | no | draft-ietf-hpke-pq |
/// | [#ML_KEM_768] | 0x0041 | 1,184 | 64 | 1,088 | no | draft-ietf-hpke-pq |
/// | [#ML_KEM_1024] | 0x0042 | 1,568 | 64 | 1,568 | no | draft-ietf-hpke-pq |
/// | [#X_WING] | 0x647a | 1,216 | 32 | 1,120 | no | draft-connolly-cfrg-xwing-kem-10 |
///
/// In bytes; every shared secret has 32. Private keys of the drafts' KEMs are seeds, of which both keys are made at each use.
public final class HpkeKem {
    /// DHKEM(P-256, HKDF-SHA256).
    public static final HpkeKem DHKEM_P256 = new HpkeKem(0x0010, new DhKem("DHKEM(P-256, HKDF-SHA256)", 0x0010, P256.KEM));
    /// DHKEM(X25519, HKDF-SHA256).
    public static final HpkeKem DHKEM_X25519 = new HpkeKem(0x0020, new DhKem("DHKEM(X25519, HKDF-SHA256)", 0x0020, X25519.KEM));
    /// ML-KEM-512; a draft.
    public static final HpkeKem ML_KEM_512 = new HpkeKem(0x0040, new SeededMlKem(MlKem.ML_KEM_512));
    /// ML-KEM-768; a draft.
    public static final HpkeKem ML_KEM_768 = new HpkeKem(0x0041, new SeededMlKem(MlKem.ML_KEM_768));
    /// ML-KEM-1024; a draft.
    public static final HpkeKem ML_KEM_1024 = new HpkeKem(0x0042, new SeededMlKem(MlKem.ML_KEM_1024));
    /// X-Wing, X25519 with ML-KEM-768; a draft.
    public static final HpkeKem X_WING = new HpkeKem(0x647a, XWing.KEM);

    /// Draws from a source before [#generate] gives up: that many misses of a good one have a chance of 2^-256.
    private static final int DRAWS_MAX = 8;

    private final int id;
    private final Kem kem;
    private final @Nullable DhKem dh;  // the same, or null where there are no auth modes

    private HpkeKem(int id, Kem kem) {
        this.id = id;
        this.kem = kem;
        this.dh = kem instanceof DhKem d ? d : null;
    }

    /// {@return the number in the registry}
    public int id() {
        return id;
    }

    /// {@return the KEM alone: its secrets are those that HPKE's key schedule begins with}
    public Kem kem() {
        return kem;
    }

    /// {@return whether it has the modes auth and auth_psk, which show the recipient whose key the sender has}
    public boolean authenticates() {
        return dh != null;
    }

    DhKem dh() {
        if (dh == null) {
            throw new IllegalStateException(kem.name() + ": not an authenticated KEM (expected DHKEM for the modes auth and auth_psk)");
        }
        return dh;
    }

    /// {@return Npk: bytes of a public key}
    public int publicKeyBytes() {
        return kem.encapsulationKeyBytes();
    }

    /// {@return Nsk: bytes of a private key}
    public int privateKeyBytes() {
        return kem.decapsulationKeyBytes();
    }

    /// {@return Nenc: bytes of an encapsulated key}
    public int encapsulatedKeyBytes() {
        return kem.ciphertextBytes();
    }

    /// {@return bytes of the workspace of every operation}
    public long workspaceBytes() {
        return kem.workspaceBytes() + kem.seedBytes();
    }

    /// GenerateKeyPair (RFC 9180, section 4): makes a key pair of random bytes.
    ///
    /// @param entropy     `Entropy.SYSTEM` but in tests
    /// @param publicKey   room for [#publicKeyBytes]
    /// @param privateKey  room off the heap for [#privateKeyBytes]
    /// @param workspace   [#workspaceBytes] from `at`, off the heap, apart from the others; zero afterwards
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault); nothing is written
    /// @throws IllegalArgumentException   ranges overlap, or are on the heap as they must not (caller's fault); nothing is written
    /// @throws IllegalStateException      the source has no bytes, filled nothing or gave no key; nothing is written
    public void generate(Entropy entropy, MemorySegment publicKey, long publicAt, MemorySegment privateKey, long privateAt,
            MemorySegment workspace, long at) {
        checkPair(publicKey, publicAt, privateKey, privateAt, workspace, at);
        long seed = at + kem.workspaceBytes();
        try {
            for (int draws = 0; draws < DRAWS_MAX; draws++) {
                Drawn.fill(kem.name(), entropy, workspace, seed, kem.seedBytes());
                if (kem.keyPair(workspace, seed, publicKey, publicAt, privateKey, privateAt, workspace, at)) {
                    return;
                }
            }
            throw new IllegalStateException(kem.name() + ": the entropy source gave no key in " + DRAWS_MAX + " draws");
        } finally {
            Wipe.bytes(workspace, at, workspaceBytes());
        }
    }

    /// DeriveKeyPair (RFC 9180, section 7.1.3): makes a key pair of keying material, always the same one.
    ///
    /// @param ikm         off the heap, with at least as much entropy as [#privateKeyBytes]; used for nothing else
    /// @param ikmLength   at least [#privateKeyBytes]
    /// @param workspace   [#workspaceBytes] from `at`, off the heap, apart from the others; zero afterwards
    /// @return false where it makes no key, which has a chance of 2^-8192; nothing was written then
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault); nothing is written
    /// @throws IllegalArgumentException   less material, ranges that overlap, or that are on the heap as they must not (caller's
    ///                                    fault); nothing is written
    /// @throws IllegalStateException      a KEM without it, see the package (caller's fault); nothing is written
    public boolean deriveKeyPair(MemorySegment ikm, long ikmAt, long ikmLength, MemorySegment publicKey, long publicAt,
            MemorySegment privateKey, long privateAt, MemorySegment workspace, long at) {
        if (dh == null) {
            throw new IllegalStateException(kem.name() + ": DeriveKeyPair is not settled (expected generate, or a seed of your own)");
        }
        Ranges.checkSecret(kem.name(), ikm, ikmAt, ikmLength);
        if (ikmLength < privateKeyBytes()) {
            throw new IllegalArgumentException(kem.name() + ": keying material of " + ikmLength + " bytes (expected at least "
                    + privateKeyBytes() + ", RFC 9180 section 7.1.3)");
        }
        checkPair(publicKey, publicAt, privateKey, privateAt, workspace, at);
        Ranges.apart(kem.name(), workspace, at, workspaceBytes(), ikm, ikmAt, ikmLength);
        return dh.derive(ikm, ikmAt, ikmLength, publicKey, publicAt, privateKey, privateAt, workspace, at);
    }

    private void checkPair(MemorySegment publicKey, long publicAt, MemorySegment privateKey, long privateAt, MemorySegment workspace,
            long at) {
        Ranges.checkWritable(kem.name(), publicKey, publicAt, publicKeyBytes());
        Ranges.checkWorkspace(kem.name(), privateKey, privateAt, privateKeyBytes());
        Ranges.checkWorkspace(kem.name(), workspace, at, workspaceBytes());
        Ranges.apart(kem.name(), publicKey, publicAt, publicKeyBytes(), privateKey, privateAt, privateKeyBytes());
        Ranges.apart(kem.name(), workspace, at, workspaceBytes(), publicKey, publicAt, publicKeyBytes());
        Ranges.apart(kem.name(), workspace, at, workspaceBytes(), privateKey, privateAt, privateKeyBytes());
    }

    HpkeSetup encapsulate(Entropy entropy, MemorySegment ek, long ekAt, @Nullable MemorySegment own, long ownAt, MemorySegment enc, long encAt,
            MemorySegment shared, long sharedAt, MemorySegment w, long at) {
        if (dh != null) {
            return dh.encapsulate(entropy, ek, ekAt, own, ownAt, enc, encAt, shared, sharedAt, w, at);
        }
        return kem.encapsulate(entropy, ek, ekAt, enc, encAt, shared, sharedAt, w, at) ? HpkeSetup.READY : HpkeSetup.NO_PUBLIC_KEY;
    }

    HpkeSetup decapsulate(MemorySegment dk, long dkAt, @Nullable MemorySegment sender, long senderAt, MemorySegment enc, long encAt,
            MemorySegment shared, long sharedAt, MemorySegment w, long at) {
        if (dh != null) {
            return dh.decapsulate(dk, dkAt, sender, senderAt, enc, encAt, shared, sharedAt, w, at);
        }
        return kem.decapsulate(dk, dkAt, enc, encAt, shared, sharedAt, w, at) ? HpkeSetup.READY : HpkeSetup.NO_ENCAPSULATED_KEY;
    }

    /// {@return the name, such as `DHKEM(X25519, HKDF-SHA256)`}
    @Override
    public String toString() {
        return kem.name();
    }
}
