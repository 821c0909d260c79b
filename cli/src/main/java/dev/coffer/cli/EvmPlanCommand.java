package dev.coffer.cli;

import dev.coffer.evm.InterpreterConfig;
import dev.coffer.evm.Transaction;
import dev.coffer.evm.TransactionExecutor;
import dev.coffer.evm.WorldStateConfig;
import dev.coffer.evm.memory.EvmMemoryConfig;
import dev.coffer.evm.opcode.Fork;
import dev.coffer.evm.precompiles.LibraryPrecompiles;
import dev.coffer.memory.MemoryPlan;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// Prints what the virtual machine holds: its memory, the code that it keeps ready, precompiles of a library, a state, what executes transactions.
@Command(name = "plan", mixinStandardHelpOptions = true, versionProvider = Coffer.Version.class,
        description = {"Prints every byte that a machine, its precompiles, its state and a transaction hold, before anything is opened.",
                "Tracers make objects while they look, and are not in it: their options bound them."})
final class EvmPlanCommand implements Callable<Integer> {
    /// How large a state is.
    enum World {
        /// Of tests and single calls.
        DEFAULT,
        /// Of whatever 30,000,000 gas can do.
        BLOCK
    }

    @Option(names = "--fork", defaultValue = "osaka", description = "The rules (default: ${DEFAULT-VALUE}).")
    private String fork;

    @Option(names = "--memory-limit", paramLabel = "BYTES", description = "Memory of all frames together, a multiple of 32 (default: 32 MiB).")
    private Long memoryLimit;

    @Option(names = "--world", defaultValue = "default", paramLabel = "SIZE",
            description = "State: default, 4,096 accounts and 16,384 slots; or block, 16,384 and 524,288.")
    private World world;

    @Option(names = "--precompiles", paramLabel = "LIBRARY",
            description = "Whose BLS12-381 is used: auto, blst or bouncy-castle (default: auto, blst where it can be had). "
                    + "The property coffer.precompiles says the same.")
    private String library;

    @Option(names = "--json", description = "As JSON, with totalBytes at the top.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        MemoryPlan plan = plan();
        if (json) {
            out.println(plan.toJson());
        } else {
            out.print(plan.toTable());
        }
        out.flush();
        return ExitCode.DONE;
    }

    private MemoryPlan plan() {
        try {
            InterpreterConfig machine = InterpreterConfig.of(Fork.named(fork))
                    .withMemory(memoryLimit == null ? EvmMemoryConfig.defaults() : EvmMemoryConfig.of(memoryLimit));
            WorldStateConfig state = world == World.BLOCK ? WorldStateConfig.block() : WorldStateConfig.defaults();
            return MemoryPlan.group("coffer evm", machine.plan().named("machine"), LibraryPrecompiles.plan(Precompiled.library(spec, library)),
                    state.plan(), TransactionExecutor.plan(), Transaction.plan());
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }
}
