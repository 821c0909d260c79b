package dev.coffer.http.internal;

import dev.coffer.http.Ascii;
import dev.coffer.http.FieldName;
import dev.coffer.http.Limits;
import dev.coffer.http.Method;
import dev.coffer.http.Refusal;
import dev.coffer.http.RequestHead;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// A request's head (RFC 9113, section 8.3.1; RFC 9114, section 4.3.1): pseudo-header fields, fields, and cookies that came in crumbs, which are one field (8.2.3).
public final class ReceivedFields extends ReceivedSection implements RequestHead {
    private static final Ascii METHOD = Ascii.of(":method");
    private static final Ascii SCHEME = Ascii.of(":scheme");
    private static final Ascii PATH = Ascii.of(":path");
    private static final Ascii AUTHORITY = Ascii.of(":authority");
    private static final Ascii PROTOCOL = Ascii.of(":protocol");
    private static final Ascii CONTINUE = Ascii.of("100-continue");
    private static final int COOKIE_NAME_BYTES = 6;
    private static final int HTTP_3 = 30;

    // Offsets from the message's first byte, as in entries; lengths, likewise of 16 bits, are NONE until the field comes.
    private Method method = Method.OTHER;
    private char methodAt;
    private short methodLength;
    private short schemeLength;
    private char pathAt;
    private short pathLength;
    private char queryAt;
    private short queryLength;
    private char authorityAt;
    private short authorityLength;
    private char protocolAt;
    private short protocolLength;
    private boolean expects;
    private char crumbsEnd;    // where the last field's octets end, as they came

    public ReceivedFields(MemorySegment memory, long entriesAt, Limits limits, int version) {
        super(memory, entriesAt, limits, version);
    }

    @Override
    public void clear(long newMessageAt, int before) {
        super.clear(newMessageAt, before);
        method = Method.OTHER;
        methodAt = 0;
        pathAt = 0;
        queryAt = 0;
        authorityAt = 0;
        methodLength = NONE;
        schemeLength = NONE;
        pathLength = NONE;
        queryLength = NONE;
        authorityLength = NONE;
        protocolAt = 0;
        protocolLength = NONE;
        expects = false;
    }

    private char offset(long at) {
        return (char) (at - messageAt);
    }

    private static int length(short kept) {
        return kept == NONE ? NONE : Short.toUnsignedInt(kept);
    }

    @Override
    void plain(long nameAt, int nameLength, long valueAt, int valueLength) {
        if (isCrumb(nameAt, nameLength)) {
            crumb(valueAt, valueLength);
        } else {
            add(nameAt, nameLength, valueAt, valueLength);
            crumbsEnd = offset(valueAt + valueLength);
        }
    }

    /// {@return whether it is a cookie right behind a cookie, which needs no entry of its own}
    private boolean isCrumb(long at, int length) {
        int last = count() - 1;
        return length == COOKIE_NAME_BYTES && last >= 0 && name(last) == FieldName.COOKIE && offset(at) == crumbsEnd
                && FieldName.COOKIE.lower().matches(memory, at, length);
    }

    /// Joins a crumb to its cookie, which is one field and no larger than one.
    private void crumb(long at, int length) {
        if (nameLength(count() - 1) + valueLength(count() - 1) + 2 + length > limits.fieldBytesMax()) {
            refuse(Refusal.FIELD_TOO_LONG);
        } else {
            extendLast(at, length);
        }
    }

    private void extendLast(long crumbAt, int length) {
        int last = count() - 1;
        long to = valueAt(last) + valueLength(last);
        memory.set(ValueLayout.JAVA_BYTE, to, (byte) ';');
        memory.set(ValueLayout.JAVA_BYTE, to + 1, (byte) ' ');
        MemorySegment.copy(memory, crumbAt, memory, to + 2, length);
        lengthen(last, 2 + length);
        crumbsEnd = offset(crumbAt + length);
    }

    /// Joins the cookies that other fields stand between to the first one: they go to the end of it, and what lay between goes behind.
    private void joinCrumbs() {
        int first = find(FieldName.COOKIE);
        int last = first;
        long joined = 0;
        for (int next = first; next >= 0; next = find(FieldName.COOKIE, next + 1)) {
            joined += next == first ? nameLength(next) + valueLength(next) : 2 + valueLength(next);
            last = next;
        }
        if (last == first) {
            return;
        }
        if (joined > limits.fieldBytesMax()) {
            refuse(Refusal.FIELD_TOO_LONG);
            return;
        }
        gather(first + 1, last + 1, valueAt(first) + valueLength(first));
        int crumbs = 0;
        for (int i = last; i > first; i--) {
            if (name(i) == FieldName.COOKIE) {
                crumbs += 2 + valueLength(i);
                remove(i);
            } else {
                shift(i, crumbs);
            }
        }
        lengthen(first, crumbs);
    }

    /// Brings the crumbs among some fields before all else of them, in their order: those of each half first, then those of the second before the
    /// rest of the first. No octet is moved more often than fields can be halved, however they lie; one by one, each could move the whole head.
    ///
    /// @param start  of the fields' octets
    /// @return octets of the crumbs, each with what parts it from the one before
    private long gather(int from, int to, long start) {
        if (to - from > 1) {
            int half = from + to >>> 1;
            long second = nameAt(half);
            long before = gather(from, half, start);
            long behind = gather(half, to, second);
            rotate(start + before, second, second + behind);
            return before + behind;
        }
        if (name(from) != FieldName.COOKIE) {
            return 0;
        }
        long at = valueAt(from) - 2;  // the name is not needed any more
        memory.set(ValueLayout.JAVA_BYTE, at, (byte) ';');
        memory.set(ValueLayout.JAVA_BYTE, at + 1, (byte) ' ');
        rotate(start, at, at + 2 + valueLength(from));
        return 2 + valueLength(from);
    }

    /// Exchanges what lies before the middle and what lies behind it.
    private void rotate(long from, long middle, long to) {
        if (from < middle && middle < to) {
            reverse(from, middle);
            reverse(middle, to);
            reverse(from, to);
        }
    }

    private void reverse(long from, long to) {
        long low = from;
        long high = to;
        for (; high - low >= 2 * Long.BYTES; low += Long.BYTES, high -= Long.BYTES) {
            long word = memory.get(ValueLayout.JAVA_LONG_UNALIGNED, low);
            memory.set(ValueLayout.JAVA_LONG_UNALIGNED, low, Long.reverseBytes(memory.get(ValueLayout.JAVA_LONG_UNALIGNED, high - Long.BYTES)));
            memory.set(ValueLayout.JAVA_LONG_UNALIGNED, high - Long.BYTES, Long.reverseBytes(word));
        }
        for (high--; low < high; low++, high--) {
            byte b = octet(low);
            memory.set(ValueLayout.JAVA_BYTE, low, octet(high));
            memory.set(ValueLayout.JAVA_BYTE, high, b);
        }
    }

    @Override
    void pseudo(long nameAt, int nameLength, long at, int length) {
        boolean isPath = PATH.matches(memory, nameAt, nameLength);
        if (length > (isPath ? limits.startLineBytesMax() : limits.fieldBytesMax())) {
            refuse(isPath ? Refusal.START_LINE_TOO_LONG : Refusal.FIELD_TOO_LONG);
        }
        if (METHOD.matches(memory, nameAt, nameLength)) {
            malformed |= methodLength != NONE || length == 0 || !Octets.all(memory, at, length, Octets.TOKEN);
            method = Method.of(memory, at, length);
            methodAt = offset(at);
            methodLength = (short) length;
        } else if (SCHEME.matches(memory, nameAt, nameLength)) {
            malformed |= schemeLength != NONE || !isScheme(at, length);
            schemeLength = (short) length;
        } else if (isPath) {
            malformed |= pathLength != NONE;
            path(at, length);
        } else if (AUTHORITY.matches(memory, nameAt, nameLength)) {
            malformed |= authorityLength != NONE || !Authority.is(memory, at, length);
            authorityAt = offset(at);
            authorityLength = (short) length;
        } else if (PROTOCOL.matches(memory, nameAt, nameLength)) {
            malformed |= protocolLength != NONE || length == 0 || !Octets.all(memory, at, length, Octets.TOKEN);
            protocolAt = offset(at);
            protocolLength = (short) length;
        } else {
            malformed = true;
        }
    }

    /// {@return whether it is a scheme (RFC 3986, section 3.1), whichever}
    private boolean isScheme(long at, int length) {
        boolean good = length > 0 && (octet(at) | 0x20) >= 'a' && (octet(at) | 0x20) <= 'z';
        for (int i = 1; i < length; i++) {
            byte b = octet(at + i);
            good &= Octets.is(b, Octets.NAME) && Octets.is(b, Octets.TOKEN) && (b == '+' || b == '-' || b == '.' || b >= '0' && (b | 0x20) <= 'z');
        }
        return good;
    }

    private void path(long at, int length) {
        malformed |= length == 0 || !Octets.all(memory, at, length, Octets.TARGET);
        int question = length == 0 ? NONE : Octets.indexOf(memory, at, 0, length, '?');
        pathAt = offset(at);
        pathLength = (short) (question < 0 ? length : question);
        queryAt = offset(at + question + 1);
        queryLength = (short) (question < 0 ? NONE : length - question - 1);
    }

    /// Judges the whole head.
    ///
    /// @param ended  whether no content follows
    public void complete(boolean ended) {
        boolean connects = method == Method.CONNECT && methodLength != NONE;
        if (connects && protocolLength == NONE) {
            malformed |= schemeLength != NONE || pathLength != NONE || authorityLength == NONE;  // section 8.5
            refuse(Refusal.METHOD);
        } else {
            // an extended CONNECT names all that it asks for (RFC 8441, section 4); nothing else names a protocol
            malformed |= methodLength == NONE || schemeLength == NONE || pathLength == NONE
                    || (connects ? authorityLength == NONE && find(FieldName.HOST) < 0 : protocolLength != NONE);
            if (!malformed) {
                target();
            }
        }
        joinCrumbs();
        host();
        malformed |= version == HTTP_3 && authorityLength() <= 0;  // RFC 9114, section 4.3.1: http and https have one, and it is not empty
        length(ended);
        malformed |= ended && contentLength > 0;
        int expect = find(FieldName.EXPECT);
        if (expect >= 0) {
            expects = CONTINUE.matchesAnyCase(memory, valueAt(expect), valueLength(expect));
            if (!expects || find(FieldName.EXPECT, expect + 1) >= 0) {
                refuse(Refusal.EXPECTATION);
            }
        }
    }

    private void target() {
        boolean asterisk = pathLength == 1 && octet(pathAt()) == '*' && queryLength == NONE;
        malformed |= pathLength == 0 || octet(pathAt()) != '/' && !(asterisk && method == Method.OPTIONS);
    }

    /// One authority, said once or twice.
    private void host() {
        int host = find(FieldName.HOST);
        if (host < 0) {
            return;
        }
        if (find(FieldName.HOST, host + 1) >= 0 || !Authority.is(memory, valueAt(host), valueLength(host))) {
            malformed = true;
        } else if (authorityLength == NONE) {
            authorityAt = offset(valueAt(host));
            authorityLength = (short) valueLength(host);
        } else {
            malformed |= authorityLength() != valueLength(host)
                    || MemorySegment.mismatch(memory, authorityAt(), authorityAt() + authorityLength(), memory, valueAt(host),
                            valueAt(host) + authorityLength()) >= 0;
        }
    }

    @Override
    public Method method() {
        return method;
    }

    @Override
    public long methodAt() {
        return messageAt + methodAt;
    }

    @Override
    public int methodLength() {
        return length(methodLength);
    }

    @Override
    public long pathAt() {
        return messageAt + pathAt;
    }

    @Override
    public int pathLength() {
        return length(pathLength);
    }

    @Override
    public long queryAt() {
        return messageAt + queryAt;
    }

    @Override
    public int queryLength() {
        return length(queryLength);
    }

    @Override
    public long authorityAt() {
        return messageAt + authorityAt;
    }

    @Override
    public int authorityLength() {
        return length(authorityLength);
    }

    @Override
    public long protocolAt() {
        return messageAt + protocolAt;
    }

    @Override
    public int protocolLength() {
        return length(protocolLength);
    }

    @Override
    public boolean expectsContinue() {
        return expects;
    }
}
