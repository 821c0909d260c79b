package dev.coffer.http.internal;

import dev.coffer.http.FieldName;
import dev.coffer.http.Refusal;

/// Which fields may not stand in trailers (RFC 9110, section 6.5.1): those that frame, route, modify or authenticate
/// the message that has already been acted on.
public final class Trailers {
    private Trailers() {}

    public static Refusal judge(FieldName name) {
        return switch (name) {
            case CONTENT_LENGTH, TRANSFER_ENCODING, CONNECTION, HOST, EXPECT, TE, TRAILER, UPGRADE, RANGE, CONTENT_RANGE,
                    CONTENT_TYPE, CONTENT_ENCODING, AUTHORIZATION, PROXY_AUTHORIZATION, COOKIE, SET_COOKIE,
                    MAX_FORWARDS, CACHE_CONTROL, IF_MATCH, IF_NONE_MATCH, IF_MODIFIED_SINCE, IF_UNMODIFIED_SINCE,
                    IF_RANGE, KEEP_ALIVE, PROXY_CONNECTION ->
                Refusal.TRAILER;
            default -> Refusal.NONE;
        };
    }
}
