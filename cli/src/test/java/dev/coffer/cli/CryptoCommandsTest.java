package dev.coffer.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class CryptoCommandsTest {
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

    private Path file(String name, int bytes) throws IOException {
        byte[] content = new byte[bytes];
        new Random(bytes).nextBytes(content);
        return Files.write(folder.resolve(name), content);
    }

    @ParameterizedTest
    @CsvSource({"sha-256,SHA-256", "sha384,SHA-384", "SHA_512,SHA-512", "sha3-224,SHA3-224", "sha3-256,SHA3-256",
            "sha3-384,SHA3-384", "sha3-512,SHA3-512"})
    void hashPrintsWhatTheJdkComputes(String name, String jdk) throws IOException, NoSuchAlgorithmException {
        for (int bytes : new int[] {0, 1, 262_143, 262_144, 262_145, 600_000}) {
            Path file = file("f" + bytes, bytes);
            out.getBuffer().setLength(0);
            assertEquals(0, run("hash", "-a", name, file.toString()), err::toString);
            assertEquals(HexFormat.of().formatHex(MessageDigest.getInstance(jdk).digest(Files.readAllBytes(file))) + "  "
                    + file + System.lineSeparator(), out.toString());
        }
    }

    @Test
    void hashGoesOnAfterAFileThatCannotBeReadAndExitsOne() throws IOException {
        Path file = file("there", 3);
        assertEquals(1, run("hash", folder.resolve("missing").toString(), folder.toString(), file.toString()));
        assertTrue(err.toString().contains("missing: no such file") && err.toString().contains("is a directory"));
        assertTrue(out.toString().endsWith(file + System.lineSeparator()));
        assertEquals(2, run("hash", "-a", "md5", file.toString()));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 65_535, 65_536, 65_537, 200_000})
    void openGivesBackWhatSealTook(int bytes) throws IOException {
        Path plain = file("plain", bytes);
        String key = folder.resolve("key").toString();
        String sealed = folder.resolve("sealed").toString();
        String opened = folder.resolve("opened").toString();
        assertEquals(0, run("seal", "-k", key, "--generate", plain.toString(), "-o", sealed), err::toString);
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(Path.of(key))));
        assertEquals(0, run("open", "-k", key, sealed, "-o", opened), err::toString);
        assertArrayEquals(Files.readAllBytes(plain), Files.readAllBytes(Path.of(opened)));
        assertEquals(0, run("seal", "-k", key, "--suite", "aes_256_gcm", "--force", plain.toString(), "-o", sealed), err::toString);
        assertEquals(0, run("open", "-f", "-k", key, sealed, "-o", opened), err::toString);
        assertArrayEquals(Files.readAllBytes(plain), Files.readAllBytes(Path.of(opened)));
    }

    @Test
    void cutChangedOrForeignFilesLeaveNoOutput() throws IOException {
        Path plain = file("plain", 150_000);
        String key = folder.resolve("key").toString();
        Path sealed = folder.resolve("sealed");
        assertEquals(0, run("seal", "-k", key, "--generate", plain.toString(), "-o", sealed.toString()));
        byte[] good = Files.readAllBytes(sealed);
        Path opened = folder.resolve("opened");
        String[] open = {"open", "-k", key, sealed.toString(), "-o", opened.toString()};
        for (int cut : new int[] {0, 10, 11}) {
            Files.write(sealed, Arrays.copyOf(good, cut));
            assertEquals(ExitCode.WRONG_FORMAT, run(open), "cut at " + cut);
            assertFalse(Files.exists(opened));
        }
        for (int cut : new int[] {12, 175, 176, 176 + 65_552, 176 + 2 * 65_552, good.length - 1}) {
            Files.write(sealed, Arrays.copyOf(good, cut));
            assertEquals(ExitCode.CHANGED, run(open), "cut at " + cut);
            assertFalse(Files.exists(opened));
        }
        byte[] changed = good.clone();
        changed[100_000] ^= 1;
        Files.write(sealed, changed);
        assertEquals(ExitCode.CHANGED, run(open));
        Files.write(sealed, good);
        Files.writeString(Path.of(key), "0".repeat(64));
        assertEquals(ExitCode.WRONG_KEY, run(open), "a wrong key is not a changed file");
        Files.writeString(Path.of(key), "0".repeat(63) + "g");
        assertEquals(ExitCode.WRONG_FORMAT, run(open));
        assertTrue(err.toString().contains("not a key"), err::toString);
        try (Stream<Path> left = Files.list(folder)) {
            assertEquals(3, left.count(), "key, plain and sealed alone are there: nothing partial");
        }
    }

    @Test
    void anOutputKeepsThePermissionsOfTheFileItReplacesAndItsLink() throws IOException {
        Path plain = file("plain", 10);
        String key = folder.resolve("key").toString();
        Path sealed = Files.writeString(folder.resolve("sealed"), "old");
        for (String permissions : new String[] {"rw-------", "rw-rw-rw-"}) {
            Files.setPosixFilePermissions(sealed, PosixFilePermissions.fromString(permissions));
            Path link = Files.createSymbolicLink(folder.resolve("to-" + permissions), sealed);
            Files.deleteIfExists(Path.of(key));
            assertEquals(0, run("seal", "-f", "-k", key, "--generate", plain.toString(), "-o", link.toString()), err::toString);
            assertTrue(Files.isSymbolicLink(link) && Files.size(sealed) > 10);
            assertEquals(permissions, PosixFilePermissions.toString(Files.getPosixFilePermissions(sealed)));
        }
    }

    @Test
    void aDeviceIsWrittenToAndNeverReplaced() throws IOException {
        Path plain = file("plain", 10);
        String key = folder.resolve("key").toString();
        Path link = Files.createSymbolicLink(folder.resolve("null"), Path.of("/dev/null"));
        assertEquals(0, run("seal", "-k", key, "--generate", plain.toString(), "-o", link.toString()), err::toString);
        assertTrue(Files.isSymbolicLink(link) && !Files.isRegularFile(link));
        assertEquals(1, run("seal", "-k", key, plain.toString(), "-o", folder.toString()));
        assertTrue(err.toString().contains("is a directory"), err::toString);
    }

    @Test
    void generateNeverOverwritesAKey() throws IOException {
        Path plain = file("plain", 10);
        Path key = Files.writeString(folder.resolve("key"), "ab".repeat(32) + "\n");
        assertEquals(1, run("seal", "-k", key.toString(), "--generate", plain.toString(), "-o", folder + "/s"));
        assertEquals("ab".repeat(32) + "\n", Files.readString(key));
        assertTrue(err.toString().contains("exists already"));
    }
}
