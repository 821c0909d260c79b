package dev.coffer.crypto.mldsa;

import dev.coffer.crypto.Prehash;
import dev.coffer.crypto.Signature;
import dev.coffer.crypto.Xof;
import dev.coffer.crypto.internal.Drawn;
import dev.coffer.crypto.internal.Ending;
import dev.coffer.crypto.internal.Ranges;
import dev.coffer.memory.Entropy;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Wipe;
import java.lang.foreign.MemorySegment;

/// ML-DSA (FIPS 204), signatures over the caller's memory: three parameter sets, one object each. Stateless, thread-safe;
/// 0 heap bytes. Where the module
/// `dev.coffer.crypto.vector` is added the matrix, which is public, passes vectors: then they are 0 once C2 has compiled its kernel, as measured, and not
/// by construction.
///
/// | | ML-DSA-44 | ML-DSA-65 | ML-DSA-87 |
/// |---|---|---|---|
/// | public key | 1,312 | 1,952 | 2,592 |
/// | private key, expanded as the standard encodes it | 2,560 | 4,032 | 4,896 |
/// | seed, all that need be kept of a private key | 32 | 32 | 32 |
/// | signature | 2,420 | 3,309 | 4,627 |
/// | workspace of signing | 16,448 | 19,584 | 23,744 |
/// | workspace of everything else | 12,888 | 13,976 | 16,088 |
/// | [ExpandedSigningKey] | 28,768 | 48,224 | 80,992 |
/// | [ExpandedVerifyingKey] | 20,544 | 36,928 | 65,600 |
///
/// All in bytes. Strict: what is secret is in scalar locals and in the memory given, off the heap, and no branch, index or
/// division depends on it; rejection in signing and key generation shows how often it happened, as the standard's
/// algorithms do. The matrix is public: it may be sampled in vector lanes. A workspace is memory that nobody else uses
/// during the call, apart from inputs and outputs; it is zero afterwards, whatever happens. After an exception outputs are
/// unchanged or wiped.
///
/// **Hedged and deterministic** (section 3.4): rnd is drawn from the source that is handed in; [#DETERMINISTIC] stands for
/// the deterministic variant, in which a fault of the machine while it signs one message twice can give the key away.
/// A signature is not verified before it is given: with fresh rnd such faults have no second signature to be compared with,
/// and it would cost a third of the signing again. Who must fear them verifies with [#verify].
///
/// **Messages of any length**: [#beginMu], [#updateMu], [#endMu] hash a message in pieces to mu, which [#signMu] and
/// [#verifyMu] take. The signatures are those of [#sign].
public final class MlDsa implements Signature {
    static final long GAMMA2_32 = (Ntt.Q - 1) / 32;
    private static final long GAMMA2_88 = (Ntt.Q - 1) / 88;

    /// ML-DSA-44, security category 2 (section 4, table 1).
    public static final MlDsa ML_DSA_44 =
            new MlDsa(new Parameters("ML-DSA-44", 4, 4, 2, 3, 39, 18, GAMMA2_88, 6, 80, 32));
    /// ML-DSA-65, security category 3 (section 4, table 1).
    public static final MlDsa ML_DSA_65 =
            new MlDsa(new Parameters("ML-DSA-65", 6, 5, 4, 4, 49, 20, GAMMA2_32, 4, 55, 48));
    /// ML-DSA-87, security category 5 (section 4, table 1).
    public static final MlDsa ML_DSA_87 =
            new MlDsa(new Parameters("ML-DSA-87", 8, 7, 2, 3, 60, 20, GAMMA2_32, 4, 75, 64));

    /// Bytes of a seed (section 3.6.1): xi.
    public static final int SEED_BYTES = 32;
    /// Bytes of mu (section 6.2), and of the hash of a public key, tr (section 4).
    public static final int MU_BYTES = 64;
    /// Bytes of the longest context string (section 5.2).
    public static final int CONTEXT_BYTES_MAX = 255;
    /// Bytes of the state of a message that comes in pieces: SHAKE256, and two of the context's head.
    public static final long STATE_BYTES = Xof.STATE_BYTES + 2;

    private static final int RND_BYTES = 32;

    final Parameters p;
    final MlDsaLayout small;
    final MlDsaLayout whole;
    final Lattice lattice;
    final MlDsaPlaces places;

    private MlDsa(Parameters p) {
        this.p = p;
        this.small = new MlDsaLayout(p.k(), p.l(), false);
        this.whole = new MlDsaLayout(p.k(), p.l(), true);
        this.lattice = new Lattice(p, small, whole);
        this.places = new MlDsaPlaces(p, small, whole);
    }

    /// {@return the standard's name, such as `ML-DSA-65`}
    @Override
    public String name() {
        return p.name();
    }

    /// {@return bytes of a seed: [#SEED_BYTES]}
    @Override
    public int seedBytes() {
        return SEED_BYTES;
    }

    /// {@return bytes of the longest context: [#CONTEXT_BYTES_MAX]}
    @Override
    public int contextBytesMax() {
        return CONTEXT_BYTES_MAX;
    }

    /// {@return bytes of a public key (section 7.2): rho, and ten bits of each coefficient of t1}
    @Override
    public int publicKeyBytes() {
        return p.publicKeyBytes();
    }

    /// {@return bytes of a private key (section 7.2): rho, K, tr, s1, s2, t0}
    @Override
    public int privateKeyBytes() {
        return (int) lattice.privateKeyBytes();
    }

    /// {@return bytes of a signature (section 7.2): c~, z, hints}
    @Override
    public int signatureBytes() {
        return p.signatureBytes();
    }

    /// {@return bytes of the workspace of signing}
    @Override
    public long signWorkspaceBytes() {
        return whole.bytes;
    }

    /// {@return bytes of the workspace of key generation, verifying and hashing}
    @Override
    public long workspaceBytes() {
        return small.bytes;
    }

    /// {@return what lies in the workspace of signing, as a plan of [#signWorkspaceBytes]}
    public MemoryPlan signPlan() {
        return whole.plan(p.name() + " signing");
    }

    /// {@return what lies in the workspace of everything else, as a plan of [#workspaceBytes]}
    public MemoryPlan plan() {
        return small.plan(p.name() + " workspace");
    }

    /// ML-DSA.KeyGen_internal (algorithm 6): both keys from a seed.
    ///
    /// @param seed       [#SEED_BYTES] off the heap: xi, secret, and all that need be kept
    /// @param pk         room for [#publicKeyBytes], apart from the others
    /// @param sk         room off the heap for [#privateKeyBytes], apart from the others
    /// @param workspace  [#workspaceBytes] from `at`, off the heap
    /// @return true: every seed makes a key
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault); nothing is written
    /// @throws IllegalArgumentException   ranges overlap, an output is read-only, or a secret or the workspace is on the
    ///                                    heap (caller's fault); nothing is written
    @Override
    public boolean keyPair(MemorySegment seed, long seedAt, MemorySegment pk, long pkAt, MemorySegment sk, long skAt,
            MemorySegment workspace, long at) {
        places.checkGenerating(seed, seedAt, pk, pkAt, sk, skAt, privateKeyBytes(), workspace, at);
        boolean done = false;
        try {
            MemorySegment.copy(seed, seedAt, workspace, at + small.seeds, SEED_BYTES);
            lattice.generate(pk, pkAt, sk, skAt, workspace, at);
            done = true;
            return true;
        } finally {
            Ending.end(done, pk, pkAt, publicKeyBytes(), sk, skAt, privateKeyBytes(), workspace, at, small.bytes);
        }
    }

    /// Computes the public key of a private one, and whether all parts of that belong together: t0 and tr follow from the rest. A seed
    /// makes both in one; this is for private keys that came without one.
    ///
    /// @param sk         [#privateKeyBytes] off the heap
    /// @param pk         room for [#publicKeyBytes], apart from the others
    /// @param workspace  [#workspaceBytes] from `at`, off the heap
    /// @return false where `sk` is no private key (the fault of who made it); then `pk` is zero
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault); nothing is written
    /// @throws IllegalArgumentException   ranges overlap, the output is read-only, or the key or the workspace is on the heap
    ///                                    (caller's fault); nothing is written
    public boolean publicKey(MemorySegment sk, long skAt, MemorySegment pk, long pkAt, MemorySegment workspace, long at) {
        places.checkDeriving(sk, skAt, privateKeyBytes(), pk, pkAt, workspace, at);
        boolean good = false;
        try {
            good = lattice.publicKey(sk, skAt, pk, pkAt, workspace, at);
            return good;
        } finally {
            Ending.end(good, pk, pkAt, publicKeyBytes(), workspace, at, small.bytes);
        }
    }

    /// ML-DSA.Sign (algorithm 2): signs a message in one piece.
    ///
    /// @param entropy        where rnd is drawn, straight into the workspace: `Entropy.SYSTEM`, or [#DETERMINISTIC]
    /// @param sk             [#privateKeyBytes] off the heap
    /// @param message        public or not
    /// @param length         bytes of the message, 0 or more
    /// @param context        for what the signature is, agreed with who verifies
    /// @param contextLength  bytes of it, 0 to [#CONTEXT_BYTES_MAX]
    /// @param signature      room for [#signatureBytes], apart from the others
    /// @param workspace      [#signWorkspaceBytes] from `at`, off the heap
    /// @return false where `sk` is no private key (algorithm 25; the fault of who made it); then nothing was written
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault); nothing is written
    /// @throws IllegalArgumentException   a longer context, ranges overlap, an output is read-only, or the key or the
    ///                                    workspace is on the heap (caller's fault); nothing is written
    /// @throws IllegalStateException      the source has no bytes; nothing is written
    @Override
    public boolean sign(Entropy entropy, MemorySegment sk, long skAt, MemorySegment message, long messageAt, long length,
            MemorySegment context, long contextAt, int contextLength, MemorySegment signature, long signatureAt,
            MemorySegment workspace, long at) {
        checkContext(contextLength);
        places.checkSigning(sk, skAt, privateKeyBytes(), message, messageAt, length, context, contextAt, contextLength, signature,
                signatureAt, workspace, at);
        try {
            mu(sk, skAt + lattice.trAt(false), 0, context, contextAt, contextLength, message, messageAt, length, whole, workspace,
                    at);
            return signed(entropy, sk, skAt, false, signature, signatureAt, workspace, at);
        } finally {
            Wipe.bytes(workspace, at, whole.bytes);
        }
    }

    /// HashML-DSA.Sign (algorithm 4): signs the digest of a message.
    ///
    /// @param function  what made the digest
    /// @param digest    [Prehash#digestBytes] bytes
    /// @see #sign
    public boolean signPrehashed(Entropy entropy, MemorySegment sk, long skAt, Prehash function, MemorySegment digest,
            long digestAt, MemorySegment context, long contextAt, int contextLength, MemorySegment signature,
            long signatureAt, MemorySegment workspace, long at) {
        checkContext(contextLength);
        places.checkSigning(sk, skAt, privateKeyBytes(), digest, digestAt, function.digestBytes(), context, contextAt, contextLength,
                signature, signatureAt, workspace, at);
        try {
            muOfDigest(sk, skAt + lattice.trAt(false), function, digest, digestAt, context, contextAt, contextLength, whole,
                    workspace, at);
            return signed(entropy, sk, skAt, false, signature, signatureAt, workspace, at);
        } finally {
            Wipe.bytes(workspace, at, whole.bytes);
        }
    }

    /// Signs mu, which was computed of a message elsewhere or in pieces (section 6.2; *external mu*).
    ///
    /// @param mu  [#MU_BYTES] bytes
    /// @see #sign
    public boolean signMu(Entropy entropy, MemorySegment sk, long skAt, MemorySegment mu, long muAt, MemorySegment signature,
            long signatureAt, MemorySegment workspace, long at) {
        places.checkSigning(sk, skAt, privateKeyBytes(), mu, muAt, MU_BYTES, mu, muAt, 0, signature, signatureAt, workspace, at);
        try {
            MemorySegment.copy(mu, muAt, workspace, at + whole.mu, MU_BYTES);
            return signed(entropy, sk, skAt, false, signature, signatureAt, workspace, at);
        } finally {
            Wipe.bytes(workspace, at, whole.bytes);
        }
    }

    /// ML-DSA.Sign_internal (algorithm 7), for tests: the message is M'.
    boolean signInternal(Entropy entropy, MemorySegment sk, long skAt, MemorySegment message, long length, MemorySegment signature,
            MemorySegment workspace, long at) {
        try {
            mu(sk, skAt + lattice.trAt(false), -1, message, 0, 0, message, 0, length, whole, workspace, at);
            return signed(entropy, sk, skAt, false, signature, 0, workspace, at);
        } finally {
            Wipe.bytes(workspace, at, whole.bytes);
        }
    }

    /// From mu in the workspace, which who calls wipes.
    boolean signed(Entropy entropy, MemorySegment sk, long skAt, boolean expanded, MemorySegment signature, long signatureAt,
            MemorySegment w, long at) {
        if (!expanded && lattice.checkPrivateKey(sk, skAt, w, at + whole.term) < 0) {
            return false;
        }
        if (entropy == DETERMINISTIC) {
            Wipe.bytes(w, at + whole.rnd, RND_BYTES);
        } else {
            Drawn.fill(p.name(), entropy, w, at + whole.rnd, RND_BYTES);
        }
        boolean done = false;
        try {
            lattice.sign(sk, skAt, expanded, signature, signatureAt, w, at);
            done = true;
            return true;
        } finally {
            if (!done) {
                Wipe.bytes(signature, signatureAt, signatureBytes());
            }
        }
    }

    /// mu of a message in one piece, to the workspace.
    static void mu(MemorySegment tr, long trAt, int prefix, MemorySegment context, long contextAt, int contextLength,
            MemorySegment message, long messageAt, long length, MlDsaLayout layout, MemorySegment w, long at) {
        Lattice.beginMu(tr, trAt, prefix, context, contextAt, contextLength, w, at + layout.hash, at + layout.coded);
        Xof.SHAKE_256.absorb(w, at + layout.hash, message, messageAt, length);
        Xof.SHAKE_256.squeeze(w, at + layout.hash, w, at + layout.mu, MU_BYTES);
    }

    static void muOfDigest(MemorySegment tr, long trAt, Prehash function, MemorySegment digest, long digestAt,
            MemorySegment context, long contextAt, int contextLength, MlDsaLayout layout, MemorySegment w, long at) {
        Lattice.beginMu(tr, trAt, 1, context, contextAt, contextLength, w, at + layout.hash, at + layout.coded);
        function.identifier(w, at + layout.coded);
        Xof.SHAKE_256.absorb(w, at + layout.hash, w, at + layout.coded, Prehash.IDENTIFIER_BYTES);
        Xof.SHAKE_256.absorb(w, at + layout.hash, digest, digestAt, function.digestBytes());
        Xof.SHAKE_256.squeeze(w, at + layout.hash, w, at + layout.mu, MU_BYTES);
    }

    /// ML-DSA.Verify (algorithm 3). All of it is public.
    ///
    /// @param pk               [#publicKeyBytes]
    /// @param contextLength    bytes of the context; more than [#CONTEXT_BYTES_MAX] verify as false
    /// @param signatureLength  bytes of the signature; another number than [#signatureBytes] verifies as false
    /// @param workspace        [#workspaceBytes] from `at`, off the heap
    /// @return whether the signature is valid; false is the signer's fault, or that of who changed something on the way
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault); nothing is written
    /// @throws IllegalArgumentException   the workspace overlaps another range or is on the heap (caller's fault); nothing is
    ///                                    written
    @Override
    public boolean verify(MemorySegment pk, long pkAt, MemorySegment message, long messageAt, long length,
            MemorySegment context, long contextAt, int contextLength, MemorySegment signature, long signatureAt,
            long signatureLength, MemorySegment workspace, long at) {
        places.checkVerifying(pk, pkAt, publicKeyBytes(), message, messageAt, length, context, contextAt, contextLength, signature,
                signatureAt, signatureLength, workspace, at);
        try {
            if (signatureLength != signatureBytes() || contextLength > CONTEXT_BYTES_MAX) {
                return false;
            }
            tr(pk, pkAt, workspace, at, workspace, at + small.maskSeed);
            mu(workspace, at + small.maskSeed, 0, context, contextAt, contextLength, message, messageAt, length, small, workspace,
                    at);
            return lattice.verify(pk, pkAt, false, signature, signatureAt, workspace, at);
        } finally {
            Wipe.bytes(workspace, at, small.bytes);
        }
    }

    /// HashML-DSA.Verify (algorithm 5).
    ///
    /// @param function  what made the digest
    /// @param digest    [Prehash#digestBytes] bytes
    /// @see #verify
    public boolean verifyPrehashed(MemorySegment pk, long pkAt, Prehash function, MemorySegment digest, long digestAt,
            MemorySegment context, long contextAt, int contextLength, MemorySegment signature, long signatureAt,
            long signatureLength, MemorySegment workspace, long at) {
        places.checkVerifying(pk, pkAt, publicKeyBytes(), digest, digestAt, function.digestBytes(), context, contextAt, contextLength,
                signature, signatureAt, signatureLength, workspace, at);
        try {
            if (signatureLength != signatureBytes() || contextLength > CONTEXT_BYTES_MAX) {
                return false;
            }
            tr(pk, pkAt, workspace, at, workspace, at + small.maskSeed);
            muOfDigest(workspace, at + small.maskSeed, function, digest, digestAt, context, contextAt, contextLength, small,
                    workspace, at);
            return lattice.verify(pk, pkAt, false, signature, signatureAt, workspace, at);
        } finally {
            Wipe.bytes(workspace, at, small.bytes);
        }
    }

    /// Verifies a signature of mu.
    ///
    /// @param mu  [#MU_BYTES] bytes
    /// @see #verify
    public boolean verifyMu(MemorySegment pk, long pkAt, MemorySegment mu, long muAt, MemorySegment signature,
            long signatureAt, long signatureLength, MemorySegment workspace, long at) {
        places.checkVerifying(pk, pkAt, publicKeyBytes(), mu, muAt, MU_BYTES, mu, muAt, 0, signature, signatureAt, signatureLength,
                workspace, at);
        try {
            MemorySegment.copy(mu, muAt, workspace, at + small.mu, MU_BYTES);
            return signatureLength == signatureBytes() && lattice.verify(pk, pkAt, false, signature, signatureAt, workspace, at);
        } finally {
            Wipe.bytes(workspace, at, small.bytes);
        }
    }

    /// ML-DSA.Verify_internal (algorithm 8), for tests: the message is M'.
    boolean verifyInternal(MemorySegment pk, MemorySegment message, long length, MemorySegment signature, long signatureLength,
            MemorySegment workspace) {
        tr(pk, 0, workspace, 0, workspace, small.maskSeed);
        mu(workspace, small.maskSeed, -1, message, 0, 0, message, 0, length, small, workspace, 0);
        return signatureLength == signatureBytes() && lattice.verify(pk, 0, false, signature, 0, workspace, 0);
    }

    private void tr(MemorySegment pk, long pkAt, MemorySegment w, long at, MemorySegment tr, long trAt) {
        Xof.SHAKE_256.expand(w, at + small.hash, pk, pkAt, publicKeyBytes(), tr, trAt, MU_BYTES);
    }

    /// Computes tr, the hash of a public key, which [#beginMu] starts with. A private key has it at 64.
    ///
    /// @param pk         [#publicKeyBytes]
    /// @param tr         room for [#MU_BYTES]
    /// @param workspace  [#workspaceBytes] from `at`, off the heap
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault); nothing is written
    /// @throws IllegalArgumentException   the workspace overlaps another range or is on the heap, or the output is read-only
    ///                                    (caller's fault); nothing is written
    public void hashPublicKey(MemorySegment pk, long pkAt, MemorySegment tr, long trAt, MemorySegment workspace, long at) {
        places.checkHashing(pk, pkAt, tr, trAt, workspace, at);
        try {
            tr(pk, pkAt, workspace, at, tr, trAt);
        } finally {
            Wipe.bytes(workspace, at, small.bytes);
        }
    }

    /// Begins mu of a message that comes in pieces, pure form (algorithms 2 and 7): tr and the context.
    ///
    /// @param tr             [#MU_BYTES], of [#hashPublicKey]
    /// @param contextLength  bytes of the context, 0 to [#CONTEXT_BYTES_MAX]
    /// @param state          [#STATE_BYTES] from `at`, off the heap; whatever lay there is overwritten
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault); nothing is written
    /// @throws IllegalArgumentException   a longer context, the state overlaps another range or is on the heap (caller's
    ///                                    fault); nothing is written
    public static void beginMu(MemorySegment tr, long trAt, MemorySegment context, long contextAt, int contextLength,
            MemorySegment state, long at) {
        checkContext(contextLength);
        Ranges.check("mu", tr, trAt, MU_BYTES);
        Ranges.check("mu", context, contextAt, contextLength);
        Ranges.checkWorkspace("mu", state, at, STATE_BYTES);
        Ranges.apart("mu", state, at, STATE_BYTES, tr, trAt, MU_BYTES);
        Ranges.apart("mu", state, at, STATE_BYTES, context, contextAt, contextLength);
        boolean done = false;
        try {
            Lattice.beginMu(tr, trAt, 0, context, contextAt, contextLength, state, at, at + Xof.STATE_BYTES);
            done = true;
        } finally {
            if (!done) {
                Wipe.bytes(state, at, STATE_BYTES);
            }
        }
    }

    /// Takes the next piece of the message, of any length.
    ///
    /// @throws IllegalStateException      nothing was begun (caller's fault)
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault); nothing is taken
    /// @throws IllegalArgumentException   the piece lies in the state (caller's fault); nothing is taken
    public static void updateMu(MemorySegment message, long messageAt, long length, MemorySegment state, long at) {
        Xof.SHAKE_256.absorb(state, at, message, messageAt, length);
    }

    /// Ends the message, writes mu and wipes the state.
    ///
    /// @param mu  room for [#MU_BYTES]
    /// @throws IllegalStateException      nothing was begun (caller's fault)
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault); nothing is written
    public static void endMu(MemorySegment mu, long muAt, MemorySegment state, long at) {
        Ranges.checkWorkspace("mu", state, at, STATE_BYTES);
        Xof.SHAKE_256.squeeze(state, at, mu, muAt, MU_BYTES);
        Wipe.bytes(state, at, STATE_BYTES);
    }

    static void checkContext(int contextLength) {
        if (contextLength > CONTEXT_BYTES_MAX) {
            throw new IllegalArgumentException("ML-DSA context: " + contextLength + " bytes (expected at most " + CONTEXT_BYTES_MAX
                    + ", FIPS 204 section 5.2)");
        }
    }

    @Override
    public String toString() {
        return p.name();
    }
}
