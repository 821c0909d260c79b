package dev.coffer.tls;

import dev.coffer.crypto.Hash;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.Align;
import dev.coffer.memory.layout.BigEndian;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// A ClientHello as it was read (RFC 8446, section 4.1.2): offsets into the memory that it lies in, and nothing copied. One object a
/// loop, read anew for each hello; every length is checked before anything is looked up, so that the questions below ask of sound lists.
///
/// Refused, with the alert that the standard names: a length that does not fit or a list of the wrong form (`decode_error`), an extension
/// that comes twice, a compression that is not none, a pre-shared key that is not last (`illegal_parameter`), no TLS 1.3
/// (`protocol_version`), no groups or shares, no signature algorithms where no key is offered, or a key without saying how it may be
/// used (`missing_extension`, sections 9.2 and 4.2.9; resumption without a key exchange is not offered here).
final class ClientHello implements OfferedSchemes {
    /// Bytes of [#digest].
    static final int DIGEST_BYTES = 32;
    private static final long LENGTH = Align.up(Hash.STATE_BYTES_MAX, Long.BYTES);  // in its workspace
    private static final long WORK_BYTES = LENGTH + Integer.BYTES;

    /// Shares of a client at most that do not come in the order of its groups, as they must (section 4.2.8): looking through them is work.
    private static final int SHARES_MAX = 32;
    private static final int NAME_TYPE_HOST = 0;
    private static final int STATUS_TYPE_OCSP = 1;  // RFC 6066, section 8
    private static final int NONE = -1;

    private final ExtensionKinds kinds;
    private MemorySegment memory = MemorySegment.NULL;
    private long end;

    private long randomAt;
    private long sessionAt;
    private int sessionBytes;
    private long suitesAt;
    private int suitesBytes;
    private long extensionsAt;
    // Lists, without their own lengths; NONE where the extension is not there.
    private long groupsAt;
    private int groupsBytes;
    private long sharesAt;
    private int sharesBytes;
    private int shares;
    private long schemesAt;
    private int schemesBytes;
    private long nameAt;
    private int nameBytes;
    private long protocolsAt;
    private int protocolsBytes;
    private long statusAt;
    private int statusBytes;
    private long limitAt;
    private long parametersAt;
    private int parametersBytes;
    private boolean versions;
    private boolean earlyData;
    private boolean modes;
    private boolean exchange;
    private final PreSharedKeys keys = new PreSharedKeys();

    ClientHello(ExtensionKinds kinds) {
        this.kinds = kinds;
    }

    /// Where the client's random is in a message, header and all (section 4.1.2): behind the version.
    static final long RANDOM_AT = Wire.MESSAGE_HEADER_BYTES + 2;

    /// Reads the body of a hello, behind its header; it must stay as it is while it is asked about.
    ///
    /// @return null, or why it is refused
    @Nullable
    Alert read(MemorySegment from, long at, int length) {
        memory = from;
        end = at + length;
        groupsAt = sharesAt = schemesAt = nameAt = protocolsAt = limitAt = parametersAt = statusAt = NONE;
        versions = false;
        earlyData = false;
        modes = false;
        exchange = false;
        keys.begin();
        long p = at;
        if (end - p < 2 + Wire.RANDOM_BYTES + 1) {
            return Alert.DECODE_ERROR;
        }
        boolean ancient = BigEndian.u16(from, p) <= Wire.SSL_3;
        randomAt = p + 2;  // the version before it says nothing more (section 4.2.1)
        p = randomAt + Wire.RANDOM_BYTES;
        sessionBytes = Wire.u8(from, p);
        sessionAt = p + 1;
        p = sessionAt + sessionBytes;
        if (sessionBytes > Wire.SESSION_ID_BYTES_MAX || end - p < 2) {
            return Alert.DECODE_ERROR;
        }
        suitesBytes = BigEndian.u16(from, p);
        suitesAt = p + 2;
        p = suitesAt + suitesBytes;
        if (suitesBytes < 2 || (suitesBytes & 1) != 0 || end - p < 1) {
            return Alert.DECODE_ERROR;
        }
        int compressions = Wire.u8(from, p);
        if (compressions < 1 || end - p - 1 < compressions) {
            return Alert.DECODE_ERROR;
        }
        boolean plain = compressions == 1 && Wire.u8(from, p + 1) == 0;
        p += 1 + compressions;
        if (p == end) {
            return Alert.PROTOCOL_VERSION;  // no extension at all: TLS 1.2 or older
        }
        if (end - p < 2 || BigEndian.u16(from, p) != end - p - 2) {
            return Alert.DECODE_ERROR;
        }
        extensionsAt = p + 2;
        Alert refused = readExtensions();
        if (refused != null) {
            return refused;
        }
        if (!versions || ancient) {
            return Alert.PROTOCOL_VERSION;  // appendix D.5
        }
        if (!plain) {
            return Alert.ILLEGAL_PARAMETER;
        }
        boolean lacks = groupsAt == NONE || sharesAt == NONE || (keys.areThere() ? !modes : schemesAt == NONE);
        return lacks ? Alert.MISSING_EXTENSION : null;
    }

    private @Nullable Alert readExtensions() {
        try {
            for (long p = extensionsAt; p < end;) {
                if (end - p < 4 || end - p - 4 < BigEndian.u16(memory, p + 2)) {
                    return Alert.DECODE_ERROR;
                }
                int kind = BigEndian.u16(memory, p);
                int length = BigEndian.u16(memory, p + 2);
                if (!kinds.mark(kind)) {
                    return Alert.ILLEGAL_PARAMETER;
                }
                if (kind == Wire.PRE_SHARED_KEY && p + 4 + length < end) {
                    return Alert.ILLEGAL_PARAMETER;  // section 4.2.11
                }
                Alert refused = readExtension(kind, p + 4, length);
                if (refused != null) {
                    return refused;
                }
                p += 4 + length;
            }
            return null;
        } finally {
            kinds.unmark(memory, extensionsAt, end);
        }
    }

    private @Nullable Alert readExtension(int kind, long at, int length) {
        switch (kind) {
            case Wire.SUPPORTED_VERSIONS -> {
                if (length < 3 || Wire.u8(memory, at) != length - 1 || (length & 1) == 0) {
                    return Alert.DECODE_ERROR;
                }
                for (long p = at + 1; p < at + length; p += 2) {
                    versions |= BigEndian.u16(memory, p) == Wire.TLS_1_3;
                }
            }
            case Wire.SUPPORTED_GROUPS -> {
                groupsAt = at + 2;
                groupsBytes = listOfPairs(at, length);
                return groupsBytes < 0 ? Alert.DECODE_ERROR : null;
            }
            case Wire.SIGNATURE_ALGORITHMS -> {
                schemesAt = at + 2;
                schemesBytes = listOfPairs(at, length);
                return schemesBytes < 0 ? Alert.DECODE_ERROR : null;
            }
            case Wire.KEY_SHARE -> {
                return readShares(at, length);
            }
            case Wire.SERVER_NAME -> {
                return readName(at, length);
            }
            case Wire.ALPN -> {
                return readProtocols(at, length);
            }
            case Wire.PSK_MODES -> {
                return readModes(at, length);
            }
            case Wire.PRE_SHARED_KEY -> {
                return keys.read(memory, at, length);
            }
            case Wire.QUIC_PARAMETERS -> {
                parametersAt = at;
                parametersBytes = length;
            }
            case Wire.RECORD_SIZE_LIMIT -> {
                limitAt = at;
                return length != 2 ? Alert.DECODE_ERROR : BigEndian.u16(memory, at) < Wire.INNER_LIMIT_MIN ? Alert.ILLEGAL_PARAMETER : null;
            }
            case Wire.STATUS_REQUEST -> {
                return readStatus(at, length);
            }
            case Wire.EARLY_DATA -> {
                earlyData = true;
                return length == 0 ? null : Alert.DECODE_ERROR;
            }
            default -> {}  // what is not known is passed over (section 4.2)
        }
        return null;
    }

    /// A wish for a response of OCSP (RFC 6066, section 8); other types of status are passed over, and which responders it trusts is not looked at.
    private @Nullable Alert readStatus(long at, int length) {
        if (length < 1) {
            return Alert.DECODE_ERROR;
        }
        if (Wire.u8(memory, at) != STATUS_TYPE_OCSP) {
            return null;
        }
        int responders = length < 5 ? length : BigEndian.u16(memory, at + 1);
        if (responders > length - 5 || BigEndian.u16(memory, at + 3 + responders) != length - 5 - responders) {
            return Alert.DECODE_ERROR;
        }
        statusAt = at;
        statusBytes = length;
        return null;
    }

    private @Nullable Alert readModes(long at, int length) {
        if (length < 2 || Wire.u8(memory, at) != length - 1) {
            return Alert.DECODE_ERROR;
        }
        modes = true;
        for (int i = 1; i < length; i++) {
            exchange |= Wire.u8(memory, at + i) == Wire.PSK_DHE_KE;
        }
        return null;
    }

    /// {@return bytes of a list of u16 with its length before it, which fills the extension; below 0 where it is none, or empty}
    private int listOfPairs(long at, int length) {
        int bytes = length < 2 ? NONE : BigEndian.u16(memory, at);
        return bytes == length - 2 && bytes >= 2 && (bytes & 1) == 0 ? bytes : NONE;
    }

    private @Nullable Alert readShares(long at, int length) {
        if (length < 2 || BigEndian.u16(memory, at) != length - 2) {
            return Alert.DECODE_ERROR;
        }
        sharesAt = at + 2;
        sharesBytes = length - 2;
        long last = sharesAt + sharesBytes;
        shares = 0;
        for (long p = sharesAt; p < last; shares++) {
            if (last - p < 4) {
                return Alert.DECODE_ERROR;
            }
            int bytes = BigEndian.u16(memory, p + 2);
            if (bytes < 1 || last - p - 4 < bytes) {
                return Alert.DECODE_ERROR;
            }
            p += 4 + bytes;
        }
        return null;
    }

    /// One name of a host (RFC 6066, section 3); names of other types are passed over.
    private @Nullable Alert readName(long at, int length) {
        if (length < 2 || BigEndian.u16(memory, at) != length - 2 || length == 2) {
            return Alert.DECODE_ERROR;
        }
        long last = at + length;
        for (long p = at + 2; p < last;) {
            if (last - p < 3) {
                return Alert.DECODE_ERROR;
            }
            int bytes = BigEndian.u16(memory, p + 1);
            if (bytes < 1 || last - p - 3 < bytes) {
                return Alert.DECODE_ERROR;
            }
            if (Wire.u8(memory, p) == NAME_TYPE_HOST) {
                if (nameAt != NONE) {
                    return Alert.ILLEGAL_PARAMETER;
                }
                nameAt = p + 3;
                nameBytes = bytes;
            }
            p += 3 + bytes;
        }
        return null;
    }

    private @Nullable Alert readProtocols(long at, int length) {
        if (length < 4 || BigEndian.u16(memory, at) != length - 2) {
            return Alert.DECODE_ERROR;
        }
        protocolsAt = at + 2;
        protocolsBytes = length - 2;
        long last = protocolsAt + protocolsBytes;
        for (long p = protocolsAt; p < last;) {
            int bytes = Wire.u8(memory, p);
            if (bytes == 0 || last - p - 1 < bytes) {
                return Alert.DECODE_ERROR;
            }
            p += 1 + bytes;
        }
        return null;
    }

    /// Digests what a second hello must not change (section 4.1.2), as far as it is looked at here: all but shares, cookie, early data, keys and
    /// padding, and what is not known.
    ///
    /// @param work  [#WORK_BYTES] off the heap; zero afterwards
    /// @param to    room for [#DIGEST_BYTES]
    void digest(MemorySegment work, long workAt, MemorySegment to, long toAt) {
        try {
            Hash.SHA_256.init(work, workAt);
            Hash.SHA_256.update(work, workAt, memory, randomAt, Wire.RANDOM_BYTES);
            digest(work, workAt, sessionAt, sessionBytes);
            digest(work, workAt, suitesAt, suitesBytes);
            digest(work, workAt, groupsAt, groupsBytes);
            digest(work, workAt, schemesAt, schemesBytes);
            digest(work, workAt, nameAt, nameBytes);
            digest(work, workAt, protocolsAt, protocolsBytes);
            digest(work, workAt, statusAt, statusBytes);
            digest(work, workAt, limitAt, 2);
            digest(work, workAt, parametersAt, parametersBytes);
            Hash.SHA_256.digest(work, workAt, to, toAt);
        } finally {
            Wipe.bytes(work, workAt, WORK_BYTES);
        }
    }

    /// One list, with its length, or that there is none.
    private void digest(MemorySegment work, long workAt, long at, int bytes) {
        BigEndian.i32(work, workAt + LENGTH, at == NONE ? NONE : bytes);
        Hash.SHA_256.update(work, workAt, work, workAt + LENGTH, Integer.BYTES);
        if (at != NONE) {
            Hash.SHA_256.update(work, workAt, memory, at, bytes);
        }
    }

    MemorySegment memory() {
        return memory;
    }

    long randomAt() {
        return randomAt;
    }

    long sessionAt() {
        return sessionAt;
    }

    int sessionBytes() {
        return sessionBytes;
    }

    /// {@return where the transport parameters of QUIC are (RFC 9001, section 8.2); below 0 where there are none}
    long parametersAt() {
        return parametersAt;
    }

    int parametersBytes() {
        return parametersBytes;
    }

    /// {@return bytes of what is protected in a record that the client takes at most (RFC 8449): 64..2^14 + 1, whatever more it says; 0 where
    /// it does not say}
    int recordSizeLimit() {
        return limitAt == NONE ? 0 : Math.min(BigEndian.u16(memory, limitAt), Wire.INNER_BYTES_MAX);
    }

    /// {@return whether the client sends data before it has heard from us, which is refused by not opening it}
    boolean hasEarlyData() {
        return earlyData;
    }

    /// {@return the keys that it offers to resume with, if there are any}
    PreSharedKeys keys() {
        return keys;
    }

    /// {@return whether it resumes with a key exchange (section 4.2.9): then it may have tickets}
    boolean offersKeyExchange() {
        return exchange;
    }

    /// {@return whether it wants a response of OCSP with the certificate (section 4.4.2.1)}
    boolean wantsStatus() {
        return statusAt != NONE;
    }

    boolean offersSchemes() {
        return schemesAt != NONE;
    }

    boolean offersSuite(int code) {
        return holds(suitesAt, suitesBytes, code);
    }

    boolean offersGroup(int code) {
        return holds(groupsAt, groupsBytes, code);
    }

    @Override
    public int rankOfScheme(int code) {
        return rank(schemesAt, schemesBytes, code);
    }

    private boolean holds(long at, int bytes, int code) {
        return rank(at, bytes, code) >= 0;
    }

    /// {@return the place of a number in a list; below 0 where it is not there}
    private int rank(long at, int bytes, int code) {
        for (int i = 0; at != NONE && 2 * i < bytes; i++) {
            if (BigEndian.u16(memory, at + 2L * i) == code) {
                return i;
            }
        }
        return -1;
    }

    /// {@return offset of the client's share in a group, its length in front as u16; below 0 where there is none}
    long share(int code) {
        for (long p = sharesAt; p < sharesAt + sharesBytes; p += 4 + BigEndian.u16(memory, p + 2)) {
            if (BigEndian.u16(memory, p) == code) {
                return p + 2;
            }
        }
        return NONE;
    }

    /// {@return how many shares there are: after a retry there must be one}
    int shares() {
        return shares;
    }

    /// {@return whether there is a share of a group that is not among the groups offered, or two of one group: neither may be
    /// (section 4.2.8). Shares in the order of the groups are looked at in one go}
    boolean hasOddShare() {
        int group = 0;
        for (long p = sharesAt; p < sharesAt + sharesBytes; p += 4 + BigEndian.u16(memory, p + 2)) {
            int code = BigEndian.u16(memory, p);
            while (group < groupsBytes && BigEndian.u16(memory, groupsAt + group) != code) {
                group += 2;
            }
            if (group == groupsBytes) {
                return shares > SHARES_MAX || hasOddShareInDisorder();
            }
            group += 2;
        }
        return false;
    }

    private boolean hasOddShareInDisorder() {
        for (long p = sharesAt; p < sharesAt + sharesBytes; p += 4 + BigEndian.u16(memory, p + 2)) {
            int code = BigEndian.u16(memory, p);
            if (!offersGroup(code) || share(code) != p + 2) {
                return true;
            }
        }
        return false;
    }

    /// {@return offset of the name of the host that is asked for, or below 0}
    long nameAt() {
        return nameAt;
    }

    int nameBytes() {
        return nameAt == NONE ? 0 : nameBytes;
    }

    boolean offersProtocols() {
        return protocolsAt != NONE;
    }

    boolean offersProtocol(MemorySegment name) {
        int length = (int) name.byteSize();
        for (long p = protocolsAt; offersProtocols() && p < protocolsAt + protocolsBytes; p += 1 + Wire.u8(memory, p)) {
            if (Wire.u8(memory, p) == length
                    && MemorySegment.mismatch(memory, p + 1, p + 1 + length, name, 0, length) < 0) {
                return true;
            }
        }
        return false;
    }
}
