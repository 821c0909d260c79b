package dev.coffer.client;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Reads a value of Alt-Svc (RFC 7838, section 3): the first alternative of `h3` on the origin's own host.
///
/// ```
///   h3=":443"; ma=86400; persist=1, h2="other:443", clear
/// ```
///
/// One object serves a client; 0 heap bytes.
final class AltSvcField {
    /// What a value says.
    enum Found {
        /// It is none.
        MALFORMED,
        /// That all alternatives are to be forgotten.
        CLEAR,
        /// No HTTP/3 on that host.
        OTHER,
        /// That it is spoken at [#port] for [#seconds].
        HTTP_3
    }

    private static final String CLEAR = "clear";
    private static final String HTTP_3 = "h3";
    private static final String MAX_AGE = "ma";
    private static final long SECONDS = 86_400;     // where it does not say (section 3.1)
    private static final long SECONDS_MAX = 1L << 31;
    private static final int PORT_MAX = 65_535;

    private MemorySegment in = MemorySegment.NULL;
    private long at;
    private long end;
    private int port;
    private long seconds;
    // What lies between two ends of the value: a token or the inside of a quoted string.
    private long textAt;
    private long textEnd;

    /// {@return the port that was found}
    int port() {
        return port;
    }

    /// {@return how long it may be believed}
    long seconds() {
        return seconds;
    }

    Found read(MemorySegment segment, long from, int length, Origin origin) {
        in = segment;
        at = from;
        end = from + length;
        boolean found = false;
        while (true) {
            spaces();
            if (at < end && peek() == ',') {
                at++;       // an empty member of the list (RFC 9110, section 5.6.1)
                continue;
            }
            if (at == end) {
                return found ? Found.HTTP_3 : Found.OTHER;
            }
            if (!token()) {
                return Found.MALFORMED;
            }
            if (at == end || peek() != '=') {
                spaces();
                return is(CLEAR) && at == end && !found ? Found.CLEAR : Found.MALFORMED;
            }
            boolean ours = is(HTTP_3) && !found;
            at++;
            if (!quoted()) {
                return Found.MALFORMED;
            }
            int named = port(origin);
            if (named < 0) {
                return Found.MALFORMED;
            }
            ours &= named > 0;
            if (ours) {
                port = named;
                seconds = SECONDS;
                found = true;
            }
            if (!parameters(ours)) {
                return Found.MALFORMED;
            }
        }
    }

    private boolean parameters(boolean ours) {
        spaces();
        while (at < end && peek() == ';') {
            at++;
            spaces();
            if (!token()) {
                return false;
            }
            boolean age = is(MAX_AGE);
            if (at == end || peek() != '=') {
                return false;
            }
            at++;
            if (at < end && peek() == '"' ? !quoted() : !token()) {
                return false;
            }
            if (age && ours) {
                long number = number(textAt, textEnd, SECONDS_MAX);
                if (number < 0) {
                    return false;
                }
                seconds = number;
            }
            spaces();
        }
        return at == end || peek() == ',';
    }

    /// {@return the port of an authority in the text, 0 where it is on another host, -1 where it is none}
    private int port(Origin origin) {
        long colon = textEnd - 1;
        while (colon >= textAt && byteAt(colon) != ':') {
            colon--;
        }
        long number = colon < textAt ? -1 : number(colon + 1, textEnd, PORT_MAX);
        if (number < 1 || number > PORT_MAX) {
            return -1;
        }
        return colon == textAt || isHost(origin.host(), textAt, colon) ? (int) number : 0;
    }

    private boolean isHost(String host, long from, long to) {
        long start = from;
        long stop = to;
        if (host.indexOf(':') >= 0) {
            if (to - from < 2 || byteAt(from) != '[' || byteAt(to - 1) != ']') {
                return false;
            }
            start++;
            stop--;
        }
        if (stop - start != host.length()) {
            return false;
        }
        for (int i = 0; i < host.length(); i++) {
            int octet = byteAt(start + i);
            if ((octet >= 'A' && octet <= 'Z' ? octet + 32 : octet) != host.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /// {@return the number, `most` + 1 at most; -1 where it is none}
    private long number(long from, long to, long most) {
        long number = from == to ? -1 : 0;
        for (long i = from; i < to && number >= 0; i++) {
            int digit = byteAt(i) - '0';
            number = digit < 0 || digit > 9 ? -1 : Math.min(most + 1, number * 10 + digit);
        }
        return number;
    }

    private boolean is(String word) {
        if (textEnd - textAt != word.length()) {
            return false;
        }
        for (int i = 0; i < word.length(); i++) {
            if (byteAt(textAt + i) != word.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private int byteAt(long where) {
        return Byte.toUnsignedInt(in.get(ValueLayout.JAVA_BYTE, where));
    }

    private int peek() {
        return byteAt(at);
    }

    private void spaces() {
        while (at < end && (peek() == ' ' || peek() == '\t')) {
            at++;
        }
    }

    private boolean token() {
        textAt = at;
        while (at < end && isTokenByte(peek())) {
            at++;
        }
        textEnd = at;
        return textEnd > textAt;
    }

    private static boolean isTokenByte(int octet) {
        return octet > ' ' && octet < 0x7f && "\"(),/:;<=>?@[\\]{}".indexOf(octet) < 0;
    }

    /// What is escaped in it is no host and no port, so it is not looked at.
    private boolean quoted() {
        if (at == end || peek() != '"') {
            return false;
        }
        textAt = ++at;
        while (at < end && peek() != '"') {
            at += peek() == '\\' ? 2 : 1;
        }
        textEnd = at;
        return at++ < end;
    }
}
