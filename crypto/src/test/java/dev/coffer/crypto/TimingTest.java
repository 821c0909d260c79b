package dev.coffer.crypto;

import static dev.coffer.testkit.TimeStatistics.SUSPECT;
import static dev.coffer.testkit.TimeStatistics.t;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.testkit.SeededEntropy;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// A comparison of tags that stops at the first difference must show, and ours must not: nor the key or the text in what seals and opens
/// them. See [dev.coffer.testkit.TimeStatistics].
@Tag("long")
class TimingTest {
    /// Of an operation of a microsecond or less.
    private static final int MEASUREMENTS = 200_000;

    private static volatile boolean sink;

    @Test
    void plantedLeakShowsAndOursDoNot() {
        try (Arena arena = Arena.ofConfined()) {
            SeededEntropy entropy = new SeededEntropy(9);
            MemorySegment expected = arena.allocate(256);
            MemorySegment given = arena.allocate(256);
            MemorySegment[] wrong = forged(expected, 0, 255);
            assertTrue(t("planted early exit", MEASUREMENTS, kind -> given.copyFrom(wrong[kind]),
                    () -> sink = leaky(expected, given)) > SUSPECT, "the planted leak is not seen");

            for (Aead aead : AeadTest.aeads().limit(4).toList()) {
                open(aead, arena, entropy);
                keys(aead, arena, entropy);
            }
            for (Mac mac : new Mac[] {Mac.HMAC_SHA_256, Mac.HMAC_SHA3_256}) {
                verify(mac, arena, entropy);
            }
        }
    }

    /// Two of it, wrong in one byte each. Whole texts are what a class is made of: one byte that is stored into the text that is read next, as
    /// longs, is waited for by the processor, and where it was stored shows then.
    private static MemorySegment[] forged(MemorySegment of, long one, long other) {
        MemorySegment[] forged = {Memory.of(Memory.bytes(of)), Memory.of(Memory.bytes(of))};
        for (int kind = 0; kind < 2; kind++) {
            long at = kind == 0 ? one : other;
            forged[kind].set(ValueLayout.JAVA_BYTE, at, (byte) (forged[kind].get(ValueLayout.JAVA_BYTE, at) ^ 0x40));
        }
        return forged;
    }

    private static boolean leaky(MemorySegment a, MemorySegment b) {
        for (long i = 0; i < a.byteSize(); i++) {
            if (a.get(ValueLayout.JAVA_BYTE, i) != b.get(ValueLayout.JAVA_BYTE, i)) {
                return false;
            }
        }
        return true;
    }

    /// A tag that is wrong in its first byte, or in its last.
    private static void open(Aead aead, Arena arena, SeededEntropy entropy) {
        MemorySegment schedule = arena.allocate(aead.scheduleBytes());
        MemorySegment work = arena.allocate(aead.workspaceBytes());
        MemorySegment key = arena.allocate(aead.keyBytes());
        MemorySegment nonce = arena.allocate(aead.nonceBytes());
        entropy.fill(key, 0, key.byteSize());
        AeadKey loaded = new AeadKey(aead, work, 0).at(schedule, 0);
        loaded.load(key, 0);
        MemorySegment sealed = arena.allocate(64 + Aead.TAG_BYTES);
        loaded.seal(nonce, 0, key, 0, 0, sealed, 0, 64, sealed, 0);
        MemorySegment[] wrong = forged(sealed, 64, 79);
        MemorySegment forged = arena.allocate(sealed.byteSize());
        MemorySegment out = arena.allocate(64);
        assertTrue(t(aead + " open", MEASUREMENTS, kind -> forged.copyFrom(wrong[kind]),
                () -> sink = loaded.open(nonce, 0, key, 0, 0, forged, 0, 80, out, 0)) < SUSPECT, aead + " open");
    }

    /// Key and text of zeros, or random ones: the key expansion and the sealing.
    private static void keys(Aead aead, Arena arena, SeededEntropy entropy) {
        MemorySegment schedule = arena.allocate(aead.scheduleBytes());
        MemorySegment work = arena.allocate(aead.workspaceBytes());
        MemorySegment random = arena.allocate(4096);
        entropy.fill(random, 0, 4096);
        MemorySegment zeros = arena.allocate(4096);
        MemorySegment key = arena.allocate(64);
        MemorySegment text = arena.allocate(64);
        MemorySegment out = arena.allocate(96);
        MemorySegment nonce = arena.allocate(aead.nonceBytes());
        AeadKey loaded = new AeadKey(aead, work, 0).at(schedule, 0);
        long[] turn = {0};
        assertTrue(t(aead + " expand and seal", MEASUREMENTS, kind -> {
            MemorySegment from = kind == 0 ? zeros : random;
            long at = turn[0]++ % 60 * 64;
            MemorySegment.copy(from, at, key, 0, 64);
            MemorySegment.copy(from, at + 8, text, 0, 64);
        }, () -> {
            loaded.wipe();
            loaded.load(key, 0);
            loaded.seal(nonce, 0, key, 0, 0, text, 0, 64, out, 0);
        }) < SUSPECT, aead + " expand and seal");
    }

    private static void verify(Mac mac, Arena arena, SeededEntropy entropy) {
        MemorySegment state = arena.allocate(mac.stateBytes());
        MemorySegment key = arena.allocate(32);
        entropy.fill(key, 0, 32);
        MemorySegment tag = arena.allocate(mac.tagBytes());
        mac.mac(state, 0, key, 0, 32, key, 0, 32, tag, 0);
        MemorySegment[] wrong = forged(tag, 0, mac.tagBytes() - 1);
        MemorySegment forged = arena.allocate(mac.tagBytes());
        mac.init(state, 0, key, 0, 32);
        assertTrue(t(mac + " verify", MEASUREMENTS, kind -> forged.copyFrom(wrong[kind]), () -> {
            mac.update(state, 0, key, 0, 32);
            sink = mac.verify(state, 0, forged, 0, mac.tagBytes());
        }) < SUSPECT, mac + " verify");
    }
}
