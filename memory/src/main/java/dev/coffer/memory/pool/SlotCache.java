package dev.coffer.memory.pool;

import dev.coffer.memory.internal.os.MembarrierCall;
import dev.coffer.memory.layout.HeapLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.ref.WeakReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// A small stack of free slots with the counters of those who use it: one thread, its *owner* (of a thread's cache or of an
/// [OwnerCache]), or whoever has it locked (a stripe, for virtual threads).
///
/// Everything here is plain and belongs to whoever is alone in the cache. Two ways lead to that:
///
/// ```
///   owner:   inCall = 1;  state == 0 ?  work;  inCall = 0        no atomic operation, no barrier of the processor
///   others:  state: 0 -> LOCKED;  membarrier;  inCall == 0 ?     the system call is the barrier for both sides
/// ```
///
/// It is Dekker's handshake, with the owner's barrier paid by those who come rarely: after the system call either the owner's
/// mark is seen here, or the owner sees the lock and stays out. Where the system has no such call, and after many
/// visits of others, the cache is [#SHARED]: then the owner locks it too.
///
/// Who waits for a lock holds none and is in no call, so there is no circle. The counters are never reset and
/// never move, so their sums over a pool stay right when a cache changes hands.
final class SlotCache extends SlotCacheFields {
    /// Cache that no thread owns.
    static final long NOBODY = 0;
    /// Cache that no thread may own: a stripe, a debug pool's.
    static final long BARRED = -2;
    /// Cache that nobody may use any more: an owner's that is closed, a closed pool's.
    static final long GIVEN_UP = -3;

    private static final int LOCKED = 1;
    private static final int SHARED = 2;
    private static final int VISITS_MAX = 64;  // of others who end the owner's leases, until it is shared
    private static final int SPINS = 64;
    private static final int PROBE_FRAMES = 24;
    private static final long PAUSE_NANOS = 20_000;

    private static final VarHandle STATE;
    private static final VarHandle IN_CALL;
    private static final VarHandle ACQUIRED;
    private static final VarHandle RELEASED;
    private static final VarHandle TOP;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            STATE = lookup.findVarHandle(SlotCacheFields.class, "state", int.class);
            IN_CALL = lookup.findVarHandle(SlotCacheFields.class, "inCall", int.class);
            ACQUIRED = lookup.findVarHandle(SlotCacheFields.class, "acquired", long.class);
            RELEASED = lookup.findVarHandle(SlotCacheFields.class, "released", long.class);
            TOP = lookup.findVarHandle(SlotCacheFields.class, "top", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    // Behind the fields of one cache, so that those of the next lie on other lines (and on the pair prefetched with them).
    long p01, p02, p03, p04, p05, p06, p07, p08, p09, p10, p11, p12, p13, p14, p15, p16;

    /// @param biased  whether its owner may go without the lock; else it is shared from the start
    SlotCache(int slots, long ownerId, boolean biased) {
        super(slots, ownerId, biased ? 0 : SHARED, biased);
    }

    static long heapBytes(int slots) {
        return HeapLayout.instance(SlotCache.class) + HeapLayout.array(PooledBuffer.class, slots + 2 * PAD);
    }

    // ---- the owner's fast way

    /// {@return a slot in its lease, or null where the owner has to go the slow way: there is none, or the right to one lease more
    /// is not here, or somebody else is in the cache}
    @Nullable
    PooledBuffer lease() {
        PooledBuffer buffer = null;
        IN_CALL.setOpaque(this, 1);
        try {
            if ((int) STATE.getAcquire(this) == 0) {
                int at = top - 1;
                if (at >= floor) {
                    buffer = stack[PAD + at];
                    top = at;
                    acquired++;
                }
            }
        } finally {
            IN_CALL.setRelease(this, 0);
        }
        if (buffer != null) {
            buffer.open(this);  // outside, where the compiler keeps the buffer's fields in registers: the slot is on no list
        }
        return buffer;
    }

    /// Ends a lease that began here and keeps the slot.
    ///
    /// @return whether it did; if not, nothing changed and the slow way knows why
    boolean release(PooledBuffer buffer, long lease) {
        // Read before the marks, which make the compiler forget the buffer's fields: so here they are still in registers, and what the
        // lease's accesses found out of the memory is known. The look at the generation inside says that all this was of that lease;
        // it cannot have left home either, as whoever gives a home up takes the room from it.
        long dirty = buffer.dirtyBytes();
        MemorySegment memory = buffer.slotMemory();
        boolean isWord = buffer.isWordDirty(dirty);
        if (!buffer.isLeased(lease, this)) {
            return false;
        }
        IN_CALL.setOpaque(this, 1);
        try {
            if ((int) STATE.getAcquire(this) == 0) {
                int at = top;
                if (at < room && buffer.generation() == lease) {
                    buffer.shut(memory, dirty, isWord);
                    if (stack[PAD + at] != buffer) {  // it mostly lies there still: no store, no barrier, no stall for the next read
                        stack[PAD + at] = buffer;
                    }
                    released++;
                    top = at + 1;
                    IN_CALL.setRelease(this, 0);
                    return true;
                }
            }
        } catch (Throwable e) {  // the region is closed, or a stack overflows: nothing has changed yet
            inCall = 0;
            throw e;
        }
        IN_CALL.setRelease(this, 0);
        return false;
    }

    // ---- being alone in it

    /// Enters as owner where the calling thread is that, else by the lock; waits while somebody else is inside.
    void enter(Thread thread) {
        if (ownerId != thread.threadId()) {
            lock();
            return;
        }
        for (int turn = 0;; turn++) {
            IN_CALL.setOpaque(this, 1);
            int seen = (int) STATE.getAcquire(this);
            if (seen == 0) {
                return;
            }
            IN_CALL.setRelease(this, 0);
            reserveStack(PROBE_FRAMES, 0, 0, 0, 0, 0, 0);
            if (seen == SHARED && STATE.compareAndSet(this, SHARED, SHARED | LOCKED)) {
                return;
            }
            pause(turn);
        }
    }

    /// Leaves what [#enter] entered.
    void leave(Thread thread) {
        if (ownerId == thread.threadId() && inCall != 0) {  // the owner alone writes its mark, so it knows how it came in
            setFloor();
            IN_CALL.setRelease(this, 0);
        } else {
            unlock();
        }
    }

    void lock() {
        flag();
        boolean alone = false;
        try {
            if (isBarrierNeeded()) {
                MembarrierCall.run();
            }
            awaitOwner();
            alone = true;
        } finally {
            if (!alone) {
                unflag();
            }
        }
    }

    /// {@return whether a shared cache is locked now; never waits}
    boolean tryLock() {
        assert ((int) STATE.getOpaque(this) & SHARED) != 0 : "not shared";
        return tryFlag();
    }

    /// First step of a lock: whoever wants in stays out from now on. [#isBarrierNeeded], [MembarrierCall#run] and
    /// [#awaitOwner] make it whole; apart so that one barrier serves many caches.
    void flag() {
        for (int turn = 0; !tryFlag(); turn++) {
            pause(turn);
        }
    }

    boolean tryFlag() {
        reserveStack(PROBE_FRAMES, 0, 0, 0, 0, 0, 0);
        int seen = (int) STATE.getOpaque(this);
        return (seen & LOCKED) == 0 && STATE.compareAndSet(this, seen, seen | LOCKED);
    }

    /// {@return whether an owner may be inside whose mark is not seen yet; the cache is flagged}
    boolean isBarrierNeeded() {
        return (state & SHARED) == 0 && ownerId != Thread.currentThread().threadId() && isOwned();
    }

    void awaitOwner() {
        for (int turn = 0; (int) IN_CALL.getAcquire(this) != 0; turn++) {
            pause(turn);
        }
    }

    void unlock() {
        setFloor();
        unflag();
    }

    /// Gives a flag back without the lock that it was to become: an owner may be inside, so nothing else of the cache is written.
    void unflag() {
        STATE.setRelease(this, state & ~LOCKED);
    }

    /// Overflows the stack here or not until the lock is given back: a lock that is kept for ever would cost everyone. (The JDK's own
    /// locks have an annotation for that.) The frames are more than those of the deepest call under the lock.
    private static long reserveStack(int frames, long a, long b, long c, long d, long e, long f) {
        return frames == 0 ? a : reserveStack(frames - 1, b, c, d, e, f, a + frames) + a + b + c + d + e + f;
    }

    @SuppressWarnings("ThreadPriorityCheck")  // between spinning and sleeping, by turns
    static void pause(int turn) {
        if (turn < SPINS) {
            Thread.onSpinWait();
        } else if (turn < 2 * SPINS) {
            Thread.yield();
        } else {
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    // ---- for whoever is alone in it

    /// One comparison for the fast way in place of two: its leases and releases move slots and slack alike, so the number of slots
    /// that would be left without slack stays what it was at the end of the last slow way.
    private void setFloor() {
        floor = Math.clamp(top - slack(), 0, top);
    }

    /// {@return a slot in its lease; there is one, and the right to it}
    PooledBuffer leaseNext() {
        assert top > 0 && !isSpent() : this;
        PooledBuffer buffer = stack[PAD + top - 1];
        if (ownerId == BARRED) {
            buffer.openShared();
        } else {
            buffer.open(this);
        }
        top--;
        acquired++;
        return buffer;
    }

    /// Ends a lease that began here, from any thread.
    ///
    /// @return whether it did; if not, it had ended or left this home
    boolean shut(PooledBuffer buffer, long ending, Thread thread) {
        enter(thread);
        try {
            if (!buffer.isLeased(ending, this)) {
                return false;
            }
            if (ownerId == GIVEN_UP) {  // between the owner's count of the lease and its beginning: the sums have the count, and not this cache
                buffer.leaveHome(this);
                return false;
            }
            buffer.shut();
            released++;
            if (ownerId != thread.threadId()) {
                countVisit();
            }
            return true;
        } finally {
            leave(thread);
        }
    }

    /// {@return whether one lease more needs a larger share of the peak, see [SlotCaches]}
    boolean isSpent() {
        return acquired - released >= share;
    }

    /// {@return whether the free list had something for it}
    boolean refill(FreeList free) {
        assert top == 0 : "refill of a cache with " + top;
        misses++;
        top = free.pop(stack, PAD, Math.max(1, room / 2));
        return top > 0;
    }

    /// Takes a free slot in; past the cache where that is full or was raided of late.
    void put(PooledBuffer slot, FreeList free) {
        assert slotsMax > 0 : this;
        if (top >= room) {
            if (room < slotsMax) {
                room = Math.min(slotsMax, 2 * room + 1);
                free.push(slot);
                return;
            }
            spill(free, top / 2);
        }
        stack[PAD + top] = slot;
        top++;
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

    /// Takes everything away for others; the owner begins small again.
    ///
    /// @return slots taken
    int raid(FreeList free) {
        int count = top;
        spill(free, 0);
        room = 0;
        return count;
    }

    /// {@return leases that could still begin here without a larger peak; from any thread about right}
    long slack() {
        return share - (acquired - released);
    }

    /// {@return a half of the slack, rounded up, taken from its share}
    long giveShare() {
        long given = Math.max(0, (slack() + 1) / 2);
        share -= given;
        return given;
    }

    /// Counts a visit of somebody who ended a lease of the owner's.
    private void countVisit() {
        if ((state & SHARED) == 0 && ++visits >= VISITS_MAX) {
            state |= SHARED;
        }
    }

    /// {@return whether a thread may become its owner: it has none, or a dead one}
    boolean isVacant() {
        return ownerId >= NOBODY && !isOwned();
    }

    /// Makes the calling thread the owner, where there is none or a dead one; the cache is locked.
    void own(Thread thread) {
        owner = new WeakReference<>(thread);
        if (biased) {
            visits = 0;
            state &= ~SHARED;
        }
        ownerId = thread.threadId();
    }

    /// Ends the use of the cache: nobody finds anything in it any more; it is locked.
    void bar(FreeList free) {
        raid(free);
        share = acquired - released;  // no slack that anyone could take
        ownerId = GIVEN_UP;
        owner = null;
    }

    // ---- for others

    /// {@return whether a live thread owns it, as far as can be seen}
    boolean isOwned() {
        WeakReference<Thread> reference = owner;
        Thread thread = reference == null ? null : reference.get();
        return thread != null && thread.isAlive();
    }

    /// {@return slots in it, as seen from any thread}
    int size() {
        return (int) TOP.getAcquire(this);
    }

    long acquiredSeen() {
        return (long) ACQUIRED.getAcquire(this);
    }

    long releasedSeen() {
        return (long) RELEASED.getAcquire(this);
    }

    @Override
    public String toString() {
        return "SlotCache[owner " + ownerId + ", " + top + " of " + slotsMax + " slots, room for " + room + ", state " + state + "]";
    }
}

/// The fields of a [SlotCache], apart so that the padding lies behind all of them.
abstract sealed class SlotCacheFields permits SlotCache {
    /// Array elements unused at each end of a stack, 128 bytes: its slots share no line with a neighbour's fields.
    static final int PAD = 32;

    long ownerId;                // a thread's, or one of the constants; written under the lock
    long acquired;               // leases begun through this cache
    long released;               // leases ended that are counted here
    long share;                  // most that acquired - released may be; see SlotCaches
    long misses;                 // times it was empty when asked
    int inCall;                  // 1 while the owner is inside; written by the owner alone
    int state;                   // LOCKED, SHARED
    int top;                     // slots in the stack
    int floor;                   // slots that the fast way has to leave: for want of share
    int room;                    // most it takes: slotsMax, less for a while after a raid
    int visits;                  // of others who ended leases of the owner's
    final int slotsMax;
    final boolean biased;        // whether an owner may go without the lock
    final PooledBuffer[] stack;
    volatile @Nullable WeakReference<Thread> owner;  // weak: a dead thread must not be kept, a live one is never cleared

    SlotCacheFields(int slots, long ownerId, int state, boolean biased) {
        this.slotsMax = slots;
        this.room = slots;
        this.ownerId = ownerId;
        this.state = state;
        this.biased = biased;
        this.stack = new PooledBuffer[slots + 2 * PAD];
    }
}
