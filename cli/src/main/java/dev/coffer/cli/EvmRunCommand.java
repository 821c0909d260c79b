package dev.coffer.cli;

import dev.coffer.evm.precompiles.LibraryPrecompiles;
import dev.coffer.cli.evm.TraceLines;
import dev.coffer.evm.CallTracer;
import dev.coffer.evm.CorePrecompiles;
import dev.coffer.evm.Interpreter;
import dev.coffer.evm.InterpreterConfig;
import dev.coffer.evm.Message;
import dev.coffer.evm.Outcome;
import dev.coffer.evm.PrestateTracer;
import dev.coffer.evm.Status;
import dev.coffer.evm.StructLogTracer;
import dev.coffer.evm.WorldState;
import dev.coffer.evm.WorldStateConfig;
import dev.coffer.evm.memory.EvmMemoryConfig;
import dev.coffer.evm.opcode.Fork;
import dev.coffer.evm.opcode.Opcode;
import dev.coffer.evm.vectors.BlockFile;
import dev.coffer.evm.vectors.Hex;
import dev.coffer.evm.vectors.StateFile;
import dev.coffer.evm.word.Word;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// Runs one piece of code as a message call to an account that holds it, or as a creation. The exit code is 0 where it succeeded, else 1.
@Command(name = "run", mixinStandardHelpOptions = true, versionProvider = Coffer.Version.class,
        description = "Runs code and prints what came of it.")
final class EvmRunCommand implements Callable<Integer> {
    private static final String CALLER = "0x1000000000000000000000000000000000000001";
    private static final String ACCOUNT = "0x00000000000000000000000000000000000c0de0";

    // Words of [#w], by the index of their first long.
    private static final int WHO = 0;
    private static final int ACCOUNT_AT = 4;
    private static final int WORTH = 8;
    private static final int NOTHING = 12;
    private static final int CHAIN = 16;

    private static final int TEXT_BYTES_MAX = 32 << 20;  // digits of 16 MiB: more than any call's data or code

    @Option(names = "--code", paramLabel = "HEX|@FILE",
            description = "The code: hexadecimal, or a file that holds it. Without it the account of --to has it.")
    private String code;

    @Option(names = "--input", defaultValue = "0x", paramLabel = "HEX|@FILE", description = "The call data; with --create what follows the code.")
    private String input;

    @Option(names = "--create", description = "The code makes a contract (initcode): its address is in the answer.")
    private boolean create;

    @Option(names = "--to", paramLabel = "ADDRESS", description = "Whose code it is (default: an account of its own).")
    private String to;

    @Option(names = "--caller", defaultValue = CALLER, paramLabel = "ADDRESS",
            description = "Who calls or creates, and is ORIGIN (default: ${DEFAULT-VALUE}). It has just --value, unless --prestate names it.")
    private String caller;

    @Option(names = "--value", defaultValue = "0", paramLabel = "WEI", description = "What comes with it: decimal, or hexadecimal with 0x.")
    private String value;

    @Option(names = "--block", paramLabel = "JSON|@FILE",
            description = "What the block says, as an object of number, timestamp, coinbase, gasLimit, prevRandao, baseFee, blobBaseFee, chainId, gasPrice, "
                    + "origin and blockHashes; or env of a state test, or a block as eth_getBlockByNumber has it. What it does not name is 0, chainId 1.")
    private String block;

    @Option(names = "--prestate", paramLabel = "JSON|@FILE",
            description = "Accounts that are there, as an object of addresses, with balance, nonce, code and storage: pre of a state test, what a prestate tracer "
                    + "prints, a genesis file.")
    private String prestate;

    @Option(names = "--gas", defaultValue = "30000000", paramLabel = "N", description = "Gas (default: ${DEFAULT-VALUE}).")
    private long gas;

    @Option(names = "--fork", defaultValue = "cancun", description = "The rules (default: ${DEFAULT-VALUE}).")
    private String fork;

    @Option(names = "--memory-limit", paramLabel = "BYTES",
            description = "Memory of all frames together, a multiple of 32 (default: 32 MiB).")
    private Long memoryLimit;

    @Option(names = "--trace", description = "One JSON line an instruction (EIP-3155).")
    private boolean trace;

    @Option(names = "--tracer", paramLabel = "KIND",
            description = "A second line: the tree of calls with its logs (call), what was looked at as it was before (prestate), or each instruction (struct), in the "
                    + "shapes of debug_traceCall.")
    private TracerKind tracer;

    @Option(names = "--precompiles", paramLabel = "LIBRARY",
            description = "Whose BLS12-381 is used: auto, blst or bouncy-castle (default: auto, blst where it can be had). "
                    + "The property coffer.precompiles says the same.")
    private String library;

    @Spec
    private CommandSpec spec;

    /// What is told of a run behind its answer.
    enum TracerKind { CALL, PRESTATE, STRUCT }

    private final long[] w = new long[CHAIN + Word.LONGS];

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        if (code == null && (create || to == null)) {
            throw new ParameterException(spec.commandLine(), "Missing required option: '--code=HEX|@FILE'");
        }
        if (trace && tracer != null) {
            throw new ParameterException(spec.commandLine(), "--trace and --tracer: one of them");
        }
        if (create && to != null) {
            throw new ParameterException(spec.commandLine(), "--create makes an address of its own: --to " + to + " has no place beside it");
        }
        byte[] program = code == null ? null : bytes("--code", code);
        byte[] data = bytes("--input", input);
        InterpreterConfig config = understood("", () -> InterpreterConfig.of(Fork.named(fork))
                .withMemory(memoryLimit == null ? EvmMemoryConfig.defaults() : EvmMemoryConfig.of(memoryLimit)));
        if (gas < 0) {
            throw new ParameterException(spec.commandLine(), "--gas " + gas + ": expected 0 or more");
        }
        WorldState state = world(program);
        if (create) {
            data = join(program, data);
        }
        Message message = new Message().caller(w, WHO).value(w, WORTH).gas(gas).input(MemorySegment.ofArray(data), 0, data.length);
        message = create ? message.create() : message.to(w, ACCOUNT_AT);
        if (program != null && !create && Word.isLong(w, ACCOUNT_AT) && Long.compareUnsigned(w[ACCOUNT_AT], CorePrecompiles.P256_VERIFY) <= 0) {
            message.code(MemorySegment.ofArray(program), 0, program.length);   // also where a precompile is
        }
        try (LibraryPrecompiles precompiles = Precompiled.open(spec, library);
                Interpreter machine = Interpreter.open(config, state, precompiles)) {
            if (!precompiles.obstacle().isEmpty()) {
                Precompiled.say(spec, precompiles);
            }
            CallTracer calls = new CallTracer(true, CallTracer.BYTES_MAX);
            PrestateTracer before = new PrestateTracer(state);
            StructLogTracer steps = new StructLogTracer(machine);
            if (trace) {
                machine.trace(new TraceLines(out, machine));
            } else if (tracer != null) {
                if (!create) {
                    before.see(w, ACCOUNT_AT);
                }
                before.see(w, WHO);
                machine.trace(tracer == TracerKind.CALL ? calls : tracer == TracerKind.PRESTATE ? before : steps);
            }
            Outcome outcome = machine.run(message);
            print(out, outcome, create);
            if (tracer != null) {
                out.println(tracer == TracerKind.CALL ? calls.json() : tracer == TracerKind.PRESTATE ? before.json() : steps.json());
                long leftOut = tracer == TracerKind.CALL ? calls.leftOut() : tracer == TracerKind.STRUCT ? steps.leftOut() : before.leftOut();
                if (leftOut > 0) {
                    spec.commandLine().getErr().println(leftOut + " parts of the trace had no room and were left out");
                }
                out.flush();
            }
            return outcome.status() == Status.SUCCESS ? 0 : 1;
        }
    }

    /// The state and block that the code finds.
    private WorldState world(byte[] program) {
        understood("--caller: ", () -> StateFile.address(caller, w, WHO));
        understood("--to: ", () -> StateFile.address(to == null ? ACCOUNT : to, w, ACCOUNT_AT));
        understood("--value: ", () -> StateFile.number(value, w, WORTH));
        String accounts = prestate == null ? null : json("--prestate", prestate);
        String says = block == null ? null : json("--block", block);
        StateFile file = understood("--prestate: ", () -> accounts == null ? StateFile.empty() : StateFile.of(accounts));
        WorldState state = new WorldState(understood("--prestate: ", file::size));
        file.into(state);
        Word.set(w, CHAIN, 1);
        state.block().set(Opcode.CHAINID, w, CHAIN);
        state.block().set(Opcode.ORIGIN, w, WHO);
        if (says != null) {
            understood("--block: ", () -> BlockFile.into(state.block(), says, fork));
        }
        boolean room = state.exists(w, WHO) || Word.isZero(w, WORTH) || state.account(w, WHO, w, WORTH, 0);
        if (program != null && !create) {
            room &= state.exists(w, ACCOUNT_AT) || state.account(w, ACCOUNT_AT, w, NOTHING, 1);
        }
        if (!room) {
            throw new Failure("--prestate has more accounts than this holds beside the caller and the one that is called");
        }
        if (program != null && !create && program.length > 0 && !state.setCode(w, ACCOUNT_AT, MemorySegment.ofArray(program), 0, program.length)) {
            throw new Failure("the code is longer than this holds: " + program.length + " bytes");
        }
        state.beginTransaction();
        return state;
    }

    private static byte[] join(byte[] code, byte[] arguments) {
        byte[] all = Arrays.copyOf(code, code.length + arguments.length);
        System.arraycopy(arguments, 0, all, code.length, arguments.length);
        return all;
    }

    private void understood(String what, Runnable reads) {
        understood(what, () -> {
            reads.run();
            return null;
        });
    }

    private <T> T understood(String what, Supplier<T> reads) {
        try {
            return reads.get();
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), what + e.getMessage(), e);
        }
    }

    private static void print(PrintWriter out, Outcome outcome, boolean creates) {
        long[] made = new long[Word.LONGS];
        outcome.created(made, 0);
        out.println("{\"status\":\"" + outcome.status() + "\",\"gasUsed\":" + outcome.gasUsed() + ",\"gasLeft\":"
                + outcome.gasLeft() + ",\"refund\":" + outcome.refund() + ",\"output\":\"" + Hex.text(outcome.output())
                + "\",\"memoryBytes\":" + outcome.memoryBytes() + ",\"memoryPeakBytes\":" + outcome.memoryPeakBytes()
                + ",\"depthMax\":" + outcome.depthMax()
                + (creates && outcome.status() == Status.SUCCESS ? ",\"created\":\"" + Hex.address(made, 0) + "\"" : "") + "}");
        out.flush();
    }

    private String json(String option, String said) {
        if (!said.startsWith("@") && !said.strip().startsWith("{")) {
            throw new ParameterException(spec.commandLine(), option + ": expected an object of JSON, or @ and a file that holds it");
        }
        return said.startsWith("@") ? text(said.substring(1)) : said;
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
