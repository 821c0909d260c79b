package dev.coffer.bench.evm;

import dev.coffer.bench.table.Machine;
import dev.coffer.evm.Outcome;
import dev.coffer.evm.Status;
import dev.coffer.evm.memory.EvmMemoryConfig;
import dev.coffer.evm.vectors.Hex;
import dev.coffer.evm.vectors.VectorRunner;
import dev.coffer.testkit.LineChild;
import dev.coffer.testkit.Vectors;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Whole programs of the fixtures: this machine and `@ethereumjs/evm` in one run, status, gas and output of every
/// iteration compared. Times are of the message call alone, without setting up the state. Beside them the figures that
/// evmone and Besu had on a quiet machine of two such cores: quoted, not measured here.
public final class EvmPrograms {
    public static final String NAME = "evm-programs";
    public static final String TITLE = "whole programs beside @ethereumjs/evm, gas and output compared every time";

    private static final Path FOLDER = Path.of("evm", "fuzz");
    /// Seconds for each side of each program, `-Dcoffer.bench.seconds`; of its iterations the first half is warm-up.
    private static final double SECONDS = Double.parseDouble(System.getProperty("coffer.bench.seconds", "6"));
    private static final int ITERATIONS_MIN = 4;
    private static final double AIM = 60;
    private static final Pattern STATUS = Pattern.compile("\"status\":\"(\\w+)\"");
    private static final Pattern GAS = Pattern.compile("\"gasUsed\":(\\d+)");
    private static final Pattern OUTPUT = Pattern.compile("\"output\":\"(0x[0-9a-f]*)\"");
    private static final Pattern NANOS = Pattern.compile("\"nanos\":(\\d+)");

    /// A program, and medians of others in ms as they were measured elsewhere.
    private record Program(String id, double evmone, double besu, double aim) {}

    private static final List<Program> ALL = List.of(
            new Program("snailtracer", 39.1, 357, 75),
            new Program("erc20-approval-transfer", 5.36, 24.5, AIM),
            new Program("erc20-mint", 3.31, 21.9, AIM),
            new Program("erc20-transfer", 6.2, 33.9, AIM),
            new Program("ten-thousand-hashes", 1.22, 23.8, 80),
            new Program("opcodes-control", 0.125, 1.62, 0),
            new Program("opcodes-crypto", 0.544, 1.17, 0),
            new Program("opcodes-data", 0.06, 0.571, 0),
            new Program("precompile-identity", 0.181, 0.996, 0),
            new Program("main/blake2b_huff/8415nulls", 0.609, 5.74, 0),
            new Program("main/blake2b_shifts/8415nulls", 5.82, 77.9, 0),
            new Program("main/sha1_divs/5311", 3.51, 24.6, 0),
            new Program("main/sha1_shifts/5311", 1.44, 21.6, 0),
            new Program("main/structarray_alloc/nfts_rank", 0.239, 5.4, 0),
            new Program("main/swap_math/spent", 0.00258, 0.029, 0),
            new Program("main/weierstrudel/15", 1.31, 6.85, 0),
            new Program("micro/memory_grow_mload/nogrow", 0.0301, 0.227, 0),
            new Program("micro/memory_grow_mload/by1", 0.0293, 0.377, 0),
            new Program("micro/memory_grow_mload/by16", 0.0313, 0.383, 0),
            new Program("micro/memory_grow_mload/by32", 0.0452, 0.385, 0),
            new Program("micro/memory_grow_mstore/nogrow", 0.0488, 0.296, 0),
            new Program("micro/memory_grow_mstore/by1", 0.0356, 0.37, 0),
            new Program("micro/memory_grow_mstore/by16", 0.0359, 0.386, 0),
            new Program("micro/memory_grow_mstore/by32", 0.0414, 0.374, 0),
            new Program("micro/signextend/zero", 0.041, 0.365, 0));

    private EvmPrograms() {}

    /// Runs all programs and prints the table.
    ///
    /// @throws IllegalStateException  the two disagree, or there are no fixtures or no packages
    public static void run() throws IOException {
        for (String file : List.of("evm/bench-cases.jsonl.gz", "evm/evm-benchmarks.jsonl.gz")) {
            if (!Vectors.present(file)) {
                throw new IllegalStateException(Vectors.absence(file));
            }
        }
        if (!Files.isDirectory(FOLDER.resolve("node_modules"))) {
            throw new IllegalStateException("no packages in " + FOLDER + ": run npm install --no-package-lock there");
        }
        Map<String, String> lines = new HashMap<>();
        for (String file : List.of("bench-cases", "evm-benchmarks")) {
            read("evm/" + file + ".jsonl.gz", lines);
        }
        System.out.println("**" + NAME + "**: " + TITLE + "; ms a call, median (least)  ");
        System.out.println(Machine.line() + "; evmone and Besu quoted from another, quiet run  ");
        System.out.println();
        System.out.println("| | gas | Coffer | ethereumjs | ethereumjs / Coffer | evmone, quoted | Besu, quoted |");
        System.out.println("|---|---|---|---|---|---|---|");
        try (VectorRunner ours = new VectorRunner(EvmMemoryConfig.defaults(), null);
                LineChild theirs = new LineChild(FOLDER, List.of("node", "other.mjs"))) {
            for (Program program : ALL) {
                row(program, lines.get(program.id), ours, theirs);
            }
        }
    }

    private static void read(String file, Map<String, String> lines) throws IOException {
        Pattern id = Pattern.compile("^\\{\"id\":\"([^\"]+)\"");
        try (BufferedReader in = Vectors.reader(file)) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                Matcher matcher = id.matcher(line);
                if (matcher.find()) {
                    lines.put(matcher.group(1), line);
                }
            }
        }
    }

    private static void row(Program program, String line, VectorRunner ours, LineChild theirs) {
        List<Long> nanosTheirs = new ArrayList<>();
        String first = null;
        for (long start = System.nanoTime(); first == null || more(start, nanosTheirs);) {
            theirs.ask(line);
            String answer = theirs.answer();
            String result = part(STATUS, answer) + " " + part(GAS, answer) + " " + part(OUTPUT, answer);
            same(program.id, first == null ? result : first, result);
            first = result;
            nanosTheirs.add(Long.parseLong(part(NANOS, answer)));
        }
        List<Long> nanosOurs = new ArrayList<>();
        long gas = 0;
        for (long start = System.nanoTime(); more(start, nanosOurs);) {
            Outcome outcome = ours.runOnly(line);
            gas = outcome.gasUsed();
            String status = outcome.status() == Status.SUCCESS ? "success"
                    : outcome.status() == Status.REVERT ? "revert" : "fail";
            same(program.id, first, status + " " + gas + " " + Hex.text(outcome.output()));
            nanosOurs.add(ours.runNanos());
        }
        double[] our = sorted(nanosOurs);
        double[] their = sorted(nanosTheirs);
        double ratio = their[1] / our[1];
        System.out.printf(Locale.ROOT, "| %s | %,d | %.4g (%.4g) | %.4g (%.4g) | %.0f%s | %s | %s |%n", program.id, gas, our[1],
                our[0], their[1], their[0], ratio, program.aim == 0 ? ""
                        : (ratio >= program.aim ? ", met" : ", **missed**") + " (aim: " + (int) program.aim + ")",
                program.evmone, program.besu);
    }

    private static boolean more(long start, List<Long> done) {
        return done.size() < ITERATIONS_MIN || System.nanoTime() - start < SECONDS * 1e9;
    }

    private static void same(String id, String expected, String was) {
        if (!expected.equals(was)) {
            throw new IllegalStateException(id + ": " + was + " here, " + expected + " in the other or before");
        }
    }

    private static String part(Pattern pattern, String answer) {
        Matcher matcher = pattern.matcher(answer);
        if (!matcher.find()) {
            throw new IllegalStateException("no " + pattern + " in " + answer);
        }
        return matcher.group(1);
    }

    /// {@return least and median of the second half, in ms}
    private static double[] sorted(List<Long> nanos) {
        List<Long> half = nanos.subList(nanos.size() / 2, nanos.size()).stream().sorted().toList();
        return new double[] {half.getFirst() / 1e6, half.get(half.size() / 2) / 1e6};
    }
}
