package dev.coffer.quic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.testkit.RawMemory;
import dev.coffer.testkit.Seeds;
import dev.coffer.memory.layout.LittleEndian;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// What a frame costs that names a stream: rows that are looked at, whatever their number.
class StreamTreeTest {
    private static final int STREAMS = 1000;

    /// So many streams, by their place.
    private static final class Tree extends BareStreams {
        Tree() {
            super(QuicConfig.defaults().withStreams(STREAMS, 3).withBlocks(128, 2 * STREAMS));
        }

        int height() {
            return StreamTreeTest.height(memory(), Streams.ROOT, blocks());
        }

        long id(int stream) {
            return 4L * stream;
        }
    }

    private final Tree of = new Tree();

    /// {@return rows on the longest way}
    private static int height(MemorySegment memory, long at, Blocks blocks) {
        int block = LittleEndian.i32(memory, at);
        return block == Blocks.NONE ? 0
                : 1 + Math.max(height(blocks.memory(), StreamTree.link(blocks, block, 0, 0), blocks),
                        height(blocks.memory(), StreamTree.link(blocks, block, 1, 0), blocks));
    }

    @Test
    void rowsAreFoundByTheirIdWhateverCameAndWent() {
        Seeds.forEach(1, 60, random -> {
            Tree tree = new Tree();
            Map<Long, Integer> model = new HashMap<>();
            List<Long> ids = new ArrayList<>();
            MemorySegment root = Arena.ofAuto().allocate(8);
            for (int step = 0; step < 600; step++) {
                long id = random.nextInt(3) == 0 ? random.nextLong() >>> 2 : random.nextInt(5) == 0 ? random.nextInt(8) * (1L << 40) : random.nextInt(200);
                if (random.nextInt(5) < 3 && !model.containsKey(id)) {
                    int block = tree.blocks().tryTake(Blocks.NEED);
                    StreamRow.begin(tree.blocks().memory(), tree.blocks().content(block), id, 0, 0, 0);
                    StreamTree.add(root, 0, tree.blocks(), block);
                    model.put(id, block);
                    ids.add(id);
                } else if (!ids.isEmpty()) {
                    long gone = ids.remove(random.nextInt(ids.size()));
                    int block = model.remove(gone);
                    StreamTree.remove(root, 0, tree.blocks(), block);
                    tree.blocks().release(block);
                    assertEquals(Blocks.NONE, StreamTree.find(root, 0, tree.blocks(), gone));
                }
                assertTrue(height(root, 0, tree.blocks()) <= 63, "more than bits");
                for (Map.Entry<Long, Integer> each : model.entrySet()) {
                    assertEquals(each.getValue(), StreamTree.find(root, 0, tree.blocks(), each.getKey()), () -> "stream " + each.getKey());
                }
            }
            for (long id : ids) {
                StreamTree.remove(root, 0, tree.blocks(), model.get(id));
                tree.blocks().release(model.get(id));
            }
            assertEquals(0, RawMemory.nonZero(root, 0, 8), "a root");
            assertEquals(0, RawMemory.nonZero(tree.blocks().memory()), "left in blocks");
        });
    }

    @Test
    void aThousandStreamsTakeTwelveStepsAndNobodyGoesAlongTheirChain() {
        assertEquals(Streams.OK, Streams.openPeers(of, of.id(STREAMS - 1)));
        assertEquals(STREAMS, Streams.rows(of));
        assertTrue(of.height() <= 12, () -> "rows on a way: " + of.height());
        cutChain();
        for (int i = 0; i < STREAMS; i++) {
            assertEquals(of.id(i), StreamRow.id(of.blocks().memory(), Streams.find(of, of.id(i))));
        }
        assertFalse(Streams.settle(of, of.id(0)), "not over: and nobody has looked for the one before it");
    }

    /// Whoever goes along the chain of rows meets one of no memory.
    private void cutChain() {
        of.blocks().next(Streams.first(of), Integer.MAX_VALUE);
    }

    @Test
    void streamsThatStayOfAMillionAreFoundInAsManyStepsAsTheirNumbersHaveBits() {
        List<Long> ids = new Random(7).longs(0, 1 << 20).map(number -> 4 * number).distinct().limit(STREAMS).boxed().toList();
        for (long id : ids) {
            int block = of.blocks().tryTake(Blocks.NEED);
            StreamRow.begin(of.blocks().memory(), of.blocks().content(block), id, 0, 0, 0);
            StreamTree.add(of.memory(), Streams.ROOT, of.blocks(), block);
        }
        assertTrue(of.height() <= 22, () -> "rows on a way: " + of.height());
    }

    @Test
    void aWindowThatIsRaisedInManyStepsLooksAtRowsOnceForEachThatBeganToWait() {
        assertEquals(Streams.OK, Streams.openPeers(of, of.id(9)));
        long row = Streams.find(of, of.id(3));
        MemorySegment in = of.blocks().memory();
        clearTold();
        Streams.awaitRoom(of, row);
        Streams.onMaxData(of, 2000);
        assertTrue(StreamRow.has(in, row, StreamRow.TELL), "it awaited room");
        assertFalse(StreamRow.has(in, row, StreamRow.AWAITS_ROOM));
        int next = of.blocks().next(Streams.first(of));
        cutChain();
        for (int max = 2001; max < 2400; max++) {
            Streams.onMaxData(of, max);  // nobody waits
        }
        of.blocks().next(Streams.first(of), next);
        clearTold();
        Streams.awaitRoom(of, row);
        Streams.onMaxData(of, 2400);
        assertTrue(StreamRow.has(in, row, StreamRow.TELL), "nor again");
    }

    /// Of one stream of a thousand there is something new: nobody goes along the chain of rows to find it, nor to see that there is no other.
    @Test
    void whatIsNewOfOneStreamIsFoundWithoutAWalk() {
        assertEquals(Streams.OK, Streams.openPeers(of, of.id(STREAMS - 1)));
        clearTold();
        assertEquals(0, StreamNews.looks(of));
        for (int stream = 0; stream < STREAMS; stream += 37) {
            StreamNews.tell(of, Streams.find(of, of.id(stream)));
            StreamNews.tell(of, Streams.find(of, of.id(stream)));
            assertEquals(1, StreamNews.looks(of), "one, however often it is said");
            assertEquals(of.id(stream), StreamNews.told(of, false));
            assertEquals(of.id(stream), StreamNews.told(of, true));
            assertEquals(-1, StreamNews.told(of, true));
        }
    }

    /// Where many are told, and asked for between, no row is looked at twice for that: a peer that raises its limit by an octet, again and again, has each row looked at once a time.
    @Test
    void whatIsNewOfManyLooksAtEachRowOnce() {
        assertEquals(Streams.OK, Streams.openPeers(of, of.id(STREAMS - 1)));
        clearTold();
        for (int round = 0; round < 3; round++) {
            for (int stream = 0; stream < STREAMS; stream += 2) {
                Streams.awaitRoom(of, Streams.find(of, of.id(stream)));
            }
            Streams.onMaxData(of, 2000 + round);
            assertEquals(STREAMS, StreamNews.looks(of));
            int told = 0;
            for (int left = STREAMS; StreamNews.told(of, false) >= 0; told++) {
                StreamNews.told(of, true);
                assertTrue(StreamNews.looks(of) < left, "it goes on where it was");
                left = StreamNews.looks(of);
            }
            assertEquals(STREAMS / 2, told);
            assertEquals(0, StreamNews.looks(of));
        }
    }

    /// Beside a model: what is new of streams that open, end and are forgotten in between is told once each, and all of it.
    @Test
    void whatIsNewIsToldWhateverOpensAndEnds() {
        Random random = new Random(30);
        Map<Long, Boolean> rows = new HashMap<>();  // whether there is something new
        int opened = 0;
        for (int step = 0; step < 40_000; step++) {
            long id = of.id(opened == 0 ? 0 : Math.max(0, opened - 1 - random.nextInt(60)));
            switch (random.nextInt(6)) {
                case 0 -> {
                    if (rows.size() < 40 && opened < Streams.limit(of.memory(), 0, 0)) {
                        assertEquals(Streams.OK, Streams.openPeers(of, of.id(opened)));
                        rows.put(of.id(opened++), true);
                    }
                }
                case 1, 2 -> {
                    if (rows.containsKey(id)) {
                        StreamNews.tell(of, Streams.find(of, id));
                        rows.put(id, true);
                    }
                }
                case 3 -> {
                    if (rows.remove(id) != null) {
                        long row = Streams.find(of, id);
                        StreamRow.clear(of.blocks().memory(), row, StreamRow.TELL);
                        StreamRow.set(of.blocks().memory(), row, StreamRow.RELEASED | StreamRow.RESET_ACKED | StreamRow.RESET_BY_PEER);
                        assertTrue(Streams.settle(of, id), "step " + step);
                    }
                }
                default -> {
                    long told = StreamNews.told(of, true);
                    if (told < 0) {
                        assertFalse(rows.containsValue(true), "step " + step);
                    } else {
                        assertEquals(Boolean.TRUE, rows.put(told, false), "step " + step);
                    }
                }
            }
            assertEquals(rows.size(), Streams.rows(of));
        }
        int count = 0;
        for (int block = Streams.first(of), before = Blocks.NONE; block != Blocks.NONE; block = of.blocks().next(block), count++) {
            assertEquals(before, LittleEndian.i32(of.blocks().memory(), of.blocks().content(block) + StreamRow.BEFORE));
            before = block;
        }
        assertEquals(rows.size(), count);
        Streams.release(of);
        assertEquals(of.config().blocks(), of.blocks().freeCount());
    }

    /// Rows that come and go where it looks next: a stream of ours before all others, and one that ends, whose block another has then.
    @Test
    void whatIsNewIsFoundBehindRowsThatComeAndGo() {
        assertEquals(Streams.OK, Streams.openPeers(of, of.id(2)));
        clearTold();
        StreamNews.tell(of, Streams.find(of, of.id(0)));
        StreamNews.tell(of, Streams.find(of, of.id(1)));
        assertEquals(of.id(0), StreamNews.told(of, true));
        assertTrue(Streams.open(of, true) >= 0);
        assertEquals(of.id(1), StreamNews.told(of, true));
        clearTold();
        long row = Streams.find(of, of.id(1));
        StreamNews.tell(of, row);
        StreamNews.tell(of, Streams.find(of, of.id(0)));
        StreamRow.clear(of.blocks().memory(), row, StreamRow.TELL);
        StreamRow.set(of.blocks().memory(), row, StreamRow.RELEASED | StreamRow.RESET_ACKED | StreamRow.RESET_BY_PEER);
        assertTrue(Streams.settle(of, of.id(1)));
        int block = of.blocks().tryTake(Blocks.NEED);
        assertEquals(row, of.blocks().content(block));
        StreamRow.begin(of.blocks().memory(), row, 4000, StreamRow.TELL, 0, 0);
        assertEquals(of.id(0), StreamNews.told(of, true));
    }

    /// The row of a stream that ends is taken out of the chain where it stands.
    @Test
    void aStreamThatEndsIsForgottenWithoutAWalk() {
        assertEquals(Streams.OK, Streams.openPeers(of, of.id(9)));
        clearTold();
        long row = Streams.find(of, of.id(2));
        StreamRow.set(of.blocks().memory(), row, StreamRow.RELEASED | StreamRow.RESET_ACKED | StreamRow.RESET_BY_PEER);
        int next = of.blocks().next(Streams.first(of));
        cutChain();
        assertTrue(Streams.settle(of, of.id(2)));
        of.blocks().next(Streams.first(of), next);
        assertEquals(9, Streams.rows(of));
        assertEquals(-1, Streams.find(of, of.id(2)));
    }

    /// A server opens no stream of both directions: whether it awaits an answer on one is known without a look at its client's.
    @Test
    void aServerThatOpenedNoneAwaitsNothingWithoutAWalk() {
        assertEquals(Streams.OK, Streams.openPeers(of, of.id(9)));
        int next = of.blocks().next(Streams.first(of));
        cutChain();
        assertFalse(Streams.awaits(of));
        of.blocks().next(Streams.first(of), next);
    }

    private void clearTold() {
        while (StreamNews.told(of, true) >= 0) {
            assertTrue(Streams.rows(of) > 0);
        }
    }
}
