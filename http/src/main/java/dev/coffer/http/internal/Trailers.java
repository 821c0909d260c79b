package dev.coffer.http.internal;

import dev.coffer.http.FieldName;
import dev.coffer.http.Refusal;

/// Which fields may not stand in trailers (RFC 9110, section 6.5.1): those that frame, route, modify or authenticate
/// the message that has already been acted on.
public final class Trailers {
    /// Of [#take].
    public static final int TAKEN = 0;
    /// There is no entry for it, or its name is longer than one has room for.
    public static final int TOO_LONG = 1;
    /// It may not be one.
    public static final int MALFORMED = 2;

    private Trailers() {}

    /// Takes a field of HTTP/2 or HTTP/3 among trailers, where it may stand there. A pseudo-header field is none (RFC 9113, section 8.1; RFC 9114,
    /// section 4.3).
    ///
    /// @return [#TAKEN], [#TOO_LONG] or [#MALFORMED]
    public static int take(FieldEntries trailers, long nameAt, int nameLength, long valueAt, int valueLength) {
        if (trailers.isFull() || nameLength > FieldEntries.NAME_BYTES_MAX) {
            return TOO_LONG;
        }
        if (!ReceivedSection.isName(trailers.segment(), nameAt, nameLength) || !ReceivedSection.isValue(trailers.segment(), valueAt, valueLength)) {
            return MALFORMED;
        }
        trailers.append(nameAt, nameLength, valueAt, valueLength);
        return judge(trailers.name(trailers.count() - 1)) == Refusal.NONE ? TAKEN : MALFORMED;
    }

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
