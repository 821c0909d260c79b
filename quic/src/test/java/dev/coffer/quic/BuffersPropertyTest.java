package dev.coffer.quic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.testkit.RawMemory;
import dev.coffer.testkit.Seeds;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What is sent until it is acknowledged, and what is received until it is read, beside plain arrays.
class BuffersPropertyTest {
    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;

    private final MemorySegment row = Arena.ofAuto().allocate(64);
    private final MemorySegment wire = Arena.ofAuto().allocate(1 << 14);

    private static Blocks blocks(int count, int bytes) {
        MemorySegment memory = Arena.ofAuto().allocate((long) count * bytes + 24);
        return new Blocks("quic.blocks", count, bytes, memory, 24);
    }

    private static void assertNothingLeft(Blocks blocks) {
        assertEquals(0, blocks.account().count(), "blocks held");
        assertEquals(0, RawMemory.nonZero(blocks.memory()), "bytes left in them");
    }

    private static byte at(long offset) {
        return (byte) (offset * 31 + (offset >>> 8) * 7 + 1);
    }

    private boolean insert(Blocks blocks, long offset, int length, int most, int keep) {
        for (int i = 0; i < length; i++) {
            wire.set(BYTE, 3 + i, at(offset + i));
        }
        return ReceiveBuffer.insert(row, 0, blocks, offset, wire, 3, length, most, keep);
    }

    private long readAll(Blocks blocks) {
        long read = ReceiveBuffer.read(row, 0);
        for (int bytes; (bytes = ReceiveBuffer.readable(row, 0, blocks)) > 0;) {
            long from = ReceiveBuffer.readAt(row, 0, blocks);
            for (int i = 0; i < bytes; i++) {
                assertEquals(at(read + i), blocks.memory().get(BYTE, from + i), "byte " + (read + i));
            }
            ReceiveBuffer.consume(row, 0, blocks, bytes);
            read += bytes;
        }
        return read;
    }

    @Test
    void chromiumsHelloComesTogetherFromThreePiecesInAnyOrder() {
        int[][] pieces = {{0, 700}, {700, 1117}, {1817, 164}};  // 1,981 bytes
        int[][] orders = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
        for (int bytes : new int[] {128, 256, 4096}) {
            Blocks blocks = blocks(32, bytes);
            for (int[] order : orders) {
                row.fill((byte) 0);
                for (int i : order) {
                    assertTrue(insert(blocks, pieces[i][0], pieces[i][1], 32, 4));
                    ReceiveBuffer.checkInvariants(row, 0, blocks);
                }
                assertEquals(1981, ReceiveBuffer.ready(row, 0));
                assertEquals(1981, readAll(blocks));
                assertNothingLeft(blocks);
            }
        }
    }

    @Test
    void piecesInAnyOrderAreReadAsTheyWereSaid() {
        Seeds.forEach(1, 400, random -> {
            row.fill((byte) 0);
            int blockBytes = 128 + 8 * random.nextInt(40);
            Blocks blocks = blocks(8 + random.nextInt(40), blockBytes);
            int length = 1 + random.nextInt(3000);
            boolean[] came = new boolean[length];
            long read = 0;
            int refused = 0;
            for (int step = 0; read < length; step++) {
                int next = 0;
                while (next < length && came[next]) {
                    next++;
                }
                boolean inOrder = next < length && (random.nextInt(3) == 0 || refused > 4);
                int offset = inOrder ? next : random.nextInt(length);
                int bytes = Math.min(length - offset, inOrder ? 1 + random.nextInt(60) : random.nextInt(300));
                int held = blocks.freeCount();
                long ready = ReceiveBuffer.ready(row, 0);
                boolean kept = insert(blocks, offset, bytes, 1 + random.nextInt(30), 2);
                ReceiveBuffer.checkInvariants(row, 0, blocks);
                if (kept) {
                    refused = 0;
                    for (int i = offset; i < offset + bytes; i++) {
                        came[i] = true;
                    }
                } else {
                    refused++;
                    assertEquals(held, blocks.freeCount(), "refused, and something is held");
                    assertEquals(ready, ReceiveBuffer.ready(row, 0));
                }
                int contiguous = 0;
                while (contiguous < length && came[contiguous]) {
                    contiguous++;
                }
                assertEquals(contiguous, ReceiveBuffer.ready(row, 0));
                if (random.nextInt(4) == 0 || refused > 4) {
                    read = readAll(blocks);
                }
                assertTrue(step < 100_000, "without an end");
            }
            assertNothingLeft(blocks);
        });
    }

    @Test
    void whatComesEarlyLeavesRoomForWhatComesInOrder() {
        Blocks blocks = blocks(6, 128);
        assertFalse(insert(blocks, 5 * 120, 10, 9, 0), "six blocks, and one for what came early");
        assertTrue(insert(blocks, 4 * 120, 10, 9, 0), "the last that fits");
        row.fill((byte) 0);
        Blocks two = blocks(6, 128);
        assertFalse(insert(two, 200, 10, 9, 4), "two, and one for what came early, where four are to stay");
        assertTrue(insert(two, 200, 10, 9, 3));
        assertTrue(insert(two, 0, 200, 0, 3), "a gap is filled without a block");
        assertEquals(210, readAll(two));
        assertNothingLeft(two);
    }

    @Test
    void aGapThatNothingHasPaidForIsHeldOnlyWhileHalfOfTheBlocksAreFree() {
        int gap = ReceiveBuffer.GAP_BYTES_MAX;
        Blocks blocks = blocks(64, 1032);
        assertTrue(insert(blocks, 3 * gap, 1, 64, 0), "no block is wanted by anybody else");
        assertEquals(26, ReceiveBuffer.held(row, 0));
        ReceiveBuffer.release(row, 0, blocks);
        row.fill((byte) 0);
        for (int i = 0; i < 33; i++) {
            assertTrue(blocks.tryTake(Blocks.NEED) != Blocks.NONE);
        }
        assertFalse(insert(blocks, gap + 2, 1, 64, 0), "one byte more than it may be");
        assertEquals(0, ReceiveBuffer.held(row, 0));
        assertTrue(insert(blocks, gap + 1, 1, 64, 0));
        assertFalse(insert(blocks, gap + 1100, 1, 64, 0), "a block more for a byte");
        assertTrue(insert(blocks, gap + 1100, 1200, 64, 0), "which has paid for its gap");
        assertTrue(insert(blocks, 0, 600, 0, 64), "in order, and within");
        assertTrue(insert(blocks, 600, gap + 500, 0, 64), "gaps are filled without a block");
        assertEquals(gap + 2300, readAll(blocks));
        assertEquals(33, blocks.account().count());
    }

    @Test
    void tooManyPiecesAreRefusedAndTheNextInOrderIsNot() {
        Blocks blocks = blocks(32, 128);
        for (int i = 0; i < 7; i++) {
            assertTrue(insert(blocks, 10 + 10L * i, 1, 32, 0));
        }
        assertFalse(insert(blocks, 100, 1, 32, 0), "an eighth range in a block of 120 bytes");
        assertTrue(insert(blocks, 71, 1, 32, 0), "one that touches");
        assertTrue(insert(blocks, 0, 11, 32, 0));
        assertTrue(insert(blocks, 100, 1, 32, 0), "there is room again");
    }

    private record Flight(long start, long end) {}

    @Test
    void whatIsLostIsSaidAgainUntilAllIsAcknowledged() {
        Seeds.forEach(1, 600, random -> {
            row.fill((byte) 0);
            int blockBytes = 128 + 8 * random.nextInt(40);
            Blocks blocks = blocks(3 + random.nextInt(30), blockBytes);
            int length = 1 + random.nextInt(4000);
            byte[] heard = new byte[length];
            boolean[] came = new boolean[length];
            List<Flight> flying = new ArrayList<>();
            int said = 0;
            for (int step = 0; SendBuffer.base(row, 0) < length; step++) {
                said += say(blocks, random, length - said);
                long next = SendBuffer.next(row, 0, blocks);
                int room = (int) (SendBuffer.nextEnd(row, 0, blocks) - next);
                if (room > 0) {
                    int bytes = 1 + random.nextInt(Math.min(room, 400));
                    SendBuffer.copy(row, 0, blocks, next, wire, 7, bytes);
                    SendBuffer.went(row, 0, blocks, bytes);
                    flying.add(new Flight(next, next + bytes));
                    if (random.nextInt(3) > 0) {
                        MemorySegment.copy(wire, BYTE, 7, heard, (int) next, bytes);
                        java.util.Arrays.fill(came, (int) next, (int) next + bytes, true);
                    } else {
                        flying.removeLast();
                        SendBuffer.again(row, 0, blocks, next, next + bytes);
                    }
                }
                Collections.shuffle(flying, new Random(random.nextLong()));
                while (!flying.isEmpty() && (random.nextInt(3) == 0 || room == 0)) {
                    Flight each = flying.removeLast();
                    if (random.nextInt(8) == 0) {  // said again though it arrived
                        SendBuffer.again(row, 0, blocks, each.start, each.end);
                    }
                    SendBuffer.acknowledged(row, 0, blocks, each.start, each.end);
                    SendBuffer.checkInvariants(row, 0, blocks);
                }
                SendBuffer.checkInvariants(row, 0, blocks);
                assertTrue(step < 200_000, "without an end");
            }
            for (int i = 0; i < length; i++) {
                assertTrue(came[i] && heard[i] == at(i), "byte " + i);
            }
            SendBuffer.release(row, 0, blocks);
            assertNothingLeft(blocks);
        });
    }

    private int say(Blocks blocks, SplittableRandom random, int left) {
        long end = SendBuffer.end(row, 0);
        int bytes = (int) Math.min(Math.min(left, SendBuffer.room(row, 0, blocks, random.nextInt(8))), random.nextInt(600));
        for (int i = 0; i < bytes; i++) {
            wire.set(BYTE, i, at(end + i));
        }
        SendBuffer.append(row, 0, blocks, wire, 0, bytes);
        return bytes;
    }

    @Test
    void roomIsExact() {
        Blocks blocks = blocks(3, 128);
        row.fill((byte) 0);
        assertEquals(0, SendBuffer.room(row, 0, blocks, 0));
        assertEquals(360, SendBuffer.room(row, 0, blocks, 9));
        SendBuffer.append(row, 0, blocks, wire, 0, 100);
        assertEquals(20, SendBuffer.room(row, 0, blocks, 0));
        SendBuffer.append(row, 0, blocks, wire, 0, 20);
        assertEquals(0, SendBuffer.room(row, 0, blocks, 0));
        assertEquals(240, SendBuffer.room(row, 0, blocks, 9));
        SendBuffer.append(row, 0, blocks, wire, 0, 240);
        SendBuffer.went(row, 0, blocks, 360);
        SendBuffer.acknowledged(row, 0, blocks, 0, 130);
        assertEquals(120, SendBuffer.room(row, 0, blocks, 9));
        SendBuffer.acknowledged(row, 0, blocks, 130, 360);
        assertNothingLeft(blocks);
        SendBuffer.append(row, 0, blocks, wire, 0, 50);
        SendBuffer.went(row, 0, blocks, 50);
        SendBuffer.acknowledged(row, 0, blocks, 360, 410);
        assertEquals(310, SendBuffer.room(row, 0, blocks, 9), "a block that begins in the middle");
    }

    /// An end that goes alone, and is heard of before the bytes in front of it, acknowledges no byte and takes no block; whether those are under way or lost.
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anEndAloneAcknowledgesNothing(boolean lost) {
        Blocks blocks = blocks(4, 128);
        row.fill((byte) 0);
        SendBuffer.append(row, 0, blocks, wire, 0, 100);
        SendBuffer.went(row, 0, blocks, 100);
        if (lost) {
            SendBuffer.again(row, 0, blocks, 0, 100);
        }
        int free = blocks.freeCount();
        SendBuffer.acknowledged(row, 0, blocks, 100, 100);
        SendBuffer.checkInvariants(row, 0, blocks);
        assertEquals(free, blocks.freeCount());
        assertEquals(lost ? 0 : 100, SendBuffer.next(row, 0, blocks));
        SendBuffer.acknowledged(row, 0, blocks, 0, 100);
        assertNothingLeft(blocks);
    }
}
