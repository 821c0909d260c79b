package dev.coffer.cli;

import dev.coffer.cli.audit.Collector;
import dev.coffer.cli.audit.Proof;
import dev.coffer.cli.audit.Proofs;
import dev.coffer.cli.audit.Setting;
import dev.coffer.cli.audit.Verdict;
import dev.coffer.cli.audit.Verdict.Outcome;
import dev.coffer.server.ServerConfig;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `coffer audit`: runs the promises on this machine and prints what was measured.
@Command(name = "audit", mixinStandardHelpOptions = true, versionProvider = Coffer.Version.class, sortOptions = false,
        description = "Runs Coffer's promises on this machine, each with a measured figure.",
        footer = {"", "Exit code 1 if a promise does not hold. A check that this machine cannot run is \"not run\", "
                + "with the reason, and never passes."})
final class AuditCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(names = "--only", split = ",", paramLabel = "NAME", description = "Run these proofs and no other.")
    private List<String> only = List.of();

    @Option(names = "--collectors", split = ",", paramLabel = "NAME", defaultValue = "serial,g1",
            description = "Collectors for the search for residue: serial, g1, parallel, zgc (default: serial,g1).")
    private List<Collector> collectors;

    @Option(names = "--commit", paramLabel = "WHEN",
            description = "When the servers of plan, request and budget commit their memory, as of serve: open or touch (default: open).")
    private ServeOptions.Commit commit;

    @Option(names = "--fault", paramLabel = "NAME",
            description = "Commit a fault on purpose: the proof that knows it must fail. See --list.")
    private String fault;

    @Option(names = "--list", description = "Name the proofs, their promises and their faults, and run nothing.")
    private boolean list;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        check("--only", only, Proofs.all().stream().map(Proof::name).toList());
        if (fault != null) {
            check("--fault", List.of(fault), Proofs.all().stream().flatMap(p -> p.faults().stream()).toList());
        }
        List<Proof> chosen = Proofs.all().stream().filter(p -> only.isEmpty() || only.contains(p.name()))
                .filter(p -> fault == null || !only.isEmpty() || p.faults().contains(fault)).toList();
        if (list) {
            for (Proof proof : chosen) {
                out.printf(Locale.ROOT, "%-12s %s%n%-12s faults: %s%n", proof.name(), proof.claim(), "",
                        String.join(", ", proof.faults()));
            }
            return 0;
        }
        Path folder = temporary();
        try {
            return run(out, chosen,
                    new Setting(Optional.ofNullable(fault), collectors, folder, commit == null ? ServerConfig.standard().commit() : commit.when));
        } finally {
            remove(folder);
        }
    }

    private static Integer run(PrintWriter out, List<Proof> chosen, Setting setting) {
        long start = System.nanoTime();
        Map<Outcome, Integer> counts = new EnumMap<>(Outcome.class);
        for (Proof proof : chosen) {
            Verdict verdict = Proofs.run(proof, setting);
            counts.merge(verdict.outcome(), 1, Integer::sum);
            out.printf(Locale.ROOT, "%-8s %-12s %s%n%-8s %-12s %s%n", verdict.outcome(), proof.name(), proof.claim(), "", "",
                    verdict.figure());
            for (String line : verdict.details()) {
                out.printf(Locale.ROOT, "%-8s %-12s   %s%n", "", "", line);
            }
            out.flush();
        }
        out.printf(Locale.ROOT, "%d passed, %d failed, %d not run, in %.1f s%n", counts.getOrDefault(Outcome.PASS, 0),
                counts.getOrDefault(Outcome.FAIL, 0), counts.getOrDefault(Outcome.NOT_RUN, 0),
                (System.nanoTime() - start) / 1e9);
        return counts.containsKey(Outcome.FAIL) ? 1 : 0;
    }

    private void check(String option, List<String> given, List<String> known) {
        for (String name : given) {
            if (!known.contains(name)) {
                throw new ParameterException(spec.commandLine(), option + ": no \"" + name + "\"; known are "
                        + String.join(", ", known));
            }
        }
    }

    private static Path temporary() {
        try {
            return Files.createTempDirectory("coffer-audit");
        } catch (IOException e) {
            throw new Failure("no temporary folder for dumps: " + e.getMessage());
        }
    }

    private static void remove(Path folder) {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
