package dev.coffer.memory;

import static dev.coffer.memory.layout.BigEndian.u32;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The strings of a [Buffer]: u32 length, then as many bytes (RFC 4251, section 5).
abstract sealed class BufferStrings extends BufferNumbers permits Buffer {
    /// Bytes of the length in front of a string (RFC 4251, section 5).
    public static final long STRING_LENGTH_BYTES = 4;

    private static final int ARRAY_BYTES_MAX = Integer.MAX_VALUE - 8;  // what every VM can make

    BufferStrings(MemorySegment segment, long capacity, @Nullable Budget budget, boolean leased) {
        super(segment, capacity, budget, leased);
    }

    /// Writes a string, whole or not at all.
    ///
    /// @throws IndexOutOfBoundsException  the range does not lie in the source (caller's fault); nothing changes
    /// @throws BufferBoundsException      less room than length and bytes take; nothing changes
    public final void putString(MemorySegment source, long at, long bytes) {
        Objects.checkFromIndexSize(at, bytes, source.byteSize());
        MemorySegment.copy(source, at, segment, stainString(bytes), bytes);
        grow(STRING_LENGTH_BYTES + bytes);
    }

    /// Writes a string, whole or not at all.
    public final void putString(byte[] source) {
        MemorySegment.copy(source, 0, segment, ValueLayout.JAVA_BYTE, stainString(source.length), source.length);
        grow(STRING_LENGTH_BYTES + source.length);
    }

    /// Writes a string, whole or not at all, and, if asked, zeroes the array: for a password that some other interface gave
    /// as one. Where there is no room the array is left as it is.
    public final void putString(byte[] source, boolean wipeSource) {
        putString(source);
        if (wipeSource) {
            Arrays.fill(source, (byte) 0);
        }
    }

    /// Writes text as a string of UTF-8, whole or not at all; an unpaired surrogate becomes `?`. Public text only: a
    /// `String` cannot be wiped.
    ///
    /// @throws IllegalArgumentException  the text changed while it was read (caller's fault); no offset moves
    public final void putString(CharSequence text) {
        long bytes = Utf8.bytes(text);
        Utf8.put(segment, stainString(bytes), bytes, text);
        grow(STRING_LENGTH_BYTES + bytes);
    }

    /// Claims room for a string and writes its length.
    private long stainString(long bytes) {
        if (bytes > 0xffff_ffffL) {
            throw new IllegalArgumentException("string: " + bytes + " bytes (expected at most 2^32-1, RFC 4251 section 5)");
        }
        long at = stain(STRING_LENGTH_BYTES + bytes);
        u32(segment, at, bytes);
        return at + STRING_LENGTH_BYTES;
    }

    /// {@return bytes of the string at the position, without its length; or -1 while it is not whole: the length or
    /// the bytes are still missing}
    ///
    /// The question to ask before taking what a peer sent: makes no object, whatever the peer claims. Where the length is there,
    /// [Buffer#peekU32] says what it claims: a string of more than `capacity() - 4` bytes will never be whole here.
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
    /// @throws BufferBoundsException     the string is not whole, longer than `bytesMax`, or the target has less room;
    ///                                   neither buffer changes
    /// @throws IllegalArgumentException  `target` is this buffer (caller's fault)
    public final long takeString(Buffer target, long bytesMax) {
        long bytes = wholeString(bytesMax);
        if (target == this) {
            throw new IllegalArgumentException("buffer: string into itself");
        }
        MemorySegment.copy(segment, position() + STRING_LENGTH_BYTES, target.segment, target.stain(bytes), bytes);
        target.grow(bytes);
        advance(STRING_LENGTH_BYTES + bytes);
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
        advance(STRING_LENGTH_BYTES + bytes);
        return bytes;
    }

    /// {@return a string, in a new array of its length: for what is public, as names and algorithms; the array lies on the
    /// heap, where no secret may}
    ///
    /// The array is no longer than what the buffer has left, whatever the peer claims.
    ///
    /// @throws BufferBoundsException  the string is not whole, or longer than an array can be; nothing changes
    public final byte[] takeString() {
        byte[] bytes = new byte[(int) wholeString(ARRAY_BYTES_MAX)];
        MemorySegment.copy(segment, ValueLayout.JAVA_BYTE, position() + STRING_LENGTH_BYTES, bytes, 0, bytes.length);
        advance(STRING_LENGTH_BYTES + bytes.length);
        return bytes;
    }

    /// Passes over a string.
    ///
    /// @return its bytes, without its length
    /// @throws BufferBoundsException  it is not whole; nothing changes
    public final long skipString() {
        long bytes = wholeString(0xffff_ffffL);
        consume(STRING_LENGTH_BYTES + bytes);
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
}
