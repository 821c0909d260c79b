package dev.coffer.crypto.rsa;

import java.lang.foreign.MemorySegment;

/// An RSA private key that computes, wherever its numbers lie: the two primitives of signatures (RFC 8017, section 5.2), on numbers of
/// [#modulusBytes], big-endian. Of 2,048 to 4,096 bits.
///
/// Who implements it promises that time and addresses of the first depend on no bit of the key; one object serves any thread; 0 heap bytes a call.
public interface RsaKey extends AutoCloseable {
    /// Bits of the shortest modulus.
    int MODULUS_BITS_MIN = 2048;
    /// Bits of the longest modulus.
    int MODULUS_BITS_MAX = 4096;
    /// Bytes of the longest modulus, and of the longest signature.
    int MODULUS_BYTES_MAX = MODULUS_BITS_MAX / Byte.SIZE;

    /// {@return bits of the modulus}
    int modulusBits();

    /// {@return bytes of the modulus, of every number that goes in and out, and of a signature}
    default int modulusBytes() {
        return (modulusBits() + 7) / Byte.SIZE;
    }

    /// {@return the public key, a SubjectPublicKeyInfo of rsaEncryption in DER (RFC 3279, section 2.3.1); a fresh array}
    byte[] publicKey();

    /// RSASP1 (section 5.2.1): the representative to the power of the private exponent. **Not verified**: a fault of the machine in here can give the key
    /// away to who sees the outcome.
    ///
    /// @param representative  [#modulusBytes] off the heap, below the modulus
    /// @param signature       room off the heap for as many, apart from it
    /// @return false where it could not: closed, its memory spent, or a number that is too large; then the output is anything
    boolean signaturePrimitive(MemorySegment representative, long representativeAt, MemorySegment signature, long signatureAt);

    /// RSAVP1 (section 5.2.2): the signature to the power of the public exponent.
    ///
    /// @param signature       [#modulusBytes] off the heap, below the modulus
    /// @param representative  room off the heap for as many, apart from it
    /// @return as of [#signaturePrimitive]
    boolean verificationPrimitive(MemorySegment signature, long signatureAt, MemorySegment representative, long representativeAt);

    /// Wipes the key, when calls that are under way have ended. Twice is harmless.
    @Override
    void close();

    /// {@return whether the key is gone}
    boolean isClosed();
}
