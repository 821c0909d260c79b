package dev.coffer.evm.memory;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.memory.Budget;
import dev.coffer.testkit.RawMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/// From opening to closing: whose bytes they are, what is zero again, what a closed memory refuses, what stays committed;
/// and the operations that pay, pad and read.
class EvmMemoryLifeTest {
    private static final EvmMemoryConfig SMALL = EvmMemoryConfig.of(4096);

    private static void fill(EvmMemory memory, long bytes, int value) {
        memory.expand(0, bytes);
        for (long i = 0; i < bytes; i++) {
            memory.uncheckedStoreByte(i, value);
        }
    }

    /// Writes in every row: two frames, an output set aside, saved content.
    private static void writeEverywhere(EvmMemory memory) {
        fill(memory, 64, 0x11);
        memory.enter();
        fill(memory, 320, 0x22);
        memory.forget(memory.checkpointContent());
        memory.leave(64, 256);
        fill(memory, 1024, 0x33);
        assertTrue(memory.outputAt() >= 4096, "set aside");
        assertEquals(0x22, memory.data().get(ValueLayout.JAVA_BYTE, memory.outputAt()));
        memory.reset();
    }

    @Test
    void borrowedBytesAreZeroAgainForTheNextBorrower() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocate(SMALL.plan().totalBytes());
            EvmMemory borrowed = EvmMemory.over(SMALL, bytes);
            writeEverywhere(borrowed);
            assertTrue(RawMemory.nonZero(bytes) > 0);
            assertThrows(IllegalStateException.class, () -> borrowed.trim(0));
            borrowed.close();
            assertEquals(0, RawMemory.nonZero(bytes));
            try (EvmMemory next = EvmMemory.over(SMALL, bytes)) {
                next.expand(0, 4096);
                assertEquals(0, next.peekByte(7));
            }
        }
    }

    @Test
    void bytesThatCannotBeBorrowedAreRefused() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocate(SMALL.plan().totalBytes());
            assertThrows(IllegalArgumentException.class, () -> EvmMemory.over(SMALL, bytes.asReadOnly()));
            assertThrows(IllegalArgumentException.class, () -> EvmMemory.over(SMALL, bytes.asSlice(1)));
            assertThrows(IllegalArgumentException.class,
                    () -> EvmMemory.over(SMALL, MemorySegment.ofArray(new byte[(int) bytes.byteSize()])));
            EvmMemory.over(SMALL, bytes).close();
        }
    }

    @Test
    void aClosedMemoryRefusesEveryUseAndChargesNothing() {
        long[] s = new long[4];
        MemorySegment source = MemorySegment.ofArray(new byte[8]);
        Map<String, Consumer<EvmMemory>> uses = new LinkedHashMap<>();
        uses.put("tryExpand", m -> m.tryExpand(0, 1));
        uses.put("tryExpand with gas", m -> m.tryExpand(0, 1, 1000));
        uses.put("expand", m -> m.expand(0, 1));
        uses.put("expansionCost", m -> m.expansionCost(0, 1));
        uses.put("loadWord", m -> m.loadWord(0, s, 0));
        uses.put("storeWord", m -> m.storeWord(0, s, 0));
        uses.put("storeByte", m -> m.storeByte(0, 1));
        uses.put("store", m -> m.store(0, source, 0, 8));
        uses.put("storePadded", m -> m.storePadded(0, source, 0, 8));
        uses.put("copy", m -> m.copy(0, 1, 1));
        uses.put("zero", m -> m.zero(0, 1));
        uses.put("peekByte", m -> m.peekByte(0));
        uses.put("peekWord", m -> m.peekWord(0, s, 0));
        uses.put("slice", m -> m.slice(0, 0));
        uses.put("read", m -> m.read(0, new byte[0]));
        uses.put("read to memory", m -> m.read(0, source, 0, 0));
        uses.put("data", EvmMemory::data);
        uses.put("enter", EvmMemory::enter);
        uses.put("leave", m -> m.leave(0, 0));
        uses.put("clear", EvmMemory::clear);
        uses.put("reset", EvmMemory::reset);
        uses.put("trim", m -> m.trim(0));
        uses.put("checkpoint", EvmMemory::checkpoint);
        uses.put("checkpointContent", EvmMemory::checkpointContent);
        uses.put("restore", m -> m.restore(1));
        uses.put("forget", m -> m.forget(1));
        try (Arena arena = Arena.ofConfined()) {
            Budget budget = Budget.root("evm", 4 * EvmMemory.QUANTUM_BYTES);
            EvmMemoryConfig config = SMALL.withBudget(budget);
            MemorySegment bytes = arena.allocate(config.plan().totalBytes());
            for (EvmMemory memory : new EvmMemory[] {EvmMemory.open(config), EvmMemory.over(config, bytes)}) {
                memory.enter();
                fill(memory, 96, 9);
                memory.close();
                memory.close();
                assertEquals(0, budget.usedBytes(), "given back once");
                uses.forEach((name, use) -> {
                    IllegalStateException refused = assertThrows(IllegalStateException.class, () -> use.accept(memory), name);
                    assertEquals("EVM memory: closed", refused.getMessage(), name);
                });
                assertEquals(0, budget.usedBytes());
                assertEquals(0, memory.usedBytes());
                assertEquals(0, memory.wordsEnd(), "no offset holds a word");
                memory.checkInvariants();
            }
            assertEquals(0, RawMemory.nonZero(bytes));
        }
    }

    /// A closed arena of the lender's must not keep the budget.
    @Test
    void theBudgetIsGivenBackAlsoWhereTheLenderTookHisBytesAway() {
        Budget budget = Budget.root("evm", 4 * EvmMemory.QUANTUM_BYTES);
        EvmMemoryConfig config = SMALL.withBudget(budget);
        Arena arena = Arena.ofConfined();
        EvmMemory memory = EvmMemory.over(config, arena.allocate(config.plan().totalBytes()));
        fill(memory, 32, 1);
        arena.close();
        assertThrows(IllegalStateException.class, memory::close);
        assertEquals(0, budget.usedBytes());
    }

    // --- paying -----------------------------------------------------------------------------------------------------

    @Test
    void anExpansionIsPaidExactlyOrNothingChanges() {
        try (EvmMemory memory = EvmMemory.open(EvmMemoryConfig.of(1 << 20))) {
            long cost = EvmMemory.costOfWords(40);
            assertEquals(MemoryResult.OUT_OF_GAS, memory.tryExpand(0, 40 * 32, cost - 1));
            assertEquals(0, memory.paid());
            assertEquals(0, memory.length());
            assertEquals(MemoryResult.OK, memory.tryExpand(0, 40 * 32, cost));
            assertEquals(cost, memory.paid());
            assertEquals(40 * 32, memory.length());
            assertEquals(MemoryResult.OK, memory.tryExpand(7, 32, 0), "active already");
            assertEquals(0, memory.paid());
            assertEquals(MemoryResult.OUT_OF_GAS, memory.tryExpand(40 * 32, 1, 2), "one word more costs 3");
            assertEquals(MemoryResult.OK, memory.tryExpand(40 * 32, 1, 3));
            assertEquals(3, memory.paid());
            assertEquals(MemoryResult.OK, memory.tryExpand(-1, 0, 0));
            assertEquals(0, memory.paid());
        }
    }

    @Test
    void whatNoGasPaysIsAboveEveryGasAndALimitTakesNone() {
        try (EvmMemory memory = EvmMemory.open(SMALL)) {
            assertEquals(Long.MAX_VALUE, EvmMemory.UNPAYABLE);
            assertEquals(EvmMemory.UNPAYABLE, memory.expansionCost(-1, 1));
            assertEquals(MemoryResult.OUT_OF_GAS, memory.tryExpand(-1, 1, Long.MAX_VALUE));
            assertEquals(MemoryResult.TREE_LIMIT, memory.tryExpand(4096, 1, Long.MAX_VALUE));
            assertEquals(0, memory.paid());
        }
    }

    @Test
    void aChildCannotWriteBelowItself() {
        try (EvmMemory memory = EvmMemory.open(SMALL)) {
            fill(memory, 32, 5);
            memory.enter();
            for (long offset : new long[] {-1, -32, Long.MIN_VALUE}) {
                assertThrows(EvmMemoryLimitException.class, () -> memory.storeByte(offset, 1));
                assertThrows(EvmMemoryLimitException.class, () -> memory.storeWord(offset, new long[4], 0));
                assertThrows(EvmMemoryLimitException.class, () -> memory.zero(offset, 1));
            }
            memory.leave(0, 0);
            assertEquals(5, memory.peekByte(31));
        }
    }

    // --- padding and reading ----------------------------------------------------------------------------------------

    @Test
    void paddedStoresWriteWhatIsThereAndZerosBehindIt() {
        byte[] source = new byte[100];
        java.util.Arrays.fill(source, (byte) 7);
        long[] starts = {0, 1, 99, 100, 101, 1L << 40, Long.MAX_VALUE, -1};
        try (EvmMemory memory = EvmMemory.open(SMALL)) {
            for (long at : starts) {
                for (int size : new int[] {0, 1, 99, 100, 101, 200}) {
                    memory.clear();
                    fill(memory, 512, 0xee);
                    memory.storePadded(33, MemorySegment.ofArray(source), at, size);
                    byte[] found = new byte[512];
                    memory.read(0, found);
                    for (int i = 0; i < 512; i++) {
                        boolean inside = i >= 33 && i < 33 + size;
                        long from = at + i - 33;
                        int expected = !inside ? 0xee : at >= 0 && at < 100 && from < 100 ? 7 : 0;
                        assertEquals(expected, found[i] & 0xff, at + ", " + size + ": " + i);
                    }
                }
            }
            memory.clear();
            memory.storePadded(-1, MemorySegment.NULL, 0, 0);
            assertEquals(0, memory.length());
            assertThrows(EvmMemoryLimitException.class, () -> memory.storePadded(0, MemorySegment.NULL, 0, 4097));
        }
    }

    @Test
    void readingTakesActiveBytesOnly() {
        try (EvmMemory memory = EvmMemory.open(SMALL)) {
            fill(memory, 64, 3);
            byte[] some = new byte[10];
            memory.read(54, some);
            assertArrayEquals(new byte[] {3, 3, 3, 3, 3, 3, 3, 3, 3, 3}, some);
            assertThrows(IndexOutOfBoundsException.class, () -> memory.read(55, some));
            assertThrows(IndexOutOfBoundsException.class, () -> memory.read(-1, some));
            MemorySegment to = MemorySegment.ofArray(new byte[12]);
            memory.read(60, to, 8, 4);
            assertEquals(3, to.get(ValueLayout.JAVA_BYTE, 8));
            assertEquals(0, to.get(ValueLayout.JAVA_BYTE, 7));
            assertThrows(IndexOutOfBoundsException.class, () -> memory.read(60, to, 9, 4));
            assertThrows(IndexOutOfBoundsException.class, () -> memory.read(61, to, 0, 4));
            assertEquals(64, memory.length());
        }
    }

    // --- what stays committed ---------------------------------------------------------------------------------------

    @Test
    void resetKeepsNoMoreThanItsBound() {
        Budget budget = Budget.root("evm", 64 * EvmMemory.QUANTUM_BYTES);
        EvmMemoryConfig config = EvmMemoryConfig.of(4 << 20).withKeptBytesMax(128 << 10).withBudget(budget);
        try (EvmMemory memory = EvmMemory.open(config)) {
            fill(memory, 128 << 10, 1);
            memory.reset();
            assertEquals(128 << 10, memory.touchedBytes(), "at the bound all stays");
            fill(memory, (128 << 10) + 32, 1);
            memory.reset();
            assertEquals(128 << 10, memory.touchedBytes(), "past it the rest goes");
            assertEquals(128 << 10, budget.usedBytes());
            fill(memory, 2 << 20, 1);
            memory.reset();
            assertEquals(0, RawMemory.nonZero(memory.data(), (128 << 10), (2 << 20) - (128 << 10)));
            memory.expand(0, 4 << 20);
            assertEquals(0, memory.peekByte(77));
            assertEquals(0, memory.peekByte(3 << 20));
        }
        assertEquals(0, budget.usedBytes());
    }

    @Test
    void resetGivesBackAnOutputThatWasSetAside() {
        try (EvmMemory memory = EvmMemory.open(EvmMemoryConfig.of(1 << 20).withKeptBytesMax(4096))) {
            memory.enter();
            fill(memory, 8192, 0x44);
            memory.leave(0, 8192);
            memory.expand(0, 8192);
            long aside = memory.data().address() + memory.outputAt();
            assertEquals(8192, RawMemory.nonZero(aside, 8192));
            memory.reset();
            assertEquals(0, RawMemory.nonZero(aside, 8192));
        }
    }

    // --- handles and configuration ----------------------------------------------------------------------------------

    @Test
    void aCheckpointOfAnotherMemoryIsRefused() {
        try (EvmMemory one = EvmMemory.open(SMALL); EvmMemory two = EvmMemory.open(SMALL)) {
            long token = one.checkpoint();
            two.checkpoint();
            assertThrows(IllegalStateException.class, () -> two.restore(token));
            one.restore(token);
        }
    }

    @Test
    void eachPartOfTheConfigurationHasItsWay() {
        Budget budget = Budget.root("evm", 1);
        EvmMemoryConfig config = EvmMemoryConfig.defaults().withTreeBytesMax(1024).withFrameBytesMax(512).withSavedBytesMax(96)
                .withFramesMax(7).withKeptBytesMax(5).withBudget(budget);
        assertEquals(new EvmMemoryConfig(1024, 512, 96, 7, 5, budget), config);
        assertEquals(256, config.withTreeBytesMax(256).frameBytesMax(), "a frame is never above its tree");
        assertThrows(IllegalArgumentException.class, () -> config.withKeptBytesMax(-1));
        assertThrows(IllegalArgumentException.class, () -> config.withKeptBytesMax((1L << 32) + 1));
        assertEquals(1L << 32, config.withKeptBytesMax(1L << 32).keptBytesMax());
    }
}
