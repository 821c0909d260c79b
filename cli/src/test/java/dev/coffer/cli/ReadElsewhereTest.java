package dev.coffer.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.cli.Cli.Answer;
import dev.coffer.cli.certificate.MadeCertificate;
import dev.coffer.cli.certificate.ServerKeys;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Certificates, their keys and those of tickets are read by other hands than [CommandFiles]: nothing is written there either, whatever their
/// size is said to be they are read to a bound, and nobody serves what is secret.
@Timeout(600)
class ReadElsewhereTest {
    static {
        FirstLibrary.opened();
    }

    private static final String[] GET = {"get", "--cacert", "%/certificate", "--cert", "%/certificate", "--key", "%/key", "https://localhost:1/"};
    private static final String[] PLAN = {"plan", "--tls", "--cert", "%/certificate", "--key", "%/key", "--ticket-keys", "%/tickets", "--client-ca",
            "%/authorities", "%/site"};
    private static final String[] SERVE = {"serve", "--check", "--port", "0", "--tls", "--cert", "%/certificate", "--key", "%/key", "--ticket-keys",
            "%/tickets", "--client-ca", "%/authorities", "%/site"};

    @TempDir
    private Path folder;
    @TempDir
    private Path streams;
    private Cli cli;

    @BeforeEach
    void files() throws Exception {
        cli = new Cli(streams);
        Files.createDirectory(folder.resolve("site"));
        Files.createDirectory(folder.resolve("names"));
        MadeCertificate.write(folder.resolve("certificate"), folder.resolve("key"));
        Files.copy(folder.resolve("certificate"), folder.resolve("authorities"));
        assertEquals(0, run("ticket-keys", "%/tickets").exitCode());
    }

    private String[] words(String... words) {
        return Arrays.stream(words).map(word -> word.replace("%", folder.toString())).toArray(String[]::new);
    }

    private Answer run(String... words) {
        return cli.run(words(words));
    }

    private static String[] with(String[] command, String... more) {
        List<String> all = new ArrayList<>(List.of(command));
        all.addAll(1, List.of(more));
        return all.toArray(String[]::new);
    }

    private Map<Path, String> contents() throws IOException {
        Map<Path, String> contents = new TreeMap<>();
        try (Stream<Path> all = Files.list(folder)) {
            for (Path each : all.filter(Files::isRegularFile).toList()) {
                contents.put(each, Arrays.toString(Files.readAllBytes(each)));
            }
        }
        return contents;
    }

    private List<String> namesOf(String file) throws IOException {
        Path there = folder.resolve(file);
        Files.deleteIfExists(folder.resolve("names/link"));
        Files.deleteIfExists(folder.resolve("names/hard"));
        Files.createSymbolicLink(folder.resolve("names/link"), there);
        Files.createLink(folder.resolve("names/hard"), there);
        return List.of("%/" + file, "%/site/../" + file, "%/names/link", "%/names/hard");
    }

    private void refused(Answer answer, Map<Path, String> before, String what) throws IOException {
        assertEquals(ExitCode.USAGE, answer.exitCode(), what + ": " + answer);
        assertEquals(before, contents(), what);
    }

    @ParameterizedTest
    @ValueSource(strings = {"certificate", "key"})
    void getWritesNeitherOverItsCertificatesNorOverItsKey(String file) throws IOException {
        Map<Path, String> before = contents();
        for (String name : namesOf(file)) {
            for (String[] more : new String[][] {{"-o", name}, {"--force", "-o", name}}) {
                Answer answer = run(with(GET, more));
                refused(answer, before, name);
                assertTrue(answer.err().contains("--force does not allow that"), answer::toString);
            }
            Path led = Path.of(words(name)[0]);
            refused(cli.with(Path.of("/dev/null"), led, null, words(GET)), before, "standard output led to " + name);
            refused(cli.with(Path.of("/dev/null"), null, led, words(GET)), before, "standard error led to " + name);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"certificate", "key", "tickets", "authorities"})
    void serveLogsAndTellsNothingIntoWhatItReads(String file) throws IOException {
        Map<Path, String> before = contents();
        for (String name : namesOf(file)) {
            refused(run(with(SERVE, "--access-log", name)), before, name);
            for (String[] command : new String[][] {SERVE, PLAN}) {
                Path led = Path.of(words(name)[0]);
                refused(cli.with(Path.of("/dev/null"), led, null, words(command)), before, command[0] + ": standard output led to " + name);
                refused(cli.with(Path.of("/dev/null"), null, led, words(command)), before, command[0] + ": standard error led to " + name);
            }
        }
        assertEquals(0, run(PLAN).exitCode(), "what is read alone is planned for");
    }

    /// It has a row for each block of each loop, and for what stands beside them.
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5})
    void thePageOfTheLedgerHasRoomForAllRows(int loops) {
        for (String[] more : new String[][] {{}, {"--redirect", "0", "--access-log", "%/log", "--key-log", "%/secrets", "--early-data", "1000"},
                {"--profile", "tight"}}) {
            Answer answer = run(with(with(SERVE, more), "--pages", "0", "--loops", String.valueOf(loops)));
            assertEquals(0, answer.exitCode(), answer::toString);
        }
    }

    @Test
    void ticketKeysThatAreMadeAtTheStartAreNoLog() throws IOException {
        Files.delete(folder.resolve("tickets"));
        Map<Path, String> before = contents();
        refused(run(with(SERVE, "--access-log", "%/site/../tickets")), before, "to be made");
        Files.createSymbolicLink(folder.resolve("names/first"), folder.resolve("tickets"));
        Files.createSymbolicLink(folder.resolve("names/second"), Path.of("first"));
        refused(run(with(SERVE, "--access-log", "%/names/second")), before, "by links that lead to what is to be made");
        refused(cli.with(Path.of("/dev/null"), folder.resolve("key"), null, words("ticket-keys", "%/key")), before, "standard output");
        assertEquals(0, run(with(SERVE, "--access-log", "%/log")).exitCode(), "another file is one");
        assertTrue(Files.exists(folder.resolve("tickets")));
    }

    /// Logs of secrets and of requests, and what is kept of a download, are opened by other hands too.
    @Test
    void whatOthersWriteIsNeitherReadNorWrittenBeside() throws Exception {
        Path log = Files.writeString(folder.resolve("log"), "what was there\n");
        Files.setPosixFilePermissions(log, PosixFilePermissions.fromString("rw-------"));
        String[] get = with(GET, "--key-log", "%/log");
        String[] serve = with(SERVE, "--key-log", "%/log");
        Map<Path, String> before = contents();
        for (String name : namesOf("log")) {
            refused(run(with(get, "-o", name)), before, name);
            refused(run(with(get, "-o", name, "--force")), before, name + ", forced");
            refused(run(with(get, "--data-file", name)), before, name + ", as data");
            refused(run(with(serve, "--access-log", name)), before, name + ", as two logs");
            Path led = Path.of(words(name)[0]);
            for (String[] command : new String[][] {get, serve, with(SERVE, "--access-log", "%/log")}) {
                refused(cli.with(Path.of("/dev/null"), led, null, words(command)), before, "standard output led to " + name);
                Answer answer = cli.with(Path.of("/dev/null"), null, led, words(command));
                assertEquals(ExitCode.USAGE, answer.exitCode(), "standard error led to " + name);
                String said = Files.readString(log);
                assertTrue(said.startsWith("what was there\n") && said.contains(": standard error is the same file, and one would write over the other"),
                        () -> "what standard error is for: " + said);
                Files.writeString(log, "what was there\n");
            }
        }
        refused(run(with(GET, "--key-log", "%/fresh", "-o", "%/site/../fresh")), before, "made by both");
        for (String kept : new String[] {"%/x.coffer-part", "%/x.coffer-part.from"}) {
            refused(run(with(GET, "--resume", "-o", "%/x", "--key-log", kept)), before, kept);
        }
        refused(run(with(SERVE, "--access-log", "%/both", "--key-log", "%/site/../both")), before, "two logs that are to be made");
        Files.createSymbolicLink(folder.resolve("names/both"), folder.resolve("both"));
        refused(run(with(SERVE, "--access-log", "%/names/both", "--key-log", "%/both")), before, "the same by a link");
        assertEquals(0, run(with(SERVE, "--access-log", "%/one", "--key-log", "%/other")).exitCode(), "two logs");
    }

    @Test
    void aStandardStreamThatIsClosedTakesNoLog() throws Exception {
        try (FileChannel nothing = FileChannel.open(Path.of("/dev/null"), StandardOpenOption.WRITE)) {
            Standard.Descriptor[] closed = {null, null, null};
            Arrays.setAll(closed, number -> new Standard.Descriptor(number, nothing, null));
            Standard standard = new Standard(closed[0], closed[1], closed[2], Set.of());
            for (String name : new String[] {"-", "/dev/stdout", "/dev/stderr", "/proc/self/fd/2"}) {
                assertEquals(1, Main.run(words(with(SERVE, "--access-log", name)), standard), name);
                assertEquals(0, run(with(SERVE, "--access-log", name)).exitCode(), name + " is open");
            }
        }
    }

    /// The development certificate is read, and made, without being named.
    @Test
    void theDevelopmentCertificateIsNoLog() throws Exception {
        String home = System.setProperty("user.home", folder.resolve("home").toString());
        try {
            for (Path file : ServerKeys.developmentFiles()) {
                refused(run("serve", "--check", "--port", "0", "--tls", "--access-log", file.toString(), "%/site"), contents(), file + ", to be made");
                assertFalse(Files.exists(folder.resolve("home/.config/coffer")), "nothing is made: " + file);
            }
            assertEquals(0, run("serve", "--check", "--port", "0", "--tls", "%/site").exitCode());
            for (Path file : ServerKeys.developmentFiles()) {
                byte[] is = content(file);
                assertEquals(file.toString().endsWith(".lock"), is == null, "the lock goes when both are made: " + file);
                for (String option : new String[] {"--access-log", "--key-log"}) {
                    refused(run("serve", "--check", "--port", "0", "--tls", option, file.toString(), "%/site"), contents(), option + " " + file);
                    assertArrayEquals(is, content(file), file.toString());
                }
            }
        } finally {
            System.setProperty("user.home", home);
        }
    }

    private static byte[] content(Path file) throws IOException {
        return Files.exists(file) ? Files.readAllBytes(file) : null;
    }

    /// A name of it that leads into the folder, or a name that the folder has of it.
    @Test
    void whatIsWrittenIsNotServedByAnotherName() throws Exception {
        Files.createSymbolicLink(folder.resolve("names/first"), folder.resolve("site/new"));
        Files.createSymbolicLink(folder.resolve("names/second"), Path.of("first"));
        Path log = Files.writeString(folder.resolve("log"), "");
        Files.setPosixFilePermissions(log, PosixFilePermissions.fromString("rw-------"));
        Files.createDirectories(folder.resolve("site/a/b"));
        Files.createLink(folder.resolve("site/a/b/hard"), log);
        for (String name : new String[] {"%/names/second", "%/log"}) {
            for (String option : new String[] {"--access-log", "--key-log"}) {
                Answer answer = run(with(SERVE, option, name));
                assertEquals(ExitCode.USAGE, answer.exitCode(), option + " " + name + ": " + answer);
                assertTrue(answer.err().contains("would be served"), answer::toString);
            }
        }
        assertFalse(Files.exists(folder.resolve("site/new")));
        Files.move(folder.resolve("site/a"), folder.resolve("site/.a"));
        for (String option : new String[] {"--access-log", "--key-log"}) {
            assertEquals(0, run(with(SERVE, option, "%/log")).exitCode(), "what is hidden is served by no name");
        }
        Files.createLink(folder.resolve("site/key"), folder.resolve("key"));
        Answer answer = run(SERVE);
        assertEquals(ExitCode.USAGE, answer.exitCode(), answer::toString);
        assertTrue(answer.err().contains("key: a secret that would be served"), answer::toString);
    }

    /// Whoever of a command's parts reads standard input or a pipe: a second one finds it empty, and an empty message is one.
    @Test
    void aStreamIsReadByOneOfACommandsParts() throws Exception {
        Path phrase = Files.writeString(folder.resolve("phrase"), "phrase\n");
        Path code = Files.writeString(folder.resolve("code"), "0x00");
        Path openssl = folder.resolve("locked");
        assertEquals(0, new ProcessBuilder("openssl", "pkcs8", "-topk8", "-in", folder.resolve("key").toString(), "-out", openssl.toString(), "-passout",
                "pass:phrase").start().waitFor());
        for (String input : new String[] {"-", "/dev/stdin"}) {
            Answer get = cli.from(phrase, words("get", "--cacert", "%/certificate", "--cert", "%/certificate", "--key", "%/locked", "--passphrase-file", "-",
                    "--data-file", input, "https://localhost:1/"));
            assertEquals(ExitCode.USAGE, get.exitCode(), get::toString);
            assertTrue(get.err().contains("standard input can be one of the inputs and not two"), get::toString);
            Answer run = cli.from(code, "evm", "run", "--code", "@-", "--input", "@" + input);
            assertEquals(ExitCode.USAGE, run.exitCode(), run::toString);
        }
        Path pipe = folder.resolve("pipe");
        assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
        Thread.ofPlatform().daemon().start(() -> {  // it waits for its reader
            try {
                Files.writeString(pipe, "0x00");
            } catch (IOException e) {
                // nobody reads it: the test says so
            }
        });
        Answer run = run("evm", "run", "--code", "@%/pipe", "--input", "@%/pipe");
        assertEquals(ExitCode.USAGE, run.exitCode(), run::toString);
        assertTrue(run.err().contains("a stream can be read once"), run::toString);
    }

    /// Others than the command's own files would read it twice, and wait at the second time for ever.
    @Test
    void aStreamIsNamedOnceAmongCertificatesAndKeys() throws Exception {
        assertEquals(0, new ProcessBuilder("mkfifo", folder.resolve("pipe").toString()).start().waitFor());
        Files.createLink(folder.resolve("other"), folder.resolve("pipe"));
        for (String[] command : new String[][] {
                {"serve", "--check", "--port", "0", "--tls", "--cert", "%/pipe", "--key", "%/other", "%/site"},
                {"serve", "--check", "--port", "0", "--tls", "--cert", "%/certificate", "--key", "%/pipe", "--passphrase-file", "%/pipe", "%/site"},
                {"serve", "--check", "--port", "0", "--tls", "--cert", "%/certificate", "--key", "%/pipe", "--client-ca", "%/pipe", "%/site"},
                {"plan", "--tls", "--cert", "%/pipe", "--key", "%/other"},
                {"get", "--cert", "%/pipe", "--key", "%/pipe", "https://localhost:1/"},
                {"get", "--cacert", "%/pipe", "--data-file", "%/pipe", "https://localhost:1/"}}) {
            Answer answer = run(command);
            assertEquals(ExitCode.USAGE, answer.exitCode(), answer::toString);
            assertTrue(answer.err().contains("a stream can be read once"), answer::toString);
        }
    }

    /// A file is named for what it is, and not for what was wanted.
    @Test
    void whatIsNoCertificateIsNamed() throws Exception {
        Path request = folder.resolve("request");
        assertEquals(0, new ProcessBuilder("openssl", "req", "-new", "-subj", "/CN=x", "-key", folder.resolve("key").toString(), "-out", request.toString())
                .start().waitFor());
        assertEquals(0, new ProcessBuilder("openssl", "req", "-in", request.toString(), "-outform", "DER", "-out", request + ".der").start().waitFor());
        for (String name : new String[] {"request", "request.der"}) {
            for (String wanted : new String[] {"certificate", "authorities"}) {
                Answer answer = run(Arrays.stream(SERVE).map(word -> word.equals("%/" + wanted) ? "%/" + name : word).toArray(String[]::new));
                assertTrue(answer.exitCode() != 0 && answer.err().contains(name + ": no certificates in it: a request for a certificate, PKCS#10"),
                        answer::toString);
            }
            Answer key = run(Arrays.stream(SERVE).map(word -> word.equals("%/key") ? "%/" + name : word).toArray(String[]::new));
            assertTrue(key.exitCode() == ExitCode.WRONG_FORMAT && key.err().contains(name + ": no private key: key: a request for a certificate, PKCS#10"),
                    key::toString);
        }
        Answer swapped = run(Arrays.stream(SERVE).map(word -> word.equals("%/certificate") ? "%/key" : word).toArray(String[]::new));
        assertTrue(swapped.err().contains("key: no certificates in it: a private or public key"), swapped::toString);
        Answer get = run("get", "--cacert", "%/request", "https://localhost:1/");
        assertTrue(get.err().contains("request: no certificates in it: a request for a certificate, PKCS#10"), get::toString);
    }

    /// A link of the folder leads to what is hidden in it, or to a hidden folder.
    @Test
    void whatIsHiddenIsServedByALinkOfTheFolder() throws Exception {
        Files.createDirectory(folder.resolve("site/.private"));
        for (String[] each : new String[][] {{"shown", ".log", "%/site/.log"}, {"open", ".private", "%/site/.private/log"}}) {
            Path link = Files.createSymbolicLink(folder.resolve("site/" + each[0]), Path.of(each[1]));
            for (String option : new String[] {"--access-log", "--key-log"}) {
                for (boolean there : new boolean[] {false, true}) {
                    Path log = Path.of(words(each[2])[0]);
                    Files.deleteIfExists(log);
                    if (there) {
                        Files.createFile(log, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
                    }
                    Answer answer = run(with(SERVE, option, each[2]));
                    assertEquals(ExitCode.USAGE, answer.exitCode(), option + " " + each[2] + ", there " + there + ": " + answer);
                    assertTrue(answer.err().contains("would be served"), answer::toString);
                    Files.move(link, folder.resolve("site/." + each[0]));
                    assertEquals(0, run(with(SERVE, option, each[2])).exitCode(), "by a link that is hidden itself");
                    Files.move(folder.resolve("site/." + each[0]), link);
                }
            }
        }
    }

    @Test
    void whatIsSecretIsNotServed() throws Exception {
        for (String[] moved : new String[][] {{"key", "--key"}, {"tickets", "--ticket-keys"}}) {
            Files.copy(folder.resolve(moved[0]), folder.resolve("site/" + moved[0]));
            String[] command = Arrays.stream(SERVE).map(word -> word.equals("%/" + moved[0]) ? "%/site/" + moved[0] : word).toArray(String[]::new);
            Answer answer = run(command);
            assertEquals(ExitCode.USAGE, answer.exitCode(), answer::toString);
            assertTrue(answer.err().contains("a secret that would be served"), answer::toString);
            Files.move(folder.resolve("site/" + moved[0]), folder.resolve("site/." + moved[0]));
            assertEquals(0, run(Arrays.stream(command).map(word -> word.replace("/site/", "/site/.")).toArray(String[]::new)).exitCode(), "not with a dot");
        }
    }

    /// A device says that it has no bytes, and has no end.
    @Test
    void authoritiesAreReadToABound() {
        Answer get = run("get", "--cacert", "/dev/zero", "https://localhost:1/");
        assertEquals(GetExit.AUTHORITIES, get.exitCode(), get::toString);
        assertTrue(get.err().contains("/dev/zero: more than 4194304 bytes"), get::toString);
        Answer serve = run(Arrays.stream(SERVE).map(word -> word.equals("%/authorities") ? "/dev/zero" : word).toArray(String[]::new));
        assertEquals(1, serve.exitCode(), serve::toString);
        assertTrue(serve.err().contains("/dev/zero: more than 4194304 bytes"), serve::toString);
        Answer own = run(Arrays.stream(SERVE).map(word -> word.equals("%/certificate") ? "/dev/zero" : word).toArray(String[]::new));
        assertTrue(own.exitCode() != 0 && own.err().contains("/dev/zero: more than 262144 bytes"), own::toString);
    }

    /// Each of them may come through a pipe, whose size is 0.
    @Test
    void certificatesAndKeysComeThroughPipes() throws Exception {
        List<String> command = new ArrayList<>(List.of(SERVE));
        for (String file : new String[] {"certificate", "key", "authorities"}) {
            Path pipe = folder.resolve("pipe-" + file);
            assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
            byte[] content = Files.readAllBytes(folder.resolve(file));
            Thread.ofPlatform().daemon().start(() -> {  // each waits for its reader
                try {
                    Files.write(pipe, content);
                } catch (IOException e) {
                    // nobody reads it: the test says so
                }
            });
            command.replaceAll(word -> word.equals("%/" + file) ? "%/pipe-" + file : word);
        }
        Answer answer = run(command.toArray(String[]::new));
        assertEquals(0, answer.exitCode(), answer::toString);
        assertFalse(Files.isRegularFile(folder.resolve("pipe-key")));
        assertArrayEquals(new byte[0], answer.err().getBytes());
    }
}
