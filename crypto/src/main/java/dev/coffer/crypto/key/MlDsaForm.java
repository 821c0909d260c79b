package dev.coffer.crypto.key;

import dev.coffer.crypto.Signature;
import dev.coffer.crypto.mldsa.MlDsa;
import java.lang.foreign.MemorySegment;

/// Keys of RFC 9881.
final class MlDsaForm extends SeededForm {
    private final MlDsa dsa;

    MlDsaForm(MlDsa dsa, String identifier) {
        super(dsa.privateKeyBytes(), dsa.publicKeyBytes(), MlDsa.SEED_BYTES, Math.max(dsa.signWorkspaceBytes(), dsa.workspaceBytes()),
                identifier);
        this.dsa = dsa;
    }

    @Override
    void makeBoth(MemorySegment w, long seed, long pair, long at) {
        dsa.keyPair(w, seed, w, pair + privateBytes, w, pair, w, at);
    }

    @Override
    boolean completePair(MemorySegment w, long pair, long at) {
        return dsa.publicKey(w, pair, w, pair + privateBytes, w, at);
    }

    @Override
    Signature signature() {
        return dsa;
    }
}
