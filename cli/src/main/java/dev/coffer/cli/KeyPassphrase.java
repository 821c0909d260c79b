package dev.coffer.cli;

import dev.coffer.cli.certificate.Passphrases;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/// The option of `serve` and `get` that says what opens a key under a passphrase. Asked for when a file turns out to have one, and not before. What was typed, or
/// came through a pipe, stays in locked memory until this is closed: the same file may have to be read again. Several keys are asked for each by itself, and share what is named.
final class KeyPassphrase implements Passphrases, AutoCloseable {
    @Option(names = "--passphrase-file", paramLabel = "FILE",
            description = "Where --key is under a passphrase, PKCS#12 or encrypted PKCS#8: read it from a file or pipe of one line (--passphrase-file <(...)); - is "
                    + "standard input. Default: it is asked for on the terminal.")
    private String file;

    private CommandSpec spec;
    private final Map<Path, Passphrase> kept = new HashMap<>();  // by the key's file; one for all where it was named
    private boolean over;  // nobody is asked any more

    /// {@return this, as the option of that command, whose files and standard input are read}
    Passphrases of(CommandSpec command) {
        spec = command;
        return this;
    }

    /// {@return the file that it is read from, where there is one with a name}
    Stream<Path> files() {
        return file == null || file.equals(Standard.NAME) ? Stream.empty() : Stream.of(Path.of(file));
    }

    /// {@return how many are kept, because files asked for them}
    synchronized int count() {
        return kept.size();
    }

    /// {@return whether it was named}
    boolean isNamed() {
        return file != null;
    }

    /// A server is at work from here on: what it has, or a file that can be read again, is all that there is. Whoever would be waited for, at a terminal or the other end
    /// of a pipe, would hold up all that is read again, and the server's end.
    synchronized void asksNobody() {
        over = true;
    }

    @Override
    public synchronized int of(Path key, MemorySegment room) {
        boolean again = files().anyMatch(KeyPassphrase::isRegular);
        Path of = file == null ? key : Path.of(file);
        Passphrase there = kept.get(of);
        if (over && there == null && !again) {
            throw new Failure(ExitCode.WRONG_KEY,
                    "a key under a passphrase, which nobody is asked for while the server runs (expected --passphrase-file with a file, "
                            + "or a new start)");
        }
        if (there == null || again) {
            Passphrase read = read(key);
            kept.put(of, read);
            if (there != null) {
                there.close();
            }
            there = read;
        }
        MemorySegment.copy(there.segment(), 0, room, 0, there.length());
        return there.length();
    }

    private static boolean isRegular(Path file) {
        try {
            FileIdentity identity = FileIdentity.orNull(file);
            return identity != null && identity.isRegular();
        } catch (IOException e) {
            return false;
        }
    }

    private Passphrase read(Path key) {
        Passphrase read = new Passphrase();
        boolean whole = false;
        try {
            if (file == null) {
                read.ask(Terminal.OWN, "passphrase of " + Failure.printable(key.toString()) + ": ", false);
            } else {
                try (CommandFiles files = CommandFiles.of(spec); Input in = files.key(file)) {
                    read.read(in);
                }
            }
            whole = true;
            return read;
        } finally {
            if (!whole) {
                read.close();
            }
        }
    }

    /// Wipes it.
    @Override
    public synchronized void close() {
        kept.values().forEach(Passphrase::close);
        kept.clear();
    }
}
