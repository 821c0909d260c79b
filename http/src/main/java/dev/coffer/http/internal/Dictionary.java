package dev.coffer.http.internal;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Values in dictionaries of structured fields (RFC 9651, section 4.2): where each ends, and what it is as far as somebody here asks. A value that is none makes the whole field
/// one that is not there, so all of it is taken apart, also what nobody asks for. Whether the text of a display string is UTF-8 is not looked at.
///
/// What is read is a `long`: where it ends, and above that what it is. Stateless, thread-safe; 0 heap bytes.
final class Dictionary {
    /// It is none.
    static final long FAULT = -1;
    /// What a value is: an integer of [#SMALL_MAX] at most is itself.
    static final int SMALL_MAX = 7;
    static final int FALSE = 8;
    static final int TRUE = 9;
    static final int OTHER = 10;

    private static final int INTEGER_DIGITS_MAX = 15;
    private static final int WHOLE_DIGITS_MAX = 12;     // of a decimal
    private static final int FRACTION_DIGITS_MAX = 3;

    private Dictionary() {}

    private static long read(long end, int what) {
        return end | (long) what << Integer.SIZE;
    }

    /// {@return where what was read ends, an offset from the field's beginning}
    static int end(long read) {
        return (int) read;
    }

    /// {@return what was read: 0..SMALL_MAX, FALSE, TRUE or OTHER}
    static int what(long read) {
        return (int) (read >>> Integer.SIZE);
    }

    private static int octet(MemorySegment in, long at, int from, int length) {
        return from < length ? in.get(ValueLayout.JAVA_BYTE, at + from) & 0xff : -1;
    }

    private static boolean isDigit(int octet) {
        return octet >= '0' && octet <= '9';
    }

    private static boolean isLower(int octet) {
        return octet >= 'a' && octet <= 'z';
    }

    private static boolean isLetter(int octet) {
        return isLower(octet | 0x20) && octet < 0x80;
    }

    /// {@return where spaces end}
    static int spaces(MemorySegment in, long at, int from, int length) {
        int to = from;
        while (octet(in, at, to, length) == ' ') {
            to++;
        }
        return to;
    }

    /// {@return where spaces and tabs end}
    static int blanks(MemorySegment in, long at, int from, int length) {
        int to = from;
        while (octet(in, at, to, length) == ' ' || octet(in, at, to, length) == '\t') {
            to++;
        }
        return to;
    }

    /// {@return where a key ends; where it begins, if it is none}
    static int key(MemorySegment in, long at, int from, int length) {
        int to = from;
        int octet = octet(in, at, to, length);
        if (isLower(octet) || octet == '*') {
            do {
                octet = octet(in, at, ++to, length);
            } while (isLower(octet) || isDigit(octet) || octet == '_' || octet == '-' || octet == '.' || octet == '*');
        }
        return to;
    }

    /// {@return a member's value, with the parameters behind it, from behind its key}
    static long member(MemorySegment in, long at, int from, int length) {
        if (octet(in, at, from, length) != '=') {
            return parameters(in, at, from, length, TRUE);
        }
        return octet(in, at, from + 1, length) == '(' ? list(in, at, from + 2, length) : item(in, at, from + 1, length);
    }

    private static long item(MemorySegment in, long at, int from, int length) {
        long bare = bare(in, at, from, length);
        return bare == FAULT ? FAULT : parameters(in, at, end(bare), length, what(bare));
    }

    /// What is behind the opening of an inner list.
    private static long list(MemorySegment in, long at, int from, int length) {
        int to = spaces(in, at, from, length);
        while (octet(in, at, to, length) != ')') {
            long item = item(in, at, to, length);
            int behind = item == FAULT ? -1 : octet(in, at, end(item), length);
            if (behind != ' ' && behind != ')') {
                return FAULT;
            }
            to = spaces(in, at, end(item), length);
        }
        return parameters(in, at, to + 1, length, OTHER);
    }

    private static long parameters(MemorySegment in, long at, int from, int length, int what) {
        int to = from;
        while (octet(in, at, to, length) == ';') {
            int key = spaces(in, at, to + 1, length);
            to = key(in, at, key, length);
            if (to == key) {
                return FAULT;
            }
            if (octet(in, at, to, length) == '=') {
                long value = bare(in, at, to + 1, length);
                if (value == FAULT) {
                    return FAULT;
                }
                to = end(value);
            }
        }
        return read(to, what);
    }

    private static long bare(MemorySegment in, long at, int from, int length) {
        int first = octet(in, at, from, length);
        if (isDigit(first) || first == '-') {
            return number(in, at, from, length);
        }
        if (isLetter(first) || first == '*') {
            return token(in, at, from, length);
        }
        return switch (first) {
            case '"' -> string(in, at, from + 1, length);
            case ':' -> octets(in, at, from + 1, length);
            case '?' -> truth(in, at, from + 1, length);
            case '@' -> date(in, at, from + 1, length);
            case '%' -> octet(in, at, from + 1, length) == '"' ? display(in, at, from + 2, length) : FAULT;
            default -> FAULT;
        };
    }

    private static long number(MemorySegment in, long at, int from, int length) {
        boolean negative = octet(in, at, from, length) == '-';
        int first = negative ? from + 1 : from;
        int to = first;
        int value = 0;
        for (int octet; isDigit(octet = octet(in, at, to, length)); to++) {
            value = Math.min(value * 10 + octet - '0', SMALL_MAX + 1);
        }
        if (to == first || to - first > INTEGER_DIGITS_MAX) {
            return FAULT;
        }
        if (octet(in, at, to, length) != '.') {
            return read(to, value > SMALL_MAX || negative && value > 0 ? OTHER : value);
        }
        int point = to++;
        while (isDigit(octet(in, at, to, length))) {
            to++;
        }
        return point - first > WHOLE_DIGITS_MAX || to == point + 1 || to - point - 1 > FRACTION_DIGITS_MAX ? FAULT : read(to, OTHER);
    }

    private static long date(MemorySegment in, long at, int from, int length) {
        int first = octet(in, at, from, length);
        long number = isDigit(first) || first == '-' ? number(in, at, from, length) : FAULT;
        for (int i = from; number != FAULT && i < end(number); i++) {
            if (octet(in, at, i, length) == '.') {
                return FAULT;
            }
        }
        return number == FAULT ? FAULT : read(end(number), OTHER);
    }

    private static long token(MemorySegment in, long at, int from, int length) {
        int to = from + 1;
        for (int octet; (octet = octet(in, at, to, length)) >= 0 && (Octets.is(octet, Octets.TOKEN) || octet == ':' || octet == '/');) {
            to++;
        }
        return read(to, OTHER);
    }

    private static long truth(MemorySegment in, long at, int from, int length) {
        int octet = octet(in, at, from, length);
        return octet == '0' ? read(from + 1, FALSE) : octet == '1' ? read(from + 1, TRUE) : FAULT;
    }

    private static long string(MemorySegment in, long at, int from, int length) {
        for (int to = from;; to++) {
            int octet = octet(in, at, to, length);
            if (octet == '"') {
                return read(to + 1, OTHER);
            }
            if (octet == '\\') {
                octet = octet(in, at, ++to, length);
                if (octet != '"' && octet != '\\') {
                    return FAULT;
                }
            } else if (octet < ' ' || octet > '~') {
                return FAULT;
            }
        }
    }

    private static long octets(MemorySegment in, long at, int from, int length) {
        for (int to = from;; to++) {
            int octet = octet(in, at, to, length);
            if (octet == ':') {
                return read(to + 1, OTHER);
            }
            if (!isLetter(octet) && !isDigit(octet) && octet != '+' && octet != '/' && octet != '=') {
                return FAULT;
            }
        }
    }

    private static long display(MemorySegment in, long at, int from, int length) {
        for (int to = from;; to++) {
            int octet = octet(in, at, to, length);
            if (octet == '"') {
                return read(to + 1, OTHER);
            }
            if (octet == '%') {
                if (!isLowerHex(octet(in, at, to + 1, length)) || !isLowerHex(octet(in, at, to + 2, length))) {
                    return FAULT;
                }
                to += 2;
            } else if (octet < ' ' || octet > '~') {
                return FAULT;
            }
        }
    }

    private static boolean isLowerHex(int octet) {
        return isDigit(octet) || octet >= 'a' && octet <= 'f';
    }
}
