package dev.coffer.memory.pool;

import dev.coffer.memory.Buffer;
import java.lang.foreign.MemorySegment;

/// A buffer that lives in a slot of a pool: the handle is made once with the slot, its life is the lease.
public final class PooledBuffer extends Buffer implements AutoCloseable {
    PooledBuffer(MemorySegment slot) {
        super(slot);
    }

    @Override
    public void close() {
        end();
    }
}
