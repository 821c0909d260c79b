package dev.coffer.http.http1;

import dev.coffer.http.Ascii;
import dev.coffer.http.FieldName;
import dev.coffer.http.HeadWriter;
import dev.coffer.http.Method;
import dev.coffer.http.Status;
import dev.coffer.http.internal.CheckedHead;
import dev.coffer.http.internal.Octets;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// Writes heads and trailers as text, straight into the output. What does not fit is not written, and [#finish] says so: the sender
/// then forgets the attempt.
final class HeadText extends CheckedHead {
    private static final Ascii HTTP_1_1 = Ascii.of("HTTP/1.1 ");
    private static final Ascii AFTER_TARGET = Ascii.of(" HTTP/1.1\r\nHost: ");
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

    /// Ends the section with an empty line. Returns bytes written, or -1 if they did not fit.
    long finish() {
        requireStarted();
        afterValue();
        if (overflowed) {
            drop();
            return -1;
        }
        ended();
        memory = null;
        return to - from;
    }

    @Override
    public void drop() {
        super.drop();
        memory = null;
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
    void own(FieldName name, Ascii value) {
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

    /// Room for `bytes` of a value that the caller writes at the returned offset, or -1.
    long rawRoom(int bytes) {
        if (!fits(bytes)) {
            return -1;
        }
        to += bytes;
        return to - bytes;
    }

    MemorySegment output() {
        return memory;
    }

    @Override
    protected boolean fits(int bytes) {
        overflowed |= bytes > limit - to;
        return !overflowed;
    }
}
