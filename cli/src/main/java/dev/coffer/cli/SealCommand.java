package dev.coffer.cli;

import dev.coffer.crypto.argon2.Argon2Cost;
import dev.coffer.crypto.key.KeyAlgorithm;
import dev.coffer.crypto.stream.SealedSuite;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `coffer seal`: encrypts and authenticates a file or stream of any size, chunk by chunk.
@Command(name = "seal", mixinStandardHelpOptions = true, versionProvider = Coffer.Version.class,
        description = {"Encrypt and authenticate a file or stream of any size in constant memory, for one key or more: files with 32 bytes, "
                + "passphrases, public keys. Each of them opens it.",
                "It does not say who sealed it: sign what must have a sender."})
final class SealCommand implements Callable<Integer> {
    /// Lanes of Argon2id: as RFC 9106, section 4, recommends.
    private static final int LANES = 4;

    @Mixin
    private SealOptions options;

    @Option(names = {"-t", "--to"}, paramLabel = "FILE",
            description = "Public key of a recipient, PEM or DER: x-wing (X25519 with ML-KEM-768), x25519, p256, ml-kem. Any number.")
    private List<String> to = List.of();

    @Option(names = {"-a", "--algorithm"}, paramLabel = "NAME", description = "Refuse a key of --to of another algorithm.")
    private KeyAlgorithm algorithm;

    @Option(names = "--argon2-memory", paramLabel = "BYTES", defaultValue = "64M", converter = ByteCount.Memory.class,
            description = "Memory that each try of a passphrase takes (Argon2id; default: ${DEFAULT-VALUE}).")
    private long memory;

    @Option(names = "--argon2-passes", paramLabel = "COUNT", defaultValue = "3",
            description = "Passes over it (default: ${DEFAULT-VALUE}).")
    private int passes;

    @Option(names = "--generate", description = "Make a new key and write it to the key file, "
            + "flushed before anything sealed with it is.")
    private boolean generate;

    @Option(names = "--suite", paramLabel = "NAME", defaultValue = "chacha20-poly1305",
            description = "chacha20-poly1305 (default) or aes-256-gcm.")
    private SealedSuite suite;

    @Mixin
    private OutputOptions outputs;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        options.check(spec, !to.isEmpty());
        if (generate && options.key() == null) {
            throw new ParameterException(spec.commandLine(), "--generate makes the key file that --key names");
        }
        Argon2Cost cost = cost();
        try (CommandFiles files = CommandFiles.of(spec); SealedFiles sealing = new SealedFiles(); Passphrase passphrase = new Passphrase()) {
            Output key = null;
            sealing.begin(suite);
            if (options.key() != null && !generate) {
                sealing.addKey(files.key(options.key()));
            }
            addRecipients(files, sealing);
            if (options.passphraseFile() != null) {
                passphrase.read(files.key(options.passphraseFile()));
            }
            Input in = files.input(options.input());
            if (generate) {
                key = files.output(options.key(), Output.Kind.SECRET, outputs.force());
            }
            Output out = files.output(options.output(), Output.Kind.BINARY, outputs.force() || options.asksForStandardOutput());
            if (options.asks()) {
                passphrase.ask(Terminal.OWN, "passphrase: ", true);
            }
            if (options.takesPassphrase()) {
                sealing.addPassphrase(passphrase, cost);
            }
            if (generate) {
                sealing.addNewKey(key);
            }
            Output first = out.isDirect() ? key : null;  // what cannot be called back waits for the key to be safe
            sealing.seal(in, out, () -> {
                if (first != null) {
                    files.publish(first);
                }
            });
            files.complete();
        }
        return ExitCode.DONE;
    }

    private Argon2Cost cost() {
        int kib = (int) Math.min(memory >> 10, Integer.MAX_VALUE);
        if (!Argon2Cost.valid(kib, passes, LANES)) {
            throw new ParameterException(spec.commandLine(), "--argon2-memory " + memory + " with --argon2-passes " + passes
                    + " (expected at least 32K, and 1)");
        }
        return new Argon2Cost(kib, passes, LANES);
    }

    private void addRecipients(CommandFiles files, SealedFiles sealing) {
        if (!to.isEmpty()) {
            try (SigningKeys keys = new SigningKeys(algorithm)) {
                for (String name : to) {
                    sealing.addRecipient(keys, files.input(name));
                }
            }
        }
    }
}
