package dev.coffer.server;

import dev.coffer.memory.Account;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/// Counts slots of one size in use. Written by its owner's thread alone, without fences; read by any thread, which may
/// see the numbers of a moment ago.
public final class SlotAccount implements Account {
    private static final VarHandle USED;
    private static final VarHandle PEAK;

    static {
        try {
            USED = MethodHandles.lookup().findVarHandle(SlotAccount.class, "used", long.class);
            PEAK = MethodHandles.lookup().findVarHandle(SlotAccount.class, "peak", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final String name;
    private final long slotBytes;
    private final long slots;
    private long used;  // slots
    private long peak;  // slots

    /// @param name       of the plan row
    /// @param slotBytes  of one slot
    /// @param slots      in all
    public SlotAccount(String name, long slotBytes, long slots) {
        this.name = name;
        this.slotBytes = slotBytes;
        this.slots = slots;
    }

    /// A slot was taken. Owner's thread.
    public void taken() {
        long now = used + 1;
        assert now <= slots : name + ": " + now + " slots of " + slots;
        if (now > peak) {
            PEAK.setOpaque(this, now);
        }
        USED.setOpaque(this, now);
    }

    /// A slot was given back. Owner's thread.
    public void released() {
        assert used > 0 : name + ": released more than taken";
        USED.setOpaque(this, used - 1);
    }

    /// {@return slots in use}
    public long count() {
        return (long) USED.getOpaque(this);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public long capacityBytes() {
        return slots * slotBytes;
    }

    @Override
    public long usedBytes() {
        return count() * slotBytes;
    }

    @Override
    public long peakBytes() {
        return (long) PEAK.getOpaque(this) * slotBytes;
    }

    @Override
    public String toString() {
        return "SlotAccount[" + name + ", " + count() + " of " + slots + " slots of " + slotBytes + " bytes]";
    }
}
