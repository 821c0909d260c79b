package dev.coffer.memory.pool;

import dev.coffer.memory.Buffer;
import dev.coffer.memory.internal.lending.Slot;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// One buffer of a [ConnectionBuffers]: the object is the connection's for ever, its memory is leased while there is something
/// to hold. So a reference that is kept never reaches what another connection holds: without memory it refuses every use, and
/// given memory again it is what it was, this connection's.
///
/// A buffer that was shrunk with data in it lies in less memory: the unread bytes from its start, position and mark 0, the limit
/// at the capacity, views ended. Asking the connection for it brings the full size back.
///
/// One thread at a time, the connection's.
public final class ConnectionBuffer extends Buffer {
    private final ConnectionBuffers connection;
    private final BufferPool pool;
    private final @Nullable BufferPool small;  // null, or of buffers that are smaller than the pool's
    private @Nullable PooledBuffer memory;     // null where it has none
    private long lease;              // of the memory: that and no other is ended, also where two threads misuse the connection

    ConnectionBuffer(ConnectionBuffers connection, BufferPool pool, @Nullable BufferPool small) {
        super(new Slot(MemorySegment.NULL));
        this.connection = connection;
        this.pool = pool;
        this.small = small != null && small.config().bufferBytes() < pool.config().bufferBytes() ? small : null;
    }

    BufferPool pool() {
        return pool;
    }

    /// {@return bytes of the memory that it has now, 0 where it has none}
    public long heldBytes() {
        return memory == null ? 0 : memory.capacity();
    }

    /// {@return bytes left to read, 0 where it has no memory}
    long dataBytes() {
        return memory != null && memory.isLeased() ? remaining() : 0;
    }

    /// Takes memory of the full size, and moves there what is left to read.
    ///
    /// @return whether it has memory, less than the full size where the pool is empty and it holds data in less
    boolean fill() {
        if (memory != null && (memory.capacity() == pool.config().bufferBytes() || !memory.isLeased())) {
            return true;
        }
        PooledBuffer full = pool.tryAcquire();
        if (full != null) {
            moveInto(full);
        }
        return memory != null;
    }

    /// Gives back memory without data, and exchanges memory with few data for less.
    ///
    /// @return bytes that it holds less than before
    long shrink() {
        if (dataBytes() == 0) {
            return giveBack();
        }
        if (small == null || memory == null || memory.pool() == small || remaining() > small.config().bufferBytes()) {
            return 0;
        }
        PooledBuffer less = small.tryAcquire();
        if (less == null) {
            return 0;
        }
        long before = heldBytes();
        moveInto(less);
        return before - heldBytes();
    }

    private void moveInto(PooledBuffer other) {
        boolean moved = false;
        try {
            if (memory != null) {
                other.put(this, remaining());
                giveBack();
            }
            borrow(other);
            lease = other.generation();
            memory = other;
            moved = true;
        } finally {
            if (!moved) {
                other.close();
            }
        }
    }

    /// Wipes it and gives its memory back; without memory nothing happens.
    ///
    /// @return bytes given back
    long giveBack() {
        PooledBuffer ended = memory;
        if (ended == null) {
            return 0;
        }
        memory = null;
        long bytes = ended.capacity();
        if (!ended.pool().isClosed()) {  // a pool that was closed before has ended and wiped its leases
            if (ended.generation() == lease) {
                settle(ended);
            }
            ended.closeLease(lease);
        }
        return bytes;
    }

    /// Wipes it and gives its memory back, data or none; it is used no more until the connection is asked for it. Twice is harmless.
    @Override
    public void close() {
        connection.giveBack(this);
    }

    @Override
    protected MemorySegment scoped(long at, long bytes) {
        return memory == null ? super.scoped(at, bytes) : memory.scoped(at, bytes);
    }

    /// For property tests.
    void checkHolding() {
        assert memory == null || memory.isLeased() : "held and not leased: " + memory;
    }
}
