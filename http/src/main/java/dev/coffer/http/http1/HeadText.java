package dev.coffer.http.http1;

import dev.coffer.http.Ascii;
import dev.coffer.http.FieldName;
import dev.coffer.http.HeadWriter;
import dev.coffer.http.HttpDate;
import dev.coffer.http.Method;
import dev.coffer.http.Status;
import dev.coffer.http.internal.Authority;
import dev.coffer.http.internal.Octets;
import dev.coffer.memory.Wipe;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// Writes heads and trailers as text, straight into the output. What does not fit is not written, and [#overflowed]
/// says so: the sender then forgets the attempt.
final class HeadText implements HeadWriter {
    static final long NO_CONTENT = -1;
    static final long UNKNOWN = -2;
    private static final Ascii HTTP_1_1 = Ascii.of("HTTP/1.1 ");
    private static final Ascii AFTER_TARGET = Ascii.of(" HTTP/1.1\r\nHost: ");
    private static final Ascii COLON = Ascii.of(": ");
    private static final int DECIMAL_BYTES_MAX = 19;
    private static final ValueLayout.OfShort PAIR = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final short LINE_END = '\n' << Byte.SIZE | '\r';
    private static final int LINE_END_BYTES = 2;
    private static final Ascii[] BEGINNINGS = beginnings();  // of a line, `Name: `, by ordinal of the name

    enum At { START, FIELDS, VALUE, ENDED }

    private MemorySegment output;
    private long from;
    private long to;
    private long limit;
    private boolean overflowed;
    private boolean response;
    private At at = At.ENDED;
    int status;
    Method method;
    long content;
    boolean closes;
    boolean expects;
    Ascii tunnel;       // what is spoken from here on, null where HTTP is

    private static Ascii[] beginnings() {
        FieldName[] names = FieldName.values();
        Ascii[] all = new Ascii[names.length];
        for (FieldName name : names) {
            all[name.ordinal()] = Ascii.of(name.canonical() + ": ");
        }
        return all;
    }

    /// Begins a head: a response's or a request's.
    void begin(MemorySegment newOutput, long newAt, long room, boolean isResponse) {
        output = newOutput;
        from = newAt;
        to = newAt;
        limit = newAt + room;
        overflowed = false;
        response = isResponse;
        at = At.START;
        status = 0;
        method = null;
        content = NO_CONTENT;
        closes = false;
        expects = false;
        tunnel = null;
    }

    /// Begins trailers, which have no start line.
    void beginTrailers(MemorySegment newOutput, long newAt, long room) {
        begin(newOutput, newAt, room, true);
        at = At.FIELDS;
    }

    /// Checks that a start line was written and no value is left open.
    void requireStarted() {
        if (at != At.FIELDS) {
            throw new IllegalStateException(at == At.VALUE ? "head: a value was begun and not ended"
                    : "head: no start line");
        }
    }

    /// Ends the section with an empty line. Returns bytes written, or -1 if they did not fit.
    long finish() {
        requireStarted();
        lineEnd();
        if (overflowed) {
            drop();
            return -1;
        }
        at = At.ENDED;
        output = null;
        return to - from;
    }

    /// Takes the writer back from an attempt that failed, and wipes what it wrote: nobody will be told of these bytes.
    void drop() {
        Wipe.bytes(output, from, to - from);
        at = At.ENDED;
        output = null;
    }

    @Override
    public HeadWriter status(int code) {
        start(response);
        if (code < 200 || code > 999) {
            throw new IllegalArgumentException("status: " + code + " (expected 200..999)");
        }
        status = code;
        statusLine(code);
        return this;
    }

    @Override
    public HeadWriter tunnel(Ascii protocol) {
        start(response);
        if (protocol.length() == 0 || protocol.hasControl()) {
            throw new IllegalArgumentException("protocol: expected a token");
        }
        status = Status.SWITCHING_PROTOCOLS;
        content = UNKNOWN;
        tunnel = protocol;
        statusLine(status);
        return this;
    }

    /// Writes a status line of any code.
    void statusLine(int code) {
        put(HTTP_1_1);
        decimalDigits(code);
        put((byte) ' ');
        put(Status.phrase(code));
        lineEnd();
        at = At.FIELDS;
    }

    @Override
    public HeadWriter request(Method newMethod, Ascii authority, Ascii target) {
        start(!response);
        checkRequest(newMethod, authority, target.length());
        boolean bad = !begins(newMethod, target.at(0), target.length());
        for (int i = 0; i < target.length(); i++) {
            bad |= !Octets.is(target.at(i), Octets.TARGET);
        }
        checkTarget(bad);
        put(newMethod.text());
        put((byte) ' ');
        put(target);
        return host(authority);
    }

    @Override
    public HeadWriter request(Method newMethod, Ascii authority, MemorySegment target, long targetAt, int length) {
        start(!response);
        checkRequest(newMethod, authority, length);
        checkTarget(!begins(newMethod, target.get(ValueLayout.JAVA_BYTE, targetAt), length)
                || !Octets.all(target, targetAt, length, Octets.TARGET));
        put(newMethod.text());
        put((byte) ' ');
        put(target, targetAt, length);
        return host(authority);
    }

    private void checkRequest(Method newMethod, Ascii authority, int targetLength) {
        if (newMethod == Method.CONNECT || newMethod == Method.OTHER) {
            throw new IllegalArgumentException("method " + newMethod + ": not sent by this engine");
        }
        if (!Authority.is(authority)) {
            throw new IllegalArgumentException("authority: expected host and port (RFC 9110 section 7.2)");
        }
        checkTarget(targetLength == 0);
        method = newMethod;
    }

    /// {@return whether a target may begin so: a path, or the asterisk alone (RFC 9112, section 3.2)}
    private static boolean begins(Method method, byte first, int length) {
        return first == '/' || method == Method.OPTIONS && length == 1 && first == '*';
    }

    private static void checkTarget(boolean bad) {
        if (bad) {
            throw new IllegalArgumentException("target: expected a path in visible ASCII without '#', or *");
        }
    }

    private HeadWriter host(Ascii authority) {
        put(AFTER_TARGET);
        put(authority);
        lineEnd();
        at = At.FIELDS;
        return this;
    }

    private void start(boolean right) {
        if (at != At.START || !right) {
            throw new IllegalStateException(right ? "the head has been started" : "not the start of this kind of head");
        }
    }

    @Override
    public HeadWriter field(FieldName name, Ascii value) {
        require(At.FIELDS);
        requireForeign(name);
        if (value.hasControl()) {
            throw control();
        }
        whole(name, value);
        return this;
    }

    /// Writes a field at once, without judging it.
    private void whole(FieldName name, Ascii value) {
        Ascii beginning = BEGINNINGS[name.ordinal()];
        int before = beginning.length();
        int length = value.length();
        if (fits(before + length + LINE_END_BYTES)) {
            beginning.write(output, to);
            value.write(output, to + before);
            output.set(PAIR, to + before + length, LINE_END);
            to += before + length + LINE_END_BYTES;
        }
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
        put(lowerCaseName);
        put(COLON);
        at = At.VALUE;
        return text(value).end();
    }

    @Override
    public HeadWriter field(FieldName name, MemorySegment value, long valueAt, int length) {
        require(At.FIELDS);
        requireForeign(name);
        if (!Octets.all(value, valueAt, length, Octets.VALUE)) {
            throw control();
        }
        Ascii beginning = BEGINNINGS[name.ordinal()];
        int before = beginning.length();
        if (fits(before + length + LINE_END_BYTES)) {
            beginning.write(output, to);
            Octets.copy(value, valueAt, output, to + before, length);
            output.set(PAIR, to + before + length, LINE_END);
            to += before + length + LINE_END_BYTES;
        }
        return this;
    }

    @Override
    public HeadWriter field(FieldName name, long value) {
        return begin(name).decimal(value).end();
    }

    @Override
    public HeadWriter date(FieldName name, long epochSeconds) {
        begin(name);
        if (fits(HttpDate.BYTES)) {
            HttpDate.write(output, to, epochSeconds);
            to += HttpDate.BYTES;
        }
        return end();
    }

    private static final FieldName[] OURS = {FieldName.CONTENT_LENGTH, FieldName.TRANSFER_ENCODING,
            FieldName.CONNECTION, FieldName.KEEP_ALIVE, FieldName.HOST, FieldName.EXPECT, FieldName.UPGRADE};

    @Override
    public HeadWriter begin(FieldName name) {
        require(At.FIELDS);
        requireForeign(name);
        line(name);
        return this;
    }

    private void requireForeign(FieldName name) {
        switch (name) {
            case CONTENT_LENGTH, TRANSFER_ENCODING, CONNECTION, KEEP_ALIVE, HOST, EXPECT -> throw ours(name);
            case UPGRADE -> {
                if (status != Status.UPGRADE_REQUIRED) {  // which must say to what (RFC 9110, section 15.5.22)
                    throw ours(name);
                }
            }
            case OTHER -> throw new IllegalArgumentException("field name: OTHER has no text");
            default -> {}
        }
    }

    private static IllegalArgumentException ours(FieldName name) {
        return new IllegalArgumentException("field " + name.canonical() + " is written by the engine");
    }

    /// Begins a field that may be the engine's own.
    void line(FieldName name) {
        put(BEGINNINGS[name.ordinal()]);
        at = At.VALUE;
    }

    @Override
    public HeadWriter text(Ascii part) {
        require(At.VALUE);
        if (part.hasControl()) {
            throw control();
        }
        put(part);
        return this;
    }

    @Override
    public HeadWriter text(MemorySegment part, long partAt, int length) {
        require(At.VALUE);
        if (!Octets.all(part, partAt, length, Octets.VALUE)) {
            throw control();
        }
        put(part, partAt, length);
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
        decimalDigits(number);
        return this;
    }

    @Override
    public HeadWriter hex(long number) {
        require(At.VALUE);
        hexDigits(number);
        return this;
    }

    @Override
    public HeadWriter end() {
        require(At.VALUE);
        lineEnd();
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
        if (response) {
            throw new IllegalStateException("only a request expects something");
        }
        expects = true;
        return this;
    }

    @Override
    public HeadWriter close() {
        require(At.FIELDS);
        closes = true;
        return this;
    }

    private void require(At expected) {
        if (at != expected) {
            throw new IllegalStateException("head: at " + at + " (expected " + expected + ")");
        }
    }

    private void decimalDigits(long number) {
        int count = 1;
        for (long rest = number / 10; rest != 0; rest /= 10) {
            count++;
        }
        assert count <= DECIMAL_BYTES_MAX : count;
        if (fits(count)) {
            long rest = number;
            for (int i = count - 1; i >= 0; i--) {
                output.set(ValueLayout.JAVA_BYTE, to + i, (byte) ('0' + rest % 10));
                rest /= 10;
            }
            to += count;
        }
    }

    private void hexDigits(long number) {
        int count = Math.max(Math.ceilDiv(Long.SIZE - Long.numberOfLeadingZeros(number), 4), 1);
        if (fits(count)) {
            for (int i = 0; i < count; i++) {
                int digit = (int) (number >>> 4 * (count - 1 - i)) & 0xf;
                output.set(ValueLayout.JAVA_BYTE, to + i, (byte) (digit < 10 ? '0' + digit : 'a' + digit - 10));
            }
            to += count;
        }
    }

    private void put(Ascii text) {
        if (fits(text.length())) {
            text.write(output, to);
            to += text.length();
        }
    }

    private void lineEnd() {
        if (fits(LINE_END_BYTES)) {
            output.set(PAIR, to, LINE_END);
            to += LINE_END_BYTES;
        }
    }

    private void put(byte b) {
        if (fits(1)) {
            output.set(ValueLayout.JAVA_BYTE, to++, b);
        }
    }

    private void put(MemorySegment bytes, long bytesAt, int length) {
        if (fits(length)) {
            Octets.copy(bytes, bytesAt, output, to, length);
            to += length;
        }
    }

    /// Adds text without judging it: the engine's own.
    void raw(Ascii text) {
        put(text);
    }

    /// Writes a field that is the engine's own.
    void own(FieldName name, Ascii value) {
        whole(name, value);
    }

    /// Room for `bytes` of a value that the caller writes at the returned offset, or -1.
    long rawRoom(int bytes) {
        if (!fits(bytes)) {
            return -1;
        }
        to += bytes;
        return to - bytes;
    }

    MemorySegment output() {
        return output;
    }

    private boolean fits(int bytes) {
        overflowed |= bytes > limit - to;
        return !overflowed;
    }
}
