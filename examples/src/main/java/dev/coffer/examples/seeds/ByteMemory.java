package dev.coffer.examples.seeds;

import dev.coffer.evm.memory.EvmMemory;
import dev.coffer.evm.memory.EvmMemoryConfig;
import dev.coffer.evm.memory.MemoryResult;
import dev.coffer.evm.word.Word;
import dev.coffer.memory.ConstantTime;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.util.Arrays;

/// The examples of the page on an EVM's memory module (Guillotine): words, bytes, expansion, gas, checkpoints.
public final class ByteMemory {
    private static final EvmMemoryConfig CONFIG = EvmMemoryConfig.of(1024 * 1024);

    private ByteMemory() {}

    public static void main(String[] arguments) {
        basicOperations();
        expansion();
        byteOperations();
        bulkOperations();
        checkpoints();
        gas();
        gasOfAFrame();
        nestedFrames();
        errors();
        borrowed();
    }

    private static void basicOperations() {
        Beside.example("EVM memory: words");
        try (EvmMemory memory = EvmMemory.open(CONFIG)) {
            Beside.differs("bytes taken at start", 1024, memory.touchedBytes());
            long[] words = new long[2 * Word.LONGS];
            Word.set(words, 0, new BigInteger("123456789ABCDEF", 16));
            memory.storeWord(0, words, 0);
            memory.loadWord(0, words, Word.LONGS);
            Beside.agrees("the word loaded", "123456789abcdef", Word.toBigInteger(words, Word.LONGS).toString(16));
        }
    }

    private static void expansion() {
        Beside.example("EVM memory: expansion");
        try (EvmMemory memory = EvmMemory.open(CONFIG)) {
            memory.expand(1024, Word.BYTES);
            Beside.agrees("expanded to 1024, bytes at least 1056", true, memory.length() >= 1024 + 32);
            memory.clear();
            memory.expand(1, Word.BYTES);
            Beside.differs("expanded to 1, bytes", 33, memory.length());
            Beside.agrees("new bytes", 0, memory.peekByte(63));
            long[] word = new long[Word.LONGS];
            memory.loadWord(64, word, 0);
            Beside.differs("a load past the end", "OutOfBounds", "expands to " + memory.length());
        }
    }

    private static void byteOperations() {
        Beside.example("EVM memory: bytes");
        try (EvmMemory memory = EvmMemory.open(CONFIG)) {
            memory.storeByte(10, 0xFF);
            memory.storeByte(11, 0xAB);
            Beside.agrees("byte 10", 0xFF, memory.peekByte(10));
            Beside.agrees("byte 11", 0xAB, memory.peekByte(11));
            Beside.differs("bytes in use", 11 + 32, memory.length());
        }
    }

    private static void bulkOperations() {
        Beside.example("EVM memory: many bytes");
        try (EvmMemory memory = EvmMemory.open(CONFIG)) {
            byte[] data = {1, 2, 3, 4, 5, 6, 7, 8};
            memory.store(100, MemorySegment.ofArray(data), 0, data.length);
            byte[] output = new byte[8];
            memory.read(100, output);
            Beside.agrees("read back", Arrays.toString(data), Arrays.toString(output));
            memory.storePadded(100, MemorySegment.ofArray(data), 6, 4);
            memory.read(100, output);
            Beside.only("four bytes copied from offset 6 of 8", Arrays.toString(output));
            Beside.differs("read past the end", "not said", Beside.outcome(() -> memory.read(126, output)));
        }
    }

    private static void checkpoints() {
        Beside.example("EVM memory: checkpoints");
        try (EvmMemory memory = EvmMemory.open(CONFIG)) {
            long[] word = new long[Word.LONGS];
            long checkpoint = memory.checkpoint();
            Word.set(word, 0, 0xDEADBEEFL);
            memory.storeWord(0, word, 0);
            memory.restore(checkpoint);
            memory.loadWord(0, word, 0);
            Beside.agrees("a word over an empty memory, reverted", "0", Word.toBigInteger(word, 0));
            Word.set(word, 0, 7);
            memory.storeWord(0, word, 0);
            long content = memory.checkpointContent();
            Word.set(word, 0, 0xDEADBEEFL);
            memory.storeWord(0, word, 0);
            memory.restore(content);
            memory.loadWord(0, word, 0);
            Beside.differs("a word over a 7, reverted", "deadbeef stays", Word.toBigInteger(word, 0));
            Beside.differs("reverted twice", "done, silently", Beside.outcome(() -> memory.restore(content)));
        }
    }

    private static long documentCost(long bytes) {
        long words = (bytes + 31) / 32;
        return 3 * words + words * words / 512;
    }

    private static void gas() {
        Beside.example("EVM memory: gas");
        try (EvmMemory memory = EvmMemory.open(EvmMemoryConfig.defaults())) {
            long old = 0;
            for (long bytes : new long[] {1, 32, 33, 1024, 724 * 32, 1 << 20}) {
                Beside.agrees(old + " to " + bytes + " bytes", Math.max(0, documentCost(bytes) - documentCost(old)),
                        memory.expansionCost(0, bytes));
                memory.expand(0, bytes);
                old = memory.length();
            }
            Beside.agrees("less than there is", 0, memory.expansionCost(0, 32));
            Beside.differs("2^63 bytes", "overflows",
                    memory.expansionCost(1L << 62, 1L << 62) == EvmMemory.UNPAYABLE ? "UNPAYABLE" : "a number");
        }
    }

    private static void gasOfAFrame() {
        Beside.example("EVM memory: expanded with gas");
        try (EvmMemory memory = EvmMemory.open(CONFIG)) {
            long gas = 100;
            Beside.agrees("to 992 with 100 gas", MemoryResult.OK, memory.tryExpand(992, Word.BYTES, gas));
            gas -= memory.paid();
            Beside.agrees("gas left", 2, gas);
            Beside.agrees("to 1024 with what is left", MemoryResult.OUT_OF_GAS, memory.tryExpand(1024, Word.BYTES, gas));
            Beside.agrees("bytes then", 1024, memory.length());
            Beside.agrees("paid then", 0, memory.paid());
        }
    }

    private static void nestedFrames() {
        Beside.example("EVM memory: nested contexts");
        try (EvmMemory memory = EvmMemory.open(CONFIG)) {
            memory.storeByte(0, 1);
            memory.enter();
            Beside.agrees("a child begins with", 0, memory.length());
            memory.storeByte(0, 2);
            memory.leave(0, 1);
            Beside.agrees("its parent still has", 1, memory.peekByte(0));
            Beside.only("the child's output", memory.data().get(ValueLayout.JAVA_BYTE, memory.outputAt()));
        }
    }

    private static void errors() {
        Beside.example("EVM memory: errors");
        try (EvmMemory memory = EvmMemory.open(CONFIG)) {
            Beside.agrees("the last byte below the limit", "done", Beside.outcome(() -> memory.storeByte((1 << 20) - 1, 1)));
            Beside.differs("one past it", "MemoryOverflow", Beside.outcome(() -> memory.storeByte(1 << 20, 1)));
            Beside.differs("the same, without an object", "MemoryOverflow", memory.tryExpand(1 << 20, 1));
            Beside.differs("a byte that is not there", "OutOfBounds", Beside.outcome(() -> memory.peekByte(1 << 20)));
        }
        Beside.agrees("a limit of 4 GiB", "done", Beside.outcome(() -> EvmMemoryConfig.of(1L << 32)));
        Beside.differs("a limit above", "assertion failed", Beside.outcome(() -> EvmMemoryConfig.of((1L << 32) + 32)));
        Beside.differs("a limit of 0", "assertion failed", Beside.outcome(() -> EvmMemoryConfig.of(0)));
    }

    private static void borrowed() {
        Beside.example("EVM memory: not owned");
        MemoryPlan plan = CONFIG.plan();
        try (Region region = Region.open(RegionConfig.reservation("lender"), plan)) {
            EvmMemory memory = EvmMemory.over(CONFIG, region.data());
            memory.storeByte(5, 7);
            memory.close();
            Beside.only("what the next borrower reads", ConstantTime.isZero(region.data(), 0, 64) ? "zero" : "there");
            Beside.only("a store after the end", Beside.outcome(() -> memory.storeByte(5, 7)));
        }
    }
}
