package dev.coffer.http.http1;

import dev.coffer.http.Ascii;
import dev.coffer.http.FieldName;
import dev.coffer.http.Fields;
import dev.coffer.http.Refusal;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;

/// Parsed fields in off-heap memory, one long an entry, all offsets relative to the message's first byte:
///
/// ```
/// bits 0..15 name offset | 16..31 value offset | 32..47 value length | 48..55 name length | 56..63 FieldName ordinal
/// ```
///
/// A head and its trailers share the entries: the trailers' view begins where the head's ends.
class FieldTable implements Fields {
    static final int ENTRY_BYTES = Long.BYTES;
    /// Largest name in bytes: one byte of the entry. A longer one is refused with 431.
    static final int NAME_BYTES_MAX = 255;
    private static final ValueLayout.OfLong ENTRY = ValueLayout.JAVA_LONG_UNALIGNED;

    final MemorySegment memory;
    private final long entriesAt;
    private final int capacity;
    long messageAt;  // offset of the message's first byte in memory
    private int first;
    private int count;
    // One bit for each name that is there, as most names that are looked for are not. Past 64 names two share one: then a clear
    // bit still says that neither is there.
    private long present;

    FieldTable(MemorySegment memory, long entriesAt, int capacity) {
        this.memory = memory;
        this.entriesAt = entriesAt;
        this.capacity = capacity;
    }

    /// Empties the view; its entries begin behind `before` others.
    void clear(long newMessageAt, int before) {
        messageAt = newMessageAt;
        first = before;
        count = 0;
        present = 0;
    }

    /// Parses and adds the line of `length` bytes (without its CRLF) at `at`; lowers its name in place.
    ///
    /// @return [Refusal#NONE], or what is wrong with it
    Refusal add(long at, int length) {
        if (first + count == capacity) {
            return Refusal.TOO_MANY_FIELDS;
        }
        byte b = memory.get(ValueLayout.JAVA_BYTE, at);
        if (b == ' ' || b == '\t') {
            return count == 0 ? Refusal.SPACE_BEFORE_COLON : Refusal.FOLDED_LINE;
        }
        int colon = 0;
        while (colon < length && Octets.is(b = memory.get(ValueLayout.JAVA_BYTE, at + colon), Octets.TOKEN)) {
            memory.set(ValueLayout.JAVA_BYTE, at + colon++, Ascii.lower(b));
        }
        if (colon == length || colon == 0 || b != ':') {
            return colon < length && (b == ' ' || b == '\t') ? Refusal.SPACE_BEFORE_COLON
                    : colon == length || Octets.is(b, Octets.VALUE) ? Refusal.FIELD_NAME : control(b);
        }
        if (colon > NAME_BYTES_MAX) {
            return Refusal.FIELD_TOO_LONG;
        }
        int from = colon + 1;
        if (!Octets.all(memory, at + from, length - from, Octets.VALUE)) {
            return firstControl(at + from);
        }
        int to = length;
        while (from < to && isSpace(memory.get(ValueLayout.JAVA_BYTE, at + from))) {
            from++;
        }
        while (to > from && isSpace(memory.get(ValueLayout.JAVA_BYTE, at + to - 1))) {
            to--;
        }
        FieldName name = FieldName.of(memory, at, colon);
        present |= 1L << name.ordinal();
        long relative = at - messageAt;
        memory.set(ENTRY, entriesAt + (long) (first + count) * ENTRY_BYTES, relative | relative + from << 16
                | (long) (to - from) << 32 | (long) colon << 48 | (long) name.ordinal() << 56);
        count++;
        return Refusal.NONE;
    }

    /// {@return what is wrong with a value that holds a control}
    private Refusal firstControl(long at) {
        long i = at;
        while (Octets.is(memory.get(ValueLayout.JAVA_BYTE, i), Octets.VALUE)) {
            i++;
        }
        return control(memory.get(ValueLayout.JAVA_BYTE, i));
    }

    private static boolean isSpace(byte b) {
        return b == ' ' || b == '\t';
    }

    private static Refusal control(byte b) {
        return b == '\r' ? Refusal.BARE_CR_OR_LF : Refusal.CONTROL;
    }

    private long entry(int index) {
        return memory.get(ENTRY, entriesAt + (long) (first + Objects.checkIndex(index, count)) * ENTRY_BYTES);
    }

    @Override
    public MemorySegment segment() {
        return memory;
    }

    @Override
    public int count() {
        return count;
    }

    @Override
    public int find(FieldName name, int from) {
        return (present & 1L << name.ordinal()) == 0 ? -1 : Fields.super.find(name, from);
    }

    @Override
    public FieldName name(int index) {
        return FieldName.of((int) (entry(index) >>> 56));
    }

    @Override
    public long nameAt(int index) {
        return messageAt + (entry(index) & 0xffff);
    }

    @Override
    public int nameLength(int index) {
        return (int) (entry(index) >>> 48) & 0xff;
    }

    @Override
    public long valueAt(int index) {
        return messageAt + (entry(index) >>> 16 & 0xffff);
    }

    @Override
    public int valueLength(int index) {
        return (int) (entry(index) >>> 32) & 0xffff;
    }
}
