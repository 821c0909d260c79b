package dev.coffer.cli;

import dev.coffer.crypto.key.KeyAlgorithm;
import dev.coffer.crypto.key.PublicKey;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `coffer verify`: says "valid" and exits 0, or "not valid" and exits 1; 2 where it could not tell.
@Command(name = "verify", mixinStandardHelpOptions = true, versionProvider = Coffer.Version.class,
        description = "Verify the signature of a file or stream: Ed25519, ECDSA, ML-DSA, SLH-DSA, Falcon in each of its forms, as the key says.",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:valid", "1:not valid", "2:could not verify: no such file, no key, no memory, an answer that cannot be written, a wrong command line",
                "70:a fault of coffer's own", "141:who read standard output went away"})
final class VerifyCommand implements Callable<Integer> {
    @Option(names = {"-k", "--key"}, paramLabel = "FILE", required = true,
            description = "The public key, SubjectPublicKeyInfo PEM or DER.")
    private String key;

    @Option(names = {"-a", "--algorithm"}, paramLabel = "NAME", description = "Refuse a key of another algorithm.")
    private KeyAlgorithm algorithm;

    @Option(names = {"-s", "--signature"}, paramLabel = "FILE",
            description = "The signature; default: the message's name with .sig.")
    private String signature;

    @Option(names = "--limit", paramLabel = "BYTES", defaultValue = "64M", converter = ByteCount.class,
            description = "The longest message that is verified with SLH-DSA, in bytes or as 64K, 64M, 1G (default: ${DEFAULT-VALUE}); "
                    + "others have no limit.")
    private long limit;

    @Option(names = {"-q", "--quiet"}, description = "Print no answer: the exit code says it.")
    private boolean quiet;

    @Parameters(arity = "0..1", paramLabel = "FILE", defaultValue = Standard.NAME,
            description = "The message; - or none is standard input, and needs --signature.")
    private String message;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        boolean valid;
        try {
            valid = verified();
            if (!quiet) {
                spec.commandLine().getOut().println(Failure.printable(message) + ": " + (valid ? "valid" : "not valid"));
                spec.commandLine().getOut().flush();  // an answer that does not arrive is none
            }
        } catch (BrokenPipe | CommandFiles.Unsayable e) {
            throw e;
        } catch (Failure e) {
            throw new Failure(ExitCode.USAGE, e.getMessage(), e);
        } catch (RuntimeException | OutOfMemoryError e) {
            if (!Failure.isMemory(e)) {
                throw e;
            }
            throw new Failure(ExitCode.USAGE, Failure.memory(e).getMessage(), e);
        }
        return valid ? ExitCode.DONE : ExitCode.FAILED;
    }

    private boolean verified() {
        try (CommandFiles files = CommandFiles.of(spec); SigningKeys keys = new SigningKeys(algorithm); Signing signing = new Signing()) {
            PublicKey publicKey = keys.publicKey(files.input(key));
            if (signature == null && message.equals(Standard.NAME)) {
                throw new Failure(ExitCode.USAGE, "a message from standard input needs --signature");
            }
            Input signed = files.input(signature != null ? signature : message + ".sig");
            return signing.verify(publicKey, signed, files.input(message), limit);
        }
    }
}
