package dev.coffer.http;

import java.lang.foreign.MemorySegment;

/// The method of a request (RFC 9110, section 9; PATCH: RFC 5789). Methods are case-sensitive.
public enum Method {
    GET(true, true),
    HEAD(true, true),
    POST(false, false),
    PUT(false, true),
    DELETE(false, true),
    OPTIONS(true, true),
    PATCH(false, false),
    TRACE(true, true),
    CONNECT(false, false),
    /// A token that is none of these; an application that does not know it answers 501.
    OTHER(false, false);

    private static final Method[] ALL = values();

    private final Ascii text = Ascii.of(name());
    private final boolean safe;
    private final boolean idempotent;

    Method(boolean safe, boolean idempotent) {
        this.safe = safe;
        this.idempotent = idempotent;
    }

    /// {@return the method that the token at `at` names, [#OTHER] for an unknown one}
    public static Method of(MemorySegment segment, long at, long length) {
        for (Method method : ALL) {
            if (method != OTHER && method.text.matches(segment, at, length)) {
                return method;
            }
        }
        return OTHER;
    }

    /// {@return the token as sent}
    public Ascii text() {
        return text;
    }

    /// {@return whether the request asks for no change (section 9.2.1)}
    public boolean isSafe() {
        return safe;
    }

    /// {@return whether sending it twice has the effect of once (section 9.2.2), so that a client may retry}
    public boolean isIdempotent() {
        return idempotent;
    }
}
