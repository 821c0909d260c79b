package dev.coffer.memory.time;

/// The levels of a wheel: which list a tick belongs to, and how lists move down as time goes on. See the picture in [TimerWheel],
/// whose one part this is; the other is what callers are told, and the account.
final class TimerLevels {
    private static final int SLOT_BITS = 6;  // a level's occupied slots are the bits of one long
    static final int SLOTS = 1 << SLOT_BITS;
    private static final long NEVER = Long.MAX_VALUE;

    private final TimerLists lists;
    private final long[] occupied;  // by level: one bit a slot
    private final int far;          // the lists behind the slots
    private final int due;          // armed for a time that is past
    private final int firing;       // of these, those that this advance fires
    private final int tickBits;
    private long elapsed;           // the tick that was reached; whatever was due before it has fired
    private long dueTick;           // up to here a deadline is past: `elapsed`, and while advancing the tick to be reached
    private long farEarliest;       // a lower bound of the ticks in `far`, where there are any

    TimerLevels(TimerLists lists, TimerWheel.Config config, long nowNanos) {
        this.lists = lists;
        this.far = config.slots();
        this.due = far + 1;
        this.firing = far + 2;
        this.occupied = new long[config.levels()];
        this.tickBits = Long.numberOfTrailingZeros(config.tickNanos());
        this.elapsed = reached(nowNanos);
        this.dueTick = elapsed;
    }

    // Ticks are counted from the earliest number that there is, so that their order is that of unsigned numbers and none
    // is out of reach: 2^(64 - tickBits) of them, and one more for the end of time.

    /// {@return the last tick that has begun by then}
    long reached(long nanos) {
        return nanos == NEVER ? 1L << -tickBits : nanos - Long.MIN_VALUE >>> tickBits;
    }

    /// {@return the first tick that begins then or after}
    private long tickOf(long deadline) {
        return (deadline - Long.MIN_VALUE >>> tickBits) + ((deadline & (1L << tickBits) - 1) == 0 ? 0 : 1);
    }

    /// {@return when a tick begins}
    private long nanosOf(long tick) {
        return tick == 1L << -tickBits ? NEVER : (tick << tickBits) + Long.MIN_VALUE;
    }

    /// Adds a timer that is in no list.
    void add(int timer, long deadlineNanos) {
        long tick = tickOf(deadlineNanos);
        lists.deadline(timer, deadlineNanos);
        link(tick <= dueTick ? due : list(tick), timer, tick);
    }

    /// Moves a timer that is in a list.
    void move(int timer, long deadlineNanos) {
        long tick = tickOf(deadlineNanos);
        int list = tick <= dueTick ? due : list(tick);
        if (list != due && list == listNow(timer)) {  // most are moved within their slot: a word, and no neighbour
            lists.deadline(timer, deadlineNanos);
            bound(list, tick, false);
            return;
        }
        unlink(timer);
        lists.deadline(timer, deadlineNanos);
        link(list, timer, tick);
    }

    /// {@return the list that an armed timer lies in, or `due` where that cannot be told from its deadline}
    private int listNow(int timer) {
        long tick = tickOf(lists.deadline(timer));
        return tick <= dueTick ? due : list(tick);
    }

    /// {@return the list for a tick that is not before `elapsed`: the level of the highest bits in which they differ}
    private int list(long tick) {
        int level = (Long.SIZE - 1 - Long.numberOfLeadingZeros(tick ^ elapsed | 1)) / SLOT_BITS;
        return level < occupied.length ? level * SLOTS + ((int) (tick >>> level * SLOT_BITS) & SLOTS - 1) : far;
    }

    private void link(int list, int timer, long tick) {
        boolean first = lists.first(list) == TimerLists.NONE;
        lists.push(list, timer);
        if (list < far) {
            occupied[list / SLOTS] |= 1L << list;
        }
        bound(list, tick, first);
    }

    void unlink(int timer) {
        int emptied = lists.remove(timer);
        if (emptied != TimerLists.NONE && emptied < far) {
            occupied[emptied / SLOTS] &= ~(1L << emptied);
        }
    }

    /// A tick has come into a list: its lower bound may have to go down. It does not go up when a timer leaves.
    ///
    /// @param only  whether nothing else lies there
    private void bound(int list, long tick, boolean only) {
        if (list == far) {
            farEarliest = only ? tick : Math.min(farEarliest, tick);
        } else if (list >= SLOTS && list < far) {
            int level = list / SLOTS;
            int since = (int) ((tick & (1L << level * SLOT_BITS) - 1) >>> coarse(level));
            if (only || since < lists.earliest(list - SLOTS)) {
                lists.earliest(list - SLOTS, since);
            }
        }
    }

    /// {@return bits that a bound of that level leaves out, so that it fits 31}
    private static int coarse(int level) {
        return Math.max(0, level * SLOT_BITS - 31);
    }

    /// {@return as [TimerWheel#nextDeadlineNanos]}
    long nextNanos() {
        if (lists.first(due) != TimerLists.NONE || lists.first(firing) != TimerLists.NONE) {
            return nanosOf(elapsed);
        }
        int level = lowest();
        if (level < occupied.length) {
            int list = first(level);
            long since = level == 0 ? 0 : (long) lists.earliest(list - SLOTS) << coarse(level);
            return nanosOf(start(list) + since);
        }
        return lists.first(far) == TimerLists.NONE ? NEVER : nanosOf(farEarliest);
    }

    /// {@return the lowest level with a timer; as many as there are where none has one}
    private int lowest() {
        int level = 0;
        while (level < occupied.length && occupied[level] == 0) {
            level++;
        }
        return level;
    }

    /// {@return the first occupied slot of a level that has one: no slot before now is occupied}
    private int first(int level) {
        return level * SLOTS + Long.numberOfTrailingZeros(occupied[level]);
    }

    /// {@return the tick that a slot begins with}
    private long start(int list) {
        int bits = list / SLOTS * SLOT_BITS;
        return (elapsed >>> bits + SLOT_BITS << SLOT_BITS | list & SLOTS - 1) << bits;
    }

    /// Begins to move time on: what is due by now fires first, and what is armed for a time up to `told` meanwhile waits.
    void beginAdvance(long told) {
        dueTick = told;
        for (int timer = lists.first(due); timer != TimerLists.NONE; timer = lists.first(due)) {
            lists.remove(timer);
            lists.push(firing, timer);
        }
    }

    /// Time stays where it was moved to.
    ///
    /// @param closed  whether the lists are gone
    void endAdvance(boolean closed) {
        boolean cut = elapsed < dueTick && !closed;
        dueTick = elapsed;
        if (cut) {
            sortDue();
        }
    }

    /// A fire has thrown, and now stays before the time that was told: what was armed for between the two is not past.
    private void sortDue() {
        int next;
        for (int timer = lists.first(due); timer != TimerLists.NONE; timer = next) {
            next = lists.next(timer);
            long tick = tickOf(lists.deadline(timer));
            if (tick > elapsed) {
                unlink(timer);
                link(list(tick), timer, tick);
            }
        }
    }

    /// Moves time on to the next timer that is due by `dueTick`, or to there.
    ///
    /// @return the list that it lies in, or NONE
    int reach() {
        while (lists.first(firing) == TimerLists.NONE) {
            int level = lowest();
            long next = level < occupied.length ? start(first(level)) : farStart();
            if (next > dueTick) {
                elapsed = dueTick;
                return TimerLists.NONE;
            }
            elapsed = next;
            if (level == 0) {
                return first(0);
            }
            if (level < occupied.length) {
                moveDown(first(level));
            } else {
                moveNear();
            }
        }
        return firing;
    }

    /// Now has reached a slot above the lowest level: its timers differ from now in lower bits only.
    private void moveDown(int list) {
        int timer = lists.clear(list);
        occupied[list / SLOTS] &= ~(1L << list);
        while (timer != TimerLists.NONE) {
            int next = lists.next(timer);
            long tick = tickOf(lists.deadline(timer));
            link(list(tick), timer, tick);
            timer = next;
        }
    }

    /// {@return the first tick of the stretch that the levels can hold and that the earliest far timer may lie in}
    private long farStart() {
        int bits = occupied.length * SLOT_BITS;
        return lists.first(far) == TimerLists.NONE ? NEVER : farEarliest >>> bits << bits;
    }

    /// Now has reached a stretch with far timers, or where such were once: those that lie in it come onto the levels.
    private void moveNear() {
        long earliest = NEVER;
        int next;
        for (int timer = lists.first(far); timer != TimerLists.NONE; timer = next) {
            next = lists.next(timer);
            long tick = tickOf(lists.deadline(timer));
            int list = list(tick);
            if (list == far) {
                earliest = Math.min(earliest, tick);
            } else {
                unlink(timer);
                link(list, timer, tick);
            }
        }
        farEarliest = earliest;
    }

    /// {@return how many timers are linked; for property tests}
    int checkInvariants() {
        int count = 0;
        for (int list = 0; list <= firing; list++) {
            assert list >= far || lists.first(list) == TimerLists.NONE == ((occupied[list / SLOTS] & 1L << list) == 0) : list;
            for (int timer = lists.first(list); timer != TimerLists.NONE; timer = lists.next(timer)) {
                long tick = tickOf(lists.deadline(timer));
                assert lists.isWhole(timer) : "timer " + timer + " of list " + list;
                assert list > far || list(tick) == list : "timer " + timer + " lies in list " + list;
                assert list > far ? tick <= dueTick : tick >= elapsed : "timer " + timer + " of list " + list + " at " + tick;
                assert list != far || farEarliest <= tick : "far " + farEarliest + " bounds " + tick;
                assert list < SLOTS || list >= far || start(list) + ((long) lists.earliest(list - SLOTS) << coarse(list / SLOTS)) <= tick : "slot " + list;
                count++;
            }
        }
        return count;
    }
}
