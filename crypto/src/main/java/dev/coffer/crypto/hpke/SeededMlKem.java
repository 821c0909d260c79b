package dev.coffer.crypto.hpke;

import dev.coffer.crypto.Kem;
import dev.coffer.crypto.internal.Ranges;
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

    SeededMlKem(MlKem kem) {
        this.kem = kem;
        this.dk = EK + kem.encapsulationKeyBytes();
        this.operation = dk + kem.decapsulationKeyBytes();
        this.bytes = operation + kem.workspaceBytes();
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
        int ekBytes = encapsulationKeyBytes();
        Ranges.checkSecret(name(), seed, seedAt, MlKem.SEED_BYTES);
        Ranges.checkWritable(name(), ek, ekAt, ekBytes);
        Ranges.checkWorkspace(name(), seedOut, seedOutAt, MlKem.SEED_BYTES);
        Ranges.checkWorkspace(name(), w, at, bytes);
        Ranges.apart(name(), seed, seedAt, MlKem.SEED_BYTES, ek, ekAt, ekBytes);
        Ranges.apart(name(), ek, ekAt, ekBytes, seedOut, seedOutAt, MlKem.SEED_BYTES);
        Ranges.inPlaceOrApart(name(), seed, seedAt, MlKem.SEED_BYTES, seedOut, seedOutAt, MlKem.SEED_BYTES);
        apart(w, at, seed, seedAt, MlKem.SEED_BYTES);
        apart(w, at, ek, ekAt, ekBytes);
        apart(w, at, seedOut, seedOutAt, MlKem.SEED_BYTES);
        boolean whole = false;
        try {
            kem.keyPair(seed, seedAt, w, at + EK, w, at + dk, w, at + operation);
            MemorySegment.copy(w, at + EK, ek, ekAt, ekBytes);
            MemorySegment.copy(seed, seedAt, seedOut, seedOutAt, MlKem.SEED_BYTES);
            whole = true;
            return true;
        } finally {
            Wipe.bytes(w, at, bytes);
            if (!whole) {
                Wipe.bytes(ek, ekAt, ekBytes);
                Wipe.bytes(seedOut, seedOutAt, MlKem.SEED_BYTES);
            }
        }
    }

    @Override
    public boolean encapsulate(Entropy entropy, MemorySegment ek, long ekAt, MemorySegment ciphertext, long ciphertextAt,
            MemorySegment shared, long sharedAt, MemorySegment w, long at) {
        Ranges.check(name(), ek, ekAt, encapsulationKeyBytes());
        Ranges.checkWritable(name(), ciphertext, ciphertextAt, kem.ciphertextBytes());
        Ranges.checkWorkspace(name(), shared, sharedAt, MlKem.SHARED_BYTES);
        Ranges.checkWorkspace(name(), w, at, bytes);  // ML-KEM's own is shorter
        Ranges.apart(name(), ek, ekAt, encapsulationKeyBytes(), ciphertext, ciphertextAt, kem.ciphertextBytes());
        Ranges.apart(name(), ek, ekAt, encapsulationKeyBytes(), shared, sharedAt, MlKem.SHARED_BYTES);
        Ranges.apart(name(), ciphertext, ciphertextAt, kem.ciphertextBytes(), shared, sharedAt, MlKem.SHARED_BYTES);
        apart(w, at, ek, ekAt, encapsulationKeyBytes());
        apart(w, at, ciphertext, ciphertextAt, kem.ciphertextBytes());
        apart(w, at, shared, sharedAt, MlKem.SHARED_BYTES);
        try {
            return kem.encapsulate(entropy, ek, ekAt, ciphertext, ciphertextAt, shared, sharedAt, w, at);
        } finally {
            Wipe.bytes(w, at, bytes);
        }
    }

    @Override
    public boolean decapsulate(MemorySegment seed, long seedAt, MemorySegment ciphertext, long ciphertextAt, MemorySegment shared,
            long sharedAt, MemorySegment w, long at) {
        Ranges.checkSecret(name(), seed, seedAt, MlKem.SEED_BYTES);
        Ranges.check(name(), ciphertext, ciphertextAt, kem.ciphertextBytes());
        Ranges.checkWorkspace(name(), shared, sharedAt, MlKem.SHARED_BYTES);
        Ranges.checkWorkspace(name(), w, at, bytes);
        apart(w, at, seed, seedAt, MlKem.SEED_BYTES);
        Ranges.apart(name(), seed, seedAt, MlKem.SEED_BYTES, shared, sharedAt, MlKem.SHARED_BYTES);
        Ranges.apart(name(), ciphertext, ciphertextAt, kem.ciphertextBytes(), shared, sharedAt, MlKem.SHARED_BYTES);
        apart(w, at, ciphertext, ciphertextAt, kem.ciphertextBytes());
        apart(w, at, shared, sharedAt, MlKem.SHARED_BYTES);
        try {
            kem.keyPair(seed, seedAt, w, at + EK, w, at + dk, w, at + operation);
            return kem.decapsulate(w, at + dk, ciphertext, ciphertextAt, shared, sharedAt, w, at + operation);
        } finally {
            Wipe.bytes(w, at, bytes);
        }
    }

    private void apart(MemorySegment w, long at, MemorySegment segment, long segmentAt, long length) {
        Ranges.apart(name(), w, at, bytes, segment, segmentAt, length);
    }

    @Override
    public String toString() {
        return name();
    }
}
