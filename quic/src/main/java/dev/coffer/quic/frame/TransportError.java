package dev.coffer.quic.frame;

/// Codes by which a connection is closed (RFC 9000, section 20.1), as in a CONNECTION_CLOSE of type 0x1c. TLS's alerts are 0x0100 and more
/// (`QuicHandshake.error`).
public final class TransportError {
    /// No fault: it is just over.
    public static final long NO_ERROR = 0x00;
    /// Ours.
    public static final long INTERNAL_ERROR = 0x01;
    /// A server that takes no connections now.
    public static final long CONNECTION_REFUSED = 0x02;
    /// More data than was allowed.
    public static final long FLOW_CONTROL_ERROR = 0x03;
    /// More streams than were allowed.
    public static final long STREAM_LIMIT_ERROR = 0x04;
    /// A frame that the stream's state forbids.
    public static final long STREAM_STATE_ERROR = 0x05;
    /// Data behind a stream's end, or another end.
    public static final long FINAL_SIZE_ERROR = 0x06;
    /// A frame that is malformed, or of a type that nobody knows.
    public static final long FRAME_ENCODING_ERROR = 0x07;
    /// Transport parameters that are malformed, missing or out of their range.
    public static final long TRANSPORT_PARAMETER_ERROR = 0x08;
    /// More connection IDs than were allowed.
    public static final long CONNECTION_ID_LIMIT_ERROR = 0x09;
    /// What no other code says.
    public static final long PROTOCOL_VIOLATION = 0x0a;
    /// A token of the client's that is not right.
    public static final long INVALID_TOKEN = 0x0b;
    /// The application's, told before the handshake is over.
    public static final long APPLICATION_ERROR = 0x0c;
    /// More of the handshake than can be held.
    public static final long CRYPTO_BUFFER_EXCEEDED = 0x0d;
    /// A key update that should not be (RFC 9001, section 6).
    public static final long KEY_UPDATE_ERROR = 0x0e;
    /// A key was used as often as it may (RFC 9001, section 6.6).
    public static final long AEAD_LIMIT_REACHED = 0x0f;
    /// No path is left.
    public static final long NO_VIABLE_PATH = 0x10;
    /// The versions were not negotiated as they should (RFC 9368, section 4).
    public static final long VERSION_NEGOTIATION_ERROR = 0x11;

    private TransportError() {}
}
