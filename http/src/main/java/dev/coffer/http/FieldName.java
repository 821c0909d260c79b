package dev.coffer.http;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Locale;

/// Field names that someone here reads or writes (RFC 9110 and the IANA registry). A parser classifies each received
/// name once, so that the application compares constants; any other name is [#OTHER] and compared as text.
///
/// Received names are lower case in every version: HTTP/2 and HTTP/3 send them so, HTTP/1.1 lowers them in place.
public enum FieldName {
    ACCEPT("Accept"),
    ACCEPT_ENCODING("Accept-Encoding"),
    ACCEPT_LANGUAGE("Accept-Language"),
    ACCEPT_RANGES("Accept-Ranges"),
    AGE("Age"),
    ALLOW("Allow"),
    ALT_SVC("Alt-Svc"),
    AUTHORIZATION("Authorization"),
    CACHE_CONTROL("Cache-Control"),
    CONNECTION("Connection"),
    CONTENT_DISPOSITION("Content-Disposition"),
    CONTENT_ENCODING("Content-Encoding"),
    CONTENT_LANGUAGE("Content-Language"),
    CONTENT_LENGTH("Content-Length"),
    CONTENT_LOCATION("Content-Location"),
    CONTENT_RANGE("Content-Range"),
    CONTENT_SECURITY_POLICY("Content-Security-Policy"),
    CONTENT_TYPE("Content-Type"),
    COOKIE("Cookie"),
    DATE("Date"),
    ETAG("ETag"),
    EXPECT("Expect"),
    EXPIRES("Expires"),
    FORWARDED("Forwarded"),
    FROM("From"),
    HOST("Host"),
    IF_MATCH("If-Match"),
    IF_MODIFIED_SINCE("If-Modified-Since"),
    IF_NONE_MATCH("If-None-Match"),
    IF_RANGE("If-Range"),
    IF_UNMODIFIED_SINCE("If-Unmodified-Since"),
    KEEP_ALIVE("Keep-Alive"),
    LAST_MODIFIED("Last-Modified"),
    LINK("Link"),
    LOCATION("Location"),
    MAX_FORWARDS("Max-Forwards"),
    ORIGIN("Origin"),
    PRIORITY("Priority"),
    PROXY_AUTHENTICATE("Proxy-Authenticate"),
    PROXY_AUTHORIZATION("Proxy-Authorization"),
    PROXY_CONNECTION("Proxy-Connection"),
    RANGE("Range"),
    REFERER("Referer"),
    RETRY_AFTER("Retry-After"),
    SEC_WEBSOCKET_ACCEPT("Sec-WebSocket-Accept"),
    SEC_WEBSOCKET_KEY("Sec-WebSocket-Key"),
    SEC_WEBSOCKET_PROTOCOL("Sec-WebSocket-Protocol"),
    SEC_WEBSOCKET_VERSION("Sec-WebSocket-Version"),
    SERVER("Server"),
    SET_COOKIE("Set-Cookie"),
    STRICT_TRANSPORT_SECURITY("Strict-Transport-Security"),
    TE("TE"),
    TRAILER("Trailer"),
    TRANSFER_ENCODING("Transfer-Encoding"),
    UPGRADE("Upgrade"),
    UPGRADE_INSECURE_REQUESTS("Upgrade-Insecure-Requests"),
    USER_AGENT("User-Agent"),
    VARY("Vary"),
    VIA("Via"),
    WWW_AUTHENTICATE("WWW-Authenticate"),
    X_CONTENT_TYPE_OPTIONS("X-Content-Type-Options"),
    X_FORWARDED_FOR("X-Forwarded-For"),
    /// A name that is none of these; compare it as text with [Fields#find(Ascii)].
    OTHER("");

    private static final FieldName[] ALL = values();
    private static final int SLOTS = 256;  // about four times the names: short probes
    private static final FieldName[] TABLE = table();

    private final Ascii canonical;  // as HTTP/1.1 writes it
    private final Ascii lower;      // as it is received, and as HTTP/2 and HTTP/3 write it

    FieldName(String canonical) {
        this.canonical = Ascii.of(canonical);
        this.lower = Ascii.of(canonical.toLowerCase(Locale.ROOT));
    }

    /// {@return the name of that ordinal, without the array that `values()` makes}
    public static FieldName of(int ordinal) {
        return ALL[ordinal];
    }

    /// {@return the name whose lower-case form stands at `at`, [#OTHER] for an unknown one}
    ///
    /// @param length  bytes of the name, 1 or more
    public static FieldName of(MemorySegment segment, long at, int length) {
        int slot = slot(length, segment.get(ValueLayout.JAVA_BYTE, at),
                segment.get(ValueLayout.JAVA_BYTE, at + length - 1),
                segment.get(ValueLayout.JAVA_BYTE, at + (length >> 1)));
        for (FieldName name; (name = TABLE[slot]) != null; slot = (slot + 1) & (SLOTS - 1)) {
            if (name.lower.matches(segment, at, length)) {
                return name;
            }
        }
        return OTHER;
    }

    private static int slot(int length, byte first, byte last, byte middle) {
        return (length * 29 + first * 7 + last * 59 + middle * 3) & (SLOTS - 1);
    }

    private static FieldName[] table() {
        FieldName[] slots = new FieldName[SLOTS];
        for (FieldName name : ALL) {
            int length = name.lower.length();
            if (length > 0) {
                int slot = slot(length, name.lower.at(0), name.lower.at(length - 1), name.lower.at(length >> 1));
                while (slots[slot] != null) {
                    slot = (slot + 1) & (SLOTS - 1);
                }
                slots[slot] = name;
            }
        }
        return slots;
    }

    /// {@return the name as HTTP/1.1 writes it, `Content-Type`}
    public Ascii canonical() {
        return canonical;
    }

    /// {@return the name as it is received in every version, `content-type`}
    public Ascii lower() {
        return lower;
    }
}
