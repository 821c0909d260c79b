package dev.coffer.crypto.libcrypto;

import dev.coffer.crypto.Agreement;
import dev.coffer.crypto.exchange.Curve;
import dev.coffer.crypto.internal.Ranges;
import dev.coffer.crypto.p256.P256;
import dev.coffer.memory.Wipe;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/// P-256 of libcrypto. A call makes numbers and points in the library's memory and frees them, which wipes them, before it returns. Where it
/// fails, as memory is spent or what came is no point, our own code answers.
///
/// Any thread; 0 heap bytes.
final class NativeP256 extends Curve {
    private static final long POINT_ROOM = 72;  // of 65 bytes, in the workspace
    private static final byte UNCOMPRESSED = 4;

    private final Closing closing;
    private final long group;
    private final boolean answersAlways;

    /// @param group          an EC_GROUP, that is there as long as `closing` lets in
    /// @param answersAlways  whether our own code answers where the library fails; without it, the workspace is a point's room, and what
    ///                       fails is no key
    NativeP256(Closing closing, long group, boolean answersAlways) {
        super(P256.CURVE.name(), P256.CURVE.publicBytes(), answersAlways ? P256.CURVE.workspaceBytes() : POINT_ROOM);
        this.closing = closing;
        this.group = group;
        this.answersAlways = answersAlways;
    }

    @Override
    public boolean privateKey(MemorySegment seed, long seedAt, MemorySegment key, long keyAt, MemorySegment workspace, long at) {
        if (!answersAlways) {
            throw new IllegalStateException("a form of the curve that makes no keys");
        }
        return P256.CURVE.privateKey(seed, seedAt, key, keyAt, workspace, at);
    }

    @Override
    public boolean publicKey(MemorySegment key, long keyAt, MemorySegment publicKey, long publicAt, MemorySegment workspace, long at) {
        check(key, keyAt, publicKey, publicAt, workspace, at);
        Ranges.checkWritable(name(), publicKey, publicAt, publicBytes());
        return multiplied(key, keyAt, null, 0, publicKey, publicAt, 0, publicBytes(), workspace, at)
                || answersAlways && P256.CURVE.publicKey(key, keyAt, publicKey, publicAt, workspace, at);
    }

    @Override
    public Agreement agree(MemorySegment key, long keyAt, MemorySegment peer, long peerAt, MemorySegment shared, long sharedAt,
            MemorySegment workspace, long at) {
        check(key, keyAt, peer, peerAt, workspace, at);
        Ranges.checkWorkspace(name(), shared, sharedAt, PRIVATE_BYTES);
        Ranges.apart(name(), workspace, at, workspaceBytes(), shared, sharedAt, PRIVATE_BYTES);
        if (peer.get(ValueLayout.JAVA_BYTE, peerAt) == UNCOMPRESSED  // the library knows more forms of that length
                && multiplied(key, keyAt, peer, peerAt, shared, sharedAt, 1, PRIVATE_BYTES, workspace, at)) {
            return Agreement.AGREED;
        }
        return answersAlways ? P256.CURVE.agree(key, keyAt, peer, peerAt, shared, sharedAt, workspace, at) : Agreement.NO_POINT;
    }

    private void check(MemorySegment key, long keyAt, MemorySegment open, long openAt, MemorySegment w, long at) {
        Ranges.checkSecret(name(), key, keyAt, PRIVATE_BYTES);
        Ranges.check(name(), open, openAt, publicBytes());
        Ranges.checkWorkspace(name(), w, at, workspaceBytes());
        Ranges.apart(name(), w, at, workspaceBytes(), key, keyAt, PRIVATE_BYTES);
        Ranges.apart(name(), w, at, workspaceBytes(), open, openAt, publicBytes());
    }

    /// Multiplies the base point, or a peer's, and writes a part of the encoded product.
    private boolean multiplied(MemorySegment key, long keyAt, @Nullable MemorySegment peer, long peerAt, MemorySegment output, long outputAt, long skip,
            long length, MemorySegment w, long at) {
        if (!closing.enter()) {
            return false;
        }
        long scalar = 0;
        long result = 0;
        long point = 0;
        try {
            scalar = CurveCalls.scalar(key, keyAt);
            result = CurveCalls.point(group);
            if (scalar == 0 || result == 0 || !CurveCalls.isKey(group, scalar)) {
                return false;
            }
            if (peer != null) {
                MemorySegment.copy(peer, peerAt, w, at, publicBytes());
                point = CurveCalls.point(group);
                if (point == 0 || !CurveCalls.decode(group, point, w, at, publicBytes())) {
                    return false;
                }
            }
            if (!CurveCalls.multiply(group, result, scalar, point) || !CurveCalls.encode(group, result, w, at)) {
                return false;
            }
            MemorySegment.copy(w, at + skip, output, outputAt, length);
            return true;
        } finally {
            CurveCalls.pointFree(point);
            CurveCalls.pointFree(result);
            CurveCalls.scalarFree(scalar);
            try {
                Wipe.bytes(w, at, POINT_ROOM);
            } finally {
                closing.leave();
            }
        }
    }
}
