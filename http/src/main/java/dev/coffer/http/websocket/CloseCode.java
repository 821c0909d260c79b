package dev.coffer.http.websocket;

/// Status codes of a closed connection (RFC 6455, section 7.4, and the registry of IANA) as plain numbers. Stateless, thread-safe.
public final class CloseCode {
    public static final int NORMAL = 1000;
    public static final int GOING_AWAY = 1001;
    public static final int PROTOCOL_ERROR = 1002;
    /// A kind of message that is not taken: text or binary.
    public static final int UNSUPPORTED_DATA = 1003;
    /// Never sent: the peer said none.
    public static final int NONE = 1005;
    /// Never sent: the connection ended without a close frame.
    public static final int ABNORMAL = 1006;
    /// Text that is no UTF-8.
    public static final int INVALID_DATA = 1007;
    public static final int POLICY_VIOLATION = 1008;
    public static final int TOO_BIG = 1009;
    public static final int INTERNAL_ERROR = 1011;
    public static final int SERVICE_RESTART = 1012;
    public static final int TRY_AGAIN_LATER = 1013;
    public static final int BAD_GATEWAY = 1014;
    /// First of those that libraries and applications register or agree on, to 4999 (section 7.4.2).
    public static final int APPLICATION_MIN = 3000;
    /// Last of them.
    public static final int APPLICATION_MAX = 4999;

    private CloseCode() {}

    /// {@return whether a close frame may carry it: 1000..1003, 1007..1014 and 3000..4999; 1004 is reserved, and 1005, 1006 and 1015 only say what
    /// no frame has said}
    public static boolean isOnTheWire(int code) {
        return code >= NORMAL && code <= UNSUPPORTED_DATA || code >= INVALID_DATA && code <= BAD_GATEWAY
                || code >= APPLICATION_MIN && code <= APPLICATION_MAX;
    }
}
