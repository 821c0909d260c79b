package dev.coffer.memory.pool;

import dev.coffer.memory.Buffer;
import dev.coffer.memory.internal.lending.Slot;
import dev.coffer.memory.layout.HeapLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/// A buffer that lives in a slot of a [BufferPool]. The object is made once with the slot; a *lease*, from acquire to
/// [#close], is its life, and they follow one another for ever.
///
/// Close wipes every byte that was written and gives the slot back; closing twice throws, as does every access between
/// close and the next lease. Once the slot is leased again an old reference reaches the new lease: keep a [#lease] and
/// ask it for the buffer where references may go stale, or run the pool in its debug mode to find out.
///
/// One thread at a time; it may be handed from thread to thread by any safe publication, and closed by any of them. That rule is the caller's to keep: a read or write that
/// another thread's close overtakes is not refused for certain, and may meet the next lease's bytes (never memory outside of the pool, nor any once its region is closed: that throws).
public abstract sealed class PooledBuffer extends Buffer implements AutoCloseable {
    private static final VarHandle LEASE;

    static {
        try {
            LEASE = MethodHandles.lookup().findVarHandle(PooledBuffer.class, "lease", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private long lease;         // odd while leased
    private final int slot;
    private final BufferPool pool;
    private SlotCache home;     // the owner's cache that it was leased from, or nobody

    private PooledBuffer(BufferPool pool, int slot, MemorySegment memory) {
        super(new Slot(memory));
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

    /// Ends the lease: wipes what was written, gives the slot back. Of several threads that close one lease at one time, one ends it
    /// and the others are refused.
    ///
    /// @throws IllegalStateException  not leased: released before (caller's fault), or the region is closed; nothing
    ///                                changes
    @Override
    public final void close() {
        closeLease(lease);
    }

    /// Ends that lease and no other.
    final void closeLease(long ending) {
        SlotCache cache = home;  // not looked up by way of the pool: each step of the way is waited for
        if (cache.ownerId != Thread.currentThread().threadId() || !cache.release(this, ending)) {
            pool.slow.release(this, ending, null);
        }
    }

    // ---- the lease's two ends. Who may end it: whoever is alone in its home, or, where that is `nobody`, who exchanges `lease`.

    /// Begins a lease, for whoever is alone in the cache that becomes its home.
    final void open(SlotCache cache) {
        if (home != cache) {
            home = cache;
            VarHandle.releaseFence();  // whoever sees the lease sees where it is at home
        }
        begin();
        lease++;
    }

    /// Begins a lease that has no home.
    final void openShared() {
        home = pool.nobody;
        begin();
        LEASE.setVolatile(this, lease + 1);
    }

    /// {@return whether that lease is open and at home in that cache, for whoever is alone in it}
    final boolean isLeased(long generation, SlotCache cache) {
        return lease == generation && (generation & 1) != 0 && home == cache;
    }

    /// Wipes and ends the lease, for whoever is alone in its home.
    ///
    /// @param memory  of the slot
    /// @param dirty   bytes that were written in it
    /// @param isWord  whether a word covers them
    final void shut(MemorySegment memory, long dirty, boolean isWord) {
        wipeDirty(memory, dirty, isWord);
        end();
        lease++;
    }

    final void shut() {
        shut(memory(), dirtyBytes(), isWord(dirtyBytes()));
    }

    private void wipe() {
        wipeDirty(memory(), dirtyBytes(), isWord(dirtyBytes()));
    }

    final MemorySegment slotMemory() {
        return memory();
    }

    final boolean isWordDirty(long dirty) {
        return isWord(dirty);
    }

    /// Wipes and ends a lease from anywhere.
    ///
    /// @return whether its home has counted that
    /// @throws IllegalStateException  it has ended, or the region is closed; nothing changes
    final boolean shut(long ending, Thread thread) {
        while ((ending & 1) != 0 && (long) LEASE.getAcquire(this) == ending) {
            SlotCache from = home;
            if (from == pool.nobody) {
                if (shutShared(ending)) {
                    return false;
                }
            } else if (from.shut(this, ending, thread)) {
                return true;
            }
        }
        throw new IllegalStateException("pool \"" + pool.name() + "\": buffer " + slot + " released twice");
    }

    private boolean shutShared(long ending) {
        if (!LEASE.compareAndSet(this, ending, ending + 1)) {
            return false;
        }
        try {
            wipe();
            end();
            return true;
        } catch (Throwable e) {  // nothing changes: the slot is on no list, so no lease can have begun
            LEASE.setRelease(this, ending);
            throw e;
        }
    }

    /// Ends the lease with its pool, wiped where the memory is still there; nobody is in any cache.
    ///
    /// @return whether there was one
    final boolean endWithPool(MemorySegment memory) {
        long ending = (long) LEASE.getAcquire(this);
        if ((ending & 1) == 0 || !LEASE.compareAndSet(this, ending, ending + 1)) {
            return false;
        }
        try {
            wipe();
        } catch (IllegalStateException e) {
            if (memory.scope().isAlive()) {
                throw e;
            }  // else its region has wiped it
        }
        end();
        return true;
    }

    /// Leaves a home that is given up, for whoever is alone in it.
    final void leaveHome(SlotCache cache) {
        if (home == cache) {
            home = pool.nobody;
        }
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
        /// @throws IllegalStateException  it has ended (caller's fault), whoever has the buffer now; nothing changes
        @Override
        public void close() {
            handle.closeLease(generation);
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
