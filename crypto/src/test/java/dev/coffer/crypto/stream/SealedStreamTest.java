package dev.coffer.crypto.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.coffer.crypto.stream.SealedStream.Suite;
import dev.coffer.crypto.stream.SealedStream.Verdict;
import dev.coffer.testkit.HeapBytes;
import dev.coffer.testkit.RawMemory;
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
    private final MemorySegment salt = arena.allocate(32).fill((byte) 4);
    private final MemorySegment work = arena.allocate(SealedStream.CHUNK_BYTES + 64);
    private final SealedStream stream = new SealedStream(arena.allocate(SealedStream.plan().totalBytes(), 64));

    /// {@return header and chunks of a text of `length` bytes, each byte its position's}
    private List<byte[]> seal(Suite suite, int length) {
        List<byte[]> parts = new ArrayList<>();
        stream.writeHeader(suite, key, 0, salt, 0, work, 0);
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
    private Verdict open(List<byte[]> parts) {
        MemorySegment.copy(parts.get(0), 0, work, ValueLayout.JAVA_BYTE, 0, parts.get(0).length);
        Verdict verdict = stream.readHeader(key, 0, work, 0);
        int at = 0;
        for (int i = 1; i < parts.size() && verdict == Verdict.VALID; i++) {
            byte[] part = parts.get(i);
            MemorySegment.copy(part, 0, work, ValueLayout.JAVA_BYTE, 0, part.length);
            verdict = stream.openChunk(work, 0, part.length, i == parts.size() - 1);
            for (int j = 0; verdict == Verdict.VALID && j < part.length - 16; j++) {
                assertEquals((byte) (at + j), work.get(ValueLayout.JAVA_BYTE, j));
            }
            at += part.length - 16;
        }
        return verdict;
    }

    @ParameterizedTest
    @EnumSource(Suite.class)
    void opensWhatItSealedAtEveryEdgeOfAChunk(Suite suite) {
        for (int length : new int[] {0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK - 5}) {
            List<byte[]> parts = seal(suite, length);
            assertEquals(Math.max(1, (length + CHUNK - 1) / CHUNK), parts.size() - 1);
            assertEquals(Verdict.VALID, open(parts), length + " bytes");
        }
    }

    @Test
    void startsWithTheFormatsName() {
        assertEquals("coffer1\n", new String(seal(Suite.CHACHA20_POLY1305, 0).get(0), 0, 8, StandardCharsets.US_ASCII));
    }

    @ParameterizedTest
    @EnumSource(Suite.class)
    void noticesWhateverIsCutDroppedMovedOrRepeated(Suite suite) {
        List<byte[]> parts = seal(suite, 4 * CHUNK);
        for (int keep = 2; keep < parts.size(); keep++) {
            assertEquals(Verdict.FORGED, open(parts.subList(0, keep)), "cut after part " + keep);
        }
        for (int i = 1; i < parts.size(); i++) {
            List<byte[]> dropped = new ArrayList<>(parts);
            dropped.remove(i);
            assertEquals(Verdict.FORGED, open(dropped), "dropped " + i);
            List<byte[]> repeated = new ArrayList<>(parts);
            repeated.add(i, parts.get(i));
            assertEquals(Verdict.FORGED, open(repeated), "repeated " + i);
            List<byte[]> shortened = new ArrayList<>(parts);
            shortened.set(i, java.util.Arrays.copyOf(parts.get(i), parts.get(i).length - 1));
            assertEquals(Verdict.FORGED, open(shortened), "shortened " + i);
        }
        List<byte[]> swapped = new ArrayList<>(parts);
        Collections.swap(swapped, 1, 2);
        assertEquals(Verdict.FORGED, open(swapped));
    }

    @ParameterizedTest
    @EnumSource(Suite.class)
    void noticesEveryFlippedBitOfHeaderAndChunk(Suite suite) {
        List<byte[]> parts = seal(suite, 20);
        for (int part = 0; part < 2; part++) {
            for (int bit = 0; bit < 8 * parts.get(part).length; bit++) {
                parts.get(part)[bit / 8] ^= (byte) (1 << bit % 8);
                assertNotEquals(Verdict.VALID, open(parts), "bit " + bit + " of part " + part);
                parts.get(part)[bit / 8] ^= (byte) (1 << bit % 8);
            }
        }
        assertEquals(Verdict.VALID, open(parts));
    }

    @Test
    void endsWithTheLastChunk() {
        List<byte[]> parts = seal(Suite.CHACHA20_POLY1305, 5);
        assertThrows(IllegalStateException.class, () -> stream.sealChunk(work, 0, 1, true));
        assertEquals(Verdict.VALID, open(parts));
        assertEquals(Verdict.OUT_OF_PLACE, stream.openChunk(work, 0, 30, true));
    }

    @Test
    void aStreamThatIsReadSealsNothing() {
        List<byte[]> parts = seal(Suite.CHACHA20_POLY1305, 5);
        MemorySegment.copy(parts.get(0), 0, work, ValueLayout.JAVA_BYTE, 0, parts.get(0).length);
        assertEquals(Verdict.VALID, stream.readHeader(key, 0, work, 0));
        // Number 0 was sealed under this very key: another text under it would give both away.
        assertThrows(IllegalStateException.class, () -> stream.sealChunk(work, 0, 5, true));
        stream.writeHeader(Suite.CHACHA20_POLY1305, key, 0, salt, 0, work, 0);
        assertThrows(IllegalStateException.class, () -> stream.openChunk(work, 0, 21, true));
        assertEquals(Verdict.UNKNOWN_FORMAT, stream.readHeader(key, 0, work.asSlice(1), 0));
        assertThrows(IllegalStateException.class, () -> stream.sealChunk(work, 0, 5, true));
    }

    @Test
    void aHeaderIsNotWrittenForAKeyThatIsTooShort() {
        work.fill((byte) 9);
        assertThrows(IndexOutOfBoundsException.class,
                () -> stream.writeHeader(Suite.CHACHA20_POLY1305, key, 1, salt, 0, work, 0));
        assertEquals(9, work.get(ValueLayout.JAVA_BYTE, 0));
    }

    @Test
    void anEmptyLastChunkOfALongerStreamIsRefused() {
        seal(Suite.CHACHA20_POLY1305, CHUNK);
        stream.writeHeader(Suite.CHACHA20_POLY1305, key, 0, salt, 0, work, 0);
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
        other.writeHeader(Suite.AES_256_GCM, key, 0, salt, 0, work, 0);
        other.close();
        assertEquals(0, RawMemory.nonZero(memory.address(), (int) memory.byteSize()));
        assertThrows(IllegalStateException.class, () -> other.openChunk(work, 0, 16, true));
        assertThrows(IllegalArgumentException.class, () -> new SealedStream(arena.allocate(64)));
    }

    @Test
    void allocatesNothing() {
        stream.writeHeader(Suite.CHACHA20_POLY1305, key, 0, salt, 0, work, 0);
        assertEquals(0, HeapBytes.least(3, 5, () -> {
            for (int i = 0; i < 20; i++) {
                stream.sealChunk(work, 0, CHUNK, false);
            }
        }));
    }
}
