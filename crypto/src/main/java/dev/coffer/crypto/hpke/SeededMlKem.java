package dev.coffer.crypto.hpke;

import dev.coffer.crypto.Kem;
import dev.coffer.crypto.internal.KemRanges;
import dev.coffer.crypto.mlkem.MlKem;
import dev.coffer.memory.Entropy;
import dev.coffer.memory.Wipe;
import java.lang.foreign.MemorySegment;

/// ML-KEM as HPKE has it (draft-ietf-hpke-pq, section 3): the private key is the seed of 64 bytes, and both keys are made of it at each
/// use. Stateless, thread-safe; 0 heap bytes.
final class SeededMlKem implements Kem {
    private static final long EK = 0;

    private final MlKem kem;
    private final long dk;
    private final long operation;
    private final long bytes;
    private final KemRanges ranges;

    SeededMlKem(MlKem kem) {
        this.kem = kem;
        this.dk = EK + kem.encapsulationKeyBytes();
        this.operation = dk + kem.decapsulationKeyBytes();
        this.bytes = operation + kem.workspaceBytes();  // ML-KEM's own is shorter
        this.ranges = new KemRanges(kem.name(), MlKem.SEED_BYTES, kem.encapsulationKeyBytes(), MlKem.SEED_BYTES, kem.ciphertextBytes(),
                MlKem.SHARED_BYTES, bytes);
    }

    @Override
    public String name() {
        return kem.name();
    }

    @Override
    public int seedBytes() {
        return MlKem.SEED_BYTES;
    }

    @Override
    public int encapsulationKeyBytes() {
        return kem.encapsulationKeyBytes();
    }

    @Override
    public int decapsulationKeyBytes() {
        return MlKem.SEED_BYTES;
    }

    @Override
    public int ciphertextBytes() {
        return kem.ciphertextBytes();
    }

    @Override
    public int sharedBytes() {
        return MlKem.SHARED_BYTES;
    }

    @Override
    public long workspaceBytes() {
        return bytes;
    }

    @Override
    public boolean keyPair(MemorySegment seed, long seedAt, MemorySegment ek, long ekAt, MemorySegment seedOut, long seedOutAt,
            MemorySegment w, long at) {
        ranges.checkKeyPair(seed, seedAt, ek, ekAt, seedOut, seedOutAt, w, at);
        boolean whole = false;
        try {
            kem.keyPair(seed, seedAt, w, at + EK, w, at + dk, w, at + operation);
            MemorySegment.copy(w, at + EK, ek, ekAt, encapsulationKeyBytes());
            MemorySegment.copy(seed, seedAt, seedOut, seedOutAt, MlKem.SEED_BYTES);
            whole = true;
            return true;
        } finally {
            ranges.endKeyPair(whole, ek, ekAt, seedOut, seedOutAt, w, at);
        }
    }

    @Override
    public boolean encapsulate(Entropy entropy, MemorySegment ek, long ekAt, MemorySegment ciphertext, long ciphertextAt,
            MemorySegment shared, long sharedAt, MemorySegment w, long at) {
        ranges.checkEncapsulation(ek, ekAt, ciphertext, ciphertextAt, shared, sharedAt, w, at);
        try {
            return kem.encapsulate(entropy, ek, ekAt, ciphertext, ciphertextAt, shared, sharedAt, w, at);
        } finally {
            Wipe.bytes(w, at, bytes);
        }
    }

    @Override
    public boolean decapsulate(MemorySegment seed, long seedAt, MemorySegment ciphertext, long ciphertextAt, MemorySegment shared,
            long sharedAt, MemorySegment w, long at) {
        ranges.checkDecapsulation(seed, seedAt, ciphertext, ciphertextAt, shared, sharedAt, w, at);
        try {
            kem.keyPair(seed, seedAt, w, at + EK, w, at + dk, w, at + operation);
            return kem.decapsulate(w, at + dk, ciphertext, ciphertextAt, shared, sharedAt, w, at + operation);
        } finally {
            Wipe.bytes(w, at, bytes);
        }
    }

    @Override
    public String toString() {
        return name();
    }
}
