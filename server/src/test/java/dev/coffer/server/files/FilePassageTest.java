package dev.coffer.server.files;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.coffer.memory.Account;
import dev.coffer.server.Client;
import dev.coffer.server.PassingLoop;
import dev.coffer.server.net.EpollSockets;
import dev.coffer.server.net.Sockets;
import dev.coffer.testkit.Eventually;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Large files, which the system sends itself.
@Timeout(600)
class FilePassageTest {
    private static final int LARGE = 3_000_001;
    private static final int LEAST = FileAnswer.PASSING_BYTES_MIN;

    @TempDir
    Path root;

    private byte[] content;
    private PassingLoop loop;

    @BeforeEach
    void writeFiles() throws IOException {
        assumeTrue(EpollSockets.available(), "the JDK's sockets copy");
        content = new byte[LARGE];
        new SplittableRandom(5).nextBytes(content);
        Files.write(root.resolve("large"), content);
        Files.write(root.resolve("least"), Arrays.copyOf(content, LEAST));
        Files.write(root.resolve("less"), Arrays.copyOf(content, LEAST - 1));
        Files.writeString(root.resolve("small"), "small");
        loop = PassingLoop.of(root);
    }

    @AfterEach
    void close() {
        if (loop != null) {
            loop.close();
        }
    }

    @Test
    void goWithoutACopyAndTheirHeadWaitsForThem() throws IOException {
        try (Client client = new Client(loop.address())) {
            assertArrayEquals(content, client.get("/large").body());
            assertTrue(loop.calls("sendFile") >= LARGE >> 18, "calls: " + loop.calls("sendFile"));
            assertEquals(1, loop.calls("sendMore"));
            assertEquals(0, loop.calls("send"));
            assertEquals("small", client.get("/small").text(), "and the connection goes on");
        }
    }

    @Test
    void fromTheSizeOnFromWhichItPays() throws IOException {
        try (Client client = new Client(loop.address())) {
            assertEquals(LEAST - 1, client.get("/less").body().length);
            assertEquals(0, loop.calls("sendFile"));
            assertEquals(LEAST, client.get("/least").body().length);
            assertTrue(loop.calls("sendFile") > 0);
        }
    }

    @Test
    void inPartsAsTheRangeSays() throws IOException {
        try (Client client = new Client(loop.address())) {
            Client.Response part = client.get("/large", "Range: bytes=1000001-2500000");
            assertEquals(206, part.status());
            assertArrayEquals(Arrays.copyOfRange(content, 1_000_001, 2_500_001), part.body());
            assertTrue(loop.calls("sendFile") > 0);
            assertArrayEquals(Arrays.copyOfRange(content, LARGE - LEAST, LARGE), client.get("/large", "Range: bytes=-" + LEAST).body());
        }
    }

    /// Offsets and lengths past what an int holds, and past what a system call takes.
    @Test
    void pastTwoAndFourGibibytesToo() throws IOException {
        long size = (5L << 30) + 3;
        long[] places = {0, (1L << 31) - 70_000, (1L << 31) - 1, 1L << 31, (1L << 32) - 70_000, (1L << 32) - 1, 1L << 32, size - 70_000};
        try (RandomAccessFile sparse = new RandomAccessFile(root.resolve("sparse").toFile(), "rw")) {
            sparse.setLength(size);
            for (long place : places) {
                sparse.seek(place);
                sparse.write(content, (int) (place % 1009), 70_000);
            }
        }
        try (Client client = new Client(loop.address()); RandomAccessFile file = new RandomAccessFile(root.resolve("sparse").toFile(), "r")) {
            assertEquals(Long.toString(size), client.request("HEAD", "/sparse").field("content-length"));
            for (long place : places) {
                byte[] expected = new byte[70_000];
                file.seek(place);
                file.readFully(expected);
                Client.Response part = client.get("/sparse", "Range: bytes=" + place + "-" + (place + 69_999));
                assertEquals("bytes " + place + "-" + (place + 69_999) + "/" + size, part.field("content-range"));
                assertArrayEquals(expected, part.body(), "at " + place);
            }
            assertTrue(loop.calls("sendFile") >= places.length);
            client.send("GET /sparse HTTP/1.1\r\nHost: t\r\nRange: bytes=2-\r\n\r\n");  // more than a call takes; nobody needs all of it
            assertTrue(client.socket().getInputStream().readNBytes(1 << 20).length == 1 << 20);
        }
    }

    /// Head and content in one call, the content from where it lies; a small one is copied behind its head.
    @Test
    void andHotOnesGoFromTheirCopy() throws IOException {
        for (String name : new String[] {"less", "small"}) {
            Files.setLastModifiedTime(root.resolve(name), FileTime.from(Instant.ofEpochSecond(1_700_000_000)));
        }
        byte[] less = Arrays.copyOf(content, LEAST - 1);
        try (Client client = new Client(loop.address())) {
            Eventually.holds("a copy is sent", () -> {  // a file is strong two seconds after it was written
                assertArrayEquals(less, client.get("/less").body());
                return loop.calls("sendTwo") >= 3;
            });
            assertArrayEquals(Arrays.copyOfRange(less, 100, 60_000), client.get("/less", "Range: bytes=100-59999").body());
            int before = loop.calls("sendTwo");
            assertArrayEquals(Arrays.copyOfRange(less, 7, 9), client.get("/less", "Range: bytes=7-8").body());
            for (int i = 0; i < 5; i++) {
                assertEquals("small", client.get("/small").text());
            }
            assertEquals(before, loop.calls("sendTwo"), "few bytes");
        }
    }

    @Test
    void notAtAllWhereOnlyTheHeadWasAskedFor() throws IOException {
        try (Client client = new Client(loop.address())) {
            assertEquals(Integer.toString(LARGE), client.request("HEAD", "/large").field("content-length"));
            assertEquals(0, loop.calls("sendFile"));
            assertEquals("small", client.get("/small").text());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 5})
    void areReadAndCopiedFromWhereTheSystemWillNotSendThemOn(int sent) throws IOException {
        loop.answer("sendFile", sent, Sockets.UNFIT);
        try (Client client = new Client(loop.address())) {
            assertArrayEquals(content, client.get("/large").body());
            assertEquals(sent + 1, loop.calls("sendFile"), "it is not asked again");
        }
    }

    /// And whoever else is served is.
    @Test
    void thatShrinkMeanwhileAreCut() throws IOException {
        try (Client slow = new Client(loop.address()); Client other = new Client(loop.address())) {
            Files.write(root.resolve("shrinks"), new byte[64 << 20]);
            slow.send("GET /shrinks HTTP/1.1\r\nHost: t\r\n\r\n");
            Eventually.holds("the socket is full", () -> loop.calls("interest") > 0);
            try (FileChannel file = FileChannel.open(root.resolve("shrinks"), StandardOpenOption.WRITE)) {
                file.truncate(1000);
            }
            IOException cut = assertThrows(IOException.class, slow::read);
            assertTrue(cut.getMessage().startsWith("cut after") || cut.getMessage().contains("reset"), cut.getMessage());
            assertArrayEquals(content, other.get("/large").body());
        }
    }

    @Test
    void holdNoBufferWhileTheirPeerDoesNotRead() throws IOException {
        try (Client slow = new Client(loop.address())) {
            Files.write(root.resolve("huge"), new byte[64 << 20]);
            slow.send("GET /huge HTTP/1.1\r\nHost: t\r\n\r\n");
            Eventually.holds("the socket is full", () -> loop.calls("interest") > 0);
            Eventually.passes(() -> {
                for (Account account : loop.accounts()) {
                    assertFalse(account.name().equals("output blocks") && account.usedBytes() > 0, "a block is held");
                }
            });
            assertEquals(64 << 20, slow.read().body().length);
        }
    }

    @Test
    void ofAPeerThatResetsHarmNobody() throws IOException {
        try (Client client = new Client(loop.address())) {
            for (int i = 0; i < 20; i++) {
                try (Client rude = new Client(loop.address())) {
                    rude.socket().setSoLinger(true, 0);
                    rude.send("GET /large HTTP/1.1\r\nHost: t\r\n\r\n");
                    rude.socket().getInputStream().read();
                }
                assertEquals("small", client.get("/small").text());
            }
        }
    }

    /// Whatever the system takes at a time, of head, file and what is asked behind it.
    @Test
    void arriveWholeAndInOrderHoweverTheyAreCut() throws IOException {
        SplittableRandom random = new SplittableRandom(11);
        loop.shorten(random);
        try (Client client = new Client(loop.address())) {
            for (int round = 0; round < 10; round++) {
                int from = random.nextInt(LARGE - LEAST - 1);
                int to = from + LEAST + random.nextInt(LARGE - from - LEAST);
                client.send("GET /small HTTP/1.1\r\nHost: t\r\n\r\nGET /large HTTP/1.1\r\nHost: t\r\nRange: bytes=" + from + "-" + (to - 1)
                        + "\r\n\r\nGET /less HTTP/1.1\r\nHost: t\r\n\r\nGET /least HTTP/1.1\r\nHost: t\r\n\r\n");
                assertEquals("small", client.read().text());
                assertArrayEquals(Arrays.copyOfRange(content, from, to), client.read().body());
                assertArrayEquals(Arrays.copyOf(content, LEAST - 1), client.read().body());
                assertArrayEquals(Arrays.copyOf(content, LEAST), client.read().body());
            }
        }
    }

    /// Neither its bytes nor its turns are for one alone.
    @Test
    void letOthersHaveTheirTurn() throws IOException {
        Files.write(root.resolve("huge"), new byte[64 << 20]);
        Thread reader = Thread.ofVirtual().start(() -> {
            try (Client greedy = new Client(loop.address())) {
                greedy.send("GET /huge HTTP/1.1\r\nHost: t\r\n\r\n");
                InputStream in = greedy.socket().getInputStream();
                ByteBuffer sink = ByteBuffer.allocate(1 << 16);
                for (long left = 64 << 20; left > 0;) {
                    int got = in.read(sink.array());
                    left -= got < 0 ? left : got;
                }
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
        try (Client client = new Client(loop.address())) {
            while (reader.isAlive()) {
                assertEquals("small", client.get("/small").text());
            }
        }
        assertTrue(loop.mostOf("sendFile") <= 1 << 18, "bytes in a call: " + loop.mostOf("sendFile"));
    }
}
