package dev.coffer.memory.pool;

import dev.coffer.memory.layout.HeapLayout;

/// Who holds which slot of a [SlotPool]: a number for each loan, and a list for each borrower. Slots are counted over all
/// kinds. One thread at a time.
final class SlotLoans {
    static final int NONE = -1;

    private final long[] numbers;   // by slot: of the loan that holds it, 0 where it is free
    private final int[] borrowers;  // by slot
    private final int[] next;       // by slot: the borrower's slot lent before it + 1, 0 at the end
    private final int[] previous;   // by slot: the borrower's slot lent after it + 1, 0 at the front
    private final int[] held;       // by borrower: the slot lent last + 1, 0 where it holds none
    private final int numberBits;
    private long number;            // of the last loan

    SlotLoans(int slots, int borrowerCount, int numberBits) {
        this.numbers = new long[slots];
        this.borrowers = new int[slots];
        this.next = new int[slots];
        this.previous = new int[slots];
        this.held = new int[borrowerCount];
        this.numberBits = numberBits;
        this.number = HandleNumbers.beginning(numberBits);
    }

    static long heapBytes(int slots, int borrowers) {
        return HeapLayout.instance(SlotLoans.class) + HeapLayout.array(long.class, slots)
                + 3 * HeapLayout.array(int.class, slots) + HeapLayout.array(int.class, borrowers);
    }

    int borrowerCount() {
        return held.length;
    }

    /// {@return the number of the loan, from 1}
    long begin(int slot, int borrower) {
        assert numbers[slot] == 0 : "slot " + slot + " is lent";
        number = Math.max(1, number + 1 & (1L << numberBits) - 1);  // 0 is nobody's
        numbers[slot] = number;
        borrowers[slot] = borrower;
        int other = held[borrower];
        next[slot] = other;
        previous[slot] = 0;
        if (other != 0) {
            previous[other - 1] = slot + 1;
        }
        held[borrower] = slot + 1;
        return number;
    }

    void end(int slot) {
        int before = previous[slot];
        int after = next[slot];
        if (before == 0) {
            held[borrowers[slot]] = after;
        } else {
            next[before - 1] = after;
        }
        if (after != 0) {
            previous[after - 1] = before;
        }
        numbers[slot] = 0;
    }

    /// {@return whether a loan holds a slot}
    ///
    /// @param loan  its number, above 0
    boolean holds(int slot, long loan) {
        return numbers[slot] == loan;
    }

    int borrower(int slot) {
        return borrowers[slot];
    }

    /// {@return the slot that a borrower was lent last of those that it holds, or NONE}
    int last(int borrower) {
        return held[borrower] - 1;
    }

    /// {@return the slot that its borrower was lent before this one, or NONE}
    int before(int slot) {
        return next[slot] - 1;
    }

    /// For property tests.
    void checkInvariants() {
        int lent = 0;
        for (int borrower = 0; borrower < held.length; borrower++) {
            int after = 0;
            for (int slot = last(borrower); slot != NONE; slot = before(slot)) {
                assert borrowers[slot] == borrower && previous[slot] == after && numbers[slot] != 0 : "slot " + slot;
                after = slot + 1;
                lent++;
            }
        }
        for (long loan : numbers) {
            lent -= loan != 0 ? 1 : 0;
        }
        assert lent == 0 : lent + " more in lists than lent";
    }
}
