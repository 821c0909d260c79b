package dev.coffer.http.http2;

/// Error codes of RST_STREAM and GOAWAY (RFC 9113, section 7), by their numbers.
public enum ErrorCode {
    NO_ERROR,
    PROTOCOL_ERROR,
    INTERNAL_ERROR,
    FLOW_CONTROL_ERROR,
    SETTINGS_TIMEOUT,
    STREAM_CLOSED,
    FRAME_SIZE_ERROR,
    REFUSED_STREAM,
    CANCEL,
    COMPRESSION_ERROR,
    CONNECT_ERROR,
    ENHANCE_YOUR_CALM,
    INADEQUATE_SECURITY,
    HTTP_1_1_REQUIRED;

    private static final ErrorCode[] ALL = values();

    /// {@return the code of that number; one that is not known is as INTERNAL_ERROR (section 7)}
    static ErrorCode of(int number) {
        return number >= 0 && number < ALL.length ? ALL[number] : INTERNAL_ERROR;
    }

    /// {@return the number on the wire}
    public int code() {
        return ordinal();
    }
}
