package dev.coffer.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// `coffer open`: verifies and decrypts what `coffer seal` wrote. No unverified byte is written; a file that was cut, changed
/// or sealed with another key exits 1.
@Command(name = "open", mixinStandardHelpOptions = true, versionProvider = Coffer.Version.class,
        description = {"Verify and decrypt what seal wrote.",
            "Nothing unverified is written. An output file appears only when the whole input is verified; standard output "
                    + "gets each chunk as it is verified, and a cut input shows at the end: check the exit code."})
final class OpenCommand implements Callable<Integer> {
    @Mixin
    private SealOptions options;

    @Override
    public Integer call() {
        try (SealedFiles files = new SealedFiles()) {
            files.readKey(options.keyFile());
            files.open(options.input(), options.output());
        }
        return 0;
    }
}
