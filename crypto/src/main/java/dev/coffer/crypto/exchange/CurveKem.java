package dev.coffer.crypto.exchange;

import dev.coffer.crypto.Agreement;
import dev.coffer.crypto.Kem;
import dev.coffer.crypto.internal.Drawn;
import dev.coffer.crypto.internal.KemRanges;
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
    private final KemRanges ranges;

    CurveKem(Curve curve) {
        this.curve = curve;
        this.name = curve.name();
        this.publicBytes = curve.publicBytes();
        this.inner = PUBLIC + publicBytes;
        this.workspaceBytes = inner + curve.workspaceBytes();
        this.ranges = new KemRanges(name, PRIVATE_BYTES, publicBytes, PRIVATE_BYTES, publicBytes, PRIVATE_BYTES, workspaceBytes);
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
        ranges.checkKeyPair(seed, seedAt, ek, ekAt, dk, dkAt, w, at);
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
            ranges.endKeyPair(whole, ek, ekAt, dk, dkAt, w, at);
        }
    }

    @Override
    public boolean encapsulate(Entropy entropy, MemorySegment ek, long ekAt, MemorySegment ciphertext, long ciphertextAt,
            MemorySegment shared, long sharedAt, MemorySegment w, long at) {
        ranges.checkEncapsulation(ek, ekAt, ciphertext, ciphertextAt, shared, sharedAt, w, at);
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
            ranges.endEncapsulation(whole, ciphertext, ciphertextAt, shared, sharedAt, w, at);
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
        ranges.checkDecapsulation(dk, dkAt, ciphertext, ciphertextAt, shared, sharedAt, w, at);
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

    @Override
    public String toString() {
        return name;
    }
}
