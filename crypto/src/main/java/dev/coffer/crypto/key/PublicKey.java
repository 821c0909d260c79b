package dev.coffer.crypto.key;

import dev.coffer.crypto.Signature;
import dev.coffer.crypto.internal.Ranges;
import dev.coffer.memory.Wipe;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/// A public key in the caller's memory: bytes, and what they are for. Immutable as long as the caller leaves the bytes
/// alone;
/// thread-safe then. Holds nothing but references; 0 heap bytes a verification.
public final class PublicKey {
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
    /// @param workspace  [KeyAlgorithm#workspaceBytes] from `at`; zero afterwards
    /// @throws IllegalStateException      a key that does not verify, as X25519's (caller's fault)
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault)
    public boolean verify(MemorySegment message, long messageAt, long length, MemorySegment signature,
            long signatureAt, long signatureLength, MemorySegment workspace, long at) {
        long bytes = algorithm.workspaceBytes();
        Ranges.checkWorkspace("public key", workspace, at, bytes);
        Ranges.apart("public key", workspace, at, bytes, home, offset, algorithm.publicKeyBytes());
        Ranges.apart("public key", workspace, at, bytes, message, messageAt, length);
        Ranges.apart("public key", workspace, at, bytes, signature, signatureAt, signatureLength);
        try {
            Signature scheme = algorithm.signature();
            if (scheme == null) {
                throw new IllegalStateException("a key of " + algorithm + " does not verify");
            }
            return scheme.verify(home, offset, message, messageAt, length, message, messageAt, 0, signature,
                    signatureAt, signatureLength, workspace, at);
        } finally {
            Wipe.bytes(workspace, at, bytes);
        }
    }

    /// Writes the SubjectPublicKeyInfo form, DER.
    ///
    /// @return bytes written: [KeyAlgorithm#spkiBytes]
    /// @throws IndexOutOfBoundsException  no room (caller's fault); nothing is written
    public int encode(MemorySegment target, long at) {
        int length = algorithm.spkiBytes();
        Ranges.checkWritable("public key", target, at, length);
        DerWriter der = new DerWriter(target, at).open(DerReader.SEQUENCE, algorithm.spkiContent());
        algorithm.form.writeIdentifier(der);
        der.open(DerReader.BIT_STRING, 1 + algorithm.publicKeyBytes()).u8(0);
        der.copy(home, offset, algorithm.publicKeyBytes());
        assert der.position() - at == length : "parts and sum";
        return length;
    }

    /// Writes the SubjectPublicKeyInfo form as text, PEM.
    ///
    /// @param target     room for [KeyAlgorithm#pemBytesMax]
    /// @param workspace  [KeyAlgorithm#derBytesMax] from `at`, apart from the target; zero afterwards
    /// @return bytes written
    /// @throws IndexOutOfBoundsException  no room (caller's fault); nothing is written
    public int encodePem(MemorySegment target, long targetAt, MemorySegment workspace, long at) {
        Ranges.checkWritable("public key", target, targetAt, algorithm.pemBytesMax());
        Ranges.checkWorkspace("public key", workspace, at, algorithm.derBytesMax());
        Ranges.apart("public key", workspace, at, algorithm.derBytesMax(), target, targetAt, algorithm.pemBytesMax());
        try {
            int length = encode(workspace, at);
            return Pem.encode(Pem.PUBLIC, workspace, at, length, target, targetAt);
        } finally {
            Wipe.bytes(workspace, at, algorithm.derBytesMax());
        }
    }

    /// Writes the SubjectPublicKeyInfo form to a new file, PEM.
    ///
    /// @param workspace  [KeyAlgorithm#derBytesMax] and [KeyAlgorithm#pemBytesMax] from `at`; zero afterwards
    /// @throws IOException  the file exists or cannot be written (the machine's fault)
    public void write(Path file, MemorySegment workspace, long at) throws IOException {
        long bytes = (long) algorithm.derBytesMax() + algorithm.pemBytesMax();
        Ranges.checkWorkspace("public key", workspace, at, bytes);
        try {
            int length = encode(workspace, at);
            long text = at + algorithm.derBytesMax();
            KeyFile.write(file, workspace, text, Pem.encode(Pem.PUBLIC, workspace, at, length, workspace, text), false);
        } finally {
            Wipe.bytes(workspace, at, bytes);
        }
    }

    @Override
    public String toString() {
        return "PublicKey[" + algorithm + "]";
    }
}
