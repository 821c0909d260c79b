package dev.coffer.crypto.internal;

import java.lang.foreign.MemorySegment;

/// What computes an extendable output: below [dev.coffer.crypto.Xof] as [HashFunction] is below the hashes. Stateless,
/// thread-safe; every range was checked by the caller, which also knows the phase.
public abstract class XofFunction {
    private final String name;
    private final int rateBytes;

    /// For the implementations.
    ///
    /// @param name       the standard's name
    /// @param rateBytes  bytes that one permutation absorbs or yields
    protected XofFunction(String name, int rateBytes) {
        this.name = name;
        this.rateBytes = rateBytes;
    }

    /// {@return the standard's name}
    public final String name() {
        return name;
    }

    /// {@return bytes that one permutation absorbs or yields}
    public final int rateBytes() {
        return rateBytes;
    }

    /// Writes a state that has seen nothing.
    public abstract void begin(MemorySegment state, long at);

    /// Takes bytes.
    public abstract void take(MemorySegment state, long at, MemorySegment input, long inputAt, long length);

    /// Ends the message, once, before the first [#give].
    public abstract void end(MemorySegment state, long at);

    /// Writes bytes.
    public abstract void give(MemorySegment state, long at, MemorySegment output, long outputAt, long length);
}
