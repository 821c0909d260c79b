package dev.coffer.crypto.key;

import dev.coffer.crypto.Signature;
import dev.coffer.crypto.slhdsa.SlhDsa;
import dev.coffer.memory.ConstantTime;
import java.lang.foreign.MemorySegment;

/// Keys of RFC 9909: a private key is SK.seed, SK.prf, PK.seed and PK.root as they are, in no OCTET STRING of its own (section 6).
final class SlhDsaForm extends KeyForm {
    private final SlhDsa dsa;

    SlhDsaForm(SlhDsa dsa, String identifier) {
        super(dsa.privateKeyBytes(), dsa.publicKeyBytes(), dsa.seedBytes(),
                dsa.workspaceBytes() + dsa.privateKeyBytes() + dsa.publicKeyBytes(), identifier);
        this.dsa = dsa;
    }

    @Override
    boolean makePair(MemorySegment w, long seed, long pair, long at) {
        return dsa.keyPair(w, seed, w, pair + privateBytes, w, pair, w, at);
    }

    /// The root is computed again, as of any private key: a tenth of a second with the slow sets.
    @Override
    boolean completePair(MemorySegment w, long pair, long at) {
        long again = at + dsa.workspaceBytes();
        dsa.keyPair(w, pair, w, pair + privateBytes, w, again, w, at);
        return ConstantTime.equal(w, again, w, pair, privateBytes);
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
    Signature signature() {
        return dsa;
    }
}
