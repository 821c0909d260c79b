package dev.coffer.cli;

import dev.coffer.evm.precompiles.LibraryPrecompiles;
import dev.coffer.cli.evm.CaseLine;
import dev.coffer.cli.evm.TestFiles;
import dev.coffer.cli.evm.TraceLines;
import dev.coffer.evm.opcode.Fork;
import dev.coffer.evm.vectors.StateTestResult;
import dev.coffer.evm.vectors.StateTestRunner;
import dev.coffer.evm.vectors.VectorRunner.Verdict;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.zip.GZIPInputStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// Runs state tests; the last line is `N passed, N failed, N skipped`, the exit code 1 where any failed or not one ran.
@Command(name = "statetest", mixinStandardHelpOptions = true, versionProvider = Coffer.Version.class,
        description = "Runs public state tests (GeneralStateTests): transactions, with the state root and the hash of the logs that they should come to.")
final class EvmStateTestCommand implements Callable<Integer> {
    private static final int TEXT_BYTES_MAX = 256 << 20;

    @Parameters(index = "0", paramLabel = "FILE|DIR",
            description = "A file of tests, .json or .json.gz; or a folder, of which all such files are run, but those in hidden folders. - is standard input.")
    private String place;

    @Option(names = "--fork", paramLabel = "NAME", description = "Only cases of this fork, such as Cancun, EIP158 or BPO1.")
    private String fork;

    @Option(names = "--test", paramLabel = "NAME", description = "Only tests of this name.")
    private String test;

    @Option(names = "--signed", description = "Transactions that should be valid are read from their signed bytes (txbytes), and who sent them is recovered.")
    private boolean signed;

    @Option(names = "--trace",
            description = "One JSON line an instruction, and one a case, in place of its line (EIP-3155), with the reason where it failed or was skipped.")
    private boolean trace;

    @Option(names = "--precompiles", paramLabel = "LIBRARY",
            description = "Whose BLS12-381 is used: auto, blst or bouncy-castle (default: auto, blst where it can be had). "
                    + "The property coffer.precompiles says the same.")
    private String library;

    @Spec
    private CommandSpec spec;

    private final long[] counts = new long[Verdict.values().length];

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        try {
            if (fork != null) {
                Fork.named(fork);
            }
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
        try (LibraryPrecompiles precompiles = Precompiled.open(spec, library);
                StateTestRunner runner = new StateTestRunner(precompiles, machine -> trace ? new TraceLines(out, machine) : null)) {
            Precompiled.say(spec, precompiles);
            List<String> names = files();
            try (CommandFiles files = CommandFiles.of(spec)) {
                files.refusePassing(names);
            }
            runner.asSigned(signed);
            for (String file : names) {
                run(runner, file, result -> print(out, file, result));
            }
        }
        out.println(counts[0] + " passed, " + counts[1] + " failed, " + counts[2] + " skipped");
        if (counts[Verdict.PASSED.ordinal()] + counts[Verdict.FAILED.ordinal()] == 0) {
            throw new Failure(ExitCode.FAILED, place + ": not one case was run");
        }
        return counts[Verdict.FAILED.ordinal()] == 0 ? ExitCode.DONE : ExitCode.FAILED;
    }

    /// A file that cannot be read is one failure; those behind it are run all the same.
    private void run(StateTestRunner runner, String file, Consumer<StateTestResult> to) {
        String text;
        try {
            text = text(file);
        } catch (Failure e) {
            if (place.equals(file)) {
                throw e;
            }
            String named = Failure.printable(file) + ": ";
            to.accept(StateTestResult.noFile(e.getMessage().startsWith(named) ? e.getMessage().substring(named.length()) : e.getMessage()));
            return;
        }
        runner.run(text, (name, forkName) -> (test == null || test.equals(name)) && isWanted(forkName), to);
    }

    /// Whether a fork of a file is the one that was asked for, by whichever of its names; those that have the rules of another are others (BPO1 and OSAKA).
    private boolean isWanted(String name) {
        return fork == null || Fork.named(fork) == Fork.find(name) && plain(fork).startsWith("BPO") == plain(name).startsWith("BPO")
                && (!plain(fork).startsWith("BPO") || plain(fork).equals(plain(name)));
    }

    private static String plain(String name) {
        return name.toUpperCase(Locale.ROOT).replace("-", "").replace("_", "");
    }

    private void print(PrintWriter out, String file, StateTestResult result) {
        counts[result.verdict().ordinal()]++;
        if (trace) {
            out.println(CaseLine.of(result, file));
        } else {
            String where = result.verdict() == Verdict.FAILED ? file + ": " : "";
            out.println(Failure.printable(result.verdict() + " " + where + result.id() + (result.detail().isEmpty() ? "" : ": " + result.detail())));
        }
    }

    private List<String> files() {
        try {
            return place.equals("-") ? List.of(place) : TestFiles.of(place);
        } catch (IOException e) {
            throw Failure.of(ExitCode.MISSING, place, e);
        }
    }

    /// The text of a file or pipe, read to its end.
    private String text(String file) {
        try (CommandFiles files = CommandFiles.of(spec); InputStream raw = files.input(file).stream();
                InputStream in = file.endsWith(".gz") ? new GZIPInputStream(raw) : raw) {
            byte[] all = in.readNBytes(TEXT_BYTES_MAX + 1);
            if (all.length > TEXT_BYTES_MAX) {
                throw new Failure(ExitCode.WRONG_FORMAT, file + ": more than " + TEXT_BYTES_MAX + " bytes of text");
            }
            return new String(all, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw Failure.of(ExitCode.WRONG_FORMAT, file, e);
        }
    }
}
