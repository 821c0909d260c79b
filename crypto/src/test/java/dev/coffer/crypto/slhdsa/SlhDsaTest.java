package dev.coffer.crypto.slhdsa;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.Memory;
import dev.coffer.crypto.Prehash;
import dev.coffer.crypto.Signature;
import dev.coffer.memory.Entropy;
import dev.coffer.testkit.RawMemory;
import dev.coffer.testkit.SeededEntropy;
import dev.coffer.testkit.Seeds;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Sizes, memory, refusals, flipped bits, and what becomes of a private key whose parts do not belong together.
class SlhDsaTest {
    private final SeededEntropy entropy = new SeededEntropy(7);

    /// The smallest sets of both families, and the smallest with SHA-512.
    static List<SlhDsa> small() {
        return List.of(SlhDsa.SHAKE_128F, SlhDsa.SHA2_128F, SlhDsa.SHA2_192F);
    }

    private MemorySegment random(long bytes) {
        MemorySegment segment = Memory.zeros(bytes);
        entropy.fill(segment, 0, bytes);
        return segment;
    }

    @Test
    void sizesAreThoseOfTable2AndTheWorkspacesAreWithinTheirBounds() {
        Object[][] table = {{"128s", 48, 32, 64, 7856, 2600L, 1656L}, {"128f", 48, 32, 64, 17088, 2504L, 1560L},
                {"192s", 72, 48, 96, 16224, 3472L, 2528L}, {"192f", 72, 48, 96, 35664, 3328L, 2384L},
                {"256s", 96, 64, 128, 29792, 4568L, 3624L}, {"256f", 96, 64, 128, 49856, 4408L, 3464L}};
        assertEquals(12, SlhDsa.SETS.size());
        for (Object[] row : table) {
            for (String family : new String[] {"SHA2-", "SHAKE-"}) {
                SlhDsa dsa = SlhDsaCase.of("SLH-DSA-" + family + row[0]).dsa();
                assertEquals(row[1], dsa.seedBytes());
                assertEquals(row[2], dsa.publicKeyBytes());
                assertEquals(row[3], dsa.privateKeyBytes());
                assertEquals(row[4], dsa.signatureBytes());
                assertEquals(row[family.equals("SHA2-") ? 5 : 6], dsa.workspaceBytes(), dsa + " workspace");
                assertEquals(dsa.workspaceBytes(), dsa.signWorkspaceBytes());
                assertEquals(dsa.workspaceBytes(), dsa.plan().totalBytes());
                assertEquals(dsa.layout.digest, dsa.plan().offsetOf("digest"));
                assertEquals(dsa.layout.engine, dsa.plan().offsetOf("engine"));
                assertEquals(dsa.layout.message, dsa.plan().offsetOf("message"));
                assertTrue(dsa.workspaceBytes() <= 16 << 10, "every operation in at most 16 KiB");
            }
        }
    }

    private interface Operation {
        void run(MemorySegment workspace, long at);
    }

    private static void on(long size, Operation operation) {
        int bytes = (int) size;
        MemorySegment all = Memory.zeros(64 + bytes + 64).fill((byte) 0x77);
        operation.run(all, 61);  // at an odd place
        assertEquals(0, RawMemory.nonZero(all, 61, bytes), "bytes left behind");
        for (int i = 0; i < 128; i++) {
            assertEquals(0x77, all.get(ValueLayout.JAVA_BYTE, i < 61 ? i : bytes + i), "beside the workspace");
        }
        MemorySegment less = Memory.zeros(size - 1);
        assertThrows(IndexOutOfBoundsException.class, () -> operation.run(less, 0));
    }

    /// Each operation with a workspace in the middle of marked memory: all of it is zero afterwards, nothing beside it is
    /// written, and one byte less is refused before anything is.
    @ParameterizedTest
    @MethodSource("small")
    void everyOperationKeepsToItsWorkspaceAndLeavesItZero(SlhDsa dsa) {
        long size = dsa.workspaceBytes();
        int length = dsa.signatureBytes();
        MemorySegment seed = random(dsa.seedBytes());
        MemorySegment pk = Memory.zeros(dsa.publicKeyBytes());
        MemorySegment sk = Memory.zeros(dsa.privateKeyBytes());
        MemorySegment message = random(100);
        MemorySegment context = random(20);
        MemorySegment signature = Memory.zeros(length);
        Entropy broken = (segment, at, bytes) -> {
            throw new IllegalStateException("no bytes");
        };
        on(size, (w, at) -> assertTrue(dsa.keyPair(seed, 0, pk, 0, sk, 0, w, at)));
        on(size, (w, at) -> assertTrue(dsa.sign(entropy, sk, 0, message, 0, 100, context, 0, 20, signature, 0, w, at)));
        on(size, (w, at) -> assertTrue(dsa.verify(pk, 0, message, 0, 100, context, 0, 20, signature, 0, length, w, at)));
        on(size, (w, at) -> assertFalse(dsa.verify(pk, 0, message, 0, 99, context, 0, 20, signature, 0, length, w, at)));
        on(size, (w, at) -> assertFalse(dsa.verify(pk, 0, message, 0, 100, context, 0, 20, signature, 0, length - 1, w, at)));
        MemorySegment before = Memory.of(Memory.bytes(signature));
        MemorySegment work = Memory.zeros(size);
        assertThrows(IllegalStateException.class,
                () -> dsa.sign(broken, sk, 0, message, 0, 100, context, 0, 20, signature, 0, work, 0));
        assertEquals(0, RawMemory.nonZero(work, 0, (int) size));
        assertEquals(-1, before.mismatch(signature), "a refusal writes nothing");
        on(size, (w, at) -> assertTrue(
                dsa.signPrehashed(entropy, sk, 0, Prehash.SHA_256, message, 0, context, 0, 20, signature, 0, w, at)));
        on(size, (w, at) -> assertTrue(
                dsa.verifyPrehashed(pk, 0, Prehash.SHA_256, message, 0, context, 0, 20, signature, 0, length, w, at)));
        on(size, (w, at) -> assertFalse(
                dsa.verifyPrehashed(pk, 0, Prehash.SHA3_256, message, 0, context, 0, 20, signature, 0, length, w, at)));
    }

    /// A changed PK.root is another root than the seeds make: no signature leaves, and nothing of it stays. So do faults in the highest tree.
    @ParameterizedTest
    @MethodSource("small")
    void aKeyWhosePartsDoNotBelongTogetherGivesNoSignature(SlhDsa dsa) {
        SlhDsaCase set = new SlhDsaCase(dsa);
        SlhDsaCase.Keys keys = set.keyPair(random(dsa.seedBytes()));
        MemorySegment w = Memory.zeros(dsa.workspaceBytes());
        MemorySegment signature = random(dsa.signatureBytes());
        for (long bit : new long[] {0, 8L * keys.sk().byteSize() - 1}) {  // of SK.seed, of PK.root
            flip(keys.sk(), bit);
            assertFalse(dsa.sign(entropy, keys.sk(), 0, keys.pk(), 0, 9, keys.pk(), 0, 0, signature, 0, w, 0));
            assertEquals(0, RawMemory.nonZero(signature, 0, dsa.signatureBytes()), "the signature");
            assertEquals(0, RawMemory.nonZero(w), "the workspace");
            flip(keys.sk(), bit);
        }
    }

    @Test
    void aContextOf255BytesIsTakenAndOneOf256IsNot() {
        SlhDsaCase set = new SlhDsaCase(SlhDsa.SHA2_128F);
        SlhDsaCase.Keys keys = set.keyPair(random(48));
        MemorySegment message = random(10);
        MemorySegment context = random(256);
        MemorySegment signature = set.sign(null, keys.sk(), message, context.asSlice(0, 255));
        assertTrue(set.verify(keys.pk(), message, context.asSlice(0, 255), signature));
        assertFalse(set.verify(keys.pk(), message, context.asSlice(0, 254), signature));
        assertFalse(set.verify(keys.pk(), message, context, signature));
        assertThrows(IllegalArgumentException.class, () -> set.sign(null, keys.sk(), message, context));
        assertThrows(IllegalArgumentException.class,
                () -> set.signPrehashed(null, keys.sk(), Prehash.SHA_256, random(32), context));
        assertFalse(set.verifyPrehashed(keys.pk(), Prehash.SHA_256, random(32), context, signature));
    }

    /// Bits in every part of a signature (R, FORS, each layer), of message, context and key; which ones, a seed says.
    @ParameterizedTest
    @MethodSource("small")
    void aFlippedBitAnywhereIsRefused(SlhDsa dsa) {
        SlhDsaCase set = new SlhDsaCase(dsa);
        SlhDsaCase.Keys keys = set.keyPair(random(dsa.seedBytes()));
        MemorySegment message = random(40);
        MemorySegment context = random(8);
        MemorySegment signature = set.sign(random(dsa.publicKeyBytes() / 2), keys.sk(), message, context);
        MemorySegment w = Memory.zeros(dsa.workspaceBytes());
        int bytes = dsa.signatureBytes();
        Seeds.forEach(1, 1, random -> {
            for (MemorySegment place : new MemorySegment[] {signature, message, context, keys.pk()}) {
                long bits = 8 * place.byteSize();
                for (long part = 0, parts = place == signature ? 40 : 4; part < parts; part++) {
                    long bit = part * bits / parts + random.nextLong(bits / parts);
                    flip(place, bit);
                    assertFalse(dsa.verify(keys.pk(), 0, message, 0, 40, context, 0, 8, signature, 0, bytes, w, 0), "bit " + bit);
                    flip(place, bit);
                }
            }
        });
        for (long bit : new long[] {0, 8L * bytes - 1}) {
            flip(signature, bit);
            assertFalse(dsa.verify(keys.pk(), 0, message, 0, 40, context, 0, 8, signature, 0, bytes, w, 0), "bit " + bit);
            flip(signature, bit);
        }
        assertTrue(dsa.verify(keys.pk(), 0, message, 0, 40, context, 0, 8, signature, 0, bytes, w, 0));
    }

    private static void flip(MemorySegment place, long bit) {
        place.set(ValueLayout.JAVA_BYTE, bit >> 3, (byte) (place.get(ValueLayout.JAVA_BYTE, bit >> 3) ^ 1 << (bit & 7)));
    }

    @Test
    void wrongLengthsAreRefusedByTypeAndByAnswer() {
        SlhDsa dsa = SlhDsa.SHAKE_128F;
        SlhDsaCase set = new SlhDsaCase(dsa);
        SlhDsaCase.Keys keys = set.keyPair(random(48));
        MemorySegment message = random(10);
        MemorySegment signature = set.sign(null, keys.sk(), message, SlhDsaCase.NONE);
        assertFalse(set.verify(keys.pk(), message, SlhDsaCase.NONE, signature.asSlice(1)));
        MemorySegment longer = Memory.zeros(signature.byteSize() + 1).copyFrom(signature);  // valid, and a byte behind
        assertFalse(set.verify(keys.pk(), message, SlhDsaCase.NONE, longer));
        assertFalse(set.verify(keys.pk(), message, SlhDsaCase.NONE, SlhDsaCase.NONE));
        Class<IndexOutOfBoundsException> outside = IndexOutOfBoundsException.class;
        assertThrows(outside, () -> set.keyPair(random(47)));
        assertThrows(outside, () -> set.sign(null, random(63), message, SlhDsaCase.NONE));
        assertThrows(outside, () -> set.verify(random(31), message, SlhDsaCase.NONE, signature));
    }

    @Test
    void rangesThatOverlapAreRefused() {
        SlhDsa dsa = SlhDsa.SHAKE_128F;
        int length = dsa.signatureBytes();
        MemorySegment m = random(2L * length);
        MemorySegment w = Memory.zeros(dsa.workspaceBytes() + 100);
        long last = dsa.workspaceBytes() - 1;
        Class<IllegalArgumentException> refused = IllegalArgumentException.class;
        assertThrows(refused, () -> dsa.sign(entropy, m, length - 1, m, 2L * length - 10, 9, m, 0, 0, m, 0, w, 0), "on the key");
        assertThrows(refused, () -> dsa.sign(entropy, m, length, m, length - 1, 9, m, 0, 0, m, 0, w, 0), "on the message");
        assertThrows(refused, () -> dsa.sign(entropy, m, length, m, length + 100, 9, m, length - 1, 9, m, 0, w, 0), "on the context");
        assertThrows(refused, () -> dsa.sign(entropy, w, last, m, length, 9, m, 0, 0, m, 0, w, 0));
        assertThrows(refused, () -> dsa.verify(w, last, m, 0, 9, m, 0, 0, m, 0, length, w, 0));
        assertThrows(refused, () -> dsa.verify(m, 0, w, last, 9, m, 0, 0, m, 0, length, w, 0));
        assertThrows(refused, () -> dsa.keyPair(m, 0, m, 47, m, 100, w, 0));
        assertThrows(refused, () -> dsa.keyPair(m, 0, m, 100, m, 131, w, 0));
        assertThrows(refused, () -> dsa.keyPair(m, 0, m, 300, m, 47, w, 0));
        assertEquals(-1, m.mismatch(new SlhDsaTest().random(2L * length)), "nothing was written");
    }

    /// The hedged variant signs one message in many ways, the deterministic one in one, which is that of PK.seed.
    @Test
    void optRandDecidesTheSignature() {
        SlhDsaCase set = new SlhDsaCase(SlhDsa.SHA2_128F);
        SlhDsaCase.Keys keys = set.keyPair(random(48));
        MemorySegment message = random(10);
        MemorySegment first = set.sign(random(16), keys.sk(), message, SlhDsaCase.NONE);
        MemorySegment second = set.sign(random(16), keys.sk(), message, SlhDsaCase.NONE);
        assertNotEquals(-1, first.mismatch(second));
        assertTrue(set.verify(keys.pk(), message, SlhDsaCase.NONE, first) && set.verify(keys.pk(), message, SlhDsaCase.NONE, second));
        MemorySegment deterministic = set.sign(null, keys.sk(), message, SlhDsaCase.NONE);
        assertEquals(-1, deterministic.mismatch(set.sign(keys.pk().asSlice(0, 16), keys.sk(), message, SlhDsaCase.NONE)));
        assertEquals(Signature.DETERMINISTIC, SlhDsa.DETERMINISTIC);
    }
}
