package dev.coffer.cli;

import dev.coffer.crypto.key.KeyAlgorithm;
import dev.coffer.crypto.key.KeyPair;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `coffer decapsulate`: the secret of a ciphertext.
@Command(name = "decapsulate", mixinStandardHelpOptions = true, versionProvider = Coffer.Version.class,
        description = {"Take the shared secret out of a ciphertext that encapsulate made.",
                "A changed ciphertext of ML-KEM gives another secret and no error (FIPS 203, section 6.3): what is done with the secret "
                        + "shows it."})
final class DecapsulateCommand implements Callable<Integer> {
    @Option(names = {"-k", "--key"}, paramLabel = "FILE", required = true, description = "The private key, PKCS#8 PEM or DER.")
    private String key;

    @Option(names = {"-a", "--algorithm"}, paramLabel = "NAME", description = "Refuse a key of another algorithm.")
    private KeyAlgorithm algorithm;

    @Option(names = {"-s", "--secret"}, paramLabel = "FILE", required = true,
            description = "Where the secret goes: 64 hexadecimal digits, its owner's alone.")
    private String secret;

    @Parameters(arity = "0..1", paramLabel = "FILE", defaultValue = Standard.NAME,
            description = "The ciphertext; - or none is standard input.")
    private String ciphertext;

    @Mixin
    private OutputOptions outputs;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        try (CommandFiles files = CommandFiles.of(spec); SigningKeys keys = new SigningKeys(algorithm); Encapsulation work = new Encapsulation()) {
            try (KeyPair pair = keys.decapsulationKey(files.key(key))) {
                Input in = files.input(ciphertext);
                Output secretFile = files.output(secret, Output.Kind.SECRET, outputs.force());
                work.decapsulate(pair, in, secretFile);
            }
            files.complete();
        }
        return ExitCode.DONE;
    }
}
