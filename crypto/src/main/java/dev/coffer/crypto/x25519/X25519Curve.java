package dev.coffer.crypto.x25519;

import dev.coffer.crypto.Agreement;
import dev.coffer.crypto.exchange.Curve;
import java.lang.foreign.MemorySegment;

/// X25519 as a [Curve]; see [X25519#CURVE].
final class X25519Curve extends Curve {
    X25519Curve() {
        super("X25519", X25519.PUBLIC_KEY_BYTES, X25519.WORKSPACE_BYTES);
    }

    /// Any 32 bytes are a private key.
    @Override
    public boolean privateKey(MemorySegment seed, long seedAt, MemorySegment key, long keyAt, MemorySegment workspace, long at) {
        MemorySegment.copy(seed, seedAt, key, keyAt, PRIVATE_BYTES);
        return true;
    }

    @Override
    public boolean publicKey(MemorySegment key, long keyAt, MemorySegment publicKey, long publicAt, MemorySegment workspace,
            long at) {
        X25519.publicKey(key, keyAt, publicKey, publicAt, workspace, at);
        return true;
    }

    @Override
    public Agreement agree(MemorySegment key, long keyAt, MemorySegment peer, long peerAt, MemorySegment shared, long sharedAt,
            MemorySegment workspace, long at) {
        return X25519.agree(key, keyAt, peer, peerAt, shared, sharedAt, workspace, at);
    }
}
