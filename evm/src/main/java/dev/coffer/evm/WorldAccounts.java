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
    static final int CHANGED = 128;                     // since its origin told it; undone by a revert
    static final int DETACHED = 64;                     // its origin is asked no more: it was set up, or removed, here

    private static final int WORD = Word.LONGS;
    private static final byte[] NO_CODE = {};

    /// Finds the hash of code.
    interface Hashes {
        void hash(MemorySegment from, long at, long length, long[] to, int r);
    }

    final long[] addresses;
    final long[] balances;
    final long[] nonces;
    final long[] codeHashes;
    final int[] codeAt;
    final int[] codeLengths;
    final int[] flags;
    final MemorySegment code;
    int codeEnd;

    private final WorldOrigin origin;                   // null for none
    private final Hashes hashes;
    private final int most;
    final WorldBuckets buckets = new WorldBuckets();
    private final int[] table;
    final int[] firstSlots;                             // the slot that was found last, plus 1; 0 for none: the others of the account hang on it
    private int count;
    int codeTop;                                // below it what the origin told lies, from the end down: no revert gives that back
    private byte[] spareCode = {};                      // of the account behind the last, which is seen and not kept

    WorldAccounts(int most, int codeBytesMax, WorldOrigin origin, Hashes hashes) {
        this.origin = origin;
        this.hashes = hashes;
        this.most = most;
        codeTop = codeBytesMax;
        table = new int[places(most)];
        int all = most + 1;
        firstSlots = new int[all];
        addresses = new long[WORD * all];
        balances = new long[WORD * all];
        nonces = new long[all];
        codeHashes = new long[WORD * all];
        codeAt = new int[all];
        codeLengths = new int[all];
        flags = new int[all];
        code = MemorySegment.ofArray(new byte[codeBytesMax]);
    }

    private static int places(int most) {
        return Integer.highestOneBit(2 * most) << 1;
    }

    /// {@return heap bytes of the arrays of so many accounts, their code aside}
    static long heapBytes(int most) {
        long all = most + 1L;
        return WorldStateConfig.heapBytes(4L * places(most)) + 3 * WorldStateConfig.heapBytes(8L * WORD * all)
                + WorldStateConfig.heapBytes(8 * all) + 4 * WorldStateConfig.heapBytes(4 * all);
    }

    int count() {
        return count;
    }

    void clear() {
        forget();
        count = 0;
        codeEnd = 0;
        codeTop = (int) code.byteSize();
    }

    /// {@return the account that is seen and not kept}
    int spare() {
        return most;
    }

    /// {@return bytes of code that there is room for}
    int codeRoom() {
        return codeTop - codeEnd;
    }

    /// {@return the account of an address, for looking only; -1 where nothing is known of it, and there is no origin}
    int see(long[] s, int a) {
        int found = find(s, a);
        if (found >= 0 || origin == null) {
            return found;
        }
        found = locate(s, a);
        if (found < 0) {
            ask(s, a, most);                            // no room to keep it: it is seen where nobody looks for it
            found = most;
        }
        return found;
    }

    /// Copies code of an account that [#see] has found.
    void copyCode(int account, long from, MemorySegment to, long at, long length) {
        if (account == most) {
            MemorySegment.copy(MemorySegment.ofArray(spareCode), from, to, at, length);
        } else {
            MemorySegment.copy(code, codeAt[account] + from, to, at, length);
        }
    }

    /// Makes an account what the origin says of an address.
    ///
    /// @return its code, which is in no place yet
    private byte[] ask(long[] s, int a, int account) {
        byte[] bytes = origin.code(s, a);
        long nonce = origin.nonce(s, a);
        Word.copy(s, a, addresses, WORD * account);
        origin.balance(s, a, balances, WORD * account);
        nonces[account] = nonce;
        codeLengths[account] = bytes.length;
        spareCode = bytes;
        if (bytes.length > 0) {
            hashes.hash(MemorySegment.ofArray(bytes), 0, bytes.length, codeHashes, WORD * account);
        }
        flags[account] = isEmpty(account) ? 0 : EXISTS;
        return bytes;
    }

    /// {@return how many entries are passed by looking for each one, all together}
    long passed() {
        long passed = 0;
        for (int i = 0; i < table.length; i++) {
            passed += table[i] == 0 ? 0 : i - buckets.of(addresses, WORD * (table[i] - 1), 0, table.length) & table.length - 1;
        }
        return passed;
    }

    /// {@return the account of an address, or -1}
    private int find(long[] s, int a) {
        int i = buckets.of(s, a, 0, table.length);
        for (; table[i] != 0; i = i + 1 & table.length - 1) {
            int account = table[i] - 1;
            if (Word.equal(s, a, addresses, WORD * account)) {
                return account;
            }
        }
        return -1;
    }

    /// {@return the account of an address, absent where it is new and has no origin; -1 for want of room}
    int locate(long[] s, int a) {
        int found = find(s, a);
        if (found >= 0 || count == most) {
            return found;
        }
        byte[] told = NO_CODE;
        if (origin != null) {
            told = ask(s, a, count);                    // may throw: nothing is known of it then
            if (told.length > codeRoom()) {
                return -1;
            }
        }
        int i = buckets.of(s, a, 0, table.length);
        while (table[i] != 0) {
            i = i + 1 & table.length - 1;
        }
        int account = count++;
        table[i] = account + 1;
        firstSlots[account] = 0;
        if (origin != null) {
            codeTop -= told.length;
            codeAt[account] = codeTop;
            MemorySegment.copy(MemorySegment.ofArray(told), 0, code, codeTop, told.length);
            return account;
        }
        Word.copy(s, a, addresses, WORD * account);
        Word.set(balances, WORD * account, 0);
        nonces[account] = 0;
        codeLengths[account] = 0;
        flags[account] = 0;
        return account;
    }

    /// Takes all accounts out of the table, and their slots from them; [#move] and [#found] put them back, and [WorldSlots#found] those.
    void forget() {
        for (int account = 0; account < count; account++) {
            int a = WORD * account;
            int i = buckets.of(addresses, a, 0, table.length);
            while (table[i] != account + 1) {               // which is there, whatever has been taken out before it
                i = i + 1 & table.length - 1;
            }
            table[i] = 0;
            firstSlots[account] = 0;
        }
    }

    /// Moves an account down, its slots aside.
    void move(int from, int to) {
        Word.copy(addresses, WORD * from, addresses, WORD * to);
        Word.copy(balances, WORD * from, balances, WORD * to);
        Word.copy(codeHashes, WORD * from, codeHashes, WORD * to);
        nonces[to] = nonces[from];
        codeAt[to] = codeAt[from];
        codeLengths[to] = codeLengths[from];
        flags[to] = flags[from];
    }

    /// Puts the first accounts into the table; there are no others any more.
    void found(int kept) {
        count = kept;
        for (int account = 0; account < kept; account++) {
            int a = WORD * account;
            int i = buckets.of(addresses, a, 0, table.length);
            while (table[i] != 0) {
                i = i + 1 & table.length - 1;
            }
            table[i] = account + 1;
            firstSlots[account] = 0;
        }
    }

    /// {@return whether an account is as its origin told it, and whoever changes it has to mark it as changed}
    boolean isAsTold(int account) {
        return origin != null && !has(account, CHANGED | DETACHED);
    }

    boolean has(int account, int flag) {
        return (flags[account] & flag) != 0;
    }

    boolean isEmpty(int account) {
        return nonces[account] == 0 && codeLengths[account] == 0 && Word.isZero(balances, WORD * account);
    }

    /// Takes back what is of one transaction only.
    void settle(int account) {
        flags[account] &= EXISTS | DETACHED | CHANGED;
    }

    /// {@return whether an account goes when the transaction ends: it was destroyed, or touched and is empty}
    boolean isToGo(int account) {
        return has(account, DESTROYED) || has(account, TOUCHED) && has(account, EXISTS) && isEmpty(account);
    }

    /// Removes an account, its slots aside.
    void remove(int account) {
        flags[account] = DETACHED;
        nonces[account] = 0;
        codeLengths[account] = 0;
        Word.set(balances, WORD * account, 0);
    }
}
