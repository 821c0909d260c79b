package dev.coffer.crypto.easy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.Hash;
import dev.coffer.memory.Wipe;
import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.spi.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A key of one kind does not compile in the place of another, by the JDK's compiler.
class KindsTest {
    @TempDir
    Path folder;

    private static final String BEFORE = """
            import dev.coffer.crypto.easy.*;
            final class Program {
                static void main(EasyCrypto crypto, byte[] bytes) throws Exception {
                    KeyPair<KemSet.XWing768> sealing = crypto.keygen(Level.THREE);
                    KeyPair<KemSet.MlKem512> small = crypto.keygen(Level.ONE);
                    KeyPair<SignatureSet.MlDsa65> signing = crypto.keygenToSign(Level.THREE);
                    Encapsulated<KemSet.XWing768> sent = crypto.encapsulate(sealing.publicKey());
            """;

    private String compile(String line) {
        Path source = folder.resolve("Program.java");
        try {
            Files.writeString(source, BEFORE + line + "\n}}\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        StringWriter said = new StringWriter();
        PrintWriter out = new PrintWriter(said);
        int exitCode = ToolProvider.findFirst("javac").orElseThrow().run(out, out, "-proc:none", "-d", folder.toString(), "-cp",
                String.join(File.pathSeparator, place(Hash.class), place(Wipe.class)), source.toString());
        return exitCode == 0 ? "" : said.toString();
    }

    private static String place(Class<?> type) {
        return Path.of(URI.create(type.getProtectionDomain().getCodeSource().getLocation().toString())).toString();
    }

    @ParameterizedTest
    @ValueSource(strings = {"crypto.seal(sealing.publicKey(), bytes);", "crypto.open(sealing.secretKey(), bytes);",
            "crypto.sign(signing.secretKey(), bytes);", "crypto.verify(signing.publicKey(), bytes, bytes);",
            "crypto.seal(sent.sharedSecret(), bytes);", "crypto.decapsulate(sealing.secretKey(), sent.ciphertext(), sent.sharedSecret());"})
    void theRightKindCompiles(String line) {
        assertEquals("", compile(line));
    }

    @ParameterizedTest
    @ValueSource(strings = {"crypto.seal(signing.publicKey(), bytes);", "crypto.seal(sealing.secretKey(), bytes);",
            "crypto.open(sealing.publicKey(), bytes);", "crypto.open(signing.secretKey(), bytes);", "crypto.sign(sealing.secretKey(), bytes);",
            "crypto.sign(signing.publicKey(), bytes);", "crypto.verify(sealing.publicKey(), bytes, bytes);",
            "crypto.verify(signing.secretKey(), bytes, bytes);", "crypto.encapsulate(signing.publicKey());",
            "crypto.decapsulate(signing.secretKey(), bytes);", "crypto.decapsulate(small.secretKey(), sent.ciphertext(), sent.sharedSecret());",
            "PublicKey<KemSet.MlKem768> other = sealing.publicKey();", "PublicKey<SignatureSet.MlDsa44> other = signing.publicKey();",
            "crypto.open(signing.publicKey(), bytes);", "crypto.seal(sent.ciphertext(), bytes);"})
    void aKeyOfAnotherKindDoesNot(String line) {
        String errors = compile(line);
        assertTrue(errors.contains("incompatible types") || errors.contains("no suitable method") || errors.contains("cannot be applied"),
                line + ": " + errors);
    }

    @Test
    void fiveLinesFromNothingToASealedMessage() {
        assertEquals("", compile("""
                try (EasyCrypto own = EasyCrypto.open(); var keys = own.keygen(Level.THREE)) {
                    byte[] sealed = own.seal(keys.publicKey(), "for one reader");
                    String text = own.openText(keys.secretKey(), sealed);
                }
                """));
    }
}
