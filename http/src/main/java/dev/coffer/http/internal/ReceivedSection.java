package dev.coffer.http.internal;

import dev.coffer.http.Ascii;
import dev.coffer.http.FieldName;
import dev.coffer.http.Limits;
import dev.coffer.http.Refusal;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// The head of a peer's message in HTTP/2 and HTTP/3 (RFC 9113, section 8.3; RFC 9114, section 4.3), field by field as HPACK or QPACK gives them. What is
/// malformed (RFC 9113, section 8.1.1; RFC 9114, section 4.1.2) stays so to the end of the block, which is decoded all the same. Sections named below are
/// those of RFC 9113.
public abstract sealed class ReceivedSection extends FieldEntries permits ReceivedFields, ReceivedAnswer {
    static final int NONE = -1;

    final Limits limits;
    final byte version;                         // 20 or 30
    boolean malformed;
    long contentLength;                         // NONE where nothing is said
    private Refusal refusal = Refusal.NONE;     // of what is well-formed and not taken here

    ReceivedSection(MemorySegment memory, long entriesAt, Limits limits, int version) {
        super(memory, entriesAt, limits.fieldsMax());
        this.limits = limits;
        this.version = (byte) version;
    }

    @Override
    public void clear(long newMessageAt, int before) {
        super.clear(newMessageAt, before);
        malformed = false;
        refusal = Refusal.NONE;
        contentLength = NONE;
    }

    /// A field whose name begins with a colon.
    abstract void pseudo(long nameAt, int nameLength, long at, int length);

    /// A field of any other name, which is one.
    abstract void plain(long nameAt, int nameLength, long valueAt, int valueLength);

    public final boolean isMalformed() {
        return malformed;
    }

    /// {@return why the message is not taken, although it is well-formed}
    public final Refusal refusal() {
        return refusal;
    }

    public final void refuse(Refusal why) {
        if (refusal == Refusal.NONE) {
            refusal = why;
        }
    }

    /// Takes the next field.
    public final void field(long nameAt, int nameLength, long valueAt, int valueLength) {
        if (!isValue(memory, valueAt, valueLength)) {
            malformed = true;
        } else if (nameLength > 0 && octet(nameAt) == ':') {
            malformed |= count() > 0;  // behind a field that is none (section 8.3)
            pseudo(nameAt, nameLength, valueAt, valueLength);
        } else if (nameLength + valueLength > limits.fieldBytesMax() || nameLength > NAME_BYTES_MAX) {
            refuse(Refusal.FIELD_TOO_LONG);
        } else if (!isName(memory, nameAt, nameLength)) {
            malformed = true;
        } else {
            plain(nameAt, nameLength, valueAt, valueLength);
        }
    }

    /// Adds a field, where there is an entry for it.
    final void add(long nameAt, int nameLength, long valueAt, int valueLength) {
        if (isFull()) {
            refuse(Refusal.TOO_MANY_FIELDS);
        } else {
            append(nameAt, nameLength, valueAt, valueLength);
            malformed |= !isAllowed(name(count() - 1), count() - 1);
        }
    }

    final byte octet(long at) {
        return memory.get(ValueLayout.JAVA_BYTE, at);
    }

    /// {@return whether it is a token without capitals (section 8.2.1)}
    public static boolean isName(MemorySegment memory, long at, int length) {
        boolean good = length > 0;
        for (int i = 0; i < length; i++) {
            byte b = memory.get(ValueLayout.JAVA_BYTE, at + i);
            good &= Octets.is(b, Octets.TOKEN) && b == Ascii.lower(b);
        }
        return good;
    }

    /// {@return whether there is no control in it and no white space around it (section 8.2.1)}
    public static boolean isValue(MemorySegment memory, long at, int length) {
        return length == 0 || !isSpace(memory.get(ValueLayout.JAVA_BYTE, at)) && !isSpace(memory.get(ValueLayout.JAVA_BYTE, at + length - 1))
                && Octets.all(memory, at, length, Octets.VALUE);
    }

    private static boolean isSpace(byte b) {
        return b == ' ' || b == '\t';
    }

    /// {@return whether a field is the connection's, which has none in this version (section 8.2.2)}
    public static boolean isConnections(FieldName name) {
        return switch (name) {
            case CONNECTION, KEEP_ALIVE, PROXY_CONNECTION, TRANSFER_ENCODING, UPGRADE -> true;
            default -> false;
        };
    }

    private boolean isAllowed(FieldName name, int index) {
        return !isConnections(name) && (name != FieldName.TE || HeadFields.TRAILERS.matchesAnyCase(memory, valueAt(index), valueLength(index)));
    }

    /// Reads how long the content is said to be.
    ///
    /// @param ended  whether no content follows
    final void length(boolean ended) {
        int index = find(FieldName.CONTENT_LENGTH);
        if (index >= 0) {
            contentLength = decimal(valueAt(index), valueLength(index));
            malformed |= contentLength < 0 || find(FieldName.CONTENT_LENGTH, index + 1) >= 0;
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

    public final int version() {
        return version;
    }

    /// {@return bytes of content announced: 0 for none, -1 if it ends when it ends}
    public final long contentLength() {
        return contentLength;
    }
}
