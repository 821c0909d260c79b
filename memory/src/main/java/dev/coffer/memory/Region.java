package dev.coffer.memory;

import dev.coffer.memory.internal.event.MemoryEvents;
import dev.coffer.memory.internal.os.MemoryCalls;
import dev.coffer.memory.layout.Align;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// One contiguous off-heap reservation, made from a plan and carved into its rows.
///
/// ```
///   guard page | data, page-aligned ............ | canary 64 | rounding | guard page
///    no access | the plan's rows, in their order | checked   | checked  | no access
/// ```
///
/// Rows have any length and begin at multiples of 64; what is skipped between two of them is a row of the plan. The canary
/// begins where the last row ends, so that one byte too many is seen.
///
/// The mapping's length is [#plan] `.totalBytes()`. After open the region allocates nothing. [#close] checks the canary,
/// wipes and unmaps; it takes tens of microseconds and may deoptimise other threads' code, so regions are opened at
/// start and closed at the end, never on a hot path.
///
/// The memory may be used from any thread; [#carve] is for one thread at a time. Of threads that close it one does, and the others wait for that. Use after
/// close throws [IllegalStateException], always: the segments die with the region, and no system call is made by an address that was given up.
public final class Region implements Account, AutoCloseable {
    /// Bytes of the canary behind the data: one cache line.
    public static final long CANARY_BYTES = 64;
    /// Largest mapping: half of the 47-bit user address space.
    public static final long BYTES_MAX = 1L << 46;

    private final RegionConfig config;
    private final MemoryPlan plan;
    private final MemoryPlan dataPlan;
    private final RegionMapping mapping;
    private final ContainerLimit container;
    private final MemorySegment data;
    private final MemorySegment tail;   // canary and rounding
    private final long canary;          // repeated through the tail
    private final Set<String> carved = new HashSet<>();
    private final Set<String> shared = new HashSet<>();  // of these, what was handed to an alternative
    private long carvedBytes;
    private @Nullable Set<Lifetime> lifetimes;  // that have not ended; itself under end
    private final Object end = new Object();   // held by who closes, or looks at the canary
    private @Nullable CanaryException damage;  // found by the first close, thrown by the one that unmaps; under end
    private boolean wiped;             // by a close that could not unmap; under end
    private volatile long committed;   // as a sweep found it; all before
    private volatile boolean closed;   // read by ledgers on other threads

    private Region(RegionConfig config, MemoryPlan dataPlan, MemoryPlan plan, RegionMapping mapping, ContainerLimit container) {
        this.config = config;
        this.container = container;
        this.dataPlan = dataPlan;
        this.plan = plan;
        this.mapping = mapping;
        long dataBytes = dataPlan.totalBytes();
        this.data = mapping.body().asSlice(0, dataBytes);
        this.tail = mapping.body().asSlice(dataBytes);
        this.committed = mapping.body().byteSize();
        this.canary = mapping.random();
        for (long at = 0; at < tail.byteSize(); at++) {
            tail.set(ValueLayout.JAVA_BYTE, at, canaryAt(at));
        }
    }

    private byte canaryAt(long at) {
        return (byte) (canary >>> 8 * (at & 7));
    }

    /// {@return the plan of the whole mapping: guards, the data with its roundings, canary, rounding}
    ///
    /// @param data  rows of the data, of any length
    /// @throws IllegalArgumentException  more data than [#BYTES_MAX] (caller's fault)
    public static MemoryPlan plan(RegionConfig config, MemoryPlan data) {
        return plan(config, data.rounded(Align.CACHE_LINE_BYTES), MemoryCalls.SYSTEM.pageBytes());
    }

    private static MemoryPlan plan(RegionConfig config, MemoryPlan data, long pageBytes) {
        if (data.shape() != MemoryPlan.Shape.SUM) {
            throw new IllegalArgumentException("plan \"" + data.name() + "\": its rows are alternatives (expected rows that lie side "
                    + "by side; put them below a group)");
        }
        if (data.totalBytes() > BYTES_MAX) {
            throw new IllegalArgumentException("plan \"" + data.name() + "\": " + data.totalBytes()
                    + " bytes (expected at most " + BYTES_MAX + ")");
        }
        long used = data.totalBytes() + CANARY_BYTES;
        long rounding = Align.up(used, pageBytes) - used;
        MemoryPlan canary = MemoryPlan.block("canary", CANARY_BYTES, 1, "checked on demand and at close");
        MemoryPlan rest = MemoryPlan.block("rounding", rounding, 1, "to the page of " + pageBytes);
        if (config.guard() == Protection.Level.OFF) {
            return MemoryPlan.group(config.name(), data, canary, rest);
        }
        return MemoryPlan.group(config.name(), MemoryPlan.block("guard before", pageBytes), data, canary, rest,
                MemoryPlan.block("guard after", pageBytes));
    }

    /// Maps the region and puts the protections in force.
    ///
    /// @param config  name, protections and their levels
    /// @param data    what it holds; see [#plan(RegionConfig, MemoryPlan)]
    /// @throws IllegalArgumentException  as of [#plan(RegionConfig, MemoryPlan)] (caller's fault)
    /// @throws MemoryLimitException      the region commits at open and the container that the process runs in allows less
    ///                                   (see [RegionConfig]); nothing is held
    /// @throws ProtectionException       a required protection was refused; nothing is held
    /// @throws OutOfMemoryError          the system has no room for the mapping; nothing is held
    public static Region open(RegionConfig config, MemoryPlan data) {
        return open(config, data, MemoryCalls.SYSTEM);
    }

    /// For tests that make a system call fail, and for the portable form.
    static Region open(RegionConfig config, MemoryPlan data, MemoryCalls calls) {
        return open(config, data, calls, ContainerLimit.SYSTEM);
    }

    /// For tests that stand in for a container.
    static Region open(RegionConfig config, MemoryPlan data, MemoryCalls calls, ContainerLimit container) {
        MemoryPlan rows = data.rounded(Align.CACHE_LINE_BYTES);
        MemoryPlan whole = plan(config, rows, calls.pageBytes());
        long total = whole.totalBytes();
        container.check(config, total);
        RegionMapping mapping = calls.available() ? RegionMapping.system(config, total, calls)
                : RegionMapping.portable(config, total, calls.pageBytes());
        try {
            Region region = new Region(config, rows, whole, mapping, container);
            MemoryEvents.regionOpened(config.name(), total, mapping.inForce());
            region.reserve(total);
            return region;
        } catch (RuntimeException | Error e) {
            mapping.close();
            throw e;
        }
    }

    /// For an open that is refused after this one: unmaps what nobody has written to, whatever its pages allow.
    void abandon() {
        mapping.close();
        closed = true;
        reserve(-mapping.bytes());
        MemoryEvents.regionClosed(config.name(), mapping.bytes(), true);
    }

    /// Hands out the memory of one row of the data's plan, once. The rows lie in the plan's order.
    ///
    /// @param row  name of a child of the data's plan
    /// @return `row`'s bytes, as many as the plan says, zero, aligned to 64
    /// @throws IllegalArgumentException  no such row (caller's fault)
    /// @throws IllegalStateException     carved before, or closed (caller's fault)
    public MemorySegment carve(String row) {
        checkOpen();
        MemoryPlan child = dataPlan.child(row);
        MemorySegment memory = data.asSlice(dataPlan.offsetOf(row), child.totalBytes());  // first: it may find no heap
        if (!carved.add(row)) {
            throw new IllegalStateException("region \"" + config.name() + "\": row \"" + row + "\" is carved already");
        }
        carvedBytes += child.totalBytes();
        return memory;
    }

    /// Hands a row of the data's plan to one of its alternatives, as many bytes as that needs, from the row's first on. The whole
    /// row is carved by that; for another alternative it is taken back first, by [#uncarve].
    ///
    /// @param row          name of a child of the data's plan that is one of several
    /// @param alternative  name of one of them
    /// @return the alternative's bytes, as many as the plan says, zero, aligned to 64
    /// @throws IllegalArgumentException  no such row, one without alternatives or with more slots than one (carve it whole), or no such
    ///                                   alternative (caller's fault)
    /// @throws IllegalStateException     carved before, or closed (caller's fault)
    public MemorySegment carve(String row, String alternative) {
        checkOpen();
        MemoryPlan child = dataPlan.child(row);
        if (child.shape() == MemoryPlan.Shape.SUM || child.count() != 1) {
            throw new IllegalArgumentException("region \"" + config.name() + "\": row \"" + row + "\" is "
                    + (child.shape() == MemoryPlan.Shape.SUM ? "no choice of alternatives" : child.count() + " slots")
                    + " (expected one of several)");
        }
        long bytes = child.child(alternative).totalBytes();
        MemorySegment memory = data.asSlice(dataPlan.offsetOf(row), bytes);
        boolean isNew = shared.add(row);  // first, as heap may be refused here: a row that is carved is known to be shared
        try {
            carve(row);
        } catch (RuntimeException | Error e) {
            if (isNew) {
                shared.remove(row);
            }
            throw e;
        }
        return memory;
    }

    /// Takes a row back that was carved for something whose opening was refused before it wrote there: it may be carved anew. A row
    /// that was handed to an alternative may have been written to: it is wiped. Segments that were handed out keep reaching it:
    /// whoever holds one must be done with it.
    ///
    /// @throws IllegalStateException  not carved, or closed (caller's fault)
    public void uncarve(String row) {
        checkOpen();
        MemoryPlan child = dataPlan.child(row);
        if (!carved.remove(row)) {
            throw new IllegalStateException("region \"" + config.name() + "\": row \"" + row + "\" is not carved");
        }
        if (shared.remove(row)) {
            Wipe.bytes(data, dataPlan.offsetOf(row), child.totalBytes());
        }
        carvedBytes -= child.totalBytes();
    }

    /// Carves a row and makes something over it; where that is refused the row is taken back, and may be carved anew.
    ///
    /// @param maker  has written nothing where it throws, or has wiped it
    /// @return what the maker made
    /// @throws IllegalArgumentException  as of [#carve(String)]
    /// @throws IllegalStateException     as of [#carve(String)]
    public <T> T carve(String row, Function<MemorySegment, T> maker) {
        Objects.requireNonNull(maker);
        MemorySegment memory = carve(row);
        boolean made = false;
        try {
            T result = maker.apply(memory);
            made = true;
            return result;
        } finally {
            if (!made && !isClosed()) {
                uncarve(row);
            }
        }
    }

    /// {@return all of the data, for a plan that is one leaf, or for those who lay it out themselves}
    public MemorySegment data() {
        checkOpen();
        return data;
    }

    /// Gives whole pages of the data back to the system; they read zero and commit again when touched. For regions that
    /// commit on touch. Where the region is to be locked, which says that there are secrets in it, what is not zero is wiped first.
    ///
    /// @param at      offset in the data, a multiple of the page
    /// @param length  bytes, a multiple of the page
    /// @return whether the system has them back; else they are wiped, and stay: see [#givesBack]
    /// @throws IllegalArgumentException  not whole pages of the data, or a region committed at open (caller's fault)
    /// @throws IllegalStateException     closed (caller's fault)
    public boolean discard(long at, long length) {
        checkOpen();
        long page = mapping.pageBytes();
        if (config.commit() != RegionConfig.Commit.ON_TOUCH || (at | length) < 0 || !Align.is(at, page)
                || !Align.is(length, page) || length > data.byteSize() - at) {
            throw new IllegalArgumentException("region \"" + config.name() + "\": discard " + length + " bytes at " + at
                    + " of " + data.byteSize() + " (expected whole pages of " + page + " in a region committed on touch)");
        }
        return mapping.discard(at, length, config.locked() != Protection.Level.OFF);
    }

    /// {@return bytes between the guards that have memory: all of them where the region commits at open. Of one that commits on touch as many as the
    /// last whole look of its [PageSweep] found, a moment ago, and before it all, which is the most that it can be. For any thread}
    public long committedBytes() {
        return closed ? 0 : committed;
    }

    void committedBytes(long bytes) {
        committed = bytes;
    }

    /// {@return bytes between the guards}
    long bodyBytes() {
        return mapping.body().byteSize();
    }

    /// {@return a life for views of the data that may end earlier; makes objects}
    ///
    /// @throws IllegalStateException  closed (caller's fault)
    public Lifetime lifetime() {
        synchronized (end) {
            checkOpen();
            if (lifetimes == null) {
                lifetimes = new HashSet<>();
            }
            Lifetime lifetime = new Lifetime(this);
            lifetimes.add(lifetime);
            return lifetime;
        }
    }

    void forget(Lifetime ended) {
        synchronized (end) {
            if (lifetimes != null) {
                lifetimes.remove(ended);
            }
        }
    }

    /// As of [RegionMapping#resident].
    ///
    /// @param targetAt  offset in the data
    boolean resident(long at, long length, long targetAt) {
        return mapping.resident(at, length, targetAt);
    }

    /// As of [RegionMapping#protect], of pages of the data.
    long protect(long at, long length, int protection) {
        return mapping.protect(at, length, protection);
    }

    /// {@return whether [#discard] gives memory back: not in the portable form, nor where the region is locked and the kernel is older than Linux 5.18, nor
    /// where a filter of system calls refuses it; and no region that commits at open does}
    public boolean givesBack() {
        return mapping.givesBack();
    }

    /// Checks that nothing was written past the data.
    ///
    /// @throws CanaryException        it was
    /// @throws IllegalStateException  closed, or wiped by a close that could not unmap (caller's fault)
    public void checkCanary() {
        synchronized (end) {
            checkOpen();
            if (wiped) {
                throw new IllegalStateException("region \"" + config.name() + "\" was wiped by a close that could not unmap it; close again");
            }
            lookAtCanary();
        }
    }

    private void lookAtCanary() {
        long damaged = 0;
        long first = -1;
        for (long at = 0; at < tail.byteSize(); at++) {
            if (tail.get(ValueLayout.JAVA_BYTE, at) != canaryAt(at)) {
                damaged++;
                first = first < 0 ? at : first;
            }
        }
        if (damaged > 0) {
            throw new CanaryException(config.name(), damaged, first);
        }
    }

    /// {@return what came of each protection, in the order of the enum}
    public List<Protection.Status> protections() {
        return mapping.statuses();
    }

    /// {@return whether a protection holds}
    public boolean inForce(Protection protection) {
        return mapping.statuses().get(protection.ordinal()).inForce();
    }

    /// {@return whether this is the portable form, without any protection}
    public boolean portable() {
        return mapping.isPortable();
    }

    /// {@return the plan of the whole mapping; its total is [#bytes]}
    public MemoryPlan plan() {
        return plan;
    }

    /// {@return length of the mapping in bytes, guards included}
    public long bytes() {
        return mapping.bytes();
    }

    /// {@return bytes of a page of this region}
    public long pageBytes() {
        return mapping.pageBytes();
    }

    public RegionConfig config() {
        return config;
    }

    @Override
    public String name() {
        return config.name();
    }

    @Override
    public long capacityBytes() {
        return mapping.bytes();
    }

    /// {@return bytes carved so far, with what the mapping itself takes}
    @Override
    public long usedBytes() {
        return carvedBytes + mapping.bytes() - data.byteSize();
    }

    @Override
    public long peakBytes() {
        return usedBytes();
    }

    public boolean isClosed() {
        return closed;
    }

    /// Wipes every byte, then unmaps. Closing twice is harmless, by two threads too: the second waits for the first.
    ///
    /// @throws CanaryException        something was written past the data; the region is wiped and unmapped all the same
    /// @throws IllegalStateException  another thread is inside a system call on this memory; the bytes are wiped, the
    ///                                mapping stays, close again
    @Override
    public void close() {
        synchronized (end) {
            if (!closed) {
                wipe();
                if (lifetimes != null) {
                    lifetimes.forEach(Lifetime::end);
                }
                mapping.close();
                closed = true;
                lifetimes = null;
                reserve(-mapping.bytes());
                MemoryEvents.regionClosed(config.name(), mapping.bytes(), damage == null);
                if (damage != null) {
                    throw damage;
                }
            }
        }
    }

    private void wipe() {
        if (!wiped) {  // else the canary is gone with the rest
            try {
                lookAtCanary();
            } catch (CanaryException e) {
                damage = e;
            }
        }
        wiped = true;  // first: from here on the canary may be gone
        if (config.commit() == RegionConfig.Commit.ON_TOUCH && !mapping.isPortable()) {
            mapping.discard(0, mapping.body().byteSize(), config.locked() != Protection.Level.OFF);  // zero pages, without committing what never was
        } else {
            Wipe.segment(mapping.body());
        }
    }

    private void reserve(long bytes) {
        if (config.commit() == RegionConfig.Commit.ON_TOUCH) {
            container.reserve(bytes);
        }
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("region \"" + config.name() + "\" is closed");
        }
    }

    @Override
    public String toString() {
        return "Region[" + config.name() + ", " + mapping.bytes() + " bytes" + (closed ? ", closed" : "")
                + (mapping.isPortable() ? ", portable" : "") + "]";
    }
}
