package dev.coffer.cli;

import dev.coffer.cli.WorkingMemory.Workspace;
import dev.coffer.cli.budget.Budget;
import dev.coffer.crypto.key.KeyAlgorithm;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.RegionConfig;
import dev.coffer.server.Annex;
import dev.coffer.server.Server;
import dev.coffer.server.ServerConfig;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/// `coffer plan`: what `coffer serve` would hold with the same options, without starting it; or what lies where in the working memory of
/// an algorithm.
@Command(name = "plan", mixinStandardHelpOptions = true, versionProvider = Coffer.Version.class,
        description = {"Print every byte that serve would hold with the same options.",
                "With --algorithm: what lies where in the working memory of its operations; argon2id is one too."})
final class PlanCommand implements Callable<Integer> {
    @Mixin
    private ServeOptions options;

    @Option(names = {"-a", "--algorithm"}, paramLabel = "NAME",
            description = "Of keys, as keygen names it, or argon2id: print the layout of its working memory instead.")
    private String algorithm;

    @Option(names = "--json", description = "As JSON, with totalBytes at the top.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        if (algorithm != null) {
            layouts(out);
            out.flush();
            return 0;
        }
        options.keepApart(spec);
        Annex[] annexes = options.annexes().toArray(Annex[]::new);
        MemoryPlan plan;
        boolean touch;
        List<String> budget = List.of();
        try {
            ServerConfig config = options.config();
            touch = config.commit() == RegionConfig.Commit.ON_TOUCH;
            config = options.secured(config, options.tls().planned(spec, options.isTight(), options.speaksHttp2(), options.speaksHttp3(), config.loops()));
            if (options.isTight() && config.http3() != null) {
                budget = Budget.of(config, options.site()).table();
            }
            plan = options.tls().planned(Server.plan(config, options.site(), annexes));
        } finally {
            options.tls().close();
        }
        if (json) {
            out.println(plan.toJson());
        } else {
            out.print(plan.toTable());
            if (touch) {
                out.printf(Locale.ROOT, "of these bytes off the heap none is committed before it is touched, and all of them at most%n");
            }
            if (!budget.isEmpty()) {
                out.println();
                budget.forEach(out::println);
            }
        }
        out.flush();
        return 0;
    }

    private void layouts(PrintWriter out) {
        List<Workspace> all = algorithm.equalsIgnoreCase("argon2id") ? List.of(WorkingMemory.argon2()) : WorkingMemory.of(named());
        if (json) {
            out.println(all.stream().map(one -> one.plan().toJson()).collect(Collectors.joining(",", "[", "]")));
            return;
        }
        for (Workspace workspace : all) {
            out.printf(Locale.ROOT, "%s: %s%n", workspace.plan().name(), workspace.operations());
            out.printf(Locale.ROOT, "%12s  %12s  %18s  %s%n", "offset", "bytes", "count x bytes", "name");
            for (MemoryPlan row : workspace.plan().children()) {
                out.printf(Locale.ROOT, "%,12d  %,12d  %18s  %s%s%n", workspace.plan().offsetOf(row.name()), row.totalBytes(),
                        String.format(Locale.ROOT, "%,d x %,d", row.count(), row.bytes()), row.name(),
                        row.note().isEmpty() ? "" : "  (" + row.note() + ")");
            }
            out.printf(Locale.ROOT, "%,12d%n%n", workspace.plan().totalBytes());
        }
    }

    private KeyAlgorithm named() {
        try {
            return AnyName.of(KeyAlgorithm.class).convert(algorithm);
        } catch (TypeConversionException e) {
            throw new ParameterException(spec.commandLine(), "--algorithm: " + e.getMessage(), e);
        }
    }
}
