package dev.coffer.server.route;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Percent-encoding of paths and queries (RFC 3986, section 2.1): what `%41` stands for. Stateless, thread-safe; 0 heap bytes.
public final class Percent {
    /// From [#decode]: a `%` without two hexadecimal digits behind it.
    public static final int MALFORMED = -1;
    /// From [#decode]: longer than the room.
    public static final int TOO_LONG = -2;

    private static final ValueLayout.OfByte U8 = ValueLayout.JAVA_BYTE;

    private Percent() {}

    /// Copies bytes and decodes what is encoded in them. A `+` stays what it is: only forms read it as a space.
    ///
    /// @param source  holds `length` bytes at `at`
    /// @param target  where they go, at `to`; on a code below zero its bytes there are unspecified
    /// @param room    bytes that may be written; as many as `length` are enough
    /// @return bytes written, any of 0..255 each; or a code below zero
    public static int decode(MemorySegment source, long at, int length, MemorySegment target, long to, int room) {
        int written = 0;
        for (int i = 0; i < length; written++) {
            int octet = octet(source, at + i, length - i);
            if (octet < 0) {
                return MALFORMED;
            }
            if (written == room) {
                return TOO_LONG;
            }
            i += source.get(U8, at + i) == '%' ? 3 : 1;
            target.set(U8, to + written, (byte) octet);
        }
        return written;
    }

    /// {@return the octet that begins at `at`, decoded: it takes three bytes where the first is a `%`, else one; [#MALFORMED]}
    ///
    /// @param left  bytes there, 1 or more
    static int octet(MemorySegment source, long at, long left) {
        byte b = source.get(U8, at);
        if (b != '%') {
            return b & 0xff;
        }
        return left < 3 ? MALFORMED : digit(source.get(U8, at + 1)) << 4 | digit(source.get(U8, at + 2));
    }

    /// {@return the value of a hexadecimal digit; -1, whose every bit is set, for another character}
    static int digit(byte c) {
        if (c >= '0' && c <= '9') {
            return c - '0';
        }
        int letter = c | 0x20;
        return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : MALFORMED;
    }
}
