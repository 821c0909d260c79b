package dev.coffer.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.coffer.cli.Cli.Answer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/// Where a command reads, it never writes; what it writes is whole or not there.
class FileSafetyTest {
    @TempDir
    private Path folder;
    @TempDir
    private Path streams;
    private Cli cli;
    private Path key;
    private Path signing;
    private Path message;
    private Path sealed;

    @BeforeEach
    void files() throws IOException {
        cli = new Cli(streams);
        key = folder.resolve("key");
        signing = folder.resolve("signing");
        message = Files.writeString(folder.resolve("message"), "what is written here must stay");
        sealed = folder.resolve("sealed");
        done(cli.run("seal", "--generate", "-k", key.toString(), "-o", sealed.toString(), message.toString()));
        done(cli.run("keygen", signing.toString()));
        done(cli.run("sign", "-k", signing.toString(), message.toString()));
    }

    private static void done(Answer answer) {
        assertEquals(0, answer.exitCode(), answer::toString);
        assertEquals("", answer.err());
    }

    private Map<String, String> contents() throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.collect(Collectors.toMap(p -> p.getFileName().toString(), p -> {
                try {
                    return Files.isRegularFile(p) ? Arrays.toString(Files.readAllBytes(p)) : "no file";
                } catch (IOException e) {
                    return e.toString();
                }
            }, (a, b) -> a, TreeMap::new));
        }
    }

    /// Every command with a name for each of its outputs, `%` standing for the place where the file that it reads goes.
    private record Pair(String what, Path input, String... arguments) {}

    private List<Pair> pairs() {
        String k = key.toString();
        String s = signing.toString();
        String m = message.toString();
        return List.of(new Pair("seal: key as output", key, "seal", "-k", k, "-o", "%", m),
                new Pair("seal: message as output", message, "seal", "-k", k, "-o", "%", m),
                new Pair("seal: message as new key", message, "seal", "--generate", "-k", "%", "-o", folder + "/new", m),
                new Pair("open: key as output", key, "open", "-k", k, "-o", "%", sealed.toString()),
                new Pair("open: sealed as output", sealed, "open", "-k", k, "-o", "%", sealed.toString()),
                new Pair("sign: key as output", signing, "sign", "-k", s, "-o", "%", m),
                new Pair("sign: message as output", message, "sign", "-k", s, "-o", "%", m));
    }

    /// The ways in which one file can have two names.
    private Map<String, String> namesOf(Path file) throws IOException {
        Path there = Files.createDirectory(folder.resolve("names"));
        Map<String, String> names = new TreeMap<>();
        names.put("its name", file.toString());
        names.put("a dot in its path", folder + "/./" + file.getFileName());
        names.put("a detour", there + "/../" + file.getFileName());
        names.put("relative", Path.of("").toAbsolutePath().relativize(file).toString());
        names.put("link", Files.createSymbolicLink(there.resolve("link"), file).toString());
        names.put("link of link", Files.createSymbolicLink(there.resolve("link2"), Path.of("link")).toString());
        names.put("hard link", Files.createLink(there.resolve("hard"), file).toString());
        names.put("folder by link", Files.createSymbolicLink(there.resolve("folder"), folder) + "/" + file.getFileName());
        return names;
    }

    @TestFactory
    Stream<DynamicTest> anOutputThatIsAnInputIsRefusedByEveryNameAlsoWithForce() throws IOException {
        List<DynamicTest> tests = new ArrayList<>();
        for (Pair pair : pairs()) {
            tests.add(dynamicTest(pair.what(), () -> {
                Map<String, String> names = namesOf(pair.input());
                Map<String, String> before = contents();
                for (var name : names.entrySet()) {
                    for (boolean force : new boolean[] {true, false}) {
                        List<String> arguments = new ArrayList<>(List.of(pair.arguments()));
                        arguments.replaceAll(a -> a.equals("%") ? name.getValue() : a);
                        if (force) {
                            arguments.add("--force");
                        }
                        Answer answer = cli.run(arguments.toArray(new String[0]));
                        assertEquals(ExitCode.USAGE, answer.exitCode(), name.getKey() + ": " + answer);
                        assertTrue(answer.err().contains("--force does not allow that"), answer::toString);
                        assertEquals(before, contents(), name.getKey());
                    }
                }
                removeNames();
            }));
        }
        return tests.stream();
    }

    private void removeNames() throws IOException {
        try (Stream<Path> all = Files.list(folder.resolve("names"))) {
            for (Path path : all.toList()) {
                Files.delete(path);
            }
        }
        Files.delete(folder.resolve("names"));
    }

    @Test
    void standardStreamsThatAreAnInputAreRefused() throws IOException {
        String k = key.toString();
        String s = signing.toString();
        String m = message.toString();
        Map<String, String> before = contents();
        List<Answer> answers = List.of(
                cli.with(key, null, null, "seal", "-k", k, "-o", k, "--force"),        // < K -o K
                cli.with(message, null, null, "seal", "-k", k, "-o", m, "--force"),    // < M -o M
                cli.with(message, null, null, "seal", "-k", k, "-o", m, "-f", "-"),
                cli.with(message, null, null, "seal", "-k", k, "-o", m, "-f", "/dev/fd/../fd/0".replace("fd/../", "")),
                cli.with(message, message, null, "seal", "-k", k),                     // < M >> M
                cli.with(sealed, key, null, "open", "-k", k),                          // -k K >> K
                cli.with(sealed, sealed, null, "open", "-k", k),
                cli.with(sealed, sealed, null, "open", "-f", "-k", k, "-o", "-"),
                cli.with(sealed, message, null, "sign", "-k", s, "-o", "-", "-f", m),
                cli.with(message, signing, null, "sign", "-k", s),
                cli.with(message, message, null, "sign", "-k", s),
                cli.with(message, null, null, "sign", "-k", s, "-o", m, "-f"),
                cli.with(sealed, message, null, "hash", m),
                cli.with(message, message, null, "hash"),
                cli.with(message, sealed, null, "hash", m, sealed.toString()),
                cli.with(message, message, null, "hash", "-c", m),
                cli.with(sealed, message, null, "verify", "-k", s + ".pub", m),
                cli.with(sealed, Path.of(s + ".pub"), null, "verify", "-k", s + ".pub", m),
                cli.with(sealed, Path.of(m + ".sig"), null, "verify", "-k", s + ".pub", m),
                cli.with(sealed, message, null, "evm", "vectors", m),
                cli.with(sealed, message, null, "evm", "run", "--code", "@" + m),
                cli.with(key, null, null, "seal", "-k", "-", "-"),                     // one stream cannot be both
                cli.with(signing, null, null, "sign", "-k", "/dev/stdin", "-"),
                cli.with(signing, null, null, "verify", "-k", "-", "-s", "-", m));
        for (int i = 0; i < answers.size(); i++) {
            assertEquals(ExitCode.USAGE, answers.get(i).exitCode(), i + ": " + answers.get(i));
        }
        Map<String, String> after = contents();
        after.replaceAll((name, content) -> content.startsWith(cut(before.get(name))) ? before.get(name) : content);
        assertEquals(before, after);
        assertEquals("what is written here must stay", Files.readString(message).split("\n")[0]);
    }

    /// Of many files the last is looked at before a line about the first is written.
    @Test
    void aListIsNotBegunInAFileThatItLists() throws IOException {
        String last = Files.writeString(folder.resolve("z.json"), "{}").toString();
        Path tests = Files.createDirectory(folder.resolve("tests"));
        Files.writeString(tests.resolve("a.json"), "{}");
        Files.createLink(tests.resolve("z.json"), Path.of(last));
        Map<String, String> before = contents();
        for (Answer answer : List.of(cli.with(sealed, Path.of(last), null, "hash", message.toString(), last),
                cli.with(sealed, Path.of(last), null, "hash", "-c", message.toString(), last),
                cli.with(Path.of(last), Path.of(last), null, "hash", message.toString(), "-"),
                cli.with(sealed, Path.of(last), null, "evm", "statetest", tests.toString()))) {
            assertEquals(ExitCode.USAGE, answer.exitCode(), answer::toString);
            assertEquals(before, contents());
        }
    }

    /// Whichever line names it, of whichever list, is seen before the first line is written behind it.
    @Test
    void aCheckIsNotBegunInAFileThatItsListNames() throws IOException {
        Path listed = Files.writeString(folder.resolve("listed"), "what was there\n");
        Path one = Files.write(folder.resolve("one"), cli.run("hash", message.toString()).bytes());
        Path both = Files.write(folder.resolve("both"), cli.run("hash", message.toString(), listed.toString()).bytes());
        Map<String, String> before = contents();
        for (Answer answer : List.of(cli.with(sealed, listed, null, "hash", "-c", both.toString()),
                cli.with(sealed, listed, null, "hash", "-c", one.toString(), both.toString()),
                cli.with(both, listed, null, "hash", "-c"), cli.with(sealed, null, listed, "hash", "-c", both.toString()))) {
            assertEquals(ExitCode.USAGE, answer.exitCode(), answer::toString);
            assertEquals(before, contents());
        }
        Path elsewhere = folder.resolve("elsewhere");
        for (Answer answer : List.of(cli.with(sealed, elsewhere, null, "hash", "-c", one.toString(), both.toString()),
                cli.with(both, elsewhere, null, "hash", "-c"))) {
            assertEquals(0, answer.exitCode(), answer::toString);
        }
        assertEquals((message + ": OK\n").repeat(2) + listed + ": OK\n" + message + ": OK\n" + listed + ": OK\n", Files.readString(elsewhere),
                "from its beginning, though it was looked through before");
    }

    private static String cut(String content) {
        return content.substring(0, content.length() - 1);
    }

    @Test
    void standardErrorThatIsAnInputIsLeftAlone() throws IOException {
        Map<String, String> before = contents();
        assertEquals(ExitCode.USAGE, cli.with(sealed, null, key, "seal", "-k", key.toString()).exitCode());
        assertEquals(ExitCode.USAGE, cli.with(sealed, null, message, "hash", message.toString()).exitCode());
        assertEquals(ExitCode.USAGE, cli.with(sealed, null, message, "hash", "-c", message.toString()).exitCode());
        assertEquals(ExitCode.USAGE, cli.with(sealed, null, message, "verify", "-k", signing + ".pub", message.toString()).exitCode());
        assertEquals(before, contents());
    }

    @Test
    void twoOutputsThatAreOneFileAreRefused() throws IOException {
        Path both = folder.resolve("both");
        Map<String, String> before = contents();
        for (String other : new String[] {"both", "./both", "../" + folder.getFileName() + "/both"}) {
            Answer answer = cli.run("seal", "--generate", "-k", both.toString(), "-o", folder + "/" + other, message.toString());
            assertEquals(ExitCode.USAGE, answer.exitCode(), answer::toString);
        }
        Path link = Files.createSymbolicLink(folder.resolve("link"), Path.of("both"));
        assertEquals(ExitCode.USAGE, cli.run("seal", "--generate", "-k", both.toString(), "-o", link.toString(),
                message.toString()).exitCode());
        Files.delete(link);
        Files.createLink(folder.resolve("signing2"), Path.of(signing + ".pub"));
        Answer answer = cli.run("keygen", "-f", folder + "/signing2");
        Files.delete(folder.resolve("signing2"));
        Files.createSymbolicLink(folder.resolve("new.pub"), Path.of("new"));
        assertEquals(ExitCode.USAGE, cli.run("keygen", folder + "/new").exitCode());
        Files.delete(folder.resolve("new.pub"));
        assertEquals(0, answer.exitCode(), "two files, whatever other names they have");
        Files.delete(folder.resolve("signing2.pub"));
        assertEquals(before, contents());
    }

    /// The key must not take the place of the file that the shell has led standard output to, nor lie in one stream with what
    /// it locks.
    @Test
    void twoOutputsOfWhichOneIsAStreamAreRefused() throws IOException {
        Path led = streams.resolve("led");
        Path link = Files.createSymbolicLink(streams.resolve("to-led"), led);
        for (String name : new String[] {led.toString(), link.toString(), "-", "/dev/stdout", "/dev/fd/1"}) {
            Answer answer = cli.with(Path.of("/dev/null"), led, null, "seal", "--generate", "--force", "-k", name,
                    message.toString());
            assertEquals(ExitCode.USAGE, answer.exitCode(), answer::toString);
            assertTrue(answer.err().contains("named twice"), answer::toString);
            assertEquals(0, Files.size(led), name);
        }
        Answer nowhere = cli.run("seal", "--generate", "-k", "/dev/null", "-o", "/dev/null", message.toString());
        assertEquals(0, nowhere.exitCode(), nowhere::toString);
    }

    @Test
    void anOutputThatExistsIsRefusedWithoutForceAndReplacedWithIt() throws IOException {
        Path other = Files.writeString(folder.resolve("other"), "old");
        Path otherPub = Files.writeString(folder.resolve("other.pub"), "old");
        List<String[]> commands = List.of(new String[] {"seal", "-k", key.toString(), "-o", other.toString(), message.toString()},
                new String[] {"open", "-k", key.toString(), "-o", other.toString(), sealed.toString()},
                new String[] {"sign", "-k", signing.toString(), "-o", other.toString(), message.toString()},
                new String[] {"keygen", other.toString()},
                new String[] {"seal", "--generate", "-k", other.toString(), "-o", folder + "/new", message.toString()});
        for (String[] command : commands) {
            Files.writeString(other, "old");
            Map<String, String> before = contents();
            Answer answer = cli.run(command);
            assertEquals(ExitCode.FAILED, answer.exitCode(), answer::toString);
            assertTrue(answer.err().contains("exists already; --force replaces it"), answer::toString);
            assertEquals(before, contents());
            String[] forced = Arrays.copyOf(command, command.length + 1);
            forced[command.length] = "--force";
            done(cli.run(forced));
            assertFalse(Files.readString(other, java.nio.charset.StandardCharsets.ISO_8859_1).equals("old"), command[0]);
        }
        Files.writeString(other, "old");
        Files.writeString(otherPub, "old");
        Files.delete(other);
        assertEquals(ExitCode.FAILED, cli.run("keygen", other.toString()).exitCode());
        assertFalse(Files.exists(other), "a private key without its public one");
    }

    @Test
    void aReplacedFileKeepsItsPermissionsAndItsLinkButASecretIsItsOwnersAlone() throws IOException {
        Path other = Files.writeString(folder.resolve("other"), "old");
        Files.setPosixFilePermissions(other, PosixFilePermissions.fromString("rwxrw-r--"));
        Path link = Files.createSymbolicLink(folder.resolve("link"), Path.of("other"));
        done(cli.run("open", "-f", "-k", key.toString(), "-o", link.toString(), sealed.toString()));
        assertTrue(Files.isSymbolicLink(link));
        assertArrayEquals(Files.readAllBytes(message), Files.readAllBytes(other));
        assertEquals("rwxrw-r--", PosixFilePermissions.toString(Files.getPosixFilePermissions(other)));
        done(cli.run("keygen", "-f", link.toString()));
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(other)));
        Files.delete(other);
        done(cli.run("sign", "-k", signing.toString(), "-o", link.toString(), message.toString()));
        assertTrue(Files.isSymbolicLink(link) && Files.size(other) == 64, "a link to nothing leads to the new file");
    }

    @Test
    void anotherNameOfAReplacedFileKeepsTheOldContent() throws IOException {
        Path other = Files.writeString(folder.resolve("other"), "old");
        Path hard = Files.createLink(folder.resolve("hard"), other);
        done(cli.run("open", "-f", "-k", key.toString(), "-o", other.toString(), sealed.toString()));
        assertEquals("old", Files.readString(hard));
    }

    @Test
    void whateverFailsLeavesTheFolderAsItWas() throws IOException {
        String k = folder + "/fresh";
        String missing = folder + "/missing";
        Files.createDirectory(folder.resolve("a folder"));
        Files.setPosixFilePermissions(Files.writeString(folder.resolve("short"), "ab"), PosixFilePermissions.fromString("rw-------"));
        Map<String, String> before = contents();
        Map<String[], Integer> commands = Map.of(
                new String[] {"seal", "--generate", "-k", k, "-o", folder + "/s", missing}, ExitCode.MISSING,
                new String[] {"seal", "--generate", "-k", k, missing}, ExitCode.MISSING,
                new String[] {"seal", "--generate", "-k", k, "-o", folder + "/none/s", message.toString()}, ExitCode.FAILED,
                new String[] {"seal", "--generate", "-k", k, "-o", folder + "/a folder", message.toString()}, ExitCode.FAILED,
                new String[] {"seal", "--generate", "-k", k, "-o", sealed.toString(), message.toString()}, ExitCode.FAILED,
                new String[] {"seal", "--generate", "-k", k, "-o", folder + "/s", folder + "/a folder"}, ExitCode.MISSING,
                new String[] {"open", "-k", key.toString(), "-o", folder + "/o", message.toString()}, ExitCode.WRONG_FORMAT,
                new String[] {"open", "-k", folder + "/short", "-o", folder + "/o", sealed.toString()}, ExitCode.WRONG_FORMAT,
                new String[] {"sign", "-k", signing.toString(), missing}, ExitCode.MISSING,
                new String[] {"keygen", folder + "/none/k"}, ExitCode.FAILED);
        for (var command : commands.entrySet()) {
            Answer answer = cli.run(command.getKey());
            assertEquals(command.getValue(), answer.exitCode(), String.join(" ", command.getKey()) + answer);
            assertEquals(1, answer.err().lines().count(), answer::toString);
            assertEquals(before, contents(), String.join(" ", command.getKey()));
        }
        Answer full = cli.with(message, Path.of("/dev/full"), null, "seal", "--generate", "-k", k);
        assertEquals(ExitCode.FAILED, full.exitCode(), full::toString);
        assertTrue(full.err().contains("standard output: No space left on device"), full::toString);
        assertEquals(before, contents(), "nothing has gone out that needs the key");
        assertEquals(ExitCode.FAILED, cli.with(message, Path.of("/dev/full"), null, "hash").exitCode());
        assertEquals(ExitCode.FAILED, cli.run("sign", "-k", signing.toString(), "-o", "/dev/full", message.toString()).exitCode());
    }

    @Test
    void aKeyPairThatCannotBeWholeIsNotThereAtAll() throws IOException {
        Path old = Files.writeString(folder.resolve("pair"), "the old private key");
        Files.createDirectory(folder.resolve("pair.pub"));
        assertEquals(ExitCode.FAILED, cli.run("keygen", "--force", old.toString()).exitCode());
        assertEquals("the old private key", Files.readString(old));
        String longest = "n".repeat(252);  // with .pub one byte past NAME_MAX
        Map<String, String> before = contents();
        Answer answer = cli.run("keygen", folder + "/" + longest);
        assertEquals(ExitCode.FAILED, answer.exitCode(), answer::toString);
        assertEquals(before, contents());
    }

    @Test
    void aKeyThatOthersMayReadIsUsedWithAWarning() throws IOException {
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-r-----"));
        Answer answer = cli.run("open", "-k", key.toString(), sealed.toString());
        assertEquals(0, answer.exitCode());
        assertTrue(answer.err().contains("warning: " + key + ": others may read this key (0640); chmod 600"), answer::toString);
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
        done(cli.run("open", "-k", key.toString(), sealed.toString()));
    }

    @Test
    void namesWithLineEndsAndEscapesAreSpelledOutOnOneLine() {
        Answer answer = cli.run("hash", folder + "/a\nb\u001b[31m");
        assertEquals(1, answer.err().lines().count(), answer::toString);
        assertTrue(answer.err().contains("a\\nb\\x1b[31m: no such file"), answer::toString);
    }

    /// The public half stands beside the private one: beside a stream it would be a file of the name `-.pub`, or one among the devices.
    @Test
    void aKeyPairIsNotWrittenToAStream() throws Exception {
        Path pipe = folder.resolve("pipe");
        assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
        Path link = Files.createSymbolicLink(folder.resolve("link"), Path.of("/dev/null"));
        for (String name : new String[] {"-", "/dev/stdout", "/dev/null", "/proc/self/fd/1", pipe.toString(), link.toString()}) {
            for (String force : new String[] {"--force", "--algorithm=ed25519"}) {
                Answer answer = cli.run("keygen", force, name);
                assertEquals(ExitCode.USAGE, answer.exitCode(), name);
                assertTrue(answer.err().contains(name + ": no file, and FILE.pub stands beside it"), answer::err);
            }
            assertFalse(Files.exists(Path.of(name + ".pub")), name);
        }
    }
}
