package dev.coffer.http.http2;

import dev.coffer.http.Ascii;
import dev.coffer.http.DateField;
import dev.coffer.http.FieldName;
import dev.coffer.http.HeadWriter;
import dev.coffer.http.HttpDate;
import dev.coffer.http.Method;
import dev.coffer.http.Status;
import dev.coffer.http.hpack.HpackEncoder;
import dev.coffer.http.internal.Authority;
import dev.coffer.http.internal.Octets;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.Align;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Puts a head together before HPACK sees it: what has entered an encoder's table cannot be taken back, and whoever writes a head may
/// fail in the middle of it.
///
/// ```
/// a record:  name's length u16 | value's length u16 | name | value
/// ```
final class HeadFields implements HeadWriter {
    static final long NO_CONTENT = -1;
    static final long UNKNOWN = -2;
    private static final int RECORD_BYTES = 2 * Short.BYTES;
    private static final int FIELDS_TYPICAL = 64;   // for the records' own bytes
    private static final int DECIMAL_BYTES_MAX = 19;
    private static final ValueLayout.OfShort U16 = ValueLayout.JAVA_SHORT_UNALIGNED;
    private static final Ascii STATUS = Ascii.of(":status");
    private static final Ascii METHOD = Ascii.of(":method");
    private static final Ascii SCHEME = Ascii.of(":scheme");
    private static final Ascii AUTHORITY = Ascii.of(":authority");
    private static final Ascii PATH = Ascii.of(":path");
    private static final Ascii HTTP = Ascii.of("http");
    private static final Ascii HTTPS = Ascii.of("https");
    private static final Ascii CONTINUE = Ascii.of("100-continue");

    enum Kind { REQUEST, RESPONSE, TRAILERS }

    enum At { START, FIELDS, VALUE, ENDED }

    private final MemorySegment memory;
    private final long from;
    private final long limit;
    private final int bytesMax;
    private final DateField date;
    private At at = At.ENDED;
    private Kind kind = Kind.RESPONSE;
    private long record;        // being written
    private long to;
    private long cursor;        // of who reads the records
    int status;
    Method method;
    boolean expects;
    boolean secure;             // the scheme of requests
    long content;
    boolean closes;

    HeadFields(MemorySegment memory, long from, int bytesMax, DateField date) {
        this.memory = memory;
        this.from = from;
        this.bytesMax = bytesMax;
        this.limit = from + bytes(bytesMax);
        this.date = date;
    }

    static long bytes(int bytesMax) {
        return Align.up((long) bytesMax + FIELDS_TYPICAL * RECORD_BYTES, Align.CACHE_LINE_BYTES);
    }

    /// Begins a head, or trailers, which have no first line.
    void begin(Kind newKind) {
        kind = newKind;
        to = from;
        at = newKind == Kind.TRAILERS ? At.FIELDS : At.START;
        status = 0;
        method = Method.OTHER;
        expects = false;
        content = NO_CONTENT;
        closes = false;
    }

    /// Forgets all of it, and wipes it. Safe to call twice.
    void drop() {
        Wipe.bytes(memory, from, to - from);
        to = from;
        at = At.ENDED;
    }

    boolean isEmpty() {
        return to == from;
    }

    /// Adds what is the engine's to write, and ends the head.
    void finish(boolean bodiless) {
        if (at != At.FIELDS) {
            throw new IllegalStateException(at == At.VALUE ? "head: a value was begun and not ended" : "head: no status");
        }
        if (content >= 0 && status != 204) {
            own(FieldName.CONTENT_LENGTH);
            digits(content);
            end();
        } else if (content == NO_CONTENT && !bodiless) {
            own(FieldName.CONTENT_LENGTH);
            digits(0);
            end();
        }
        if (date != null && date.isSet()) {
            own(FieldName.DATE);
            room(HttpDate.BYTES);
            date.write(memory, to);
            to += HttpDate.BYTES;
            end();
        }
        at = At.ENDED;
    }

    /// Adds how long a request's content is, where there may be some, and ends the head.
    void finishRequest() {
        if (at != At.FIELDS) {
            throw new IllegalStateException(at == At.VALUE ? "head: a value was begun and not ended" : "head: no request line");
        }
        boolean means = method == Method.POST || method == Method.PUT || method == Method.PATCH;
        if (content >= 0 || content == NO_CONTENT && means) {
            own(FieldName.CONTENT_LENGTH);
            digits(Math.max(0, content));
            end();
        }
        at = At.ENDED;
    }

    /// Ends trailers.
    void finishTrailers() {
        if (at != At.FIELDS) {
            throw new IllegalStateException("trailers: a value was begun and not ended");
        }
        at = At.ENDED;
    }

    /// {@return bytes that HPACK makes of it, at most}
    ///
    /// @throws IllegalStateException  more than is planned for (the source's fault), whatever room there happens to be
    long encodedBytesMax() {
        long sum = HpackEncoder.UPDATE_BYTES_MAX;
        for (cursor = from; cursor < to; cursor += RECORD_BYTES + name(cursor) + value(cursor)) {
            sum += HpackEncoder.bytesMax(name(cursor), value(cursor));
        }
        if (sum > HpackEncoder.UPDATE_BYTES_MAX + bytesMax) {
            drop();
            throw tooLong();
        }
        return sum;
    }

    private IllegalStateException tooLong() {
        return new IllegalStateException("head: does not fit in " + bytesMax + " bytes (sentHeadBytesMax)");
    }

    /// Encodes it at `output`, where there is room for [#encodedBytesMax].
    ///
    /// @return where the next byte would go
    long encode(HpackEncoder encoder, MemorySegment output, long outputAt) {
        encoder.begin(output, outputAt);
        for (cursor = from; cursor < to;) {
            int name = name(cursor);
            int value = value(cursor);
            encoder.field(memory, cursor + RECORD_BYTES, name, cursor + RECORD_BYTES + name, value);
            cursor += RECORD_BYTES + name + value;
        }
        return encoder.end();
    }

    private int name(long one) {
        return memory.get(U16, one) & 0xffff;
    }

    private int value(long one) {
        return memory.get(U16, one + Short.BYTES) & 0xffff;
    }

    private void room(int bytes) {
        if (bytes > limit - to) {
            throw tooLong();
        }
    }

    private void line(Ascii name) {
        room(RECORD_BYTES + name.length());
        record = to;
        memory.set(U16, record, (short) name.length());
        name.write(memory, record + RECORD_BYTES);
        to += RECORD_BYTES + name.length();
        at = At.VALUE;
    }

    private void own(FieldName name) {
        line(name.lower());
    }

    private void digits(long number) {
        int count = 1;
        for (long rest = number; rest >= 10; rest /= 10) {
            count++;
        }
        assert count <= DECIMAL_BYTES_MAX : "digits " + count;
        room(count);
        long rest = number;
        for (int i = count - 1; i >= 0; i--) {
            memory.set(ValueLayout.JAVA_BYTE, to + i, (byte) ('0' + rest % 10));
            rest /= 10;
        }
        to += count;
    }

    private void require(At wanted) {
        if (at != wanted) {
            throw new IllegalStateException("head: " + at + " (expected " + wanted + ")");
        }
    }

    @Override
    public HeadWriter status(int code) {
        require(Kind.RESPONSE);
        if (code < 200 || code > 999) {
            throw new IllegalArgumentException("status: " + code + " (expected 200..999)");
        }
        status = code;
        interim(code);
        return this;
    }

    @Override
    public HeadWriter tunnel(Ascii protocol) {
        status(Status.OK);
        content = UNKNOWN;
        return this;
    }

    /// Writes a status of any code.
    void interim(int code) {
        line(STATUS);
        digits(code);
        end();
    }

    private void require(Kind wanted) {
        if (kind != wanted) {
            throw new IllegalStateException("not the start of this kind of head");
        }
        require(At.START);
    }

    @Override
    public HeadWriter request(Method newMethod, Ascii authority, Ascii target) {
        start(newMethod, authority);
        if (target.length() == 0 || target.at(0) != '/' && !(newMethod == Method.OPTIONS && target.length() == 1 && target.at(0) == '*')) {
            throw target();
        }
        line(PATH);
        for (int i = 0; i < target.length(); i++) {
            if (!Octets.is(target.at(i), Octets.TARGET)) {
                throw target();
            }
        }
        return text(target).end();
    }

    @Override
    public HeadWriter request(Method newMethod, Ascii authority, MemorySegment target, long targetAt, int length) {
        start(newMethod, authority);
        byte first = length == 0 ? 0 : target.get(ValueLayout.JAVA_BYTE, targetAt);
        if (first != '/' && !(newMethod == Method.OPTIONS && length == 1 && first == '*') || !Octets.all(target, targetAt, length, Octets.TARGET)) {
            throw target();
        }
        line(PATH);
        return text(target, targetAt, length).end();
    }

    /// All of a request's first line but its target (RFC 9113, section 8.3.1).
    private void start(Method newMethod, Ascii authority) {
        require(Kind.REQUEST);
        if (newMethod == Method.CONNECT || newMethod == Method.OTHER) {
            throw new IllegalArgumentException("method " + newMethod + ": not sent by this engine");
        }
        if (!Authority.is(authority)) {
            throw new IllegalArgumentException("authority: expected host and port (RFC 9110 section 7.2)");
        }
        method = newMethod;
        line(METHOD);
        text(newMethod.text()).end();
        line(SCHEME);
        text(secure ? HTTPS : HTTP).end();
        line(AUTHORITY);
        text(authority).end();
    }

    private static IllegalArgumentException target() {
        return new IllegalArgumentException("target: expected a path in visible ASCII without '#', or *");
    }

    @Override
    public HeadWriter field(FieldName name, Ascii value) {
        return begin(name).text(value).end();
    }

    @Override
    public HeadWriter field(Ascii lowerCaseName, Ascii value) {
        require(At.FIELDS);
        if (lowerCaseName.length() == 0) {
            throw new IllegalArgumentException("field name: empty");
        }
        for (int i = 0; i < lowerCaseName.length(); i++) {
            byte b = lowerCaseName.at(i);
            if (!Octets.is(b, Octets.TOKEN) || b != Ascii.lower(b)) {
                throw new IllegalArgumentException("field name: expected a token in lower case");
            }
        }
        for (int i = 0; i < OURS.length; i++) {
            if (OURS[i].lower().equals(lowerCaseName)) {
                throw ours(OURS[i]);
            }
        }
        line(lowerCaseName);
        return text(value).end();
    }

    private static final FieldName[] OURS = {FieldName.CONTENT_LENGTH, FieldName.TRANSFER_ENCODING, FieldName.CONNECTION,
            FieldName.KEEP_ALIVE, FieldName.PROXY_CONNECTION, FieldName.HOST, FieldName.EXPECT, FieldName.UPGRADE};

    @Override
    public HeadWriter field(FieldName name, MemorySegment value, long valueAt, int length) {
        return begin(name).text(value, valueAt, length).end();
    }

    @Override
    public HeadWriter field(FieldName name, long value) {
        return begin(name).decimal(value).end();
    }

    @Override
    public HeadWriter date(FieldName name, long epochSeconds) {
        begin(name);
        room(HttpDate.BYTES);
        HttpDate.write(memory, to, epochSeconds);
        to += HttpDate.BYTES;
        return end();
    }

    @Override
    public HeadWriter begin(FieldName name) {
        require(At.FIELDS);
        switch (name) {
            case CONTENT_LENGTH, TRANSFER_ENCODING, CONNECTION, KEEP_ALIVE, PROXY_CONNECTION, HOST, EXPECT, UPGRADE -> throw ours(name);
            case OTHER -> throw new IllegalArgumentException("field name: OTHER has no text");
            default -> own(name);
        }
        return this;
    }

    private static IllegalArgumentException ours(FieldName name) {
        return new IllegalArgumentException("field " + name.canonical() + " is written by the engine");
    }

    @Override
    public HeadWriter text(Ascii part) {
        require(At.VALUE);
        if (part.hasControl()) {
            throw control();
        }
        room(part.length());
        part.write(memory, to);
        to += part.length();
        return this;
    }

    @Override
    public HeadWriter text(MemorySegment part, long partAt, int length) {
        require(At.VALUE);
        if (!Octets.all(part, partAt, length, Octets.VALUE)) {
            throw control();
        }
        room(length);
        Octets.copy(part, partAt, memory, to, length);
        to += length;
        return this;
    }

    private static IllegalArgumentException control() {
        return new IllegalArgumentException("field value: a control character (RFC 9110 section 5.5)");
    }

    @Override
    public HeadWriter decimal(long number) {
        require(At.VALUE);
        if (number < 0) {
            throw new IllegalArgumentException("number: " + number + " (expected 0 or more)");
        }
        digits(number);
        return this;
    }

    @Override
    public HeadWriter hex(long number) {
        require(At.VALUE);
        int count = Math.max(Math.ceilDiv(Long.SIZE - Long.numberOfLeadingZeros(number), 4), 1);
        room(count);
        for (int i = 0; i < count; i++) {
            int digit = (int) (number >>> 4 * (count - 1 - i)) & 0xf;
            memory.set(ValueLayout.JAVA_BYTE, to + i, (byte) (digit < 10 ? '0' + digit : 'a' + digit - 10));
        }
        to += count;
        return this;
    }

    @Override
    public HeadWriter end() {
        require(At.VALUE);
        memory.set(U16, record + Short.BYTES, (short) (to - record - RECORD_BYTES - name(record)));
        at = At.FIELDS;
        return this;
    }

    @Override
    public HeadWriter content(long bytes) {
        require(At.FIELDS);
        if (bytes < 0) {
            throw new IllegalArgumentException("content: " + bytes + " bytes (expected 0 or more)");
        }
        content = bytes;
        return this;
    }

    @Override
    public HeadWriter contentOfUnknownLength() {
        require(At.FIELDS);
        content = UNKNOWN;
        return this;
    }

    @Override
    public HeadWriter expectContinue() {
        require(At.FIELDS);
        if (kind != Kind.REQUEST) {
            throw new IllegalStateException("only a request expects something");
        }
        if (!expects) {
            expects = true;
            own(FieldName.EXPECT);
            text(CONTINUE).end();
        }
        return this;
    }

    @Override
    public HeadWriter close() {
        require(At.FIELDS);
        closes = true;
        return this;
    }
}
