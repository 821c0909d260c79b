package dev.coffer.crypto.key;

import dev.coffer.crypto.Hash;
import dev.coffer.crypto.Mac;
import dev.coffer.crypto.internal.AesCbc;
import dev.coffer.crypto.kdf.Pbkdf2;
import dev.coffer.crypto.key.KeyFormatException.Reason;
import dev.coffer.memory.ConstantTime;
import dev.coffer.memory.Wipe;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/// What a passphrase locks in files of keys: PBES2 and PBMAC1 (RFC 8018, sections 6.2 and 7.1), and the MAC of PKCS#12 with a derivation of its own (RFC 7292,
/// appendix B.2). One for each file: it counts the iterations that the file asks for. One thread.
final class Pkcs5 {
    /// Bytes of the longest passphrase.
    static final int PASSPHRASE_BYTES_MAX = 1024;
    /// Of all derivations of a file together: some seconds of one processor.
    static final int ITERATIONS_MAX = 10_000_000;

    private static final int SALT_BYTES_MAX = 1024;
    private static final int NULL = 0x05;
    private static final int MAC_KEY = 3;  // RFC 7292, appendix B.3
    private static final byte[] PBES2 = DerWriter.identifier("1.2.840.113549.1.5.13");   // RFC 8018, appendix A.4
    private static final byte[] PBMAC1 = DerWriter.identifier("1.2.840.113549.1.5.14");  // appendix A.5
    private static final byte[] PBKDF2 = DerWriter.identifier("1.2.840.113549.1.5.12");  // appendix A.2
    private static final byte[] AES_128_CBC = DerWriter.identifier("2.16.840.1.101.3.4.1.2");   // appendix B.2.5
    private static final byte[] AES_256_CBC = DerWriter.identifier("2.16.840.1.101.3.4.1.42");
    private static final byte[] HMAC_SHA_256 = DerWriter.identifier("1.2.840.113549.2.9");      // appendix B.1.2
    private static final byte[] HMAC_SHA_384 = DerWriter.identifier("1.2.840.113549.2.10");
    private static final byte[] HMAC_SHA_512 = DerWriter.identifier("1.2.840.113549.2.11");
    private static final byte[] SHA_256 = DerWriter.identifier("2.16.840.1.101.3.4.2.1");       // RFC 5754, section 2
    private static final byte[] SHA_384 = DerWriter.identifier("2.16.840.1.101.3.4.2.2");
    private static final byte[] SHA_512 = DerWriter.identifier("2.16.840.1.101.3.4.2.3");
    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;

    // The workspace: a derived key or MAC, what the derivation works in, the cipher, the passphrase in PKCS#12's own letters.
    private static final long KEY = 0;
    private static final long DERIVING = KEY + Hash.DIGEST_BYTES_MAX;
    private static final long CIPHER = DERIVING + Math.max(Pbkdf2.WORKSPACE_BYTES_MAX, Hash.STATE_BYTES_MAX + 1);
    private static final long LETTERS = CIPHER + AesCbc.WORKSPACE_BYTES;
    private static final long LETTERS_BYTES = 2L * (PASSPHRASE_BYTES_MAX + 1);
    static final long WORKSPACE_BYTES = LETTERS + LETTERS_BYTES;

    private final Reason other;      // what is said where it is locked otherwise
    private final MemorySegment file;
    private final MemorySegment phrase;
    private final long phraseAt;
    private final int phraseBytes;
    private final MemorySegment work;
    private final long workAt;
    private int iterationsLeft = ITERATIONS_MAX;

    /// @param other  what is said of a lock of another kind
    /// @param file   that readers read
    /// @param work   [#WORKSPACE_BYTES] off the heap; the caller wipes it
    Pkcs5(Reason other, MemorySegment file, MemorySegment phrase, long phraseAt, int phraseBytes, MemorySegment work, long workAt) {
        this.other = other;
        this.file = file;
        this.phrase = phrase;
        this.phraseAt = phraseAt;
        this.phraseBytes = phraseBytes;
        this.work = work;
        this.workAt = workAt;
    }

    /// Decrypts in place what an AlgorithmIdentifier of PBES2 says how.
    ///
    /// @param identifier  its content
    /// @return bytes of the text, without its padding
    long decrypt(DerReader identifier, long at, long length) {
        if (!identifier.startsWith(PBES2)) {
            throw new KeyFormatException(other);
        }
        DerReader parameters = identifier.open(DerReader.SEQUENCE);
        identifier.finish();
        DerReader derivation = parameters.open(DerReader.SEQUENCE);
        DerReader cipher = parameters.open(DerReader.SEQUENCE);
        parameters.finish();
        DerReader named = cipher.open(DerReader.OBJECT_IDENTIFIER);
        int keyBytes = named.is(AES_256_CBC) ? 32 : named.is(AES_128_CBC) ? 16 : 0;
        if (keyBytes == 0) {
            throw new KeyFormatException(other);
        }
        long iv = cipher.octets(DerReader.OCTET_STRING, AesCbc.BLOCK_BYTES);
        cipher.finish();
        if (length == 0 || length % AesCbc.BLOCK_BYTES != 0) {
            throw DerReader.bad();
        }
        pbkdf2(derivation, keyBytes, false);
        AesCbc.decrypt(work, workAt + CIPHER, work, workAt + KEY, keyBytes, file, iv, file, at, length);
        return unpadded(at, length);
    }

    /// Sections 6.1.1 and 6.2.2: so many bytes of that value. Compared all at once, as what decrypts to anything else was locked by another passphrase.
    private long unpadded(long at, long length) {
        int padding = Byte.toUnsignedInt(file.get(BYTE, at + length - 1));
        int differs = padding - 1 >> 31 | AesCbc.BLOCK_BYTES - padding >> 31;
        for (int i = 1; i <= AesCbc.BLOCK_BYTES; i++) {
            int isPadding = i - padding - 1 >> 31;
            differs |= isPadding & (Byte.toUnsignedInt(file.get(BYTE, at + length - i)) ^ padding);
        }
        if (differs != 0) {
            throw new KeyFormatException(Reason.PASSPHRASE);
        }
        return length - padding;
    }

    /// Derives into [#KEY] what an AlgorithmIdentifier of PBKDF2 says how.
    ///
    /// @param bytes  of the key: what the parameters ask for too, if they say so
    /// @param says   whether they must (RFC 9879, section 3)
    private void pbkdf2(DerReader derivation, int bytes, boolean says) {
        if (!derivation.startsWith(PBKDF2)) {
            throw new KeyFormatException(other);
        }
        DerReader parameters = derivation.open(DerReader.SEQUENCE);
        derivation.finish();
        DerReader salt = salt(parameters);
        int iterations = spend(parameters.integer());
        if ((says || parameters.has(DerReader.INTEGER)) && parameters.integer() != bytes) {
            throw DerReader.bad();
        }
        if (!parameters.has(DerReader.SEQUENCE)) {
            throw new KeyFormatException(other);  // HMAC-SHA-1, by default
        }
        Pbkdf2 function = function(parameters.open(DerReader.SEQUENCE));
        parameters.finish();
        function.derive(work, workAt + DERIVING, phrase, phraseAt, phraseBytes, file, salt.position(), salt.left(), iterations, work, workAt + KEY, bytes);
    }

    private static DerReader salt(DerReader parameters) {
        DerReader salt = parameters.open(DerReader.OCTET_STRING);
        if (salt.left() > SALT_BYTES_MAX) {
            throw DerReader.bad();
        }
        return salt;
    }

    /// Claims iterations, before any is done.
    private int spend(int iterations) {
        if (iterations < 1 || iterations > iterationsLeft) {
            throw new KeyFormatException(Reason.ITERATIONS);
        }
        iterationsLeft -= iterations;
        return iterations;
    }

    private Pbkdf2 function(DerReader identifier) {
        Mac mac = mac(identifier);
        if (mac == null) {
            throw new KeyFormatException(other);
        }
        return mac == Mac.HMAC_SHA_256 ? Pbkdf2.HMAC_SHA_256 : mac == Mac.HMAC_SHA_384 ? Pbkdf2.HMAC_SHA_384 : Pbkdf2.HMAC_SHA_512;
    }

    /// {@return the function of an AlgorithmIdentifier, or null where it is none that is here}
    private static @Nullable Mac mac(DerReader identifier) {
        DerReader named = identifier.open(DerReader.OBJECT_IDENTIFIER);
        noParameters(identifier);
        return named.is(HMAC_SHA_256) ? Mac.HMAC_SHA_256 : named.is(HMAC_SHA_384) ? Mac.HMAC_SHA_384 : named.is(HMAC_SHA_512) ? Mac.HMAC_SHA_512 : null;
    }

    private static void noParameters(DerReader identifier) {
        if (identifier.has(NULL)) {
            identifier.open(NULL).finish();
        }
        identifier.finish();
    }

    /// Verifies the MAC of a PKCS#12 file (RFC 7292, section 4; RFC 9879, section 3).
    ///
    /// @param macData  the content of MacData
    /// @throws KeyFormatException  it is of a kind that is not here, or another passphrase's or file's
    void verify(DerReader macData, long contentAt, long contentLength) {
        DerReader info = macData.open(DerReader.SEQUENCE);
        DerReader identifier = info.open(DerReader.SEQUENCE);
        DerReader digest = info.open(DerReader.OCTET_STRING);
        info.finish();
        DerReader salt = salt(macData);
        int iterations = macData.left() > 0 ? macData.integer() : 1;
        macData.finish();
        Mac mac = identifier.copy().startsWith(PBMAC1) ? pbmac1(identifier) : ofPkcs12(identifier, salt, iterations);
        int keyBytes = mac.tagBytes();
        boolean same = digest.left() == keyBytes;
        mac.mac(work, workAt + DERIVING, work, workAt + KEY, keyBytes, file, contentAt, contentLength, work, workAt + KEY);
        if (!same || !ConstantTime.equal(work, workAt + KEY, file, digest.position(), keyBytes)) {
            throw new KeyFormatException(Reason.PASSPHRASE);
        }
    }

    /// Derives the key of PBMAC1; salt and iterations of MacData say nothing then.
    private Mac pbmac1(DerReader identifier) {
        identifier.open(DerReader.OBJECT_IDENTIFIER);
        DerReader parameters = identifier.open(DerReader.SEQUENCE);
        identifier.finish();
        DerReader derivation = parameters.open(DerReader.SEQUENCE);
        Mac mac = mac(parameters.open(DerReader.SEQUENCE));
        parameters.finish();
        if (mac == null) {
            throw new KeyFormatException(Reason.PKCS12_MAC);
        }
        pbkdf2(derivation, mac.tagBytes(), true);
        return mac;
    }

    private Mac ofPkcs12(DerReader identifier, DerReader salt, int iterations) {
        DerReader named = identifier.open(DerReader.OBJECT_IDENTIFIER);
        Hash hash = named.is(SHA_256) ? Hash.SHA_256 : named.is(SHA_384) ? Hash.SHA_384 : named.is(SHA_512) ? Hash.SHA_512 : null;
        if (hash == null) {
            throw new KeyFormatException(Reason.PKCS12_MAC);
        }
        noParameters(identifier);
        pkcs12(hash, salt, spend(iterations));
        return hash == Hash.SHA_256 ? Mac.HMAC_SHA_256 : hash == Hash.SHA_384 ? Mac.HMAC_SHA_384 : Mac.HMAC_SHA_512;
    }

    /// Appendix B.2 for a key of one digest, where nothing is left to do behind step 6A: the hash of D, S and P, again and again.
    private void pkcs12(Hash hash, DerReader salt, int iterations) {
        long letters = letters();
        long state = workAt + DERIVING;
        int block = hash.blockBytes();
        hash.init(work, state);
        long octet = state + hash.stateBytes();
        work.set(BYTE, octet, (byte) MAC_KEY);
        for (int i = 0; i < block; i++) {
            hash.update(work, state, work, octet, 1);
        }
        repeat(hash, state, file, salt.position(), salt.left());
        repeat(hash, state, work, workAt + LETTERS, letters);
        hash.digest(work, state, work, workAt + KEY);
        for (int i = 1; i < iterations; i++) {
            hash.hash(work, state, work, workAt + KEY, hash.digestBytes(), work, workAt + KEY);
        }
        Wipe.bytes(work, workAt + LETTERS, LETTERS_BYTES);
    }

    /// Takes a string as often as it takes to fill whole blocks, the last time in part; nothing of an empty one.
    private void repeat(Hash hash, long state, MemorySegment s, long at, long length) {
        long left = (length + hash.blockBytes() - 1) / hash.blockBytes() * hash.blockBytes();
        while (left > 0) {
            long now = Math.min(length, left);
            hash.update(work, state, s, at, now);
            left -= now;
        }
    }

    /// Writes the passphrase as BMPString with a zero behind it (appendix B.1), of UTF-8; of bytes that are none each is a letter, as OpenSSL has it.
    ///
    /// A passphrase of ASCII takes one path whatever its letters are; of another the time says which of its letters take several bytes.
    ///
    /// @return bytes written
    private long letters() {
        long out = ofUtf8();
        if (out < 0) {
            out = workAt + LETTERS;
            for (int i = 0; i < phraseBytes; i++, out += 2) {
                letter(out, u8(i));
            }
        }
        letter(out, 0);
        return out + 2 - (workAt + LETTERS);
    }

    /// {@return behind the letters, or -1 where it is no UTF-8}
    private long ofUtf8() {
        long out = workAt + LETTERS;
        int i = 0;
        while (i < phraseBytes) {
            int first = u8(i++);
            int more = first < 0x80 ? 0 : first < 0xc2 ? -1 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : first < 0xf5 ? 3 : -1;
            if (more < 0 || i + more > phraseBytes) {
                return -1;
            }
            int point = more == 0 ? first : first & 0x3f >> more;
            for (int end = i + more; i < end; i++) {
                if ((u8(i) & 0xc0) != 0x80) {
                    return -1;
                }
                point = point << 6 | u8(i) & 0x3f;
            }
            if (more == 2 && (point < 0x800 || point >> 11 == 0x1b) || more == 3 && (point < 0x10000 || point > 0x10ffff)) {
                return -1;
            }
            if (point >= 0x10000) {
                letter(out, 0xd7c0 + (point >> 10));
                out += 2;
                point = 0xdc00 | point & 0x3ff;
            }
            letter(out, point);
            out += 2;
        }
        return out;
    }

    private int u8(int index) {
        return Byte.toUnsignedInt(phrase.get(BYTE, phraseAt + index));
    }

    private void letter(long out, int unit) {
        work.set(BYTE, out, (byte) (unit >> Byte.SIZE));
        work.set(BYTE, out + 1, (byte) unit);
    }
}
