package dev.coffer.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.coffer.testkit.Eventually;
import dev.coffer.testkit.Vectors;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The official test vectors: what was not run for want of them is said once, in the last module of the build; and the script
/// that lays them out is tried on checkouts made up here.
@Timeout(600)
class VectorsTest {
    private static final Path ROOT = Path.of(System.getProperty("coffer.root", ".."));

    @TempDir
    Path folder;

    /// The line for these files, or null where all are there.
    static String line(Map<String, Integer> absent, Path folder) {
        if (absent.isEmpty()) {
            return null;
        }
        int cases = absent.values().stream().mapToInt(Integer::intValue).sum();
        return "*** " + cases + " OFFICIAL TEST CASES WERE NOT RUN: " + absent.size() + " files of vectors are not in " + folder
                + "; docs/vectors.md says how to get them ***";
    }

    @Test
    void whatWasNotRunIsSaidOnce() {
        Map<String, Integer> absent = Vectors.held().entrySet().stream().filter(e -> !Vectors.present(e.getKey()))
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
        String line = line(absent, Vectors.folder());
        if (line != null) {
            System.err.println(line);
        }
        assertEquals("*** 12 OFFICIAL TEST CASES WERE NOT RUN: 2 files of vectors are not in /x; docs/vectors.md says how to get them ***",
                line(Map.of("a", 5, "b", 7), Path.of("/x")));
    }

    @Test
    void everyFileThatATestReadsIsCounted() throws IOException {
        String tests;
        try (Stream<Path> files = Stream.of("crypto", "evm-vectors", "evm", "cli", "integrations/evm-precompiles").flatMap(VectorsTest::sources)) {
            tests = files.map(VectorsTest::text).collect(Collectors.joining());
        }
        for (String file : Vectors.held().keySet()) {
            String name = file.substring(file.indexOf('/') + 1).replaceFirst("(_test)?\\..*", "").replaceFirst("hkdf_sha\\d+", "hkdf_sha")
                    .replaceFirst("^SLH.*", "SLH");
            assertTrue(tests.contains(name), file + " is counted and no test reads it");
        }
    }

    private static Stream<Path> sources(String module) {
        try {
            return Files.walk(ROOT.resolve(module).resolve("src/test/java")).filter(f -> f.toString().endsWith(".java"));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private record Run(int exitCode, String text) {}

    private Run layOut(String... arguments) throws IOException, InterruptedException {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/env")) && new ProcessBuilder("/usr/bin/env", "python3", "--version")
                .redirectErrorStream(true).redirectOutput(folder.resolve("python").toFile()).start().waitFor() == 0, "no Python 3");
        List<String> command = new java.util.ArrayList<>(List.of(ROOT.resolve("testkit/vectors/lay-out").toAbsolutePath().toString()));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String text = new String(process.getInputStream().readAllBytes());
        return new Run(Eventually.ended(process), text);
    }

    private static void write(Path file, String text) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private static String read(Path file) throws IOException {
        try (var in = new BufferedReader(new InputStreamReader(new GZIPInputStream(Files.newInputStream(file))))) {
            return in.lines().collect(Collectors.joining("\n"));
        }
    }

    @Test
    void theScriptLaysOutWhatTheTestsRead() throws IOException, InterruptedException {
        Path wycheproof = folder.resolve("wycheproof");
        Path acvp = folder.resolve("acvp");
        Path legacy = folder.resolve("legacytests");
        for (String file : Vectors.held().keySet()) {
            String name = file.substring(file.indexOf('/') + 1).replace(".json.gz", "");
            if (file.startsWith("wycheproof/")) {
                write(wycheproof.resolve("testvectors_v1/" + name + ".json"), "{\"numberOfTests\": 1, \"testGroups\": [{\"tests\": [{\"tcId\": 1}]}]}");
            } else if (file.startsWith("acvp/")) {
                Path json = acvp.resolve("gen-val/json-files/" + name);
                write(json.resolve("prompt.json"), """
                        {"algorithm": "A", "revision": "2.0", "testGroups": [
                          {"tgId": 1, "testType": "AFT", "tests": [{"tcId": 1, "len": 8, "msg": "AB"}, {"tcId": 2, "len": 5, "msg": "A8"}]},
                          {"tgId": 2, "testType": "MCT", "tests": [{"tcId": 3, "len": 8, "msg": "CD"}]}]}""");
                write(json.resolve("expectedResults.json"), """
                        {"testGroups": [{"tgId": 1, "tests": [{"tcId": 1, "md": "EF"}, {"tcId": 2, "md": "01"}]}]}""");
            }
        }
        write(legacy.resolve("Constantinople/VMTests/vmArithmeticTest/add0.json"), "{\"add0\": {\"_info\": {}, \"exec\": {\"code\": \"0x00\"}}}");
        Path out = folder.resolve("vectors");
        String[] all = {out.toString(), "--wycheproof", wycheproof.toString(), "--acvp", acvp.toString(), "--legacytests", legacy.toString()};
        Run run = layOut(all);
        assertEquals(0, run.exitCode(), run.text());
        long files = Vectors.held().keySet().stream().filter(f -> !f.startsWith("evm/")).peek(f -> assertTrue(Files.exists(out.resolve(f)), f)).count();
        assertTrue(run.text().contains("  " + (files + 1) + " cases in " + out), run.text());
        String merged = read(out.resolve("acvp/SHA3-256-2.0.json.gz"));
        assertTrue(merged.contains("\"numberOfTests\": 1") && merged.contains("\"msg\": \"AB\", \"md\": \"EF\"") && !merged.contains("CD"), merged);
        assertEquals("{\"id\":\"vmArithmeticTest/add0\",\"fork\":\"Frontier\",\"exec\":{\"code\":\"0x00\"}}",
                read(out.resolve("evm/vmtests-frontier.jsonl.gz")));

        Files.delete(wycheproof.resolve("testvectors_v1/x25519_test.json"));
        run = layOut(all);
        assertEquals(1, run.exitCode(), run.text());
        assertTrue(run.text().contains("not found: " + wycheproof.resolve("testvectors_v1/x25519_test.json")), run.text());
        write(wycheproof.resolve("testvectors_v1/x25519_test.json"), "{\"numberOfTests\": 2, \"testGroups\": [{\"tests\": [{\"tcId\": 1}]}]}");
        run = layOut(all);
        assertTrue(run.exitCode() != 0 && run.text().contains("1 cases (expected 2"), "a file that holds fewer than it says: " + run.text());
    }
}
