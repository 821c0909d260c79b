package dev.coffer.crypto.mldsa;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.Memory;
import dev.coffer.testkit.SeededEntropy;
import dev.coffer.testkit.TimeStatistics;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Statistics of time over single attempts of signing (FIPS 204, algorithm 7), one of which ends at its first polynomial that is too long
/// (decision 0138): with one key against another, on attempts that run to their end and on those that chance gives; and over the checks of
/// one polynomial, which must not tell which coefficient was too long, nor its sign. What it cannot show: leaks below the machine's noise,
/// keys that it does not try, power, speculation, what another JIT makes of it.
@Tag("long")
class MlDsaTimingTest {
    private static final MlDsa DSA = MlDsa.ML_DSA_44;
    private static final int MASKS = 64;
    private static final int PLANTED = 10;  // polynomials more: a hundredth of an attempt; one of them is below the noise

    private final SeededEntropy entropy = new SeededEntropy(3);
    private final MemorySegment w = Memory.zeros(DSA.signWorkspaceBytes());
    private final MlDsaCase set = new MlDsaCase(DSA);
    private final MlDsaCase.Keys[] keys = {set.keyPair(random(32)), set.keyPair(random(32))};
    private final MemorySegment sk = Memory.zeros(DSA.privateKeyBytes());  // the one that signs, always in this place

    MlDsaTimingTest() {  // one rho: how many blocks a matrix takes follows from the public key, and is no secret
        MemorySegment.copy(keys[0].sk(), 0, keys[1].sk(), 0, Lattice.SEED_BYTES);
    }

    private MemorySegment random(int bytes) {
        MemorySegment segment = Memory.zeros(bytes);
        entropy.fill(segment, 0, bytes);
        return segment;
    }

    /// The workspace up to the first attempt of another message.
    private void begin(MemorySegment key) {
        entropy.fill(w, DSA.whole.mu, MlDsa.MU_BYTES);
        entropy.fill(w, DSA.whole.rnd, 32);
        DSA.lattice.begin(key, 0, false, w, 0);
    }

    private boolean attempt(MemorySegment key) {
        return DSA.lattice.attempt(key, 0, false, 0, w, 0);
    }

    /// Workspaces of each key whose first attempt runs to its end.
    private MemorySegment[][] masks() {
        MemorySegment[][] masks = new MemorySegment[2][MASKS];
        for (int kind = 0; kind < 2; kind++) {
            for (int i = 0; i < MASKS;) {
                begin(keys[kind].sk());
                masks[kind][i] = Memory.of(Memory.bytes(w));
                i += attempt(keys[kind].sk()) ? 1 : 0;
            }
        }
        return masks;
    }

    private double attempts(String name, MemorySegment[][] masks, boolean leaks) {
        int[] turn = {0};
        int[] which = {0};
        return TimeStatistics.t(name, kind -> {
            which[0] = kind;
            sk.copyFrom(keys[kind].sk());
            w.copyFrom(masks[kind][turn[0]++ % MASKS]);
        }, () -> {
            attempt(sk);
            for (int i = 0; leaks && which[0] == 0 && i < PLANTED; i++) {
                Polynomial.lowBitsReach(w, DSA.whole.row(0), DSA.p.gamma2(), DSA.p.gamma2());
            }
        });
    }

    /// Another message each time: of a few, by either key others would end early, and their times would differ by that alone.
    private double chances(String name) {
        return TimeStatistics.t(name, kind -> {
            sk.copyFrom(keys[kind].sk());
            begin(sk);
        }, () -> attempt(sk));
    }

    @Test
    void anAttemptTakesAsLongByOneKeyAsByAnother() {
        MemorySegment[][] whole = masks();
        assertTrue(attempts("planted: ten polynomials more by one key", whole, true) > TimeStatistics.SUSPECT, "the planted leak is not seen");
        assertTrue(attempts("ML-DSA-44, attempts that run to their end, by one key and another", whole, false) < TimeStatistics.SUSPECT);
        assertTrue(chances("ML-DSA-44, attempts as chance gives them, by one key and another") < TimeStatistics.SUSPECT);
    }

    private interface Check {
        long of(MemorySegment polynomial);
    }

    /// A polynomial with one coefficient that is too long, where and of which sign the class says.
    private static double one(String name, long[] values, int[] places, Check check) {
        MemorySegment[] made = {Memory.zeros(Polynomial.BYTES), Memory.zeros(Polynomial.BYTES)};
        MemorySegment polynomial = Memory.zeros(Polynomial.BYTES);
        for (int kind = 0; kind < 2; kind++) {
            made[kind].setAtIndex(ValueLayout.JAVA_INT, places[kind], (int) values[kind]);
        }
        return TimeStatistics.t(name, kind -> polynomial.copyFrom(made[kind]), () -> {
            if (check.of(polynomial) >= 0) {
                throw new AssertionError("not too long");
            }
        });
    }

    private static long leaky(MemorySegment w, long bound) {
        for (int i = 0; i < Polynomial.N; i++) {
            if (Polynomial.magnitude(w.getAtIndex(ValueLayout.JAVA_INT, i)) >= bound) {
                return -1;
            }
        }
        return 0;
    }

    @Test
    void whichCoefficientWasTooLongAndItsSignShowInNothing() {
        long bound = DSA.p.gamma1() - DSA.p.beta();
        long low = DSA.p.gamma2() - DSA.p.beta();
        Check z = w -> Polynomial.reaches(w, 0, bound);
        Check r0 = w -> Polynomial.lowBitsReach(w, 0, DSA.p.gamma2(), low);
        long[] same = {bound, bound};
        int[] ends = {0, Polynomial.N - 1};
        assertTrue(one("planted: a check that ends at the first", same, ends, w -> leaky(w, bound)) > TimeStatistics.SUSPECT, "the planted leak is not seen");
        assertTrue(one("z too long at the first and the last coefficient", same, ends, z) < TimeStatistics.SUSPECT);
        assertTrue(one("z too long above and below", new long[] {bound, Ntt.Q - bound}, new int[] {9, 9}, z) < TimeStatistics.SUSPECT);
        assertTrue(one("r0 too long at the first and the last coefficient", new long[] {low, low}, ends, r0) < TimeStatistics.SUSPECT);
        assertTrue(one("r0 too long above and below", new long[] {low, Ntt.Q - low}, new int[] {9, 9}, r0) < TimeStatistics.SUSPECT);
    }
}
