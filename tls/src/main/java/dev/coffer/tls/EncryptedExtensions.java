package dev.coffer.tls;

import dev.coffer.memory.layout.BigEndian;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// EncryptedExtensions (RFC 8446, section 4.3.1), as a client reads it and a server writes it: of what was offered, an application protocol and
/// the longest record that the server takes (RFC 8449). That
/// the name has told the server who it is (RFC 6066, section 3) and a list of groups say nothing to a client; whatever else comes was not asked for.
/// One object a loop, read anew for each.
final class EncryptedExtensions {
    /// Bytes at most of what is written: header, list, ALPN with one name, the longest record, early data, QUIC's parameters.
    static final int BYTES_MAX = Wire.MESSAGE_HEADER_BYTES + 2 + 4 + 2 + 1 + TlsSizes.NAME_BYTES_MAX + 4 + 2 + 4
            + 4 + QuicTransport.PARAMETERS_BYTES_MAX;

    private MemorySegment[] offered = {};
    private int only;
    private boolean named;
    private int protocol;
    private boolean protocols;
    private boolean host;
    private boolean groups;
    private int limit;
    private boolean mayEarly;
    private boolean ofQuic;
    private long parametersAt;
    private int parametersBytes;
    private boolean early;

    /// Reads a message, header and all.
    ///
    /// @param protocolsOffered  application protocols, in the configuration's order
    /// @param protocolOnly      the one that was offered, by its place there; below 0 for all
    /// @param nameSaid          whether the hello named a host
    /// @param quic              whether QUIC carries it
    /// @param earlySaid         whether it announced early data, which may be taken
    /// @return null, or why it is refused
    @Nullable
    Alert read(MemorySegment memory, long at, int bytes, MemorySegment[] protocolsOffered, int protocolOnly, boolean nameSaid, boolean earlySaid,
            boolean quic) {
        offered = protocolsOffered;
        only = protocolOnly;
        named = nameSaid;
        protocol = -1;
        protocols = false;
        host = false;
        groups = false;
        limit = 0;
        mayEarly = earlySaid;
        ofQuic = quic;
        parametersAt = -1;
        early = false;
        long end = at + bytes;
        long p = at + Wire.MESSAGE_HEADER_BYTES;
        if (bytes < Wire.MESSAGE_HEADER_BYTES + 2 || BigEndian.u16(memory, p) != end - p - 2) {
            return Alert.DECODE_ERROR;
        }
        for (p += 2; p < end;) {
            if (end - p < 4 || end - p - 4 < BigEndian.u16(memory, p + 2)) {
                return Alert.DECODE_ERROR;
            }
            int length = BigEndian.u16(memory, p + 2);
            Alert refused = onExtension(BigEndian.u16(memory, p), memory, p + 4, length);
            if (refused != null) {
                return refused;
            }
            p += 4 + length;
        }
        return !quic ? null : parametersAt < 0 ? Alert.MISSING_EXTENSION : protocol < 0 ? Alert.NO_APPLICATION_PROTOCOL : null;  // RFC 9001, section 8
    }

    private @Nullable Alert onExtension(int kind, MemorySegment memory, long at, int length) {
        boolean twice = kind == Wire.ALPN && protocols || kind == Wire.SERVER_NAME && host || kind == Wire.SUPPORTED_GROUPS && groups
                || kind == Wire.RECORD_SIZE_LIMIT && limit > 0
                || kind == Wire.EARLY_DATA && early || kind == Wire.QUIC_PARAMETERS && parametersAt >= 0;
        protocols |= kind == Wire.ALPN;
        host |= kind == Wire.SERVER_NAME;
        groups |= kind == Wire.SUPPORTED_GROUPS;
        early |= kind == Wire.EARLY_DATA;
        return twice ? Alert.ILLEGAL_PARAMETER : switch (kind) {
            case Wire.ALPN -> onProtocol(memory, at, length);
            case Wire.SERVER_NAME -> !named ? Alert.UNSUPPORTED_EXTENSION : length == 0 ? null : Alert.DECODE_ERROR;
            case Wire.SUPPORTED_GROUPS -> null;
            case Wire.EARLY_DATA -> !mayEarly ? Alert.UNSUPPORTED_EXTENSION : length == 0 ? null : Alert.DECODE_ERROR;
            case Wire.RECORD_SIZE_LIMIT -> ofQuic ? Alert.UNSUPPORTED_EXTENSION : onLimit(memory, at, length);
            case Wire.QUIC_PARAMETERS -> onParameters(at, length);
            default -> Alert.UNSUPPORTED_EXTENSION;
        };
    }

    private @Nullable Alert onParameters(long at, int length) {
        parametersAt = at;
        parametersBytes = length;
        return ofQuic ? null : Alert.UNSUPPORTED_EXTENSION;
    }

    private @Nullable Alert onLimit(MemorySegment memory, long p, int length) {
        if (length != 2) {
            return Alert.DECODE_ERROR;
        }
        limit = BigEndian.u16(memory, p);
        return limit < Wire.INNER_LIMIT_MIN || limit > Wire.INNER_BYTES_MAX ? Alert.ILLEGAL_PARAMETER : null;  // RFC 8449, section 4
    }

    private @Nullable Alert onProtocol(MemorySegment memory, long p, int length) {
        if (offered.length == 0) {
            return Alert.UNSUPPORTED_EXTENSION;
        }
        int bytes = length < 4 ? -1 : Wire.u8(memory, p + 2);
        if (bytes != length - 3 || BigEndian.u16(memory, p) != length - 2) {
            return Alert.DECODE_ERROR;
        }
        for (int i = 0; i < offered.length; i++) {
            if ((only < 0 || i == only) && offered[i].byteSize() == bytes && MemorySegment.mismatch(memory, p + 3, p + 3 + bytes, offered[i], 0, bytes) < 0) {
                protocol = i;
                return null;
            }
        }
        return Alert.ILLEGAL_PARAMETER;
    }

    /// {@return the application protocol, by its place among those offered; below 0 for none}
    int protocol() {
        return protocol;
    }

    /// {@return bytes of what is protected in a record that the server takes at most (RFC 8449); 0 where it does not say}
    int recordSizeLimit() {
        return limit;
    }

    /// {@return where the server's transport parameters of QUIC are}
    long parametersAt() {
        return parametersAt;
    }

    int parametersBytes() {
        return parametersBytes;
    }

    /// {@return whether the server takes what was said early}
    boolean takesEarly() {
        return early;
    }

    /// Writes a message but for its length.
    ///
    /// @param limit   of the records that we take; 0 where the client did not tell its own
    /// @param early   whether early data is taken
    /// @param quic    who carries it without records, or null
    /// @param agreed  the application protocol; null for none
    /// @return behind its last byte
    static long write(MemorySegment memory, long from, @Nullable MemorySegment agreed, int limit, boolean early,
            @Nullable QuicTransport quic) {
        Wire.u8(memory, from, Wire.ENCRYPTED_EXTENSIONS);
        long list = from + Wire.MESSAGE_HEADER_BYTES;
        long p = list + 2;
        if (agreed != null) {
            int length = (int) agreed.byteSize();
            p = ClientHelloWriter.head(memory, p, Wire.ALPN, 2 + 1 + length);
            BigEndian.u16(memory, p, 1 + length);
            Wire.u8(memory, p + 2, length);
            MemorySegment.copy(agreed, 0, memory, p + 3, length);
            p += 3 + length;
        }
        if (limit > 0) {
            p = ClientHelloWriter.limit(memory, p, limit);
        }
        p = early ? ClientHelloWriter.head(memory, p, Wire.EARLY_DATA, 0) : p;
        p = quic == null ? p : ClientHelloWriter.parameters(memory, p, quic);
        BigEndian.u16(memory, list, (int) (p - list - 2));
        return p;
    }
}
