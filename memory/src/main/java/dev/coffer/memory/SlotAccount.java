package dev.coffer.memory;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Objects;

/// Counts slots of one size in use: an account for tables and pools that one thread owns. Written by that thread alone,
/// without fences; read by any, which may see the numbers of a moment ago. 0 heap bytes.
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
    /// @param slotBytes  of one slot, 0 or more
    /// @param slots      in all, 0 or more
    /// @throws IllegalArgumentException  a negative number (caller's fault)
    /// @throws ArithmeticException       the product is past 2^63-1 (caller's fault)
    public SlotAccount(String name, long slotBytes, long slots) {
        if (slotBytes < 0 || slots < 0) {
            throw new IllegalArgumentException("account \"" + name + "\": " + slots + " slots of " + slotBytes
                    + " bytes (expected 0 or more)");
        }
        Math.multiplyExact(slotBytes, slots);
        this.name = Objects.requireNonNull(name);
        this.slotBytes = slotBytes;
        this.slots = slots;
    }

    /// A slot was taken. Owner's thread.
    ///
    /// @throws IllegalStateException  all are taken (caller's fault); nothing changes
    public void taken() {
        taken(1);
    }

    /// Slots were taken. Owner's thread.
    ///
    /// @param count  0 or more
    /// @throws IllegalArgumentException  a negative number (caller's fault)
    /// @throws IllegalStateException     so many are not free (caller's fault); nothing changes
    public void taken(long count) {
        long before = used;
        check(count, slots - before, "free");
        if (before + count > peak) {
            PEAK.setOpaque(this, before + count);
        }
        USED.setOpaque(this, before + count);
    }

    /// A slot was given back. Owner's thread.
    ///
    /// @throws IllegalStateException  none is taken (caller's fault); nothing changes
    public void released() {
        released(1);
    }

    /// Slots were given back. Owner's thread.
    ///
    /// @param count  0 or more
    /// @throws IllegalArgumentException  a negative number (caller's fault)
    /// @throws IllegalStateException     so many are not taken (caller's fault); nothing changes
    public void released(long count) {
        long before = used;
        check(count, before, "taken");
        USED.setOpaque(this, before - count);
    }

    private void check(long count, long most, String what) {
        if (count < 0) {
            throw new IllegalArgumentException("account \"" + name + "\": " + count + " slots (expected 0 or more)");
        }
        if (count > most) {
            throw new IllegalStateException("account \"" + name + "\": " + count + " slots, " + most + " of " + slots + " are "
                    + what);
        }
    }

    /// {@return slots in use}
    public long count() {
        return (long) USED.getOpaque(this);
    }

    /// {@return the most slots that were in use}
    public long peakCount() {
        return (long) PEAK.getOpaque(this);
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
        return peakCount() * slotBytes;
    }

    @Override
    public String toString() {
        return "SlotAccount[" + name + ", " + count() + " of " + slots + " slots of " + slotBytes + " bytes]";
    }
}
