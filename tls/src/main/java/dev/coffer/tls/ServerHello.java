package dev.coffer.tls;

import dev.coffer.crypto.packet.CipherSuite;
import dev.coffer.memory.layout.BigEndian;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// A ServerHello or HelloRetryRequest (RFC 8446, sections 4.1.3 and 4.1.4), as a server writes it, and as a client has read it: offsets into the
/// memory that it lies in. One object a loop, read anew for each.
final class ServerHello {
    /// The random of a HelloRetryRequest: SHA-256 of that name (section 4.1.3).
    static final MemorySegment RETRY_RANDOM = retryRandom();
    /// Bytes at most: header, version, random, session id, suite, compression, and three extensions.
    static final int BYTES_MAX = Wire.MESSAGE_HEADER_BYTES + 2 + Wire.RANDOM_BYTES + 1 + Wire.SESSION_ID_BYTES_MAX + 2 + 1
            + 2 + 6 + 8 + NamedGroup.SERVER_SHARE_BYTES_MAX + 6;
    /// No key is taken.
    static final int NO_KEY = -1;

    private MemorySegment memory = MemorySegment.NULL;
    private boolean retry;
    private int suite;
    private int group;
    private long shareAt;
    private int shareBytes;
    private long cookieAt;
    private int cookieBytes;
    private int key;
    private boolean version;
    private boolean shares;
    private boolean cookies;

    private static MemorySegment retryRandom() {
        MemorySegment random = MemorySegment.ofArray(new byte[Wire.RANDOM_BYTES]);
        BigEndian.i64(random, 0, 0xcf21ad74e59a6111L);
        BigEndian.i64(random, 8, 0xbe1d8c021e65b891L);
        BigEndian.i64(random, 16, 0xc2a211167abb8c5eL);
        BigEndian.i64(random, 24, 0x079e09e2c8a8339cL);
        return random.asReadOnly();
    }

    /// Reads a message, header and all.
    ///
    /// @param session  what the hello of ours had, which must come back
    /// @return null, or why it is refused
    @Nullable
    Alert read(MemorySegment from, long at, int bytes, long session, int sessionBytes) {
        memory = from;
        group = 0;
        cookieBytes = 0;
        key = NO_KEY;
        version = false;
        shares = false;
        cookies = false;
        long end = at + bytes;
        long p = at + Wire.MESSAGE_HEADER_BYTES;
        if (end - p < 2 + Wire.RANDOM_BYTES + 1) {
            return Alert.DECODE_ERROR;
        }
        int legacy = BigEndian.u16(from, p);
        retry = MemorySegment.mismatch(from, p + 2, p + 2 + Wire.RANDOM_BYTES, RETRY_RANDOM, 0, Wire.RANDOM_BYTES) < 0;
        p += 2 + Wire.RANDOM_BYTES;
        int echoed = Wire.u8(from, p);
        if (end - p - 1 < echoed + 3) {
            return Alert.DECODE_ERROR;
        }
        boolean same = echoed == sessionBytes
                && MemorySegment.mismatch(from, p + 1, p + 1 + echoed, from, session, session + sessionBytes) < 0;
        p += 1 + echoed;
        suite = BigEndian.u16(from, p);
        boolean plain = Wire.u8(from, p + 2) == 0;
        p += 3;
        if (p == end) {
            return Alert.PROTOCOL_VERSION;  // TLS 1.2 or older
        }
        if (end - p < 2 || BigEndian.u16(from, p) != end - p - 2) {
            return Alert.DECODE_ERROR;
        }
        Alert refused = extensions(p + 2, end);
        if (refused != null) {
            return refused;
        }
        if (!version || legacy <= Wire.SSL_3) {
            return Alert.PROTOCOL_VERSION;  // appendix D.5
        }
        return legacy == Wire.TLS_1_2 && same && plain ? retry || shares ? null : Alert.MISSING_EXTENSION : Alert.ILLEGAL_PARAMETER;
    }

    private @Nullable Alert extensions(long from, long end) {
        for (long p = from; p < end;) {
            if (end - p < 4 || end - p - 4 < BigEndian.u16(memory, p + 2)) {
                return Alert.DECODE_ERROR;
            }
            int length = BigEndian.u16(memory, p + 2);
            Alert refused = switch (BigEndian.u16(memory, p)) {
                case Wire.SUPPORTED_VERSIONS -> version(p + 4, length);
                case Wire.KEY_SHARE -> share(p + 4, length);
                case Wire.COOKIE -> cookie(p + 4, length);
                case Wire.PRE_SHARED_KEY -> key(p + 4, length);
                default -> Alert.UNSUPPORTED_EXTENSION;
            };
            if (refused != null) {
                return refused;
            }
            p += 4 + length;
        }
        return null;
    }

    private @Nullable Alert version(long at, int length) {
        boolean again = version;
        version = true;
        return length != 2 ? Alert.DECODE_ERROR : again || BigEndian.u16(memory, at) != Wire.TLS_1_3 ? Alert.ILLEGAL_PARAMETER : null;
    }

    private @Nullable Alert share(long at, int length) {
        if (shares) {
            return Alert.ILLEGAL_PARAMETER;
        }
        shares = true;
        if (retry ? length != 2 : length < 5 || BigEndian.u16(memory, at + 2) != length - 4) {
            return Alert.DECODE_ERROR;
        }
        group = BigEndian.u16(memory, at);
        shareAt = at + 4;
        shareBytes = length - 4;
        return group == 0 ? Alert.ILLEGAL_PARAMETER : null;
    }

    private @Nullable Alert cookie(long at, int length) {
        if (!retry || cookies) {
            return retry ? Alert.ILLEGAL_PARAMETER : Alert.UNSUPPORTED_EXTENSION;
        }
        cookies = true;
        if (length < 3 || BigEndian.u16(memory, at) != length - 2) {
            return Alert.DECODE_ERROR;
        }
        cookieAt = at + 2;
        cookieBytes = length - 2;
        return null;
    }

    private @Nullable Alert key(long at, int length) {
        if (retry || key != NO_KEY) {
            return Alert.ILLEGAL_PARAMETER;
        }
        if (length != 2) {
            return Alert.DECODE_ERROR;
        }
        key = BigEndian.u16(memory, at);
        return null;
    }

    /// {@return the ordinal of the key that the server resumes with, or [#NO_KEY]}
    int key() {
        return key;
    }

    boolean isRetry() {
        return retry;
    }

    int suite() {
        return suite;
    }

    /// {@return the group's number; 0 where a retry names none}
    int group() {
        return group;
    }

    long shareAt() {
        return shareAt;
    }

    int shareBytes() {
        return shareBytes;
    }

    long cookieAt() {
        return cookieAt;
    }

    int cookieBytes() {
        return cookieBytes;
    }

    /// Writes a HelloRetryRequest for a share in a group, but for its length.
    ///
    /// @param of  the hello that is answered
    /// @return behind its last byte
    static long writeRetry(MemorySegment memory, long from, ClientHello of, CipherSuite suite, NamedGroup group) {
        long p = write(memory, from, RETRY_RANDOM, 0, of, suite, 6 + 6);
        p = ClientHelloWriter.head(memory, p, Wire.KEY_SHARE, 2);
        BigEndian.u16(memory, p, group.code());
        return p + 2;
    }

    /// Writes a ServerHello, but for its length and its share.
    ///
    /// @param of   the hello that is answered
    /// @param key  the ordinal of the key that is taken; below 0 for none
    /// @return where the share goes; behind it are [#keyBytes] more
    static long write(MemorySegment memory, long from, MemorySegment random, long randomAt, ClientHello of, CipherSuite suite, int key,
            NamedGroup group) {
        int share = 4 + group.serverShareBytes();
        long p = write(memory, from, random, randomAt, of, suite, 6 + 4 + share + keyBytes(key));
        p = ClientHelloWriter.head(memory, p, Wire.KEY_SHARE, share);
        BigEndian.u16(memory, p, group.code());
        BigEndian.u16(memory, p + 2, group.serverShareBytes());
        if (key >= 0) {
            BigEndian.u16(memory, ClientHelloWriter.head(memory, p + share, Wire.PRE_SHARED_KEY, 2), key);
        }
        return p + 4;
    }

    /// {@return bytes of the extension that says which key is taken, if one is}
    static int keyBytes(int key) {
        return key < 0 ? 0 : 4 + 2;
    }

    /// Writes all up to the version, which is the first extension.
    ///
    /// @param bytes  of all extensions
    private static long write(MemorySegment memory, long from, MemorySegment random, long randomAt, ClientHello of, CipherSuite suite, int bytes) {
        Wire.u8(memory, from, Wire.SERVER_HELLO);
        long p = from + Wire.MESSAGE_HEADER_BYTES;
        BigEndian.u16(memory, p, Wire.TLS_1_2);
        MemorySegment.copy(random, randomAt, memory, p + 2, Wire.RANDOM_BYTES);
        p += 2 + Wire.RANDOM_BYTES;
        Wire.u8(memory, p, of.sessionBytes());
        MemorySegment.copy(of.memory(), of.sessionAt(), memory, p + 1, of.sessionBytes());
        p += 1 + of.sessionBytes();
        BigEndian.u16(memory, p, suite.code());
        Wire.u8(memory, p + 2, 0);  // no compression
        BigEndian.u16(memory, p + 3, bytes);
        p = ClientHelloWriter.head(memory, p + 5, Wire.SUPPORTED_VERSIONS, 2);
        BigEndian.u16(memory, p, Wire.TLS_1_3);
        return p + 2;
    }
}
