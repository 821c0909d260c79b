package dev.coffer.cli.opens;

import dev.coffer.evm.Interpreter;
import dev.coffer.evm.InterpreterConfig;
import dev.coffer.evm.WorldState;
import dev.coffer.evm.WorldStateConfig;
import dev.coffer.evm.memory.EvmMemory;
import dev.coffer.evm.memory.EvmMemoryConfig;
import dev.coffer.evm.opcode.Fork;
import dev.coffer.evm.vectors.StateTestRunner;
import dev.coffer.evm.vectors.VectorRunner;
import dev.coffer.memory.Budget;
import dev.coffer.memory.Buffer;
import dev.coffer.memory.CryptoBuffer;
import dev.coffer.memory.GuardedSlots;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import dev.coffer.memory.Secret;
import dev.coffer.memory.ledger.Ledger;
import dev.coffer.memory.ledger.LedgerBean;
import dev.coffer.memory.pool.BlockAllocator;
import dev.coffer.memory.pool.BufferPool;
import dev.coffer.memory.pool.BufferPoolConfig;
import dev.coffer.memory.pool.ConnectionBuffers;
import dev.coffer.memory.pool.ConnectionBuffersConfig;
import dev.coffer.memory.pool.ConnectionPools;
import dev.coffer.memory.pool.ScratchRing;
import dev.coffer.memory.pool.SizeClassPools;
import dev.coffer.memory.pool.SlotPool;
import dev.coffer.memory.pool.SlotPoolConfig;
import dev.coffer.memory.ring.CircularBuffer;
import dev.coffer.memory.time.TimerWheel;
import dev.coffer.testkit.Refusals.Opening;
import java.util.ArrayList;
import java.util.List;

/// Regions, buffers, pools, wheels, and the machine of the EVM.
final class MemoryOpenings {
    private MemoryOpenings() {}

    static List<Opening> all() {
        List<Opening> all = new ArrayList<>();
        RegionConfig region = RegionConfig.defaults("refused");
        all.add(new Opening("memory.Region.open", () -> Region.open(region, MemoryPlan.group("d", MemoryPlan.block("a", 100)))));
        all.add(new Opening("memory.Region.open, touched",
                () -> Region.open(RegionConfig.reservation("r"), MemoryPlan.group("d", MemoryPlan.block("a", 100)))));
        all.add(new Opening("memory.Buffer.open", () -> closing(Buffer.open(100))));
        all.add(new Opening("memory.GuardedSlots.open", () -> GuardedSlots.open(new GuardedSlots.Config(region, 2, 32))));
        all.add(Openings.over("memory.Buffer.over", 64, Buffer::over));
        all.add(Openings.over("memory.CryptoBuffer.over", 64, memory -> CryptoBuffer.over("c", memory, 0, 64)));
        all.add(Openings.over("memory.Secret.of", 64, memory -> Secret.of(memory, 0, 64)));
        all.add(Openings.over("memory.ring.CircularBuffer.over", 64, memory -> CircularBuffer.over("r", memory, 0, 64)));
        Budget budget = Budget.root("budget", 4096);
        all.add(Openings.over("memory.Buffer.within", 64, memory -> Buffer.within(budget, memory, 64)));
        Ledger ledger = Ledger.of("refused opens", Ledger.budget(budget));
        all.add(new Opening("memory.ledger.LedgerBean.register", () -> LedgerBean.register(ledger)));
        pools(all, budget);
        evm(all);
        return all;
    }

    private static AutoCloseable closing(Buffer buffer) {
        return buffer;
    }

    private static void pools(List<Opening> all, Budget budget) {
        BufferPoolConfig pool = BufferPoolConfig.of("it", 64, 4).withSlabs(2, 3);
        all.add(Openings.inRow("memory.pool.BufferPool.open", BufferPool.plan(pool), region -> {
            if (budget.usedBytes() != 0) {
                throw new AssertionError("a refused open has left " + budget.usedBytes() + " bytes of the budget");
            }
            return BufferPool.open(pool, region, budget);
        }));
        BufferPoolConfig plain = BufferPoolConfig.of("it", 64, 4);
        all.add(Openings.over("memory.pool.BufferPool.over", BufferPool.plan(plain).totalBytes(), memory -> BufferPool.over(plain, memory)));
        BufferPool lending = BufferPool.over(plain, java.lang.foreign.Arena.global().allocate(256, 64));
        all.add(new Opening("memory.ring.CircularBuffer.lazy", () -> CircularBuffer.lazy("r", lending, 64)));
        all.add(new Opening("memory.pool.BufferPool.ownerCache", () -> lending.ownerCache(2)));
        SizeClassPools.Config classes = SizeClassPools.Config.defaults("it");
        all.add(Openings.inRow("memory.pool.SizeClassPools.open", SizeClassPools.plan(classes), region -> SizeClassPools.open(classes, region)));
        all.add(Openings.over("memory.pool.SizeClassPools.over", SizeClassPools.plan(classes).totalBytes(), memory -> SizeClassPools.over(classes, memory)));
        ScratchRing.Config scratch = ScratchRing.Config.defaults("it");
        all.add(Openings.inRow("memory.pool.ScratchRing.open", ScratchRing.plan(scratch), region -> ScratchRing.open(scratch, region)));
        all.add(Openings.over("memory.pool.ScratchRing.over", ScratchRing.plan(scratch).totalBytes(), memory -> ScratchRing.over(scratch, memory)));
        BlockAllocator.Config blocks = BlockAllocator.Config.defaults("it");
        all.add(Openings.inRow("memory.pool.BlockAllocator.open", BlockAllocator.plan(blocks), region -> BlockAllocator.open(blocks, region)));
        all.add(Openings.over("memory.pool.BlockAllocator.over", BlockAllocator.plan(blocks).totalBytes(), memory -> BlockAllocator.over(blocks, memory)));
        ConnectionBuffersConfig connection = ConnectionBuffersConfig.defaults("it");
        ConnectionBuffersConfig.Sizes sizes = ConnectionBuffersConfig.Sizes.of(256, 128).withSmall(64);
        all.add(Openings.inRow("memory.pool.ConnectionBuffers.open", ConnectionBuffers.plan(connection, sizes),
                region -> ConnectionBuffers.open(connection, sizes, region, () -> 0)));
        all.add(Openings.over("memory.pool.ConnectionBuffers.over", ConnectionBuffers.plan(connection, sizes).totalBytes(),
                memory -> ConnectionBuffers.over(connection, sizes, memory, () -> 0)));
        ConnectionPools pair = ConnectionPools.of(lending, lending);
        all.add(new Opening("memory.pool.ConnectionBuffers.pooled", () -> ConnectionBuffers.pooled(connection, pair, () -> 0)));
        SlotPoolConfig slots = SlotPoolConfig.of("it", 4, SlotPoolConfig.Kind.of("output", 256, 3), SlotPoolConfig.Kind.of("record", 1000, 1));
        all.add(Openings.inRow("memory.pool.SlotPool.open", SlotPool.plan(slots), region -> SlotPool.open(slots, region)));
        all.add(Openings.over("memory.pool.SlotPool.over", SlotPool.plan(slots).totalBytes(), memory -> SlotPool.over(slots, memory)));
        TimerWheel.Config wheel = TimerWheel.Config.defaults("it", 8);
        all.add(Openings.inRow("memory.time.TimerWheel.open", TimerWheel.plan(wheel), region -> TimerWheel.open(wheel, region, 0)));
    }

    private static void evm(List<Opening> all) {
        WorldStateConfig small = new WorldStateConfig(16, 16, 1 << 12, 1 << 12, 16, 1 << 8);
        WorldState state = new WorldState(small);
        InterpreterConfig machine = InterpreterConfig.of(Fork.CANCUN).withCodeBytesMax(1 << 16);
        EvmMemoryConfig memory = EvmMemoryConfig.of(1 << 20);
        all.add(new Opening("evm.Interpreter.open", () -> Interpreter.open(machine, state, null)));
        all.add(new Opening("evm.memory.EvmMemory.open", () -> EvmMemory.open(memory)));
        all.add(Openings.over("evm.memory.EvmMemory.over", memory.plan().totalBytes(), data -> EvmMemory.over(memory, data)));
        all.add(new Opening("evm.vectors.VectorRunner.new", () -> new VectorRunner(memory, null, small)));
        all.add(new Opening("evm.vectors.StateTestRunner.new", () -> new StateTestRunner(null, small, data -> null)));
    }
}
