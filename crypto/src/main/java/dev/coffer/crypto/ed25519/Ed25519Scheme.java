package dev.coffer.crypto.ed25519;

import dev.coffer.crypto.Signature;
import dev.coffer.crypto.internal.Ending;
import dev.coffer.crypto.internal.Ranges;
import dev.coffer.memory.Entropy;
import dev.coffer.memory.Wipe;
import java.lang.foreign.MemorySegment;

/// Ed25519 as a [Signature]; see [Ed25519#SCHEME]. The private key that signs has the public key behind it, where nobody else can
/// exchange it.
final class Ed25519Scheme implements Signature {
    private static final int PRIVATE = Ed25519.PRIVATE_KEY_BYTES;

    @Override
    public String name() {
        return Ed25519.NAME;
    }

    @Override
    public int seedBytes() {
        return PRIVATE;
    }

    @Override
    public int publicKeyBytes() {
        return Ed25519.PUBLIC_KEY_BYTES;
    }

    @Override
    public int privateKeyBytes() {
        return PRIVATE + Ed25519.PUBLIC_KEY_BYTES;
    }

    @Override
    public int signatureBytes() {
        return Ed25519.SIGNATURE_BYTES;
    }

    @Override
    public int contextBytesMax() {
        return 0;
    }

    @Override
    public long signWorkspaceBytes() {
        return Ed25519.SIGN_WORKSPACE_BYTES;
    }

    @Override
    public long workspaceBytes() {
        return Math.max(Ed25519.SIGN_WORKSPACE_BYTES, Ed25519.VERIFY_WORKSPACE_BYTES);
    }

    @Override
    public boolean keyPair(MemorySegment seed, long seedAt, MemorySegment publicKey, long publicKeyAt, MemorySegment privateKey,
            long privateKeyAt, MemorySegment workspace, long at) {
        Ranges.checkSecret(Ed25519.NAME, seed, seedAt, PRIVATE);
        Ranges.checkWritable(Ed25519.NAME, publicKey, publicKeyAt, publicKeyBytes());
        Ranges.checkWorkspace(Ed25519.NAME, privateKey, privateKeyAt, privateKeyBytes());
        Ranges.checkWorkspace(Ed25519.NAME, workspace, at, workspaceBytes());
        Ranges.apart(Ed25519.NAME, seed, seedAt, PRIVATE, publicKey, publicKeyAt, publicKeyBytes());
        Ranges.apart(Ed25519.NAME, publicKey, publicKeyAt, publicKeyBytes(), privateKey, privateKeyAt, privateKeyBytes());
        Ranges.inPlaceOrApart(Ed25519.NAME, seed, seedAt, PRIVATE, privateKey, privateKeyAt, privateKeyBytes());
        apart(workspace, at, seed, seedAt, PRIVATE);
        apart(workspace, at, publicKey, publicKeyAt, publicKeyBytes());
        apart(workspace, at, privateKey, privateKeyAt, privateKeyBytes());
        boolean whole = false;
        try {
            Ed25519.publicKey(seed, seedAt, publicKey, publicKeyAt, workspace, at);
            MemorySegment.copy(seed, seedAt, privateKey, privateKeyAt, PRIVATE);
            MemorySegment.copy(publicKey, publicKeyAt, privateKey, privateKeyAt + PRIVATE, Ed25519.PUBLIC_KEY_BYTES);
            whole = true;
            return true;
        } finally {
            Ending.end(whole, publicKey, publicKeyAt, publicKeyBytes(), privateKey, privateKeyAt, privateKeyBytes(), workspace, at,
                    workspaceBytes());
        }
    }

    /// The entropy is not asked: the nonce follows from key and message (RFC 8032, section 5.1.6).
    @Override
    public boolean sign(Entropy entropy, MemorySegment privateKey, long privateKeyAt, MemorySegment message, long messageAt,
            long length, MemorySegment context, long contextAt, int contextLength, MemorySegment signature, long signatureAt,
            MemorySegment workspace, long at) {
        Ranges.checkSecret(Ed25519.NAME, privateKey, privateKeyAt, privateKeyBytes());
        Ranges.checkContext(Ed25519.NAME, context, contextAt, contextLength, 0);
        Ranges.checkWritable(Ed25519.NAME, signature, signatureAt, signatureBytes());
        Ranges.apart(Ed25519.NAME, privateKey, privateKeyAt, privateKeyBytes(), signature, signatureAt, signatureBytes());
        Ed25519.sign(privateKey, privateKeyAt, privateKey, privateKeyAt + PRIVATE, message, messageAt, length, signature,
                signatureAt, workspace, at);
        return true;
    }

    @Override
    public boolean verify(MemorySegment publicKey, long publicKeyAt, MemorySegment message, long messageAt, long length,
            MemorySegment context, long contextAt, int contextLength, MemorySegment signature, long signatureAt,
            long signatureLength, MemorySegment workspace, long at) {
        Ranges.check(Ed25519.NAME, publicKey, publicKeyAt, publicKeyBytes());
        Ranges.check(Ed25519.NAME, message, messageAt, length);
        Ranges.check(Ed25519.NAME, context, contextAt, contextLength);
        Ranges.check(Ed25519.NAME, signature, signatureAt, signatureLength);
        Ranges.checkWorkspace(Ed25519.NAME, workspace, at, workspaceBytes());
        apart(workspace, at, publicKey, publicKeyAt, publicKeyBytes());
        apart(workspace, at, message, messageAt, length);
        apart(workspace, at, signature, signatureAt, signatureLength);
        try {
            return contextLength == 0 && Ed25519.verify(publicKey, publicKeyAt, message, messageAt, length, signature, signatureAt,
                    signatureLength, workspace, at);
        } finally {
            Wipe.bytes(workspace, at, workspaceBytes());
        }
    }

    private void apart(MemorySegment workspace, long at, MemorySegment segment, long segmentAt, long length) {
        Ranges.apart(Ed25519.NAME, workspace, at, workspaceBytes(), segment, segmentAt, length);
    }

    @Override
    public String toString() {
        return Ed25519.NAME;
    }
}
