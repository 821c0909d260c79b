package dev.coffer.evm.precompiles;

import java.lang.foreign.MemorySegment;

/// Precompiles 10 to 17: point evaluation (EIP-4844) and BLS12-381 (EIP-2537). Two forms of them, that answer the same.
interface CurvePrecompiles {
    /// As [dev.coffer.evm.Precompiles#run].
    ///
    /// @param number  10 to 17
    /// @return bytes of output, or [dev.coffer.evm.Precompiles#FAILED]
    long run(int number, MemorySegment input, long at, long length, MemorySegment output, long outputAt);
}
