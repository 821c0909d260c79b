package dev.coffer.crypto;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.ed25519.Ed25519;
import dev.coffer.crypto.falcon.Falcon;
import dev.coffer.crypto.hpke.HpkeKem;
import dev.coffer.crypto.mldsa.MlDsa;
import dev.coffer.crypto.mlkem.MlKem;
import dev.coffer.crypto.p256.EcdsaP256;
import dev.coffer.crypto.p256.P256;
import dev.coffer.crypto.slhdsa.SlhDsa;
import dev.coffer.crypto.x25519.X25519;
import dev.coffer.memory.Entropy;
import dev.coffer.testkit.HeapMode;
import dev.coffer.testkit.RawMemory;
import dev.coffer.testkit.SeededEntropy;
import dev.coffer.testkit.SteadyPath;
import dev.coffer.testkit.SteadyPaths;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Every [Signature] and every [Kem], through the outline alone: whoever drives one drives them all.
class OutlinesTest {
    static List<Signature> signatures() {
        return List.of(Ed25519.SCHEME, EcdsaP256.SCHEME, MlDsa.ML_DSA_44, MlDsa.ML_DSA_65, MlDsa.ML_DSA_87, SlhDsa.SHA2_128F,
                SlhDsa.SHAKE_128F, Falcon.FALCON_512, Falcon.FALCON_1024);
    }

    static List<Kem> kems() {
        return List.of(X25519.KEM, P256.KEM, MlKem.ML_KEM_512, MlKem.ML_KEM_768, MlKem.ML_KEM_1024, HpkeKem.DHKEM_X25519.kem(),
                HpkeKem.DHKEM_P256.kem(), HpkeKem.ML_KEM_512.kem(), HpkeKem.X_WING.kem());
    }

    private static MemorySegment filled(long bytes, long seed) {
        MemorySegment memory = Memory.zeros(bytes);
        new SeededEntropy(seed).fill(memory, 0, bytes);
        return memory;
    }

    private static void assertWiped(MemorySegment workspace) {
        assertEquals(0, RawMemory.nonZero(workspace.address(), (int) workspace.byteSize()), "workspace");
    }

    @ParameterizedTest
    @MethodSource("kems")
    void bothSidesShareASecret(Kem kem) {
        MemorySegment w = Memory.zeros(kem.workspaceBytes());
        MemorySegment ek = Memory.zeros(kem.encapsulationKeyBytes());
        MemorySegment dk = Memory.zeros(kem.decapsulationKeyBytes());
        MemorySegment ciphertext = Memory.zeros(kem.ciphertextBytes());
        MemorySegment left = Memory.zeros(kem.sharedBytes());
        MemorySegment right = Memory.zeros(kem.sharedBytes());
        for (int seed = 0; seed < 8; seed++) {
            assertTrue(kem.keyPair(filled(kem.seedBytes(), seed), 0, ek, 0, dk, 0, w, 0));
            assertTrue(kem.encapsulate(new SeededEntropy(seed + 100), ek, 0, ciphertext, 0, left, 0, w, 0));
            assertTrue(kem.decapsulate(dk, 0, ciphertext, 0, right, 0, w, 0));
            assertWiped(w);
            assertEquals(-1, left.mismatch(right));
            String before = Memory.hex(left);
            assertTrue(kem.encapsulate(new SeededEntropy(seed + 200), ek, 0, ciphertext, 0, left, 0, w, 0));
            assertNotEquals(before, Memory.hex(left), "another draw, another secret");
        }
        assertWiped(w);
    }

    @Test
    void aPeersKeyThatIsNoneIsAnsweredAndNothingIsWritten() {
        for (Kem kem : kems()) {
            MemorySegment w = Memory.zeros(kem.workspaceBytes());
            MemorySegment bad = Memory.zeros(kem.encapsulationKeyBytes());  // of low order, off the curve
            if (kem.name().startsWith("ML-KEM")) {
                bad.fill((byte) -1);  // coefficients from q on
            }
            MemorySegment ciphertext = Memory.zeros(kem.ciphertextBytes()).fill((byte) 0x5a);
            MemorySegment shared = Memory.zeros(kem.sharedBytes()).fill((byte) 0x5a);
            assertFalse(kem.encapsulate(Entropy.SYSTEM, bad, 0, ciphertext, 0, shared, 0, w, 0), kem.name());
            assertEquals(-1, ciphertext.mismatch(Memory.zeros(kem.ciphertextBytes()).fill((byte) 0x5a)));
            assertEquals(-1, shared.mismatch(Memory.zeros(kem.sharedBytes()).fill((byte) 0x5a)));
            if (!kem.name().startsWith("ML-KEM")) {
                MemorySegment dk = filled(kem.decapsulationKeyBytes(), 3);
                assertFalse(kem.decapsulate(dk, 0, bad, 0, shared, 0, w, 0), kem.name());
                assertEquals(-1, shared.mismatch(Memory.zeros(kem.sharedBytes()).fill((byte) 0x5a)));
            }
            assertWiped(w);
        }
    }

    @ParameterizedTest
    @MethodSource("kems")
    void aSourceThatGivesNothingIsNoticed(Kem kem) {
        MemorySegment w = Memory.zeros(kem.workspaceBytes());
        MemorySegment ek = Memory.zeros(kem.encapsulationKeyBytes());
        MemorySegment dk = Memory.zeros(kem.decapsulationKeyBytes());
        assertTrue(kem.keyPair(filled(kem.seedBytes(), 1), 0, ek, 0, dk, 0, w, 0));
        MemorySegment ciphertext = Memory.zeros(kem.ciphertextBytes());
        MemorySegment shared = Memory.zeros(kem.sharedBytes());
        assertThrows(IllegalStateException.class,
                () -> kem.encapsulate((segment, at, length) -> {}, ek, 0, ciphertext, 0, shared, 0, w, 0));
        assertWiped(w);
        assertEquals(0, RawMemory.nonZero(shared.address(), (int) shared.byteSize()));
    }

    @Test
    void aSeedThatMakesNoKeyOfP256IsAnsweredAndDrawnAgain() {
        Kem kem = P256.KEM;
        MemorySegment w = Memory.zeros(kem.workspaceBytes());
        MemorySegment ek = Memory.zeros(65);
        MemorySegment dk = Memory.zeros(32);
        MemorySegment none = Memory.zeros(32).fill((byte) -1);  // above n - 2
        assertFalse(kem.keyPair(none, 0, ek, 0, dk, 0, w, 0));
        assertFalse(EcdsaP256.SCHEME.keyPair(none, 0, ek, 0, dk, 0, Memory.zeros(EcdsaP256.SCHEME.workspaceBytes()), 0));
        assertEquals(0, RawMemory.nonZero(ek.address(), 65) + RawMemory.nonZero(dk.address(), 32));
        assertTrue(kem.keyPair(filled(32, 1), 0, ek, 0, dk, 0, w, 0));
        int[] draws = {0};
        Entropy once = (segment, at, length) -> segment.asSlice(at, length).fill((byte) (draws[0]++ == 0 ? -1 : 7));
        assertTrue(kem.encapsulate(once, ek, 0, Memory.zeros(65), 0, dk, 0, w, 0));
        assertEquals(2, draws[0]);
        Entropy never = (segment, at, length) -> segment.asSlice(at, length).fill((byte) -1);
        assertThrows(IllegalStateException.class, () -> kem.encapsulate(never, ek, 0, Memory.zeros(65), 0, dk, 0, w, 0));
        assertWiped(w);
    }

    @ParameterizedTest
    @MethodSource("signatures")
    void whatItSignedItVerifiesAndNothingElse(Signature scheme) {
        MemorySegment w = Memory.zeros(Math.max(scheme.workspaceBytes(), scheme.signWorkspaceBytes()));
        MemorySegment publicKey = Memory.zeros(scheme.publicKeyBytes());
        MemorySegment privateKey = Memory.zeros(scheme.privateKeyBytes());
        MemorySegment message = filled(300, 5);  // of which 100 are signed
        MemorySegment signature = Memory.zeros(scheme.signatureBytes());
        long length = scheme.signatureBytes();
        assertTrue(scheme.keyPair(filled(scheme.seedBytes(), 4), 0, publicKey, 0, privateKey, 0, w, 0));
        assertWiped(w);
        for (Entropy entropy : new Entropy[] {Signature.DETERMINISTIC, new SeededEntropy(1), Entropy.SYSTEM}) {
            if (scheme instanceof Falcon && entropy == Signature.DETERMINISTIC) {
                assertThrows(IllegalArgumentException.class,
                        () -> scheme.sign(entropy, privateKey, 0, message, 0, 100, message, 0, 0, signature, 0, w, 0), "it has none");
                continue;
            }
            assertTrue(scheme.sign(entropy, privateKey, 0, message, 0, 100, message, 0, 0, signature, 0, w, 0));
            assertWiped(w);
            assertTrue(scheme.verify(publicKey, 0, message, 0, 100, message, 0, 0, signature, 0, length, w, 0));
            assertFalse(scheme.verify(publicKey, 0, message, 0, 99, message, 0, 0, signature, 0, length, w, 0));
            assertFalse(scheme.verify(publicKey, 0, message, 0, 100, message, 0, 0, signature, 0, length - 1, w, 0));
            assertFalse(scheme.verify(publicKey, 0, message, 0, 100, message, 0, scheme.contextBytesMax() + 1, signature, 0, length,
                    w, 0));
            signature.set(ValueLayout.JAVA_BYTE, 7, (byte) (signature.get(ValueLayout.JAVA_BYTE, 7) ^ 1));
            assertFalse(scheme.verify(publicKey, 0, message, 0, 100, message, 0, 0, signature, 0, length, w, 0));
        }
        assertThrows(IllegalArgumentException.class, () -> scheme.sign(Entropy.SYSTEM, privateKey, 0, message, 0, 100, message, 0,
                scheme.contextBytesMax() + 1, signature, 0, w, 0));
        assertWiped(w);
    }

    /// RFC 6979, section 3.2 and 3.6: the same signature each time, or another one each time.
    @Test
    void ecdsaIsDeterministicOrHedgedAsItIsAsked() {
        Signature scheme = EcdsaP256.SCHEME;
        MemorySegment w = Memory.zeros(Math.max(scheme.workspaceBytes(), scheme.signWorkspaceBytes()));
        MemorySegment key = filled(32, 9);
        MemorySegment message = filled(100, 5);
        MemorySegment[] signatures = {Memory.zeros(64), Memory.zeros(64), Memory.zeros(64), Memory.zeros(64), Memory.zeros(64)};
        scheme.sign(Signature.DETERMINISTIC, key, 0, message, 0, 100, message, 0, 0, signatures[0], 0, w, 0);
        scheme.sign(Signature.DETERMINISTIC, key, 0, message, 0, 100, message, 0, 0, signatures[1], 0, w, 0);
        EcdsaP256.sign(key, 0, message, 0, 100, signatures[2], 0, w, 0);
        scheme.sign(new SeededEntropy(1), key, 0, message, 0, 100, message, 0, 0, signatures[3], 0, w, 0);
        scheme.sign(new SeededEntropy(2), key, 0, message, 0, 100, message, 0, 0, signatures[4], 0, w, 0);
        assertEquals(-1, signatures[0].mismatch(signatures[1]));
        assertEquals(-1, signatures[0].mismatch(signatures[2]));
        assertNotEquals(-1, signatures[0].mismatch(signatures[3]));
        assertNotEquals(-1, signatures[3].mismatch(signatures[4]));
        assertFalse(scheme.sign(Entropy.SYSTEM, Memory.zeros(32), 0, message, 0, 100, message, 0, 0, signatures[0], 0, w, 0), "0");
    }

    @Test
    void secretsAndWorkspacesLieOffTheHeapAndApart() {
        Class<IllegalArgumentException> refused = IllegalArgumentException.class;
        for (Kem kem : kems()) {
            MemorySegment w = Memory.zeros(kem.workspaceBytes() + 8000);
            MemorySegment ek = Memory.zeros(kem.encapsulationKeyBytes());
            MemorySegment dk = Memory.zeros(kem.decapsulationKeyBytes());
            MemorySegment ct = Memory.zeros(kem.ciphertextBytes());
            MemorySegment ss = Memory.zeros(kem.sharedBytes());
            MemorySegment seed = filled(kem.seedBytes(), 1);
            long last = kem.workspaceBytes() - 1;
            MemorySegment heap = MemorySegment.ofArray(new byte[4000]);
            assertThrows(refused, () -> kem.keyPair(heap, 0, ek, 0, dk, 0, w, 0));
            assertThrows(refused, () -> kem.keyPair(seed, 0, ek, 0, heap, 0, w, 0));
            assertThrows(refused, () -> kem.keyPair(w, last, ek, 0, dk, 0, w, 0));
            assertThrows(refused, () -> kem.keyPair(seed, 0, w, last, dk, 0, w, 0));
            assertThrows(refused, () -> kem.keyPair(seed, 0, ek, 0, w, last, w, 0));
            assertTrue(kem.keyPair(seed, 0, ek, 0, dk, 0, w, 0));
            assertThrows(refused, () -> kem.encapsulate(Entropy.SYSTEM, ek, 0, ct, 0, heap, 0, w, 0));
            assertThrows(refused, () -> kem.encapsulate(Entropy.SYSTEM, ek, 0, w, last, ss, 0, w, 0));
            assertThrows(refused, () -> kem.encapsulate(Entropy.SYSTEM, ek, 0, ct.asReadOnly(), 0, ss, 0, w, 0));
            assertThrows(refused, () -> kem.decapsulate(heap, 0, ct, 0, ss, 0, w, 0));
            assertThrows(refused, () -> kem.decapsulate(dk, 0, w, last, ss, 0, w, 0));
            assertThrows(IndexOutOfBoundsException.class, () -> kem.decapsulate(dk, 0, ct, 1, ss, 0, w, 0));
            assertWiped(w);
        }
        for (Signature scheme : signatures()) {
            MemorySegment w = Memory.zeros(scheme.signWorkspaceBytes() + scheme.signatureBytes() + 8000);
            MemorySegment key = filled(scheme.privateKeyBytes(), 2);
            MemorySegment message = Memory.zeros(10);
            MemorySegment signature = Memory.zeros(scheme.signatureBytes());
            MemorySegment heap = MemorySegment.ofArray(new byte[5000]);
            long last = scheme.signWorkspaceBytes() - 1;
            assertThrows(refused, () -> scheme.sign(Entropy.SYSTEM, heap, 0, message, 0, 10, message, 0, 0, signature, 0, w, 0));
            assertThrows(refused, () -> scheme.sign(Entropy.SYSTEM, w, last, message, 0, 10, message, 0, 0, signature, 0, w, 0));
            assertThrows(refused, () -> scheme.sign(Entropy.SYSTEM, key, 0, w, last, 10, message, 0, 0, signature, 0, w, 0));
            assertThrows(refused, () -> scheme.sign(Entropy.SYSTEM, key, 0, message, 0, 10, message, 0, 0, w, last, w, 0));
            assertThrows(refused, () -> scheme.keyPair(heap, 0, signature, 0, key, 0, w, 0));
        }
    }

    @ParameterizedTest
    @EnumSource(HeapMode.class)
    void noOperationMakesAnObject(HeapMode mode) {
        SteadyPaths.check(mode, List.of(Exchange.class, Signing.class));
    }

    private static MemorySegment global(long bytes) {
        return Arena.global().allocate(bytes, 64);
    }

    private static void expect(boolean holds) {
        if (!holds) {
            throw new AssertionError();
        }
    }

    static final class Exchange implements SteadyPath {
        private final Kem[] kems = {X25519.KEM, P256.KEM};
        private final MemorySegment w = global(16384);
        private final MemorySegment memory = global(1024).fill((byte) 9);

        @Override
        public void run() {
            for (Kem kem : kems) {
                expect(kem.keyPair(memory, 1000 - kem.seedBytes(), memory, 0, memory, 100, w, 0));
                expect(kem.encapsulate(Entropy.SYSTEM, memory, 0, memory, 200, memory, 300, w, 0));
                expect(kem.decapsulate(memory, 100, memory, 200, memory, 400, w, 0));
            }
        }

        @Override
        public int operations() {
            return 1;
        }
    }

    static final class Signing implements SteadyPath {
        private final Signature[] schemes = {Ed25519.SCHEME, EcdsaP256.SCHEME};
        private final MemorySegment w = global(16384);
        private final MemorySegment memory = global(1024).fill((byte) 9);

        @Override
        public void run() {
            for (Signature scheme : schemes) {
                expect(scheme.keyPair(memory, 1000 - scheme.seedBytes(), memory, 0, memory, 100, w, 0));
                expect(scheme.sign(Entropy.SYSTEM, memory, 100, memory, 500, 50, memory, 0, 0, memory, 300, w, 0));
                expect(scheme.verify(memory, 0, memory, 500, 50, memory, 0, 0, memory, 300, 64, w, 0));
                expect(!scheme.verify(memory, 0, memory, 500, 49, memory, 0, 0, memory, 300, 64, w, 0));
            }
        }

        @Override
        public int operations() {
            return 1;
        }
    }
}
