package dev.coffer.http.http1;

import dev.coffer.http.Refusal;
import dev.coffer.http.ResponseHead;
import dev.coffer.http.Status;
import dev.coffer.http.internal.Octets;
import java.lang.foreign.MemorySegment;

/// A response's head (RFC 9112, sections 4 and 6.3).
final class ReceivedResponse extends ReceivedHead implements ResponseHead {
    /// `HTTP/1.1 200 `: version, space, code, space; the phrase may be empty.
    private static final int LINE_BYTES_MIN = VERSION_BYTES + 1 + 3;

    boolean toHead;      // the request was HEAD; set before the head is complete
    boolean untilClose;  // content ends with the connection
    private int status;

    ReceivedResponse(MemorySegment memory, long entriesAt, int capacity) {
        super(memory, entriesAt, capacity);
    }

    @Override
    Refusal startLine(long at, int length) {
        if (length < LINE_BYTES_MIN || octet(at + VERSION_BYTES) != ' ') {
            return Refusal.START_LINE;
        }
        for (int i = 0; i < length; i++) {
            if (!Octets.is(octet(at + i), Octets.VALUE)) {
                return octet(at + i) == '\r' ? Refusal.BARE_CR_OR_LF : Refusal.CONTROL;
            }
        }
        Refusal refusal = version(at, VERSION_BYTES);
        if (refusal != Refusal.NONE) {
            return refusal;
        }
        status = (int) decimal(at + VERSION_BYTES + 1, 3);
        // some servers leave out the space before an empty phrase; nothing else can be meant
        boolean ends = length == LINE_BYTES_MIN || octet(at + LINE_BYTES_MIN) == ' ';
        return status >= 100 && ends ? Refusal.NONE : Refusal.START_LINE;
    }

    @Override
    Refusal complete() {
        Refusal refusal = framing();
        if (refusal != Refusal.NONE) {
            return refusal;
        }
        boolean bodiless = toHead || Status.isBodiless(status);
        if (bodiless) {
            contentLength = 0;
        }
        untilClose = !bodiless && !hasLength && !isChunked;
        if (untilClose) {
            contentLength = -1;
            isPersistent = false;
        }
        isChunked &= !bodiless;
        return Refusal.NONE;
    }

    @Override
    public int status() {
        return status;
    }

    @Override
    public int version() {
        return version;
    }

    @Override
    public long contentLength() {
        return contentLength;
    }
}
