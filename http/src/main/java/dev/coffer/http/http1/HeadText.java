package dev.coffer.http.http1;

import dev.coffer.http.Ascii;
import dev.coffer.http.DateField;
import dev.coffer.http.FieldName;
import dev.coffer.http.HeadWriter;
import dev.coffer.http.HttpDate;
import dev.coffer.http.Method;
import dev.coffer.http.Status;
import dev.coffer.http.internal.CheckedHead;
import dev.coffer.http.internal.Octets;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/// Writes heads and trailers as text, straight into the output. What does not fit is not written, and [#finish] says so: the sender
/// then forgets the attempt.
final class HeadText extends CheckedHead {
    private static final Ascii HTTP_1_1 = Ascii.of("HTTP/1.1 ");
    private static final Ascii AFTER_TARGET = Ascii.of(" HTTP/1.1\r\nHost: ");
    private static final Ascii CHUNKED = Ascii.of("chunked");
    private static final Ascii CLOSE = Ascii.of("close");
    private static final Ascii KEEP_ALIVE = Ascii.of("keep-alive");
    private static final Ascii CONTINUE = Ascii.of("100-continue");
    private static final Ascii UPGRADE = Ascii.of("upgrade");
    private static final Ascii UPGRADE_AND_CLOSE = Ascii.of("upgrade, close");
    private static final Ascii COLON = Ascii.of(": ");
    private static final ValueLayout.OfShort PAIR = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final short LINE_END = '\n' << Byte.SIZE | '\r';
    private static final int LINE_END_BYTES = 2;
    private static final Ascii[] BEGINNINGS = beginnings();  // of a line, `Name: `, by ordinal of the name

    private long limit;
    private boolean overflowed;

    private static Ascii[] beginnings() {
        FieldName[] names = FieldName.values();
        Ascii[] all = new Ascii[names.length];
        for (FieldName name : names) {
            all[name.ordinal()] = Ascii.of(name.canonical() + ": ");
        }
        return all;
    }

    /// Begins a head: a response's or a request's.
    void begin(MemorySegment output, long outputAt, long room, boolean isResponse) {
        lies(output, outputAt, room);
        begin(isResponse);
    }

    /// Begins trailers, which have no start line.
    void beginTrailers(MemorySegment output, long outputAt, long room) {
        lies(output, outputAt, room);
        beginFields();
    }

    private void lies(MemorySegment output, long outputAt, long room) {
        memory = output;
        from = outputAt;
        limit = outputAt + room;
        overflowed = false;
    }

    /// Adds what is the engine's to write, how long the content is and what becomes of the connection, and ends the head.
    ///
    /// @param date      of a server; null for a client, which has none
    /// @param isServer  whether it answers
    /// @param oldPeer   it goes to one who speaks HTTP/1.0
    /// @param ends      the connection ends with this message, whatever the head says
    /// @return bytes written, or -1 if they did not fit
    long finishMessage(@Nullable DateField date, boolean isServer, boolean oldPeer, boolean ends) {
        requireStarted();
        boolean bodilessStatus = isServer && Status.isBodiless(status());  // a tunnel's too: it is framed by nobody
        if (content() == UNKNOWN && !bodilessStatus) {
            if (oldPeer) {
                close();
            } else {
                own(FieldName.TRANSFER_ENCODING, CHUNKED);
            }
        } else if (content() >= 0 && status() != Status.NO_CONTENT) {
            length(content());
        } else if (isServer ? !bodilessStatus : meansContent()) {
            length(0);  // nothing said: empty
        }
        Ascii tunnel = tunnel();
        if (tunnel != null) {
            own(FieldName.UPGRADE, tunnel);
        }
        if (date != null && date.isSet() && !isDated()) {
            line(FieldName.DATE);
            if (fits(HttpDate.BYTES)) {
                date.write(memory, to);
                to += HttpDate.BYTES;
            }
            end();
        }
        if (expects()) {
            own(FieldName.EXPECT, CONTINUE);
        }
        boolean closing = ends || closes();
        if (tunnel != null || status() == Status.UPGRADE_REQUIRED) {
            own(FieldName.CONNECTION, closing && tunnel == null ? UPGRADE_AND_CLOSE : UPGRADE);
        } else if (closing) {
            own(FieldName.CONNECTION, CLOSE);
        } else if (oldPeer) {
            own(FieldName.CONNECTION, KEEP_ALIVE);
        }
        return finish();
    }

    private void length(long bytes) {
        line(FieldName.CONTENT_LENGTH);
        digits(bytes);
        end();
    }

    /// Ends the section with an empty line. Returns bytes written, or -1 if they did not fit.
    long finish() {
        requireStarted();
        afterValue();
        if (overflowed) {
            drop();
            return -1;
        }
        ended();
        memory = MemorySegment.NULL;
        return to - from;
    }

    @Override
    public void drop() {
        super.drop();
        memory = MemorySegment.NULL;
    }

    @Override
    protected int tunnelStatus() {
        return Status.SWITCHING_PROTOCOLS;
    }

    @Override
    protected void startResponse(int code) {
        put(HTTP_1_1);
        digits(code);
        put((byte) ' ');
        put(Status.phrase(code));
        afterValue();
    }

    @Override
    protected void beforeTarget(Method asked, Ascii authority) {
        put(asked.text());
        put((byte) ' ');
    }

    @Override
    protected void afterTarget(Ascii authority) {
        put(AFTER_TARGET);
        put(authority);
        afterValue();
    }

    @Override
    protected void name(FieldName name) {
        put(BEGINNINGS[name.ordinal()]);
    }

    @Override
    protected void name(Ascii lowerCase) {
        put(lowerCase);
        put(COLON);
    }

    @Override
    protected void afterValue() {
        if (fits(LINE_END_BYTES)) {
            memory.set(PAIR, to, LINE_END);
            to += LINE_END_BYTES;
        }
    }

    @Override
    public HeadWriter field(FieldName name, Ascii value) {
        checkName(name);
        checkValue(value);
        own(name, value);
        return this;
    }

    /// Writes a field at once, without judging it: the engine's own.
    private void own(FieldName name, Ascii value) {
        Ascii beginning = BEGINNINGS[name.ordinal()];
        int before = beginning.length();
        int length = value.length();
        if (fits(before + length + LINE_END_BYTES)) {
            beginning.write(memory, to);
            value.write(memory, to + before);
            memory.set(PAIR, to + before + length, LINE_END);
            to += before + length + LINE_END_BYTES;
        }
    }

    @Override
    public HeadWriter field(FieldName name, MemorySegment value, long valueAt, int length) {
        checkName(name);
        checkValue(value, valueAt, length);
        Ascii beginning = BEGINNINGS[name.ordinal()];
        int before = beginning.length();
        if (fits(before + length + LINE_END_BYTES)) {
            beginning.write(memory, to);
            Octets.copy(value, valueAt, memory, to + before, length);
            memory.set(PAIR, to + before + length, LINE_END);
            to += before + length + LINE_END_BYTES;
        }
        return this;
    }

    /// Adds text without judging it: the engine's own.
    void raw(Ascii text) {
        put(text);
    }

    @Override
    protected boolean fits(int bytes) {
        overflowed |= bytes > limit - to;
        return !overflowed;
    }
}
