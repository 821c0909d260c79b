package dev.coffer.crypto.mldsa;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.Memory;
import dev.coffer.crypto.Prehash;
import dev.coffer.memory.Entropy;
import dev.coffer.testkit.RawMemory;
import dev.coffer.testkit.SeededEntropy;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Sizes, memory, refusals, flipped bits, and the arithmetic at the ends of its documented ranges.
class MlDsaTest {
    private static final int Q = (int) Ntt.Q;

    private final SeededEntropy entropy = new SeededEntropy(7);

    static Stream<MlDsa> sets() {
        return MlDsaCase.sets();
    }

    private MemorySegment random(long bytes) {
        MemorySegment segment = Memory.zeros(bytes);
        entropy.fill(segment, 0, bytes);
        return segment;
    }

    @Test
    void sizesAreThoseOfTable2AndTheWorkspacesAreWithinTheirBounds() {
        Object[][] table = {{MlDsa.ML_DSA_44, 1312, 2560, 2420, 16448L, 12888L, 28768L, 20544L},
                {MlDsa.ML_DSA_65, 1952, 4032, 3309, 19584L, 13976L, 48224L, 36928L},
                {MlDsa.ML_DSA_87, 2592, 4896, 4627, 23744L, 16088L, 80992L, 65600L}};
        for (Object[] row : table) {
            MlDsa dsa = (MlDsa) row[0];
            assertEquals(row[1], dsa.publicKeyBytes());
            assertEquals(row[2], dsa.privateKeyBytes());
            assertEquals(row[3], dsa.signatureBytes());
            assertEquals(row[4], dsa.signWorkspaceBytes(), dsa + " signing");
            assertEquals(row[5], dsa.workspaceBytes(), dsa + " workspace");
            assertEquals(row[6], ExpandedSigningKey.bytes(dsa));
            assertEquals(row[7], ExpandedVerifyingKey.bytes(dsa));
            assertEquals(dsa.signWorkspaceBytes(), dsa.signPlan().totalBytes());
            assertEquals(dsa.workspaceBytes(), dsa.plan().totalBytes());
            assertEquals(dsa.whole.seeds, dsa.signPlan().offsetOf("strings"));
            assertEquals(dsa.small.seeds, dsa.plan().offsetOf("strings"));
            assertTrue(dsa.signWorkspaceBytes() <= 32 << 10, "signing in at most 32 KiB");
            assertTrue(dsa.workspaceBytes() <= 16 << 10, "verifying and key generation in at most 16 KiB");
        }
    }

    private interface Operation {
        void run(MemorySegment workspace, long at);
    }

    private static void within(long size, Operation operation) {
        int bytes = (int) size;
        MemorySegment all = Memory.zeros(64 + bytes + 64).fill((byte) 0x77);
        operation.run(all, 61);  // at an odd place
        assertEquals(0, RawMemory.nonZero(all, 61, bytes), "bytes left behind");
        for (int i = 0; i < 128; i++) {
            assertEquals(0x77, all.get(ValueLayout.JAVA_BYTE, i < 61 ? i : bytes + i), "beside the workspace");
        }
    }

    private static void on(long size, Operation operation) {
        within(size, operation);
        MemorySegment less = Memory.zeros(size - 1);
        assertThrows(IndexOutOfBoundsException.class, () -> operation.run(less, 0));
    }

    /// Each operation with a workspace in the middle of marked memory: all of it is zero afterwards, nothing beside it is
    /// written, and one byte less is refused before anything is.
    @ParameterizedTest
    @MethodSource("sets")
    void everyOperationKeepsToItsWorkspaceAndLeavesItZero(MlDsa dsa) {
        long sign = dsa.signWorkspaceBytes();
        long rest = dsa.workspaceBytes();
        int sigBytes = dsa.signatureBytes();
        MemorySegment seed = random(32);
        MemorySegment pk = Memory.zeros(dsa.publicKeyBytes());
        MemorySegment sk = Memory.zeros(dsa.privateKeyBytes());
        MemorySegment message = random(100);
        MemorySegment context = random(20);
        MemorySegment mu = random(64);
        MemorySegment signature = Memory.zeros(sigBytes);
        Entropy broken = (segment, at, length) -> {
            throw new IllegalStateException("no bytes");
        };
        on(rest, (w, at) -> dsa.keyPair(seed, 0, pk, 0, sk, 0, w, at));
        MemorySegment bad = Memory.of(Memory.bytes(sk));
        bad.asSlice(128, 96).fill((byte) -1);  // coefficients of s1 that no key has
        on(sign, (w, at) -> assertTrue(dsa.sign(entropy, sk, 0, message, 0, 100, context, 0, 20, signature, 0, w, at)));
        on(rest, (w, at) -> assertTrue(dsa.verify(pk, 0, message, 0, 100, context, 0, 20, signature, 0, sigBytes, w, at)));
        on(rest, (w, at) -> assertFalse(dsa.verify(pk, 0, message, 0, 99, context, 0, 20, signature, 0, sigBytes, w, at)));
        on(rest, (w, at) -> assertFalse(dsa.verify(pk, 0, message, 0, 100, context, 0, 20, signature, 0, sigBytes - 1, w, at)));
        MemorySegment before = Memory.of(Memory.bytes(signature));
        on(sign, (w, at) -> assertFalse(dsa.sign(entropy, bad, 0, message, 0, 100, context, 0, 20, signature, 0, w, at)));
        within(sign, (w, at) -> assertThrows(IllegalStateException.class,
                () -> dsa.sign(broken, sk, 0, message, 0, 100, context, 0, 20, signature, 0, w, at)));
        assertEquals(-1, before.mismatch(signature), "a refusal writes nothing");
        on(sign, (w, at) -> assertTrue(dsa.signPrehashed(entropy, sk, 0, Prehash.SHA_256, message, 0, context, 0, 20, signature, 0, w, at)));
        on(rest, (w, at) -> assertTrue(dsa.verifyPrehashed(pk, 0, Prehash.SHA_256, message, 0, context, 0, 20, signature, 0, sigBytes, w, at)));
        on(rest, (w, at) -> assertFalse(dsa.verifyPrehashed(pk, 0, Prehash.SHA3_256, message, 0, context, 0, 20, signature, 0, sigBytes, w, at)));
        on(sign, (w, at) -> assertTrue(dsa.signMu(entropy, sk, 0, mu, 0, signature, 0, w, at)));
        on(rest, (w, at) -> assertTrue(dsa.verifyMu(pk, 0, mu, 0, signature, 0, sigBytes, w, at)));
        on(rest, (w, at) -> dsa.hashPublicKey(pk, 0, mu, 0, w, at));

        ExpandedSigningKey key = new ExpandedSigningKey(dsa, Memory.zeros(ExpandedSigningKey.bytes(dsa)), 0);
        MemorySegment publicMemory = Memory.zeros(ExpandedVerifyingKey.bytes(dsa));
        ExpandedVerifyingKey verifier = new ExpandedVerifyingKey(dsa, publicMemory, 0);
        on(sign, (w, at) -> assertTrue(key.expand(sk, 0, w, at)));
        on(sign, (w, at) -> key.sign(entropy, message, 0, 100, context, 0, 20, signature, 0, w, at));
        on(rest, (w, at) -> verifier.expand(pk, 0, w, at));
        on(rest, (w, at) -> assertTrue(verifier.verify(message, 0, 100, context, 0, 20, signature, 0, sigBytes, w, at)));
        on(sign, (w, at) -> key.signMu(entropy, mu, 0, signature, 0, w, at));
        on(rest, (w, at) -> assertTrue(verifier.verifyMu(mu, 0, signature, 0, sigBytes, w, at)));
        on(sign, (w, at) -> assertFalse(key.expand(bad, 0, w, at)));
        assertThrows(IllegalStateException.class, () -> key.signMu(entropy, mu, 0, signature, 0, Memory.zeros(sign), 0));
        verifier.close();
        assertEquals(0, RawMemory.nonZero(publicMemory));
        assertThrows(IllegalStateException.class, () -> verifier.verifyMu(mu, 0, signature, 0, sigBytes, Memory.zeros(rest), 0));
        MemorySegment secretMemory = Memory.zeros(ExpandedSigningKey.bytes(dsa));
        try (ExpandedSigningKey closing = new ExpandedSigningKey(dsa, secretMemory, 0)) {
            closing.expand(sk, 0, Memory.zeros(sign), 0);
        }
        assertEquals(0, RawMemory.nonZero(secretMemory));
        MemorySegment state = random(MlDsa.STATE_BYTES);
        MlDsa.beginMu(mu, 0, context, 0, 20, state, 0);
        MlDsa.endMu(mu, 0, state, 0);
        assertEquals(0, RawMemory.nonZero(state, 0, (int) MlDsa.STATE_BYTES));
        assertThrows(IllegalStateException.class, () -> MlDsa.endMu(mu, 0, state, 0));
        assertThrows(IllegalStateException.class, () -> MlDsa.updateMu(mu, 0, 1, state, 0));
    }

    @ParameterizedTest
    @MethodSource("sets")
    void aContextOf255BytesIsTakenAndOneOf256IsNot(MlDsa dsa) {
        MlDsaCase set = new MlDsaCase(dsa);
        MlDsaCase.Keys keys = set.keyPair(random(32));
        MemorySegment message = random(10);
        MemorySegment context = random(256);
        MemorySegment signature = set.sign(null, keys.sk(), message, context.asSlice(0, 255));
        assertTrue(set.verify(keys.pk(), message, context.asSlice(0, 255), signature));
        assertFalse(set.verify(keys.pk(), message, context.asSlice(0, 254), signature));
        assertFalse(set.verify(keys.pk(), message, context, signature));
        assertThrows(IllegalArgumentException.class, () -> set.sign(null, keys.sk(), message, context));
        assertThrows(IllegalArgumentException.class,
                () -> set.signPrehashed(null, keys.sk(), Prehash.SHA_256, random(32), context));
        assertThrows(IllegalArgumentException.class, () -> set.mu(keys.pk(), message, context));
        assertFalse(set.verifyPrehashed(keys.pk(), Prehash.SHA_256, random(32), context, signature));
    }

    /// Every bit of a signature of ML-DSA-44, every 13th of the others', every bit of message, context and mu.
    @ParameterizedTest
    @MethodSource("sets")
    void aFlippedBitAnywhereIsRefused(MlDsa dsa) {
        MlDsaCase set = new MlDsaCase(dsa);
        MlDsaCase.Keys keys = set.keyPair(random(32));
        MemorySegment message = random(40);
        MemorySegment context = random(8);
        MemorySegment signature = set.sign(random(32), keys.sk(), message, context);
        MemorySegment w = Memory.zeros(dsa.workspaceBytes());
        int bytes = dsa.signatureBytes();
        try (ExpandedVerifyingKey key = new ExpandedVerifyingKey(dsa, Memory.zeros(ExpandedVerifyingKey.bytes(dsa)), 0)) {
            key.expand(keys.pk(), 0, w, 0);
            for (MemorySegment place : new MemorySegment[] {signature, message, context}) {
                int step = place == signature && dsa != MlDsa.ML_DSA_44 ? 13 : 1;
                for (long bit = 0; bit < 8 * place.byteSize(); bit += step) {
                    flip(place, bit);
                    assertFalse(key.verify(message, 0, 40, context, 0, 8, signature, 0, bytes, w, 0), "bit " + bit);
                    flip(place, bit);
                }
            }
            assertTrue(key.verify(message, 0, 40, context, 0, 8, signature, 0, bytes, w, 0));
        }
        for (long bit = 0; bit < 8 * keys.pk().byteSize(); bit += 101) {
            flip(keys.pk(), bit);
            assertFalse(dsa.verify(keys.pk(), 0, message, 0, 40, context, 0, 8, signature, 0, bytes, w, 0), "bit " + bit + " of the key");
            flip(keys.pk(), bit);
        }
    }

    private static void flip(MemorySegment place, long bit) {
        place.set(ValueLayout.JAVA_BYTE, bit >> 3, (byte) (place.get(ValueLayout.JAVA_BYTE, bit >> 3) ^ 1 << (bit & 7)));
    }

    /// Of the seed or of the private key: the same public key. One bit of any part of the private key but K, and it is none.
    @ParameterizedTest
    @MethodSource("sets")
    void thePublicKeyFollowsFromThePrivateOne(MlDsa dsa) {
        MlDsaCase.Keys keys = new MlDsaCase(dsa).keyPair(random(32));
        MemorySegment w = Memory.zeros(dsa.workspaceBytes());
        MemorySegment pk = Memory.zeros(dsa.publicKeyBytes());
        assertTrue(dsa.publicKey(keys.sk(), 0, pk, 0, w, 0));
        assertEquals(-1, pk.mismatch(keys.pk()));
        long end = 8L * dsa.privateKeyBytes();
        for (long bit : new long[] {0, 255, 512, 1023, 1024, 1027, end / 3, end / 2, end - 8L * 416 * (dsa == MlDsa.ML_DSA_44 ? 4 : 6), end - 1}) {
            flip(keys.sk(), bit);
            assertFalse(dsa.publicKey(keys.sk(), 0, pk, 0, w, 0), "bit " + bit);
            assertEquals(0, RawMemory.nonZero(pk, 0, dsa.publicKeyBytes()), "the public key");
            assertEquals(0, RawMemory.nonZero(w), "the workspace");
            flip(keys.sk(), bit);
        }
    }

    /// The hedged variant signs one message in many ways, the deterministic one in one.
    @Test
    void rndDecidesTheSignature() {
        MlDsaCase set = new MlDsaCase(MlDsa.ML_DSA_44);
        MlDsaCase.Keys keys = set.keyPair(random(32));
        MemorySegment message = random(10);
        MemorySegment first = set.sign(random(32), keys.sk(), message, MlDsaCase.NONE);
        MemorySegment second = set.sign(random(32), keys.sk(), message, MlDsaCase.NONE);
        assertTrue(first.mismatch(second) >= 0);
        assertTrue(set.verify(keys.pk(), message, MlDsaCase.NONE, first) && set.verify(keys.pk(), message, MlDsaCase.NONE, second));
        MemorySegment deterministic = set.sign(null, keys.sk(), message, MlDsaCase.NONE);
        assertEquals(-1, deterministic.mismatch(set.sign(null, keys.sk(), message, MlDsaCase.NONE)));
        assertThrows(IllegalStateException.class, () -> set.sign(Memory.zeros(32), keys.sk(), message, MlDsaCase.NONE), "a source that fills nothing");
    }

    private final MemorySegment poly = Memory.zeros(16L * Polynomial.BYTES);

    private long get(long at, int i) {
        return Polynomial.load(poly, at, i);
    }

    private void set(long at, int i, long value) {
        Polynomial.store(poly, at, i, value);
    }

    private static long power(int exponent) {
        long value = 1;
        for (int i = 0; i < exponent; i++) {
            value = value * 1753 % Q;
        }
        return value;
    }

    /// What the standard calls NTT: the values of the polynomial at the odd powers of zeta.
    private static long[] transform(long[] f) {
        long[] out = new long[256];
        for (int i = 0; i < 256; i++) {
            long root = power(2 * (Integer.reverse(i) >>> 24) + 1);
            long x = 1;
            for (int j = 0; j < 256; j++) {
                out[i] = (out[i] + f[j] * x) % Q;
                x = x * root % Q;
            }
        }
        return out;
    }

    @Test
    void transformsAreTheDefiningValuesAlsoAtTheEndsOfTheirRanges() {
        SplittableRandom random = new SplittableRandom(4);
        long[] f = new long[256];
        for (int round = 0; round < 14; round++) {
            long most = 2L * Q - 1;
            for (int i = 0; i < 256; i++) {
                long value = round == 0 ? most : round < 9 ? (i >> round - 1 & 1) * most : random.nextLong(most + 1);
                set(0, i, value);
                f[i] = value % Q;
            }
            Ntt.forward(poly, 0);
            long[] expected = transform(f);
            for (int i = 0; i < 256; i++) {
                assertEquals(expected[i], get(0, i) % Q, "round " + round + ", coefficient " + i);
                assertTrue(get(0, i) < 18L * Q);
                set(0, i, round % 2 == 0 ? expected[i] + (expected[i] < Q - 1 ? Q : 0) : expected[i]);
            }
            Ntt.inverse(poly, 0);
            for (int i = 0; i < 256; i++) {
                assertEquals(f[i], get(0, i) % Q, "and back");
                assertTrue(get(0, i) < 2L * Q);
            }
        }
        for (int round = 0; round < 9; round++) {  // all of them 2q - 1 or 0: the largest sums
            for (int i = 0; i < 256; i++) {
                f[i] = round < 8 ? (i >> round & 1) * (2L * Q - 1) : 2L * Q - 1;
                set(0, i, f[i]);
            }
            Ntt.inverse(poly, 0);
            Polynomial.canonical(poly, 0);
            Ntt.forward(poly, 0);
            for (int i = 0; i < 256; i++) {
                assertEquals(f[i] % Q, get(0, i) % Q);
            }
        }
    }

    @Test
    void productsAreExactAtTheEndsOfTheirRanges() {
        SplittableRandom random = new SplittableRandom(5);
        for (int count = 1; count <= 8; count++) {
            MemorySegment a = Memory.zeros((long) count * Polynomial.BYTES);
            for (int i = 0; i < 256 * count; i++) {
                Polynomial.store(a, 0, i, i % 3 == 0 ? 18L * Q - 1 : random.nextLong(18L * Q));
                Polynomial.store(poly, 2048, i, i % 3 == 0 ? 18L * Q - 1 : random.nextLong(18L * Q));
            }
            for (int i = 0; i < 256; i++) {
                set(0, i, 2L * Q - 1);
            }
            Polynomial.multiplyAdd(a, 0, poly, 2048, count, count % 2 == 0, 0);
            for (int i = 0; i < 256; i++) {
                long expected = count % 2 == 0 ? 0 : 2L * Q - 1;
                for (int j = 0; j < count; j++) {
                    expected += Polynomial.load(a, 0, 256 * j + i) * get(2048, 256 * j + i);
                }
                assertEquals(expected % Q, get(0, i) % Q);
                assertTrue(get(0, i) < 2L * Q);
                set(0, i, i % 2 == 0 ? 0 : 18L * Q - 1);
            }
            Polynomial.multiplySubtract(a, 0, poly, 2048, 0);
            for (int i = 0; i < 256; i++) {
                long expected = (i % 2 == 0 ? 0 : 18L * Q - 1) - Polynomial.load(a, 0, i) * get(2048, i);
                assertEquals(Math.floorMod(expected, Q), get(0, i) % Q);
                assertTrue(get(0, i) < 2L * Q);
            }
        }
        for (long x : new long[] {0, Q - 1, Q, 2L * Q - 1, Long.MAX_VALUE, Long.MAX_VALUE / Q * Q, Long.MAX_VALUE / Q * Q - 1}) {
            assertEquals(x % Q, Polynomial.canonical(Polynomial.reduce(x)));
        }
    }

    /// Algorithms 35 to 38 by division, for every number of the field.
    @Test
    void roundingIsExactForEveryNumber() {
        for (long gamma2 : new long[] {(Q - 1) / 88, (Q - 1) / 32}) {
            for (int r = 0; r < Q; r++) {
                long r0 = r % (2 * gamma2);
                r0 = r0 > gamma2 ? r0 - 2 * gamma2 : r0;
                long r1 = (r - r0) / (2 * gamma2);
                if (r - r0 == Q - 1) {
                    r1 = 0;
                    r0--;
                }
                if (r1 != Polynomial.highBits(r, gamma2) || r0 != Polynomial.lowBits(r, gamma2)) {
                    throw new AssertionError("Decompose of " + r + " by " + gamma2);
                }
            }
        }
        for (int r = 0; r < Q; r += 255) {
            for (int i = 0; i < 256; i++) {
                set(0, i, Math.min(r + i, Q - 1));
            }
            Polynomial.power2Round(poly, 0, 1024);
            for (int i = 0; i < 256; i++) {
                int x = Math.min(r + i, Q - 1);
                int r0 = x % 8192 > 4096 ? x % 8192 - 8192 : x % 8192;
                assertEquals(Math.floorMod(r0, Q), get(0, i));
                assertEquals((x - r0) / 8192, get(1024, i));
            }
        }
        for (int x : new int[] {0, 1, 5, (Q - 1) / 2, (Q + 1) / 2, Q - 5, Q - 1}) {
            assertEquals(Math.min(x, Q - x), Polynomial.magnitude(x));
        }
    }

    /// A coefficient at the bound is seen in each place, and one below it is not.
    @Test
    void boundsAreSeenInEveryPlace() {
        for (int i = 0; i < 256; i++) {
            for (long value : new long[] {99, Q - 99, 100, Q - 100}) {
                set(0, i, value);
                assertEquals(Math.min(value, Q - value) >= 100, Polynomial.reaches(poly, 0, 100) < 0);
                assertEquals(Math.min(value, Q - value) >= 100, Polynomial.lowBitsReach(poly, 0, (Q - 1) / 32, 100) < 0);
            }
            set(0, i, 0);
        }
        assertTrue(Polynomial.above(poly, 0, 0) >= 0);
        set(0, 255, 1);
        assertTrue(Polynomial.above(poly, 0, 0) < 0);
    }

    @Test
    void everyWidthIsPackedBitByBitAndUnpacked() {
        SplittableRandom random = new SplittableRandom(6);
        for (int bits : new int[] {3, 4, 6, 10, 13, 18, 20}) {
            for (int i = 0; i < 256; i++) {
                set(0, i, random.nextLong(1L << bits));
            }
            MemorySegment packed = Memory.zeros(32L * bits);
            Polynomial.pack(poly, 0, bits, packed, 0);
            for (int i = 0; i < 256 * bits; i++) {
                assertEquals(get(0, i / bits) >> i % bits & 1, packed.get(ValueLayout.JAVA_BYTE, i / 8) >> i % 8 & 1);
            }
            Polynomial.unpack(packed, 0, bits, poly, 1024);
            for (int i = 0; i < 256; i++) {
                assertEquals(get(0, i), get(1024, i));
            }
        }
    }
}
