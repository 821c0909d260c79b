package dev.coffer.http.internal;

import dev.coffer.http.Ascii;
import dev.coffer.http.DateField;
import dev.coffer.http.FieldName;
import dev.coffer.http.HttpDate;
import dev.coffer.http.Method;
import dev.coffer.http.Status;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.Align;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/// Puts a head together before HPACK or QPACK sees it: what has entered an encoder's table cannot be taken back, and whoever writes a head may
/// fail in the middle of it.
///
/// ```
/// a record:  name's length u16 | value's length u16 | name | value
/// ```
public final class HeadFields extends CheckedHead {
    private static final int RECORD_BYTES = 2 * Short.BYTES;
    private static final int FIELD_OVERHEAD_BYTES = 32;
    private static final int FIELDS_TYPICAL = 64;   // for the records' own bytes
    private static final ValueLayout.OfShort U16 = ValueLayout.JAVA_SHORT_UNALIGNED;
    private static final Ascii STATUS = Ascii.of(":status");
    private static final Ascii METHOD = Ascii.of(":method");
    private static final Ascii SCHEME = Ascii.of(":scheme");
    private static final Ascii AUTHORITY = Ascii.of(":authority");
    private static final Ascii PATH = Ascii.of(":path");
    private static final Ascii HTTP = Ascii.of("http");
    private static final Ascii HTTPS = Ascii.of("https");
    private static final Ascii CONTINUE = Ascii.of("100-continue");
    static final Ascii TRAILERS = Ascii.of("trailers");

    private final long limit;
    private final int bytesMax;
    private final @Nullable DateField date;
    private boolean secure;     // the scheme of requests
    private long record;        // being written
    private long cursor;        // of who reads the records

    public HeadFields(MemorySegment memory, long from, int bytesMax, @Nullable DateField date) {
        this.memory = memory;
        this.from = from;
        this.bytesMax = bytesMax;
        this.limit = from + bytes(bytesMax);
        this.date = date;
    }

    public static long bytes(int bytesMax) {
        return Align.up((long) bytesMax + FIELDS_TYPICAL * RECORD_BYTES, Align.CACHE_LINE_BYTES);
    }

    /// Begins the head of a response.
    public void beginResponse() {
        begin(true);
    }

    /// Begins the head of a request.
    public void beginRequest(boolean isSecure) {
        begin(false);
        secure = isSecure;
    }

    /// Begins trailers, or a response that is not the last one.
    public void beginTrailers() {
        beginFields();
    }

    public boolean isEmpty() {
        return to == from;
    }

    /// Adds what is the engine's to write, and ends the head.
    public void finish(boolean bodiless) {
        requireStarted();
        boolean empty = content() == NO_CONTENT && !bodiless;
        if (empty || content() >= 0 && status() != Status.NO_CONTENT) {
            line(FieldName.CONTENT_LENGTH);
            digits(empty ? 0 : content());
            end();
        }
        if (date != null && date.isSet() && !isDated()) {
            line(FieldName.DATE);
            room(HttpDate.BYTES);
            date.write(memory, to);
            to += HttpDate.BYTES;
            end();
        }
        ended();
    }

    /// Adds how long a request's content is, where there may be some, and ends the head.
    public void finishRequest() {
        requireStarted();
        if (content() >= 0 || content() == NO_CONTENT && meansContent()) {
            line(FieldName.CONTENT_LENGTH);
            digits(Math.max(0, content()));
            end();
        }
        if (expects()) {
            name(FieldName.EXPECT);
            put(CONTINUE);
            afterValue();
        }
        ended();
    }

    /// Ends what [#beginTrailers] began.
    public void finishTrailers() {
        requireStarted();
        ended();
    }

    /// {@return bytes that HPACK or QPACK make of its fields, at most}
    ///
    /// @throws IllegalStateException  more than is planned for (the source's fault), whatever room there happens to be
    public long encodedBytesMax() {
        long sum = 0;
        for (boolean more = first(); more; more = next()) {
            sum += FieldWriter.bytesMax(nameLength(), valueLength());
        }
        if (sum > bytesMax) {
            drop();
            throw tooLong();
        }
        return sum;
    }

    /// {@return what its fields take as SETTINGS_MAX_FIELD_SECTION_SIZE counts them (RFC 9114, section 4.2.2)}
    public long sectionBytes() {
        long sum = 0;
        for (boolean more = first(); more; more = next()) {
            sum += nameLength() + valueLength() + FIELD_OVERHEAD_BYTES;
        }
        return sum;
    }

    private IllegalStateException tooLong() {
        return new IllegalStateException("head: does not fit in " + bytesMax + " bytes (sentHeadBytesMax)");
    }

    /// Goes to the first field.
    ///
    /// @return whether there is one
    public boolean first() {
        cursor = from;
        return cursor < to;
    }

    /// Goes to the next field.
    ///
    /// @return whether there is one
    public boolean next() {
        cursor += RECORD_BYTES + nameLength(cursor) + valueLength(cursor);
        return cursor < to;
    }

    /// {@return the memory that all fields lie in}
    public MemorySegment memory() {
        return memory;
    }

    /// {@return where the field's name lies, with its value behind it}
    public long nameAt() {
        return cursor + RECORD_BYTES;
    }

    public int nameLength() {
        return nameLength(cursor);
    }

    public long valueAt() {
        return nameAt() + nameLength();
    }

    public int valueLength() {
        return valueLength(cursor);
    }

    private int nameLength(long one) {
        return memory.get(U16, one) & 0xffff;
    }

    private int valueLength(long one) {
        return memory.get(U16, one + Short.BYTES) & 0xffff;
    }

    private void room(int bytes) {
        if (bytes > limit - to) {
            throw tooLong();
        }
    }

    @Override
    protected boolean fits(int bytes) {
        room(bytes);
        return true;
    }

    @Override
    protected int tunnelStatus() {
        return Status.OK;
    }

    @Override
    protected void startResponse(int code) {
        name(STATUS);
        digits(code);
        afterValue();
    }

    /// Three of the four pseudo-header fields of a request, and the name of the last (RFC 9113, section 8.3.1).
    @Override
    protected void beforeTarget(Method asked, Ascii authority) {
        pseudo(METHOD, asked.text());
        pseudo(SCHEME, secure ? HTTPS : HTTP);
        pseudo(AUTHORITY, authority);
        name(PATH);
    }

    private void pseudo(Ascii name, Ascii value) {
        name(name);
        put(value);
        afterValue();
    }

    @Override
    protected void afterTarget(Ascii authority) {
        afterValue();
    }

    @Override
    protected void name(FieldName name) {
        name(name.lower());
    }

    @Override
    protected void name(Ascii lowerCase) {
        room(RECORD_BYTES + lowerCase.length());
        record = to;
        memory.set(U16, record, (short) lowerCase.length());
        lowerCase.write(memory, record + RECORD_BYTES);
        to += RECORD_BYTES + lowerCase.length();
    }

    /// Ends a value, without the blanks around it: text may have them, and means the same (RFC 9113, section 8.2.1; RFC 9110, section 5.5).
    ///
    /// @throws IllegalArgumentException  `te` that says more than `trailers`, which the peer would have to take for malformed (section 8.2.2; the source's fault)
    @Override
    protected void afterValue() {
        long valueAt = record + RECORD_BYTES + nameLength(record);
        long last = to;
        while (to > valueAt && isBlank(to - 1)) {
            to--;
        }
        long first = valueAt;
        while (first < to && isBlank(first)) {
            first++;
        }
        if (first > valueAt) {
            MemorySegment.copy(memory, first, memory, valueAt, to - first);
            to -= first - valueAt;
        }
        Wipe.bytes(memory, to, last - to);
        memory.set(U16, record + Short.BYTES, (short) (to - record - RECORD_BYTES - nameLength(record)));
        if (FieldName.TE.lower().matches(memory, record + RECORD_BYTES, nameLength(record))
                && !TRAILERS.matchesAnyCase(memory, valueAt, valueLength(record))) {
            throw new IllegalArgumentException("te: more than \"trailers\"");
        }
    }

    private boolean isBlank(long octetAt) {
        byte octet = memory.get(ValueLayout.JAVA_BYTE, octetAt);
        return octet == ' ' || octet == '\t';
    }
}
