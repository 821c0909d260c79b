package dev.coffer.crypto.key;

import dev.coffer.crypto.internal.Ending;
import dev.coffer.crypto.internal.Ranges;
import dev.coffer.crypto.key.KeyFormatException.Reason;
import dev.coffer.memory.ConstantTime;
import dev.coffer.memory.Secret;
import dev.coffer.memory.Wipe;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/// A key as it was read, DER or PEM: it says what it is before anyone takes a [Secret] or a workspace for it.
///
/// ```
///   try (EncodedKey read = EncodedKey.read(file, memory, 0, EncodedKey.FILE_BYTES_MAX)) {
///       KeyAlgorithm algorithm = read.algorithm();            // and read.isPrivate()
///       pair = read.keyPair(slots.acquire(algorithm.keyPairBytes()), workspace, 0);
///   }                                                         // what was read is wiped
/// ```
///
/// Private keys are PKCS#8 or ECPrivateKey (RFC 5958, RFC 5915), public ones SubjectPublicKeyInfo (RFC 5280). The object holds
/// positions in the memory that it was read from, which is wiped by [#close], and at once where it is no key. One thread.
public final class EncodedKey implements AutoCloseable {
    /// Bytes of the longest file that is read, a PEM block with room for text before it, whatever the algorithm: that of ML-DSA-87 with
    /// seed and expanded key has 6,774. Who reads keys of one algorithm needs [KeyAlgorithm#fileBytesMax], which for curves is 4,096.
    public static final int FILE_BYTES_MAX = 10 << 10;

    private static final String NAME = "encoded key";

    private final MemorySegment source;
    private final long sourceAt;
    private final long length;
    private final KeyParser key;
    private boolean closed;

    private EncodedKey(MemorySegment source, long sourceAt, long length, KeyParser key) {
        this.source = source;
        this.sourceAt = sourceAt;
        this.length = length;
        this.key = key;
    }

    /// Reads a key that lies in memory; PEM is decoded in place.
    ///
    /// @param source  writable memory off the heap, this object's until it is closed
    /// @param length  bytes, at most [#FILE_BYTES_MAX]
    /// @return what it is
    /// @throws KeyFormatException         it is no key (the fault of who made it); the source is wiped
    /// @throws IllegalArgumentException   memory on the heap or read-only (caller's fault); nothing is written
    /// @throws IndexOutOfBoundsException  the range does not lie in the segment (caller's fault); nothing is written
    public static EncodedKey in(MemorySegment source, long sourceAt, long length) {
        Ranges.checkWorkspace(NAME, source, sourceAt, length);
        boolean read = false;
        try {
            EncodedKey key = new EncodedKey(source, sourceAt, length, parse(source, sourceAt, length));
            read = true;
            return key;
        } finally {
            if (!read) {
                Wipe.bytes(source, sourceAt, length);
            }
        }
    }

    /// Reads a file straight into memory, and the key in it.
    ///
    /// @param memory  writable memory off the heap, this object's until it is closed
    /// @param room    bytes of it, at most [#FILE_BYTES_MAX]; a file that fills them is too long
    /// @return what it is
    /// @throws IOException                the file cannot be read (the machine's fault); the memory is wiped
    /// @throws KeyFormatException         it holds no key (the fault of who made it); the memory is wiped
    /// @throws IllegalArgumentException   memory on the heap or read-only, or more room (caller's fault); nothing is written
    /// @throws IndexOutOfBoundsException  the range does not lie in the segment (caller's fault); nothing is written
    public static EncodedKey read(Path file, MemorySegment memory, long at, long room) throws IOException {
        Ranges.checkWorkspace(NAME, memory, at, room);
        if (room > FILE_BYTES_MAX) {
            throw new IllegalArgumentException(NAME + ": room for " + room + " bytes (expected at most " + FILE_BYTES_MAX + ")");
        }
        boolean read = false;
        try {
            EncodedKey key = new EncodedKey(memory, at, room, parse(memory, at, KeyFile.read(file, memory, at, room)));
            read = true;
            return key;
        } finally {
            if (!read) {
                Wipe.bytes(memory, at, room);
            }
        }
    }

    /// Reads a file straight into memory and says nothing of what it holds: for who asks that himself ([EncodedRsaKey#isRsa]) before he hands it to [#in].
    ///
    /// @param memory  writable memory off the heap
    /// @param room    bytes of it; a file that fills them is too long
    /// @return bytes of the file
    /// @throws IOException                the file cannot be read (the machine's fault); the memory is wiped
    /// @throws KeyFormatException         it is too long (the fault of who made it); the memory is wiped
    /// @throws IllegalArgumentException   memory on the heap or read-only (caller's fault); nothing is written
    /// @throws IndexOutOfBoundsException  the range does not lie in the segment (caller's fault); nothing is written
    public static long load(Path file, MemorySegment memory, long at, long room) throws IOException {
        Ranges.checkWorkspace(NAME, memory, at, room);
        boolean read = false;
        try {
            long bytes = KeyFile.read(file, memory, at, room);
            read = true;
            return bytes;
        } finally {
            if (!read) {
                Wipe.bytes(memory, at, room);
            }
        }
    }

    private static KeyParser parse(MemorySegment source, long sourceAt, long length) {
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

    /// {@return what the key is for}
    public KeyAlgorithm algorithm() {
        return key.algorithm();
    }

    /// {@return whether it is a private key}
    public boolean isPrivate() {
        return key.privateAt >= 0 || key.seedAt >= 0;
    }

    /// Makes the pair. A public key that came with the private one must be its own; it is computed in any case.
    ///
    /// @param secret     of [KeyAlgorithm#keyPairBytes], open for writing; the pair's from here on
    /// @param workspace  [KeyAlgorithm#workspaceBytes] from `at`, off the heap, apart from what was read; zero afterwards
    /// @throws KeyFormatException         a public key, or one that is none when looked at (the fault of who made it); the secret is
    ///                                    unchanged
    /// @throws IllegalArgumentException   a secret of another length, a workspace on the heap or one that overlaps (caller's fault)
    /// @throws IllegalStateException      closed (caller's fault); nothing is written
    /// @throws IndexOutOfBoundsException  the workspace does not lie in its segment (caller's fault); nothing is written
    public KeyPair keyPair(Secret secret, MemorySegment workspace, long at) {
        KeyAlgorithm algorithm = key.algorithm();
        checkWorkspace(workspace, at);
        long pair = at + algorithm.pairAt();
        int privateBytes = algorithm.privateKeyBytes();
        try {
            if (!isPrivate()) {
                throw new KeyFormatException(Reason.WRONG_KIND);
            }
            KeyPair.checkSecret(algorithm, secret);
            complete(workspace, pair, at);
            if (key.publicAt >= 0) {
                long theirs = at + algorithm.behindPairAt();
                if (!algorithm.form.readOwnPublic(source, key.publicAt, key.publicLength, workspace, theirs, workspace, at)) {
                    throw new KeyFormatException(Reason.BAD_PUBLIC_KEY);
                }
                if (!ConstantTime.equal(workspace, theirs, workspace, pair + privateBytes, algorithm.publicKeyBytes())) {
                    throw new KeyFormatException(Reason.MISMATCH);
                }
            }
            return KeyPair.store(algorithm, secret, workspace, pair, key.seedAt >= 0);
        } finally {
            Wipe.bytes(workspace, at, algorithm.workspaceBytes());
        }
    }

    /// Both keys of the private one, or of its seed; where the file has both forms, one must follow from the other.
    private void complete(MemorySegment workspace, long pair, long at) {
        KeyForm form = key.algorithm().form;
        if (key.seedAt < 0) {
            form.takePrivate(source, key.privateAt, workspace, pair);
            if (!form.completePair(workspace, pair, at)) {
                throw new KeyFormatException(Reason.BAD_PRIVATE_KEY);
            }
            return;
        }
        long seed = at + key.algorithm().behindPairAt();
        MemorySegment.copy(source, key.seedAt, workspace, seed, form.seedBytes);
        boolean made = form.makePair(workspace, seed, pair, at);
        assert made : "every seed makes a key where seeds are read";
        if (key.privateAt >= 0 && !ConstantTime.equal(source, key.privateAt, workspace, pair, form.privateBytes)) {
            throw new KeyFormatException(Reason.SEED_MISMATCH);
        }
    }

    /// Makes the public key.
    ///
    /// @param home       room for [KeyAlgorithm#publicKeyBytes] from `homeAt`, the key's from here on
    /// @param workspace  as of [#keyPair]
    /// @throws KeyFormatException         a private key, or a point that is none (the fault of who made it); nothing is written
    /// @throws IllegalArgumentException   as of [#keyPair]
    /// @throws IllegalStateException      closed (caller's fault); nothing is written
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault); nothing is written
    public PublicKey publicKey(MemorySegment home, long homeAt, MemorySegment workspace, long at) {
        KeyAlgorithm algorithm = key.algorithm();
        checkWorkspace(workspace, at);
        Ranges.checkWritable(NAME, home, homeAt, algorithm.publicKeyBytes());
        Ranges.apart(NAME, workspace, at, algorithm.workspaceBytes(), home, homeAt, algorithm.publicKeyBytes());
        Ranges.apart(NAME, source, sourceAt, length, home, homeAt, algorithm.publicKeyBytes());
        try {
            if (isPrivate()) {
                throw new KeyFormatException(Reason.WRONG_KIND);
            }
            readPublic(home, homeAt, workspace, at);
            return PublicKey.of(algorithm, home, homeAt);
        } finally {
            Wipe.bytes(workspace, at, algorithm.workspaceBytes());
        }
    }

    private void readPublic(MemorySegment target, long targetAt, MemorySegment workspace, long at) {
        if (!key.algorithm().form.readPublic(source, key.publicAt, key.publicLength, target, targetAt, workspace, at)) {
            throw new KeyFormatException(Reason.BAD_PUBLIC_KEY);
        }
    }

    private void checkWorkspace(MemorySegment workspace, long at) {
        if (closed) {  // what it points to is zero, which is a private key of some algorithms, and everybody's
            throw new IllegalStateException(NAME + ": closed, what was read is wiped (expected to be used before)");
        }
        Ranges.checkWorkspace(NAME, workspace, at, key.algorithm().workspaceBytes());
        Ranges.apart(NAME, workspace, at, key.algorithm().workspaceBytes(), source, sourceAt, length);
    }

    /// Wipes what was read. Twice is harmless; so is closing after the memory.
    @Override
    public void close() {
        closed = true;
        Ending.wipe(source, sourceAt, length);
    }

    @Override
    public String toString() {
        return "EncodedKey[" + key.algorithm() + (isPrivate() ? ", private]" : ", public]");
    }
}
