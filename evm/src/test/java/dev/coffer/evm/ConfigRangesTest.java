package dev.coffer.evm;

import static dev.coffer.testkit.RecordRanges.differences;
import static dev.coffer.testkit.RecordRanges.refuses;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.coffer.evm.memory.EvmMemory;
import dev.coffer.evm.memory.EvmMemoryConfig;
import dev.coffer.evm.opcode.Fork;
import dev.coffer.testkit.RecordRanges;
import dev.coffer.memory.Region;
import org.junit.jupiter.api.Test;

/// Each number of a configuration is taken at both edges of its range and refused past them; each way to another number changes that one.
class ConfigRangesTest {
    private static final InterpreterConfig MACHINE = InterpreterConfig.of(Fork.CANCUN);
    private static final EvmMemoryConfig MEMORY = EvmMemoryConfig.defaults();

    @Test
    void machinesAreTakenAtTheirEdges() {
        RecordRanges.check(MACHINE, "codeBytesMax", 1 << 16, 1 << 30);
        RecordRanges.check(MACHINE, "codesMax", 1026, 1 << 16);
        assertEquals(1025, MACHINE.withMemory(MEMORY.withFramesMax(1025)).memory().framesMax());
        assertThrows(IllegalArgumentException.class, () -> MACHINE.withMemory(MEMORY.withFramesMax(1024)));
        assertEquals(new InterpreterConfig(Fork.CANCUN, MEMORY, 8 << 20, 8192), MACHINE);
        assertEquals("memory", differences(MACHINE, MACHINE.withMemory(MEMORY.withFramesMax(1026))));
        assertEquals("fork", differences(MACHINE, MACHINE.withFork(Fork.OSAKA)));
        assertEquals("codeBytesMax", differences(MACHINE, MACHINE.withCodeBytesMax(1 << 16)));
        assertEquals("codesMax", differences(MACHINE, MACHINE.withCodesMax(1026)));
        assertEquals(Region.plan(EvmMemory.REGION, MACHINE.memory().plan()).totalBytes()
                + Region.plan(Interpreter.REGION, MACHINE.ownPlan()).totalBytes(), MACHINE.plan().totalBytes());
    }

    @Test
    void memoriesAreTakenAtTheirEdgesInWords() {
        RecordRanges.check(MEMORY, "framesMax", 1, 65_535);
        RecordRanges.check(MEMORY, "keptBytesMax", 0, 1L << 32);
        for (String bytes : new String[] {"treeBytesMax", "frameBytesMax", "savedBytesMax"}) {
            EvmMemoryConfig none = EvmMemoryConfig.of(0);
            long most = bytes.equals("frameBytesMax") ? 0 : 1L << 32;
            refuses(none, bytes, -32);
            refuses(none, bytes, 31);
            refuses(none, bytes, 33);
            refuses(none, bytes, most + 32);
        }
        assertEquals(1L << 32, EvmMemoryConfig.of(1L << 32).frameBytesMax());
        assertEquals(1L << 32, MEMORY.withSavedBytesMax(1L << 32).savedBytesMax());
        refuses(MEMORY, "frameBytesMax", MEMORY.treeBytesMax() + 32);
        assertEquals("treeBytesMax", differences(MEMORY, MEMORY.withTreeBytesMax(64 << 20)));
        assertEquals("treeBytesMax frameBytesMax", differences(MEMORY, MEMORY.withTreeBytesMax(32)), "a frame takes no more than its tree");
        assertEquals("frameBytesMax", differences(MEMORY, MEMORY.withFrameBytesMax(64)));
        assertEquals("savedBytesMax", differences(MEMORY, MEMORY.withSavedBytesMax(64)));
        assertEquals("framesMax", differences(MEMORY, MEMORY.withFramesMax(64)));
        assertEquals("keptBytesMax", differences(MEMORY, MEMORY.withKeptBytesMax(65)));
        assertEquals(new EvmMemoryConfig(32L << 20, 32L << 20, 1L << 20, 1025, 16L << 20, null), MEMORY);
    }

    @Test
    void worldsAreTakenAtTheirEdges() {
        WorldStateConfig config = WorldStateConfig.defaults();
        for (String part : new String[] {"accountsMax", "slotsMax", "logsMax", "undosMax"}) {
            edges(part, 1 << 24);
        }
        for (String part : new String[] {"codeBytesMax", "logBytesMax"}) {
            edges(part, 1 << 30);
        }
        assertEquals(new WorldStateConfig(4096, 1 << 14, 4 << 20, 1 << 20, 1 << 12, 1 << 15), config);
        assertEquals(new WorldStateConfig(1 << 15, 1 << 19, 32 << 20, 8 << 20, 1 << 17, 1 << 20), WorldStateConfig.block());
    }

    private static void edges(String part, int most) {
        for (int value : new int[] {0, 1, most, most + 1}) {
            WorldStateConfig config = WorldStateConfig.defaults();
            Runnable with = () -> {
                switch (part) {
                    case "accountsMax" -> assertEquals(value, config.withAccountsMax(value).accountsMax());
                    case "slotsMax" -> assertEquals(value, config.withSlotsMax(value).slotsMax());
                    case "logsMax" -> assertEquals(value, config.withLogsMax(value).logsMax());
                    case "undosMax" -> assertEquals(value, config.withUndosMax(value).undosMax());
                    case "codeBytesMax" -> assertEquals(value, config.withCodeBytesMax(value).codeBytesMax());
                    default -> assertEquals(value, config.withLogBytesMax(value).logBytesMax());
                }
            };
            if (value < 1 || value > most) {
                assertThrows(IllegalArgumentException.class, with::run, part + " " + value);
            } else {
                with.run();
            }
        }
    }
}
