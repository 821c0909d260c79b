package dev.coffer.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `coffer verify`: says "valid" and exits 0, or "not valid" and exits 1.
@Command(name = "verify", mixinStandardHelpOptions = true, versionProvider = Coffer.Version.class,
        description = "Verify a file's signature; exit code 0 is valid, 1 is not.")
final class VerifyCommand implements Callable<Integer> {
    @Option(names = {"-k", "--key"}, paramLabel = "FILE", required = true,
            description = "The public key, SubjectPublicKeyInfo PEM or DER.")
    private Path key;

    @Option(names = {"-s", "--signature"}, paramLabel = "FILE",
            description = "The signature; default: the message's name with .sig.")
    private Path signature;

    @Parameters(paramLabel = "FILE", description = "The message; - is standard input, for ECDSA.")
    private String message;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        if (signature == null && message.equals(Streams.STANDARD)) {
            throw new Failure(2, "a message from standard input needs --signature");
        }
        try (SigningKeys keys = new SigningKeys()) {
            boolean valid = keys.verify(keys.publicKey(key), message,
                    signature != null ? signature : Path.of(message + ".sig"));
            spec.commandLine().getOut().println(message + ": " + (valid ? "valid" : "not valid"));
            return valid ? 0 : 1;
        }
    }
}
