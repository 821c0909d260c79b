package dev.coffer.http.http3;

/// Error codes of HTTP/3 and QPACK (RFC 9114, section 8.1; RFC 9204, section 6), with which streams are reset and connections closed.
public enum ErrorCode {
    H3_NO_ERROR(0x100),
    H3_GENERAL_PROTOCOL_ERROR(0x101),
    H3_INTERNAL_ERROR(0x102),
    H3_STREAM_CREATION_ERROR(0x103),
    H3_CLOSED_CRITICAL_STREAM(0x104),
    H3_FRAME_UNEXPECTED(0x105),
    H3_FRAME_ERROR(0x106),
    H3_EXCESSIVE_LOAD(0x107),
    H3_ID_ERROR(0x108),
    H3_SETTINGS_ERROR(0x109),
    H3_MISSING_SETTINGS(0x10a),
    H3_REQUEST_REJECTED(0x10b),
    H3_REQUEST_CANCELLED(0x10c),
    H3_REQUEST_INCOMPLETE(0x10d),
    H3_MESSAGE_ERROR(0x10e),
    H3_CONNECT_ERROR(0x10f),
    H3_VERSION_FALLBACK(0x110),
    QPACK_DECOMPRESSION_FAILED(0x200),
    QPACK_ENCODER_STREAM_ERROR(0x201),
    QPACK_DECODER_STREAM_ERROR(0x202);

    private static final ErrorCode[] ALL = values();

    private final int code;

    ErrorCode(int code) {
        this.code = code;
    }

    /// {@return the number on the wire}
    public int code() {
        return code;
    }

    /// {@return the code of that number; one that is not known is as H3_NO_ERROR (RFC 9114, section 9)}
    static ErrorCode of(long number) {
        for (int i = 0; i < ALL.length; i++) {
            if (ALL[i].code == number) {
                return ALL[i];
            }
        }
        return H3_NO_ERROR;
    }
}
