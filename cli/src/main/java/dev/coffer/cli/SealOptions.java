package dev.coffer.cli;

import java.nio.file.Path;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// What `seal` and `open` both take.
final class SealOptions {
    @Option(names = {"-k", "--key"}, paramLabel = "FILE", required = true,
            description = "File with the key: 32 bytes, or 64 hexadecimal digits.")
    private Path keyFile;

    @Option(names = {"-o", "--output"}, paramLabel = "FILE", defaultValue = Streams.STANDARD,
            description = "Where to write; - or none is standard output. A file is replaced only by a whole result.")
    private String output;

    @Parameters(arity = "0..1", paramLabel = "FILE", defaultValue = Streams.STANDARD,
            description = "What to read; - or none is standard input.")
    private String input;

    Path keyFile() {
        return keyFile;
    }

    String input() {
        return input;
    }

    String output() {
        return output;
    }
}
