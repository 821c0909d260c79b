package dev.coffer.jca;

import dev.coffer.crypto.Hash;
import dev.coffer.crypto.key.KeyAlgorithm;
import dev.coffer.crypto.key.KeyPair;
import dev.coffer.crypto.p256.EcdsaP256;
import dev.coffer.crypto.p256.EcdsaSignature;
import dev.coffer.crypto.p256.P256;
import dev.coffer.memory.Entropy;
import dev.coffer.memory.internal.vault.Piece;
import java.lang.foreign.MemorySegment;
import java.security.SignatureException;
import java.util.EnumSet;

/// ECDSA on P-256 with SHA-256, as DER or raw (IEEE P1363), of a message that is hashed as it comes. Nonces are hedged: they follow from key,
/// digest and fresh entropy (RFC 6979, section 3.6).
final class EcdsaEngine extends SignatureEngine {
    private static final int EXTRA_BYTES = 32;
    private static final int RAW_BYTES = EcdsaP256.SIGNATURE_BYTES;

    // The room of an operation: digest, raw signature, DER or fresh entropy, public key, workspace.
    private static final long DIGEST = 0;
    private static final long RAW = DIGEST + EcdsaP256.DIGEST_BYTES;
    private static final long DER = RAW + RAW_BYTES;
    private static final long PUBLIC = DER + EcdsaSignature.DER_BYTES_MAX;
    private static final long WORKSPACE = PUBLIC + P256.PUBLIC_KEY_BYTES;

    private final boolean raw;
    private Piece state;  // null between messages

    EcdsaEngine(Vault vault, boolean raw) {
        super(vault, EnumSet.of(KeyAlgorithm.P256));
        this.raw = raw;
    }

    @Override
    void begin() {
        if (state == null) {
            state = vault.work(Hash.SHA_256.stateBytes()).watch(this);
        }
        Hash.SHA_256.init(state.segment(), 0);
    }

    @Override
    void take(MemorySegment input, long at, long length) {
        Hash.SHA_256.update(state.segment(), 0, input, at, length);
    }

    @Override
    int bytesMax() {
        return raw ? RAW_BYTES : EcdsaSignature.DER_BYTES_MAX;
    }

    @Override
    byte[] sign(KeyPair key) throws SignatureException {
        try (Piece room = vault.work(WORKSPACE + EcdsaP256.SIGN_WORKSPACE_BYTES)) {
            MemorySegment w = room.segment();
            Hash.SHA_256.digest(state.segment(), 0, w, DIGEST);
            Entropy.SYSTEM.fill(w, DER, EXTRA_BYTES);
            if (!EcdsaP256.signDigest(key.secret().segment(), key.secret().offset(), w, DIGEST, w, DER, EXTRA_BYTES, w, RAW, w, WORKSPACE)) {
                throw new SignatureException("a private key of secp256r1 that is none");
            }
            return raw ? array(w, RAW, RAW_BYTES) : array(w, DER, EcdsaSignature.toDer(w, RAW, w, DER));
        }
    }

    @Override
    boolean verify(CofferPublicKey key, byte[] signature) {
        if (raw ? signature.length != RAW_BYTES : signature.length > EcdsaSignature.DER_BYTES_MAX) {
            return false;
        }
        try (Piece room = vault.work(WORKSPACE + EcdsaP256.VERIFY_WORKSPACE_BYTES)) {
            MemorySegment w = room.segment();
            copy(signature, w, raw ? RAW : DER);
            if (!raw && !EcdsaSignature.fromDer(w, DER, signature.length, w, RAW)) {
                return false;
            }
            copy(key.bytes(), w, PUBLIC);
            Hash.SHA_256.digest(state.segment(), 0, w, DIGEST);
            return EcdsaP256.verifyDigest(w, PUBLIC, key.bytes().length, w, DIGEST, w, RAW, RAW_BYTES, w, WORKSPACE);
        }
    }

    @Override
    void end() {
        close(state);
        state = null;
    }
}
