package dev.coffer.tls;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/// The numbers of TLS 1.3 that several classes need (RFC 8446, appendix B), and single bytes.
final class Wire {
    // ContentType, section 5.1.
    static final int CHANGE_CIPHER_SPEC = 20;
    static final int ALERT = 21;
    static final int HANDSHAKE = 22;
    static final int APPLICATION_DATA = 23;

    // HandshakeType, section 4.
    static final int CLIENT_HELLO = 1;
    static final int SERVER_HELLO = 2;
    static final int NEW_SESSION_TICKET = 4;
    static final int END_OF_EARLY_DATA = 5;
    static final int ENCRYPTED_EXTENSIONS = 8;
    static final int CERTIFICATE = 11;
    static final int CERTIFICATE_REQUEST = 13;
    static final int CERTIFICATE_VERIFY = 15;
    static final int FINISHED = 20;
    static final int KEY_UPDATE = 24;
    static final int MESSAGE_HASH = 254;

    // ExtensionType, section 4.2.
    static final int SERVER_NAME = 0;
    static final int STATUS_REQUEST = 5;
    static final int SUPPORTED_GROUPS = 10;
    static final int SIGNATURE_ALGORITHMS = 13;
    static final int ALPN = 16;
    static final int RECORD_SIZE_LIMIT = 28;  // RFC 8449
    static final int EARLY_DATA = 42;
    static final int PRE_SHARED_KEY = 41;
    static final int SUPPORTED_VERSIONS = 43;
    static final int COOKIE = 44;
    static final int CERTIFICATE_AUTHORITIES = 47;
    static final int PSK_MODES = 45;
    static final int KEY_SHARE = 51;
    static final int QUIC_PARAMETERS = 57;  // RFC 9001, section 8.2

    /// PskKeyExchangeMode (section 4.2.9): with a key exchange.
    static final int PSK_DHE_KE = 1;

    static final int TLS_1_2 = 0x0303;
    /// The version of a hello that nobody answers, and what is below it (RFC 8446, appendix D.5).
    static final int SSL_3 = 0x0300;
    static final int TLS_1_3 = 0x0304;

    /// Bytes of a record's header (section 5.1): type, version, length.
    static final int RECORD_HEADER_BYTES = 5;
    /// Bytes of a record's content at most (section 5.1).
    static final int CONTENT_BYTES_MAX = 1 << 14;
    /// Bytes of what is protected in a record at most: content, type, padding (section 5.4). What a limit of RFC 8449 counts.
    static final int INNER_BYTES_MAX = CONTENT_BYTES_MAX + 1;
    /// The least that a limit may say (RFC 8449, section 4).
    static final int INNER_LIMIT_MIN = 64;
    /// Bytes of a protected record behind its header at most (section 5.2).
    static final int CIPHERTEXT_BYTES_MAX = CONTENT_BYTES_MAX + 256;
    /// Bytes of a record at most.
    static final int RECORD_BYTES_MAX = RECORD_HEADER_BYTES + CIPHERTEXT_BYTES_MAX;
    /// Bytes of a handshake message's header (section 4): type, length u24.
    static final int MESSAGE_HEADER_BYTES = 4;
    /// Bytes of a hello's random (section 4.1.2).
    static final int RANDOM_BYTES = 32;
    /// Bytes of a session's number at most (section 4.1.2).
    static final int SESSION_ID_BYTES_MAX = 32;

    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;

    private Wire() {}

    static int u8(MemorySegment segment, long at) {
        return Byte.toUnsignedInt(segment.get(BYTE, at));
    }

    static void u8(MemorySegment segment, long at, int value) {
        segment.set(BYTE, at, (byte) value);
    }

    /// {@return public text as read-only memory, to be made once}
    static MemorySegment ascii(String text) {
        return MemorySegment.ofArray(text.getBytes(StandardCharsets.US_ASCII)).asReadOnly();
    }
}
