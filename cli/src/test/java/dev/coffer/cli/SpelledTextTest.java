package dev.coffer.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.cli.Cli.Answer;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/// Somebody else's bytes on a terminal command nothing, whichever command says them.
class SpelledTextTest {
    static {
        FirstLibrary.opened();
    }

    /// Clears the screen, in seven bits and in eight, sets a title, goes back over the line, and ends the paragraph.
    private static final String HOSTILE = "x\u001b[2J\u009b2J\u001b]0;t\u0007\r\b\u007f\u0085\u2028y";
    private static final String SPELT = "x\\x1b[2J\\x9b2J\\x1b]0;t\\x07\\r\\x08\\x7f\\x85\\x2028y";

    @TempDir
    private Path folder;

    private Standard standard(Path out, Path err, FileChannel to, FileChannel toErr, FileChannel in) throws IOException {
        FileIdentity terminal = new FileIdentity(5, 7, 0020620, 136 << 8 | 1, 0, 0);
        assertTrue(terminal.isTerminal());
        return new Standard(new Standard.Descriptor(0, in, FileIdentity.of(Path.of("/dev/null"))), new Standard.Descriptor(1, to, terminal),
                new Standard.Descriptor(2, toErr, FileIdentity.of(err)), Set.of());
    }

    /// Runs a command whose standard output is a terminal, to what the command takes it for.
    private Answer onTerminal(String... words) throws IOException {
        Path out = Files.createTempFile(folder, "out", "");
        Path err = Files.createTempFile(folder, "err", "");
        try (FileChannel in = FileChannel.open(Path.of("/dev/null")); FileChannel to = FileChannel.open(out, StandardOpenOption.WRITE);
                FileChannel toErr = FileChannel.open(err, StandardOpenOption.WRITE)) {
            int exitCode = Main.run(words, standard(out, err, to, toErr, in));
            return new Answer(exitCode, Files.readAllBytes(out), Files.readString(err));
        }
    }

    private static boolean commands(String text) {
        return text.chars().anyMatch(c -> c != '\n' && c != '\t' && Failure.isControl(c));
    }

    @Test
    void whatCommandsATerminalIsSpeltOutHoweverItIsWritten() throws IOException {
        StringWriter to = new StringWriter();
        SpelledText text = new SpelledText(to);
        text.write("..a\tb\n" + HOSTILE + "..", 2, 4 + HOSTILE.length());
        text.write(HOSTILE.toCharArray(), 0, HOSTILE.length());
        for (char c : HOSTILE.toCharArray()) {
            text.write(c);
        }
        text.pass(true);
        text.write("\u001b[1m");
        text.pass(false);
        text.write("\u001b");
        assertEquals("a\tb\n" + SPELT + SPELT + SPELT + "\u001b[1m\\x1b", to.toString());
    }

    @Test
    void whatTheJdkWritesToStandardErrorIsSpeltOut() throws IOException {
        Path err = folder.resolve("err");
        try (FileChannel toErr = FileChannel.open(err, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                PrintStream stream = StandardText.errorStream(standard(err, err, toErr, toErr, toErr))) {
            stream.print("coffer: \u001b[2J\n");
            stream.write('\u0007');
        }
        assertEquals("coffer: \\x1b[2J\n\\x07", Files.readString(err, StandardCharsets.UTF_8));
    }

    /// Words of somebody else's for every command, in each place where it takes one.
    @Test
    void noCommandSaysWhatCommandsATerminal() throws IOException {
        Path hostile = folder.resolve(HOSTILE);
        Files.writeString(hostile, HOSTILE);
        Set<String> seen = new TreeSet<>();
        CommandLine line = Main.commandLine(Standard.ofProcess());
        List<CommandLine> all = line.getSubcommands().values().stream()
                .flatMap(one -> one.getSubcommands().isEmpty() ? List.of(one).stream() : one.getSubcommands().values().stream()).toList();
        for (CommandLine one : all) {
            String[] name = one.getCommandSpec().qualifiedName(" ").substring("coffer ".length()).split(" ");
            for (String[] more : new String[][] {{hostile.toString()}, {hostile + "no"}, {"--" + HOSTILE}, {"-k", hostile.toString(), hostile.toString()},
                    {"-a", HOSTILE, hostile.toString()}, {"--check", hostile.toString()}, {"--code", "@" + hostile}, {"--url", "http://" + HOSTILE + "/"}}) {
                if (name[0].equals("audit") || name[0].equals("serve") && !more[0].startsWith("-")) {
                    continue;  // which would go on
                }
                String[] words = new String[name.length + more.length];
                System.arraycopy(name, 0, words, 0, name.length);
                System.arraycopy(more, 0, words, name.length, more.length);
                Answer answer = onTerminal(words);
                assertFalse(commands(answer.err()), () -> String.join(" ", words) + ": " + Failure.printable(answer.toString()));
                assertFalse(commands(answer.out()), () -> String.join(" ", words) + ": " + Failure.printable(answer.toString()));
                seen.add(name[0]);
            }
        }
        assertTrue(seen.size() > 12, seen::toString);
    }

    @Test
    void helpHasItsColoursAndAPipeGetsWhatItIsGiven() {
        StringWriter to = new StringWriter();
        PrintWriter out = StandardText.output(to, true);
        StandardText.passing(out, true);
        out.print("\u001b[1mhelp");
        StandardText.passing(out, false);
        out.print("\u001b");
        out.flush();
        assertEquals("\u001b[1mhelp\\x1b", to.toString());
        StringWriter pipe = new StringWriter();
        PrintWriter plain = StandardText.output(pipe, false);
        plain.print("a\0b");
        plain.flush();
        assertEquals("a\0b", pipe.toString());
    }
}
