package dev.coffer.http.internal;

import dev.coffer.http.Ascii;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/// The grammar `uri-host [ ":" port ]` of Host and of a target's authority (RFC 9110, sections 4.2 and 7.2; RFC 3986,
/// sections 3.2.2 and 3.2.3), octet by octet, for received memory and for constants alike. User information, white space
/// and zone identifiers are none of it.
///
/// ```
///   uri-host = "[" IPv6address "]" / "[" "v" 1*HEXDIG "." 1*( unreserved / sub-delims / ":" ) "]" / reg-name
///   reg-name = *( unreserved / "%" HEXDIG HEXDIG / sub-delims )      an IPv4 address is one, too
///   port     = *DIGIT
/// ```
///
/// Stateless, thread-safe; 0 heap bytes.
public final class Authority {
    private static final int GROUPS = 8;         // of 16 bits
    private static final int GROUP_DIGITS_MAX = 4;
    private static final int NONE = -1;

    private Authority() {}

    /// {@return whether the bytes are host and perhaps port; a host may be empty only where nothing else is there either:
    /// `http` URIs have one (RFC 9110, section 4.2.1), a Host field without one says that there is no authority}
    public static boolean is(MemorySegment segment, long at, int length) {
        return is(segment, null, at, length);
    }

    /// {@return the same of a constant}
    public static boolean is(Ascii text) {
        return is(MemorySegment.NULL, text, 0, text.length());
    }

    private static boolean is(MemorySegment segment, @Nullable Ascii text, long at, int length) {
        if (length == 0) {
            return true;
        }
        int port = octet(segment, text, at) == '[' ? literal(segment, text, at, length)
                : name(segment, text, at, length);
        if (port <= 0 || port < length && octet(segment, text, at + port) != ':') {
            return false;
        }
        for (int i = port + 1; i < length; i++) {
            if (!isDigit(octet(segment, text, at + i))) {
                return false;
            }
        }
        return true;
    }

    private static byte octet(MemorySegment segment, @Nullable Ascii text, long at) {
        return text == null ? segment.get(ValueLayout.JAVA_BYTE, at) : text.at((int) at);
    }

    /// {@return bytes of the registered name, or NONE}
    private static int name(MemorySegment segment, @Nullable Ascii text, long at, int length) {
        int i = 0;
        while (i < length) {
            byte b = octet(segment, text, at + i);
            if (b == ':') {
                return i;
            }
            if (b == '%') {
                if (i + 2 >= length || !Octets.is(octet(segment, text, at + i + 1), Octets.HEX)
                        || !Octets.is(octet(segment, text, at + i + 2), Octets.HEX)) {
                    return NONE;
                }
                i += 2;
            } else if (!Octets.is(b, Octets.NAME)) {
                return NONE;
            }
            i++;
        }
        return i;
    }

    /// {@return bytes of the literal with its brackets, or NONE}
    private static int literal(MemorySegment segment, @Nullable Ascii text, long at, int length) {
        int close = 1;
        while (close < length && octet(segment, text, at + close) != ']') {
            close++;
        }
        if (close == length || close == 1) {
            return NONE;
        }
        byte first = octet(segment, text, at + 1);
        boolean valid = first == 'v' || first == 'V' ? isFuture(segment, text, at + 2, at + close)
                : isIpv6(segment, text, at + 1, at + close);
        return valid ? close + 1 : NONE;
    }

    private static boolean isFuture(MemorySegment segment, @Nullable Ascii text, long from, long end) {
        long at = from;
        while (at < end && Octets.is(octet(segment, text, at), Octets.HEX)) {
            at++;
        }
        if (at == from || at == end || octet(segment, text, at) != '.' || at + 1 == end) {
            return false;
        }
        for (at++; at < end; at++) {
            byte b = octet(segment, text, at);
            if (b != ':' && !Octets.is(b, Octets.NAME)) {
                return false;
            }
        }
        return true;
    }

    /// Groups of one to four hexadecimal digits between colons, eight of them; one `::` stands for one group of zeros or
    /// more; the last two may be an IPv4 address.
    private static boolean isIpv6(MemorySegment segment, @Nullable Ascii text, long from, long end) {
        int groups = 0;
        boolean elided = false;
        long at = from;
        while (at < end) {
            if (octet(segment, text, at) == ':') {
                boolean pair = at + 1 < end && octet(segment, text, at + 1) == ':';
                if (pair) {
                    if (elided) {
                        return false;
                    }
                    elided = true;
                    at += 2;
                    if (at == end) {
                        break;
                    }
                } else if (at == from || at + 1 == end) {
                    return false;  // a colon alone at either end
                } else {
                    at++;
                }
                if (octet(segment, text, at) == ':') {
                    return false;
                }
            }
            long start = at;
            while (at < end && Octets.is(octet(segment, text, at), Octets.HEX)) {
                at++;
            }
            if (at < end && octet(segment, text, at) == '.') {
                return isIpv4(segment, text, start, end) && isWhole(groups + 2, elided);
            }
            if (at == start || at - start > GROUP_DIGITS_MAX || ++groups > GROUPS
                    || at < end && octet(segment, text, at) != ':') {
                return false;
            }
        }
        return isWhole(groups, elided);
    }

    private static boolean isWhole(int groups, boolean elided) {
        return elided ? groups < GROUPS : groups == GROUPS;
    }

    /// Four numbers up to 255 without leading zeros.
    private static boolean isIpv4(MemorySegment segment, @Nullable Ascii text, long from, long end) {
        int numbers = 0;
        int digits = 0;
        int value = 0;
        for (long at = from; at <= end; at++) {
            byte b = at < end ? octet(segment, text, at) : (byte) '.';
            if (isDigit(b)) {
                if (digits > 0 && value == 0) {
                    return false;
                }
                value = value * 10 + b - '0';
                digits++;
                if (value > 255) {
                    return false;
                }
            } else if (b == '.' && digits > 0) {
                numbers++;
                digits = 0;
                value = 0;
            } else {
                return false;
            }
        }
        return numbers == 4;
    }

    private static boolean isDigit(byte b) {
        return b >= '0' && b <= '9';
    }
}
