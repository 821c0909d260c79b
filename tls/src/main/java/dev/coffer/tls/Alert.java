package dev.coffer.tls;

/// Why a connection ends, as TLS says it (RFC 8446, section 6): every one of them but [#CLOSE_NOTIFY] and [#USER_CANCELED] is fatal,
/// whatever level it is sent with.
public enum Alert {
    /// The sender sends no more; what came before is whole.
    CLOSE_NOTIFY(0),
    /// A message that was not to be expected here.
    UNEXPECTED_MESSAGE(10),
    /// A record that does not verify.
    BAD_RECORD_MAC(20),
    /// A record that is longer than 2^14 bytes, or 2^14 + 256 of ciphertext.
    RECORD_OVERFLOW(22),
    /// Nothing that both sides can do.
    HANDSHAKE_FAILURE(40),
    /// A certificate that cannot be read or does not verify.
    BAD_CERTIFICATE(42),
    /// A certificate of a kind that is not supported.
    UNSUPPORTED_CERTIFICATE(43),
    /// A certificate that its issuer revoked.
    CERTIFICATE_REVOKED(44),
    /// A certificate whose time is over, or has not come.
    CERTIFICATE_EXPIRED(45),
    /// Something else about a certificate.
    CERTIFICATE_UNKNOWN(46),
    /// A field that is out of its range, or does not fit another.
    ILLEGAL_PARAMETER(47),
    /// A certificate of an issuer that is not trusted.
    UNKNOWN_CA(48),
    /// A certificate that is valid, of somebody who may not.
    ACCESS_DENIED(49),
    /// A message that cannot be read: a length that does not fit.
    DECODE_ERROR(50),
    /// A signature or a Finished that does not verify.
    DECRYPT_ERROR(51),
    /// No version that both sides speak.
    PROTOCOL_VERSION(70),
    /// Parameters that are weaker than the sender asks for.
    INSUFFICIENT_SECURITY(71),
    /// The fault is the sender's own: no memory, no random bytes.
    INTERNAL_ERROR(80),
    /// A downgraded retry (RFC 7507).
    INAPPROPRIATE_FALLBACK(86),
    /// The user has given up; a close_notify follows.
    USER_CANCELED(90),
    /// An extension that the message must have and has not.
    MISSING_EXTENSION(109),
    /// An extension that was not offered, or that the message must not have.
    UNSUPPORTED_EXTENSION(110),
    /// No server of that name.
    UNRECOGNIZED_NAME(112),
    /// An OCSP answer that is none.
    BAD_CERTIFICATE_STATUS_RESPONSE(113),
    /// No such pre-shared key.
    UNKNOWN_PSK_IDENTITY(115),
    /// A certificate is asked for and none came.
    CERTIFICATE_REQUIRED(116),
    /// No application protocol that both sides speak (RFC 7301, section 3.2).
    NO_APPLICATION_PROTOCOL(120);

    static final int LEVEL_WARNING = 1;
    static final int LEVEL_FATAL = 2;

    private static final Alert[] BY_CODE = new Alert[256];

    static {
        for (Alert alert : values()) {
            BY_CODE[alert.code] = alert;
        }
    }

    private final int code;

    Alert(int code) {
        this.code = code;
    }

    /// {@return the alert with that number, or null: the peer's may be any}
    ///
    /// @param code  as on the wire, u8
    static Alert of(int code) {
        return BY_CODE[code];
    }

    /// {@return the number on the wire, u8}
    public int code() {
        return code;
    }

    /// {@return whether the connection is lost with it}
    public boolean isFatal() {
        return this != CLOSE_NOTIFY && this != USER_CANCELED;
    }

    int level() {
        return isFatal() ? LEVEL_FATAL : LEVEL_WARNING;
    }
}
