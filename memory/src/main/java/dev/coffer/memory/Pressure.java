package dev.coffer.memory;

import dev.coffer.memory.internal.event.MemoryEvents;
import dev.coffer.memory.layout.HeapLayout;
import java.util.Objects;

/// When a budget nears its limit, those who hold its bytes are asked to give some back, in a fixed order.
///
/// ```
///   used >= high?   1. idle owners, what is empty      each in the order of their registration,
///                   2. idle owners, everything         after them the stores, what is empty;
///                   3. busy owners, what is empty      after every answer: used <= low? then stop
/// ```
///
/// A busy owner is never asked for what it is using. Stores, as pools are, come last in each step, since what the others give
/// back lies in them. Asking makes no object: the owners lie in a table made at the start.
/// Counted is what the
/// budget got back, and what each owner says it gave.
///
/// For one thread at a time, the one that may touch the owners: an event loop has its own, over its own child budget. The
/// counters may be read from any thread. An owner that asks for relief while it is being asked gets none.
public final class Pressure {
    /// Who holds bytes of the budget and can give some back.
    public interface Owner {
        /// {@return a name for reports}
        String name();

        /// {@return whether nothing has happened here for as long as the owner calls idle}
        boolean isIdle();

        /// Gives bytes back, to the budget or to a pool.
        ///
        /// @param everything  false: only what holds nothing; true: all, wiped, whatever it holds
        /// @return bytes given back, 0 or more
        long shrink(boolean everything);

        /// {@return whether it keeps what others gave back, and so is asked at the end of each step}
        default boolean isStore() {
            return false;
        }
    }

    /// When to begin and when to stop.
    ///
    /// | component | unit | default | range |
    /// |---|---|---|---|
    /// | `ownersMax` | 1 | 64 | 1..2^20; one reference and 8 bytes each |
    /// | `highPercent` | of the budget's limit | 90 | 1..100 |
    /// | `lowPercent` | of the budget's limit | 75 | 0..`highPercent` |
    ///
    /// @param ownersMax    most owners
    /// @param highPercent  use from which owners are asked
    /// @param lowPercent   use at which asking stops
    public record Config(int ownersMax, int highPercent, int lowPercent) {
        /// @throws IllegalArgumentException  a number out of its range
        public Config {
            if (ownersMax < 1 || ownersMax > 1 << 20 || highPercent < 1 || highPercent > 100 || lowPercent < 0
                    || lowPercent > highPercent) {
                throw new IllegalArgumentException("pressure: " + ownersMax + " owners, high " + highPercent + " %, low "
                        + lowPercent + " % (expected 1..2^20, 1..100, 0..high)");
            }
        }

        /// {@return 64 owners, from 90 % to 75 %}
        public static Config defaults() {
            return new Config(64, 90, 75);
        }
    }

    private final Budget budget;
    private final long high;          // bytes
    private final long low;           // bytes
    private final Owner[] owners;     // in the order of asking
    private final long[] given;       // bytes, by owner, as it says
    private int count;
    private boolean asking;
    private volatile long reliefs;
    private volatile long reclaimedBytes;

    /// @param budget  whose use is watched; owners give back to it or to its children
    public Pressure(Budget budget, Config config) {
        this.budget = Objects.requireNonNull(budget);
        this.high = percent(budget.limitBytes(), config.highPercent());
        this.low = percent(budget.limitBytes(), config.lowPercent());
        this.owners = new Owner[config.ownersMax()];
        this.given = new long[config.ownersMax()];
    }

    private static long percent(long bytes, int percent) {
        return bytes / 100 * percent + bytes % 100 * percent / 100;  // a limit near 2^63 does not overflow
    }

    /// {@return the plan's row: no bytes off the heap, the table on it}
    public static MemoryPlan plan(String name, Config config) {
        return MemoryPlan.block(name, 0, 1, config.ownersMax() + " owners")
                .withHeap(HeapLayout.instance(Pressure.class) + HeapLayout.array(Owner.class, config.ownersMax())
                        + HeapLayout.array(long.class, config.ownersMax()));
    }

    /// Adds an owner, to be asked after those that are here.
    ///
    /// @throws IllegalStateException  the table is full, the owner is in it, or an owner is being asked (caller's fault)
    public void register(Owner owner) {
        Objects.requireNonNull(owner);
        checkNotAsking("register");
        if (count == owners.length || index(owner) >= 0) {
            throw new IllegalStateException("pressure on \"" + budget.name() + "\": owner \"" + owner.name() + "\" "
                    + (count == owners.length ? "is one more than " + count : "is registered already"));
        }
        given[count] = 0;
        owners[count++] = owner;
    }

    /// Takes an owner out; the others keep their order.
    ///
    /// @return whether it was there
    /// @throws IllegalStateException  an owner is being asked (caller's fault)
    public boolean unregister(Owner owner) {
        checkNotAsking("unregister");
        int at = index(owner);
        if (at < 0) {
            return false;
        }
        count--;
        System.arraycopy(owners, at + 1, owners, at, count - at);
        System.arraycopy(given, at + 1, given, at, count - at);
        owners[count] = null;
        return true;
    }

    private int index(Owner owner) {
        for (int i = 0; i < count; i++) {
            if (owners[i] == owner) {
                return i;
            }
        }
        return -1;
    }

    /// Reserves bytes of the budget; where it is near its limit or refuses, asks the owners first, then once more.
    ///
    /// @param bytes  0 or more
    /// @return whether the bytes are reserved; more than [Budget#limitBytes] never are
    /// @throws IllegalArgumentException  negative bytes (caller's fault)
    /// @throws IllegalStateException     as of [#relieve]; nothing is reserved
    public boolean tryReserve(long bytes) {
        if (budget.tryReserve(bytes)) {
            boolean relieved = false;
            try {
                relieve();
                relieved = true;
            } finally {
                if (!relieved) {  // an owner threw: the caller hears of that, and holds nothing
                    budget.release(bytes);
                }
            }
            return true;
        }
        long missing = 0;
        for (Budget at = budget; at != null; at = at.parent()) {  // an ancestor may be fuller than the budget itself
            if (bytes > at.limitBytes()) {
                return false;  // no answer of the owners would help
            }
            missing = Math.max(missing, bytes - at.availableBytes());
        }
        return ask(Math.min(low, budget.usedBytes() - missing)) > 0 && budget.tryReserve(bytes);
    }

    /// Reserves as [#tryReserve] does, and says with its numbers where it cannot.
    ///
    /// @throws BudgetExceededException   the budget or an ancestor has less left, whatever the owners gave back
    /// @throws IllegalArgumentException  negative bytes (caller's fault)
    /// @throws IllegalStateException     as of [#relieve]; nothing is reserved
    public void reserve(long bytes) {
        if (!tryReserve(bytes)) {
            budget.reserve(bytes);  // says which budget is short, or finds what came back meanwhile
        }
    }

    /// Asks the owners if the budget is near its limit.
    ///
    /// @return bytes that the budget got back; 0 where there was no pressure, nothing to give, or an owner is being asked
    /// @throws IllegalStateException  an owner answered a negative number (the owner's bug); what was given before counts
    public long relieve() {
        return budget.usedBytes() < high ? 0 : ask(low);
    }

    private long ask(long target) {
        if (asking) {
            return 0;
        }
        asking = true;
        long usedBefore = budget.usedBytes();
        long reclaimedBefore = reclaimedBytes;
        try {
            step(target, true, false);
            step(target, true, true);
            step(target, false, false);
        } finally {
            asking = false;
        }
        reliefs++;
        MemoryEvents.pressure(budget.name(), usedBefore, budget.limitBytes(), reclaimedBytes - reclaimedBefore);
        return reclaimedBytes - reclaimedBefore;
    }

    private void step(long target, boolean idle, boolean everything) {
        for (int i = 0; i < count && budget.usedBytes() > target; i++) {
            if (!owners[i].isStore() && owners[i].isIdle() == idle) {
                askOne(i, everything);
            }
        }
        for (int i = 0; i < count && budget.usedBytes() > target; i++) {
            if (owners[i].isStore()) {
                askOne(i, false);
            }
        }
    }

    private void askOne(int index, boolean everything) {
        Owner owner = owners[index];
        long before = budget.usedBytes();
        long bytes = owner.shrink(everything);
        if (bytes < 0) {
            throw new IllegalStateException("pressure on \"" + budget.name() + "\": owner \"" + owner.name()
                    + "\" gave back " + bytes + " bytes (expected 0 or more)");
        }
        given[index] += bytes;
        reclaimedBytes += Math.max(0, before - budget.usedBytes());
    }

    private void checkNotAsking(String what) {
        if (asking) {
            throw new IllegalStateException(
                    "pressure on \"" + budget.name() + "\": " + what + " while an owner is being asked");
        }
    }

    /// {@return how often owners were asked}
    public long reliefs() {
        return reliefs;
    }

    /// {@return bytes that the budget got back since the start, seen at the budget before and after each answer: exact
    /// where nobody else uses the budget meanwhile}
    public long reclaimedBytes() {
        return reclaimedBytes;
    }

    /// {@return bytes that one owner says it gave back since it was registered}
    ///
    /// @throws IllegalArgumentException  not registered (caller's fault)
    public long givenBytes(Owner owner) {
        int at = index(owner);
        if (at < 0) {
            throw new IllegalArgumentException(
                    "pressure on \"" + budget.name() + "\": owner \"" + owner.name() + "\" is not registered");
        }
        return given[at];
    }

    @Override
    public String toString() {
        return "Pressure[" + budget.name() + ", from " + high + " to " + low + " of " + budget.limitBytes() + " bytes, "
                + count + " owners, " + reclaimedBytes + " bytes reclaimed in " + reliefs + " reliefs]";
    }
}
