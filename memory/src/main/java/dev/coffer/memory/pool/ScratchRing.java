package dev.coffer.memory.pool;

import dev.coffer.memory.Account;
import dev.coffer.memory.ConstantTime;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Region;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.Align;
import dev.coffer.memory.layout.HeapLayout;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/// A few temporaries in turn, for code that needs room for the length of a call and has nobody to ask.
///
/// ```
///   turn    n   n+1  n+2  n+3  n+4  n+5 ...
///   slot    0    1    2    3    0    1  ...       turn n+4 ends turn n, whether or not that was released
/// ```
///
/// Turns are numbered on without end, from a number that is another in each ring: one that has ended names nothing ever after, nor
/// does one of another ring.
///
/// **Reuse**: [#next] never refuses; with `count` slots it takes back the one that was handed out `count` turns ago,
/// wiped. So a temporary lasts until it is released or until `count` newer ones were taken, and whoever calls deeper than
/// that loses the eldest. That loss is not silent: [#at] answers for a turn that still holds and throws for one
/// that has ended, and [#overruns] counts the turns that were ended before their release. Ask [#at] anew after calling
/// anything that may take temporaries too.
///
/// One thread at a time; the statistics may be read from any. 0 heap bytes after the factory.
public final class ScratchRing implements Account, AutoCloseable {
    /// How many slots of what size.
    ///
    /// | component | unit | default | range |
    /// |---|---|---|---|
    /// | `count` | 1 | 4 | 1..2^20 |
    /// | `slotBytes` | bytes | 4096 | a multiple of 64, from 64 to 2^30 |
    ///
    /// @param name       the plan's row
    /// @param count      slots
    /// @param slotBytes  of one slot
    public record Config(String name, int count, int slotBytes) {
        /// @throws IllegalArgumentException  a number out of its range
        public Config {
            if (count < 1 || count > 1 << 20 || slotBytes < 64 || slotBytes > 1 << 30
                    || !Align.is(slotBytes, Align.CACHE_LINE_BYTES)) {
                throw new IllegalArgumentException("scratch \"" + name + "\": " + count + " slots of " + slotBytes
                        + " bytes (expected 1..2^20 of a multiple of 64 from 64 to 2^30)");
            }
        }

        /// {@return 4 slots of 4 KiB}
        public static Config defaults(String name) {
            return new Config(name, 4, 4 << 10);
        }

        long bytes() {
            return (long) count * slotBytes;
        }
    }

    private static final int TURN_BITS = 62;  // of the first turn: 2^62 more follow before a long is spent

    private final Config config;
    private final MemorySegment segment;
    private final long[] holders;    // by slot: the turn that holds it, 0 where released
    private final long beginning;    // the number before the first turn's
    private volatile long last;      // the last turn's number
    private volatile int held;
    private volatile int peak;
    private volatile long overruns;
    private long cleared;            // the last turn's number at the last clear
    private boolean closed;

    private ScratchRing(Config config, MemorySegment segment) {
        this.config = config;
        this.segment = segment;
        this.holders = new long[config.count()];
        this.beginning = HandleNumbers.beginning(TURN_BITS);
        this.last = beginning;
        this.cleared = beginning;
    }

    /// {@return the plan's row}
    public static MemoryPlan plan(Config config) {
        return MemoryPlan.block(config.name(), config.slotBytes(), config.count(), "temporaries in turn")
                .withHeap(HeapLayout.instance(ScratchRing.class) + HeapLayout.array(long.class, config.count()));
    }

    /// {@return a ring over memory that the caller has carved}
    ///
    /// @param memory  exactly `count` x `slotBytes`, zero, writable, off the heap, nobody else's
    /// @throws IllegalArgumentException  another size, or memory that is read-only or on the heap (caller's fault)
    public static ScratchRing over(Config config, MemorySegment memory) {
        return new ScratchRing(config, Carved.check("scratch", config.name(), memory, config.bytes()));
    }

    /// {@return a ring over the row of a region's plan that [#plan] made}
    ///
    /// @throws IllegalArgumentException  no such row, or another size (caller's fault)
    /// @throws IllegalStateException     the row is carved already, or the region closed (caller's fault); after any refusal
    ///                                   nothing is held, and the row may be opened anew
    public static ScratchRing open(Config config, Region region) {
        return region.carve(config.name(), row -> over(config, row));
    }

    /// Takes the next slot; it is zero. Never refuses; see the class on whom it ends.
    ///
    /// @return the turn, above 0; ask [#at] where it lies
    /// @throws IllegalStateException  closed (caller's fault)
    public long next() {
        checkOpen();
        int slot = slotOf(last + 1);
        if (holders[slot] != 0) {
            Wipe.bytes(segment, offset(slot), config.slotBytes());
            overruns++;
        } else {
            held++;
            peak = Math.max(peak, held);
        }
        last++;
        holders[slot] = last;
        return last;
    }

    /// {@return offset in [#segment()] of a turn's slot}
    ///
    /// @param turn  what [#next] answered
    /// @throws IllegalStateException  the turn has ended: released, or `count` newer ones were taken; or closed
    ///                                (caller's fault)
    public long at(long turn) {
        return offset(slot(turn));
    }

    /// Ends a turn early and wipes its slot: what held a secret should not wait for its successor.
    ///
    /// @throws IllegalStateException  the turn has ended before, or closed (caller's fault)
    public void release(long turn) {
        int slot = slot(turn);
        Wipe.bytes(segment, offset(slot), config.slotBytes());
        holders[slot] = 0;
        held--;
    }

    /// {@return whether a turn still holds its slot}
    public boolean holds(long turn) {
        return !closed && turn > cleared && holders[slotOf(turn)] == turn;
    }

    private int slot(long turn) {
        checkOpen();
        if (!holds(turn)) {
            throw new IllegalStateException("scratch \"" + config.name() + "\": turn " + turn + " has ended, now at turn "
                    + last + " of " + config.count() + " slots");
        }
        return slotOf(turn);
    }

    private int slotOf(long turn) {
        return (int) ((turn - 1 - cleared) % config.count());
    }

    /// Ends every turn, wiped; the next takes the first slot. Turns are counted on, so an old one never names a new one's slot.
    ///
    /// @return turns that had not ended
    /// @throws IllegalStateException  closed (caller's fault)
    public int clear() {
        checkOpen();
        int ended = held;
        Wipe.segment(segment);
        Arrays.fill(holders, 0);
        held = 0;
        cleared = last;
        return ended;
    }

    private long offset(int slot) {
        return (long) slot * config.slotBytes();
    }

    /// {@return the memory that the slots lie in}
    public MemorySegment segment() {
        checkOpen();
        return segment;
    }

    /// {@return bytes of one slot}
    public long slotBytes() {
        return config.slotBytes();
    }

    @Override
    public String name() {
        return config.name();
    }

    @Override
    public long capacityBytes() {
        return config.bytes();
    }

    /// {@return bytes of slots whose turn has not ended}
    @Override
    public long usedBytes() {
        return (long) held * config.slotBytes();
    }

    @Override
    public long peakBytes() {
        return (long) peak * config.slotBytes();
    }

    /// {@return turns handed out since the start}
    public long turns() {
        return last - beginning;
    }

    /// {@return turns that a successor ended before their release}
    public long overruns() {
        return overruns;
    }

    /// Wipes everything; every use is refused from here on. Twice is harmless.
    @Override
    public void close() {
        if (!closed) {
            Carved.wipe(segment);
            closed = true;
            held = 0;
        }
    }

    private void checkOpen() {
        if (closed) {
            throw Carved.closed("scratch", config.name());
        }
    }

    /// For property tests.
    void checkInvariants() {
        int holding = 0;
        for (int slot = 0; slot < holders.length; slot++) {
            holding += holders[slot] != 0 ? 1 : 0;
            assert holders[slot] == 0 || holders[slot] <= last && holders[slot] > last - config.count() : holders[slot];
            assert holders[slot] != 0 || ConstantTime.isZero(segment, offset(slot), config.slotBytes())
                    : "released and not zero: " + slot;
        }
        assert holding == held : holding + " hold, counted " + held;
    }

    @Override
    public String toString() {
        return "ScratchRing[" + config.name() + ", " + held + " of " + config.count() + " slots of " + config.slotBytes()
                + " bytes, turn " + last + (closed ? ", closed" : "") + "]";
    }
}
