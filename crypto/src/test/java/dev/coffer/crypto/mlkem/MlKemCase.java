package dev.coffer.crypto.mlkem;

import dev.coffer.crypto.Memory;
import java.lang.foreign.MemorySegment;
import java.util.stream.Stream;

/// Operations of one parameter set as functions of bytes, each on a workspace and outputs exactly as long as they are said
/// to be, so that a byte too much is an exception.
record MlKemCase(MlKem kem) {
    static Stream<MlKem> sets() {
        return Stream.of(MlKem.ML_KEM_512, MlKem.ML_KEM_768, MlKem.ML_KEM_1024);
    }

    static MlKemCase of(String parameterSet) {
        return new MlKemCase(sets().filter(kem -> kem.name().equals(parameterSet)).findFirst().orElseThrow());
    }

    /// {@return the parameter set that a file of Wycheproof's is for, `mlkem_768_...`}
    static MlKemCase ofFile(String file) {
        return of("ML-KEM-" + file.split("_")[1]);
    }

    record Keys(MemorySegment ek, MemorySegment dk) {}

    record Shared(MemorySegment ciphertext, MemorySegment secret) {}

    private MemorySegment workspace() {
        return Memory.zeros(kem.workspaceBytes());
    }

    Keys keyPair(MemorySegment seed) {
        Keys keys = new Keys(Memory.zeros(kem.encapsulationKeyBytes()), Memory.zeros(kem.decapsulationKeyBytes()));
        kem.keyPair(seed, 0, keys.ek, 0, keys.dk, 0, workspace(), 0);
        return keys;
    }

    /// {@return what is shared, by the encoded and by the expanded key, or null where the key is refused by both}
    Shared encapsulate(MemorySegment ek, MemorySegment m) {
        Shared plain = new Shared(Memory.zeros(kem.ciphertextBytes()), Memory.zeros(MlKem.SHARED_BYTES));
        boolean taken = kem.encapsulate(m, 0, ek, 0, plain.ciphertext, 0, plain.secret, 0, workspace(), 0);
        if (taken != kem.isEncapsulationKey(ek, 0, workspace(), 0)) {
            throw new AssertionError("encapsulation and check differ");
        }
        Shared again = new Shared(Memory.zeros(kem.ciphertextBytes()), Memory.zeros(MlKem.SHARED_BYTES));
        try (ExpandedEncapsulationKey key =
                new ExpandedEncapsulationKey(kem, Memory.zeros(ExpandedEncapsulationKey.bytes(kem)), 0)) {
            if (taken != key.expand(ek, 0, workspace(), 0)) {
                throw new AssertionError("expansion and encapsulation differ");
            }
            if (taken) {
                key.encapsulate((segment, at, length) -> MemorySegment.copy(m, 0, segment, at, length), again.ciphertext, 0,
                        again.secret, 0, workspace(), 0);
            }
        }
        if (again.ciphertext.mismatch(plain.ciphertext) >= 0 || again.secret.mismatch(plain.secret) >= 0) {
            throw new AssertionError("the expanded key gives another answer");
        }
        return taken ? plain : null;
    }

    /// {@return the secret, by the encoded and by the expanded key, or null where the key is refused by both}
    MemorySegment decapsulate(MemorySegment dk, MemorySegment ciphertext) {
        MemorySegment secret = Memory.zeros(MlKem.SHARED_BYTES);
        boolean taken = kem.decapsulate(dk, 0, ciphertext, 0, secret, 0, workspace(), 0);
        if (taken != kem.isDecapsulationKey(dk, 0, workspace(), 0)) {
            throw new AssertionError("decapsulation and check differ");
        }
        MemorySegment again = Memory.zeros(MlKem.SHARED_BYTES);
        try (ExpandedDecapsulationKey key =
                new ExpandedDecapsulationKey(kem, Memory.zeros(ExpandedDecapsulationKey.bytes(kem)), 0)) {
            if (taken != key.expand(dk, 0, workspace(), 0)) {
                throw new AssertionError("expansion and decapsulation differ");
            }
            if (taken) {
                key.decapsulate(ciphertext, 0, again, 0, workspace(), 0);
            }
        }
        if (again.mismatch(secret) >= 0) {
            throw new AssertionError("the expanded key gives another answer");
        }
        return taken ? secret : null;
    }
}
