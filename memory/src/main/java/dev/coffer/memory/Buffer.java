package dev.coffer.memory;

import dev.coffer.memory.internal.lending.Slot;
import dev.coffer.memory.internal.os.MemoryCalls;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Linear memory with one reading and one writing offset.
///
/// ```
///   0 ......... position ......... length ......... limit ......... capacity
///     has been read    left to read     room to write   out of bounds
/// ```
///
/// **The rule**: `0 <= position <= length <= limit <= capacity`. `take...` reads at `position` and moves it; `put...`
/// writes at `length` and moves it; `peek...` reads at `position` and `...At` reads or patches anywhere in the data,
/// moving nothing. There is no flipping between reading and writing. An operation does all that it says or throws and
/// moves no offset.
///
/// **Dirty**: what was ever written lies below [#dirtyBytes], also by a copy that threw half-way, as its range counts from
/// before its first byte; [#burn] wipes that, and so does [#close]. [#reset] and cutting the [#length()] wipe nothing and
/// forget nothing.
///
/// **Its end**: [#close] wipes and gives back what the buffer holds, and every use throws from then on.
///
/// | made by | lies in | close gives back |
/// |---|---|---|
/// | [#open(long)] | a region of its own, any size: guarded, locked, not dumped | the region |
/// | [#over(MemorySegment)] | the caller's memory | nothing; the memory is the caller's again, zero |
/// | [#within] | the caller's memory | its capacity, to the budget |
/// | a pool | a slot | the slot, see [dev.coffer.memory.pool.PooledBuffer] |
/// | [#view] | the lender's memory | nothing; wipes nothing |
///
/// Integers are big-endian unless the name ends in `Le`. A put keeps the low bits of its argument, as a cast would.
///
/// One thread at a time. 0 heap bytes, save where a method says that it makes an object. Every method throws
/// [IllegalStateException] after close, after the release of a pooled buffer and after its region was closed.
public non-sealed class Buffer extends BufferStrings implements AutoCloseable {
    private final @Nullable Region region;  // its own; null unless opened
    private final boolean isView;

    /// For this module's pools: a life over that memory, not yet begun.
    ///
    /// @param slot  which nobody outside the module can make
    @SuppressWarnings({"this-escape", "exports"})  // end() is final and touches this class's own fields; hidden on purpose
    protected Buffer(Slot slot) {
        super(slot.memory(), slot.memory().byteSize(), null, true);
        this.region = null;
        this.isView = false;
        end();
    }

    private Buffer(MemorySegment segment, long capacity, @Nullable Budget budget, @Nullable Region region) {
        super(segment, capacity, budget, false);
        this.region = region;
        this.isView = false;
    }

    private Buffer(BufferBounds lender, long at, long bytes) {
        super(lender.segment.asSlice(at, bytes), bytes, null, lender.isLent());
        this.region = null;
        this.isView = true;
    }

    /// {@return a buffer in a region of its own, every protection at best effort, committed at open; zero}
    ///
    /// [#close] wipes and unmaps it: `try (Buffer key = Buffer.open(100)) { ... }`. Opening takes some ten system calls and
    /// whole pages, so this is for what lives long or must not be seen; what comes and goes is leased from a pool.
    ///
    /// @param bytes  its capacity, fixed; any number from 0 to [Region#BYTES_MAX]
    /// @throws IllegalArgumentException  outside that range (caller's fault)
    /// @throws MemoryLimitException      the container allows less; nothing is held
    /// @throws OutOfMemoryError          the system has no room; nothing is held
    public static Buffer open(long bytes) {
        return open(RegionConfig.defaults("buffer"), bytes);
    }

    /// {@return a buffer in a region of its own, named and protected as asked}
    ///
    /// @param bytes  as of [#open(long)]
    /// @throws ProtectionException  a required protection was refused; nothing is held
    public static Buffer open(RegionConfig config, long bytes) {
        return open(config, bytes, MemoryCalls.SYSTEM);
    }

    /// For tests that make a system call fail.
    static Buffer open(RegionConfig config, long bytes, MemoryCalls calls) {
        if (bytes < 0 || bytes > Region.BYTES_MAX) {
            throw new IllegalArgumentException(
                    "buffer: " + bytes + " bytes (expected 0.." + Region.BYTES_MAX + ")");
        }
        Region region = Region.open(config, MemoryPlan.block("buffer", bytes), calls);
        try {
            return new Buffer(region.data(), bytes, null, region);
        } catch (RuntimeException | Error e) {
            region.close();
            throw e;
        }
    }

    /// {@return a buffer over a whole segment, its capacity fixed; makes an object}
    ///
    /// @param segment  writable; what lies in it is not counted as dirty
    public static Buffer over(MemorySegment segment) {
        return over(segment, 0, segment.byteSize());
    }

    /// {@return a buffer over `capacity` bytes from `at`, its capacity fixed; makes two objects}
    ///
    /// @throws IllegalArgumentException  the range does not lie in the segment (caller's fault)
    public static Buffer over(MemorySegment segment, long at, long capacity) {
        return new Buffer(slice(segment, at, capacity), capacity, null, (Region) null);
    }

    /// {@return a buffer that starts with `capacity` bytes of the segment and may be resized up to all of it, the
    /// capacity counted against `budget`; makes an object}
    ///
    /// To give everything back: [#close]; or, to go on afterwards, [#burn] and [#resize] to 0.
    ///
    /// @param segment   writable
    /// @param capacity  0..bytes of the segment
    /// @throws IllegalArgumentException  a capacity outside that range (caller's fault)
    /// @throws BudgetExceededException   the budget has less left
    public static Buffer within(Budget budget, MemorySegment segment, long capacity) {
        Objects.requireNonNull(budget);
        slice(segment, 0, capacity);
        Buffer buffer = new Buffer(segment, capacity, budget, (Region) null);
        budget.reserve(capacity);  // last: where it refuses, nothing is held
        return buffer;
    }

    // ---- bytes

    /// Writes `bytes` bytes of `source` from `at`.
    ///
    /// @throws IndexOutOfBoundsException  the range does not lie in the source (caller's fault); nothing changes
    /// @throws BufferBoundsException      less room; nothing changes
    /// @throws IllegalStateException      the source is closed (caller's fault)
    /// @throws WrongThreadException       the source is another thread's (caller's fault)
    /// @throws InternalError              the source is a mapped file that was cut meanwhile; no offset moves, what was read
    ///                                    counts as dirty
    public final void put(MemorySegment source, long at, long bytes) {
        Objects.checkFromIndexSize(at, bytes, source.byteSize());
        MemorySegment.copy(source, at, segment, stain(bytes), bytes);
        grow(bytes);
    }

    public final void put(byte[] source) {
        put(source, 0, source.length);
    }

    /// Writes `bytes` bytes of `source` from `at`.
    ///
    /// @throws IndexOutOfBoundsException  the range does not lie in the source (caller's fault); nothing changes
    public final void put(byte[] source, int at, int bytes) {
        Objects.checkFromIndexSize(at, bytes, source.length);
        MemorySegment.copy(source, at, segment, ValueLayout.JAVA_BYTE, stain(bytes), bytes);
        grow(bytes);
    }

    /// Writes the whole array and, if asked, zeroes it: for a secret that some other interface gave as an array. Where
    /// there is no room the array is left as it is. A collector may have copied the array before: the earlier it
    /// comes here, the better.
    public final void put(byte[] source, boolean wipeSource) {
        put(source);
        if (wipeSource) {
            Arrays.fill(source, (byte) 0);
        }
    }

    /// Writes `bytes` bytes that `source` has left, and moves its position past them.
    ///
    /// @throws IllegalArgumentException  `source` is this buffer (caller's fault)
    /// @throws BufferBoundsException     the source has fewer left, or there is less room; neither changes
    public final void put(Buffer source, long bytes) {
        if (source == this) {
            throw new IllegalArgumentException("buffer: put into itself");
        }
        MemorySegment.copy(source.segment, source.leftAt(bytes), segment, stain(bytes), bytes);
        grow(bytes);
        source.advance(bytes);
    }

    /// Writes everything that `source` has left, and moves its position to its end.
    public final void put(Buffer source) {
        put(source, source.remaining());
    }

    /// Writes zeros.
    public final void putZeros(long bytes) {
        Wipe.bytes(segment, stain(bytes), bytes);
        grow(bytes);
    }

    /// Reads `bytes` bytes into `target` from `at`.
    ///
    /// @throws IndexOutOfBoundsException  the range does not lie in the target (caller's fault); nothing changes
    /// @throws IllegalArgumentException   a read-only target (caller's fault); nothing changes
    /// @throws BufferBoundsException      fewer left; nothing changes
    public final void take(MemorySegment target, long at, long bytes) {
        Objects.checkFromIndexSize(at, bytes, target.byteSize());
        MemorySegment.copy(segment, leftAt(bytes), target, at, bytes);
        advance(bytes);
    }

    /// Reads as many bytes as the array holds. The copy lies on the heap: not for secrets.
    public final void take(byte[] target) {
        take(target, 0, target.length);
    }

    /// Reads `bytes` bytes into `target` from `at`. The copy lies on the heap: not for secrets.
    ///
    /// @throws IndexOutOfBoundsException  the range does not lie in the target (caller's fault); nothing changes
    public final void take(byte[] target, int at, int bytes) {
        Objects.checkFromIndexSize(at, bytes, target.length);
        MemorySegment.copy(segment, ValueLayout.JAVA_BYTE, leftAt(bytes), target, at, bytes);
        advance(bytes);
    }

    /// Passes over `bytes` bytes.
    public final void skip(long bytes) {
        consume(bytes);
    }

    /// Moves everything, data, offsets and mark's meaning, into a larger place: the target holds the data from its
    /// start, the position is kept, and this buffer is burned. The way to grow a pooled buffer: acquire a larger one,
    /// move, release this one.
    ///
    /// @param target  its data is replaced; where the copy fails it is empty, and this buffer is as it was
    /// @throws BufferBoundsException     the target's capacity is below this length; nothing changes
    /// @throws IllegalArgumentException  `target` is this buffer or shares its memory (caller's fault); nothing changes
    public final void moveTo(Buffer target) {
        long bytes = length();
        target.checkOpen();
        if (target == this || overlaps(target)) {
            throw new IllegalArgumentException("buffer: move into itself");
        }
        if (bytes > target.capacity()) {
            throw new BufferBoundsException("buffer move", bytes, target.capacity());
        }
        target.reset();
        MemorySegment.copy(segment, 0, target.segment, target.stain(bytes), bytes);
        target.grow(bytes);
        target.position(position());
        burn();
    }

    private boolean overlaps(Buffer other) {
        long mine = segment.address();
        long theirs = other.segment.address();
        boolean sameSpace = segment.isNative() ? other.segment.isNative()
                : segment.heapBase().equals(other.segment.heapBase());  // makes an object, on the heap alone
        return sameSpace && mine < theirs + other.capacity() && theirs < mine + capacity();
    }

    /// {@return whether what is left to read here equals what `other` has left, in a time that depends on the two
    /// lengths alone}
    public final boolean sameBytes(Buffer other) {
        return ConstantTime.equal(segment, position(), remaining(), other.segment, other.position(), other.remaining());
    }

    // ---- raw access

    /// {@return the buffer's memory, for primitives that take (segment, offset): read what is data, write only what
    /// [#claim] gave, or say so with [#dirty(long, long)]}
    ///
    /// Made once with the buffer: no object. It outlives the lease of a pooled buffer; whoever keeps it past the
    /// release reads and writes the next holder's bytes. [#readable] and [#writable] are the forms that die in time in a
    /// pool's debug mode.
    public final MemorySegment segment() {
        checkOpen();
        return segment;
    }

    /// {@return what is left to read, as a read-only segment; makes an object}
    public final MemorySegment readable() {
        return scoped(position(), remaining()).asReadOnly();
    }

    /// {@return the room after the data, as a segment whose bytes count as dirty from now on; what was written becomes
    /// data by [#claim]; makes an object}
    public final MemorySegment writable() {
        long room = room();
        dirty(length(), room);
        return scoped(length(), room);
    }

    /// {@return what is left to read, as a read-only byte buffer; makes an object}
    public final ByteBuffer readableBytes() {
        return readable().asByteBuffer();
    }

    /// {@return the room after the data, as a byte buffer; as [#writable]}
    public final ByteBuffer writableBytes() {
        return writable().asByteBuffer();
    }

    /// {@return a slice for raw access; a pool's debug mode ends its life with the lease}
    protected MemorySegment scoped(long at, long bytes) {
        return segment.asSlice(at, bytes);
    }

    /// {@return a borrowed view of `bytes` bytes from `at`: a buffer of its own over the same memory, its data those
    /// bytes; makes two objects}
    ///
    /// The range counts as dirty. Of a pooled buffer the view ends with the lease and then refuses all access.
    ///
    /// @throws IllegalArgumentException  the range does not lie in the capacity (caller's fault)
    public final Buffer view(long at, long bytes) {
        dirty(at, bytes);
        Buffer view = new Buffer(this, at, bytes);
        view.length(bytes);
        lend(view);
        return view;
    }

    // ---- its end

    /// Wipes what was ever written, gives back what the buffer holds (see the class), and ends it: every use is refused from
    /// here on. Of a view it ends the view and wipes nothing. Twice is harmless, save for a buffer of a pool.
    ///
    /// @throws CanaryException        something was written past the data of an opened buffer; it is wiped and unmapped all
    ///                                the same
    /// @throws IllegalStateException  another thread is inside a system call on an opened buffer's memory; it is wiped, close
    ///                                again
    /// @throws WrongThreadException   the memory is another thread's (caller's fault); nothing changes
    @Override
    public void close() {
        if (isEnded()) {
            return;
        }
        if (!isView && segment.scope().isAlive()) {  // a region that is closed has wiped it
            burn();
        }
        try {
            if (region != null) {
                region.close();
            }
        } finally {
            if (region == null || region.isClosed()) {
                end();
                discharge();
            }
        }
    }
}
