package dev.coffer.memory.pool;

import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.SlotAccount;
import dev.coffer.memory.layout.HeapLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/// The slots of one kind in a [SlotPool]: where they lie, which are free, what was made for each, and the figures. Written by the
/// pool's thread alone, without fences; the figures are read by any.
final class SlotKind {
    private static final VarHandle LOANS;
    private static final VarHandle REFUSALS;

    static {
        try {
            LOANS = MethodHandles.lookup().findVarHandle(SlotKind.class, "loans", long.class);
            REFUSALS = MethodHandles.lookup().findVarHandle(SlotKind.class, "refusals", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final SlotPoolConfig.Kind kind;
    private final int first;            // of all slots of the pool
    private final long begin;           // offset of that one
    private final Object @Nullable [] objects;  // by index; null where nothing was made
    private final int[] free;           // a stack of indices: what was used last is still in the cache
    private int freeCount;
    private final SlotAccount account;
    private long loans;
    private long refusals;

    SlotKind(SlotPoolConfig.Kind kind, int first, long begin, Object @Nullable [] objects) {
        this.kind = kind;
        this.first = first;
        this.begin = begin;
        this.objects = objects;
        this.free = new int[kind.slots()];
        for (int i = 0; i < free.length; i++) {
            free[i] = free.length - 1 - i;
        }
        this.freeCount = free.length;
        this.account = new SlotAccount(kind.name(), kind.slotBytes(), kind.slots());
    }

    static MemoryPlan plan(SlotPoolConfig.Kind kind) {
        return kind.plan(HeapLayout.instance(SlotKind.class) + HeapLayout.instance(SlotAccount.class)
                + HeapLayout.array(int.class, kind.slots())
                + (kind.objectBytes() == 0 ? 0 : HeapLayout.array(Object.class, kind.slots())));
    }

    String name() {
        return kind.name();
    }

    long slotBytes() {
        return kind.slotBytes();
    }

    int slots() {
        return free.length;
    }

    /// {@return the number, over all kinds, of the slot of that index}
    int slot(int index) {
        return first + index;
    }

    int index(int slot) {
        return slot - first;
    }

    /// {@return offset of a slot in the pool's memory}
    long at(int slot) {
        return begin + index(slot) * kind.slotBytes();
    }

    /// {@return the objects; null where nothing was made}
    Object @Nullable [] objects() {
        return objects;
    }

    SlotAccount account() {
        return account;
    }

    /// Takes a free slot, or counts a refusal.
    ///
    /// @return its index, or -1
    int take() {
        if (freeCount == 0) {
            REFUSALS.setOpaque(this, refusals + 1);
            return -1;
        }
        account.taken();
        LOANS.setOpaque(this, loans + 1);
        return free[--freeCount];
    }

    void giveBack(int slot) {
        account.released();
        free[freeCount++] = index(slot);
    }

    long loans() {
        return (long) LOANS.getOpaque(this);
    }

    long refusals() {
        return (long) REFUSALS.getOpaque(this);
    }

    /// {@return index of a free slot; for property tests}
    ///
    /// @param nth  0..slots - lent - 1
    int freeIndex(int nth) {
        assert nth < freeCount : nth + " of " + freeCount;
        return free[nth];
    }
}
