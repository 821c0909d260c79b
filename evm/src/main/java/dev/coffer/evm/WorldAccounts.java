package dev.coffer.evm;

import dev.coffer.evm.word.Word;
import java.lang.foreign.MemorySegment;

/// The accounts of a [WorldState] with their code, found by address in a hash table that never grows. An account has an index from when it
/// was first asked for; whether it exists is a flag.
final class WorldAccounts {
    static final int EXISTS = 1;
    static final int IS_WARM = 2;
    static final int CREATED = 4;                       // in this transaction
    static final int DESTROYED = 8;
    static final int TOUCHED = 16;                      // EIP-161; deleted at the end if it is empty then
    private static final int REMOVED = 32;              // while a transaction ends

    private static final int WORD = Word.LONGS;

    final long[] addresses;
    final long[] balances;
    final long[] nonces;
    final long[] codeHashes;
    final int[] codeAt;
    final int[] codeLengths;
    final int[] flags;
    final MemorySegment code;
    int codeEnd;

    private final int[] table;
    private final int[] buckets;                        // where in the table each stands
    private int count;

    WorldAccounts(int most, int codeBytesMax) {
        table = new int[Integer.highestOneBit(2 * most) << 1];
        buckets = new int[most];
        addresses = new long[WORD * most];
        balances = new long[WORD * most];
        nonces = new long[most];
        codeHashes = new long[WORD * most];
        codeAt = new int[most];
        codeLengths = new int[most];
        flags = new int[most];
        code = MemorySegment.ofArray(new byte[codeBytesMax]);
    }

    int count() {
        return count;
    }

    void clear() {
        for (int i = 0; i < count; i++) {
            table[buckets[i]] = 0;
        }
        count = 0;
        codeEnd = 0;
    }

    static int bucket(long a, long b, long c, long d, int length) {
        long mixed = (a ^ Long.rotateLeft(b, 21) ^ Long.rotateLeft(c, 42) ^ Long.rotateLeft(d, 13)) * 0x9e3779b97f4a7c15L;
        return (int) (mixed >>> 32) & length - 1;
    }

    /// {@return the account of an address, or -1}
    int find(long[] s, int a) {
        int i = bucket(s[a], s[a + 1], s[a + 2], 0, table.length);
        for (; table[i] != 0; i = i + 1 & table.length - 1) {
            int account = table[i] - 1;
            if (Word.equal(s, a, addresses, WORD * account)) {
                return account;
            }
        }
        return -1;
    }

    /// {@return the account of an address, made absent where it is new; -1 for want of room}
    int locate(long[] s, int a) {
        int found = find(s, a);
        if (found >= 0 || count == flags.length) {
            return found;
        }
        int i = bucket(s[a], s[a + 1], s[a + 2], 0, table.length);
        while (table[i] != 0) {
            i = i + 1 & table.length - 1;
        }
        int account = count++;
        table[i] = account + 1;
        buckets[account] = i;
        Word.copy(s, a, addresses, WORD * account);
        Word.set(balances, WORD * account, 0);
        nonces[account] = 0;
        codeLengths[account] = 0;
        flags[account] = 0;
        return account;
    }

    boolean has(int account, int flag) {
        return (flags[account] & flag) != 0;
    }

    boolean isEmpty(int account) {
        return nonces[account] == 0 && codeLengths[account] == 0 && Word.isZero(balances, WORD * account);
    }

    void beginTransaction() {
        for (int i = 0; i < count; i++) {
            flags[i] &= EXISTS;
        }
    }

    /// Removes what was destroyed, and what was touched and is empty.
    void endTransaction(WorldSlots slots) {
        int removed = 0;
        for (int i = 0; i < count; i++) {
            if (has(i, DESTROYED) || has(i, TOUCHED) && has(i, EXISTS) && isEmpty(i)) {
                flags[i] = REMOVED;
                nonces[i] = 0;
                codeLengths[i] = 0;
                Word.set(balances, WORD * i, 0);
                removed++;
            }
        }
        if (removed == 0) {
            return;
        }
        for (int slot = 0; slot < slots.count(); slot++) {
            if (has(slots.owners[slot], REMOVED)) {
                Word.set(slots.values, WORD * slot, 0);
            }
        }
        for (int i = 0; i < count; i++) {
            flags[i] &= ~REMOVED;
        }
    }
}
