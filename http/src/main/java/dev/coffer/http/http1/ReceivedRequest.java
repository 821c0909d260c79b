package dev.coffer.http.http1;

import dev.coffer.http.Ascii;
import dev.coffer.http.FieldName;
import dev.coffer.http.Method;
import dev.coffer.http.Refusal;
import dev.coffer.http.RequestHead;
import dev.coffer.http.internal.Authority;
import dev.coffer.http.internal.Octets;
import java.lang.foreign.MemorySegment;

/// A request's head (RFC 9112, sections 3 and 5).
final class ReceivedRequest extends ReceivedHead implements RequestHead {
    /// Longest method token that might be one of ours; past it 501 (section 3).
    static final int METHOD_BYTES_MAX = 32;
    private static final Ascii HTTP = Ascii.of("http://");
    private static final Ascii HTTPS = Ascii.of("https://");
    private static final Ascii CONTINUE = Ascii.of("100-continue");

    // offsets are relative to messageAt, like those of the fields
    private Method method = Method.OTHER;
    private int methodLength;
    private int pathAt;
    private int pathLength;
    private int queryAt;
    private int queryLength;
    private int authorityAt;
    private int authorityLength;
    private boolean hasAuthority;  // in the target
    private boolean expects;
    private boolean strange;

    ReceivedRequest(MemorySegment memory, long entriesAt, int capacity) {
        super(memory, entriesAt, capacity);
    }

    @Override
    public void clear(long newMessageAt, int before) {
        super.clear(newMessageAt, before);
        strange = false;
        method = Method.OTHER;  // until it is known: no earlier request's decides how this one is refused
    }

    @Override
    Refusal startLine(long at, int length) {
        int space = 0;
        while (space < length && Octets.is(octet(at + space), Octets.TOKEN)) {
            space++;
        }
        if (space == 0 || space == length || octet(at + space) != ' ') {
            return fault(at, length);
        }
        if (space > METHOD_BYTES_MAX) {
            return Refusal.METHOD;
        }
        methodLength = space;
        method = Method.of(memory, at, space);
        int target = space + 1;
        int end = target;
        while (end < length && Octets.is(octet(at + end), Octets.TARGET)) {
            end++;
        }
        if (end == target || end == length || octet(at + end) != ' ') {
            return fault(at, length);
        }
        Refusal refusal = version(at + end + 1, length - end - 1);
        strange = method == Method.OTHER && !VERSION_PREFIX.prefixes(memory, at + end + 1, length - end - 1);
        if (refusal != Refusal.NONE) {
            return refusal == Refusal.START_LINE ? fault(at, length) : refusal;
        }
        return method == Method.CONNECT ? Refusal.METHOD : target((int) (at - messageAt) + target, end - target);
    }

    /// {@return whether its first line is three words, of which neither the first nor the last is of HTTP}
    boolean isStrange() {
        return strange;
    }

    /// {@return what is wrong with a line that has not the form: a control in it, or the form itself}
    private Refusal fault(long at, int length) {
        for (int i = 0; i < length; i++) {
            byte b = octet(at + i);
            if (b == '\r') {
                return Refusal.BARE_CR_OR_LF;
            }
            if (!Octets.is(b, Octets.VALUE)) {
                return Refusal.CONTROL;
            }
        }
        return Refusal.START_LINE;
    }

    /// Splits the target (section 3.2): origin, absolute or asterisk form.
    private Refusal target(int at, int length) {
        hasAuthority = false;
        long start = messageAt + at;
        if (octet(start) != '/') {
            if (length == 1 && octet(start) == '*') {
                pathAt = at;
                pathLength = 1;
                queryLength = -1;
                return method == Method.OPTIONS ? Refusal.NONE : Refusal.TARGET;
            }
            int scheme = scheme(start, length);
            int end = scheme;
            while (scheme > 0 && end < length && octet(start + end) != '/' && octet(start + end) != '?') {
                end++;
            }
            if (end == scheme || !Authority.is(memory, start + scheme, end - scheme)) {
                return Refusal.TARGET;
            }
            hasAuthority = true;
            authorityAt = at + scheme;
            authorityLength = end - scheme;
            at += end;
            length -= end;
        }
        int question = Octets.indexOf(memory, messageAt, at, at + length, '?');
        pathAt = at;
        pathLength = question < 0 ? length : question - at;
        queryAt = question + 1;
        queryLength = question < 0 ? -1 : length - pathLength - 1;
        return Refusal.NONE;
    }

    private int scheme(long at, int length) {
        return length >= HTTP.length() && HTTP.matchesAnyCase(memory, at, HTTP.length()) ? HTTP.length()
                : length >= HTTPS.length() && HTTPS.matchesAnyCase(memory, at, HTTPS.length()) ? HTTPS.length() : -1;
    }

    @Override
    Refusal complete() {
        Refusal refusal = host();
        if (refusal == Refusal.NONE) {
            refusal = framing();
        }
        expects = false;
        if (refusal == Refusal.NONE && version >= 11) {  // HTTP/1.0: ignored (RFC 9110, section 10.1.1)
            int expect = find(FieldName.EXPECT);
            if (expect >= 0) {
                expects = CONTINUE.matchesAnyCase(memory, valueAt(expect), valueLength(expect));
                refusal = expects && find(FieldName.EXPECT, expect + 1) < 0 ? Refusal.NONE : Refusal.EXPECTATION;
            }
        }
        return refusal;
    }

    private Refusal host() {
        int host = find(FieldName.HOST);
        if (host < 0) {
            if (!hasAuthority) {
                authorityLength = -1;
            }
            return version >= 11 ? Refusal.HOST : Refusal.NONE;
        }
        if (find(FieldName.HOST, host + 1) >= 0 || !Authority.is(memory, valueAt(host), valueLength(host))) {
            return Refusal.HOST;
        }
        if (!hasAuthority) {
            authorityAt = (int) (valueAt(host) - messageAt);
            authorityLength = valueLength(host);
        }
        return Refusal.NONE;
    }

    @Override
    public Method method() {
        return method;
    }

    @Override
    public long methodAt() {
        return messageAt;
    }

    @Override
    public int methodLength() {
        return methodLength;
    }

    @Override
    public int version() {
        return version;
    }

    @Override
    public long pathAt() {
        return messageAt + pathAt;
    }

    @Override
    public int pathLength() {
        return pathLength;
    }

    @Override
    public long queryAt() {
        return messageAt + queryAt;
    }

    @Override
    public int queryLength() {
        return queryLength;
    }

    @Override
    public long authorityAt() {
        return messageAt + authorityAt;
    }

    @Override
    public int authorityLength() {
        return authorityLength;
    }

    @Override
    public long contentLength() {
        return contentLength;
    }

    @Override
    public boolean expectsContinue() {
        return expects;
    }
}
