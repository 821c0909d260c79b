package dev.coffer.evm;

/// A [Host] that whole transactions can be executed on: it knows where one begins and ends, and sets balances, since fees move without a call.
public interface TransactionHost extends Host {
    /// A transaction is about to be executed or simulated: until [#unclaim] there may be no other, on whichever machine, since this one's changes are not kept yet. A host that
    /// can have but one machine need not do anything.
    ///
    /// @throws IllegalStateException  one is under way (caller's fault); nothing changes
    default void claim() {}

    /// Ends what [#claim] began; called once for each that was not refused, also where something was thrown.
    default void unclaim() {}

    /// Starts a transaction: nothing is warm, transient storage is empty, present values are the original ones, there is no log. ORIGIN,
    /// GASPRICE and BLOBHASH answer with what is given here until the next one.
    ///
    /// @param sender    index of the sender's address
    /// @param gasPrice  index of what a unit of gas costs in `p`
    /// @param blobs     versioned hashes, a word each from index 0 on
    void beginTransaction(long[] s, int sender, long[] p, int gasPrice, long[] blobs, int blobCount);

    /// Ends a transaction that is kept, whether its code succeeded or not: what SELFDESTRUCT marked is deleted, and what was touched and is
    /// empty (EIP-161).
    void endTransaction();

    /// Sets a balance; the account is there afterwards. Undone by [#revert].
    ///
    /// @return false for want of room
    boolean setBalance(long[] s, int address, long[] b, int balance);
}
