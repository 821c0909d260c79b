package dev.coffer.cli;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/// What `seal` and `open` both take.
final class SealOptions {
    @Option(names = {"-k", "--key"}, paramLabel = "FILE",
            description = "File with the key: 32 bytes, or 64 hexadecimal digits.")
    private String key;

    @Option(names = {"-p", "--passphrase"},
            description = "Ask for a passphrase on the terminal, where it does not show.")
    private boolean asks;

    @Option(names = "--passphrase-file", paramLabel = "FILE",
            description = "Read a passphrase from a file or pipe of one line (--passphrase-file <(...), /dev/fd/3); - is standard input. "
                    + "There is no option that takes it itself: other users would see that.")
    private String passphraseFile;

    @Option(names = {"-o", "--output"}, paramLabel = "FILE",
            description = "Where to write; - or none is standard output. A file appears only when the result is whole.")
    private String output;

    @Parameters(arity = "0..1", paramLabel = "FILE", defaultValue = Standard.NAME,
            description = "What to read; - or none is standard input.")
    private String input;

    /// {@return the file of the key, or null}
    String key() {
        return key;
    }

    boolean takesPassphrase() {
        return asks || passphraseFile != null;
    }

    /// {@return whether there is a passphrase to ask for}
    boolean asks() {
        return asks;
    }

    /// {@return the file of the passphrase, or null}
    String passphraseFile() {
        return passphraseFile;
    }

    /// Refuses what says two things.
    void check(CommandSpec spec, boolean others) {
        if (asks && passphraseFile != null) {
            throw new ParameterException(spec.commandLine(), "--passphrase and --passphrase-file are two ways to give one passphrase");
        }
        if (key == null && !takesPassphrase() && !others) {
            throw new ParameterException(spec.commandLine(), "with which key? --key, --passphrase, " + (spec.name().equals("seal")
                    ? "--to with a public key"
                    : "--identity with a private key"));
        }
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
