package dev.coffer.memory;

import dev.coffer.memory.layout.Align;
import dev.coffer.memory.layout.HeapLayout;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/// A place of fixed capacity for one value at a time, as embedded crypto keeps a key, a tag or a message: written whole,
/// read whole, cleared to zero. No offsets to keep; for those there is [Buffer].
///
/// What lies past the value is always zero: a shorter value wipes the rest of a longer one. One thread at a time; the
/// statistics may be read from any. 0 heap bytes after the factory.
public final class CryptoBuffer implements Account, AutoCloseable {
    private final String name;
    private final MemorySegment segment;
    private final long offset;
    private final long capacity;
    private volatile long length;
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
    /// @param segment   writable; the range is zero and nobody else's
    /// @param capacity  1 or more
    /// @throws IllegalArgumentException   no bytes, or read-only memory (caller's fault)
    /// @throws IndexOutOfBoundsException  the range does not lie in the segment (caller's fault)
    public static CryptoBuffer over(String name, MemorySegment segment, long at, long capacity) {
        Objects.requireNonNull(name);
        if (capacity == 0 || segment.isReadOnly()) {
            throw new IllegalArgumentException("crypto buffer \"" + name + "\": " + capacity + " bytes of "
                    + (segment.isReadOnly() ? "read-only" : "writable") + " memory (expected 1 or more, writable)");
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

    /// Replaces the value by `bytes` bytes of `source` from `at`, all or nothing.
    ///
    /// @return whether it is written; false where it is longer than the capacity
    /// @throws IndexOutOfBoundsException  the range does not lie in the source (caller's fault); nothing changes
    /// @throws IllegalStateException      closed (caller's fault)
    public boolean write(MemorySegment source, long at, long bytes) {
        checkOpen();
        Objects.checkFromIndexSize(at, bytes, source.byteSize());
        if (bytes > capacity) {
            return false;
        }
        MemorySegment.copy(source, at, segment, offset, bytes);
        if (bytes < length) {
            Wipe.bytes(segment, offset + bytes, length - bytes);
        }
        grow(bytes);
        return true;
    }

    /// Adds `bytes` bytes of `source` from `at` behind the value, all or nothing.
    ///
    /// @return whether they are written; false where there is less room
    /// @throws IndexOutOfBoundsException  the range does not lie in the source (caller's fault); nothing changes
    /// @throws IllegalStateException      closed (caller's fault)
    public boolean append(MemorySegment source, long at, long bytes) {
        checkOpen();
        Objects.checkFromIndexSize(at, bytes, source.byteSize());
        if (bytes > capacity - length) {
            return false;
        }
        MemorySegment.copy(source, at, segment, offset + length, bytes);
        grow(length + bytes);
        return true;
    }

    private void grow(long to) {
        length = to;
        peak = Math.max(peak, to);
    }

    /// Copies the whole value into `target` from `at`, and keeps it.
    ///
    /// @return bytes copied
    /// @throws IndexOutOfBoundsException  no room at the target (caller's fault); nothing is written
    /// @throws IllegalArgumentException   a read-only target (caller's fault); nothing is written
    /// @throws IllegalStateException      closed (caller's fault)
    public long read(MemorySegment target, long at) {
        checkOpen();
        Objects.checkFromIndexSize(at, length, target.byteSize());
        MemorySegment.copy(segment, offset, target, at, length);
        return length;
    }

    /// Wipes the value.
    ///
    /// @throws IllegalStateException  closed (caller's fault)
    public void clear() {
        checkOpen();
        Wipe.bytes(segment, offset, length);
        length = 0;
    }

    /// {@return whether both hold the same value, in a time that depends on the lengths alone}
    ///
    /// @throws IllegalStateException  either is closed (caller's fault)
    public boolean sameBytes(CryptoBuffer other) {
        checkOpen();
        other.checkOpen();
        return length == other.length
                && ConstantTime.equal(segment, offset, other.segment, other.offset, length);
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
