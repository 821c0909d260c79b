package dev.coffer.memory;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.memory.Protection.Level;
import dev.coffer.memory.internal.os.MemoryCalls;
import dev.coffer.memory.pool.BufferPool;
import dev.coffer.memory.pool.BufferPoolConfig;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/// Every kind of [Buffer] has an end: what was written is zero, what was held is given back, every use refuses.
class BufferLifeTest {
    private static final byte[] PASSWORD = "secret123".getBytes(StandardCharsets.US_ASCII);

    @Test
    void opensAnySizeAndRefusesTheImpossible() {
        for (long bytes : new long[] {0, 1, 63, 64, 65, 100, 4032, 4033, 100_000}) {
            try (Buffer buffer = Buffer.open(bytes)) {
                assertEquals(bytes, buffer.capacity());
                assertEquals(bytes, buffer.room());
                assertTrue(ConstantTime.isZero(buffer.segment(), 0, bytes));
                buffer.putZeros(bytes);
                assertThrows(BufferBoundsException.class, () -> buffer.putU8(1));
                assertTrue(buffer.segment().isNative());
            }
        }
        for (long wrong : new long[] {-1, Long.MIN_VALUE, Region.BYTES_MAX + 1, Long.MAX_VALUE}) {
            String said = assertThrows(IllegalArgumentException.class, () -> Buffer.open(wrong)).getMessage();
            assertTrue(said.contains(wrong + " bytes (expected 0.."), said);
        }
        assertThrows(ProtectionException.class, () -> Buffer.open(RegionConfig.defaults("t").withProtection(Protection.LOCKED,
                Level.REQUIRED), 64, new MemoryCalls() {
                    @Override
                    public long lock(long address, long length) {
                        return -12;
                    }
                }));
    }

    /// The example of secbuf's page: five strings, a flag, and the password gone when the buffer is.
    @Test
    void whatAnOpenedBufferHeldIsZeroBeforeItsPagesGo() {
        long[] nonZero = {-1};
        MemorySegment[] memory = new MemorySegment[1];
        MemoryCalls watching = new MemoryCalls() {
            @Override
            public long unmap(long address, long bytes) {
                MemorySegment raw = MemorySegment.ofAddress(memory[0].address()).reinterpret(100);
                nonZero[0] = raw.asByteBuffer().remaining();
                for (long i = 0; i < 100; i++) {
                    nonZero[0] -= raw.get(ValueLayout.JAVA_BYTE, i) == 0 ? 1 : 0;
                }
                return super.unmap(address, bytes);
            }
        };
        Buffer buffer = Buffer.open(RegionConfig.defaults("t"), 100, watching);
        memory[0] = buffer.segment();
        byte[] password = PASSWORD.clone();
        for (String name : List.of("ssh-userauth", "alice", "ssh-connection", "password")) {
            buffer.putString(name);
        }
        buffer.putU8(0);
        buffer.putString(password, true);
        assertArrayEquals(new byte[PASSWORD.length], password);
        assertArrayEquals("ssh-userauth".getBytes(StandardCharsets.US_ASCII), buffer.takeString());
        buffer.skipString();
        buffer.skipString();
        buffer.skipString();
        buffer.takeU8();
        assertArrayEquals(PASSWORD, buffer.takeString());
        buffer.close();
        assertEquals(0, nonZero[0]);
    }

    @Test
    void closingTwiceIsHarmlessAndEveryUseAfterItRefuses() {
        Budget budget = Budget.root("b", 64);
        for (Buffer buffer : List.of(Buffer.open(64), Buffer.over(Arena.ofAuto().allocate(64)),
                Buffer.within(budget, Arena.ofAuto().allocate(64), 48))) {
            MemorySegment memory = buffer.segment();
            buffer.putU32(7);
            Buffer view = buffer.view(0, 4);
            buffer.close();
            buffer.close();
            for (Executable use : List.<Executable>of(() -> buffer.putU8(1), buffer::takeU8, buffer::position, buffer::burn,
                    buffer::segment, () -> buffer.claim(0), () -> buffer.consume(0), buffer::takeString, buffer::reset)) {
                assertThrows(IllegalStateException.class, use);
            }
            if (memory.scope().isAlive()) {
                assertTrue(ConstantTime.isZero(memory, 0, 64), "the memory is the caller's again, and zero");
            } else {
                assertThrows(IllegalStateException.class, view::takeU8);
            }
        }
        assertEquals(0, budget.usedBytes());
        assertEquals(48, budget.peakBytes());
    }

    @Test
    void closingAViewEndsTheViewAlone() {
        Buffer buffer = Buffer.over(Arena.ofAuto().allocate(64));
        buffer.putU32(7);
        Buffer view = buffer.view(0, 4);
        view.close();
        assertThrows(IllegalStateException.class, view::takeU8);
        assertEquals(7, buffer.takeU32());
    }

    @Test
    void aBufferWhoseRegionClosedFirstClosesAndGivesItsBudgetBack() {
        Budget budget = Budget.root("b", 64);
        Region region = Region.open(RegionConfig.defaults("t"), MemoryPlan.block("data", 64));
        Buffer buffer = Buffer.within(budget, region.data(), 64);
        buffer.putI64(1);
        region.close();
        buffer.close();
        assertEquals(0, budget.usedBytes());
        assertThrows(IllegalStateException.class, buffer::takeU8);
    }

    @Test
    void damagePastAnOpenedBufferIsToldAtCloseWhichClosesAllTheSame() {
        Buffer buffer = Buffer.open(100);
        MemorySegment past = buffer.segment().reinterpret(101);
        past.set(ValueLayout.JAVA_BYTE, 100, (byte) ~past.get(ValueLayout.JAVA_BYTE, 100));
        assertThrows(CanaryException.class, buffer::close);
        assertThrows(IllegalStateException.class, buffer::takeU8);
        buffer.close();
    }

    @Test
    void anotherThreadCannotCloseWhatIsNotItsOwn() throws InterruptedException {
        try (Arena mine = Arena.ofConfined()) {
            Buffer buffer = Buffer.over(mine.allocate(64));
            buffer.putU8(3);
            Throwable[] answer = new Throwable[1];
            Thread other = new Thread(buffer::close);
            other.setUncaughtExceptionHandler((thread, e) -> answer[0] = e);
            other.start();
            other.join();
            assertEquals(WrongThreadException.class, answer[0].getClass());
            assertEquals(3, buffer.takeU8());
            buffer.close();
        }
    }

    @Test
    void takeStringMakesNoArrayLargerThanWhatIsThere() {
        Buffer buffer = Buffer.over(Arena.ofAuto().allocate(64));
        buffer.putU32(0xffff_ffffL);
        buffer.putI64(1);
        assertThrows(BufferBoundsException.class, buffer::takeString);
        assertEquals(0, buffer.position());
        buffer.u32At(0, 8);
        assertArrayEquals(new byte[] {0, 0, 0, 0, 0, 0, 0, 1}, buffer.takeString());
        assertFalse(buffer.hasRemaining());
        buffer.putString(new byte[0], true);
        assertArrayEquals(new byte[0], buffer.takeString());
        byte[] tooLong = PASSWORD.clone();
        Buffer small = Buffer.over(Arena.ofAuto().allocate(12));
        assertThrows(BufferBoundsException.class, () -> small.putString(tooLong, true));
        assertArrayEquals(PASSWORD, tooLong, "not written, so not wiped");
        small.putString(new byte[8], false);
        assertEquals(12, small.length());
    }

    @Test
    void aMoveIntoSharedMemoryIsRefusedAsItsWipeWouldTakeTheData() {
        BufferPool pool = BufferPool.over(BufferPoolConfig.of("p", 64, 1), Arena.ofAuto().allocate(64, 64));
        MemorySegment array = MemorySegment.ofArray(new byte[64]);
        for (Buffer buffer : List.of(Buffer.over(Arena.ofAuto().allocate(64)), Buffer.over(array), pool.acquire())) {
            buffer.putU32(9);
            Buffer view = buffer.view(0, 64);
            assertThrows(IllegalArgumentException.class, () -> buffer.moveTo(view));
            assertThrows(IllegalArgumentException.class, () -> view.moveTo(buffer));
            assertThrows(IllegalArgumentException.class, () -> buffer.moveTo(buffer));
            assertEquals(9, buffer.peekU32());
            Buffer apart = Buffer.over(array.isNative() ? array : MemorySegment.ofArray(new byte[64]));
            buffer.moveTo(apart);
            assertEquals(9, apart.takeU32());
            assertEquals(0, buffer.length());
        }
        Buffer low = Buffer.over(array, 0, 32);
        Buffer high = Buffer.over(array, 32, 32);
        low.putU32(5);
        low.moveTo(high);
        assertEquals(5, high.takeU32());
    }

    @Test
    void everyViewEndsWithTheLeaseAndNoneBefore() {
        BufferPool pool = BufferPool.over(BufferPoolConfig.of("p", 64, 1), Arena.ofAuto().allocate(64, 64));
        for (int lease = 0; lease < 2; lease++) {
            Buffer buffer = pool.acquire();
            buffer.putI64(1);
            Buffer first = buffer.view(0, 8);
            Buffer second = buffer.view(4, 4);
            Buffer ofView = second.view(0, 4);
            assertEquals(1, first.takeI64());
            buffer.close();
            for (Buffer view : List.of(first, second, ofView)) {
                assertThrows(IllegalStateException.class, view::takeU8);
                assertThrows(IllegalStateException.class, () -> view.putU8(1));
                view.checkInvariants();
            }
        }
    }

    @Test
    void aStaleBurnDoesNotTouchMemoryThatIsSomeoneElses() {
        MemorySegment memory = Arena.ofAuto().allocate(64);
        Buffer buffer = Buffer.over(memory);
        buffer.putI64(1);
        buffer.close();
        memory.fill((byte) 7);
        for (Executable stale : List.<Executable>of(buffer::burn, buffer::reset, buffer::compact, buffer::close,
                () -> buffer.putZeros(8), () -> buffer.length(8))) {
            try {
                stale.execute();
            } catch (Throwable refusal) {
                assertEquals(IllegalStateException.class, refusal.getClass());
            }
            assertEquals(-1, memory.mismatch(Arena.ofAuto().allocate(64).fill((byte) 7)));
        }
        assertTrue(buffer.toString().startsWith("Buffer[ended, capacity 64"), buffer.toString());
    }
}
