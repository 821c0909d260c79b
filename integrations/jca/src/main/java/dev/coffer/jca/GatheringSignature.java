package dev.coffer.jca;

import dev.coffer.crypto.Signature;
import dev.coffer.crypto.key.KeyAlgorithm;
import dev.coffer.crypto.key.KeyPair;
import dev.coffer.memory.Entropy;
import java.lang.foreign.MemorySegment;
import java.security.SignatureException;
import java.util.Set;

/// Schemes that read a message twice, Ed25519 and SLH-DSA: it is gathered off the heap, up to what the area for work has room for. SLH-DSA is
/// hedged with fresh entropy; Ed25519 is deterministic by its standard.
final class GatheringSignature extends SignatureEngine {
    private final GatheredBytes message;

    GatheringSignature(Vault vault, Set<KeyAlgorithm> allowed) {
        super(vault, allowed);
        this.message = new GatheredBytes(vault);
    }

    @Override
    void begin() {
        message.clear();
    }

    @Override
    void take(MemorySegment input, long at, long length) {
        message.add(input, at, length);
    }

    // The room of both: context, signature, public key, workspace.

    @Override
    byte[] sign(KeyPair key) throws SignatureException {
        Signature scheme = key.algorithm().signature();
        byte[] context = context();
        long signature = context.length;
        long workspace = signature + scheme.signatureBytes();
        try (Vault.Piece room = vault.work(workspace + scheme.signWorkspaceBytes())) {
            MemorySegment w = room.segment();
            copy(context, w, 0);
            if (!scheme.sign(Entropy.SYSTEM, key.secret().segment(), key.secret().offset(), message.segment(), 0, message.length(), w, 0,
                    context.length, w, signature, w, workspace)) {
                throw new SignatureException("a private key of " + key.algorithm() + " that is none");
            }
            return array(w, signature, scheme.signatureBytes());
        }
    }

    @Override
    boolean verify(CofferPublicKey key, byte[] given) {
        Signature scheme = key.keyAlgorithm().signature();
        if (given.length != scheme.signatureBytes()) {
            return false;
        }
        byte[] context = context();
        long signature = context.length;
        long publicKey = signature + given.length;
        long workspace = publicKey + scheme.publicKeyBytes();
        try (Vault.Piece room = vault.work(workspace + scheme.workspaceBytes())) {
            MemorySegment w = room.segment();
            copy(context, w, 0);
            copy(given, w, signature);
            copy(key.bytes(), w, publicKey);
            return scheme.verify(w, publicKey, message.segment(), 0, message.length(), w, 0, context.length, w, signature, given.length, w,
                    workspace);
        }
    }

    @Override
    void end() {
        message.clear();
    }
}
