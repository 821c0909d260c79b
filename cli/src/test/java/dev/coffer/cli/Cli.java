package dev.coffer.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;

/// Runs the command in this virtual machine, its standard streams led to files as a shell leads them.
final class Cli {
    private static final Path NOTHING = Path.of("/dev/null");

    static {
        FirstLibrary.opened();
    }

    private final Path out;
    private final Path err;

    /// What came of a command.
    record Answer(int exitCode, byte[] bytes, String err) {
        String out() {
            return new String(bytes, StandardCharsets.UTF_8);
        }

        @Override
        public String toString() {
            return "exit " + exitCode + ", out: " + out() + ", err: " + err;
        }
    }

    /// @param folder  for the streams that are caught, apart from the files of the test
    Cli(Path folder) {
        out = folder.resolve("caught.out");
        err = folder.resolve("caught.err");
    }

    Answer run(String... arguments) {
        return with(NOTHING, null, null, arguments);
    }

    /// `coffer ARGUMENTS < input`.
    Answer from(Path input, String... arguments) {
        return with(input, null, null, arguments);
    }

    /// With streams led to files, `null` for caught ones. Output is appended, so that nothing is lost before the command
    /// can refuse.
    Answer with(Path input, Path output, Path error, String... arguments) {
        try {
            Files.deleteIfExists(out);
            Files.deleteIfExists(err);
            int exitCode;
            try (FileChannel in = FileChannel.open(input, StandardOpenOption.READ);
                    FileChannel to = append(output == null ? out : output);
                    FileChannel toErr = append(error == null ? err : error)) {
                Standard standard = new Standard(new Standard.Descriptor(0, in, FileIdentity.of(input)),
                        new Standard.Descriptor(1, to, FileIdentity.of(output == null ? out : output)),
                        new Standard.Descriptor(2, toErr, FileIdentity.of(error == null ? err : error)), Set.of());
                exitCode = Main.run(arguments, standard);
                if (!in.isOpen() || !to.isOpen() || !toErr.isOpen()) {
                    throw new AssertionError("a standard stream was closed, which is not the command's: " + String.join(" ", arguments));
                }
            }
            return new Answer(exitCode, output == null ? Files.readAllBytes(out) : new byte[0],
                    error == null ? Files.readString(err) : "");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static FileChannel append(Path file) throws IOException {
        return Files.exists(file) && !Files.isRegularFile(file) ? FileChannel.open(file, StandardOpenOption.WRITE)
                : FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }
}
