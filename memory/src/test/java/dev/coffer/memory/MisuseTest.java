package dev.coffer.memory;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.coffer.memory.internal.lending.Slot;
import dev.coffer.memory.layout.Align;
import dev.coffer.memory.layout.BigEndian;
import dev.coffer.memory.layout.LittleEndian;
import dev.coffer.memory.ledger.Ledger;
import dev.coffer.memory.ledger.LedgerSnapshot;
import dev.coffer.memory.pool.BlockAllocator;
import dev.coffer.memory.pool.BlocksExhaustedException;
import dev.coffer.memory.pool.BufferPool;
import dev.coffer.memory.pool.BufferPoolConfig;
import dev.coffer.memory.pool.ConnectionBuffers;
import dev.coffer.memory.pool.ConnectionBuffersConfig;
import dev.coffer.memory.pool.ConnectionBuffersConfig.Sizes;
import dev.coffer.memory.pool.ConnectionPools;
import dev.coffer.memory.pool.OwnerCache;
import dev.coffer.memory.pool.PooledBuffer;
import dev.coffer.memory.pool.ScratchRing;
import dev.coffer.memory.ring.CircularBuffer;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/// What the tests of the single classes leave out: wrong numbers, ended lives and foreign threads, for every method at
/// once where that can be done by reflection. `misuse.txt` says which test answers for which method.
class MisuseTest {
    private static final long[] WRONG = {-1, Long.MIN_VALUE, Long.MAX_VALUE, Long.MAX_VALUE - 7};
    /// Methods whose only number is a value to write: any is right.
    private static final Set<String> VALUES = Set.of("putU8", "putU16", "putU24", "putI32", "putU32", "putI64", "putU16Le",
            "putU24Le", "putI32Le", "putU32Le", "putI64Le");
    /// Methods whose last number is a value to write, or the most that the caller accepts.
    private static final Set<String> LAST_IS_FREE = Set.of("u8At", "u16At", "u24At", "u32At", "i64At", "takeString");

    /// Those of a type and of what it extends.
    private static List<Method> methods(Class<?> type) {
        List<Method> methods = new ArrayList<>();
        for (Class<?> at = type; at != Object.class; at = at.getSuperclass()) {
            for (Method method : at.getDeclaredMethods()) {
                if (Modifier.isPublic(method.getModifiers()) && !Modifier.isStatic(method.getModifiers())
                        && !method.isSynthetic()) {
                    methods.add(method);
                }
            }
        }
        return methods;
    }

    /// Arguments that each method takes, in themselves: no offset, no bytes, a place that has room.
    private static Object[] arguments(Method method) {
        Class<?>[] types = method.getParameterTypes();
        Object[] arguments = new Object[types.length];
        for (int i = 0; i < types.length; i++) {
            Class<?> type = types[i];
            arguments[i] = type == long.class ? (Object) 0L : type == int.class ? (Object) 0
                    : type == boolean.class ? (Object) false
                            : type == MemorySegment.class ? MemorySegment.ofArray(new byte[8])
                                    : type == byte[].class ? new byte[8]
                                            : type == CharSequence.class ? "a"
                                                    : type == Buffer.class ? filled() : null;
        }
        return arguments;
    }

    private static Buffer filled() {
        Buffer buffer = Buffer.over(MemorySegment.ofArray(new byte[64]));
        buffer.putU32(4);
        buffer.putI32(1);
        return buffer;
    }

    private static Throwable invoke(Object target, Method method, Object[] arguments) {
        try {
            method.invoke(target, arguments);
            return null;
        } catch (InvocationTargetException e) {
            return e.getCause();
        } catch (IllegalAccessException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void buffersRefuseNumbersOutOfRangeBeforeAnythingChanges() {
        int tried = 0;
        for (Method method : methods(Buffer.class)) {
            Class<?>[] types = method.getParameterTypes();
            for (int i = 0; i < types.length; i++) {
                boolean number = types[i] == long.class || types[i] == int.class;
                boolean free = VALUES.contains(method.getName())
                        || LAST_IS_FREE.contains(method.getName()) && i == types.length - 1 && i > 0;
                if (!number || free) {
                    continue;
                }
                for (long wrong : WRONG) {
                    Buffer buffer = Buffer.within(Budget.root("b", 64), MemorySegment.ofArray(new byte[64]), 48);
                    buffer.put(filled(), 8);
                    String before = buffer.toString();
                    Object[] arguments = arguments(method);
                    arguments[i] = types[i] == long.class ? (Object) wrong : (Object) Math.clamp(wrong,
                            Integer.MIN_VALUE, Integer.MAX_VALUE);
                    Throwable answer = invoke(buffer, method, arguments);
                    String what = method + " with " + arguments[i] + ": " + answer;
                    assertTrue(answer instanceof IllegalArgumentException || answer instanceof IndexOutOfBoundsException
                            || answer instanceof BufferBoundsException, what);
                    assertTrue(answer.getMessage().contains(String.valueOf(arguments[i])), what);
                    assertEquals(before, buffer.toString(), what);
                    buffer.checkInvariants();
                    tried++;
                }
            }
        }
        assertTrue(tried > 100, "tried " + tried);
    }

    @Test
    void nobodyOutsideTheModuleCanExtendABuffer() {
        assertThrows(NullPointerException.class, () -> new Buffer((Slot) null) {});  // all that others could hand in
        for (Constructor<?> constructor : Buffer.class.getDeclaredConstructors()) {
            assertTrue(Modifier.isPrivate(constructor.getModifiers())
                    || List.of(constructor.getParameterTypes()).equals(List.of(Slot.class)), () -> "open to all: " + constructor);
        }
        assertFalse(Buffer.class.getModule().isExported(Slot.class.getPackageName()));
    }

    @Test
    void everyMethodOfABufferRefusesAfterItsLease() {
        BufferPoolConfig config = BufferPoolConfig.of("p", 64, 1);
        BufferPool pool = BufferPool.over(config, Arena.ofAuto().allocate(64, 64));
        PooledBuffer buffer = pool.acquire();
        buffer.close();
        Set<String> harmless = Set.of("capacity", "dirtyBytes", "toString", "isLeased", "pool");
        int tried = 0;
        for (Method method : methods(PooledBuffer.class)) {
            if (!harmless.contains(method.getName())) {
                Throwable answer = invoke(buffer, method, arguments(method));
                assertTrue(answer instanceof IllegalStateException, method + ": " + answer);
                tried++;
            }
        }
        assertTrue(tried > 80, "tried " + tried);
        assertEquals(0, pool.inUse());
        PooledBuffer again = pool.acquire();
        assertTrue(ConstantTime.isZero(again.segment(), 0, 64));
    }

    @Test
    void buffersOverAClosedRegionRefuse() {
        Region region = Region.open(RegionConfig.defaults("t"), MemoryPlan.group("data", MemoryPlan.block("a", 64)));
        Buffer buffer = Buffer.over(region.carve("a"));
        buffer.putI64(1);
        region.close();
        for (Executable use : List.<Executable>of(buffer::takeI64, () -> buffer.putI64(2), buffer::burn,
                () -> buffer.u8At(0), () -> buffer.put(new byte[1]))) {
            assertThrows(IllegalStateException.class, use);
        }
    }

    @Test
    void anotherThreadsArenaIsRefused() throws InterruptedException {
        try (Arena mine = Arena.ofConfined()) {
            MemorySegment memory = mine.allocate(64);
            Buffer buffer = Buffer.over(memory);
            BlockAllocator blocks = BlockAllocator.over(new BlockAllocator.Config("b", 64, 8), memory);
            long at = blocks.allocate(8);
            Throwable[] failure = new Throwable[1];
            Thread other = new Thread(() -> {
                assertThrows(WrongThreadException.class, () -> buffer.putI64(1));
                assertThrows(WrongThreadException.class, () -> Wipe.segment(memory));
                assertThrows(WrongThreadException.class, () -> ConstantTime.isZero(memory, 0, 8));
                assertThrows(WrongThreadException.class, () -> BigEndian.u16(memory, 0));
                assertThrows(WrongThreadException.class, () -> blocks.release(at));
            });
            other.setUncaughtExceptionHandler((thread, e) -> failure[0] = e);
            other.start();
            other.join();
            assertEquals(null, failure[0]);
            assertEquals(8, blocks.usedBytes());
            blocks.release(at);
        }
    }

    @Test
    void fixedWidthAccessRefusesOffsetsOutsideTheSegment() {
        MemorySegment memory = MemorySegment.ofArray(new byte[8]);
        int tried = 0;
        for (Class<?> type : List.of(BigEndian.class, LittleEndian.class)) {
            for (Method method : type.getDeclaredMethods()) {
                if (!Modifier.isPublic(method.getModifiers())) {
                    continue;
                }
                int width = Integer.parseInt(method.getName().substring(1)) / 8;
                for (long wrong : new long[] {-1, 8 - width + 1, 8, Long.MAX_VALUE, Long.MAX_VALUE - 1, Long.MIN_VALUE}) {
                    Object[] arguments = arguments(method);
                    arguments[0] = memory;
                    arguments[1] = wrong;
                    if (arguments.length == 3) {
                        arguments[2] = method.getParameterTypes()[2] == int.class ? (Object) (-1) : (Object) (-1L);
                    }
                    Throwable answer = invoke(null, method, arguments);
                    assertTrue(answer instanceof IndexOutOfBoundsException, method + " at " + wrong + ": " + answer);
                    tried++;
                }
            }
        }
        assertEquals(2 * 10 * 6, tried);
        assertThrows(IllegalArgumentException.class, () -> Align.up(-1, 8));
        assertThrows(IllegalArgumentException.class, () -> Align.up(1, 0));
        assertThrows(IllegalArgumentException.class, () -> Align.up(1, 12));
        assertThrows(IllegalArgumentException.class, () -> Align.up(1, Long.MIN_VALUE));
        assertThrows(ArithmeticException.class, () -> Align.up(Long.MAX_VALUE, 8));
    }

    @Test
    void rangesNearTheLargestNumberDoNotWrapAround() {
        MemorySegment memory = MemorySegment.ofArray(new byte[] {1, 1, 1, 1, 1, 1, 1, 1});
        long[][] ranges = {{-1, 1}, {1, -1}, {8, 1}, {0, 9}, {1, Long.MAX_VALUE}, {Long.MAX_VALUE, 1},
                {Long.MAX_VALUE, Long.MAX_VALUE}, {Long.MIN_VALUE, 0}, {0, Long.MIN_VALUE}, {Long.MIN_VALUE, Long.MAX_VALUE}};
        for (long[] r : ranges) {
            List<Executable> uses = List.of(() -> Wipe.bytes(memory, r[0], r[1]),
                    () -> ConstantTime.isZero(memory, r[0], r[1]),
                    () -> ConstantTime.equal(memory, r[0], memory, 0, r[1]),
                    () -> ConstantTime.equal(memory, 0, memory, r[0], r[1]),
                    () -> ConstantTime.difference(memory, r[0], memory, 0, r[1]),
                    () -> ConstantTime.copyIf(0, memory, r[0], memory, 0, r[1]),
                    () -> ConstantTime.copyIf(-1, memory, 0, memory, r[0], r[1]));
            for (Executable use : uses) {
                String text = assertThrows(IndexOutOfBoundsException.class, use).getMessage();
                assertTrue(text.contains(r[1] + " bytes"), text);
            }
            assertThrows(IllegalArgumentException.class, () -> Buffer.over(memory, r[0], r[1]));
        }
        assertThrows(IllegalArgumentException.class, () -> Buffer.within(Budget.root("b", 9), memory, 9));
        assertThrows(IllegalArgumentException.class, () -> Buffer.within(Budget.root("b", 9), memory, -1));
        assertThrows(BudgetExceededException.class, () -> Buffer.within(Budget.root("b", 7), memory, 8));
        for (int i = 0; i < 8; i++) {
            assertEquals(1, memory.get(ValueLayout.JAVA_BYTE, i));
        }
    }

    @Test
    void whereOneOfBothIsOutsideTheOtherIsWiped() {
        byte[] bytes = {1, 1, 1, 1};
        MemorySegment memory = MemorySegment.ofArray(bytes);
        assertThrows(IndexOutOfBoundsException.class, () -> Wipe.both(memory, 4, 1, memory, 0, 2));
        assertArrayEquals(new byte[] {0, 0, 1, 1}, bytes);
        assertThrows(IndexOutOfBoundsException.class, () -> Wipe.both(memory, 2, 1, memory, Long.MAX_VALUE, 2));
        assertArrayEquals(new byte[] {0, 0, 0, 1}, bytes);
    }

    @Test
    void plansAndRegionsRefuseWhatCannotBe() {
        List<Executable> arguments = List.of(() -> MemoryPlan.block("a", -1), () -> MemoryPlan.block("a", 1, -1, ""),
                () -> MemoryPlan.block("", 1), () -> MemoryPlan.block("a/b", 1), () -> MemoryPlan.block("a", 1).times(-1),
                () -> MemoryPlan.block("a", 1).withHeap(-1), () -> MemoryPlan.block("a", 1).named(" "),
                () -> MemoryPlan.block("a", 1).child("b"), () -> MemoryPlan.block("a", 1).offsetOf("b"),
                () -> MemoryPlan.group("g", MemoryPlan.block("a", 1), MemoryPlan.block("a", 1)),
                () -> RegionConfig.defaults(""), () -> RegionConfig.defaults("x".repeat(65)),
                () -> RegionConfig.reservation("a$b"), () -> Budget.root("b", -1), () -> Budget.root("b", 1).child("c", -1));
        for (Executable use : arguments) {
            assertThrows(IllegalArgumentException.class, use);
        }
        assertThrows(ArithmeticException.class, () -> MemoryPlan.block("a", Long.MAX_VALUE, 2, ""));
        assertThrows(ArithmeticException.class, () -> MemoryPlan.block("a", Long.MAX_VALUE).times(2));
        assertThrows(ArithmeticException.class,
                () -> MemoryPlan.group("g", MemoryPlan.block("a", Long.MAX_VALUE), MemoryPlan.block("b", 1)));
        List<Executable> nulls = List.of(() -> MemoryPlan.block("a", 1).noted(null),
                () -> RegionConfig.defaults("a").withProtection(null, Protection.Level.OFF),
                () -> RegionConfig.defaults("a").withProtection(Protection.GUARD, null),
                () -> RegionConfig.defaults("a").level(null), () -> RegionConfig.defaults("a").withCommit(null), () -> Budget.root(null, 1),
                () -> Region.open(RegionConfig.defaults("a"), null), () -> Region.plan(null, MemoryPlan.block("a", 64)));
        for (Executable use : nulls) {
            assertThrows(NullPointerException.class, use);
        }
        RegionConfig reservation = RegionConfig.reservation("r");
        try (Region region = Region.open(reservation, MemoryPlan.block("a", 1 << 20))) {
            for (long[] r : new long[][] {{-4096, 4096}, {4096, -4096}, {1 << 20, 4096}, {0, (1 << 20) + 4096},
                    {Long.MAX_VALUE - 4095, 4096}, {4096, Long.MAX_VALUE - 4095}, {Long.MIN_VALUE, 4096}}) {
                String text = assertThrows(IllegalArgumentException.class, () -> region.discard(r[0], r[1])).getMessage();
                assertTrue(text.contains("discard " + r[1] + " bytes at " + r[0]), text);
            }
            assertThrows(NullPointerException.class, () -> region.inForce(null));
        }
    }

    @Test
    void blocksAndScratchRefuseWrongSizesStaleNumbersAndUseAfterClose() {
        for (int[] w : new int[][] {{0, 8}, {64, 0}, {64, 7}, {64, 12}, {60, 8}, {Integer.MAX_VALUE, 8}, {-64, 8}, {8, 64}}) {
            assertThrows(IllegalArgumentException.class, () -> new BlockAllocator.Config("b", w[0], w[1]));
        }
        for (int[] w : new int[][] {{0, 64}, {-1, 64}, {1, 0}, {1, 63}, {1, -64}, {(1 << 20) + 1, 64}}) {
            assertThrows(IllegalArgumentException.class, () -> new ScratchRing.Config("s", w[0], w[1]));
        }
        MemorySegment memory = Arena.ofAuto().allocate(128);
        BlockAllocator.Config config = new BlockAllocator.Config("b", 128, 32);
        assertThrows(IllegalArgumentException.class, () -> BlockAllocator.over(config, memory.asSlice(0, 64)));
        assertThrows(IllegalArgumentException.class, () -> BlockAllocator.over(config, memory.asReadOnly()));
        BlockAllocator blocks = BlockAllocator.over(config, memory);
        for (long wrong : new long[] {0, -1, Long.MIN_VALUE, 129, Long.MAX_VALUE}) {
            assertThrows(IllegalArgumentException.class, () -> blocks.allocate(wrong));
            assertThrows(IllegalArgumentException.class, () -> blocks.tryAllocate(wrong));
        }
        long a = blocks.allocate(33);
        BlocksExhaustedException full = assertThrows(BlocksExhaustedException.class, () -> blocks.allocate(128));
        assertEquals("blocks \"b\": asked 128 bytes, left 64, the longest free run 64", full.getMessage());
        assertEquals(-1, blocks.tryAllocate(65));
        for (long wrong : new long[] {-1, 0, 1, 3, Long.MIN_VALUE, a | Long.MIN_VALUE}) {
            refuseAll(IllegalArgumentException.class, wrong + " is no piece of it", () -> blocks.release(wrong),
                    () -> blocks.pieceBytes(wrong), () -> blocks.at(wrong));
        }
        for (long wrong : new long[] {a ^ 1, a ^ 2, a ^ 4, a ^ 1L << 62, 4}) {  // another block, another number
            refuseAll(IllegalStateException.class, "piece " + wrong + " is not out", () -> blocks.release(wrong),
                    () -> blocks.pieceBytes(wrong), () -> blocks.at(wrong));
        }
        blocks.release(a);
        long other = blocks.allocate(33);  // in the same place
        refuseAll(IllegalStateException.class, "piece " + a + " is not out: released before", () -> blocks.release(a),
                () -> blocks.pieceBytes(a), () -> blocks.at(a));
        assertEquals(0, blocks.at(other));
        BlockAllocator neighbour = BlockAllocator.over(config, Arena.ofAuto().allocate(128));
        for (int i = 0; i < 4; i++) {
            long foreign = neighbour.allocate(32);
            assertThrows(IllegalStateException.class, () -> blocks.release(foreign));
        }
        assertTrue(blocks.holds(other));
        blocks.close();
        blocks.close();
        refuseAll(IllegalStateException.class, "\"b\" is closed", () -> blocks.allocate(1), () -> blocks.tryAllocate(1),
                () -> blocks.release(other), () -> blocks.pieceBytes(other), () -> blocks.at(other),
                blocks::segment);

        ScratchRing.Config two = new ScratchRing.Config("s", 2, 64);
        assertThrows(IllegalArgumentException.class, () -> ScratchRing.over(two, memory.asSlice(0, 64)));
        assertThrows(IllegalArgumentException.class, () -> ScratchRing.over(two, memory.asReadOnly()));
        ScratchRing ring = ScratchRing.over(two, memory);
        long first = ring.next();
        ring.next();
        ring.next();
        ScratchRing strange = ScratchRing.over(two, Arena.ofAuto().allocate(128));
        for (long wrong : new long[] {first, 0, -1, first + 3, strange.next(), Long.MAX_VALUE, Long.MIN_VALUE}) {
            assertTrue(!ring.holds(wrong));
            refuseAll(IllegalStateException.class, "turn " + wrong + " has ended, now at turn " + (first + 2), () -> ring.at(wrong),
                    () -> ring.release(wrong));
        }
        ring.close();
        ring.close();
        refuseAll(IllegalStateException.class, "\"s\" is closed", ring::next, () -> ring.at(first + 2), () -> ring.release(first + 2),
                ring::segment);
        assertTrue(!ring.holds(first + 2));
    }

    @Test
    void connectionsRefuseWrongNumbersAndUseAfterClose() {
        assertThrows(IllegalArgumentException.class, () -> new ConnectionBuffersConfig("c", -1, 1, 1, 1, 1, 1, 1));
        assertThrows(IllegalArgumentException.class, () -> new ConnectionBuffersConfig("c", 0, 0, 1, 1, 1, 1, 1));
        assertThrows(IllegalArgumentException.class, () -> new ConnectionBuffersConfig("c", 0, 1, 0, 1, 1, 1, 1));
        assertThrows(IllegalArgumentException.class, () -> new ConnectionBuffersConfig("c", 0, 1, 1, 0, 1, 1, 1));
        assertThrows(IllegalArgumentException.class, () -> new ConnectionBuffersConfig("c", 0, 1, 1, 1, 0, 1, 1));
        assertThrows(IllegalArgumentException.class, () -> new ConnectionBuffersConfig("c", 0, 1, 1, 1, 1, 0, 1));
        assertThrows(IllegalArgumentException.class, () -> new ConnectionBuffersConfig("c", 0, 1, 1, 1, 1, 1, 101));
        ConnectionBuffersConfig config = new ConnectionBuffersConfig("c", 1, 1, 64, 1, 1, 1, 1);
        MemorySegment memory = Arena.ofAuto().allocate(4 * 64, 64);
        assertThrows(IllegalArgumentException.class,
                () -> ConnectionBuffers.over(config, Sizes.of(64, 64), memory.asSlice(0, 64), System::nanoTime));
        assertThrows(IllegalArgumentException.class,
                () -> ConnectionBuffers.over(config, Sizes.of(64, 128), memory, System::nanoTime));
        assertThrows(IllegalArgumentException.class, () -> Sizes.of(64, 0));
        assertThrows(IllegalArgumentException.class, () -> Sizes.of(63, 64));
        for (long wrong : new long[] {-64, 63, 65, 64}) {  // 64: not fewer than the others
            assertThrows(IllegalArgumentException.class, () -> Sizes.of(64, 64).withSmall(wrong));
        }
        assertEquals(64, Sizes.of(64, 64).withStreams(128).withSmall(64).smallBytes());
        assertThrows(IllegalArgumentException.class, () -> Sizes.of(64, 64).withStreams(0));
        assertThrows(IllegalArgumentException.class, () -> ConnectionBuffers.plan(config, Sizes.of(64, 128)));
        assertThrows(NullPointerException.class, () -> ConnectionPools.of(null, null));
        BufferPoolConfig wide = BufferPoolConfig.of("w", 128, 1);
        BufferPool tooWide = BufferPool.over(wide, Arena.ofAuto().allocate(128, 64));
        assertThrows(IllegalArgumentException.class,
                () -> ConnectionBuffers.pooled(config, ConnectionPools.of(tooWide, tooWide), System::nanoTime));
        ConnectionBuffers connection = ConnectionBuffers.over(config, Sizes.of(64, 64), memory, System::nanoTime);
        MemorySegment one = MemorySegment.ofArray(new byte[1]);
        for (int wrong : new int[] {-1, 1, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
            refuseAll(IndexOutOfBoundsException.class, String.valueOf(wrong), () -> connection.streamBuffer(wrong),
                    () -> connection.tryStreamBuffer(wrong), () -> connection.endStream(wrong));
        }
        for (long wrong : WRONG) {
            refuseAll(IndexOutOfBoundsException.class, String.valueOf(wrong), () -> connection.queue(one, wrong, 1),
                    () -> connection.queue(one, 0, wrong));
        }
        assertEquals(0, connection.usedBytes());
        connection.close();
        connection.close();
        refuseAll(IllegalStateException.class, "\"c\" is closed", connection::readBuffer, connection::writeBuffer,
                () -> connection.streamBuffer(0), connection::tryReadBuffer, connection::tryWriteBuffer,
                () -> connection.tryStreamBuffer(0), () -> connection.endStream(0), () -> connection.queue(one, 0, 1),
                connection::dequeue, connection::touch);
        assertEquals(0, connection.burn() + connection.shrink() + connection.burnIfIdle() + connection.shrinkIfDue()
                + connection.shrink(true), "nothing is left to give back");
    }

    @Test
    void poolsRefuseWrongSizesForeignBuffersAndUseAfterClose() {
        BufferPoolConfig config = BufferPoolConfig.of("p", 64, 2);
        assertThrows(IllegalArgumentException.class, () -> BufferPoolConfig.of("p", 63, 2));
        assertThrows(IllegalArgumentException.class, () -> BufferPoolConfig.of("p", 0, 2));
        assertThrows(IllegalArgumentException.class, () -> BufferPoolConfig.of("p", 64, 0));
        assertThrows(IllegalArgumentException.class, () -> BufferPoolConfig.of("p", Long.MAX_VALUE - 63, 2));
        assertThrows(IllegalArgumentException.class, () -> config.withSlabs(2, 1));
        assertThrows(IllegalArgumentException.class, () -> config.withCaches(3, 1, 1));
        assertThrows(IllegalArgumentException.class, () -> config.withCaches(1, 0, 1));
        assertThrows(IllegalArgumentException.class, () -> config.withCaches(1, 1, -1));
        assertThrows(IllegalArgumentException.class, () -> new BufferPoolConfig.Debug(-1, false));
        MemorySegment memory = Arena.ofAuto().allocate(128, 64);
        assertThrows(IllegalArgumentException.class, () -> BufferPool.over(config, memory.asSlice(0, 64)));
        BufferPool pool = BufferPool.over(config, memory);
        BufferPool other = BufferPool.over(BufferPoolConfig.of("q", 64, 1), Arena.ofAuto().allocate(64, 64));
        assertThrows(IllegalArgumentException.class, () -> pool.ownerCache(0));
        OwnerCache cache = pool.ownerCache(1);
        PooledBuffer foreign = other.acquire();
        String text = assertThrows(IllegalArgumentException.class, () -> cache.release(foreign)).getMessage();
        assertTrue(text.contains("buffer of pool \"q\""), text);
        assertTrue(foreign.isLeased());
        cache.close();
        refuseAll(IllegalStateException.class, "close", cache::acquire, cache::tryAcquire);
        PooledBuffer mine = pool.acquire();
        PooledBuffer.Lease lease = mine.lease();
        lease.close();
        refuseAll(IllegalStateException.class, "lease", lease::buffer, lease::close);
        pool.close();
        pool.close();
        refuseAll(IllegalStateException.class, "closed", pool::acquire, pool::tryAcquire, () -> pool.ownerCache(1));
    }

    @Test
    void codecsRefuseWhatCannotBeWrittenOrRead() {
        Buffer empty = Buffer.over(MemorySegment.ofArray(new byte[0]));
        Buffer buffer = filled();
        String before = buffer.toString();
        MemorySegment place = MemorySegment.ofArray(new byte[8]);
        for (long wrong : new long[] {-1, QuicVarint.VALUE_MAX + 1, Long.MAX_VALUE, Long.MIN_VALUE}) {
            refuseAll(IllegalArgumentException.class, String.valueOf(wrong), () -> QuicVarint.bytes(wrong),
                    () -> QuicVarint.put(buffer, wrong), () -> QuicVarint.put(buffer, wrong, 8),
                    () -> QuicVarint.set(place, 0, wrong), () -> QuicVarint.set(place, 0, wrong, 8));
        }
        for (int wrong : new int[] {-1, 0, 1, 3, 9, Integer.MAX_VALUE}) {
            refuseAll(IllegalArgumentException.class, "in " + wrong + " bytes", () -> QuicVarint.put(buffer, 64, wrong),
                    () -> QuicVarint.set(place, 0, 64, wrong));
        }
        place.set(ValueLayout.JAVA_BYTE, 7, (byte) 0x40);
        for (long wrong : new long[] {-1, 8, Long.MAX_VALUE, Long.MIN_VALUE}) {
            refuseAll(IndexOutOfBoundsException.class, String.valueOf(wrong), () -> QuicVarint.bytesAt(place, wrong), () -> QuicVarint.get(place, wrong),
                    () -> QuicVarint.set(place, wrong, 1), () -> QuicVarint.set(place, wrong, 1, 2));
        }
        assertThrows(IndexOutOfBoundsException.class, () -> QuicVarint.get(place, 7));
        assertThrows(IndexOutOfBoundsException.class, () -> QuicVarint.set(place, 7, 64));
        assertEquals(0x40, place.get(ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN), 0));
        MemorySegment eight = MemorySegment.ofArray(new byte[] {1, 1, 1, 1, 1, 1, 1, 1});
        for (long wrong : WRONG) {
            refuseAll(IndexOutOfBoundsException.class, String.valueOf(wrong), () -> Mpint.put(buffer, eight, wrong, 1),
                    () -> Mpint.put(buffer, eight, 0, wrong), () -> Mpint.take(buffer, eight, wrong, 1),
                    () -> Mpint.take(buffer, eight, 0, wrong));
        }
        refuseAll(BufferBoundsException.class, "left 0", () -> QuicVarint.put(empty, 1), () -> QuicVarint.take(empty),
                () -> Leb128.put(empty, 1), () -> Leb128.putSigned(empty, 1), () -> Leb128.take(empty),
                () -> Leb128.takeSigned(empty), () -> Mpint.put(empty, eight, 0, 8), () -> Mpint.take(empty, eight, 0, 8));
        Buffer endless = Buffer.over(MemorySegment.ofArray(new byte[16]));
        for (int i = 0; i < 11; i++) {
            endless.putU8(0x80);
        }
        assertThrows(IllegalArgumentException.class, () -> Leb128.take(endless));
        assertThrows(IllegalArgumentException.class, () -> Leb128.takeSigned(endless));
        assertEquals(11, endless.remaining());
        assertEquals(before, buffer.toString());
    }

    @Test
    void closedPoolsHaveNothingToGive() {
        BufferPoolConfig config = BufferPoolConfig.of("p", 64, 4).withSlabs(1, 1);
        BufferPool pool = BufferPool.over(config, Arena.ofAuto().allocate(256, 64));
        pool.acquire();
        pool.close();
        refuseAll(IllegalStateException.class, "closed", pool::warmUp, pool::acquire, pool::shrink);
        assertEquals(0, pool.flush() + pool.sweep());
        assertEquals(0, pool.inUse());
        assertEquals(0, pool.usedBytes());
    }

    @Test
    void lazyRingsRefuseWhatTheirPoolCannotHold() {
        BufferPool pool = BufferPool.over(BufferPoolConfig.of("p", 64, 1), Arena.ofAuto().allocate(64, 64));
        for (long wrong : new long[] {0, -1, 65, Long.MAX_VALUE, Long.MIN_VALUE}) {
            String text = assertThrows(IllegalArgumentException.class, () -> CircularBuffer.lazy("r", pool, wrong)).getMessage();
            assertTrue(text.contains(wrong + " bytes (expected 1..64"), text);
        }
        CircularBuffer ring = CircularBuffer.lazy("r", pool, 64);
        assertEquals(0, ring.release());
        ring.writeU8(1);
        assertEquals(0, ring.release(), "it holds data");
        pool.close();
        refuseAll(IllegalStateException.class, "is closed, as its pool is", () -> ring.writeU8(2), ring::readU8,
                ring::release, ring::segment);
        ring.close();
        refuseAll(IllegalStateException.class, "ring \"r\" is closed", ring::release, () -> ring.writeU8(2));
        for (long wrong : new long[] {-1, Long.MIN_VALUE}) {
            assertThrows(IllegalArgumentException.class, () -> CircularBuffer.plan("r", wrong));
            assertThrows(IllegalArgumentException.class, () -> CryptoBuffer.plan("c", wrong));
        }
        assertThrows(ArithmeticException.class, () -> CircularBuffer.plan("r", Long.MAX_VALUE));
        assertThrows(ArithmeticException.class, () -> CryptoBuffer.plan("c", Long.MAX_VALUE));
    }

    @Test
    void ledgersRefuseLinesThatAreNotThere() {
        LedgerSnapshot snapshot = Ledger.of("l", Ledger.budget(Budget.root("b", 1))).snapshot();
        for (int wrong : new int[] {-1, 1, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
            refuseAll(IndexOutOfBoundsException.class, String.valueOf(wrong), () -> snapshot.usedBytes(wrong),
                    () -> snapshot.peakBytes(wrong), () -> snapshot.capacityBytes(wrong));
        }
        MemorySegment room = MemorySegment.ofArray(new byte[8]);
        refuseAll(IllegalArgumentException.class, "8", () -> snapshot.writeJson(room, 0));
        assertThrows(IllegalArgumentException.class, () -> snapshot.writeJson(room, -1));
        assertThrows(IllegalArgumentException.class, () -> snapshot.writeJson(room, Long.MAX_VALUE));
    }

    private static void refuseAll(Class<? extends Exception> expected, String part, Executable... uses) {
        for (int i = 0; i < uses.length; i++) {
            Exception refusal = assertThrows(expected, uses[i], "use " + i);
            if (refusal.getMessage() == null || !refusal.getMessage().contains(part)) {
                fail("use " + i + " says \"" + refusal.getMessage() + "\" (expected to hold \"" + part + "\")");
            }
        }
    }

    @Test
    void guardedSlotsRefuseWhatCannotBe() {
        RegionConfig region = RegionConfig.defaults("g");
        for (int[] w : new int[][] {{0, 1}, {-1, 1}, {GuardedSlots.SLOTS_MAX + 1, 1}, {1, 0}, {1, -1}, {1, (1 << 20) + 1}}) {
            assertThrows(IllegalArgumentException.class, () -> new GuardedSlots.Config(region, w[0], w[1]));
        }
        assertThrows(IllegalArgumentException.class, () -> new GuardedSlots.Config(RegionConfig.reservation("g"), 1, 1));
    }
}
