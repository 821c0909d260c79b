package dev.coffer.crypto.falcon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.KatDigests;
import dev.coffer.crypto.KatDigests.NistRandom;
import dev.coffer.crypto.Memory;
import java.lang.foreign.MemorySegment;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Digests over whole known-answer files of liboqs, by its procedure, in the compressed and the padded form.
class FalconKatTest {
    static Stream<Falcon> sets() {
        return FalconCase.sets();
    }

    @ParameterizedTest
    @MethodSource("sets")
    void reproducesTheFirstCountOfLiboqs(Falcon falcon) {
        assertEquals(digest(falcon, "", "single"), liboqs(falcon, FalconForm.COMPRESSED, 1));
        assertEquals(digest(falcon, "padded-", "single"), liboqs(falcon, FalconForm.PADDED, 1));
    }

    @Tag("long")
    @ParameterizedTest
    @MethodSource("sets")
    void reproducesAllCountsOfLiboqs(Falcon falcon) {
        assertEquals(digest(falcon, "", "all"), liboqs(falcon, FalconForm.COMPRESSED, 100));
        assertEquals(digest(falcon, "padded-", "all"), liboqs(falcon, FalconForm.PADDED, 100));
    }

    private static String digest(Falcon falcon, String form, String kind) {
        return KatDigests.of("liboqs-sig", falcon.name().replace("Falcon-", "Falcon-" + form), kind);
    }

    private static String liboqs(Falcon falcon, FalconForm form, int counts) {
        FalconCase set = new FalconCase(falcon);
        NistRandom outer = NistRandom.counting();
        KatDigests.Text text = new KatDigests.Text().upperCase();
        for (int count = 0; count < counts; count++) {
            MemorySegment seed = outer.bytes(48);
            MemorySegment message = outer.bytes(33 * (count + 1));
            NistRandom inner = new NistRandom(seed);
            FalconCase.Keys keys = set.keyPair(inner.bytes(Falcon.SEED_BYTES));
            MemorySegment signature = set.sign(form, FalconCase.from(inner), keys.sk(), message);
            assertTrue(set.verify(form, keys.pk(), message, signature));
            MemorySegment signed = form == FalconForm.COMPRESSED ? FalconKat.signed(signature, message) : joined(signature, message);
            text.gap(count).line("count", count).line("seed", seed).line("mlen", message.byteSize()).line("msg", message)
                    .line("pk", keys.pk()).line("sk", keys.sk()).line("smlen", signed.byteSize()).line("sm", signed);
        }
        return text.digest();
    }

    private static MemorySegment joined(MemorySegment signature, MemorySegment message) {
        MemorySegment joined = Memory.zeros(signature.byteSize() + message.byteSize());
        MemorySegment.copy(signature, 0, joined, 0, signature.byteSize());
        MemorySegment.copy(message, 0, joined, signature.byteSize(), message.byteSize());
        return joined;
    }
}
