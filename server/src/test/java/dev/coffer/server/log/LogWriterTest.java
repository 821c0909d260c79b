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

    /// Two writers, a disk that is full now and then, lines that end anywhere: whatever fails in whichever order, no line is empty and none is glued to
    /// another, in a file that can be looked at, in one that another process empties, and in a stream where nothing is seen.
    @Test
    void noOrderOfFailuresLeavesAnEmptyLine() throws IOException {
        int cut = 0;
        for (int seed = 0; seed < 600; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            boolean seen = seed % 3 != 0;
            boolean emptied = seed % 3 == 1;
            Path path = Files.createTempFile("coffer-log", ".log");
            StringBuilder gone = new StringBuilder();
            try (Arena arena = Arena.ofShared(); FileChannel channel = FileChannel.open(path, StandardOpenOption.APPEND)) {
                LogFile file = seen ? LogFile.at(path) : LogFile.standardOutput();
                CircularBuffer[] rings = new CircularBuffer[2];
                Full[] disks = new Full[2];
                LogWriter[] writers = new LogWriter[2];
                for (int i = 0; i < 2; i++) {
                    rings[i] = CircularBuffer.over("ring", arena.allocate(RING_BYTES, 64), 0, RING_BYTES);
                    disks[i] = new Full(channel, 0);
                    writers[i] = new LogWriter(file, 0, disks[i], rings[i], i);
                }
                for (int round = 0; round < 12; round++) {
                    int who = random.nextInt(2);
                    byte[] line = ("<" + round + "-" + "x".repeat(random.nextInt(9)) + ">\n").getBytes(StandardCharsets.US_ASCII);
                    rings[who].write(MemorySegment.ofArray(line), 0, line.length);
                    disks[who].left = random.nextBoolean() ? Integer.MAX_VALUE : random.nextInt(line.length + 1);
                    rings[who].readable();  // looks anew, as the writer's thread does before
                    writers[who].write();
                    if (emptied && random.nextInt(4) == 0) {
                        gone.append(Files.readString(path)).append('|');
                        channel.truncate(0);
                    }
                }
                gone.append(Files.readString(path));
                for (String part : gone.toString().split("\\|")) {
                    for (String one : part.lines().toList()) {
                        assertEquals(true, one.startsWith("<") && one.lastIndexOf('<') == 0, "seed " + seed + ": " + part);
                        cut += LINE.matcher(one).matches() ? 0 : 1;
                    }
                }
            } finally {
                Files.delete(path);
            }
        }
        assertEquals(true, cut > 500, "lines that were cut: " + cut);
    }

    /// The old file under its new name and the new one in its place are two: each is asked for its own end.
    @Test
    void aFileThatWasMovedAwayEndsAsItDoes() throws IOException {
        Path path = Files.createTempFile("coffer-log", ".log");
        Path moved = path.resolveSibling(path.getFileName() + ".1");
        try (Arena arena = Arena.ofShared(); FileChannel old = FileChannel.open(path, StandardOpenOption.APPEND)) {
            CircularBuffer ring = CircularBuffer.over("ring", arena.allocate(RING_BYTES, 64), 0, RING_BYTES);
            LogFile file = LogFile.at(path);
            Full disk = new Full(old, 3);
            LogWriter writer = new LogWriter(file, 0, disk, ring, 0);
            write(ring, writer);
            Files.move(path, moved);
            Files.writeString(path, "new\n");
            try (FileChannel fresh = FileChannel.open(path, StandardOpenOption.APPEND)) {
                write(ring, new LogWriter(file, 1, fresh, ring, 1));
            }
            disk.left = Integer.MAX_VALUE;
            write(ring, writer);
            assertEquals("a l\na line\n", Files.readString(moved));
            assertEquals("new\na line\n", Files.readString(path));
        } finally {
            Files.deleteIfExists(path);
            Files.deleteIfExists(moved);
        }
    }

    private static void write(CircularBuffer ring, LogWriter writer) {
        byte[] line = "a line\n".getBytes(StandardCharsets.US_ASCII);
        ring.write(MemorySegment.ofArray(line), 0, line.length);
        ring.readable();
        writer.write();
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
