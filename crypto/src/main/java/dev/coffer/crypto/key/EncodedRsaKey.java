package dev.coffer.crypto.key;

import dev.coffer.crypto.internal.Ending;
import dev.coffer.crypto.internal.Ranges;
import dev.coffer.crypto.key.KeyFormatException.Reason;
import dev.coffer.crypto.rsa.RsaKey;
import dev.coffer.memory.Wipe;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/// The numbers of an RSA private key, as they were read and found to belong together: for who makes an [RsaKey] of them.
///
/// ```
///   if (EncodedRsaKey.isRsa(file, 0, length, memory, 0)) {
///       try (EncodedRsaKey numbers = EncodedRsaKey.in(file, 0, length, memory, 0)) {
///           key = libcrypto.rsa(numbers);
///       }                                                       // what was read is wiped
///   }
/// ```
///
/// `RSAPrivateKey` (RFC 8017, appendix A.1.2), by itself or in PKCS#8 under rsaEncryption, DER or PEM: two primes, 2,048 to 4,096 bits, a public exponent that
/// is odd and below 2^64. Refused in words: keys of other sizes, of more primes, those for PSS alone (id-RSASSA-PSS). One thread.
public final class EncodedRsaKey implements AutoCloseable {
    /// A number of the key, by the names of RFC 8017: big-endian, zeros before it.
    public enum Component {
        /// n.
        MODULUS(EncodedRsaKey.MODULUS, RsaKey.MODULUS_BYTES_MAX),
        /// e.
        PUBLIC_EXPONENT(EncodedRsaKey.PUBLIC_EXPONENT, EXPONENT_BYTES),
        /// d.
        PRIVATE_EXPONENT(EncodedRsaKey.PRIVATE_EXPONENT, RsaKey.MODULUS_BYTES_MAX),
        /// p.
        PRIME_1(EncodedRsaKey.PRIME_1, HALF_BYTES),
        /// q.
        PRIME_2(EncodedRsaKey.PRIME_2, HALF_BYTES),
        /// d modulo p - 1.
        EXPONENT_1(EncodedRsaKey.EXPONENT_1, HALF_BYTES),
        /// d modulo q - 1.
        EXPONENT_2(EncodedRsaKey.EXPONENT_2, HALF_BYTES),
        /// The inverse of q modulo p.
        COEFFICIENT(EncodedRsaKey.COEFFICIENT, HALF_BYTES);

        private final long offset;
        private final int bytes;

        Component(long offset, int bytes) {
            this.offset = offset;
            this.bytes = bytes;
        }

        /// {@return bytes of its room, whatever the key}
        public int bytes() {
            return bytes;
        }
    }

    static final int HALF_BYTES = RsaKey.MODULUS_BYTES_MAX / 2;
    static final int EXPONENT_BYTES = Long.BYTES;

    static final long MODULUS = 0;
    static final long PUBLIC_EXPONENT = MODULUS + RsaKey.MODULUS_BYTES_MAX;
    static final long PRIVATE_EXPONENT = PUBLIC_EXPONENT + EXPONENT_BYTES;
    static final long PRIME_1 = PRIVATE_EXPONENT + RsaKey.MODULUS_BYTES_MAX;
    static final long PRIME_2 = PRIME_1 + HALF_BYTES;
    static final long EXPONENT_1 = PRIME_2 + HALF_BYTES;
    static final long EXPONENT_2 = EXPONENT_1 + HALF_BYTES;
    static final long COEFFICIENT = EXPONENT_2 + HALF_BYTES;
    private static final long NUMBERS_BYTES = COEFFICIENT + HALF_BYTES;

    /// Bytes of the memory that a key is read into: its numbers, and what they are checked in, or a file's text.
    public static final long WORKSPACE_BYTES = Math.max(NUMBERS_BYTES + RsaNumbers.SCRATCH_BYTES, EncodedKey.FILE_BYTES_MAX);

    private static final String NAME = "encoded RSA key";
    static final byte[] RSA_ENCRYPTION = DerWriter.identifier("1.2.840.113549.1.1.1");   // RFC 3279, section 2.3.1
    static final byte[] RSASSA_PSS = DerWriter.identifier("1.2.840.113549.1.1.10");      // RFC 4055, section 3.1
    private static final int NULL = 0x05;
    private static final int ATTRIBUTES = 0xa0;
    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;

    private final MemorySegment memory;
    private final long at;
    private final int bits;

    private EncodedRsaKey(MemorySegment memory, long at, int bits) {
        this.memory = memory;
        this.at = at;
        this.bits = bits;
    }

    /// {@return whether this is an RSA private key by its form, whatever its numbers: what is none may be another key ([EncodedKey])}
    ///
    /// @param source     off the heap; unchanged
    /// @param length     bytes, at most [EncodedKey#FILE_BYTES_MAX]
    /// @param workspace  [#WORKSPACE_BYTES] from `workAt`, off the heap, apart from it; zero afterwards
    /// @throws IllegalArgumentException   memory on the heap, read-only, or ranges that overlap (caller's fault)
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault)
    public static boolean isRsa(MemorySegment source, long sourceAt, long length, MemorySegment workspace, long workAt) {
        check(source, sourceAt, length, workspace, workAt);
        try {
            if (length > EncodedKey.FILE_BYTES_MAX) {
                return false;
            }
            MemorySegment.copy(source, sourceAt, workspace, workAt, length);
            return structure(workspace, workAt, decoded(workspace, workAt, length)) != null;
        } catch (KeyFormatException e) {
            return e.reason() == Reason.RSA_PSS_ALONE || e.reason() == Reason.RSA_PRIMES;
        } finally {
            Wipe.bytes(workspace, workAt, WORKSPACE_BYTES);
        }
    }

    /// Reads a key; PEM is decoded in place. The source is wiped, whatever happens.
    ///
    /// @param source     writable memory off the heap
    /// @param length     bytes, at most [EncodedKey#FILE_BYTES_MAX]
    /// @param workspace  [#WORKSPACE_BYTES] from `workAt`, off the heap, apart from it, this object's until it is closed
    /// @throws KeyFormatException         it is no such key, or its numbers do not belong together (the fault of who made it); the memory is zero
    /// @throws IllegalArgumentException   as of [#isRsa]; nothing is written
    /// @throws IndexOutOfBoundsException  as of [#isRsa]; nothing is written
    public static EncodedRsaKey in(MemorySegment source, long sourceAt, long length, MemorySegment workspace, long workAt) {
        check(source, sourceAt, length, workspace, workAt);
        boolean read = false;
        try {
            if (length > EncodedKey.FILE_BYTES_MAX) {
                throw new KeyFormatException(Reason.TOO_LONG);
            }
            DerReader key = structure(source, sourceAt, decoded(source, sourceAt, length));
            if (key == null) {
                throw new KeyFormatException(Reason.UNKNOWN_ALGORITHM);
            }
            Wipe.bytes(workspace, workAt, WORKSPACE_BYTES);
            int bits = numbers(key, source, workspace, workAt);
            RsaNumbers numbers = new RsaNumbers(workspace, workAt, workAt + NUMBERS_BYTES, bits);
            if (!numbers.haveLengths()) {
                throw new KeyFormatException(Reason.RSA_PRIMES);
            }
            if (!numbers.belongTogether()) {
                throw new KeyFormatException(Reason.BAD_PRIVATE_KEY);
            }
            Wipe.bytes(workspace, workAt + NUMBERS_BYTES, RsaNumbers.SCRATCH_BYTES);
            read = true;
            return new EncodedRsaKey(workspace, workAt, bits);
        } finally {
            Ending.end(read, workspace, workAt, WORKSPACE_BYTES, source, sourceAt, length);
        }
    }

    private static void check(MemorySegment source, long sourceAt, long length, MemorySegment workspace, long workAt) {
        Ranges.checkWorkspace(NAME, source, sourceAt, length);
        Ranges.checkWorkspace(NAME, workspace, workAt, WORKSPACE_BYTES);
        Ranges.apart(NAME, source, sourceAt, length, workspace, workAt, WORKSPACE_BYTES);
    }

    /// {@return bytes of DER from `at`, decoded in place where it was PEM}
    private static long decoded(MemorySegment s, long at, long length) {
        return Pem.isPem(s, at, at + length) ? Pem.decodeRsa(s, at, at + length) : length;
    }

    /// {@return a cursor behind the version of an RSAPrivateKey, alone or in PKCS#8; null where it is another thing}
    private static @Nullable DerReader structure(MemorySegment s, long at, long length) {
        DerReader outer = new DerReader(s, at, at + length);
        DerReader key = outer.open(DerReader.SEQUENCE);
        outer.finish();
        if (!key.has(DerReader.INTEGER)) {
            return null;
        }
        int version = key.version();
        if (key.has(DerReader.SEQUENCE)) {
            DerReader identifier = key.open(DerReader.SEQUENCE);
            DerReader named = identifier.open(DerReader.OBJECT_IDENTIFIER);
            if (named.is(RSASSA_PSS)) {
                throw new KeyFormatException(Reason.RSA_PSS_ALONE);
            }
            if (!named.is(RSA_ENCRYPTION)) {
                return null;
            }
            identifier.open(NULL).finish();
            identifier.finish();
            DerReader octets = key.open(DerReader.OCTET_STRING);
            if (key.has(ATTRIBUTES)) {
                key.any();
            }
            key.finish();
            key = octets.open(DerReader.SEQUENCE);
            octets.finish();
            if (version > 1) {
                throw new KeyFormatException(Reason.UNKNOWN_VERSION);
            }
            version = key.version();
        } else if (!isEightIntegers(key.copy())) {
            return null;
        }
        if (version == 1) {
            throw new KeyFormatException(Reason.RSA_PRIMES);
        }
        if (version != 0) {
            throw new KeyFormatException(Reason.UNKNOWN_VERSION);
        }
        return key;
    }

    /// {@return whether that is left; DSA's own form has five}
    private static boolean isEightIntegers(DerReader key) {
        for (int i = 0; i < Component.values().length; i++) {
            if (!key.has(DerReader.INTEGER)) {
                return false;
            }
            key.open(DerReader.INTEGER);
        }
        return key.left() == 0 || key.has(DerReader.SEQUENCE);  // more primes
    }

    /// Takes the eight numbers.
    ///
    /// @return bits of the modulus
    private static int numbers(DerReader key, MemorySegment source, MemorySegment w, long at) {
        for (Component number : Component.values()) {
            DerReader content = key.open(DerReader.INTEGER);
            take(number, content, source, w, at + number.offset);
        }
        key.finish();
        int first = 0;
        while (first < RsaKey.MODULUS_BYTES_MAX && w.get(BYTE, at + first) == 0) {
            first++;
        }
        int bits = (RsaKey.MODULUS_BYTES_MAX - first) * Byte.SIZE
                - (first < RsaKey.MODULUS_BYTES_MAX ? Integer.numberOfLeadingZeros(w.get(BYTE, at + first) & 0xff) - 24 : 0);
        if (bits < RsaKey.MODULUS_BITS_MIN) {
            throw new KeyFormatException(Reason.RSA_BITS);
        }
        boolean odd = isOdd(w, at, Component.MODULUS) && isOdd(w, at, Component.PUBLIC_EXPONENT) && isOdd(w, at, Component.PRIME_1) && isOdd(w, at, Component.PRIME_2);
        boolean more = w.get(ValueLayout.JAVA_LONG_UNALIGNED, at + PUBLIC_EXPONENT) != Long.reverseBytes(1);
        if (!odd || !more) {
            throw new KeyFormatException(Reason.BAD_PRIVATE_KEY);
        }
        return bits;
    }

    private static boolean isOdd(MemorySegment w, long at, Component number) {
        return (w.get(BYTE, at + number.offset + number.bytes - 1) & 1) == 1;
    }

    /// A positive INTEGER in its shortest form, right-aligned. How long it is, is no secret worth more than the DER around it.
    private static void take(Component number, DerReader content, MemorySegment source, MemorySegment w, long out) {
        long from = content.position();
        long length = content.left();
        if (length == 0 || source.get(BYTE, from) < 0) {
            throw DerReader.bad();
        }
        if (length > 1 && source.get(BYTE, from) == 0) {
            if (source.get(BYTE, from + 1) >= 0) {
                throw DerReader.bad();
            }
            from++;
            length--;
        }
        if (length > number.bytes) {
            throw new KeyFormatException(number == Component.MODULUS ? Reason.RSA_BITS
                    : number == Component.PRIME_1 || number == Component.PRIME_2 ? Reason.RSA_PRIMES : Reason.BAD_PRIVATE_KEY);
        }
        MemorySegment.copy(source, from, w, out + number.bytes - length, length);
    }

    /// {@return bits of the modulus}
    public int modulusBits() {
        return bits;
    }

    /// {@return where the numbers lie}
    public MemorySegment memory() {
        return memory;
    }

    /// {@return where one of them does: [Component#bytes] from there}
    public long offset(Component number) {
        return at + number.offset;
    }

    /// {@return the public key, a SubjectPublicKeyInfo in DER (RFC 3279, section 2.3.1)}
    public byte[] publicKey() {
        int modulus = integerBytes(Component.MODULUS);
        int exponent = integerBytes(Component.PUBLIC_EXPONENT);
        int pair = DerWriter.bytes(modulus) + DerWriter.bytes(exponent);
        int identifier = DerWriter.bytes(RSA_ENCRYPTION.length) + DerWriter.bytes(0);
        int bitString = 1 + DerWriter.bytes(pair);
        int content = DerWriter.bytes(identifier) + DerWriter.bytes(bitString);
        byte[] der = new byte[DerWriter.bytes(content)];
        DerWriter writer = new DerWriter(MemorySegment.ofArray(der), 0).open(DerReader.SEQUENCE, content);
        writer.open(DerReader.SEQUENCE, identifier).value(DerReader.OBJECT_IDENTIFIER, RSA_ENCRYPTION);
        writer.open(NULL, 0).open(DerReader.BIT_STRING, bitString).u8(0);
        writer.open(DerReader.SEQUENCE, pair);
        integer(writer, Component.MODULUS, modulus);
        integer(writer, Component.PUBLIC_EXPONENT, exponent);
        return der;
    }

    private void integer(DerWriter writer, Component number, int bytes) {
        writer.open(DerReader.INTEGER, bytes);
        if (bytes > number.bytes) {
            writer.u8(0);
        }
        int copied = Math.min(bytes, number.bytes);
        writer.copy(memory, offset(number) + number.bytes - copied, copied);
    }

    /// {@return bytes of the content of an INTEGER: a zero before a first bit that is set}
    private int integerBytes(Component number) {
        int zeros = 0;
        while (memory.get(BYTE, offset(number) + zeros) == 0) {
            zeros++;
        }
        return number.bytes - zeros + (memory.get(BYTE, offset(number) + zeros) < 0 ? 1 : 0);
    }

    /// Wipes the numbers. Twice is harmless; so is closing after the memory.
    @Override
    public void close() {
        Ending.wipe(memory, at, WORKSPACE_BYTES);
    }

    @Override
    public String toString() {
        return "EncodedRsaKey[" + bits + " bits]";
    }
}
