package dev.coffer.crypto.mlkem;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.Memory;
import dev.coffer.memory.Entropy;
import dev.coffer.testkit.RawMemory;
import dev.coffer.testkit.SeededEntropy;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Sizes, memory, refusals, and the arithmetic at the ends of its documented ranges.
class MlKemTest {
    private static final int Q = Ntt.Q;

    private final SeededEntropy entropy = new SeededEntropy(7);

    static Stream<MlKem> sets() {
        return MlKemCase.sets();
    }

    private MemorySegment random(long bytes) {
        MemorySegment segment = Memory.zeros(bytes);
        entropy.fill(segment, 0, bytes);
        return segment;
    }

    @Test
    void sizesAreThoseOfTable3AndTheWorkspaceIsWithinItsBound() {
        Object[][] table = {{MlKem.ML_KEM_512, 800, 1632, 768, 4992L, 3104L, 4160L},
                {MlKem.ML_KEM_768, 1184, 2400, 1088, 4992L, 6176L, 7744L},
                {MlKem.ML_KEM_1024, 1568, 3168, 1568, 6016L, 10272L, 12352L}};
        for (Object[] row : table) {
            MlKem kem = (MlKem) row[0];
            assertEquals(row[1], kem.encapsulationKeyBytes());
            assertEquals(row[2], kem.decapsulationKeyBytes());
            assertEquals(row[3], kem.ciphertextBytes());
            assertEquals(row[4], kem.workspaceBytes(), kem + " workspace");
            assertEquals(row[5], ExpandedEncapsulationKey.bytes(kem));
            assertEquals(row[6], ExpandedDecapsulationKey.bytes(kem));
            assertEquals(kem.workspaceBytes(), kem.plan().totalBytes());
            assertTrue(kem.workspaceBytes() <= 8 << 10, "at most 8 KiB for every operation");
            assertEquals(kem.layout.strings(), kem.plan().offsetOf("strings"));
        }
    }

    /// Each operation with a workspace in the middle of marked memory: all of it is zero afterwards, nothing beside it is
    /// written, and one byte less is refused before anything is.
    @ParameterizedTest
    @MethodSource("sets")
    void everyOperationKeepsToItsWorkspaceAndLeavesItZero(MlKem kem) {
        MemorySegment seed = random(MlKem.SEED_BYTES);
        MemorySegment ek = Memory.zeros(kem.encapsulationKeyBytes());
        MemorySegment dk = Memory.zeros(kem.decapsulationKeyBytes());
        MemorySegment ct = Memory.zeros(kem.ciphertextBytes());
        MemorySegment shared = Memory.zeros(32);
        MemorySegment bad = Memory.zeros(kem.encapsulationKeyBytes()).fill((byte) -1);
        MemorySegment badDk = Memory.zeros(kem.decapsulationKeyBytes()).fill((byte) 1);
        ExpandedEncapsulationKey ekX = new ExpandedEncapsulationKey(kem, Memory.zeros(ExpandedEncapsulationKey.bytes(kem)), 0);
        ExpandedDecapsulationKey dkX = new ExpandedDecapsulationKey(kem, Memory.zeros(ExpandedDecapsulationKey.bytes(kem)), 0);
        Entropy broken = (segment, at, length) -> {
            throw new IllegalStateException("no bytes");
        };
        on(kem, (w, at) -> kem.keyPair(seed, 0, ek, 0, dk, 0, w, at));
        on(kem, (w, at) -> assertTrue(kem.isEncapsulationKey(ek, 0, w, at)));
        on(kem, (w, at) -> assertFalse(kem.isEncapsulationKey(bad, 0, w, at)));
        on(kem, (w, at) -> assertTrue(kem.isDecapsulationKey(dk, 0, w, at)));
        on(kem, (w, at) -> assertFalse(kem.isDecapsulationKey(badDk, 0, w, at)));
        on(kem, (w, at) -> assertTrue(kem.encapsulate(entropy, ek, 0, ct, 0, shared, 0, w, at)));
        on(kem, (w, at) -> assertTrue(kem.decapsulate(dk, 0, ct, 0, shared, 0, w, at)));
        on(kem, (w, at) -> assertTrue(ekX.expand(ek, 0, w, at)));
        on(kem, (w, at) -> ekX.encapsulate(entropy, ct, 0, shared, 0, w, at));
        on(kem, (w, at) -> assertTrue(dkX.expand(dk, 0, w, at)));
        on(kem, (w, at) -> dkX.decapsulate(ct, 0, shared, 0, w, at));

        MemorySegment before = Memory.of(Memory.bytes(ct));
        on(kem, (w, at) -> assertFalse(kem.encapsulate(entropy, bad, 0, ct, 0, shared, 0, w, at)));
        on(kem, (w, at) -> assertFalse(kem.decapsulate(badDk, 0, ct, 0, shared, 0, w, at)));
        refusedOn(kem, (w, at) -> kem.encapsulate(broken, ek, 0, ct, 0, shared, 0, w, at));
        refusedOn(kem, (w, at) -> kem.encapsulate((s, a, l) -> {}, ek, 0, ct, 0, shared, 0, w, at));
        refusedOn(kem, (w, at) -> ekX.encapsulate(broken, ct, 0, shared, 0, w, at));
        assertEquals(-1, before.mismatch(ct), "a refusal writes nothing");
        on(kem, (w, at) -> assertFalse(ekX.expand(bad, 0, w, at)));
        on(kem, (w, at) -> assertFalse(dkX.expand(badDk, 0, w, at)));
        assertThrows(IllegalStateException.class, () -> ekX.encapsulate(entropy, ct, 0, shared, 0, random(8192), 0));
        assertThrows(IllegalStateException.class, () -> dkX.decapsulate(ct, 0, shared, 0, random(8192), 0));
    }

    private interface Operation {
        void run(MemorySegment workspace, long at);
    }

    private static void refusedOn(MlKem kem, Operation operation) {
        within(kem, (w, at) -> assertThrows(IllegalStateException.class, () -> operation.run(w, at)));
    }

    private static void on(MlKem kem, Operation operation) {
        within(kem, operation);
        MemorySegment less = Memory.zeros(kem.workspaceBytes() - 1);
        assertThrows(IndexOutOfBoundsException.class, () -> operation.run(less, 0));
    }

    private static void within(MlKem kem, Operation operation) {
        int bytes = (int) kem.workspaceBytes();
        MemorySegment all = Memory.zeros(64 + bytes + 64).fill((byte) 0x77);
        operation.run(all, 61);  // at an odd place
        assertEquals(0, RawMemory.nonZero(all, 61, bytes), "bytes left behind");
        for (int i = 0; i < 128; i++) {
            assertEquals(0x77, all.get(ValueLayout.JAVA_BYTE, i < 61 ? i : bytes + i), "beside the workspace");
        }
    }

    @ParameterizedTest
    @MethodSource("sets")
    void expandedKeysAreZeroWhenClosed(MlKem kem) {
        MemorySegment w = Memory.zeros(kem.workspaceBytes());
        MlKemCase.Keys keys = new MlKemCase(kem).keyPair(random(64));
        MemorySegment memory = Memory.zeros(ExpandedDecapsulationKey.bytes(kem));
        ExpandedDecapsulationKey dk = new ExpandedDecapsulationKey(kem, memory, 0);
        dk.expand(keys.dk(), 0, w, 0);
        assertTrue(RawMemory.nonZero(memory) > 0);
        dk.close();
        assertEquals(0, RawMemory.nonZero(memory));
        ExpandedEncapsulationKey ek = new ExpandedEncapsulationKey(kem, memory, 0);
        ek.expand(keys.ek(), 0, w, 0);
        ek.close();
        assertEquals(0, RawMemory.nonZero(memory));
    }

    /// One coefficient of q in each place of a key, and q - 1 beside it.
    @ParameterizedTest
    @MethodSource("sets")
    void aCoefficientOfQIsRefusedWhereverItStands(MlKem kem) {
        MemorySegment w = Memory.zeros(kem.workspaceBytes());
        MemorySegment ek = Memory.zeros(kem.encapsulationKeyBytes());
        for (int i = 0; i < (kem.encapsulationKeyBytes() - 32) * 2 / 3; i++) {
            for (int value : new int[] {Q - 1, Q, 4095}) {
                set12(ek, i, value);
                assertEquals(value < Q, kem.isEncapsulationKey(ek, 0, w, 0), "coefficient " + i + " is " + value);
            }
            set12(ek, i, 0);
        }
    }

    private static void set12(MemorySegment bytes, int index, int value) {
        int at = index / 2 * 3;
        for (int bit = 0; bit < 12; bit++) {
            int place = 12 * (index & 1) + bit;
            int now = bytes.get(ValueLayout.JAVA_BYTE, at + place / 8) & ~(1 << place % 8);
            bytes.set(ValueLayout.JAVA_BYTE, at + place / 8, (byte) (now | (value >> bit & 1) << place % 8));
        }
    }

    private MemorySegment poly;

    @BeforeEach
    void memory() {
        poly = Memory.zeros(8L * Polynomial.BYTES);
    }

    private static long place(int i) {
        return (i & ~3) * 2L + 2 * ((i & 1) << 1 | i >> 1 & 1);
    }

    private int get(long at, int i) {
        return Short.toUnsignedInt(poly.get(ValueLayout.JAVA_SHORT_UNALIGNED, at + place(i)));
    }

    private void set(long at, int i, int value) {
        poly.set(ValueLayout.JAVA_SHORT_UNALIGNED, at + place(i), (short) value);
    }

    private static int power(int exponent) {
        int value = 1;
        for (int i = 0; i < exponent; i++) {
            value = value * 17 % Q;
        }
        return value;
    }

    /// Algorithm 9 and its inverse as the defining sums: what the standard calls NTT, on the remainders of X^2 - gamma.
    private static int[] transform(int[] f) {
        int[] out = new int[256];
        for (int i = 0; i < 128; i++) {
            long gamma = power(2 * (Integer.reverse(i) >>> 25) + 1);
            long x = 1;
            long even = 0;
            long odd = 0;
            for (int j = 0; j < 128; j++) {
                even += f[2 * j] * x % Q;
                odd += f[2 * j + 1] * x % Q;
                x = x * gamma % Q;
            }
            out[2 * i] = (int) (even % Q);
            out[2 * i + 1] = (int) (odd % Q);
        }
        return out;
    }

    @Test
    void transformsAreTheDefiningSumsAlsoAtTheEndsOfTheirRanges() {
        SplittableRandom random = new SplittableRandom(4);
        int[] f = new int[256];
        for (int round = 0; round < 40; round++) {
            int most = 5 * Q;  // of the forward transform
            for (int i = 0; i < 256; i++) {
                int value = round == 0 ? most : round == 1 ? (i & 1) * most : round < 6 ? (i >> round & 1) * most
                        : random.nextInt(most + 1);
                set(0, i, value);
                f[i] = value % Q;
            }
            Ntt.forward(poly, 0);
            int[] expected = transform(f);
            for (int i = 0; i < 256; i++) {
                assertEquals(expected[i], get(0, i) % Q, "round " + round + ", coefficient " + i);
            }
            Polynomial.reduce(poly, 0);
            for (int i = 0; i < 256; i++) {
                assertEquals(expected[i], get(0, i), "canonical");
            }
            if (round % 2 == 0) {  // up to q is what the inverse takes
                for (int i = 0; i < 256; i++) {
                    set(0, i, get(0, i) == 0 ? Q : get(0, i));
                }
            }
            Ntt.inverse(poly, 0);
            for (int i = 0; i < 256; i++) {
                assertEquals(f[i], get(0, i) % Q, "and back");
                assertTrue(get(0, i) < 2 * Q);
            }
        }
        for (int round = 0; round < 10; round++) {  // all of them q or 0: the largest sums
            for (int i = 0; i < 256; i++) {
                set(0, i, round < 8 ? (i >> round & 1) * Q : Q * (round - 8));
            }
            Ntt.inverse(poly, 0);
            for (int i = 0; i < 256; i++) {
                assertEquals(0, get(0, i) % Q);
            }
        }
    }

    @Test
    void productsAreTheStandardsAlsoAtTheEndsOfTheirRanges() {
        SplittableRandom random = new SplittableRandom(5);
        for (int k = 2; k <= 4; k++) {
            for (int round = 0; round < 20; round++) {
                int[][] a = new int[k][256];
                int[][] b = new int[k][256];
                MemorySegment left = Memory.zeros((long) k * Polynomial.BYTES);
                MemorySegment right = Memory.zeros((long) k * Polynomial.BYTES);
                for (int j = 0; j < k; j++) {
                    for (int i = 0; i < 256; i++) {
                        a[j][i] = round == 0 ? 65535 : random.nextInt(65536);
                        b[j][i] = round == 0 ? 4095 : random.nextInt(4096);
                        left.set(ValueLayout.JAVA_SHORT_UNALIGNED, 512L * j + place(i), (short) a[j][i]);
                        right.set(ValueLayout.JAVA_SHORT_UNALIGNED, 512L * j + place(i), (short) b[j][i]);
                    }
                }
                Polynomial.multiplyAdd(left, 0, right, 0, k, poly, 0);
                for (int i = 0; i < 128; i++) {
                    long gamma = power(2 * (Integer.reverse(i) >>> 25) + 1);
                    long c0 = 0;
                    long c1 = 0;
                    for (int j = 0; j < k; j++) {
                        c0 += (long) a[j][2 * i] * b[j][2 * i] + (long) a[j][2 * i + 1] * b[j][2 * i + 1] % Q * gamma;
                        c1 += (long) a[j][2 * i] * b[j][2 * i + 1] + (long) a[j][2 * i + 1] * b[j][2 * i];
                    }
                    assertEquals(c0 % Q, get(0, 2 * i));
                    assertEquals(c1 % Q, get(0, 2 * i + 1));
                }
            }
        }
    }

    @Test
    void remaindersAndCompressionAreExactForEveryInput() {
        for (long x = 0; x < 1L << 31; x += 9973) {
            assertEquals(x % Q, Polynomial.remainder(x));
        }
        for (long x = 0; x < 1L << 20; x++) {
            assertEquals(((1L << 31) - 1 - x) % Q, Polynomial.remainder((1L << 31) - 1 - x));
        }
        for (int d : new int[] {1, 4, 5, 10, 11}) {
            for (int x = 0; x < Q; x++) {
                assertEquals(((2L * x << d) + Q) / (2 * Q) % (1 << d), Polynomial.compress(x, d), "compress " + x + " to " + d);
            }
            for (int y = 0; y < 1 << d; y++) {
                assertEquals((2L * Q * y + (1 << d)) / (2 << d), Polynomial.decompress(y, d), "decompress " + y);
            }
            for (int i = 0; i < 256; i++) {
                set(0, i, (i * 509 + d * 7) % Q);
            }
            Polynomial.compressEncode(poly, 0, d, 1024);
            Polynomial.decodeDecompress(poly, 1024, d, 512);
            for (int i = 0; i < 256; i++) {
                assertEquals(Polynomial.decompress(Polynomial.compress(get(0, i), d), d), get(512, i));
                int bits = 0;  // ByteEncode, bit by bit
                for (int bit = 0; bit < d; bit++) {
                    int at = i * d + bit;
                    bits |= (poly.get(ValueLayout.JAVA_BYTE, 1024 + at / 8) >> at % 8 & 1) << bit;
                }
                assertEquals(Polynomial.compress(get(0, i), d), bits);
            }
        }
    }

    /// Every sum below 4q that two parts can make, and every difference.
    @Test
    void sumsAndDifferencesAreCanonicalForEveryInput() {
        for (int start = 0; start < 4 * Q; start += 256) {
            for (int i = 0; i < 256; i++) {
                int sum = Math.min(start + i, 4 * Q - 1);
                set(0, i, sum / 2);
                set(512, i, sum - sum / 2);
                set(1024, i, Math.min(sum, 2 * Q - 1));  // taken from a canonical one
            }
            Polynomial.add(poly, 0, 512);
            for (int i = 0; i < 256; i++) {
                int sum = Math.min(start + i, 4 * Q - 1);
                assertEquals(sum % Q, get(0, i), "sum " + sum);
                set(512, i, i % 2 == 0 ? 0 : Q - 1);
            }
            Polynomial.subtractFrom(poly, 512, 1024);
            for (int i = 0; i < 256; i++) {
                int taken = Math.min(Math.min(start + i, 4 * Q - 1), 2 * Q - 1);
                assertEquals(Math.floorMod((i % 2 == 0 ? 0 : Q - 1) - taken, Q), get(1024, i), "less " + taken);
            }
        }
    }

    /// Algorithm 8, bit by bit.
    @Test
    void noiseIsTheDifferenceOfCountedBits() {
        for (int eta = 2; eta <= 3; eta++) {
            MemorySegment bytes = random(64L * eta);
            MemorySegment.copy(bytes, 0, poly, 1024, 64L * eta);
            if (eta == 2) {
                Polynomial.sampleCbd2(poly, 1024, 0);
            } else {
                Polynomial.sampleCbd3(poly, 1024, 0);
            }
            for (int i = 0; i < 256; i++) {
                int expected = Q;
                for (int bit = 0; bit < 2 * eta; bit++) {
                    int at = 2 * i * eta + bit;
                    int one = bytes.get(ValueLayout.JAVA_BYTE, at / 8) >> at % 8 & 1;
                    expected += bit < eta ? one : -one;
                }
                assertEquals(expected, get(0, i));
            }
        }
    }
}
