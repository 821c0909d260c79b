package dev.coffer.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.coffer.cli.Cli.Answer;
import dev.coffer.testkit.Eventually;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `coffer hash` beside the `sha256sum` of this machine: the same lines, the same exit codes, the same verdicts of lists.
class ChecksumTest {
    private static final String HASH = "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03";  // of "hello\n"
    private static final String OTHER = HASH.replace('5', '6');

    @TempDir
    private Path folder;
    @TempDir
    private Path streams;
    private Cli cli;
    private Path list;
    private String good;
    private String bad;

    @BeforeEach
    void files() throws IOException {
        cli = new Cli(streams);
        good = Files.writeString(folder.resolve("good"), "hello\n").toString();
        bad = Files.writeString(folder.resolve("bad"), "changed\n").toString();
        list = folder.resolve("list");
    }

    /// What the machine's own tool says.
    private Answer theirs(Path input, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("sha256sum"));
        command.addAll(Arrays.asList(arguments));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("LC_ALL", "C.UTF-8");
        Process process;
        try {
            process = builder.redirectInput(input.toFile()).redirectError(streams.resolve("theirs").toFile()).start();
        } catch (IOException e) {
            assumeTrue(false, "no sha256sum here");
            throw e;
        }
        byte[] out = process.getInputStream().readAllBytes();
        return new Answer(Eventually.ended(process), out, Files.readString(streams.resolve("theirs")));
    }

    private void same(Path input, String... arguments) throws IOException {
        Answer theirs = theirs(input, arguments);
        String[] ours = new String[arguments.length + 1];
        ours[0] = "hash";
        System.arraycopy(arguments, 0, ours, 1, arguments.length);
        Answer answer = cli.from(input, ours);
        String what = String.join(" ", arguments) + "\n" + theirs + "\n" + answer;
        assertEquals(theirs.out(), answer.out(), what);
        assertEquals(theirs.exitCode(), answer.exitCode(), what);
        assertEquals(complaints(theirs), complaints(answer), what);
    }

    /// Complaints without the name of who complains; what the system says is worded by each.
    private static List<String> complaints(Answer answer) {
        return answer.err().lines().map(line -> line.replaceFirst("^(sha256sum|coffer hash): ", ""))
                .filter(line -> line.startsWith("WARNING") || line.contains("checksum line") || line.contains("verified"))
                .map(line -> line.replace("'standard input'", "standard input")).toList();
    }

    @Test
    void everyNameIsPrintedAsSha256sumDoes() throws IOException {
        List<String> names = new ArrayList<>();
        for (String name : new String[] {"plain", "two words", " blanks ", "back\\slash", "line\nend", "cr\rcr", "tab\tx",
                "\\n", "*star", "ümläut", "#hash", "-dash", "@at", "(paren) = x"}) {
            names.add(Files.writeString(folder.resolve(name), name).toString());
        }
        String[] all = names.toArray(new String[0]);
        same(list(""), all);
        same(list(""), "--tag", "--", all[0], all[3], all[4], all[13]);
        same(list(""), "-z", "--", all[0], all[3], all[4]);
        same(Path.of(good));
        same(Path.of(good), "-");
        same(Path.of(good), "-", "-");
        for (String[] form : new String[][] {{}, {"--tag"}}) {
            List<String> arguments = new ArrayList<>(Arrays.asList(form));
            // In what --check prints, versions of coreutils differ about names that one line holds all the same.
            arguments.addAll(names.stream().filter(n -> n.indexOf('\n') >= 0 || n.indexOf('\\') < 0 && n.indexOf('\r') < 0)
                    .toList());
            byte[] written = theirs(Path.of("/dev/null"), arguments.toArray(new String[0])).bytes();
            Files.write(list, written);
            same(Path.of("/dev/null"), "--check", list.toString());
            same(list, "--check");
            same(list, "--check", "--quiet");
        }
    }

    private Path list(String text) throws IOException {
        return Files.writeString(list, text);
    }

    @Test
    void everyListIsJudgedAsSha256sumDoes() throws IOException {
        String none = folder + "/none";
        String g = HASH + "  " + good + "\n";
        List<String> lists = List.of("", "\n", "# comment\n", g, g + g, HASH + " *" + good + "\n", HASH + "  " + good,
                HASH.toUpperCase(java.util.Locale.ROOT) + "  " + good + "\n", OTHER + "  " + good + "\n",
                HASH + "  " + bad + "\n", g + HASH + "  " + bad + "\n" + HASH + "  " + bad + "\n", HASH + "  " + none + "\n",
                g + HASH + "  " + none + "\n", g + "nonsense\n", "nonsense\n", "nonsense\nmore\n" + g, HASH + " " + good + "\n",
                HASH + " " + good + "\n" + g, g + HASH + " " + good + "\n", HASH + "\n", HASH + " \n", HASH + "  \n", HASH + "  x",
                HASH.substring(1) + "  " + good + "\n", HASH + "0  " + good + "\n", "g" + HASH.substring(1) + "  " + good + "\n",
                " \t" + g, g.replace("\n", "\r\n"), g + "#" + g, "SHA256 (" + good + ") = " + HASH + "\n",
                "SHA256(" + good + ")= " + HASH + "\n", "SHA256 (" + good + ") = " + OTHER + "\n",
                "SHA256 (" + good + " = " + HASH + "\n", "SHA256 (" + good + ") " + HASH + "\n", "SHA256 (" + good + ") = \n",
                "SHA256 (" + good + ") = " + HASH + "0\n", "SHA512 (" + good + ") = " + HASH + "\n", "SHA256 " + good + "\n",
                "\\" + g, "\\" + HASH + "  " + folder + "/a\\nb\n", "\\" + HASH + "  " + folder + "/a\\xb\n",
                "\\" + HASH + "  " + folder + "/a\\\n", HASH + "  -\n",
                HASH + "  " + folder + "\n", "\\SHA256 (" + folder + "/a\\nb) = " + HASH + "\n", "\0" + g);
        Files.writeString(folder.resolve("a\nb"), "hello\n");
        Files.writeString(folder.resolve("a\\b"), "hello\n");
        for (String text : lists) {
            list(text);
            same(Path.of(good), "-c", list.toString());
            same(list, "-c");
            same(Path.of(good), "-c", "--ignore-missing", list.toString());
            same(Path.of(good), "-c", "--strict", "--warn", list.toString());
        }
        list(g + "nonsense\n" + HASH + "  " + bad + "\n" + HASH + "  " + none + "\n");
        for (String[] more : new String[][] {{"--quiet"}, {"--status"}, {"--strict"}, {"--warn"}, {"--ignore-missing"},
                {"--quiet", "--ignore-missing"}, {"--status", "--warn"}, {"--warn", "--strict", "--quiet"}}) {
            same(Path.of(good), Stream.concat(Stream.of("-c", list.toString()), Stream.of(more)).toArray(String[]::new));
        }
    }

    @Test
    void namesWithBackslashesAreReadEscapedAndShownAsTheyAre() throws IOException {
        Files.writeString(folder.resolve("a\\b"), "hello\n");
        list("\\" + HASH + "  " + folder + "/a\\\\b\n");
        assertEquals(folder + "/a\\b: OK\n", cli.run("hash", "-c", list.toString()).out());
    }

    @Test
    void severalListsFailIfOneDoes() throws IOException {
        list(HASH + "  " + good + "\n");
        Path second = Files.writeString(folder.resolve("second"), HASH + "  " + bad + "\n");
        same(list, "-c", list.toString(), second.toString());
        same(list, "-c", second.toString(), list.toString());
        same(list, "-c", folder + "/missing", list.toString());
        same(list, "-c", folder.toString());
    }

    @Test
    void everyAlgorithmChecksWhatItWrote() throws IOException {
        for (HashCommand.Algorithm one : HashCommand.Algorithm.values()) {
            for (String[] form : new String[][] {{}, {"--tag"}}) {
                List<String> arguments = new ArrayList<>(List.of("hash", "-a", one.name(), good, bad));
                arguments.addAll(Arrays.asList(form));
                Files.write(list, cli.run(arguments.toArray(new String[0])).bytes());
                Answer answer = cli.run("hash", "-a", AnyName.name(one).toUpperCase(java.util.Locale.ROOT), "-c", list.toString());
                assertEquals(good + ": OK\n" + bad + ": OK\n", answer.out(), answer::toString);
                assertEquals(0, answer.exitCode());
            }
        }
    }

    @Test
    void optionsThatDoNotGoTogetherAreAWrongCommandLine() {
        for (String[] wrong : new String[][] {{"-c", "-z"}, {"-c", "--tag"}, {"--quiet"}, {"--status"}, {"--warn"},
                {"--strict"}, {"--ignore-missing"}, {"-a", "md5"}}) {
            List<String> arguments = new ArrayList<>(List.of("hash", good));
            arguments.addAll(Arrays.asList(wrong));
            assertEquals(ExitCode.USAGE, cli.run(arguments.toArray(new String[0])).exitCode(), String.join(" ", wrong));
        }
    }

    @Test
    void aLineOfAnyLengthIsReadInConstantMemory() throws IOException {
        String name = "n".repeat(ByteLines.LINE_BYTES_MAX - HASH.length() - 2);
        for (String more : new String[] {"", "n", "n".repeat(200_000)}) {
            list(HASH + "  " + name + more + "\n" + HASH + "  " + good + "\n");
            Answer answer = cli.run("hash", "-c", "--quiet", list.toString());
            assertTrue(answer.err().contains("WARNING: 1 listed file could not be read")
                    || answer.err().contains("WARNING: 1 line is improperly formatted"), answer.err().length() + " bytes");
            assertEquals(1, answer.exitCode());
        }
        assertEquals(good, cli.run("hash", good).out().strip().split(" {2}")[1]);
        assertEquals(HASH, new String(cli.run("hash", good).bytes(), StandardCharsets.UTF_8).substring(0, 64));
    }
}
