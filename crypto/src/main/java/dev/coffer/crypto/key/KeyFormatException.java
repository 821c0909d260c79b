package dev.coffer.crypto.key;

import dev.coffer.crypto.internal.Ranges;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// Bytes that are no key, or none that is read here. The fault of who made them. Carries no byte of them.
@SuppressWarnings("exports")  // annotations that users need not have
public final class KeyFormatException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /// What is wrong.
    public enum Reason {
        /// More bytes than [EncodedKey#FILE_BYTES_MAX], or than there is room for.
        TOO_LONG("longer than a key file may be"),
        /// A PEM block that never ends, or with a label of which nothing is known.
        BAD_PEM("no PEM block of a known label, RFC 7468"),
        /// Characters or padding that base64 does not have.
        BAD_BASE64("not base64, RFC 4648 section 4"),
        /// Not DER, or other fields than the format has.
        BAD_DER("not the DER form of a key, X.690 section 10"),
        /// A format version that is not known.
        UNKNOWN_VERSION("a version that is not known"),
        /// Another algorithm or curve.
        UNKNOWN_ALGORITHM("an algorithm or a curve that is not known here"),
        /// A key of the curve P-384 (RFC 5480), of which there is none here but P-256.
        P_384("a key of the curve P-384, with which nothing signs here; make one of P-256: openssl ecparam -name prime256v1 -genkey, or coffer keygen"),
        /// A key of the curve P-521 (RFC 5480).
        P_521("a key of the curve P-521, with which nothing signs here; make one of P-256: openssl ecparam -name prime256v1 -genkey, or coffer keygen"),
        /// A key of the curve secp256k1 (SEC 2).
        SECP256K1("a key of the curve secp256k1, with which nothing signs here; make one of P-256: openssl ecparam -name prime256v1 -genkey, or coffer keygen"),
        /// A key of another curve by RFC 5480, or of parameters that are written out.
        OTHER_CURVE("a key of a curve that is not P-256; make one of that: openssl ecparam -name prime256v1 -genkey, or coffer keygen"),
        /// A key of Ed448 or X448 (RFC 8410).
        CURVE_448("a key of Ed448 or X448, which are not here; make one of Ed25519: openssl genpkey -algorithm ed25519, or coffer keygen"),
        /// A key of DSA (RFC 3279, section 2.3.2), with which nobody signs any more.
        DSA("a DSA key, with which TLS 1.3 and FIPS 186-5 do not sign any more; make one of P-256: openssl ecparam -name prime256v1 -genkey, or coffer keygen"),
        /// A keystore of Java's own old forms, JKS or JCEKS.
        JAVA_KEYSTORE("a Java keystore, JKS or JCEKS; make PKCS#12 of it first: keytool -importkeystore -srckeystore FILE -destkeystore NEW.p12"),
        /// An RSA key (RFC 8017) where none is read; [EncodedRsaKey] reads them.
        RSA("an RSA key, which signs handshakes of TLS and nothing else here"),
        /// An RSA modulus that is shorter or longer than keys here are.
        RSA_BITS("an RSA key of fewer than 2,048 or more than 4,096 bits; make another: openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:3072"),
        /// An RSA key of more than two primes, or of two that are not half as long as the modulus.
        RSA_PRIMES("an RSA key of other than two primes of half its length; make another: openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:3072"),
        /// An RSA key for PSS alone, by its identifier (id-RSASSA-PSS, RFC 4055 section 3.1).
        RSA_PSS_ALONE("an RSA key for PSS alone, id-RSASSA-PSS; one of rsaEncryption signs with PSS too: openssl genpkey -algorithm RSA"),
        /// A key encrypted under a passphrase by PBES2 with PBKDF2 (RFC 8018 section 6.2): decrypt it first.
        ENCRYPTED_PBKDF2("a key encrypted under a passphrase, PBES2 with PBKDF2; decrypt it first: openssl pkcs8 -in FILE"),
        /// A key encrypted under a passphrase by PBES2 with scrypt (RFC 7914 section 7): decrypt it first.
        ENCRYPTED_SCRYPT("a key encrypted under a passphrase, PBES2 with scrypt; decrypt it first: openssl pkcs8 -in FILE"),
        /// A key encrypted in another way (PBES1, or the PEM headers of RFC 1421): decrypt it first.
        ENCRYPTED("an encrypted key; decrypt it first: openssl pkey -in FILE"),
        /// A key in OpenSSH's own form, private or public.
        OPENSSH("a key in OpenSSH's form; make PKCS#8 of it first: ssh-keygen -p -m PKCS8 -f COPY"),
        /// A certificate, a chain of them or a request for one (RFC 5280, RFC 2986).
        CERTIFICATE("a certificate, not a key; its public key: openssl x509 -in FILE -noout -pubkey"),
        /// A bundle of keys and certificates: PKCS#12 (RFC 7292) or PKCS#7 (RFC 5652).
        BUNDLE("a bundle of keys and certificates, PKCS#12 or PKCS#7; take the key out first: openssl pkcs12 -nodes"),
        /// A PKCS#12 file (RFC 7292) that is cut, damaged or in BER's indefinite form.
        PKCS12_DAMAGED("a PKCS#12 file that is cut, damaged, or not in DER; write it anew: openssl pkcs12 -in FILE -out KEYS.pem, then openssl pkcs12 -export "
                + "-in KEYS.pem -out NEW.p12"),
        /// A PKCS#12 file or key that is locked by other ways than PBES2 with PBKDF2 and AES: RC2, triple DES, RC4 (RFC 7292 appendix C), or a public key.
        OLD_LOCK("locked by other ways than PBES2 with PBKDF2 (HMAC-SHA-256, -384, -512) and AES-128 or AES-256 in CBC, such as RC2 or triple DES; write it anew: "
                + "openssl pkcs12 -legacy -in FILE -out KEYS.pem, then openssl pkcs12 -export -in KEYS.pem -out NEW.p12 (OpenSSL 3), or keytool -importkeystore "
                + "-srckeystore FILE -destkeystore NEW.p12"),
        /// A PKCS#12 file without a MAC, or with one of SHA-1 or another function that is not read: nothing vouches for it.
        PKCS12_MAC("a PKCS#12 file without a MAC, or with one of SHA-1 or less; write it anew with one of SHA-256: openssl pkcs12 -in FILE -out KEYS.pem, then "
                + "openssl pkcs12 -export -macalg sha256 -in KEYS.pem -out NEW.p12"),
        /// More iterations than [Pkcs12#ITERATIONS_MAX] in all, or none.
        ITERATIONS("locked with no iteration of its key derivation, or with more than ten million in all"),
        /// A PKCS#12 file with no private key or several.
        PKCS12_KEYS("a PKCS#12 file that holds no private key, or several; take out the one: keytool -importkeystore -srckeystore FILE -srcalias NAME "
                + "-destkeystore NEW.p12"),
        /// The MAC is not that of this passphrase and these bytes, or what was decrypted is no key: the format does not say which of the two is another.
        PASSPHRASE("the passphrase is another one, or the file was changed"),
        /// A private key that is 0 or not below the order of the group, has a coefficient that no key has, or parts of different keys.
        BAD_PRIVATE_KEY("a private key out of its range, or of parts that do not belong together"),
        /// A public key that is no point, or has a coefficient that no key has.
        BAD_PUBLIC_KEY("a public key that is no point, or not in its range"),
        /// A seed beside an expanded key that is another's (RFC 9935 and RFC 9881, section 6).
        SEED_MISMATCH("a seed and an expanded key that do not belong together"),
        /// A public key that is not the private key's.
        MISMATCH("a public key that belongs to another private key"),
        /// A private key where a public one was asked for, or the reverse.
        WRONG_KIND("a key of the other kind, private or public");

        private final String text;

        Reason(String text) {
            this.text = text;
        }

        /// {@return what a text is that is no key read here, by how it begins, such as [#CERTIFICATE]; [#WRONG_KIND] for a private
        /// or public key in PEM; else null}. For who expects a key of another sort, and wants to say what was given instead.
        ///
        /// @throws IndexOutOfBoundsException  the range does not lie in the segment (caller's fault)
        public static @Nullable Reason of(MemorySegment text, long at, long length) {
            Ranges.check("text", text, at, length);
            Reason foreign = Pem.foreignText(text, at, at + length);
            return foreign == null && Pem.isPem(text, at, at + length) ? WRONG_KIND : foreign;
        }

        /// {@return what is wrong, in words}
        @Override
        public String toString() {
            return text;
        }

        /// {@return whether it is encrypted, in one way or another}
        public boolean isEncryption() {
            return this == ENCRYPTED_PBKDF2 || this == ENCRYPTED_SCRYPT || this == ENCRYPTED;
        }
    }

    private final Reason reason;

    KeyFormatException(Reason reason) {
        super("key: " + reason.text);
        this.reason = reason;
    }

    /// {@return what is wrong}
    public Reason reason() {
        return reason;
    }
}
