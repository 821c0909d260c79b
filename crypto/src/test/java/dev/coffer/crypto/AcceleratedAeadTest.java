package dev.coffer.crypto;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.coffer.testkit.HeapBytes;
import dev.coffer.testkit.RawMemory;
import dev.coffer.testkit.SeededEntropy;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

/// AES-GCM on the JDK's AES beside our own; its Wycheproof cases are run by [AeadVectorTest].
class AcceleratedAeadTest {
    @Test
    void sealsAsTheStrictFormDoesAtEveryLength() {
        try (Arena arena = Arena.ofConfined()) {
            SeededEntropy entropy = new SeededEntropy(21);
            MemorySegment memory = arena.allocate(100);
            MemorySegment text = arena.allocate(5000);
            entropy.fill(memory, 0, 100);
            entropy.fill(text, 0, 5000);
            for (Aead strict : new Aead[] {Aead.AES_128_GCM, Aead.AES_256_GCM}) {
                Aead jdk = Aead.accelerated(strict.keyBytes());
                MemorySegment work = arena.allocate(strict.workspaceBytes() + jdk.workspaceBytes());
                AeadKey ours = new AeadKey(strict, work, 0).at(arena.allocate(strict.scheduleBytes()), 0);
                AeadKey theirs = new AeadKey(jdk, work, 0).at(arena.allocate(jdk.scheduleBytes()), 0);
                ours.load(memory, 0);
                theirs.load(memory, 0);
                MemorySegment a = arena.allocate(5016);
                MemorySegment b = arena.allocate(5016);
                for (int length = 0; length <= 5000; length += length < 300 ? 1 : 47) {
                    ours.seal(memory, 40, memory, 60, 13, text, 0, length, a, 0);
                    theirs.seal(memory, 40, memory, 60, 13, text, 0, length, b, 0);
                    assertEquals(-1, a.asSlice(0, length + 16).mismatch(b.asSlice(0, length + 16)), length + " bytes");
                    assertEquals(0, RawMemory.nonZero(work), "workspace not wiped");
                }
            }
        }
    }

    @Test
    void refusesAScheduleOfAnEarlierKeyAndOtherSizes() {
        assertThrows(IllegalArgumentException.class, () -> Aead.accelerated(24));
        try (Arena arena = Arena.ofConfined()) {
            Aead jdk = Aead.accelerated(32);
            MemorySegment place = arena.allocate(jdk.scheduleBytes());
            MemorySegment work = arena.allocate(jdk.workspaceBytes());
            MemorySegment memory = arena.allocate(200);
            AeadKey first = new AeadKey(jdk, work, 0).at(place, 0);
            AeadKey second = AeadKey.in(jdk, arena.allocate(AeadKey.plan("key", jdk).totalBytes()));
            first.load(memory, 0);
            second.load(memory, 8);
            assertThrows(IllegalStateException.class,
                    () -> first.seal(memory, 80, memory, 0, 0, memory, 100, 10, memory, 100));
            second.seal(memory, 80, memory, 0, 0, memory, 100, 10, memory, 100);
            Aead other = Aead.accelerated(32);  // with as many expansions behind it
            AeadKey there = new AeadKey(other, work, 0).at(place, 0);
            there.wipe();
            there.load(memory, 0);
            there.wipe();
            there.load(memory, 0);
            assertThrows(IllegalStateException.class,
                    () -> first.seal(memory, 80, memory, 0, 0, memory, 100, 10, memory, 100));
        }
    }

    @Test
    void sealingAndOpeningAllocateNoHeapBytes() {
        try (Arena arena = Arena.ofConfined()) {
            Aead jdk = Aead.accelerated(32);
            AeadKey key = AeadKey.in(jdk, arena.allocate(AeadKey.plan("key", jdk).totalBytes()));
            MemorySegment text = arena.allocate(3000);
            key.load(text, 0);
            assertEquals(0, HeapBytes.least(3, 8, () -> {
                for (int i = 0; i < 500; i++) {
                    key.seal(text, 2900, text, 2990, 10, text, 0, 4 * i, text, 0);
                    if (!key.open(text, 2900, text, 2990, 10, text, 0, 4 * i + 16, text, 0)) {
                        throw new AssertionError(i);
                    }
                }
            }));
        }
    }
}
