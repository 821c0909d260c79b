package dev.coffer.netty;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.instruments.ChildJvm;
import dev.coffer.memory.Region;
import dev.coffer.netty.CofferAllocatorConfig.SizeClass;
import dev.coffer.testkit.RawMemory;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.util.internal.PlatformDependent;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CofferByteBufAllocatorTest {
    private static final CofferAllocatorConfig SMALL =
            new CofferAllocatorConfig(List.of(new SizeClass(64, 4), new SizeClass(256, 2)), 100);

    @Test
    void takesTheSmallestClassThatFitsThenTheNext() {
        try (CofferByteBufAllocator allocator = CofferByteBufAllocator.open(SMALL)) {
            List<ByteBuf> held = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                held.add(allocator.directBuffer(64));
            }
            assertEquals(256, allocator.usedBytes());
            held.add(allocator.directBuffer(65));
            held.add(allocator.directBuffer(1));  // no small block is left
            assertEquals(256 + 512, allocator.usedBytes());
            AllocationRefusedError refusal =
                    assertThrows(AllocationRefusedError.class, () -> allocator.directBuffer(1));
            assertEquals("allocator \"netty\": asked 1 bytes, used 768 of 768, largest class 256", refusal.getMessage());
            assertEquals(1, refusal.requested());
            assertEquals(1, allocator.refusedCount());
            held.forEach(ByteBuf::release);
            assertEquals(0, allocator.usedBytes());
            assertEquals(768, allocator.peakBytes());
            assertThrows(AllocationRefusedError.class, () -> allocator.directBuffer(257));
        }
    }

    @Test
    void releasedAndOutgrownBlocksAreZero() {
        try (CofferByteBufAllocator allocator = CofferByteBufAllocator.open(SMALL)) {
            long address = allocator.region().data().address();
            int bytes = (int) allocator.region().data().byteSize();
            ByteBuf buffer = allocator.directBuffer(64);
            buffer.writeBytes(new byte[64]).setByte(63, 1);
            for (int i = 0; i < 64; i++) {
                buffer.setByte(i, 0x5a);
            }
            assertEquals(64, RawMemory.nonZero(address, bytes));
            buffer.writeLong(-1L);  // grows into the larger class; the small block is given back
            assertEquals(72, RawMemory.nonZero(address, bytes));
            buffer.nioBuffer(0, 72).put(0, (byte) 1);
            buffer.release();
            assertEquals(0, RawMemory.nonZero(address, bytes));
        }
    }

    @Test
    void refusedGrowthLeavesTheBufferAsItWas() {
        try (CofferByteBufAllocator allocator = CofferByteBufAllocator.open(SMALL)) {
            ByteBuf buffer = allocator.directBuffer(256);
            buffer.writeZero(256).setByte(200, 7);
            assertThrows(AllocationRefusedError.class, () -> buffer.writeByte(1));
            assertEquals(256, buffer.capacity());
            assertEquals(7, buffer.getByte(200));
            assertTrue(buffer.release());
            assertEquals(0, allocator.usedBytes());
        }
    }

    @Test
    void whatNoClassHoldsComesFromTheLargeAreaUpToAllOfIt() {
        CofferAllocatorConfig config = SMALL.withLargeBytes(4 * 4096);
        try (CofferByteBufAllocator allocator = CofferByteBufAllocator.open(config)) {
            long address = allocator.region().data().address();
            int bytes = (int) allocator.region().data().byteSize();
            ByteBuf whole = allocator.directBuffer(4 * 4096);
            whole.writeZero(4 * 4096).setByte(4 * 4096 - 1, 1);
            assertEquals(4 * 4096, allocator.usedBytes());
            assertThrows(AllocationRefusedError.class, () -> allocator.directBuffer(257));
            assertThrows(AllocationRefusedError.class, () -> whole.capacity(4 * 4096 + 1));
            assertEquals(1, whole.getByte(4 * 4096 - 1));
            whole.release();
            assertThrows(AllocationRefusedError.class, () -> allocator.directBuffer(4 * 4096 + 1));
            List<ByteBuf> held = new ArrayList<>();
            for (int i = 0; i < 6 + 4; i++) {  // all of the classes, then one run each for what they cannot give
                held.add(allocator.directBuffer(1).writeByte(-1));
            }
            AllocationRefusedError refusal = assertThrows(AllocationRefusedError.class, () -> allocator.directBuffer(1));
            assertTrue(refusal.getMessage().endsWith("longest free run of the large area 0"), refusal.getMessage());
            held.forEach(ByteBuf::release);
            ByteBuf grown = allocator.directBuffer(8);
            for (int i = 0; i < 1000; i++) {
                grown.writeLong(-1);  // 64, 256, then runs: the outgrown ones are given back, wiped
            }
            assertEquals(8000, RawMemory.nonZero(address, bytes));
            grown.release();
            assertEquals(0, RawMemory.nonZero(address, bytes));
            assertEquals(0, allocator.usedBytes());
        }
    }

    @Test
    void aBlockIsGivenBackOnceAndNeverTheNextOnesInstead() {
        try (CofferByteBufAllocator allocator = CofferByteBufAllocator.open(SMALL.withLargeBytes(4096))) {
            for (int bytes : new int[] {200, 4096}) {
                Block block = allocator.acquire(bytes);
                block.clean();
                Block next = allocator.acquire(bytes);
                long used = allocator.usedBytes();
                assertThrows(IllegalStateException.class, block::clean);
                assertEquals(used, allocator.usedBytes());
                next.clean();
                assertEquals(0, allocator.usedBytes());
            }
        }
    }

    /// Heap and address space refused at each step of an open: nothing is held, and the next one serves.
    @Test
    void anOpenThatIsRefusedHoldsNothing() {
        try (ChildJvm child = ChildJvm.start(List.of(), List.of("-ea", "-XX:+UseSerialGC", "-Xmx10m"),
                RefusedAllocators.class, List.of(CofferByteBufAllocator.class, Region.class, ByteBuf.class, PlatformDependent.class))) {
            int refused = Integer.parseInt(child.await("heap"));
            assertTrue(refused >= 16, "refused " + refused + " times");
            child.resume();
            assertEquals("1", child.await("memory"));
            child.resume();
            assertEquals(0, child.exitCode(), child.output());
        }
    }

    @Test
    void anArrayThatCannotBeMadeChargesNothing() {
        try (CofferByteBufAllocator allocator = CofferByteBufAllocator.open(SMALL)) {
            assertThrows(OutOfMemoryError.class, () -> allocator.heapArray(60, bytes -> {
                throw new OutOfMemoryError("planted");
            }));
            assertEquals(0, allocator.metric().usedHeapMemory());
            ByteBuf buffer = allocator.heapBuffer(100);
            buffer.release();
        }
    }

    @Test
    void heapBuffersAreBoundedAndZeroedOnRelease() {
        try (CofferByteBufAllocator allocator = CofferByteBufAllocator.open(SMALL)) {
            ByteBuf buffer = allocator.heapBuffer(60);
            byte[] array = buffer.array();
            buffer.writeLong(-1);
            assertEquals(60, allocator.metric().usedHeapMemory());
            assertThrows(AllocationRefusedError.class, () -> allocator.heapBuffer(41));
            buffer.release();
            assertEquals(0, array[0]);
            assertEquals(0, allocator.metric().usedHeapMemory());
        }
    }

    @Test
    void usesAfterAndDoubleReleaseThrowAsNettysDo() {
        try (CofferByteBufAllocator allocator = CofferByteBufAllocator.open(SMALL)) {
            ByteBuf buffer = allocator.directBuffer(8);
            ByteBuf slice = buffer.slice(0, 4);
            assertTrue(buffer.release());
            assertThrows(io.netty.util.IllegalReferenceCountException.class, buffer::release);
            assertThrows(io.netty.util.IllegalReferenceCountException.class, () -> buffer.getByte(0));
            assertThrows(io.netty.util.IllegalReferenceCountException.class, () -> slice.getByte(0));
        }
    }

    @Test
    void retainedDuplicatesKeepTheBlock() {
        try (CofferByteBufAllocator allocator = CofferByteBufAllocator.open(SMALL)) {
            ByteBuf buffer = allocator.directBuffer(8).writeInt(5);
            ByteBuf duplicate = buffer.retainedDuplicate();
            assertFalse(buffer.release());
            assertEquals(5, duplicate.readInt());
            assertTrue(duplicate.release());
            assertEquals(0, allocator.usedBytes());
        }
    }

    @Test
    void compositesAreMadeOfPlannedParts() {
        try (CofferByteBufAllocator allocator = CofferByteBufAllocator.open(SMALL)) {
            CompositeByteBuf composite = allocator.compositeDirectBuffer();
            composite.addComponent(true, allocator.directBuffer(8).writeLong(1));
            composite.addComponent(true, allocator.directBuffer(8).writeLong(2));
            assertEquals(16, composite.readableBytes());
            assertEquals(128, allocator.metric().usedDirectMemory());
            composite.release();
            assertEquals(0, allocator.usedBytes());
        }
    }

    @Test
    void theDefaultPlanLocksUnderTheUsualLimit() {
        long bytes = CofferAllocatorConfig.defaults().plan().totalBytes();
        assertEquals(256 * 1024 + 512 * 1024 + 192 * 4096 + 96 * 16384 + 24 * 65536 + (3 << 20), bytes);
        assertTrue(bytes < 8 << 20);
    }

    @Test
    void refusesConfigurationsThatCannotBe() {
        assertThrows(IllegalArgumentException.class, () -> new SizeClass(63, 1));
        assertThrows(IllegalArgumentException.class, () -> new SizeClass(64, 0));
        assertThrows(IllegalArgumentException.class, () -> new SizeClass(-64, 1));
        assertThrows(IllegalArgumentException.class, () -> new CofferAllocatorConfig(List.of(), 0));
        assertThrows(IllegalArgumentException.class, () -> SMALL.withLargeBytes(4095));
        assertThrows(IllegalArgumentException.class, () -> SMALL.withLargeBytes(-4096));
        assertThrows(IllegalArgumentException.class, () -> SMALL.withLargeBytes((1 << 30) + 4096));
        assertThrows(IllegalArgumentException.class, () -> new CofferAllocatorConfig(
                List.of(new SizeClass(64, 1), new SizeClass(64, 1)), 0));
        assertThrows(IllegalArgumentException.class, () -> new CofferAllocatorConfig(List.of(new SizeClass(64, 1)), -1));
    }
}
