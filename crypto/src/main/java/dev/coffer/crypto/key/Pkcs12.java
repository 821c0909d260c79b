package dev.coffer.crypto.key;

import dev.coffer.crypto.internal.Ending;
import dev.coffer.crypto.internal.Ranges;
import dev.coffer.crypto.key.KeyFormatException.Reason;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/// A PKCS#12 file (RFC 7292), opened where it lies by its passphrase: one private key, and certificates.
///
/// ```
///   if (Pkcs12.isPkcs12(file, 0, length)) {
///       try (Pkcs12 opened = Pkcs12.in(file, 0, length, passphrase, 0, bytes, work, 0);
///               EncodedKey key = EncodedKey.in(file, opened.keyAt(), opened.keyBytes())) {
///           pair = key.keyPair(slots.acquire(key.algorithm().keyPairBytes()), work, 0);
///       }                                                     // what was read is wiped
///   }
/// ```
///
/// Read is what OpenSSL 3 and the keytool of JDK 25 write: contents and keys under PBES2 with PBKDF2 (HMAC-SHA-256, -384 or -512) and AES-128 or AES-256 in CBC
/// mode, or in the clear; a MAC by the derivation of appendix B.2 or PBMAC1 (RFC 9879), each with SHA-256, SHA-384 or SHA-512. The MAC is verified before
/// anything that it vouches for is decrypted or looked at. All else is refused in words: RC2, triple DES and RC4, a MAC of SHA-1 or none, privacy by public
/// keys, BER of indefinite lengths, several private keys.
///
/// A MAC that does not fit does not say whether the passphrase or the file is another, and nothing is decrypted to find out: whoever may change a file and hear
/// whether it then decrypts to something would learn the text, block by block. One thread.
public final class Pkcs12 implements AutoCloseable {
    /// Bytes of the longest file: a key of ML-DSA-87 and three certificates of it have 28,000.
    public static final int FILE_BYTES_MAX = 32 << 10;
    /// Bytes of the longest passphrase.
    public static final int PASSPHRASE_BYTES_MAX = Pkcs5.PASSPHRASE_BYTES_MAX;
    /// Iterations of all derivations of a file together: one that asks for more is refused before any is done.
    public static final int ITERATIONS_MAX = Pkcs5.ITERATIONS_MAX;
    /// Bytes of the workspace, at any alignment.
    public static final long WORKSPACE_BYTES = Pkcs5.WORKSPACE_BYTES;

    private static final String NAME = "PKCS#12 file";
    private static final int VERSION = 3;
    private static final int CONTENTS_MAX = 16;   // keytool and openssl make two
    private static final int BAGS_MAX = 256;
    private static final int DEPTH_MAX = 4;       // of safe contents in safe contents, which nobody makes
    private static final int EXPLICIT = 0xa0;     // [0]
    private static final int IMPLICIT = 0x80;     // [0] of an OCTET STRING
    private static final int INDEFINITE = 0x80;   // a length
    private static final byte[] DATA = DerWriter.identifier("1.2.840.113549.1.7.1");            // RFC 5652, section 4
    private static final byte[] ENCRYPTED_DATA = DerWriter.identifier("1.2.840.113549.1.7.6");  // section 8
    private static final byte[] KEY_BAG = DerWriter.identifier("1.2.840.113549.1.12.10.1.1");   // RFC 7292, section 4.2
    private static final byte[] SHROUDED_KEY_BAG = DerWriter.identifier("1.2.840.113549.1.12.10.1.2");
    private static final byte[] CERTIFICATE_BAG = DerWriter.identifier("1.2.840.113549.1.12.10.1.3");
    private static final byte[] SAFE_CONTENTS_BAG = DerWriter.identifier("1.2.840.113549.1.12.10.1.6");
    private static final byte[] X509 = DerWriter.identifier("1.2.840.113549.1.9.22.1");         // section 4.2.3
    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;

    private final MemorySegment source;
    private final long sourceAt;
    private final long length;
    private final List<byte[]> certificates = new ArrayList<>();
    private long keyAt = -1;
    private long keyBytes;
    private int bags;

    private Pkcs12(MemorySegment source, long sourceAt, long length) {
        this.source = source;
        this.sourceAt = sourceAt;
        this.length = length;
    }

    /// {@return whether this begins as one does, whole or not: a version that no key has}
    ///
    /// @throws IndexOutOfBoundsException  the range does not lie in the segment (caller's fault)
    public static boolean isPkcs12(MemorySegment source, long at, long length) {
        Ranges.check(NAME, source, at, length);
        if (length < 2 || u8(source, at) != DerReader.SEQUENCE) {
            return false;
        }
        int first = u8(source, at + 1);
        long content = 2 + (first > INDEFINITE ? first & 0x7f : 0);
        return length >= content + 3 && u8(source, at + content) == DerReader.INTEGER && u8(source, at + content + 1) == 1
                && u8(source, at + content + 2) == VERSION;
    }

    private static int u8(MemorySegment segment, long at) {
        return Byte.toUnsignedInt(segment.get(BYTE, at));
    }

    /// Opens one that lies in memory.
    ///
    /// @param source            writable memory off the heap, this object's until it is closed
    /// @param length            bytes, at most [#FILE_BYTES_MAX]
    /// @param passphrase        off the heap, in UTF-8, not kept
    /// @param passphraseLength  bytes, 0 to [#PASSPHRASE_BYTES_MAX]
    /// @param workspace         [#WORKSPACE_BYTES] from `workAt`, off the heap, apart from both; wiped when this returns
    /// @throws KeyFormatException         it is none that is read, or does not open (the fault of who made it, or typed the passphrase); the source is wiped
    /// @throws IllegalArgumentException   memory on the heap or read-only, ranges that overlap, a longer passphrase (caller's fault); nothing is written
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault); nothing is written
    public static Pkcs12 in(MemorySegment source, long sourceAt, long length, MemorySegment passphrase, long passphraseAt, int passphraseLength,
            MemorySegment workspace, long workAt) {
        Ranges.checkWorkspace(NAME, source, sourceAt, length);
        Ranges.checkSecret("passphrase", passphrase, passphraseAt, passphraseLength);
        Ranges.checkWorkspace(NAME, workspace, workAt, WORKSPACE_BYTES);
        Ranges.apart(NAME, source, sourceAt, length, workspace, workAt, WORKSPACE_BYTES);
        Ranges.apart(NAME, source, sourceAt, length, passphrase, passphraseAt, passphraseLength);
        Ranges.apart("passphrase", passphrase, passphraseAt, passphraseLength, workspace, workAt, WORKSPACE_BYTES);
        if (passphraseLength > PASSPHRASE_BYTES_MAX) {
            throw new IllegalArgumentException("passphrase: " + passphraseLength + " bytes (expected at most " + PASSPHRASE_BYTES_MAX + ")");
        }
        boolean read = false;
        try {
            Pkcs12 file = new Pkcs12(source, sourceAt, length);
            file.open(new Pkcs5(Reason.OLD_LOCK, source, passphrase, passphraseAt, passphraseLength, workspace, workAt));
            read = true;
            return file;
        } catch (KeyFormatException e) {
            throw e.reason() == Reason.BAD_DER || e.reason() == Reason.UNKNOWN_VERSION ? new KeyFormatException(Reason.PKCS12_DAMAGED) : e;
        } finally {
            Ending.end(read, source, sourceAt, length, workspace, workAt, WORKSPACE_BYTES);
        }
    }

    /// PFX (section 4).
    private void open(Pkcs5 lock) {
        if (length > FILE_BYTES_MAX) {
            throw new KeyFormatException(Reason.TOO_LONG);
        }
        DerReader outer = new DerReader(source, sourceAt, sourceAt + length);
        DerReader pfx = outer.open(DerReader.SEQUENCE);
        outer.finish();
        if (pfx.version() != VERSION) {
            throw DerReader.bad();
        }
        DerReader info = pfx.open(DerReader.SEQUENCE);
        if (!info.open(DerReader.OBJECT_IDENTIFIER).is(DATA)) {
            throw new KeyFormatException(Reason.PKCS12_MAC);  // signed instead (section 3.1)
        }
        DerReader safe = only(info, EXPLICIT, DerReader.OCTET_STRING);
        if (pfx.left() == 0) {
            throw new KeyFormatException(Reason.PKCS12_MAC);
        }
        DerReader macData = pfx.open(DerReader.SEQUENCE);
        pfx.finish();
        lock.verify(macData, safe.position(), safe.left());
        DerReader contents = safe.open(DerReader.SEQUENCE);
        safe.finish();
        for (int count = 0; contents.left() > 0; count++) {
            if (count == CONTENTS_MAX) {
                throw DerReader.bad();
            }
            content(contents.open(DerReader.SEQUENCE), lock);
        }
        if (keyAt < 0) {
            throw new KeyFormatException(Reason.PKCS12_KEYS);
        }
    }

    /// {@return the content of the one value in the one value that is left}
    private static DerReader only(DerReader of, int outer, int inner) {
        DerReader between = of.open(outer);
        of.finish();
        DerReader content = between.open(inner);
        between.finish();
        return content;
    }

    /// ContentInfo of data or encrypted data (section 4.1).
    private void content(DerReader info, Pkcs5 lock) {
        DerReader type = info.open(DerReader.OBJECT_IDENTIFIER);
        if (type.is(DATA)) {
            bags(only(info, EXPLICIT, DerReader.OCTET_STRING), lock, 0);
            return;
        }
        if (!type.is(ENCRYPTED_DATA)) {
            throw new KeyFormatException(Reason.OLD_LOCK);
        }
        DerReader data = only(info, EXPLICIT, DerReader.SEQUENCE);
        data.version();
        DerReader encrypted = data.open(DerReader.SEQUENCE);
        if (!encrypted.open(DerReader.OBJECT_IDENTIFIER).is(DATA)) {
            throw DerReader.bad();
        }
        DerReader identifier = encrypted.open(DerReader.SEQUENCE);
        DerReader text = encrypted.open(IMPLICIT);
        encrypted.finish();
        long bytes = lock.decrypt(identifier, text.position(), text.left());
        bags(new DerReader(source, text.position(), text.position() + bytes), lock, 0);
    }

    /// SafeContents (section 4.2): attributes, by which aliases are named, say nothing that we use.
    private void bags(DerReader contents, Pkcs5 lock, int depth) {
        DerReader list = contents.open(DerReader.SEQUENCE);
        contents.finish();
        while (list.left() > 0) {
            if (++bags > BAGS_MAX || depth > DEPTH_MAX) {
                throw DerReader.bad();
            }
            DerReader bag = list.open(DerReader.SEQUENCE);
            DerReader type = bag.open(DerReader.OBJECT_IDENTIFIER);
            DerReader value = bag.open(EXPLICIT);
            if (bag.has(DerReader.SET)) {
                bag.open(DerReader.SET);
            }
            bag.finish();
            if (type.is(KEY_BAG)) {
                key(value.position(), value.left());
            } else if (type.is(SHROUDED_KEY_BAG)) {
                DerReader shrouded = value.open(DerReader.SEQUENCE);
                value.finish();
                DerReader identifier = shrouded.open(DerReader.SEQUENCE);
                DerReader text = shrouded.open(DerReader.OCTET_STRING);
                shrouded.finish();
                key(text.position(), lock.decrypt(identifier, text.position(), text.left()));
            } else if (type.is(CERTIFICATE_BAG)) {
                certificate(value);
            } else if (type.is(SAFE_CONTENTS_BAG)) {
                bags(value, lock, depth + 1);
            }  // else a revocation list or another secret, which is nobody's here
        }
    }

    private void key(long at, long bytes) {
        if (keyAt >= 0) {
            throw new KeyFormatException(Reason.PKCS12_KEYS);
        }
        keyAt = at;
        keyBytes = bytes;
    }

    private void certificate(DerReader value) {
        DerReader bag = value.open(DerReader.SEQUENCE);
        value.finish();
        if (!bag.open(DerReader.OBJECT_IDENTIFIER).is(X509)) {
            return;  // an SDSI certificate, of which none was ever seen
        }
        DerReader der = only(bag, EXPLICIT, DerReader.OCTET_STRING);
        byte[] bytes = new byte[(int) der.left()];
        MemorySegment.copy(source, BYTE, der.position(), bytes, 0, bytes.length);
        certificates.add(bytes);
    }

    /// {@return where the private key lies in the source, a PrivateKeyInfo in DER: for [EncodedKey#in] or [EncodedRsaKey#in]}
    public long keyAt() {
        return keyAt;
    }

    /// {@return its bytes}
    public long keyBytes() {
        return keyBytes;
    }

    /// {@return the certificates, each in DER, in the order of the file, which says nothing: whose key it is and who issued whom is to be looked at}
    public List<byte[]> certificates() {
        return List.copyOf(certificates);
    }

    /// Wipes what was read. Twice is harmless; so is closing after the memory.
    @Override
    public void close() {
        Ending.wipe(source, sourceAt, length);
    }

    @Override
    public String toString() {
        return "Pkcs12[" + certificates.size() + " certificates]";
    }
}
