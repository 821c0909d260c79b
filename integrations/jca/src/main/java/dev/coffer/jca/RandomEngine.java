package dev.coffer.jca;

import dev.coffer.memory.Entropy;
import dev.coffer.memory.Wipe;
import java.io.InvalidObjectException;
import java.io.ObjectInputStream;
import java.io.Serial;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.security.SecureRandomParameters;
import java.security.SecureRandomSpi;

/// The kernel's generator. It is seeded by nobody, so seeds are taken and forgotten. Any thread.
final class RandomEngine extends SecureRandomSpi {
    @Serial
    private static final long serialVersionUID = 1;

    /// Bytes between the kernel, which writes off the heap, and the array that the JCA brings.
    static final int ROOM_BYTES = 256;

    /// The room, which all engines of a provider share one after the other: so there is always one.
    static final class Source {
        private final MemorySegment room;

        Source(MemorySegment room) {
            this.room = room;
        }

        synchronized void fill(byte[] target) {
            try {
                for (int at = 0; at < target.length; at += ROOM_BYTES) {
                    int count = Math.min(ROOM_BYTES, target.length - at);
                    Entropy.SYSTEM.fill(room, 0, count);
                    MemorySegment.copy(room, ValueLayout.JAVA_BYTE, 0, target, at, count);
                }
            } finally {
                Wipe.bytes(room, 0, ROOM_BYTES);
            }
        }
    }

    private final transient Source source;

    /// @throws IllegalArgumentException  parameters (caller's fault)
    RandomEngine(Vault vault, Object parameters) {
        super((SecureRandomParameters) parameters);
        if (parameters != null) {
            throw new IllegalArgumentException("parameters for the kernel's generator (expected none)");
        }
        this.source = vault.random();
    }

    @Override
    protected void engineSetSeed(byte[] seed) {
        // The kernel mixes what it gathers itself; nothing that a caller knows would make that better.
    }

    @Override
    protected void engineNextBytes(byte[] bytes) {
        source.fill(bytes);
    }

    @Override
    protected byte[] engineGenerateSeed(int count) {
        byte[] seed = new byte[count];
        source.fill(seed);
        return seed;
    }

    @Override
    public String toString() {
        return "getrandom";
    }

    @Serial
    private void readObject(ObjectInputStream in) throws InvalidObjectException {
        throw new InvalidObjectException("RandomEngine: is never serialized");
    }
}
