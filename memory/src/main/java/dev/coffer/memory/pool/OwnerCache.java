package dev.coffer.memory.pool;

import org.jspecify.annotations.Nullable;

/// Buffers of a [BufferPool] kept at hand by one thread, an event loop's: the fastest way to lease, with no look-up. Made
/// at start by [BufferPool#ownerCache], closed at the owner's end.
///
/// It belongs to the thread, platform or virtual, that leases or releases here first, for that thread's life; any other is refused.
/// A buffer acquired here may also be closed by [PooledBuffer#close], by any thread, and one acquired elsewhere in the pool may be
/// released here: it changes only where the slot waits. Idle buffers in here are within reach of everyone: whoever would be
/// refused takes them.
@SuppressWarnings("exports")  // annotations that users need not have
public final class OwnerCache implements AutoCloseable {
    private final BufferPool pool;
    private final SlotCache cache;
    private volatile boolean closed;

    OwnerCache(BufferPool pool, SlotCache cache) {
        this.pool = pool;
        this.cache = cache;
    }

    /// {@return a buffer, empty and zero, or null where there is none; see [BufferPool#tryAcquire]}
    ///
    /// @throws IllegalStateException  closed, or another thread's (caller's fault)
    public @Nullable PooledBuffer tryAcquire() {
        if (cache.ownerId == Thread.currentThread().threadId()) {
            PooledBuffer buffer = cache.lease();
            if (buffer != null) {
                return buffer;
            }
        }
        checkOwner();
        return pool.slow.acquire(cache);
    }

    /// {@return a buffer, empty and zero}
    ///
    /// @throws PoolExhaustedException  there is none
    /// @throws IllegalStateException   closed, or another thread's (caller's fault)
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
    /// @throws IllegalStateException     not leased, closed, or another thread's (caller's fault); nothing changes
    public void release(PooledBuffer buffer) {
        if (cache.ownerId != Thread.currentThread().threadId() || !cache.release(buffer, buffer.generation())) {
            releaseSlowly(buffer);
        }
    }

    private void releaseSlowly(PooledBuffer buffer) {
        if (buffer.pool() != pool) {
            throw new IllegalArgumentException("pool \"" + pool.name() + "\": buffer of pool \"" + buffer.pool().name() + "\"");
        }
        checkOwner();
        pool.slow.release(buffer, buffer.generation(), cache);
    }

    /// {@return the pool}
    public BufferPool pool() {
        return pool;
    }

    /// Gives the idle buffers back to the pool; open leases go on. Any thread may close it; closing twice is harmless.
    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
        }
        pool.leave(cache);
    }

    static IllegalStateException usedAfterClose(BufferPool pool) {
        return new IllegalStateException("pool \"" + pool.name() + "\": owner cache used after its close");
    }

    private void checkOwner() {
        if (closed) {
            throw usedAfterClose(pool);
        }
        pool.checkOpen();
        if (!SlotCaches.claim(cache, Thread.currentThread())) {
            throw new IllegalStateException("pool \"" + pool.name() + "\": owner cache of thread " + cache.ownerId + " used by "
                    + Thread.currentThread());
        }
    }
}
