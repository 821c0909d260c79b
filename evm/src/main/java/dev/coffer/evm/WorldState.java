package dev.coffer.evm;

import dev.coffer.crypto.Hash;
import dev.coffer.evm.word.Word;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/// A [Host] in memory, of fixed size, for tests and tools: accounts and slots in hash tables that never grow, a journal
/// that undoes. Makes no object after its constructor. One thread at a time.
///
/// One transaction at a time: [#beginTransaction] makes the present values the original ones, [#endTransaction] removes
/// what SELFDESTRUCT marked.
public final class WorldState implements Host {
    private static final int WORD = Word.LONGS;
    private static final int UNDO_LONGS = 2 + WORD;         // what, which, old value

    // Undo records.
    private static final int BALANCE = 0;
    private static final int NONCE = 1;
    private static final int CODE = 2;
    private static final int CODE_HASH = 3;
    private static final int FLAGS = 4;
    private static final int SLOT = 5;
    private static final int TRANSIENT = 6;
    private static final int SLOT_WARM = 7;
    private static final int LOG = 8;

    // Flags of an account.
    private static final int EXISTS = 1;
    private static final int IS_WARM = 2;
    private static final int CREATED = 4;                   // in this transaction
    private static final int DESTROYED = 8;
    private static final int TOUCHED = 16;                  // EIP-161; deleted at the end if it is empty then
    private static final int REMOVED = 32;                  // while a transaction ends

    private static final long RIPEMD_160 = 3;               // the address whose touch outlives a revert

    private final WorldStateConfig config;
    private final int[] accountTable;
    private final long[] addresses;
    private final long[] balances;
    private final long[] nonces;
    private final long[] codeHashes;
    private final int[] codeAt;
    private final int[] codeLengths;
    private final int[] flags;
    private final int[] accountBuckets;                 // where in the table each stands
    private int accounts;
    private final int[] slotTable;
    private final int[] slotBuckets;
    private final int[] slotAccounts;
    private final long[] slotKeys;
    private final long[] values;
    private final long[] originals;
    private final long[] transients;
    private final boolean[] warmSlots;
    private int slots;
    private final MemorySegment code;
    private int codeEnd;
    private final long[] undos;
    private int undoCount;
    private boolean keepsTouchOfRipemd = true;
    private int mark;                                   // undoCount at the last snapshot
    private final int[] slotUndos;                      // the last record of a slot's value, and of its transient one
    private final LogBuffer logs;
    private final Block block = new Block();
    private final MemorySegment hashing;
    private final long[] emptyHash = new long[WORD];

    /// Makes an empty state.
    public WorldState(WorldStateConfig config) {
        this.config = config;
        int a = config.accountsMax();
        int s = config.slotsMax();
        accountTable = new int[Integer.highestOneBit(2 * a) << 1];
        accountBuckets = new int[a];
        addresses = new long[WORD * a];
        balances = new long[WORD * a];
        nonces = new long[a];
        codeHashes = new long[WORD * a];
        codeAt = new int[a];
        codeLengths = new int[a];
        flags = new int[a];
        slotTable = new int[Integer.highestOneBit(2 * s) << 1];
        slotBuckets = new int[s];
        slotAccounts = new int[s];
        slotKeys = new long[WORD * s];
        values = new long[WORD * s];
        originals = new long[WORD * s];
        transients = new long[WORD * s];
        warmSlots = new boolean[s];
        slotUndos = new int[2 * s];
        code = MemorySegment.ofArray(new byte[config.codeBytesMax()]);
        undos = new long[UNDO_LONGS * config.undosMax()];
        logs = new LogBuffer(config.logsMax(), config.logBytesMax());
        hashing = Arena.ofAuto().allocate(Hash.STATE_BYTES_MAX + Word.BYTES);
        hashCode(code, 0, 0, emptyHash, 0);
    }

    /// {@return block and transaction data, to be set by the caller}
    public Block block() {
        return block;
    }

    /// {@return the log records of the transaction}
    public LogBuffer logs() {
        return logs;
    }

    /// Forgets everything.
    public void clear() {
        for (int i = 0; i < accounts; i++) {
            accountTable[accountBuckets[i]] = 0;
        }
        for (int i = 0; i < slots; i++) {
            slotTable[slotBuckets[i]] = 0;
        }
        accounts = 0;
        slots = 0;
        codeEnd = 0;
        undoCount = 0;
        logs.truncate(0);
    }

    // --- transactions -----------------------------------------------------------------------------------------------

    /// Starts a transaction: nothing is warm, transient storage is empty, present values are the original ones.
    public void beginTransaction() {
        undoCount = 0;
        mark = 0;
        logs.truncate(0);
        for (int i = 0; i < accounts; i++) {
            flags[i] &= EXISTS;
        }
        System.arraycopy(values, 0, originals, 0, WORD * slots);
        Arrays.fill(transients, 0, WORD * slots, 0);
        Arrays.fill(warmSlots, 0, slots, false);
    }

    /// Ends a transaction that is kept, whether its code succeeded or not: accounts marked by SELFDESTRUCT go, and those that were
    /// touched and are empty (EIP-161), with their storage.
    public void endTransaction() {
        undoCount = 0;
        int removed = 0;
        for (int i = 0; i < accounts; i++) {
            int touched = EXISTS | TOUCHED;
            if ((flags[i] & DESTROYED) != 0 || (flags[i] & touched) == touched && isEmpty(i)) {
                flags[i] = REMOVED;
                nonces[i] = 0;
                codeLengths[i] = 0;
                Word.set(balances, WORD * i, 0);
                removed++;
            }
        }
        if (removed > 0) {
            for (int slot = 0; slot < slots; slot++) {
                if (flags[slotAccounts[slot]] == REMOVED) {
                    Word.set(values, WORD * slot, 0);
                }
            }
            for (int i = 0; i < accounts; i++) {
                flags[i] &= ~REMOVED;
            }
        }
    }

    /// Says whether the touch of address 3 outlives a [#revert], as it did on the main network in block 2,675,119 and therefore does
    /// in every client of it; true unless set otherwise.
    ///
    /// @return this
    public WorldState keepsTouchOfRipemd(boolean keeps) {
        keepsTouchOfRipemd = keeps;
        return this;
    }

    @Override
    public int snapshot() {
        mark = undoCount;
        return undoCount;
    }

    /// @throws IllegalArgumentException  no snapshot that can still be gone back to: negative, or past what has changed since,
    ///                                   as one is that was reverted past or is of an earlier transaction (caller's fault);
    ///                                   nothing changes
    @Override
    public void revert(int snapshot) {
        if (snapshot < 0 || snapshot > undoCount) {
            throw new IllegalArgumentException("world state: snapshot " + snapshot + " (expected 0.." + undoCount + ")");
        }
        mark = Math.min(mark, snapshot);
        while (undoCount > snapshot) {
            int at = UNDO_LONGS * --undoCount;
            int which = (int) undos[at + 1];
            int old = at + 2;
            switch ((int) undos[at]) {
                case BALANCE -> Word.copy(undos, old, balances, WORD * which);
                case NONCE -> nonces[which] = undos[old];
                case CODE -> {
                    codeAt[which] = (int) undos[old];
                    codeLengths[which] = (int) undos[old + 1];
                    codeEnd = (int) undos[old + 2];
                }
                case CODE_HASH -> Word.copy(undos, old, codeHashes, WORD * which);
                case FLAGS -> flags[which] = (int) undos[old] | (isKept(which) ? flags[which] & TOUCHED : 0);
                case SLOT -> Word.copy(undos, old, values, WORD * which);
                case TRANSIENT -> Word.copy(undos, old, transients, WORD * which);
                case SLOT_WARM -> warmSlots[which] = false;
                default -> logs.truncate(which);
            }
        }
    }

    /// Whether an account's touch outlives this.
    private boolean isKept(int account) {
        int a = WORD * account;
        return keepsTouchOfRipemd && addresses[a] == RIPEMD_160 && Word.isLong(addresses, a);
    }

    /// Whether the journal takes `records` more.
    private boolean room(int records) {
        return undoCount + records <= config.undosMax();
    }

    private int undo(int what, int which) {
        int at = UNDO_LONGS * undoCount++;
        undos[at] = what;
        undos[at + 1] = which;
        return at + 2;
    }

    private void undoFlags(int account) {
        undos[undo(FLAGS, account)] = flags[account];
    }

    // --- tables -----------------------------------------------------------------------------------------------------

    private static int bucket(long a, long b, long c, long d, int length) {
        long mixed = (a ^ Long.rotateLeft(b, 21) ^ Long.rotateLeft(c, 42) ^ Long.rotateLeft(d, 13)) * 0x9e3779b97f4a7c15L;
        return (int) (mixed >>> 32) & length - 1;
    }

    /// {@return the account of an address, or -1}
    private int find(long[] s, int a) {
        int i = bucket(s[a], s[a + 1], s[a + 2], 0, accountTable.length);
        for (; accountTable[i] != 0; i = i + 1 & accountTable.length - 1) {
            int account = accountTable[i] - 1;
            if (Word.equal(s, a, addresses, WORD * account)) {
                return account;
            }
        }
        return -1;
    }

    /// {@return the account of an address, made absent where it is new; -1 for want of room}
    private int locate(long[] s, int a) {
        int found = find(s, a);
        if (found >= 0 || accounts == config.accountsMax()) {
            return found;
        }
        int i = bucket(s[a], s[a + 1], s[a + 2], 0, accountTable.length);
        while (accountTable[i] != 0) {
            i = i + 1 & accountTable.length - 1;
        }
        int account = accounts++;
        accountTable[i] = account + 1;
        accountBuckets[account] = i;
        Word.copy(s, a, addresses, WORD * account);
        Word.set(balances, WORD * account, 0);
        Word.copy(emptyHash, 0, codeHashes, WORD * account);
        nonces[account] = 0;
        codeLengths[account] = 0;
        flags[account] = 0;
        return account;
    }

    private int findSlot(int account, long[] k, int key) {
        int i = bucket(k[key], k[key + 1], k[key + 2] + account, k[key + 3], slotTable.length);
        for (; slotTable[i] != 0; i = i + 1 & slotTable.length - 1) {
            int slot = slotTable[i] - 1;
            if (slotAccounts[slot] == account && Word.equal(k, key, slotKeys, WORD * slot)) {
                return slot;
            }
        }
        return -1;
    }

    private int locateSlot(int account, long[] k, int key) {
        int found = findSlot(account, k, key);
        if (found >= 0 || slots == config.slotsMax()) {
            return found;
        }
        int i = bucket(k[key], k[key + 1], k[key + 2] + account, k[key + 3], slotTable.length);
        while (slotTable[i] != 0) {
            i = i + 1 & slotTable.length - 1;
        }
        int slot = slots++;
        slotTable[i] = slot + 1;
        slotBuckets[slot] = i;
        slotAccounts[slot] = account;
        Word.copy(k, key, slotKeys, WORD * slot);
        Word.set(values, WORD * slot, 0);
        Word.set(originals, WORD * slot, 0);
        Word.set(transients, WORD * slot, 0);
        warmSlots[slot] = false;
        slotUndos[2 * slot] = -1;
        slotUndos[2 * slot + 1] = -1;
        return slot;
    }

    // --- accounts ---------------------------------------------------------------------------------------------------

    @Override
    public boolean exists(long[] s, int address) {
        int account = find(s, address);
        return account >= 0 && (flags[account] & EXISTS) != 0;
    }

    @Override
    public boolean isEmpty(long[] s, int address) {
        int account = find(s, address);
        return account < 0 || (flags[account] & EXISTS) == 0 || isEmpty(account);
    }

    private boolean isEmpty(int account) {
        return nonces[account] == 0 && codeLengths[account] == 0 && Word.isZero(balances, WORD * account);
    }

    @Override
    public void balance(long[] s, int address, long[] to, int r) {
        int account = find(s, address);
        if (account < 0) {
            Word.set(to, r, 0);
        } else {
            Word.copy(balances, WORD * account, to, r);
        }
    }

    @Override
    public long nonce(long[] s, int address) {
        int account = find(s, address);
        return account < 0 ? 0 : nonces[account];
    }

    @Override
    public boolean raiseNonce(long[] s, int address) {
        int account = locate(s, address);
        if (account < 0 || !room(2)) {
            return false;
        }
        undoFlags(account);
        undos[undo(NONCE, account)] = nonces[account];
        flags[account] |= EXISTS;
        nonces[account]++;
        return true;
    }

    @Override
    public long codeLength(long[] s, int address) {
        int account = find(s, address);
        return account < 0 ? 0 : codeLengths[account];
    }

    @Override
    public void codeHash(long[] s, int address, long[] to, int r) {
        int account = find(s, address);
        if (account < 0 || (flags[account] & EXISTS) == 0) {
            Word.set(to, r, 0);
        } else {
            Word.copy(codeLengths[account] == 0 ? emptyHash : codeHashes, codeLengths[account] == 0 ? 0 : WORD * account,
                    to, r);
        }
    }

    @Override
    public void copyCode(long[] s, int address, long from, MemorySegment to, long at, long length) {
        MemorySegment.copy(code, codeAt[find(s, address)] + from, to, at, length);
    }

    @Override
    public int accessAccount(long[] s, int address) {
        int account = locate(s, address);
        if (account < 0) {
            return FULL;
        }
        if ((flags[account] & IS_WARM) != 0) {
            return WARM;
        }
        if (!room(1)) {
            return FULL;
        }
        undoFlags(account);
        flags[account] |= IS_WARM;
        return COLD;
    }

    @Override
    public boolean transfer(long[] s, int from, long[] t, int to, long[] v, int value) {
        int payer = locate(s, from);
        int payee = locate(t, to);
        if (payer < 0 || payee < 0 || !room(3)) {
            return false;
        }
        undoFlags(payee);
        flags[payee] |= EXISTS;
        Word.copy(balances, WORD * payer, undos, undo(BALANCE, payer));
        Word.copy(v, value, moved, 0);
        Word.copy(balances, WORD * payer, moved, WORD);
        Word.subtract(moved, WORD, 0, WORD);
        Word.copy(moved, WORD, balances, WORD * payer);
        Word.copy(balances, WORD * payee, undos, undo(BALANCE, payee));
        Word.copy(balances, WORD * payee, moved, WORD);
        Word.add(moved, WORD, 0, WORD);
        Word.copy(moved, WORD, balances, WORD * payee);
        return true;
    }

    @Override
    public boolean touch(long[] s, int address) {
        int account = find(s, address);
        if (account < 0 || (flags[account] & (EXISTS | TOUCHED)) != EXISTS) {
            return true;
        }
        if (!room(1)) {
            return false;
        }
        undoFlags(account);
        flags[account] |= TOUCHED;
        return true;
    }

    private final long[] moved = new long[2 * WORD];   // value, then the balance that it changes

    @Override
    public boolean creatable(long[] s, int address) {
        int account = find(s, address);
        if (account < 0) {
            return true;
        }
        if (nonces[account] != 0 || codeLengths[account] != 0) {
            return false;
        }
        for (int slot = 0; slot < slots; slot++) {
            if (slotAccounts[slot] == account && !Word.isZero(values, WORD * slot)) {
                return false;
            }
        }
        return true;
    }

    @Override
    public boolean create(long[] s, int address, long nonce) {
        int account = locate(s, address);
        if (account < 0 || !room(2)) {
            return false;
        }
        undoFlags(account);
        undos[undo(NONCE, account)] = nonces[account];
        flags[account] |= EXISTS | CREATED;
        nonces[account] = nonce;
        return true;
    }

    @Override
    public boolean setCode(long[] s, int address, MemorySegment from, long at, long length) {
        int account = locate(s, address);
        if (account < 0 || !room(3) || length > config.codeBytesMax() - codeEnd) {
            return false;
        }
        undoFlags(account);
        flags[account] |= EXISTS;  // what has code has its hash, by which machines cache it
        int old = undo(CODE, account);
        undos[old] = codeAt[account];
        undos[old + 1] = codeLengths[account];
        undos[old + 2] = codeEnd;
        Word.copy(codeHashes, WORD * account, undos, undo(CODE_HASH, account));
        MemorySegment.copy(from, at, code, codeEnd, length);
        codeAt[account] = codeEnd;
        codeLengths[account] = (int) length;
        codeEnd += (int) length;
        hashCode(from, at, length, codeHashes, WORD * account);
        return true;
    }

    private void hashCode(MemorySegment from, long at, long length, long[] to, int r) {
        Hash.KECCAK_256.hash(hashing, 0, from, at, length, hashing, Hash.STATE_BYTES_MAX);
        Word.load(hashing, Hash.STATE_BYTES_MAX, to, r);
    }

    @Override
    public int selfDestruct(long[] s, int address, long[] t, int beneficiary, boolean onlyCreated) {
        int account = locate(s, address);
        int heir = locate(t, beneficiary);
        if (account < 0 || heir < 0 || !room(4)) {
            return FULL;
        }
        boolean goes = !onlyCreated || (flags[account] & CREATED) != 0;
        boolean first = (flags[account] & DESTROYED) == 0;
        if (account != heir) {
            Word.copy(balances, WORD * account, moved, 0);
            Word.copy(moved, 0, burnt, 0);
            if (!Word.isZero(burnt, 0)) {
                transfer(s, address, t, beneficiary, burnt, 0);
            }
        } else if (goes) {
            Word.copy(balances, WORD * account, undos, undo(BALANCE, account));
            Word.set(balances, WORD * account, 0);
        }
        if (goes && first) {
            undoFlags(account);
            flags[account] |= DESTROYED;
        }
        return first ? COLD : WARM;
    }

    private final long[] burnt = new long[WORD];       // the balance that SELFDESTRUCT moves

    // --- storage ----------------------------------------------------------------------------------------------------

    @Override
    public int accessSlot(long[] s, int address, long[] k, int key) {
        int account = locate(s, address);
        int slot = account < 0 ? -1 : locateSlot(account, k, key);
        if (slot < 0) {
            return FULL;
        }
        if (warmSlots[slot]) {
            return WARM;
        }
        if (!room(1)) {
            return FULL;
        }
        undo(SLOT_WARM, slot);
        warmSlots[slot] = true;
        return COLD;
    }

    @Override
    public void load(long[] s, int address, long[] k, int key, long[] to, int r) {
        read(values, s, address, k, key, to, r);
    }

    @Override
    public void original(long[] s, int address, long[] k, int key, long[] to, int r) {
        read(originals, s, address, k, key, to, r);
    }

    @Override
    public void loadTransient(long[] s, int address, long[] k, int key, long[] to, int r) {
        read(transients, s, address, k, key, to, r);
    }

    private void read(long[] from, long[] s, int address, long[] k, int key, long[] to, int r) {
        int account = find(s, address);
        int slot = account < 0 ? -1 : findSlot(account, k, key);
        if (slot < 0) {
            Word.set(to, r, 0);
        } else {
            Word.copy(from, WORD * slot, to, r);
        }
    }

    @Override
    public boolean store(long[] s, int address, long[] k, int key, long[] v, int value) {
        return write(SLOT, values, s, address, k, key, v, value);
    }

    @Override
    public boolean storeTransient(long[] s, int address, long[] k, int key, long[] v, int value) {
        return write(TRANSIENT, transients, s, address, k, key, v, value);
    }

    private boolean write(int what, long[] to, long[] s, int address, long[] k, int key, long[] v, int value) {
        int account = locate(s, address);
        int slot = account < 0 ? -1 : locateSlot(account, k, key);
        if (slot < 0 || !room(1)) {
            return false;
        }
        int last = 2 * slot + (what == SLOT ? 0 : 1);
        if (!isUndone(slotUndos[last], what, slot)) {
            slotUndos[last] = undoCount;
            Word.copy(to, WORD * slot, undos, undo(what, slot));
        }
        Word.copy(v, value, to, WORD * slot);
        return true;
    }

    /// Whether a record made since the last snapshot holds the value to go back to already.
    private boolean isUndone(int record, int what, int which) {
        return record >= mark && record < undoCount && undos[UNDO_LONGS * record] == what
                && undos[UNDO_LONGS * record + 1] == which;
    }

    @Override
    public boolean log(long[] s, int address, MemorySegment data, long at, long length, long[] t, int topics, int count) {
        if (!room(1)) {
            return false;
        }
        int before = logs.count();
        if (!logs.append(s, address, data, at, length, t, topics, count)) {
            return false;
        }
        undo(LOG, before);
        return true;
    }

    // --- block ------------------------------------------------------------------------------------------------------

    @Override
    public void block(int opcode, long[] to, int r) {
        block.read(opcode, to, r);
    }

    @Override
    public void blockHash(long number, long[] to, int r) {
        Word.set(to, r, 0);
    }

    @Override
    public void blobHash(long[] s, int index, long[] to, int r) {
        Word.set(to, r, 0);
    }

    // --- setting up and looking -------------------------------------------------------------------------------------

    /// Sets an account up, outside any transaction: present, with balance and nonce, without code.
    ///
    /// @return false for want of room
    public boolean account(long[] s, int address, long[] b, int balance, long nonce) {
        int account = locate(s, address);
        if (account < 0) {
            return false;
        }
        flags[account] = EXISTS;
        Word.copy(b, balance, balances, WORD * account);
        nonces[account] = nonce;
        return true;
    }

    /// {@return slots that are known, for [#slot]; those with value 0 included}
    public int slots() {
        return slots;
    }

    /// Writes address, key and value of a known slot: twelve longs.
    public void slot(int index, long[] to, int r) {
        Word.copy(addresses, WORD * slotAccounts[index], to, r);
        Word.copy(slotKeys, WORD * index, to, r + WORD);
        Word.copy(values, WORD * index, to, r + 2 * WORD);
    }

    @Override
    public String toString() {
        return "WorldState[" + accounts + " of " + config.accountsMax() + " accounts, " + slots + " of "
                + config.slotsMax() + " slots, " + undoCount + " undos]";
    }
}
