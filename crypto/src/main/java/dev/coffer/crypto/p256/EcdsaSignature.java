package dev.coffer.crypto.p256;

import dev.coffer.crypto.internal.Ranges;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// The two forms of an ECDSA signature on P-256: raw, r and s of 32 bytes each (IEEE P1363), and DER, Ecdsa-Sig-Value
/// of RFC 3279 section
/// 2.2.3. Signatures are public. Stateless, thread-safe; 0 heap bytes.
///
/// ```
/// 30 length  02 length r  02 length s      integers: the fewest bytes, the first one below 0x80
/// ```
///
/// Reading is strict (X.690 section 10): definite lengths in one byte, no leading zeros that are not needed, no
/// negative
/// numbers, nothing behind. What is refused could only be another spelling of the same signature.
public final class EcdsaSignature {
    /// Bytes of the longest DER form: two integers of 33 bytes with two of header each, and two for the sequence.
    public static final int DER_BYTES_MAX = 2 + 2 * (2 + 33);

    private static final String NAME = "ECDSA signature";
    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
    private static final int SEQUENCE = 0x30;
    private static final int INTEGER = 0x02;
    private static final int HALF = EcdsaP256.SIGNATURE_BYTES / 2;

    private EcdsaSignature() {}

    /// Writes the DER form of a raw signature.
    ///
    /// @param der  room for [#DER_BYTES_MAX]; apart from `raw`
    /// @return bytes written
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault); nothing is written
    public static int toDer(MemorySegment raw, long rawAt, MemorySegment der, long derAt) {
        Ranges.check(NAME, raw, rawAt, EcdsaP256.SIGNATURE_BYTES);
        Ranges.checkWritable(NAME, der, derAt, DER_BYTES_MAX);
        long end = integer(raw, rawAt + HALF, der, integer(raw, rawAt, der, derAt + 2));
        der.set(BYTE, derAt, (byte) SEQUENCE);
        der.set(BYTE, derAt + 1, (byte) (end - derAt - 2));
        return (int) (end - derAt);
    }

    /// Writes one integer; returns where it ends.
    private static long integer(MemorySegment raw, long rawAt, MemorySegment der, long at) {
        int zeros = 0;
        while (zeros < HALF - 1 && raw.get(BYTE, rawAt + zeros) == 0) {
            zeros++;
        }
        int pad = raw.get(BYTE, rawAt + zeros) < 0 ? 1 : 0;
        der.set(BYTE, at, (byte) INTEGER);
        der.set(BYTE, at + 1, (byte) (HALF - zeros + pad));
        der.set(BYTE, at + 2, (byte) 0);
        MemorySegment.copy(raw, rawAt + zeros, der, at + 2 + pad, HALF - zeros);
        return at + 2 + pad + HALF - zeros;
    }

    /// Reads a DER form of `length` bytes.
    ///
    /// @param raw  room for [EcdsaP256#SIGNATURE_BYTES]; apart from `der`
    /// @return false where the bytes are not the DER form of two numbers of at most 256 bits (the fault of who sent
    /// them);
    ///         nothing is written then
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault); nothing is written
    public static boolean fromDer(MemorySegment der, long derAt, long length, MemorySegment raw, long rawAt) {
        Ranges.check(NAME, der, derAt, length);
        Ranges.checkWritable(NAME, raw, rawAt, EcdsaP256.SIGNATURE_BYTES);
        if (length < 8 || length > DER_BYTES_MAX || u8(der, derAt) != SEQUENCE || u8(der, derAt + 1) != length - 2) {
            return false;
        }
        long r = derAt + 2;
        long end = derAt + length;
        int rBytes = integerBytes(der, r, end);
        if (rBytes < 0) {
            return false;
        }
        long s = r + 2 + rBytes;
        int sBytes = integerBytes(der, s, end);
        if (sBytes < 0 || s + 2 + sBytes != end) {
            return false;
        }
        copy(der, r + 2, rBytes, raw, rawAt);
        copy(der, s + 2, sBytes, raw, rawAt + HALF);
        return true;
    }

    /// {@return bytes of the content of the integer at `at`, or -1 where there is no strict one of at most 256 bits}
    private static int integerBytes(MemorySegment der, long at, long end) {
        if (end - at < 3 || u8(der, at) != INTEGER) {
            return -1;
        }
        int bytes = u8(der, at + 1);
        if (bytes < 1 || bytes > HALF + 1 || bytes > end - at - 2) {
            return -1;
        }
        int first = der.get(BYTE, at + 2);
        boolean needless = first == 0 && bytes > 1 && der.get(BYTE, at + 3) >= 0;
        return first < 0 || needless || bytes == HALF + 1 && first != 0 ? -1 : bytes;
    }

    private static void copy(MemorySegment der, long at, int bytes, MemorySegment raw, long rawAt) {
        int pad = bytes > HALF ? 1 : 0;
        int zeros = HALF - (bytes - pad);
        for (int i = 0; i < zeros; i++) {
            raw.set(BYTE, rawAt + i, (byte) 0);
        }
        MemorySegment.copy(der, at + pad, raw, rawAt + zeros, bytes - pad);
    }

    private static int u8(MemorySegment segment, long at) {
        return Byte.toUnsignedInt(segment.get(BYTE, at));
    }
}
