package dev.coffer.memory;

import static dev.coffer.memory.layout.BigEndian.i32;
import static dev.coffer.memory.layout.BigEndian.i64;
import static dev.coffer.memory.layout.BigEndian.u16;
import static dev.coffer.memory.layout.BigEndian.u24;
import static dev.coffer.memory.layout.BigEndian.u32;

import dev.coffer.memory.layout.LittleEndian;
import dev.coffer.memory.pool.PooledBuffer;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Objects;

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
/// changes nothing.
///
/// **Dirty**: what was ever written lies below [#dirtyBytes]; [#burn] wipes that, and so does the release of a
/// [PooledBuffer]. [#reset] and cutting the [#length()] wipe nothing and forget nothing.
///
/// Integers are big-endian unless the name ends in `Le`. A put keeps the low bits of its argument, as a cast would.
///
/// One thread at a time. 0 heap bytes, save where a method says that it makes an object. Every method throws
/// [IllegalStateException] after the release of a pooled buffer and after its region was closed.
public sealed class Buffer extends BufferBounds permits PooledBuffer {
    /// Bytes of the length in front of a string (RFC 4251, section 5).
    public static final long STRING_LENGTH_BYTES = 4;

    /// For [PooledBuffer]: the memory of its slot, its life not yet begun.
    @SuppressWarnings("this-escape")  // end() is final and touches this class's own fields
    protected Buffer(MemorySegment slot) {
        super(slot, slot.byteSize(), null, true);
        end();
    }

    private Buffer(MemorySegment segment, long capacity, Budget budget, boolean leased) {
        super(segment, capacity, budget, leased);
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
        return new Buffer(slice(segment, at, capacity), capacity, null, false);
    }

    /// {@return a buffer that starts with `capacity` bytes of the segment and may be resized up to all of it, the
    /// capacity counted against `budget`; makes an object}
    ///
    /// To give everything back: [#burn], then [#resize] to 0.
    ///
    /// @param segment   writable
    /// @param capacity  0..bytes of the segment
    /// @throws IllegalArgumentException  a capacity outside that range (caller's fault)
    /// @throws BudgetExceededException   the budget has less left
    public static Buffer within(Budget budget, MemorySegment segment, long capacity) {
        Objects.requireNonNull(budget);
        slice(segment, 0, capacity);
        budget.reserve(capacity);
        return new Buffer(segment, capacity, budget, false);
    }

    // ---- integers, written at the end of the data

    public final void putU8(int value) {
        long at = claim(1);
        segment.set(ValueLayout.JAVA_BYTE, at, (byte) value);
    }

    /// Writes 1 for true, 0 for false (RFC 4251, section 5).
    public final void putBoolean(boolean value) {
        putU8(value ? 1 : 0);
    }

    public final void putU16(int value) {
        u16(segment, claim(2), value);
    }

    public final void putU24(int value) {
        u24(segment, claim(3), value);
    }

    public final void putI32(int value) {
        i32(segment, claim(4), value);
    }

    public final void putU32(long value) {
        u32(segment, claim(4), value);
    }

    public final void putI64(long value) {
        i64(segment, claim(8), value);
    }

    public final void putU16Le(int value) {
        LittleEndian.u16(segment, claim(2), value);
    }

    public final void putU24Le(int value) {
        LittleEndian.u24(segment, claim(3), value);
    }

    public final void putI32Le(int value) {
        LittleEndian.i32(segment, claim(4), value);
    }

    public final void putU32Le(long value) {
        LittleEndian.u32(segment, claim(4), value);
    }

    public final void putI64Le(long value) {
        LittleEndian.i64(segment, claim(8), value);
    }

    // ---- integers, read at the position

    /// {@return 0..255}
    public final int takeU8() {
        return Byte.toUnsignedInt(segment.get(ValueLayout.JAVA_BYTE, consume(1)));
    }

    /// {@return false for 0, true for everything else (RFC 4251, section 5)}
    public final boolean takeBoolean() {
        return takeU8() != 0;
    }

    /// {@return 0..65535}
    public final int takeU16() {
        return u16(segment, consume(2));
    }

    /// {@return 0..2^24-1}
    public final int takeU24() {
        return u24(segment, consume(3));
    }

    public final int takeI32() {
        return i32(segment, consume(4));
    }

    /// {@return 0..2^32-1}
    public final long takeU32() {
        return u32(segment, consume(4));
    }

    public final long takeI64() {
        return i64(segment, consume(8));
    }

    /// {@return 0..65535}
    public final int takeU16Le() {
        return LittleEndian.u16(segment, consume(2));
    }

    /// {@return 0..2^24-1}
    public final int takeU24Le() {
        return LittleEndian.u24(segment, consume(3));
    }

    public final int takeI32Le() {
        return LittleEndian.i32(segment, consume(4));
    }

    /// {@return 0..2^32-1}
    public final long takeU32Le() {
        return LittleEndian.u32(segment, consume(4));
    }

    public final long takeI64Le() {
        return LittleEndian.i64(segment, consume(8));
    }

    // ---- the next integer, without moving

    public final int peekU8() {
        return u8At(position());
    }

    public final int peekU16() {
        return u16At(position());
    }

    public final int peekU24() {
        return u24At(position());
    }

    public final long peekU32() {
        return u32At(position());
    }

    public final long peekI64() {
        return i64At(position());
    }

    // ---- integers anywhere in the data

    public final int u8At(long at) {
        return Byte.toUnsignedInt(segment.get(ValueLayout.JAVA_BYTE, within(at, 1)));
    }

    public final int u16At(long at) {
        return u16(segment, within(at, 2));
    }

    public final int u24At(long at) {
        return u24(segment, within(at, 3));
    }

    public final long u32At(long at) {
        return u32(segment, within(at, 4));
    }

    public final long i64At(long at) {
        return i64(segment, within(at, 8));
    }

    public final void u8At(long at, int value) {
        segment.set(ValueLayout.JAVA_BYTE, within(at, 1), (byte) value);
    }

    public final void u16At(long at, int value) {
        u16(segment, within(at, 2), value);
    }

    public final void u24At(long at, int value) {
        u24(segment, within(at, 3), value);
    }

    public final void u32At(long at, long value) {
        u32(segment, within(at, 4), value);
    }

    public final void i64At(long at, long value) {
        i64(segment, within(at, 8), value);
    }

    // ---- bytes

    /// Writes `bytes` bytes of `source` from `at`.
    ///
    /// @throws IndexOutOfBoundsException  the range does not lie in the source (caller's fault); nothing changes
    /// @throws BufferBoundsException      less room; nothing changes
    public final void put(MemorySegment source, long at, long bytes) {
        Objects.checkFromIndexSize(at, bytes, source.byteSize());
        MemorySegment.copy(source, at, segment, roomAt(bytes), bytes);  // may refuse the source: closed, another thread's
        claim(bytes);
    }

    public final void put(byte[] source) {
        put(source, 0, source.length);
    }

    /// Writes `bytes` bytes of `source` from `at`.
    ///
    /// @throws IndexOutOfBoundsException  the range does not lie in the source (caller's fault); nothing changes
    public final void put(byte[] source, int at, int bytes) {
        Objects.checkFromIndexSize(at, bytes, source.length);
        MemorySegment.copy(source, at, segment, ValueLayout.JAVA_BYTE, claim(bytes), bytes);
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
        MemorySegment.copy(source.segment, source.within(source.position(), bytes), segment, roomAt(bytes), bytes);
        claim(bytes);
        source.consume(bytes);
    }

    /// Writes everything that `source` has left, and moves its position to its end.
    public final void put(Buffer source) {
        put(source, source.remaining());
    }

    /// Writes zeros.
    public final void putZeros(long bytes) {
        long at = claim(bytes);
        Wipe.bytes(segment, at, bytes);
    }

    /// Reads `bytes` bytes into `target` from `at`.
    ///
    /// @throws IndexOutOfBoundsException  the range does not lie in the target (caller's fault); nothing changes
    /// @throws IllegalArgumentException   a read-only target (caller's fault); nothing changes
    /// @throws BufferBoundsException      fewer left; nothing changes
    public final void take(MemorySegment target, long at, long bytes) {
        Objects.checkFromIndexSize(at, bytes, target.byteSize());
        MemorySegment.copy(segment, leftAt(bytes), target, at, bytes);
        consume(bytes);
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
        MemorySegment.copy(segment, ValueLayout.JAVA_BYTE, consume(bytes), target, at, bytes);
    }

    /// Passes over `bytes` bytes.
    public final void skip(long bytes) {
        consume(bytes);
    }

    /// Moves everything, data, offsets and mark's meaning, into a larger place: the target holds the data from its
    /// start, the position is kept, and this buffer is burned. The way to grow a pooled buffer: acquire a larger one,
    /// move, release this one.
    ///
    /// @param target  its data is replaced
    /// @throws BufferBoundsException     the target's capacity is below this length; nothing changes
    /// @throws IllegalArgumentException  `target` is this buffer (caller's fault)
    public final void moveTo(Buffer target) {
        if (target == this) {
            throw new IllegalArgumentException("buffer: move into itself");
        }
        long bytes = length();
        target.checkOpen();
        if (bytes > target.capacity()) {
            throw new BufferBoundsException("buffer move", bytes, target.capacity());
        }
        target.reset();
        MemorySegment.copy(segment, 0, target.segment, target.claim(bytes), bytes);
        target.position(position());
        burn();
    }

    /// {@return whether what is left to read here equals what `other` has left, in a time that depends on the two
    /// lengths alone}
    public final boolean sameBytes(Buffer other) {
        long bytes = remaining();
        return bytes == other.remaining()
                && ConstantTime.equal(segment, position(), other.segment, other.position(), bytes);
    }

    // ---- strings: u32 length, then as many bytes (RFC 4251, section 5)

    /// Writes a string, whole or not at all.
    ///
    /// @throws IndexOutOfBoundsException  the range does not lie in the source (caller's fault); nothing changes
    /// @throws BufferBoundsException      less room than length and bytes take; nothing changes
    public final void putString(MemorySegment source, long at, long bytes) {
        Objects.checkFromIndexSize(at, bytes, source.byteSize());
        checkString(bytes);
        long to = roomAt(STRING_LENGTH_BYTES + bytes);
        MemorySegment.copy(source, at, segment, to + STRING_LENGTH_BYTES, bytes);
        u32(segment, to, bytes);
        claim(STRING_LENGTH_BYTES + bytes);
    }

    /// Writes a string, whole or not at all.
    public final void putString(byte[] source) {
        MemorySegment.copy(source, 0, segment, ValueLayout.JAVA_BYTE, claimString(source.length), source.length);
    }

    /// Writes text as a string of UTF-8, whole or not at all; an unpaired surrogate becomes `?`. Public text only: a
    /// `String` cannot be wiped.
    public final void putString(CharSequence text) {
        Utf8.put(segment, claimString(Utf8.bytes(text)), text);
    }

    private long claimString(long bytes) {
        checkString(bytes);
        long at = claim(STRING_LENGTH_BYTES + bytes);
        u32(segment, at, bytes);
        return at + STRING_LENGTH_BYTES;
    }

    private static void checkString(long bytes) {
        if (bytes > 0xffff_ffffL) {
            throw new IllegalArgumentException("string: " + bytes + " bytes (expected at most 2^32-1, RFC 4251 section 5)");
        }
    }

    /// {@return bytes of the string at the position, without its length; or -1 while it is not whole: the length or
    /// the bytes are still missing}
    ///
    /// The question to ask before taking what a peer sent: makes no object, whatever the peer claims.
    public final long stringBytes() {
        if (remaining() < STRING_LENGTH_BYTES) {
            return -1;
        }
        long bytes = u32At(position());
        return bytes <= remaining() - STRING_LENGTH_BYTES ? bytes : -1;
    }

    /// Reads a string into `target`, after its data.
    ///
    /// @param bytesMax  the most that the caller accepts
    /// @return bytes of the string
    /// @throws BufferBoundsException  the string is not whole, longer than `bytesMax`, or the target has less room;
    ///                                neither buffer changes
    public final long takeString(Buffer target, long bytesMax) {
        long bytes = wholeString(bytesMax);
        if (bytes > target.room()) {
            throw new BufferBoundsException("buffer write", bytes, target.room());
        }
        skip(STRING_LENGTH_BYTES);
        target.put(this, bytes);
        return bytes;
    }

    /// Reads a string into `target` from `at`.
    ///
    /// @param bytesMax  the most that the caller accepts; it must fit from `at`
    /// @return bytes of the string
    /// @throws BufferBoundsException      the string is not whole or longer than `bytesMax`; nothing changes
    /// @throws IndexOutOfBoundsException  `bytesMax` bytes do not lie in the target (caller's fault); nothing changes
    public final long takeString(MemorySegment target, long at, long bytesMax) {
        Objects.checkFromIndexSize(at, bytesMax, target.byteSize());
        long bytes = wholeString(bytesMax);
        MemorySegment.copy(segment, position() + STRING_LENGTH_BYTES, target, at, bytes);
        skip(STRING_LENGTH_BYTES + bytes);
        return bytes;
    }

    /// Passes over a string.
    ///
    /// @return its bytes, without its length
    /// @throws BufferBoundsException  it is not whole; nothing changes
    public final long skipString() {
        long bytes = wholeString(0xffff_ffffL);
        skip(STRING_LENGTH_BYTES + bytes);
        return bytes;
    }

    private long wholeString(long bytesMax) {
        within(position(), STRING_LENGTH_BYTES);
        long bytes = u32At(position());
        within(position() + STRING_LENGTH_BYTES, bytes);
        if (bytes > bytesMax) {
            throw new BufferBoundsException("string of " + bytes + " bytes", bytes, bytesMax);
        }
        return bytes;
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
        Buffer view = new Buffer(segment.asSlice(at, bytes), bytes, null, isLent());
        view.length(bytes);
        lend(view);
        return view;
    }
}
