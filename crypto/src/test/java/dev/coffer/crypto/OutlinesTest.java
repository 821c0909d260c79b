package dev.coffer.crypto;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.ed25519.Ed25519;
import dev.coffer.crypto.p256.EcdsaP256;
import dev.coffer.crypto.p256.P256;
import dev.coffer.crypto.x25519.X25519;
import dev.coffer.memory.Entropy;
import dev.coffer.testkit.HeapMode;
import dev.coffer.testkit.RawMemory;
import dev.coffer.testkit.SeededEntropy;
import dev.coffer.testkit.SteadyPath;
import dev.coffer.testkit.SteadyPaths;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What the curves have of their own behind the outlines of [Signature] and [Kem], and that neither makes an object; the rest is in
/// [SignatureContractTest] and [KemContractTest].
class OutlinesTest {
    private static MemorySegment filled(long bytes, long seed) {
        MemorySegment memory = Memory.zeros(bytes);
        new SeededEntropy(seed).fill(memory, 0, bytes);
        return memory;
    }

    private static void assertWiped(MemorySegment workspace) {
        assertEquals(0, RawMemory.nonZero(workspace), "workspace");
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
        assertEquals(0, RawMemory.nonZero(ek, 0, 65) + RawMemory.nonZero(dk, 0, 32));
        assertTrue(kem.keyPair(filled(32, 1), 0, ek, 0, dk, 0, w, 0));
        int[] draws = {0};
        Entropy once = (segment, at, length) -> segment.asSlice(at, length).fill((byte) (draws[0]++ == 0 ? -1 : 7));
        assertTrue(kem.encapsulate(once, ek, 0, Memory.zeros(65), 0, dk, 0, w, 0));
        assertEquals(2, draws[0]);
        Entropy never = (segment, at, length) -> segment.asSlice(at, length).fill((byte) -1);
        assertThrows(IllegalStateException.class, () -> kem.encapsulate(never, ek, 0, Memory.zeros(65), 0, dk, 0, w, 0));
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
