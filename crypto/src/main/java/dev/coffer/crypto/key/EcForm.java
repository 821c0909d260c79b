package dev.coffer.crypto.key;

import dev.coffer.crypto.Agreement;
import dev.coffer.crypto.Kem;
import dev.coffer.crypto.Signature;
import dev.coffer.crypto.key.KeyFormatException.Reason;
import dev.coffer.crypto.p256.EcdsaP256;
import dev.coffer.crypto.p256.P256;
import java.lang.foreign.MemorySegment;

/// Keys of the curve P-256: an ECPrivateKey (RFC 5915, section 3) with the public key in it; points in any form are read, and are held
/// uncompressed.
final class EcForm extends KeyForm {
    private static final int PARAMETERS = 0xa0;  // [0] of ECPrivateKey
    private static final int PUBLIC_KEY = 0xa1;  // [1] of ECPrivateKey, explicit
    private static final byte[] CURVE = DerWriter.identifier("1.2.840.10045.3.1.7");  // secp256r1 (RFC 5480, section 2.1.1.1)

    EcForm(long operationBytes) {
        super(P256.PRIVATE_KEY_BYTES, P256.PUBLIC_KEY_BYTES, P256.PRIVATE_KEY_BYTES, operationBytes, "1.2.840.10045.2.1",
                "1.2.840.10045.3.1.7");
    }

    @Override
    boolean makePair(MemorySegment w, long seed, long pair, long at) {
        return P256.privateKey(w, seed, w, pair, w, at) && completePair(w, pair, at);
    }

    @Override
    boolean completePair(MemorySegment w, long pair, long at) {
        return P256.publicKey(w, pair, w, pair + privateBytes, w, at);
    }

    private int bitStringBytes() {
        return DerWriter.bytes(1 + publicBytes);
    }

    private int contentBytes() {
        return DerWriter.bytes(1) + DerWriter.bytes(privateBytes) + DerWriter.bytes(bitStringBytes());
    }

    @Override
    int encodedPrivateBytes(PrivateKeyForm form) {
        return DerWriter.bytes(contentBytes());
    }

    @Override
    void writePrivate(DerWriter der, PrivateKeyForm form, MemorySegment key, long keyAt) {
        der.open(DerReader.SEQUENCE, contentBytes()).version(1);
        der.open(DerReader.OCTET_STRING, privateBytes).copy(key, keyAt, privateBytes);
        der.open(PUBLIC_KEY, bitStringBytes()).open(DerReader.BIT_STRING, 1 + publicBytes).u8(0);
        der.copy(key, keyAt + privateBytes, publicBytes);
    }

    @Override
    void readPrivate(DerReader octets, KeyParser key) {
        DerReader ec = octets.open(DerReader.SEQUENCE);
        readEc(ec, ec.version(), false, key);
    }

    /// Behind the version.
    ///
    /// @param alone  whether nothing around it says which curve
    void readEc(DerReader ec, int version, boolean alone, KeyParser key) {
        if (version != 1) {
            throw new KeyFormatException(Reason.UNKNOWN_VERSION);
        }
        DerReader octets = ec.open(DerReader.OCTET_STRING);
        if (ec.has(PARAMETERS)) {
            DerReader parameters = ec.open(PARAMETERS);
            if (!parameters.copy().startsWith(CURVE)) {
                throw new KeyFormatException(KeyParser.curve(parameters));
            }
            parameters.any();
            parameters.finish();
        } else if (alone) {
            throw new KeyFormatException(Reason.UNKNOWN_ALGORITHM);
        }
        key.privateAt = octets.bytes(privateBytes);
        if (ec.has(PUBLIC_KEY)) {
            DerReader wrapped = ec.open(PUBLIC_KEY);
            key.readPublicBits(wrapped.bits(DerReader.BIT_STRING));
            wrapped.finish();
        }
        ec.finish();
    }

    @Override
    boolean readPublic(MemorySegment encoded, long encodedAt, long length, MemorySegment target, long targetAt, MemorySegment w,
            long at) {
        return P256.decompress(encoded, encodedAt, length, target, targetAt, w, at);
    }

    @Override
    Signature signature() {
        return EcdsaP256.SCHEME;
    }

    @Override
    Kem kem() {
        return P256.KEM;
    }

    @Override
    boolean agrees() {
        return true;
    }

    @Override
    Agreement agree(MemorySegment key, long keyAt, MemorySegment peer, long peerAt, long peerLength, MemorySegment shared,
            long sharedAt, MemorySegment w, long at) {
        return P256.agree(key, keyAt, peer, peerAt, peerLength, shared, sharedAt, w, at);
    }
}
