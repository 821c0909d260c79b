package dev.coffer.evm.memory;

import dev.coffer.memory.Budget;
import dev.coffer.memory.MemoryPlan;

/// How large an [EvmMemory] may become.
///
/// | component | default | range | cost |
/// |---|---|---|---|
/// | `treeBytesMax` | 32 MiB | 0..2^32, words | address space, twice: the frames and an output set aside; committed when touched |
/// | `frameBytesMax` | 32 MiB | 0..`treeBytesMax`, words | nothing |
/// | `savedBytesMax` | 1 MiB | 0..2^32, words | address space; committed by content checkpoints |
/// | `framesMax` | 1025 | 1..65,535 | 52 heap bytes each |
/// | `keptBytesMax` | 16 MiB | 0..2^32 | pages that stay committed from one call to the next |
/// | `budget` | none | | charged in quanta of 64 KiB as bytes are first touched |
///
/// 32 MiB serve the main network: under the cap of 2^24 gas a transaction (EIP-7825) one frame reaches at most 2.81 MiB
/// and a whole tree about 16.2 MiB.
///
/// @param treeBytesMax   bytes of all frames of a call tree together
/// @param frameBytesMax  bytes of one frame
/// @param savedBytesMax  bytes that content checkpoints may hold together
/// @param framesMax      frames on top of each other, and checkpoints at one time
/// @param keptBytesMax   bytes of the frames' row, and of an output set aside, that [EvmMemory#reset] leaves committed
/// @param budget         what committed bytes count against, shared with others; null for none
public record EvmMemoryConfig(long treeBytesMax, long frameBytesMax, long savedBytesMax, int framesMax, long keptBytesMax,
        Budget budget) {
    /// An offset plus a size past this never fits, whatever the gas: 4 GiB.
    public static final long BYTES_MAX = 1L << 32;
    /// Frames of the deepest call: depth 0 to 1024 (Yellow Paper, section 8).
    public static final int FRAMES = 1024 + 1;

    /// What stays committed between calls: a whole tree under the cap of EIP-7825.
    private static final long KEPT_BYTES = 16L << 20;
    private static final int WORD = 32;

    /// @throws IllegalArgumentException  a limit out of its range, no multiple of 32, or a frame above its tree
    public EvmMemoryConfig {
        check("treeBytesMax", treeBytesMax, BYTES_MAX);
        check("frameBytesMax", frameBytesMax, treeBytesMax);
        check("savedBytesMax", savedBytesMax, BYTES_MAX);
        if (framesMax < 1 || framesMax > 0xffff) {
            throw new IllegalArgumentException("EVM memory: framesMax " + framesMax + " (expected 1..65535)");
        }
        if (keptBytesMax < 0 || keptBytesMax > BYTES_MAX) {
            throw new IllegalArgumentException("EVM memory: keptBytesMax " + keptBytesMax + " (expected 0.." + BYTES_MAX
                    + ")");
        }
    }

    private static void check(String name, long bytes, long max) {
        if (bytes < 0 || bytes > max || bytes % WORD != 0) {
            throw new IllegalArgumentException(
                    "EVM memory: " + name + " " + bytes + " (expected 0.." + max + ", a multiple of " + WORD + ")");
        }
    }

    /// {@return 32 MiB a tree and a frame, 1 MiB of saved content, 1,025 frames, 16 MiB kept, no budget}
    public static EvmMemoryConfig defaults() {
        return of(32L << 20);
    }

    /// {@return the defaults with another limit of the tree; a frame may take all of it}
    public static EvmMemoryConfig of(long treeBytesMax) {
        return new EvmMemoryConfig(treeBytesMax, treeBytesMax, 1L << 20, FRAMES, KEPT_BYTES, null);
    }

    /// {@return this with another limit of the tree; a frame that might take more may take that}
    public EvmMemoryConfig withTreeBytesMax(long bytes) {
        return new EvmMemoryConfig(bytes, Math.min(frameBytesMax, bytes), savedBytesMax, framesMax, keptBytesMax, budget);
    }

    /// {@return this with another limit of one frame}
    public EvmMemoryConfig withFrameBytesMax(long bytes) {
        return new EvmMemoryConfig(treeBytesMax, bytes, savedBytesMax, framesMax, keptBytesMax, budget);
    }

    /// {@return this with another limit of saved content}
    public EvmMemoryConfig withSavedBytesMax(long bytes) {
        return new EvmMemoryConfig(treeBytesMax, frameBytesMax, bytes, framesMax, keptBytesMax, budget);
    }

    /// {@return this with another number of frames}
    public EvmMemoryConfig withFramesMax(int frames) {
        return new EvmMemoryConfig(treeBytesMax, frameBytesMax, savedBytesMax, frames, keptBytesMax, budget);
    }

    /// {@return this with another number of bytes that stay committed between calls}
    public EvmMemoryConfig withKeptBytesMax(long bytes) {
        return new EvmMemoryConfig(treeBytesMax, frameBytesMax, savedBytesMax, framesMax, bytes, budget);
    }

    /// {@return this with a budget that committed bytes count against}
    public EvmMemoryConfig withBudget(Budget shared) {
        return new EvmMemoryConfig(treeBytesMax, frameBytesMax, savedBytesMax, framesMax, keptBytesMax, shared);
    }

    /// {@return the reservation: the frames, an output set aside, saved content}
    public MemoryPlan plan() {
        return MemoryPlan.group("evm memory",
                MemoryPlan.block("frames", up(treeBytesMax), 1, "stacked; committed when touched"),
                MemoryPlan.block("output", up(treeBytesMax), 1, "return data that its caller's memory grew over"),
                MemoryPlan.block("saved", up(savedBytesMax), 1, "content checkpoints"))
                .withHeap((8L * EvmMemory.LONGS_A_FRAME + MemoryCheckpoints.HEAP_BYTES_EACH) * framesMax);
    }

    static long up(long bytes) {
        return (bytes + 4095) & -4096;  // so that each row starts on a page and can be given back
    }
}
