package dev.coffer.crypto.key;

import dev.coffer.crypto.Kem;
import dev.coffer.crypto.hybrid.XWing;
import java.lang.foreign.MemorySegment;

/// Keys of X-Wing (draft-connolly-cfrg-xwing-kem-10): any 32 bytes are a private key, a seed of which both keys are made at each use. The
/// privateKey of a PrivateKeyInfo is these 32 bytes, as they are, which is how RFC 9909 has it for keys of one form.
final class XWingForm extends KeyForm {
    XWingForm(String identifier) {
        super(XWing.SEED_BYTES, XWing.ENCAPSULATION_KEY_BYTES, XWing.SEED_BYTES, XWing.WORKSPACE_BYTES, identifier);
    }

    @Override
    boolean makePair(MemorySegment w, long seed, long pair, long at) {
        return XWing.KEM.keyPair(w, seed, w, pair + privateBytes, w, pair, w, at);
    }

    @Override
    boolean completePair(MemorySegment w, long pair, long at) {
        return XWing.KEM.keyPair(w, pair, w, pair + privateBytes, w, pair, w, at);
    }

    @Override
    int encodedPrivateBytes(PrivateKeyForm form) {
        return privateBytes;
    }

    @Override
    void writePrivate(DerWriter der, PrivateKeyForm form, MemorySegment key, long keyAt) {
        der.copy(key, keyAt, privateBytes);
    }

    @Override
    void readPrivate(DerReader octets, KeyParser key) {
        key.privateAt = octets.bytes(privateBytes);
    }

    @Override
    Kem kem() {
        return XWing.KEM;
    }
}
