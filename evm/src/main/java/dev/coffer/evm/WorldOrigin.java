package dev.coffer.evm;

/// A state that is held elsewhere: a node, a database, a file. A [WorldState] made on one is a fork of it: it asks for each account and slot once, when something
/// first looks at it (again where a world more than half full has forgotten what was only looked at), keeps what it was told, and changes only what it keeps. Whatever an answer throws goes through whoever ran the machine; nothing is kept of it.
///
/// Called by the world's thread, in the midst of a run: it may take its time, and may not call the machine or the world. It has to answer as of one block, whenever
/// it is asked. An account without balance, nonce and code is not there (EIP-161).
public interface WorldOrigin {
    /// Writes the balance of an account, 0 where there is none.
    void balance(long[] s, int address, long[] to, int r);

    /// {@return the nonce of an account, unsigned; 0 where there is none}
    long nonce(long[] s, int address);

    /// {@return the code of an account; empty where it has none. Not changed afterwards by either side}
    byte[] code(long[] s, int address);

    /// Writes the value of a slot, 0 where there is none.
    void slot(long[] s, int address, long[] k, int key, long[] to, int r);
}
