package dev.coffer.evm.trie;

import dev.coffer.crypto.Hash;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Keccak-256 of arrays. Makes its objects anew each time, so any thread may use it.
public final class Keccak {
    private static final long DIGEST_BYTES = 32;

    private Keccak() {}

    /// {@return the 32 bytes of the hash}
    public static byte[] hash(byte[] bytes) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment work = arena.allocate(Hash.STATE_BYTES_MAX + DIGEST_BYTES);
            Hash.KECCAK_256.hash(work, 0, MemorySegment.ofArray(bytes), 0, bytes.length, work, Hash.STATE_BYTES_MAX);
            return work.asSlice(Hash.STATE_BYTES_MAX, DIGEST_BYTES).toArray(ValueLayout.JAVA_BYTE);
        }
    }
}
