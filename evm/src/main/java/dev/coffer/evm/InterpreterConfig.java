package dev.coffer.evm;

import dev.coffer.crypto.Hash;
import dev.coffer.evm.memory.EvmMemory;
import dev.coffer.evm.memory.EvmMemoryConfig;
import dev.coffer.evm.opcode.Fork;
import dev.coffer.evm.opcode.Opcode;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Region;

/// How large a machine is and whose rules it follows.
///
/// | component | default | range | cost |
/// |---|---|---|---|
/// | `fork` | CANCUN | | |
/// | `memory` | 32 MiB a tree | see [EvmMemoryConfig] | address space |
/// | `codeBytesMax` | 8 MiB | 64 KiB..1 GiB | twice as many heap bytes, and an eighth |
/// | `codesMax` | 8,192 | 1,026..65,536 | about 270 heap bytes each |
///
/// Code beyond `codeBytesMax` is written over the oldest and copied anew when it is entered or gone on with, also that of frames in progress; code beyond `codesMax` is looked at anew where it jumps. Neither changes what a
/// run does: contracts of 24,576 bytes called in turn, however many, take 30,000,000 gas some 0.8 s (decision 0105). Only one code that is longer than all of it ends the run, with CODE_LIMIT: none from Shanghai on, where initcode has
/// at most 49,152 bytes.
///
/// @param fork          the rules
/// @param memory        limits of the frames' memory
/// @param codeBytesMax  bytes of code kept ready; each code must fit
/// @param codesMax      codes that are known; more than frames
public record InterpreterConfig(Fork fork, EvmMemoryConfig memory, int codeBytesMax, int codesMax) {
    /// @throws IllegalArgumentException  a number out of its range, or memory for fewer frames than calls nest
    public InterpreterConfig {
        java.util.Objects.requireNonNull(fork);
        if (memory.framesMax() < Interpreter.DEPTH_MAX + 2 - 1) {
            throw new IllegalArgumentException("EVM: memory for " + memory.framesMax() + " frames (expected at least "
                    + (Interpreter.DEPTH_MAX + 1) + ")");
        }
        if (codeBytesMax < 1 << 16 || codeBytesMax > 1 << 30) {
            throw new IllegalArgumentException("EVM: codeBytesMax " + codeBytesMax + " (expected 65536..1073741824)");
        }
        if (codesMax < Interpreter.DEPTH_MAX + 2 || codesMax > 1 << 16) {
            throw new IllegalArgumentException("EVM: codesMax " + codesMax + " (expected "
                    + (Interpreter.DEPTH_MAX + 2) + "..65536)");
        }
    }

    /// {@return a fork's rules with default sizes}
    public static InterpreterConfig of(Fork fork) {
        // The deepest frame calls nothing, so that the frame a precompile writes to is always there.
        return new InterpreterConfig(fork, EvmMemoryConfig.defaults(), 8 << 20, 8192);
    }

    /// {@return this with other limits of memory}
    public InterpreterConfig withMemory(EvmMemoryConfig limits) {
        return new InterpreterConfig(fork, limits, codeBytesMax, codesMax);
    }

    /// {@return this with another fork}
    public InterpreterConfig withFork(Fork rules) {
        return new InterpreterConfig(rules, memory, codeBytesMax, codesMax);
    }

    /// {@return this with another size of the code kept ready}
    public InterpreterConfig withCodeBytesMax(int bytes) {
        return new InterpreterConfig(fork, memory, bytes, codesMax);
    }

    /// {@return this with another number of codes kept ready}
    public InterpreterConfig withCodesMax(int codes) {
        return new InterpreterConfig(fork, memory, codeBytesMax, codes);
    }

    /// {@return what the machine holds beside its memory: suspended stacks, and workspaces}
    MemoryPlan ownPlan() {
        return MemoryPlan.group("evm machine",
                MemoryPlan.block("stacks", 32L * Opcode.STACK_WORDS_MAX, Interpreter.DEPTH_MAX + 1,
                        "suspended; committed when touched"),
                MemoryPlan.block("workspace", Interpreter.WORKSPACE_BYTES, 1, "hashing"),
                MemoryPlan.block("precompiles", CorePrecompiles.WORKSPACE_BYTES, 1, "SHA-256, P-256, secp256k1, alt_bn128"))
                .withHeap(CodeCache.heapBytes(codeBytesMax, codesMax)
                        + (Interpreter.DEPTH_MAX + 2) * (Frame.HEAP_BYTES + 8)
                        + 32L * (Opcode.STACK_WORDS_MAX + 1) + 4 * 256 * 8L + CorePrecompiles.HEAP_BYTES + MappingKeys.HEAP_BYTES);
    }

    /// {@return everything that a machine of this configuration holds: two regions, whole, and objects}
    public MemoryPlan plan() {
        return MemoryPlan.group("evm", Region.plan(EvmMemory.REGION, memory.plan()), Region.plan(Interpreter.REGION, ownPlan()));
    }

    static final long HASH_BYTES = Hash.STATE_BYTES_MAX;
}
