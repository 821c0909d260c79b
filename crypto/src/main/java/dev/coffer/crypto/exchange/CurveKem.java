package dev.coffer.crypto.exchange;

import dev.coffer.crypto.Agreement;
import dev.coffer.crypto.Kem;
import dev.coffer.crypto.internal.Drawn;
import dev.coffer.crypto.internal.Ranges;
import dev.coffer.memory.Entropy;
import dev.coffer.memory.Wipe;
import java.lang.foreign.MemorySegment;

/// A curve as a [Kem]: who encapsulates makes a key pair for this once, and its public key is the ciphertext.
final class CurveKem implements Kem {
    private static final int PRIVATE_BYTES = Curve.PRIVATE_BYTES;
    /// Draws from a source before [#encapsulate] gives up: that many misses of a good one have a chance of 2^-256.
    private static final int DRAWS_MAX = 8;

    // The workspace: a seed, the private key of it, the secret, the public key, and the group's own.
    private static final long SEED = 0;
    private static final long PRIVATE = SEED + PRIVATE_BYTES;
    private static final long SHARED = PRIVATE + PRIVATE_BYTES;
    private static final long PUBLIC = SHARED + PRIVATE_BYTES;

    private final Curve curve;
    private final String name;
    private final int publicBytes;
    private final long inner;
    private final long workspaceBytes;

    CurveKem(Curve curve) {
        this.curve = curve;
        this.name = curve.name();
        this.publicBytes = curve.publicBytes();
        this.inner = PUBLIC + publicBytes;
        this.workspaceBytes = inner + curve.workspaceBytes();
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int seedBytes() {
        return PRIVATE_BYTES;
    }

    @Override
    public int encapsulationKeyBytes() {
        return publicBytes;
    }

    @Override
    public int decapsulationKeyBytes() {
        return PRIVATE_BYTES;
    }

    @Override
    public int ciphertextBytes() {
        return publicBytes;
    }

    @Override
    public int sharedBytes() {
        return PRIVATE_BYTES;
    }

    @Override
    public long workspaceBytes() {
        return workspaceBytes;
    }

    @Override
    public boolean keyPair(MemorySegment seed, long seedAt, MemorySegment ek, long ekAt, MemorySegment dk, long dkAt,
            MemorySegment w, long at) {
        Ranges.checkSecret(name, seed, seedAt, PRIVATE_BYTES);
        checkOutputs(ek, ekAt, dk, dkAt, w, at);
        Ranges.apart(name, seed, seedAt, PRIVATE_BYTES, ek, ekAt, publicBytes);
        Ranges.inPlaceOrApart(name, seed, seedAt, PRIVATE_BYTES, dk, dkAt, PRIVATE_BYTES);
        apart(w, at, seed, seedAt, PRIVATE_BYTES);
        boolean whole = false;
        try {
            if (!curve.privateKey(seed, seedAt, w, at + PRIVATE, w, at + inner)) {
                whole = true;
                return false;
            }
            boolean made = curve.publicKey(w, at + PRIVATE, w, at + PUBLIC, w, at + inner);
            assert made : "a private key that was just made";
            MemorySegment.copy(w, at + PUBLIC, ek, ekAt, publicBytes);
            MemorySegment.copy(w, at + PRIVATE, dk, dkAt, PRIVATE_BYTES);
            whole = true;
            return true;
        } finally {
            finish(whole, ek, ekAt, dk, dkAt, w, at);
        }
    }

    @Override
    public boolean encapsulate(Entropy entropy, MemorySegment ek, long ekAt, MemorySegment ciphertext, long ciphertextAt,
            MemorySegment shared, long sharedAt, MemorySegment w, long at) {
        Ranges.check(name, ek, ekAt, publicBytes);
        checkOutputs(ciphertext, ciphertextAt, shared, sharedAt, w, at);
        apart(w, at, ek, ekAt, publicBytes);
        Ranges.apart(name, ek, ekAt, publicBytes, ciphertext, ciphertextAt, publicBytes);
        Ranges.apart(name, ek, ekAt, publicBytes, shared, sharedAt, PRIVATE_BYTES);
        boolean whole = false;
        try {
            draw(entropy, w, at);
            if (curve.exchange(w, at + PRIVATE, ek, ekAt, w, at + SHARED, w, at + PUBLIC, w, at + inner) != Agreement.AGREED) {
                whole = true;
                return false;
            }
            MemorySegment.copy(w, at + PUBLIC, ciphertext, ciphertextAt, publicBytes);
            MemorySegment.copy(w, at + SHARED, shared, sharedAt, PRIVATE_BYTES);
            whole = true;
            return true;
        } finally {
            finish(whole, ciphertext, ciphertextAt, shared, sharedAt, w, at);
        }
    }

    private void draw(Entropy entropy, MemorySegment w, long at) {
        for (int draws = 0; draws < DRAWS_MAX; draws++) {
            Drawn.fill(name, entropy, w, at + SEED, PRIVATE_BYTES);
            if (curve.privateKey(w, at + SEED, w, at + PRIVATE, w, at + inner)) {
                return;
            }
        }
        throw new IllegalStateException(name + ": the entropy source gave no key in " + DRAWS_MAX + " draws");
    }

    @Override
    public boolean decapsulate(MemorySegment dk, long dkAt, MemorySegment ciphertext, long ciphertextAt,
            MemorySegment shared, long sharedAt, MemorySegment w, long at) {
        Ranges.checkSecret(name, dk, dkAt, PRIVATE_BYTES);
        Ranges.check(name, ciphertext, ciphertextAt, publicBytes);
        Ranges.checkWorkspace(name, shared, sharedAt, PRIVATE_BYTES);
        Ranges.checkWorkspace(name, w, at, workspaceBytes);
        Ranges.apart(name, dk, dkAt, PRIVATE_BYTES, shared, sharedAt, PRIVATE_BYTES);
        Ranges.apart(name, ciphertext, ciphertextAt, publicBytes, shared, sharedAt, PRIVATE_BYTES);
        apart(w, at, dk, dkAt, PRIVATE_BYTES);
        apart(w, at, ciphertext, ciphertextAt, publicBytes);
        apart(w, at, shared, sharedAt, PRIVATE_BYTES);
        try {
            if (curve.agree(dk, dkAt, ciphertext, ciphertextAt, w, at + SHARED, w, at + inner) != Agreement.AGREED) {
                return false;
            }
            MemorySegment.copy(w, at + SHARED, shared, sharedAt, PRIVATE_BYTES);
            return true;
        } finally {
            Wipe.bytes(w, at, workspaceBytes);
        }
    }

    /// One output that is public, of a public key's length, and a secret one of 32 bytes.
    private void checkOutputs(MemorySegment open, long openAt, MemorySegment secret, long secretAt, MemorySegment w, long at) {
        Ranges.checkWritable(name, open, openAt, publicBytes);
        Ranges.checkWorkspace(name, secret, secretAt, PRIVATE_BYTES);
        Ranges.checkWorkspace(name, w, at, workspaceBytes);
        Ranges.apart(name, open, openAt, publicBytes, secret, secretAt, PRIVATE_BYTES);
        apart(w, at, open, openAt, publicBytes);
        apart(w, at, secret, secretAt, PRIVATE_BYTES);
    }

    private void apart(MemorySegment w, long at, MemorySegment segment, long segmentAt, long length) {
        Ranges.apart(name, w, at, workspaceBytes, segment, segmentAt, length);
    }

    /// Wipes the workspace, and outputs that are not whole.
    private void finish(boolean whole, MemorySegment open, long openAt, MemorySegment secret, long secretAt, MemorySegment w,
            long at) {
        Wipe.bytes(w, at, workspaceBytes);
        if (!whole) {
            Wipe.bytes(open, openAt, publicBytes);  // the first that was written, as the other may be why we are here
            Wipe.bytes(secret, secretAt, PRIVATE_BYTES);
        }
    }

    @Override
    public String toString() {
        return name;
    }
}
