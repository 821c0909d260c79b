package dev.coffer.http.hpack;

import dev.coffer.http.Ascii;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// The static table of RFC 7541, appendix A: entries 1 to 61. Those of one name stand beside each other. Stateless, thread-safe.
final class StaticTable {
    static final int ENTRIES = 61;
    private static final int SLOTS = 256;   // about five times the names: short probes

    private static final Ascii[] NAMES = new Ascii[ENTRIES + 1];
    private static final Ascii[] VALUES = new Ascii[ENTRIES + 1];
    private static final byte[] FIRST = new byte[SLOTS];    // the first entry of a name, by the name's hash; 0 for none

    static {
        String[] entries = {
                ":authority", "", ":method", "GET", ":method", "POST", ":path", "/", ":path", "/index.html", ":scheme", "http",
                ":scheme", "https", ":status", "200", ":status", "204", ":status", "206", ":status", "304", ":status", "400",
                ":status", "404", ":status", "500", "accept-charset", "", "accept-encoding", "gzip, deflate", "accept-language", "",
                "accept-ranges", "", "accept", "", "access-control-allow-origin", "", "age", "", "allow", "", "authorization", "",
                "cache-control", "", "content-disposition", "", "content-encoding", "", "content-language", "", "content-length", "",
                "content-location", "", "content-range", "", "content-type", "", "cookie", "", "date", "", "etag", "", "expect", "",
                "expires", "", "from", "", "host", "", "if-match", "", "if-modified-since", "", "if-none-match", "", "if-range", "",
                "if-unmodified-since", "", "last-modified", "", "link", "", "location", "", "max-forwards", "",
                "proxy-authenticate", "", "proxy-authorization", "", "range", "", "referer", "", "refresh", "", "retry-after", "",
                "server", "", "set-cookie", "", "strict-transport-security", "", "transfer-encoding", "", "user-agent", "", "vary",
                "", "via", "", "www-authenticate", ""};
        for (int i = 1; i <= ENTRIES; i++) {
            NAMES[i] = Ascii.of(entries[2 * i - 2]);
            VALUES[i] = Ascii.of(entries[2 * i - 1]);
            if (!NAMES[i].equals(NAMES[i - 1])) {
                int slot = slot(NAMES[i].length(), NAMES[i].at(0), NAMES[i].at(NAMES[i].length() - 1), NAMES[i].at(NAMES[i].length() >> 1));
                while (FIRST[slot] != 0) {
                    slot = slot + 1 & SLOTS - 1;
                }
                FIRST[slot] = (byte) i;
            }
        }
    }

    private StaticTable() {}

    private static int slot(int length, byte first, byte last, byte middle) {
        return length * 29 + first * 7 + last * 59 + middle * 3 & SLOTS - 1;
    }

    /// {@return the name of an entry, 1..61}
    static Ascii name(int index) {
        return NAMES[index];
    }

    /// {@return the value of an entry, 1..61}
    static Ascii value(int index) {
        return VALUES[index];
    }

    /// {@return the first entry of that name, 0 for none}
    static int find(MemorySegment segment, long at, int length) {
        if (length == 0) {
            return 0;
        }
        int slot = slot(length, segment.get(ValueLayout.JAVA_BYTE, at), segment.get(ValueLayout.JAVA_BYTE, at + length - 1),
                segment.get(ValueLayout.JAVA_BYTE, at + (length >> 1)));
        for (int index; (index = FIRST[slot]) != 0; slot = slot + 1 & SLOTS - 1) {
            if (NAMES[index].matches(segment, at, length)) {
                return index;
            }
        }
        return 0;
    }

    /// {@return the entry of that value among those whose name the first has, 0 for none}
    static int findValue(int first, MemorySegment segment, long at, int length) {
        for (int index = first; index <= ENTRIES && NAMES[index].equals(NAMES[first]); index++) {
            if (VALUES[index].matches(segment, at, length)) {
                return index;
            }
        }
        return 0;
    }
}
