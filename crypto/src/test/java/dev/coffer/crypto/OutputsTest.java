package dev.coffer.crypto;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.mldsa.MlDsa;
import dev.coffer.crypto.mlkem.MlKem;
import dev.coffer.memory.Entropy;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

/// An output of the post-quantum schemes is never an input, by not one byte: a message or a key would be gone.
class OutputsTest {
    private static final Entropy SEED = (segment, at, length) -> segment.asSlice(at, length).fill((byte) 7);

    @Test
    void aSignatureDoesNotLieOnItsMessageOrContext() {
        for (MlDsa dsa : new MlDsa[] {MlDsa.ML_DSA_44, MlDsa.ML_DSA_65, MlDsa.ML_DSA_87}) {
            MemorySegment work = Memory.zeros(dsa.signWorkspaceBytes());
            MemorySegment pk = Memory.zeros(dsa.publicKeyBytes());
            MemorySegment sk = Memory.zeros(dsa.privateKeyBytes());
            dsa.keyPair(Memory.zeros(32), 0, pk, 0, sk, 0, work, 0);
            int length = dsa.signatureBytes();
            MemorySegment memory = Memory.zeros(50 + length + 30);
            assertTrue(dsa.sign(SEED, sk, 0, memory, 0, 50, memory, 50 + length, 30, memory, 50, work, 0), "side by side");
            assertThrows(IllegalArgumentException.class,
                    () -> dsa.sign(SEED, sk, 0, memory, 0, 51, memory, 50 + length, 30, memory, 50, work, 0), "the message's end");
            assertThrows(IllegalArgumentException.class,
                    () -> dsa.sign(SEED, sk, 0, memory, 0, 50, memory, 49 + length, 30, memory, 50, work, 0), "the context's start");
        }
    }

    @Test
    void aSharedSecretDoesNotLieOnTheKeyThatOpensIt() {
        for (MlKem kem : new MlKem[] {MlKem.ML_KEM_512, MlKem.ML_KEM_768, MlKem.ML_KEM_1024}) {
            MemorySegment work = Memory.zeros(kem.workspaceBytes());
            MemorySegment ek = Memory.zeros(kem.encapsulationKeyBytes());
            MemorySegment dk = Memory.zeros(kem.decapsulationKeyBytes() + 32);
            kem.keyPair(Memory.zeros(64), 0, ek, 0, dk, 0, work, 0);
            MemorySegment sealed = Memory.zeros(kem.ciphertextBytes());
            MemorySegment shared = Memory.zeros(32);
            assertTrue(kem.encapsulate(SEED, ek, 0, sealed, 0, shared, 0, work, 0));
            long behind = kem.decapsulationKeyBytes();
            assertTrue(kem.decapsulate(dk, 0, sealed, 0, dk, behind, work, 0), "side by side");
            assertThrows(IllegalArgumentException.class, () -> kem.decapsulate(dk, 0, sealed, 0, dk, behind - 1, work, 0));
        }
    }
}
