package dev.coffer.crypto.internal;

import java.lang.foreign.MemorySegment;

/// What computes a message authentication code: below [dev.coffer.crypto.Mac] as [HashFunction] is below the hashes.
/// Stateless, thread-safe; every range was checked by the caller.
public abstract class MacFunction {
    private final String name;
    private final int tagBytes;
    private final long stateBytes;

    /// For the implementations.
    ///
    /// @param name        the standard's name
    /// @param tagBytes    bytes of a whole tag
    /// @param stateBytes  bytes of a state
    protected MacFunction(String name, int tagBytes, long stateBytes) {
        this.name = name;
        this.tagBytes = tagBytes;
        this.stateBytes = stateBytes;
    }

    /// {@return the standard's name}
    public final String name() {
        return name;
    }

    /// {@return bytes of a whole tag}
    public final int tagBytes() {
        return tagBytes;
    }

    /// {@return bytes of a state}
    public final long stateBytes() {
        return stateBytes;
    }

    /// Takes a key and starts a message.
    public abstract void begin(MemorySegment state, long at, MemorySegment key, long keyAt, long keyLength);

    /// Takes bytes.
    public abstract void absorb(MemorySegment state, long at, MemorySegment input, long inputAt, long length);

    /// Writes a whole tag and starts over under the same key.
    public abstract void finish(MemorySegment state, long at, MemorySegment output, long outputAt);
}
