package dev.coffer.cli;

import dev.coffer.crypto.key.KeyAlgorithm;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `coffer keygen`: a new key pair, PKCS#8 and SubjectPublicKeyInfo in PEM, as other tools read them.
@Command(name = "keygen", mixinStandardHelpOptions = true, versionProvider = Coffer.Version.class,
        description = "Make a key pair: FILE with the private key (PKCS#8 PEM, its owner's alone) and FILE.pub with the public "
                + "one. Neither may exist.")
final class KeygenCommand implements Callable<Integer> {
    @Option(names = {"-a", "--algorithm"}, paramLabel = "NAME", defaultValue = "ed25519",
            description = "ed25519 (default), p256 or x25519")
    private KeyAlgorithm algorithm;

    @Parameters(paramLabel = "FILE", description = "Where the private key goes.")
    private Path file;

    @Override
    public Integer call() {
        try (SigningKeys keys = new SigningKeys()) {
            keys.generate(algorithm, file, Path.of(file + ".pub"));
        }
        return 0;
    }
}
