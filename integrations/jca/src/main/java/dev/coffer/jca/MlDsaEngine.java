package dev.coffer.jca;

import dev.coffer.crypto.key.KeyAlgorithm;
import dev.coffer.crypto.key.KeyPair;
import dev.coffer.crypto.mldsa.MlDsa;
import dev.coffer.memory.Entropy;
import dev.coffer.memory.internal.vault.Piece;
import java.lang.foreign.MemorySegment;
import java.security.SignatureException;
import java.util.Set;

/// ML-DSA, hedged (FIPS 204, section 3.4), of a message of any length that is hashed to mu as it comes.
final class MlDsaEngine extends SignatureEngine {
    private static final long TR_IN_PRIVATE_KEY = 64;  // behind rho and K (FIPS 204, algorithm 24)

    private Piece state;  // of mu; null between messages

    MlDsaEngine(Vault vault, Set<KeyAlgorithm> allowed) {
        super(vault, allowed);
    }

    private static MlDsa scheme(KeyAlgorithm algorithm) {
        return (MlDsa) algorithm.signature();
    }

    @Override
    void begin() {
        byte[] context = context();
        MlDsa scheme = scheme(algorithm());
        if (state == null) {
            state = vault.work(MlDsa.STATE_BYTES).watch(this);
        }
        long publicKey = context.length;
        long tr = publicKey + scheme.publicKeyBytes();
        long workspace = tr + MlDsa.MU_BYTES;
        try (Piece room = vault.work(signing() != null ? publicKey : workspace + scheme.workspaceBytes())) {
            MemorySegment w = room.segment();
            copy(context, w, 0);
            if (signing() != null) {
                signing().use(key -> {
                    MlDsa.beginMu(key.secret().segment(), key.secret().offset() + TR_IN_PRIVATE_KEY, w, 0, context.length, state.segment(), 0);
                    return true;
                });
            } else {
                copy(verifying().bytes(), w, publicKey);
                scheme.hashPublicKey(w, publicKey, w, tr, w, workspace);
                MlDsa.beginMu(w, tr, w, 0, context.length, state.segment(), 0);
            }
        }
    }

    @Override
    void take(MemorySegment input, long at, long length) {
        MlDsa.updateMu(input, at, length, state.segment(), 0);
    }

    @Override
    byte[] sign(KeyPair key) throws SignatureException {
        MlDsa scheme = scheme(key.algorithm());
        long signature = MlDsa.MU_BYTES;
        long workspace = signature + scheme.signatureBytes();
        try (Piece room = vault.work(workspace + scheme.signWorkspaceBytes())) {
            MemorySegment w = room.segment();
            MlDsa.endMu(w, 0, state.segment(), 0);
            if (!scheme.signMu(Entropy.SYSTEM, key.secret().segment(), key.secret().offset(), w, 0, w, signature, w, workspace)) {
                throw new SignatureException("a private key of " + scheme.name() + " that is none");
            }
            return array(w, signature, scheme.signatureBytes());
        }
    }

    @Override
    boolean verify(CofferPublicKey key, byte[] given) {
        MlDsa scheme = scheme(key.keyAlgorithm());
        if (given.length != scheme.signatureBytes()) {
            return false;
        }
        long signature = MlDsa.MU_BYTES;
        long publicKey = signature + given.length;
        long workspace = publicKey + scheme.publicKeyBytes();
        try (Piece room = vault.work(workspace + scheme.workspaceBytes())) {
            MemorySegment w = room.segment();
            MlDsa.endMu(w, 0, state.segment(), 0);
            copy(given, w, signature);
            copy(key.bytes(), w, publicKey);
            return scheme.verifyMu(w, publicKey, w, 0, w, signature, given.length, w, workspace);
        }
    }

    @Override
    void end() {
        close(state);
        state = null;
    }
}
