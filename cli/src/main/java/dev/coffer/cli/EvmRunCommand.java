package dev.coffer.cli;

import dev.coffer.evm.precompiles.LibraryPrecompiles;
import dev.coffer.cli.evm.TraceLines;
import dev.coffer.evm.Interpreter;
import dev.coffer.evm.InterpreterConfig;
import dev.coffer.evm.Message;
import dev.coffer.evm.Outcome;
import dev.coffer.evm.Status;
import dev.coffer.evm.WorldState;
import dev.coffer.evm.WorldStateConfig;
import dev.coffer.evm.memory.EvmMemoryConfig;
import dev.coffer.evm.opcode.Fork;
import dev.coffer.evm.vectors.Hex;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// Runs one piece of code as a message call to an account that holds it. The exit code is 0 where it succeeded, else 1.
@Command(name = "run", mixinStandardHelpOptions = true, versionProvider = Coffer.Version.class,
        description = "Runs code and prints what came of it.")
final class EvmRunCommand implements Callable<Integer> {
    private static final String CALLER = "0x1000000000000000000000000000000000000001";
    private static final String ACCOUNT = "0x00000000000000000000000000000000000c0de0";

    private static final int TEXT_BYTES_MAX = 32 << 20;  // digits of 16 MiB: more than any call's data or code

    @Option(names = "--code", required = true, paramLabel = "HEX|@FILE",
            description = "The code: hexadecimal, or a file that holds it.")
    private String code;

    @Option(names = "--input", defaultValue = "0x", paramLabel = "HEX|@FILE", description = "The call data.")
    private String input;

    @Option(names = "--gas", defaultValue = "30000000", paramLabel = "N", description = "Gas (default: ${DEFAULT-VALUE}).")
    private long gas;

    @Option(names = "--fork", defaultValue = "cancun", description = "The rules (default: ${DEFAULT-VALUE}).")
    private String fork;

    @Option(names = "--memory-limit", paramLabel = "BYTES",
            description = "Memory of all frames together, a multiple of 32 (default: 32 MiB).")
    private Long memoryLimit;

    @Option(names = "--trace", description = "One JSON line an instruction (EIP-3155).")
    private boolean trace;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        byte[] program = bytes("--code", code);
        byte[] data = bytes("--input", input);
        InterpreterConfig config;
        try {
            config = InterpreterConfig.of(Fork.named(fork))
                    .withMemory(memoryLimit == null ? EvmMemoryConfig.defaults() : EvmMemoryConfig.of(memoryLimit));
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
        if (gas < 0) {
            throw new ParameterException(spec.commandLine(), "--gas " + gas + ": expected 0 or more");
        }
        WorldState state = new WorldState(WorldStateConfig.defaults());
        long[] w = new long[12];
        Hex.word(CALLER, w, 0);
        Hex.word(ACCOUNT, w, 4);
        if (!state.account(w, 4, w, 8, 1)
                || program.length > 0 && !state.setCode(w, 4, MemorySegment.ofArray(program), 0, program.length)) {
            throw new Failure("the code is longer than this holds: " + program.length + " bytes");
        }
        state.beginTransaction();
        try (Interpreter machine = Interpreter.open(config, state, new LibraryPrecompiles())) {
            if (trace) {
                machine.trace(new TraceLines(out, machine.memory()));
            }
            Outcome outcome = machine.run(new Message().caller(w, 0).to(w, 4).gas(gas)
                    .input(MemorySegment.ofArray(data), 0, data.length));
            print(out, outcome);
            return outcome.status() == Status.SUCCESS ? 0 : 1;
        }
    }

    private static void print(PrintWriter out, Outcome outcome) {
        out.println("{\"status\":\"" + outcome.status() + "\",\"gasUsed\":" + outcome.gasUsed() + ",\"gasLeft\":"
                + outcome.gasLeft() + ",\"refund\":" + outcome.refund() + ",\"output\":\"" + Hex.text(outcome.output())
                + "\",\"memoryBytes\":" + outcome.memoryBytes() + ",\"memoryPeakBytes\":" + outcome.memoryPeakBytes()
                + ",\"depthMax\":" + outcome.depthMax() + "}");
        out.flush();
    }

    private byte[] bytes(String option, String value) {
        try {
            return Hex.bytes(value.startsWith("@") ? text(value.substring(1)).strip() : value);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), option + ": expected hexadecimal bytes", e);
        }
    }

    /// The text of a file or pipe, read to its end.
    private String text(String file) {
        try (CommandFiles files = CommandFiles.of(spec); InputStream in = files.input(file).stream()) {
            byte[] all = in.readNBytes(TEXT_BYTES_MAX + 1);
            if (all.length > TEXT_BYTES_MAX) {
                throw new Failure(ExitCode.WRONG_FORMAT, file + ": more than " + TEXT_BYTES_MAX + " bytes of text");
            }
            return new String(all, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw Failure.of(ExitCode.MISSING, file, e);
        }
    }
}
