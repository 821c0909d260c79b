package dev.coffer.evm.precompiles;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.coffer.evm.Precompiles;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

/// The self-test of blst: both libraries pass it, and each wrong answer is seen.
class BlstSelfTestTest {
    private static final int CALLS = 15;

    private static String fault(CurvePrecompiles curve) {
        try (Arena arena = Arena.ofConfined()) {
            return new BlstSelfTest(curve, arena.allocate(BlstSelfTest.BYTES)).fault();
        }
    }

    @Test
    void bouncyCastleGivesTheSameAnswers() {
        assertEquals("", fault(new BouncyCurve()));
        assertEquals("", CurveLibrary.BLST.obstacle());
    }

    @Test
    void eachWrongAnswerIsSeen() {
        try (Arena arena = Arena.ofConfined()) {
            BlstCurve right = new BlstCurve(arena.allocate(BlstCurve.BYTES, 64));
            for (int wrong = 0; wrong < CALLS; wrong++) {
                int call = wrong;
                int[] calls = new int[1];
                String fault = fault((number, in, at, length, out, outAt) -> {
                    long written = right.run(number, in, at, length, out, outAt);
                    if (calls[0]++ == call) {
                        return spoil(written, out, outAt);
                    }
                    return written;
                });
                assertNotEquals("", fault, "call " + wrong);
            }
        }
    }

    private static long spoil(long written, MemorySegment out, long at) {
        if (written == Precompiles.FAILED) {
            return 32;
        }
        if (written == 64) {
            return Precompiles.FAILED;                                      // of a proof that holds
        }
        out.set(ValueLayout.JAVA_BYTE, at + written - 1, (byte) (out.get(ValueLayout.JAVA_BYTE, at + written - 1) ^ 1));
        return written;
    }
}
