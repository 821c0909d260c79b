package dev.coffer.jca;

import dev.coffer.crypto.Signature;
import dev.coffer.crypto.falcon.Falcon;
import dev.coffer.crypto.falcon.FalconForm;
import dev.coffer.crypto.key.KeyAlgorithm;
import dev.coffer.crypto.key.KeyPair;
import dev.coffer.memory.Entropy;
import dev.coffer.memory.internal.vault.Piece;
import java.lang.foreign.MemorySegment;
import java.security.SignatureException;
import java.util.Set;

/// Schemes that read a message twice, Ed25519 and SLH-DSA, or begin it with what the signature says, Falcon: it is gathered off the heap, up
/// to what the area for work has room for. SLH-DSA and Falcon draw fresh entropy; Ed25519 is deterministic by its standard. Signatures of Falcon
/// are made compressed, as other providers do, and verified in each form.
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

    /// {@return bytes of the longest signature that is taken}
    private static int bytesMax(Signature scheme) {
        return scheme instanceof Falcon falcon ? falcon.signatureBytesMax(FalconForm.CONSTANT_TIME) : scheme.signatureBytes();
    }

    @Override
    int bytesMax() {
        return algorithm().signature() instanceof Falcon falcon ? falcon.signatureBytesMax(FalconForm.COMPRESSED) : super.bytesMax();
    }

    // The room of both: context, signature, public key, workspace.

    @Override
    byte[] sign(KeyPair key) throws SignatureException {
        Signature scheme = key.algorithm().signature();
        byte[] context = context();
        long signature = context.length;
        long workspace = signature + bytesMax(scheme);
        try (Piece room = vault.work(workspace + scheme.signWorkspaceBytes())) {
            MemorySegment w = room.segment();
            copy(context, w, 0);
            if (scheme instanceof Falcon falcon) {
                int bytes = falcon.sign(FalconForm.COMPRESSED, Entropy.SYSTEM, key.secret().segment(), key.secret().offset(), message.segment(), 0,
                        message.length(), w, signature, w, workspace);
                if (bytes != 0) {
                    return array(w, signature, bytes);
                }
                throw new SignatureException("a private key of " + key.algorithm() + " that is none");
            }
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
        if (scheme instanceof Falcon ? given.length > bytesMax(scheme) : given.length != bytesMax(scheme)) {
            return false;
        }
        byte[] context = context();
        long signature = context.length;
        long publicKey = signature + given.length;
        long workspace = publicKey + scheme.publicKeyBytes();
        try (Piece room = vault.work(workspace + scheme.workspaceBytes())) {
            MemorySegment w = room.segment();
            copy(context, w, 0);
            copy(given, w, signature);
            copy(key.bytes(), w, publicKey);
            if (scheme instanceof Falcon falcon) {
                return falcon.verify(falcon.form(w, signature, given.length), w, publicKey, message.segment(), 0, message.length(), w, signature,
                        given.length, w, workspace);
            }
            return scheme.verify(w, publicKey, message.segment(), 0, message.length(), w, 0, context.length, w, signature, given.length, w,
                    workspace);
        }
    }

    @Override
    void end() {
        message.clear();
    }
}
