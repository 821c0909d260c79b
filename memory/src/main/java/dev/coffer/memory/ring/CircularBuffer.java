package dev.coffer.memory.ring;

import dev.coffer.memory.ConstantTime;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.layout.Align;
import dev.coffer.memory.layout.HeapLayout;
import dev.coffer.memory.pool.BufferPool;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

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
@SuppressWarnings("exports")  // annotations that users need not have
public final class CircularBuffer extends RingReader implements AutoCloseable {
    private CircularBuffer(String name, @Nullable BufferPool pool, @Nullable MemorySegment segment, long base, long capacity) {
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

    // ---- both sides quiet

    /// {@return the memory that the ranges lie in; borrowed; null where a lazy ring has none now}
    ///
    /// @throws IllegalStateException  closed (caller's fault)
    public @Nullable MemorySegment segment() {
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
        return pool().config().bufferBytes();
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
