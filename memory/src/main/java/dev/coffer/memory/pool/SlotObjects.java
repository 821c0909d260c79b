package dev.coffer.memory.pool;

import java.lang.foreign.MemorySegment;

/// The objects of one kind of slot in a [SlotPool], under their type. The pool's thread alone; 0 heap bytes.
///
/// @param <T>  their type
public final class SlotObjects<T> {
    /// Makes the object of a slot, when the pool is opened.
    ///
    /// @param <T>  its type
    @FunctionalInterface
    public interface Maker<T> {
        /// {@return the object of one slot, not null; it writes to its slot only while that is lent}
        ///
        /// @param memory  the pool's
        /// @param at      offset of the slot in it
        /// @param index   of the slot within its kind
        T make(MemorySegment memory, long at, int index);
    }

    private final SlotPool pool;
    private final int kind;
    private final Class<T> type;

    SlotObjects(SlotPool pool, int kind, Class<T> type) {
        this.pool = pool;
        this.kind = kind;
        this.type = type;
    }

    /// {@return the object of a slot, as its last borrower left it}
    ///
    /// @param slot  what [SlotPool#tryLend] answered for this kind
    /// @throws IllegalArgumentException  a slot of another kind, or none (caller's fault)
    /// @throws IllegalStateException     not lent any more, or closed (caller's fault)
    public T of(long slot) {
        return type.cast(pool.object(kind, slot));
    }
}
