package dev.coffer.cli;

import java.lang.module.ModuleDescriptor;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/// The root command: it only names its commands.
@Command(name = "coffer", mixinStandardHelpOptions = true, versionProvider = Coffer.Version.class,
        synopsisSubcommandLabel = "COMMAND",
        description = "Every byte planned before start, reserved once, accounted while used, refused when spent, "
                + "wiped when released.",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:done; of verify and hash --check: yes",
                "1:could not be done, or the answer is no",
                "2:a wrong command line, also an output that is an input; verify: could not verify",
                "3:sealed with another key",
                "4:changed or cut since it was sealed, or while it was signed",
                "5:a file that is no key, or no sealed file",
                "6:an input that is missing or may not be read",
                "70:a fault of coffer's own (--debug shows where)",
                "71:memory that the machine refuses: a limit on locked memory, a container's, a full heap",
                "141:who read standard output went away"},
        subcommands = {ServeCommand.class, GetCommand.class, PlanCommand.class, AuditCommand.class, LedgerCommand.class,
                HashCommand.class, AlgorithmsCommand.class, SealCommand.class, OpenCommand.class,
                KeygenCommand.class, TicketKeysCommand.class, EncapsulateCommand.class, DecapsulateCommand.class, SignCommand.class, VerifyCommand.class,
                EvmCommand.class,
                CompletionCommand.class, ManCommand.class})
final class Coffer implements Runnable {
    private final Standard standard;
    private final ReadStreams streams = new ReadStreams();

    @Option(names = "--debug", scope = ScopeType.INHERIT, description = "Show where an error came from.")
    private boolean debug;

    @Spec
    private CommandSpec spec;

    Coffer(Standard standard) {
        this.standard = standard;
    }

    /// {@return the standard streams of this run}
    Standard standard() {
        return standard;
    }

    /// {@return the streams that this run has read}
    ReadStreams streams() {
        return streams;
    }

    boolean wantsTrace() {
        return debug;
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "which command?");
    }

    /// The version that the build wrote into the module, and the VM that runs it.
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {version(), "Java " + Runtime.version()};
        }
    }

    /// {@return the name and version, as `--version` and the manual say it}
    static String version() {
        ModuleDescriptor descriptor = Coffer.class.getModule().getDescriptor();
        return "coffer " + (descriptor == null ? "unpackaged" : descriptor.rawVersion().orElse("unpackaged"));
    }
}
