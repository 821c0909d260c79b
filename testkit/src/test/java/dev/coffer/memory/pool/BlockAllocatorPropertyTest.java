package dev.coffer.memory.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import dev.coffer.testkit.RawMemory;
import dev.coffer.testkit.Seeds;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Random operations beside the plainest model there is: one array that says which piece each block belongs to.
class BlockAllocatorPropertyTest {
    private static final BlockAllocator.Config CONFIG = new BlockAllocator.Config("b", 96 * 64, 64);

    @Test
    void agreesWithTheModel() {
        Seeds.forEach(1, 4, random -> run(random, 75_000));
    }

    @Test
    @Tag("long")
    void agreesWithTheModelForTenMillionOperations() {
        Seeds.forEach(100, 1, random -> run(random, 10_000_000));
    }

    private static void run(SplittableRandom random, int operations) {
        try (Region region = Region.open(RegionConfig.defaults("t"),
                MemoryPlan.group("data", BlockAllocator.plan(CONFIG)))) {
            MemorySegment memory = region.carve("b");
            BlockAllocator allocator = BlockAllocator.over(CONFIG, memory);
            new Model(random, allocator, memory).run(operations);
            allocator.close();
            assertEquals(0, RawMemory.nonZero(memory, 0, CONFIG.bytes()));
        }
    }

    private static final class Model {
        private final SplittableRandom random;
        private final BlockAllocator allocator;
        private final MemorySegment memory;
        private final int[] owner = new int[96];  // the piece that a block belongs to, 0 for none
        private final long[] handle = new long[96];  // of the last piece that began at a block, out or released; 0 for none
        private int pieces;
        private int taken;
        private int peak;
        private long allocations;
        private long releases;
        private long refusals;

        Model(SplittableRandom random, BlockAllocator allocator, MemorySegment memory) {
            this.random = random;
            this.allocator = allocator;
            this.memory = memory;
        }

        void run(int operations) {
            for (int i = 0; i < operations; i++) {
                if (random.nextInt(100) < 52) {
                    allocate();
                } else {
                    release(random.nextInt(owner.length));
                }
                if (i % 16 == 0) {
                    allocator.checkInvariants();
                    checkStatistics();
                }
            }
            for (int block = 0; block < owner.length; block++) {
                release(block);
            }
            checkStatistics();
            assertEquals(0, allocator.usedBytes());
            assertEquals(0, allocator.fragmentationPercent());
        }

        private void allocate() {
            int bytes = random.nextInt(1, random.nextInt(8) == 0 ? 96 * 64 + 200 : 600);
            int count = (bytes + 63) / 64;
            if (count > owner.length) {
                assertThrows(IllegalArgumentException.class, () -> allocator.tryAllocate(bytes));
                return;
            }
            int expected = -1;
            for (int at = 0; at + count <= owner.length && expected < 0; at++) {
                int run = 0;
                while (run < count && owner[at + run] == 0) {
                    run++;
                }
                expected = run == count ? at : -1;
            }
            long piece = allocator.tryAllocate(bytes);
            if (expected < 0) {
                assertEquals(-1, piece);
                refusals++;
                return;
            }
            long at = allocator.at(piece);
            assertEquals(expected * 64L, at, () -> "first fit for " + bytes + " bytes");
            if (handle[expected] != 0) {
                refuses(handle[expected]);
            }
            handle[expected] = piece;
            pieces++;
            allocations++;
            taken += count;
            peak = Math.max(peak, taken);
            for (int block = expected; block < expected + count; block++) {
                owner[block] = pieces;
            }
            memory.set(ValueLayout.JAVA_INT_UNALIGNED, at, pieces);
            memory.set(ValueLayout.JAVA_INT_UNALIGNED, at + count * 64L - 4, pieces);
        }

        private void release(int block) {
            boolean begins = owner[block] != 0 && (block == 0 || owner[block - 1] != owner[block]);
            if (!begins) {
                if (handle[block] != 0) {
                    refuses(handle[block]);
                }
                return;
            }
            assertTrue(allocator.holds(handle[block]));
            int count = 1;
            while (block + count < owner.length && owner[block + count] == owner[block]) {
                count++;
            }
            assertEquals(count * 64L, allocator.pieceBytes(handle[block]));
            assertEquals(owner[block], memory.get(ValueLayout.JAVA_INT_UNALIGNED, block * 64L), "someone wrote here");
            assertEquals(owner[block], memory.get(ValueLayout.JAVA_INT_UNALIGNED, (block + count) * 64L - 4));
            allocator.release(handle[block]);
            for (int i = block; i < block + count; i++) {
                owner[i] = 0;
            }
            taken -= count;
            releases++;
        }

        /// A handle that was released: it ends nothing, whoever has its blocks.
        private void refuses(long stale) {
            assertFalse(allocator.holds(stale));
            assertThrows(IllegalStateException.class, () -> allocator.release(stale));
            assertThrows(IllegalStateException.class, () -> allocator.at(stale));
        }

        private void checkStatistics() {
            int largest = 0;
            int run = 0;
            for (int piece : owner) {
                run = piece == 0 ? run + 1 : 0;
                largest = Math.max(largest, run);
            }
            int free = 96 - taken;
            assertEquals(taken * 64L, allocator.usedBytes());
            assertEquals(peak * 64L, allocator.peakBytes());
            assertEquals(free * 64L, allocator.freeBytes());
            assertEquals(largest * 64L, allocator.largestFreeBytes());
            assertEquals(free == 0 ? 0 : 100 * (free - largest) / free, allocator.fragmentationPercent());
            assertEquals(allocations, allocator.allocations());
            assertEquals(releases, allocator.releases());
            assertEquals(refusals, allocator.refusals());
        }
    }
}
