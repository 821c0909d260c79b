package dev.coffer.http.internal;

import dev.coffer.http.Ascii;
import dev.coffer.http.FieldName;
import dev.coffer.http.HeadWriter;
import dev.coffer.http.HttpDate;
import dev.coffer.http.Method;
import dev.coffer.http.Refusal;
import dev.coffer.http.Status;
import dev.coffer.memory.Wipe;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// A head, or trailers, while they are written, in whatever encoding: in which order their parts may come, what may stand in them, and what
/// is said of the content. The octets around the parts are the subclass's, and so is what becomes of one for which there is no room ([#fits]).
///
/// ```
///   ENDED --begin--> START --status, request--> FIELDS --name--> VALUE      anywhere: --drop, end of all--> ENDED
///                      '-----trailers-------->    ^ '-- length --' |
///                                                 '------end-------'
/// ```
///
/// One thread at a time; 0 heap bytes.
public abstract class CheckedHead implements HeadWriter {
    /// [#content]: the message has none.
    public static final long NO_CONTENT = -1;
    /// [#content]: it ends when its source says so.
    public static final long UNKNOWN = -2;

    private static final int DECIMAL_BYTES_MAX = 19;
    private static final FieldName[] OURS = {FieldName.CONTENT_LENGTH, FieldName.TRANSFER_ENCODING, FieldName.CONNECTION,
            FieldName.KEEP_ALIVE, FieldName.PROXY_CONNECTION, FieldName.HOST, FieldName.EXPECT, FieldName.UPGRADE};
    /// No trailers, see [Trailers#judge].
    private static final FieldName[] HEADS_ALONE =
            Arrays.stream(FieldName.values()).filter(name -> Trailers.judge(name) != Refusal.NONE).toArray(FieldName[]::new);

    /// What comes next.
    public enum At { START, FIELDS, VALUE, ENDED }

    /// Where it is written to.
    protected MemorySegment memory = MemorySegment.NULL;
    /// Its first octet there.
    protected long from;
    /// The next one.
    protected long to;

    private At at = At.ENDED;
    private boolean response;
    private int status;
    private @Nullable Method method;
    private long content;
    private boolean closes;
    private boolean expects;
    private @Nullable Ascii tunnel;
    private boolean trailing;       // these are trailers
    private boolean dated;          // its source has said when it was made

    /// Nothing is begun.
    protected CheckedHead() {}

    /// {@return whether there is room for so many octets; where there is none, throws or notes it}
    protected abstract boolean fits(int bytes);

    /// Writes the start of a response of any status.
    protected abstract void startResponse(int code);

    /// {@return the status with which an exchange becomes a tunnel: 101 where there is Upgrade, 200 where there is none}
    protected abstract int tunnelStatus();

    /// Writes what stands before the target of a request.
    protected abstract void beforeTarget(Method asked, Ascii authority);

    /// Writes what stands behind the target of a request.
    protected abstract void afterTarget(Ascii authority);

    /// Writes the name of a field, and what stands between it and the value.
    protected abstract void name(FieldName name);

    /// Writes the name of a field, and what stands between it and the value.
    protected abstract void name(Ascii lowerCase);

    /// Writes what stands behind a value.
    protected abstract void afterValue();

    /// Begins a head.
    protected final void begin(boolean isResponse) {
        to = from;
        at = At.START;
        response = isResponse;
        status = 0;
        method = null;
        content = NO_CONTENT;
        closes = false;
        expects = false;
        tunnel = null;
        trailing = false;
        dated = false;
    }

    /// Begins trailers, or what else has no start.
    protected final void beginFields() {
        begin(true);
        trailing = true;
        at = At.FIELDS;
    }

    /// Ends it.
    protected final void ended() {
        at = At.ENDED;
    }

    /// Forgets all of it, and wipes it: nobody will be told of these octets.
    public void drop() {
        Wipe.bytes(memory, from, to - from);
        to = from;
        at = At.ENDED;
    }

    /// Checks that it has its start and no value is left open.
    ///
    /// @throws IllegalStateException  else (the source's fault)
    public final void requireStarted() {
        if (at != At.FIELDS) {
            throw new IllegalStateException(at == At.VALUE ? "head: a value was begun and not ended" : "head: no start line");
        }
    }

    /// {@return the status; 0 in a request and before it is said}
    public final int status() {
        return status;
    }

    /// {@return the method; null in a response and before it is said}
    public final @Nullable Method method() {
        return method;
    }

    /// {@return bytes of content, or [#NO_CONTENT], or [#UNKNOWN]; 205 has none, whatever its source says (RFC 9110, section 15.3.6)}
    public final long content() {
        return status == Status.RESET_CONTENT ? NO_CONTENT : content;
    }

    /// {@return whether the request's method gives content a meaning, so that it is said that there is none (section 8.6)}
    protected final boolean meansContent() {
        return method == Method.POST || method == Method.PUT || method == Method.PATCH;
    }

    /// {@return whether the engine's Date would be a second one}
    protected final boolean isDated() {
        return dated;
    }

    /// {@return whether the connection is to end with this exchange}
    public final boolean closes() {
        return closes;
    }

    /// {@return whether 100 is asked for: there is content to hold back (RFC 9110, section 10.1.1)}
    public final boolean expects() {
        return expects && (content > 0 || content == UNKNOWN);
    }

    /// {@return what is spoken from here on; null where HTTP is}
    public final @Nullable Ascii tunnel() {
        return tunnel;
    }

    private void require(At wanted) {
        if (at != wanted) {
            throw new IllegalStateException("head: " + at + " (expected " + wanted + ")");
        }
    }

    private void requireStart(boolean right) {
        if (at != At.START || !right) {
            throw new IllegalStateException(right ? "the head has been started" : "not the start of this kind of head");
        }
    }

    // The start.

    @Override
    public final HeadWriter status(int code) {
        requireStart(response);
        if (code < 200 || code > 999) {
            throw new IllegalArgumentException("status: " + code + " (expected 200..999)");
        }
        status = code;
        anyStatus(code);
        return this;
    }

    @Override
    public final HeadWriter tunnel(Ascii protocol) {
        requireStart(response);
        if (protocol.length() == 0 || protocol.hasControl()) {
            throw new IllegalArgumentException("protocol: expected a token");
        }
        status = tunnelStatus();
        content = UNKNOWN;
        tunnel = protocol;
        anyStatus(status);
        return this;
    }

    /// Checks the status of an interim answer of the application's: not 100, which has a call of its own, nor 101, behind which there is no HTTP.
    ///
    /// @throws IllegalArgumentException  it is none (caller's fault)
    public static void checkInterim(int code) {
        if (code < 102 || code > 199) {
            throw new IllegalArgumentException("interim status: " + code + " (expected 102..199)");
        }
    }

    /// Checks that no tunnel is answered where none was made.
    ///
    /// @throws IllegalStateException  else (the source's fault)
    public final void requireTunnelOnly(boolean made) {
        if (tunnel != null && !made) {
            throw new IllegalStateException("head: a tunnel, and the exchange was not made one");
        }
    }

    /// Starts a response of any status, which is the engine's to do.
    public final void anyStatus(int code) {
        startResponse(code);
        trailing = false;
        at = At.FIELDS;
    }

    @Override
    public final HeadWriter request(Method asked, Ascii authority, Ascii target) {
        requireStart(!response);
        checkRequest(asked, authority, target.length());
        boolean bad = !begins(asked, target.at(0), target.length());
        for (int i = 0; i < target.length(); i++) {
            bad |= !Octets.is(target.at(i), Octets.TARGET);
        }
        checkTarget(bad);
        method = asked;
        beforeTarget(asked, authority);
        put(target);
        afterTarget(authority);
        at = At.FIELDS;
        return this;
    }

    @Override
    public final HeadWriter request(Method asked, Ascii authority, MemorySegment target, long targetAt, int length) {
        requireStart(!response);
        checkRequest(asked, authority, length);
        checkTarget(!begins(asked, target.get(ValueLayout.JAVA_BYTE, targetAt), length)
                || !Octets.all(target, targetAt, length, Octets.TARGET));
        method = asked;
        beforeTarget(asked, authority);
        put(target, targetAt, length);
        afterTarget(authority);
        at = At.FIELDS;
        return this;
    }

    private static void checkRequest(Method asked, Ascii authority, int targetLength) {
        if (asked == Method.CONNECT || asked == Method.OTHER) {
            throw new IllegalArgumentException("method " + asked + ": not sent by this engine");
        }
        if (!Authority.is(authority)) {
            throw new IllegalArgumentException("authority: expected host and port (RFC 9110 section 7.2)");
        }
        checkTarget(targetLength == 0);
    }

    /// {@return whether a target may begin so: a path, or the asterisk alone (RFC 9110, section 7.1)}
    private static boolean begins(Method method, byte first, int length) {
        return first == '/' || method == Method.OPTIONS && length == 1 && first == '*';
    }

    private static void checkTarget(boolean bad) {
        if (bad) {
            throw new IllegalArgumentException("target: expected a path in visible ASCII without '#', or *");
        }
    }

    // Fields.

    @Override
    public HeadWriter field(FieldName name, Ascii value) {
        return begin(name).text(value).end();
    }

    @Override
    public HeadWriter field(FieldName name, MemorySegment value, long valueAt, int length) {
        return begin(name).text(value, valueAt, length).end();
    }

    @Override
    public final HeadWriter field(Ascii lowerCaseName, Ascii value) {
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
        for (int i = 0; trailing && i < HEADS_ALONE.length; i++) {
            if (HEADS_ALONE[i].lower().equals(lowerCaseName)) {
                throw heads(HEADS_ALONE[i]);
            }
        }
        dated |= FieldName.DATE.lower().equals(lowerCaseName);
        name(lowerCaseName);
        at = At.VALUE;
        return text(value).end();
    }

    @Override
    public final HeadWriter field(FieldName name, long value) {
        return begin(name).decimal(value).end();
    }

    @Override
    public final HeadWriter date(FieldName name, long epochSeconds) {
        begin(name);
        if (fits(HttpDate.BYTES)) {
            HttpDate.write(memory, to, epochSeconds);
            to += HttpDate.BYTES;
        }
        return end();
    }

    @Override
    public final HeadWriter begin(FieldName name) {
        checkName(name);
        line(name);
        return this;
    }

    /// Begins a field that may be the engine's own.
    public final void line(FieldName name) {
        name(name);
        at = At.VALUE;
    }

    /// Checks that a field may come now, and is not the engine's to write.
    protected final void checkName(FieldName name) {
        require(At.FIELDS);
        switch (name) {
            case CONTENT_LENGTH, TRANSFER_ENCODING, CONNECTION, KEEP_ALIVE, PROXY_CONNECTION, HOST, EXPECT -> throw ours(name);
            case UPGRADE -> {
                // 426 must say to what (RFC 9110, section 15.5.22); HTTP/2 knows no Upgrade (RFC 9113, section 8.2.2)
                if (status != Status.UPGRADE_REQUIRED || tunnelStatus() != Status.SWITCHING_PROTOCOLS) {
                    throw ours(name);
                }
            }
            case OTHER -> throw new IllegalArgumentException("field name: OTHER has no text");
            case DATE -> dated = true;
            default -> {
                if (trailing && Trailers.judge(name) != Refusal.NONE) {
                    throw heads(name);
                }
            }
        }
    }

    private static IllegalArgumentException heads(FieldName name) {
        return new IllegalArgumentException("field " + name.canonical() + " is no trailer (RFC 9110 section 6.5.1)");
    }

    private static IllegalArgumentException ours(FieldName name) {
        return new IllegalArgumentException("field " + name.canonical() + " is written by the engine");
    }

    // Parts of a value.

    @Override
    public final HeadWriter text(Ascii part) {
        require(At.VALUE);
        checkValue(part);
        put(part);
        return this;
    }

    @Override
    public final HeadWriter text(MemorySegment part, long partAt, int length) {
        require(At.VALUE);
        checkValue(part, partAt, length);
        put(part, partAt, length);
        return this;
    }

    /// Checks that a value may hold that.
    protected static void checkValue(Ascii part) {
        if (part.hasControl()) {
            throw control();
        }
    }

    /// Checks that a value may hold that.
    protected static void checkValue(MemorySegment part, long partAt, int length) {
        if (!Octets.all(part, partAt, length, Octets.VALUE)) {
            throw control();
        }
    }

    private static IllegalArgumentException control() {
        return new IllegalArgumentException("field value: a control character (RFC 9110 section 5.5)");
    }

    @Override
    public final HeadWriter decimal(long number) {
        require(At.VALUE);
        if (number < 0) {
            throw new IllegalArgumentException("number: " + number + " (expected 0 or more)");
        }
        digits(number);
        return this;
    }

    @Override
    public final HeadWriter hex(long number) {
        require(At.VALUE);
        int count = Math.max(Math.ceilDiv(Long.SIZE - Long.numberOfLeadingZeros(number), 4), 1);
        if (fits(count)) {
            for (int i = 0; i < count; i++) {
                int digit = (int) (number >>> 4 * (count - 1 - i)) & 0xf;
                memory.set(ValueLayout.JAVA_BYTE, to + i, (byte) (digit < 10 ? '0' + digit : 'a' + digit - 10));
            }
            to += count;
        }
        return this;
    }

    @Override
    public final HeadWriter end() {
        require(At.VALUE);
        afterValue();
        at = At.FIELDS;
        return this;
    }

    // What is said of the content and of the connection.

    @Override
    public final HeadWriter content(long bytes) {
        require(At.FIELDS);
        if (tunnel != null) {
            throw new IllegalStateException("a tunnel's content ends when its source says so");
        }
        if (bytes < 0) {
            throw new IllegalArgumentException("content: " + bytes + " bytes (expected 0 or more)");
        }
        checkTrace(bytes);
        content = bytes;
        return this;
    }

    private void checkTrace(long bytes) {
        if (method == Method.TRACE && bytes != 0) {
            throw new IllegalArgumentException("content: TRACE has none (RFC 9110 section 9.3.8)");
        }
    }

    @Override
    public final HeadWriter contentOfUnknownLength() {
        require(At.FIELDS);
        checkTrace(UNKNOWN);
        content = UNKNOWN;
        return this;
    }

    @Override
    public final HeadWriter expectContinue() {
        require(At.FIELDS);
        if (response) {
            throw new IllegalStateException("only a request expects something");
        }
        expects = true;
        return this;
    }

    @Override
    public final HeadWriter close() {
        require(At.FIELDS);
        closes = true;
        return this;
    }

    // Octets, unjudged.

    /// Writes a number in decimal.
    protected final void digits(long number) {
        int count = 1;
        for (long rest = number / 10; rest != 0; rest /= 10) {
            count++;
        }
        assert count <= DECIMAL_BYTES_MAX : "digits " + count;
        if (fits(count)) {
            long rest = number;
            for (int i = count - 1; i >= 0; i--) {
                memory.set(ValueLayout.JAVA_BYTE, to + i, (byte) ('0' + rest % 10));
                rest /= 10;
            }
            to += count;
        }
    }

    /// Writes text.
    protected final void put(Ascii text) {
        if (fits(text.length())) {
            text.write(memory, to);
            to += text.length();
        }
    }

    /// Writes octets that lie elsewhere.
    protected final void put(MemorySegment bytes, long bytesAt, int length) {
        if (fits(length)) {
            Octets.copy(bytes, bytesAt, memory, to, length);
            to += length;
        }
    }

    /// Writes an octet.
    protected final void put(byte b) {
        if (fits(1)) {
            memory.set(ValueLayout.JAVA_BYTE, to++, b);
        }
    }
}
