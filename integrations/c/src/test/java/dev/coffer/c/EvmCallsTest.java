package dev.coffer.c;

import static dev.coffer.c.Native.none;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.coffer.evm.memory.EvmMemory;
import dev.coffer.evm.memory.EvmMemoryConfig;
import dev.coffer.evm.memory.MemoryResult;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The EVM's memory from C beside the same in Java.
class EvmCallsTest {
    private static final int MEMORY_BYTES = 256 << 10;
    private static final int COMMITTED_BYTES = 448 << 10;

    private Native c;
    private MemorySegment answer;

    @BeforeEach
    void open() {
        c = new Native(CTableConfig.defaults().withMemories(3).withMemoryBytes(MEMORY_BYTES).withCommittedBytes(COMMITTED_BYTES));
        answer = c.number();
    }

    @AfterEach
    void close() {
        c.close();
    }

    private long create() {
        assertEquals("OK", c.call("evm_create", answer));
        return Native.value(answer);
    }

    private long ask(String what, Object... arguments) {
        Object[] all = Arrays.copyOf(arguments, arguments.length + 1);
        all[arguments.length] = answer;
        assertEquals("OK", c.call(what, all));
        return Native.value(answer);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void anyOperationsDoWhatTheyDoInJava(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        long memory = create();
        MemorySegment data = c.random(4096, seed);
        MemorySegment here = c.bytes(4096);
        MemorySegment there = c.bytes(4096);
        EvmMemoryConfig config = EvmMemoryConfig.of(MEMORY_BYTES).withSavedBytesMax(0).withFramesMax(1);
        try (EvmMemory java = EvmMemory.open(config)) {
            for (int i = 0; i < 2000; i++) {
                long offset = switch (random.nextInt(8)) {
                    case 0 -> MEMORY_BYTES - random.nextInt(64);
                    case 1 -> random.nextLong();
                    default -> random.nextInt(20_000);
                };
                long from = random.nextInt(20_000);
                int bytes = random.nextInt(4) == 0 ? random.nextInt(33) : random.nextInt(4096);
                String expected = "OK";
                String name;
                switch (random.nextInt(10)) {
                    case 0 -> {
                        name = c.call("evm_write_byte", memory, offset, bytes & 0xff);
                        expected = code(java.tryExpand(offset, 1));
                        if (expected.equals("OK")) {
                            java.storeByte(offset, bytes);
                        }
                    }
                    case 1 -> {
                        name = c.call("evm_write_word", memory, offset, data.address());
                        expected = code(java.tryExpand(offset, 32));
                        if (expected.equals("OK")) {
                            java.store(offset, data, 0, 32);
                        }
                    }
                    case 2 -> {
                        name = c.call("evm_write", memory, offset, data.address(), bytes);
                        expected = code(java.tryExpand(offset, bytes));
                        if (expected.equals("OK")) {
                            java.store(offset, data, 0, bytes);
                        }
                    }
                    case 3 -> {
                        name = c.call("evm_copy", memory, offset, from, bytes);
                        expected = code(java.tryExpand(Long.compareUnsigned(offset, from) > 0 ? offset : from, bytes));
                        if (expected.equals("OK")) {
                            java.copy(offset, from, bytes);
                        }
                    }
                    case 4 -> {
                        name = c.call("evm_zero", memory, offset, bytes);
                        expected = code(java.tryExpand(offset, bytes));
                        if (expected.equals("OK")) {
                            java.zero(offset, bytes);
                        }
                    }
                    case 5 -> {
                        name = c.call("evm_ensure", memory, offset, bytes);
                        expected = code(java.tryExpand(offset, bytes));
                    }
                    case 6 -> {
                        here.fill((byte) 1);
                        there.fill((byte) 1);
                        name = c.call("evm_read", memory, offset, here.address(), bytes);
                        expected = bytes == 0 || bytes <= java.length() && offset >= 0 && offset <= java.length() - bytes ? "OK" : "BOUNDS";
                        if (expected.equals("OK") && bytes != 0) {
                            java.read(offset, there, 0, bytes);
                        }
                        assertEquals(-1, here.mismatch(there), "read of " + bytes + " at " + offset);
                    }
                    case 7 -> {
                        long cost = java.expansionCost(offset, bytes);
                        expected = cost == EvmMemory.UNPAYABLE ? "LIMIT" : "OK";
                        name = c.call("evm_expansion_cost", memory, offset, bytes, answer);
                        if (expected.equals("OK")) {
                            assertEquals(cost, Native.value(answer));
                        }
                    }
                    case 8 -> {
                        here.fill((byte) 1);
                        name = c.call("evm_read_byte", memory, offset, here.address());
                        expected = offset >= 0 && offset < java.length() ? "OK" : "BOUNDS";
                        assertEquals(expected.equals("OK") ? java.peekByte(offset) : 1, here.get(JAVA_BYTE, 0) & 0xff);
                    }
                    default -> {
                        name = random.nextInt(20) == 0 ? c.call("evm_reset", memory) : "OK";
                        if (Native.value(answer) >= 0 && ask("evm_size", memory) == 0) {
                            java.reset();
                        }
                    }
                }
                assertEquals(expected, name, "step " + i + " of seed " + seed);
                assertEquals(java.length(), ask("evm_size", memory));
            }
        }
        assertEquals(MEMORY_BYTES, ask("evm_capacity", memory));
    }

    private static String code(MemoryResult result) {
        return result == MemoryResult.OK ? "OK" : result == MemoryResult.BUDGET_LIMIT ? "FULL" : "LIMIT";
    }

    @Test
    void eachLengthHasAnEdge() {
        long memory = create();
        MemorySegment room = c.bytes(64);
        assertEquals("OK", c.call("evm_write_word", memory, MEMORY_BYTES - 32, room.address()));
        assertEquals("LIMIT", c.call("evm_write_word", memory, MEMORY_BYTES - 31, room.address()));
        assertEquals("OK", c.call("evm_write_byte", memory, MEMORY_BYTES - 1, 255));
        assertEquals("LIMIT", c.call("evm_write_byte", memory, MEMORY_BYTES, 255));
        assertEquals("VALUE", c.call("evm_write_byte", memory, 0, 256));
        assertEquals("VALUE", c.call("evm_write_byte", memory, 0, -1));
        assertEquals("OK", c.call("evm_read_byte", memory, MEMORY_BYTES - 1, room.address()));
        assertEquals(255, room.get(JAVA_BYTE, 0) & 0xff);
        assertEquals("BOUNDS", c.call("evm_read_byte", memory, MEMORY_BYTES, room.address()));
        assertEquals("OK", c.call("evm_read_word", memory, MEMORY_BYTES - 32, room.address()));
        assertEquals("BOUNDS", c.call("evm_read_word", memory, MEMORY_BYTES - 31, room.address()));
        assertEquals("BOUNDS", c.call("evm_read", memory, -1, room));
        assertEquals("BOUNDS", c.call("evm_read", memory, Long.MIN_VALUE, room));
        assertEquals("OK", c.call("evm_read", memory, -1, -1L, 0));
        assertEquals("OK", c.call("evm_write", memory, -1, -1L, 0));
        assertEquals("OK", c.call("evm_write", memory, -1, none()), "no bytes are no bytes, anywhere");
        assertEquals("OK", c.call("evm_copy", memory, -1, 5, 0));
        assertEquals("OK", c.call("evm_zero", memory, -1, 0));
        assertEquals("OK", c.call("evm_ensure", memory, 0, MEMORY_BYTES));
        assertEquals("LIMIT", c.call("evm_ensure", memory, 0, MEMORY_BYTES + 1));
        assertEquals("LIMIT", c.call("evm_ensure", memory, 1, -1), "a size of 2^64 - 1");
        assertEquals("LIMIT", c.call("evm_ensure", memory, 1L << 32, 1));
        assertEquals("OK", c.call("evm_expansion_cost", memory, 1L << 32, 1, answer));
        assertEquals("LIMIT", c.call("evm_expansion_cost", memory, (1L << 32) + 1, 1, answer));
    }

    @Test
    void allMemoriesTogetherCommitNoMoreThanIsPlannedAndADestroyedOneGivesItBack() {
        long first = create();
        long second = create();
        long third = create();
        assertEquals("FULL", c.call("evm_create", answer));
        assertEquals("OK", c.call("evm_ensure", first, 0, MEMORY_BYTES));
        assertEquals("OK", c.call("evm_ensure", second, 0, COMMITTED_BYTES - MEMORY_BYTES), "to the limit");
        assertEquals("FULL", c.call("evm_write_byte", third, 0, 1), "one past it");
        assertEquals("FULL", c.call("evm_write_byte", second, COMMITTED_BYTES - MEMORY_BYTES, 1));
        assertEquals(0, ask("evm_size", third));
        assertEquals("OK", c.call("evm_destroy", first));
        assertEquals("OK", c.call("evm_write_byte", third, 0, 1));
        assertEquals("HANDLE", c.call("evm_write_byte", first, 0, 1));
        long again = create();
        assertEquals("HANDLE", c.call("evm_write_byte", first, 0, 1), "the place is another's now");
        assertEquals(0, ask("evm_size", again));
    }

    @Test
    void whatWasWrittenIsGoneAfterResetAndAfterDestroy() {
        MemorySegment data = c.random(100_000, 1);
        MemorySegment zeros = c.bytes(100_000);
        MemorySegment read = c.bytes(100_000);
        long memory = create();
        for (String ending : new String[] {"evm_reset", "evm_destroy"}) {
            assertEquals("OK", c.call("evm_write", memory, 0, data));
            assertEquals("OK", c.call(ending, memory));
            if (ending.equals("evm_destroy")) {
                assertEquals(0, CTable.held().committedBytes(), "all its pages were given back");
                memory = create();
            }
            assertEquals("BOUNDS", c.call("evm_read", memory, 0, read));
            assertEquals("OK", c.call("evm_ensure", memory, 0, 100_000));
            assertEquals("OK", c.call("evm_read", memory, 0, read));
            assertEquals(-1, read.mismatch(zeros));
        }
    }
}
