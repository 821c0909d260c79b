package dev.coffer.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// `coffer open`: verifies and decrypts what `coffer seal` wrote. No unverified byte is written. Another key, a changed
/// file, one that is no sealed file and one that is missing are four exit codes.
@Command(name = "open", mixinStandardHelpOptions = true, versionProvider = Coffer.Version.class,
        description = {"Verify and decrypt what seal wrote.",
                "Nothing unverified is written. An output file appears only when the whole input is verified; standard output "
                        + "gets each chunk as it is verified, and a cut input shows at the end: check the exit code."})
final class OpenCommand implements Callable<Integer> {
    @Mixin
    private SealOptions options;

    @Mixin
    private OutputOptions outputs;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        try (CommandFiles files = CommandFiles.of(spec); SealedFiles opening = new SealedFiles()) {
            opening.readKey(files.key(options.key()));
            Input in = files.input(options.input());
            Output out = files.output(options.output(), Output.Kind.UNKNOWN, outputs.force() || options.asksForStandardOutput());
            opening.open(in, out);
            files.complete();
        }
        return ExitCode.DONE;
    }
}
