package dev.coffer.cli;

import dev.coffer.crypto.key.KeyAlgorithm;
import dev.coffer.crypto.stream.PassphraseLimit;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `coffer open`: verifies and decrypts what `coffer seal` wrote. No unverified byte is written. Another key, a changed
/// file, one that is no sealed file and one that is missing are four exit codes.
@Command(name = "open", mixinStandardHelpOptions = true, versionProvider = Coffer.Version.class,
        description = {"Verify and decrypt what seal wrote.",
                "Nothing unverified is written. An output file appears only when the whole input is verified; standard output "
                        + "gets each chunk as it is verified, and a cut input shows at the end: check the exit code."})
final class OpenCommand implements Callable<Integer> {
    @Mixin
    private SealOptions options;

    @Option(names = {"-i", "--identity"}, paramLabel = "FILE",
            description = "Private key of a recipient, PKCS#8 PEM or DER. Any number: each is tried.")
    private List<String> identities = List.of();

    @Option(names = {"-a", "--algorithm"}, paramLabel = "NAME", description = "Refuse a key of --identity of another algorithm.")
    private KeyAlgorithm algorithm;

    @Option(names = "--argon2-memory-limit", paramLabel = "BYTES", defaultValue = "1G", converter = ByteCount.Memory.class,
            description = "Memory that a file may ask for to try a passphrase (default: ${DEFAULT-VALUE}).")
    private long memoryLimit;

    @Option(names = "--argon2-work-limit", paramLabel = "BYTES", defaultValue = "16G", converter = ByteCount.Memory.class,
            description = "Memory times passes that it may ask for, all passphrases together; about a second for each 1G (default: "
                    + "${DEFAULT-VALUE}).")
    private long workLimit;

    @Mixin
    private OutputOptions outputs;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        options.check(spec, !identities.isEmpty());
        try (CommandFiles files = CommandFiles.of(spec); SealedFiles opening = new SealedFiles(); SigningKeys keys = new SigningKeys(algorithm);
                Passphrase passphrase = new Passphrase()) {
            Input key = options.key() == null ? null : files.key(options.key());
            List<Input> identityFiles = identities.stream().map(files::key).toList();
            if (options.passphraseFile() != null) {
                passphrase.read(files.key(options.passphraseFile()));
            }
            Input in = files.input(options.input());
            Output out = files.output(options.output(), Output.Kind.UNKNOWN, outputs.force() || options.asksForStandardOutput());
            opening.takeHeader(in);
            boolean opens = key != null && opening.opensWithKey(in, key);
            for (Input identity : identityFiles) {
                opens = opens || opening.opensWithIdentity(in, keys, identity);
            }
            if (!opens && !opensWithPassphrase(opening, in, passphrase)) {
                throw new Failure(ExitCode.WRONG_KEY, in.name() + ": sealed with another key");
            }
            opening.open(in, out);
            files.complete();
        }
        return ExitCode.DONE;
    }

    /// A passphrase is asked for where it can help, and only then.
    private boolean opensWithPassphrase(SealedFiles opening, Input in, Passphrase passphrase) {
        if (!options.takesPassphrase() || !opening.takesPassphrases()) {
            return false;
        }
        if (options.asks()) {
            passphrase.ask(Terminal.OWN, "passphrase: ", false);
        }
        return opening.opensWithPassphrase(in, passphrase, limit());
    }

    private PassphraseLimit limit() {
        long least = 8;
        return new PassphraseLimit((int) Math.clamp(memoryLimit >> 10, least, Integer.MAX_VALUE), Math.max(workLimit >> 10, least));
    }
}
