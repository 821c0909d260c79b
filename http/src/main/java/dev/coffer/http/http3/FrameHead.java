package dev.coffer.http.http3;

import java.lang.foreign.MemorySegment;

/// The head of a frame while it comes (RFC 9114, section 7.1): its type and its length.
final class FrameHead {
    private final NumberReader number = new NumberReader();
    private boolean typed;      // the type has come
    private boolean whole;
    private long type;
    private long length;

    void reset() {
        number.reset();
        typed = false;
        whole = false;
    }

    /// {@return whether nothing of it has come}
    boolean isFresh() {
        return !typed && number.isFresh();
    }

    boolean isWhole() {
        return whole;
    }

    long type() {
        return type;
    }

    long length() {
        return length;
    }

    /// Takes octets up to its end.
    ///
    /// @return how many
    long take(MemorySegment input, long at, long available) {
        long taken = 0;
        while (taken < available && !whole) {
            taken += number.take(input, at + taken, available - taken);
            if (number.isWhole()) {
                if (typed) {
                    length = number.value();
                    whole = true;
                } else {
                    type = number.value();
                    typed = true;
                }
                number.reset();
            }
        }
        return taken;
    }
}
