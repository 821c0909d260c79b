package dev.coffer.memory.ring;

import dev.coffer.memory.Account;
import dev.coffer.memory.BufferBoundsException;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.pool.BufferPool;
import dev.coffer.memory.pool.PooledBuffer;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The memory of a [CircularBuffer], its writing side, and what both sides count.
abstract sealed class RingWriter implements Account permits RingReader {
    private static final VarHandle WRITTEN;
    private static final VarHandle READ;

    static {
        try {
            WRITTEN = MethodHandles.lookup().findVarHandle(RingWriter.class, "written", long.class);
            READ = MethodHandles.lookup().findVarHandle(RingWriter.class, "read", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    final String name;
    final long capacity;
    final @Nullable BufferPool pool;  // where a lazy ring's memory comes from; else null
    final long base;        // offset of the ring's first byte in segment
    @Nullable
    MemorySegment segment;  // null: lazy, and nothing was written yet
    @Nullable
    PooledBuffer lease;     // of a lazy ring while it has memory
    boolean closed;

    // The writer's.
    long writeAt;           // 0..capacity-1, offset in the ring
    long seenRead;          // `read` at the last look, so a lower bound
    long exposed;           // bytes from writeAt that the caller may have written without committing
    volatile long written;  // in all, since the start; stored by the writer with release
    private volatile long peak;
    private volatile long refused;  // writes that found too little room

    // The reader's: RingReader has the rest.
    private volatile long read;     // in all, since the start; stored by the reader with release

    RingWriter(String name, @Nullable BufferPool pool, @Nullable MemorySegment segment, long base, long capacity) {
        this.name = name;
        this.pool = pool;
        this.segment = segment;
        this.base = base;
        this.capacity = capacity;
    }

    /// {@return the memory, which is there where there is anything to read, or room was found}
    final MemorySegment lent() {
        return Objects.requireNonNull(segment, "in use");
    }

    /// {@return where the memory comes from, which is not the ring's own}
    final BufferPool pool() {
        return Objects.requireNonNull(pool, "lazy");
    }

    // ---- writing

    /// Looks how much may be written, and exposes it to the caller's own writes.
    ///
    /// @return bytes, 0..capacity; the ranges below are valid until the next call of the writer
    /// @throws IllegalStateException  closed (caller's fault)
    public final long room() {
        long room = lookForRoom();
        expose(room);
        return room;
    }

    /// {@return offset in `segment()` of the first range of the last [#room]}
    public final long firstRoomAt() {
        return base + writeAt;
    }

    /// {@return bytes of the first range of the last [#room]}
    public final long firstRoomBytes() {
        return Math.min(capacity - (written - seenRead), capacity - writeAt);
    }

    /// {@return offset in `segment()` of the second range: the ring's start}
    public final long secondRoomAt() {
        return base;
    }

    /// {@return bytes of the second range of the last [#room], 0 where the room does not wrap}
    public final long secondRoomBytes() {
        return capacity - (written - seenRead) - firstRoomBytes();
    }

    /// Makes `bytes` bytes readable that the caller has written into the ranges. What was exposed and not committed stays
    /// the writer's; [CircularBuffer#wipe] and [CircularBuffer#close] zero it.
    ///
    /// @param bytes  0..[#room]
    /// @throws IllegalArgumentException  more than there is room, or negative (caller's fault); nothing changes
    /// @throws IllegalStateException     closed (caller's fault)
    public final void commit(long bytes) {
        long room = lookForRoom();
        if (bytes < 0 || bytes > room) {
            throw new IllegalArgumentException(
                    "ring \"" + name + "\": commit of " + bytes + " bytes (expected 0.." + room + ")");
        }
        advanceWriter(bytes);
    }

    /// Writes `bytes` bytes of `source` from `at`, all or nothing.
    ///
    /// @throws BufferBoundsException      less room now; it says how much; nothing is written
    /// @throws IllegalArgumentException   more than the capacity: it can never fit (caller's fault); nothing changes
    /// @throws IndexOutOfBoundsException  the range does not lie in the source (caller's fault); nothing changes
    /// @throws IllegalStateException      closed (caller's fault), or the source is
    public final void write(MemorySegment source, long at, long bytes) {
        if (!tryWrite(source, at, bytes)) {
            throw full(bytes);
        }
    }

    /// Writes as [#write] does, and says no without making an object.
    ///
    /// @return whether they are written; **false where there is less room now: nothing is written then, and what the caller
    ///         does not keep is lost**
    /// @throws IllegalArgumentException   as of [#write]
    /// @throws IndexOutOfBoundsException  as of [#write]
    /// @throws IllegalStateException      as of [#write]
    public final boolean tryWrite(MemorySegment source, long at, long bytes) {
        Objects.checkFromIndexSize(at, bytes, source.byteSize());
        checkFits("write", bytes);
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
    /// @throws IllegalStateException      closed (caller's fault), or the source is
    public final long writeSome(MemorySegment source, long at, long bytes) {
        Objects.checkFromIndexSize(at, bytes, source.byteSize());
        long fitting = Math.min(bytes, lookForRoom());
        copyIn(source, at, fitting);
        return fitting;
    }

    /// Writes one byte, the low eight bits of `value`.
    ///
    /// @throws BufferBoundsException  the ring is full
    /// @throws IllegalStateException  closed (caller's fault)
    public final void writeU8(int value) {
        if (!tryWriteU8(value)) {
            throw full(1);
        }
    }

    /// Writes as [#writeU8] does, and says no without making an object.
    ///
    /// @return whether it is written; false where the ring is full
    /// @throws IllegalStateException  closed (caller's fault)
    public final boolean tryWriteU8(int value) {
        if (lookForRoom() == 0) {
            refused++;
            return false;
        }
        expose(1);
        lent().set(ValueLayout.JAVA_BYTE, base + writeAt, (byte) value);
        advanceWriter(1);
        return true;
    }

    private BufferBoundsException full(long bytes) {
        return new BufferBoundsException("ring \"" + name + "\"" + (segment != null ? ""
                : ", as pool \"" + pool().name() + "\" has no buffer to lend"), bytes,
                segment == null ? 0 : capacity - (written - seenRead));
    }

    final void checkFits(String what, long bytes) {
        if (bytes > capacity) {
            throw new IllegalArgumentException("ring \"" + name + "\": " + what + " of " + bytes
                    + " bytes at once (expected at most its capacity, " + capacity + ")");
        }
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
        PooledBuffer buffer = pool().tryAcquire();
        if (buffer == null) {
            return false;
        }
        buffer.dirty(0, capacity);  // written past the buffer's back: whoever ends the lease wipes it
        lease = buffer;
        segment = buffer.segment();
        return true;
    }

    /// Claims the next `bytes` bytes of the room, before the first of them is written: what is not committed after that is
    /// wiped by [CircularBuffer#wipe] and close, and overwritten before a reader sees it.
    private void expose(long bytes) {
        exposed = Math.max(exposed, bytes);
    }

    private void copyIn(MemorySegment source, long at, long bytes) {
        if (bytes == 0) {
            return;
        }
        expose(bytes);
        boolean whole = false;
        try {
            long first = Math.min(bytes, capacity - writeAt);
            MemorySegment.copy(source, at, segment, base + writeAt, first);
            MemorySegment.copy(source, at + first, segment, base, bytes - first);
            whole = true;
        } finally {
            if (!whole) {
                wipe(writeAt, bytes);
            }
        }
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

    // ---- for the reading side

    /// {@return `written`, with all that was written before it}
    final long lookAtWritten() {
        return (long) WRITTEN.getAcquire(this);
    }

    /// Gives room to the writer that was wiped before.
    final void storeRead(long now) {
        READ.setRelease(this, now);
    }

    final void wipe(long at, long bytes) {
        long first = Math.min(bytes, capacity - at);
        Wipe.bytes(lent(), base + at, first);
        Wipe.bytes(lent(), base, bytes - first);
    }

    final long wrap(long offset) {
        return offset < capacity ? offset : offset - capacity;
    }

    final void checkOpen() {
        if (closed || lease != null && !lease.isLeased()) {
            throw refusal();
        }
    }

    final IllegalStateException refusal() {
        return new IllegalStateException("ring \"" + name + "\" is closed" + (closed ? "" : ", as its pool is"));
    }

    // ---- statistics, from any thread

    @Override
    public final String name() {
        return name;
    }

    @Override
    public final long capacityBytes() {
        return capacity;
    }

    /// {@return bytes written and not yet read}
    @Override
    public final long usedBytes() {
        long before = (long) READ.getAcquire(this);
        return Math.min(capacity, (long) WRITTEN.getAcquire(this) - before);  // read first: never negative
    }

    /// {@return the most that the writer has seen in use after a write}
    @Override
    public final long peakBytes() {
        return peak;
    }

    /// {@return bytes written since the start}
    public final long writtenBytes() {
        return written;
    }

    /// {@return bytes read or dropped since the start}
    public final long readBytes() {
        return read;
    }

    /// {@return writes that were refused whole, for want of room}
    public final long refused() {
        return refused;
    }
}
