package dev.coffer.cli;

import picocli.CommandLine.Option;

/// The one habit of every command that writes files.
final class OutputOptions {
    @Option(names = {"-f", "--force"},
            description = "Replace an output that exists already, or write to a terminal what is no text. Without it both are "
                    + "refused. What the command reads is never replaced, with --force or without.")
    private boolean force;

    boolean force() {
        return force;
    }
}
