package dev.coffer.cli;

import dev.coffer.crypto.key.KeyAlgorithm;
import dev.coffer.crypto.key.PrivateKeyForm;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `coffer keygen`: a new key pair, PKCS#8 and SubjectPublicKeyInfo in PEM, as other tools read them.
@Command(name = "keygen", mixinStandardHelpOptions = true, versionProvider = Coffer.Version.class,
        description = "Make a key pair: FILE with the private key (PKCS#8 PEM, its owner's alone) and FILE.pub with the public "
                + "one. Both are made, or none.")
final class KeygenCommand implements Callable<Integer> {
    @Option(names = {"-a", "--algorithm"}, paramLabel = "NAME", defaultValue = "ed25519",
            description = {
                    "ed25519 (default), p256 or x25519; x-wing, which is X25519 with ML-KEM-768 (x25519mlkem768 names it too); ml-kem-512, -768, -1024; ml-dsa-44, -65, -87; "
                            + "slh-dsa-sha2- or slh-dsa-shake- with 128, 192, 256 and s (short signatures, slow) or f (fast); falcon-512, -1024 (no standard yet, nor are their files: as Bouncy Castle writes them)."})
    private KeyAlgorithm algorithm;

    @Option(names = "--private-key-form", paramLabel = "FORM", defaultValue = "seed",
            description = "What the file of an ml-kem or ml-dsa key holds: seed (default; RFC 9935, RFC 9881), expanded "
                    + "(which JDK 25 and older programs read), or both.")
    private PrivateKeyForm form;

    @Parameters(paramLabel = "FILE", description = "Where the private key goes: a file, as FILE.pub stands beside it.")
    private String file;

    @Mixin
    private OutputOptions outputs;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        try (CommandFiles files = CommandFiles.of(spec); SigningKeys keys = new SigningKeys()) {
            String beside = Place.beside(file, ".pub");  // before a pipe is opened
            Output privateFile = files.output(file, Output.Kind.SECRET, outputs.force());
            Output publicFile = files.output(beside, Output.Kind.TEXT, outputs.force());
            keys.generate(algorithm, form, privateFile, publicFile);
            files.complete();
        }
        return ExitCode.DONE;
    }
}
