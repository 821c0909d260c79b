package dev.coffer.tls;

import dev.coffer.memory.layout.BigEndian;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A CertificateRequest of the main handshake (RFC 8446, section 4.3.2), as a client reads it and a server writes it: no context, and the schemes
/// that are verified, and whom the server trusts, for who chooses by that; other extensions say nothing to us, and none comes twice. One object a loop,
/// read anew for each; it points into the memory that the message lies in.
final class CertificateRequest implements OfferedSchemes {
    private final ExtensionKinds kinds;
    private MemorySegment memory = MemorySegment.NULL;
    private long schemesAt;
    private int schemesBytes;
    private long authoritiesAt;
    private int authoritiesBytes;

    CertificateRequest(ExtensionKinds kinds) {
        this.kinds = kinds;
    }

    /// Reads a message, header and all.
    ///
    /// @return null, or why it is refused
    @Nullable
    Alert read(MemorySegment from, long at, int bytes) {
        memory = from;
        schemesBytes = 0;
        authoritiesBytes = 0;
        long p = at + Wire.MESSAGE_HEADER_BYTES;
        long end = at + bytes;
        if (bytes < Wire.MESSAGE_HEADER_BYTES + 3 || Wire.u8(from, p) != 0 || BigEndian.u16(from, p + 1) != end - p - 3) {
            return Alert.DECODE_ERROR;
        }
        Alert refused = kinds.check(from, p + 3, end, Wire.SIGNATURE_ALGORITHMS);
        if (refused != null) {
            return refused;
        }
        for (p += 3; p < end;) {
            int length = BigEndian.u16(from, p + 2);
            if (BigEndian.u16(from, p) == Wire.SIGNATURE_ALGORITHMS) {
                if (length < 4 || (length & 1) != 0 || BigEndian.u16(from, p + 4) != length - 2) {
                    return Alert.DECODE_ERROR;
                }
                schemesAt = p + 6;
                schemesBytes = length - 2;
            } else if (BigEndian.u16(from, p) == Wire.CERTIFICATE_AUTHORITIES) {
                authoritiesAt = p + 4;
                authoritiesBytes = length;
            }
            p += 4 + length;
        }
        return schemesBytes == 0 ? Alert.MISSING_EXTENSION : null;
    }

    @Override
    public int rankOfScheme(int code) {
        for (int i = 0; 2 * i < schemesBytes; i++) {
            if (BigEndian.u16(memory, schemesAt + 2L * i) == code) {
                return i;
            }
        }
        return -1;
    }

    /// {@return the schemes' numbers, in the server's order}
    int[] schemes() {
        int[] schemes = new int[schemesBytes / 2];
        for (int i = 0; i < schemes.length; i++) {
            schemes[i] = BigEndian.u16(memory, schemesAt + 2L * i);
        }
        return schemes;
    }

    /// {@return the names, in DER, of the authorities that the server trusts (section 4.2.4), as far as the list is sound; none where it does not say}
    List<byte[]> authorities() {
        List<byte[]> names = new ArrayList<>();
        long end = authoritiesAt + authoritiesBytes;
        for (long p = authoritiesAt + 2; p + 2 <= end && p + 2 + BigEndian.u16(memory, p) <= end; p += 2 + BigEndian.u16(memory, p)) {
            names.add(memory.asSlice(p + 2, BigEndian.u16(memory, p)).toArray(ValueLayout.JAVA_BYTE));
        }
        return names;
    }

    /// Writes a message but for its length.
    ///
    /// @return behind its last byte
    static long write(MemorySegment memory, long from, int[] schemes) {
        Wire.u8(memory, from, Wire.CERTIFICATE_REQUEST);
        long p = from + Wire.MESSAGE_HEADER_BYTES;
        Wire.u8(memory, p, 0);
        BigEndian.u16(memory, p + 1, 6 + 2 * schemes.length);
        p = ClientHelloWriter.head(memory, p + 3, Wire.SIGNATURE_ALGORITHMS, 2 + 2 * schemes.length);
        BigEndian.u16(memory, p, 2 * schemes.length);
        p += 2;
        for (int i = 0; i < schemes.length; i++, p += 2) {
            BigEndian.u16(memory, p, schemes[i]);
        }
        return p;
    }
}
