package dev.coffer.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import dev.coffer.memory.Wipe;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

class WipeTest {
    @Test
    void zeroesExactlyTheRangeAtEveryLengthAndOffset() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(2048);
            for (int length : new int[] {0, 1, 2, 3, 4, 7, 8, 9, 15, 16, 17, 18, 24, 31, 32, 33, 34, 47, 63, 64, 65, 511, 512, 513, 514, 519, 520,
                    521, 1023, 1024, 1025, 2000}) {
                for (int at = 0; at < 9; at++) {
                    memory.fill((byte) 0xa5);
                    Wipe.bytes(memory, at, length);
                    assertEquals(2048 - length, RawMemory.nonZero(memory, 0, 2048), length + " at " + at);
                    assertEquals(0, length == 0 ? 0 : RawMemory.nonZero(memory, at, length));
                }
            }
        }
    }

    @Test
    void refusesRangesOutsideTheSegment() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(8).fill((byte) 1);
            for (long[] range : new long[][] {{0, 9}, {8, 1}, {-1, 1}, {0, -1}, {Long.MAX_VALUE, 1}, {1, Long.MAX_VALUE}}) {
                assertThrows(IndexOutOfBoundsException.class, () -> Wipe.bytes(memory, range[0], range[1]));
            }
            assertEquals(8, RawMemory.nonZero(memory, 0, 8));
        }
    }

    /// The stores right before the memory is given up are the ones that a compiler might think dead: compiled code is
    /// given every chance to drop them, and the bytes are read through the kernel.
    @Test
    void wipeBeforeTheLastUseIsNotDropped() {
        for (int length : new int[] {16, 256, 4096}) {
            try (Arena arena = Arena.ofShared()) {
                MemorySegment memory = arena.allocate(length);
                for (int i = 0; i < 20_000; i++) {
                    memory.fill((byte) i);
                    Wipe.segment(memory);
                }
                assertEquals(0, RawMemory.nonZero(memory, 0, length));
            }
        }
    }

    @Test
    void allocatesNothingAndWipesInEveryForm() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(4096);
            long allocated = HeapBytes.of(1, () -> {
                for (int i = 0; i < 30_000; i++) {
                    Wipe.bytes(memory, i & 63, i & 2047);
                }
            });
            assertEquals(0, allocated);
        }
    }

    @Test
    void closedRegionLeavesNoByteBehind() {
        Region region = Region.open(RegionConfig.defaults("wiped"), MemoryPlan.block("data", 65536));
        long address = region.data().address();
        region.data().fill((byte) 0x5a);
        assertEquals(65536, RawMemory.nonZero(address, 65536));
        region.close();
        try {
            assertEquals(0, RawMemory.nonZero(address, 65536));
        } catch (java.io.UncheckedIOException unmapped) {
            assertEquals("raw read of 65536 bytes", unmapped.getMessage());  // nobody mapped the place again
        }
    }
}
