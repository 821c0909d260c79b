package dev.coffer.crypto.key;

import dev.coffer.crypto.Agreement;
import dev.coffer.crypto.ed25519.Ed25519;
import dev.coffer.crypto.internal.Drawn;
import dev.coffer.crypto.internal.Ranges;
import dev.coffer.crypto.key.KeyFormatException.Reason;
import dev.coffer.crypto.p256.EcdsaP256;
import dev.coffer.crypto.p256.P256;
import dev.coffer.crypto.x25519.X25519;
import dev.coffer.memory.ConstantTime;
import dev.coffer.memory.Entropy;
import dev.coffer.memory.Secret;
import dev.coffer.memory.Wipe;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Objects;
import javax.security.auth.Destroyable;

/// A private key and its public key, in a [Secret] that this owns: `private key of 32 bytes | public key`.
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
    /// Bytes of the longest file of a key: a PEM block with room for text before it.
    public static final int FILE_BYTES_MAX = 4096;
    /// Bytes of the longest DER form written here: PKCS#8 of P-256.
    public static final int DER_BYTES_MAX = 138;
    /// Bytes of the longest PEM form written here, of a private key or a public one.
    public static final int PEM_BYTES_MAX = Pem.bytes(Pem.PRIVATE, DER_BYTES_MAX);
    /// Bytes of the workspace of [#sign], [#agree], [#generate] and [#decode]: the largest of what the algorithms need,
    /// and one pair.
    public static final long OPERATION_BYTES = Math.max(
            Math.max(Math.max(X25519.WORKSPACE_BYTES, P256.WORKSPACE_BYTES),
                    Math.max(Ed25519.SIGN_WORKSPACE_BYTES, Ed25519.VERIFY_WORKSPACE_BYTES)),
            Math.max(EcdsaP256.SIGN_WORKSPACE_BYTES, EcdsaP256.VERIFY_WORKSPACE_BYTES))
            + KeyAlgorithm.PRIVATE_KEY_BYTES + KeyAlgorithm.PUBLIC_KEY_BYTES_MAX;
    /// Bytes of the workspace of [#read] and [#write]: a whole file and an operation.
    public static final long WORKSPACE_BYTES = FILE_BYTES_MAX + OPERATION_BYTES;

    /// Draws from a source before [#generate] gives up: that many misses of a good one have a chance of 2^-256.
    public static final int DRAWS_MAX = 8;

    private static final String NAME = "key pair";
    private static final int PRIVATE = KeyAlgorithm.PRIVATE_KEY_BYTES;

    private final KeyAlgorithm algorithm;
    private final Secret secret;

    private KeyPair(KeyAlgorithm algorithm, Secret secret) {
        this.algorithm = algorithm;
        this.secret = secret;
    }

    /// Makes a key of random bytes, drawn into the workspace, which is wiped: no one else ever holds them.
    ///
    /// @param secret     of [KeyAlgorithm#keyPairBytes], open for writing; this pair's from here on
    /// @param entropy    where the private key comes from; `Entropy.SYSTEM` but in tests
    /// @param workspace  [#OPERATION_BYTES] from `at`, off the heap
    /// @return the pair
    /// @throws IllegalArgumentException   a secret of another length, or a workspace on the heap (caller's fault)
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault); nothing is written
    /// @throws IllegalStateException      the source has no bytes, filled nothing, or [#DRAWS_MAX] times gave what is no
    ///                                    key; the secret is unchanged
    public static KeyPair generate(KeyAlgorithm algorithm, Secret secret, Entropy entropy, MemorySegment workspace,
            long at) {
        checkSecret(algorithm, secret);
        Ranges.checkWorkspace(NAME, workspace, at, OPERATION_BYTES);
        long pair = at + OPERATION_BYTES - PRIVATE - KeyAlgorithm.PUBLIC_KEY_BYTES_MAX;
        try {
            draw(algorithm, entropy, workspace, pair, at);
            derive(algorithm, workspace, pair, at);
            return store(algorithm, secret, workspace, pair);
        } finally {
            Wipe.bytes(workspace, at, OPERATION_BYTES);
        }
    }

    /// One draw in 2^32 is no key of P-256: then another is taken, from the room of the public key to that of the private.
    private static void draw(KeyAlgorithm algorithm, Entropy entropy, MemorySegment w, long pair, long at) {
        long drawn = pair + PRIVATE;
        for (int draws = 0; draws < DRAWS_MAX; draws++) {
            Drawn.fill(NAME, entropy, w, drawn, PRIVATE);
            if (algorithm != KeyAlgorithm.P256) {
                MemorySegment.copy(w, drawn, w, pair, PRIVATE);
                return;
            }
            if (P256.privateKey(w, drawn, w, pair, w, at)) {
                return;
            }
        }
        throw new IllegalStateException("key pair: the entropy source gave no key of P-256 in " + DRAWS_MAX + " draws");
    }

    /// Reads a private key, PKCS#8 or ECPrivateKey, DER or PEM, from a file straight into the workspace and from there
    /// to the secret.
    ///
    /// @param secret     of at least the length that the file's key needs, open for writing:
    ///                   [KeyAlgorithm#keyPairBytes] of the
    ///                   algorithm that is expected; this pair's from here on
    /// @param workspace  [#WORKSPACE_BYTES] from `at`, off the heap
    /// @throws IOException               the file cannot be read (the machine's fault)
    /// @throws KeyFormatException        it holds no such key (the fault of who made it); the secret is unchanged
    /// @throws IllegalArgumentException  a secret of another length than the key's (caller's fault)
    public static KeyPair read(Path file, Secret secret, MemorySegment workspace, long at) throws IOException {
        Ranges.checkWorkspace(NAME, workspace, at, WORKSPACE_BYTES);
        try {
            long length = KeyFile.read(file, workspace, at, FILE_BYTES_MAX);
            return decode(workspace, at, length, secret, workspace, at + FILE_BYTES_MAX);
        } finally {
            Wipe.bytes(workspace, at, WORKSPACE_BYTES);
        }
    }

    /// Reads a private key, PKCS#8 or ECPrivateKey, DER or PEM, from memory. **The source is wiped**, whatever happens.
    ///
    /// A public key that comes with it must be the private key's own; it is computed in any case.
    ///
    /// @param source     writable memory
    /// @param length     bytes, at most [#FILE_BYTES_MAX]
    /// @param secret     as of [#read]
    /// @param workspace  [#OPERATION_BYTES] from `at`, apart from the source
    /// @throws KeyFormatException         it is no such key (the fault of who made it); the secret is unchanged
    /// @throws IllegalArgumentException   a secret of another length than the key's (caller's fault)
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault); nothing is written
    public static KeyPair decode(MemorySegment source, long sourceAt, long length, Secret secret,
            MemorySegment workspace, long at) {
        Ranges.checkWorkspace(NAME, source, sourceAt, length);
        Ranges.checkWorkspace(NAME, workspace, at, OPERATION_BYTES);
        Ranges.apart(NAME, workspace, at, OPERATION_BYTES, source, sourceAt, length);
        long pair = at + OPERATION_BYTES - PRIVATE - KeyAlgorithm.PUBLIC_KEY_BYTES_MAX;
        try {
            KeyParser key = parse(source, sourceAt, length);
            if (key.privateAt < 0) {
                throw new KeyFormatException(Reason.WRONG_KIND);
            }
            checkSecret(key.algorithm, secret);
            MemorySegment.copy(source, key.privateAt, workspace, pair, PRIVATE);
            derive(key.algorithm, workspace, pair, at);
            if (key.publicAt >= 0) {
                compare(key, source, workspace, pair);
            }
            return store(key.algorithm, secret, workspace, pair);
        } finally {
            Wipe.bytes(source, sourceAt, length);
            Wipe.bytes(workspace, at, OPERATION_BYTES);
        }
    }

    /// Parses DER or PEM; PEM is decoded in place.
    static KeyParser parse(MemorySegment source, long sourceAt, long length) {
        Reason foreign = Pem.foreignText(source, sourceAt, sourceAt + length);
        if (foreign != null) {
            throw new KeyFormatException(foreign);
        }
        if (length > FILE_BYTES_MAX) {
            throw new KeyFormatException(Reason.TOO_LONG);
        }
        long bytes = length;
        boolean encrypted = Pem.isEncrypted(source, sourceAt, sourceAt + length);
        if (Pem.isPem(source, sourceAt, sourceAt + length)) {
            bytes = Pem.decode(source, sourceAt, sourceAt + length);
        }
        KeyParser key = new KeyParser();
        try {
            key.read(source, sourceAt, bytes);
        } catch (KeyFormatException e) {
            throw encrypted && !e.reason().isEncryption() ? new KeyFormatException(Reason.ENCRYPTED) : e;
        }
        if (encrypted) {  // it says so, whatever it holds
            throw new KeyFormatException(Reason.ENCRYPTED);
        }
        return key;
    }

    private static void checkSecret(KeyAlgorithm algorithm, Secret secret) {
        if (secret.length() != algorithm.keyPairBytes()) {
            throw new IllegalArgumentException("secret of " + secret.length() + " bytes for a key of " + algorithm
                    + " (expected " + algorithm.keyPairBytes() + ")");
        }
    }

    /// Computes the public key behind the private one.
    private static void derive(KeyAlgorithm algorithm, MemorySegment w, long pair, long at) {
        switch (algorithm) {
            case X25519 -> X25519.publicKey(w, pair, w, pair + PRIVATE, w, at);
            case ED25519 -> Ed25519.publicKey(w, pair, w, pair + PRIVATE, w, at);
            case P256 -> {
                if (!P256.publicKey(w, pair, w, pair + PRIVATE, w, at)) {
                    throw new KeyFormatException(Reason.BAD_PRIVATE_KEY);
                }
            }
        }
    }

    private static void compare(KeyParser key, MemorySegment source, MemorySegment w, long pair) {
        long theirs = key.publicAt;
        if (key.algorithm == KeyAlgorithm.P256) {
            if (key.publicLength != P256.PUBLIC_KEY_BYTES && key.publicLength != P256.COMPRESSED_BYTES) {
                throw new KeyFormatException(Reason.BAD_PUBLIC_KEY);
            }
            boolean compressed = key.publicLength == P256.COMPRESSED_BYTES;
            int form = source.get(ValueLayout.JAVA_BYTE, theirs);
            int expected = compressed ? 2 + (w.get(ValueLayout.JAVA_BYTE, pair + PRIVATE + 64) & 1) : 4;
            if (form != expected
                    || !ConstantTime.equal(source, theirs + 1, w, pair + PRIVATE + 1, key.publicLength - 1)) {
                throw new KeyFormatException(Reason.MISMATCH);
            }
        } else if (!ConstantTime.equal(source, theirs, w, pair + PRIVATE, key.publicLength)) {
            throw new KeyFormatException(Reason.MISMATCH);
        }
    }

    private static KeyPair store(KeyAlgorithm algorithm, Secret secret, MemorySegment w, long pair) {
        secret.write((segment, at, length) -> MemorySegment.copy(w, pair, segment, at, length));
        return new KeyPair(algorithm, secret);
    }

    /// {@return what the key is for}
    public KeyAlgorithm algorithm() {
        return algorithm;
    }

    /// {@return the secret that this owns, for the primitives: private key, then public key}
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
        MemorySegment.copy(secret.segment(), secret.offset() + PRIVATE, target, at, algorithm.publicKeyBytes());
        return PublicKey.of(algorithm, target, at);
    }

    /// Signs a message; ECDSA's signature is raw, see [dev.coffer.crypto.p256.EcdsaSignature] for DER.
    ///
    /// @param signature  room for [KeyAlgorithm#signatureBytes]
    /// @param workspace  [#OPERATION_BYTES] from `at`; zero afterwards
    /// @throws IllegalStateException      destroyed, closed to reading, or of X25519 (caller's fault)
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault); nothing is written
    public void sign(MemorySegment message, long messageAt, long length, MemorySegment signature, long signatureAt,
            MemorySegment workspace, long at) {
        MemorySegment key = secret.segment();
        long keyAt = secret.offset();
        Ranges.checkWorkspace(NAME, workspace, at, OPERATION_BYTES);
        checkApart(workspace, at, message, messageAt, length, signature, signatureAt, algorithm.signatureBytes());
        try {
            switch (algorithm) {
                case ED25519 -> Ed25519.sign(key, keyAt, key, keyAt + PRIVATE, message, messageAt, length, signature,
                        signatureAt, workspace, at);
                case P256 -> {
                    if (!EcdsaP256.sign(key, keyAt, message, messageAt, length, signature, signatureAt, workspace, at)) {
                        throw new IllegalStateException("the key was overwritten: out of its range");
                    }
                }
                case X25519 -> throw new IllegalStateException("a key of X25519 does not sign");
            }
        } finally {
            Wipe.bytes(workspace, at, OPERATION_BYTES);
        }
    }

    /// What is wiped afterwards is more than the algorithm may use: nothing of the caller's lies there.
    private static void checkApart(MemorySegment workspace, long at, MemorySegment input, long inputAt, long length,
            MemorySegment output, long outputAt, long outputLength) {
        Ranges.apart(NAME, workspace, at, OPERATION_BYTES, input, inputAt, length);
        Ranges.apart(NAME, workspace, at, OPERATION_BYTES, output, outputAt, outputLength);
    }

    /// Computes the secret shared with a peer, of 32 bytes.
    ///
    /// @param peerLength  32 for X25519; 65 or 33 for P-256
    /// @param workspace   [#OPERATION_BYTES] from `at`; zero afterwards
    /// @return as of [X25519#agree] and [P256#agree]; [Agreement#NO_POINT] too for a wrong length
    /// @throws IllegalStateException      destroyed, closed to reading, or of Ed25519 (caller's fault)
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault); nothing is written
    public Agreement agree(MemorySegment peer, long peerAt, long peerLength, MemorySegment shared, long sharedAt,
            MemorySegment workspace, long at) {
        MemorySegment key = secret.segment();
        long keyAt = secret.offset();
        Ranges.checkWorkspace(NAME, workspace, at, OPERATION_BYTES);
        checkApart(workspace, at, peer, peerAt, peerLength, shared, sharedAt, X25519.SHARED_BYTES);
        try {
            return switch (algorithm) {
                case X25519 -> peerLength != X25519.PUBLIC_KEY_BYTES ? Agreement.NO_POINT
                        : X25519.agree(key, keyAt, peer, peerAt, shared, sharedAt, workspace, at);
                case P256 -> P256.agree(key, keyAt, peer, peerAt, peerLength, shared, sharedAt, workspace, at);
                case ED25519 -> throw new IllegalStateException("a key of Ed25519 does not agree");
            };
        } finally {
            Wipe.bytes(workspace, at, OPERATION_BYTES);
        }
    }

    /// Exports the private key, PKCS#8 DER: whoever has the target has the key.
    ///
    /// @return bytes written: [KeyAlgorithm#pkcs8Bytes]
    /// @throws IllegalStateException      destroyed or closed to reading (caller's fault); nothing is written
    /// @throws IndexOutOfBoundsException  no room (caller's fault); nothing is written
    public int encode(MemorySegment target, long at) {
        Ranges.checkWorkspace(NAME, target, at, algorithm.pkcs8Bytes());
        MemorySegment key = secret.segment();
        byte[] head = algorithm.privateHead;
        byte[] middle = algorithm.privateMiddle;
        long out = at;
        MemorySegment.copy(head, 0, target, ValueLayout.JAVA_BYTE, out, head.length);
        out += head.length;
        MemorySegment.copy(key, secret.offset(), target, out, PRIVATE);
        out += PRIVATE;
        if (middle.length > 0) {
            MemorySegment.copy(middle, 0, target, ValueLayout.JAVA_BYTE, out, middle.length);
            out += middle.length;
            MemorySegment.copy(key, secret.offset() + PRIVATE, target, out, algorithm.publicKeyBytes());
            out += algorithm.publicKeyBytes();
        }
        return (int) (out - at);
    }

    /// Exports the private key to a new file that only its owner may read, PKCS#8 PEM.
    ///
    /// @param workspace  [#WORKSPACE_BYTES] from `at`, off the heap
    /// @throws IOException            the file exists or cannot be written (the machine's fault)
    /// @throws IllegalStateException  destroyed or closed to reading (caller's fault)
    public void write(Path file, MemorySegment workspace, long at) throws IOException {
        Ranges.checkWorkspace(NAME, workspace, at, WORKSPACE_BYTES);
        try {
            int length = encode(workspace, at);
            long text = at + DER_BYTES_MAX;
            KeyFile.write(file, workspace, text, Pem.encode(Pem.PRIVATE, workspace, at, length, workspace, text), true);
        } finally {
            Wipe.bytes(workspace, at, WORKSPACE_BYTES);
        }
    }

    /// Exports the private key as text, PKCS#8 PEM: whoever has the target has the key.
    ///
    /// @param target     room for [#PEM_BYTES_MAX]
    /// @param workspace  [#DER_BYTES_MAX] from `at`, apart from the target, off the heap; zero afterwards
    /// @return bytes written
    /// @throws IllegalStateException      destroyed or closed to reading (caller's fault); nothing is written
    /// @throws IndexOutOfBoundsException  no room (caller's fault); nothing is written
    public int encodePem(MemorySegment target, long targetAt, MemorySegment workspace, long at) {
        Ranges.checkWorkspace(NAME, target, targetAt, PEM_BYTES_MAX);
        Ranges.checkWorkspace(NAME, workspace, at, DER_BYTES_MAX);
        Ranges.apart(NAME, workspace, at, DER_BYTES_MAX, target, targetAt, PEM_BYTES_MAX);
        try {
            int length = encode(workspace, at);
            return Pem.encode(Pem.PRIVATE, workspace, at, length, target, targetAt);
        } finally {
            Wipe.bytes(workspace, at, DER_BYTES_MAX);
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
