package dev.coffer.http.websocket;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Checks UTF-8 (RFC 3629, section 4) as it comes, in pieces that may end anywhere, and fails at the first octet that no valid text could have
/// there: overlong forms, surrogates and what lies past U+10FFFF fail at their second octet.
///
/// One thread at a time; 0 heap bytes.
final class Utf8Check {
    private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG_UNALIGNED;
    private static final long HIGH_BITS = 0x8080_8080_8080_8080L;
    private static final int TAIL_MIN = 0x80;
    private static final int TAIL_MAX = 0xbf;

    private int left;           // octets of the character that are still to come
    private int low;            // the next octet is in low..high
    private int high;

    void reset() {
        left = 0;
    }

    /// {@return whether no character is cut}
    boolean isComplete() {
        return left == 0;
    }

    /// {@return whether the octets go on what came before}
    boolean go(MemorySegment text, long at, long length) {
        long next = at;
        long end = at + length;
        while (next < end) {
            if (left == 0) {
                while (end - next >= Long.BYTES && (text.get(WORD, next) & HIGH_BITS) == 0) {
                    next += Long.BYTES;
                }
                if (next == end) {
                    return true;
                }
            }
            int octet = text.get(ValueLayout.JAVA_BYTE, next++) & 0xff;
            if (left > 0) {
                if (octet < low || octet > high) {
                    return false;
                }
                left--;
                low = TAIL_MIN;
                high = TAIL_MAX;
            } else if (octet >= TAIL_MIN && !begin(octet)) {
                return false;
            }
        }
        return true;
    }

    /// A character of more than one octet begins.
    private boolean begin(int octet) {
        low = octet == 0xe0 ? 0xa0 : octet == 0xf0 ? 0x90 : TAIL_MIN;
        high = octet == 0xed ? 0x9f : octet == 0xf4 ? 0x8f : TAIL_MAX;
        left = octet < 0xe0 ? 1 : octet < 0xf0 ? 2 : 3;
        return octet >= 0xc2 && octet <= 0xf4;
    }
}
