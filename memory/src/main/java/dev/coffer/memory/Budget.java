package dev.coffer.memory;

import dev.coffer.memory.internal.event.MemoryEvents;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A hard limit in bytes, in a tree: what a child reserves counts against all its ancestors.
///
/// Lock-free, safe for any thread. The bound is hard: `usedBytes() <= limitBytes()` holds at every instant for every
/// budget of the tree. A reservation climbs from the child to the root; where an ancestor refuses, what was counted
/// below is given back, so for that moment a sibling may be refused although the refused request never came to be.
///
/// Charge slabs and quanta, not leases: one level costs an atomic operation or two, which is more than a pooled lease.
@SuppressWarnings("exports")  // annotations that users need not have
public final class Budget implements Account {
    private static final VarHandle USED;
    private static final VarHandle PEAK;

    static {
        try {
            USED = MethodHandles.lookup().findVarHandle(Budget.class, "used", long.class);
            PEAK = MethodHandles.lookup().findVarHandle(Budget.class, "peak", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final String name;
    private final long limit;
    private final @Nullable Budget parent;  // null at the root
    @SuppressWarnings("unused")   // written through USED
    private volatile long used;
    @SuppressWarnings("unused")   // written through PEAK
    private volatile long peak;

    private Budget(String name, long limit, @Nullable Budget parent) {
        if (limit < 0) {
            throw new IllegalArgumentException("budget \"" + name + "\": limit " + limit + " (expected 0 or more)");
        }
        this.name = Objects.requireNonNull(name);
        this.limit = limit;
        this.parent = parent;
    }

    /// {@return a root budget}
    ///
    /// @param limitBytes  0 or more; 0 refuses everything
    /// @throws IllegalArgumentException  a negative limit (caller's fault)
    public static Budget root(String name, long limitBytes) {
        return new Budget(name, limitBytes, null);
    }

    /// {@return a budget below this one; its limit may exceed the parent's, which then refuses first}
    ///
    /// @param limitBytes  0 or more
    /// @throws IllegalArgumentException  a negative limit (caller's fault)
    public Budget child(String childName, long limitBytes) {
        return new Budget(childName, limitBytes, this);
    }

    /// Reserves `bytes` here and in every ancestor, or nothing anywhere.
    ///
    /// @param bytes  0 or more
    /// @throws BudgetExceededException   this budget or an ancestor has less left; it says which, and its numbers
    /// @throws IllegalArgumentException  negative bytes (caller's fault)
    public void reserve(long bytes) {
        Budget refusing = climb(bytes);
        if (refusing != null) {
            throw new BudgetExceededException(refusing.name, bytes, refusing.availableBytes(), refusing.limit);
        }
    }

    /// Reserves as [#reserve] does, and says no without making an object: for paths that a peer can drive.
    ///
    /// @param bytes  0 or more
    /// @return whether the bytes are reserved; more than [#limitBytes] never are
    /// @throws IllegalArgumentException  negative bytes (caller's fault)
    public boolean tryReserve(long bytes) {
        return climb(bytes) == null;
    }

    /// Gives back bytes reserved here, in this budget and every ancestor.
    ///
    /// @param bytes  0..[#usedBytes]
    /// @throws IllegalArgumentException  negative bytes (caller's fault)
    /// @throws IllegalStateException     more than is reserved here (caller's fault); nothing changes
    public void release(long bytes) {
        if (bytes < 0) {
            throw negative(bytes);
        }
        long now;
        do {
            now = (long) USED.getVolatile(this);
            if (bytes > now) {
                throw new IllegalStateException(
                        "budget \"" + name + "\": released " + bytes + " bytes, reserved " + now);
            }
        } while (!USED.compareAndSet(this, now, now - bytes));
        for (Budget up = parent; up != null; up = up.parent) {
            long left = (long) USED.getAndAdd(up, -bytes) - bytes;
            assert left >= 0 : "budget " + up.name + " below zero: " + left;
        }
    }

    /// {@return null when all agreed, else the first that refused, with nothing reserved}
    private @Nullable Budget climb(long bytes) {
        if (bytes < 0) {
            throw negative(bytes);
        }
        for (Budget at = this; at != null; at = at.parent) {
            if (!at.add(bytes)) {
                for (Budget undo = this; undo != null && undo != at; undo = undo.parent) {
                    USED.getAndAdd(undo, -bytes);
                }
                MemoryEvents.reserveRefused(at.name, bytes, at.availableBytes(), at.limit);
                return at;
            }
        }
        for (Budget at = this; at != null; at = at.parent) {
            at.raisePeak();
        }
        return null;
    }

    private boolean add(long bytes) {
        long now;
        do {
            now = (long) USED.getVolatile(this);
            if (bytes > limit - now) {
                return false;
            }
        } while (!USED.compareAndSet(this, now, now + bytes));
        return true;
    }

    private void raisePeak() {
        long now = (long) USED.getVolatile(this);
        long seen = (long) PEAK.getVolatile(this);
        while (now > seen && !PEAK.compareAndSet(this, seen, now)) {
            seen = (long) PEAK.getVolatile(this);
        }
    }

    private IllegalArgumentException negative(long bytes) {
        return new IllegalArgumentException("budget \"" + name + "\": " + bytes + " bytes (expected 0 or more)");
    }

    @Override
    public String name() {
        return name;
    }

    /// {@return the budget above, or null at the root}
    public @Nullable Budget parent() {
        return parent;
    }

    public long limitBytes() {
        return limit;
    }

    @Override
    public long capacityBytes() {
        return limit;
    }

    @Override
    public long usedBytes() {
        return (long) USED.getVolatile(this);
    }

    /// {@return bytes left here; an ancestor may have less}
    public long availableBytes() {
        return limit - usedBytes();
    }

    /// {@return the most that was reserved here at one time by requests that every ancestor agreed to; exact when one
    /// thread reserves at a time, else it may miss a peak that lasted for less than one call}
    @Override
    public long peakBytes() {
        return (long) PEAK.getVolatile(this);
    }

    /// {@return the three numbers at one moment, as a value}
    public Snapshot snapshot() {
        long usedNow = usedBytes();
        return new Snapshot(name, limit, usedNow, Math.max(usedNow, peakBytes()));
    }

    /// A budget's numbers, in bytes.
    public record Snapshot(String name, long limitBytes, long usedBytes, long peakBytes) {
        /// {@return bytes left}
        public long availableBytes() {
            return limitBytes - usedBytes;
        }
    }

    @Override
    public String toString() {
        return "Budget[" + name + ", " + usedBytes() + " of " + limit + " bytes, peak " + peakBytes() + "]";
    }
}
