package dev.coffer.memory.time;

import dev.coffer.memory.Account;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Region;
import dev.coffer.memory.SlotAccount;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.HeapLayout;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/// The deadlines of any number of things: armed, moved and cancelled in a few nanoseconds, fired in their order.
///
/// A timer is a number of the caller's, 0..`timers`-1: the slot of a connection, or slot x 3 + which of its three timers. It
/// is armed or not; arming one that is armed moves it.
///
/// ```
///   level 0   |..|64 slots of 1 tick        the tick is known: what lies here fires in its turn
///   level 1   |..|64 slots of 64 ticks      when now reaches a slot, its timers move to the levels below
///   level 2   |..|64 slots of 4096 ticks    ...
///   far       what differs from now above the highest level
/// ```
///
/// A timer's level is that of the highest bits in which its tick differs from now, so whatever lies on a level is due before
/// all that lies above it, and the next deadline is found by one look at 64 bits a level, however far away it is. Each timer
/// moves down at most once a level; time that jumps by hours costs no more than what is fired or moved on its way.
///
/// **When it fires**: at the first [#advance] whose time has reached the deadline rounded up to a tick: never early, late by
/// less than one tick (and by what the caller takes to call). Deadlines of different ticks fire in their order, those of one
/// tick in any. A deadline that is past when armed fires at the next advance, before all others.
///
/// **From within a fire** everything may be asked and any timer armed or cancelled, the one that fires included (it is not
/// armed any more). What is cancelled does not fire, though it was due in the same advance. What is armed within a fire for a
/// time not after the advance's fires at the next one: each advance fires a timer at most once, and so ends. Where
/// [Expiry#expired] throws, the timer that fired is not armed, all others are as they were, and the next advance goes on.
///
/// **Time** is the caller's: nanoseconds of a clock that may begin anywhere, negative too, in the order of numbers.
/// `Long.MAX_VALUE` is never, as a deadline, and the end of all time when told as now. An earlier time than was told before
/// counts as that.
///
/// One thread at a time; the statistics may be read from any. 0 heap bytes after the factory. Never full: there is a place for
/// each timer.
public final class TimerWheel implements Account, AutoCloseable {
    private static final int SLOTS = TimerLevels.SLOTS;
    private static final long NEVER = Long.MAX_VALUE;

    /// What to do with a timer that is due.
    @FunctionalInterface
    public interface Expiry {
        /// The timer's deadline has come; it is not armed any more.
        ///
        /// @param timer  as it was armed
        void expired(int timer);
    }

    /// How many timers, how exactly, how far ahead without a detour.
    ///
    /// | component | unit | default | range |
    /// |---|---|---|---|
    /// | `timers` | 1 | | 1..2^28; 16 bytes each |
    /// | `tickNanos` | nanoseconds | 2^17, about 1/8 ms | a power of two from 2^10 (1 us) to 2^33 (8.6 s) |
    /// | `levels` | 1 | 5: 2^30 ticks, 39 hours by default | 1..8; about 512 bytes each |
    ///
    /// A deadline more than 64^`levels` ticks ahead is kept in one list, which is walked whenever now enters the stretch of
    /// 64^`levels` ticks that its earliest lies in.
    ///
    /// @param name       the plan's row
    /// @param timers     numbers from 0
    /// @param tickNanos  resolution
    /// @param levels     of 64 slots
    public record Config(String name, int timers, long tickNanos, int levels) {
        /// @throws IllegalArgumentException  a number out of its range
        public Config {
            if (timers < 1 || timers > 1 << 28 || Long.bitCount(tickNanos) != 1 || tickNanos < 1L << 10
                    || tickNanos > 1L << 33 || levels < 1 || levels > 8) {
                throw new IllegalArgumentException("timers \"" + name + "\": " + timers + " timers, ticks of " + tickNanos
                        + " ns, " + levels + " levels (expected 1..2^28, a power of two from 2^10 to 2^33, 1..8)");
            }
        }

        /// {@return ticks of 2^17 ns, about 1/8 ms, on 5 levels}
        public static Config defaults(String name, int timers) {
            return new Config(name, timers, 1L << 17, 5);
        }

        /// {@return this with another resolution}
        public Config withTickNanos(long newTickNanos) {
            return new Config(name, timers, newTickNanos, levels);
        }

        /// {@return this with another number of levels}
        public Config withLevels(int newLevels) {
            return new Config(name, timers, tickNanos, newLevels);
        }

        int slots() {
            return levels * SLOTS;
        }

        int lists() {
            return slots() + 3;  // far, due, firing
        }

        long headBytes() {
            return TimerLists.headBytes(lists(), slots() - SLOTS);
        }

        long bytes() {
            return headBytes() + timers * TimerLists.TIMER_BYTES;
        }
    }

    private final Config config;
    private final TimerLists lists;
    private final TimerLevels levels;
    private final SlotAccount account;
    private long told;              // the latest tick that an advance was told: past what was reached after a fire that threw
    private boolean advancing;
    private boolean closed;

    private TimerWheel(Config config, MemorySegment memory, long nowNanos) {
        this.config = config;
        this.lists = new TimerLists(memory, config.lists(), config.slots() - SLOTS);
        this.levels = new TimerLevels(lists, config, nowNanos);
        this.account = new SlotAccount(config.name(), TimerLists.TIMER_BYTES, config.timers());
        this.told = levels.reached(nowNanos);
    }

    /// {@return the plan's row: what the wheel takes, and 16 bytes a timer}
    public static MemoryPlan plan(Config config) {
        return MemoryPlan.group(config.name(),
                MemoryPlan.block("wheel", config.headBytes(), 1, "slots of " + config.levels() + " levels"),
                MemoryPlan.block("timers", TimerLists.TIMER_BYTES, config.timers(), "ticks of " + config.tickNanos() + " ns"))
                .withHeap(HeapLayout.instance(TimerWheel.class) + HeapLayout.instance(TimerLists.class)
                        + HeapLayout.instance(TimerLevels.class)
                        + HeapLayout.instance(SlotAccount.class) + HeapLayout.array(long.class, config.levels()));
    }

    /// {@return a wheel over memory that the caller has carved; no timer is armed}
    ///
    /// @param memory    exactly as many bytes as [#plan] says, zero, writable, off the heap, nobody else's
    /// @param nowNanos  what the clock says
    /// @throws IllegalArgumentException  another size, or memory that is read-only or on the heap (caller's fault)
    public static TimerWheel over(Config config, MemorySegment memory, long nowNanos) {
        if (memory.byteSize() != config.bytes() || memory.isReadOnly() || !memory.isNative()) {
            throw new IllegalArgumentException("timers \"" + config.name() + "\": memory of " + memory.byteSize()
                    + " bytes " + (memory.isNative() ? "off" : "on") + " the heap (expected " + config.bytes()
                    + ", writable, off the heap)");
        }
        return new TimerWheel(config, memory, nowNanos);
    }

    /// {@return a wheel over the row of a region's plan that [#plan] made}
    ///
    /// @param nowNanos  what the clock says
    /// @throws IllegalArgumentException  no such row, or another size (caller's fault)
    /// @throws IllegalStateException     the row is carved already, or the region closed (caller's fault); after any refusal
    ///                                   nothing is held, and the row may be opened anew
    public static TimerWheel open(Config config, Region region, long nowNanos) {
        return region.carve(config.name(), row -> over(config, row, nowNanos));
    }

    /// Arms a timer, or moves it if it is armed.
    ///
    /// @param timer          0..`timers`-1
    /// @param deadlineNanos  when it shall fire, on the caller's clock; `Long.MAX_VALUE` cancels it
    /// @throws IllegalArgumentException  no such timer (caller's fault)
    /// @throws IllegalStateException     closed (caller's fault)
    public void arm(int timer, long deadlineNanos) {
        if (deadlineNanos == NEVER) {
            cancel(timer);
            return;
        }
        check(timer);
        if (!lists.isLinked(timer)) {
            account.taken();
            levels.add(timer, deadlineNanos);
        } else {
            levels.move(timer, deadlineNanos);
        }
    }

    /// Takes care that a timer does not fire. Harmless where it is not armed.
    ///
    /// @param timer  0..`timers`-1
    /// @return whether it was armed
    /// @throws IllegalArgumentException  no such timer (caller's fault)
    /// @throws IllegalStateException     closed (caller's fault)
    public boolean cancel(int timer) {
        check(timer);
        if (!lists.isLinked(timer)) {
            return false;
        }
        levels.unlink(timer);
        account.released();
        return true;
    }

    /// {@return whether a timer is armed}
    ///
    /// @param timer  0..`timers`-1
    /// @throws IllegalArgumentException  no such timer (caller's fault)
    /// @throws IllegalStateException     closed (caller's fault)
    public boolean isArmed(int timer) {
        check(timer);
        return lists.isLinked(timer);
    }

    /// {@return the deadline that a timer was armed for, as it was given; `Long.MAX_VALUE` where it is not armed}
    ///
    /// @param timer  0..`timers`-1
    /// @throws IllegalArgumentException  no such timer (caller's fault)
    /// @throws IllegalStateException     closed (caller's fault)
    public long deadlineNanos(int timer) {
        check(timer);
        return lists.isLinked(timer) ? lists.deadline(timer) : NEVER;
    }

    /// {@return until when nothing can fire: a loop may sleep so long, and then [#advance]; `Long.MAX_VALUE` where nothing is
    /// armed, and no later than the last time told where something is due}
    ///
    /// It is exact, which is the earliest deadline rounded up to a tick, unless timers were cancelled or moved: the earliest of
    /// those that were in its slot then still counts. So it may be too early, by less than that slot is long, and is never too
    /// late. A sleep that was too short ends in an advance that fires nothing; before one deadline that happens once a level at
    /// most, if nothing else is cancelled or moved. (With 7 levels and more it is rounded down to 2^5 ticks where it lies 2^36
    /// ticks ahead, and with 8 to 2^11 ticks at 2^42.)
    ///
    /// @throws IllegalStateException  closed (caller's fault)
    public long nextDeadlineNanos() {
        checkOpen();
        return levels.nextNanos();
    }

    /// Fires every timer whose deadline has come, in the order of their ticks.
    ///
    /// @param nowNanos  what the clock says
    /// @param expiry    called for each; made once, as a lambda that captures anything is an object
    /// @return how many fired
    /// @throws IllegalStateException  closed, or called from within a fire (caller's fault); nothing changes
    public int advance(long nowNanos, Expiry expiry) {
        checkOpen();
        Objects.requireNonNull(expiry);
        if (advancing) {
            throw new IllegalStateException("timers \"" + config.name() + "\": advanced from within a fire");
        }
        advancing = true;
        told = Math.max(told, levels.reached(nowNanos));
        int fired = 0;
        try {
            levels.beginAdvance(told);
            for (int list = levels.reach(); list != TimerLists.NONE; list = levels.reach()) {
                int timer = lists.first(list);
                levels.unlink(timer);
                account.released();
                fired++;
                expiry.expired(timer);
                if (closed) {
                    break;
                }
            }
        } finally {
            advancing = false;
            levels.endAdvance(closed);
        }
        return fired;
    }

    /// {@return timers that are armed}
    public long armed() {
        return account.count();
    }

    @Override
    public String name() {
        return config.name();
    }

    /// {@return bytes of all timers, those of the wheel itself aside}
    @Override
    public long capacityBytes() {
        return account.capacityBytes();
    }

    /// {@return bytes of the timers that are armed}
    @Override
    public long usedBytes() {
        return account.usedBytes();
    }

    @Override
    public long peakBytes() {
        return account.peakBytes();
    }

    /// Disarms every timer and wipes; every use is refused from here on. Twice is harmless; from within a fire too, which is
    /// then the last.
    @Override
    public void close() {
        if (!closed) {
            if (lists.memory().scope().isAlive()) {  // a region that is closed has wiped it
                Wipe.segment(lists.memory());
            }
            closed = true;
            account.released(armed());
        }
    }

    private void check(int timer) {
        checkOpen();
        if (timer < 0 || timer >= config.timers()) {
            throw new IllegalArgumentException("timers \"" + config.name() + "\": timer " + timer + " (expected 0.."
                    + (config.timers() - 1) + ")");
        }
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("timers \"" + config.name() + "\" is closed");
        }
    }

    /// For property tests.
    void checkInvariants() {
        int count = levels.checkInvariants();
        assert count == account.count() : count + " linked, counted " + account.count();
    }

    @Override
    public String toString() {
        return "TimerWheel[" + config.name() + ", " + armed() + " of " + config.timers() + " armed, ticks of "
                + config.tickNanos() + " ns" + (closed ? ", closed" : "") + "]";
    }
}
