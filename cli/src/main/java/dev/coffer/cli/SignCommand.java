package dev.coffer.cli;

import dev.coffer.crypto.key.KeyAlgorithm;
import dev.coffer.crypto.key.KeyPair;
import java.nio.ByteBuffer;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `coffer sign`: Ed25519, ECDSA with P-256 and SHA-256, ML-DSA, SLH-DSA or Falcon, by the key in the file.
@Command(name = "sign", mixinStandardHelpOptions = true, versionProvider = Coffer.Version.class,
        description = {"Sign a file or stream: Ed25519 (64 bytes), ECDSA with P-256 and SHA-256 (DER), ML-DSA (2,420 to 4,627 bytes), "
                + "SLH-DSA (7,856 to 49,856) or Falcon (compressed, about 655 or 1,271), by the key.",
                "Ed25519 reads a message twice. A file may have any size, and one that changes meanwhile is refused; a stream is "
                        + "gathered in locked memory up to --limit. ECDSA, ML-DSA and Falcon read once, and have no limit. SLH-DSA gathers "
                        + "files and streams up to --limit."})
final class SignCommand implements Callable<Integer> {
    @Option(names = {"-k", "--key"}, paramLabel = "FILE", required = true, description = "The private key, PKCS#8 PEM or DER.")
    private String key;

    @Option(names = {"-a", "--algorithm"}, paramLabel = "NAME", description = "Refuse a key of another algorithm.")
    private KeyAlgorithm algorithm;

    @Option(names = {"-o", "--output"}, paramLabel = "FILE",
            description = "Where the signature goes; default: the message's name with .sig, and for a stream standard output, "
                    + "which - names too.")
    private String output;

    @Option(names = "--raw", description = "An ECDSA signature as 64 bytes r and s instead of DER.")
    private boolean raw;

    @Option(names = "--limit", paramLabel = "BYTES", defaultValue = "64M", converter = ByteCount.class,
            description = "The longest stream that Ed25519 signs and the longest message that SLH-DSA does, in bytes or as 64K, 64M, 1G (default: ${DEFAULT-VALUE}). "
                    + "More than 64K take as much memory as this says.")
    private long limit;

    @Parameters(arity = "0..1", paramLabel = "FILE", defaultValue = Standard.NAME,
            description = "The message; - or none is standard input.")
    private String message;

    @Mixin
    private OutputOptions outputs;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        try (CommandFiles files = CommandFiles.of(spec); SigningKeys keys = new SigningKeys(algorithm);
                KeyPair pair = keys.privateKey(files.key(key)); Signing signing = new Signing()) {
            Input in = files.input(message);
            String named = in.isStandard() || !in.isRewindable() ? Standard.NAME : message + ".sig";
            Output out = files.output(output == null ? named : output, Output.Kind.BINARY,
                    outputs.force() || Standard.NAME.equals(output));
            ByteBuffer signature = signing.sign(pair, in, raw, limit);
            out.write(signature);
            files.complete();
        }
        return ExitCode.DONE;
    }
}
