package dev.coffer.crypto.x25519;

import dev.coffer.crypto.Agreement;
import dev.coffer.crypto.exchange.ExchangeKem;
import java.lang.foreign.MemorySegment;

/// X25519 as a [dev.coffer.crypto.Kem]; see [X25519#KEM].
final class X25519Kem extends ExchangeKem {
    X25519Kem() {
        super("X25519", X25519.PUBLIC_KEY_BYTES, X25519.WORKSPACE_BYTES);
    }

    /// Any 32 bytes are a private key.
    @Override
    protected boolean privateKey(MemorySegment seed, long seedAt, MemorySegment key, long keyAt, MemorySegment workspace, long at) {
        MemorySegment.copy(seed, seedAt, key, keyAt, PRIVATE_BYTES);
        return true;
    }

    @Override
    protected boolean publicKey(MemorySegment key, long keyAt, MemorySegment publicKey, long publicAt, MemorySegment workspace,
            long at) {
        X25519.publicKey(key, keyAt, publicKey, publicAt, workspace, at);
        return true;
    }

    @Override
    protected Agreement agree(MemorySegment key, long keyAt, MemorySegment peer, long peerAt, MemorySegment shared, long sharedAt,
            MemorySegment workspace, long at) {
        return X25519.agree(key, keyAt, peer, peerAt, shared, sharedAt, workspace, at);
    }
}
