package dev.coffer.evm;

import dev.coffer.evm.opcode.Fork;
import java.lang.foreign.MemorySegment;

/// The contracts that are part of the protocol, by the number that is their address. The machine takes the gas
/// ([dev.coffer.evm.gas.PrecompileGas]) and gives the memory; this only computes.
public interface Precompiles {
    /// [#run] refuses the input: the call fails and its gas is gone.
    long FAILED = -1;

    /// {@return whether this has the precompile; calls to one that the fork has and this lacks end the run}
    boolean has(int number, Fork fork);

    /// {@return bytes that the output takes at most; 0 or more}
    long outputBytesMax(int number, MemorySegment input, long at, long length);

    /// Computes.
    ///
    /// @param output     memory that does not overlap the input
    /// @return bytes of output, at most [#outputBytesMax]; or [#FAILED]
    long run(int number, Fork fork, MemorySegment input, long at, long length, MemorySegment output, long outputAt);
}
