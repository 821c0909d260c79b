package dev.coffer.evm;

import static dev.coffer.evm.WorldAccounts.CHANGED;
import static dev.coffer.evm.WorldAccounts.DETACHED;
import static dev.coffer.evm.WorldAccounts.EXISTS;

import dev.coffer.evm.word.Word;
import java.lang.foreign.MemorySegment;

/// Takes out of a [WorldState], between transactions, what was only looked at: accounts that are not there and slots that are 0, and where there is an origin, what
/// is as it says; and with them code that nobody has any more. Without that, whoever looks around would fill the world for good: in a run that is undone as in one
/// that is kept.
///
/// It does so when a transaction begins and more than a half of the room for accounts, slots or code is taken, so that a half of it is free then, or all in which
/// nothing stands. Takes time as beginning a transaction does, by how much is there, and makes no object.
final class WorldSweep {
    private static final int WORD = Word.LONGS;

    private final WorldAccounts accounts;
    private final WorldSlots slots;
    private final boolean hasOrigin;

    WorldSweep(WorldAccounts accounts, WorldSlots slots, boolean hasOrigin) {
        this.accounts = accounts;
        this.slots = slots;
        this.hasOrigin = hasOrigin;
    }

    /// With no record in the journal.
    void ifCrowded() {
        boolean wide = isMoreThanHalf(accounts.count(), accounts.spare()) || isMoreThanHalf(slots.count(), slots.warm.length);
        long code = accounts.code.byteSize() - accounts.codeRoom();
        if (wide && hasIdle() || isMoreThanHalf(code, accounts.code.byteSize()) && (code > codeInUse() || hasIdle())) {
            sweep();
        }
    }

    private static boolean isMoreThanHalf(long taken, long room) {
        return taken > room - taken;
    }

    private boolean hasIdle() {
        for (int slot = 0; slot < slots.count(); slot++) {
            if (isIdle(slot)) {
                return true;
            }
        }
        for (int account = 0; account < accounts.count(); account++) {
            if (isUnknownElsewhere(account)) {
                return true;
            }
        }
        return false;
    }

    private long codeInUse() {
        long bytes = 0;
        for (int account = 0; account < accounts.count(); account++) {
            bytes += accounts.codeLengths[account];
        }
        return bytes;
    }

    /// {@return whether a slot is what nobody would say otherwise without it}
    private boolean isIdle(int slot) {
        boolean told = hasOrigin && !accounts.has(slots.owners[slot], DETACHED);
        return told ? !slots.changed[slot] : Word.isZero(slots.values, WORD * slot);
    }

    /// The same of an account, its slots aside.
    private boolean isUnknownElsewhere(int account) {
        return hasOrigin ? !accounts.has(account, CHANGED | DETACHED) : !accounts.has(account, EXISTS) && accounts.isEmpty(account);
    }

    private void sweep() {
        // Slots first; then each account that is wanted, for itself or for a slot, is told from the others by its bucket.
        int kept = 0;
        slots.forget();
        accounts.forget();
        for (int slot = 0; slot < slots.count(); slot++) {
            if (!isIdle(slot)) {
                slots.move(slot, kept++);
                accounts.buckets[slots.owners[kept - 1]] = 1;
            }
        }
        int slotCount = kept;
        kept = 0;
        for (int account = 0; account < accounts.count(); account++) {
            if (accounts.buckets[account] == 1 || !isUnknownElsewhere(account)) {
                accounts.buckets[account] = kept;           // where it goes; not above where it is
                accounts.move(account, kept++);
            }
        }
        for (int slot = 0; slot < slotCount; slot++) {
            slots.owners[slot] = accounts.buckets[slots.owners[slot]];
        }
        packCode(kept);
        accounts.found(kept);
        slots.found(slotCount);
    }

    /// Puts the code of all accounts together, from both ends on: what was set from the start, what an origin told from the end.
    private void packCode(int accountCount) {
        int[] order = accounts.buckets;                     // which are found anew afterwards
        int count = 0;
        for (int account = 0; account < accountCount; account++) {
            if (accounts.codeLengths[account] > 0) {
                order[count++] = account;
            }
        }
        sort(order, count);
        MemorySegment code = accounts.code;
        int end = 0;
        int first = 0;
        for (; first < count && accounts.codeAt[order[first]] < accounts.codeEnd; first++) {
            end = place(code, order[first], end);
        }
        int top = (int) code.byteSize();
        for (int i = count - 1; i >= first; i--) {
            top -= accounts.codeLengths[order[i]];
            place(code, order[i], top);
        }
        accounts.codeEnd = end;
        accounts.codeTop = top;
    }

    private int place(MemorySegment code, int account, int at) {
        if (at != accounts.codeAt[account]) {
            MemorySegment.copy(code, accounts.codeAt[account], code, at, accounts.codeLengths[account]);
        }
        accounts.codeAt[account] = at;
        return at + accounts.codeLengths[account];
    }

    /// A heap sort by where code lies: no object, and no order of accounts makes it slow.
    private void sort(int[] order, int count) {
        for (int i = count / 2 - 1; i >= 0; i--) {
            sift(order, i, count);
        }
        for (int end = count - 1; end > 0; end--) {
            int last = order[end];
            order[end] = order[0];
            order[0] = last;
            sift(order, 0, end);
        }
    }

    private void sift(int[] order, int from, int count) {
        int moved = order[from];
        int i = from;
        for (int child = 2 * i + 1; child < count; child = 2 * i + 1) {
            if (child + 1 < count && accounts.codeAt[order[child + 1]] > accounts.codeAt[order[child]]) {
                child++;
            }
            if (accounts.codeAt[order[child]] <= accounts.codeAt[moved]) {
                break;
            }
            order[i] = order[child];
            i = child;
        }
        order[i] = moved;
    }
}
