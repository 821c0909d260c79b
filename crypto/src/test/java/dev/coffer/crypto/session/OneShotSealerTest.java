package dev.coffer.crypto.session;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.memory.Entropy;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import dev.coffer.memory.pool.PoolExhaustedException;
import dev.coffer.memory.pool.PooledBuffer;
import dev.coffer.memory.pool.SizeClassPools;
import dev.coffer.memory.pool.SizeClassPools.Blocks;
import dev.coffer.testkit.ObjectBytes;
import dev.coffer.testkit.RawMemory;
import dev.coffer.testkit.SeededEntropy;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class OneShotSealerTest {
    private static final SizeClassPools.Config POOLS = SizeClassPools.Config.defaults("classes");

    private static final class Bench implements AutoCloseable {
        final Arena arena = Arena.ofConfined();
        final Region region;
        final SizeClassPools pools;
        final MemorySegment memory;
        final OneShotSealer sealer;
        final MemorySegment text;

        Bench(Suite suite) {
            this(suite, POOLS);
        }

        Bench(Suite suite, SizeClassPools.Config classes) {
            this(suite, classes, Entropy.SYSTEM);
        }

        Bench(Suite suite, SizeClassPools.Config classes, Entropy entropy) {
            region = Region.open(RegionConfig.defaults("t"),
                    MemoryPlan.group("data", OneShotSealer.plan(suite), SizeClassPools.plan(classes)));
            pools = SizeClassPools.open(classes, region);
            memory = region.carve("one shot");
            sealer = new OneShotSealer(suite, memory, pools, entropy);
            text = arena.allocate(5000).fill((byte) 0x61);
        }

        @Override
        public void close() {
            sealer.checkInvariants();
            sealer.close();
            sealer.checkInvariants();
            pools.close();
            region.close();
            arena.close();
        }
    }

    @Test
    void theSourceOfItsSaltsIsHandedIn() {
        try (Bench one = new Bench(Suite.AES_256_GCM, POOLS, new SeededEntropy(5));
                Bench two = new Bench(Suite.AES_256_GCM, POOLS, new SeededEntropy(5));
                Bench none = new Bench(Suite.AES_256_GCM, POOLS, (segment, at, length) -> {})) {
            one.sealer.loadKey(one.text, 0);
            two.sealer.loadKey(two.text, 0);
            one.sealer.salt(one.text, 100);
            two.sealer.salt(two.text, 100);
            assertEquals(-1, one.text.mismatch(two.text), "one seed, one salt");
            assertThrows(IllegalStateException.class, () -> none.sealer.loadKey(none.text, 0));
            none.sealer.checkInvariants();
        }
    }

    @Test
    void whatLiesInTheSealersOwnMemoryIsRefused() {
        try (Bench bench = new Bench(Suite.AES_256_GCM)) {
            MemorySegment own = bench.memory;
            for (long at : new long[] {0, OneShotSealer.plan(Suite.AES_256_GCM).offsetOf("salt"), own.byteSize() - 32}) {
                assertThrows(IllegalArgumentException.class, () -> bench.sealer.loadKey(own, at));
                assertThrows(IllegalArgumentException.class, () -> bench.sealer.loadToOpen(bench.text, 0, own, at));
            }
            bench.sealer.loadKey(bench.text, 0);
            byte[] before = own.toArray(ValueLayout.JAVA_BYTE);
            for (long at : new long[] {0, OneShotSealer.plan(Suite.AES_256_GCM).offsetOf("salt"), own.byteSize() - 32}) {
                assertThrows(IllegalArgumentException.class, () -> bench.sealer.trySeal(own, at, 32));
                assertThrows(IllegalArgumentException.class, () -> bench.sealer.salt(own, at));
            }
            assertArrayEquals(before, own.toArray(ValueLayout.JAVA_BYTE));
        }
    }

    @ParameterizedTest
    @EnumSource(Suite.class)
    void picksTheClassByTheTextAndOpensInPlace(Suite suite) {
        try (Bench bench = new Bench(suite)) {
            bench.sealer.loadKey(bench.text, 0);
            bench.sealer.checkInvariants();
            assertEquals(4080, bench.sealer.textBytesMax());
            int[][] cases = {{0, 256}, {1, 256}, {240, 256}, {241, 1024}, {1008, 1024}, {1009, 4096}, {4080, 4096}};
            for (int[] one : cases) {
                PooledBuffer block = bench.sealer.seal(bench.text, 0, one[0]);
                bench.sealer.checkInvariants();
                assertEquals(one[1], block.capacity(), one[0] + " bytes");
                assertEquals(one[0] + 16, block.length());
                if (one[0] > 8) {
                    assertNotEquals(0x6161616161616161L, block.segment().get(ValueLayout.JAVA_LONG_UNALIGNED, 0));
                    assertNotEquals(0x6161616161616161L, block.segment().get(ValueLayout.JAVA_LONG_UNALIGNED, one[0] - 8));
                }
                assertEquals(SessionRefusal.FORGED.code(), bench.sealer.open(block, bench.sealer.sequence() + 1));
                assertEquals(SessionRefusal.MALFORMED.code(), bench.sealer.open(block, -1));
                assertEquals(SessionRefusal.MALFORMED.code(), bench.sealer.open(block, suite.messagesMax()));
                assertEquals(one[0], bench.sealer.open(block, bench.sealer.sequence()));
                assertEquals(one[0], block.length());
                bench.sealer.checkInvariants();
                assertEquals(-1, block.segment().asSlice(0, one[0]).mismatch(bench.text.asSlice(0, one[0])));
                block.length(Math.min(15, one[0]));
                assertEquals(SessionRefusal.MALFORMED.code(), bench.sealer.open(block, 0));
                long address = block.segment().address();
                block.close();
                assertEquals(0, RawMemory.nonZero(address, one[1]));
            }
            assertEquals(cases.length - 1, bench.sealer.sequence());
            assertThrows(IllegalArgumentException.class, () -> bench.sealer.seal(bench.text, 0, 4081));
            assertThrows(IllegalArgumentException.class, () -> bench.sealer.trySeal(bench.text, 0, -1));
            assertThrows(IndexOutOfBoundsException.class, () -> bench.sealer.trySeal(bench.text, 4990, 11));
            assertThrows(IllegalArgumentException.class, () -> bench.sealer.refusal(4081));
            assertThrows(IllegalArgumentException.class,
                    () -> bench.sealer.seal(MemorySegment.ofArray(new byte[10]), 0, 10), "a text on the heap");
        }
    }

    @ParameterizedTest
    @EnumSource(Suite.class)
    void aStoredSecretLoadedAgainNeverSealsUnderTheSameKey(Suite suite) {
        try (Bench bench = new Bench(suite)) {
            MemorySegment salts = bench.arena.allocate(64);
            List<PooledBuffer> blocks = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                bench.sealer.loadKey(bench.text, 0);
                bench.sealer.salt(salts, 32L * i);
                blocks.add(bench.sealer.seal(bench.text, 0, 100));
                assertEquals(0, bench.sealer.sequence());
                bench.sealer.wipe();
            }
            assertNotEquals(-1, salts.asSlice(0, 32).mismatch(salts.asSlice(32, 32)));
            assertNotEquals(-1, blocks.get(0).segment().asSlice(0, 100).mismatch(blocks.get(1).segment().asSlice(0, 100)),
                    "one key stream under two texts");
            bench.sealer.loadKey(bench.text, 0);
            assertEquals(SessionRefusal.FORGED.code(), bench.sealer.open(blocks.get(0), 0), "another load's key");
            bench.sealer.wipe();
            for (int i = 0; i < 2; i++) {
                bench.sealer.loadToOpen(bench.text, 0, salts, 32L * i);
                if (i == 0) {
                    assertEquals(SessionRefusal.FORGED.code(), bench.sealer.open(blocks.get(1), 0));
                }
                assertEquals(100, bench.sealer.open(blocks.get(i), 0));
                assertThrows(IllegalStateException.class, () -> bench.sealer.seal(bench.text, 0, 1));
                assertThrows(IllegalStateException.class, () -> bench.sealer.trySeal(bench.text, 0, 1));
                assertThrows(IllegalStateException.class, () -> bench.sealer.refusal(1));
                assertThrows(IllegalStateException.class, () -> bench.sealer.loadKey(bench.text, 0));
                bench.sealer.checkInvariants();
                bench.sealer.wipe();
                bench.sealer.checkInvariants();
                blocks.get(i).close();
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Suite.class)
    void saysWhyItRefuses(Suite suite) {
        try (Bench bench = new Bench(suite)) {
            assertThrows(IllegalStateException.class, () -> bench.sealer.trySeal(bench.text, 0, 1));
            bench.sealer.loadKey(bench.text, 0);
            assertThrows(IllegalStateException.class, () -> bench.sealer.loadKey(bench.text, 0));
            int[] lengths = {4000, 1000, 100};
            OneShotSealer.Refusal[] reasons = {OneShotSealer.Refusal.LARGE_EXHAUSTED,
                    OneShotSealer.Refusal.MEDIUM_EXHAUSTED, OneShotSealer.Refusal.SMALL_EXHAUSTED};
            for (int i = 0; i < lengths.length; i++) {
                int length = lengths[i];
                List<PooledBuffer> held = new ArrayList<>();
                for (int j = 0; j < 4 << i; j++) {
                    assertEquals(OneShotSealer.Refusal.NONE, bench.sealer.refusal(length));
                    held.add(bench.sealer.trySeal(bench.text, 0, length));
                }
                long sequence = bench.sealer.sequence();
                assertNull(bench.sealer.trySeal(bench.text, 0, length));
                assertEquals(reasons[i], bench.sealer.refusal(length));
                assertThrows(PoolExhaustedException.class, () -> bench.sealer.seal(bench.text, 0, length));
                assertEquals(sequence, bench.sealer.sequence());
                held.forEach(PooledBuffer::close);
            }
            SessionKey.next(bench.memory, 0, suite.messagesMax() - 1);
            bench.sealer.seal(bench.text, 0, 1).close();
            assertEquals(suite.messagesMax() - 1, bench.sealer.sequence());
            assertTrue(bench.sealer.isUsedUp());
            assertNull(bench.sealer.trySeal(bench.text, 0, 1));
            assertEquals(OneShotSealer.Refusal.KEY_USED_UP, bench.sealer.refusal(1));
            assertThrows(SessionExhaustedException.class, () -> bench.sealer.seal(bench.text, 0, 1));
            bench.sealer.wipe();
            assertEquals(0, RawMemory.nonZero(bench.memory, 0, (int) SessionKey.directionBytes(suite) + 64));
        }
    }

    @Test
    void anySizesOfClassesServe() {
        SizeClassPools.Config odd = new SizeClassPools.Config("classes", new Blocks(64, 1), new Blocks(128, 1),
                new Blocks(192, 1), new Blocks(8192, 1), new Blocks(64, 1));
        try (Bench bench = new Bench(Suite.CHACHA20_POLY1305, odd)) {
            bench.sealer.loadKey(bench.text, 0);
            int[][] cases = {{112, 128}, {113, 192}, {176, 192}, {177, 8192}, {5000, 8192}};
            for (int[] one : cases) {
                try (PooledBuffer block = bench.sealer.trySeal(bench.text, 0, one[0])) {
                    assertEquals(one[1], block.capacity());
                    assertEquals(one[0], bench.sealer.open(block, bench.sealer.sequence()));
                }
            }
            assertEquals(8176, bench.sealer.textBytesMax());
        }
    }

    @ParameterizedTest
    @EnumSource(Suite.class)
    void memoryThatCannotBeUsedLeavesNoKeyNoBlockAndNoSecret(Suite suite) {
        try (Bench bench = new Bench(suite)) {
            Arena closed = Arena.ofConfined();
            MemorySegment gone = closed.allocate(4000);
            closed.close();
            assertThrows(IllegalStateException.class, () -> bench.sealer.loadKey(gone, 0));
            assertThrows(IllegalStateException.class, () -> bench.sealer.loadToOpen(bench.text, 0, gone, 0));
            assertThrows(IllegalArgumentException.class, () -> bench.sealer.loadKey(MemorySegment.ofArray(new byte[32]), 0));
            assertThrows(IndexOutOfBoundsException.class, () -> bench.sealer.loadKey(bench.text, 4969));
            assertThrows(IllegalStateException.class, () -> bench.sealer.seal(bench.text, 0, 1), "no key is loaded");
            bench.sealer.checkInvariants();
            bench.sealer.loadKey(bench.text, 4968);
            for (int i = 0; i < 5; i++) {  // of four large blocks
                assertThrows(IllegalStateException.class, () -> bench.sealer.seal(gone, 0, 4000));
            }
            assertThrows(IndexOutOfBoundsException.class, () -> bench.sealer.salt(bench.text, 4969));
            bench.sealer.seal(bench.text, 0, 4000).close();
            assertEquals(0, bench.sealer.sequence());
        }
    }

    @Test
    void aSealerLiesOffTheHeapAlignedAndItsHeapIsWhatJolCounts() {
        for (Suite suite : Suite.values()) {
            try (Bench bench = new Bench(suite)) {
                long bytes = OneShotSealer.plan(suite).totalBytes();
                MemorySegment memory = bench.arena.allocate(bytes + 64, 64);
                for (MemorySegment wrong : List.of(memory, memory.asSlice(0, bytes - 64), memory.asSlice(8, bytes),
                        memory.asSlice(0, bytes).asReadOnly(), MemorySegment.ofArray(new byte[(int) bytes]),
                        MemorySegment.ofArray(new long[(int) bytes / 8]))) {
                    assertThrows(IllegalArgumentException.class, () -> new OneShotSealer(suite, wrong, bench.pools, Entropy.SYSTEM));
                }
                assertEquals(0, RawMemory.nonZero(memory, 0, (int) bytes));
                assertEquals(OneShotSealer.plan(suite).heapBytes(),
                        ObjectBytes.beside(bench.sealer, suite, bench.pools, bench.memory, Entropy.SYSTEM, MemorySegment.NULL));
            }
        }
    }
}
