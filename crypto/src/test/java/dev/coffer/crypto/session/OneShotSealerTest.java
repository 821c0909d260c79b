package dev.coffer.crypto.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import dev.coffer.memory.pool.PooledBuffer;
import dev.coffer.memory.pool.SizeClassPools;
import dev.coffer.testkit.HeapBytes;
import dev.coffer.testkit.RawMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class OneShotSealerTest {
    private static final SizeClassPools.Config POOLS = SizeClassPools.Config.defaults("classes");

    private static final class Bench implements AutoCloseable {
        final Arena arena = Arena.ofConfined();
        final Region region;
        final SizeClassPools pools;
        final OneShotSealer sealer;
        final MemorySegment text;

        Bench(Suite suite) {
            region = Region.open(RegionConfig.defaults("t"),
                    MemoryPlan.group("data", OneShotSealer.plan(suite), SizeClassPools.plan(POOLS)));
            pools = SizeClassPools.open(POOLS, region);
            sealer = new OneShotSealer(suite, region.carve("one shot"), pools);
            text = arena.allocate(5000).fill((byte) 0x61);
        }

        @Override
        public void close() {
            sealer.close();
            pools.close();
            region.close();
            arena.close();
        }
    }

    @ParameterizedTest
    @EnumSource(Suite.class)
    void picksTheClassByTheTextAndOpensInPlace(Suite suite) {
        try (Bench bench = new Bench(suite)) {
            bench.sealer.loadKey(bench.text, 0);
            int[][] cases = {{0, 256}, {1, 256}, {240, 256}, {241, 1024}, {1008, 1024}, {1009, 4096}, {4080, 4096}};
            for (int[] one : cases) {
                PooledBuffer block = bench.sealer.seal(bench.text, 0, one[0]);
                assertEquals(one[1], block.capacity(), one[0] + " bytes");
                assertEquals(one[0] + 16, block.length());
                if (one[0] > 8) {
                    assertNotEquals(0x61, block.segment().get(ValueLayout.JAVA_BYTE, one[0] - 1)
                            & block.segment().get(ValueLayout.JAVA_BYTE, 0));
                }
                assertFalse(bench.sealer.open(block, bench.sealer.sequence() + 1));
                assertTrue(bench.sealer.open(block, bench.sealer.sequence()));
                assertEquals(-1, block.segment().asSlice(0, one[0]).mismatch(bench.text.asSlice(0, one[0])));
                long address = block.segment().address();
                block.close();
                assertEquals(0, RawMemory.nonZero(address, one[1]));
            }
            assertEquals(cases.length - 1, bench.sealer.sequence());
            assertThrows(IllegalArgumentException.class, () -> bench.sealer.seal(bench.text, 0, 4081));
            assertThrows(IllegalArgumentException.class, () -> bench.sealer.seal(bench.text, 0, -1));
        }
    }

    @ParameterizedTest
    @EnumSource(Suite.class)
    void refusesWhenAClassIsEmptyAndWhenTheKeyIsUsedUp(Suite suite) {
        try (Bench bench = new Bench(suite)) {
            assertThrows(IllegalStateException.class, () -> bench.sealer.seal(bench.text, 0, 1));
            bench.sealer.loadKey(bench.text, 0);
            assertThrows(IllegalStateException.class, () -> bench.sealer.loadKey(bench.text, 0));
            List<PooledBuffer> held = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                held.add(bench.sealer.seal(bench.text, 0, 4000));
            }
            assertNull(bench.sealer.seal(bench.text, 0, 4000));
            held.forEach(PooledBuffer::close);
            MemorySegment key = bench.region.data();
            SessionKey.sent(key, 0, suite.messagesMax() - 1);
            bench.sealer.seal(bench.text, 0, 1).close();
            assertTrue(bench.sealer.isUsedUp());
            assertNull(bench.sealer.seal(bench.text, 0, 1));
            bench.sealer.wipe();
            assertEquals(0, RawMemory.nonZero(key.address(), (int) SessionKey.directionBytes(suite)));
        }
    }

    @ParameterizedTest
    @EnumSource(Suite.class)
    void aTextThatCannotBeReadKeepsNoBlockAndTakesNoNumber(Suite suite) {
        try (Bench bench = new Bench(suite)) {
            bench.sealer.loadKey(bench.text, 0);
            Arena closed = Arena.ofConfined();
            MemorySegment gone = closed.allocate(4000);
            closed.close();
            for (int i = 0; i < 5; i++) {  // of four large blocks
                assertThrows(IllegalStateException.class, () -> bench.sealer.seal(gone, 0, 4000));
            }
            bench.sealer.seal(bench.text, 0, 4000).close();
            assertEquals(0, bench.sealer.sequence());
        }
    }

    @ParameterizedTest
    @EnumSource(Suite.class)
    void allocatesNothing(Suite suite) {
        try (Bench bench = new Bench(suite)) {
            bench.sealer.loadKey(bench.text, 0);
            assertEquals(0, HeapBytes.least(4, 5, () -> {
                for (int i = 0; i < 1000; i++) {
                    PooledBuffer block = bench.sealer.seal(bench.text, 0, 100 + (i & 1023));
                    if (!bench.sealer.open(block, bench.sealer.sequence())) {
                        throw new AssertionError("message " + i);
                    }
                    block.close();
                }
            }));
        }
    }
}
