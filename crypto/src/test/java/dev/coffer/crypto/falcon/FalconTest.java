package dev.coffer.crypto.falcon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.Memory;
import dev.coffer.crypto.Signature;
import dev.coffer.memory.Entropy;
import dev.coffer.testkit.RawMemory;
import dev.coffer.testkit.SeededEntropy;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Sizes, memory, refusals, flipped bits, and what is no key or no signature.
class FalconTest {
    private final SeededEntropy entropy = new SeededEntropy(7);

    static Stream<Falcon> sets() {
        return FalconCase.sets();
    }

    private MemorySegment random(long bytes) {
        MemorySegment segment = Memory.zeros(bytes);
        entropy.fill(segment, 0, bytes);
        return segment;
    }

    private static void flip(MemorySegment place, long bit) {
        place.set(ValueLayout.JAVA_BYTE, bit >> 3, (byte) (place.get(ValueLayout.JAVA_BYTE, bit >> 3) ^ 1 << (bit & 7)));
    }

    @Test
    void sizesAreTheSpecificationsAndTheWorkspacesAreWithinTheirBounds() {
        long[][] table = {{897, 1281, 666, 752, 809, 42052, 17848, 3512, 59392}, {1793, 2305, 1280, 1462, 1577, 83012, 35256, 6584, 126976}};
        for (int i = 0; i < 2; i++) {
            Falcon falcon = i == 0 ? Falcon.FALCON_512 : Falcon.FALCON_1024;
            long[] row = table[i];
            assertEquals(row[0], falcon.publicKeyBytes());
            assertEquals(row[1], falcon.privateKeyBytes());
            assertEquals(row[2], falcon.signatureBytes());
            assertEquals(row[2], falcon.signatureBytesMax(FalconForm.PADDED));
            assertEquals(row[3], falcon.signatureBytesMax(FalconForm.COMPRESSED));
            assertEquals(row[4], falcon.signatureBytesMax(FalconForm.CONSTANT_TIME));
            assertEquals(row[5], falcon.signWorkspaceBytes());
            assertEquals(row[6], falcon.workspaceBytes());
            assertEquals(row[7], falcon.verifyWorkspaceBytes());
            assertEquals(row[8], ExpandedSigningKey.bytes(falcon));
            assertEquals(48, falcon.seedBytes());
            assertEquals(falcon.signWorkspaceBytes(), falcon.signPlan().totalBytes());
            assertEquals(falcon.workspaceBytes(), falcon.plan().totalBytes());
            assertEquals(falcon.verifyWorkspaceBytes(), falcon.verifyPlan().totalBytes());
            assertEquals(falcon.signing.point, falcon.signPlan().offsetOf("points"));
            assertEquals(falcon.signing.numbers, falcon.signPlan().offsetOf("numbers"));
            assertEquals(falcon.signing.sampler, falcon.signPlan().offsetOf("sampler"));
            assertEquals(falcon.signing.hash, falcon.signPlan().offsetOf("hash"));
            assertEquals(falcon.generating.numbers, falcon.plan().offsetOf("numbers"));
            assertEquals(falcon.verifying.hash, falcon.verifyPlan().offsetOf("hash"));
        }
        assertTrue(Falcon.FALCON_512.signWorkspaceBytes() <= 48 << 10, "Falcon-512 signs in at most 48 KiB");
        assertTrue(Falcon.FALCON_1024.signWorkspaceBytes() <= 84 << 10, "Falcon-1024 signs in at most 84 KiB");
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

    /// Each operation with a workspace in the middle of marked memory: all of it is zero afterwards, nothing beside it is written, and one
    /// byte less is refused before anything is.
    @ParameterizedTest
    @MethodSource("sets")
    void everyOperationKeepsToItsWorkspaceAndLeavesItZero(Falcon falcon) {
        MemorySegment pk = Memory.zeros(falcon.publicKeyBytes());
        MemorySegment sk = Memory.zeros(falcon.privateKeyBytes());
        MemorySegment seed = random(48);
        MemorySegment message = random(100);
        int[] length = {0};
        on(falcon.workspaceBytes(), (w, at) -> assertTrue(falcon.keyPair(seed, 0, pk, 0, sk, 0, w, at)));
        for (FalconForm form : FalconForm.values()) {
            MemorySegment signature = Memory.zeros(falcon.signatureBytesMax(form));
            on(falcon.signWorkspaceBytes(),
                    (w, at) -> assertTrue((length[0] = falcon.sign(form, entropy, sk, 0, message, 0, 100, signature, 0, w, at)) > 0));
            on(falcon.verifyWorkspaceBytes(),
                    (w, at) -> assertTrue(falcon.verify(form, pk, 0, message, 0, 100, signature, 0, length[0], w, at)));
            on(falcon.verifyWorkspaceBytes(),
                    (w, at) -> assertFalse(falcon.verify(form, pk, 0, message, 0, 99, signature, 0, length[0], w, at)));
            on(falcon.verifyWorkspaceBytes(),
                    (w, at) -> assertFalse(falcon.verify(form, pk, 0, message, 0, 100, signature, 0, length[0] - 1, w, at)));
            try (ExpandedSigningKey key = new ExpandedSigningKey(falcon, Memory.zeros(ExpandedSigningKey.bytes(falcon)), 0)) {
                on(falcon.signWorkspaceBytes(), (w, at) -> assertTrue(key.expand(sk, 0, w, at)));
                on(falcon.signWorkspaceBytes(),
                        (w, at) -> assertTrue((length[0] = key.sign(form, entropy, message, 0, 100, signature, 0, w, at)) > 0));
            }
            assertTrue(new FalconCase(falcon).verify(form, pk, message, signature.asSlice(0, length[0])));
        }
    }

    @ParameterizedTest
    @MethodSource("sets")
    void aSourceWithoutBytesAndTheDeterministicOneAreRefusedAndNothingIsWritten(Falcon falcon) {
        FalconCase set = new FalconCase(falcon);
        FalconCase.Keys keys = set.keyPair(random(48));
        MemorySegment signature = random(falcon.signatureBytes());
        MemorySegment before = Memory.of(Memory.bytes(signature));
        MemorySegment w = Memory.zeros(falcon.signWorkspaceBytes());
        Entropy broken = (segment, at, bytes) -> {
            throw new IllegalStateException("no bytes");
        };
        for (Entropy source : new Entropy[] {broken, (segment, at, bytes) -> {}, Signature.DETERMINISTIC}) {
            Class<? extends RuntimeException> refused =
                    source == Signature.DETERMINISTIC ? IllegalArgumentException.class : IllegalStateException.class;
            assertThrows(refused,
                    () -> falcon.sign(FalconForm.PADDED, source, keys.sk(), 0, keys.pk(), 0, 9, signature, 0, w, 0));
            assertEquals(0, RawMemory.nonZero(w));
            assertEquals(-1, before.mismatch(signature), "a refusal writes nothing");
        }
    }

    /// Every bit of a signature, of a short message and many of a key, in all three forms.
    @ParameterizedTest
    @MethodSource("sets")
    void aFlippedBitAnywhereIsRefused(Falcon falcon) {
        FalconCase set = new FalconCase(falcon);
        FalconCase.Keys keys = set.keyPair(random(48));
        MemorySegment message = random(20);
        MemorySegment w = Memory.zeros(falcon.verifyWorkspaceBytes());
        for (FalconForm form : FalconForm.values()) {
            MemorySegment signature = set.sign(form, entropy, keys.sk(), message);
            for (MemorySegment place : new MemorySegment[] {signature, message, keys.pk()}) {
                int step = place == signature && falcon == Falcon.FALCON_512 ? 1 : 7;
                for (long bit = 0; bit < 8 * place.byteSize(); bit += step) {
                    flip(place, bit);
                    assertFalse(falcon.verify(form, keys.pk(), 0, message, 0, 20, signature, 0, signature.byteSize(), w, 0), form + " bit " + bit);
                    flip(place, bit);
                }
            }
            assertTrue(set.verify(form, keys.pk(), message, signature));
        }
    }

    /// A signature has one encoding: a byte behind it, one that is padded where it should not be, and another form's header are refused.
    @ParameterizedTest
    @MethodSource("sets")
    void aSignatureIsTakenInItsFormAndLengthOnly(Falcon falcon) {
        FalconCase set = new FalconCase(falcon);
        FalconCase.Keys keys = set.keyPair(random(48));
        MemorySegment message = random(20);
        for (FalconForm form : FalconForm.values()) {
            MemorySegment signature = set.sign(form, entropy, keys.sk(), message);
            long length = signature.byteSize();
            MemorySegment longer = Memory.zeros(length + 1).copyFrom(signature);
            assertFalse(set.verify(form, keys.pk(), message, longer), form + ", a zero behind");
            for (long shorter : new long[] {0, 1, 40, 41, 42, length - 1}) {
                assertFalse(set.verify(form, keys.pk(), message, signature.asSlice(0, shorter)), form + ", " + shorter + " bytes");
            }
            for (FalconForm other : FalconForm.values()) {
                assertEquals(other == form, set.verify(other, keys.pk(), message, signature), form + " as " + other);
            }
        }
        MemorySegment padded = set.sign(FalconForm.PADDED, entropy, keys.sk(), message);
        padded.set(ValueLayout.JAVA_BYTE, padded.byteSize() - 1, (byte) 1);
        assertFalse(set.verify(FalconForm.PADDED, keys.pk(), message, padded), "not a zero in what is padded");
    }

    /// Of the compression itself: numbers at 2047, which is the last that is taken, a zero with a sign, and bits in what ends the last byte.
    @Test
    void theCompressionHasOneFormForEachNumberAndNoneForMore() {
        int n = 8;
        MemorySegment w = Memory.zeros(64);
        MemorySegment coded = Memory.zeros(64);
        int[] numbers = {0, 1, -1, 127, -128, 2047, -2047, 5};
        for (int i = 0; i < n; i++) {
            w.set(ValueLayout.JAVA_SHORT_UNALIGNED, 2 * i, (short) numbers[i]);
        }
        assertTrue(Codec.isEncodable(w, 0, n));
        int bytes = Codec.compressedBytes(w, 0, n);
        assertEquals((8 * 9 + 1 + 15 + 15 + 7) / 8, bytes);
        Codec.compress(w, 0, n, coded, 0);
        MemorySegment back = Memory.zeros(16);
        assertEquals(bytes, Codec.decompress(coded, 0, bytes, n, back, 0));
        assertEquals(-1, back.mismatch(w.asSlice(0, 16)));
        assertEquals(-1, Codec.decompress(coded, 0, bytes - 1, n, back, 0));
        flip(coded, 8 * bytes - 8);  // the last bit of the last byte is behind the numbers
        assertEquals(-1, Codec.decompress(coded, 0, bytes, n, back, 0));
        assertEquals(-1, Codec.decompress(Memory.hex("80c000"), 0, 3, 1, back, 0), "minus 0");
        assertEquals(2, Codec.decompress(Memory.hex("0080"), 0, 2, 1, back, 0), "0");
        assertEquals(3, Codec.decompress(Memory.hex("7f0001"), 0, 3, 1, back, 0), "2047");
        assertEquals(2047, back.get(ValueLayout.JAVA_SHORT_UNALIGNED, 0));
        assertEquals(-1, Codec.decompress(Memory.hex("00000080"), 0, 4, 1, back, 0), "2048");
        for (int x : new int[] {2048, -2048, 32767, -32768}) {
            w.set(ValueLayout.JAVA_SHORT_UNALIGNED, 0, (short) x);
            assertFalse(Codec.isEncodable(w, 0, n));
        }
    }

    @ParameterizedTest
    @MethodSource("sets")
    void whatIsNoPrivateKeySignsNothing(Falcon falcon) {
        FalconCase set = new FalconCase(falcon);
        FalconCase.Keys keys = set.keyPair(random(48));
        MemorySegment message = random(9);
        MemorySegment sk = keys.sk();
        for (long bit : new long[] {0, 4, 7}) {  // another degree, another kind
            flip(sk, bit);
            assertRefused(set, sk, message);
            flip(sk, bit);
        }
        for (long bit : new long[] {8, 8 * 400, 8L * sk.byteSize() - 1}) {  // of f, g, F: G becomes large
            flip(sk, bit);
            assertRefused(set, sk, message);
            flip(sk, bit);
        }
        MemorySegment none = Memory.of(Memory.bytes(sk));
        none.asSlice(1).fill((byte) 0);  // f = 0 has no inverse
        assertRefused(set, none, message);
        none.copyFrom(sk).set(ValueLayout.JAVA_BYTE, sk.byteSize() - 1, (byte) -128);
        assertRefused(set, none, message);
        none.copyFrom(sk).set(ValueLayout.JAVA_BYTE, 1, (byte) 0x80);  // the smallest number of 6 or 5 bits
        assertRefused(set, none, message);
        none.copyFrom(sk).asSlice(1 + 2L * falcon.p.n() * falcon.p.fgBits() / 8).fill((byte) 0);  // F = 0, then G = 0: no basis
        assertRefused(set, none, message);
        assertTrue(set.verify(FalconForm.PADDED, keys.pk(), message, set.sign(FalconForm.PADDED, entropy, sk, message)));
    }

    private void assertRefused(FalconCase set, MemorySegment sk, MemorySegment message) {
        Falcon falcon = set.falcon();
        MemorySegment signature = random(falcon.signatureBytes());
        MemorySegment before = Memory.of(Memory.bytes(signature));
        MemorySegment w = Memory.zeros(falcon.signWorkspaceBytes());
        assertEquals(0, falcon.sign(FalconForm.PADDED, entropy, sk, 0, message, 0, 9, signature, 0, w, 0));
        assertEquals(-1, before.mismatch(signature));
        assertEquals(0, RawMemory.nonZero(w));
    }

    @ParameterizedTest
    @MethodSource("sets")
    void whatIsNoPublicKeyVerifiesNothing(Falcon falcon) {
        FalconCase set = new FalconCase(falcon);
        FalconCase.Keys keys = set.keyPair(random(48));
        MemorySegment message = random(9);
        MemorySegment signature = set.sign(FalconForm.PADDED, entropy, keys.sk(), message);
        MemorySegment pk = Memory.of(Memory.bytes(keys.pk()));
        pk.set(ValueLayout.JAVA_BYTE, 0, (byte) (falcon == Falcon.FALCON_512 ? 10 : 9));
        assertFalse(set.verify(FalconForm.PADDED, pk, message, signature), "another degree");
        pk.copyFrom(keys.pk()).asSlice(1, 2).fill((byte) -1);  // 16383, from q on
        assertFalse(set.verify(FalconForm.PADDED, pk, message, signature));
    }

    /// With h = 0 the vector s1 is the hashed message: both halves are chosen here, to the bound and one past (algorithm 16, step 6).
    @ParameterizedTest
    @MethodSource("sets")
    void aVectorAtTheBoundIsShortAndOnePastIsNot(Falcon falcon) {
        for (int past = 0; past <= 1; past++) {
            int n = falcon.p.n();
            MemorySegment w = Memory.zeros(6L * n);  // the message, s2, h
            int at = 0;
            for (long rest = falcon.p.bound() + past; rest > 0; at++) {
                int x = (int) Math.min(Ntt.Q / 2, Math.sqrt(rest));
                rest -= (long) x * x;
                int signed = at % 4 < 2 ? x : -x;
                if (at % 2 == 0) {
                    Ntt.store(w, 0, at, signed < 0 ? signed + Ntt.Q : signed);
                } else {
                    Ntt.store(w, 2L * n, at, signed);
                }
            }
            assertEquals(past == 0, Verifier.accepts(falcon.p, w, 0, 2L * n, 4L * n), falcon + ", past the bound by " + past);
        }
    }

    /// -2^(bits - 1), which has no counterpart above zero and which neither keys nor signatures have (section 3.11).
    @Test
    void theSmallestNumberOfAWidthIsRefusedAndTheNextIsNot() {
        MemorySegment numbers = Memory.zeros(16);
        MemorySegment packed = Memory.zeros(16);
        MemorySegment again = Memory.zeros(16);
        for (int place = 0; place < 8; place++) {
            for (int bits : new int[] {5, 6, 8}) {
                int least = -(1 << bits - 1);
                for (int x = least; x <= least + 1; x++) {
                    numbers.fill((byte) 1).set(ValueLayout.JAVA_BYTE, place, (byte) x);
                    Codec.pack8(numbers, 0, 8, bits, packed, 0);
                    assertEquals(x > least, Codec.unpack8(packed, 0, 8, bits, again, 0), x + " in " + bits + " bits");
                }
            }
            for (int x = -2048; x <= -2047; x++) {
                numbers.fill((byte) 0).set(ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN), 2L * place, (short) x);
                Codec.pack16(numbers, 0, 8, 12, packed, 0);
                assertEquals(x > -2048, Codec.unpack16(packed, 0, 8, again, 0), x + " in 12 bits");
            }
        }
    }

    /// From q on: the last number that is taken, and the first that is not; each n of them.
    @Test
    void coefficientsOfPublicKeysEndBelowQ() {
        MemorySegment w = Memory.zeros(64);
        MemorySegment coded = Memory.zeros(64);
        for (int x : new int[] {0, Ntt.Q - 1, Ntt.Q, 16383}) {
            for (int i = 0; i < 8; i++) {
                Ntt.store(w, 0, i, i == 5 ? x : 1);
            }
            Codec.pack16(w, 0, 8, Parameters.PUBLIC_BITS, coded, 0);
            assertEquals(x < Ntt.Q, Codec.unpackPublic(coded, 0, 8, w, 32));
            assertEquals(-1, w.asSlice(0, 16).mismatch(w.asSlice(32, 16)));
        }
    }

    @Test
    void wrongLengthsAndRangesThatOverlapAreRefused() {
        Falcon falcon = Falcon.FALCON_512;
        FalconCase set = new FalconCase(falcon);
        FalconCase.Keys keys = set.keyPair(random(48));
        MemorySegment m = random(4000);
        MemorySegment before = Memory.of(Memory.bytes(m));
        MemorySegment w = Memory.zeros(falcon.signWorkspaceBytes() + 2000);
        long last = falcon.signWorkspaceBytes() - 1;
        Class<IndexOutOfBoundsException> outside = IndexOutOfBoundsException.class;
        assertThrows(outside, () -> set.keyPair(random(47)));
        assertThrows(outside, () -> set.sign(FalconForm.PADDED, entropy, random(1280), m));
        assertThrows(outside, () -> set.verify(FalconForm.PADDED, random(896), m, m.asSlice(0, 666)));
        assertThrows(outside, () -> falcon.sign(FalconForm.COMPRESSED, entropy, keys.sk(), 0, m, 0, 9, Memory.zeros(751), 0, w, 0));
        Class<IllegalArgumentException> refused = IllegalArgumentException.class;
        FalconForm form = FalconForm.PADDED;
        assertThrows(refused, () -> falcon.sign(form, entropy, m, 665, m, 3000, 9, m, 0, w, 0), "on the key");
        assertThrows(refused, () -> falcon.sign(form, entropy, keys.sk(), 0, m, 665, 9, m, 0, w, 0), "on the message");
        assertThrows(refused, () -> falcon.sign(form, entropy, w, last, m, 700, 9, m, 0, w, 0));
        assertThrows(refused, () -> falcon.sign(form, entropy, keys.sk(), 0, w, last, 9, m, 0, w, 0));
        assertThrows(refused, () -> falcon.sign(form, entropy, keys.sk(), 0, m, 700, 9, w, last, w, 0));
        assertThrows(refused, () -> falcon.sign(form, entropy, keys.sk(), 0, m, 700, 9, m.asReadOnly(), 0, w, 0));
        assertThrows(refused, () -> falcon.verify(form, w, 100, m, 0, 9, m, 9, 666, w, 0));
        assertThrows(refused, () -> falcon.verify(form, keys.pk(), 0, w, 100, 9, m, 9, 666, w, 0));
        assertThrows(refused, () -> falcon.verify(form, keys.pk(), 0, m, 0, 9, w, 100, 666, w, 0));
        assertThrows(refused, () -> falcon.keyPair(m, 0, m, 47, m, 1000, w, 0));
        assertThrows(refused, () -> falcon.keyPair(m, 0, m, 1000, m, 47, w, 0));
        assertThrows(refused, () -> falcon.keyPair(m, 0, m, 100, m, 996, w, 0));
        assertEquals(-1, m.mismatch(before), "nothing was written");
    }

    /// A fault of the machine that leaves s2 short and no solution: nothing is given. The key is made such a fault: one bit of g, as the
    /// equation sees it, is flipped in the expanded form, whose other parts still lead to short vectors.
    @ParameterizedTest
    @MethodSource("sets")
    void aVectorThatSolvesNothingIsNotGiven(Falcon falcon) {
        FalconCase.Keys keys = new FalconCase(falcon).keyPair(random(48));
        MemorySegment memory = Memory.zeros(ExpandedSigningKey.bytes(falcon));
        MemorySegment w = Memory.zeros(falcon.signWorkspaceBytes());
        MemorySegment signature = Memory.zeros(falcon.signatureBytes());
        try (ExpandedSigningKey key = new ExpandedSigningKey(falcon, memory, 0)) {
            assertTrue(key.expand(keys.sk(), 0, w, 0));
            assertEquals(falcon.signatureBytes(), key.sign(FalconForm.PADDED, entropy, keys.pk(), 0, 9, signature, 0, w, 0));
            signature.fill((byte) 0);
            flip(memory, 8 * (memory.byteSize() - 2));
            assertEquals(0, key.sign(FalconForm.PADDED, entropy, keys.pk(), 0, 9, signature, 0, w, 0));
            assertEquals(0, RawMemory.nonZero(signature, 0, falcon.signatureBytes()), "the signature");
            assertEquals(0, RawMemory.nonZero(w), "the workspace");
        }
        assertEquals(0, RawMemory.nonZero(memory), "the key after its end");
    }

    @Test
    void anExpandedKeyThatHoldsNoneRefuses() {
        Falcon falcon = Falcon.FALCON_512;
        MemorySegment memory = Memory.zeros(ExpandedSigningKey.bytes(falcon));
        MemorySegment w = Memory.zeros(falcon.signWorkspaceBytes());
        MemorySegment signature = Memory.zeros(falcon.signatureBytes());
        try (ExpandedSigningKey key = new ExpandedSigningKey(falcon, memory, 0)) {
            assertThrows(IllegalStateException.class, () -> key.sign(FalconForm.PADDED, entropy, w, 0, 0, signature, 0, w, 0));
            assertFalse(key.expand(Memory.zeros(1281), 0, w, 0));
            assertEquals("ExpandedSigningKey[Falcon-512, empty]", key.toString());
            assertEquals(0, RawMemory.nonZero(memory));
        }
    }

    @ParameterizedTest
    @MethodSource("sets")
    void oneMessageHasAnotherSignatureEachTime(Falcon falcon) {
        FalconCase set = new FalconCase(falcon);
        FalconCase.Keys keys = set.keyPair(random(48));
        MemorySegment message = random(0);
        MemorySegment first = set.sign(FalconForm.PADDED, entropy, keys.sk(), message);
        MemorySegment second = set.sign(FalconForm.PADDED, entropy, keys.sk(), message);
        assertNotEquals(-1, first.asSlice(1, 40).mismatch(second.asSlice(1, 40)), "another salt");
        assertTrue(set.verify(FalconForm.PADDED, keys.pk(), message, first) && set.verify(FalconForm.PADDED, keys.pk(), message, second));
    }
}
