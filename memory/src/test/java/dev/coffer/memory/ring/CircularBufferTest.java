package dev.coffer.memory.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.memory.BufferBoundsException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class CircularBufferTest {
    private static MemorySegment bytes(int... values) {
        byte[] array = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            array[i] = (byte) values[i];
        }
        return MemorySegment.ofArray(array);
    }

    @Test
    void writesAndReadsAroundTheEnd() {
        CircularBuffer ring = CircularBuffer.over("r", bytes(new int[9]), 2, 5);
        assertTrue(ring.tryWrite(bytes(1, 2, 3, 4), 0, 4));
        assertFalse(ring.tryWrite(bytes(5, 6), 0, 2));
        assertEquals(1, ring.refused());
        MemorySegment out = bytes(new int[5]);
        assertTrue(ring.tryRead(out, 0, 3));
        assertEquals(4, ring.writeSome(bytes(5, 6, 7, 8, 9), 0, 5));
        assertFalse(ring.tryWriteU8(10));
        assertEquals(4, ring.peekU8(0));
        assertEquals(8, ring.peekU8(4));
        assertEquals(-1, ring.peekU8(5));
        assertEquals(5, ring.readSome(out, 0, 5));
        assertFalse(ring.tryRead(out, 0, 1));
        assertEquals(-1, bytes(4, 5, 6, 7, 8).mismatch(out));
        assertEquals(-1, ring.readU8());
        assertEquals(8, ring.writtenBytes());
        assertEquals(8, ring.readBytes());
        assertEquals(0, ring.usedBytes());
        assertEquals(5, ring.peakBytes());
    }

    @Test
    void refusalsSayHowMuchAndTheImpossibleIsTheCallersFault() {
        CircularBuffer ring = CircularBuffer.over("r", bytes(new int[5]), 0, 5);
        ring.write(bytes(1, 2, 3), 0, 3);
        BufferBoundsException full = assertThrows(BufferBoundsException.class, () -> ring.write(bytes(4, 5, 6), 0, 3));
        assertEquals(3, full.requested());
        assertEquals(2, full.available());
        assertEquals("ring \"r\": asked 3 bytes, left 2", full.getMessage());
        assertFalse(ring.tryWrite(bytes(4, 5, 6), 0, 3));
        assertEquals(2, ring.refused());
        ring.write(bytes(4, 5), 0, 2);
        assertEquals(0, assertThrows(BufferBoundsException.class, () -> ring.writeU8(6)).available());
        assertEquals(3, ring.refused());
        MemorySegment out = bytes(new int[6]);
        ring.peek(out, 0, 5);
        ring.read(out, 1, 4);
        assertEquals(-1, bytes(1, 1, 2, 3, 4, 0).mismatch(out));
        BufferBoundsException few = assertThrows(BufferBoundsException.class, () -> ring.read(out, 0, 2));
        assertEquals(2, few.requested());
        assertEquals(1, few.available());
        assertEquals(1, assertThrows(BufferBoundsException.class, () -> ring.peek(out, 0, 5)).available());
        for (Executable impossible : List.<Executable>of(() -> ring.write(out, 0, 6), () -> ring.tryWrite(out, 0, 6),
                () -> ring.read(out, 0, 6), () -> ring.tryRead(out, 0, 6), () -> ring.peek(out, 0, 6),
                () -> ring.tryPeek(out, 0, 6))) {
            String said = assertThrows(IllegalArgumentException.class, impossible).getMessage();
            assertTrue(said.contains("of 6 bytes at once (expected at most its capacity, 5)"), said);
        }
        assertEquals(3, ring.refused(), "what can never be is no refusal of the ring");
        assertEquals(5, ring.readU8());
        ring.writeU8(0x107);
        assertEquals(7, ring.readU8());
    }

    @Test
    void viewsAreTwoRangesOfOneLook() {
        MemorySegment memory = bytes(new int[10]);
        CircularBuffer ring = CircularBuffer.over("r", memory, 2, 8);
        assertEquals(8, ring.room());
        assertEquals(2, ring.firstRoomAt());
        assertEquals(8, ring.firstRoomBytes());
        assertEquals(0, ring.secondRoomBytes());
        ring.commit(6);
        assertEquals(6, ring.readable());
        ring.consume(5);
        assertEquals(7, ring.room());
        assertEquals(8, ring.firstRoomAt());
        assertEquals(2, ring.firstRoomBytes());
        assertEquals(2, ring.secondRoomAt());
        assertEquals(5, ring.secondRoomBytes());
        ring.commit(4);
        // the reader has not looked since: its ranges still say what it saw
        assertEquals(1, ring.firstReadableBytes());
        assertEquals(0, ring.secondReadableBytes());
        assertEquals(5, ring.readable());
        assertEquals(7, ring.firstReadableAt());
        assertEquals(3, ring.firstReadableBytes());
        assertEquals(2, ring.secondReadableAt());
        assertEquals(2, ring.secondReadableBytes());
    }

    /// secbuf bug 11: after read and clear, the write view showed the old secret.
    @Test
    void bug11ConsumedBytesAreZeroBeforeTheWriterSeesThem() {
        MemorySegment memory = bytes(new int[8]);
        CircularBuffer ring = CircularBuffer.over("r", memory, 0, 8);
        ring.tryWrite(bytes(1, 2, 3, 4, 5, 6), 0, 6);
        ring.tryRead(MemorySegment.ofArray(new byte[4]), 0, 4);
        ring.clear();
        assertEquals(8, ring.room());
        assertEquals(-1, bytes(new int[8]).mismatch(memory));
    }

    /// secbuf bug 15: a ring of no bytes divided by zero.
    @Test
    void bug15ARingOfNoBytesIsRefusedAndNothingCommitsIsHarmless() {
        assertThrows(IllegalArgumentException.class, () -> CircularBuffer.over("r", bytes(0), 0, 0));
        CircularBuffer ring = CircularBuffer.over("r", bytes(0), 0, 1);
        ring.commit(0);
        ring.consume(0);
        assertEquals(0, ring.clear());
        assertTrue(ring.tryWriteU8(200));
        ring.commit(0);
        assertEquals(200, ring.readU8());
    }

    @Test
    void whatWasExposedAndNotCommittedIsWiped() {
        MemorySegment memory = bytes(new int[4]);
        CircularBuffer ring = CircularBuffer.over("r", memory, 0, 4);
        ring.room();
        memory.fill((byte) 7);
        ring.commit(1);
        ring.wipe();
        ring.checkInvariants();
        assertEquals(-1, bytes(new int[4]).mismatch(memory));
        ring.room();
        memory.fill((byte) 7);
        ring.close();
        ring.close();
        assertEquals(-1, bytes(new int[4]).mismatch(memory));
    }

    @Test
    void closedRefusesEveryUse() {
        CircularBuffer ring = CircularBuffer.over("ring-a", bytes(0, 0), 0, 2);
        ring.close();
        MemorySegment one = bytes(0);
        List<Executable> uses = List.of(ring::room, () -> ring.commit(0), () -> ring.tryWrite(one, 0, 1),
                () -> ring.write(one, 0, 1), () -> ring.read(one, 0, 1), () -> ring.peek(one, 0, 1), () -> ring.writeU8(1),
                () -> ring.writeSome(one, 0, 1), () -> ring.tryWriteU8(1), ring::readable, () -> ring.consume(0),
                () -> ring.tryRead(one, 0, 1), () -> ring.readSome(one, 0, 1), ring::readU8, () -> ring.tryPeek(one, 0, 1),
                () -> ring.peekU8(0), ring::clear, ring::segment, ring::wipe);
        for (Executable use : uses) {
            assertEquals("ring \"ring-a\" is closed", assertThrows(IllegalStateException.class, use).getMessage());
        }
    }

    @Test
    void refusesNumbersOutOfRangeBeforeAnythingChanges() {
        MemorySegment memory = bytes(new int[8]);
        CircularBuffer ring = CircularBuffer.over("r", memory, 0, 8);
        ring.tryWrite(bytes(1, 2, 3), 0, 3);
        MemorySegment two = bytes(9, 9);
        for (long wrong : new long[] {-1, Long.MIN_VALUE, 6, Long.MAX_VALUE}) {
            assertThrows(IllegalArgumentException.class, () -> ring.commit(wrong), () -> "commit " + wrong);
        }
        for (long wrong : new long[] {-1, Long.MIN_VALUE, 4, Long.MAX_VALUE}) {
            assertThrows(IllegalArgumentException.class, () -> ring.consume(wrong), () -> "consume " + wrong);
        }
        long[][] ranges = {{-1, 1}, {0, -1}, {0, 3}, {2, 1}, {1, Long.MAX_VALUE}, {Long.MAX_VALUE, 1},
                {Long.MIN_VALUE, 1}};
        for (long[] range : ranges) {
            List<Executable> uses = List.of(() -> ring.tryWrite(two, range[0], range[1]),
                    () -> ring.writeSome(two, range[0], range[1]), () -> ring.tryRead(two, range[0], range[1]),
                    () -> ring.readSome(two, range[0], range[1]), () -> ring.tryPeek(two, range[0], range[1]));
            for (Executable use : uses) {
                assertThrows(IndexOutOfBoundsException.class, use);
            }
        }
        ring.write(bytes(4, 5, 6, 7), 0, 4);
        for (long[] range : ranges) {  // also where there is no room to find out with
            for (Executable use : List.<Executable>of(() -> ring.tryWrite(two, range[0], range[1]),
                    () -> ring.writeSome(two, range[0], range[1]))) {
                assertThrows(IndexOutOfBoundsException.class, use);
            }
        }
        ring.tryWriteU8(8);
        assertThrows(IndexOutOfBoundsException.class, () -> ring.tryWrite(two, 1, 2));
        assertEquals(0, ring.refused());
        ring.consume(8);
        assertThrows(IndexOutOfBoundsException.class, () -> ring.tryRead(two, 1, 2));
        ring.wipe();
        ring.write(bytes(1, 2, 3), 0, 3);
        assertThrows(IllegalArgumentException.class, () -> ring.peekU8(-1));
        assertThrows(IllegalArgumentException.class, () -> ring.tryRead(two.asReadOnly(), 0, 1));
        assertThrows(IllegalArgumentException.class, () -> ring.readSome(two.asReadOnly(), 0, 1));
        assertThrows(IllegalArgumentException.class, () -> CircularBuffer.over("r", memory.asReadOnly(), 0, 8));
        assertThrows(IndexOutOfBoundsException.class, () -> CircularBuffer.over("r", memory, 1, 8));
        assertThrows(IndexOutOfBoundsException.class, () -> CircularBuffer.over("r", memory, -1, 1));
        assertThrows(IndexOutOfBoundsException.class, () -> CircularBuffer.over("r", memory, 1, Long.MAX_VALUE));
        ring.checkInvariants();
        assertEquals(3, ring.usedBytes());
        assertEquals(-1, bytes(9, 9).mismatch(two));
        assertEquals(-1, bytes(1, 2, 3, 0, 0, 0, 0, 0).mismatch(memory));
    }

    @Test
    void roundsUpToPowersOfTwo() {
        assertEquals(1, CircularBuffer.powerOfTwo(1));
        assertEquals(4, CircularBuffer.powerOfTwo(3));
        assertEquals(4, CircularBuffer.powerOfTwo(4));
        assertEquals(1L << 62, CircularBuffer.powerOfTwo((1L << 61) + 1));
        for (long wrong : new long[] {0, -1, (1L << 62) + 1, Long.MAX_VALUE, Long.MIN_VALUE}) {
            assertThrows(IllegalArgumentException.class, () -> CircularBuffer.powerOfTwo(wrong));
        }
    }

    @Test
    void anotherThreadsArenaIsRefusedBeforeAnythingChanges() throws InterruptedException {
        try (Arena mine = Arena.ofConfined()) {
            CircularBuffer ring = CircularBuffer.over("r", mine.allocate(8), 0, 8);
            ring.tryWrite(bytes(1, 2), 0, 2);
            Thread other = new Thread(() -> {
                assertThrows(WrongThreadException.class, () -> ring.tryWrite(bytes(3), 0, 1));
                assertThrows(WrongThreadException.class, () -> ring.consume(1));
                assertThrows(WrongThreadException.class, ring::readU8);
            });
            Throwable[] failure = new Throwable[1];
            other.setUncaughtExceptionHandler((thread, e) -> failure[0] = e);
            other.start();
            other.join();
            assertEquals(null, failure[0]);
            assertEquals(2, ring.usedBytes());
        }
    }

    /// One thread writes a sequence in pieces of any size, by copy and by view; another reads it in its own pieces.
    @Test
    void oneWriterAndOneReaderNeedNoLock() throws InterruptedException {
        for (long capacity : new long[] {1, 7, 64, 1000}) {
            long total = Math.min(3_000_000, capacity * 10_000);
            try (Arena arena = Arena.ofShared()) {
                CircularBuffer ring = CircularBuffer.over("r", arena.allocate(capacity), 0, capacity);
                Throwable[] failure = new Throwable[1];
                Thread writer = new Thread(() -> produce(ring, total));
                writer.setUncaughtExceptionHandler((thread, e) -> failure[0] = e);
                writer.start();
                consume(ring, total, writer);
                writer.join();
                assertEquals(null, failure[0]);
                assertEquals(total, ring.writtenBytes());
                assertEquals(0, ring.usedBytes());
                assertTrue(ring.peakBytes() <= capacity);
                ring.checkInvariants();
            }
        }
    }

    private static void produce(CircularBuffer ring, long total) {
        SplittableRandom random = new SplittableRandom(1);
        MemorySegment piece = MemorySegment.ofArray(new byte[256]);
        for (long at = 0; at < total;) {
            long want = Math.min(total - at, random.nextInt(1, 257));
            long done;
            if (random.nextBoolean()) {
                for (long i = 0; i < want; i++) {
                    piece.set(ValueLayout.JAVA_BYTE, i, (byte) ((at + i) * 31 + 1 | 1));
                }
                done = ring.writeSome(piece, 0, want);
            } else {
                done = Math.min(want, ring.room());
                for (long i = 0; i < done; i++) {
                    long first = ring.firstRoomBytes();
                    long to = i < first ? ring.firstRoomAt() + i : ring.secondRoomAt() + i - first;
                    if (ring.segment().get(ValueLayout.JAVA_BYTE, to) != 0) {
                        throw new AssertionError("the writer was shown an old byte at " + (at + i));
                    }
                    ring.segment().set(ValueLayout.JAVA_BYTE, to, (byte) ((at + i) * 31 + 1 | 1));
                }
                ring.commit(done);
            }
            at += done;
            if (done == 0) {
                Thread.yield();
            }
        }
    }

    private static void consume(CircularBuffer ring, long total, Thread writer) {
        SplittableRandom random = new SplittableRandom(2);
        MemorySegment piece = MemorySegment.ofArray(new byte[256]);
        for (long at = 0; at < total;) {
            long want = random.nextInt(1, 257);
            boolean view = random.nextBoolean();
            long done = view ? Math.min(want, ring.readable()) : ring.readSome(piece, 0, want);
            for (long i = 0; i < done; i++) {
                long first = ring.firstReadableBytes();
                byte seen = !view ? piece.get(ValueLayout.JAVA_BYTE, i) : ring.segment().get(ValueLayout.JAVA_BYTE,
                        i < first ? ring.firstReadableAt() + i : ring.secondReadableAt() + i - first);
                if (seen != (byte) ((at + i) * 31 + 1 | 1)) {
                    throw new AssertionError("byte " + (at + i) + " is " + seen);
                }
            }
            if (view) {
                ring.consume(done);
            }
            at += done;
            if (done == 0) {
                assertTrue(writer.isAlive() || ring.readable() > 0 || at >= total, "the writer died");
                Thread.yield();
            }
        }
    }
}
