package dev.coffer.http.http1;

import dev.coffer.http.Ascii;
import dev.coffer.http.Refusal;
import dev.coffer.http.internal.FieldEntries;
import dev.coffer.http.internal.Octets;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Fields of a head or of trailers, parsed line by line.
class FieldTable extends FieldEntries {
    FieldTable(MemorySegment memory, long entriesAt, int capacity) {
        super(memory, entriesAt, capacity);
    }

    /// Parses and adds the line of `length` bytes (without its CRLF) at `at`; lowers its name in place.
    ///
    /// @return [Refusal#NONE], or what is wrong with it
    Refusal add(long at, int length) {
        if (isFull()) {
            return Refusal.TOO_MANY_FIELDS;
        }
        byte b = memory.get(ValueLayout.JAVA_BYTE, at);
        if (b == ' ' || b == '\t') {
            return count() == 0 ? Refusal.SPACE_BEFORE_COLON : Refusal.FOLDED_LINE;
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
        append(at, colon, at + from, to - from);
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
}
