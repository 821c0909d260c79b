package dev.coffer.crypto.mldsa;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.coffer.crypto.KatDigests;
import dev.coffer.crypto.KatDigests.NistRandom;
import dev.coffer.crypto.Memory;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Digests over whole known-answer files of other implementations, by their procedures.
class MlDsaKatTest {
    static java.util.stream.Stream<MlDsa> sets() {
        return MlDsaCase.sets();
    }

    @ParameterizedTest
    @MethodSource("sets")
    void reproducesTheFirstCountOfLiboqsAndMldsaNative(MlDsa dsa) {
        assertEquals(KatDigests.of("mldsa-native", dsa.name(), null), KatDigests.of("liboqs-sig", dsa.name(), "single"));
        assertEquals(KatDigests.of("liboqs-sig", dsa.name(), "single"), liboqs(new MlDsaCase(dsa), 1));
    }

    @Tag("long")
    @ParameterizedTest
    @MethodSource("sets")
    void reproducesAllCountsOfLiboqs(MlDsa dsa) {
        assertEquals(KatDigests.of("liboqs-sig", dsa.name(), "all"), liboqs(new MlDsaCase(dsa), 100));
    }

    private static String liboqs(MlDsaCase set, int counts) {
        NistRandom outer = NistRandom.counting();
        KatDigests.Text text = new KatDigests.Text().upperCase();
        for (int count = 0; count < counts; count++) {
            MemorySegment seed = outer.bytes(48);
            MemorySegment message = outer.bytes(33 * (count + 1));
            NistRandom inner = new NistRandom(seed);
            MlDsaCase.Keys keys = set.keyPair(inner.bytes(MlDsa.SEED_BYTES));
            MemorySegment signature = set.sign(inner.bytes(32), keys.sk(), message, MlDsaCase.NONE);
            MemorySegment signed = Memory.zeros(signature.byteSize() + message.byteSize());
            MemorySegment.copy(signature, 0, signed, 0, signature.byteSize());
            MemorySegment.copy(message, 0, signed, signature.byteSize(), message.byteSize());
            text.gap(count).line("count", count).line("seed", seed).line("mlen", message.byteSize()).line("msg", message)
                    .line("pk", keys.pk()).line("sk", keys.sk()).line("smlen", signed.byteSize()).line("sm", signed);
        }
        return text.digest();
    }
}
