package dev.coffer.crypto;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.RangesContract.Place;
import dev.coffer.crypto.RangesContract.Role;
import dev.coffer.crypto.hpke.HpkeKem;
import dev.coffer.crypto.hybrid.XWing;
import dev.coffer.crypto.key.KeyAlgorithm;
import dev.coffer.crypto.mlkem.MlKem;
import dev.coffer.crypto.p256.P256;
import dev.coffer.crypto.x25519.X25519;
import dev.coffer.memory.Entropy;
import dev.coffer.testkit.RawMemory;
import dev.coffer.testkit.SeededEntropy;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// One contract for every [Kem]: the same rules of misuse, edges and endings, through the outline alone. An algorithm is a row of the table;
/// one without a row fails here.
class KemContractTest {
    /// What a KEM is known for.
    enum Trait {
        /// A ciphertext that is none gives another secret, never an answer (FIPS 203, section 6.3).
        IMPLICIT,
        /// Some ciphertexts that are none are answered: those whose point is none.
        POINT,
        /// A decapsulation key that was changed is answered.
        CHECKED_KEY,
        /// The seed may lie where the decapsulation key will.
        IN_PLACE
    }

    /// @param name  also where two KEMs have one
    /// @param bad   what an encapsulation key's bytes become where they are none
    record Row(String name, Kem kem, Set<Trait> traits, MemorySegment bad) {
        boolean is(Trait trait) {
            return traits.contains(trait);
        }

        @Override
        public String toString() {
            return name;
        }
    }

    private static Row row(String name, Kem kem, int bad, Trait... traits) {
        Set<Trait> all = EnumSet.noneOf(Trait.class);
        all.addAll(List.of(traits));
        return new Row(name, kem, all, Memory.zeros(kem.encapsulationKeyBytes()).fill((byte) bad));
    }

    private static final List<Row> ROWS = table();

    private static List<Row> table() {
        List<Row> rows = new ArrayList<>(List.of(row("X25519", X25519.KEM, 0, Trait.POINT, Trait.IN_PLACE),
                row("P-256", P256.KEM, 0, Trait.POINT, Trait.IN_PLACE), row("X-Wing", XWing.KEM, -1, Trait.IMPLICIT, Trait.POINT, Trait.IN_PLACE),
                row("HPKE X25519", HpkeKem.DHKEM_X25519.kem(), 0, Trait.POINT, Trait.IN_PLACE),
                row("HPKE P-256", HpkeKem.DHKEM_P256.kem(), 0, Trait.POINT, Trait.IN_PLACE)));
        for (MlKem kem : List.of(MlKem.ML_KEM_512, MlKem.ML_KEM_768, MlKem.ML_KEM_1024)) {
            rows.add(row(kem.name(), kem, -1, Trait.IMPLICIT, Trait.CHECKED_KEY));
        }
        for (HpkeKem kem : List.of(HpkeKem.ML_KEM_512, HpkeKem.ML_KEM_768, HpkeKem.ML_KEM_1024)) {
            rows.add(row("HPKE " + kem.kem().name(), kem.kem(), -1, Trait.IMPLICIT, Trait.IN_PLACE));
        }
        return rows;
    }

    static List<Row> rows() {
        return ROWS;
    }

    record Keys(MemorySegment seed, MemorySegment ek, MemorySegment dk, MemorySegment ciphertext, MemorySegment shared) {}

    private static final Map<Row, Keys> MADE = new HashMap<>();

    private static MemorySegment filled(long bytes, long seed) {
        MemorySegment memory = Memory.zeros(bytes);
        new SeededEntropy(seed).fill(memory, 0, bytes);
        return memory;
    }

    private static Keys made(Row row) {
        return MADE.computeIfAbsent(row, of -> {
            Kem kem = of.kem;
            Keys keys = new Keys(filled(kem.seedBytes(), of.name.hashCode()), Memory.zeros(kem.encapsulationKeyBytes()), Memory.zeros(kem.decapsulationKeyBytes()),
                    Memory.zeros(kem.ciphertextBytes()), Memory.zeros(kem.sharedBytes()));
            MemorySegment w = Memory.zeros(kem.workspaceBytes());
            assertTrue(kem.keyPair(keys.seed, 0, keys.ek, 0, keys.dk, 0, w, 0));
            assertTrue(kem.encapsulate(new SeededEntropy(1), keys.ek, 0, keys.ciphertext, 0, keys.shared, 0, w, 0));
            return keys;
        });
    }

    private static void assertWiped(MemorySegment workspace) {
        assertEquals(0, RawMemory.nonZero(workspace), "workspace");
    }

    private static RangesContract keyPair(Row row) {
        Kem kem = row.kem;
        return new RangesContract(row + ".keyPair", (m, at) -> kem.keyPair(m[0], at[0], m[1], at[1], m[2], at[2], m[3], at[3]),
                row.is(Trait.IN_PLACE) ? List.of("seed", "dk") : List.of(), Place.in("seed", Role.SECRET, made(row).seed),
                Place.out("ek", Role.OPEN_OUTPUT, kem.encapsulationKeyBytes()), Place.out("dk", Role.SECRET_OUTPUT, kem.decapsulationKeyBytes()),
                Place.out("workspace", Role.WORKSPACE, kem.workspaceBytes()));
    }

    private static RangesContract encapsulate(Row row, MemorySegment ek) {
        Kem kem = row.kem;
        return new RangesContract(row + ".encapsulate",
                (m, at) -> kem.encapsulate(new SeededEntropy(1), m[0], at[0], m[1], at[1], m[2], at[2], m[3], at[3]), List.of(),
                Place.in("ek", Role.OPEN, ek), Place.out("ciphertext", Role.OPEN_OUTPUT, kem.ciphertextBytes()),
                Place.out("shared", Role.SECRET_OUTPUT, kem.sharedBytes()), Place.out("workspace", Role.WORKSPACE, kem.workspaceBytes()));
    }

    private static RangesContract decapsulate(Row row, MemorySegment dk, MemorySegment ciphertext) {
        Kem kem = row.kem;
        return new RangesContract(row + ".decapsulate", (m, at) -> kem.decapsulate(m[0], at[0], m[1], at[1], m[2], at[2], m[3], at[3]), List.of(),
                Place.in("dk", Role.SECRET, dk), Place.in("ciphertext", Role.OPEN, ciphertext),
                Place.out("shared", Role.SECRET_OUTPUT, kem.sharedBytes()), Place.out("workspace", Role.WORKSPACE, kem.workspaceBytes()));
    }

    @Test
    void everyAlgorithmHasARow() throws IllegalAccessException {
        Set<Kem> known = new LinkedHashSet<>();
        for (KeyAlgorithm algorithm : KeyAlgorithm.values()) {
            if (algorithm.kem() != null) {
                known.add(algorithm.kem());
            }
        }
        for (Field field : HpkeKem.class.getFields()) {
            if (field.getType() == HpkeKem.class) {
                known.add(((HpkeKem) field.get(null)).kem());
            }
        }
        known.removeAll(ROWS.stream().map(Row::kem).toList());
        assertEquals(Set.of(), known, "without a row");
        assertEquals(ROWS.size(), ROWS.stream().map(Row::name).distinct().count(), "names");
    }

    /// Outside a segment, on the heap, read-only, over each other, closed: at each range of each operation.
    @ParameterizedTest
    @MethodSource("rows")
    void aRangeThatIsWrongIsRefusedAndNothingIsWritten(Row row) {
        Keys keys = made(row);
        int tried = keyPair(row).tried(false) + encapsulate(row, keys.ek).tried(false) + decapsulate(row, keys.dk, keys.ciphertext).tried(false);
        assertTrue(tried > 150, "ways of misuse: " + tried);
    }

    @ParameterizedTest
    @MethodSource("rows")
    void bothSidesShareASecretAtAnyPlaceAndLeaveTheWorkspaceZero(Row row) {
        Keys keys = made(row);
        MemorySegment[] pair = keyPair(row).runs(true);
        assertEquals(-1, pair[1].mismatch(keys.ek));
        assertEquals(-1, pair[2].mismatch(keys.dk));
        MemorySegment[] sent = encapsulate(row, keys.ek).runs(true);
        assertEquals(-1, sent[1].mismatch(keys.ciphertext));
        assertEquals(-1, sent[2].mismatch(keys.shared));
        assertEquals(-1, decapsulate(row, keys.dk, keys.ciphertext).runs(true)[2].mismatch(keys.shared));
        assertEquals(-1, encapsulate(row, keys.ek).runsOnTheHeap()[1].mismatch(keys.ciphertext), "what is public may lie on the heap");
        assertEquals(-1, decapsulate(row, keys.dk, keys.ciphertext).runsOnTheHeap()[2].mismatch(keys.shared));
        MemorySegment w = Memory.zeros(row.kem.workspaceBytes());
        MemorySegment shared = Memory.zeros(keys.shared.byteSize());
        assertTrue(row.kem.encapsulate(Entropy.SYSTEM, keys.ek, 0, Memory.zeros(keys.ciphertext.byteSize()), 0, shared, 0, w, 0));
        assertNotEquals(-1, shared.mismatch(keys.shared), "another draw, another secret");
    }

    @ParameterizedTest
    @MethodSource("rows")
    void aPeersKeyThatIsNoneIsAnsweredAndNothingIsShown(Row row) {
        encapsulate(row, row.bad).runs(false);
    }

    /// Of one bit: another secret or an answer, never an error, never the secret.
    @ParameterizedTest
    @MethodSource("rows")
    void aCiphertextThatWasChangedGivesAnotherSecretOrAnAnswer(Row row) {
        Keys keys = made(row);
        SplittableRandom random = new SplittableRandom(5);
        int answered = 0;
        for (int i = 0; i < 24; i++) {
            long at = i == 0 ? 0 : i == 1 ? keys.ciphertext.byteSize() - 1 : random.nextLong(keys.ciphertext.byteSize());
            int bit = random.nextInt(8);
            if (row.kem == X25519.KEM && at == 31 && bit == 7) {
                continue;  // which RFC 7748 masks (section 5)
            }
            MemorySegment changed = Memory.of(Memory.bytes(keys.ciphertext));
            changed.set(ValueLayout.JAVA_BYTE, at, (byte) (changed.get(ValueLayout.JAVA_BYTE, at) ^ 1 << bit));
            MemorySegment shared = Memory.zeros(keys.shared.byteSize()).fill((byte) 0x5a);
            MemorySegment w = Memory.zeros(row.kem.workspaceBytes()).fill((byte) 0x5a);
            boolean given = row.kem.decapsulate(keys.dk, 0, changed, 0, shared, 0, w, 0);
            assertWiped(w);
            answered += given ? 0 : 1;
            assertTrue(given || Memory.hex(shared).matches("(5a)+"), "what is answered writes nothing");
            assertNotEquals(-1, shared.mismatch(keys.shared), "byte " + at + ", bit " + bit);
        }
        assertTrue(answered == 0 || row.is(Trait.POINT), "answered: " + answered);
        if (!row.is(Trait.IMPLICIT)) {
            decapsulate(row, keys.dk, Memory.zeros(keys.ciphertext.byteSize())).runs(false);  // of small order, off the curve
        }
    }

    /// The key of another KEM, in as many bytes as this one's has: an answer or another secret, never an error, and nothing left.
    @ParameterizedTest
    @MethodSource("rows")
    void aKeyOfAnotherKindIsAnsweredOrSharesNothing(Row row) {
        Keys own = made(row);
        MemorySegment w = Memory.zeros(row.kem.workspaceBytes());
        for (Row other : ROWS) {
            MemorySegment dk = fitted(made(other).dk, own.dk.byteSize());
            if (dk.mismatch(own.dk) < 0) {
                continue;
            }
            MemorySegment shared = Memory.zeros(own.shared.byteSize());
            boolean given = row.kem.decapsulate(dk, 0, own.ciphertext, 0, shared, 0, w, 0);
            assertWiped(w);
            assertFalse(given && row.is(Trait.CHECKED_KEY), "a key of " + other + " was taken");
            assertNotEquals(-1, shared.mismatch(own.shared), "by a key of " + other);
            MemorySegment ek = fitted(made(other).ek, own.ek.byteSize());
            if (ek.mismatch(own.ek) >= 0) {
                row.kem.encapsulate(new SeededEntropy(1), ek, 0, Memory.zeros(own.ciphertext.byteSize()), 0, shared, 0, w, 0);
                assertWiped(w);
                assertNotEquals(-1, shared.mismatch(own.shared), "to a key of " + other);
            }
        }
    }

    /// As many bytes of it, one behind the other.
    private static MemorySegment fitted(MemorySegment of, long bytes) {
        MemorySegment fitted = Memory.zeros(bytes);
        for (long at = 0; at < bytes; at += of.byteSize()) {
            MemorySegment.copy(of, 0, fitted, at, Math.min(of.byteSize(), bytes - at));
        }
        return fitted;
    }

    @ParameterizedTest
    @MethodSource("rows")
    void entropyThatFailsLeavesNothing(Row row) {
        Keys keys = made(row);
        MemorySegment w = Memory.zeros(row.kem.workspaceBytes());
        MemorySegment ciphertext = Memory.zeros(keys.ciphertext.byteSize()).fill((byte) 0x5a);
        MemorySegment shared = Memory.zeros(keys.shared.byteSize()).fill((byte) 0x5a);
        Error broken = new InternalError("the source broke");
        for (int calls = 0; calls < 2; calls++) {  // the second draw too, where there are two
            int good = calls;
            int[] drawn = {0};
            Entropy breaks = (segment, at, length) -> {
                if (drawn[0]++ == good) {
                    throw broken;
                }
                new SeededEntropy(9).fill(segment, at, length);
            };
            w.fill((byte) 0x5a);
            if (calls > 0 && !row.kem.equals(XWing.KEM)) {
                break;
            }
            assertSame(broken, assertThrows(InternalError.class, () -> row.kem.encapsulate(breaks, keys.ek, 0, ciphertext, 0, shared, 0, w, 0)));
            assertWiped(w);
        }
        Entropy idle = (segment, at, length) -> {};
        for (int fill : new int[] {0x5a, 0}) {
            w.fill((byte) fill);
            assertThrows(IllegalStateException.class, () -> row.kem.encapsulate(idle, keys.ek, 0, ciphertext, 0, shared, 0, w, 0));
            assertWiped(w);
        }
        assertTrue(Memory.hex(ciphertext).matches("(5a)+|(00)+") && Memory.hex(shared).matches("(5a)+|(00)+"), "unchanged or wiped");
    }
}
