package dev.coffer.server.files;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// From the path of a request to the name of a file below the served folder (RFC 3986, sections 2.1 and 3.3): decodes
/// percent-encoding and refuses every name that two readers could read differently. Stateless, thread-safe; 0 heap
/// bytes.
///
/// A name is any bytes but NUL and `/`, as Linux has it: controls, backslashes and what is no UTF-8 too. The folder opens
/// exactly these bytes, so there is no second reader who could take `%c0%af` for a `/`.
///
/// Refused as malformed: no leading `/`; a `%` without two hexadecimal digits; NUL; an encoded `/`; the segments `.` and
/// `..`, which clients resolve before they send. Refused as missing: empty segments, and names that begin with a dot,
/// other than `.well-known` (RFC 8615).
public final class RequestPath {
    /// From [#decode]: malformed, 400.
    public static final int MALFORMED = -1;
    /// From [#decode]: there is no such file, 404.
    public static final int MISSING = -2;
    /// From [#decode]: longer than the room, 414.
    public static final int TOO_LONG = -3;

    private static final byte[] WELL_KNOWN = {'.', 'w', 'e', 'l', 'l', '-', 'k', 'n', 'o', 'w', 'n'};
    private static final ValueLayout.OfByte U8 = ValueLayout.JAVA_BYTE;

    private RequestPath() {}

    /// Decodes a path, without its leading `/`. A trailing `/` stays.
    ///
    /// @param source  holds the path as sent at `at`
    /// @param target  where the name goes, at `to`; on a code below zero its bytes there are unspecified
    /// @param room    bytes that may be written
    /// @return bytes of the name, 0 for `/` and for no path at all; or a code below zero
    public static int decode(MemorySegment source, long at, int length, MemorySegment target, long to, int room) {
        if (length == 0) {  // of `http://host`: the same as `/` (RFC 9110, section 4.2.3)
            return 0;
        }
        if (source.get(U8, at) != '/') {
            return MALFORMED;
        }
        int written = 0;
        for (int i = 1; i < length; i++) {
            int b = source.get(U8, at + i) & 0xff;
            if (b == '%') {
                b = i + 2 < length ? hex(source.get(U8, at + i + 1)) << 4 | hex(source.get(U8, at + i + 2)) : -1;
                i += 2;
                if (b == '/') {
                    return MALFORMED;
                }
            }
            if (b <= 0) {  // NUL, or no digits
                return MALFORMED;
            }
            if (written == room) {
                return TOO_LONG;
            }
            target.set(U8, to + written++, (byte) b);
        }
        return segments(target, to, written);
    }

    /// {@return the value of a hexadecimal digit; -1, whose every bit is set, for another character}
    private static int hex(byte c) {
        if (c >= '0' && c <= '9') {
            return c - '0';
        }
        int letter = c | 0x20;
        return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
    }

    private static int segments(MemorySegment name, long at, int length) {
        int result = length;
        int start = 0;
        for (int i = 0; i <= length; i++) {
            if (i < length && name.get(U8, at + i) != '/') {
                continue;
            }
            int bytes = i - start;
            if (bytes == 0) {
                result = i < length ? MISSING : result;  // at the end it only says that a folder is meant
            } else if (name.get(U8, at + start) == '.') {
                if (bytes == 1 || bytes == 2 && name.get(U8, at + start + 1) == '.') {
                    return MALFORMED;
                }
                result = isWellKnown(name, at + start, bytes) ? result : MISSING;
            }
            start = i + 1;
        }
        return result;
    }

    private static boolean isWellKnown(MemorySegment name, long at, int length) {
        if (length != WELL_KNOWN.length) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (name.get(U8, at + i) != WELL_KNOWN[i]) {
                return false;
            }
        }
        return true;
    }
}
