package dev.coffer.quic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.testkit.RawMemory;
import dev.coffer.testkit.Seeds;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SentPacketsTest {
    private final MemorySegment row = Arena.ofAuto().allocate(SentPackets.BYTES);

    private record Packet(long number, int items, boolean[] over) {}

    @Test
    void recordsAreKeptInOrderUntilTheOldestAreOver() {
        Seeds.forEach(1, 300, random -> {
            row.fill((byte) 0);
            int bytes = 128 + 8 * random.nextInt(20);
            MemorySegment memory = Arena.ofAuto().allocate(40L * bytes);
            Blocks blocks = new Blocks("b", 40, bytes, memory, 0);
            ArrayDeque<Packet> model = new ArrayDeque<>();
            long number = 0;
            for (int step = 0; step < 300; step++) {
                if (random.nextBoolean() && SentPackets.reserve(row, 0, blocks, 60)) {
                    number += 1 + random.nextInt(3);
                    int items = random.nextInt(SentPackets.ITEMS_MAX + 1);
                    long record = SentPackets.begin(row, 0, blocks, number, step);
                    for (int i = 0; i < items; i++) {
                        SentPackets.item(row, 0, blocks, record, 1 + i, number * 10 + i, i, 100 + i);
                    }
                    SentPackets.end(blocks, record, 1200, SentPackets.ELICITING | SentPackets.IN_FLIGHT);
                    model.add(new Packet(number, items, new boolean[1]));
                } else if (!model.isEmpty()) {
                    mark(blocks, new ArrayList<>(model).get(random.nextInt(Math.min(4, model.size()))));
                    SentPackets.trim(row, 0, blocks);
                    while (!model.isEmpty() && model.getFirst().over[0]) {
                        model.removeFirst();
                    }
                }
                SentPackets.checkInvariants(row, 0, blocks);
                assertEquals(model.stream().map(Packet::number).toList(), numbers(blocks, model));
            }
            SentPackets.release(row, 0, blocks);
            assertEquals(0, blocks.account().count());
            assertEquals(0, RawMemory.nonZero(memory));
        });
    }

    private void mark(Blocks blocks, Packet packet) {
        for (long cursor = SentPackets.oldest(row, 0); cursor != 0; cursor = SentPackets.next(row, 0, blocks, cursor)) {
            long record = SentPackets.record(blocks, cursor);
            if (SentPackets.number(blocks.memory(), record) == packet.number
                    && (SentPackets.flags(blocks.memory(), record) & SentPackets.MORE) == 0) {
                SentPackets.mark(blocks.memory(), record, SentPackets.OVER);
                packet.over[0] = true;
            }
        }
    }

    private List<Long> numbers(Blocks blocks, ArrayDeque<Packet> model) {
        List<Long> numbers = new ArrayList<>();
        var packets = model.iterator();
        int item = 0;
        Packet packet = null;
        for (long cursor = SentPackets.oldest(row, 0); cursor != 0; cursor = SentPackets.next(row, 0, blocks, cursor)) {
            long record = SentPackets.record(blocks, cursor);
            MemorySegment in = blocks.memory();
            if ((SentPackets.flags(in, record) & SentPackets.MORE) == 0) {
                packet = packets.next();
                numbers.add(SentPackets.number(in, record));
                item = 0;
                assertEquals(1200, SentPackets.length(in, record));
            }
            if (packet.items > 0) {
                assertEquals(1 + item, SentPackets.kind(in, record));
                assertEquals(packet.number * 10 + item, SentPackets.stream(in, record));
                assertEquals(100 + item, SentPackets.itemLength(in, record));
                item++;
            } else {
                assertEquals(0, SentPackets.kind(in, record));
            }
        }
        return numbers;
    }

    @Test
    void aFullRingAndSpentBlocksSayNoBeforeAPacketIsBegun() {
        row.fill((byte) 0);
        Blocks blocks = new Blocks("b", 2, 128, Arena.ofAuto().allocate(256), 0);
        int packets = 0;
        while (SentPackets.reserve(row, 0, blocks, 100)) {
            SentPackets.end(blocks, SentPackets.begin(row, 0, blocks, packets++, 0), 50, 0);
        }
        assertEquals(4, packets, "two blocks of three records, room for one packet with all items kept");
        SentPackets.release(row, 0, blocks);
        assertTrue(SentPackets.reserve(row, 0, blocks, 3), "three records: one packet");
        SentPackets.end(blocks, SentPackets.begin(row, 0, blocks, 9, 0), 50, 0);
        assertFalse(SentPackets.reserve(row, 0, blocks, 3));
        assertTrue(SentPackets.reserve(row, 0, blocks, 4));
    }
}
