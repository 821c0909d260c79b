package dev.coffer.http.http3;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// A number of RFC 9000, section 16, while it comes, octet by octet.
final class NumberReader {
    private long value;
    private int left = -1;      // octets that have yet to come, -1 before the first

    void reset() {
        left = -1;
    }

    /// {@return whether nothing of it has come}
    boolean isFresh() {
        return left < 0;
    }

    boolean isWhole() {
        return left == 0;
    }

    long value() {
        return value;
    }

    /// Takes octets up to its end.
    ///
    /// @return how many
    long take(MemorySegment input, long at, long length) {
        long taken = 0;
        while (taken < length && left != 0) {
            int octet = input.get(ValueLayout.JAVA_BYTE, at + taken++) & 0xff;
            if (left < 0) {
                left = (1 << (octet >>> 6)) - 1;
                value = octet & 0x3f;
            } else {
                left--;
                value = value << Byte.SIZE | octet;
            }
        }
        return taken;
    }
}
