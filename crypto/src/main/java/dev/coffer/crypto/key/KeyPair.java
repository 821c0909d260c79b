package dev.coffer.crypto.key;

import dev.coffer.crypto.Agreement;
import dev.coffer.crypto.Signature;
import dev.coffer.crypto.internal.Drawn;
import dev.coffer.crypto.internal.Ranges;
import dev.coffer.memory.Entropy;
import dev.coffer.memory.Secret;
import dev.coffer.memory.Wipe;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Objects;
import javax.security.auth.Destroyable;
import org.jspecify.annotations.Nullable;

/// A private key and its public key, in a [Secret] that this owns: `private key | public key`, behind them the seed where the
/// algorithm has seeds.
///
/// The secret is the caller's to make, of [KeyAlgorithm#keyPairBytes]: plain, in a piece of a region, or guarded. What
/// uses the key
/// needs it readable (`READ_ONLY` or `READ_WRITE`) and refuses otherwise, as [Secret#segment] does. [#destroy] wipes
/// it, and
/// from then on everything here refuses with [IllegalStateException]. The private key leaves by [#encode] and [#write]
/// only.
///
/// A workspace is memory that nobody else uses during the call, apart from inputs and outputs, off the heap and best
/// locked as the
/// secret is; it is zero afterwards, whatever happens. Not thread-safe against [#destroy]; else any thread may use it.
/// [#sign] and [#agree] take 0 heap bytes.
public final class KeyPair implements Destroyable, AutoCloseable {
    /// Draws from a source before [#generate] gives up: that many misses of a good one have a chance of 2^-256.
    public static final int DRAWS_MAX = 8;

    private static final String NAME = "key pair";
    private static final int SHARED_BYTES = 32;

    private final KeyAlgorithm algorithm;
    private final Secret secret;
    private final boolean seeded;  // whether the seed is known
    private final @Nullable Signature scheme;  // in the form that signs; null for a key that does not

    private KeyPair(KeyAlgorithm algorithm, Secret secret, boolean seeded, @Nullable Signature scheme) {
        this.algorithm = algorithm;
        this.secret = secret;
        this.seeded = seeded;
        this.scheme = scheme;
    }

    /// {@return the same pair over the same secret, which signs by another form of its scheme, such as one by libcrypto}
    ///
    /// @param form  used as long as the pair is
    /// @throws IllegalArgumentException  a form of something else, or one that needs more room (caller's fault)
    public KeyPair withSignature(Signature form) {
        Signature own = algorithm.signature();
        if (own == null || !form.name().equals(own.name()) || form.signWorkspaceBytes() > algorithm.workspaceBytes()) {
            throw new IllegalArgumentException("a key of " + algorithm + ", by " + form.name() + " (expected a form of its scheme)");
        }
        return new KeyPair(algorithm, secret, seeded, form);
    }

    /// Makes a key of random bytes, drawn into the workspace, which is wiped: no one else ever holds them.
    ///
    /// @param secret     of [KeyAlgorithm#keyPairBytes], open for writing; this pair's from here on
    /// @param entropy    where the private key comes from; `Entropy.SYSTEM` but in tests
    /// @param workspace  [KeyAlgorithm#workspaceBytes] from `at`, off the heap; zero afterwards
    /// @return the pair
    /// @throws IllegalArgumentException   a secret of another length, or a workspace on the heap (caller's fault)
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault); nothing is written
    /// @throws IllegalStateException      the source has no bytes, filled nothing, or [#DRAWS_MAX] times gave what is no
    ///                                    key; the secret is unchanged
    public static KeyPair generate(KeyAlgorithm algorithm, Secret secret, Entropy entropy, MemorySegment workspace, long at) {
        checkSecret(algorithm, secret);
        Ranges.checkWorkspace(NAME, workspace, at, algorithm.workspaceBytes());
        long pair = at + algorithm.pairAt();
        try {
            draw(algorithm, entropy, workspace, pair, at);
            return store(algorithm, secret, workspace, pair, algorithm.hasSeeds());
        } finally {
            Wipe.bytes(workspace, at, algorithm.workspaceBytes());
        }
    }

    /// One draw in 2^32 is no key of P-256: then another is taken.
    private static void draw(KeyAlgorithm algorithm, Entropy entropy, MemorySegment w, long pair, long at) {
        long seed = at + algorithm.behindPairAt();
        for (int draws = 0; draws < DRAWS_MAX; draws++) {
            Drawn.fill(NAME, entropy, w, seed, algorithm.form.seedBytes);
            if (algorithm.form.makePair(w, seed, pair, at)) {
                return;
            }
        }
        throw new IllegalStateException("key pair: the entropy source gave no key of " + algorithm + " in " + DRAWS_MAX + " draws");
    }

    static void checkSecret(KeyAlgorithm algorithm, Secret secret) {
        if (secret.length() != algorithm.keyPairBytes()) {
            throw new IllegalArgumentException("secret of " + secret.length() + " bytes for a key of " + algorithm
                    + " (expected " + algorithm.keyPairBytes() + ")");
        }
    }

    static KeyPair store(KeyAlgorithm algorithm, Secret secret, MemorySegment w, long pair, boolean seeded) {
        KeyPair made = new KeyPair(algorithm, secret, seeded, algorithm.signature());  // first: it may find no heap
        secret.write((segment, at, length) -> MemorySegment.copy(w, pair, segment, at, length));
        return made;
    }

    /// {@return what the key is for}
    public KeyAlgorithm algorithm() {
        return algorithm;
    }

    /// {@return whether the seed is known, which a file with the expanded key alone does not hold}
    public boolean hasSeed() {
        return seeded;
    }

    /// {@return the secret that this owns, for the primitives: private key, then public key, then the seed or zeros where the algorithm
    /// has seeds}
    public Secret secret() {
        return secret;
    }

    /// Copies the public key.
    ///
    /// @return a key over the copy
    /// @throws IllegalStateException      destroyed or closed to reading (caller's fault)
    /// @throws IndexOutOfBoundsException  no room for [KeyAlgorithm#publicKeyBytes] (caller's fault); nothing is
    ///                                    written
    public PublicKey publicKey(MemorySegment target, long at) {
        Ranges.checkWritable(NAME, target, at, algorithm.publicKeyBytes());
        MemorySegment.copy(secret.segment(), secret.offset() + algorithm.privateKeyBytes(), target, at, algorithm.publicKeyBytes());
        return PublicKey.of(algorithm, target, at);
    }

    /// Signs a message, deterministically; ECDSA's signature is raw, see [dev.coffer.crypto.p256.EcdsaSignature] for DER.
    ///
    /// @throws IllegalArgumentException  an algorithm that has no such variant: Falcon (caller's fault); nothing is written
    /// @see #sign(Entropy, MemorySegment, long, long, MemorySegment, long, MemorySegment, long)
    public void sign(MemorySegment message, long messageAt, long length, MemorySegment signature, long signatureAt,
            MemorySegment workspace, long at) {
        sign(Signature.DETERMINISTIC, message, messageAt, length, signature, signatureAt, workspace, at);
    }

    /// Signs a message under no context; for contexts take [KeyAlgorithm#signature] and [#secret].
    ///
    /// @param entropy    what the signature depends on besides: `Entropy.SYSTEM` for the hedged variant, or [Signature#DETERMINISTIC]
    /// @param signature  room for [KeyAlgorithm#signatureBytes]
    /// @param workspace  [KeyAlgorithm#workspaceBytes] from `at`; zero afterwards
    /// @throws IllegalStateException      destroyed, closed to reading, or of an algorithm that does not sign (caller's fault)
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault); nothing is written
    public void sign(Entropy entropy, MemorySegment message, long messageAt, long length, MemorySegment signature, long signatureAt,
            MemorySegment workspace, long at) {
        MemorySegment key = secret.segment();
        long keyAt = secret.offset();
        Ranges.checkWorkspace(NAME, workspace, at, algorithm.workspaceBytes());
        checkApart(workspace, at, message, messageAt, length, signature, signatureAt, algorithm.signatureBytes());
        try {
            if (scheme == null) {
                throw new IllegalStateException("a key of " + algorithm + " does not sign");
            }
            if (!scheme.sign(entropy, key, keyAt, message, messageAt, length, message, messageAt, 0, signature, signatureAt,
                    workspace, at)) {
                throw new IllegalStateException("the key was overwritten: out of its range");
            }
        } finally {
            Wipe.bytes(workspace, at, algorithm.workspaceBytes());
        }
    }

    /// What is wiped afterwards is more than the algorithm may use: nothing of the caller's lies there.
    private void checkApart(MemorySegment workspace, long at, MemorySegment input, long inputAt, long length, MemorySegment output,
            long outputAt, long outputLength) {
        Ranges.apart(NAME, workspace, at, algorithm.workspaceBytes(), input, inputAt, length);
        Ranges.apart(NAME, workspace, at, algorithm.workspaceBytes(), output, outputAt, outputLength);
    }

    /// Computes the secret shared with a peer, of 32 bytes.
    ///
    /// @param peerLength  32 for X25519; 65 or 33 for P-256
    /// @param workspace   [KeyAlgorithm#workspaceBytes] from `at`; zero afterwards
    /// @return as of [dev.coffer.crypto.x25519.X25519#agree] and [dev.coffer.crypto.p256.P256#agree]; [Agreement#NO_POINT] too for a
    ///         wrong length
    /// @throws IllegalStateException      destroyed, closed to reading, or of an algorithm that does not agree (caller's fault)
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault); nothing is written
    public Agreement agree(MemorySegment peer, long peerAt, long peerLength, MemorySegment shared, long sharedAt,
            MemorySegment workspace, long at) {
        MemorySegment key = secret.segment();
        long keyAt = secret.offset();
        Ranges.checkWorkspace(NAME, workspace, at, algorithm.workspaceBytes());
        checkApart(workspace, at, peer, peerAt, peerLength, shared, sharedAt, SHARED_BYTES);
        try {
            if (!algorithm.agrees()) {
                throw new IllegalStateException("a key of " + algorithm + " does not agree");
            }
            return algorithm.form.agree(key, keyAt, peer, peerAt, peerLength, shared, sharedAt, workspace, at);
        } finally {
            Wipe.bytes(workspace, at, algorithm.workspaceBytes());
        }
    }

    /// {@return the form in which [#encode] writes: the seed where it is known, else the expanded key}
    private PrivateKeyForm shortest() {
        return seeded ? PrivateKeyForm.SEED : PrivateKeyForm.EXPANDED;
    }

    /// Exports the private key, PKCS#8 DER, as its seed where that is known: whoever has the target has the key.
    ///
    /// @return bytes written, at most [KeyAlgorithm#pkcs8Bytes]
    /// @throws IllegalStateException      destroyed or closed to reading (caller's fault); nothing is written
    /// @throws IndexOutOfBoundsException  no room for what is written (caller's fault); nothing is written
    public int encode(MemorySegment target, long at) {
        return encode(shortest(), target, at);
    }

    /// Exports the private key in one of its forms, PKCS#8 DER: whoever has the target has the key.
    ///
    /// @param form  which one; all are the same to algorithms that have one
    /// @return bytes written: [KeyAlgorithm#pkcs8Bytes(PrivateKeyForm)]
    /// @throws IllegalStateException      destroyed or closed to reading, or a form with a seed that is not known (caller's fault);
    ///                                    nothing is written
    /// @throws IndexOutOfBoundsException  no room for what is written (caller's fault); nothing is written
    public int encode(PrivateKeyForm form, MemorySegment target, long at) {
        int length = algorithm.pkcs8Bytes(form);
        Ranges.checkWorkspace(NAME, target, at, length);
        if (algorithm.hasSeeds() && !seeded && form != PrivateKeyForm.EXPANDED) {
            throw new IllegalStateException(NAME + ": the seed is not known, as the key was read without it (expected the form EXPANDED)");
        }
        MemorySegment key = secret.segment();
        KeyForm written = algorithm.form;
        DerWriter der = new DerWriter(target, at).open(DerReader.SEQUENCE, algorithm.pkcs8Content(form)).version(0);
        written.writeIdentifier(der);
        written.writePrivate(der.open(DerReader.OCTET_STRING, written.encodedPrivateBytes(form)), form, key, secret.offset());
        assert der.position() - at == length : "parts and sum";
        return length;
    }

    /// Exports the private key to a new file that only its owner may read, PKCS#8 PEM, as [#encode] does.
    ///
    /// @param workspace  [KeyAlgorithm#derBytesMax] and [KeyAlgorithm#pemBytesMax] from `at`, off the heap; zero afterwards
    /// @throws IOException            the file exists or cannot be written (the machine's fault)
    /// @throws IllegalStateException  destroyed or closed to reading (caller's fault)
    public void write(Path file, MemorySegment workspace, long at) throws IOException {
        write(shortest(), file, workspace, at);
    }

    /// Exports the private key in one of its forms to a new file that only its owner may read, PKCS#8 PEM.
    ///
    /// @param form       which one; all are the same to algorithms that have one
    /// @param workspace  [KeyAlgorithm#derBytesMax] and [KeyAlgorithm#pemBytesMax] from `at`, off the heap; zero afterwards
    /// @throws IOException            the file exists or cannot be written (the machine's fault)
    /// @throws IllegalStateException  as of [#encode] (caller's fault)
    public void write(PrivateKeyForm form, Path file, MemorySegment workspace, long at) throws IOException {
        long bytes = (long) algorithm.derBytesMax() + algorithm.pemBytesMax();
        Ranges.checkWorkspace(NAME, workspace, at, bytes);
        try {
            int length = encode(form, workspace, at);
            long text = at + algorithm.derBytesMax();
            KeyFile.write(file, workspace, text, Pem.encode(Pem.PRIVATE, workspace, at, length, workspace, text), true);
        } finally {
            Wipe.bytes(workspace, at, bytes);
        }
    }

    /// Exports the private key as text, PKCS#8 PEM, as [#encode] does: whoever has the target has the key.
    ///
    /// @see #encodePem(PrivateKeyForm, MemorySegment, long, MemorySegment, long)
    public int encodePem(MemorySegment target, long targetAt, MemorySegment workspace, long at) {
        return encodePem(shortest(), target, targetAt, workspace, at);
    }

    /// Exports the private key in one of its forms as text, PKCS#8 PEM: whoever has the target has the key.
    ///
    /// @param form       which one; all are the same to algorithms that have one
    /// @param target     room for [KeyAlgorithm#pemBytesMax]
    /// @param workspace  [KeyAlgorithm#derBytesMax] from `at`, apart from the target, off the heap; zero afterwards
    /// @return bytes written
    /// @throws IllegalStateException      as of [#encode] (caller's fault); nothing is written
    /// @throws IndexOutOfBoundsException  no room (caller's fault); nothing is written
    public int encodePem(PrivateKeyForm form, MemorySegment target, long targetAt, MemorySegment workspace, long at) {
        Ranges.checkWorkspace(NAME, target, targetAt, algorithm.pemBytesMax());
        Ranges.checkWorkspace(NAME, workspace, at, algorithm.derBytesMax());
        Ranges.apart(NAME, workspace, at, algorithm.derBytesMax(), target, targetAt, algorithm.pemBytesMax());
        try {
            int length = encode(form, workspace, at);
            return Pem.encode(Pem.PRIVATE, workspace, at, length, target, targetAt);
        } finally {
            Wipe.bytes(workspace, at, algorithm.derBytesMax());
        }
    }

    /// Wipes the key for good. Twice is harmless.
    @Override
    public void destroy() {
        secret.destroy();
    }

    @Override
    public boolean isDestroyed() {
        return secret.isDestroyed();
    }

    /// The same as [#destroy].
    @Override
    public void close() {
        destroy();
    }

    @Override
    public boolean equals(Object other) {
        return this == other
                || other instanceof KeyPair that && algorithm == that.algorithm && secret.equals(that.secret);
    }

    @Override
    public int hashCode() {
        return Objects.hashCode(algorithm);
    }

    @Override
    public String toString() {
        return "KeyPair[" + algorithm + (isDestroyed() ? ", destroyed]" : "]");
    }
}
