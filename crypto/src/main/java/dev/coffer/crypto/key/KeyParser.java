package dev.coffer.crypto.key;

import dev.coffer.crypto.key.KeyFormatException.Reason;
import dev.coffer.memory.layout.BigEndian;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Finds the key in a DER structure: algorithm, and where its bytes lie. Holds positions, never contents. One thread.
final class KeyParser {
    private static final byte[] ID_PBES2 = DerWriter.identifier("1.2.840.113549.1.5.13");    // RFC 8018, appendix A.4
    private static final byte[] ID_PBKDF2 = DerWriter.identifier("1.2.840.113549.1.5.12");   // appendix A.2
    private static final byte[] ID_SCRYPT = DerWriter.identifier("1.3.6.1.4.1.11591.4.11");  // RFC 7914, section 7
    private static final byte[] ID_EC = DerWriter.identifier("1.2.840.10045.2.1");           // RFC 5480, section 2.1.1
    private static final byte[] P_384 = DerWriter.identifier("1.3.132.0.34");                // section 2.1.1.1
    private static final byte[] P_521 = DerWriter.identifier("1.3.132.0.35");
    private static final byte[] SECP256K1 = DerWriter.identifier("1.3.132.0.10");            // SEC 2, appendix A.2
    private static final byte[] ID_DSA = DerWriter.identifier("1.2.840.10040.4.1");          // RFC 3279, section 2.3.2
    private static final byte[] ID_ED448 = DerWriter.identifier("1.3.101.113");              // RFC 8410, section 3
    private static final byte[] ID_X448 = DerWriter.identifier("1.3.101.111");
    private static final KeyAlgorithm[] KNOWN = KeyAlgorithm.values();
    private static final int JKS = 0xfeedfeed;    // how the JDK's files of those two kinds begin
    private static final int JCEKS = 0xcececece;
    private static final int ATTRIBUTES = 0xa0;   // [0] of OneAsymmetricKey
    private static final int PKCS_12_VERSION = 3;  // of a PFX (RFC 7292 section 4); keys have 0 and 1
    private static final int UTC_TIME = 0x17;
    private static final int GENERALIZED_TIME = 0x18;
    private static final int PUBLIC_BITS = 0x81;  // [1] of OneAsymmetricKey, implicit

    private @Nullable KeyAlgorithm algorithm;  // null until it is read
    long privateAt = -1;   // -1 for a public key, and where there is a seed alone
    long seedAt = -1;      // -1 where there is none
    long publicAt = -1;    // -1 where there is none
    long publicLength;

    KeyAlgorithm algorithm() {
        return Objects.requireNonNull(algorithm, "read");
    }

    /// PrivateKeyInfo, OneAsymmetricKey, ECPrivateKey or SubjectPublicKeyInfo, told apart by their first fields.
    void read(MemorySegment segment, long at, long length) {
        if (length > Integer.BYTES && (BigEndian.i32(segment, at) == JKS || BigEndian.i32(segment, at) == JCEKS)) {
            throw new KeyFormatException(Reason.JAVA_KEYSTORE);
        }
        DerReader outer = new DerReader(segment, at, at + length);
        DerReader key = outer.open(DerReader.SEQUENCE);
        outer.finish();
        if (key.has(DerReader.SEQUENCE)) {
            readPublicOrEncrypted(key);
            return;
        }
        if (key.has(DerReader.OBJECT_IDENTIFIER)) {
            throw new KeyFormatException(Reason.CMS);  // which names its content first
        }
        int version = key.version();
        if (version == PKCS_12_VERSION) {
            throw new KeyFormatException(Reason.BUNDLE);
        }
        if (key.has(DerReader.OCTET_STRING)) {
            algorithm = KeyAlgorithm.P256;  // the one that has a form without an identifier (RFC 5915)
            ((EcForm) algorithm.form).readEc(key, version, true, this);
            return;
        }
        if (version > 1) {
            throw new KeyFormatException(Reason.UNKNOWN_VERSION);
        }
        KeyAlgorithm named = readAlgorithm(key.open(DerReader.SEQUENCE));
        DerReader octets = key.open(DerReader.OCTET_STRING);
        named.form.readPrivate(octets, this);
        octets.finish();
        if (key.has(ATTRIBUTES)) {
            readAttributes(key.open(ATTRIBUTES));
        }
        if (version == 1 && key.has(PUBLIC_BITS)) {
            DerReader bits = key.bits(PUBLIC_BITS);
            if (publicAt >= 0 && !bits.isSame(publicAt, publicLength)) {  // that of an ECPrivateKey, which nobody would look at then
                throw new KeyFormatException(Reason.MISMATCH);
            }
            readPublicBits(bits);
        }
        key.finish();
    }

    /// Attributes say nothing that we use, and are read all the same: what is accepted is a key from its first byte to its last (RFC
    /// 5958, section 2; each is an identifier and a set of one value or more, RFC 2986, section 4.1).
    private static void readAttributes(DerReader attributes) {
        while (attributes.left() > 0) {
            DerReader attribute = attributes.open(DerReader.SEQUENCE);
            attribute.identifier();
            DerReader values = attribute.open(DerReader.SET);
            attribute.finish();
            do {
                values.any();
            } while (values.left() > 0);
        }
    }

    private void readPublicOrEncrypted(DerReader key) {
        DerReader identifier = key.open(DerReader.SEQUENCE);
        if (key.has(DerReader.OCTET_STRING)) {
            throw new KeyFormatException(encryption(identifier));
        }
        if (identifier.has(ATTRIBUTES)) {  // the version of a certificate
            throw new KeyFormatException(Reason.CERTIFICATE);
        }
        if (identifier.has(DerReader.INTEGER)) {
            throw new KeyFormatException(signed(identifier));
        }
        readAlgorithm(identifier);
        readPublicBits(key.bits(DerReader.BIT_STRING));
        key.finish();
    }

    /// {@return which structure that is signed begins with a number: a request its version and then a name (RFC 2986, section 4.1), a list of
    /// revocations its version, an algorithm, a name and a time (RFC 5280, section 5.1), a certificate of version 1 its serial number, an algorithm, a name and two times}
    private static Reason signed(DerReader content) {
        content.open(DerReader.INTEGER);
        if (!content.open(DerReader.SEQUENCE).has(DerReader.OBJECT_IDENTIFIER)) {
            return Reason.REQUEST;
        }
        content.open(DerReader.SEQUENCE);
        return content.has(DerReader.SEQUENCE) ? Reason.CERTIFICATE
                : content.has(UTC_TIME) || content.has(GENERALIZED_TIME) ? Reason.REVOCATIONS : Reason.BAD_DER;
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

    private KeyAlgorithm readAlgorithm(DerReader identifier) {
        for (KeyAlgorithm known : KNOWN) {
            if (known.form.isIdentifiedBy(identifier.copy())) {
                algorithm = known;
                return known;
            }
        }
        throw new KeyFormatException(identifier.has(DerReader.OBJECT_IDENTIFIER) ? foreign(identifier) : Reason.BAD_DER);
    }

    /// {@return what a key is of that nothing here is for}
    private static Reason foreign(DerReader identifier) {
        DerReader named = identifier.open(DerReader.OBJECT_IDENTIFIER);
        return named.is(ID_EC) ? curve(identifier)
                : named.is(EncodedRsaKey.RSA_ENCRYPTION) ? Reason.RSA : named.is(EncodedRsaKey.RSASSA_PSS) ? Reason.RSA_PSS_ALONE
                        : named.is(ID_DSA) ? Reason.DSA : named.is(ID_ED448) || named.is(ID_X448) ? Reason.CURVE_448 : Reason.UNKNOWN_ALGORITHM;
    }

    /// {@return which curve it is that parameters name}
    static Reason curve(DerReader parameters) {
        if (!parameters.has(DerReader.OBJECT_IDENTIFIER)) {
            return Reason.OTHER_CURVE;
        }
        DerReader named = parameters.open(DerReader.OBJECT_IDENTIFIER);
        return named.is(P_384) ? Reason.P_384 : named.is(P_521) ? Reason.P_521 : named.is(SECP256K1) ? Reason.SECP256K1 : Reason.OTHER_CURVE;
    }

    void readPublicBits(DerReader bits) {
        publicAt = bits.position();
        publicLength = bits.left();
    }
}
