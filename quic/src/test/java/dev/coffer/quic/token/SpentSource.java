package dev.coffer.quic.token;

import dev.coffer.memory.Entropy;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// A source of encrypted IDs that is nearly used up.
public final class SpentSource {
    private SpentSource() {}

    /// {@return one that has so many IDs left}
    public static ConnectionIdSource of(int left) {
        MemorySegment memory = Arena.ofAuto().allocate(ConnectionIdSource.MEMORY_BYTES, 64);
        MemorySegment key = Arena.ofAuto().allocate(ConnectionIdSource.KEY_BYTES).fill((byte) 5);
        ConnectionIdSource source = ConnectionIdSource.routable(memory, 0, Entropy.SYSTEM, 1, key, 0, 3, 4, key, 0);
        source.given((1L << 32) - left);
        return source;
    }
}
