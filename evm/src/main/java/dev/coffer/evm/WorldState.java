package dev.coffer.evm;

import static dev.coffer.evm.WorldAccounts.CHANGED;
import static dev.coffer.evm.WorldAccounts.CREATED;
import static dev.coffer.evm.WorldAccounts.DETACHED;
import static dev.coffer.evm.WorldAccounts.EXISTS;
import static dev.coffer.evm.WorldAccounts.IS_WARM;
import static dev.coffer.evm.WorldAccounts.TOUCHED;

import dev.coffer.crypto.Hash;
import dev.coffer.evm.opcode.Opcode;
import dev.coffer.evm.word.Word;
import dev.coffer.memory.MemoryPlan;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// A [TransactionHost] in memory, of fixed size, for tests and tools: accounts and slots in hash tables that never grow, a journal
/// that undoes. Makes no object after its constructor. One thread at a time.
///
/// One transaction at a time: [#beginTransaction] makes the present values the original ones, [#endTransaction] removes
/// what SELFDESTRUCT marked, and what was touched and is empty. Both take time by what the transaction touched, whatever else is there, and by the slots of what is
/// removed.
public final class WorldState implements TransactionHost {
    private static final int WORD = Word.LONGS;

    private final WorldStateConfig config;
    private final WorldAccounts accounts;
    private final WorldSlots slots;
    private final LogBuffer logs;
    private final WorldJournal journal;
    private final WorldPayments payments;
    private final WorldSweep sweep;
    private final Block block = new Block();
    private final MemorySegment hashing = Arena.ofAuto().allocate(WorldStateConfig.HASHING_BYTES);
    private final long[] emptyHash = new long[WORD];
    private boolean claimed;

    /// Makes an empty state.
    public WorldState(WorldStateConfig config) {
        this(config, null);
    }

    /// Makes a fork of a state that is held elsewhere: where nothing was set up or changed here, it answers what that one does. Room for an account or a slot is also
    /// taken by looking; where it is full, whoever looks is answered all the same, by asking each time, and whoever changes something meets the limit.
    ///
    /// @param origin  null for none
    public WorldState(WorldStateConfig config, WorldOrigin origin) {
        this.config = config;
        accounts = new WorldAccounts(config.accountsMax(), config.codeBytesMax(), origin, this::hashCode);
        slots = new WorldSlots(config.slotsMax(), origin, accounts);
        logs = new LogBuffer(config.logsMax(), config.logBytesMax());
        sweep = new WorldSweep(accounts, slots, origin != null);
        journal = new WorldJournal(accounts, slots, logs, sweep, config.undosMax());
        payments = new WorldPayments(accounts, journal);
        hashCode(accounts.code, 0, 0, emptyHash, 0);
    }

    /// {@return what it holds}
    public MemoryPlan plan() {
        return config.plan();
    }

    /// {@return block and transaction data, to be set by the caller}
    public Block block() {
        return block;
    }

    /// {@return the log records of the last transaction that was executed; one that is rejected leaves those of the one before}
    public LogBuffer logs() {
        return logs;
    }

    /// Forgets all accounts, slots and logs; the block stays as it was set.
    ///
    /// @throws IllegalStateException  a transaction is under way (caller's fault)
    public void clear() {
        refuseInTheMidst();
        slots.clear();
        accounts.clear();
        journal.clear();
        sweep.begins();
        logs.truncate(0);
    }

    // --- transactions -----------------------------------------------------------------------------------------------

    /// Starts a transaction: nothing is warm, transient storage is empty, present values are the original ones. Where more than a half of the room is taken,
    /// what was only looked at goes, once there may be as much of it as a half of what was free: so that nobody fills it for good by looking, in a simulation or elsewhere. That
    /// takes time by how much is there, which the transactions that filled it share.
    ///
    /// @throws IllegalStateException  one is under way, executed by a [TransactionExecutor] or as one of [SystemCalls] (caller's fault)
    public void beginTransaction() {
        refuseInTheMidst();
        begin();
    }

    private void begin() {
        journal.settle();
        logs.truncate(0);
        sweep.ifCrowded();
    }

    /// {@return records, accounts and slots that beginning and ending transactions has looked at so far, and slots that creations have}
    long visited() {
        return journal.visited + sweep.visited + slots.visited;
    }

    /// {@return entries that are passed by looking for each account and slot, all together}
    long passed() {
        return accounts.passed() + slots.passed();
    }

    @Override
    public void claim() {
        refuseInTheMidst();
        claimed = true;
    }

    @Override
    public void unclaim() {
        claimed = false;
    }

    private void refuseInTheMidst() {
        if (claimed) {
            throw new IllegalStateException("world state: a transaction is under way, and what it asked wants another: take another state");
        }
    }

    @Override
    public void beginTransaction(long[] s, int sender, long[] p, int gasPrice, long[] blobs, int blobCount) {
        begin();
        block.set(Opcode.ORIGIN, s, sender);
        block.set(Opcode.GASPRICE, p, gasPrice);
        block.blobs(blobs, blobCount);
    }

    /// Ends a transaction that is kept, whether its code succeeded or not: accounts marked by SELFDESTRUCT go, and those that were
    /// touched and are empty (EIP-161), with their storage. Warm marks and transient values go, present values are the original ones.
    @Override
    public void endTransaction() {
        journal.removeAccounts();
        journal.settle();
    }

    /// Says whether the touch of address 3 outlives a [#revert], as it did on the main network in block 2,675,119 and therefore does
    /// in every client of it; true unless set otherwise.
    ///
    /// @return this
    public WorldState keepsTouchOfRipemd(boolean keeps) {
        journal.keepsTouchOfRipemd = keeps;
        return this;
    }

    @Override
    public int snapshot() {
        return journal.snapshot();
    }

    /// @throws IllegalArgumentException  no snapshot that can still be gone back to: negative, or past what has changed since,
    ///                                   as one is that was reverted past or is of an earlier transaction (caller's fault);
    ///                                   nothing changes
    @Override
    public void revert(int snapshot) {
        journal.revert(snapshot);
    }

    // --- accounts ---------------------------------------------------------------------------------------------------

    @Override
    public boolean exists(long[] s, int address) {
        int account = accounts.see(s, address);
        return account >= 0 && accounts.has(account, EXISTS);
    }

    @Override
    public boolean isEmpty(long[] s, int address) {
        int account = accounts.see(s, address);
        return account < 0 || !accounts.has(account, EXISTS) || accounts.isEmpty(account);
    }

    @Override
    public void balance(long[] s, int address, long[] to, int r) {
        int account = accounts.see(s, address);
        if (account < 0) {
            Word.set(to, r, 0);
        } else {
            Word.copy(accounts.balances, WORD * account, to, r);
        }
    }

    @Override
    public boolean setBalance(long[] s, int address, long[] b, int balance) {
        int account = accounts.locate(s, address);
        if (account < 0 || !journal.room(2)) {
            return false;
        }
        journal.flags(account);
        journal.balance(account);
        accounts.flags[account] |= EXISTS | CHANGED;
        Word.copy(b, balance, accounts.balances, WORD * account);
        return true;
    }

    @Override
    public long nonce(long[] s, int address) {
        int account = accounts.see(s, address);
        return account < 0 ? 0 : accounts.nonces[account];
    }

    @Override
    public boolean raiseNonce(long[] s, int address) {
        return setNonce(s, address, nonce(s, address) + 1);
    }

    @Override
    public long codeLength(long[] s, int address) {
        int account = accounts.see(s, address);
        return account < 0 ? 0 : accounts.codeLengths[account];
    }

    @Override
    public void codeHash(long[] s, int address, long[] to, int r) {
        int account = accounts.see(s, address);
        if (account < 0 || !accounts.has(account, EXISTS)) {
            Word.set(to, r, 0);
        } else {
            Word.copy(accounts.codeLengths[account] == 0 ? emptyHash : accounts.codeHashes, accounts.codeLengths[account] == 0 ? 0 : WORD * account,
                    to, r);
        }
    }

    @Override
    public void copyCode(long[] s, int address, long from, MemorySegment to, long at, long length) {
        accounts.copyCode(accounts.see(s, address), from, to, at, length);
    }

    @Override
    public int accessAccount(long[] s, int address) {
        int account = accounts.locate(s, address);
        if (account < 0) {
            return FULL;
        }
        if (accounts.has(account, IS_WARM)) {
            return WARM;
        }
        if (!journal.room(1)) {
            return FULL;
        }
        journal.flags(account);
        accounts.flags[account] |= IS_WARM;
        return COLD;
    }

    @Override
    public boolean transfer(long[] s, int from, long[] t, int to, long[] v, int value) {
        return payments.transfer(accounts.locate(s, from), accounts.locate(t, to), v, value);
    }

    @Override
    public boolean touch(long[] s, int address) {
        int account = accounts.see(s, address);
        if (account < 0 || !accounts.has(account, EXISTS) || accounts.has(account, TOUCHED)) {
            return true;
        }
        if (!journal.room(1)) {
            return false;
        }
        journal.flags(account);
        accounts.flags[account] |= TOUCHED;
        return true;
    }

    @Override
    public boolean creatable(long[] s, int address) {
        int account = accounts.see(s, address);
        if (account < 0) {
            return true;
        }
        return accounts.nonces[account] == 0 && accounts.codeLengths[account] == 0 && !slots.any(account);
    }

    @Override
    public boolean create(long[] s, int address, long nonce) {
        int account = accounts.locate(s, address);
        if (account < 0 || !journal.room(2)) {
            return false;
        }
        journal.flags(account);
        journal.nonce(account);
        accounts.flags[account] |= EXISTS | CREATED | CHANGED;
        accounts.nonces[account] = nonce;
        return true;
    }

    @Override
    public boolean setCode(long[] s, int address, MemorySegment from, long at, long length) {
        int account = accounts.locate(s, address);
        if (account < 0 || !journal.room(3) || length > accounts.codeRoom()) {
            return false;
        }
        journal.flags(account);
        accounts.flags[account] |= EXISTS | CHANGED;  // what has code has its hash, by which machines cache it
        journal.code(account);
        sweep.freesCode(accounts.codeLengths[account]);
        MemorySegment.copy(from, at, accounts.code, accounts.codeEnd, length);
        accounts.codeAt[account] = accounts.codeEnd;
        accounts.codeLengths[account] = (int) length;
        accounts.codeEnd += (int) length;
        hashCode(from, at, length, accounts.codeHashes, WORD * account);
        return true;
    }

    private void hashCode(MemorySegment from, long at, long length, long[] to, int r) {
        Hash.KECCAK_256.hash(hashing, 0, from, at, length, hashing, Hash.STATE_BYTES_MAX);
        Word.load(hashing, Hash.STATE_BYTES_MAX, to, r);
    }

    @Override
    public int selfDestruct(long[] s, int address, long[] t, int beneficiary, boolean onlyCreated) {
        return payments.selfDestruct(accounts.locate(s, address), accounts.locate(t, beneficiary), onlyCreated);
    }

    // --- storage ----------------------------------------------------------------------------------------------------

    @Override
    public int accessSlot(long[] s, int address, long[] k, int key) {
        int account = accounts.locate(s, address);
        int slot = account < 0 ? -1 : slots.locate(account, k, key);
        if (slot < 0) {
            return FULL;
        }
        if (slots.warm[slot]) {
            return WARM;
        }
        if (!journal.room(1)) {
            return FULL;
        }
        journal.warm(slot);
        slots.warm[slot] = true;
        return COLD;
    }

    @Override
    public void load(long[] s, int address, long[] k, int key, long[] to, int r) {
        read(slots.values, s, address, k, key, to, r);
    }

    @Override
    public void original(long[] s, int address, long[] k, int key, long[] to, int r) {
        read(slots.originals, s, address, k, key, to, r);
    }

    @Override
    public void loadTransient(long[] s, int address, long[] k, int key, long[] to, int r) {
        read(slots.transients, s, address, k, key, to, r);
    }

    private void read(long[] from, long[] s, int address, long[] k, int key, long[] to, int r) {
        int account = accounts.see(s, address);
        int slot = account < 0 ? -1 : slots.see(account, k, key);
        if (slot < 0 && account >= 0 && from != slots.transients) {
            slots.ask(account, k, key, to, r);
        } else if (slot < 0) {
            Word.set(to, r, 0);
        } else {
            Word.copy(from, WORD * slot, to, r);
        }
    }

    @Override
    public boolean store(long[] s, int address, long[] k, int key, long[] v, int value) {
        int slot = slotToChange(s, address, k, key);
        if (slot < 0) {
            return false;
        }
        journal.value(slot);
        slots.changed[slot] = true;
        Word.copy(v, value, slots.values, WORD * slot);
        return true;
    }

    @Override
    public boolean storeTransient(long[] s, int address, long[] k, int key, long[] v, int value) {
        int slot = slotToChange(s, address, k, key);
        if (slot < 0) {
            return false;
        }
        journal.transientValue(slot);
        Word.copy(v, value, slots.transients, WORD * slot);
        return true;
    }

    private int slotToChange(long[] s, int address, long[] k, int key) {
        int account = accounts.locate(s, address);
        return account < 0 || !journal.room(1) ? -1 : slots.locate(account, k, key);
    }

    @Override
    public boolean log(long[] s, int address, MemorySegment data, long at, long length, long[] t, int topics, int count) {
        if (!journal.room(1)) {
            return false;
        }
        int before = logs.count();
        if (!logs.append(s, address, data, at, length, t, topics, count)) {
            return false;
        }
        journal.log(before);
        return true;
    }

    // --- block ------------------------------------------------------------------------------------------------------

    @Override
    public void block(int opcode, long[] to, int r) {
        block.read(opcode, to, r);
    }

    @Override
    public void blockHash(long number, long[] to, int r) {
        block.readHash(number, to, r);
    }

    @Override
    public void blobHash(long[] s, int index, long[] to, int r) {
        block.readBlob(s, index, to, r);
    }

    // --- setting up and looking -------------------------------------------------------------------------------------

    /// Sets an account up, outside any transaction: present, with balance and nonce, without code.
    ///
    /// @return false for want of room
    /// @throws IllegalStateException  a transaction is under way (caller's fault)
    public boolean account(long[] s, int address, long[] b, int balance, long nonce) {
        refuseInTheMidst();
        int account = accounts.locate(s, address);
        if (account < 0) {
            return false;
        }
        accounts.flags[account] = EXISTS | DETACHED;
        sweep.freesCode(accounts.codeLengths[account]);
        sweep.empties(slots.count());  // those of it that are 0 are no more than that
        accounts.codeLengths[account] = 0;
        Word.copy(b, balance, accounts.balances, WORD * account);
        accounts.nonces[account] = nonce;
        return true;
    }

    /// Sets the nonce of an account, which is there afterwards; its balance and code stay. Undone by [#revert].
    ///
    /// @param nonce  unsigned
    /// @return false for want of room
    public boolean setNonce(long[] s, int address, long nonce) {
        int account = accounts.locate(s, address);
        if (account < 0 || !journal.room(2)) {
            return false;
        }
        journal.flags(account);
        journal.nonce(account);
        accounts.flags[account] |= EXISTS | CHANGED;
        accounts.nonces[account] = nonce;
        return true;
    }

    /// {@return accounts that are known, for [#address], until the next transaction begins; those that were only asked for and do not exist included}
    public int accounts() {
        return accounts.count();
    }

    /// Writes the address of a known account.
    public void address(int index, long[] to, int r) {
        Word.copy(accounts.addresses, WORD * index, to, r);
    }

    /// {@return slots that are known, for [#slot], until the next transaction begins; those with value 0 included}
    public int slots() {
        return slots.count();
    }

    /// Writes address, key and value of a known slot: twelve longs.
    public void slot(int index, long[] to, int r) {
        Word.copy(accounts.addresses, WORD * slots.owners[index], to, r);
        Word.copy(slots.keys, WORD * index, to, r + WORD);
        Word.copy(slots.values, WORD * index, to, r + 2 * WORD);
    }

    @Override
    public String toString() {
        return "WorldState[" + accounts.count() + " of " + config.accountsMax() + " accounts, " + slots.count() + " of "
                + config.slotsMax() + " slots, " + journal.count() + " undos]";
    }
}
