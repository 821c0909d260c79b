package dev.coffer.memory;

import dev.coffer.memory.layout.Align;
import dev.coffer.memory.layout.HeapLayout;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/// A place of fixed capacity for one value at a time, as embedded crypto keeps a key, a tag or a message: written piece
/// after piece or replaced as a whole, read, cleared to zero. No offsets to keep; for those there is [Buffer].
///
/// **When full**: [#write] throws with the numbers, [#tryWrite] answers false and makes no object; in both cases nothing
/// changes. What is longer than the capacity can never fit: that is refused as the caller's fault, so a false always means
/// *not now*.
///
/// What lies past the value is always zero: a shorter value wipes the rest of a longer one, and a copy that its source ends
/// half-way (closed, a mapped file that was cut) is wiped before the error goes on. One thread at a time; the statistics may
/// be read from any. 0 heap bytes after the factory.
public final class CryptoBuffer implements Account, AutoCloseable {
    private final String name;
    private final MemorySegment segment;
    private final long offset;
    private final long capacity;
    private volatile long length;
    private long claimed;           // bytes from the start that a copy under way may have written; else 0
    private volatile long peak;
    private boolean closed;

    private CryptoBuffer(String name, MemorySegment segment, long offset, long capacity) {
        this.name = name;
        this.segment = segment;
        this.offset = offset;
        this.capacity = capacity;
    }

    /// {@return an empty one over `capacity` bytes from `at`}
    ///
    /// @param segment   writable, off the heap, where a collector copies nothing; the range is zero and nobody else's
    /// @param capacity  1 or more
    /// @throws IllegalArgumentException   no bytes, or memory that is read-only or on the heap (caller's fault)
    /// @throws IndexOutOfBoundsException  the range does not lie in the segment (caller's fault)
    public static CryptoBuffer over(String name, MemorySegment segment, long at, long capacity) {
        Objects.requireNonNull(name);
        if (capacity == 0 || segment.isReadOnly() || !segment.isNative()) {
            throw new IllegalArgumentException("crypto buffer \"" + name + "\": " + capacity + " bytes of "
                    + (segment.isReadOnly() ? "read-only" : "writable") + " memory " + (segment.isNative() ? "off" : "on")
                    + " the heap (expected 1 or more, writable, off the heap)");
        }
        if ((at | capacity) < 0 || capacity > segment.byteSize() - at) {
            throw new IndexOutOfBoundsException(
                    "crypto buffer \"" + name + "\": " + capacity + " bytes at " + at + " of " + segment.byteSize());
        }
        return new CryptoBuffer(name, segment, at, capacity);
    }

    /// {@return the plan's row, rounded up to 64}
    ///
    /// @param capacity  1 or more
    public static MemoryPlan plan(String name, long capacity) {
        return MemoryPlan.block(name, Align.up(capacity, Align.CACHE_LINE_BYTES), 1, "crypto buffer of " + capacity)
                .withHeap(HeapLayout.instance(CryptoBuffer.class));
    }

    /// Adds `bytes` bytes of `source` from `at` behind the value, all or nothing.
    ///
    /// @throws BufferBoundsException      less room; it says how much; nothing changes
    /// @throws IllegalArgumentException   more than the capacity: it can never fit (caller's fault); nothing changes
    /// @throws IndexOutOfBoundsException  the range does not lie in the source (caller's fault); nothing changes
    /// @throws IllegalStateException      closed (caller's fault)
    public void write(MemorySegment source, long at, long bytes) {
        if (!tryWrite(source, at, bytes)) {
            throw new BufferBoundsException("crypto buffer \"" + name + "\"", bytes, capacity - length);
        }
    }

    /// Adds as [#write] does, and says no without making an object.
    ///
    /// @return whether they are written; false where there is less room now
    /// @throws IllegalArgumentException   as of [#write]
    /// @throws IndexOutOfBoundsException  as of [#write]
    public boolean tryWrite(MemorySegment source, long at, long bytes) {
        check(source, at, bytes);
        if (bytes > capacity - length) {
            return false;
        }
        copyIn(source, at, length, bytes);
        return true;
    }

    /// Replaces the value by `bytes` bytes of `source` from `at`.
    ///
    /// @throws IllegalArgumentException   more than the capacity (caller's fault); nothing changes
    /// @throws IndexOutOfBoundsException  the range does not lie in the source (caller's fault); nothing changes
    /// @throws IllegalStateException      closed (caller's fault), or the source is; where the source ends half-way the old
    ///                                    value is gone and the buffer empty, all of it wiped
    public void replace(MemorySegment source, long at, long bytes) {
        check(source, at, bytes);
        long before = length;
        length = 0;
        try {
            copyIn(source, at, 0, bytes);
        } finally {
            Wipe.bytes(segment, offset + length, Math.max(0, before - length));
        }
    }

    private void check(MemorySegment source, long at, long bytes) {
        checkOpen();
        Objects.checkFromIndexSize(at, bytes, source.byteSize());
        if (bytes > capacity) {
            throw new IllegalArgumentException(
                    "crypto buffer \"" + name + "\": " + bytes + " bytes (expected at most its capacity, " + capacity + ")");
        }
    }

    /// The one way in: the range is claimed before the first byte is written, and wiped where the last never came.
    private void copyIn(MemorySegment source, long at, long from, long bytes) {
        claimed = from + bytes;
        try {
            MemorySegment.copy(source, at, segment, offset + from, bytes);
            length = from + bytes;
            peak = Math.max(peak, length);
        } finally {
            if (length != claimed) {
                Wipe.bytes(segment, offset + from, bytes);
            }
            claimed = 0;
        }
    }

    /// Copies the whole value into `target` from `at`, and keeps it.
    ///
    /// @return bytes copied
    /// @throws IndexOutOfBoundsException  no room at the target (caller's fault); nothing is written
    /// @throws IllegalArgumentException   a read-only target (caller's fault); nothing is written
    /// @throws IllegalStateException      closed (caller's fault)
    public long read(MemorySegment target, long at) {
        read(target, at, 0, length);
        return length;
    }

    /// Copies `bytes` bytes of the value, beginning at its byte `from`, into `target` from `at`, and keeps it.
    ///
    /// @throws BufferBoundsException      the value ends before that; it says how much there is; nothing is written
    /// @throws IndexOutOfBoundsException  negative numbers, or no room at the target (caller's fault); nothing is written
    /// @throws IllegalArgumentException   a read-only target (caller's fault); nothing is written
    /// @throws IllegalStateException      closed (caller's fault)
    public void read(MemorySegment target, long at, long from, long bytes) {
        checkOpen();
        Objects.checkFromIndexSize(at, bytes, target.byteSize());
        if (from < 0) {
            throw new IndexOutOfBoundsException("crypto buffer \"" + name + "\": read from " + from);
        }
        if (bytes > length - from) {
            throw new BufferBoundsException("crypto buffer \"" + name + "\": read from " + from, bytes,
                    Math.max(0, length - from));
        }
        MemorySegment.copy(segment, offset + from, target, at, bytes);
    }

    /// Wipes the value.
    ///
    /// @throws IllegalStateException  closed (caller's fault)
    public void clear() {
        checkOpen();
        Wipe.bytes(segment, offset, Math.max(length, claimed));
        length = 0;
    }

    /// {@return whether both hold the same value, in a time that depends on the lengths alone}
    ///
    /// @throws IllegalStateException  either is closed (caller's fault)
    public boolean sameBytes(CryptoBuffer other) {
        checkOpen();
        other.checkOpen();
        return ConstantTime.equal(segment, offset, length, other.segment, other.offset, other.length);
    }

    /// {@return the memory the value lies in, from [#offset()] for [#length()] bytes; borrowed, for reading}
    ///
    /// @throws IllegalStateException  closed (caller's fault)
    public MemorySegment segment() {
        checkOpen();
        return segment;
    }

    /// {@return offset of the value's first byte}
    public long offset() {
        return offset;
    }

    /// {@return bytes of the value}
    public long length() {
        return length;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public long capacityBytes() {
        return capacity;
    }

    /// {@return bytes of the value}
    @Override
    public long usedBytes() {
        return length;
    }

    @Override
    public long peakBytes() {
        return peak;
    }

    /// Wipes; every use is refused from here on. Twice is harmless.
    @Override
    public void close() {
        if (!closed) {
            if (segment.scope().isAlive()) {  // a region that is closed has wiped it
                clear();
            }
            length = 0;
            closed = true;
        }
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("crypto buffer \"" + name + "\" is closed");
        }
    }

    /// For property tests.
    void checkInvariants() {
        assert 0 <= length && length <= peak && peak <= capacity : this;
        assert ConstantTime.isZero(segment, offset + length, capacity - length) : "not zero past the value: " + this;
    }

    @Override
    public String toString() {
        return "CryptoBuffer[" + name + ", " + length + " of " + capacity + " bytes" + (closed ? ", closed" : "") + "]";
    }
}
