package dev.coffer.memory;

import dev.coffer.memory.layout.Align;
import dev.coffer.memory.layout.HeapLayout;
import dev.coffer.memory.pool.BufferPool;
import dev.coffer.memory.pool.PooledBuffer;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Objects;

/// A ring of bytes with a writing and a reading side; what was read is zero before the writer can have it again.
///
/// ```
///   0 ........ readAt ............. writeAt ............ capacity      used = written - read, in all
///      room   |  readable          |  room, maybe exposed              both offsets wrap at the capacity
/// ```
///
/// **Two threads**: one may write while another reads, without a lock (single producer, single consumer): the methods
/// under *writing* belong to the one, those under *reading* to the other, the statistics to anyone. Everything else,
/// [#close] and [#wipe] first, is for when neither side is inside a call. Which thread is which may change by any
/// safe publication. A second writer or a second reader at the same time is the caller's bug and is not caught.
///
/// **Without copying**: [#room] looks how much may be written; the space is `firstRoomBytes` from `firstRoomAt` in
/// [#segment], then `secondRoomBytes` from `secondRoomAt`; [#commit] makes it readable. [#readable], `firstReadable...`,
/// `secondReadable...` and [#consume] are the reader's. The ranges are those of the last look, so both agree whatever
/// the other side does meanwhile. No slice is made.
///
/// **When full**: nothing is dropped and nobody waits. [#write] is all or nothing and answers false, [#writeSome]
/// writes what fits. Where the memory comes from a pool and the pool is empty, the room is 0.
///
/// 0 heap bytes after the factory.
public final class CircularBuffer implements Account, AutoCloseable {
    private static final VarHandle WRITTEN;
    private static final VarHandle READ;

    static {
        try {
            WRITTEN = MethodHandles.lookup().findVarHandle(CircularBuffer.class, "written", long.class);
            READ = MethodHandles.lookup().findVarHandle(CircularBuffer.class, "read", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final String name;
    private final long capacity;
    private final BufferPool pool;  // where a lazy ring's memory comes from; else null
    private final long base;        // offset of the ring's first byte in segment
    private MemorySegment segment;  // null: lazy, and nothing was written yet
    private PooledBuffer lease;     // of a lazy ring while it has memory
    private boolean closed;

    // The writer's.
    private long writeAt;           // 0..capacity-1, offset in the ring
    private long seenRead;          // `read` at the last look, so a lower bound
    private long exposed;           // bytes from writeAt that the caller may have written without committing
    private volatile long written;  // in all, since the start; stored by the writer with release
    private volatile long peak;
    private volatile long refused;  // writes that found too little room

    // The reader's.
    private long readAt;            // 0..capacity-1, offset in the ring
    private long seenWritten;       // `written` at the last look, so a lower bound
    private volatile long read;     // in all, since the start; stored by the reader with release

    private CircularBuffer(String name, BufferPool pool, MemorySegment segment, long base, long capacity) {
        this.name = name;
        this.pool = pool;
        this.segment = segment;
        this.base = base;
        this.capacity = capacity;
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

    // ---- writing

    /// Looks how much may be written, and exposes it to the caller's own writes.
    ///
    /// @return bytes, 0..capacity; the ranges below are valid until the next call of the writer
    /// @throws IllegalStateException  closed (caller's fault)
    public long room() {
        long room = lookForRoom();
        exposed = Math.max(exposed, room);
        return room;
    }

    /// {@return offset in [#segment] of the first range of the last [#room]}
    public long firstRoomAt() {
        return base + writeAt;
    }

    /// {@return bytes of the first range of the last [#room]}
    public long firstRoomBytes() {
        return Math.min(capacity - (written - seenRead), capacity - writeAt);
    }

    /// {@return offset in [#segment] of the second range: the ring's start}
    public long secondRoomAt() {
        return base;
    }

    /// {@return bytes of the second range of the last [#room], 0 where the room does not wrap}
    public long secondRoomBytes() {
        return capacity - (written - seenRead) - firstRoomBytes();
    }

    /// Makes `bytes` bytes readable that the caller has written into the ranges. What was exposed and not committed stays
    /// the writer's; [#wipe] and [#close] zero it.
    ///
    /// @param bytes  0..[#room]
    /// @throws IllegalArgumentException  more than there is room, or negative (caller's fault); nothing changes
    /// @throws IllegalStateException     closed (caller's fault)
    public void commit(long bytes) {
        long room = lookForRoom();
        if (bytes < 0 || bytes > room) {
            throw new IllegalArgumentException(
                    "ring \"" + name + "\": commit of " + bytes + " bytes (expected 0.." + room + ")");
        }
        advanceWriter(bytes);
    }

    /// Writes `bytes` bytes of `source` from `at`, all or nothing.
    ///
    /// @return whether they are written; false where there is less room
    /// @throws IndexOutOfBoundsException  the range does not lie in the source (caller's fault); nothing changes
    /// @throws IllegalStateException      closed (caller's fault)
    public boolean write(MemorySegment source, long at, long bytes) {
        Objects.checkFromIndexSize(at, bytes, source.byteSize());
        if (bytes > lookForRoom()) {
            refused++;
            return false;
        }
        copyIn(source, at, bytes);
        return true;
    }

    /// Writes as many of `bytes` bytes of `source` from `at` as there is room for.
    ///
    /// @return bytes written, 0..bytes
    /// @throws IndexOutOfBoundsException  the range does not lie in the source (caller's fault); nothing changes
    /// @throws IllegalStateException      closed (caller's fault)
    public long writeSome(MemorySegment source, long at, long bytes) {
        Objects.checkFromIndexSize(at, bytes, source.byteSize());
        long fitting = Math.min(bytes, lookForRoom());
        copyIn(source, at, fitting);
        return fitting;
    }

    /// Writes one byte, the low eight bits of `value`.
    ///
    /// @return whether it is written; false where the ring is full
    public boolean writeU8(int value) {
        if (lookForRoom() == 0) {
            refused++;
            return false;
        }
        segment.set(ValueLayout.JAVA_BYTE, base + writeAt, (byte) value);
        advanceWriter(1);
        return true;
    }

    private long lookForRoom() {
        checkOpen();
        if (segment == null && !back()) {
            return 0;
        }
        seenRead = (long) READ.getAcquire(this);
        return capacity - (written - seenRead);
    }

    private boolean back() {
        PooledBuffer buffer = pool.tryAcquire();
        if (buffer == null) {
            return false;
        }
        buffer.dirty(0, capacity);  // written past the buffer's back: whoever ends the lease wipes it
        lease = buffer;
        segment = buffer.segment();
        return true;
    }

    private void copyIn(MemorySegment source, long at, long bytes) {
        if (bytes == 0) {
            return;
        }
        long first = Math.min(bytes, capacity - writeAt);
        MemorySegment.copy(source, at, segment, base + writeAt, first);
        MemorySegment.copy(source, at + first, segment, base, bytes - first);
        advanceWriter(bytes);
    }

    private void advanceWriter(long bytes) {
        exposed = Math.max(0, exposed - bytes);
        writeAt = wrap(writeAt + bytes);
        long now = written + bytes;
        if (now - seenRead > peak) {
            peak = now - seenRead;
        }
        WRITTEN.setRelease(this, now);
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
        seenWritten = (long) WRITTEN.getAcquire(this);
        if (seenWritten > read) {
            checkOpen();  // only now: what the writer did to the lease before it wrote is seen from here on
        }
        return seenWritten - read;
    }

    /// {@return offset in [#segment] of the first range of the last [#readable]}
    public long firstReadableAt() {
        return base + readAt;
    }

    /// {@return bytes of the first range of the last [#readable]}
    public long firstReadableBytes() {
        return Math.min(seenWritten - read, capacity - readAt);
    }

    /// {@return offset in [#segment] of the second range: the ring's start}
    public long secondReadableAt() {
        return base;
    }

    /// {@return bytes of the second range of the last [#readable], 0 where the data does not wrap}
    public long secondReadableBytes() {
        return seenWritten - read - firstReadableBytes();
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
    /// @return whether they are read; false where there are fewer
    /// @throws IndexOutOfBoundsException  the range does not lie in the target (caller's fault); nothing changes
    /// @throws IllegalArgumentException   a read-only target (caller's fault); nothing changes
    /// @throws IllegalStateException      closed (caller's fault)
    public boolean read(MemorySegment target, long at, long bytes) {
        if (!peek(target, at, bytes)) {
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
    /// @return whether they were there; false where there are fewer, and nothing is copied
    /// @throws IndexOutOfBoundsException  the range does not lie in the target (caller's fault)
    /// @throws IllegalArgumentException   a read-only target (caller's fault)
    /// @throws IllegalStateException      closed (caller's fault)
    public boolean peek(MemorySegment target, long at, long bytes) {
        Objects.checkFromIndexSize(at, bytes, target.byteSize());
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
        READ.setRelease(this, read + bytes);  // after the wipe: the writer never meets an old byte
    }

    private void wipe(long at, long bytes) {
        long first = Math.min(bytes, capacity - at);
        Wipe.bytes(segment, base + at, first);
        Wipe.bytes(segment, base, bytes - first);
    }

    private long wrap(long offset) {
        return offset < capacity ? offset : offset - capacity;
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
        PooledBuffer buffer = lease;
        lease = null;
        segment = null;
        buffer.close();
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

    private void checkOpen() {
        if (closed || lease != null && !lease.isLeased()) {
            throw refusal();
        }
    }

    private IllegalStateException refusal() {
        return new IllegalStateException("ring \"" + name + "\" is closed" + (closed ? "" : ", as its pool is"));
    }

    // ---- statistics, from any thread

    @Override
    public String name() {
        return name;
    }

    @Override
    public long capacityBytes() {
        return capacity;
    }

    /// {@return bytes written and not yet read}
    @Override
    public long usedBytes() {
        long before = (long) READ.getAcquire(this);
        return Math.min(capacity, (long) WRITTEN.getAcquire(this) - before);  // read first: never negative
    }

    /// {@return the most that the writer has seen in use after a write}
    @Override
    public long peakBytes() {
        return peak;
    }

    /// {@return bytes written since the start}
    public long writtenBytes() {
        return written;
    }

    /// {@return bytes read or dropped since the start}
    public long readBytes() {
        return read;
    }

    /// {@return writes that were refused whole, for want of room}
    public long refused() {
        return refused;
    }

    /// For property tests.
    void checkInvariants() {
        assert 0 <= written - read && written - read <= capacity : this;
        assert seenRead <= read && seenWritten <= written : this;
        assert wrap(readAt + (written - read)) == writeAt : this + ", " + readAt + ", " + writeAt;
        assert exposed <= capacity - (written - read) : this + ", exposed " + exposed;
        if (segment == null) {
            assert written == read && exposed == 0 : this;
            return;
        }
        long rest = capacity - (written - read) - exposed;
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
