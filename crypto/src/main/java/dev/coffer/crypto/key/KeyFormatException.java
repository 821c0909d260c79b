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
        /// A private key in OpenSSH's own form.
        OPENSSH("a key in OpenSSH's form; make PKCS#8 of it first: ssh-keygen -p -m PKCS8 -f COPY"),
        /// A public key in OpenSSH's own form, or that of RFC 4716.
        OPENSSH_PUBLIC("a public key in OpenSSH's form; write it anew: of P-256 ssh-keygen -e -m PKCS8 -f FILE, of Ed25519 from its private key, "
                + "ssh-keygen -p -m PKCS8 -f COPY, then openssl pkey -in COPY -pubout"),
        /// A certificate or a chain of them (RFC 5280).
        CERTIFICATE("a certificate, not a key; its public key: openssl x509 -in FILE -noout -pubkey"),
        /// A request for a certificate, PKCS#10 (RFC 2986).
        REQUEST("a request for a certificate, PKCS#10, which is neither that nor a key; the public key in it: openssl req -in FILE -noout -pubkey"),
        /// A list of certificates that were revoked (RFC 5280, section 5).
        REVOCATIONS("a list of revoked certificates, which holds no key"),
        /// An attribute certificate (RFC 5755).
        ATTRIBUTES("an attribute certificate, which holds no key"),
        /// Parameters of DH, DSA or a curve, without a key.
        PARAMETERS("parameters of an algorithm, which are no key; make one: openssl genpkey -algorithm ed25519, or coffer keygen"),
        /// A session of TLS, as OpenSSL writes it.
        TLS_SESSION("a session of TLS, as openssl s_client -sess_out writes it, and no key"),
        /// A key, signature or message of OpenPGP (RFC 9580).
        OPENPGP("of OpenPGP, whose keys and messages are not read; make a key: openssl genpkey -algorithm ed25519, or coffer keygen"),
        /// A bundle of keys and certificates, PKCS#12 (RFC 7292).
        BUNDLE("a bundle of keys and certificates, PKCS#12; take the key out first: openssl pkcs12 -legacy -in FILE -nocerts -nodes (OpenSSL 3)"),
        /// PKCS#7 or CMS (RFC 5652): certificates, or a message.
        CMS("PKCS#7 or CMS, certificates or a message without a key; the certificates in it: openssl pkcs7 -in FILE -print_certs"),
        /// A PKCS#12 file (RFC 7292) that is cut, damaged or in BER's indefinite form.
        PKCS12_DAMAGED("a PKCS#12 file that is cut, damaged, or not in DER; write it anew: openssl pkcs12 -legacy -in FILE -out KEYS.pem, then openssl pkcs12 "
                + "-export -in KEYS.pem -out NEW.p12 (OpenSSL 3)"),
        /// A PKCS#12 file, or a key in one, that is locked by other ways than PBES2 with PBKDF2 and AES: RC2, triple DES, RC4 (RFC 7292 appendix C), or a public key.
        OLD_LOCK("locked by other ways than PBES2 with PBKDF2 (HMAC-SHA-256, -384, -512) and AES-128 or AES-256 in CBC, such as RC2 or triple DES; write it anew: "
                + "openssl pkcs12 -legacy -in FILE -out KEYS.pem, then openssl pkcs12 -export -in KEYS.pem -out NEW.p12 (OpenSSL 3), or keytool -importkeystore "
                + "-srckeystore FILE -destkeystore NEW.p12"),
        /// A key by itself that is encrypted otherwise than [EncryptedKey] reads it.
        OTHER_LOCK("encrypted otherwise than by PBES2 with PBKDF2 (HMAC-SHA-256, -384, -512) and AES-128 or AES-256 in CBC, such as with scrypt, HMAC-SHA-1, "
                + "AES-192 or triple DES; encrypt it anew: openssl pkcs8 -in FILE | openssl pkcs8 -topk8 -v2 aes-256-cbc -v2prf hmacWithSHA256 -out NEW.pem"),
        /// A PKCS#12 file without a MAC, or with one of SHA-1 or another function that is not read: nothing vouches for it.
        PKCS12_MAC("a PKCS#12 file without a MAC, or with one of SHA-1 or less; write it anew with one of SHA-256: openssl pkcs12 -legacy -in FILE -out KEYS.pem, "
                + "then openssl pkcs12 -export -macalg sha256 -in KEYS.pem -out NEW.p12 (OpenSSL 3)"),
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

        /// {@return what this is where it is no key read here, by how it begins, text or DER, such as [#CERTIFICATE]; [#WRONG_KIND] for a private
        /// or public key; null where nothing says}. For who expects something else, and wants to say what was given instead.
        ///
        /// @throws IndexOutOfBoundsException  the range does not lie in the segment (caller's fault)
        public static @Nullable Reason of(MemorySegment text, long at, long length) {
            Ranges.check("text", text, at, length);
            Reason foreign = Pem.foreignText(text, at, at + length);
            if (foreign != null || Pem.isPem(text, at, at + length)) {
                return foreign == null ? WRONG_KIND : foreign;
            }
            try {
                new KeyParser().read(text, at, length);
                return WRONG_KIND;
            } catch (KeyFormatException e) {
                return e.reason == BAD_DER || e.reason == UNKNOWN_VERSION ? null : e.reason;
            }
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
