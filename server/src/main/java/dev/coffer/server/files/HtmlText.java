package dev.coffer.server.files;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Names of files, which are any bytes, in HTML: as text and as references. Stateless, thread-safe; 0 heap bytes.
///
/// What is no UTF-8 (RFC 3629, section 4), and every control, is shown as U+FFFD, one for each byte or control; the reference keeps the
/// bytes.
final class HtmlText {
    /// Bytes of text for a byte of a name, at most: `&#34;`.
    static final int TEXT_BYTES_MAX = 5;
    /// Bytes of a reference for a byte of a name, at most.
    static final int REFERENCE_BYTES_MAX = 3;
    private static final ValueLayout.OfByte U8 = ValueLayout.JAVA_BYTE;

    private HtmlText() {}

    /// Writes a name as text, for between tags or in quotes.
    ///
    /// @return offset behind it
    static long text(MemorySegment name, long from, int length, MemorySegment target, long at) {
        long to = at;
        for (int i = 0; i < length;) {
            int bytes = character(name, from + i, length - i);
            int b = name.get(U8, from + i);
            if (bytes == 0) {
                to = replacement(target, to);
                i++;
            } else if (bytes == 1) {
                to = single(b, target, to);
                i++;
            } else if (bytes == 2 && (b & 0xff) == 0xc2 && (name.get(U8, from + i + 1) & 0xff) < 0xa0) {  // U+0080..U+009F
                to = replacement(target, to);
                i += 2;
            } else {
                MemorySegment.copy(name, from + i, target, to, bytes);
                to += bytes;
                i += bytes;
            }
        }
        return to;
    }

    private static long single(int b, MemorySegment target, long at) {
        return switch (b) {
            case '&' -> code(38, target, at);
            case '<' -> code(60, target, at);
            case '>' -> code(62, target, at);
            case '"' -> code(34, target, at);
            case '\'' -> code(39, target, at);
            default -> {
                if (b < ' ' || b == 0x7f) {
                    yield replacement(target, at);
                }
                target.set(U8, at, (byte) b);
                yield at + 1;
            }
        };
    }

    private static long code(int code, MemorySegment target, long at) {
        target.set(U8, at, (byte) '&');
        target.set(U8, at + 1, (byte) '#');
        target.set(U8, at + 2, (byte) ('0' + code / 10));
        target.set(U8, at + 3, (byte) ('0' + code % 10));
        target.set(U8, at + 4, (byte) ';');
        return at + TEXT_BYTES_MAX;
    }

    private static long replacement(MemorySegment target, long at) {
        target.set(U8, at, (byte) 0xef);
        target.set(U8, at + 1, (byte) 0xbf);
        target.set(U8, at + 2, (byte) 0xbd);
        return at + 3;
    }

    /// Writes a name as one segment of a reference (RFC 3986, section 3.3): everything but unreserved characters in percent-encoding.
    ///
    /// @return offset behind it
    static long reference(MemorySegment name, long from, int length, MemorySegment target, long at) {
        long to = at;
        for (int i = 0; i < length; i++) {
            int b = name.get(U8, from + i) & 0xff;
            boolean plain = b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9' || b == '-' || b == '.' || b == '_' || b == '~';
            if (plain) {
                target.set(U8, to++, (byte) b);
            } else {
                target.set(U8, to, (byte) '%');
                target.set(U8, to + 1, digit(b >> 4));
                target.set(U8, to + 2, digit(b & 15));
                to += REFERENCE_BYTES_MAX;
            }
        }
        return to;
    }

    private static byte digit(int value) {
        return (byte) (value < 10 ? '0' + value : 'A' + value - 10);
    }

    /// {@return bytes of the character of UTF-8 that begins there, 0 where none does}
    private static int character(MemorySegment name, long at, int left) {
        int first = name.get(U8, at) & 0xff;
        if (first < 0x80) {
            return 1;
        }
        int bytes = first >= 0xc2 && first <= 0xdf ? 2 : first >= 0xe0 && first <= 0xef ? 3 : first >= 0xf0 && first <= 0xf4 ? 4 : 0;
        if (bytes == 0 || bytes > left) {
            return 0;
        }
        int second = name.get(U8, at + 1) & 0xff;
        int from = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
        int to = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
        if (second < from || second > to) {
            return 0;
        }
        for (int i = 2; i < bytes; i++) {
            if ((name.get(U8, at + i) & 0xc0) != 0x80) {
                return 0;
            }
        }
        return bytes;
    }
}
