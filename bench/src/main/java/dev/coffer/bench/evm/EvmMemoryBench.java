package dev.coffer.bench.evm;

import dev.coffer.evm.memory.EvmMemory;
import dev.coffer.evm.memory.EvmMemoryConfig;
import dev.coffer.evm.memory.MemoryResult;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/// The memory of EVM frames, each access with its gas: [EvmMemory], and [HeapMemory] as the same work on the heap.
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@State(Scope.Benchmark)
public class EvmMemoryBench {
    private static final int WORDS = 1 << 10;              // of active memory that the accesses go through: 32 KiB
    private static final long MIB = 1 << 20;
    private static final int MIB_WORDS = (int) (MIB / 32);
    private static final int NESTED = 64;
    private static final int STORES = 5;                   // a frame: four words from 0, one at 1,024: 1,056 bytes
    private static final long LAST = 1024;
    private static final int IN_TURN = 1000;

    private EvmMemory active;
    private EvmMemory frames;
    private HeapMemory heap;
    private final long[] stack = {0x1122334455667788L, 0x99aabbccddeeff00L, 42, 7, 0, 0, 0, 0};
    private final byte[] word = new byte[32];

    @Setup
    public void open() {
        active = EvmMemory.open(EvmMemoryConfig.defaults());
        frames = EvmMemory.open(EvmMemoryConfig.defaults());
        heap = new HeapMemory();
        active.expand(0, 32L * WORDS);
        heap.setByte(32L * WORDS - 1, (byte) 0);
        for (int i = 0; i < word.length; i++) {
            word[i] = (byte) (i + 1);
        }
    }

    @TearDown
    public void close() {
        active.close();
        frames.close();
    }

    /// Gas and bytes as the interpreter does them: one compare where the word is active, else the slow way.
    private static long store(EvmMemory memory, long offset, long[] s, int a) {
        long gas = 0;
        if (Long.compareUnsigned(offset, memory.wordsEnd()) >= 0) {
            gas = touch(memory, offset, 32);
        }
        memory.uncheckedStoreWord(offset, s, a);
        return gas;
    }

    private static long touch(EvmMemory memory, long offset, long size) {
        long gas = memory.expansionCost(offset, size);
        if (memory.tryExpand(offset, size) != MemoryResult.OK) {
            throw new AssertionError(memory);
        }
        return gas;
    }

    private static long store(HeapMemory memory, long offset, byte[] word) {
        long gas = memory.expansionGas(offset, 32);
        memory.setWord(offset, word);
        return gas;
    }

    @Benchmark
    @OperationsPerInvocation(WORDS)
    public long mstore() {
        long gas = 0;
        for (int i = 0; i < WORDS; i++) {
            stack[0] = i;
            gas += store(active, 32L * i, stack, 0);
        }
        return gas;
    }

    @Benchmark
    @OperationsPerInvocation(WORDS)
    public long mstoreHeap() {
        long gas = 0;
        for (int i = 0; i < WORDS; i++) {
            word[31] = (byte) i;
            gas += store(heap, 32L * i, word);
        }
        return gas;
    }

    @Benchmark
    @OperationsPerInvocation(WORDS)
    public long mload() {
        long sum = 0;
        for (int i = 0; i < WORDS; i++) {
            long offset = 32L * i;
            if (Long.compareUnsigned(offset, active.wordsEnd()) >= 0) {
                sum += touch(active, offset, 32);
            }
            active.uncheckedLoadWord(offset, stack, 4);
            sum += stack[4] + stack[7];
        }
        return sum;
    }

    /// The value is put where a stack would keep it, so that it is made.
    private final HeapMemory.Value[] values = new HeapMemory.Value[2];

    @Benchmark
    @OperationsPerInvocation(WORDS)
    public long mloadHeap() {
        long sum = 0;
        for (int i = 0; i < WORDS; i++) {
            sum += heap.expansionGas(32L * i, 32);
            HeapMemory.Value value = heap.word(32L * i);
            values[i & 1] = value;
            sum += value.bytes[0] + value.bytes[31];
        }
        return sum;
    }

    @Benchmark
    @OperationsPerInvocation(WORDS)
    public long mstore8() {
        long gas = 0;
        for (int i = 0; i < WORDS; i++) {
            if (32L * i >= active.length()) {
                gas += touch(active, 32L * i, 1);
            }
            active.uncheckedStoreByte(32L * i, i);
        }
        return gas;
    }

    @Benchmark
    @OperationsPerInvocation(WORDS)
    public long mstore8Heap() {
        long gas = 0;
        for (int i = 0; i < WORDS; i++) {
            gas += heap.expansionGas(32L * i, 1);
            heap.setByte(32L * i, (byte) i);
        }
        return gas;
    }

    @Benchmark
    public long mcopy() {
        long gas = active.expansionCost(64, 1024);
        active.copy(64, 0, 1024);
        return gas;
    }

    @Benchmark
    public long mcopyHeap() {
        long gas = heap.expansionGas(64, 1024);
        heap.copy(64, 0, 1024);
        return gas;
    }

    @Benchmark
    @OperationsPerInvocation(MIB_WORDS)
    public long growByWord() {
        frames.reset();
        long gas = 0;
        for (int i = 0; i < MIB_WORDS; i++) {
            gas += store(frames, 32L * i, stack, 0);
        }
        return checked(gas);
    }

    @Benchmark
    @OperationsPerInvocation(MIB_WORDS)
    public long growByWordHeap() {
        HeapMemory memory = new HeapMemory();
        long gas = 0;
        for (int i = 0; i < MIB_WORDS; i++) {
            gas += store(memory, 32L * i, word);
        }
        return checked(gas);
    }

    @Benchmark
    public long growAtOnce() {
        frames.reset();
        return checked(store(frames, MIB - 32, stack, 0));
    }

    @Benchmark
    public long growAtOnceHeap() {
        return checked(store(new HeapMemory(), MIB - 32, word));
    }

    /// C(32768) = 3 * 32768 + 32768^2 / 512.
    private static long checked(long gas) {
        if (gas != 3 * MIB_WORDS + (long) MIB_WORDS * MIB_WORDS / 512) {
            throw new AssertionError("gas " + gas);
        }
        return gas;
    }

    private static long frame(EvmMemory memory, long[] s) {
        long gas = 0;
        for (int i = 0; i < STORES; i++) {
            gas += store(memory, i < STORES - 1 ? 32L * i : LAST, s, 0);
        }
        return gas;
    }

    private static long frame(HeapMemory memory, byte[] word) {
        long gas = 0;
        for (int i = 0; i < STORES; i++) {
            gas += store(memory, i < STORES - 1 ? 32L * i : LAST, word);
        }
        return gas;
    }

    @Benchmark
    @OperationsPerInvocation(NESTED)
    public long nested() {
        frames.reset();
        long gas = frame(frames, stack);
        for (int depth = 1; depth < NESTED; depth++) {
            frames.enter();
            gas += frame(frames, stack);
        }
        for (int depth = 1; depth < NESTED; depth++) {
            frames.leave(0, 32);
        }
        return gas;
    }

    private final HeapMemory[] nested = new HeapMemory[NESTED];

    @Benchmark
    @OperationsPerInvocation(NESTED)
    public long nestedHeap() {
        long gas = 0;
        for (int depth = 0; depth < NESTED; depth++) {
            nested[depth] = new HeapMemory();
            gas += frame(nested[depth], word);
        }
        return gas;
    }

    @Benchmark
    @OperationsPerInvocation(IN_TURN)
    public long inTurn() {
        frames.reset();
        long gas = frame(frames, stack);
        for (int child = 0; child < IN_TURN; child++) {
            frames.enter();
            gas += frame(frames, stack);
            frames.leave(0, 32);
        }
        return gas;
    }

    @Benchmark
    @OperationsPerInvocation(IN_TURN)
    public long inTurnHeap() {
        long gas = 0;
        for (int child = 0; child < IN_TURN; child++) {
            nested[0] = new HeapMemory();
            gas += frame(nested[0], word);
        }
        return gas;
    }
}
