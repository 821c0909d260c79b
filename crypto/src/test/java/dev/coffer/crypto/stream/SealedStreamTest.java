package dev.coffer.crypto.stream;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.testkit.HeapBytes;
import dev.coffer.testkit.RawMemory;
import dev.coffer.testkit.SeededEntropy;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SealedStreamTest {
    private static final int CHUNK = SealedStream.CHUNK_TEXT_BYTES;
    private final Arena arena = Arena.ofAuto();
    private final MemorySegment key = arena.allocate(32).fill((byte) 3);
    private final SeededEntropy entropy = new SeededEntropy(4);
    private final MemorySegment work = arena.allocate(SealedStream.CHUNK_BYTES + 64);
    private final SealedStream stream = new SealedStream(arena.allocate(SealedStream.plan().totalBytes(), 64));

    /// {@return header and chunks of a text of `length` bytes, each byte its position's}
    private List<byte[]> seal(SealedSuite suite, int length) {
        List<byte[]> parts = new ArrayList<>();
        stream.writeHeader(suite, key, 0, entropy, work, 0);
        parts.add(work.asSlice(0, SealedStream.HEADER_BYTES).toArray(ValueLayout.JAVA_BYTE));
        int at = 0;
        do {
            int take = Math.min(CHUNK, length - at);
            for (int i = 0; i < take; i++) {
                work.set(ValueLayout.JAVA_BYTE, i, (byte) (at + i));
            }
            int sealed = stream.sealChunk(work, 0, take, at + take == length);
            parts.add(work.asSlice(0, sealed).toArray(ValueLayout.JAVA_BYTE));
            at += take;
        } while (at < length);
        return parts;
    }

    /// {@return the first verdict that is not VALID, or VALID; checks every byte that was given out}
    private SealedVerdict open(List<byte[]> parts) {
        MemorySegment.copy(parts.get(0), 0, work, ValueLayout.JAVA_BYTE, 0, parts.get(0).length);
        SealedVerdict verdict = stream.readHeader(key, 0, work, 0, parts.get(0).length);
        int at = 0;
        for (int i = 1; i < parts.size() && verdict == SealedVerdict.VALID; i++) {
            byte[] part = parts.get(i);
            MemorySegment.copy(part, 0, work, ValueLayout.JAVA_BYTE, 0, part.length);
            verdict = stream.openChunk(work, 0, part.length, i == parts.size() - 1);
            for (int j = 0; verdict == SealedVerdict.VALID && j < part.length - 16; j++) {
                assertEquals((byte) (at + j), work.get(ValueLayout.JAVA_BYTE, j));
            }
            at += part.length - 16;
        }
        return verdict;
    }

    @ParameterizedTest
    @EnumSource(SealedSuite.class)
    void opensWhatItSealedAtEveryEdgeOfAChunk(SealedSuite suite) {
        for (int length : new int[] {0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK - 5}) {
            List<byte[]> parts = seal(suite, length);
            assertEquals(Math.max(1, (length + CHUNK - 1) / CHUNK), parts.size() - 1);
            assertEquals(SealedVerdict.VALID, open(parts), length + " bytes");
        }
    }

    /// Whoever has the key could mend digest and MAC: what a later version may mean by them is no header of this one.
    @Test
    void aSuiteThatIsNotKnownAndAByteThatIsKeptForLaterAreAnotherFormat() {
        byte[] header = seal(SealedSuite.CHACHA20_POLY1305, 0).get(0);
        int[][] changes = {{8, 0}, {8, 3}, {8, 255}, {9, 1}, {9, 128}, {7, 0}, {7, 2}};
        for (int[] change : changes) {
            MemorySegment changed = arena.allocate(header.length);
            MemorySegment.copy(header, 0, changed, ValueLayout.JAVA_BYTE, 0, header.length);
            changed.set(ValueLayout.JAVA_BYTE, change[0], (byte) change[1]);
            String what = "byte " + change[0] + " as " + change[1];
            assertEquals(-1, SealedStream.headerBytes(changed, 0), what);
            assertEquals(SealedVerdict.UNKNOWN_FORMAT, stream.takeHeader(changed, 0, header.length), what);
        }
    }

    /// Part of it may be sealed already, and what is tried next may be another text.
    @Test
    void aChunkWhoseMemoryFailsInTheMiddleEndsTheStreamAsItsNonceMayBeUsed() {
        MemorySegment closed;
        try (Arena brief = Arena.ofConfined()) {
            closed = brief.allocate(SealedStream.CHUNK_BYTES);
        }
        stream.writeHeader(SealedSuite.CHACHA20_POLY1305, key, 0, entropy, work, 0);
        stream.sealChunk(work, 0, CHUNK, false);
        MemorySegment gone = closed;
        assertThrows(IllegalStateException.class, () -> stream.sealChunk(gone, 0, CHUNK, false));
        assertThrows(IllegalStateException.class, () -> stream.sealChunk(work, 0, CHUNK, false), "the same number again");
        assertEquals("SealedStream[no header]", stream.toString());
        assertEquals(SealedVerdict.VALID, open(seal(SealedSuite.CHACHA20_POLY1305, 10)), "and another may begin");
    }

    @Test
    void startsWithTheFormatsName() {
        assertEquals("coffer\n\1", new String(seal(SealedSuite.CHACHA20_POLY1305, 0).get(0), 0, 8, StandardCharsets.US_ASCII));
    }

    @ParameterizedTest
    @EnumSource(SealedSuite.class)
    void noticesWhateverIsCutDroppedMovedOrRepeated(SealedSuite suite) {
        List<byte[]> parts = seal(suite, 4 * CHUNK);
        for (int keep = 2; keep < parts.size(); keep++) {
            assertEquals(SealedVerdict.CHANGED, open(parts.subList(0, keep)), "cut after part " + keep);
        }
        for (int i = 1; i < parts.size(); i++) {
            List<byte[]> dropped = new ArrayList<>(parts);
            dropped.remove(i);
            assertEquals(SealedVerdict.CHANGED, open(dropped), "dropped " + i);
            List<byte[]> repeated = new ArrayList<>(parts);
            repeated.add(i, parts.get(i));
            assertEquals(SealedVerdict.CHANGED, open(repeated), "repeated " + i);
            List<byte[]> shortened = new ArrayList<>(parts);
            shortened.set(i, java.util.Arrays.copyOf(parts.get(i), parts.get(i).length - 1));
            assertEquals(SealedVerdict.CHANGED, open(shortened), "shortened " + i);
        }
        List<byte[]> swapped = new ArrayList<>(parts);
        Collections.swap(swapped, 1, 2);
        assertEquals(SealedVerdict.CHANGED, open(swapped));
    }

    @ParameterizedTest
    @EnumSource(SealedSuite.class)
    void noticesEveryFlippedBitOfHeaderAndChunk(SealedSuite suite) {
        List<byte[]> parts = seal(suite, 20);
        for (int part = 0; part < 2; part++) {
            for (int bit = 0; bit < 8 * parts.get(part).length; bit++) {
                parts.get(part)[bit / 8] ^= (byte) (1 << bit % 8);
                assertNotEquals(SealedVerdict.VALID, open(parts), "bit " + bit + " of part " + part);
                parts.get(part)[bit / 8] ^= (byte) (1 << bit % 8);
            }
        }
        assertEquals(SealedVerdict.VALID, open(parts));
    }

    @Test
    void aWrongKeyAndAChangedHeaderAreTwoAnswers() {
        List<byte[]> parts = seal(SealedSuite.CHACHA20_POLY1305, 20);
        byte[] header = parts.get(0);
        assertEquals(SealedStream.HEADER_BYTES, header.length);
        for (int bit = 0; bit < 8 * header.length; bit++) {
            byte[] changed = header.clone();
            changed[bit / 8] ^= (byte) (1 << bit % 8);
            SealedVerdict verdict = readHeader(key, changed);
            boolean named = bit / 8 < SealedStream.PREFIX_BYTES && verdict == SealedVerdict.UNKNOWN_FORMAT;
            assertTrue(verdict == SealedVerdict.CHANGED || named, "bit " + bit + ": " + verdict);
        }
        MemorySegment other = arena.allocate(32).copyFrom(key);
        for (int bit = 0; bit < 256; bit++) {
            other.set(ValueLayout.JAVA_BYTE, bit / 8, (byte) (3 ^ 1 << bit % 8));
            assertEquals(SealedVerdict.WRONG_KEY, readHeader(other, header), "key bit " + bit);
            other.set(ValueLayout.JAVA_BYTE, bit / 8, (byte) 3);
        }
        assertEquals(SealedVerdict.VALID, readHeader(key, header));
        for (int length = 0; length < header.length; length++) {
            assertEquals(length < SealedStream.PREFIX_BYTES ? SealedVerdict.UNKNOWN_FORMAT : SealedVerdict.CHANGED,
                    readHeader(key, java.util.Arrays.copyOf(header, length)), length + " bytes");
        }
    }

    private SealedVerdict readHeader(MemorySegment with, byte[] header) {
        MemorySegment.copy(header, 0, work, ValueLayout.JAVA_BYTE, 0, header.length);
        return stream.readHeader(with, 0, work, 0, header.length);
    }

    @Test
    void nothingThatWasDerivedStaysButTheSchedule() {
        MemorySegment memory = arena.allocate(SealedStream.plan().totalBytes(), 64);
        SealedStream other = new SealedStream(memory);
        long derived = SealedHeader.HEADER_BYTES_MAX;
        long schedule = SealedHeader.MEMORY_BYTES + 16 + 32;
        for (SealedSuite suite : SealedSuite.values()) {
            other.writeHeader(suite, key, 0, entropy, work, 0);
            assertEquals(0, RawMemory.nonZero(memory, derived, (int) (schedule - derived)), "after writing");
            assertTrue(RawMemory.nonZero(memory, schedule, 32) > 0, "the schedule is there");
            assertEquals(SealedVerdict.VALID, other.readHeader(key, 0, work, 0, SealedStream.HEADER_BYTES));
            assertEquals(0, RawMemory.nonZero(memory, derived, (int) (schedule - derived)), "after reading");
            MemorySegment wrong = arena.allocate(32);
            assertEquals(SealedVerdict.WRONG_KEY, other.readHeader(wrong, 0, work, 0, SealedStream.HEADER_BYTES));
            assertEquals(0, RawMemory.nonZero(memory), "after a wrong key");
            assertEquals(SealedVerdict.VALID, other.readHeader(key, 0, work, 0, SealedStream.HEADER_BYTES));
            assertThrows(IllegalStateException.class, () -> other.writeHeader(suite, key, 0, (s, at, length) -> {
                if (at != SealedHeader.HEADER + 16) {  // the second draw
                    throw new IllegalStateException("no entropy");
                }
                entropy.fill(s, at, length);
            }, work, 1000));
            assertEquals(0, RawMemory.nonZero(memory), "after a source that failed");
        }
    }

    @Test
    void drawsItsOwnSaltAndFileKeyAndNoticesASourceThatFillsNothing() {
        List<byte[]> first = seal(SealedSuite.CHACHA20_POLY1305, 20);
        List<byte[]> second = seal(SealedSuite.CHACHA20_POLY1305, 20);
        assertFalse(java.util.Arrays.equals(first.get(1), second.get(1)), "two streams with one key stream");
        work.fill((byte) 9);
        assertThrows(IllegalStateException.class,
                () -> stream.writeHeader(SealedSuite.CHACHA20_POLY1305, key, 0, (s, at, length) -> {}, work, 0));
        assertEquals(9, work.get(ValueLayout.JAVA_BYTE, 0), "nothing is written");
        assertThrows(IllegalStateException.class, () -> stream.sealChunk(work, 0, 1, true));
    }

    @Test
    void everyNumberHasANonceOfItsOwn() {
        MemorySegment nonce = arena.allocate(12);
        for (long chunk : new long[] {0, 1, 255, 256, (1L << 24) - 1, 1L << 24, (1L << 32) - 1}) {
            for (int last = 0; last < 2; last++) {
                SealedChunks.nonce(nonce, 0, chunk, last == 1);
                byte[] expected = java.nio.ByteBuffer.allocate(12).putInt(7, (int) chunk).put(11, (byte) last).array();
                assertArrayEquals(expected, nonce.toArray(ValueLayout.JAVA_BYTE), chunk + ", last " + last);
            }
        }
    }

    @Test
    void aFullStreamSealsAndOpensNoMore() {
        SealedStream small = new SealedStream(arena.allocate(SealedStream.plan().totalBytes(), 64), 2);
        small.writeHeader(SealedSuite.CHACHA20_POLY1305, key, 0, entropy, work, 0);
        byte[] header = work.asSlice(0, SealedStream.HEADER_BYTES).toArray(ValueLayout.JAVA_BYTE);
        byte[][] chunks = new byte[2][];
        for (int i = 0; i < 2; i++) {
            small.sealChunk(work, 0, CHUNK, false);
            chunks[i] = work.asSlice(0, SealedStream.CHUNK_BYTES).toArray(ValueLayout.JAVA_BYTE);
        }
        assertThrows(IllegalStateException.class, () -> small.sealChunk(work, 0, 5, true));
        MemorySegment.copy(header, 0, work, ValueLayout.JAVA_BYTE, 0, header.length);
        assertEquals(SealedVerdict.VALID, small.readHeader(key, 0, work, 0, header.length));
        for (int i = 0; i < 2; i++) {
            MemorySegment.copy(chunks[i], 0, work, ValueLayout.JAVA_BYTE, 0, chunks[i].length);
            assertEquals(SealedVerdict.VALID, small.openChunk(work, 0, SealedStream.CHUNK_BYTES, false));
        }
        assertEquals(SealedVerdict.OUT_OF_PLACE, small.openChunk(work, 0, 30, true));
    }

    @Test
    void rangesOfTheStreamsOwnMemoryAreRefused() {
        MemorySegment memory = arena.allocate(SealedStream.plan().totalBytes(), 64);
        SealedStream other = new SealedStream(memory);
        MemorySegment heap = MemorySegment.ofArray(new byte[32]);
        assertThrows(IllegalArgumentException.class, () -> new SealedStream(MemorySegment.ofArray(
                new long[(int) SealedStream.plan().totalBytes() / 8])));
        assertThrows(IllegalArgumentException.class, () -> new SealedStream(memory.asReadOnly()));
        assertThrows(IllegalArgumentException.class,
                () -> other.writeHeader(SealedSuite.AES_256_GCM, heap, 0, entropy, work, 0));
        assertThrows(IllegalArgumentException.class,
                () -> other.writeHeader(SealedSuite.AES_256_GCM, memory, 0, entropy, work, 0));
        assertThrows(IllegalArgumentException.class,
                () -> other.writeHeader(SealedSuite.AES_256_GCM, key, 0, entropy, memory, 0));
        assertThrows(IllegalArgumentException.class, () -> other.readHeader(heap, 0, work, 0, 176));
        assertThrows(IllegalArgumentException.class, () -> other.readHeader(memory, 0, work, 0, 176));
        assertThrows(IllegalArgumentException.class, () -> other.readHeader(key, 0, memory, 0, 176));
        other.writeHeader(SealedSuite.AES_256_GCM, key, 0, entropy, work, 0);
        assertThrows(IllegalArgumentException.class, () -> other.sealChunk(memory, 0, 20, true));
        assertEquals(SealedVerdict.VALID, other.readHeader(key, 0, work, 0, 176));
        assertThrows(IllegalArgumentException.class, () -> other.openChunk(memory, 0, 20, true));
    }

    @Test
    void endsWithTheLastChunk() {
        List<byte[]> parts = seal(SealedSuite.CHACHA20_POLY1305, 5);
        assertThrows(IllegalStateException.class, () -> stream.sealChunk(work, 0, 1, true));
        assertEquals(SealedVerdict.VALID, open(parts));
        assertEquals(SealedVerdict.OUT_OF_PLACE, stream.openChunk(work, 0, 30, true));
    }

    @Test
    void aStreamThatIsReadSealsNothing() {
        List<byte[]> parts = seal(SealedSuite.CHACHA20_POLY1305, 5);
        MemorySegment.copy(parts.get(0), 0, work, ValueLayout.JAVA_BYTE, 0, parts.get(0).length);
        assertEquals(SealedVerdict.VALID, stream.readHeader(key, 0, work, 0, SealedStream.HEADER_BYTES));
        // Number 0 was sealed under this very key: another text under it would give both away.
        assertThrows(IllegalStateException.class, () -> stream.sealChunk(work, 0, 5, true));
        stream.writeHeader(SealedSuite.CHACHA20_POLY1305, key, 0, entropy, work, 0);
        assertThrows(IllegalStateException.class, () -> stream.openChunk(work, 0, 21, true));
        assertEquals(SealedVerdict.UNKNOWN_FORMAT, stream.readHeader(key, 0, work.asSlice(1), 0, SealedStream.HEADER_BYTES));
        assertThrows(IllegalStateException.class, () -> stream.sealChunk(work, 0, 5, true));
    }

    @Test
    void aHeaderIsNotWrittenForAKeyThatIsTooShort() {
        work.fill((byte) 9);
        assertThrows(IndexOutOfBoundsException.class,
                () -> stream.writeHeader(SealedSuite.CHACHA20_POLY1305, key, 1, entropy, work, 0));
        assertEquals(9, work.get(ValueLayout.JAVA_BYTE, 0));
    }

    @Test
    void anEmptyLastChunkOfALongerStreamIsRefused() {
        seal(SealedSuite.CHACHA20_POLY1305, CHUNK);
        stream.writeHeader(SealedSuite.CHACHA20_POLY1305, key, 0, entropy, work, 0);
        stream.sealChunk(work, 0, CHUNK, false);
        assertThrows(IllegalArgumentException.class, () -> stream.sealChunk(work, 0, 0, true));
        assertThrows(IllegalArgumentException.class, () -> stream.sealChunk(work, 0, CHUNK - 1, false));
        assertThrows(IllegalArgumentException.class, () -> stream.sealChunk(work, 0, CHUNK + 1, true));
    }

    @Test
    void closedStreamsAreZeroAndRefuse() {
        MemorySegment memory = arena.allocate(SealedStream.plan().totalBytes(), 64);
        SealedStream other = new SealedStream(memory);
        assertThrows(IllegalStateException.class, () -> other.sealChunk(work, 0, 1, true));
        other.writeHeader(SealedSuite.AES_256_GCM, key, 0, entropy, work, 0);
        other.close();
        assertEquals(0, RawMemory.nonZero(memory));
        assertThrows(IllegalStateException.class, () -> other.openChunk(work, 0, 16, true));
        assertThrows(IllegalArgumentException.class, () -> new SealedStream(arena.allocate(64)));
    }

    @Test
    void allocatesNothing() {
        stream.writeHeader(SealedSuite.CHACHA20_POLY1305, key, 0, entropy, work, 0);
        assertEquals(0, HeapBytes.least(3, 5, () -> {
            for (int i = 0; i < 20; i++) {
                stream.sealChunk(work, 0, CHUNK, false);
            }
        }));
    }
}
