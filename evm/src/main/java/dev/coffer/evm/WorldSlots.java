package dev.coffer.evm;

import dev.coffer.evm.word.Word;

/// The storage slots of a [WorldState], found by account and key in a hash table that never grows: present value, the one before the
/// transaction, the transient one, and whether it was looked at.
final class WorldSlots {
    private static final int WORD = Word.LONGS;

    final int[] owners;                                 // index of the account
    final long[] keys;
    final long[] values;
    final long[] originals;
    final long[] transients;
    final boolean[] warm;
    final boolean[] changed;                            // since its origin told it; undone by a revert
    final int[] valueRecords;                           // the journal's last record of each one's value
    final int[] transientRecords;                       // and of its transient one

    private final WorldOrigin origin;                   // null for none
    private final WorldAccounts accounts;
    private final int[] table;
    private final int[] next;                           // of the same account, plus 1; 0 for none: [WorldAccounts#firstSlots]
    private int count;
    long visited;                                       // that [#any] has looked at

    WorldSlots(int most, WorldOrigin origin, WorldAccounts accounts) {
        this.origin = origin;
        this.accounts = accounts;
        table = new int[places(most)];
        next = new int[most];
        owners = new int[most];
        keys = new long[WORD * most];
        values = new long[WORD * most];
        originals = new long[WORD * most];
        transients = new long[WORD * most];
        warm = new boolean[most];
        changed = new boolean[most];
        valueRecords = new int[most];
        transientRecords = new int[most];
    }

    private static int places(int most) {
        return Integer.highestOneBit(2 * most) << 1;
    }

    /// {@return heap bytes of the arrays of so many slots}
    static long heapBytes(int most) {
        return WorldStateConfig.heapBytes(4L * places(most)) + 4 * WorldStateConfig.heapBytes(8L * WORD * most)
                + 2 * WorldStateConfig.heapBytes(most) + 4 * WorldStateConfig.heapBytes(4L * most);
    }

    int count() {
        return count;
    }

    void clear() {
        forget();
        count = 0;
    }

    /// {@return how many entries are passed by looking for each one, all together}
    long passed() {
        long passed = 0;
        for (int i = 0; i < table.length; i++) {
            int slot = table[i] - 1;
            passed += slot < 0 ? 0 : i - accounts.buckets.of(keys, WORD * slot, owners[slot], table.length) & table.length - 1;
        }
        return passed;
    }

    /// {@return the slot of an account's key, or -1}
    private int find(int account, long[] k, int key) {
        int i = accounts.buckets.of(k, key, account, table.length);
        for (; table[i] != 0; i = i + 1 & table.length - 1) {
            int slot = table[i] - 1;
            if (owners[slot] == account && Word.equal(k, key, keys, WORD * slot)) {
                return slot;
            }
        }
        return -1;
    }

    /// {@return the slot of an account's key, zero where it is new; -1 for want of room}
    int locate(int account, long[] k, int key) {
        int found = find(account, k, key);
        if (found >= 0 || count == warm.length) {
            return found;
        }
        int i = accounts.buckets.of(k, key, account, table.length);
        while (table[i] != 0) {
            i = i + 1 & table.length - 1;
        }
        int slot = count;
        ask(account, k, key, values, WORD * slot);      // may throw: nothing is known of it then
        count++;
        table[i] = slot + 1;
        owners[slot] = account;
        link(slot);
        Word.copy(k, key, keys, WORD * slot);
        Word.copy(values, WORD * slot, originals, WORD * slot);
        Word.set(transients, WORD * slot, 0);
        warm[slot] = false;
        changed[slot] = false;
        valueRecords[slot] = -1;
        transientRecords[slot] = -1;
        return slot;
    }

    /// {@return the slot of an account's key, for looking only; -1 where nothing is known of it, or there is no room to keep what its origin says: [#ask]}
    int see(int account, long[] k, int key) {
        return origin == null || account == accounts.spare() ? find(account, k, key) : locate(account, k, key);
    }

    /// Writes what the origin says of a slot: 0 where there is none.
    void ask(int account, long[] k, int key, long[] to, int r) {
        if (origin == null || accounts.has(account, WorldAccounts.DETACHED)) {
            Word.set(to, r, 0);
        } else {
            origin.slot(accounts.addresses, WORD * account, k, key, to, r);
        }
    }

    /// Takes all slots out of the table; [#move] and [#found] put them back.
    void forget() {
        for (int slot = 0; slot < count; slot++) {
            int k = WORD * slot;
            int i = accounts.buckets.of(keys, k, owners[slot], table.length);
            while (table[i] != slot + 1) {                // which is there, whatever has been taken out before it
                i = i + 1 & table.length - 1;
            }
            table[i] = 0;
        }
    }

    private void link(int slot) {
        next[slot] = accounts.firstSlots[owners[slot]];
        accounts.firstSlots[owners[slot]] = slot + 1;
    }

    /// Moves a slot down, between transactions, where its value is the original one, and it is neither warm nor has a transient one.
    void move(int from, int to) {
        owners[to] = owners[from];
        changed[to] = changed[from];
        Word.copy(keys, WORD * from, keys, WORD * to);
        Word.copy(values, WORD * from, values, WORD * to);
        Word.copy(values, WORD * to, originals, WORD * to);
    }

    /// Puts the first slots into the table, after the accounts; there are no others any more.
    void found(int kept) {
        count = kept;
        for (int slot = 0; slot < kept; slot++) {
            int k = WORD * slot;
            int i = accounts.buckets.of(keys, k, owners[slot], table.length);
            while (table[i] != 0) {
                i = i + 1 & table.length - 1;
            }
            table[i] = slot + 1;
            link(slot);
        }
    }

    /// {@return whether an account has a slot that is not zero, of those that are known}
    boolean any(int account) {
        for (int slot = accounts.firstSlots[account] - 1; slot >= 0; slot = next[slot] - 1) {
            visited++;
            if (!Word.isZero(values, WORD * slot)) {
                return true;
            }
        }
        return false;
    }

    /// Makes all slots of an account 0, between transactions.
    ///
    /// @return how many it has
    int empty(int account) {
        int all = 0;
        for (int slot = accounts.firstSlots[account] - 1; slot >= 0; slot = next[slot] - 1) {
            Word.set(values, WORD * slot, 0);
            Word.set(originals, WORD * slot, 0);
            all++;
        }
        return all;
    }
}
