package dev.coffer.memory;

/// Whoever holds bytes of a region and can say, live, how many of them are in use. Pools, rings, tables and budgets are
/// accounts; a ledger is a tree of them.
///
/// The three numbers may be read from any thread at any time and allocate nothing; each is exact when the owner is
/// quiet, and never negative nor above [#capacityBytes].
public interface Account {
    /// {@return the name of the plan row that this account answers for}
    String name();

    /// {@return bytes that it holds, used or not}
    long capacityBytes();

    /// {@return bytes now handed out}
    long usedBytes();

    /// {@return the most that [#usedBytes] has been}
    long peakBytes();
}
