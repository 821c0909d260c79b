package dev.coffer.memory;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.testkit.HeapBytes;
import dev.coffer.testkit.ObjectBytes;
import dev.coffer.testkit.RawMemory;
import dev.coffer.testkit.Seeds;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class CryptoBufferPropertyTest {
    private static final int CAPACITY = 61;
    private static final MemoryPlan DATA = MemoryPlan.group("data", CryptoBuffer.plan("c", CAPACITY));

    @Test
    void agreesWithTheModel() {
        Seeds.forEach(1, 4, random -> run(random, 75_000));
    }

    @Test
    @Tag("long")
    void agreesWithTheModelForTenMillionOperations() {
        Seeds.forEach(100, 1, random -> run(random, 10_000_000));
    }

    private static void run(SplittableRandom random, int operations) {
        try (Region region = Region.open(RegionConfig.defaults("t"), DATA)) {
            MemorySegment memory = region.carve("c");
            CryptoBuffer buffer = CryptoBuffer.over("c", memory, 1, CAPACITY);
            byte[] source = new byte[80];
            byte[] model = {};
            int peak = 0;
            for (int i = 0; i < operations; i++) {
                random.nextBytes(source);
                int at = random.nextInt(0, 10);
                int bytes = random.nextInt(0, 70);
                switch (random.nextInt(6)) {
                    case 0, 1 -> {
                        if (bytes <= CAPACITY) {
                            buffer.replace(MemorySegment.ofArray(source), at, bytes);
                            model = Arrays.copyOfRange(source, at, at + bytes);
                        } else {
                            assertThrows(IllegalArgumentException.class,
                                    () -> buffer.replace(MemorySegment.ofArray(source), at, bytes));
                        }
                    }
                    case 2 -> {
                        boolean fits = bytes <= CAPACITY - model.length;
                        if (bytes > CAPACITY) {
                            assertThrows(IllegalArgumentException.class,
                                    () -> buffer.tryWrite(MemorySegment.ofArray(source), at, bytes));
                        } else {
                            assertEquals(fits, buffer.tryWrite(MemorySegment.ofArray(source), at, bytes));
                        }
                        if (fits) {
                            ByteArrayOutputStream joined = new ByteArrayOutputStream();
                            joined.writeBytes(model);
                            joined.write(source, at, bytes);
                            model = joined.toByteArray();
                        }
                    }
                    case 3 -> {
                        buffer.clear();
                        model = new byte[0];
                    }
                    default -> {
                        byte[] out = new byte[CAPACITY + 10];
                        assertEquals(model.length, buffer.read(MemorySegment.ofArray(out), at));
                        assertArrayEquals(model, Arrays.copyOfRange(out, at, at + model.length));
                        int from = random.nextInt(model.length + 1);
                        int part = random.nextInt(model.length - from + 1);
                        buffer.read(MemorySegment.ofArray(out), at, from, part);
                        assertArrayEquals(Arrays.copyOfRange(model, from, from + part), Arrays.copyOfRange(out, at, at + part));
                    }
                }
                peak = Math.max(peak, model.length);
                assertEquals(model.length, buffer.usedBytes());
                assertEquals(peak, buffer.peakBytes());
                buffer.checkInvariants();
            }
            buffer.close();
            assertEquals(0, RawMemory.nonZero(memory));
        }
    }

    @Test
    void refusesWhatDoesNotFitBeforeAnythingChanges() {
        try (Region region = Region.open(RegionConfig.defaults("t"), DATA)) {
            MemorySegment memory = region.carve("c");
            CryptoBuffer buffer = CryptoBuffer.over("c", memory, 0, CAPACITY);
            MemorySegment value = Arena.ofAuto().allocate(CAPACITY + 1);
            value.fill((byte) 3);
            buffer.replace(value, 0, CAPACITY);
            assertThrows(IllegalArgumentException.class, () -> buffer.replace(value, 0, CAPACITY + 1));
            assertThrows(IllegalArgumentException.class, () -> buffer.tryWrite(value, 0, CAPACITY + 1));
            assertThrows(IllegalArgumentException.class, () -> buffer.write(value, 0, CAPACITY + 1));
            assertFalse(buffer.tryWrite(value, 0, 1));
            assertEquals(CAPACITY, buffer.length());
            long[][] ranges = {{-1, 1}, {0, -1}, {0, CAPACITY + 2}, {1, Long.MAX_VALUE}, {Long.MAX_VALUE, 1}};
            for (long[] range : ranges) {
                assertThrows(IndexOutOfBoundsException.class, () -> buffer.replace(value, range[0], range[1]));
                assertThrows(IndexOutOfBoundsException.class, () -> buffer.tryWrite(value, range[0], range[1]));
                assertThrows(IndexOutOfBoundsException.class, () -> CryptoBuffer.over("c", value, range[0], range[1]));
            }
            for (long at : new long[] {-1, 2, Long.MAX_VALUE, Long.MIN_VALUE}) {
                assertThrows(IndexOutOfBoundsException.class, () -> buffer.read(value, at));
            }
            assertThrows(IllegalArgumentException.class, () -> buffer.read(value.asReadOnly(), 0));
            assertThrows(IllegalArgumentException.class, () -> CryptoBuffer.over("c", memory, 0, 0));
            assertThrows(IllegalArgumentException.class, () -> CryptoBuffer.over("c", memory.asReadOnly(), 0, 1));
            CryptoBuffer other = CryptoBuffer.over("d", Arena.ofAuto().allocate(CAPACITY), 0, CAPACITY);
            assertFalse(buffer.sameBytes(other));
            other.replace(value, 0, CAPACITY);
            assertTrue(buffer.sameBytes(other));
            other.close();
            other.close();
            assertThrows(IllegalStateException.class, () -> buffer.sameBytes(other));
            assertThrows(IllegalStateException.class, () -> other.replace(value, 0, 1));
            assertThrows(IllegalStateException.class, () -> other.tryWrite(value, 0, 1));
            assertThrows(IllegalStateException.class, () -> other.read(value, 0));
            assertThrows(IllegalStateException.class, other::clear);
            assertThrows(IllegalStateException.class, other::segment);
            assertEquals(0, HeapBytes.least(3, 3, () -> {
                for (int i = 0; i < 50_000; i++) {
                    buffer.replace(value, 0, Math.min(i % 70, CAPACITY - 1));
                    buffer.tryWrite(value, 0, 1);
                    buffer.clear();
                }
            }));
            assertEquals(CryptoBuffer.plan("c", 1).heapBytes(), ObjectBytes.beside(buffer, "c", memory));
            buffer.close();
        }
    }
}
