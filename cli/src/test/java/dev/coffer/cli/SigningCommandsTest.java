package dev.coffer.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.Random;
import org.bouncycastle.pqc.jcajce.provider.BouncyCastlePQCProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class SigningCommandsTest {
    static {
        FirstLibrary.opened();
    }

    @TempDir
    private Path folder;
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... arguments) {
        CommandLine command = Main.commandLine(Standard.ofProcess());
        command.setOut(new PrintWriter(out, true));
        command.setErr(new PrintWriter(err, true));
        return command.execute(arguments);
    }

    private Path message(int bytes) throws IOException {
        byte[] content = new byte[bytes];
        new Random(bytes).nextBytes(content);
        return Files.write(folder.resolve("message"), content);
    }

    @ParameterizedTest
    @CsvSource({"ed25519,Ed25519,Ed25519", "p256,EC,SHA256withECDSA"})
    void theJdkVerifiesWhatWeSign(String algorithm, String keyName, String signatureName)
            throws IOException, GeneralSecurityException {
        String key = folder.resolve("key").toString();
        assertEquals(0, run("keygen", "-a", algorithm, key), err::toString);
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(Path.of(key))));
        for (int bytes : new int[] {0, 1, 65_536, 200_001}) {
            Path message = message(bytes);
            assertEquals(0, run("sign", "--force", "-k", key, message.toString()), err::toString);
            assertEquals(0, run("verify", "-k", key + ".pub", message.toString()), err::toString);
            String pem = Files.readString(Path.of(key + ".pub")).replaceAll("-----[^-]*-----|\\s", "");
            Signature verifier = Signature.getInstance(signatureName);
            verifier.initVerify(KeyFactory.getInstance(keyName)
                    .generatePublic(new X509EncodedKeySpec(Base64.getDecoder().decode(pem))));
            verifier.update(Files.readAllBytes(message));
            assertTrue(verifier.verify(Files.readAllBytes(Path.of(message + ".sig"))));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"ed25519", "p256"})
    void aChangedMessageSignatureOrKeyIsNotValid(String algorithm) throws IOException {
        String key = folder.resolve("key").toString();
        assertEquals(0, run("keygen", "-a", algorithm, key));
        assertEquals(0, run("keygen", "-a", algorithm, folder + "/other"));
        Path message = message(100);
        Path signature = Path.of(message + ".sig");
        assertEquals(0, run("sign", "-k", key, message.toString()));
        assertEquals(1, run("verify", "-k", folder + "/other.pub", message.toString()));
        byte[] good = Files.readAllBytes(signature);
        for (int at = 0; at < good.length; at += 7) {
            byte[] bad = good.clone();
            bad[at] ^= 4;
            Files.write(signature, bad);
            assertEquals(1, run("verify", "-k", key + ".pub", message.toString()), "byte " + at);
        }
        Files.write(signature, good);
        Files.writeString(message, "else");
        assertEquals(1, run("verify", "-k", key + ".pub", message.toString()));
        assertTrue(out.toString().contains("not valid"));
    }

    /// With the key that we wrote, in the form that it reads.
    @ParameterizedTest
    @ValueSource(strings = {"ML-DSA-44", "ML-DSA-65", "ml_dsa_87"})
    void theJdkSignsAndVerifiesWithOurKeysOfMlDsa(String algorithm) throws IOException, GeneralSecurityException {
        String key = folder.resolve("key").toString();
        assertEquals(0, run("keygen", "-a", algorithm, "--private-key-form", "expanded", key), err::toString);
        assertEquals(0, run("keygen", "-a", algorithm, "--private-key-form", "both", folder + "/both"), err::toString);
        assertEquals(0, run("keygen", "-a", algorithm, folder + "/seed"), err::toString);
        assertTrue(Files.size(folder.resolve("seed")) < 150, "a seed is short");
        assertTrue(Files.size(folder.resolve("both")) > Files.size(Path.of(key)));
        KeyFactory factory = KeyFactory.getInstance("ML-DSA");
        Signature jdk = Signature.getInstance("ML-DSA");
        for (int bytes : new int[] {0, 65_536, 200_001}) {
            Path message = message(bytes);
            Path signature = Path.of(message + ".sig");
            for (String form : new String[] {"/seed", "/both", "/key"}) {
                assertEquals(0, run("sign", "--force", "-k", folder + form, message.toString()), err::toString);
                assertEquals(0, run("verify", "-k", folder + form + ".pub", message.toString()), err::toString);
            }
            jdk.initVerify(factory.generatePublic(new X509EncodedKeySpec(der(key + ".pub"))));
            jdk.update(Files.readAllBytes(message));
            assertTrue(jdk.verify(Files.readAllBytes(signature)));
            jdk.initSign(factory.generatePrivate(new java.security.spec.PKCS8EncodedKeySpec(der(key))));
            jdk.update(Files.readAllBytes(message));
            Files.write(signature, jdk.sign());
            assertEquals(0, run("verify", "-k", key + ".pub", message.toString()), err::toString);
            assertEquals(1, run("verify", "-k", folder + "/seed.pub", message.toString()));
            byte[] bad = Files.readAllBytes(signature);
            bad[bad.length / 2] ^= 1;
            Files.write(signature, bad);
            assertEquals(1, run("verify", "-k", key + ".pub", message.toString()));
        }
    }

    private static byte[] der(String file) throws IOException {
        return Base64.getDecoder().decode(Files.readString(Path.of(file)).replaceAll("-----[^-]*-----|\\s", ""));
    }

    @ParameterizedTest
    @ValueSource(strings = {"SLH-DSA-SHA2-128f", "slh-dsa-shake-256f"})
    void slhDsaSignsWhatItsLimitHolds(String algorithm) throws IOException {
        String key = folder.resolve("key").toString();
        assertEquals(0, run("keygen", "-a", algorithm, key), err::toString);
        for (int bytes : new int[] {0, 65_535, 65_536, 100_000}) {
            Path message = message(bytes);
            assertEquals(0, run("sign", "--force", "--limit", "100000", "-k", key, message.toString()), err::toString);
            assertEquals(0, run("verify", "--limit", "100000", "-k", key + ".pub", message.toString()), err::toString);
        }
        Path message = message(100_001);
        assertEquals(1, run("verify", "-k", key + ".pub", message.toString()), "another message");
        assertEquals(2, run("verify", "--limit", "100000", "-k", key + ".pub", message.toString()));
        assertEquals(1, run("sign", "--force", "--limit", "100000", "-k", key, message.toString()));
        assertTrue(err.toString().contains("more than 100000 bytes, and SLH-DSA takes a message whole: raise --limit"), err::toString);
    }

    /// Bouncy Castle, which has keys and signatures in the same provisional forms, verifies ours and signs with our key; a message of more than
    /// any limit, a pipe's too, is read once.
    @ParameterizedTest
    @ValueSource(strings = {"Falcon-512", "falcon_1024"})
    void falconSignsWhatBouncyCastleVerifies(String algorithm) throws Exception {
        String key = folder.resolve("key").toString();
        assertEquals(0, run("keygen", "-a", algorithm, key), err::toString);
        var bc = new BouncyCastlePQCProvider();
        KeyFactory factory = KeyFactory.getInstance("Falcon", bc);
        Signature signature = Signature.getInstance("Falcon-" + algorithm.substring(7), bc);
        for (int bytes : new int[] {0, 1, 65_536, 300_001}) {
            Path message = message(bytes);
            Path made = Path.of(message + ".sig");
            assertEquals(0, run("sign", "--force", "--limit", "1000", "-k", key, message.toString()), err::toString);
            assertEquals(0, run("verify", "--limit", "1000", "-k", key + ".pub", message.toString()), err::toString);
            signature.initVerify(factory.generatePublic(new X509EncodedKeySpec(der(key + ".pub"))));
            signature.update(Files.readAllBytes(message));
            assertTrue(signature.verify(Files.readAllBytes(made)), "compressed, as theirs");
            signature.initSign(factory.generatePrivate(new PKCS8EncodedKeySpec(der(key))));
            signature.update(Files.readAllBytes(message));
            byte[] theirs = signature.sign();
            Files.write(made, theirs);
            assertEquals(0, run("verify", "-k", key + ".pub", message.toString()), err::toString);
            int padded = algorithm.endsWith("512") ? 666 : 1280;
            if (theirs.length <= padded) {
                Files.write(made, Arrays.copyOf(theirs, padded));
                assertEquals(0, run("verify", "-k", key + ".pub", message.toString()), "padded: " + err);
            }
            theirs[45] ^= 1;
            Files.write(made, theirs);
            assertEquals(1, run("verify", "-k", key + ".pub", message.toString()));
            for (int length : new int[] {0, 1, 40, 41}) {
                Files.write(made, Arrays.copyOf(theirs, length));
                assertEquals(1, run("verify", "-k", key + ".pub", message.toString()), length + " bytes of a signature");
            }
        }
        assertEquals(0, run("keygen", "-a", "ed25519", folder + "/other"));
        assertEquals(1, run("verify", "-k", folder + "/other.pub", folder.resolve("message").toString()));
    }

    @Test
    void keysOfMlKemAreMadeAndDoNotSign() throws IOException {
        String key = folder.resolve("key").toString();
        assertEquals(0, run("keygen", "-a", "ML-KEM-768", key), err::toString);
        assertEquals(ExitCode.WRONG_FORMAT, run("sign", "-k", key, message(10).toString()));
        assertEquals(2, run("keygen", "-a", "ML-KEM-768", "--private-key-form", "short", folder + "/other"));
        assertTrue(err.toString().contains("seed, expanded, both"), err::toString);
    }

    @Test
    void rawSignaturesOfP256AreSixtyFourBytesAndVerify() throws IOException {
        String key = folder.resolve("key").toString();
        assertEquals(0, run("keygen", "-a", "p256", key));
        Path message = message(10);
        assertEquals(0, run("sign", "--raw", "-k", key, message.toString()), err::toString);
        assertEquals(64, Files.size(Path.of(message + ".sig")));
        assertEquals(0, run("verify", "-k", key + ".pub", message.toString()), err::toString);
    }

    @Test
    void whatCannotBeDoneIsSaidInOneLine() throws IOException {
        String key = folder.resolve("key").toString();
        assertEquals(0, run("keygen", "-a", "x25519", key));
        Path message = message(10);
        assertEquals(1, run("keygen", key));
        assertTrue(err.toString().contains("exists already"), err::toString);
        Files.writeString(Path.of(folder + "/half.pub"), "another's");
        assertEquals(1, run("keygen", folder + "/half"));
        assertFalse(Files.exists(Path.of(folder + "/half")), "a private key without its public one");
        assertEquals(ExitCode.WRONG_FORMAT, run("sign", "-k", key, message.toString()));
        assertTrue(err.toString().contains("X25519 does not sign"), err::toString);
        assertEquals(ExitCode.WRONG_FORMAT, run("sign", "-k", key + ".pub", message.toString()));
        assertEquals(ExitCode.WRONG_FORMAT, run("sign", "-k", message.toString(), message.toString()));
        assertEquals(2, run("verify", "-k", key, message.toString()));
        assertEquals(ExitCode.MISSING, run("sign", "-k", folder + "/none", message.toString()));
        assertEquals(2, run("verify", "-k", key + ".pub", "-"));
        assertFalse(Files.exists(Path.of(message + ".sig")));
        assertTrue(err.toString().lines().allMatch(line -> line.startsWith("coffer ")), err::toString);
    }
}
