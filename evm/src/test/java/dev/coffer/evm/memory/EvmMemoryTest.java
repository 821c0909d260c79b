package dev.coffer.evm.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.evm.word.Word;
import dev.coffer.memory.Budget;
import dev.coffer.testkit.HeapBytes;
import dev.coffer.testkit.RawMemory;
import dev.coffer.testkit.Vectors;
import java.io.BufferedReader;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

class EvmMemoryTest {
    private final EvmMemory memory = EvmMemory.open(EvmMemoryConfig.of(1 << 20));
    private final long[] s = new long[8];

    @AfterEach
    void closes() {
        memory.checkInvariants();
        memory.close();
    }

    private void dirty(long bytes) {
        memory.expand(0, bytes);
        for (long i = 0; i < bytes; i++) {
            memory.uncheckedStoreByte(i, 0xaa);
        }
    }

    // --- expansion (faults 1, 2, 3, 8, 9, 13, 19 of the module this one follows) ------------------------------------

    @Test
    void byteAtZeroAndAtOneTakeOneWord() {
        memory.storeByte(0, 1);
        assertEquals(32, memory.length());
        memory.storeByte(1, 1);
        memory.storeByte(31, 1);
        assertEquals(32, memory.length());
        memory.storeByte(32, 1);
        assertEquals(64, memory.length());
    }

    /// What was zeroed ahead must be zeroed again once a frame has written there and ended.
    @Test
    void zeroedAheadIsForgottenWhenAFrameEnds() {
        dirty(4096);
        memory.clear();
        memory.storeByte(0, 1);                    // zeroes ahead of what is active
        memory.enter();
        for (int i = 0; i < 500; i++) {
            memory.storeByte(i, 0x55);             // writes into it
        }
        memory.leave(100, 32);
        assertEquals(0x55, RawMemory.read(memory.data(), memory.outputAt(), 1)[0]);
        memory.expand(0, 64);                      // grows next to the output, which must stay
        assertEquals(0, memory.peekByte(40));
        assertEquals(0x55, RawMemory.read(memory.data(), memory.outputAt(), 1)[0]);
        memory.expand(0, 3000);
        for (int i = 32; i < 3000; i++) {
            assertEquals(0, memory.peekByte(i), "byte " + i);
        }
        assertEquals(0x55, RawMemory.read(memory.data(), memory.outputAt() + 31, 1)[0]);
    }

    @Test
    void growsTheActiveLengthAndZeroesTheNewPartAndLittleMore() {
        dirty(4096);
        memory.clear();
        memory.storeByte(5, 7);
        assertEquals(32, memory.length());
        assertEquals(7, memory.peekByte(5));
        for (int i = 0; i < 32; i++) {
            assertEquals(i == 5 ? 7 : 0, memory.peekByte(i));
        }
        assertEquals(0xaa, RawMemory.read(memory.data(), 2048, 1)[0] & 0xff, "far from active, so not zeroed");
        memory.expand(95, 1);
        for (int i = 32; i < 96; i++) {
            assertEquals(0, memory.peekByte(i));
        }
        assertEquals(7, memory.peekByte(5));
    }

    @Test
    void zeroSizeNeverExpandsAtAnyOffset() {
        for (long offset : new long[] {0, 1, 31, 1L << 32, Long.MAX_VALUE, -1}) {
            assertEquals(0, memory.expansionCost(offset, 0));
            assertEquals(MemoryResult.OK, memory.tryExpand(offset, 0));
        }
        memory.store(-1, MemorySegment.NULL, 0, 0);
        memory.copy(-1, -1, 0);
        memory.zero(-1, 0);
        assertEquals(0, memory.length());
    }

    @Test
    void offsetsAndSizesPastFourGibibytesAreTooFarBeforeAnythingIsComputed() {
        long edge = EvmMemoryConfig.BYTES_MAX;
        for (long far : new long[] {edge + 1, 1L << 53, Long.MAX_VALUE, Long.MIN_VALUE, -1, -32}) {
            assertEquals(EvmMemory.UNPAYABLE, memory.expansionCost(far, 1));
            assertEquals(EvmMemory.UNPAYABLE, memory.expansionCost(0, far));
            assertEquals(MemoryResult.TOO_FAR, memory.tryExpand(far, 1));
            assertEquals(MemoryResult.TOO_FAR, memory.tryExpand(1, far));
        }
        assertTrue(memory.expansionCost(edge, 32) > 0);
        assertEquals(MemoryResult.TREE_LIMIT, memory.tryExpand(edge, 32));
        assertEquals(0, memory.length());
    }

    @Test
    void lengthIsAMultipleOfWordsAfterEveryOperation() {
        memory.store(3, MemorySegment.ofArray(new byte[70]), 0, 70);
        assertEquals(96, memory.length());
        memory.copy(90, 0, 7);
        assertEquals(128, memory.length());
        memory.zero(120, 9);
        assertEquals(160, memory.length());
        memory.storeWord(130, s, 0);
        assertEquals(192, memory.length());
    }

    @Test
    void accessesNeedNoAlignment() {
        Word.set(s, 0, 0x1122334455667788L);
        memory.storeWord(13, s, 0);
        memory.loadWord(13, s, 4);
        assertTrue(Word.equal(s, 0, s, 4));
        assertEquals(0x88, memory.peekByte(13 + 31));
        assertEquals(64, memory.length());
    }

    // --- cost (faults 4 and 7) --------------------------------------------------------------------------------------

    @Test
    void costMatchesEveryRowOfTheTable() throws IOException {
        Assumptions.assumeTrue(Vectors.present("evm/memory-cost.csv"), Vectors.absence("evm/memory-cost.csv"));
        int rows = 0;
        long previousWords = 0;
        long previousCost = 0;
        try (BufferedReader in = Vectors.reader("evm/memory-cost.csv")) {
            in.readLine();
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                long[] row = Arrays.stream(line.split(",")).mapToLong(Long::parseLong).toArray();
                assertEquals(row[2], EvmMemory.costOfWords(row[0]), line);
                assertEquals(32 * row[0], row[1]);
                if (row[1] <= 1 << 20 && row[0] >= previousWords) {
                    assertEquals(row[2] - previousCost, memory.expansionCost(0, row[1]), line);
                    memory.expand(0, row[1]);
                    assertEquals(row[2], memory.cost());
                    previousWords = row[0];
                    previousCost = row[2];
                }
                rows++;
            }
        }
        assertEquals(58, rows);
        assertTrue(previousWords > 1000);
    }

    @Test
    void costOfTheLargestReachableMemoryDoesNotOverflow() {
        long words = 2 * EvmMemoryConfig.BYTES_MAX / 32;
        assertEquals(3 * words + words * words / 512, EvmMemory.costOfWords(words));
        assertTrue(EvmMemory.costOfWords(words) > 0);
    }

    @Test
    void quotingChangesNothing() {
        memory.expand(0, 32);
        long quote = memory.expansionCost(1000, 100);
        assertEquals(quote, memory.expansionCost(1000, 100));
        memory.expansionCost(5000, 1);
        assertEquals(quote, memory.expansionCost(1000, 100));
        assertEquals(32, memory.length());
        assertEquals(3, memory.cost());
    }

    // --- frames (faults 15, 16, 17, 18) -----------------------------------------------------------------------------

    @Test
    void leavingAFrameRestoresLengthAndCostAndItsBytesReadZeroAgain() {
        dirty(64);
        long cost = memory.cost();
        memory.enter();
        assertEquals(0, memory.length());
        dirty(320);
        assertEquals(384, memory.usedBytes());
        memory.leave(0, 0);
        assertEquals(64, memory.length());
        assertEquals(cost, memory.cost());
        memory.expand(64, 256);
        for (int i = 64; i < 320; i++) {
            assertEquals(0, memory.peekByte(i));
        }
        memory.enter();
        memory.expand(0, 64);
        for (int i = 0; i < 64; i++) {
            assertEquals(0, memory.peekByte(i));
        }
        memory.leave(0, 0);
    }

    @Test
    void aChildCannotBeSeenByItsParent() {
        dirty(32);
        memory.enter();
        dirty(32);
        memory.leave(0, 0);
        assertThrows(IndexOutOfBoundsException.class, () -> memory.peekByte(32));
        assertThrows(IndexOutOfBoundsException.class, () -> memory.peekWord(1, s, 0));
        assertThrows(IndexOutOfBoundsException.class, () -> memory.slice(0, 33));
        assertThrows(IndexOutOfBoundsException.class, () -> memory.peekByte(-1));
    }

    @Test
    void aChildsBytesArePeekedWhereTheyLie() {
        dirty(64);
        memory.enter();
        memory.expand(0, 96);
        Word.set(s, 0, 0x0102030405060708L);
        memory.storeWord(64, s, 0);
        memory.peekWord(64, s, 4);
        assertEquals(0x0102030405060708L, s[4]);
        memory.peekWord(32, s, 4);
        assertTrue(Word.isZero(s, 4), "and not the parent's");
        assertEquals(8, memory.peekByte(95));
        assertEquals(8, memory.slice(64, 32).get(java.lang.foreign.ValueLayout.JAVA_BYTE, 31));
        memory.leave(0, 0);
    }

    @Test
    void outputOfAFrameStaysWhereItIsUntilItsCallerGrowsOverIt() {
        dirty(32);
        memory.enter();
        memory.expand(0, 96);
        memory.uncheckedStoreByte(40, 0x11);
        memory.leave(40, 20);
        assertEquals(32 + 40, memory.outputAt(), "not copied");
        memory.expand(0, 64);
        assertEquals(32 + 40, memory.outputAt(), "still not");
        memory.expand(64, 32);
        assertTrue(memory.outputAt() > 1 << 19, "set aside");
        assertEquals(20, memory.outputLength());
        assertEquals(0x11, memory.data().get(java.lang.foreign.ValueLayout.JAVA_BYTE, memory.outputAt()));
        assertEquals(0, memory.peekByte(72), "grown memory is zero all the same");
        memory.enter();
        assertEquals(0, memory.outputLength());
        memory.leave(0, 0);
    }

    @Test
    void eachLimitHasItsOwnErrorAndIsExactToTheWord() {
        try (EvmMemory small = EvmMemory.open(EvmMemoryConfig.of(1024).withFrameBytesMax(512))) {
            assertEquals(MemoryResult.FRAME_LIMIT, small.tryExpand(0, 513));
            assertEquals(0, small.length());
            assertEquals(MemoryResult.OK, small.tryExpand(0, 512));
            small.enter();
            assertEquals(MemoryResult.OK, small.tryExpand(0, 480));
            small.enter();
            assertEquals(MemoryResult.TREE_LIMIT, small.tryExpand(0, 33));
            assertEquals(MemoryResult.OK, small.tryExpand(0, 32));
            EvmMemoryLimitException refused = assertThrows(EvmMemoryLimitException.class, () -> small.expand(0, 64));
            assertEquals(MemoryResult.TREE_LIMIT, refused.result());
            assertEquals(1024, small.peakBytes());
        }
    }

    @Test
    void aSharedBudgetRefusesInQuantaAndGetsEverythingBack() {
        Budget budget = Budget.root("evm", 3 * EvmMemory.QUANTUM_BYTES);
        EvmMemoryConfig config = EvmMemoryConfig.of(1 << 20).withBudget(budget);
        try (EvmMemory one = EvmMemory.open(config); EvmMemory two = EvmMemory.open(config)) {
            assertEquals(MemoryResult.OK, one.tryExpand(0, EvmMemory.QUANTUM_BYTES + 1));
            assertEquals(2 * EvmMemory.QUANTUM_BYTES, budget.usedBytes());
            assertEquals(MemoryResult.OK, two.tryExpand(0, 1));
            assertEquals(MemoryResult.BUDGET_LIMIT, two.tryExpand(0, EvmMemory.QUANTUM_BYTES + 1));
            assertEquals(32, two.length());
            one.reset();
            one.trim(0);
            assertEquals(EvmMemory.QUANTUM_BYTES, budget.usedBytes());
            assertEquals(MemoryResult.OK, two.tryExpand(0, EvmMemory.QUANTUM_BYTES + 1));
        }
        assertEquals(0, budget.usedBytes());
    }

    @Test
    void trimmedPagesReadZeroAndCommitAgain() {
        dirty(64 << 10);
        memory.clear();
        assertEquals(64 << 10, memory.touchedBytes());
        memory.trim(0);
        assertEquals(0, memory.touchedBytes());
        assertEquals(0, RawMemory.nonZero(memory.data(), 0, 64 << 10));
        memory.storeByte(100, 1);
        assertEquals(0, memory.peekByte(99));
    }

    // --- checkpoints ------------------------------------------------------------------------------------------------

    @Test
    void restoringACheckpointBringsBackLengthAndCost() {
        memory.expand(0, 64);
        long checkpoint = memory.checkpoint();
        memory.expand(0, 640);
        memory.restore(checkpoint);
        assertEquals(64, memory.length());
        assertEquals(6, memory.cost());
    }

    @Test
    void contentCheckpointBringsBackOverwrittenBytes() {
        Word.set(s, 0, 42);
        memory.storeWord(0, s, 0);
        long checkpoint = memory.checkpointContent();
        Word.set(s, 0, 99);
        memory.storeWord(0, s, 0);
        memory.storeWord(320, s, 0);
        memory.restore(checkpoint);
        memory.peekWord(0, s, 4);
        assertEquals(42, s[4]);
        assertEquals(32, memory.length());
        memory.loadWord(320, s, 4);
        assertTrue(Word.isZero(s, 4), "what came after the checkpoint reads zero");
    }

    @Test
    void checkpointsAreRestoredInReverseOrderOrRefused() {
        long first = memory.checkpoint();
        long second = memory.checkpointContent();
        assertThrows(IllegalStateException.class, () -> memory.restore(first));
        memory.forget(second);
        assertThrows(IllegalStateException.class, () -> memory.restore(second));
        memory.restore(first);
        assertThrows(IllegalStateException.class, () -> memory.restore(first));
        assertThrows(IllegalStateException.class, () -> memory.restore(12345));
    }

    @Test
    void checkpointOfAnotherDepthIsRefused() {
        long outer = memory.checkpoint();
        memory.enter();
        assertThrows(IllegalStateException.class, () -> memory.restore(outer));
        long inner = memory.checkpoint();
        memory.leave(0, 0);
        assertThrows(IllegalStateException.class, () -> memory.restore(inner));
        memory.restore(outer);
    }

    @Test
    void contentCheckpointPastItsRoomIsRefusedByACode() {
        EvmMemoryConfig config = EvmMemoryConfig.of(4096).withSavedBytesMax(64);
        try (EvmMemory small = EvmMemory.open(config)) {
            small.expand(0, 96);
            assertEquals(-1, small.checkpointContent());
            small.clear();
            small.expand(0, 64);
            long held = small.checkpointContent();
            assertTrue(held > 0);
            assertEquals(-1, small.checkpointContent());
            small.restore(held);
            assertTrue(small.checkpointContent() > 0);
        }
    }

    // --- the rest of the surface ------------------------------------------------------------------------------------

    @Test
    void copyMovesOverlappingBytesBothWays() {
        for (int[] ranges : new int[][] {{0, 5}, {5, 0}, {3, 3}}) {
            memory.clear();
            memory.expand(0, 64);
            for (int i = 0; i < 64; i++) {
                memory.uncheckedStoreByte(i, i);
            }
            memory.copy(ranges[0], ranges[1], 40);
            for (int i = 0; i < 40; i++) {
                assertEquals(ranges[1] + i, memory.peekByte(ranges[0] + i));
            }
        }
    }

    /// What is zero ahead of a frame may lie past its limit.
    @Test
    void aFrameEndsAtItsLimitWhereverZerosEnd() {
        try (EvmMemory limited = EvmMemory.open(EvmMemoryConfig.of(1 << 12).withFrameBytesMax(512))) {
            limited.expand(0, 512);
            limited.enter();
            limited.expand(0, 512);                  // more than a frame has been touched
            limited.reset();
            limited.expand(0, 448);
            assertEquals(MemoryResult.OK, limited.tryExpand(480, 32));
            assertEquals(MemoryResult.FRAME_LIMIT, limited.tryExpand(512, 1));
            assertEquals(512, limited.length());
            limited.checkInvariants();
        }
    }

    @Test
    void configurationIsValidated() {
        assertThrows(IllegalArgumentException.class, () -> EvmMemoryConfig.of(0xffffff));
        assertThrows(IllegalArgumentException.class, () -> EvmMemoryConfig.of((1L << 32) + 32));
        assertThrows(IllegalArgumentException.class, () -> EvmMemoryConfig.of(64).withFrameBytesMax(96));
        assertThrows(IllegalArgumentException.class, () -> EvmMemoryConfig.of(64).withFramesMax(0));
        assertEquals(1L << 32, EvmMemoryConfig.of(1L << 32).treeBytesMax());
    }

    @Test
    void steadyStateAllocatesNoHeapBytes() {
        Runnable work = () -> {
            memory.reset();
            for (int frame = 0; frame < 64; frame++) {
                for (int i = 0; i < 1056; i += 32) {
                    memory.loadWord(i, s, 0);
                    memory.storeWord(i + 1, s, 0);
                }
                memory.storeByte(2000, 1);
                memory.copy(100, 0, 500);
                memory.enter();
            }
            for (int frame = 0; frame < 64; frame++) {
                memory.expand(0, 64);
                memory.forget(memory.checkpoint());
                memory.leave(0, 64);
            }
            memory.tryExpand(1L << 30, 1);
        };
        assertEquals(0, HeapBytes.least(5, 3, work));
    }

    @Test
    void asManyCheckpointsAsThereAreFramesAndNotOneMore() {
        try (EvmMemory small = EvmMemory.open(EvmMemoryConfig.of(4096).withFramesMax(3).withSavedBytesMax(4096))) {
            small.expand(0, 64);
            long[] held = new long[3];
            for (int i = 0; i < 3; i++) {
                held[i] = i == 1 ? small.checkpointContent() : small.checkpoint();
            }
            assertThrows(IllegalStateException.class, small::checkpoint);
            assertThrows(IllegalStateException.class, small::checkpointContent);
            for (int i = 2; i >= 0; i--) {
                small.restore(held[i]);
            }
            assertTrue(small.checkpoint() > 0);
        }
    }
}
