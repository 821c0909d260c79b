package dev.coffer.crypto.libcrypto;

import dev.coffer.crypto.Agreement;
import dev.coffer.crypto.exchange.Curve;
import dev.coffer.crypto.internal.Ranges;
import dev.coffer.crypto.x25519.X25519;
import dev.coffer.memory.Wipe;
import java.lang.foreign.MemorySegment;

/// X25519 of libcrypto. A call makes key objects in the library's memory and frees them, which wipes them, before it returns. Where it fails, as
/// memory is spent or a peer's point has small order, our own code answers.
///
/// Any thread; 0 heap bytes.
final class NativeX25519 extends Curve {
    // The workspace: the peer's key or our own public one, the secret, a length.
    private static final long PUBLIC = 0;
    private static final long SHARED = PUBLIC + X25519.PUBLIC_KEY_BYTES;
    private static final long LENGTH = SHARED + PRIVATE_BYTES;
    private static final long USED_BYTES = LENGTH + Long.BYTES;

    private final Closing closing;
    private final boolean answersAlways;

    /// @param answersAlways  whether our own code answers where the library fails
    NativeX25519(Closing closing, boolean answersAlways) {
        super(X25519.CURVE.name(), X25519.CURVE.publicBytes(), X25519.CURVE.workspaceBytes());
        this.closing = closing;
        this.answersAlways = answersAlways;
    }

    @Override
    public boolean privateKey(MemorySegment seed, long seedAt, MemorySegment key, long keyAt, MemorySegment workspace, long at) {
        return X25519.CURVE.privateKey(seed, seedAt, key, keyAt, workspace, at);
    }

    @Override
    public boolean publicKey(MemorySegment key, long keyAt, MemorySegment publicKey, long publicAt, MemorySegment workspace, long at) {
        check(key, keyAt, publicKey, publicAt, workspace, at);
        Ranges.checkWritable(name(), publicKey, publicAt, publicBytes());
        return published(key, keyAt, publicKey, publicAt, workspace, at)
                || answersAlways && X25519.CURVE.publicKey(key, keyAt, publicKey, publicAt, workspace, at);
    }

    @Override
    public Agreement agree(MemorySegment key, long keyAt, MemorySegment peer, long peerAt, MemorySegment shared, long sharedAt,
            MemorySegment workspace, long at) {
        return exchange(key, keyAt, peer, peerAt, shared, sharedAt, MemorySegment.NULL, 0, workspace, at);
    }

    /// @param publicKey  NULL where it is not wanted
    @Override
    public Agreement exchange(MemorySegment key, long keyAt, MemorySegment peer, long peerAt, MemorySegment shared, long sharedAt,
            MemorySegment publicKey, long publicAt, MemorySegment workspace, long at) {
        check(key, keyAt, peer, peerAt, workspace, at);
        Ranges.checkWorkspace(name(), shared, sharedAt, PRIVATE_BYTES);
        Ranges.apart(name(), workspace, at, workspaceBytes(), shared, sharedAt, PRIVATE_BYTES);
        boolean published = publicKey.byteSize() > 0;
        if (published) {
            check(key, keyAt, publicKey, publicAt, workspace, at);
            Ranges.checkWritable(name(), publicKey, publicAt, publicBytes());
        }
        if (exchanged(key, keyAt, peer, peerAt, shared, sharedAt, publicKey, publicAt, workspace, at)) {
            return Agreement.AGREED;
        }
        if (!answersAlways) {
            return Agreement.LOW_ORDER;
        }
        return published ? X25519.CURVE.exchange(key, keyAt, peer, peerAt, shared, sharedAt, publicKey, publicAt, workspace, at)
                : X25519.CURVE.agree(key, keyAt, peer, peerAt, shared, sharedAt, workspace, at);
    }

    private void check(MemorySegment key, long keyAt, MemorySegment open, long openAt, MemorySegment w, long at) {
        Ranges.checkSecret(name(), key, keyAt, PRIVATE_BYTES);
        Ranges.check(name(), open, openAt, publicBytes());
        Ranges.checkWorkspace(name(), w, at, workspaceBytes());
        Ranges.apart(name(), w, at, workspaceBytes(), key, keyAt, PRIVATE_BYTES);
        Ranges.apart(name(), w, at, workspaceBytes(), open, openAt, publicBytes());
    }

    private boolean published(MemorySegment key, long keyAt, MemorySegment publicKey, long publicAt, MemorySegment w, long at) {
        if (!closing.enter()) {
            return false;
        }
        long own = 0;
        try {
            own = CurveCalls.privateKey(key, keyAt);
            if (own == 0 || !CurveCalls.publicKeyOf(own, w, at + PUBLIC, at + LENGTH)) {
                return false;
            }
            MemorySegment.copy(w, at + PUBLIC, publicKey, publicAt, publicBytes());
            return true;
        } finally {
            CurveCalls.keyFree(own);
            try {
                Wipe.bytes(w, at, USED_BYTES);
            } finally {
                closing.leave();
            }
        }
    }

    private boolean exchanged(MemorySegment key, long keyAt, MemorySegment peer, long peerAt, MemorySegment shared, long sharedAt,
            MemorySegment publicKey, long publicAt, MemorySegment w, long at) {
        if (!closing.enter()) {
            return false;
        }
        long own = 0;
        long other = 0;
        long exchange = 0;
        try {
            MemorySegment.copy(peer, peerAt, w, at + PUBLIC, publicBytes());
            own = CurveCalls.privateKey(key, keyAt);
            other = CurveCalls.publicKey(w, at + PUBLIC);
            exchange = own == 0 || other == 0 ? 0 : CurveCalls.exchange(own, other);
            if (exchange == 0 || !CurveCalls.derive(exchange, w, at + SHARED, at + LENGTH)) {
                return false;
            }
            if (publicKey.byteSize() > 0) {
                if (!CurveCalls.publicKeyOf(own, w, at + PUBLIC, at + LENGTH)) {
                    return false;
                }
                MemorySegment.copy(w, at + PUBLIC, publicKey, publicAt, publicBytes());
            }
            MemorySegment.copy(w, at + SHARED, shared, sharedAt, PRIVATE_BYTES);
            return true;
        } finally {
            CurveCalls.exchangeFree(exchange);
            CurveCalls.keyFree(other);
            CurveCalls.keyFree(own);
            try {
                Wipe.bytes(w, at, USED_BYTES);
            } finally {
                closing.leave();
            }
        }
    }
}
