package dev.coffer.memory.pool;

/// Buffers of a [BufferPool] kept at hand by one owner, an event loop or a connection: the fastest way to lease, with
/// no look-up of the thread. Made at start by [BufferPool#ownerCache], closed at the owner's end.
///
/// One thread at a time. A buffer acquired here may also be closed by [PooledBuffer#close], and one acquired elsewhere
/// in the pool may be released here: it changes only where the slot waits.
public final class OwnerCache implements AutoCloseable {
    private final BufferPool pool;
    private final SlotCache cache;
    private boolean closed;

    OwnerCache(BufferPool pool, SlotCache cache) {
        this.pool = pool;
        this.cache = cache;
    }

    /// {@return a buffer, empty and zero, or null where there is none; see [BufferPool#tryAcquire]}
    public PooledBuffer tryAcquire() {
        if (cache.top == 0 && !isFilled()) {
            return pool.debug == null ? null : pool.acquireForDebug();
        }
        PooledBuffer buffer = cache.pop();
        if (!buffer.open()) {
            cache.countReleased();
            return tryAcquire();
        }
        return buffer;
    }

    private boolean isFilled() {
        checkOpen();
        return pool.fill(cache);
    }

    /// {@return a buffer, empty and zero}
    ///
    /// @throws PoolExhaustedException  there is none
    /// @throws IllegalStateException   closed (caller's fault)
    public PooledBuffer acquire() {
        PooledBuffer buffer = tryAcquire();
        if (buffer == null) {
            throw pool.exhausted();
        }
        return buffer;
    }

    /// Ends a lease: wipes what was written, keeps the slot at hand.
    ///
    /// @throws IllegalArgumentException  a buffer of another pool (caller's fault)
    /// @throws IllegalStateException     not leased, or closed (caller's fault)
    public void release(PooledBuffer buffer) {
        if (buffer.pool() != pool) {
            throw new IllegalArgumentException("pool \"" + pool.name() + "\": buffer of pool \"" + buffer.pool().name() + "\"");
        }
        checkOpen();
        buffer.shut();
        pool.giveBack(cache, buffer);
    }

    /// {@return the pool}
    public BufferPool pool() {
        return pool;
    }

    /// Gives the idle buffers back to the pool; open leases go on. Closing twice is harmless.
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            pool.leave(cache);
        }
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("pool \"" + pool.name() + "\": owner cache used after its close");
        }
    }
}
