package dev.coffer.memory.ledger;

/// A ledger's totals for the Java Management Extensions; see [Ledger] for what each number is. `get` is what the
/// convention of MXBeans asks for.
public interface LedgerMXBean {
    /// {@return bytes of all plans}
    long getPlanBytes();

    /// {@return bytes of all open mappings}
    long getRegionBytes();

    /// {@return bytes in use}
    long getUsedBytes();

    /// {@return the most bytes in use}
    long getPeakBytes();

    /// {@return bytes of the Java objects that the plans say are made at start}
    long getHeapBytes();

    /// {@return the whole tree as JSON, as [LedgerSnapshot#writeJson] gives it}
    String getJson();

    /// {@return the whole tree as an aligned table}
    String getTable();
}
