package dev.coffer.cli;

import dev.coffer.crypto.key.KeyAlgorithm;
import java.nio.ByteBuffer;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `coffer encapsulate`: a secret, and the ciphertext that brings it to the holder of a private key.
@Command(name = "encapsulate", mixinStandardHelpOptions = true, versionProvider = Coffer.Version.class,
        description = {"Make a shared secret and the ciphertext that brings it to the holder of a private key: ML-KEM, X-Wing; with X25519 "
                + "and P-256 an exchange of keys, whose ciphertext is a public key.",
                "The secret is written as seal -k and open -k read a key. With X25519 and P-256 it is what the curve gives, which a key "
                        + "derivation should take. To seal files take seal --to."})
final class EncapsulateCommand implements Callable<Integer> {
    @Option(names = {"-k", "--key"}, paramLabel = "FILE", required = true, description = "The public key, PEM or DER.")
    private String key;

    @Option(names = {"-a", "--algorithm"}, paramLabel = "NAME", description = "Refuse a key of another algorithm.")
    private KeyAlgorithm algorithm;

    @Option(names = {"-s", "--secret"}, paramLabel = "FILE", required = true,
            description = "Where the secret goes: 64 hexadecimal digits, its owner's alone.")
    private String secret;

    @Option(names = {"-o", "--output"}, paramLabel = "FILE", defaultValue = Standard.NAME,
            description = "Where the ciphertext goes; - or none is standard output.")
    private String output;

    @Mixin
    private OutputOptions outputs;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        try (CommandFiles files = CommandFiles.of(spec); SigningKeys keys = new SigningKeys(algorithm); Encapsulation work = new Encapsulation()) {
            Input keyFile = files.input(key);
            Output secretFile = files.output(secret, Output.Kind.SECRET, outputs.force());
            Output ciphertext = files.output(output, Output.Kind.BINARY, outputs.force());
            ByteBuffer made = work.encapsulate(keyFile, keys.encapsulationKey(keyFile), secretFile);
            if (ciphertext.isDirect()) {  // what cannot be called back waits for the secret to be safe
                files.publish(secretFile);
            }
            ciphertext.write(made);
            files.complete();
        }
        return ExitCode.DONE;
    }
}
