package dev.coffer.memory;

import dev.coffer.memory.layout.Align;
import dev.coffer.memory.layout.HeapLayout;
import dev.coffer.memory.pool.BufferPool;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;

/// A ring of bytes with a writing and a reading side; what was read is zero before the writer can have it again.
///
/// ```
///   0 ........ readAt ............. writeAt ............ capacity      used = written - readBytes(), in all
///      room   |  readable          |  room, maybe exposed              both offsets wrap at the capacity
/// ```
///
/// **Two threads**: one may write while another reads, without a lock (single producer, single consumer): the methods
/// under *writing* belong to the one, those under *reading* to the other, the statistics to anyone. Everything else,
/// [#close] and [#wipe] first, is for when neither side is inside a call. Which thread is which may change by any
/// safe publication. A second writer or a second reader at the same time is the caller's bug and is not caught.
///
/// **Without copying**: [#room] looks how much may be written; the space is `firstRoomBytes` from `firstRoomAt` in
/// [#segment()], then `secondRoomBytes` from `secondRoomAt`; [#commit] makes it readable. [#readable], `firstReadable...`,
/// `secondReadable...` and [#consume] are the reader's. The ranges are those of the last look, so both agree whatever
/// the other side does meanwhile. No slice is made.
///
/// **When full**: nothing is dropped and nobody waits. [#write] is all or nothing and throws with the numbers, [#tryWrite]
/// answers false and makes no object, [#writeSome] writes what fits; reading has the same three. More than the capacity can
/// never be written or read at once: that is refused as the caller's fault, so a false always means *not now*. Where the
/// memory comes from a pool and the pool is empty, the room is 0.
///
/// 0 heap bytes after the factory.
public final class CircularBuffer extends RingWriter implements AutoCloseable {
    // The reader's.
    private long readAt;            // 0..capacity-1, offset in the ring
    private long seenWritten;       // `written` at the last look, so a lower bound

    private CircularBuffer(String name, BufferPool pool, MemorySegment segment, long base, long capacity) {
        super(name, pool, segment, base, capacity);
    }

    /// {@return a ring of exactly `capacity` bytes, any number from 1}
    ///
    /// @param segment   writable, off the heap or on it; the range is zero and nobody else's
    /// @param at        offset of the first byte
    /// @param capacity  1 or more
    /// @throws IllegalArgumentException   no bytes, or read-only memory (caller's fault)
    /// @throws IndexOutOfBoundsException  the range does not lie in the segment (caller's fault)
    public static CircularBuffer over(String name, MemorySegment segment, long at, long capacity) {
        Objects.requireNonNull(name);
        if (capacity == 0 || segment.isReadOnly()) {
            throw new IllegalArgumentException("ring \"" + name + "\": " + capacity + " bytes of "
                    + (segment.isReadOnly() ? "read-only" : "writable") + " memory (expected 1 or more, writable)");
        }
        if ((at | capacity) < 0 || capacity > segment.byteSize() - at) {
            throw new IndexOutOfBoundsException(
                    "ring \"" + name + "\": " + capacity + " bytes at " + at + " of " + segment.byteSize());
        }
        return new CircularBuffer(name, null, segment, at, capacity);
    }

    /// {@return a ring without memory until the first write, which leases a buffer; [#release] gives it back}
    ///
    /// @param pool      of buffers of at least `capacity` bytes
    /// @param capacity  1 or more
    /// @throws IllegalArgumentException  no bytes, or more than a buffer of the pool has (caller's fault)
    public static CircularBuffer lazy(String name, BufferPool pool, long capacity) {
        Objects.requireNonNull(name);
        long max = pool.config().bufferBytes();
        if (capacity < 1 || capacity > max) {
            throw new IllegalArgumentException("ring \"" + name + "\": " + capacity + " bytes (expected 1.." + max
                    + ", a buffer of pool \"" + pool.name() + "\")");
        }
        return new CircularBuffer(name, pool, null, 0, capacity);
    }

    /// {@return the smallest power of two that is at least `bytes`: a capacity for those who want one}
    ///
    /// @param bytes  1..2^62
    /// @throws IllegalArgumentException  outside that range (caller's fault)
    public static long powerOfTwo(long bytes) {
        if (bytes < 1 || bytes > 1L << 62) {
            throw new IllegalArgumentException("ring: " + bytes + " bytes (expected 1..2^62)");
        }
        return bytes == 1 ? 1 : Long.highestOneBit(bytes - 1) << 1;
    }

    /// {@return the plan's row of a ring with memory of its own, rounded up to 64}
    ///
    /// @param capacity  1 or more; 0 for a lazy ring, whose bytes are its pool's
    public static MemoryPlan plan(String name, long capacity) {
        return MemoryPlan.block(name, Align.up(capacity, Align.CACHE_LINE_BYTES), 1, "ring of " + capacity)
                .withHeap(HeapLayout.instance(CircularBuffer.class));
    }

    // ---- reading

    /// Looks how much may be read.
    ///
    /// @return bytes, 0..capacity; the ranges below are valid until the next call of the reader
    /// @throws IllegalStateException  closed (caller's fault)
    public long readable() {
        if (closed) {
            throw refusal();
        }
        seenWritten = lookAtWritten();
        if (seenWritten > readBytes()) {
            checkOpen();  // only now: what the writer did to the lease before it wrote is seen from here on
        }
        return seenWritten - readBytes();
    }

    /// {@return offset in [#segment()] of the first range of the last [#readable]}
    public long firstReadableAt() {
        return base + readAt;
    }

    /// {@return bytes of the first range of the last [#readable]}
    public long firstReadableBytes() {
        return Math.min(seenWritten - readBytes(), capacity - readAt);
    }

    /// {@return offset in [#segment()] of the second range: the ring's start}
    public long secondReadableAt() {
        return base;
    }

    /// {@return bytes of the second range of the last [#readable], 0 where the data does not wrap}
    public long secondReadableBytes() {
        return seenWritten - readBytes() - firstReadableBytes();
    }

    /// Wipes `bytes` bytes from the reading side and gives their room to the writer.
    ///
    /// @param bytes  0..[#readable]
    /// @throws IllegalArgumentException  more than is readable, or negative (caller's fault); nothing changes
    /// @throws IllegalStateException     closed (caller's fault)
    public void consume(long bytes) {
        long there = readable();
        if (bytes < 0 || bytes > there) {
            throw new IllegalArgumentException(
                    "ring \"" + name + "\": consume of " + bytes + " bytes (expected 0.." + there + ")");
        }
        advanceReader(bytes);
    }

    /// Reads `bytes` bytes into `target` from `at`, all or nothing.
    ///
    /// @throws BufferBoundsException      fewer are there now; it says how many; nothing changes
    /// @throws IllegalArgumentException   more than the capacity, which can never be there, or a read-only target (caller's
    ///                                    fault); nothing changes
    /// @throws IndexOutOfBoundsException  the range does not lie in the target (caller's fault); nothing changes
    /// @throws IllegalStateException      closed (caller's fault)
    public void read(MemorySegment target, long at, long bytes) {
        peek(target, at, bytes);
        advanceReader(bytes);
    }

    /// Reads as [#read] does, and says no without making an object.
    ///
    /// @return whether they are read; false where there are fewer now
    /// @throws IllegalArgumentException   as of [#read]
    /// @throws IndexOutOfBoundsException  as of [#read]
    /// @throws IllegalStateException      as of [#read]
    public boolean tryRead(MemorySegment target, long at, long bytes) {
        if (!tryPeek(target, at, bytes)) {
            return false;
        }
        advanceReader(bytes);
        return true;
    }

    /// Reads as many bytes as there are, at most `bytes`, into `target` from `at`.
    ///
    /// @return bytes read, 0..bytes
    /// @throws IndexOutOfBoundsException  the range does not lie in the target (caller's fault); nothing changes
    /// @throws IllegalArgumentException   a read-only target (caller's fault); nothing changes
    /// @throws IllegalStateException      closed (caller's fault)
    public long readSome(MemorySegment target, long at, long bytes) {
        Objects.checkFromIndexSize(at, bytes, target.byteSize());
        long there = Math.min(bytes, readable());
        copyOut(target, at, there);
        advanceReader(there);
        return there;
    }

    /// Reads one byte.
    ///
    /// @return 0..255, or -1 where the ring is empty
    public int readU8() {
        int value = peekU8(0);
        if (value >= 0) {
            advanceReader(1);
        }
        return value;
    }

    /// Copies the next `bytes` bytes into `target` from `at` and leaves them where they are.
    ///
    /// @throws BufferBoundsException      as of [#read]
    /// @throws IllegalArgumentException   as of [#read]
    /// @throws IndexOutOfBoundsException  as of [#read]
    /// @throws IllegalStateException      as of [#read]
    public void peek(MemorySegment target, long at, long bytes) {
        if (!tryPeek(target, at, bytes)) {
            throw new BufferBoundsException("ring \"" + name + "\" read", bytes, seenWritten - readBytes());
        }
    }

    /// Copies as [#peek] does, and says no without making an object.
    ///
    /// @return whether they were there; false where there are fewer now, and nothing is copied
    /// @throws IllegalArgumentException   as of [#read]
    /// @throws IndexOutOfBoundsException  as of [#read]
    /// @throws IllegalStateException      as of [#read]
    public boolean tryPeek(MemorySegment target, long at, long bytes) {
        Objects.checkFromIndexSize(at, bytes, target.byteSize());
        checkFits("read", bytes);
        if (bytes > readable()) {
            return false;
        }
        copyOut(target, at, bytes);
        return true;
    }

    /// {@return the byte `ahead` bytes past the next one, 0..255, or -1 where there are fewer}
    ///
    /// @param ahead  0 or more
    /// @throws IllegalArgumentException  negative (caller's fault)
    public int peekU8(long ahead) {
        if (ahead < 0) {
            throw new IllegalArgumentException("ring \"" + name + "\": peek at " + ahead + " (expected 0 or more)");
        }
        return ahead >= readable() ? -1
                : Byte.toUnsignedInt(segment.get(ValueLayout.JAVA_BYTE, base + wrap(readAt + ahead)));
    }

    /// Wipes everything that is readable now and gives its room to the writer.
    ///
    /// @return bytes dropped
    public long clear() {
        long there = readable();
        advanceReader(there);
        return there;
    }

    private void copyOut(MemorySegment target, long at, long bytes) {
        if (bytes == 0) {
            return;
        }
        long first = Math.min(bytes, capacity - readAt);
        MemorySegment.copy(segment, base + readAt, target, at, first);
        MemorySegment.copy(segment, base, target, at + first, bytes - first);
    }

    private void advanceReader(long bytes) {
        if (bytes == 0) {
            return;
        }
        wipe(readAt, bytes);
        readAt = wrap(readAt + bytes);
        storeRead(readBytes() + bytes);  // after the wipe: the writer never meets an old byte
    }

    // ---- both sides quiet

    /// {@return the memory that the ranges lie in; borrowed; null where a lazy ring has none now}
    ///
    /// @throws IllegalStateException  closed (caller's fault)
    public MemorySegment segment() {
        checkOpen();
        return segment;
    }

    /// Zeroes the data and what the writer was shown; the ring is empty. For when neither side is inside a call.
    ///
    /// @throws IllegalStateException  closed (caller's fault)
    public void wipe() {
        checkOpen();
        clear();
        if (exposed > 0) {
            wipe(writeAt, exposed);
        }
        exposed = 0;
        readAt = 0;
        writeAt = 0;
    }

    /// Gives a lazy ring's memory back to its pool where it holds no data; the next write leases anew. For when neither
    /// side is inside a call.
    ///
    /// @return bytes given back: a buffer of the pool, or 0
    /// @throws IllegalStateException  closed (caller's fault)
    public long release() {
        if (readable() > 0 || lease == null) {
            return 0;
        }
        wipe();
        lease.close();  // first: where it throws, the lease is still known
        lease = null;
        segment = null;
        return pool.config().bufferBytes();
    }

    /// Wipes, and gives the memory back to its owner. Twice is harmless. For when neither side is inside a call.
    @Override
    public void close() {
        if (closed) {
            return;
        }
        if (segment != null && segment.scope().isAlive() && (lease == null || lease.isLeased())) {
            wipe();
            release();
        }  // else whoever ended the region or the pool has wiped it
        closed = true;
    }

    /// For property tests.
    void checkInvariants() {
        assert 0 <= written - readBytes() && written - readBytes() <= capacity : this;
        assert seenRead <= readBytes() && seenWritten <= written : this;
        assert wrap(readAt + (written - readBytes())) == writeAt : this + ", " + readAt + ", " + writeAt;
        assert exposed <= capacity - (written - readBytes()) : this + ", exposed " + exposed;
        if (segment == null) {
            assert written == readBytes() && exposed == 0 : this;
            return;
        }
        long rest = capacity - (written - readBytes()) - exposed;
        long from = wrap(writeAt + exposed);
        long first = Math.min(rest, capacity - from);
        assert ConstantTime.isZero(segment, base + from, first) : "not wiped: " + this;
        assert ConstantTime.isZero(segment, base, rest - first) : "not wiped: " + this;
    }

    @Override
    public String toString() {
        return "CircularBuffer[" + name + ", " + usedBytes() + " of " + capacity + " bytes"
                + (closed ? ", closed" : "") + "]";
    }
}
