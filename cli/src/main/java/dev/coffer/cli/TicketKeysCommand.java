package dev.coffer.cli;

import dev.coffer.cli.certificate.ServerTickets;
import dev.coffer.tls.TicketKeys;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `coffer ticket-keys`: makes or turns the file of keys that several servers seal their session tickets with.
@Command(name = "ticket-keys", mixinStandardHelpOptions = true, versionProvider = Coffer.Version.class,
        description = "Make the file of keys that servers seal TLS session tickets with, or add a fresh key to it.",
        footer = {"",
                "Servers that share it (`serve --ticket-keys FILE`) resume each other's sessions; they read it again on SIGHUP. With --in the fresh key is "
                        + "known to all of them before the first uses it. Keys whose time is over go. Whoever has the file can pass for any client's "
                        + "session: it is its owner's alone."})
final class TicketKeysCommand implements Callable<Integer> {
    private static final int IN_SECONDS_MAX = 30 * 24 * 3600;

    @Parameters(paramLabel = "FILE", description = "Of the keys. It is replaced as a whole. - is standard output: a new file of one key.")
    private String name;

    @Option(names = "--in", paramLabel = "SECONDS", defaultValue = "0",
            description = "When the fresh key begins to seal, from now: 0 to 2592000. Default: ${DEFAULT-VALUE}.")
    private int in;

    @Option(names = "--lifetime", paramLabel = "SECONDS", defaultValue = "21600",
            description = "How long the key before it opens from then on: as long as a ticket may live, 1 to 604800. Default: ${DEFAULT-VALUE}.")
    private int lifetime;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        if (in < 0 || in > IN_SECONDS_MAX || lifetime < 1 || lifetime > TicketKeys.LIFETIME_SECONDS_MAX) {
            throw new ParameterException(spec.commandLine(), "--in: 0 to " + IN_SECONDS_MAX + "; --lifetime: 1 to " + TicketKeys.LIFETIME_SECONDS_MAX);
        }
        try (CommandFiles files = CommandFiles.of(spec)) {
            if (name.equals(Standard.NAME) || Place.of(name).descriptor() >= 0) {
                Output output = files.output(name, Output.Kind.BINARY, false);
                ServerTickets.fresh(in, lifetime, output::write);
                files.complete();
                return ExitCode.DONE;
            }
            Path file = Place.path(name);
            files.readElsewhere(file);
            int count = ServerTickets.turn(file, in, lifetime);
            spec.commandLine().getOut().println(Failure.printable(name) + ": " + count + (count == 1 ? " key" : " keys"));
            return ExitCode.DONE;
        } catch (IOException e) {
            throw Failure.of(ExitCode.FAILED, name, e);
        }
    }
}
