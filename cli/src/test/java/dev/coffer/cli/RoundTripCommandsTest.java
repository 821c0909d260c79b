package dev.coffer.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.cli.Cli.Answer;
import dev.coffer.crypto.key.KeyAlgorithm;
import dev.coffer.crypto.key.PrivateKeyForm;
import dev.coffer.crypto.stream.SealedStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every algorithm and parameter set through the command, each by its name, from `keygen` to whatever its keys are for, in PEM and in each form of a
/// private key; another's key is told.
class RoundTripCommandsTest {
    @TempDir
    private Path folder;
    @TempDir
    private Path streams;
    private Cli cli;
    private Path plain;

    @BeforeEach
    void files() throws IOException {
        cli = new Cli(streams);
        plain = Files.writeString(folder.resolve("plain"), "hello\n");
    }

    private String at(String name) {
        return folder.resolve(name).toString();
    }

    private void succeeds(String... arguments) {
        answers(0, "", arguments);
    }

    private void answers(int exitCode, String says, String... arguments) {
        Answer answer = cli.run(arguments);
        assertEquals(exitCode, answer.exitCode(), () -> List.of(arguments) + ": " + answer);
        assertTrue((answer.out() + answer.err()).contains(says), () -> List.of(arguments) + ": " + answer);
    }

    /// {@return whether a signature takes seconds}
    private static boolean isSlow(KeyAlgorithm algorithm) {
        return algorithm.name().matches("SLH_DSA_.*S");
    }

    static List<KeyAlgorithm> quick() {
        return Arrays.stream(KeyAlgorithm.values()).filter(each -> !isSlow(each)).toList();
    }

    static List<KeyAlgorithm> slow() {
        return Arrays.stream(KeyAlgorithm.values()).filter(RoundTripCommandsTest::isSlow).toList();
    }

    @ParameterizedTest
    @MethodSource("quick")
    void whatOneMakesTheOtherTakes(KeyAlgorithm algorithm) throws IOException {
        roundTrip(algorithm);
    }

    @Tag("long")
    @ParameterizedTest
    @MethodSource("slow")
    void whatTakesSecondsToo(KeyAlgorithm algorithm) throws IOException {
        roundTrip(algorithm);
    }

    private void roundTrip(KeyAlgorithm algorithm) throws IOException {
        String name = AnyName.name(algorithm);
        String others = algorithm == KeyAlgorithm.ED25519 || algorithm == KeyAlgorithm.X25519 ? "p256" : algorithm.signs() ? "ed25519" : "x25519";
        succeeds("keygen", "--algorithm", name, at("other"));
        for (PrivateKeyForm form : algorithm.hasSeeds() ? PrivateKeyForm.values() : new PrivateKeyForm[] {PrivateKeyForm.SEED}) {
            succeeds("keygen", "-f", "--algorithm", name, "--private-key-form", AnyName.name(form), at("key"));
            isPem("key", "PRIVATE KEY");
            isPem("key.pub", "PUBLIC KEY");
            if (algorithm.signs()) {
                signs(name, others);
            }
            if (algorithm.kem() != null) {
                encapsulates(name, others);
            }
            if (SealedStream.takes(algorithm) && form != PrivateKeyForm.EXPANDED) {
                seals(name, others);
            }
        }
    }

    private void isPem(String file, String what) throws IOException {
        List<String> lines = Files.readAllLines(folder.resolve(file));
        assertEquals("-----BEGIN " + what + "-----", lines.getFirst());
        assertEquals("-----END " + what + "-----", lines.getLast());
        assertTrue(lines.stream().skip(1).limit(lines.size() - 2).allMatch(line -> line.matches("[A-Za-z0-9+/=]{1,64}")), "RFC 7468");
    }

    private void signs(String name, String others) throws IOException {
        String message = plain.toString();
        succeeds("sign", "-f", "--algorithm", name, "-k", at("key"), message);
        answers(0, "plain: valid", "verify", "--algorithm", name, "-k", at("key.pub"), message);
        answers(1, "plain: not valid", "verify", "--algorithm", name, "-k", at("other.pub"), message);
        byte[] signature = Files.readAllBytes(folder.resolve("plain.sig"));
        signature[signature.length / 2] ^= 1;
        Files.write(folder.resolve("changed.sig"), signature);
        answers(1, "plain: not valid", "verify", "-k", at("key.pub"), "-s", at("changed.sig"), message);
        answers(ExitCode.WRONG_FORMAT, "key: a key of ", "sign", "-f", "-a", others, "-k", at("key"), message);
        answers(2, "key.pub: a key of ", "verify", "-a", others, "-k", at("key.pub"), message);
    }

    private void encapsulates(String name, String others) throws IOException {
        succeeds("encapsulate", "-f", "--algorithm", name, "-k", at("key.pub"), "-s", at("secret"), "-o", at("ciphertext"));
        succeeds("decapsulate", "-f", "--algorithm", name, "-k", at("key"), "-s", at("same"), at("ciphertext"));
        assertEquals(Files.readString(folder.resolve("secret")), Files.readString(folder.resolve("same")));
        succeeds("decapsulate", "-f", "--algorithm", name, "-k", at("other"), "-s", at("another"), at("ciphertext"));
        assertFalse(Files.readString(folder.resolve("secret")).equals(Files.readString(folder.resolve("another"))), "FIPS 203, section 6.3");
        answers(ExitCode.WRONG_FORMAT, "(expected ", "encapsulate", "-a", others, "-k", at("key.pub"), "-s", at("never"), "-o", at("never.ct"));
        answers(ExitCode.WRONG_FORMAT, "(expected ", "decapsulate", "-a", others, "-k", at("key"), "-s", at("never"), at("ciphertext"));
    }

    private void seals(String name, String others) throws IOException {
        succeeds("seal", "-f", "--algorithm", name, "--to", at("key.pub"), "-o", at("sealed"), plain.toString());
        succeeds("open", "-f", "--algorithm", name, "-i", at("key"), "-o", at("opened"), at("sealed"));
        assertArrayEquals(Files.readAllBytes(plain), Files.readAllBytes(folder.resolve("opened")));
        answers(ExitCode.WRONG_KEY, "another key", "open", "-i", at("other"), "-o", at("never"), at("sealed"));
        answers(ExitCode.WRONG_FORMAT, "(expected ", "seal", "-a", others, "--to", at("key.pub"), "-o", at("never"), plain.toString());
        answers(ExitCode.WRONG_FORMAT, "(expected ", "open", "-a", others, "-i", at("key"), "-o", at("never"), at("sealed"));
        assertFalse(Files.exists(folder.resolve("never")));
    }

    /// One file for a key of everything that receives, a passphrase and a key file: each opens it alone, and nobody else does.
    @Test
    void oneFileForEveryAlgorithmAndAPassphraseOpensWithEach() throws IOException {
        Path phrase = Files.writeString(folder.resolve("phrase"), "correct horse\n");
        Path wrong = Files.writeString(folder.resolve("wrong"), "incorrect horse\n");
        for (Path each : List.of(phrase, wrong)) {
            Files.setPosixFilePermissions(each, PosixFilePermissions.fromString("rw-------"));
        }
        List<String> seal = new ArrayList<>(List.of("seal", "--generate", "-k", at("file.key"), "--argon2-memory", "32K", "--argon2-passes", "1",
                "--passphrase-file", phrase.toString(), "-o", at("sealed"), plain.toString()));
        List<String> receiving = Arrays.stream(KeyAlgorithm.values()).filter(SealedStream::takes).map(AnyName::name).toList();
        assertEquals(6, receiving.size(), receiving::toString);
        for (String name : receiving) {
            succeeds("keygen", "-a", name, at(name));
            succeeds("keygen", "-a", name, at(name + ".other"));
            seal.addAll(List.of("--to", at(name + ".pub")));
        }
        succeeds(seal.toArray(String[]::new));
        for (String name : receiving) {
            opens("-i", at(name));
            answers(ExitCode.WRONG_KEY, "another key", "open", "-i", at(name + ".other"), "-o", at("never"), at("sealed"));
        }
        opens("-k", at("file.key"));
        opens("--passphrase-file", phrase.toString());
        answers(ExitCode.WRONG_KEY, "another key", "open", "--passphrase-file", wrong.toString(), "-o", at("never"), at("sealed"));
        assertFalse(Files.exists(folder.resolve("never")));
    }

    private void opens(String... key) throws IOException {
        Files.deleteIfExists(folder.resolve("opened"));
        succeeds(Stream.concat(Stream.of("open", "-o", at("opened"), at("sealed")), Stream.of(key)).toArray(String[]::new));
        assertArrayEquals(Files.readAllBytes(plain), Files.readAllBytes(folder.resolve("opened")));
    }
}
