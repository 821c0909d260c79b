package dev.coffer.testkit;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/// Another program that answers each line with one line: an implementation in another language, to compare with. Between
/// [#ask] and [#answer] the caller is free to work while it does. One thread at a time.
public final class LineChild implements AutoCloseable {
    private final Process process;
    private final BufferedWriter to;
    private final BufferedReader from;
    private final String name;

    /// Starts a program; its error stream is ours.
    ///
    /// @param folder   where it runs
    /// @param command  program and arguments
    /// @throws UncheckedIOException  it does not start; the message names it
    public LineChild(Path folder, List<String> command) {
        this.name = String.join(" ", command);
        try {
            process = new ProcessBuilder(command).directory(folder.toFile())
                    .redirectError(ProcessBuilder.Redirect.INHERIT).start();
        } catch (IOException e) {
            throw new UncheckedIOException(name + " in " + folder, e);
        }
        to = new BufferedWriter(new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8), 1 << 16);
        from = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8), 1 << 16);
    }

    /// Sends a line.
    public void ask(String line) {
        try {
            to.write(line);
            to.write('\n');
            to.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(name, e);
        }
    }

    /// {@return the answer to the line that was sent before; waits for it}
    ///
    /// @throws IllegalStateException  the program has ended
    public String answer() {
        try {
            String line = from.readLine();
            if (line == null) {
                throw new IllegalStateException(name + " ended without an answer");
            }
            return line;
        } catch (IOException e) {
            throw new UncheckedIOException(name, e);
        }
    }

    /// Ends the program.
    @Override
    public void close() {
        process.destroy();
    }
}
