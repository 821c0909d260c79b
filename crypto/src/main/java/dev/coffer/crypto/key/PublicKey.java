package dev.coffer.crypto.key;

import dev.coffer.crypto.ed25519.Ed25519;
import dev.coffer.crypto.internal.Ranges;
import dev.coffer.crypto.key.KeyFormatException.Reason;
import dev.coffer.crypto.p256.EcdsaP256;
import dev.coffer.crypto.p256.P256;
import dev.coffer.memory.Wipe;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/// A public key in the caller's memory: bytes, and what they are for. Immutable as long as the caller leaves the bytes
/// alone;
/// thread-safe then. Holds nothing but references; 0 heap bytes a verification.
public final class PublicKey {
    /// Bytes of the workspace of every operation here: a whole file, and the larger of two verifications.
    public static final long WORKSPACE_BYTES = KeyPair.WORKSPACE_BYTES;

    private final KeyAlgorithm algorithm;
    private final MemorySegment home;
    private final long offset;

    private PublicKey(KeyAlgorithm algorithm, MemorySegment home, long offset) {
        this.algorithm = algorithm;
        this.home = home;
        this.offset = offset;
    }

    /// {@return a key over bytes that lie in memory; those of a curve's point are checked at use}
    ///
    /// @param home  [KeyAlgorithm#publicKeyBytes] from `at`, the key's as long as it is used
    /// @throws IndexOutOfBoundsException  the range does not lie in the segment (caller's fault)
    public static PublicKey of(KeyAlgorithm algorithm, MemorySegment home, long at) {
        Ranges.check("public key", home, at, algorithm.publicKeyBytes());
        return new PublicKey(algorithm, home, at);
    }

    /// Reads a SubjectPublicKeyInfo, DER or PEM, from a file.
    ///
    /// @param home       room for [KeyAlgorithm#PUBLIC_KEY_BYTES_MAX] bytes from `homeAt`, the key's from here on
    /// @param workspace  [#WORKSPACE_BYTES] from `at`; zero afterwards
    /// @throws IOException         the file cannot be read (the machine's fault)
    /// @throws KeyFormatException  it holds no such key (the fault of who made it)
    public static PublicKey read(Path file, MemorySegment home, long homeAt, MemorySegment workspace, long at)
            throws IOException {
        Ranges.checkWorkspace("public key", workspace, at, WORKSPACE_BYTES);
        try {
            long length = KeyFile.read(file, workspace, at, KeyPair.FILE_BYTES_MAX);
            return decode(workspace, at, length, home, homeAt, workspace, at + KeyPair.FILE_BYTES_MAX);
        } finally {
            Wipe.bytes(workspace, at, WORKSPACE_BYTES);
        }
    }

    /// Reads a SubjectPublicKeyInfo, DER or PEM, from memory. **The source is wiped**, whatever happens: it may hold a
    /// private key, in place of a public one or behind it.
    ///
    /// @param workspace  [KeyPair#OPERATION_BYTES] from `at`, apart from the source; zero afterwards
    /// @throws KeyFormatException  it is no such key (the fault of who made it)
    public static PublicKey decode(MemorySegment source, long sourceAt, long length, MemorySegment home, long homeAt,
            MemorySegment workspace, long at) {
        Ranges.checkWritable("public key", source, sourceAt, length);
        Ranges.checkWritable("public key", home, homeAt, KeyAlgorithm.PUBLIC_KEY_BYTES_MAX);
        Ranges.checkWorkspace("public key", workspace, at, KeyPair.OPERATION_BYTES);
        Ranges.apart("public key", workspace, at, KeyPair.OPERATION_BYTES, source, sourceAt, length);
        Ranges.apart("public key", workspace, at, KeyPair.OPERATION_BYTES, home, homeAt, KeyAlgorithm.PUBLIC_KEY_BYTES_MAX);
        Ranges.apart("public key", source, sourceAt, length, home, homeAt, KeyAlgorithm.PUBLIC_KEY_BYTES_MAX);
        try {
            KeyParser key = KeyPair.parse(source, sourceAt, length);
            if (key.privateAt >= 0) {
                throw new KeyFormatException(Reason.WRONG_KIND);
            }
            if (key.algorithm != KeyAlgorithm.P256) {
                MemorySegment.copy(source, key.publicAt, home, homeAt, key.publicLength);
            } else if (!P256.decompress(source, key.publicAt, key.publicLength, home, homeAt, workspace, at)) {
                throw new KeyFormatException(Reason.BAD_PUBLIC_KEY);
            }
            return new PublicKey(key.algorithm, home, homeAt);
        } finally {
            Wipe.bytes(source, sourceAt, length);
            Wipe.bytes(workspace, at, KeyPair.OPERATION_BYTES);
        }
    }

    /// {@return what the key is for}
    public KeyAlgorithm algorithm() {
        return algorithm;
    }

    /// {@return the memory it lies in, from [#offset] for [KeyAlgorithm#publicKeyBytes] bytes}
    public MemorySegment segment() {
        return home;
    }

    /// {@return offset of the first byte in [#segment]}
    public long offset() {
        return offset;
    }

    /// {@return whether a signature of a message is valid}; ECDSA's is raw, see [dev.coffer.crypto.p256.EcdsaSignature]
    /// for DER.
    ///
    /// @param workspace  [KeyPair#OPERATION_BYTES] from `at`; zero afterwards
    /// @throws IllegalStateException      a key of X25519 (caller's fault)
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault)
    public boolean verify(MemorySegment message, long messageAt, long length, MemorySegment signature,
            long signatureAt, long signatureLength, MemorySegment workspace, long at) {
        Ranges.checkWorkspace("public key", workspace, at, KeyPair.OPERATION_BYTES);
        Ranges.apart("public key", workspace, at, KeyPair.OPERATION_BYTES, home, offset, algorithm.publicKeyBytes());
        Ranges.apart("public key", workspace, at, KeyPair.OPERATION_BYTES, message, messageAt, length);
        Ranges.apart("public key", workspace, at, KeyPair.OPERATION_BYTES, signature, signatureAt, signatureLength);
        try {
            return switch (algorithm) {
                case ED25519 -> Ed25519.verify(home, offset, message, messageAt, length, signature, signatureAt,
                        signatureLength, workspace, at);
                case P256 -> EcdsaP256.verify(home, offset, algorithm.publicKeyBytes(), message, messageAt, length,
                        signature, signatureAt, signatureLength, workspace, at);
                case X25519 -> throw new IllegalStateException("a key of X25519 does not verify");
            };
        } finally {
            Wipe.bytes(workspace, at, KeyPair.OPERATION_BYTES);
        }
    }

    /// Writes the SubjectPublicKeyInfo form, DER.
    ///
    /// @return bytes written: [KeyAlgorithm#spkiBytes]
    /// @throws IndexOutOfBoundsException  no room (caller's fault); nothing is written
    public int encode(MemorySegment target, long at) {
        int length = algorithm.spkiBytes();
        Ranges.checkWritable("public key", target, at, length);
        byte[] head = algorithm.publicHead;
        MemorySegment.copy(head, 0, target, java.lang.foreign.ValueLayout.JAVA_BYTE, at, head.length);
        MemorySegment.copy(home, offset, target, at + head.length, algorithm.publicKeyBytes());
        return length;
    }

    /// Writes the SubjectPublicKeyInfo form as text, PEM.
    ///
    /// @param target     room for [KeyPair#PEM_BYTES_MAX]
    /// @param workspace  [KeyPair#DER_BYTES_MAX] from `at`, apart from the target; zero afterwards
    /// @return bytes written
    /// @throws IndexOutOfBoundsException  no room (caller's fault); nothing is written
    public int encodePem(MemorySegment target, long targetAt, MemorySegment workspace, long at) {
        Ranges.checkWritable("public key", target, targetAt, KeyPair.PEM_BYTES_MAX);
        Ranges.checkWorkspace("public key", workspace, at, KeyPair.DER_BYTES_MAX);
        Ranges.apart("public key", workspace, at, KeyPair.DER_BYTES_MAX, target, targetAt, KeyPair.PEM_BYTES_MAX);
        try {
            int length = encode(workspace, at);
            return Pem.encode(Pem.PUBLIC, workspace, at, length, target, targetAt);
        } finally {
            Wipe.bytes(workspace, at, KeyPair.DER_BYTES_MAX);
        }
    }

    /// Writes the SubjectPublicKeyInfo form to a new file, PEM.
    ///
    /// @param workspace  [#WORKSPACE_BYTES] from `at`; zero afterwards
    /// @throws IOException  the file exists or cannot be written (the machine's fault)
    public void write(Path file, MemorySegment workspace, long at) throws IOException {
        Ranges.checkWorkspace("public key", workspace, at, WORKSPACE_BYTES);
        try {
            int length = encode(workspace, at);
            KeyFile.write(file, workspace, at + KeyPair.DER_BYTES_MAX,
                    Pem.encode(Pem.PUBLIC, workspace, at, length, workspace, at + KeyPair.DER_BYTES_MAX), false);
        } finally {
            Wipe.bytes(workspace, at, WORKSPACE_BYTES);
        }
    }

    @Override
    public String toString() {
        return "PublicKey[" + algorithm + "]";
    }
}
