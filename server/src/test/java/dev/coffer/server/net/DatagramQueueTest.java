package dev.coffer.server.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.memory.engine.DatagramHeader;
import dev.coffer.memory.engine.NetworkPath;
import dev.coffer.testkit.Seeds;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What becomes one run, what is one message of it, and that nothing is lost, mixed up or left behind.
class DatagramQueueTest {
    private static final DatagramConfig CONFIG = DatagramConfig.standard().withOutput(1 << 17, 8, 4);

    private final MemorySegment memory = Arena.ofAuto().allocate(bytes(), 64);
    private final DatagramQueue queue = new DatagramQueue(CONFIG, memory, 64);

    private static long bytes() {
        return 64 + DatagramQueue.plan(CONFIG)[0].totalBytes() + DatagramQueue.plan(CONFIG)[1].totalBytes();
    }

    private void add(int port, int ecn, int bytes, int segment) {
        if (queue.room() > 0) {
            NetworkPath.ipv4(memory, queue.headerAt() + DatagramHeader.PATH, 0x7f000001, port, 0, 1);
            DatagramHeader.ecn(memory, queue.headerAt(), ecn);
            DatagramHeader.segmentBytes(memory, queue.headerAt(), segment);
        }
        queue.add(bytes);
    }

    private List<Integer> messages(boolean segmented) {
        List<Integer> all = new ArrayList<>();
        while (!queue.isEmpty()) {
            all.add(queue.message(queue.first(), queue.done(), segmented));
            queue.take(all.getLast());
        }
        return all;
    }

    @Test
    void datagramsOfOneSizeBecomeOneMessageAndAShorterOneEndsIt() {
        add(1, 0, 100, 100);
        add(1, 0, 100, 100);
        add(1, 0, 250, 100);     // 100, 100, 50
        add(1, 0, 100, 100);     // another one
        assertEquals(List.of(450, 100), messages(true));
        add(1, 0, 100, 100);
        add(1, 0, 99, 99);       // shorter, alone
        add(1, 0, 100, 100);
        assertEquals(List.of(199, 100), messages(true));
        add(1, 0, 100, 100);
        add(1, 0, 101, 101);     // longer
        add(1, 0, 100, 50);      // two, smaller
        assertEquals(List.of(100, 101, 100), messages(true));
    }

    @Test
    void anotherPathOrCodepointIsAnotherMessage() {
        add(1, 2, 100, 100);
        add(2, 2, 100, 100);
        add(2, 1, 100, 100);
        add(2, 1, 0, 1);
        add(2, 1, 0, 1);
        add(2, 1, 100, 100);
        assertEquals(List.of(100, 100, 100, 0, 0, 100), messages(true));
    }

    @Test
    void withoutSegmentationEveryDatagramIsAMessage() {
        add(1, 0, 250, 100);
        add(1, 0, 100, 100);
        assertEquals(List.of(100, 100, 50, 100), messages(false));
    }

    /// 64 datagrams are one message, the 65th another; so are the bytes that an IP packet has no room for.
    @Test
    void aMessageHasNoMoreThanTheSystemTakes() {
        for (int i = 0; i < 65; i++) {
            add(1, 0, 10, 10);
        }
        assertEquals(List.of(640, 10), messages(true));
        add(1, 0, 44 * 1472, 1472);
        add(1, 0, 20 * 1472, 1472);
        assertEquals(List.of(44 * 1472, 20 * 1472), messages(true));
        add(1, 0, 65_507, 65_507);
        add(1, 0, 65_507, 65_507);
        assertEquals(List.of(65_507, 65_507), messages(true));
    }

    @Test
    void whatTheSystemDoesNotCutIsSentSinglyFromThereToItsRunsEnd() {
        add(1, 0, 300, 100);
        add(2, 0, 300, 100);
        assertEquals(300, queue.message(0, 0, true));
        queue.singly();
        assertEquals(List.of(100, 100, 100, 300), messages(true));
        add(1, 0, 300, 100);
        assertEquals(List.of(300), messages(true), "of the next one it is tried again");
    }

    @Test
    void refusesWhatIsNoRunAndWhatItHasNoRoomFor() {
        assertThrows(IllegalArgumentException.class, () -> add(1, 0, -1, 1));
        assertThrows(IllegalArgumentException.class, () -> add(1, 0, queue.room() + 1, 65_507));
        assertThrows(IllegalArgumentException.class, () -> add(1, 0, 65, 1));
        MemorySegment header = memory.asSlice(queue.headerAt(), DatagramHeader.BYTES);
        for (int size : new int[] {0, 65_508, 65_535}) {
            header.set(ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN), DatagramHeader.SEGMENT_BYTES, (short) size);
            assertThrows(IllegalArgumentException.class, () -> queue.add(10));
        }
        assertTrue(queue.isEmpty());
        add(1, 0, 64, 1);
        for (int i = 2; i <= 8; i++) {
            add(i, 0, 1, 1);
        }
        assertEquals(0, queue.room(), "no run is left");
        assertThrows(IllegalArgumentException.class, () -> add(9, 0, 1, 1));
        assertEquals(71, queue.usedBytes());
        assertEquals(List.of(64, 1, 1, 1, 1, 1, 1, 1), messages(true));
        assertEquals(0, queue.usedBytes());
        assertEquals(71, queue.peakBytes());
        assertEquals(CONFIG.outputBytes(), queue.room());
    }

    /// Beside a list of datagrams: whatever is written, cut and taken in parts, the same datagrams leave in the same order with the same
    /// path, and nothing stays.
    @Test
    void everyDatagramLeavesOnceInOrderAndItsBytesAreWiped() {
        Seeds.forEach(1, 3_000, random -> {
            List<String> expected = new ArrayList<>();
            List<String> left = new ArrayList<>();
            int next = 0;
            for (int step = 0; step < 20; step++) {
                int segment = 1 + random.nextInt(300);
                int bytes = random.nextInt(8) == 0 ? 0 : 1 + random.nextInt(segment * (1 + random.nextInt(5)));
                if (queue.room() >= bytes && queue.room() > 0 && random.nextInt(3) != 0) {
                    int port = 1 + random.nextInt(2);
                    int ecn = random.nextInt(4) == 0 ? 2 : 0;
                    for (int i = 0; i < bytes; i++) {
                        memory.set(ValueLayout.JAVA_BYTE, queue.at() + i, (byte) (1 + (next + i) % 127));
                    }
                    for (int from = 0; from < bytes || from == 0; from += segment) {
                        expected.add(port + "/" + ecn + "/" + Math.min(segment, bytes - from) + "/" + (bytes == 0 ? 0 : 1 + (next + from) % 127));
                    }
                    next += bytes;
                    add(port, ecn, bytes, segment);
                } else if (!queue.isEmpty()) {
                    leave(random.nextBoolean(), left);
                    if (random.nextInt(5) == 0 && !queue.isEmpty()) {
                        queue.singly();
                    }
                }
            }
            while (!queue.isEmpty()) {
                leave(random.nextBoolean(), left);
            }
            assertEquals(expected, left);
            assertArrayEquals(new byte[(int) memory.byteSize()], memory.toArray(ValueLayout.JAVA_BYTE));
        });
    }

    private void leave(boolean segmented, List<String> left) {
        int run = queue.first();
        int bytes = queue.message(run, queue.done(), segmented);
        long header = queue.header(run);
        int segment = DatagramHeader.segmentBytes(memory, header);
        int count = 0;
        for (int from = 0; from < bytes || from == 0; from += segment) {
            int length = Math.min(segment, bytes - from);
            left.add(NetworkPath.remotePort(memory, header) + "/" + DatagramHeader.ecn(memory, header) + "/" + length + "/"
                    + (length == 0 ? 0 : memory.get(ValueLayout.JAVA_BYTE, queue.bytesAt(run) + queue.done() + from)));
            count++;
        }
        assertEquals(count, queue.datagrams(run, bytes));
        queue.take(bytes);
    }

    /// What the ledger shows of it.
    @Test
    void asAnAccountItHasItsRowsNameAndWhatWaits() {
        assertEquals(DatagramQueue.plan(CONFIG)[0].name(), queue.name());
        assertEquals(DatagramQueue.plan(CONFIG)[0].totalBytes(), queue.capacityBytes());
        assertEquals(0, queue.usedBytes());
        add(1, 0, 100, 100);
        assertTrue(queue.usedBytes() >= 100 && queue.usedBytes() <= queue.capacityBytes(), "used " + queue.usedBytes());
        queue.clear();
        assertEquals(0, queue.usedBytes());
    }
}
