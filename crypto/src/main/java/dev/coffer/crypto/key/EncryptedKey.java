package dev.coffer.crypto.key;

import dev.coffer.crypto.internal.Ranges;
import dev.coffer.crypto.key.KeyFormatException.Reason;
import dev.coffer.memory.Wipe;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// A private key under a passphrase, by itself: EncryptedPrivateKeyInfo (RFC 5958, section 3), DER or PEM, decrypted where it lies. The forms are those of
/// [Pkcs12]: PBES2 with PBKDF2 and AES in CBC mode, as `openssl pkcs8 -topk8` and `openssl genpkey -aes256` write it. Stateless, thread-safe.
public final class EncryptedKey {
    /// Bytes of the workspace, at any alignment.
    public static final long WORKSPACE_BYTES = Pkcs5.WORKSPACE_BYTES;

    private static final String NAME = "encrypted key";

    private EncryptedKey() {}

    /// {@return whether this is one by its form, whatever it is encrypted with}
    ///
    /// @param source  unchanged
    /// @throws IndexOutOfBoundsException  the range does not lie in the segment (caller's fault)
    public static boolean isEncrypted(MemorySegment source, long at, long length) {
        Ranges.check(NAME, source, at, length);
        if (Pem.isPem(source, at, at + length)) {
            return Pem.isEncrypted(source, at, at + length);
        }
        try {
            return identifier(source, at, length) != null;
        } catch (KeyFormatException e) {
            return false;
        }
    }

    /// {@return a cursor over the algorithm's identifier, with the encrypted key behind it, or null where it is another thing}
    private static @Nullable DerReader identifier(MemorySegment source, long at, long length) {
        DerReader outer = new DerReader(source, at, at + length);
        DerReader info = outer.open(DerReader.SEQUENCE);
        outer.finish();
        DerReader whole = info.copy();
        return info.has(DerReader.SEQUENCE) && info.open(DerReader.SEQUENCE).has(DerReader.OBJECT_IDENTIFIER) && info.has(DerReader.OCTET_STRING) ? whole
                : null;
    }

    /// Decrypts.
    ///
    /// @param source            writable memory off the heap; afterwards it holds the key from `at` on, and zeros behind it
    /// @param length            bytes, at most [EncodedKey#FILE_BYTES_MAX]
    /// @param passphrase        off the heap, not kept
    /// @param passphraseLength  bytes, 0 to [Pkcs12#PASSPHRASE_BYTES_MAX]
    /// @param workspace         [#WORKSPACE_BYTES] from `workAt`, off the heap, apart from both; wiped when this returns
    /// @return bytes of the key, PrivateKeyInfo in DER: for [EncodedKey#in] or [EncodedRsaKey#in]
    /// @throws KeyFormatException         it is none that is read, or the passphrase is another's (the fault of who made it, or typed that); the source is wiped
    /// @throws IllegalArgumentException   memory on the heap or read-only, ranges that overlap, a longer passphrase (caller's fault); nothing is written
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault); nothing is written
    public static long decrypt(MemorySegment source, long at, long length, MemorySegment passphrase, long passphraseAt, int passphraseLength,
            MemorySegment workspace, long workAt) {
        Ranges.checkWorkspace(NAME, source, at, length);
        Ranges.checkSecret("passphrase", passphrase, passphraseAt, passphraseLength);
        Ranges.checkWorkspace(NAME, workspace, workAt, WORKSPACE_BYTES);
        Ranges.apart(NAME, source, at, length, workspace, workAt, WORKSPACE_BYTES);
        Ranges.apart(NAME, source, at, length, passphrase, passphraseAt, passphraseLength);
        Ranges.apart("passphrase", passphrase, passphraseAt, passphraseLength, workspace, workAt, WORKSPACE_BYTES);
        if (passphraseLength > Pkcs5.PASSPHRASE_BYTES_MAX) {
            throw new IllegalArgumentException("passphrase: " + passphraseLength + " bytes (expected at most " + Pkcs5.PASSPHRASE_BYTES_MAX + ")");
        }
        long bytes = 0;
        try {
            if (length > EncodedKey.FILE_BYTES_MAX) {
                throw new KeyFormatException(Reason.TOO_LONG);
            }
            bytes = decrypted(source, at, Pem.isPem(source, at, at + length) ? Pem.decode(source, at, at + length) : length,
                    new Pkcs5(Reason.OTHER_LOCK, source, passphrase, passphraseAt, passphraseLength, workspace, workAt));
            return bytes;
        } finally {
            Wipe.both(workspace, workAt, WORKSPACE_BYTES, source, at + bytes, length - bytes);
        }
    }

    private static long decrypted(MemorySegment source, long at, long length, Pkcs5 lock) {
        DerReader info = identifier(source, at, length);
        if (info == null) {
            throw DerReader.bad();
        }
        DerReader identifier = info.open(DerReader.SEQUENCE);
        DerReader text = info.open(DerReader.OCTET_STRING);
        info.finish();
        long from = text.position();
        long bytes = lock.decrypt(identifier, from, text.left());
        try {
            DerReader whole = new DerReader(source, from, from + bytes);
            whole.open(DerReader.SEQUENCE);
            whole.finish();
        } catch (KeyFormatException e) {  // one in 256 of what another passphrase makes looks padded
            throw new KeyFormatException(Reason.PASSPHRASE);
        }
        MemorySegment.copy(source, from, source, at, bytes);
        return bytes;
    }
}
