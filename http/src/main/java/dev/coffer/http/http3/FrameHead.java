package dev.coffer.http.http3;

import java.lang.foreign.MemorySegment;

/// The head of a frame while it comes (RFC 9114, section 7.1): its type and its length. When it is whole a number of the payload can be read in its place.
final class FrameHead extends NumberReader {
    private boolean typed;      // the type has come
    private boolean whole;
    private long type;

    void reset() {
        resetNumber();
        typed = false;
        whole = false;
    }

    /// {@return whether nothing of it has come}
    boolean isFresh() {
        return !typed && isNumberFresh();
    }

    boolean isWhole() {
        return whole;
    }

    long type() {
        return type;
    }

    /// {@return the payload's, until a number of that is begun}
    long length() {
        return number();
    }

    /// Takes octets up to its end.
    ///
    /// @return how many
    long take(MemorySegment input, long at, long available) {
        long taken = 0;
        while (taken < available && !whole) {
            taken += takeNumber(input, at + taken, available - taken);
            if (isNumberWhole() && typed) {
                whole = true;
            } else if (isNumberWhole()) {
                type = number();
                typed = true;
                resetNumber();
            }
        }
        return taken;
    }
}
