package dev.coffer.evm;

/// What a [StructLogTracer] notes of each instruction, and how much in all.
///
/// | component | default | go-ethereum's name |
/// |---|---|---|
/// | `stack` | true | `disableStack` |
/// | `storage` | true | `disableStorage` |
/// | `memory` | false | `enableMemory` |
/// | `returnData` | false | `enableReturnData` |
/// | `stepsMax` | 0, for no bound | `limit` of releases that count instructions |
/// | `bytesMax` | 64 MiB | `limit` of newer ones: characters of output |
///
/// @param stack       the words on the stack
/// @param storage     at SLOAD and SSTORE, the slots of the account that it has loaded or stored until then
/// @param memory      the memory of the frame: costs its square where it grows
/// @param returnData  what the last call returned
/// @param stepsMax    instructions that are kept, the first ones; 0 for all
/// @param bytesMax    characters of all instructions together, 1 KiB..1 GiB; while they are gathered the heap holds up to three times as many bytes, and
///                    about as many again of slots
public record StructLogConfig(boolean stack, boolean storage, boolean memory, boolean returnData, long stepsMax, int bytesMax) {
    /// @throws IllegalArgumentException  a number out of its range
    public StructLogConfig {
        if (stepsMax < 0) {
            throw new IllegalArgumentException("struct logs: stepsMax " + stepsMax + " (expected 0 or more)");
        }
        if (bytesMax < 1 << 10 || bytesMax > 1 << 30) {
            throw new IllegalArgumentException("struct logs: bytesMax " + bytesMax + " (expected 1024..1073741824)");
        }
    }

    /// {@return stack and storage, as go-ethereum has it unless asked otherwise; 64 MiB}
    public static StructLogConfig defaults() {
        return new StructLogConfig(true, true, false, false, 0, 64 << 20);
    }

    /// {@return this with or without the stack}
    public StructLogConfig withStack(boolean notes) {
        return new StructLogConfig(notes, storage, memory, returnData, stepsMax, bytesMax);
    }

    /// {@return this with or without storage}
    public StructLogConfig withStorage(boolean notes) {
        return new StructLogConfig(stack, notes, memory, returnData, stepsMax, bytesMax);
    }

    /// {@return this with or without memory}
    public StructLogConfig withMemory(boolean notes) {
        return new StructLogConfig(stack, storage, notes, returnData, stepsMax, bytesMax);
    }

    /// {@return this with or without return data}
    public StructLogConfig withReturnData(boolean notes) {
        return new StructLogConfig(stack, storage, memory, notes, stepsMax, bytesMax);
    }

    /// {@return this with another number of instructions; 0 for all}
    public StructLogConfig withStepsMax(long most) {
        return new StructLogConfig(stack, storage, memory, returnData, most, bytesMax);
    }

    /// {@return this with another number of characters}
    public StructLogConfig withBytesMax(int bytes) {
        return new StructLogConfig(stack, storage, memory, returnData, stepsMax, bytes);
    }
}
