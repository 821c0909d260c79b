package dev.coffer.crypto.vector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.coffer.crypto.internal.kernel.Kernels;
import dev.coffer.crypto.keccak.Keccak;
import dev.coffer.crypto.keccak.KeccakBatch;
import dev.coffer.crypto.sha2.CompressBatch;
import dev.coffer.crypto.slhdsa.SlhDsa;
import dev.coffer.testkit.HeapBytes;
import dev.coffer.testkit.SeededEntropy;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// SLH-DSA in the fast profile, whose chains are walked in vector lanes: the same keys and signatures as the strict form, byte for
/// byte, the same answers to wrong ones, nothing left in the workspace.
class FastSlhDsaTest {
    private static final int GUARD = 3;

    static Stream<SlhDsa> quick() {
        return SlhDsa.SETS.stream().filter(set -> set.name().endsWith("f"));
    }

    static Stream<SlhDsa> slow() {
        return SlhDsa.SETS.stream().filter(set -> set.name().endsWith("s"));
    }

    /// {@return the fast form, which is another object where vectors serve}
    ///
    /// They may not, on a machine that was too busy for its compiler while the one self-test ran: then the test is skipped, loudly. That it
    /// was the machine is shown by a self-test that succeeds later; where none does in ten, the test fails.
    private static SlhDsa fast(SlhDsa strict) {
        boolean shake = strict.name().contains("SHAKE");
        SlhDsa fast = strict.fast();
        if (shake ? KeccakBatch.wideVectorsServe() || KeccakBatch.vectorsServe() : CompressBatch.vectorsServe()) {
            assertNotSame(strict, fast, "vectors serve");
            return fast;
        }
        assertSame(strict, fast, "vectors do not serve");
        boolean late = false;
        for (int turn = 0; turn < 10 && !late; turn++) {
            late = shake ? Kernels.obstacle(2048, memory -> KeccakLanes.permute(memory, 0, 0), memory -> {
                for (int j = 0; j < KeccakBatch.STATES; j++) {
                    Keccak.permute(memory, 8L * j, KeccakBatch.LANE_STRIDE);
                }
            }, 0, KeccakBatch.STATES_BYTES) == null : Kernels.obstacle(4096, memory -> Sha256Lanes.compress(memory, 0, 512, 256), memory -> {
                Sha256Lanes.compress(memory, 0, 512, 256);
            }, 256, 256) == null;
        }
        assertTrue(late, "no vectors where they should be");
        return abort("the compiler was late for " + strict + ": its fast form was not tried");
    }

    @Test
    void aSetHasOneFastFormAndItKeepsItsName() {
        for (SlhDsa set : SlhDsa.SETS) {
            SlhDsa fast = fast(set);
            assertSame(fast, set.fast(), "made once");
            assertSame(fast, fast.fast());
            assertEquals(set.name(), fast.name());
            assertEquals(fast.workspaceBytes(), fast.plan().totalBytes());
            assertEquals(set.workspaceBytes() + (set.name().contains("SHAKE") ? 5184 : 2624), fast.workspaceBytes());
            assertTrue(fast.workspaceBytes() <= 16 << 10, "every operation in at most 16 KiB");
        }
    }

    @ParameterizedTest
    @MethodSource("quick")
    void signsAndVerifiesAsTheStrictForm(SlhDsa strict) {
        bothForms(strict, 3);
    }

    @Tag("long")
    @ParameterizedTest
    @MethodSource("slow")
    void signsAndVerifiesAsTheStrictFormWithTheSlowSets(SlhDsa strict) {
        bothForms(strict, 1);
    }

    private static void bothForms(SlhDsa strict, int times) {
        SlhDsa fast = fast(strict);
        try (Arena arena = Arena.ofConfined()) {
            for (int i = 0; i < times; i++) {
                SeededEntropy entropy = new SeededEntropy(i);
                MemorySegment seed = arena.allocate(strict.seedBytes());
                MemorySegment message = arena.allocate(50);
                entropy.fill(seed, 0, seed.byteSize());
                entropy.fill(message, 0, message.byteSize());
                MemorySegment one = keys(strict, seed, arena);
                MemorySegment other = keys(fast, seed, arena);
                assertEquals(-1, one.mismatch(other), "keys");
                MemorySegment expected = sign(strict, one, message, i, arena);
                MemorySegment signature = sign(fast, one, message, i, arena);
                assertEquals(-1, expected.mismatch(signature), "signature");
                assertTrue(verify(fast, one, message, signature, arena));
                Random random = new Random(i);
                for (int flips = 0; flips < 12; flips++) {
                    long at = random.nextLong(signature.byteSize());
                    byte was = signature.get(ValueLayout.JAVA_BYTE, at);
                    signature.set(ValueLayout.JAVA_BYTE, at, (byte) (was ^ 1 << random.nextInt(8)));
                    assertEquals(false, verify(fast, one, message, signature, arena), "flipped at " + at);
                    signature.set(ValueLayout.JAVA_BYTE, at, was);
                }
            }
        }
    }

    /// {@return private key, public key}
    private static MemorySegment keys(SlhDsa set, MemorySegment seed, Arena arena) {
        MemorySegment keys = arena.allocate(set.privateKeyBytes() + set.publicKeyBytes());
        MemorySegment workspace = workspace(set, arena);
        assertTrue(set.keyPair(seed, 0, keys, set.privateKeyBytes(), keys, 0, workspace, GUARD));
        wiped(set, workspace);
        return keys;
    }

    private static MemorySegment sign(SlhDsa set, MemorySegment keys, MemorySegment message, long seed, Arena arena) {
        MemorySegment signature = arena.allocate(set.signatureBytes());
        MemorySegment workspace = workspace(set, arena);
        assertTrue(set.sign(new SeededEntropy(seed), keys, 0, message, 0, message.byteSize(), message, 0, 7, signature, 0, workspace, GUARD));
        wiped(set, workspace);
        return signature;
    }

    private static boolean verify(SlhDsa set, MemorySegment keys, MemorySegment message, MemorySegment signature, Arena arena) {
        MemorySegment workspace = workspace(set, arena);
        boolean valid = set.verify(keys, set.privateKeyBytes(), message, 0, message.byteSize(), message, 0, 7, signature, 0,
                signature.byteSize(), workspace, GUARD);
        wiped(set, workspace);
        return valid;
    }

    private static MemorySegment workspace(SlhDsa set, Arena arena) {
        MemorySegment workspace = arena.allocate(GUARD + set.workspaceBytes() + GUARD);
        return workspace.fill((byte) 0x5a);
    }

    private static void wiped(SlhDsa set, MemorySegment workspace) {
        long end = GUARD + set.workspaceBytes();
        for (long i = 0; i < workspace.byteSize(); i++) {
            assertEquals(i < GUARD || i >= end ? 0x5a : 0, workspace.get(ValueLayout.JAVA_BYTE, i), "byte " + i + " of the workspace");
        }
    }

    @ParameterizedTest
    @MethodSource("quick")
    void signingTakesNothingFromTheHeapOnceItIsCompiled(SlhDsa strict) {
        SlhDsa fast = fast(strict);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment seed = arena.allocate(fast.seedBytes());
            MemorySegment keys = keys(fast, seed, arena);
            MemorySegment workspace = arena.allocate(fast.workspaceBytes());
            MemorySegment signature = arena.allocate(fast.signatureBytes());
            assertEquals(0, HeapBytes.least(4, 8, () -> fast.sign(SlhDsa.DETERMINISTIC, keys, 0, seed, 0, 8, seed, 0, 0, signature, 0,
                    workspace, 0)), "heap bytes of a signature");
        }
    }
}
