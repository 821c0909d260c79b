package dev.coffer.evm;

import java.lang.foreign.MemorySegment;

/// The world around the machine: accounts, storage, logs, block data. An address is a word below 2^160; a word is four
/// longs of an array, named by the index of the first, least significant long first.
///
/// The host keeps the journal: what changes after [#snapshot] is undone by [#revert], warm marks, transient storage and
/// logs included. Called by the machine's thread only. Where a method returns false for want of room, nothing changed
/// and the machine ends the whole run with [Status#HOST_LIMIT]; so a host can be bounded.
public interface Host {
    /// A first access (EIP-2929).
    int COLD = 0;
    /// A later access.
    int WARM = 1;
    /// No room to remember the access.
    int FULL = -1;

    boolean exists(long[] s, int address);

    /// {@return whether the account is absent, or has no code, nonce 0 and balance 0 (EIP-161)}
    boolean isEmpty(long[] s, int address);

    /// Writes the balance, 0 where the account is absent.
    void balance(long[] s, int address, long[] to, int r);

    /// {@return the nonce, unsigned; 0 where the account is absent}
    long nonce(long[] s, int address);

    /// Adds one to the nonce.
    ///
    /// @return false for want of room
    boolean raiseNonce(long[] s, int address);

    /// {@return bytes of the account's code}
    long codeLength(long[] s, int address);

    /// Writes keccak256 of the code: of no bytes for an account without code, 0 for an absent one.
    void codeHash(long[] s, int address, long[] to, int r);

    /// Copies bytes of the code that lie in it.
    ///
    /// @param from  offset in the code; `from + length` is at most [#codeLength]
    void copyCode(long[] s, int address, long from, MemorySegment to, long at, long length);

    /// Marks an address warm.
    ///
    /// @return [#COLD], [#WARM], or [#FULL]
    int accessAccount(long[] s, int address);

    /// Marks a slot warm.
    ///
    /// @return [#COLD], [#WARM], or [#FULL]
    int accessSlot(long[] s, int address, long[] k, int key);

    /// Writes the value of a slot.
    void load(long[] s, int address, long[] k, int key, long[] to, int r);

    /// Writes the value that a slot had before the transaction (EIP-2200).
    void original(long[] s, int address, long[] k, int key, long[] to, int r);

    /// Sets a slot.
    ///
    /// @return false for want of room
    boolean store(long[] s, int address, long[] k, int key, long[] v, int value);

    /// Writes the transient value of a slot (EIP-1153).
    void loadTransient(long[] s, int address, long[] k, int key, long[] to, int r);

    /// Sets the transient value of a slot.
    ///
    /// @return false for want of room
    boolean storeTransient(long[] s, int address, long[] k, int key, long[] v, int value);

    /// Appends a log record.
    ///
    /// @param topics  index of the first topic; the next one lies four longs *below* it, as on the stack
    /// @return false for want of room
    boolean log(long[] s, int address, MemorySegment data, long at, long length, long[] t, int topics, int count);

    /// Moves value; the machine has checked that it is there. Creates the receiver where it is absent, also for value 0: before
    /// Spurious Dragon the machine calls it for value 0, too.
    ///
    /// @return false for want of room
    boolean transfer(long[] s, int from, long[] t, int to, long[] v, int value);

    /// Notes that an account took part in what may change the state, though nothing of it changed (EIP-161). What is touched and
    /// empty when the transaction ends is deleted then; an absent account stays absent.
    ///
    /// From Spurious Dragon on the machine touches the receiver of every CALL and STATICCALL, precompiles among them, and of the
    /// outermost message, its caller where it pays, and the beneficiary of SELFDESTRUCT. It does not touch whose code CALLCODE and
    /// DELEGATECALL borrow, nor who is called too deep or without the value. Who pays a block's author touches it. [#revert] undoes
    /// a touch, with one exception that is the host's to make: the main network kept the touch of address 3 (RIPEMD-160).
    ///
    /// @return false for want of room
    boolean touch(long[] s, int address);

    /// {@return whether a contract may be created there: no code, nonce 0, no storage (EIP-684, EIP-7610)}
    boolean creatable(long[] s, int address);

    /// Makes an account for a creation in this transaction; its balance stays.
    ///
    /// @param nonce  1 since EIP-161, 0 before
    /// @return false for want of room
    boolean create(long[] s, int address, long nonce);

    /// Sets the code of a created account; or, of one that delegates, its designator, which no bytes take away (EIP-7702).
    ///
    /// @return false for want of room
    boolean setCode(long[] s, int address, MemorySegment from, long at, long length);

    /// SELFDESTRUCT: moves the balance; marks the account for deletion at the end of the transaction, with
    /// `onlyCreated` only where it was created in it (EIP-6780).
    ///
    /// @return [#COLD] the first time the account is marked, [#WARM] otherwise, or [#FULL]
    int selfDestruct(long[] s, int address, long[] t, int beneficiary, boolean onlyCreated);

    /// {@return a token for [#revert]; never negative}
    int snapshot();

    /// Undoes everything since a snapshot.
    void revert(int snapshot);

    /// Writes what an instruction of block or transaction says: ORIGIN, GASPRICE, COINBASE, TIMESTAMP, NUMBER,
    /// PREVRANDAO (before Paris DIFFICULTY), GASLIMIT, CHAINID, BASEFEE, BLOBBASEFEE.
    void block(int opcode, long[] to, int r);

    /// Writes the hash of a block below the present one, 0 where it is unknown.
    void blockHash(long number, long[] to, int r);

    /// Writes the versioned hash of a blob of the transaction, 0 past the last (EIP-4844).
    void blobHash(long[] s, int index, long[] to, int r);
}
