package dev.coffer.http.http2;

import dev.coffer.http.Ascii;
import dev.coffer.http.FieldName;
import dev.coffer.http.Limits;
import dev.coffer.http.Method;
import dev.coffer.http.Refusal;
import dev.coffer.http.RequestHead;
import dev.coffer.http.internal.Authority;
import dev.coffer.http.internal.FieldEntries;
import dev.coffer.http.internal.Octets;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// A request's head (RFC 9113, section 8.3.1), field by field as HPACK gives them. What is malformed (section 8.1.1) stays so to the end
/// of the block, which is decoded all the same.
final class ReceivedFields extends FieldEntries implements RequestHead {
    private static final Ascii METHOD = Ascii.of(":method");
    private static final Ascii SCHEME = Ascii.of(":scheme");
    private static final Ascii PATH = Ascii.of(":path");
    private static final Ascii AUTHORITY = Ascii.of(":authority");
    private static final Ascii TRAILERS = Ascii.of("trailers");
    private static final Ascii CONTINUE = Ascii.of("100-continue");
    private static final int COOKIE_NAME_BYTES = 6;
    private static final int NONE = -1;

    private final Limits limits;
    private boolean malformed;
    private Refusal refusal = Refusal.NONE;     // of what is well-formed and not taken here
    // Offsets in the memory; lengths are NONE until the field comes.
    private Method method;
    private long methodAt;
    private int methodLength;
    private int schemeLength;
    private long pathAt;
    private int pathLength;
    private long queryAt;
    private int queryLength;
    private long authorityAt;
    private int authorityLength;
    private long contentLength;
    private boolean expects;
    private long crumbsEnd;     // where the last field's octets end, as they came

    ReceivedFields(MemorySegment memory, long entriesAt, Limits limits) {
        super(memory, entriesAt, limits.fieldsMax());
        this.limits = limits;
    }

    @Override
    public void clear(long newMessageAt, int before) {
        super.clear(newMessageAt, before);
        malformed = false;
        refusal = Refusal.NONE;
        method = Method.OTHER;
        methodAt = newMessageAt;
        pathAt = newMessageAt;
        queryAt = newMessageAt;
        authorityAt = newMessageAt;
        methodLength = NONE;
        schemeLength = NONE;
        pathLength = NONE;
        queryLength = NONE;
        authorityLength = NONE;
        contentLength = NONE;
        expects = false;
    }

    boolean isMalformed() {
        return malformed;
    }

    /// {@return why the request is not taken, although it is well-formed}
    Refusal refusal() {
        return refusal;
    }

    void refuse(Refusal why) {
        if (refusal == Refusal.NONE) {
            refusal = why;
        }
    }

    /// Takes the next field.
    void field(long nameAt, int nameLength, long valueAt, int valueLength) {
        if (!isValue(memory, valueAt, valueLength)) {
            malformed = true;
        } else if (nameLength > 0 && octet(nameAt) == ':') {
            pseudo(nameAt, nameLength, valueAt, valueLength);
        } else if (nameLength + valueLength > limits.fieldBytesMax() || nameLength > NAME_BYTES_MAX) {
            refuse(Refusal.FIELD_TOO_LONG);
        } else if (!isName(memory, nameAt, nameLength)) {
            malformed = true;
        } else if (isCrumb(nameAt, nameLength)) {
            crumb(valueAt, valueLength);
        } else if (isFull()) {
            refuse(Refusal.TOO_MANY_FIELDS);
        } else {
            append(nameAt, nameLength, valueAt, valueLength);
            malformed |= !isAllowed(name(count() - 1), count() - 1);
            crumbsEnd = valueAt + valueLength;
        }
    }

    private byte octet(long at) {
        return memory.get(ValueLayout.JAVA_BYTE, at);
    }

    /// {@return whether it is a token without capitals (section 8.2.1)}
    static boolean isName(MemorySegment memory, long at, int length) {
        boolean good = length > 0;
        for (int i = 0; i < length; i++) {
            byte b = memory.get(ValueLayout.JAVA_BYTE, at + i);
            good &= Octets.is(b, Octets.TOKEN) && b == Ascii.lower(b);
        }
        return good;
    }

    /// {@return whether there is no control in it and no white space around it (section 8.2.1)}
    static boolean isValue(MemorySegment memory, long at, int length) {
        return length == 0 || !isSpace(memory.get(ValueLayout.JAVA_BYTE, at)) && !isSpace(memory.get(ValueLayout.JAVA_BYTE, at + length - 1))
                && Octets.all(memory, at, length, Octets.VALUE);
    }

    private static boolean isSpace(byte b) {
        return b == ' ' || b == '\t';
    }

    /// {@return whether a field may stand in a request (sections 8.2.2, 8.2.3)}
    static boolean isConnections(FieldName name) {
        return switch (name) {
            case CONNECTION, KEEP_ALIVE, PROXY_CONNECTION, TRANSFER_ENCODING, UPGRADE -> true;
            default -> false;
        };
    }

    private boolean isAllowed(FieldName name, int index) {
        return !isConnections(name) && (name != FieldName.TE || TRAILERS.matchesAnyCase(memory, valueAt(index), valueLength(index)));
    }

    /// {@return whether it is a cookie behind a cookie: for others they are one field (section 8.2.3)}
    private boolean isCrumb(long at, int length) {
        int last = count() - 1;
        return length == COOKIE_NAME_BYTES && last >= 0 && name(last) == FieldName.COOKIE && at == crumbsEnd
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
        lengthenLast(2 + length);
        crumbsEnd = crumbAt + length;
    }

    private void pseudo(long nameAt, int nameLength, long at, int length) {
        malformed |= count() > 0;  // behind a field that is none (section 8.3)
        boolean isPath = PATH.matches(memory, nameAt, nameLength);
        if (length > (isPath ? limits.startLineBytesMax() : limits.fieldBytesMax())) {
            refuse(isPath ? Refusal.START_LINE_TOO_LONG : Refusal.FIELD_TOO_LONG);
        }
        if (METHOD.matches(memory, nameAt, nameLength)) {
            malformed |= methodLength != NONE || length == 0 || !Octets.all(memory, at, length, Octets.TOKEN);
            method = Method.of(memory, at, length);
            methodAt = at;
            methodLength = length;
        } else if (SCHEME.matches(memory, nameAt, nameLength)) {
            malformed |= schemeLength != NONE || length == 0;
            schemeLength = length;
        } else if (isPath) {
            malformed |= pathLength != NONE;
            path(at, length);
        } else if (AUTHORITY.matches(memory, nameAt, nameLength)) {
            malformed |= authorityLength != NONE || !Authority.is(memory, at, length);
            authorityAt = at;
            authorityLength = length;
        } else {
            malformed = true;
        }
    }

    private void path(long at, int length) {
        malformed |= length == 0 || !Octets.all(memory, at, length, Octets.TARGET);
        int question = length == 0 ? NONE : Octets.indexOf(memory, at, 0, length, '?');
        pathAt = at;
        pathLength = question < 0 ? length : question;
        queryAt = at + question + 1;
        queryLength = question < 0 ? NONE : length - question - 1;
    }

    /// Judges the whole head.
    ///
    /// @param ended  whether no content follows
    void complete(boolean ended) {
        if (method == Method.CONNECT && methodLength != NONE) {
            refuse(Refusal.METHOD);
        } else {
            malformed |= methodLength == NONE || schemeLength == NONE || pathLength == NONE;
            if (!malformed) {
                target();
            }
        }
        host();
        length(ended);
        int expect = find(FieldName.EXPECT);
        if (expect >= 0) {
            expects = CONTINUE.matchesAnyCase(memory, valueAt(expect), valueLength(expect));
            if (!expects || find(FieldName.EXPECT, expect + 1) >= 0) {
                refuse(Refusal.EXPECTATION);
            }
        }
    }

    private void target() {
        boolean asterisk = pathLength == 1 && octet(pathAt) == '*' && queryLength == NONE;
        malformed |= pathLength == 0 || octet(pathAt) != '/' && !(asterisk && method == Method.OPTIONS);
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
            authorityAt = valueAt(host);
            authorityLength = valueLength(host);
        } else {
            malformed |= authorityLength != valueLength(host)
                    || MemorySegment.mismatch(memory, authorityAt, authorityAt + authorityLength, memory, valueAt(host),
                            valueAt(host) + authorityLength) >= 0;
        }
    }

    private void length(boolean ended) {
        int index = find(FieldName.CONTENT_LENGTH);
        if (index >= 0) {
            contentLength = decimal(valueAt(index), valueLength(index));
            malformed |= contentLength < 0 || find(FieldName.CONTENT_LENGTH, index + 1) >= 0 || ended && contentLength > 0;
        } else if (ended) {
            contentLength = 0;
        }
    }

    private long decimal(long at, int length) {
        long value = 0;
        for (int i = 0; i < length; i++) {
            int digit = octet(at + i) - '0';
            if (digit < 0 || digit > 9 || value > (Long.MAX_VALUE - digit) / 10) {
                return NONE;
            }
            value = value * 10 + digit;
        }
        return length == 0 ? NONE : value;
    }

    @Override
    public Method method() {
        return method;
    }

    @Override
    public long methodAt() {
        return methodAt;
    }

    @Override
    public int methodLength() {
        return methodLength;
    }

    @Override
    public int version() {
        return 20;
    }

    @Override
    public long pathAt() {
        return pathAt;
    }

    @Override
    public int pathLength() {
        return pathLength;
    }

    @Override
    public long queryAt() {
        return queryAt;
    }

    @Override
    public int queryLength() {
        return queryLength;
    }

    @Override
    public long authorityAt() {
        return authorityAt;
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
