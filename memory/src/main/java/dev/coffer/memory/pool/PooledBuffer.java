package dev.coffer.memory.pool;

import dev.coffer.memory.Buffer;
import dev.coffer.memory.layout.HeapLayout;
import java.lang.foreign.MemorySegment;

/// A buffer that lives in a slot of a [BufferPool]. The object is made once with the slot; a *lease*, from acquire to
/// [#close], is its life, and they follow one another for ever.
///
/// Close wipes every byte that was written and gives the slot back; closing twice throws, as does every access between
/// close and the next lease. Once the slot is leased again an old reference reaches the new lease: keep a [#lease] and
/// ask it for the buffer where references may go stale, or run the pool in its debug mode to find out.
///
/// One thread at a time; it may be handed from thread to thread by any safe publication, and closed by any of them.
public abstract sealed class PooledBuffer extends Buffer implements AutoCloseable {
    private long lease;         // odd while leased
    private final int slot;
    private final BufferPool pool;
    SlotCache home;             // the thread's cache that it was last leased from

    private PooledBuffer(BufferPool pool, int slot, MemorySegment memory) {
        super(memory);
        this.pool = pool;
        this.slot = slot;
        this.home = pool.nobody;
    }

    static PooledBuffer in(BufferPool pool, int slot, MemorySegment memory) {
        return new Padded(pool, slot, memory);
    }

    /// {@return heap bytes of one handle with its segment}
    static long heapBytes() {
        return HeapLayout.instance(Padded.class) + HeapLayout.instance(MemorySegment.NULL.getClass());
    }

    /// {@return the pool that it belongs to}
    public final BufferPool pool() {
        return pool;
    }

    /// {@return whether it is leased now}
    public final boolean isLeased() {
        return (lease & 1) != 0;
    }

    /// {@return a reference to this lease and no other; makes an object}
    ///
    /// @throws IllegalStateException  not leased (caller's fault)
    public final Lease lease() {
        if (!isLeased()) {
            throw new IllegalStateException("pool \"" + pool.name() + "\": buffer " + slot + " is not leased");
        }
        return new Lease(this, lease);
    }

    /// Ends the lease: wipes what was written, gives the slot back.
    ///
    /// @throws IllegalStateException  not leased: released before (caller's fault), or the region is closed; nothing
    ///                                changes
    @Override
    public final void close() {
        shut();
        SlotCache cache = home;  // not looked up by way of the pool: each step of the way is waited for
        if (cache.ownerId != Thread.currentThread().threadId() || pool.starving || !cache.push(this)) {
            pool.releaseSlowly(this);
        }
    }

    /// {@return whether the lease began; false where the slot is leased already, which only a race of two releases of
    /// one lease can bring about}
    final boolean open() {
        if ((lease & 1) != 0) {
            return false;
        }
        lease++;
        begin();
        return true;
    }

    /// Wipes and ends the lease; the slot is the pool's again when this returns.
    final void shut() {
        if ((lease & 1) == 0) {
            throw new IllegalStateException("pool \"" + pool.name() + "\": buffer " + slot + " released twice");
        }
        wipeDirty();
        lease++;
        end();
    }

    final int slot() {
        return slot;
    }

    final long generation() {
        return lease;
    }

    @Override
    protected final MemorySegment scoped(long at, long bytes) {
        MemorySegment raw = super.scoped(at, bytes);
        return pool.debug == null ? raw : pool.debug.scoped(slot, raw);
    }

    /// One lease of one buffer: the checked mode. It refuses once that lease has ended, also when the slot is leased to
    /// someone else by then. 0 heap bytes where the optimizer sees it does not escape, else 24.
    ///
    /// @param handle      the buffer
    /// @param generation  which lease of it
    public record Lease(PooledBuffer handle, long generation) implements AutoCloseable {
        /// {@return the buffer}
        ///
        /// @throws IllegalStateException  the lease has ended (caller's fault)
        public PooledBuffer buffer() {
            if (!isOpen()) {
                throw new IllegalStateException("pool \"" + handle.pool.name() + "\": lease " + generation + " of buffer "
                        + handle.slot + " has ended, now " + handle.lease);
            }
            return handle;
        }

        /// {@return whether the lease has not ended}
        public boolean isOpen() {
            return handle.lease == generation;
        }

        /// Ends the lease.
        ///
        /// @throws IllegalStateException  it has ended (caller's fault)
        @Override
        public void close() {
            buffer().close();
        }
    }

    /// Keeps the fields of neighbouring handles 128 bytes apart: two threads write their own all the time.
    private static final class Padded extends PooledBuffer {
        @SuppressWarnings("unused")
        long p01, p02, p03, p04, p05, p06, p07, p08, p09, p10, p11, p12, p13, p14, p15, p16;

        Padded(BufferPool pool, int slot, MemorySegment memory) {
            super(pool, slot, memory);
        }
    }
}
