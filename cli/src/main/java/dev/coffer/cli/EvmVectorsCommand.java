package dev.coffer.cli;

import dev.coffer.evm.precompiles.LibraryPrecompiles;
import dev.coffer.evm.memory.EvmMemoryConfig;
import dev.coffer.evm.vectors.VectorRunner;
import dev.coffer.evm.vectors.VectorRunner.Result;
import dev.coffer.evm.vectors.VectorRunner.Verdict;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import java.util.zip.GZIPInputStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// Runs a fixture file; the last line is `N passed, N failed, N skipped`, the exit code 1 where any failed.
@Command(name = "vectors", mixinStandardHelpOptions = true, versionProvider = Coffer.Version.class,
        description = "Runs a file of fixture cases, one JSON object a line, .jsonl or .jsonl.gz.")
final class EvmVectorsCommand implements Callable<Integer> {
    private static final int LINE_CHARS_MAX = 16 << 20;  // digits of 8 MiB: more than any case has

    @Parameters(index = "0", paramLabel = "FILE", description = "Message-call cases or VMTests; - is standard input.")
    private String file;

    @Option(names = "--times", defaultValue = "1", description = "How often each case runs (default: ${DEFAULT-VALUE}).")
    private int times;

    @Option(names = "--memory-limit", paramLabel = "BYTES",
            description = "Memory of all frames together, a multiple of 32 (default: 32 MiB).")
    private Long memoryLimit;

    @Option(names = "--precompiles", paramLabel = "LIBRARY",
            description = "Whose BLS12-381 is used: auto, blst or bouncy-castle (default: auto, blst where it can be had). "
                    + "The property coffer.precompiles says the same.")
    private String library;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        long[] counts = new long[Verdict.values().length];
        EvmMemoryConfig memory;
        try {
            memory = memoryLimit == null ? EvmMemoryConfig.defaults() : EvmMemoryConfig.of(memoryLimit);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
        if (times < 1) {
            throw new ParameterException(spec.commandLine(), "--times " + times + ": expected 1 or more");
        }
        try (CommandFiles files = CommandFiles.of(spec);
                LibraryPrecompiles precompiles = Precompiled.open(spec, library);
                VectorRunner runner = new VectorRunner(memory, precompiles);
                InputStream raw = files.input(file).stream();
                BufferedReader in = new BufferedReader(new InputStreamReader(
                        file.endsWith(".gz") ? new GZIPInputStream(raw) : raw, StandardCharsets.UTF_8))) {
            Precompiled.say(spec, precompiles);
            for (String line = line(in); line != null; line = line(in)) {
                if (line.isBlank()) {
                    continue;
                }
                Result result = runner.run(line, times);
                counts[result.verdict().ordinal()]++;
                if (result.verdict() != Verdict.PASSED) {
                    out.println(Failure.printable(result.verdict() + " " + result.id() + ": " + result.detail()));
                }
            }
        } catch (IOException e) {
            throw Failure.of(ExitCode.WRONG_FORMAT, file, e);
        }
        out.println(counts[0] + " passed, " + counts[1] + " failed, " + counts[2] + " skipped");
        if (counts[Verdict.PASSED.ordinal()] + counts[Verdict.FAILED.ordinal()] == 0) {
            throw new Failure(ExitCode.FAILED, file + ": not one case was run");
        }
        return counts[Verdict.FAILED.ordinal()] == 0 ? ExitCode.DONE : ExitCode.FAILED;
    }

    /// {@return the next line, or null behind the last}
    private String line(BufferedReader in) throws IOException {
        StringBuilder line = new StringBuilder();
        int c = in.read();
        if (c < 0) {
            return null;
        }
        for (; c >= 0 && c != '\n'; c = in.read()) {
            if (line.length() == LINE_CHARS_MAX) {
                throw new Failure(ExitCode.WRONG_FORMAT, file + ": a line of more than " + LINE_CHARS_MAX + " characters");
            }
            line.append((char) c);
        }
        return line.toString();
    }
}
