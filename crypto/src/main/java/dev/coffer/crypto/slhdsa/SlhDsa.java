package dev.coffer.crypto.slhdsa;

import dev.coffer.crypto.Prehash;
import dev.coffer.crypto.Signature;
import dev.coffer.crypto.internal.Drawn;
import dev.coffer.crypto.internal.Ending;
import dev.coffer.crypto.internal.Ranges;
import dev.coffer.crypto.keccak.KeccakBatch;
import dev.coffer.crypto.sha2.CompressBatch;
import dev.coffer.memory.ConstantTime;
import dev.coffer.memory.Entropy;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Wipe;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// SLH-DSA (FIPS 205), signatures that rest on hash functions alone, over the caller's memory: twelve parameter sets, one object
/// each. Stateless, thread-safe; 0 heap bytes.
///
/// | with SHA2 or SHAKE | 128s | 128f | 192s | 192f | 256s | 256f |
/// |---|---|---|---|---|---|---|
/// | seed: SK.seed, SK.prf, PK.seed | 48 | 48 | 72 | 72 | 96 | 96 |
/// | public key | 32 | 32 | 48 | 48 | 64 | 64 |
/// | private key | 64 | 64 | 96 | 96 | 128 | 128 |
/// | signature | 7,856 | 17,088 | 16,224 | 35,664 | 29,792 | 49,856 |
/// | workspace of every operation, SHA2 | 2,600 | 2,504 | 3,472 | 3,328 | 4,568 | 4,408 |
/// | workspace of every operation, SHAKE | 1,656 | 1,560 | 2,528 | 2,384 | 3,624 | 3,464 |
///
/// All in bytes. The sets with `s` have short signatures and take tens of times as long to sign as those with `f`.
///
/// Strict, unless it is [#fast]: what is secret (SK.seed, SK.prf and all that follows from them until it is published) is in scalar locals and in the memory
/// given, off the heap, in no vector lane, and no branch, index or division depends on it. What decides which values a signature
/// opens is the digest of the message, which is public. A workspace is memory that nobody else uses during the call, apart from
/// inputs and outputs; it is zero afterwards, whatever happens. After an exception outputs are unchanged or wiped.
///
/// **Hedged and deterministic** (section 9.2): opt_rand is drawn from the source that is handed in; with [#DETERMINISTIC] it is
/// PK.seed.
///
/// **Faults.** Signing compares the root that it arrives at with PK.root, which costs nothing, and gives no signature where they differ: a
/// private key whose parts do not belong together, or a fault of the machine in the highest tree. A fault in a lower tree gives a
/// signature that verifies, so verifying would not see it; two such signatures by one key pair of WOTS+ can be used to forge (Castelnovi,
/// Martinelli and Prest, 2018), in the hedged variant too. Who must fear such faults signs twice with the same opt_rand and compares.
///
/// **Messages of any length.** The pure form reads a message twice (for R, then with R), so it is given whole; [#signPrehashed] takes the
/// digest of one that came in pieces. Verifying pieces of a pure message is not offered: who can choose takes the pre-hashed form.
public final class SlhDsa implements Signature {
    /// SLH-DSA-SHA2-128s, security category 1 (section 11, table 2).
    public static final SlhDsa SHA2_128S = new SlhDsa(new Parameters("SLH-DSA-SHA2-128s", false, 16, 63, 7, 9, 12, 14));
    /// SLH-DSA-SHAKE-128s, security category 1.
    public static final SlhDsa SHAKE_128S = new SlhDsa(new Parameters("SLH-DSA-SHAKE-128s", true, 16, 63, 7, 9, 12, 14));
    /// SLH-DSA-SHA2-128f, security category 1.
    public static final SlhDsa SHA2_128F = new SlhDsa(new Parameters("SLH-DSA-SHA2-128f", false, 16, 66, 22, 3, 6, 33));
    /// SLH-DSA-SHAKE-128f, security category 1.
    public static final SlhDsa SHAKE_128F = new SlhDsa(new Parameters("SLH-DSA-SHAKE-128f", true, 16, 66, 22, 3, 6, 33));
    /// SLH-DSA-SHA2-192s, security category 3.
    public static final SlhDsa SHA2_192S = new SlhDsa(new Parameters("SLH-DSA-SHA2-192s", false, 24, 63, 7, 9, 14, 17));
    /// SLH-DSA-SHAKE-192s, security category 3.
    public static final SlhDsa SHAKE_192S = new SlhDsa(new Parameters("SLH-DSA-SHAKE-192s", true, 24, 63, 7, 9, 14, 17));
    /// SLH-DSA-SHA2-192f, security category 3.
    public static final SlhDsa SHA2_192F = new SlhDsa(new Parameters("SLH-DSA-SHA2-192f", false, 24, 66, 22, 3, 8, 33));
    /// SLH-DSA-SHAKE-192f, security category 3.
    public static final SlhDsa SHAKE_192F = new SlhDsa(new Parameters("SLH-DSA-SHAKE-192f", true, 24, 66, 22, 3, 8, 33));
    /// SLH-DSA-SHA2-256s, security category 5.
    public static final SlhDsa SHA2_256S = new SlhDsa(new Parameters("SLH-DSA-SHA2-256s", false, 32, 64, 8, 8, 14, 22));
    /// SLH-DSA-SHAKE-256s, security category 5.
    public static final SlhDsa SHAKE_256S = new SlhDsa(new Parameters("SLH-DSA-SHAKE-256s", true, 32, 64, 8, 8, 14, 22));
    /// SLH-DSA-SHA2-256f, security category 5.
    public static final SlhDsa SHA2_256F = new SlhDsa(new Parameters("SLH-DSA-SHA2-256f", false, 32, 68, 17, 4, 9, 35));
    /// SLH-DSA-SHAKE-256f, security category 5.
    public static final SlhDsa SHAKE_256F = new SlhDsa(new Parameters("SLH-DSA-SHAKE-256f", true, 32, 68, 17, 4, 9, 35));

    /// All of them, in the order of table 2.
    public static final List<SlhDsa> SETS = List.of(SHA2_128S, SHAKE_128S, SHA2_128F, SHAKE_128F, SHA2_192S, SHAKE_192S, SHA2_192F,
            SHAKE_192F, SHA2_256S, SHAKE_256S, SHA2_256F, SHAKE_256F);

    /// Bytes of the longest context string (section 10.2).
    public static final int CONTEXT_BYTES_MAX = 255;

    private static final int PURE = 0;
    private static final int PREHASHED = 1;
    private static final int INTERNAL = -1;  // the message is M'

    final Parameters p;
    final SlhDsaLayout layout;
    private final HashFunctions functions;
    private final Fors fors;
    private final Hypertree hypertree;
    private final int n;

    /// Tests make smaller sets than the standard's.
    SlhDsa(Parameters p) {
        this(p, false, false);
    }

    /// Tests make fast sets without vectors too.
    ///
    /// @param wide  whether SHAKE's chains are walked by eight, not by four
    SlhDsa(Parameters p, boolean fast, boolean wide) {
        this.p = p;
        this.n = p.n();
        this.layout = new SlhDsaLayout(p, fast);
        LaneChains lanes;
        if (p.shake()) {
            ShakeFunctions shake = new ShakeFunctions(p, layout);
            this.functions = shake;
            lanes = fast ? new ShakeLanes(shake, wide) : null;
        } else {
            Sha2Functions sha2 = new Sha2Functions(p, layout);
            this.functions = sha2;
            lanes = fast ? new Sha2Lanes(sha2) : null;
        }
        MerkleTree trees = new MerkleTree(layout, functions);
        this.fors = new Fors(p, layout, functions, trees);
        this.hypertree = new Hypertree(p, layout, functions, lanes, trees);
    }

    // Made at the first wish, after their kernel's self-test, in the order of SETS.
    private static final class FastSha2 {
        static final List<SlhDsa> SETS = fast(false, false);
    }

    private static final class FastShake {
        static final List<SlhDsa> SETS = fast(true, KeccakBatch.wideVectorsServe());
    }

    /// {@return all sets, those of one family in their fast form}
    private static List<SlhDsa> fast(boolean shake, boolean wide) {
        return SETS.stream().map(set -> set.p.shake() == shake ? new SlhDsa(set.p, true, wide) : set).toList();
    }

    /// {@return the same set in the fast profile: its secrets pass through vector lanes, which lie in heap arrays until C2 has compiled the
    /// kernel (hundreds of calls) and are never wiped there; its workspace is larger ([#workspaceBytes] says how large). This very
    /// object where `dev.coffer.crypto.vector` (artifact `coffer-crypto-vector`) or the JDK's vector module is absent, or the kernel failed
    /// the self-test that its first use makes: the log says once which}
    public SlhDsa fast() {
        int i = SETS.indexOf(this);
        if (i < 0) {  // it is fast already
            return this;
        }
        if (p.shake()) {
            return KeccakBatch.wideVectorsServe() || KeccakBatch.vectorsServe() ? FastShake.SETS.get(i) : this;
        }
        return CompressBatch.vectorsServe() ? FastSha2.SETS.get(i) : this;
    }

    /// {@return the standard's name, such as `SLH-DSA-SHAKE-128f`}
    @Override
    public String name() {
        return p.name();
    }

    /// {@return bytes of a seed (section 9.1): SK.seed, SK.prf, PK.seed, n bytes each}
    @Override
    public int seedBytes() {
        return 3 * n;
    }

    /// {@return bytes of a public key (section 9.1): PK.seed, PK.root}
    @Override
    public int publicKeyBytes() {
        return 2 * n;
    }

    /// {@return bytes of a private key (section 9.1): SK.seed, SK.prf, PK.seed, PK.root}
    @Override
    public int privateKeyBytes() {
        return 4 * n;
    }

    /// {@return bytes of a signature (section 9.2): R, a signature of FORS, one of the hypertree}
    @Override
    public int signatureBytes() {
        return p.signatureBytes();
    }

    /// {@return bytes of the longest context: [#CONTEXT_BYTES_MAX]}
    @Override
    public int contextBytesMax() {
        return CONTEXT_BYTES_MAX;
    }

    /// {@return bytes of the workspace of signing: [#workspaceBytes]}
    @Override
    public long signWorkspaceBytes() {
        return layout.bytes;
    }

    /// {@return bytes of the workspace of every operation}
    @Override
    public long workspaceBytes() {
        return layout.bytes;
    }

    /// {@return what lies in a workspace, as a plan of [#workspaceBytes]}
    public MemoryPlan plan() {
        return layout.plan(p.name() + " workspace");
    }

    /// slh_keygen_internal (algorithm 18): both keys from a seed.
    ///
    /// @param seed       [#seedBytes] off the heap: SK.seed and SK.prf, which are secret, and PK.seed
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
        Ranges.checkSecret(p.name(), seed, seedAt, seedBytes());
        Ranges.checkWritable(p.name(), pk, pkAt, publicKeyBytes());
        Ranges.checkWorkspace(p.name(), sk, skAt, privateKeyBytes());
        Ranges.checkWorkspace(p.name(), workspace, at, layout.bytes);
        Ranges.apart(p.name(), seed, seedAt, seedBytes(), pk, pkAt, publicKeyBytes());
        Ranges.apart(p.name(), seed, seedAt, seedBytes(), sk, skAt, privateKeyBytes());
        Ranges.apart(p.name(), pk, pkAt, publicKeyBytes(), sk, skAt, privateKeyBytes());
        apart(workspace, at, seed, seedAt, seedBytes());
        apart(workspace, at, pk, pkAt, publicKeyBytes());
        apart(workspace, at, sk, skAt, privateKeyBytes());
        boolean done = false;
        try {
            MemorySegment.copy(seed, seedAt, workspace, at + layout.skSeed, n);
            MemorySegment.copy(seed, seedAt + 2L * n, workspace, at + layout.pkSeed, n);
            functions.begin(workspace, at);
            hypertree.generate(workspace, at);
            MemorySegment.copy(seed, seedAt, sk, skAt, seedBytes());
            MemorySegment.copy(workspace, at + layout.root, sk, skAt + 3L * n, n);
            MemorySegment.copy(workspace, at + layout.pkSeed, pk, pkAt, n);
            MemorySegment.copy(workspace, at + layout.root, pk, pkAt + n, n);
            done = true;
            return true;
        } finally {
            Ending.end(done, sk, skAt, privateKeyBytes(), pk, pkAt, publicKeyBytes(), workspace, at, layout.bytes);
        }
    }

    private void apart(MemorySegment workspace, long at, MemorySegment segment, long segmentAt, long length) {
        Ranges.apart(p.name(), workspace, at, layout.bytes, segment, segmentAt, length);
    }

    /// slh_sign (algorithm 22): signs a message in one piece.
    ///
    /// @param entropy        where opt_rand is drawn, straight into the workspace: `Entropy.SYSTEM`, or [#DETERMINISTIC]
    /// @param sk             [#privateKeyBytes] off the heap
    /// @param message        public or not; read twice, so it must not change meanwhile
    /// @param length         bytes of the message, 0 or more
    /// @param context        for what the signature is, agreed with who verifies
    /// @param contextLength  bytes of it, 0 to [#CONTEXT_BYTES_MAX]
    /// @param signature      room for [#signatureBytes], apart from the others
    /// @param workspace      [#workspaceBytes] from `at`, off the heap
    /// @return false where PK.root is not the root that the seeds of `sk` make (the fault of who made it, or of the machine); then
    ///         the signature is zero
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault); nothing is written
    /// @throws IllegalArgumentException   a longer context, ranges overlap, an output is read-only, or the key or the
    ///                                    workspace is on the heap (caller's fault); nothing is written
    /// @throws IllegalStateException      the source has no bytes; nothing is written
    @Override
    public boolean sign(Entropy entropy, MemorySegment sk, long skAt, MemorySegment message, long messageAt, long length,
            MemorySegment context, long contextAt, int contextLength, MemorySegment signature, long signatureAt,
            MemorySegment workspace, long at) {
        return sign(entropy, sk, skAt, PURE, null, message, messageAt, length, context, contextAt, contextLength, signature, signatureAt,
                workspace, at);
    }

    /// hash_slh_sign (algorithm 23): signs the digest of a message, which may have come in pieces.
    ///
    /// @param function  what made the digest
    /// @param digest    [Prehash#digestBytes] bytes
    /// @see #sign
    public boolean signPrehashed(Entropy entropy, MemorySegment sk, long skAt, Prehash function, MemorySegment digest,
            long digestAt, MemorySegment context, long contextAt, int contextLength, MemorySegment signature,
            long signatureAt, MemorySegment workspace, long at) {
        return sign(entropy, sk, skAt, PREHASHED, function, digest, digestAt, function.digestBytes(), context, contextAt, contextLength,
                signature, signatureAt, workspace, at);
    }

    /// slh_sign_internal (algorithm 19), for tests: the message is M'.
    boolean signInternal(Entropy entropy, MemorySegment sk, MemorySegment message, MemorySegment signature, MemorySegment workspace) {
        return sign(entropy, sk, 0, INTERNAL, null, message, 0, message.byteSize(), message, 0, 0, signature, 0, workspace, 0);
    }

    private boolean sign(Entropy entropy, MemorySegment sk, long skAt, int form, @Nullable Prehash function, MemorySegment message,
            long messageAt, long length, MemorySegment context, long contextAt, int contextLength, MemorySegment signature,
            long signatureAt, MemorySegment w, long at) {
        if (contextLength > CONTEXT_BYTES_MAX) {
            throw new IllegalArgumentException(p.name() + " context: " + contextLength + " bytes (expected at most " + CONTEXT_BYTES_MAX
                    + ", FIPS 205 section 10.2)");
        }
        Ranges.checkSecret(p.name(), sk, skAt, privateKeyBytes());
        Ranges.check(p.name(), message, messageAt, length);
        Ranges.check(p.name(), context, contextAt, contextLength);
        Ranges.checkWritable(p.name(), signature, signatureAt, signatureBytes());
        Ranges.checkWorkspace(p.name(), w, at, layout.bytes);
        Ranges.apart(p.name(), sk, skAt, privateKeyBytes(), signature, signatureAt, signatureBytes());
        Ranges.apart(p.name(), message, messageAt, length, signature, signatureAt, signatureBytes());
        Ranges.apart(p.name(), context, contextAt, contextLength, signature, signatureAt, signatureBytes());
        apart(w, at, sk, skAt, privateKeyBytes());
        apart(w, at, message, messageAt, length);
        apart(w, at, context, contextAt, contextLength);
        apart(w, at, signature, signatureAt, signatureBytes());
        boolean written = false;
        boolean valid = false;
        try {
            MemorySegment.copy(sk, skAt, w, at + layout.skSeed, n);
            MemorySegment.copy(sk, skAt + 2L * n, w, at + layout.pkSeed, 2L * n);  // PK.seed, PK.root
            functions.copy(w, at + layout.pkSeed, at + layout.random);
            if (entropy != DETERMINISTIC) {
                Drawn.fill(p.name(), entropy, w, at + layout.random, n);
            }
            functions.begin(w, at);
            functions.beginRandom(w, at, sk, skAt + n);
            message(w, at, true, form, function, message, messageAt, length, context, contextAt, contextLength);
            functions.endRandom(w, at);
            digest(w, at, form, function, message, messageAt, length, context, contextAt, contextLength);
            written = true;
            MemorySegment.copy(w, at + layout.random, signature, signatureAt, n);
            fors.sign(w, at, tree(w, at), leaf(w, at), signature, signatureAt + n);
            hypertree.sign(w, at, tree(w, at), leaf(w, at), signature, signatureAt + n + p.forsBytes());
            valid = ConstantTime.equal(w, at + layout.root, w, at + layout.pkRoot, n);
            return valid;
        } finally {
            Ending.end(valid || !written, signature, signatureAt, signatureBytes(), w, at, layout.bytes);
        }
    }

    private void digest(MemorySegment w, long at, int form, @Nullable Prehash function, MemorySegment message, long messageAt, long length,
            MemorySegment context, long contextAt, int contextLength) {
        functions.beginDigest(w, at);
        message(w, at, false, form, function, message, messageAt, length, context, contextAt, contextLength);
        functions.endDigest(w, at);
    }

    /// M' (algorithms 22 and 23), to the hash that is running.
    private void message(MemorySegment w, long at, boolean random, int form, @Nullable Prehash function, MemorySegment message, long messageAt,
            long length, MemorySegment context, long contextAt, int contextLength) {
        long prefix = at + layout.prefix;
        if (form != INTERNAL) {
            w.set(ValueLayout.JAVA_BYTE, prefix, (byte) form);
            w.set(ValueLayout.JAVA_BYTE, prefix + 1, (byte) contextLength);
            take(w, at, random, w, prefix, 2);
            take(w, at, random, context, contextAt, contextLength);
        }
        if (form == PREHASHED) {
            Objects.requireNonNull(function, "prehashed").identifier(w, prefix);
            take(w, at, random, w, prefix, Prehash.IDENTIFIER_BYTES);
        }
        take(w, at, random, message, messageAt, length);
    }

    private void take(MemorySegment w, long at, boolean random, MemorySegment part, long partAt, long length) {
        if (random) {
            functions.takeRandom(w, at, part, partAt, length);
        } else {
            functions.takeDigest(w, at, part, partAt, length);
        }
    }

    /// The number of the lowest tree, from the digest (algorithm 19, lines 7 and 9).
    private long tree(MemorySegment w, long at) {
        return number(w, at + layout.digest + p.mdBytes(), p.treeBytes()) & p.treeMask();
    }

    /// The number of the leaf in it (lines 8 and 10).
    private int leaf(MemorySegment w, long at) {
        return (int) number(w, at + layout.digest + p.mdBytes() + p.treeBytes(), p.leafBytes()) & p.leafMask();
    }

    private static long number(MemorySegment w, long at, int length) {
        long number = 0;
        for (int i = 0; i < length; i++) {
            number = number << Byte.SIZE | w.get(ValueLayout.JAVA_BYTE, at + i) & 0xff;
        }
        return number;
    }

    /// slh_verify (algorithm 24). All of it is public.
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
        return verify(pk, pkAt, PURE, null, message, messageAt, length, context, contextAt, contextLength, signature, signatureAt,
                signatureLength, workspace, at);
    }

    /// hash_slh_verify (algorithm 25).
    ///
    /// @param function  what made the digest
    /// @param digest    [Prehash#digestBytes] bytes
    /// @see #verify
    public boolean verifyPrehashed(MemorySegment pk, long pkAt, Prehash function, MemorySegment digest, long digestAt,
            MemorySegment context, long contextAt, int contextLength, MemorySegment signature, long signatureAt,
            long signatureLength, MemorySegment workspace, long at) {
        return verify(pk, pkAt, PREHASHED, function, digest, digestAt, function.digestBytes(), context, contextAt, contextLength,
                signature, signatureAt, signatureLength, workspace, at);
    }

    /// slh_verify_internal (algorithm 20), for tests: the message is M'.
    boolean verifyInternal(MemorySegment pk, MemorySegment message, MemorySegment signature, MemorySegment workspace) {
        return verify(pk, 0, INTERNAL, null, message, 0, message.byteSize(), message, 0, 0, signature, 0, signature.byteSize(), workspace,
                0);
    }

    private boolean verify(MemorySegment pk, long pkAt, int form, @Nullable Prehash function, MemorySegment message, long messageAt, long length,
            MemorySegment context, long contextAt, int contextLength, MemorySegment signature, long signatureAt,
            long signatureLength, MemorySegment w, long at) {
        Ranges.check(p.name(), pk, pkAt, publicKeyBytes());
        Ranges.check(p.name(), message, messageAt, length);
        Ranges.check(p.name(), context, contextAt, contextLength);
        Ranges.check(p.name(), signature, signatureAt, signatureLength);
        Ranges.checkWorkspace(p.name(), w, at, layout.bytes);
        apart(w, at, pk, pkAt, publicKeyBytes());
        apart(w, at, message, messageAt, length);
        apart(w, at, context, contextAt, contextLength);
        apart(w, at, signature, signatureAt, signatureLength);
        try {
            if (signatureLength != signatureBytes() || contextLength > CONTEXT_BYTES_MAX) {
                return false;
            }
            MemorySegment.copy(pk, pkAt, w, at + layout.pkSeed, 2L * n);
            MemorySegment.copy(signature, signatureAt, w, at + layout.random, n);
            functions.begin(w, at);
            digest(w, at, form, function, message, messageAt, length, context, contextAt, contextLength);
            fors.publicKeyFromSignature(w, at, tree(w, at), leaf(w, at), signature, signatureAt + n);
            hypertree.rootFromSignature(w, at, tree(w, at), leaf(w, at), signature, signatureAt + n + p.forsBytes());
            return ConstantTime.equal(w, at + layout.root, w, at + layout.pkRoot, n);
        } finally {
            Wipe.bytes(w, at, layout.bytes);
        }
    }

    @Override
    public String toString() {
        return p.name();
    }
}
