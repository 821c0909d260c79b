package dev.coffer.cli;

import dev.coffer.crypto.stream.SealedStream;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `coffer seal`: encrypts and authenticates a file or stream of any size, chunk by chunk.
@Command(name = "seal", mixinStandardHelpOptions = true, versionProvider = Coffer.Version.class,
        description = "Encrypt and authenticate a file or stream of any size in constant memory.")
final class SealCommand implements Callable<Integer> {
    @Mixin
    private SealOptions options;

    @Option(names = "--generate", description = "Make a new key first and write it to the key file, which must not exist.")
    private boolean generate;

    @Option(names = "--suite", paramLabel = "NAME", defaultValue = "chacha20_poly1305",
            description = "chacha20_poly1305 (default) or aes_256_gcm")
    private SealedStream.Suite suite;

    @Override
    public Integer call() {
        try (SealedFiles files = new SealedFiles()) {
            Path key = options.keyFile();
            if (generate) {
                files.generateKey(key);
            } else {
                files.readKey(key);
            }
            files.seal(suite, options.input(), options.output());
        }
        return 0;
    }
}
