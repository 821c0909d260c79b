package dev.coffer.crypto;

import dev.coffer.crypto.internal.Ranges;
import dev.coffer.memory.layout.LittleEndian;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// The functions that HashML-DSA and HashSLH-DSA may hash a message with (FIPS 204, section 5.4.1; FIPS 205, section 10.2.2), by
/// the last byte of their object identifier, 2.16.840.1.101.3.4.2.x. The digest is the caller's to compute: with a [Hash], an [Xof],
/// or elsewhere; so a message of any length is signed from one pass over it.
public enum Prehash {
    /// SHA-256.
    SHA_256(1, 32),
    /// SHA-384.
    SHA_384(2, 48),
    /// SHA-512.
    SHA_512(3, 64),
    /// SHA-224.
    SHA_224(4, 28),
    /// SHA-512/224.
    SHA_512_224(5, 28),
    /// SHA-512/256.
    SHA_512_256(6, 32),
    /// SHA3-224.
    SHA3_224(7, 28),
    /// SHA3-256.
    SHA3_256(8, 32),
    /// SHA3-384.
    SHA3_384(9, 48),
    /// SHA3-512.
    SHA3_512(10, 64),
    /// SHAKE128 with 256 bits.
    SHAKE_128(11, 32),
    /// SHAKE256 with 512 bits.
    SHAKE_256(12, 64);

    /// Bytes of the identifier as it is signed: DER of 2.16.840.1.101.3.4.2.x.
    public static final int IDENTIFIER_BYTES = 11;

    // Its first eight bytes, little-endian; then 04, 02 and x.
    private static final long IDENTIFIER_FRONT = 0x03_65_01_48_86_60_09_06L;
    private static final int IDENTIFIER_MIDDLE = 0x0204;

    private final int last;
    private final int digestBytes;

    Prehash(int last, int digestBytes) {
        this.last = last;
        this.digestBytes = digestBytes;
    }

    /// {@return bytes of the digest}
    public int digestBytes() {
        return digestBytes;
    }

    /// Writes the identifier, DER.
    ///
    /// @param target  room for [#IDENTIFIER_BYTES] from `at`
    /// @throws IndexOutOfBoundsException  the range does not lie in the segment (caller's fault); nothing is written
    /// @throws IllegalArgumentException   it is read-only (caller's fault); nothing is written
    public void identifier(MemorySegment target, long at) {
        Ranges.checkWritable("identifier", target, at, IDENTIFIER_BYTES);
        LittleEndian.i64(target, at, IDENTIFIER_FRONT);
        LittleEndian.u16(target, at + Long.BYTES, IDENTIFIER_MIDDLE);
        target.set(ValueLayout.JAVA_BYTE, at + Long.BYTES + Short.BYTES, (byte) last);
    }
}
