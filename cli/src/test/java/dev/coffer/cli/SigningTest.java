package dev.coffer.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.key.EncodedKey;
import dev.coffer.crypto.key.KeyAlgorithm;
import dev.coffer.crypto.key.KeyPair;
import dev.coffer.crypto.key.PublicKey;
import dev.coffer.testkit.Eventually;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Messages of every size and kind, and those that change while they are signed.
class SigningTest {
    private static final int PIECE = Signing.PIECE_BYTES;

    @TempDir
    private Path folder;
    @TempDir
    private Path streams;
    private Path message;
    private Signing signing;
    private SigningKeys keys;
    private KeyPair pair;

    /// What happens to a file between the two readings.
    private interface Change {
        void happen() throws IOException;
    }

    @BeforeEach
    void keys() throws IOException {
        message = folder.resolve("message");
        signing = new Signing();
        keys = new SigningKeys();
        assertEquals(0, new Cli(streams).run("keygen", folder + "/ed").exitCode());
        assertEquals(0, new Cli(streams).run("keygen", "-a", "P-256", folder + "/ec").exitCode());
        pair = keys.privateKey(input(folder.resolve("ed")));
        assertEquals(KeyAlgorithm.ED25519, pair.algorithm());
    }

    @AfterEach
    void close() {
        pair.close();
        keys.close();
        signing.close();
    }

    private static Input input(Path file) throws IOException {
        return new Input(file.toString(), file, FileChannel.open(file), FileIdentity.of(file));
    }

    private static byte[] random(int bytes) {
        byte[] content = new byte[bytes];
        new Random(bytes).nextBytes(content);
        return content;
    }

    /// A regular file to which something happens before it is read for the second time.
    private Input changing(Change change) throws IOException {
        return new Input(message.toString(), message, FileChannel.open(message), FileIdentity.of(message)) {
            @Override
            void rewind() {
                try {
                    change.happen();
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
                super.rewind();
            }
        };
    }

    private void refused(Change change) throws IOException {
        Files.write(message, random(3 * PIECE));
        Failure failure = assertThrows(Failure.class, () -> signing.sign(pair, changing(change), false, 0));
        assertEquals(ExitCode.CHANGED, failure.exitCode());
        assertTrue(failure.getMessage().contains("no signature was made"), failure.getMessage());
        Files.write(message, random(10));
        assertEquals(64, signing.sign(pair, input(message), false, 0).remaining(), "the next one is not spoiled");
    }

    @Test
    void aMessageThatChangesBetweenTheReadingsGivesNoSignature() throws IOException {
        refused(() -> Files.write(message, new byte[] {1}, StandardOpenOption.APPEND));
        refused(() -> Files.write(message, new byte[PIECE], StandardOpenOption.APPEND));
        refused(() -> Files.write(message, new byte[0]));
        refused(() -> {
            try (FileChannel file = FileChannel.open(message, StandardOpenOption.WRITE)) {
                file.truncate(3L * PIECE - 1);
            }
        });
        for (long at : new long[] {0, PIECE, 3L * PIECE - 1}) {
            refused(() -> {
                try (FileChannel file = FileChannel.open(message, StandardOpenOption.WRITE)) {
                    file.write(ByteBuffer.wrap(new byte[] {0x5a, 0x5a}, 0, 1), at);
                    file.write(ByteBuffer.wrap(new byte[] {(byte) (random(3 * PIECE)[(int) at] + 1)}), at);
                }
            });
        }
        refused(() -> Files.move(Files.write(folder.resolve("other"), random(3 * PIECE)), message,
                StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING));
        refused(() -> Files.delete(message));
    }

    @Test
    void whatHappensElsewhereIsNoChange() throws IOException {
        Files.write(message, random(3 * PIECE));
        Input in = changing(() -> Files.createLink(folder.resolve("link"), message));
        assertEquals(64, signing.sign(pair, in, false, 0).remaining());
    }

    /// Every algorithm, on sizes around a piece: from a file, and from a pipe that says it holds nothing.
    @Test
    void filesAndPipesOfEverySizeSignAndVerify() throws IOException {
        Cli cli = new Cli(streams);
        for (String name : new String[] {"ed", "ec"}) {
            String key = folder + "/" + name;
            for (int bytes : new int[] {0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE, 3 * PIECE + 7}) {
                Files.write(message, random(bytes));
                Path fromFile = folder.resolve(name + bytes);
                Path fromPipe = folder.resolve(name + bytes + ".pipe");
                assertEquals(0, cli.run("sign", "-k", key, "-o", fromFile.toString(), message.toString()).exitCode());
                byte[] streamed = piped(message, pipe -> cli.from(pipe, "sign", "-k", key)).bytes();
                assertEquals(0, piped(Path.of(key), pipe -> cli.run("sign", "-k", pipe.toString(), "-o", fromPipe.toString(),
                        message.toString())).exitCode());
                org.junit.jupiter.api.Assertions.assertArrayEquals(Files.readAllBytes(fromFile), streamed, name + bytes);
                org.junit.jupiter.api.Assertions.assertArrayEquals(streamed, Files.readAllBytes(fromPipe));
                assertEquals(0, cli.run("verify", "-k", key + ".pub", "-s", fromFile.toString(), message.toString()).exitCode());
                assertEquals(0, piped(message, pipe -> cli.from(pipe, "verify", "-k", key + ".pub", "-s", fromFile.toString()))
                        .exitCode());
                assertEquals(0, piped(fromFile, pipe -> cli.run("verify", "-k", key + ".pub", "-s", pipe.toString(),
                        message.toString())).exitCode());
                assertEquals(0, piped(Path.of(key + ".pub"), pipe -> cli.run("verify", "-k", pipe.toString(), "-s",
                        fromFile.toString(), message.toString())).exitCode());
                if (bytes > 0) {
                    assertEquals(1, cli.from(Path.of("/dev/null"), "verify", "-k", key + ".pub", "-s", fromFile.toString())
                            .exitCode(), "nothing is not the message");
                }
            }
        }
    }

    /// The empty message is what a pipe looks like to who asks for its size.
    @Test
    void aSignatureOfNothingIsNoSignatureOfWhatIsPiped() throws IOException {
        Cli cli = new Cli(streams);
        Files.write(message, new byte[0]);
        Path nothing = folder.resolve("nothing");
        assertEquals(0, cli.run("sign", "-k", folder + "/ed", "-o", nothing.toString(), message.toString()).exitCode());
        Files.write(message, random(100));
        String[] verify = {"verify", "-q", "-k", folder + "/ed.pub", "-s", nothing.toString()};
        assertEquals(1, piped(message, pipe -> cli.from(pipe, verify)).exitCode());
        if (Files.exists(Path.of("/proc/version"))) {
            assertEquals(1, cli.run("verify", "-q", "-k", folder + "/ed.pub", "-s", nothing.toString(), "/proc/version").exitCode());
        }
    }

    @Test
    void aStreamIsSignedUpToTheLimitAndRefusedOnePastIt() throws IOException {
        Cli cli = new Cli(streams);
        for (int limit : new int[] {1, 1000, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE}) {
            for (int past : new int[] {0, 1, PIECE}) {
                Files.write(message, random(limit + past));
                Cli.Answer answer = piped(message,
                        pipe -> cli.from(pipe, "sign", "-k", folder + "/ed", "--limit", Integer.toString(limit)));
                assertEquals(past == 0 ? 0 : 1, answer.exitCode(), limit + " and " + past + ": " + answer.err());
                assertEquals(past == 0 ? 64 : 0, answer.bytes().length);
                assertEquals(0, cli.run("sign", "-k", folder + "/ed", "-o", "/dev/null", "--limit", "0", message.toString())
                        .exitCode(), "a file has no limit");
            }
        }
        for (String wrong : new String[] {"-1", "x", "1T", "2G", "", "99999999999"}) {
            assertEquals(ExitCode.USAGE, cli.run("sign", "-k", folder + "/ed", "--limit", wrong).exitCode(), wrong);
        }
        assertEquals(1L << 30, new ByteCount().convert("1G"));
        assertEquals(3L << 20, new ByteCount().convert("3MiB"));
        assertEquals(5L << 10, new ByteCount().convert("5k"));
        assertEquals(65_536, new ByteCount().convert("65536"));
    }

    private interface Piped {
        Cli.Answer run(Path pipe) throws IOException;
    }

    /// A FIFO with a file's content behind it.
    private Cli.Answer piped(Path content, Piped use) throws IOException {
        Path pipe = folder.resolve("pipe");
        byte[] bytes = Files.readAllBytes(content);
        try {
            assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
            Thread writer = new Thread(() -> {
                try (FileChannel to = FileChannel.open(pipe, StandardOpenOption.WRITE)) {
                    ByteBuffer buffer = ByteBuffer.wrap(bytes);
                    while (buffer.hasRemaining()) {
                        to.write(buffer);
                    }
                } catch (IOException e) {
                    return;  // the reader had enough
                }
            });
            writer.start();
            Cli.Answer answer = use.run(pipe);
            Eventually.ended(writer);
            return answer;
        } catch (InterruptedException e) {
            throw new IOException(e);
        } finally {
            Files.deleteIfExists(pipe);
        }
    }

    @Test
    void onlyKeysThatSignAreTakenAndFilesOfKeysHaveALimit() throws IOException {
        Cli cli = new Cli(streams);
        assertEquals(0, cli.run("keygen", "-a", "x_25519", folder + "/x").exitCode());
        Files.write(message, random(10));
        for (String[] arguments : new String[][] {{"sign", "-k", folder + "/x", message.toString()},
                {"sign", "-k", folder + "/ed.pub", message.toString()}}) {
            assertEquals(ExitCode.WRONG_FORMAT, cli.run(arguments).exitCode(), String.join(" ", arguments));
        }
        Files.copy(folder.resolve("ed"), folder.resolve("long"));
        int text = (int) Files.size(folder.resolve("ed"));
        Files.writeString(folder.resolve("long"), "\n".repeat(EncodedKey.FILE_BYTES_MAX - text), StandardOpenOption.APPEND);
        assertEquals(0, cli.run("sign", "-k", folder + "/long", "-o", "/dev/null", message.toString()).exitCode());
        Files.writeString(folder.resolve("long"), "\n", StandardOpenOption.APPEND);
        assertEquals(ExitCode.WRONG_FORMAT, cli.run("sign", "-k", folder + "/long", "-o", "/dev/null", message.toString()).exitCode());
        PublicKey key = keys.publicKey(input(folder.resolve("ec.pub")));
        assertEquals(KeyAlgorithm.P256, key.algorithm());
    }

    @Test
    void filesThatAreSomethingElseAreNamed() throws IOException {
        Cli cli = new Cli(streams);
        Files.write(message, random(10));
        Path odd = folder.resolve("odd");
        Path sealed = folder.resolve("sealed");  // whether it is one is seen before any key is read
        assertEquals(0, cli.run("seal", "--generate", "-k", folder + "/key", "-o", sealed.toString(), message.toString()).exitCode());
        String bundle = "-----BEGIN CERTIFICATE-----\n" + ("A".repeat(64) + "\n").repeat(100) + "-----END CERTIFICATE-----\n";
        for (String[] command : new String[][] {{"sign", "-o", "/dev/null"}, {"seal"}, {"open"}, {"verify", "-s", "/dev/null"}}) {
            for (String text : new String[] {bundle, "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1r\n", "-----BEGIN ", "---", "",
                    "-----BEGIN \u001b[31mX"}) {
                Files.writeString(odd, text);
                String[] arguments = java.util.Arrays.copyOf(command, command.length + 3);
                arguments[command.length] = "-k";
                arguments[command.length + 1] = odd.toString();
                arguments[command.length + 2] = (command[0].equals("open") ? sealed : message).toString();
                Cli.Answer answer = cli.run(arguments);
                assertEquals(command[0].equals("verify") ? 2 : ExitCode.WRONG_FORMAT, answer.exitCode(), command[0] + answer);
                assertEquals(answer.err().contains("warning") ? 2 : 1, answer.err().lines().count(), answer::toString);
                if (text.equals(bundle)) {
                    assertTrue(answer.err().contains("a certificate, not a key; "), answer::toString);
                }
            }
        }
    }
}
