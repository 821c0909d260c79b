package dev.coffer.crypto.mlkem;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.coffer.crypto.KatDigests;
import dev.coffer.crypto.KatDigests.NistRandom;
import dev.coffer.crypto.Memory;
import dev.coffer.crypto.Xof;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Digests over whole known-answer files of other implementations, by their procedures.
class MlKemKatTest {
    static java.util.stream.Stream<MlKem> sets() {
        return MlKemCase.sets();
    }

    /// `mlkem-native`: 100 keys and encapsulations from a chain of SHAKE256.
    @ParameterizedTest
    @MethodSource("sets")
    void reproducesTheChainOfMlkemNative(MlKem kem) {
        String expected = KatDigests.of("mlkem-native", kem.name(), null);
        MlKemCase set = new MlKemCase(kem);
        MemorySegment coins = Memory.zeros(96);
        MemorySegment state = Memory.zeros(Xof.STATE_BYTES);
        MemorySegment start = Memory.zeros(64);
        for (int i = 0; i < 64; i++) {
            start.set(java.lang.foreign.ValueLayout.JAVA_BYTE, i, (byte) (0x20 + i));
        }
        Xof.SHAKE_256.expand(state, 0, start, 0, 64, coins, 0, 96);
        KatDigests.Text text = new KatDigests.Text();
        for (int count = 0; count < 100; count++) {
            Xof.SHAKE_256.expand(state, 0, coins, 0, 96, coins, 0, 96);
            MlKemCase.Keys keys = set.keyPair(coins.asSlice(0, 64));
            MlKemCase.Shared shared = set.encapsulate(keys.ek(), coins.asSlice(64, 32));
            text.line("pk", keys.ek()).line("sk", keys.dk()).line("ct", shared.ciphertext()).line("ss", shared.secret());
        }
        assertEquals(expected, text.digest());
    }

    @ParameterizedTest
    @MethodSource("sets")
    void reproducesTheFirstCountOfLiboqs(MlKem kem) {
        assertEquals(KatDigests.of("liboqs-kem", kem.name(), "single"), liboqs(new MlKemCase(kem), 1));
    }

    @Tag("long")
    @ParameterizedTest
    @MethodSource("sets")
    void reproducesAllCountsOfLiboqs(MlKem kem) {
        assertEquals(KatDigests.of("liboqs-kem", kem.name(), "all"), liboqs(new MlKemCase(kem), 100));
    }

    private static String liboqs(MlKemCase set, int counts) {
        NistRandom outer = NistRandom.counting();
        KatDigests.Text text = new KatDigests.Text().upperCase();
        for (int count = 0; count < counts; count++) {
            MemorySegment seed = outer.bytes(48);
            NistRandom inner = new NistRandom(seed);
            MlKemCase.Keys keys = set.keyPair(inner.bytes(MlKem.SEED_BYTES));
            MlKemCase.Shared shared = set.encapsulate(keys.ek(), inner.bytes(32));
            text.gap(count).line("count", count).line("seed", seed).line("pk", keys.ek()).line("sk", keys.dk())
                    .line("ct", shared.ciphertext()).line("ss", set.decapsulate(keys.dk(), shared.ciphertext()));
        }
        return text.digest();
    }
}
