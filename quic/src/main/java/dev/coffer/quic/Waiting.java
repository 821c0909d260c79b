package dev.coffer.quic;

import dev.coffer.memory.layout.LittleEndian;
import java.lang.foreign.MemorySegment;

/// Connections of an endpoint that lack a block, in the order in which they began to; and whom of them to ask next whether it can go on, as some were given back.
///
/// Who is asked looks, and its application does: that is its turn. Who lacks nothing behind it leaves the line, as does whoever is gone; who took some and wants more stands last; who took none, as
/// it wants more at once than there is, keeps its place. Then the next one is asked, as long as blocks are free that nobody was asked for.
///
/// ```
///   first --> . --> . --> . --> . --> last          asked: the first once for all that came back, then from where it was left on, round about
///     |                   ^-- cursor
/// ```
///
/// **What it costs.** A look is paid for: each block that comes back buys [#LOOKS] of them, no more than that for each that is free. Where those that were asked want more than there is and
/// others have not been asked yet, [#LOOKS] more are had each [#TICK_NANOS], until everybody was asked once for what came back last. So nobody is passed over for good, nobody is asked again for
/// nothing, and n that wait cost no n looks for each block.
///
/// **Who wants much** is passed by for [#PASS_NANOS] at the head of the line; then what is free is kept for it for [#HOLD_NANOS], where it may have any at all; then it stands last.
///
/// One thread at a time; 0 heap bytes after construction.
final class Waiting {
    /// No number.
    static final int NONE = -1;
    /// Looks for each block that comes back: of the first, and of some behind it.
    static final int LOOKS = 4;
    /// For whoever was not asked yet: of 10,000 that want more than there is each within 2.5 s.
    static final long TICK_NANOS = 1_000_000;
    /// A fifth of the time at most is kept for who may never have enough.
    static final long PASS_NANOS = 1_000_000_000;
    static final long HOLD_NANOS = 250_000_000;
    private static final long NEVER = Long.MAX_VALUE;

    // Of each connection: next u32, as in NumberQueue; and u32, the number of the one before it + 1, with flags.
    private static final int LAST = 1;
    private static final int NEXT = 2;
    private static final int ASKED = 1 << 30;
    private static final int HEARD = 1 << 31;  // what it had to be told since it was asked was told
    private static final int BEFORE = ASKED - 1;

    private final QuicLoop loop;
    private final MemorySegment memory;
    private final long nextsAt;
    private final long beforesAt;
    private int first = NONE;
    private int last = NONE;
    private int count;
    private int asked;                // whose turn is not over
    private int cursor = NONE;        // who is asked next, but for the first
    private int round;                // places from there on that were not asked since a block came back last
    private boolean firstDue;         // nor the first
    private int looks;                // that are paid for
    private long released;            // blocks, as of the last that were counted
    private long tickAt = NEVER;      // when looks are had for nothing
    private long passedAt = NEVER;    // since when the first is passed by
    private long heldAt = NEVER;      // since when what is free is kept for it
    private boolean due;              // somebody's turn is to go on, though nothing was told
    private long looksEver;

    /// @param memory     zero, for [NumberQueue#bytes] from each of
    /// @param nextsAt    here
    /// @param beforesAt  and here, where those that are in no line may stand in a [NumberQueue]: in that of connections that are free, which lack nothing
    Waiting(QuicLoop loop, MemorySegment memory, long nextsAt, long beforesAt) {
        this.loop = loop;
        this.memory = memory;
        this.nextsAt = nextsAt;
        this.beforesAt = beforesAt;
    }

    private int link(int number) {
        return LittleEndian.i32(memory, nextsAt + (long) number * Integer.BYTES);
    }

    private void link(int number, int value) {
        LittleEndian.i32(memory, nextsAt + (long) number * Integer.BYTES, value);
    }

    private int back(int number) {
        return LittleEndian.i32(memory, beforesAt + (long) number * Integer.BYTES);
    }

    private void back(int number, int value) {
        LittleEndian.i32(memory, beforesAt + (long) number * Integer.BYTES, value);
    }

    private int behind(int number) {
        return link(number) - NEXT < 0 ? NONE : link(number) - NEXT;
    }

    boolean isIn(int number) {
        return link(number) != 0;
    }

    /// {@return whether it was asked, and its turn is not over}
    boolean isAsked(int number) {
        return isIn(number) && (back(number) & ASKED) != 0;
    }

    /// {@return whether what it had to be told since then was told}
    boolean isHeard(int number) {
        return isIn(number) && (back(number) & HEARD) != 0;
    }

    int count() {
        return count;
    }

    /// {@return turns that were ever given}
    long looks() {
        return looksEver;
    }

    /// It lacks a block: it stands last, where it does not wait already.
    ///
    /// @param isBack  whether some were given back since it looked: it is asked anew
    void add(int number, boolean isBack) {
        if (!isIn(number)) {
            if (count == 0) {
                begin();
            }
            join(number);
            if (isBack) {
                cursor = round == 0 ? number : cursor;
                looks = Math.max(1, looks);
            }
            round += isBack || round > 0 ? 1 : 0;
        }
    }

    /// What came back before counts for nobody who begins to wait now.
    private void begin() {
        released = loop.blocks.released();
        looks = 0;
        round = 0;
        firstDue = false;
        tickAt = NEVER;
    }

    private void join(int number) {
        link(number, LAST);
        back(number, last + 1);
        if (last == NONE) {
            first = number;
        } else {
            link(last, number + NEXT);
        }
        last = number;
        cursor = cursor == NONE ? number : cursor;
        count++;
    }

    /// It is gone, or lacks nothing: it waits no more. Harmless where it does not.
    void leave(int number) {
        if (!isIn(number)) {
            return;
        }
        int before = (back(number) & BEFORE) - 1;
        int next = behind(number);
        asked -= isAsked(number) ? 1 : 0;
        if (before == NONE) {
            first = next;
            tickAt = heldAt == NEVER ? tickAt : NEVER;  // nothing is kept for it any more
            passedAt = NEVER;
            heldAt = NEVER;
        } else {
            link(before, next == NONE ? LAST : next + NEXT);
        }
        if (next == NONE) {
            last = before;
        } else {
            back(next, before + 1 | back(next) & ~BEFORE);
        }
        link(number, 0);
        back(number, 0);
        cursor = cursor == number ? next == NONE ? first : next : cursor;
        count--;
        round = Math.min(round, count);
    }

    /// {@return who is asked next, from now on, or [#NONE]}
    int next(long nowNanos) {
        due = false;
        if (count > 0 && released != loop.blocks.released()) {
            pay();
        }
        while (loop.blocks.freeCount() > asked && (round > 0 || firstDue)) {
            passBy(nowNanos);
            if (isHeld()) {
                return NONE;
            }
            if (looks == 0) {
                tickAt = tickAt == NEVER ? nowNanos + TICK_NANOS : tickAt;
                return NONE;
            }
            int number = step();
            if (!isAsked(number)) {
                ask(number);
                return number;
            }
        }
        return NONE;
    }

    /// {@return whose place is next}
    private int step() {
        int number = firstDue ? first : cursor;
        if (number == cursor) {
            cursor = behind(cursor) == NONE ? first : behind(cursor);
            round = Math.max(0, round - 1);
        }
        firstDue = false;
        return number;
    }

    private void ask(int number) {
        looks--;
        looksEver++;
        asked++;
        back(number, back(number) | ASKED);
        loop.blocks.takesNone(loop.ownerAt(number));
    }

    /// Blocks came back.
    private void pay() {
        long most = (long) LOOKS * loop.blocks.freeCount();
        looks = (int) Math.min(most, looks + LOOKS * (loop.blocks.released() - released));
        released = loop.blocks.released();
        round = count;
        firstDue = true;
        tickAt = NEVER;
    }

    /// Others are asked while the first has not what it wants: from some time on what is free is kept for it, and when that is over it stands last.
    private void passBy(long nowNanos) {
        if (firstDue || isAsked(first)) {
            return;
        }
        passedAt = passedAt == NEVER ? nowNanos : passedAt;
        if (nowNanos - passedAt < PASS_NANOS) {
            return;
        }
        heldAt = heldAt == NEVER ? nowNanos : heldAt;
        if (nowNanos - heldAt < HOLD_NANOS && loop.blocks.mayTake(loop.ownerAt(first))) {
            tickAt = heldAt + HOLD_NANOS;
        } else {
            toEnd(first);
        }
    }

    /// {@return whether what is free is kept for the first, which was asked}
    private boolean isHeld() {
        return heldAt != NEVER && !firstDue;
    }

    private void toEnd(int number) {
        leave(number);
        join(number);
        round += round > 0 ? 1 : 0;  // those that were not asked stand before it
    }

    /// All was told that there was to be told to one that was asked: what follows is its last word.
    ///
    /// @return whether it is to have a turn for that
    boolean heard(int number) {
        if (!isAsked(number)) {
            return false;
        }
        back(number, back(number) | HEARD);
        due = true;
        return true;
    }

    /// The turn of one that was asked is over.
    void looked(int number) {
        assert isAsked(number) : "connection " + number;
        asked--;
        back(number, back(number) & BEFORE);
        long owner = loop.ownerAt(number);
        boolean took = loop.blocks.hasTaken(owner);
        if (!loop.blocks.lacked(owner)) {
            leave(number);
        } else if (took) {
            toEnd(number);
        }
    }

    /// {@return when somebody may be asked without anything else that happens}
    long deadlineNanos(long nowNanos) {
        return due ? nowNanos : tickAt;
    }

    void onDeadline(long nowNanos) {
        due = false;
        if (tickAt <= nowNanos) {
            tickAt = NEVER;
            looks = Math.max(looks, LOOKS);
        }
    }

    /// Nobody waits.
    void clear() {
        while (first != NONE) {
            leave(first);
        }
        begin();
        due = false;
    }

    /// For tests.
    void checkInvariants() {
        int found = 0;
        int turns = 0;
        boolean hasCursor = false;
        for (int number = first, before = NONE; number != NONE; before = number, number = behind(number)) {
            assert (back(number) & BEFORE) - 1 == before : "before " + number;
            assert behind(number) != NONE || last == number : "last " + last;
            turns += isAsked(number) ? 1 : 0;
            hasCursor |= number == cursor;
            found++;
        }
        assert found == count : found + " of " + count;
        assert turns == asked : turns + " of " + asked;
        assert hasCursor == count > 0 : "cursor " + cursor;
        assert 0 <= round && round <= count : "round " + round;
    }
}
