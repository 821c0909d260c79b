package dev.coffer.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// Names what the virtual machine can be asked to do.
@Command(name = "evm", mixinStandardHelpOptions = true, versionProvider = Coffer.Version.class,
        synopsisSubcommandLabel = "COMMAND",
        description = "Runs code of the Ethereum virtual machine.",
        subcommands = {EvmRunCommand.class, EvmVectorsCommand.class, EvmStateTestCommand.class, EvmPlanCommand.class})
final class EvmCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "which command?");
    }
}
