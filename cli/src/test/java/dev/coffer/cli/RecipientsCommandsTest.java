package dev.coffer.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.cli.Cli.Answer;
import dev.coffer.crypto.key.KeyAlgorithm;
import dev.coffer.crypto.stream.SealedStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// `seal` and `open` with public keys and passphrases, `encapsulate` and `decapsulate`.
class RecipientsCommandsTest {
    static {
        FirstLibrary.opened();
    }

    private static final String[] CHEAP = {"--argon2-memory", "32K", "--argon2-passes", "1"};

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
        Answer answer = cli.run(arguments);
        assertEquals(0, answer.exitCode(), answer::toString);
    }

    private void fails(int exitCode, String says, String... arguments) {
        Answer answer = cli.run(arguments);
        assertEquals(exitCode, answer.exitCode(), answer::toString);
        assertTrue(answer.err().contains(says), answer::toString);
    }

    private void opens(String... key) throws IOException {
        String[] all = Stream.concat(Stream.of("open", "-f", "-o", at("opened"), at("sealed")), Stream.of(key)).toArray(String[]::new);
        Files.deleteIfExists(folder.resolve("opened"));
        succeeds(all);
        assertArrayEquals(Files.readAllBytes(plain), Files.readAllBytes(folder.resolve("opened")));
    }

    private String phrase(String name, String text) throws IOException {
        Path file = Files.writeString(folder.resolve(name), text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        return file.toString();
    }

    @ParameterizedTest
    @ValueSource(strings = {"x-wing", "X25519MLKEM768", "x25519", "p256", "ml-kem-512", "ml-kem-768", "ml-kem-1024"})
    void aFileSealedToAPublicKeyOpensWithItsPrivateKeyAlone(String algorithm) throws IOException {
        succeeds("keygen", "-a", algorithm, at("mine"));
        succeeds("keygen", "-a", algorithm, at("other"));
        succeeds("seal", "--to", at("mine.pub"), "-o", at("sealed"), plain.toString());
        opens("-i", at("mine"));
        opens("-i", at("other"), "-i", at("mine"));
        fails(ExitCode.WRONG_KEY, "another key", "open", "-i", at("other"), at("sealed"), "-o", at("never"));
        assertFalse(Files.exists(folder.resolve("never")));
    }

    @Test
    void oneFileForAKeyTwoRecipientsAndAPassphraseOpensWithEach() throws IOException {
        succeeds("keygen", "-a", "x-wing", at("a"));
        succeeds("keygen", "-a", "x25519", at("b"));
        String phrase = phrase("phrase", "correct horse\n");
        succeeds(join(CHEAP, "seal", "--generate", "-k", at("key"), "--to", at("a.pub"), "-t", at("b.pub"), "--passphrase-file", phrase, "-o",
                at("sealed"), plain.toString()));
        opens("-k", at("key"));
        opens("-i", at("a"));
        opens("-i", at("b"));
        opens("--passphrase-file", phrase);
        opens("--passphrase-file", phrase("crlf", "correct horse\r\n"), "-i", at("a"));
        opens("--passphrase-file", phrase("bare", "correct horse"));
        fails(ExitCode.WRONG_KEY, "another key", "open", "--passphrase-file", phrase("bad", "correct  horse\n"), at("sealed"), "-o", at("never"));
    }

    private static String[] join(String[] some, String... others) {
        return Stream.concat(Stream.of(others), Stream.of(some)).toArray(String[]::new);
    }

    @Test
    void aPassphraseIsOneLineOfBytesWithinItsLimit() throws IOException {
        String longest = "p".repeat(Passphrase.BYTES_MAX);
        String[] seal = {"seal", "-f", CHEAP[0], CHEAP[1], CHEAP[2], CHEAP[3], "-o", at("sealed"), plain.toString(), "--passphrase-file"};
        succeeds(join(new String[] {phrase("longest", longest + "\n")}, seal));
        opens("--passphrase-file", phrase("longest", longest));
        for (String text : new String[] {longest + "p", longest + "p\n", "two\nlines\n", "two\n\n"}) {
            fails(ExitCode.WRONG_FORMAT, "no passphrase", join(new String[] {phrase("wrong", text)}, seal));
        }
        for (String text : new String[] {"", "\n", "\r\n"}) {
            fails(ExitCode.WRONG_FORMAT, "empty", join(new String[] {phrase("wrong", text)}, seal));
        }
    }

    @Test
    void whatAFileAsksForToTryAPassphraseIsLimited() throws Exception {
        String phrase = phrase("phrase", "correct horse\n");
        succeeds(join(CHEAP, "seal", "--passphrase-file", phrase, "-o", at("sealed"), plain.toString()));
        String[] open = {"open", "--passphrase-file", phrase, at("sealed"), "-o", at("opened")};
        fails(ExitCode.FAILED, "--argon2-memory-limit", join(new String[] {"--argon2-memory-limit", "31K"}, open));
        fails(ExitCode.FAILED, "--argon2-work-limit", join(new String[] {"--argon2-work-limit", "31K"}, open));
        succeeds(join(new String[] {"--argon2-work-limit", "32K", "--argon2-memory-limit", "32K"}, open));
        byte[] hostile = Files.readAllBytes(folder.resolve("sealed"));
        ByteBuffer.wrap(hostile).putInt(12 + 4 + 32, 4 << 20).putInt(12 + 4 + 36, Integer.MAX_VALUE);  // 4 GiB, for hours
        int length = Short.toUnsignedInt(ByteBuffer.wrap(hostile).getShort(10));
        System.arraycopy(MessageDigest.getInstance("SHA-256").digest(Arrays.copyOf(hostile, length - 48)), 0, hostile, length - 48, 16);
        Files.write(folder.resolve("sealed"), hostile);
        fails(ExitCode.FAILED, "asks for more memory or work", "open", "-f", "--passphrase-file", phrase, at("sealed"), "-o", at("opened"));
        fails(ExitCode.USAGE, "--argon2-memory", "seal", "--passphrase-file", phrase, "--argon2-memory", "31K", plain.toString(), "-o",
                at("never"));
        fails(ExitCode.USAGE, "0 to 1T", join(new String[] {"--argon2-memory-limit", "9999999999G"}, open));
        fails(ExitCode.USAGE, "0 to 1T", join(new String[] {"--argon2-memory-limit", "1025G"}, open));
        fails(ExitCode.USAGE, "--argon2-passes", "seal", "--passphrase-file", phrase, "--argon2-passes", "0", plain.toString(), "-o", at("never"));
    }

    @Test
    void whatIsNoRecipientIsRefusedBeforeAnythingIsWritten() throws IOException {
        succeeds("keygen", at("signer"));
        succeeds("keygen", "-a", "ml-kem-768", "--private-key-form", "expanded", at("expanded"));
        succeeds("keygen", "-a", "x25519", at("curve"));
        String[] seal = {"seal", "-o", at("sealed"), plain.toString(), "--to"};
        fails(ExitCode.WRONG_FORMAT, "receives nothing", join(new String[] {at("signer.pub")}, seal));
        fails(ExitCode.WRONG_FORMAT, "no public key", join(new String[] {at("curve")}, seal));
        fails(ExitCode.WRONG_FORMAT, "no public key", join(new String[] {plain.toString()}, seal));
        fails(ExitCode.MISSING, "no such file", join(new String[] {at("nobody")}, seal));
        fails(ExitCode.USAGE, "with which key?", "seal", plain.toString(), "-o", at("sealed"));
        fails(ExitCode.USAGE, "with which key?", "open", plain.toString(), "-o", at("sealed"));
        fails(ExitCode.USAGE, "--generate", "seal", "--generate", "--to", at("curve.pub"), plain.toString(), "-o", at("sealed"));
        fails(ExitCode.USAGE, "two ways", "seal", "-p", "--passphrase-file", plain.toString(), plain.toString(), "-o", at("sealed"));
        fails(ExitCode.USAGE, "is read by this command", "seal", "--force", "--to", at("curve.pub"), "-o", at("curve.pub"), plain.toString());
        assertFalse(Files.exists(folder.resolve("sealed")));
        succeeds("seal", "--to", at("expanded.pub"), "-o", at("sealed"), plain.toString());
        fails(ExitCode.WRONG_FORMAT, "the seed", "open", "-i", at("expanded"), at("sealed"), "-o", at("opened"));
        fails(ExitCode.WRONG_FORMAT, "opens nothing", "open", "-i", at("signer"), at("sealed"), "-o", at("opened"));
        fails(ExitCode.USAGE, "is read by this command", "open", "--force", "-i", at("curve"), at("sealed"), "-o", at("curve"));
        String[] many = Stream.concat(Stream.of("seal", plain.toString(), "-o", at("many")),
                Stream.generate(() -> new String[] {"--to", at("curve.pub")}).limit(300).flatMap(Stream::of)).toArray(String[]::new);
        fails(ExitCode.USAGE, "too many", many);
        assertFalse(Files.exists(folder.resolve("many")));
    }

    @Test
    void encapsulateAndDecapsulateGiveOneSecretThatSeals() throws IOException {
        for (KeyAlgorithm algorithm : KeyAlgorithm.values()) {
            if (algorithm.kem() != null) {
                String name = AnyName.name(algorithm);
                succeeds("keygen", "-f", "-a", name, at("key"));
                succeeds("encapsulate", "-f", "-a", name, "-k", at("key.pub"), "-s", at("one"), "-o", at("ct"));
                assertEquals(algorithm.kem().ciphertextBytes(), Files.size(folder.resolve("ct")));
                succeeds("decapsulate", "-f", "-k", at("key"), "-s", at("two"), at("ct"));
                assertEquals(Files.readString(folder.resolve("one")), Files.readString(folder.resolve("two")), name);
                assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("two"))));
            }
        }
        succeeds("seal", "-k", at("one"), plain.toString(), "-o", at("sealed"));
        opens("-k", at("two"));
    }

    /// A ciphertext that has gone out cannot be called back, and without its secret it is for nothing.
    @Test
    void theSecretIsInItsPlaceBeforeAByteOfItsCiphertextGoesOut() throws IOException {
        succeeds("keygen", "-a", "ml-kem-768", at("key"));
        List<Boolean> there = new ArrayList<>();
        try (FileChannel watched = new WatchedChannel(() -> there.add(Files.exists(folder.resolve("secret"))));
                FileChannel nothing = FileChannel.open(Path.of("/dev/null"), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            FileIdentity device = FileIdentity.of(Path.of("/dev/null"));
            Standard standard = new Standard(new Standard.Descriptor(0, nothing, device), new Standard.Descriptor(1, watched, device),
                    new Standard.Descriptor(2, nothing, device), Set.of());
            assertEquals(0, Main.run(new String[] {"encapsulate", "-k", at("key.pub"), "-s", at("secret")}, standard));
        }
        assertEquals(List.of(true), there);
    }

    @Test
    void aWrongCiphertextOrKeyIsToldApart() throws IOException {
        succeeds("keygen", "-a", "ml-kem-768", at("key"));
        succeeds("keygen", at("signer"));
        succeeds("encapsulate", "-k", at("key.pub"), "-s", at("one"), "-o", at("ct"));
        byte[] ciphertext = Files.readAllBytes(folder.resolve("ct"));
        ciphertext[5] ^= 1;
        Files.write(folder.resolve("changed"), ciphertext);
        succeeds("decapsulate", "-k", at("key"), "-s", at("other"), at("changed"));
        assertNotEquals(Files.readString(folder.resolve("one")), Files.readString(folder.resolve("other")), "FIPS 203, section 6.3");
        Files.write(folder.resolve("short"), Arrays.copyOf(ciphertext, 1087));
        fails(ExitCode.CHANGED, "expected 1088", "decapsulate", "-k", at("key"), "-s", at("never"), at("short"));
        Files.write(folder.resolve("long"), Arrays.copyOf(ciphertext, 1089));
        fails(ExitCode.CHANGED, "expected 1088", "decapsulate", "-k", at("key"), "-s", at("never"), at("long"));
        fails(ExitCode.WRONG_FORMAT, "key: a key of ML-KEM-768 (expected ML-KEM-512)", "decapsulate", "-a", "ml-kem-512", "-k", at("key"), "-s", at("never"),
                at("ct"));
        fails(ExitCode.WRONG_FORMAT, "signer: a key of Ed25519 does not decapsulate", "decapsulate", "-k", at("signer"), "-s", at("never"), at("ct"));
        fails(ExitCode.WRONG_FORMAT, "does not encapsulate", "encapsulate", "-k", at("signer.pub"), "-s", at("never"), "-o", at("never.ct"));
        fails(ExitCode.USAGE, "is read by this command", "decapsulate", "-f", "-k", at("key"), "-s", at("ct"), at("ct"));
        fails(ExitCode.USAGE, "is read by this command", "encapsulate", "-f", "-k", at("key.pub"), "-s", at("x"), "-o", at("key.pub"));
        assertFalse(Files.exists(folder.resolve("never")));
    }

    @Test
    void keysOfEverythingThatReceivesAreMade() {
        for (KeyAlgorithm algorithm : KeyAlgorithm.values()) {
            if (SealedStream.takes(algorithm)) {
                succeeds("keygen", "-f", "-a", AnyName.name(algorithm), at("k"));
            }
        }
    }
}
