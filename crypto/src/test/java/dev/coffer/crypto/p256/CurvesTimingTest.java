package dev.coffer.crypto.p256;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.Memory;
import dev.coffer.crypto.ed25519.Ed25519;
import dev.coffer.crypto.x25519.X25519;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Statistics of time in the manner of dudect (Reparaz, Balasch, Verbauwhede, 2017): one fixed private key against
/// random ones, in random
/// order, Welch's t over the times without the slowest. The planted leak is our own multiplication for public numbers,
/// given a
/// private one. What it cannot show: leaks below the machine's noise, classes that it does not try, power, speculation,
/// and what another
/// JIT makes of the code.
@Tag("long")
class CurvesTimingTest {
    private static final int MEASUREMENTS = 40_000;
    private static final int WARM_UPS = 10_000;
    private static final double SUSPECT = 10;  // dudect's own bound for "definitely not constant time"

    private final MemorySegment m = Memory.zeros(512);
    private final MemorySegment w = Memory.zeros(8192);
    private final byte[] fixed = new byte[32];
    private final byte[] random = new byte[32];

    private double t(String name, Runnable operation) {
        SplittableRandom generator = new SplittableRandom(11);
        long[][] times = new long[2][MEASUREMENTS];
        int[] count = new int[2];
        for (int i = -WARM_UPS; i < MEASUREMENTS; i++) {
            int kind = generator.nextInt(2);
            generator.nextBytes(random);
            random[0] &= 0x7f;  // below n
            MemorySegment.copy(kind == 0 ? fixed : random, 0, m, ValueLayout.JAVA_BYTE, 0, 32);
            long start = System.nanoTime();
            operation.run();
            long time = System.nanoTime() - start;
            if (i >= 0) {
                times[kind][count[kind]++] = time;
            }
        }
        long[] all = LongStream.concat(Arrays.stream(times[0], 0, count[0]), Arrays.stream(times[1], 0, count[1])).sorted()
                .toArray();
        long limit = all[(int) (all.length * 0.8)];
        double[] mean = new double[2];
        double[] error = new double[2];
        for (int kind = 0; kind < 2; kind++) {
            long[] kept = Arrays.stream(times[kind], 0, count[kind]).filter(time -> time <= limit).toArray();
            mean[kind] = Arrays.stream(kept).average().orElseThrow();
            double middle = mean[kind];
            error[kind] = Arrays.stream(kept).mapToDouble(v -> (v - middle) * (v - middle)).sum() / (kept.length - 1.0)
                    / kept.length;
        }
        double t = (mean[0] - mean[1]) / Math.sqrt(error[0] + error[1]);
        System.out.printf("timing %s: means %.0f and %.0f ns, t = %.2f%n", name, mean[0], mean[1], t);
        return Math.abs(t);
    }

    @Test
    void plantedLeakShowsAndOursDoNot() {
        fixed[31] = 9;  // the low weight of a key that a leak would show best
        assertTrue(t("planted: the multiplication for public numbers", () -> {
            P256Point.base(w, 64);
            P256Public.multiplyTwo(w, 64, copied(0), copied(32), 512);
        }) > SUSPECT, "the planted leak is not seen");
        assertTrue(t("X25519 public key", () -> X25519.publicKey(m, 0, m, 64, w, 0)) < SUSPECT);
        MemorySegment peer = Memory.hex("09" + "00".repeat(31));
        assertTrue(t("X25519 agreement", () -> X25519.agree(m, 0, peer, 0, m, 64, w, 0)) < SUSPECT);
        assertTrue(t("Ed25519 signing", () -> Ed25519.sign(m, 0, m, 128, 64, m, 64, w, 0)) < SUSPECT);
        assertTrue(t("P-256 signing", () -> EcdsaP256.sign(m, 0, m, 128, 64, m, 64, w, 0)) < SUSPECT);
        MemorySegment point = Memory.zeros(65);
        P256.publicKey(Memory.hex("37".repeat(32)), 0, point, 0, w, 0);
        assertTrue(t("P-256 agreement", () -> P256.agree(m, 0, point, 0, 65, m, 64, w, 0)) < SUSPECT);
    }

    private long copied(long at) {
        MemorySegment.copy(m, 0, w, at, 32);
        return at;
    }
}
