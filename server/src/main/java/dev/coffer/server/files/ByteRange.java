package dev.coffer.server.files;

import dev.coffer.http.Ascii;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// One range of bytes (RFC 9110, section 14.1.2): `bytes=0-499`, `bytes=9500-`, `bytes=-500`. Stateless, thread-safe;
/// 0 heap bytes.
///
/// Several ranges in one field, another unit and a malformed field are ignored, as section 14.2 allows: the answer is
/// the whole file.
public final class ByteRange {
    /// From [#first]: the field is ignored.
    public static final long IGNORED = -1;
    /// From [#first]: no byte of the file is in the range, 416.
    public static final long UNSATISFIABLE = -2;

    private static final Ascii UNIT = Ascii.of("bytes=");
    private static final long NO_NUMBER = -1;
    private static final ValueLayout.OfByte U8 = ValueLayout.JAVA_BYTE;

    private ByteRange() {}

    /// {@return position of the first byte of the range, or a code below zero}
    ///
    /// @param size  bytes of the file
    public static long first(MemorySegment value, long at, int length, long size) {
        if (!isSingle(value, at, length)) {
            return IGNORED;
        }
        long dash = dash(value, at, length);
        long end = at + length;
        long from = number(value, at + UNIT.length(), dash);
        long to = number(value, dash + 1, end);
        if (from == NO_NUMBER) {
            // the last bytes of an empty file are all of it, for which Content-Range has no form
            return to == NO_NUMBER || to > 0 && size == 0 ? IGNORED : to == 0 ? UNSATISFIABLE : Math.max(0, size - to);
        }
        if (dash + 1 < end && (to < from || to == Long.MAX_VALUE && compare(value, at + UNIT.length(), dash, end) > 0)) {
            return IGNORED;  // invalid: last before first
        }
        return from >= size ? UNSATISFIABLE : from;
    }

    /// {@return position of the last byte of a range whose [#first] is 0 or more}
    public static long last(MemorySegment value, long at, int length, long size) {
        long dash = dash(value, at, length);
        long to = number(value, dash + 1, at + length);
        boolean suffix = dash == at + UNIT.length();
        return suffix || to == NO_NUMBER ? size - 1 : Math.min(to, size - 1);
    }

    /// {@return whether the field is of our unit and of the form number, dash, number, where one number may lack}
    private static boolean isSingle(MemorySegment value, long at, int length) {
        if (length <= UNIT.length() || !UNIT.matchesAnyCase(value, at, UNIT.length())) {
            return false;
        }
        int dashes = 0;
        for (long i = at + UNIT.length(); i < at + length; i++) {
            byte c = value.get(U8, i);
            if (c == '-') {
                dashes++;
            } else if (c < '0' || c > '9') {
                return false;
            }
        }
        return dashes == 1;
    }

    private static long dash(MemorySegment value, long at, int length) {
        long i = at + UNIT.length();
        while (value.get(U8, i) != '-') {
            i++;
        }
        assert i < at + length : "no dash";
        return i;
    }

    /// {@return the order of the two numbers around the dash, which may be longer than any that [#number] tells apart}
    private static int compare(MemorySegment value, long from, long dash, long end) {
        long first = significant(value, from, dash);
        long last = significant(value, dash + 1, end);
        int order = Long.compare(dash - first, end - last);
        for (long i = 0; order == 0 && i < dash - first; i++) {
            order = Byte.compare(value.get(U8, first + i), value.get(U8, last + i));
        }
        return order;
    }

    private static long significant(MemorySegment value, long from, long to) {
        long i = from;
        while (i < to && value.get(U8, i) == '0') {
            i++;
        }
        return i;
    }

    /// {@return the decimal number, `Long.MAX_VALUE` if it is larger, [#NO_NUMBER] if there is no digit}
    private static long number(MemorySegment value, long from, long to) {
        if (from >= to) {
            return NO_NUMBER;
        }
        long number = 0;
        for (long i = from; i < to; i++) {
            int digit = value.get(U8, i) - '0';
            number = number > (Long.MAX_VALUE - digit) / 10 ? Long.MAX_VALUE : number * 10 + digit;
        }
        return number;
    }
}
