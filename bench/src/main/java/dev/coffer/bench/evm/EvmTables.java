package dev.coffer.bench.evm;

import dev.coffer.bench.table.Row;
import dev.coffer.bench.table.Table;
import java.util.ArrayList;
import java.util.List;

/// The tables of the EVM room that JMH measures; whole programs are [EvmPrograms].
public final class EvmTables {
    private EvmTables() {}

    public static List<Table> all() {
        List<Row> rows = new ArrayList<>();
        pair(rows, "MSTORE in active memory", "mstore", 4);
        pair(rows, "MLOAD in active memory", "mload", 5);
        pair(rows, "MSTORE8 in active memory", "mstore8", 3);
        pair(rows, "MCOPY 1 KiB, overlapping", "mcopy", 0.8);
        pair(rows, "grow to 1 MiB word by word, a word", "growByWord", 1.5);
        pair(rows, "grow to 1 MiB at once", "growAtOnce", 2);
        pair(rows, "64 nested frames of 1,056 B, a frame", "nested", 2.5);
        pair(rows, "child frames in turn, a frame", "inTurn", 1.2);
        return List.of(new Table("evm-memory", "EVM memory with its gas; the last column is how many times our time the "
                + "usual way on the heap (as Besu's, re-stated) takes", rows));
    }

    private static void pair(List<Row> rows, String label, String benchmark, double target) {
        rows.add(Row.of("**" + label + "**", "EvmMemoryBench." + benchmark));
        rows.add(Row.of(label + ", on the heap", "EvmMemoryBench." + benchmark + "Heap").timesLeast(target));
    }
}
