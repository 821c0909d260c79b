package dev.coffer.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import dev.coffer.cli.Cli.Answer;
import dev.coffer.memory.Budget;
import dev.coffer.memory.BudgetExceededException;
import dev.coffer.memory.BufferBoundsException;
import dev.coffer.memory.CanaryException;
import dev.coffer.memory.pool.SizeNotSupportedException;
import java.io.File;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/// What a user sees when something goes wrong: one line, and a code.
class MainTest {
    static {
        FirstLibrary.opened();
    }

    @TempDir
    private Path folder;

    /// A command that fails as it is told to.
    @Command(name = "fail")
    static final class Failing implements Callable<Integer> {
        private final Supplier<Throwable> what;

        Failing(Supplier<Throwable> what) {
            this.what = what;
        }

        @Override
        public Integer call() throws Exception {
            Throwable thrown = what.get();
            if (thrown instanceof Error e) {
                throw e;
            }
            throw (Exception) thrown;
        }
    }

    private Answer fail(Throwable what, String... more) throws IOException {
        return run(new Failing(() -> what), more);
    }

    private Answer run(Object command, String... more) throws IOException {
        Path out = Files.createTempFile(folder, "out", "");
        Path err = Files.createTempFile(folder, "err", "");
        try (FileChannel in = FileChannel.open(Path.of("/dev/null")); FileChannel to = FileChannel.open(out, StandardOpenOption.WRITE);
                FileChannel toErr = FileChannel.open(err, StandardOpenOption.WRITE)) {
            Standard standard = new Standard(new Standard.Descriptor(0, in, FileIdentity.of(Path.of("/dev/null"))),
                    new Standard.Descriptor(1, to, FileIdentity.of(out)), new Standard.Descriptor(2, toErr, FileIdentity.of(err)), Set.of());
            CommandLine line = Main.commandLine(standard);
            line.addSubcommand(new CommandLine(command));
            line.setExecutionExceptionHandler(Main.commandLine(standard).getExecutionExceptionHandler());
            String[] arguments = new String[more.length + 1];
            System.arraycopy(more, 0, arguments, 0, more.length);
            arguments[more.length] = "fail";
            int exitCode = Main.run(line, arguments, standard);
            return new Answer(exitCode, Files.readAllBytes(out), Files.readString(err));
        }
    }

    private static void infinite() {
        infinite();
    }

    @Test
    void everyThrowableIsOneLineAndAnExitCode() throws IOException {
        Throwable overflow = null;
        try {
            infinite();
        } catch (StackOverflowError e) {
            overflow = e;
        }
        for (Throwable fault : List.of(overflow, new InternalError("a fault in a mapped file\nsecond line"), new NoClassDefFoundError("X"),
                new AssertionError("ours"), new IllegalStateException(), new IOException("odd"),
                new NullPointerException("n"), new ExceptionInInitializerError("i"))) {
            Answer answer = fail(fault);
            assertEquals(ExitCode.FAULT, answer.exitCode(), fault.toString());
            assertEquals(1, answer.err().lines().count(), answer::toString);
            assertTrue(answer.err().startsWith("coffer"), answer::toString);
            assertTrue(fault.getMessage() == null || answer.err().contains(fault.getMessage().replace("\n", " ")), answer::toString);
            assertFalse(answer.err().contains("null"), answer::toString);
            Answer traced = fail(fault, "--debug");
            assertTrue(traced.err().contains("\tat "), traced::toString);
            assertEquals(ExitCode.FAULT, traced.exitCode());
        }
    }

    /// Whatever refuses memory does so by the machine's or the user's doing.
    @Test
    void memoryThatIsRefusedIsNoFaultOfOurs() throws IOException {
        Throwable spent = assertThrows(BudgetExceededException.class, () -> Budget.root("small\u009b", 1).reserve(2));
        for (Throwable refused : List.of(new OutOfMemoryError("region \"x\": mmap\nENOMEM"), new OutOfMemoryError(), spent)) {
            Answer answer = fail(refused);
            assertEquals(ExitCode.MEMORY, answer.exitCode(), answer::toString);
            assertEquals(1, answer.err().lines().count(), answer::toString);
            assertFalse(answer.err().contains("fault of coffer's") || answer.err().contains("null") || answer.err().contains("\u009b"), answer::toString);
            assertFalse(answer.err().contains("\\n"), "a line break is a blank");
            assertTrue(fail(refused, "--debug").err().contains("\tat "));
        }
    }

    /// A new exception of memory is on one side or the other.
    @Test
    void everyExceptionOfMemoryIsJudged() {
        Set<String> refusals = new TreeSet<>();
        List<Path> places = Stream.of("memory", "evm").map(HouseTest::built).toList();
        new ClassFileImporter().importPaths(places).stream().filter(type -> type.getPackageName().matches("dev\\.coffer\\.(evm\\.)?memory(\\..*)?"))
                .filter(type -> type.isAssignableTo(RuntimeException.class)).forEach(type -> refusals.add(type.getName()));
        Set<String> judged = new TreeSet<>(Stream.of(BufferBoundsException.class, CanaryException.class, SizeNotSupportedException.class)
                .map(Class::getName).toList());  // the caller's fault, and what an overrun has left
        assertTrue(refusals.containsAll(judged), refusals::toString);
        Failure.MEMORY.stream().filter(RuntimeException.class::isAssignableFrom).forEach(type -> judged.add(type.getName()));
        assertEquals(judged, refusals);
    }

    /// A command that a thread of its own fails in.
    @Command(name = "fail")
    static final class FailingElsewhere implements Callable<Integer> {
        @Override
        public Integer call() throws Exception {
            Thread thread = new Thread(() -> {
                throw new IllegalStateException("elsewhere\nsecond line");
            });
            thread.start();
            thread.join();  // which is after its handler has said so
            return ExitCode.DONE;
        }
    }

    @Test
    void whatAnotherThreadThrowsIsOneLineToo() throws IOException {
        Answer answer = run(new FailingElsewhere());
        assertEquals("coffer: a fault of coffer's own: java.lang.IllegalStateException: elsewhere second line (COFFER_DEBUG=1 shows where)\n",
                answer.err());
        assertEquals(ExitCode.DONE, answer.exitCode());
    }

    @Test
    void aBrokenPipeIsSilent() throws IOException {
        Answer answer = fail(new BrokenPipe());
        assertEquals(141, answer.exitCode());
        assertEquals("", answer.err());
        assertTrue(BrokenPipe.is(new IOException("Broken pipe")));
        assertFalse(BrokenPipe.is(new IOException("No space left on device")));
    }

    /// Help and the version are printed by other hands than a command's.
    @ParameterizedTest
    @ValueSource(strings = {"--help", "--version", "serve --help", "evm run --help"})
    void helpThatNobodyReadsIsSilentAndHelpThatHasNoRoomIsALine(String words) throws IOException, InterruptedException {
        try (FileChannel full = FileChannel.open(Path.of("/dev/full"), StandardOpenOption.WRITE)) {
            Answer answer = to(full, words.split(" "));
            assertEquals(1, answer.exitCode(), answer.err());
            assertEquals(1, answer.err().lines().count(), answer.err());
        }
        Path pipe = folder.resolve("pipe");
        assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
        FileChannel reader = FileChannel.open(pipe, StandardOpenOption.READ, StandardOpenOption.WRITE);  // which waits for nobody
        try (FileChannel writer = FileChannel.open(pipe, StandardOpenOption.WRITE)) {
            reader.close();
            Answer answer = to(writer, words.split(" "));
            assertEquals(ExitCode.PIPE, answer.exitCode(), answer.err());
            assertEquals("", answer.err());
        }
    }

    /// As where a jar of the command's is not there: it said nothing, with exit code 70.
    @Test
    void whatIsBrokenBeforeThereIsACommandIsALineToo() throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(TlsServing.java("hash"));
        List<String> places = TlsServing.places().stream().filter(place -> !place.contains("gson")).toList();
        command.set(command.indexOf("-cp") + 1, String.join(File.pathSeparator, places));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(ExitCode.FAULT, process.waitFor(), said);
        assertTrue(said.matches("coffer: a fault of coffer's own: java.lang.NoClassDefFoundError: com/google/gson/\\S+ .*\\R"), said);
    }

    private Answer to(FileChannel out, String... arguments) throws IOException {
        Path err = Files.createTempFile(folder, "err", "");
        try (FileChannel in = FileChannel.open(Path.of("/dev/null")); FileChannel toErr = FileChannel.open(err, StandardOpenOption.WRITE)) {
            int exitCode = Main.run(arguments, new Standard(new Standard.Descriptor(0, in, FileIdentity.of(Path.of("/dev/null"))),
                    new Standard.Descriptor(1, out, FileIdentity.of(Path.of("/dev/null"))), new Standard.Descriptor(2, toErr, FileIdentity.of(err)), Set.of()));
            return new Answer(exitCode, new byte[0], Files.readString(err));
        }
    }

    @Test
    void failuresSayTheirWordsAndTheirCode() throws IOException {
        Answer answer = fail(new Failure(ExitCode.WRONG_KEY, "a\nb"));
        assertEquals(ExitCode.WRONG_KEY, answer.exitCode());
        assertEquals("coffer fail: a\\nb\n", answer.err());
        assertEquals(1, fail(new dev.coffer.cli.Failure("x")).exitCode());
        assertNull(Failure.printable(null));
        assertEquals("plain ü", Failure.printable("plain ü"));
        assertEquals("\\t\\r\\x7f\\x9b", Failure.printable("\t\r\u007f\u009b"));
    }

    @Test
    void whatTheSystemSaidIsShownWithoutTheNameTwice() {
        assertEquals("no such file", Failure.reason(new NoSuchFileException("f")));
        assertEquals("Too many open files", Failure.reason(new FileSystemException("f", null, "Too many open files")));
        assertEquals("Input/output error", Failure.reason(new IOException("Input/output error")));
        assertEquals("IOException", Failure.reason(new IOException()));
    }

    @Test
    void aNameThatNoLocaleSpellsIsSaidToBeOneAndTheOthersGoOn() throws IOException {
        Path file = Files.writeString(folder.resolve("f"), "x");
        for (String name : new String[] {"bad\ufffd", "bad\ud800"}) {
            Answer answer = new Cli(folder).run("hash", folder + "/" + name, file.toString());
            assertEquals(1, answer.exitCode(), answer::toString);
            assertTrue(answer.err().contains("a file name that this locale cannot spell"), answer::toString);
            assertTrue(answer.out().endsWith("f\n"), answer::toString);
        }
    }

    @Test
    void aNameThatBeginsWithAnAtSignIsAName() throws IOException {
        Path at = Files.writeString(folder.resolve("@list"), "--help");
        Answer answer = new Cli(folder).run("hash", at.toString());
        assertEquals(0, answer.exitCode());
        assertTrue(answer.out().endsWith("@list\n"), answer::toString);
        answer = new Cli(folder).run("hash", "@none");
        assertTrue(answer.err().contains("@none: no such file"), answer::toString);
        answer = new Cli(folder).run("evm", "run", "--code", "@" + Files.writeString(folder.resolve("code"), "0x00\n"));
        assertEquals(0, answer.exitCode(), answer::toString);
        answer = new Cli(folder).run("evm", "run", "--code", "@" + folder + "/none");
        assertEquals(ExitCode.MISSING, answer.exitCode(), answer::toString);
    }

    @Test
    void algorithmsHaveTheirNamesInEveryUsualSpelling() throws IOException {
        Path file = Files.writeString(folder.resolve("f"), "x");
        Cli cli = new Cli(folder);
        for (String name : new String[] {"SHA3-256", "sha3_256", "Sha3256"}) {
            assertEquals(0, cli.run("hash", "-a", name, file.toString()).exitCode(), name);
        }
        for (String name : new String[] {"P256", "p-256", "P_256", "Ed-25519"}) {
            assertEquals(0, cli.run("keygen", "-f", "-a", name, folder + "/k").exitCode(), name);
        }
        for (String name : new String[] {"AES-256-GCM", "aes256gcm", "ChaCha20_Poly1305"}) {
            assertEquals(0, cli.run("seal", "-f", "--generate", "--suite", name, "-k", folder + "/s", "-o", folder + "/o",
                    file.toString()).exitCode(), name);
        }
        assertEquals(0, cli.run("plan", "--locked", "BEST_EFFORT", "--profile", "Tight").exitCode());
        Answer wrong = cli.run("keygen", "-a", "rsa", folder + "/r");
        assertEquals(ExitCode.USAGE, wrong.exitCode());
        assertTrue(wrong.err().contains("no \"rsa\" (expected one of x25519, ed25519, p256, ml-kem-512, ml-kem-768, ml-kem-1024, x-wing, ml-dsa-44,"),
                wrong::toString);
    }

    @Test
    void fixturesWithoutACaseFail() throws IOException {
        for (String content : new String[] {"", "\n\n"}) {
            Answer answer = new Cli(folder).run("evm", "vectors", Files.writeString(folder.resolve("none.jsonl"), content).toString());
            assertEquals(1, answer.exitCode());
            assertTrue(answer.err().contains("not one case was run"), answer::toString);
        }
        Answer answer = new Cli(folder).run("evm", "vectors", Files.writeString(folder.resolve("no.jsonl.gz"), "no gzip").toString());
        assertEquals(ExitCode.WRONG_FORMAT, answer.exitCode());
        assertEquals(ExitCode.MISSING, new Cli(folder).run("evm", "vectors", folder + "/missing").exitCode());
    }

    @Test
    void helpSaysWhatForceDoesAndHowACommandEnds() {
        for (String command : new String[] {"seal", "open", "sign", "keygen"}) {
            String help = new Cli(folder).run(command, "--help").out().replaceAll("\\s+", " ");
            assertTrue(help.contains("-f, --force") && help.contains("What the command reads is never replaced"), help);
        }
        String help = new Cli(folder).run("--help").out().replaceAll("\\s+", " ");
        assertTrue(help.contains("3 sealed with another key") && help.contains("141 "), help);
        assertTrue(new Cli(folder).run("verify", "--help").out().contains("could not verify"));
    }
}
