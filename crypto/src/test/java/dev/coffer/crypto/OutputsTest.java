package dev.coffer.crypto;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.mldsa.ExpandedSigningKey;
import dev.coffer.crypto.mldsa.MlDsa;
import dev.coffer.crypto.mlkem.MlKem;
import dev.coffer.crypto.p256.EcdsaP256;
import dev.coffer.crypto.p256.EcdsaSignature;
import dev.coffer.memory.Entropy;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

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

    /// By a key that was expanded too, of a message and of its mu; nor does it lie on the key, and nothing of it on the heap.
    @Test
    void aSignatureByAnExpandedKeyDoesNotLieOnItsInputsEither() {
        for (MlDsa dsa : new MlDsa[] {MlDsa.ML_DSA_44, MlDsa.ML_DSA_65, MlDsa.ML_DSA_87}) {
            MemorySegment work = Memory.zeros(dsa.signWorkspaceBytes());
            MemorySegment pk = Memory.zeros(dsa.publicKeyBytes());
            MemorySegment sk = Memory.zeros(dsa.privateKeyBytes());
            dsa.keyPair(Memory.zeros(32), 0, pk, 0, sk, 0, work, 0);
            long keyBytes = ExpandedSigningKey.bytes(dsa);
            int length = dsa.signatureBytes();
            MemorySegment memory = Memory.zeros(keyBytes + MlDsa.MU_BYTES + length);
            MemorySegment small = Memory.zeros(dsa.signWorkspaceBytes() - 1);
            long mu = keyBytes;
            long after = mu + MlDsa.MU_BYTES;
            try (ExpandedSigningKey key = new ExpandedSigningKey(dsa, memory, 0)) {
                assertTrue(key.expand(sk, 0, work, 0));
                key.signMu(SEED, memory, mu, memory, after, work, 0);
                key.sign(SEED, memory, mu, MlDsa.MU_BYTES, memory, mu, 0, memory, after, work, 0);
                MemorySegment before = Memory.zeros(memory.byteSize());
                before.copyFrom(memory);
                MemorySegment heap = MemorySegment.ofArray(new byte[(int) dsa.signWorkspaceBytes()]);
                List<Executable> refused = List.of(() -> key.signMu(SEED, memory, mu, memory, after - 1, work, 0),
                        () -> key.signMu(SEED, memory, after, memory, 0, work, 0),
                        () -> key.signMu(SEED, memory, mu, memory.asReadOnly(), after, work, 0),
                        () -> key.signMu(SEED, memory, mu, work, 0, work, 0), () -> key.signMu(SEED, work, 0, memory, after, work, 0),
                        () -> key.signMu(SEED, memory, mu, memory, after, heap, 0),
                        () -> key.sign(SEED, memory, mu, MlDsa.MU_BYTES, memory, mu, 0, memory, after - 1, work, 0));
                for (int i = 0; i < refused.size(); i++) {
                    assertThrows(IllegalArgumentException.class, refused.get(i), dsa + ", " + i);
                }
                assertThrows(IndexOutOfBoundsException.class, () -> key.signMu(SEED, memory, mu, memory, after + 1, work, 0));
                assertThrows(IndexOutOfBoundsException.class, () -> key.signMu(SEED, memory, mu, memory, after, small, 0));
                assertEquals(-1, memory.mismatch(before), "nothing is written by a refusal");
            }
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

    /// What has no room for an answer is the caller's fault whatever the peer sent, and is said before that is looked at.
    @Test
    void anOutputThatCannotBeWrittenIsRefusedWhateverTheInputIs() {
        MemorySegment raw = Memory.zeros(EcdsaP256.SIGNATURE_BYTES);
        raw.set(ValueLayout.JAVA_BYTE, 5, (byte) 1);
        raw.set(ValueLayout.JAVA_BYTE, 40, (byte) 1);
        MemorySegment der = Memory.zeros(EcdsaSignature.DER_BYTES_MAX);
        int length = EcdsaSignature.toDer(raw, 0, der, 0);
        assertTrue(EcdsaSignature.fromDer(der, 0, length, raw, 0));
        assertFalse(EcdsaSignature.fromDer(der, 0, length - 1, raw, 0));
        for (int bytes = length - 1; bytes <= length; bytes++) {
            int sent = bytes;
            assertThrows(IllegalArgumentException.class, () -> EcdsaSignature.fromDer(der, 0, sent, raw.asReadOnly(), 0));
            assertThrows(IndexOutOfBoundsException.class, () -> EcdsaSignature.fromDer(der, 0, sent, raw, 1));
        }
        assertThrows(IllegalArgumentException.class, () -> EcdsaSignature.toDer(raw, 0, der.asReadOnly(), 0));
    }
}
