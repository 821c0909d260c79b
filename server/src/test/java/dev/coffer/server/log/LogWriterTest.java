package dev.coffer.server.log;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.coffer.memory.ring.CircularBuffer;
import dev.coffer.testkit.WriteOnlyChannel;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.SplittableRandom;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The writer's side of a log, over a file that takes what it likes.
@Timeout(600)
class LogWriterTest {
    private static final int RING_BYTES = 4096;
    private static final Pattern LINE = Pattern.compile("<\\d+-x*>");

    private final Logger told = Logger.getLogger("dev.coffer.server");

    /// A refusal is told each time that it begins: here hundreds of times.
    @BeforeEach
    void quiet() {
        told.setLevel(Level.OFF);
    }

    @AfterEach
    void asBefore() {
        told.setLevel(null);
    }

    /// A file that takes a part of what it is given, and refuses as it pleases.
    private static final class Moody extends WriteOnlyChannel {
        private final SplittableRandom random;
        private final StringBuilder written = new StringBuilder();
        private int refusals;

        Moody(SplittableRandom random) {
            this.random = random;
        }

        @Override
        public int write(ByteBuffer source) throws IOException {
            if (random.nextInt(4) == 0) {
                refusals++;
                throw new IOException("no space");
            }
            int count = random.nextBoolean() ? source.remaining() : 1 + random.nextInt(source.remaining());
            if (count < source.remaining() && source.get(source.position() + count) != '\n' && random.nextInt(3) == 0) {
                while (count < source.remaining() && source.get(source.position() + count) != '\n') {
                    count++;  // all of a line but its end
                }
            }
            byte[] some = new byte[count];
            source.get(some);
            written.append(new String(some, StandardCharsets.US_ASCII));
            return count;
        }
    }

    /// A disk that is full after so many bytes.
    private static final class Full extends WriteOnlyChannel {
        private final FileChannel file;
        private int left;

        Full(FileChannel file, int left) {
            this.file = file;
            this.left = left;
        }

        @Override
        public int write(ByteBuffer source) throws IOException {
            if (left == 0) {
                throw new IOException("no space");
            }
            ByteBuffer some = source.slice(source.position(), Math.min(left, source.remaining()));
            int taken = file.write(some);
            source.position(source.position() + taken);
            left -= taken;
            return taken;
        }
    }

    /// Wherever the ring ends and whatever is refused: each line is there whole or counted, and a half stands as the beginning of one alone,
    /// on a line of its own.
    @Test
    void aLineIsWholeOrCountedWhereverTheFileRefuses() {
        int refused = 0;
        for (int seed = 0; seed < 300; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            Moody channel = new Moody(random.split());
            try (Arena arena = Arena.ofShared()) {
                CircularBuffer ring = CircularBuffer.over("ring", arena.allocate(RING_BYTES, 64), 0, RING_BYTES);
                LogWriter writer = new LogWriter(LogFile.nothing(), 0, channel, ring, 0);
                int lines = 0;
                for (int round = 0; round < 20; round++) {
                    for (int i = random.nextInt(1, 12); i > 0; i--) {
                        byte[] line = ("<" + lines++ + "-" + "x".repeat(random.nextInt(250)) + ">\n").getBytes(StandardCharsets.US_ASCII);
                        ring.write(MemorySegment.ofArray(line), 0, line.length);
                    }
                    while (ring.readable() > 0) {
                        writer.write();
                    }
                }
                int whole = 0;
                for (String line : channel.written.toString().lines().toList()) {
                    if (LINE.matcher(line).matches()) {
                        whole++;
                    } else {
                        assertEquals(true, line.startsWith("<") && line.lastIndexOf('<') == 0, "seed " + seed + ": " + line);
                    }
                }
                long told = whole + writer.refused();
                assertEquals(lines, told, "seed " + seed);
                refused += channel.refusals;
            }
        }
        assertEquals(true, refused > 1000, "refusals: " + refused);
    }

    /// Lines of several loops are in one file: what one of them left cut short takes no line of another's with it.
    @Test
    void whatOneWriterLeftCutAnotherEndsFirst() throws IOException {
        Path path = Files.createTempFile("coffer-log", ".log");
        try (Arena arena = Arena.ofShared(); FileChannel channel = FileChannel.open(path, StandardOpenOption.APPEND)) {
            CircularBuffer[] rings = new CircularBuffer[2];
            for (int i = 0; i < 2; i++) {
                rings[i] = CircularBuffer.over("ring", arena.allocate(RING_BYTES, 64), 0, RING_BYTES);
            }
            LogFile file = LogFile.at(path);
            LogWriter full = new LogWriter(file, 0, new Full(channel, 8), rings[0], 0);
            LogWriter other = new LogWriter(file, 0, channel, rings[1], 1);
            MemorySegment line = MemorySegment.ofArray("a line\n".getBytes(StandardCharsets.US_ASCII));
            for (int i = 0; i < 2; i++) {
                rings[0].write(line, 0, line.byteSize());
                rings[1].write(line, 0, line.byteSize());
            }
            rings[1].consume(line.byteSize());
            for (LogWriter writer : new LogWriter[] {other, full, other}) {
                rings[0].readable();  // looks anew, as the writer's thread does before
                rings[1].readable();
                writer.write();
                rings[1].write(line, 0, line.byteSize());
            }
            assertEquals("a line\na line\na\na line\na line\n", Files.readString(path));
            assertEquals(1, full.refused());
        } finally {
            Files.delete(path);
        }
    }

    /// One that gathers is woken when the half is passed, and not for each line behind it.
    @Test
    void aRingThatBecomesHalfFullWakesOnce() {
        try (Arena arena = Arena.ofShared()) {
            CircularBuffer ring = CircularBuffer.over("ring", arena.allocate(RING_BYTES, 64), 0, RING_BYTES);
            LogWriter writer = new LogWriter(LogFile.nothing(), 0, null, ring, 0);
            long half = RING_BYTES / 2;
            assertEquals(true, writer.isHalfFull(half, half - 1));
            assertEquals(true, writer.isHalfFull(half + 1, half - 1));
            assertEquals(false, writer.isHalfFull(half + 1, half));
            assertEquals(false, writer.isHalfFull(half - 1, half - 2));
        }
    }

    /// Whoever has nothing to write costs no processor, and is there again when there is something.
    @Test
    void aWriterSleepsUntilThereIsSomethingToWrite() throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory("coffer-log");
        Path file = folder.resolve("log");
        try (Arena arena = Arena.ofShared(); FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            CircularBuffer ring = CircularBuffer.over("ring", arena.allocate(RING_BYTES, 64), 0, RING_BYTES);
            LogWriter writer = new LogWriter(LogFile.nothing(), 0, channel, ring, 7);
            writer.start(() -> {});
            Thread thread = Thread.getAllStackTraces().keySet().stream().filter(one -> one.getName().equals("coffer-log-7")).findFirst().orElseThrow();
            byte[] line = "a line\n".getBytes(StandardCharsets.US_ASCII);
            for (int i = 1; i <= 3; i++) {
                while (thread.getState() != Thread.State.WAITING) {
                    Thread.sleep(1);
                }
                long before = ring.capacityBytes() - ring.readable();
                ring.write(MemorySegment.ofArray(line), 0, line.length);
                writer.tell(before, ring.capacityBytes() - ring.readable());
                while (Files.size(file) < i * line.length) {
                    Thread.sleep(1);
                }
            }
            writer.close();
            thread.join();
        } finally {
            Files.deleteIfExists(file);
            Files.deleteIfExists(folder);
        }
    }
}
