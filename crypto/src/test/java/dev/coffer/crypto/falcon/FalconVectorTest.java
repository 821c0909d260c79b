package dev.coffer.crypto.falcon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.KatDigests.NistRandom;
import dev.coffer.crypto.Memory;
import dev.coffer.memory.Entropy;
import java.lang.foreign.MemorySegment;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The submission's known answers: every entry of the files, which are fewer than the submission's hundred.
class FalconVectorTest {
    static Stream<Falcon> sets() {
        return FalconCase.sets();
    }

    @ParameterizedTest
    @MethodSource("sets")
    void everySignatureVerifies(Falcon falcon) {
        FalconCase set = new FalconCase(falcon);
        for (FalconKat entry : FalconKat.of(falcon)) {
            assertTrue(set.verify(FalconForm.COMPRESSED, entry.pk(), entry.message(), entry.signature()), "count " + entry.count());
        }
    }

    @ParameterizedTest
    @MethodSource("sets")
    void everySignatureIsMadeBitForBit(Falcon falcon) {
        FalconCase set = new FalconCase(falcon);
        for (FalconKat entry : FalconKat.of(falcon)) {
            MemorySegment signature = set.sign(FalconForm.COMPRESSED, afterKeys(entry), entry.sk(), entry.message());
            assertEquals(Memory.hex(entry.signed()), Memory.hex(FalconKat.signed(signature, entry.message())), "count " + entry.count());
            MemorySegment expanded = set.signExpanded(FalconForm.COMPRESSED, afterKeys(entry), entry.sk(), entry.message());
            assertEquals(Memory.hex(signature), Memory.hex(expanded), "by the tree, count " + entry.count());
        }
    }

    private static Entropy afterKeys(FalconKat entry) {
        NistRandom random = new NistRandom(entry.seed());
        random.bytes(Falcon.SEED_BYTES);
        return FalconCase.from(random);
    }

    @ParameterizedTest
    @MethodSource("sets")
    void everyKeyPairIsMadeBitForBit(Falcon falcon) {
        FalconCase set = new FalconCase(falcon);
        for (FalconKat entry : FalconKat.of(falcon)) {
            FalconCase.Keys keys = set.keyPair(new NistRandom(entry.seed()).bytes(Falcon.SEED_BYTES));
            assertEquals(Memory.hex(entry.pk()), Memory.hex(keys.pk()), "count " + entry.count());
            assertEquals(Memory.hex(entry.sk()), Memory.hex(keys.sk()), "count " + entry.count());
        }
    }
}
