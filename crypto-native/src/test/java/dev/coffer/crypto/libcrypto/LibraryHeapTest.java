package dev.coffer.crypto.libcrypto;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.memory.ConstantTime;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// The blocks that libcrypto is given: apart, aligned, kept, wiped, refused when there is no more.
class LibraryHeapTest {
    private static final int BYTES = 1 << 16;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment memory = arena.allocate(BYTES, 64);
    private final LibraryHeap heap = new LibraryHeap("heap", memory);

    @AfterEach
    void close() {
        arena.close();
    }

    private MemorySegment at(long address, long bytes) {
        return memory.asSlice(address - memory.address(), bytes);
    }

    @Test
    void classesHoldWhatTheyAreFor() {
        for (long bytes = 1; bytes < 5000; bytes++) {
            long held = LibraryHeap.bytesOf(LibraryHeap.classOf(bytes));
            assertTrue(held >= bytes && held <= Math.max(16, bytes + bytes / 4 + 15) && held % 16 == 0, bytes + " in " + held);
        }
        for (int of = 0; of < 100; of++) {
            assertEquals(of, LibraryHeap.classOf(LibraryHeap.bytesOf(of)));
            assertEquals(of + 1, LibraryHeap.classOf(LibraryHeap.bytesOf(of) + 1));
        }
    }

    @Test
    void whatIsFreedOrLeftIsZero() {
        long block = heap.allocate(100);
        at(block, 100).fill((byte) 7);
        heap.release(block);
        assertTrue(ConstantTime.isZero(at(block, 100), 0, 100), "freed");
        block = heap.allocate(100);
        at(block, 100).fill((byte) 7);
        assertEquals(block, heap.reallocate(block, 98), "of one class");
        assertTrue(ConstantTime.isZero(at(block, 100), 98, 2), "shrunk");
        long moved = heap.reallocate(block, 300);
        assertNotEquals(block, moved);
        assertTrue(ConstantTime.isZero(at(block, 100), 0, 100), "moved away");
        assertEquals(7, at(moved, 300).get(ValueLayout.JAVA_BYTE, 97));
        assertEquals(0, at(moved, 300).get(ValueLayout.JAVA_BYTE, 98));
        assertEquals(0, heap.reallocate(moved, 0), "freed by size");
        assertTrue(ConstantTime.isZero(at(moved, 300), 0, 300));
        assertEquals(0, heap.usedBytes());
    }

    @Test
    void aSpentHeapRefusesAndKeepsWhatIsThere() {
        List<Long> blocks = new ArrayList<>();
        long block = heap.allocate(1000);
        while (block != 0) {
            blocks.add(block);
            block = heap.allocate(1000);
        }
        assertTrue(blocks.size() > 55, "blocks " + blocks.size());
        assertEquals(1, heap.refusals());
        at(blocks.getFirst(), 1000).fill((byte) 3);
        assertEquals(0, heap.reallocate(blocks.getFirst(), 5000));
        assertEquals(3, at(blocks.getFirst(), 1000).get(ValueLayout.JAVA_BYTE, 999));
        assertEquals(0, heap.allocate(BYTES + 1));
        assertEquals(0, heap.allocate(Long.MAX_VALUE));
        assertEquals(0, heap.allocate(-1));
        assertEquals(0, heap.reallocate(blocks.getFirst(), -1));
        heap.release(blocks.get(3));
        assertEquals(blocks.get(3), heap.allocate(900), "of its class");
        heap.release(blocks.get(3));
        while (heap.allocate(48) != blocks.get(3)) {  // what is left at the end is taken first, then a larger block
            assertTrue(heap.refusals() < 10);
        }
        assertEquals(heap.capacityBytes(), BYTES);
        assertTrue(heap.peakBytes() <= BYTES);
    }

    @Test
    void whatIsNoBlockIsCountedAndLeftAlone() {
        long block = heap.allocate(64);
        heap.release(block);
        heap.release(block);
        heap.release(block + 16);
        heap.release(memory.address());
        heap.release(memory.address() + BYTES);
        heap.release(1);
        heap.release(Long.MIN_VALUE);
        assertEquals(0, heap.reallocate(block, 10));
        assertEquals(7, heap.faults());
        assertEquals(block, heap.allocate(64));
        assertNotEquals(block, heap.allocate(64), "freed twice is handed out once");
    }

    /// Random calls beside a model: blocks keep their bytes, are aligned, and lie apart.
    @Test
    void randomCallsKeepEveryBlocksBytes() {
        Random random = new Random(42);
        record Block(long address, int bytes, byte value) {}
        List<Block> live = new ArrayList<>();
        for (int step = 0; step < 20_000; step++) {
            int what = random.nextInt(3);
            int bytes = 1 + random.nextInt(random.nextInt(10) == 0 ? 3000 : 200);
            if (what == 0 || live.isEmpty()) {
                long address = heap.allocate(bytes);
                if (address != 0) {
                    assertEquals(0, address % 16);
                    at(address, bytes).fill((byte) step);
                    live.add(new Block(address, bytes, (byte) step));
                }
                continue;
            }
            Block block = live.remove(random.nextInt(live.size()));
            int kept = what == 1 ? 0 : Math.min(bytes, block.bytes);
            long address = what == 1 ? 0 : heap.reallocate(block.address, bytes);
            if (what == 1) {
                assertTrue(isFull(block.address, block.bytes, block.value), "step " + step);
                heap.release(block.address);
            } else if (address == 0) {
                live.add(block);
            } else {
                assertTrue(isFull(address, kept, block.value), "step " + step);
                at(address, bytes).fill(block.value);
                live.add(new Block(address, bytes, block.value));
            }
        }
        live.forEach(block -> assertTrue(isFull(block.address, block.bytes, block.value)));
        live.forEach(block -> heap.release(block.address));
        assertEquals(0, heap.usedBytes());
        assertEquals(0, heap.faults());
        assertTrue(heap.calls() > 10_000 && heap.refusals() > 0, heap.calls() + ", " + heap.refusals());
    }

    private boolean isFull(long address, long bytes, byte value) {
        MemorySegment block = at(address, bytes);
        for (long i = 0; i < bytes; i++) {
            if (block.get(ValueLayout.JAVA_BYTE, i) != value) {
                return false;
            }
        }
        return true;
    }

    @Test
    void threadsShareIt() throws InterruptedException {
        List<Thread> threads = new ArrayList<>();
        List<Throwable> failures = new ArrayList<>();
        for (int t = 0; t < 4; t++) {
            byte value = (byte) (t + 1);
            threads.add(Thread.ofPlatform().start(() -> {
                try {
                    for (int i = 0; i < 20_000; i++) {
                        long block = heap.allocate(64 + i % 50);
                        at(block, 64).fill(value);
                        if (!isFull(block, 64, value)) {
                            throw new AssertionError("two threads in one block");
                        }
                        heap.release(block);
                    }
                } catch (Throwable e) {
                    synchronized (failures) {
                        failures.add(e);
                    }
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertEquals(List.of(), failures);
        assertEquals(0, heap.usedBytes());
    }
}
