package dev.coffer.crypto.mlkem;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.Memory;
import dev.coffer.testkit.SeededEntropy;
import dev.coffer.testkit.TimeStatistics;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Statistics of time: a good ciphertext against one with its last bit flipped, and one key against another. What it cannot
/// show: leaks below the machine's noise, classes that it does not try, power, speculation, what another JIT makes of it.
@Tag("long")
class MlKemTimingTest {
    private final MlKem kem = MlKem.ML_KEM_768;
    private final SeededEntropy entropy = new SeededEntropy(2);
    private final MemorySegment workspace = Memory.zeros(kem.workspaceBytes());
    private final MemorySegment secret = Memory.zeros(32);

    private MemorySegment random(int bytes) {
        MemorySegment segment = Memory.zeros(bytes);
        entropy.fill(segment, 0, bytes);
        return segment;
    }

    @Test
    void plantedLeakShowsAndDecapsulationDoesNot() {
        MlKemCase set = new MlKemCase(kem);
        MlKemCase.Keys[] keys = {set.keyPair(random(64)), set.keyPair(random(64))};
        MemorySegment[] ciphertexts = new MemorySegment[2];
        for (int i = 0; i < 2; i++) {
            ciphertexts[i] = set.encapsulate(keys[i].ek(), random(32)).ciphertext();
        }
        MemorySegment bad = Memory.of(Memory.bytes(ciphertexts[0]));
        bad.set(ValueLayout.JAVA_BYTE, bad.byteSize() - 1, (byte) (bad.get(ValueLayout.JAVA_BYTE, bad.byteSize() - 1) ^ 0x80));
        MemorySegment dk = Memory.zeros(kem.decapsulationKeyBytes());
        MemorySegment ciphertext = Memory.zeros(kem.ciphertextBytes());
        dk.copyFrom(keys[0].dk());

        assertTrue(TimeStatistics.t("planted: a rejection that ends early", kind -> ciphertext.copyFrom(kind == 0 ? ciphertexts[0] : bad),
                () -> {
                    kem.decapsulate(dk, 0, ciphertext, 0, secret, 0, workspace, 0);
                    if (ciphertext.mismatch(ciphertexts[0]) < 0) {
                        kem.isDecapsulationKey(dk, 0, workspace, 0);
                    }
                }) > TimeStatistics.SUSPECT, "the planted leak is not seen");
        assertTrue(TimeStatistics.t("decapsulation of a good and a bad ciphertext",
                kind -> ciphertext.copyFrom(kind == 0 ? ciphertexts[0] : bad),
                () -> kem.decapsulate(dk, 0, ciphertext, 0, secret, 0, workspace, 0)) < TimeStatistics.SUSPECT);
        MemorySegment[] s = {keys[0].dk(), Memory.of(Memory.bytes(keys[0].dk()))};
        s[1].asSlice(0, 3 * 384).fill((byte) 0);  // the same public part, so the same matrix
        assertTrue(TimeStatistics.t("decapsulation with a secret of zeros", kind -> {
            dk.copyFrom(s[kind]);
            ciphertext.copyFrom(bad);
        }, () -> kem.decapsulate(dk, 0, ciphertext, 0, secret, 0, workspace, 0)) < TimeStatistics.SUSPECT);
    }
}
