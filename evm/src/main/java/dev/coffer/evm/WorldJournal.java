package dev.coffer.evm;

import dev.coffer.evm.word.Word;

/// What a [WorldState] has changed in this transaction, so that it can be undone: records of fixed size, each with what to put back where. A snapshot is
/// a number of records.
final class WorldJournal {
    /// What a record is of.
    static final int BALANCE = 0;
    static final int NONCE = 1;
    static final int CODE = 2;
    static final int CODE_HASH = 3;
    static final int FLAGS = 4;
    static final int SLOT = 5;
    static final int TRANSIENT = 6;
    static final int SLOT_WARM = 7;
    static final int LOG = 8;
    private static final int WAS_CHANGED = 16;          // of a slot, beside SLOT

    private static final int WORD = Word.LONGS;
    private static final int RECORD_LONGS = 2 + WORD;   // what, which, old value

    private static final long RIPEMD_160 = 3;           // the address whose touch outlives a revert

    private final WorldAccounts accounts;
    private final WorldSlots slots;
    private final LogBuffer logs;
    private final long[] records;
    private final int recordsMax;
    private int count;
    private int mark;                                   // count at the last snapshot
    private int ripemd = -1;                            // the account whose touch outlived a revert
    private final WorldSweep sweep;
    long visited;                                       // records, and slots of what went, looked at by transactions that begin and end
    boolean keepsTouchOfRipemd = true;

    WorldJournal(WorldAccounts accounts, WorldSlots slots, LogBuffer logs, WorldSweep sweep, int recordsMax) {
        this.accounts = accounts;
        this.slots = slots;
        this.logs = logs;
        this.sweep = sweep;
        this.recordsMax = recordsMax;
        this.records = new long[RECORD_LONGS * recordsMax];
    }

    /// {@return heap bytes of so many records}
    static long heapBytes(int recordsMax) {
        return WorldStateConfig.heapBytes(8L * RECORD_LONGS * recordsMax);
    }

    int count() {
        return count;
    }

    /// Forgets all records: what they are of stays.
    void clear() {
        count = 0;
        mark = 0;
        ripemd = -1;
    }

    /// Removes the accounts that go when a transaction ends: whichever does is in a record.
    void removeAccounts() {
        visited += count;
        for (int record = 0; record < count; record++) {
            int at = RECORD_LONGS * record;
            if (records[at] == FLAGS) {
                removeIfToGo((int) records[at + 1]);
            }
        }
        if (ripemd >= 0) {
            removeIfToGo(ripemd);
        }
    }

    private void removeIfToGo(int account) {
        if (accounts.isToGo(account)) {
            sweep.freesCode(accounts.codeLengths[account]);
            accounts.remove(account);
            int emptied = slots.empty(account);
            visited += emptied;
            sweep.empties(1 + emptied);
        }
    }

    /// Keeps what was changed, as what is there between transactions: present values are the original ones, nothing is warm, no slot has a transient value.
    /// Whatever is otherwise has a record, so that this takes time by what the transaction did. Forgets all records.
    void settle() {
        visited += count;
        for (int record = 0; record < count; record++) {
            int at = RECORD_LONGS * record;
            settle((int) records[at] & ~WAS_CHANGED, (int) records[at + 1]);
        }
        if (ripemd >= 0) {
            accounts.settle(ripemd);
        }
        clear();
    }

    private void settle(int what, int which) {
        switch (what) {
            case FLAGS -> accounts.settle(which);
            case SLOT -> {
                Word.copy(slots.values, WORD * which, slots.originals, WORD * which);
                sweep.empties(Word.isZero(slots.values, WORD * which) ? 1 : 0);
            }
            case TRANSIENT -> Word.set(slots.transients, WORD * which, 0);
            case SLOT_WARM -> slots.warm[which] = false;
            default -> {
                // of what outlives a transaction
            }
        }
    }

    /// {@return whether it takes so many records more}
    boolean room(int more) {
        return count + more <= recordsMax;
    }

    void balance(int account) {
        Word.copy(accounts.balances, WORD * account, records, record(BALANCE, account));
    }

    void nonce(int account) {
        records[record(NONCE, account)] = accounts.nonces[account];
    }

    void flags(int account) {
        records[record(FLAGS, account)] = accounts.flags[account];
    }

    /// Two records.
    void code(int account) {
        int old = record(CODE, account);
        records[old] = accounts.codeAt[account];
        records[old + 1] = accounts.codeLengths[account];
        records[old + 2] = accounts.codeEnd;
        Word.copy(accounts.codeHashes, WORD * account, records, record(CODE_HASH, account));
    }

    /// Of a slot's value, unless a record made since the last snapshot holds the one to go back to already.
    void value(int slot) {
        if (!isHeld(slots.valueRecords[slot], SLOT, slot)) {
            slots.valueRecords[slot] = count;
            Word.copy(slots.values, WORD * slot, records, record(slots.changed[slot] ? SLOT | WAS_CHANGED : SLOT, slot));
        }
    }

    /// The same of its transient value.
    void transientValue(int slot) {
        if (!isHeld(slots.transientRecords[slot], TRANSIENT, slot)) {
            slots.transientRecords[slot] = count;
            Word.copy(slots.transients, WORD * slot, records, record(TRANSIENT, slot));
        }
    }

    void warm(int slot) {
        record(SLOT_WARM, slot);
    }

    void log(int before) {
        record(LOG, before);
    }

    private int record(int what, int which) {
        int at = RECORD_LONGS * count++;
        records[at] = what;
        records[at + 1] = which;
        return at + 2;
    }

    private boolean isHeld(int record, int what, int which) {
        return record >= mark && record < count && (records[RECORD_LONGS * record] & ~WAS_CHANGED) == what
                && records[RECORD_LONGS * record + 1] == which;
    }

    int snapshot() {
        mark = count;
        return count;
    }

    void revert(int snapshot) {
        if (snapshot < 0 || snapshot > count) {
            throw new IllegalArgumentException("world state: snapshot " + snapshot + " (expected 0.." + count + ")");
        }
        mark = Math.min(mark, snapshot);
        while (count > snapshot) {
            int at = RECORD_LONGS * --count;
            undo((int) records[at], (int) records[at + 1], at + 2);
        }
    }

    private void undo(int what, int which, int old) {
        switch (what & ~WAS_CHANGED) {
            case BALANCE -> Word.copy(records, old, accounts.balances, WORD * which);
            case NONCE -> accounts.nonces[which] = records[old];
            case CODE -> {
                accounts.codeAt[which] = (int) records[old];
                accounts.codeLengths[which] = (int) records[old + 1];
                accounts.codeEnd = (int) records[old + 2];
            }
            case CODE_HASH -> Word.copy(records, old, accounts.codeHashes, WORD * which);
            case FLAGS -> accounts.flags[which] = (int) records[old] | touchKept(which);
            case SLOT -> {
                Word.copy(records, old, slots.values, WORD * which);
                slots.changed[which] = (what & WAS_CHANGED) != 0;
            }
            case TRANSIENT -> Word.copy(records, old, slots.transients, WORD * which);
            case SLOT_WARM -> slots.warm[which] = false;
            default -> logs.truncate(which);
        }
    }

    private int touchKept(int account) {
        int a = WORD * account;
        boolean kept = keepsTouchOfRipemd && accounts.addresses[a] == RIPEMD_160 && Word.isLong(accounts.addresses, a);
        int touch = kept ? accounts.flags[account] & WorldAccounts.TOUCHED : 0;
        ripemd = touch != 0 ? account : ripemd;
        return touch;
    }
}
