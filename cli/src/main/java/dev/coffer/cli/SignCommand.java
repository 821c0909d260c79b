package dev.coffer.cli;

import dev.coffer.crypto.key.KeyPair;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `coffer sign`: Ed25519 or ECDSA with P-256 and SHA-256, by the key in the file.
@Command(name = "sign", mixinStandardHelpOptions = true, versionProvider = Coffer.Version.class,
        description = "Sign a file: Ed25519 (64 bytes), or ECDSA with P-256 and SHA-256 (DER), by the key.")
final class SignCommand implements Callable<Integer> {
    @Option(names = {"-k", "--key"}, paramLabel = "FILE", required = true, description = "The private key, PKCS#8 PEM or DER.")
    private Path key;

    @Option(names = {"-o", "--output"}, paramLabel = "FILE",
            description = "Where the signature goes; default: the message's name with .sig, - for standard output.")
    private String output;

    @Option(names = "--raw", description = "An ECDSA signature as 64 bytes r and s instead of DER.")
    private boolean raw;

    @Parameters(paramLabel = "FILE", description = "The message; - is standard input, for ECDSA. "
            + "Ed25519 reads it twice: a file that someone changes meanwhile can give the key away.")
    private String message;

    @Override
    public Integer call() {
        String target = output != null ? output : message.equals(Streams.STANDARD) ? Streams.STANDARD : message + ".sig";
        try (SigningKeys keys = new SigningKeys(); KeyPair pair = keys.privateKey(key)) {
            MemorySegment signature = keys.sign(pair, message, raw);
            if (target.equals(Streams.STANDARD)) {
                Streams.drain(target, Streams.standardOutput(), signature.asByteBuffer());
            } else {
                try (FileChannel out = FileChannel.open(Path.of(target), StandardOpenOption.WRITE,
                        StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING)) {
                    Streams.drain(target, out, signature.asByteBuffer());
                } catch (IOException e) {
                    throw Streams.failure(target, e);
                }
            }
        }
        return 0;
    }
}
