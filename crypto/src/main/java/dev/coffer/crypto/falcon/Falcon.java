package dev.coffer.crypto.falcon;

import dev.coffer.crypto.Signature;
import dev.coffer.crypto.Xof;
import dev.coffer.crypto.internal.Drawn;
import dev.coffer.crypto.internal.Ending;
import dev.coffer.crypto.internal.Ranges;
import dev.coffer.memory.ConstantTime;
import dev.coffer.memory.Entropy;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Wipe;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/// Falcon as submitted to NIST's third round (specification v1.2), short signatures from lattices over the caller's memory: two parameter
/// sets, one object each. Stateless, thread-safe; 0 heap bytes.
///
/// **Not a standard yet.** FIPS 206 (FN-DSA) will be made of Falcon and is not final: its signatures will not be these (the hash of a
/// message takes more than salt and message, and there are contexts). What is signed with this class is for who agreed on Falcon.
///
/// | | Falcon-512 | Falcon-1024 |
/// |---|---|---|
/// | public key | 897 | 1,793 |
/// | private key: f, g, F | 1,281 | 2,305 |
/// | seed, all that need be kept of a private key | 48 | 48 |
/// | signature, padded: what [Signature] means | 666 | 1,280 |
/// | signature, compressed: about, and at most | 655, 752 | 1,271, 1,462 |
/// | signature, in constant time | 809 | 1,577 |
/// | workspace of signing | 42,052 | 83,012 |
/// | workspace of key generation, and of everything else | 17,848 | 35,256 |
/// | of it, [verifying][#verifyWorkspaceBytes] takes | 3,512 | 6,584 |
/// | [ExpandedSigningKey] | 59,392 | 126,976 |
///
/// All in bytes. Results are those of the submission's code, bit for bit, on every machine: Java's doubles are IEEE 754.
///
/// Strict: what is secret is in scalar locals and in the memory given, off the heap, and no branch, index or integer division depends on it;
/// rejection shows how often it happened, as the specification's algorithms do. The one exception is floating-point division and square
/// root, once or twice a node of the key's tree, whose time can depend on operands on some processors; [ExpandedSigningKey] has them behind
/// it when it signs. A workspace is memory that nobody else uses during the call, apart from inputs and outputs; it is zero afterwards,
/// whatever happens. After an exception outputs are unchanged or wiped.
///
/// **Randomness.** Each signature draws a salt of 40 bytes and a seed of 48. Two different short vectors for one hashed message give the key
/// away, so [#DETERMINISTIC] is refused.
///
/// **Messages of any length** are taken in pieces by [FalconMessage]; [#signMessage] and [#verifyMessage] end them. The signatures are the same.
///
/// **Faults.** A signature is not given before it was found short and a solution of the equation that is verified; where it is none, there was
/// a fault of the machine, and nothing is given. It costs two small transforms, four without an expanded key; verifying takes three. A
/// fault that bends the sampler's distribution and leaves the vector short is not seen: who must fear that signs twice with the same
/// random bytes and compares.
public final class Falcon implements Signature {
    /// Falcon-512, security category 1 (section 3.13, table 3.3).
    public static final Falcon FALCON_512 = new Falcon(new Parameters("Falcon-512", 9, 6, 666, 34034726,
            0.006033669668157724, 1.2778336969128337));
    /// Falcon-1024, security category 5 (section 3.13, table 3.3).
    public static final Falcon FALCON_1024 = new Falcon(new Parameters("Falcon-1024", 10, 5, 1280, 70265242,
            0.005938645309533116, 1.298280334344292));

    /// Bytes of a seed: what SHAKE256 stretches to f and g.
    public static final int SEED_BYTES = 48;
    /// Bytes of the salt that is hashed before a message (section 3.1), and is the second to the 41st of a signature.
    public static final int SALT_BYTES = Parameters.SALT_BYTES;

    /// With a key that was made as it should be, fewer than one attempt in ten fails; so many fail with what only looks like one.
    private static final int ATTEMPTS_MAX = 256;

    final Parameters p;
    final FalconLayout signing;
    final FalconLayout generating;
    final FalconLayout verifying;
    final Signer signer;
    final FalconPlaces places;

    /// Tests make smaller sets than the specification's.
    Falcon(Parameters p) {
        this.p = p;
        this.signing = FalconLayout.signing(p.n());
        this.generating = FalconLayout.generating(p.n());
        this.verifying = FalconLayout.verifying(p.n());
        this.signer = new Signer(p, signing);
        this.places = new FalconPlaces(p, signing, generating, verifying);
    }

    /// {@return the submission's name, such as `Falcon-512`}
    @Override
    public String name() {
        return p.name();
    }

    /// {@return bytes of a seed: [#SEED_BYTES]}
    @Override
    public int seedBytes() {
        return SEED_BYTES;
    }

    /// {@return bytes of a public key (section 3.11.4): a header, 14 bits of each coefficient of h}
    @Override
    public int publicKeyBytes() {
        return p.publicKeyBytes();
    }

    /// {@return bytes of a private key (section 3.11.5): a header, 6 or 5 bits of each coefficient of f and g, 8 of F}
    @Override
    public int privateKeyBytes() {
        return p.privateKeyBytes();
    }

    /// {@return bytes of a signature in the padded form}
    @Override
    public int signatureBytes() {
        return p.paddedBytes();
    }

    /// {@return bytes of the longest signature in a form}
    public int signatureBytesMax(FalconForm form) {
        return p.signatureBytesMax(form);
    }

    /// {@return the one form that a signature can have: by its header, and by its length, as the compressed and the padded form share one}
    ///
    /// @param length  bytes of it, any number
    /// @throws IndexOutOfBoundsException  the range does not lie in its segment (caller's fault)
    public FalconForm form(MemorySegment signature, long at, long length) {
        Ranges.check(p.name(), signature, at, length);
        return length == p.paddedBytes() ? FalconForm.PADDED
                : length > 0 && (signature.get(ValueLayout.JAVA_BYTE, at) & 0xf0) == FalconForm.CONSTANT_TIME.header ? FalconForm.CONSTANT_TIME
                        : FalconForm.COMPRESSED;
    }

    /// {@return 0: there are no contexts}
    @Override
    public int contextBytesMax() {
        return 0;
    }

    /// {@return bytes of the workspace of signing}
    @Override
    public long signWorkspaceBytes() {
        return signing.bytes;
    }

    /// {@return bytes of the workspace of everything else}
    @Override
    public long workspaceBytes() {
        return generating.bytes;
    }

    /// {@return bytes of a workspace that is enough for verifying}
    public long verifyWorkspaceBytes() {
        return verifying.bytes;
    }

    /// {@return what lies in the workspace of signing, as a plan of [#signWorkspaceBytes]}
    public MemoryPlan signPlan() {
        return signing.plan(p.name() + " signing");
    }

    /// {@return what lies in the workspace of everything else, as a plan of [#workspaceBytes]}
    public MemoryPlan plan() {
        return generating.plan(p.name() + " workspace");
    }

    /// {@return what lies in the workspace of verifying, as a plan of [#verifyWorkspaceBytes]}
    public MemoryPlan verifyPlan() {
        return verifying.plan(p.name() + " verifying");
    }

    /// Keygen (algorithm 4): both keys from a seed.
    ///
    /// @param seed       [#SEED_BYTES] off the heap, secret, and all that need be kept
    /// @param pk         room for [#publicKeyBytes], apart from the others
    /// @param sk         room off the heap for [#privateKeyBytes], apart from the others
    /// @param workspace  [#workspaceBytes] from `at`, off the heap
    /// @return true: every seed makes a key
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault); nothing is written
    /// @throws IllegalArgumentException   ranges overlap, an output is read-only, or a secret or the workspace is on the heap (caller's
    ///                                    fault); nothing is written
    @Override
    public boolean keyPair(MemorySegment seed, long seedAt, MemorySegment pk, long pkAt, MemorySegment sk, long skAt,
            MemorySegment workspace, long at) {
        places.checkGenerating(seed, seedAt, pk, pkAt, sk, skAt, workspace, at);
        boolean done = false;
        try {
            long hash = at + generating.hash;
            Xof.SHAKE_256.init(workspace, hash);
            Xof.SHAKE_256.absorb(workspace, hash, seed, seedAt, SEED_BYTES);
            KeyGenerator.generate(p, workspace, hash, at + generating.basis, at + generating.point, at + generating.numbers,
                    at + generating.block);
            PrivateKey.encode(p, workspace, at + generating.basis, sk, skAt);
            encodePublic(workspace, at, pk, pkAt);
            done = true;
            return true;
        } finally {
            Ending.end(done, sk, skAt, privateKeyBytes(), pk, pkAt, publicKeyBytes(), workspace, at, generating.bytes);
        }
    }

    /// Computes the public key of a private one, h = g / f (section 3.8.2), for private keys that came without it.
    ///
    /// @param sk         [#privateKeyBytes] off the heap
    /// @param pk         room for [#publicKeyBytes], apart from the others
    /// @param workspace  [#workspaceBytes] from `at`, off the heap
    /// @return false where `sk` is no private key (the fault of who made it); then nothing was written
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault); nothing is written
    /// @throws IllegalArgumentException   ranges overlap, the output is read-only, or the key or the workspace is on the heap
    ///                                    (caller's fault); nothing is written
    public boolean publicKey(MemorySegment sk, long skAt, MemorySegment pk, long pkAt, MemorySegment workspace, long at) {
        places.checkDeriving(sk, skAt, pk, pkAt, workspace, at);
        try {
            if (!PrivateKey.decode(p, sk, skAt, workspace, at + generating.basis, at + generating.numbers)
                    || !PrivateKey.publicKey(p, workspace, at + generating.basis, at + generating.point, at + generating.numbers)) {
                return false;
            }
            encodePublic(workspace, at, pk, pkAt);
            return true;
        } finally {
            Wipe.bytes(workspace, at, generating.bytes);
        }
    }

    private void encodePublic(MemorySegment w, long at, MemorySegment pk, long pkAt) {
        pk.set(ValueLayout.JAVA_BYTE, pkAt, (byte) p.logn());
        Codec.pack16(w, at + generating.point, p.n(), Parameters.PUBLIC_BITS, pk, pkAt + 1);
    }

    /// Signs a message in one piece, in the padded form.
    ///
    /// @param context  none: its length is 0
    /// @return false where `sk` is no private key (the fault of who made it), or the machine made a fault; then nothing was written
    /// @see #sign(FalconForm,Entropy,MemorySegment,long,MemorySegment,long,long,MemorySegment,long,MemorySegment,long)
    @Override
    public boolean sign(Entropy entropy, MemorySegment sk, long skAt, MemorySegment message, long messageAt, long length,
            MemorySegment context, long contextAt, int contextLength, MemorySegment signature, long signatureAt,
            MemorySegment workspace, long at) {
        Ranges.checkContext(p.name(), context, contextAt, contextLength, 0);
        return sign(FalconForm.PADDED, entropy, sk, skAt, message, messageAt, length, signature, signatureAt, workspace, at) != 0;
    }

    /// Sign (algorithm 10): signs a message in one piece.
    ///
    /// @param entropy    where salt and seed are drawn, straight into the workspace; not [#DETERMINISTIC]
    /// @param sk         [#privateKeyBytes] off the heap
    /// @param message    public or not
    /// @param length     bytes of the message, 0 or more
    /// @param signature  room for [#signatureBytesMax], apart from the others
    /// @param workspace  [#signWorkspaceBytes] from `at`, off the heap
    /// @return bytes of the signature; 0 where `sk` is no private key (the fault of who made it), or the machine made a fault; then
    ///         nothing was written
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault); nothing is written
    /// @throws IllegalArgumentException   ranges overlap, an output is read-only, the key or the workspace is on the heap, or no
    ///                                    randomness is asked for (caller's fault); nothing is written
    /// @throws IllegalStateException      the source has no bytes, or gives zeros; nothing is written
    public int sign(FalconForm form, Entropy entropy, MemorySegment sk, long skAt, MemorySegment message, long messageAt, long length,
            MemorySegment signature, long signatureAt, MemorySegment workspace, long at) {
        Ranges.checkSecret(p.name(), sk, skAt, privateKeyBytes());
        places.checkSigning(form, entropy, sk, skAt, privateKeyBytes(), message, messageAt, length, signature, signatureAt, workspace, at);
        try {
            draw(entropy, workspace, at);
            if (!signer.decode(sk, skAt, workspace, at)) {
                return 0;
            }
            hash(message, messageAt, length, signing, workspace, at);
            return signed(form, null, 0, signature, signatureAt, workspace, at);
        } finally {
            Wipe.bytes(workspace, at, signing.bytes);
        }
    }

    /// Signs the message of a [FalconMessage] that was begun to be signed; its state is zero afterwards, whatever happens.
    ///
    /// @param state  [FalconMessage#STATE_BYTES] from `stateAt`, apart from the others
    /// @throws IllegalStateException  no message that is to be signed (caller's fault), too; nothing is written
    /// @see #sign(FalconForm,Entropy,MemorySegment,long,MemorySegment,long,long,MemorySegment,long,MemorySegment,long)
    public int signMessage(FalconForm form, Entropy entropy, MemorySegment sk, long skAt, MemorySegment state, long stateAt,
            MemorySegment signature, long signatureAt, MemorySegment workspace, long at) {
        Ranges.checkSecret(p.name(), sk, skAt, privateKeyBytes());
        places.checkSigning(form, entropy, sk, skAt, privateKeyBytes(), state, stateAt, FalconMessage.STATE_BYTES, signature, signatureAt, workspace,
                at);
        FalconMessage.apart(state, stateAt, sk, skAt, privateKeyBytes());
        FalconMessage.require(state, stateAt, true);
        try {
            drawSeed(entropy, workspace, at);
            if (!signer.decode(sk, skAt, workspace, at)) {
                return 0;
            }
            FalconMessage.hash(state, stateAt, p.n(), signing, workspace, at);
            return signed(form, null, 0, signature, signatureAt, workspace, at);
        } finally {
            Wipe.both(state, stateAt, FalconMessage.STATE_BYTES, workspace, at, signing.bytes);
        }
    }

    void draw(Entropy entropy, MemorySegment w, long at) {
        Drawn.fill(p.name(), entropy, w, at + signing.salt, SALT_BYTES);
        drawSeed(entropy, w, at);
    }

    void drawSeed(Entropy entropy, MemorySegment w, long at) {
        Drawn.fill(p.name(), entropy, w, at + signing.seed, SEED_BYTES);
    }

    /// The message, behind the salt in the workspace, to a point.
    void hash(MemorySegment message, long messageAt, long length, FalconLayout layout, MemorySegment w, long at) {
        Xof.SHAKE_256.init(w, at + layout.hash);
        Xof.SHAKE_256.absorb(w, at + layout.hash, w, at + layout.salt, SALT_BYTES);
        Xof.SHAKE_256.absorb(w, at + layout.hash, message, messageAt, length);
        HashToPoint.point(w, at + layout.hash, at + layout.block, p.n(), at + layout.point);
    }

    /// A signature of the point in a workspace, by the basis there or an expanded key.
    ///
    /// @param key  null, or an expanded key
    int signed(FalconForm form, @Nullable MemorySegment key, long keyAt, MemorySegment signature, long signatureAt, MemorySegment w, long at) {
        long hash = at + signing.hash;
        long s2 = at + signing.s2;
        Xof.SHAKE_256.init(w, hash);
        Xof.SHAKE_256.absorb(w, hash, w, at + signing.seed, SEED_BYTES);
        for (int attempts = 0; attempts < ATTEMPTS_MAX; attempts++) {
            Generator.begin(w, at + signing.sampler, hash);
            int answer = key == null ? signer.attempt(w, at) : signer.attempt(key, keyAt, w, at);
            if (answer < 0) {
                return 0;
            }
            int bytes = answer == 0 ? Integer.MAX_VALUE : Parameters.HEAD_BYTES + (form == FalconForm.CONSTANT_TIME
                    ? p.n() * Parameters.CONSTANT_BITS >> 3 : Codec.compressedBytes(w, s2, p.n()));
            if (bytes <= signatureBytesMax(form) && Codec.isEncodable(w, s2, p.n())) {
                signature.set(ValueLayout.JAVA_BYTE, signatureAt, (byte) (form.header + p.logn()));
                MemorySegment.copy(w, at + signing.salt, signature, signatureAt + 1, SALT_BYTES);
                if (form == FalconForm.CONSTANT_TIME) {
                    Codec.pack16(w, s2, p.n(), Parameters.CONSTANT_BITS, signature, signatureAt + Parameters.HEAD_BYTES);
                } else {
                    Codec.compress(w, s2, p.n(), signature, signatureAt + Parameters.HEAD_BYTES);
                }
                if (form == FalconForm.PADDED) {
                    Wipe.bytes(signature, signatureAt + bytes, p.paddedBytes() - bytes);
                    return p.paddedBytes();
                }
                return bytes;
            }
        }
        return 0;
    }

    /// Verifies a signature in the padded form. All of it is public.
    ///
    /// @param contextLength    any other than 0 verifies as false
    /// @param signatureLength  another number than [#signatureBytes] verifies as false
    /// @param workspace        [#workspaceBytes] from `at`, as the outline has it; the form below takes less
    /// @see #verify(FalconForm,MemorySegment,long,MemorySegment,long,long,MemorySegment,long,long,MemorySegment,long)
    @Override
    public boolean verify(MemorySegment pk, long pkAt, MemorySegment message, long messageAt, long length,
            MemorySegment context, long contextAt, int contextLength, MemorySegment signature, long signatureAt,
            long signatureLength, MemorySegment workspace, long at) {
        Ranges.check(p.name(), context, contextAt, contextLength);
        places.checkVerifying(generating, pk, pkAt, message, messageAt, length, signature, signatureAt, signatureLength, workspace, at);
        try {
            return contextLength == 0
                    && verify(FalconForm.PADDED, pk, pkAt, message, messageAt, length, signature, signatureAt, signatureLength, workspace, at);
        } finally {
            Wipe.bytes(workspace, at, generating.bytes);  // of which verifying takes a part
        }
    }

    /// Verify (algorithm 16). All of it is public. A signature is taken in the form that is said only, and of each only as one signer
    /// would write it.
    ///
    /// @param pk               [#publicKeyBytes]
    /// @param signatureLength  bytes of the signature; where the form does not have so many it verifies as false
    /// @param workspace        [#verifyWorkspaceBytes] from `at`, off the heap
    /// @return whether the signature is valid; false is the signer's fault, or that of who changed something on the way
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault); nothing is written
    /// @throws IllegalArgumentException   the workspace overlaps another range or is on the heap (caller's fault); nothing is written
    public boolean verify(FalconForm form, MemorySegment pk, long pkAt, MemorySegment message, long messageAt, long length,
            MemorySegment signature, long signatureAt, long signatureLength, MemorySegment workspace, long at) {
        places.checkVerifying(verifying, pk, pkAt, message, messageAt, length, signature, signatureAt, signatureLength, workspace, at);
        try {
            if (!decode(form, pk, pkAt, signature, signatureAt, signatureLength, workspace, at)) {
                return false;
            }
            MemorySegment.copy(signature, signatureAt + 1, workspace, at + verifying.salt, SALT_BYTES);
            hash(message, messageAt, length, verifying, workspace, at);
            return accepts(workspace, at);
        } finally {
            Wipe.bytes(workspace, at, verifying.bytes);
        }
    }

    /// Verifies a signature of the message of a [FalconMessage] that was begun with that signature; its state is zero afterwards, whatever
    /// happens.
    ///
    /// @param state  [FalconMessage#STATE_BYTES] from `stateAt`, apart from the others; one that was begun with another signature's salt
    ///               verifies as false
    /// @throws IllegalStateException  no message that is to be verified (caller's fault), too; nothing is written
    /// @see #verify(FalconForm,MemorySegment,long,MemorySegment,long,long,MemorySegment,long,long,MemorySegment,long)
    public boolean verifyMessage(FalconForm form, MemorySegment pk, long pkAt, MemorySegment state, long stateAt, MemorySegment signature,
            long signatureAt, long signatureLength, MemorySegment workspace, long at) {
        places.checkVerifying(verifying, pk, pkAt, state, stateAt, FalconMessage.STATE_BYTES, signature, signatureAt, signatureLength, workspace,
                at);
        FalconMessage.apart(state, stateAt, pk, pkAt, publicKeyBytes());
        FalconMessage.apart(state, stateAt, signature, signatureAt, signatureLength);
        FalconMessage.require(state, stateAt, false);
        try {
            if (!decode(form, pk, pkAt, signature, signatureAt, signatureLength, workspace, at)) {
                return false;
            }
            FalconMessage.hash(state, stateAt, p.n(), verifying, workspace, at);
            return ConstantTime.equal(workspace, at + verifying.salt, signature, signatureAt + 1, SALT_BYTES) && accepts(workspace, at);
        } finally {
            Wipe.both(state, stateAt, FalconMessage.STATE_BYTES, workspace, at, verifying.bytes);
        }
    }

    /// h and s2 to the workspace.
    private boolean decode(FalconForm form, MemorySegment pk, long pkAt, MemorySegment signature, long signatureAt, long signatureLength,
            MemorySegment w, long at) {
        return (pk.get(ValueLayout.JAVA_BYTE, pkAt) & 0xff) == p.logn()
                && Codec.unpackPublic(pk, pkAt + 1, p.n(), w, at + verifying.numbers)
                && Verifier.decode(p, form, signature, signatureAt, signatureLength, w, at + verifying.s2);
    }

    private boolean accepts(MemorySegment w, long at) {
        Ntt.forward(w, at + verifying.numbers, p.logn());
        return Verifier.accepts(p, w, at + verifying.point, at + verifying.s2, at + verifying.numbers);
    }

    @Override
    public String toString() {
        return p.name();
    }
}
