package dev.coffer.memory;

import static dev.coffer.memory.layout.BigEndian.u32;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;

/// The multiple precision integer of SSH (RFC 4251, section 5) in a [Buffer]: a string that holds two's complement,
/// big-endian, without needless leading bytes; zero is the empty string. Unsigned numbers only, as key exchange and
/// signatures have them; a negative one is refused when read. Stateless; 0 heap bytes.
///
/// The length tells the position of the highest bit: so does SSH. Time depends on it and on nothing else of the value.
public final class Mpint {
    private Mpint() {}

    /// Writes an unsigned number of `bytes` bytes, big-endian, whole or not at all.
    ///
    /// @throws IndexOutOfBoundsException  the range does not lie in the source (caller's fault); nothing changes
    /// @throws BufferBoundsException      less room; nothing changes
    public static void put(Buffer buffer, MemorySegment source, long at, long bytes) {
        Objects.checkFromIndexSize(at, bytes, source.byteSize());
        long from = at;
        while (from < at + bytes && source.get(ValueLayout.JAVA_BYTE, from) == 0) {
            from++;
        }
        long magnitude = at + bytes - from;
        long sign = magnitude > 0 && source.get(ValueLayout.JAVA_BYTE, from) < 0 ? 1 : 0;
        long to = buffer.stain(Buffer.STRING_LENGTH_BYTES + sign + magnitude);
        u32(buffer.segment, to, sign + magnitude);
        if (sign != 0) {
            buffer.segment.set(ValueLayout.JAVA_BYTE, to + Buffer.STRING_LENGTH_BYTES, (byte) 0);
        }
        MemorySegment.copy(source, from, buffer.segment, to + Buffer.STRING_LENGTH_BYTES + sign, magnitude);
        buffer.grow(Buffer.STRING_LENGTH_BYTES + sign + magnitude);
    }

    /// {@return bytes of the magnitude of the number at the position, 0 for zero; -1 while it is not whole; -2 where it is
    /// negative or has needless leading bytes; makes no object}
    public static long ready(Buffer buffer) {
        long bytes = buffer.stringBytes();
        if (bytes <= 0) {
            return bytes;
        }
        long first = buffer.position() + Buffer.STRING_LENGTH_BYTES;
        int top = buffer.u8At(first);
        if (top >= 0x80 || top == 0 && (bytes == 1 || buffer.u8At(first + 1) < 0x80)) {
            return -2;
        }
        return top == 0 ? bytes - 1 : bytes;
    }

    /// Reads the number into `bytes` bytes of the target, big-endian, with zeros in front.
    ///
    /// @throws IndexOutOfBoundsException  the range does not lie in the target (caller's fault); nothing changes
    /// @throws BufferBoundsException      it is not whole, or wider than `bytes`; nothing changes
    /// @throws IllegalArgumentException   it is negative or has needless leading bytes, or a read-only target (caller's
    ///                                    fault); nothing changes
    public static void take(Buffer buffer, MemorySegment target, long at, long bytes) {
        Objects.checkFromIndexSize(at, bytes, target.byteSize());
        long magnitude = ready(buffer);
        if (magnitude == -2) {
            throw new IllegalArgumentException("mpint: negative, or with needless leading bytes (RFC 4251 section 5)");
        }
        if (magnitude < 0 || magnitude > bytes) {
            throw new BufferBoundsException("mpint", magnitude < 0 ? buffer.remaining() + 1 : magnitude,
                    magnitude < 0 ? buffer.remaining() : bytes);
        }
        long string = buffer.stringBytes();
        long from = buffer.position() + Buffer.STRING_LENGTH_BYTES + string - magnitude;
        MemorySegment.copy(buffer.segment, from, target, at + bytes - magnitude, magnitude);  // refuses a read-only target
        Wipe.bytes(target, at, bytes - magnitude);
        buffer.skip(Buffer.STRING_LENGTH_BYTES + string);
    }
}
