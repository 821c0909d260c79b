package dev.coffer.crypto.key;

import dev.coffer.crypto.Agreement;
import dev.coffer.crypto.Kem;
import dev.coffer.crypto.Signature;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// What a [KeyAlgorithm] is made of: identifiers, sizes, how its private key is held and encoded, what it does. A new algorithm is a
/// new form and a constant for it; nothing else of this package knows one. Stateless, thread-safe; ranges are checked by the callers.
///
/// A pair is held as `private key | public key`, in some `| seed`, so that a signature scheme finds the public key behind the private one.
abstract class KeyForm {
    /// Content of the OBJECT IDENTIFIERs of the AlgorithmIdentifier: the algorithm, then a parameter where there is one.
    final byte[][] identifiers;
    final int privateBytes;
    final int publicBytes;
    final int seedBytes;
    /// Bytes of the workspace of the operations alone.
    final long operationBytes;

    KeyForm(int privateBytes, int publicBytes, int seedBytes, long operationBytes, String... identifiers) {
        this.identifiers = new byte[identifiers.length][];
        for (int i = 0; i < identifiers.length; i++) {
            this.identifiers[i] = DerWriter.identifier(identifiers[i]);
        }
        this.privateBytes = privateBytes;
        this.publicBytes = publicBytes;
        this.seedBytes = seedBytes;
        this.operationBytes = operationBytes;
    }

    /// Makes the pair of a seed, and keeps that where pairs keep it; false where another must be drawn.
    abstract boolean makePair(MemorySegment w, long seed, long pair, long at);

    /// Computes the public key behind the private one; false where that is none, or its parts do not belong together.
    abstract boolean completePair(MemorySegment w, long pair, long at);

    /// {@return whether a pair keeps its seed, behind the public key; a private key has three forms then}
    boolean keepsSeed() {
        return false;
    }

    /// {@return bytes of what the OCTET STRING of a PrivateKeyInfo holds (RFC 5958, section 2)}
    ///
    /// @param form  ignored where there is one
    abstract int encodedPrivateBytes(PrivateKeyForm form);

    /// Writes that.
    abstract void writePrivate(DerWriter der, PrivateKeyForm form, MemorySegment key, long keyAt);

    /// Reads that: notes in `key` where the private key lies, or its seed, and the public key where there is one.
    abstract void readPrivate(DerReader octets, KeyParser key);

    /// Writes a private key that was found at `privateAt` as it is held.
    void takePrivate(MemorySegment source, long privateAt, MemorySegment w, long pair) {
        MemorySegment.copy(source, privateAt, w, pair, privateBytes);
    }

    /// As [#readPublic], of the public key that a private one carried.
    boolean readOwnPublic(MemorySegment encoded, long encodedAt, long length, MemorySegment target, long targetAt, MemorySegment w,
            long at) {
        return readPublic(encoded, encodedAt, length, target, targetAt, w, at);
    }

    /// Writes a public key that was encoded in `length` bytes as it is held; false where it is none.
    boolean readPublic(MemorySegment encoded, long encodedAt, long length, MemorySegment target, long targetAt, MemorySegment w,
            long at) {
        if (length != publicBytes) {
            return false;
        }
        MemorySegment.copy(encoded, encodedAt, target, targetAt, length);
        return true;
    }

    /// {@return the scheme that it signs with, or null}
    @Nullable
    Signature signature() {
        return null;
    }

    /// {@return the KEM that its keys are of, or null}
    @Nullable
    Kem kem() {
        return null;
    }

    /// {@return whether two of its keys agree on a secret}
    boolean agrees() {
        return false;
    }

    /// Computes the secret shared with a peer.
    Agreement agree(MemorySegment key, long keyAt, MemorySegment peer, long peerAt, long peerLength, MemorySegment shared,
            long sharedAt, MemorySegment w, long at) {
        throw new AssertionError("keys that do not agree");
    }

    /// {@return bytes of the content of the AlgorithmIdentifier (RFC 5280, section 4.1.1.2)}
    final int identifierBytes() {
        int bytes = 0;
        for (byte[] identifier : identifiers) {
            bytes += DerWriter.bytes(identifier.length);
        }
        return bytes;
    }

    final void writeIdentifier(DerWriter der) {
        der.open(DerReader.SEQUENCE, identifierBytes());
        for (byte[] identifier : identifiers) {
            der.value(DerReader.OBJECT_IDENTIFIER, identifier);
        }
    }

    /// {@return whether an AlgorithmIdentifier is this one's: the reader is a cursor of its own over the content}
    final boolean isIdentifiedBy(DerReader content) {
        for (byte[] identifier : identifiers) {
            if (!content.has(DerReader.OBJECT_IDENTIFIER) || !content.open(DerReader.OBJECT_IDENTIFIER).is(identifier)) {
                return false;
            }
        }
        return content.left() == 0;  // no other parameters (RFC 8410 section 3, RFC 5480 section 2.1.1)
    }
}
