package dev.coffer.cli;

import dev.coffer.memory.MemoryPlan;
import dev.coffer.server.Annex;
import dev.coffer.server.Server;
import dev.coffer.server.ServerConfig;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `coffer plan`: what `coffer serve` would hold with the same options, without starting it.
@Command(name = "plan", mixinStandardHelpOptions = true, versionProvider = Coffer.Version.class,
        description = "Print every byte that serve would hold with the same options.")
final class PlanCommand implements Callable<Integer> {
    @Mixin
    private ServeOptions options;

    @Option(names = "--json", description = "As JSON, with totalBytes at the top.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        Annex annex = options.annex();
        ServerConfig config = options.config().withTls(options.tls().planned());
        MemoryPlan plan = annex == null ? Server.plan(config, options.site()) : Server.plan(config, options.site(), annex);
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(plan.toJson());
        } else {
            out.print(plan.toTable());
        }
        out.flush();
        return 0;
    }
}
