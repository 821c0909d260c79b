package dev.coffer.memory.pool;

import dev.coffer.memory.layout.HeapLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/// The slots that no cache holds: a stack of slot numbers, shared by all threads and lock-free (Treiber's), moved in
/// chains so that one atomic operation serves several slots.
///
/// The head carries a tag that grows with every change, so a head that was read, changed and changed back is not taken
/// for the same one; it wraps after 2^32 changes between one thread's read and its exchange.
final class FreeList {
    private static final VarHandle HEAD;
    private static final long TAG_ONE = 1L << 32;
    private static final long SLOT_MASK = TAG_ONE - 1;

    static {
        try {
            HEAD = MethodHandles.lookup().findVarHandle(FreeList.class, "head", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    @SuppressWarnings("unused")  // written through HEAD
    private volatile long head;  // tag << 32 | slot + 1; slot part 0 when empty
    private final int[] next;    // by slot: the slot below it + 1; 0 at the bottom
    private final PooledBuffer[] handles;  // by slot

    FreeList(PooledBuffer[] handles) {
        this.handles = handles;
        this.next = new int[handles.length];
    }

    static long heapBytes(int slots) {
        return HeapLayout.instance(FreeList.class) + HeapLayout.array(int.class, slots);
    }

    /// Takes up to `max` slots, the last pushed first.
    ///
    /// @param into  receives them from `at`
    /// @return how many, 0 when empty
    int pop(PooledBuffer[] into, int at, int max) {
        while (true) {
            long seen = (long) HEAD.getAcquire(this);
            int slot = (int) (seen & SLOT_MASK) - 1;
            int count = 0;
            while (slot >= 0 && count < max) {  // what is read here may be stale; then the exchange fails
                into[at + count++] = handles[slot];
                slot = next[slot] - 1;
            }
            if (count == 0 || HEAD.compareAndSet(this, seen, after(seen, slot))) {
                return count;
            }
        }
    }

    /// {@return the slot pushed last, or null when empty}
    @Nullable
    PooledBuffer pop() {
        while (true) {
            long seen = (long) HEAD.getAcquire(this);
            int slot = (int) (seen & SLOT_MASK) - 1;
            if (slot < 0) {
                return null;
            }
            if (HEAD.compareAndSet(this, seen, after(seen, next[slot] - 1))) {
                return handles[slot];
            }
        }
    }

    /// Puts `count` slots on top, `from[at]` uppermost.
    void push(PooledBuffer[] from, int at, int count) {
        if (count == 0) {
            return;
        }
        for (int i = 1; i < count; i++) {
            next[from[at + i - 1].slot()] = from[at + i].slot() + 1;
        }
        link(from[at].slot(), from[at + count - 1].slot());
    }

    void push(PooledBuffer slot) {
        link(slot.slot(), slot.slot());
    }

    private void link(int top, int bottom) {
        long seen;
        do {
            seen = (long) HEAD.getAcquire(this);
            next[bottom] = (int) (seen & SLOT_MASK);
        } while (!HEAD.compareAndSet(this, seen, after(seen, top)));
    }

    private static long after(long seen, int slot) {
        return (seen & ~SLOT_MASK) + TAG_ONE | slot + 1;
    }

    boolean isEmpty() {
        return ((long) HEAD.getAcquire(this) & SLOT_MASK) == 0;
    }
}
