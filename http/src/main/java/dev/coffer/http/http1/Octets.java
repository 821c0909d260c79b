package dev.coffer.http.http1;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Which octets may stand where (RFC 9110, section 5.6.2; RFC 9112, section 3; RFC 3986), as one table of bits.
final class Octets {
    /// A token's characters: `tchar`.
    static final int TOKEN = 1;
    /// A field value's: VCHAR, SP, HTAB, obs-text.
    static final int VALUE = 2;
    /// A target's: VCHAR without `#`, which RFC 3986 keeps for fragments.
    static final int TARGET = 4;
    /// A registered name's, unencoded: unreserved and sub-delims.
    static final int NAME = 8;
    /// `0`..`9`, `a`..`f`, `A`..`F`.
    static final int HEX = 16;

    private static final byte[] CLASS = classes();

    private Octets() {}

    static boolean is(int octet, int kind) {
        return (CLASS[octet & 0xff] & kind) != 0;
    }

    static boolean all(MemorySegment segment, long at, long length, int kind) {
        for (long i = at; i < at + length; i++) {
            if ((CLASS[segment.get(ValueLayout.JAVA_BYTE, i) & 0xff] & kind) == 0) {
                return false;
            }
        }
        return true;
    }

    /// {@return value of a hexadecimal digit, 0..15}
    static int hex(int octet) {
        return octet <= '9' ? octet - '0' : (octet | 0x20) - 'a' + 10;
    }

    /// {@return offset of the first `octet` in `from`..`to` - 1, or -1}
    static int indexOf(MemorySegment segment, long base, int from, int to, int octet) {
        for (int i = from; i < to; i++) {
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
