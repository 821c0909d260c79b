package dev.coffer.c;

import dev.coffer.testkit.Refusals.Opening;

/// The table for C: what [TableOpensTest] refuses. Loaded by a loader that puts the steps in, so it is another table than that of the other tests.
public final class TableOpenings {
    private TableOpenings() {}

    /// {@return it}
    public static Opening all() {
        return new Opening("c.CTable.open", () -> {
            CTable.open(CTableConfig.defaults());
            return CTable::close;
        });
    }
}
