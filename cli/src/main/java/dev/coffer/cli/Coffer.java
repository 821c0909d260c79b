package dev.coffer.cli;

import java.lang.module.ModuleDescriptor;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// The root command: it only names its commands.
@Command(name = "coffer", mixinStandardHelpOptions = true, versionProvider = Coffer.Version.class,
        synopsisSubcommandLabel = "COMMAND",
        description = "Every byte planned before start, reserved once, accounted while used, refused when spent, "
                + "wiped when released.",
        subcommands = {ServeCommand.class, PlanCommand.class, AuditCommand.class, LedgerCommand.class,
            HashCommand.class, SealCommand.class, OpenCommand.class,
            KeygenCommand.class, SignCommand.class, VerifyCommand.class, EvmCommand.class})
final class Coffer implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "which command?");
    }

    /// The version that the build wrote into the module, and the VM that runs it.
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            ModuleDescriptor descriptor = Coffer.class.getModule().getDescriptor();
            String version = descriptor == null ? "unpackaged" : descriptor.rawVersion().orElse("unpackaged");
            return new String[] {"coffer " + version, "Java " + Runtime.version()};
        }
    }
}
