package dev.coffer.crypto.p256;

import dev.coffer.crypto.Agreement;
import dev.coffer.crypto.exchange.Curve;
import java.lang.foreign.MemorySegment;

/// ECDH on P-256 as a [Curve], with uncompressed points, the only ones of TLS 1.3 (RFC 8446, section 4.2.8.2); see [P256#CURVE].
final class P256Curve extends Curve {
    P256Curve() {
        super("P-256", P256.PUBLIC_KEY_BYTES, P256.WORKSPACE_BYTES);
    }

    @Override
    public boolean privateKey(MemorySegment seed, long seedAt, MemorySegment key, long keyAt, MemorySegment workspace, long at) {
        return P256.privateKey(seed, seedAt, key, keyAt, workspace, at);
    }

    @Override
    public boolean publicKey(MemorySegment key, long keyAt, MemorySegment publicKey, long publicAt, MemorySegment workspace,
            long at) {
        return P256.publicKey(key, keyAt, publicKey, publicAt, workspace, at);
    }

    @Override
    public Agreement agree(MemorySegment key, long keyAt, MemorySegment peer, long peerAt, MemorySegment shared, long sharedAt,
            MemorySegment workspace, long at) {
        return P256.agree(key, keyAt, peer, peerAt, P256.PUBLIC_KEY_BYTES, shared, sharedAt, workspace, at);
    }
}
