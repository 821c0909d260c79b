package dev.coffer.http.http1;

import dev.coffer.http.Ascii;
import dev.coffer.http.FieldName;
import dev.coffer.http.Refusal;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// A received head: its start line, its fields, and what they say about framing and persistence.
abstract sealed class ReceivedHead extends FieldTable permits ReceivedRequest, ReceivedResponse {
    static final Ascii CLOSE = Ascii.of("close");
    static final Ascii KEEP_ALIVE = Ascii.of("keep-alive");
    static final Ascii CHUNKED = Ascii.of("chunked");
    static final Ascii VERSION_PREFIX = Ascii.of("HTTP/");
    /// `HTTP/` and two digits with a dot.
    static final int VERSION_BYTES = 5 + 3;

    int version;            // in tens
    long contentLength;     // as announced: -1 for chunked
    boolean hasLength;
    boolean isChunked;
    boolean isPersistent;

    ReceivedHead(MemorySegment memory, long entriesAt, int capacity) {
        super(memory, entriesAt, capacity);
    }

    /// Parses the start line of `length` bytes at `at`.
    abstract Refusal startLine(long at, int length);

    /// Judges the complete head.
    abstract Refusal complete();

    final byte octet(long at) {
        return memory.get(ValueLayout.JAVA_BYTE, at);
    }

    /// Parses `HTTP/d.d` at `at`. A minor version above 1 is served as 1.1 (RFC 9110, section 2.5).
    final Refusal version(long at, long length) {
        if (length != VERSION_BYTES || !VERSION_PREFIX.prefixes(memory, at, length) || !isDigit(octet(at + 5))
                || octet(at + 6) != '.' || !isDigit(octet(at + 7))) {
            return Refusal.START_LINE;
        }
        if (octet(at + 5) != '1') {
            return Refusal.VERSION;
        }
        version = octet(at + 7) == '0' ? 10 : 11;
        return Refusal.NONE;
    }

    /// Reads Content-Length and Transfer-Encoding (RFC 9112, section 6.3). Anything that two readers could take in two
    /// ways is refused.
    final Refusal framing() {
        hasLength = false;
        isChunked = false;
        contentLength = 0;
        int length = find(FieldName.CONTENT_LENGTH);
        int coding = find(FieldName.TRANSFER_ENCODING);
        if (length >= 0) {
            if (coding >= 0) {
                return Refusal.BOTH_LENGTHS;
            }
            contentLength = decimal(valueAt(length), valueLength(length));
            if (contentLength < 0 || find(FieldName.CONTENT_LENGTH, length + 1) >= 0) {
                return Refusal.CONTENT_LENGTH;
            }
            hasLength = true;
        } else if (coding >= 0) {
            Refusal refusal = coding(coding);
            if (refusal != Refusal.NONE) {
                return refusal;
            }
            isChunked = true;
            contentLength = -1;
        }
        boolean close = lists(FieldName.CONNECTION, CLOSE);
        isPersistent = !close && (version >= 11 || lists(FieldName.CONNECTION, KEEP_ALIVE));
        return Refusal.NONE;
    }

    private Refusal coding(int index) {
        if (version < 11 || find(FieldName.TRANSFER_ENCODING, index + 1) >= 0) {
            return Refusal.TRANSFER_ENCODING;
        }
        if (CHUNKED.matchesAnyCase(memory, valueAt(index), valueLength(index))) {
            return Refusal.NONE;
        }
        // a list that ends in `, chunked`, with codings of which we know none
        long at = valueAt(index);
        int name = valueLength(index) - CHUNKED.length();
        if (name <= 0 || !CHUNKED.matchesAnyCase(memory, at + name, CHUNKED.length())) {
            return Refusal.TRANSFER_ENCODING;
        }
        int end = name;
        while (end > 0 && (octet(at + end - 1) == ' ' || octet(at + end - 1) == '\t')) {
            end--;
        }
        if (end == 0 || octet(at + end - 1) != ',') {
            return Refusal.TRANSFER_ENCODING;
        }
        for (int i = 0; i + CHUNKED.length() <= end; i++) {  // chunked twice
            if (CHUNKED.matchesAnyCase(memory, at + i, CHUNKED.length())) {
                return Refusal.TRANSFER_ENCODING;
            }
        }
        return Refusal.TRANSFER_CODING_UNKNOWN;
    }

    /// {@return the decimal number, or -1 if it is none or past 2^63-1}
    final long decimal(long at, int length) {
        long value = 0;
        for (int i = 0; i < length; i++) {
            int digit = octet(at + i) - '0';
            if (digit < 0 || digit > 9 || value > (Long.MAX_VALUE - digit) / 10) {
                return -1;
            }
            value = value * 10 + digit;
        }
        return length == 0 ? -1 : value;
    }

    static boolean isDigit(byte b) {
        return b >= '0' && b <= '9';
    }
}
