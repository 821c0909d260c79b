package dev.coffer.cli;

import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// What `seal` and `open` both take.
final class SealOptions {
    @Option(names = {"-k", "--key"}, paramLabel = "FILE", required = true,
            description = "File with the key: 32 bytes, or 64 hexadecimal digits.")
    private String key;

    @Option(names = {"-o", "--output"}, paramLabel = "FILE",
            description = "Where to write; - or none is standard output. A file appears only when the result is whole.")
    private String output;

    @Parameters(arity = "0..1", paramLabel = "FILE", defaultValue = Standard.NAME,
            description = "What to read; - or none is standard input.")
    private String input;

    String key() {
        return key;
    }

    String input() {
        return input;
    }

    String output() {
        return output == null ? Standard.NAME : output;
    }

    /// {@return whether standard output was asked for by name: then a terminal gets what it gets}
    boolean asksForStandardOutput() {
        return Standard.NAME.equals(output);
    }
}
