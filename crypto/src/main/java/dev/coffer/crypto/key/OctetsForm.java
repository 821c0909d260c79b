package dev.coffer.crypto.key;

import dev.coffer.crypto.Agreement;
import dev.coffer.crypto.Kem;
import dev.coffer.crypto.Signature;
import dev.coffer.crypto.ed25519.Ed25519;
import dev.coffer.crypto.x25519.X25519;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// Keys of RFC 8410: any 32 bytes are a private key, which an OCTET STRING in the OCTET STRING holds (section 7).
final class OctetsForm extends KeyForm {
    private final @Nullable Signature signature;  // null for X25519

    OctetsForm(@Nullable Signature signature, long operationBytes, String identifier) {
        super(32, 32, 32, operationBytes, identifier);
        this.signature = signature;
    }

    @Override
    boolean makePair(MemorySegment w, long seed, long pair, long at) {
        MemorySegment.copy(w, seed, w, pair, privateBytes);
        return completePair(w, pair, at);
    }

    @Override
    boolean completePair(MemorySegment w, long pair, long at) {
        if (signature == null) {
            X25519.publicKey(w, pair, w, pair + privateBytes, w, at);
        } else {
            Ed25519.publicKey(w, pair, w, pair + privateBytes, w, at);
        }
        return true;
    }

    @Override
    int encodedPrivateBytes(PrivateKeyForm form) {
        return DerWriter.bytes(privateBytes);
    }

    @Override
    void writePrivate(DerWriter der, PrivateKeyForm form, MemorySegment key, long keyAt) {
        der.open(DerReader.OCTET_STRING, privateBytes).copy(key, keyAt, privateBytes);
    }

    @Override
    void readPrivate(DerReader octets, KeyParser key) {
        key.privateAt = octets.octets(DerReader.OCTET_STRING, privateBytes);
    }

    @Override
    @Nullable
    Signature signature() {
        return signature;
    }

    @Override
    @Nullable
    Kem kem() {
        return signature == null ? X25519.KEM : null;
    }

    @Override
    boolean agrees() {
        return signature == null;
    }

    @Override
    Agreement agree(MemorySegment key, long keyAt, MemorySegment peer, long peerAt, long peerLength, MemorySegment shared,
            long sharedAt, MemorySegment w, long at) {
        return peerLength != X25519.PUBLIC_KEY_BYTES ? Agreement.NO_POINT
                : X25519.agree(key, keyAt, peer, peerAt, shared, sharedAt, w, at);
    }
}
