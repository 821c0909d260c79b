package dev.coffer.http.internal;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// Which octets may stand where (RFC 9110, section 5.6.2; RFC 9112, section 3; RFC 3986), as one table of bits.
public final class Octets {
    /// A token's characters: `tchar`.
    public static final int TOKEN = 1;
    /// A field value's: VCHAR, SP, HTAB, obs-text.
    public static final int VALUE = 2;
    /// A target's: VCHAR without `#`, which RFC 3986 keeps for fragments.
    public static final int TARGET = 4;
    /// A registered name's, unencoded: unreserved and sub-delims.
    public static final int NAME = 8;
    /// `0`..`9`, `a`..`f`, `A`..`F`.
    public static final int HEX = 16;

    /// Octets that [#copy] moves itself, at most.
    private static final int COPIED_MAX = 128;

    private static final byte[] CLASS = classes();

    // Eight octets at a time, the first in the lowest bits.
    private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final long ONES = 0x0101010101010101L;
    private static final long SIGNS = 0x8080808080808080L;

    private Octets() {}

    public static boolean is(int octet, int kind) {
        return (CLASS[octet & 0xff] & kind) != 0;
    }

    public static boolean all(MemorySegment segment, long at, long length, int kind) {
        long i = at;
        long end = at + length;
        if (kind == VALUE) {
            while (end - i >= Long.BYTES && areValues(segment.get(WORD, i))) {
                i += Long.BYTES;
            }
        }
        for (; i < end; i++) {
            if ((CLASS[segment.get(ValueLayout.JAVA_BYTE, i) & 0xff] & kind) == 0) {
                return false;
            }
        }
        return true;
    }

    /// Copies octets as they are, eight at a time: values are too short for the system's copy to pay.
    public static void copy(MemorySegment from, long at, MemorySegment to, long toAt, int length) {
        if (length < Long.BYTES || length > COPIED_MAX) {
            MemorySegment.copy(from, at, to, toAt, length);
            return;
        }
        int last = length - Long.BYTES;
        for (int i = 0; i < last; i += Long.BYTES) {
            to.set(WORD, toAt + i, from.get(WORD, at + i));
        }
        to.set(WORD, toAt + last, from.get(WORD, at + last));
    }

    /// {@return whether eight octets are of a value for certain: none is below SP, HTAB included, or DEL. The sign of an octet's
    /// difference is not disturbed by the octets below it where none of them borrows}
    private static boolean areValues(long octets) {
        long below = octets - ONES * ' ' & ~octets;
        long others = octets ^ ONES * 0x7f;
        long dels = others - ONES & ~others;
        return ((below | dels) & SIGNS) == 0;
    }

    /// {@return value of a hexadecimal digit, 0..15}
    public static int hex(int octet) {
        return octet <= '9' ? octet - '0' : (octet | 0x20) - 'a' + 10;
    }

    /// {@return offset of the first `octet`, 0..127, in `from`..`to` - 1, or -1}
    public static int indexOf(MemorySegment segment, long base, int from, int to, int octet) {
        int i = from;
        for (long pattern = ONES * octet; to - i >= Long.BYTES; i += Long.BYTES) {
            long others = segment.get(WORD, base + i) ^ pattern;
            long zeros = others - ONES & ~others & SIGNS;  // the lowest bit is right; above it a borrow may set more
            if (zeros != 0) {
                return i + (Long.numberOfTrailingZeros(zeros) >>> 3);
            }
        }
        for (; i < to; i++) {
            if (segment.get(ValueLayout.JAVA_BYTE, base + i) == octet) {
                return i;
            }
        }
        return -1;
    }

    private static byte[] classes() {
        byte[] bits = new byte[256];
        for (int c = 0; c < 256; c++) {
            boolean alnum = c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z';
            boolean hex = c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F';
            bits[c] |= (byte) (alnum || among(c, "!#$%&'*+-.^_`|~") ? TOKEN : 0);
            bits[c] |= (byte) (c == '\t' || c >= ' ' && c != 0x7f ? VALUE : 0);
            bits[c] |= (byte) (c > ' ' && c < 0x7f && c != '#' ? TARGET : 0);
            bits[c] |= (byte) (alnum || among(c, "-._~!$&'()*+,;=") ? NAME : 0);
            bits[c] |= (byte) (hex ? HEX : 0);
        }
        return bits;
    }

    private static boolean among(int c, String set) {
        return c > 0 && set.indexOf(c) >= 0;
    }
}
