package dev.coffer.evm;

import dev.coffer.evm.word.Word;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// The one right form of numbers, addresses and the heads of lists (recursive length prefix: Yellow Paper, appendix B), at a place of the caller's memory.
/// Stateless, thread-safe; 0 heap bytes.
final class RlpWriter {
    static final int STRING = 0x80;
    static final int LIST = 0xc0;
    /// Bytes whose length stands in the first byte.
    static final int SHORT_MAX = 55;
    /// Bytes of the longest head.
    static final int HEAD_BYTES_MAX = 9;

    private static final int ADDRESS_BYTES = 20;
    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;

    private RlpWriter() {}

    /// Writes a number: at most 33 bytes.
    ///
    /// @return where it ends
    static long number(long[] s, int a, MemorySegment to, long at) {
        int bytes = (Word.bits(s, a) + 7) >>> 3;
        if (bytes == 1 && s[a] < STRING) {
            to.set(BYTE, at, (byte) s[a]);
            return at + 1;
        }
        to.set(BYTE, at, (byte) (STRING + bytes));
        for (int i = 0; i < bytes; i++) {
            int shift = bytes - 1 - i;
            to.set(BYTE, at + 1 + i, (byte) (s[a + (shift >>> 3)] >>> 8 * (shift & 7)));
        }
        return at + 1 + bytes;
    }

    /// Writes an address: 21 bytes.
    ///
    /// @return where it ends
    static long address(long[] s, int a, MemorySegment to, long at) {
        to.set(BYTE, at, (byte) (STRING + ADDRESS_BYTES));
        Calls.writeAddress(s, a, to, at + 1);
        return at + 1 + ADDRESS_BYTES;
    }

    /// Writes what stands before a list's items: at most [#HEAD_BYTES_MAX] bytes.
    ///
    /// @param length  bytes of the items
    /// @return where it ends
    static long list(long length, MemorySegment to, long at) {
        if (length <= SHORT_MAX) {
            to.set(BYTE, at, (byte) (LIST + length));
            return at + 1;
        }
        int bytes = (64 - Long.numberOfLeadingZeros(length) + 7) >>> 3;
        to.set(BYTE, at, (byte) (LIST + SHORT_MAX + bytes));
        for (int i = 0; i < bytes; i++) {
            to.set(BYTE, at + 1 + i, (byte) (length >>> 8 * (bytes - 1 - i)));
        }
        return at + 1 + bytes;
    }
}
