package dev.coffer.tls;

import dev.coffer.memory.layout.BigEndian;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// Writes a client's hello (RFC 8446, section 4.1.2) but for its shares and a session, which are the handshake's own and go behind. One a context; it holds
/// nothing of a connection. 0 heap bytes a call.
final class ClientHelloWriter {
    /// Bytes of the longest name of a host (RFC 1035, section 3.1).
    static final int HOST_BYTES_MAX = 253;

    /// Suites and groups that a hello has room for.
    static final int LIST_MAX = 8;
    /// Signature schemes that it has room for.
    static final int SCHEMES_MAX = 32;

    static final int COOKIE_BYTES_MAX = 1024;

    /// ClientHello: header, version, random, session, suites, compression, and its extensions with room for two shares.
    static final int BYTES_MAX = Wire.MESSAGE_HEADER_BYTES + 2 + Wire.RANDOM_BYTES + 1 + Wire.SESSION_ID_BYTES_MAX + 2 + 2 * LIST_MAX + 2 + 2
            + 7 + 6 + 4 + QuicTransport.PARAMETERS_BYTES_MAX + 9 + HOST_BYTES_MAX + 6 + 2 * LIST_MAX + 6 + 2 * SCHEMES_MAX + 6 + TlsSizes.NAMES_BYTES_MAX + 6
            + COOKIE_BYTES_MAX
            + 6 + 2 * 4 + NamedGroup.CLIENT_SHARE_BYTES_MAX + 32 + ClientResumption.OFFER_BYTES_MAX;

    private final TlsClientConfig config;
    private final int[] schemes;
    private final MemorySegment[] protocols;

    ClientHelloWriter(TlsClientConfig config, int[] schemes, MemorySegment[] protocols) {
        this.config = config;
        this.schemes = schemes;
        this.protocols = protocols;
    }

    /// {@return bytes of the number of a session, for the sake of middleboxes, of which there are none in QUIC (RFC 9001, section 8.4)}
    private static int sessionBytes(@Nullable QuicTransport quic) {
        return quic == null ? Wire.SESSION_ID_BYTES_MAX : 0;
    }

    /// {@return bytes before the first extension}
    private int headBytes(@Nullable QuicTransport quic) {
        return Wire.MESSAGE_HEADER_BYTES + 2 + Wire.RANDOM_BYTES + 1 + sessionBytes(quic) + 2 + 2 * config.suites().size() + 2 + 2;
    }

    /// Writes all but the lengths, which [#end] knows.
    ///
    /// @param memory       of everything here
    /// @param from         where the message begins
    /// @param randomAt     the random, and behind it the session's number of [Wire#SESSION_ID_BYTES_MAX]
    /// @param name         of the host; empty for none
    /// @param cookieBytes  of the retry's cookie; 0 for none
    /// @param only         the one protocol that is offered, by its place; below 0 for all
    /// @param quic         who carries it without records, or null
    /// @return where the shares go
    long write(MemorySegment memory, long from, long randomAt, MemorySegment name, long cookieAt, int cookieBytes, int only,
            @Nullable QuicTransport quic) {
        Wire.u8(memory, from, Wire.CLIENT_HELLO);
        long p = from + Wire.MESSAGE_HEADER_BYTES;
        BigEndian.u16(memory, p, Wire.TLS_1_2);
        MemorySegment.copy(memory, randomAt, memory, p + 2, Wire.RANDOM_BYTES);
        p += 2 + Wire.RANDOM_BYTES;
        int session = sessionBytes(quic);
        Wire.u8(memory, p, session);
        MemorySegment.copy(memory, randomAt + Wire.RANDOM_BYTES, memory, p + 1, session);
        p += 1 + session;
        BigEndian.u16(memory, p, 2 * config.suites().size());
        p += 2;
        for (int i = 0; i < config.suites().size(); i++, p += 2) {
            BigEndian.u16(memory, p, config.suites().get(i).code());
        }
        BigEndian.u16(memory, p, 1 << 8);  // one compression: none
        p = name(memory, from + headBytes(quic), name);
        p = lists(memory, p);
        p = protocols(memory, p, only);
        p = config.sessions() > 0 ? ClientResumption.modes(memory, p) : p;
        p = quic == null ? limit(memory, p, config.recordSizeLimit()) : parameters(memory, p, quic);
        return cookie(memory, p, cookieAt, cookieBytes);
    }

    /// The extensions end here.
    void end(MemorySegment memory, long from, long end, @Nullable QuicTransport quic) {
        long first = from + headBytes(quic);
        BigEndian.u16(memory, first - 2, (int) (end - first));
    }

    private static long name(MemorySegment memory, long from, MemorySegment name) {
        int length = (int) name.byteSize();
        if (length == 0) {
            return from;
        }
        long p = head(memory, from, Wire.SERVER_NAME, length + 5);
        BigEndian.u16(memory, p, length + 3);
        Wire.u8(memory, p + 2, 0);
        BigEndian.u16(memory, p + 3, length);
        MemorySegment.copy(name, 0, memory, p + 5, length);
        return p + 5 + length;
    }

    /// Versions, groups and signature schemes.
    private long lists(MemorySegment memory, long from) {
        long p = head(memory, from, Wire.SUPPORTED_VERSIONS, 3);
        Wire.u8(memory, p, 2);
        BigEndian.u16(memory, p + 1, Wire.TLS_1_3);
        p = list(memory, p + 3, Wire.SUPPORTED_GROUPS, config.groups().size());
        for (int i = 0; i < config.groups().size(); i++, p += 2) {
            BigEndian.u16(memory, p, config.groups().get(i).code());
        }
        p = list(memory, p, Wire.SIGNATURE_ALGORITHMS, schemes.length);
        for (int i = 0; i < schemes.length; i++, p += 2) {
            BigEndian.u16(memory, p, schemes[i]);
        }
        return p;
    }

    private long protocols(MemorySegment memory, long from, int only) {
        if (protocols.length == 0) {
            return from;
        }
        long p = from + 6;
        for (int i = Math.max(only, 0); i < (only < 0 ? protocols.length : only + 1); i++) {
            int length = (int) protocols[i].byteSize();
            Wire.u8(memory, p, length);
            MemorySegment.copy(protocols[i], 0, memory, p + 1, length);
            p += 1 + length;
        }
        head(memory, from, Wire.ALPN, (int) (p - from - 4));
        BigEndian.u16(memory, from + 4, (int) (p - from - 6));
        return p;
    }

    private static long cookie(MemorySegment memory, long from, long cookieAt, int cookieBytes) {
        if (cookieBytes == 0) {
            return from;
        }
        long p = head(memory, from, Wire.COOKIE, 2 + cookieBytes);
        BigEndian.u16(memory, p, cookieBytes);
        MemorySegment.copy(memory, cookieAt, memory, p + 2, cookieBytes);
        return p + 2 + cookieBytes;
    }

    /// {@return bytes that a cookie takes in a hello}
    static int cookieBytes(int cookieBytes) {
        return cookieBytes == 0 ? 0 : 4 + 2 + cookieBytes;
    }

    /// Says which records are taken (RFC 8449, section 4).
    ///
    /// @param bytes  of what is protected in one at most
    /// @return where the next extension goes
    static long limit(MemorySegment memory, long from, int bytes) {
        long p = head(memory, from, Wire.RECORD_SIZE_LIMIT, 2);
        BigEndian.u16(memory, p, bytes);
        return p + 2;
    }

    /// Says what QUIC wants to be said (RFC 9001, section 8.2).
    ///
    /// @return where the next extension goes
    static long parameters(MemorySegment memory, long from, QuicTransport quic) {
        int length = quic.parameters(memory, from + 4);
        if (length < 1 || length > QuicTransport.PARAMETERS_BYTES_MAX) {
            throw new IllegalArgumentException("quic: transport parameters of " + length + " bytes (expected 1.." + QuicTransport.PARAMETERS_BYTES_MAX + ")");
        }
        return head(memory, from, Wire.QUIC_PARAMETERS, length) + length;
    }

    /// Begins an extension.
    ///
    /// @return where its body goes
    static long head(MemorySegment memory, long p, int kind, int length) {
        BigEndian.u16(memory, p, kind);
        BigEndian.u16(memory, p + 2, length);
        return p + 4;
    }

    private static long list(MemorySegment memory, long p, int kind, int count) {
        long at = head(memory, p, kind, 2 + 2 * count);
        BigEndian.u16(memory, at, 2 * count);
        return at + 2;
    }
}
