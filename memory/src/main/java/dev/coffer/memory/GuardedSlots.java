package dev.coffer.memory;

import dev.coffer.memory.Secret.Access;
import dev.coffer.memory.internal.os.Errno;
import dev.coffer.memory.internal.os.MemoryCalls;
import dev.coffer.memory.layout.Align;
import dev.coffer.memory.layout.HeapLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.security.SecureRandom;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A slab for long-lived keys: each slot lies between two pages without access and has pages that can be closed.
///
/// ```
///   guard | ...... canary 16 | secret | guard | ...... canary 16 | secret | guard | canary, rounding | guard
///         '-------- slot 0 ----------'       '-------- slot 1 ----------'
/// ```
///
/// A secret ends where its guard page begins, so the first byte past it faults; the 16 bytes before it are checked when
/// it is released. Slots are made once; a [Secret] and a lifetime are made for each acquire (some hundred heap bytes), as
/// is a lifetime for each change of state. That is a cold path of tens of microseconds: acquire at start.
///
/// It owns a [Region] of its own, since nothing else may lie on pages that close. All methods are safe for any thread.
/// When full, [#acquire] refuses with numbers and [#tryAcquire] with null.
@SuppressWarnings("exports")  // annotations that users need not have
public final class GuardedSlots implements Account, AutoCloseable {
    /// Bytes of the canary before each secret.
    public static final int CANARY_BYTES = 16;
    /// Most slots: the kernel allows 65530 mappings a process by default and a slot takes two.
    public static final int SLOTS_MAX = 16_384;

    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;

    /// How many slots of what size, and how the region under them is held.
    ///
    /// | component | unit | default | range | cost |
    /// |---|---|---|---|---|
    /// | `slots` | 1 | 16 | 1..16384 | two pages each, or more with large slots |
    /// | `slotBytes` | bytes | 4080 = 4096 - 16 | 1..2^20 | rounded up to whole pages with the canary's 16 |
    ///
    /// @param region     name and protections; `commit` must be ON_OPEN; the level of `guard` is also that of the slots
    /// @param slots      how many
    /// @param slotBytes  longest secret
    public record Config(RegionConfig region, int slots, int slotBytes) {
        /// @throws IllegalArgumentException  a number out of its range
        public Config {
            if (slots < 1 || slots > SLOTS_MAX || slotBytes < 1 || slotBytes > 1 << 20
                    || region.commit() != RegionConfig.Commit.ON_OPEN) {
                throw new IllegalArgumentException("guarded slots \"" + region.name() + "\": " + slots + " slots of "
                        + slotBytes + " bytes, commit " + region.commit() + " (expected 1.." + SLOTS_MAX + " of 1.."
                        + (1 << 20) + ", ON_OPEN)");
            }
        }

        /// {@return 16 slots of one page each, every protection at best effort}
        public static Config defaults(String name) {
            return new Config(RegionConfig.defaults(name), 16, 4096 - CANARY_BYTES);
        }
    }

    private final Config config;
    private final Region region;
    private final long slotStride;  // bytes from slot to slot: pages and a guard
    private final long slotPages;   // bytes of a slot's pages
    private final long canaryHigh;
    private final long canaryLow;
    private final Slot[] slots;
    private final Object end = new Object();   // held by who closes, for all of it; taken before any other lock
    private @Nullable CanaryException damage;  // of a secret, found by a close, thrown by the one that unmaps; under end
    private final Object lock = new Object();
    private int used;               // under lock
    private int peak;               // under lock
    private long refusals;          // of the system, after open; under lock
    private boolean closed;         // under lock

    private GuardedSlots(Config config, Region region) {
        this.config = config;
        this.region = region;
        long page = region.pageBytes();
        this.slotPages = Align.up((long) config.slotBytes() + CANARY_BYTES, page);
        this.slotStride = slotPages + page;
        SecureRandom random = new SecureRandom();
        this.canaryHigh = random.nextLong();
        this.canaryLow = random.nextLong();
        this.slots = new Slot[config.slots()];
        for (int i = 0; i < slots.length; i++) {
            slots[i] = new Slot(this, i);
        }
    }

    /// {@return the plan of the whole mapping: slots, the guard behind each, and what the region adds}
    public static MemoryPlan plan(Config config) {
        return Region.plan(config.region(), data(config, MemoryCalls.SYSTEM.pageBytes()));
    }

    private static MemoryPlan data(Config config, long page) {
        MemoryPlan slot = MemoryPlan.group("slot",
                MemoryPlan.block("pages", Align.up((long) config.slotBytes() + CANARY_BYTES, page)),
                MemoryPlan.block("guard", page));
        return MemoryPlan.group("guarded slots", slot.times(config.slots()))
                .withHeap(HeapLayout.instance(GuardedSlots.class) + 2 * HeapLayout.instance(Object.class)
                        + HeapLayout.array(Slot.class, config.slots())
                        + config.slots() * HeapLayout.instance(Slot.class));
    }

    /// Maps the slab; every slot is closed.
    ///
    /// @throws MemoryLimitException  the container allows less; nothing is held
    /// @throws ProtectionException   a required protection was refused; nothing is held
    /// @throws OutOfMemoryError      the system has no room for the mapping; nothing is held
    public static GuardedSlots open(Config config) {
        return open(config, MemoryCalls.SYSTEM);
    }

    /// For tests that make a system call fail.
    static GuardedSlots open(Config config, MemoryCalls calls) {
        Region region = Region.open(config.region(), data(config, calls.pageBytes()), calls);
        try {
            GuardedSlots slab = new GuardedSlots(config, region);
            slab.protect(0, region.data().byteSize(), MemoryCalls.PROT_NONE, "close the slots");
            return slab;
        } catch (RuntimeException | Error e) {
            region.abandon();  // its pages may be closed, and nobody has written to them
            throw e;
        }
    }

    /// {@return a guarded secret of `length` zero bytes, open for writing}
    ///
    /// @param length  1..`slotBytes`
    /// @throws BudgetExceededException   every slot is taken
    /// @throws IllegalArgumentException  a length out of range (caller's fault)
    /// @throws IllegalStateException     closed (caller's fault)
    /// @throws ProtectionException       the system refused to open the pages; nothing is held
    public Secret acquire(int length) {
        Secret secret = tryAcquire(length);
        if (secret == null) {
            throw new BudgetExceededException(name(), length, 0, capacityBytes());
        }
        return secret;
    }

    /// Acquires as [#acquire] does, and says no without making an object.
    ///
    /// @return the secret, or null where every slot is taken
    public @Nullable Secret tryAcquire(int length) {
        if (length < 1 || length > config.slotBytes()) {
            throw new IllegalArgumentException("guarded slots \"" + name() + "\": " + length + " bytes (expected 1.."
                    + config.slotBytes() + ")");
        }
        synchronized (lock) {
            checkOpen();
            if (used == slots.length) {
                return null;
            }
            for (Slot slot : slots) {
                if (slot.tenant == null) {
                    slot.tenant = slot.let(length);
                    used++;
                    peak = Math.max(peak, used);
                    return slot.tenant;
                }
            }
            throw new AssertionError("guarded slots \"" + name() + "\": " + used
                    + " of " + slots.length + " used, none free");
        }
    }

    /// {@return whether this many slots can be had now}
    public boolean hasRoom() {
        synchronized (lock) {
            return !closed && used < slots.length;
        }
    }

    /// {@return how often, since open, the system refused to close a page; the check in front held all the same}
    public long refusals() {
        synchronized (lock) {
            return refusals;
        }
    }

    /// {@return what came of each protection of the region under the slots}
    public List<Protection.Status> protections() {
        return region.protections();
    }

    @Override
    public String name() {
        return config.region().name();
    }

    /// {@return slots x `slotBytes`}
    @Override
    public long capacityBytes() {
        return (long) config.slots() * config.slotBytes();
    }

    /// {@return slots taken x `slotBytes`}
    @Override
    public long usedBytes() {
        synchronized (lock) {
            return (long) used * config.slotBytes();
        }
    }

    @Override
    public long peakBytes() {
        synchronized (lock) {
            return (long) peak * config.slotBytes();
        }
    }

    /// Destroys every secret, also those in use, wipes and unmaps. Twice is harmless, by two threads too: the second waits for the first.
    ///
    /// @throws CanaryException      something was written around a secret or past the data; all is wiped and unmapped
    ///                              all the same
    /// @throws ProtectionException  the system refused to open pages for the wipe; those stay closed and mapped, close
    ///                              again
    /// @throws IllegalStateException  another thread is inside a system call on a secret; all others are destroyed, the
    ///                              mapping stays, close again
    @Override
    public void close() {
        synchronized (end) {
            if (region.isClosed()) {
                return;
            }
            synchronized (lock) {
                closed = true;
            }
            destroyAll();
            protect(0, region.data().byteSize(), MemoryCalls.PROT_READ | MemoryCalls.PROT_WRITE, "open the slots to wipe them");
            region.close();
            if (damage != null) {
                throw damage;
            }
        }
    }

    /// @throws IllegalStateException  one whose segment is alive, so that the pages must stay; all others are destroyed
    private void destroyAll() {
        IllegalStateException inUse = null;
        for (Slot slot : slots) {
            Secret tenant = slot.tenant;
            try {
                if (tenant != null) {
                    tenant.destroyByForce();
                }
            } catch (CanaryException e) {
                damage = e;
            } catch (ProtectionException e) {
                // this slot is asked for once more, with all the others
            } catch (IllegalStateException e) {
                inUse = e;
            }
        }
        if (inUse != null) {
            throw inUse;
        }
    }

    /// For tests that weigh the slab: what it refers to and did not make, or makes as its region.
    Object[] given() {
        return new Object[] {config, region};
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("guarded slots \"" + name() + "\" is closed");
        }
    }

    /// Changes pages, where this system has pages to change.
    ///
    /// @param at  offset in the region's data
    private void protect(long at, long bytes, int protection, String purpose) {
        if (region.portable() || config.region().guard() == Protection.Level.OFF) {
            return;
        }
        long result = region.protect(at, bytes, protection);
        if (result == 0) {
            return;
        }
        if (protection == MemoryCalls.PROT_NONE && config.region().guard() == Protection.Level.BEST_EFFORT) {
            synchronized (lock) {
                refusals++;  // the pages stay open; no segment to them is alive
            }
            return;
        }
        throw new ProtectionException(Protection.GUARD, "guarded slots \"" + name() + "\": mprotect of " + bytes
                + " bytes to " + purpose + " refused, " + Errno.name((int) -result)
                + "; a process may have 65530 mappings, see vm.max_map_count");
    }

    /// One slot: its pages, the lifetime of the segment that is out, and who has it. State under the tenant's lock,
    /// `tenant` under the slab's.
    static final class Slot {
        private final GuardedSlots slab;
        private final long at;                   // offset of its pages in the region's data
        private @Nullable Secret tenant;         // null: free
        private @Nullable Arena lifetime;        // of the segment that is out; null: the pages are closed
        private @Nullable MemorySegment lent;    // in the portable form: the pages that are out, where the bytes then are
        private int length;      // of the tenant

        Slot(GuardedSlots slab, int index) {
            this.slab = slab;
            this.at = index * slab.slotStride;
        }

        /// {@return a secret here, open for writing; where anything throws, the pages are closed again}
        Secret let(int bytes) {
            try {
                MemorySegment view = Objects.requireNonNull(show(Access.READ_WRITE, bytes), "open");
                length = bytes;
                writeCanary();
                return Secret.guarded(this, view);
            } catch (RuntimeException | Error e) {
                closeAfter(e, bytes);
                throw e;
            }
        }

        /// Closes the pages again after an opening that failed; why it failed is what the caller hears.
        private void closeAfter(Throwable failure, long bytes) {
            try {
                show(Access.NO_ACCESS, bytes);
            } catch (ProtectionException e) {
                failure.addSuppressed(e);
            }
        }

        /// Ends the segment that is out, sets the pages, and makes the next segment.
        ///
        /// @return the secret's bytes, or null in NO_ACCESS
        @SuppressWarnings("MustBeClosedChecker")  // the slot closes it with its access
        @Nullable
        MemorySegment show(Access access, long bytes) {
            if (lifetime != null) {
                endLifetime(lifetime);
            }
            slab.protect(at, slab.slotPages, switch (access) {
                case NO_ACCESS -> MemoryCalls.PROT_NONE;
                case READ_ONLY -> MemoryCalls.PROT_READ;
                case READ_WRITE -> MemoryCalls.PROT_READ | MemoryCalls.PROT_WRITE;
            }, "make a slot " + access);
            if (access == Access.NO_ACCESS) {
                return null;
            }
            try {
                Arena arena = Arena.ofShared();
                lifetime = arena;
                if (slab.region.portable()) {
                    lend(arena);
                }
                MemorySegment view = pages(arena).asSlice(slab.slotPages - bytes, bytes);
                return access == Access.READ_ONLY ? view.asReadOnly() : view;
            } catch (RuntimeException | Error e) {
                closeAfter(e, bytes);
                throw e;
            }
        }

        /// In the portable form nothing restricted may be asked for, so a lifetime has memory of its own: the bytes move
        /// there, and home again when it ends. There is one copy at any time; the pages that are out are in no plan.
        private void lend(Arena arena) {
            MemorySegment home = home();
            MemorySegment out = arena.allocate(slab.slotPages, Align.CACHE_LINE_BYTES);
            lent = out;
            MemorySegment.copy(home, 0, out, 0, slab.slotPages);
            Wipe.segment(home);
        }

        private MemorySegment home() {
            return slab.region.data().asSlice(at, slab.slotPages);
        }

        /// @throws IllegalStateException  another thread is inside a system call on the segment; it lives on
        private void endLifetime(Arena ending) {
            if (lent == null) {
                ending.close();
            } else {
                MemorySegment home = home();
                MemorySegment.copy(lent, 0, home, 0, slab.slotPages);
                Wipe.segment(lent);
                try {
                    ending.close();
                } catch (IllegalStateException e) {
                    MemorySegment.copy(home, 0, lent, 0, slab.slotPages);
                    Wipe.segment(home);
                    throw e;
                }
                lent = null;
            }
            lifetime = null;
        }

        @SuppressWarnings("restricted")  // these pages are the slab's own, open, and inside its region
        private MemorySegment pages(Arena arena) {
            return lent != null ? lent : home().reinterpret(arena, null);
        }

        private MemorySegment pages() {
            return pages(Objects.requireNonNull(lifetime, "open"));
        }

        private long canaryAt() {
            return slab.slotPages - length - CANARY_BYTES;
        }

        void writeCanary() {
            MemorySegment pages = pages();
            pages.set(LONG, canaryAt(), slab.canaryHigh);
            pages.set(LONG, canaryAt() + Long.BYTES, slab.canaryLow);
        }

        /// Wipes the pages, closes them and gives the slot back.
        void release() {
            show(Access.READ_WRITE, length);
            MemorySegment pages = pages();
            boolean whole = pages.get(LONG, canaryAt()) == slab.canaryHigh
                    && pages.get(LONG, canaryAt() + Long.BYTES) == slab.canaryLow;
            Wipe.segment(pages);
            show(Access.NO_ACCESS, length);
            synchronized (slab.lock) {
                tenant = null;
                slab.used--;
            }
            if (!whole) {
                throw new CanaryException("guarded slots \"" + slab.name() + "\": the " + CANARY_BYTES
                        + " canary bytes before a secret of " + length + " bytes were overwritten");
            }
        }
    }

    @Override
    public String toString() {
        return "GuardedSlots[" + name() + ", " + usedBytes() / config.slotBytes() + " of " + config.slots() + " slots of "
                + config.slotBytes() + " bytes" + (closed ? ", closed" : "") + "]";
    }
}
