package dev.coffer.cli;

import dev.coffer.crypto.stream.SealedStream;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `coffer seal`: encrypts and authenticates a file or stream of any size, chunk by chunk.
@Command(name = "seal", mixinStandardHelpOptions = true, versionProvider = Coffer.Version.class,
        description = "Encrypt and authenticate a file or stream of any size in constant memory.")
final class SealCommand implements Callable<Integer> {
    @Mixin
    private SealOptions options;

    @Option(names = "--generate", description = "Make a new key and write it to the key file, "
            + "flushed before anything sealed with it is.")
    private boolean generate;

    @Option(names = "--suite", paramLabel = "NAME", defaultValue = "chacha20-poly1305",
            description = "chacha20-poly1305 (default) or aes-256-gcm.")
    private SealedStream.Suite suite;

    @Mixin
    private OutputOptions outputs;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        try (CommandFiles files = CommandFiles.of(spec); SealedFiles sealing = new SealedFiles()) {
            Output key = null;
            if (!generate) {
                sealing.readKey(files.key(options.key()));
            }
            Input in = files.input(options.input());
            if (generate) {
                key = files.output(options.key(), Output.Kind.SECRET, outputs.force());
            }
            Output out = files.output(options.output(), Output.Kind.BINARY, outputs.force() || options.asksForStandardOutput());
            if (generate) {
                sealing.generateKey(key);
            }
            Output first = out.isDirect() ? key : null;  // what cannot be called back waits for the key to be safe
            sealing.seal(suite, in, out, () -> {
                if (first != null) {
                    files.publish(first);
                }
            });
            files.complete();
        }
        return ExitCode.DONE;
    }
}
