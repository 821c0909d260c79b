package dev.coffer.crypto.internal;

import dev.coffer.memory.ConstantTime;
import dev.coffer.memory.Entropy;
import dev.coffer.memory.Wipe;
import java.lang.foreign.MemorySegment;

/// Secrets and salts drawn from a source that was handed in. Stateless, thread-safe.
public final class Drawn {
    private Drawn() {}

    /// Overwrites a range with random bytes, and notices a source that fills nothing: with it every key would be the same.
    /// Honest bytes are all zero with a chance of 2^-8 for each one: for at least 8 of them.
    ///
    /// @param name  what is drawn for, for the message
    /// @throws IllegalStateException  the source has no bytes, or filled nothing (its fault); the range is wiped
    public static void fill(String name, Entropy entropy, MemorySegment segment, long at, long length) {
        assert length >= Long.BYTES : "zeros are likely: " + length;
        Wipe.bytes(segment, at, length);
        boolean drawn = false;
        try {
            entropy.fill(segment, at, length);
            drawn = true;
        } finally {
            if (!drawn) {
                Wipe.bytes(segment, at, length);
            }
        }
        if (ConstantTime.isZero(segment, at, length)) {
            throw new IllegalStateException(name + ": the entropy source filled nothing");
        }
    }
}
