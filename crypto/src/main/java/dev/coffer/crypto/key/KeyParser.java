package dev.coffer.crypto.key;

import dev.coffer.crypto.key.KeyFormatException.Reason;
import java.lang.foreign.MemorySegment;
import java.util.HexFormat;

/// Finds the key in a DER structure: algorithm, and where its bytes lie. Holds positions, never contents. One thread.
final class KeyParser {
    private static final byte[] ID_X25519 = HexFormat.of().parseHex("2b656e");            // 1.3.101.110
    private static final byte[] ID_ED25519 = HexFormat.of().parseHex("2b6570");           // 1.3.101.112
    private static final byte[] ID_EC = HexFormat.of().parseHex("2a8648ce3d0201");        // 1.2.840.10045.2.1
    private static final byte[] ID_P256 = HexFormat.of().parseHex("2a8648ce3d030107");    // 1.2.840.10045.3.1.7
    private static final byte[] ID_PBES2 = HexFormat.of().parseHex("2a864886f70d01050d");    // 1.2.840.113549.1.5.13
    private static final byte[] ID_PBKDF2 = HexFormat.of().parseHex("2a864886f70d01050c");   // 1.2.840.113549.1.5.12
    private static final byte[] ID_SCRYPT = HexFormat.of().parseHex("2b06010401da47040b");   // 1.3.6.1.4.1.11591.4.11
    private static final int PARAMETERS = 0xa0;   // [0] of ECPrivateKey; attributes of OneAsymmetricKey
    private static final int PKCS_12_VERSION = 3;  // of a PFX (RFC 7292 section 4); keys have 0 and 1
    private static final int PUBLIC_KEY = 0xa1;   // [1] of ECPrivateKey, explicit
    private static final int PUBLIC_BITS = 0x81;  // [1] of OneAsymmetricKey, implicit

    KeyAlgorithm algorithm;
    long privateAt = -1;   // of 32 bytes; -1 for a public key
    long publicAt = -1;    // -1 where there is none
    long publicLength;

    /// PrivateKeyInfo, OneAsymmetricKey, ECPrivateKey or SubjectPublicKeyInfo, told apart by their first fields.
    void read(MemorySegment segment, long at, long length) {
        DerReader outer = new DerReader(segment, at, at + length);
        DerReader key = outer.open(DerReader.SEQUENCE);
        outer.finish();
        if (key.has(DerReader.SEQUENCE)) {
            readPublicOrEncrypted(key);
            return;
        }
        if (key.has(DerReader.OBJECT_IDENTIFIER)) {
            throw new KeyFormatException(Reason.BUNDLE);  // PKCS#7 names its content first
        }
        int version = key.version();
        if (version == PKCS_12_VERSION) {
            throw new KeyFormatException(Reason.BUNDLE);
        }
        if (key.has(DerReader.OCTET_STRING)) {
            algorithm = KeyAlgorithm.P256;
            readEc(key, version, true);
            return;
        }
        if (version > 1) {
            throw new KeyFormatException(Reason.UNKNOWN_VERSION);
        }
        readAlgorithm(key.open(DerReader.SEQUENCE));
        DerReader octets = key.open(DerReader.OCTET_STRING);
        if (algorithm.isEdwards()) {
            privateAt = octets.octets(KeyAlgorithm.PRIVATE_KEY_BYTES);
        } else {
            DerReader ec = octets.open(DerReader.SEQUENCE);
            readEc(ec, ec.version(), false);
        }
        octets.finish();
        if (key.has(PARAMETERS)) {
            key.skip(PARAMETERS);
        }
        if (version == 1 && key.has(PUBLIC_BITS)) {
            readPublicBits(key.bits(PUBLIC_BITS));
        }
        key.finish();
    }

    /// RFC 5915 section 3, behind the version.
    private void readEc(DerReader ec, int version, boolean alone) {
        if (version != 1) {
            throw new KeyFormatException(Reason.UNKNOWN_VERSION);
        }
        privateAt = ec.octets(KeyAlgorithm.PRIVATE_KEY_BYTES);
        if (ec.has(PARAMETERS)) {
            DerReader parameters = ec.open(PARAMETERS);
            if (!parameters.open(DerReader.OBJECT_IDENTIFIER).is(ID_P256)) {
                throw new KeyFormatException(Reason.UNKNOWN_ALGORITHM);
            }
            parameters.finish();
        } else if (alone) {
            throw new KeyFormatException(Reason.UNKNOWN_ALGORITHM);
        }
        if (ec.has(PUBLIC_KEY)) {
            DerReader wrapped = ec.open(PUBLIC_KEY);
            readPublicBits(wrapped.bits(DerReader.BIT_STRING));
            wrapped.finish();
        }
        ec.finish();
    }

    private void readPublicOrEncrypted(DerReader key) {
        DerReader identifier = key.open(DerReader.SEQUENCE);
        if (key.has(DerReader.OCTET_STRING)) {
            throw new KeyFormatException(encryption(identifier));
        }
        if (identifier.has(PARAMETERS) || identifier.has(DerReader.INTEGER)) {  // the version of a certificate or request
            throw new KeyFormatException(Reason.CERTIFICATE);
        }
        readAlgorithm(identifier);
        readPublicBits(key.bits(DerReader.BIT_STRING));
        key.finish();
    }

    /// RFC 8018, appendix A.4: PBES2 names its key derivation first.
    private static Reason encryption(DerReader identifier) {
        if (!identifier.open(DerReader.OBJECT_IDENTIFIER).is(ID_PBES2) || !identifier.has(DerReader.SEQUENCE)) {
            return Reason.ENCRYPTED;
        }
        DerReader derivation = identifier.open(DerReader.SEQUENCE);
        if (!derivation.has(DerReader.SEQUENCE)) {
            return Reason.ENCRYPTED;
        }
        DerReader function = derivation.open(DerReader.SEQUENCE).open(DerReader.OBJECT_IDENTIFIER);
        return function.is(ID_PBKDF2) ? Reason.ENCRYPTED_PBKDF2
                : function.is(ID_SCRYPT) ? Reason.ENCRYPTED_SCRYPT : Reason.ENCRYPTED;
    }

    private void readAlgorithm(DerReader identifier) {
        DerReader id = identifier.open(DerReader.OBJECT_IDENTIFIER);
        if (id.is(ID_X25519)) {
            algorithm = KeyAlgorithm.X25519;
        } else if (id.is(ID_ED25519)) {
            algorithm = KeyAlgorithm.ED25519;
        } else if (id.is(ID_EC) && identifier.has(DerReader.OBJECT_IDENTIFIER)
                && identifier.open(DerReader.OBJECT_IDENTIFIER).is(ID_P256)) {
            algorithm = KeyAlgorithm.P256;
        } else {
            throw new KeyFormatException(Reason.UNKNOWN_ALGORITHM);
        }
        identifier.finish();  // RFC 8410 section 3: parameters absent
    }

    private void readPublicBits(DerReader bits) {
        if (algorithm.isEdwards() && bits.left() != algorithm.publicKeyBytes()) {
            throw new KeyFormatException(Reason.BAD_PUBLIC_KEY);
        }
        publicAt = bits.position();
        publicLength = bits.left();
    }
}
