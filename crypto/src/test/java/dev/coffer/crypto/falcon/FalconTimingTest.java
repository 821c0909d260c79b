package dev.coffer.crypto.falcon;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.Memory;
import dev.coffer.testkit.SeededEntropy;
import dev.coffer.testkit.TimeStatistics;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Statistics of time: signing one message with one key against another, by the key and by the tree, on degree 64, whose signatures take
/// so little time that 40,000 of them are measured soon. What it cannot show: leaks below the machine's noise, keys that it does not try,
/// power, speculation, what another JIT or another divider of doubles makes of it.
@Tag("long")
class FalconTimingTest {
    private final Falcon falcon = FalconSteadyPathsTest.SMALL;
    private final SeededEntropy entropy = new SeededEntropy(2);
    private final MemorySegment w = Memory.zeros(falcon.signWorkspaceBytes());
    private final MemorySegment signature = Memory.zeros(falcon.signatureBytesMax(FalconForm.CONSTANT_TIME));

    private void sign(ExpandedSigningKey key, MemorySegment message) {
        key.sign(FalconForm.CONSTANT_TIME, entropy, message, 0, 48, signature, 0, w, 0);
    }

    @Test
    void plantedLeakShowsAndSigningDoesNot() {
        MemorySegment message = Memory.zeros(48);
        FalconCase set = new FalconCase(falcon);
        FalconCase.Keys[] keys = new FalconCase.Keys[2];
        ExpandedSigningKey[] expanded = new ExpandedSigningKey[2];
        MemorySegment sk = Memory.zeros(falcon.privateKeyBytes());
        for (int i = 0; i < 2; i++) {
            entropy.fill(message, 0, 48);
            keys[i] = set.keyPair(message);
            expanded[i] = new ExpandedSigningKey(falcon, Memory.zeros(ExpandedSigningKey.bytes(falcon)), 0);
            assertTrue(expanded[i].expand(keys[i].sk(), 0, w, 0));
        }
        int[] turn = {0};
        assertTrue(TimeStatistics.t("planted: a key that verifies what it signed", kind -> turn[0] = kind, () -> {
            sign(expanded[turn[0]], message);
            if (turn[0] == 0) {
                set.verify(FalconForm.CONSTANT_TIME, keys[0].pk(), message, signature);
            }
        }) > TimeStatistics.SUSPECT, "the planted leak is not seen");
        assertTrue(
                TimeStatistics.t("signing with one tree and another", kind -> turn[0] = kind, () -> sign(expanded[turn[0]], message)) < TimeStatistics.SUSPECT);
        assertTrue(TimeStatistics.t("signing with one key and another", kind -> sk.copyFrom(keys[kind].sk()),
                () -> falcon.sign(FalconForm.CONSTANT_TIME, entropy, sk, 0, message, 0, 48, signature, 0, w, 0)) < TimeStatistics.SUSPECT);
    }
}
