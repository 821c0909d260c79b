package dev.coffer.http.internal;

import dev.coffer.http.Ascii;
import dev.coffer.http.Limits;
import dev.coffer.http.Refusal;
import dev.coffer.http.ResponseHead;
import dev.coffer.http.Status;
import java.lang.foreign.MemorySegment;

/// An answer's head (RFC 9113, section 8.3.2; RFC 9114, section 4.3.2): `:status`, and fields.
public final class ReceivedAnswer extends ReceivedSection implements ResponseHead {
    private static final Ascii STATUS = Ascii.of(":status");
    private static final int STATUS_DIGITS = 3;

    private int status;         // 0 until it comes

    public ReceivedAnswer(MemorySegment memory, long entriesAt, Limits limits, int version) {
        super(memory, entriesAt, limits, version);
    }

    @Override
    public void clear(long newMessageAt, int before) {
        super.clear(newMessageAt, before);
        status = 0;
    }

    @Override
    void pseudo(long nameAt, int nameLength, long at, int length) {
        malformed |= status != 0 || length != STATUS_DIGITS || !STATUS.matches(memory, nameAt, nameLength);
        for (int i = 0; i < STATUS_DIGITS && !malformed; i++) {
            int digit = octet(at + i) - '0';
            malformed = digit < 0 || digit > 9;
            status = status * 10 + digit;
        }
        malformed |= status < 100;
    }

    @Override
    void plain(long nameAt, int nameLength, long valueAt, int valueLength) {
        add(nameAt, nameLength, valueAt, valueLength);
    }

    /// Judges the whole head.
    ///
    /// @param ended   whether no content follows
    /// @param toHead  whether the request was HEAD
    public void complete(boolean ended, boolean toHead) {
        // an interim head ends nothing, and no protocol is switched to here (sections 8.1, 8.6)
        malformed |= status == 0 || status < 200 && ended || status == Status.SWITCHING_PROTOCOLS;
        length(ended);
        if (toHead || Status.isBodiless(status)) {
            contentLength = 0;  // whatever it says of what there would be (section 8.1.1)
        } else {
            malformed |= ended && contentLength > 0;
        }
        if (malformed) {
            refuse(Refusal.UNEXPECTED);
        }
    }

    @Override
    public int status() {
        return status;
    }
}
