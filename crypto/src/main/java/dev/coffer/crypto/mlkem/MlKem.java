package dev.coffer.crypto.mlkem;

import dev.coffer.crypto.Kem;
import static dev.coffer.crypto.mlkem.MlKemLayout.SYMBYTES;

import dev.coffer.crypto.Hash;
import dev.coffer.crypto.Xof;
import dev.coffer.crypto.internal.Drawn;
import dev.coffer.crypto.internal.KemRanges;
import dev.coffer.memory.ConstantTime;
import dev.coffer.memory.Entropy;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Wipe;
import java.lang.foreign.MemorySegment;

/// ML-KEM (FIPS 203), a key encapsulation mechanism over the caller's memory: three parameter sets, one object each.
/// Stateless, thread-safe; 0 heap bytes. Where the module
/// `dev.coffer.crypto.vector` is added the matrix, which is public, passes vectors: then they are 0 once C2 has compiled its kernel, as measured, and not
/// by construction.
///
/// | | ML-KEM-512 | ML-KEM-768 | ML-KEM-1024 |
/// |---|---|---|---|
/// | encapsulation key | 800 | 1,184 | 1,568 |
/// | decapsulation key | 1,632 | 2,400 | 3,168 |
/// | seed, in place of the decapsulation key | 64 | 64 | 64 |
/// | ciphertext | 768 | 1,088 | 1,568 |
/// | shared secret | 32 | 32 | 32 |
/// | expanded encapsulation key | 3,104 | 6,176 | 10,272 |
/// | expanded decapsulation key | 4,160 | 7,744 | 12,352 |
/// | workspace, of every operation | 4,992 | 4,992 | 6,016 |
///
/// All in bytes. Strict: what is secret is in scalar locals and in the memory given, off the heap, and no branch, index or
/// division depends on it. The matrix is public: it may be sampled in vector lanes. A workspace is memory of
/// [#workspaceBytes] that nobody else uses during the call, apart from inputs and outputs; it is zero afterwards,
/// whatever happens. After an exception outputs are unchanged or wiped.
///
/// For many operations with one key there are [ExpandedEncapsulationKey] and [ExpandedDecapsulationKey].
public final class MlKem implements Kem {
    /// ML-KEM-512, security category 1 (section 8, table 2).
    public static final MlKem ML_KEM_512 = new MlKem("ML-KEM-512", 2, 3, 10, 4);
    /// ML-KEM-768, security category 3 (section 8, table 2).
    public static final MlKem ML_KEM_768 = new MlKem("ML-KEM-768", 3, 2, 10, 4);
    /// ML-KEM-1024, security category 5 (section 8, table 2).
    public static final MlKem ML_KEM_1024 = new MlKem("ML-KEM-1024", 4, 2, 11, 5);

    /// Bytes of a seed: d, then z (section 7.1; RFC 9935, section 6).
    public static final int SEED_BYTES = 2 * SYMBYTES;
    /// Bytes of a shared secret (section 8, table 3).
    public static final int SHARED_BYTES = SYMBYTES;

    private final String name;
    private final int k;
    private final int ciphertextBytes;
    final MlKemLayout layout;
    final KPke kPke;
    final KemRanges ranges;

    private MlKem(String name, int k, int eta1, int du, int dv) {
        this.name = name;
        this.k = k;
        this.ciphertextBytes = 32 * (du * k + dv);  // section 7.2: c1, then c2
        this.layout = new MlKemLayout(k);
        this.kPke = new KPke(k, eta1, du, dv, layout);
        this.ranges = new KemRanges(name, SEED_BYTES, encapsulationKeyBytes(), decapsulationKeyBytes(), ciphertextBytes, SHARED_BYTES, layout.bytes);
    }

    /// {@return the standard's name, such as `ML-KEM-768`}
    @Override
    public String name() {
        return name;
    }

    /// {@return [#SEED_BYTES]}
    @Override
    public int seedBytes() {
        return SEED_BYTES;
    }

    /// {@return [#SHARED_BYTES]}
    @Override
    public int sharedBytes() {
        return SHARED_BYTES;
    }

    /// {@return bytes of an encapsulation key (section 7.1): 384k + 32}
    @Override
    public int encapsulationKeyBytes() {
        return k * Polynomial.ENCODED_12_BYTES + SYMBYTES;
    }

    /// {@return bytes of a decapsulation key (section 7.1): 384k of s, the encapsulation key, its hash, z}
    @Override
    public int decapsulationKeyBytes() {
        return k * Polynomial.ENCODED_12_BYTES + encapsulationKeyBytes() + 2 * SYMBYTES;
    }

    /// {@return bytes of a ciphertext (section 7.2): 32(du k + dv)}
    @Override
    public int ciphertextBytes() {
        return ciphertextBytes;
    }

    /// {@return bytes of the workspace of every operation}
    @Override
    public long workspaceBytes() {
        return layout.bytes;
    }

    /// {@return what lies in the workspace, as a plan of [#workspaceBytes]}
    public MemoryPlan plan() {
        return layout.plan(name + " workspace");
    }

    int k() {
        return k;
    }

    /// ML-KEM.KeyGen_internal (algorithm 16): both keys from a seed.
    ///
    /// @param seed       [#SEED_BYTES] off the heap: d, then z; all of it secret, and all that need be kept
    /// @param ek         room for [#encapsulationKeyBytes], apart from the others
    /// @param dk         room off the heap for [#decapsulationKeyBytes], apart from the others
    /// @param workspace  [#workspaceBytes] from `at`, off the heap
    /// @return true: every seed makes keys
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault); nothing is written
    /// @throws IllegalArgumentException   ranges overlap, an output is read-only, or a secret or the workspace is on the
    ///                                    heap (caller's fault); nothing is written
    @Override
    public boolean keyPair(MemorySegment seed, long seedAt, MemorySegment ek, long ekAt, MemorySegment dk, long dkAt,
            MemorySegment workspace, long at) {
        int ekBytes = encapsulationKeyBytes();
        ranges.checkKeyPair(seed, seedAt, ek, ekAt, dk, dkAt, workspace, at);
        boolean whole = false;
        try {
            MemorySegment.copy(seed, seedAt, workspace, at + layout.message, SYMBYTES);
            kPke.generate(ek, ekAt, dk, dkAt, workspace, at);
            long front = dkAt + (long) k * Polynomial.ENCODED_12_BYTES;
            MemorySegment.copy(ek, ekAt, dk, front, ekBytes);
            hashKey(ek, ekAt, workspace, at, workspace, at + layout.hash);
            MemorySegment.copy(workspace, at + layout.hash, dk, front + ekBytes, SYMBYTES);
            MemorySegment.copy(seed, seedAt + SYMBYTES, dk, front + ekBytes + SYMBYTES, SYMBYTES);
            whole = true;
            return true;
        } finally {
            ranges.endKeyPair(whole, ek, ekAt, dk, dkAt, workspace, at);
        }
    }

    /// The check of an encapsulation key (section 7.2): every coefficient is below q. [#encapsulate] does it too.
    ///
    /// @param ek         an encapsulation key
    /// @param workspace  [#workspaceBytes] from `at`, off the heap
    /// @return whether it is one; false is the fault of who made it
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault); nothing is written
    /// @throws IllegalArgumentException   they overlap, or the workspace is on the heap (caller's fault); nothing is written
    public boolean isEncapsulationKey(MemorySegment ek, long ekAt, MemorySegment workspace, long at) {
        ranges.checkPublic(ek, ekAt, workspace, at);
        try {
            long above = 0;
            for (int i = 0; i < k; i++) {
                above |= Polynomial.decode12(ek, ekAt + (long) i * Polynomial.ENCODED_12_BYTES, workspace,
                        at + layout.product);
            }
            return above == 0;
        } finally {
            Wipe.bytes(workspace, at, layout.bytes);
        }
    }

    /// The check of a decapsulation key (section 7.3): the hash in it is that of the encapsulation key in it.
    /// [#decapsulate] does it too.
    ///
    /// @param dk         a decapsulation key, off the heap
    /// @param workspace  [#workspaceBytes] from `at`, off the heap
    /// @return whether it is one; false is the fault of who made it, or that of who changed it
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault); nothing is written
    /// @throws IllegalArgumentException   they overlap, or one is on the heap (caller's fault); nothing is written
    public boolean isDecapsulationKey(MemorySegment dk, long dkAt, MemorySegment workspace, long at) {
        ranges.checkPrivate(dk, dkAt, workspace, at);
        try {
            return checkHash(dk, dkAt, workspace, at);
        } finally {
            Wipe.bytes(workspace, at, layout.bytes);
        }
    }

    /// H(ek), by way of the workspace.
    void hashKey(MemorySegment ek, long ekAt, MemorySegment w, long at, MemorySegment hash, long hashAt) {
        Hash.SHA3_256.hash(w, at + layout.states, ek, ekAt, encapsulationKeyBytes(), hash, hashAt);
    }

    /// Leaves the hash in the workspace.
    boolean checkHash(MemorySegment dk, long dkAt, MemorySegment w, long at) {
        long ekAt = dkAt + (long) k * Polynomial.ENCODED_12_BYTES;
        hashKey(dk, ekAt, w, at, w, at + layout.hash);
        return ConstantTime.equal(w, at + layout.hash, dk, ekAt + encapsulationKeyBytes(), SYMBYTES);
    }

    /// ML-KEM.Encaps (algorithm 20): draws a secret, and writes it and its ciphertext.
    ///
    /// @param entropy     where m is drawn, straight into the workspace; `Entropy.SYSTEM` but in tests
    /// @param ek          [#encapsulationKeyBytes] from whoever shall share the secret
    /// @param ciphertext  room for [#ciphertextBytes], apart from the key
    /// @param shared      room off the heap for [#SHARED_BYTES], apart from the others
    /// @param workspace   [#workspaceBytes] from `at`, off the heap
    /// @return false where `ek` is no encapsulation key (the fault of who made it); then nothing was written
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault); nothing is written
    /// @throws IllegalArgumentException   ranges overlap, an output is read-only, or the secret or the workspace is on the
    ///                                    heap (caller's fault); nothing is written
    /// @throws IllegalStateException      the source has no bytes or filled nothing; nothing is written
    @Override
    public boolean encapsulate(Entropy entropy, MemorySegment ek, long ekAt, MemorySegment ciphertext,
            long ciphertextAt, MemorySegment shared, long sharedAt, MemorySegment workspace, long at) {
        ranges.checkEncapsulation(ek, ekAt, ciphertext, ciphertextAt, shared, sharedAt, workspace, at);
        try {
            draw(entropy, workspace, at);
        } catch (Throwable e) {
            Wipe.bytes(workspace, at, layout.bytes);
            throw e;
        }
        return encapsulateDrawn(ek, ekAt, ciphertext, ciphertextAt, shared, sharedAt, workspace, at);
    }

    void draw(Entropy entropy, MemorySegment w, long at) {
        Drawn.fill(name, entropy, w, at + layout.message, SYMBYTES);
    }

    /// ML-KEM.Encaps_internal (algorithm 17), for tests: m is given.
    boolean encapsulate(MemorySegment m, long mAt, MemorySegment ek, long ekAt, MemorySegment ciphertext,
            long ciphertextAt, MemorySegment shared, long sharedAt, MemorySegment workspace, long at) {
        ranges.checkEncapsulation(ek, ekAt, ciphertext, ciphertextAt, shared, sharedAt, workspace, at);
        MemorySegment.copy(m, mAt, workspace, at + layout.message, SYMBYTES);
        return encapsulateDrawn(ek, ekAt, ciphertext, ciphertextAt, shared, sharedAt, workspace, at);
    }

    private boolean encapsulateDrawn(MemorySegment ek, long ekAt, MemorySegment ciphertext, long ciphertextAt,
            MemorySegment shared, long sharedAt, MemorySegment w, long at) {
        boolean whole = false;
        try {
            hashKey(ek, ekAt, w, at, w, at + layout.hash);
            boolean written = share(ek, ekAt, false, ciphertext, ciphertextAt, shared, sharedAt, w, at);
            whole = true;
            return written;
        } finally {
            ranges.endEncapsulation(whole, ciphertext, ciphertextAt, shared, sharedAt, w, at);
        }
    }

    /// From m and H(ek) in the workspace.
    boolean share(MemorySegment key, long keyAt, boolean expanded, MemorySegment ciphertext, long ciphertextAt,
            MemorySegment shared, long sharedAt, MemorySegment w, long at) {
        derive(w, at);
        if (kPke.encrypt(key, keyAt, expanded, ciphertext, ciphertextAt, false, w, at) != 0) {
            return false;
        }
        MemorySegment.copy(w, at + layout.derived, shared, sharedAt, SHARED_BYTES);
        return true;
    }

    /// (K, r) = G(m || H(ek))
    private void derive(MemorySegment w, long at) {
        Hash.SHA3_512.hash(w, at + layout.states, w, at + layout.message, 2 * SYMBYTES, w, at + layout.derived);
    }

    /// ML-KEM.Decaps (algorithm 21). A ciphertext that is not the key's gives another secret, made of z and the ciphertext
    /// (implicit rejection), in the same time and with the same answer.
    ///
    /// @param dk          [#decapsulationKeyBytes] off the heap
    /// @param ciphertext  [#ciphertextBytes] from the other side; another length is for the protocol to refuse
    /// @param shared      room off the heap for [#SHARED_BYTES]
    /// @param workspace   [#workspaceBytes] from `at`, off the heap
    /// @return false where `dk` is no decapsulation key (section 7.3; the fault of who made or changed it); then nothing
    ///         was written
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault); nothing is written
    /// @throws IllegalArgumentException   the workspace overlaps another range, or `shared` the key, an output is read-only, or
    ///                                    a secret or the workspace is on the heap (caller's fault); nothing is written
    @Override
    public boolean decapsulate(MemorySegment dk, long dkAt, MemorySegment ciphertext, long ciphertextAt,
            MemorySegment shared, long sharedAt, MemorySegment workspace, long at) {
        ranges.checkDecapsulation(dk, dkAt, ciphertext, ciphertextAt, shared, sharedAt, workspace, at);
        try {
            if (!checkHash(dk, dkAt, workspace, at)) {
                return false;
            }
            kPke.decrypt(dk, dkAt, false, ciphertext, ciphertextAt, workspace, at);
            long ekAt = dkAt + (long) k * Polynomial.ENCODED_12_BYTES;
            long zAt = dkAt + decapsulationKeyBytes() - SYMBYTES;
            open(dk, ekAt, false, zAt, ciphertext, ciphertextAt, shared, sharedAt, workspace, at);
            return true;
        } finally {
            Wipe.bytes(workspace, at, layout.bytes);
        }
    }

    /// Algorithm 18 from line 6 on, from m' and H(ek) in the workspace.
    void open(MemorySegment key, long keyAt, boolean expanded, long zAt, MemorySegment ciphertext, long ciphertextAt,
            MemorySegment shared, long sharedAt, MemorySegment w, long at) {
        derive(w, at);
        Xof.SHAKE_256.init(w, at + layout.states);
        Xof.SHAKE_256.absorb(w, at + layout.states, key, zAt, SYMBYTES);
        Xof.SHAKE_256.absorb(w, at + layout.states, ciphertext, ciphertextAt, ciphertextBytes);
        Xof.SHAKE_256.squeeze(w, at + layout.states, w, at + layout.rejected, SYMBYTES);
        long difference = kPke.encrypt(key, keyAt, expanded, ciphertext, ciphertextAt, true, w, at);
        ConstantTime.copyIf(~ConstantTime.maskOfZero(difference), w, at + layout.rejected, w, at + layout.derived,
                SYMBYTES);
        MemorySegment.copy(w, at + layout.derived, shared, sharedAt, SHARED_BYTES);
    }

    @Override
    public String toString() {
        return name;
    }
}
