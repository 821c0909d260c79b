package dev.coffer.tls;

import dev.coffer.memory.layout.BigEndian;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// A CertificateRequest of the main handshake (RFC 8446, section 4.3.2), as a client reads it and a server writes it: no context, and the schemes
/// that are verified; other extensions say nothing to us. One object a loop, read anew for each; it points into the memory that the message lies in.
final class CertificateRequest {
    private MemorySegment memory = MemorySegment.NULL;
    private long schemesAt;
    private int schemesBytes;

    /// Reads a message, header and all.
    ///
    /// @return null, or why it is refused
    @Nullable
    Alert read(MemorySegment from, long at, int bytes) {
        memory = from;
        schemesBytes = 0;
        long p = at + Wire.MESSAGE_HEADER_BYTES;
        long end = at + bytes;
        if (bytes < Wire.MESSAGE_HEADER_BYTES + 3 || Wire.u8(from, p) != 0 || BigEndian.u16(from, p + 1) != end - p - 3) {
            return Alert.DECODE_ERROR;
        }
        for (p += 3; p < end;) {
            if (end - p < 4 || end - p - 4 < BigEndian.u16(from, p + 2)) {
                return Alert.DECODE_ERROR;
            }
            int length = BigEndian.u16(from, p + 2);
            if (BigEndian.u16(from, p) == Wire.SIGNATURE_ALGORITHMS) {
                if (length < 4 || (length & 1) != 0 || BigEndian.u16(from, p + 4) != length - 2) {
                    return Alert.DECODE_ERROR;
                }
                if (schemesBytes > 0) {
                    return Alert.ILLEGAL_PARAMETER;
                }
                schemesAt = p + 6;
                schemesBytes = length - 2;
            }
            p += 4 + length;
        }
        return schemesBytes == 0 ? Alert.MISSING_EXTENSION : null;
    }

    /// {@return whether what a certificate's key signs with is verified}
    boolean offersScheme(int code) {
        for (long p = schemesAt; p < schemesAt + schemesBytes; p += 2) {
            if (BigEndian.u16(memory, p) == code) {
                return true;
            }
        }
        return false;
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
