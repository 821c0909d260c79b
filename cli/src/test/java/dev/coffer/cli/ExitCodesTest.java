package dev.coffer.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.coffer.cli.Cli.Answer;
import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/// How commands end, as their help and `docs/command.md` say: the ways in which a question is answered, or cannot be, and memory that is refused.
class ExitCodesTest {
    static {
        FirstLibrary.opened();
    }

    private static final Path DOCUMENT = Path.of("..", "docs", "command.md");

    @TempDir
    private Path folder;

    private record Row(int exitCode, String words, String... arguments) {}

    private static List<String> codes(Class<?> of) {
        List<String> codes = new ArrayList<>();
        for (Field field : of.getDeclaredFields()) {
            if (Modifier.isStatic(field.getModifiers()) && field.getType() == int.class) {
                try {
                    codes.add(String.valueOf(field.getInt(null)));
                } catch (IllegalAccessException e) {
                    throw new AssertionError(e);
                }
            }
        }
        return codes;
    }

    private static Map<String, String> list(CommandLine of) {
        return of.getCommandSpec().usageMessage().exitCodeList();
    }

    @Test
    void helpAndDocumentsNameEveryCode() throws IOException {
        CommandLine line = Main.commandLine(Standard.ofProcess());
        assertEquals(new TreeSet<>(codes(ExitCode.class)), new TreeSet<>(list(line).keySet()), "coffer --help");
        Map<String, String> get = list(line.getSubcommands().get("get"));
        assertTrue(get.keySet().containsAll(codes(GetExit.class)), get::toString);
        String document = Files.readString(DOCUMENT);
        for (String code : codes(ExitCode.class)) {
            assertTrue(document.contains("| " + code + " | "), code + " in docs/command.md");
        }
        for (Map.Entry<String, CommandLine> each : line.getSubcommands().entrySet()) {
            Map<String, String> own = list(each.getValue());
            for (String everywhere : own.isEmpty() ? new String[0] : new String[] {"0", "1", "2", "70", "141"}) {
                assertTrue(own.containsKey(everywhere), each.getKey() + ": " + everywhere);
            }
        }
    }

    private String[] at(String... words) {
        String[] at = words.clone();
        for (int i = 0; i < at.length; i++) {
            at[i] = at[i].replace("%", folder.toString());
        }
        return at;
    }

    private Answer run(String... words) {
        return new Cli(folder).run(at(words));
    }

    /// Keys, signatures of `m`, and what is none of these.
    private void files() throws IOException {
        Files.writeString(folder.resolve("m"), "a message");
        Files.writeString(folder.resolve("other"), "another message");
        Files.writeString(folder.resolve("empty"), "");
        Files.write(folder.resolve("long"), new byte[100_000]);
        Files.createDirectory(folder.resolve("folder"));
        for (String algorithm : List.of("ed25519", "p256", "ml-dsa-44", "falcon-512", "slh-dsa-shake-128f")) {
            assertEquals(0, run("keygen", "-a", algorithm, "%/" + algorithm).exitCode());
            assertEquals(0, run("sign", "-k", "%/" + algorithm, "-o", "%/" + algorithm + ".sig", "%/m").exitCode());
        }
        assertEquals(0, run("keygen", "-a", "x25519", "%/x25519").exitCode());
        assertEquals(0, run("sign", "-k", "%/slh-dsa-shake-128f", "-o", "%/long.sig", "%/long").exitCode());
    }

    /// 1 says "not valid" and nothing else: whoever takes a signature for forged must not be told so by a full disk.
    @Test
    void verifySaysNoOnlyWhereTheSignatureIsNotValid() throws IOException {
        files();
        List<Row> rows = new ArrayList<>();
        for (String algorithm : List.of("ed25519", "p256", "ml-dsa-44", "falcon-512", "slh-dsa-shake-128f")) {
            String[] verify = {"verify", "-k", "%/" + algorithm + ".pub", "-s"};
            rows.add(new Row(0, ": valid", with(verify, "%/" + algorithm + ".sig", "%/m")));
            rows.add(new Row(1, ": not valid", with(verify, "%/" + algorithm + ".sig", "%/other")));
            rows.add(new Row(1, ": not valid", with(verify, "%/empty", "%/m")));
            rows.add(new Row(1, ": not valid", with(verify, "%/long", "%/m")));
            rows.add(new Row(1, ": not valid", with(verify, "%/" + algorithm + ".sig", "%/empty")));
            rows.add(new Row(2, "no such file", with(verify, "%/missing", "%/m")));
            rows.add(new Row(2, "is a directory", with(verify, "%/folder", "%/m")));
            rows.add(new Row(2, "no such file", with(verify, "%/" + algorithm + ".sig", "%/missing")));
            rows.add(new Row(2, "is a directory", with(verify, "%/" + algorithm + ".sig", "%/folder")));
            rows.add(new Row(2, "/proc/self/mem: Input/output error", with(verify, "%/" + algorithm + ".sig", "/proc/self/mem")));
            rows.add(new Row(2, "/proc/self/mem: Input/output error", with(verify, "/proc/self/mem", "%/m")));
            rows.add(new Row(2, "no public key", "verify", "-k", "%/" + algorithm, "-s", "%/" + algorithm + ".sig", "%/m"));
        }
        rows.add(new Row(2, "does not verify", "verify", "-k", "%/x25519.pub", "-s", "%/ed25519.sig", "%/m"));
        rows.add(new Row(2, "a key of P-256", "verify", "-a", "ed25519", "-k", "%/p256.pub", "-s", "%/p256.sig", "%/m"));
        rows.add(new Row(2, "no such file", "verify", "-k", "%/missing", "-s", "%/p256.sig", "%/m"));
        rows.add(new Row(2, "no public key", "verify", "-k", "%/empty", "-s", "%/p256.sig", "%/m"));
        rows.add(new Row(2, "Input/output error", "verify", "-k", "/proc/self/mem", "-s", "%/p256.sig", "%/m"));
        rows.add(new Row(2, "needs --signature", "verify", "-k", "%/p256.pub"));
        rows.add(new Row(2, "more than 65536 bytes", "verify", "--limit", "64K", "-k", "%/slh-dsa-shake-128f.pub", "%/long"));
        rows.add(new Row(0, ": valid", "verify", "-k", "%/slh-dsa-shake-128f.pub", "%/long"));
        rows.add(new Row(2, "--limit", "verify", "--limit", "2T", "-k", "%/p256.pub", "-s", "%/p256.sig", "%/m"));
        rows.add(new Row(2, "Unknown option", "verify", "--none", "-k", "%/p256.pub", "-s", "%/p256.sig", "%/m"));
        for (Row row : rows) {
            Answer answer = run(row.arguments);
            String name = String.join(" ", row.arguments);
            assertEquals(row.exitCode, answer.exitCode(), () -> name + ": " + answer);
            assertTrue((answer.out() + answer.err()).contains(row.words), () -> name + ": " + answer);
            assertEquals(row.exitCode == 2, answer.out().isEmpty(), () -> name + ": " + answer);
            if (row.exitCode < 2) {
                Answer quiet = run(with(row.arguments, "--quiet"));
                assertEquals("exit " + row.exitCode + ", out: , err: ", quiet.toString(), name);
            }
        }
    }

    private static String[] with(String[] words, String... more) {
        List<String> all = new ArrayList<>(List.of(words));
        all.addAll(List.of(more));
        return all.toArray(String[]::new);
    }

    @Test
    void anAnswerThatCannotBeWrittenIsNone() throws IOException {
        files();
        String[] words = at("verify", "-k", "%/p256.pub", "-s", "%/p256.sig", "%/m");
        Answer answer = new Cli(folder).with(Path.of("/dev/null"), Path.of("/dev/full"), null, words);
        assertEquals(2, answer.exitCode(), answer::toString);
        assertTrue(answer.err().contains("standard output: No space left on device"), answer::toString);
        assertEquals(1, answer.err().lines().count(), answer::toString);
        assertEquals(0, new Cli(folder).with(Path.of("/dev/null"), Path.of("/dev/full"), null, with(words, "-q")).exitCode());
        assertEquals(2, new Cli(folder).with(Path.of("/dev/null"), folder.resolve("m"), null, words).exitCode(), "the message is not written over");
    }

    /// Where the machine gives no memory it is neither an answer nor a fault of ours.
    @Test
    void memoryThatIsRefusedHasACodeAndWords() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/bin/bash")), "no bash here");
        files();
        Files.writeString(folder.resolve("passphrase"), "correct horse\n");
        Files.write(folder.resolve("much"), new byte[16 << 20]);
        String[] verify = {"verify", "--limit", "1G", "-k", "%/slh-dsa-shake-128f.pub", "%/long"};
        for (Row row : List.of(new Row(2, "ENOMEM", verify), new Row(2, "ENOMEM", with(verify, "-q")),
                new Row(71, "ENOMEM", "sign", "--limit", "1G", "-k", "%/slh-dsa-shake-128f", "-o", "%/none", "%/long"),
                new Row(71, "ENOMEM", "seal", "--passphrase-file", "%/passphrase", "--argon2-memory", "1G", "%/m", "-o", "%/none"),
                new Row(27, "out of memory", "get", "--data-file", "%/much", "http://127.0.0.1:1/"),
                new Row(71, "out of memory", "evm", "run", "--code", "@%/much"))) {
            List<String> command = new ArrayList<>(List.of("/bin/bash", "-c", "ulimit -v 1500000; exec \"$@\"", "bash"));
            command.addAll(TlsServing.java(at(row.arguments)));
            command.addAll(command.indexOf("-cp"), List.of("-Xmx20m", "-XX:CompressedClassSpaceSize=16m", "-XX:ReservedCodeCacheSize=16m"));
            Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            String name = String.join(" ", row.arguments);
            assertEquals(row.exitCode, process.waitFor(), () -> name + ": " + said);
            assertTrue(said.contains(row.words) && !said.contains("fault of coffer's"), () -> name + ": " + said);
            assertFalse(Files.exists(folder.resolve("none")), name);
        }
    }
}
