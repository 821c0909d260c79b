package dev.coffer.crypto.p256;

import dev.coffer.crypto.Hash;
import dev.coffer.crypto.Signature;
import dev.coffer.crypto.exchange.Curve;
import dev.coffer.crypto.internal.Drawn;
import dev.coffer.crypto.internal.Ending;
import dev.coffer.crypto.internal.Ranges;
import dev.coffer.memory.Entropy;
import dev.coffer.memory.Wipe;
import java.lang.foreign.MemorySegment;

/// ECDSA on P-256 with SHA-256 as a [Signature]; see [EcdsaP256#SCHEME]. Signatures are raw.
final class EcdsaP256Scheme implements Signature {
    private static final String NAME = "ECDSA P-256";
    private static final int EXTRA_BYTES = 32;

    // The workspace of signing: a digest, fresh bytes, and that of ECDSA. That of the rest: a private key, a public key, and the group's.
    private static final long DIGEST = 0;
    private static final long EXTRA = DIGEST + EcdsaP256.DIGEST_BYTES;
    private static final long INNER = EXTRA + EXTRA_BYTES;
    private static final long PUBLIC = P256.PRIVATE_KEY_BYTES;
    private static final long GROUP = PUBLIC + P256.PUBLIC_KEY_BYTES;

    private final Curve curve;

    EcdsaP256Scheme(Curve curve) {
        this.curve = curve;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public int seedBytes() {
        return P256.PRIVATE_KEY_BYTES;
    }

    @Override
    public int publicKeyBytes() {
        return P256.PUBLIC_KEY_BYTES;
    }

    @Override
    public int privateKeyBytes() {
        return P256.PRIVATE_KEY_BYTES;
    }

    @Override
    public int signatureBytes() {
        return EcdsaP256.SIGNATURE_BYTES;
    }

    @Override
    public int contextBytesMax() {
        return 0;
    }

    @Override
    public long signWorkspaceBytes() {
        return INNER + EcdsaP256.SIGN_WORKSPACE_BYTES;
    }

    @Override
    public long workspaceBytes() {
        return Math.max(GROUP + P256.WORKSPACE_BYTES, EcdsaP256.VERIFY_WORKSPACE_BYTES);
    }

    @Override
    public boolean keyPair(MemorySegment seed, long seedAt, MemorySegment publicKey, long publicKeyAt, MemorySegment privateKey,
            long privateKeyAt, MemorySegment w, long at) {
        Ranges.checkSecret(NAME, seed, seedAt, seedBytes());
        Ranges.checkWritable(NAME, publicKey, publicKeyAt, publicKeyBytes());
        Ranges.checkWorkspace(NAME, privateKey, privateKeyAt, privateKeyBytes());
        Ranges.checkWorkspace(NAME, w, at, workspaceBytes());
        Ranges.apart(NAME, w, at, workspaceBytes(), seed, seedAt, seedBytes());
        Ranges.apart(NAME, w, at, workspaceBytes(), publicKey, publicKeyAt, publicKeyBytes());
        Ranges.apart(NAME, w, at, workspaceBytes(), privateKey, privateKeyAt, privateKeyBytes());
        Ranges.apart(NAME, seed, seedAt, seedBytes(), publicKey, publicKeyAt, publicKeyBytes());
        Ranges.apart(NAME, publicKey, publicKeyAt, publicKeyBytes(), privateKey, privateKeyAt, privateKeyBytes());
        Ranges.inPlaceOrApart(NAME, seed, seedAt, seedBytes(), privateKey, privateKeyAt, privateKeyBytes());
        boolean whole = true;
        try {
            if (!P256.privateKey(seed, seedAt, w, at, w, at + GROUP)) {
                return false;
            }
            boolean made = curve.publicKey(w, at, w, at + PUBLIC, w, at + GROUP);
            assert made : "a private key that was just made";
            whole = false;
            MemorySegment.copy(w, at + PUBLIC, publicKey, publicKeyAt, publicKeyBytes());
            MemorySegment.copy(w, at, privateKey, privateKeyAt, privateKeyBytes());
            whole = true;
            return true;
        } finally {
            Ending.end(whole, publicKey, publicKeyAt, publicKeyBytes(), privateKey, privateKeyAt, privateKeyBytes(), w, at, workspaceBytes());
        }
    }

    /// Hedged where there is entropy (RFC 6979, section 3.6): the nonce follows from key, message and fresh bytes.
    @Override
    public boolean sign(Entropy entropy, MemorySegment privateKey, long privateKeyAt, MemorySegment message, long messageAt,
            long length, MemorySegment context, long contextAt, int contextLength, MemorySegment signature, long signatureAt,
            MemorySegment w, long at) {
        Ranges.checkContext(NAME, context, contextAt, contextLength, 0);
        Ranges.checkSecret(NAME, privateKey, privateKeyAt, privateKeyBytes());
        Ranges.check(NAME, message, messageAt, length);
        Ranges.checkWritable(NAME, signature, signatureAt, signatureBytes());
        Ranges.checkWorkspace(NAME, w, at, signWorkspaceBytes());
        Ranges.apart(NAME, privateKey, privateKeyAt, privateKeyBytes(), signature, signatureAt, signatureBytes());
        Ranges.apart(NAME, message, messageAt, length, signature, signatureAt, signatureBytes());
        Ranges.apart(NAME, w, at, signWorkspaceBytes(), privateKey, privateKeyAt, privateKeyBytes());
        Ranges.apart(NAME, w, at, signWorkspaceBytes(), message, messageAt, length);
        Ranges.apart(NAME, w, at, signWorkspaceBytes(), signature, signatureAt, signatureBytes());
        try {
            int extra = entropy == DETERMINISTIC ? 0 : EXTRA_BYTES;
            if (extra != 0) {
                Drawn.fill(NAME, entropy, w, at + EXTRA, EXTRA_BYTES);
            }
            Hash.SHA_256.hash(w, at + INNER, message, messageAt, length, w, at + DIGEST);
            return EcdsaP256.signDigest(curve, privateKey, privateKeyAt, w, at + DIGEST, w, at + EXTRA, extra, signature, signatureAt, w,
                    at + INNER);
        } finally {
            Wipe.bytes(w, at, signWorkspaceBytes());
        }
    }

    @Override
    public boolean verify(MemorySegment publicKey, long publicKeyAt, MemorySegment message, long messageAt, long length,
            MemorySegment context, long contextAt, int contextLength, MemorySegment signature, long signatureAt,
            long signatureLength, MemorySegment w, long at) {
        Ranges.check(NAME, publicKey, publicKeyAt, publicKeyBytes());
        Ranges.check(NAME, message, messageAt, length);
        Ranges.check(NAME, context, contextAt, contextLength);
        Ranges.check(NAME, signature, signatureAt, signatureLength);
        Ranges.checkWorkspace(NAME, w, at, workspaceBytes());
        Ranges.apart(NAME, w, at, workspaceBytes(), publicKey, publicKeyAt, publicKeyBytes());
        Ranges.apart(NAME, w, at, workspaceBytes(), message, messageAt, length);
        Ranges.apart(NAME, w, at, workspaceBytes(), signature, signatureAt, signatureLength);
        try {
            return contextLength == 0 && EcdsaP256.verify(publicKey, publicKeyAt, P256.PUBLIC_KEY_BYTES, message, messageAt, length,
                    signature, signatureAt, signatureLength, w, at);
        } finally {
            Wipe.bytes(w, at, workspaceBytes());
        }
    }

    @Override
    public String toString() {
        return NAME;
    }
}
