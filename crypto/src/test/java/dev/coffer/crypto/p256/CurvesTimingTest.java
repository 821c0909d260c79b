package dev.coffer.crypto.p256;

import static dev.coffer.testkit.TimeStatistics.SUSPECT;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.Memory;
import dev.coffer.crypto.ed25519.Ed25519;
import dev.coffer.crypto.x25519.X25519;
import dev.coffer.testkit.TimeStatistics;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// One fixed private key against random ones. The planted leak is our own multiplication for public numbers, given a private one. See
/// [dev.coffer.testkit.TimeStatistics].
@Tag("long")
class CurvesTimingTest {
    private final MemorySegment m = Memory.zeros(512);
    private final MemorySegment w = Memory.zeros(8192);
    private final byte[] fixed = new byte[32];
    private final byte[] random = new byte[32];
    private final SplittableRandom generator = new SplittableRandom(12);

    private void key(int kind) {
        generator.nextBytes(random);
        random[0] &= 0x7f;  // below n
        MemorySegment.copy(kind == 0 ? fixed : random, 0, m, ValueLayout.JAVA_BYTE, 0, 32);
    }

    private double t(String name, Runnable operation) {
        return TimeStatistics.t(name, this::key, operation);
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
