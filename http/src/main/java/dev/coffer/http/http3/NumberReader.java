package dev.coffer.http.http3;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// A number of RFC 9000, section 16, while it comes, octet by octet.
class NumberReader {
    /// Of [#kept]: nothing of it has come.
    static final long FRESH = -1;
    private static final int LEFT_BITS = 3;

    private long value;
    private int left = -1;      // octets that have yet to come, -1 before the first

    final void resetNumber() {
        left = -1;
    }

    /// {@return whether nothing of it has come}
    final boolean isNumberFresh() {
        return left < 0;
    }

    final boolean isNumberWhole() {
        return left == 0;
    }

    final long number() {
        return value;
    }

    /// {@return what there is of a number that is not whole, for [#resume]}
    final long kept() {
        return left < 0 ? FRESH : value << LEFT_BITS | left;  // an octet at least is missing, so 54 bits at most are there
    }

    /// Goes on with a number of which something was kept.
    final void resume(long kept) {
        left = kept == FRESH ? -1 : (int) kept & (1 << LEFT_BITS) - 1;
        value = kept >>> LEFT_BITS;
    }

    /// Takes octets up to its end.
    ///
    /// @return how many
    final long takeNumber(MemorySegment input, long at, long length) {
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
