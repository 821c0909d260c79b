package dev.coffer.crypto.internal;

import java.lang.foreign.MemorySegment;

/// What computes a hash: [dev.coffer.crypto.Hash] checks ranges and phases in front of it and wipes behind it, this does
/// the work. It stands below the vocabulary, which knows it, so that neither is initialised by way of the other.
///
/// Stateless, thread-safe; every range was checked by the caller.
public abstract class HashFunction {
    private final String name;
    private final int digestBytes;
    private final int blockBytes;
    private final long stateBytes;
    private final long keptBytes;

    /// For the implementations.
    ///
    /// @param name         the standard's name
    /// @param digestBytes  bytes of the digest
    /// @param blockBytes   bytes of a block
    /// @param stateBytes   bytes of a state
    /// @param keptBytes    bytes at its front that say all, after whole blocks
    protected HashFunction(String name, int digestBytes, int blockBytes, long stateBytes, long keptBytes) {
        this.name = name;
        this.digestBytes = digestBytes;
        this.blockBytes = blockBytes;
        this.stateBytes = stateBytes;
        this.keptBytes = keptBytes;
    }

    /// {@return the standard's name}
    public final String name() {
        return name;
    }

    /// {@return bytes of a digest}
    public final int digestBytes() {
        return digestBytes;
    }

    /// {@return bytes of a block}
    public final int blockBytes() {
        return blockBytes;
    }

    /// {@return bytes of a state}
    public final long stateBytes() {
        return stateBytes;
    }

    /// {@return bytes at the front of a state that say all of one which has taken whole blocks: what is kept to go on from it again}
    public final long keptBytes() {
        return keptBytes;
    }

    /// {@return bytes at the front of a state that say all of it at any time; what is behind is work of one call}
    public long runningBytes() {
        return stateBytes;
    }

    /// Writes a state that has seen nothing.
    public abstract void begin(MemorySegment state, long at);

    /// Takes bytes.
    public abstract void absorb(MemorySegment state, long at, MemorySegment input, long inputAt, long length);

    /// Pads and writes the digest; the state is spent and the caller's to wipe.
    public abstract void finish(MemorySegment state, long at, MemorySegment output, long outputAt);
}
