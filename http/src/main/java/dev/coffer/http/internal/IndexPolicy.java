package dev.coffer.http.internal;

import dev.coffer.http.Ascii;
import java.lang.foreign.MemorySegment;

/// Which fields an encoder of ours puts into a dynamic table, HPACK's or QPACK's: what repeats, so not `:path`, `age`, `content-length`, `etag`,
/// `if-modified-since`, `if-none-match`, `location`, `set-cookie`; and never what a guesser must not find there (RFC 7541, section 7.1.3):
/// `authorization`, `proxy-authorization` and cookies below 20 octets, which are sent as never indexed.
public enum IndexPolicy {
    INDEXES, PLAIN, NEVER, COOKIE;

    /// Cookies below that are few enough to be guessed.
    private static final int COOKIE_BYTES_MIN = 20;
    private static final Ascii PROXY_AUTHORIZATION = Ascii.of("proxy-authorization");  // in one of the static tables only

    /// {@return the policy of a name}
    static IndexPolicy of(Ascii name) {
        return switch (name.toString()) {
            case ":path", "age", "content-length", "etag", "if-modified-since", "if-none-match", "location", "set-cookie" -> PLAIN;
            case "authorization", "proxy-authorization" -> NEVER;
            case "cookie" -> COOKIE;
            default -> INDEXES;
        };
    }

    /// {@return [#INDEXES], [#PLAIN] or [#NEVER], for a field}
    ///
    /// @param known  an entry of its name in the static table, below zero for none
    public static IndexPolicy of(StaticFields fields, int known, MemorySegment segment, long nameAt, int nameLength, int valueLength) {
        if (known < 0) {
            return PROXY_AUTHORIZATION.matches(segment, nameAt, nameLength) ? NEVER : INDEXES;
        }
        IndexPolicy policy = fields.policy(known);
        return policy != COOKIE ? policy : valueLength < COOKIE_BYTES_MIN ? NEVER : INDEXES;
    }

    /// {@return whether a field that may enter a table is worth its place: not where it takes more than three quarters of it}
    public static boolean isWorth(int nameLength, int valueLength, int limit) {
        return nameLength + valueLength + DynamicTable.OVERHEAD_BYTES <= limit * 3L / 4;
    }
}
