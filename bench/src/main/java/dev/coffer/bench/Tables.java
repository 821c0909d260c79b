package dev.coffer.bench;

import dev.coffer.bench.crypto.CryptoTables;
import dev.coffer.bench.crypto.CryptoTargets;
import dev.coffer.bench.crypto.CurvesTables;
import dev.coffer.bench.crypto.HeapTable;
import dev.coffer.bench.crypto.PostQuantumTables;
import dev.coffer.bench.crypto.PostQuantumTurns;
import dev.coffer.bench.datagrams.DatagramBench;
import dev.coffer.bench.evm.EvmPrecompiles;
import dev.coffer.bench.evm.EvmPrograms;
import dev.coffer.bench.evm.EvmTables;
import dev.coffer.bench.memory.MemoryTables;
import dev.coffer.bench.serve.FloorBench;
import dev.coffer.bench.serve.Http3Bench;
import dev.coffer.bench.serve.Http3IdleBench;
import dev.coffer.bench.serve.IdleBench;
import dev.coffer.bench.serve.ServeBench;
import dev.coffer.bench.serve.TlsBench;
import dev.coffer.bench.table.Table;
import dev.coffer.bench.table.Targets;
import dev.coffer.bench.timers.TimerFires;
import dev.coffer.bench.timers.TimerMoves;
import dev.coffer.bench.timers.TimerTables;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.openjdk.jmh.runner.options.CommandLineOptions;

/// Every table there is, by room. `bench/run` calls [#main].
public final class Tables {
    private static final List<Table> ALL = Stream.of(
            MemoryTables.all(),
            TimerTables.all(),
            CryptoTables.all(),
            CurvesTables.all(),
            PostQuantumTables.all(),
            EvmTables.all())
            .flatMap(List::stream).toList();

    private Tables() {}

    /// @param args  the table's name, perhaps `--against` and the jar of an older build, or words of operations of a table of targets, then
    ///              JMH's options
    public static void main(String[] args) throws Exception {
        String name = args.length == 0 ? "" : args[0];
        if (name.equals(EvmPrograms.NAME)) {
            EvmPrograms.run();
            return;
        }
        if (name.equals(EvmPrecompiles.NAME)) {
            EvmPrecompiles.run(args.length > 1 ? Integer.parseInt(args[1]) : 0);
            return;
        }
        if (name.equals(PostQuantumTurns.NAME)) {
            PostQuantumTurns.run(List.of(args).subList(1, args.length));
            return;
        }
        if (name.equals(CryptoTargets.NAME)) {
            boolean some = args.length > 1 && !args[1].startsWith("-");
            CryptoTargets.table().run(some ? args[1] : "", new CommandLineOptions(Arrays.copyOfRange(args, some ? 2 : 1, args.length)));
            return;
        }
        if (name.equals(HeapTable.NAME)) {
            HeapTable.run();
            return;
        }
        if (name.equals(ServeBench.NAME)) {
            ServeBench.run();
            return;
        }
        if (name.equals(TlsBench.NAME)) {
            TlsBench.run();
            return;
        }
        if (name.equals(Http3Bench.NAME)) {
            Http3Bench.run();
            return;
        }
        if (name.equals(Http3IdleBench.NAME)) {
            Http3IdleBench.run(args.length > 1 ? Integer.parseInt(args[1]) : Http3IdleBench.CONNECTIONS);
            return;
        }
        if (name.equals(FloorBench.NAME)) {
            FloorBench.run();
            return;
        }
        if (name.equals(DatagramBench.NAME)) {
            DatagramBench.run();
            return;
        }
        if (name.equals(IdleBench.NAME)) {
            IdleBench.run();
            return;
        }
        List<Table> chosen = ALL.stream().filter(table -> table.name().equals(name)).toList();
        if (chosen.isEmpty()) {
            System.err.println("bench/run NAME [JMH options]; the tables:");
            ALL.forEach(table -> System.err.printf("  %-16s %s%n", table.name(), table.title()));
            System.err.printf("  %-16s %s%n", EvmPrograms.NAME, EvmPrograms.TITLE);
            System.err.printf("  %-16s %s%n", EvmPrecompiles.NAME, EvmPrecompiles.TITLE);
            System.err.printf("  %-16s %s%n", PostQuantumTurns.NAME, PostQuantumTurns.TITLE);
            Targets targets = CryptoTargets.table();
            System.err.printf("  %-16s %s%n", targets.name(), targets.title());
            System.err.printf("  %-16s %s%n", HeapTable.NAME, HeapTable.TITLE);
            System.err.printf("  %-16s %s%n", ServeBench.NAME, ServeBench.TITLE);
            System.err.printf("  %-16s %s%n", TlsBench.NAME, TlsBench.TITLE);
            System.err.printf("  %-16s %s%n", Http3Bench.NAME, Http3Bench.TITLE);
            System.err.printf("  %-16s %s%n", Http3IdleBench.NAME, Http3IdleBench.TITLE);
            System.err.printf("  %-16s %s%n", FloorBench.NAME, FloorBench.TITLE);
            System.err.printf("  %-16s %s%n", DatagramBench.NAME, DatagramBench.TITLE);
            System.err.printf("  %-16s %s%n", IdleBench.NAME, IdleBench.TITLE);
            System.exit(2);
        }
        boolean against = args.length > 2 && args[1].equals("--against");
        CommandLineOptions options = new CommandLineOptions(Arrays.copyOfRange(args, against ? 3 : 1, args.length));
        for (Table table : chosen) {  // tables of one name belong together
            if (against) {
                table.runAgainst(Path.of(args[2]).toRealPath(), options);
            } else {
                table.run(options);
            }
        }
        if (name.equals("timers") && !against) {
            TimerMoves.run();
            TimerFires.run();
        }
    }
}
