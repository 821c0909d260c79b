package dev.coffer.memory.pool;

import dev.coffer.memory.layout.HeapLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.ref.WeakReference;

/// A small stack of free slots with the counters of those who use it: one platform thread (then nobody else touches
/// it while that thread lives), whoever has it locked (a stripe, for virtual threads), or the holder of an
/// [OwnerCache].
///
/// The counters are plain numbers of one writer at a time: a write that orders anything, even an opaque one, makes the
/// compiler read every field of the lease from memory again, and doubles its time (measured). Others read them as they
/// come, late at worst; once the writer is quiet they are exact. They are never reset and never move: the next owner
/// goes on counting, so their sums over a pool stay right.
final class SlotCache extends SlotCacheFields {
    /// Cache that no thread owns.
    static final long NOBODY = 0;
    /// Cache that is being emptied after its owner's death.
    static final long SWEPT = -1;
    /// Cache that no thread may own: a stripe, a debug pool's, a closed pool's.
    static final long BARRED = -2;

    private static final VarHandle OWNER;
    private static final VarHandle LOCK;
    private static final VarHandle ACQUIRED;
    private static final VarHandle RELEASED;
    private static final VarHandle TOP;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            OWNER = lookup.findVarHandle(SlotCacheFields.class, "ownerId", long.class);
            LOCK = lookup.findVarHandle(SlotCacheFields.class, "lock", int.class);
            ACQUIRED = lookup.findVarHandle(SlotCacheFields.class, "acquired", long.class);
            RELEASED = lookup.findVarHandle(SlotCacheFields.class, "released", long.class);
            TOP = lookup.findVarHandle(SlotCacheFields.class, "top", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    // Behind the fields of one cache, so that those of the next lie on other lines (and on the pair prefetched with them).
    long p01, p02, p03, p04, p05, p06, p07, p08, p09, p10, p11, p12, p13, p14, p15, p16;

    SlotCache(int slots, long ownerId) {
        super(slots, ownerId);
    }

    static long heapBytes(int slots) {
        return HeapLayout.instance(SlotCache.class) + HeapLayout.array(PooledBuffer.class, slots + 2 * PAD);
    }

    // ---- for the owner

    /// {@return a slot; the cache is not empty}
    PooledBuffer pop() {
        int at = top - 1;
        top = at;
        countAcquired();
        return stack[PAD + at];
    }

    /// {@return whether there was room for the slot}
    boolean push(PooledBuffer slot) {
        int at = top;
        if (at >= slotsMax) {
            return false;
        }
        if (stack[PAD + at] != slot) {  // it mostly lies there still: no store, no barrier, no stall for the next read
            stack[PAD + at] = slot;
        }
        top = at + 1;
        countReleased();
        return true;
    }

    void countAcquired() {
        long now = acquired + 1;
        acquired = now;
        long out = now - released;
        if (out > peak) {
            peak = out;
        }
    }

    void countReleased() {
        released++;
    }

    /// {@return whether the free list had something for it}
    boolean refill(FreeList free) {
        assert top == 0 : "refill of a cache with " + top;
        int count = free.pop(stack, PAD, Math.max(1, slotsMax / 2));
        top = count;
        return count > 0;
    }

    /// Gives the older slots back, all but `keep`.
    void spill(FreeList free, int keep) {
        int count = top - keep;
        if (count <= 0) {
            return;
        }
        free.push(stack, PAD, count);
        System.arraycopy(stack, PAD + count, stack, PAD, keep);
        top = keep;
    }

    // ---- for others

    boolean tryLock() {
        return (int) LOCK.getOpaque(this) == 0 && LOCK.compareAndSet(this, 0, 1);
    }

    void unlock() {
        LOCK.setRelease(this, 0);
    }

    /// {@return slots in it, as seen from any thread}
    int size() {
        return (int) TOP.getOpaque(this);
    }

    long acquiredSeen() {
        return (long) ACQUIRED.getOpaque(this);
    }

    long releasedSeen() {
        return (long) RELEASED.getOpaque(this);
    }

    /// Makes the calling platform thread the owner, where there is none or a dead one.
    ///
    /// @return whether it is now
    boolean claim(Thread thread, FreeList free) {
        sweep(free);
        if (!OWNER.compareAndSet(this, NOBODY, SWEPT)) {
            return false;
        }
        owner = new WeakReference<>(thread);
        OWNER.setRelease(this, thread.threadId());
        return true;
    }

    /// Empties the cache where its owner has died; its slots go to the free list, its counters stay.
    ///
    /// @return slots that came back
    int sweep(FreeList free) {
        long id = (long) OWNER.getAcquire(this);
        if (id <= NOBODY || isOwnerAlive() || !OWNER.compareAndSet(this, id, SWEPT)) {
            return 0;
        }
        int count = top;
        spill(free, 0);
        owner = null;
        OWNER.setRelease(this, NOBODY);
        return count;
    }

    private boolean isOwnerAlive() {
        WeakReference<Thread> reference = owner;
        Thread thread = reference == null ? null : reference.get();
        return thread != null && thread.isAlive();
    }

    /// Ends the cache's use: its owner, if any, finds it no more.
    void bar() {
        OWNER.setVolatile(this, BARRED);
    }
}

/// The fields of a [SlotCache], apart so that the padding lies behind all of them.
abstract sealed class SlotCacheFields permits SlotCache {
    /// Array elements unused at each end of a stack, 128 bytes: its slots share no line with a neighbour's fields.
    static final int PAD = 32;

    long ownerId;                // a thread's, or one of the constants
    long acquired;               // leases begun through this cache
    long released;               // leases ended through it
    long peak;                   // most that acquired - released has been
    int lock;                    // 1 while a stripe is held
    int top;                     // slots in the stack
    final int slotsMax;
    final PooledBuffer[] stack;
    WeakReference<Thread> owner;  // weak: a dead thread must not be kept, a live one is never cleared

    SlotCacheFields(int slots, long ownerId) {
        this.slotsMax = slots;
        this.ownerId = ownerId;
        this.stack = new PooledBuffer[slots + 2 * PAD];
    }
}
