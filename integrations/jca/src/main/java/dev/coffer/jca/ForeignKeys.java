package dev.coffer.jca;

import dev.coffer.crypto.key.EncodedKey;
import dev.coffer.crypto.key.KeyAlgorithm;
import dev.coffer.crypto.key.KeyFormatException;
import dev.coffer.crypto.key.KeyPair;
import dev.coffer.memory.Entropy;
import dev.coffer.memory.internal.vault.Piece;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.security.InvalidKeyException;
import java.security.Key;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.spec.InvalidKeySpecException;
import java.util.Set;

/// Makes keys of this provider of what the JCA brings: of encodings, of other providers' keys, of nothing. Arrays that another provider's key
/// answered are left alone: some hand out their own, and to wipe that would be to destroy the key.
final class ForeignKeys {
    private static final int SEQUENCE = 0x30;
    private static final int INTEGER = 0x02;

    private ForeignKeys() {}

    static HeldPair generate(Vault vault, KeyAlgorithm algorithm) {
        try (Piece work = vault.work(algorithm.workspaceBytes())) {
            return HeldPair.make(vault, algorithm, MemorySegment.NULL, 0,
                    secret -> KeyPair.generate(algorithm, secret, Entropy.SYSTEM, work.segment(), 0));
        }
    }

    /// {@return the private key of a PKCS#8 encoding, which stays the caller's}
    ///
    /// @throws InvalidKeySpecException  no PKCS#8, or another algorithm's (the fault of who made it)
    static HeldPair readPrivate(Vault vault, Set<KeyAlgorithm> allowed, byte[] pkcs8) throws InvalidKeySpecException {
        if (!isPrivateKeyInfo(pkcs8)) {
            throw new InvalidKeySpecException("not PKCS#8: " + pkcs8.length + " bytes of another form (RFC 5958 section 2)");
        }
        int length = pkcs8.length;
        try (Piece source = vault.work(2L * length)) {  // what is parsed may be changed by that
            MemorySegment copy = source.segment();
            MemorySegment.copy(pkcs8, 0, copy, ValueLayout.JAVA_BYTE, 0, length);
            MemorySegment.copy(copy, 0, copy, length, length);
            try (EncodedKey read = EncodedKey.in(copy, length, length); Piece work = vault.work(read.algorithm().workspaceBytes())) {
                check(allowed, read.algorithm());
                return HeldPair.make(vault, read.algorithm(), copy, length, secret -> read.keyPair(secret, work.segment(), 0));
            }
        } catch (KeyFormatException e) {
            throw new InvalidKeySpecException(e.getMessage(), e);
        }
    }

    /// {@return the public key of a SubjectPublicKeyInfo}
    ///
    /// @throws InvalidKeySpecException  none, or another algorithm's (the fault of who made it)
    static CofferPublicKey readPublic(Vault vault, Set<KeyAlgorithm> allowed, byte[] spki) throws InvalidKeySpecException {
        if (contentAt(spki) < 0) {
            throw new InvalidKeySpecException("not X.509: " + spki.length + " bytes that are no SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7)");
        }
        try (Piece source = vault.work(spki.length)) {
            MemorySegment.copy(spki, 0, source.segment(), ValueLayout.JAVA_BYTE, 0, spki.length);
            try (EncodedKey read = EncodedKey.in(source.segment(), 0, spki.length);
                    Piece work = vault.work(read.algorithm().workspaceBytes())) {
                check(allowed, read.algorithm());
                byte[] bytes = new byte[read.algorithm().publicKeyBytes()];
                read.publicKey(MemorySegment.ofArray(bytes), 0, work.segment(), 0);
                return CofferPublicKey.of(read.algorithm(), bytes);
            }
        } catch (KeyFormatException e) {
            throw new InvalidKeySpecException(e.getMessage(), e);
        }
    }

    private static void check(Set<KeyAlgorithm> allowed, KeyAlgorithm algorithm) throws InvalidKeySpecException {
        if (!allowed.contains(algorithm)) {
            throw new InvalidKeySpecException("a key of " + algorithm + " (expected " + allowed + ")");
        }
    }

    /// {@return whether it is one DER SEQUENCE of a version and a SEQUENCE: not PEM, and not one of the other forms that are read elsewhere}
    private static boolean isPrivateKeyInfo(byte[] der) {
        int at = contentAt(der);
        return at >= 0 && der.length > at + 3 && der[at] == INTEGER && der[at + 1] == 1 && der[at + 3] == SEQUENCE;
    }

    /// {@return where the content of a SEQUENCE begins that is the whole array; -1 where it is none}
    private static int contentAt(byte[] der) {
        if (der.length < 2 || der[0] != SEQUENCE) {
            return -1;
        }
        int at = 2;
        int length = der[1];
        if (length < 0) {
            int bytes = length & 0x7f;
            if (bytes < 1 || bytes > 2 || der.length < 2 + bytes) {
                return -1;
            }
            at += bytes;
            length = bytes == 1 ? der[2] & 0xff : (der[2] & 0xff) << 8 | der[3] & 0xff;
        }
        return der.length - at == length ? at : -1;
    }

    /// {@return the pair of a private key of this provider, or of a copy of another's}
    ///
    /// @throws InvalidKeyException  destroyed, not to be had, or of another algorithm: the JCA asks the next provider
    static HeldPair privateKey(Vault vault, Set<KeyAlgorithm> allowed, Key key) throws InvalidKeyException {
        if (key instanceof CofferPrivateKey ours) {
            if (ours.isDestroyed()) {
                throw new InvalidKeyException("key of " + KeyNames.set(ours.keyAlgorithm()) + ": destroyed");
            }
            checkKey(allowed, ours.keyAlgorithm());
            return ours.held();
        }
        if (!(key instanceof PrivateKey) || !"PKCS#8".equals(key.getFormat())) {
            throw new InvalidKeyException((key == null ? "no key" : "a key of class " + key.getClass().getName() + " in the format " + key.getFormat())
                    + " (expected a private key of this provider, or one that gives PKCS#8)");
        }
        byte[] encoded = key.getEncoded();
        if (encoded == null) {
            throw new InvalidKeyException("a key of class " + key.getClass().getName() + " that does not give its encoding");
        }
        try {
            return readPrivate(vault, allowed, encoded);
        } catch (InvalidKeySpecException e) {
            throw new InvalidKeyException(e.getMessage(), e);
        }
    }

    /// {@return a public key of this provider, or one made of another's encoding}
    ///
    /// @throws InvalidKeyException  of another algorithm, or none: the JCA asks the next provider
    static CofferPublicKey publicKey(Vault vault, Set<KeyAlgorithm> allowed, Key key) throws InvalidKeyException {
        if (key instanceof CofferPublicKey ours) {
            checkKey(allowed, ours.keyAlgorithm());
            return ours;
        }
        byte[] encoded = key instanceof PublicKey && "X.509".equals(key.getFormat()) ? key.getEncoded() : null;
        if (encoded == null) {
            throw new InvalidKeyException((key == null ? "no key" : "a key of class " + key.getClass().getName())
                    + " (expected a public key that gives its X.509 encoding)");
        }
        try {
            return readPublic(vault, allowed, encoded);
        } catch (InvalidKeySpecException e) {
            throw new InvalidKeyException(e.getMessage(), e);
        }
    }

    private static void checkKey(Set<KeyAlgorithm> allowed, KeyAlgorithm algorithm) throws InvalidKeyException {
        if (!allowed.contains(algorithm)) {
            throw new InvalidKeyException("a key of " + algorithm + " (expected " + allowed + ")");
        }
    }

    /// {@return a copy of a secret key's bytes, for the caller to close}
    ///
    /// @throws InvalidKeyException  destroyed, or it does not give its bytes: the JCA asks the next provider
    static Piece secretKey(Vault vault, Key key) throws InvalidKeyException {
        if (key instanceof CofferSecretKey ours) {
            try {
                return ours.use(bytes -> copy(vault, bytes));
            } catch (IllegalStateException e) {
                throw new InvalidKeyException(e.getMessage(), e);
            }
        }
        byte[] encoded = key != null && "RAW".equals(key.getFormat()) ? key.getEncoded() : null;
        if (encoded == null) {
            throw new InvalidKeyException((key == null ? "no key" : "a key of class " + key.getClass().getName())
                    + " (expected a secret key of this provider, or one that gives its bytes)");
        }
        return copy(vault, MemorySegment.ofArray(encoded));
    }

    private static Piece copy(Vault vault, MemorySegment bytes) {
        Piece piece = vault.work(bytes.byteSize());
        MemorySegment.copy(bytes, 0, piece.segment(), 0, bytes.byteSize());
        return piece;
    }
}
