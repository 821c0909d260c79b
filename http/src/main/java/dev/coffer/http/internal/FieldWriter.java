package dev.coffer.http.internal;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Writes numbers and strings (RFC 7541, section 5; RFC 9204, section 4.1), where there is room for them.
public final class FieldWriter {
    /// Of a number below 2^21 + 127.
    private static final int NUMBER_BYTES_MAX = 4;
    /// Of an index behind three bits: some hundred static entries and 2,048 of a table at most.
    private static final int INDEX_BYTES_MAX = 3;

    private MemorySegment out = MemorySegment.NULL;
    private long to;

    /// {@return bytes of a field of these lengths, at most, in whatever representation}
    public static long bytesMax(int nameLength, int valueLength) {
        return INDEX_BYTES_MAX + lengthBytes(nameLength) + nameLength + lengthBytes(valueLength) + (long) valueLength;
    }

    private static int lengthBytes(int length) {  // behind seven bits; of a name of QPACK behind three, where there is no index
        return length < 0x7f ? 1 : length < 0x7f + 0x80 ? 2 : length < 0x7f + 0x4000 ? 3 : NUMBER_BYTES_MAX;
    }

    public void begin(MemorySegment output, long at) {
        out = output;
        to = at;
    }

    /// Forgets where it writes to.
    ///
    /// @return where the next byte would go
    public long end() {
        out = MemorySegment.NULL;
        return to;
    }

    /// Writes a string, coded where that is shorter.
    ///
    /// @param pattern  of the first octet
    /// @param coded    the bit that says that it is coded
    /// @param mask     of the prefix
    public void string(int pattern, int coded, int mask, MemorySegment segment, long at, int length) {
        int shorter = HuffmanCode.encodedBytes(segment, at, length);
        if (shorter < length) {
            number(pattern | coded, mask, shorter);
            HuffmanCode.encode(segment, at, length, out, to);
            to += shorter;
        } else {
            number(pattern, mask, length);
            MemorySegment.copy(segment, at, out, to, length);
            to += length;
        }
    }

    /// Writes a number behind the pattern of its first octet.
    public void number(int pattern, int mask, long value) {
        if (value < mask) {
            put((int) (pattern | value));
            return;
        }
        put(pattern | mask);
        long rest = value - mask;
        while (rest >= 0x80) {
            put((int) (rest & 0x7f | 0x80));
            rest >>>= 7;
        }
        put((int) rest);
    }

    private void put(int octet) {
        out.set(ValueLayout.JAVA_BYTE, to++, (byte) octet);
    }
}
