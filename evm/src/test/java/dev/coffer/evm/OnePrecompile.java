package dev.coffer.evm;

import dev.coffer.evm.opcode.Fork;
import java.lang.foreign.MemorySegment;
import java.util.function.LongSupplier;

/// A precompile of whoever tests, and no other.
///
/// @param at              its address
/// @param outputBytesMax  room that it asks for
/// @param run             what it gives back, or throws
record OnePrecompile(int at, long outputBytesMax, LongSupplier run) implements Precompiles {
    @Override
    public boolean has(int number, Fork fork) {
        return number == at;
    }

    @Override
    public long outputBytesMax(int number, MemorySegment input, long from, long length) {
        return outputBytesMax;
    }

    @Override
    public long run(int number, Fork fork, MemorySegment input, long from, long length, MemorySegment output, long outputAt) {
        return run.getAsLong();
    }
}
