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
/// It does so when a transaction begins, where more than a half of the room for accounts, slots or code is taken, and what came or was given up since the last look is a
/// half of what was free then: so that at least a half of what could be free is. A look takes time by how much is there; many transactions share it, unless next to
/// nothing is free. Makes no object.
final class WorldSweep {
    private static final int WORD = Word.LONGS;

    private final WorldAccounts accounts;
    private final WorldSlots slots;
    private final boolean hasOrigin;
    private int accountsThen;                               // at the last look: all that was there was wanted
    private int slotsThen;
    private long codeThen;
    private long emptied;                                   // since then
    private long freed;
    long visited;                                           // accounts and slots looked at

    WorldSweep(WorldAccounts accounts, WorldSlots slots, boolean hasOrigin) {
        this.accounts = accounts;
        this.slots = slots;
        this.hasOrigin = hasOrigin;
    }

    /// Begins anew, with a world in which nothing is.
    void begins() {
        lookedAt();
    }

    /// Tells of accounts and slots, at the most so many, that nobody needs any more.
    void empties(int entries) {
        emptied += entries;
    }

    /// Tells of code that nobody has any more, save for what is undone.
    void freesCode(int bytes) {
        freed += bytes;
    }

    /// With no record in the journal.
    void ifCrowded() {
        long code = accounts.code.byteSize() - accounts.codeRoom();
        if (isDue(accounts.count(), accounts.spare(), accountsThen, emptied) || isDue(slots.count(), slots.warm.length, slotsThen, emptied)
                || isDue(code, accounts.code.byteSize(), codeThen, freed)) {
            visited += accounts.count() + slots.count();
            if (code > codeInUse() || hasIdle()) {
                sweep();
            }
            lookedAt();
        }
    }

    private void lookedAt() {
        accountsThen = accounts.count();
        slotsThen = slots.count();
        codeThen = accounts.code.byteSize() - accounts.codeRoom();
        emptied = 0;
        freed = 0;
    }

    /// {@return whether more than a half of a room is taken, and half of what was free at the last look may be idle since: what came, and what was given up}
    private static boolean isDue(long taken, long room, long then, long givenUp) {
        return taken > room - taken && taken - then + givenUp >= Math.max(1, (room - then) / 2);
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
                accounts.firstSlots[slots.owners[kept - 1]] = 1;
            }
        }
        int slotCount = kept;
        kept = 0;
        for (int account = 0; account < accounts.count(); account++) {
            if (accounts.firstSlots[account] == 1 || !isUnknownElsewhere(account)) {
                accounts.firstSlots[account] = kept;           // where it goes; not above where it is
                accounts.move(account, kept++);
            }
        }
        for (int slot = 0; slot < slotCount; slot++) {
            slots.owners[slot] = accounts.firstSlots[slots.owners[slot]];
        }
        packCode(kept);
        accounts.found(kept);
        slots.found(slotCount);
    }

    /// Puts the code of all accounts together, from both ends on: what was set from the start, what an origin told from the end.
    private void packCode(int accountCount) {
        int[] order = accounts.firstSlots;                     // which are found anew afterwards
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
