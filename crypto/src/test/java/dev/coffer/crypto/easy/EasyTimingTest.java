package dev.coffer.crypto.easy;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.Memory;
import dev.coffer.testkit.TimeStatistics;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Statistics of time of the facade: messages are refused for the first or the last byte of their commitment and of their tag. One key against
/// another is tried below it, where both have one matrix: here each samples its own, in blocks whose number is public. A wrong key and a changed message are two answers on
/// purpose, and may be told apart by anyone. What it cannot show: leaks below the machine's noise, classes that it does not try, power,
/// speculation, what another JIT makes of it.
@Tag("long")
class EasyTimingTest {
    private static final int TEXT = 64;
    private static final MemorySegment NONE = Memory.zeros(0);

    private static MemorySegment flip(MemorySegment of, long at) {
        MemorySegment changed = Memory.of(Memory.bytes(of));
        changed.set(ValueLayout.JAVA_BYTE, at, (byte) (changed.get(ValueLayout.JAVA_BYTE, at) ^ 1));
        return changed;
    }

    @Test
    void openingDoesNotTellWhereAMessageIsWrong() {
        try (EasyCrypto crypto = EasyCrypto.open(); var one = crypto.keygen(Level.ONE); var other = crypto.keygen(Level.ONE)) {
            int length = (int) EasyCrypto.sealedBytes(KemSet.MlKem512.SET, TEXT);
            MemorySegment[] sealed = {Memory.of(crypto.seal(one.publicKey(), new byte[TEXT])),
                    Memory.of(crypto.seal(other.publicKey(), new byte[TEXT]))};
            MemorySegment at = Memory.zeros(length);
            MemorySegment text = Memory.zeros(TEXT);
            int[] which = {0};
            Runnable opens = () -> crypto.open(which[0] == 0 ? one.secretKey() : other.secretKey(), NONE, 0, 0, at, 0, length, text, 0);
            assertTrue(TimeStatistics.t("facade, planted: opened twice by one key", kind -> {
                which[0] = kind;
                at.copyFrom(sealed[kind]);
            }, () -> {
                opens.run();
                if (which[0] == 0) {
                    opens.run();
                }
            }) > TimeStatistics.SUSPECT, "the planted leak is not seen");
            which[0] = 0;
            Runnable refused = () -> {
                try {
                    opens.run();
                    throw new AssertionError("opened");
                } catch (OpenException e) {
                    assert e.reason() != null;
                }
            };
            long commitment = length - TEXT - 16L - EasySealing.COMMITMENT_BYTES;
            MemorySegment[] keys = {flip(sealed[0], commitment), flip(sealed[0], commitment + EasySealing.COMMITMENT_BYTES - 1L)};
            MemorySegment[] tags = {flip(sealed[0], length - 16L), flip(sealed[0], length - 1L)};
            assertTrue(TimeStatistics.t("facade, a commitment wrong at its first and its last byte", kind -> at.copyFrom(keys[kind]),
                    refused) < TimeStatistics.SUSPECT);
            assertTrue(
                    TimeStatistics.t("facade, a tag wrong at its first and its last byte", kind -> at.copyFrom(tags[kind]), refused) < TimeStatistics.SUSPECT);
        }
    }
}
