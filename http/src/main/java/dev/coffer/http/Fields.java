package dev.coffer.http;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Received fields, in the order in which they came, as offsets and lengths in the engine's memory: nothing is copied
/// and no `String` made. Names are lower case; values have no whitespace around them and contain no control but HTAB.
///
/// A view: valid from the event that announces it until the event that ends the exchange, on the engine's thread.
/// Indexes run from 0 to [#count] - 1; another one throws `IndexOutOfBoundsException` (caller's fault).
public interface Fields {
    /// {@return the memory that all offsets are in; read it only}
    MemorySegment segment();

    /// {@return number of field lines}
    int count();

    /// {@return the name as a constant, [FieldName#OTHER] if it is none of them}
    FieldName name(int index);

    /// {@return offset of the name}
    long nameAt(int index);

    /// {@return bytes of the name, 1..255}
    int nameLength(int index);

    /// {@return offset of the value}
    long valueAt(int index);

    /// {@return bytes of the value, 0 or more}
    int valueLength(int index);

    /// {@return index of the first field of that name at or after `from`, or -1}
    default int find(FieldName name, int from) {
        for (int i = from; i < count(); i++) {
            if (name(i) == name) {
                return i;
            }
        }
        return -1;
    }

    /// {@return index of the first field of that name, or -1}
    default int find(FieldName name) {
        return find(name, 0);
    }

    /// {@return index of the first field of that name, or -1}
    ///
    /// @param lowerCaseName  for names that [FieldName] does not list
    default int find(Ascii lowerCaseName) {
        for (int i = 0; i < count(); i++) {
            if (lowerCaseName.matches(segment(), nameAt(i), nameLength(i))) {
                return i;
            }
        }
        return -1;
    }

    /// {@return whether the value is `text`, octet for octet}
    default boolean valueIs(int index, Ascii text) {
        return text.matches(segment(), valueAt(index), valueLength(index));
    }

    /// {@return whether a comma-separated list (RFC 9110, section 5.6.1), over all lines of that name, has `token` as
    /// a member, in any case}
    default boolean lists(FieldName name, Ascii token) {
        for (int i = find(name); i >= 0; i = find(name, i + 1)) {
            long at = valueAt(i);
            long end = at + valueLength(i);
            while (at < end) {
                long comma = at;
                while (comma < end && segment().get(ValueLayout.JAVA_BYTE, comma) != ',') {
                    comma++;
                }
                long last = comma;
                while (at < last && isSpace(segment().get(ValueLayout.JAVA_BYTE, at))) {
                    at++;
                }
                while (last > at && isSpace(segment().get(ValueLayout.JAVA_BYTE, last - 1))) {
                    last--;
                }
                if (token.matchesAnyCase(segment(), at, last - at)) {
                    return true;
                }
                at = comma + 1;
            }
        }
        return false;
    }

    private static boolean isSpace(byte b) {
        return b == ' ' || b == '\t';
    }
}
