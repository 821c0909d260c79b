/// Keys that own a [dev.coffer.memory.Secret]: generated into it, read from a file straight into it, exported on request only,
/// destroyed for good.
///
/// Read and written: PKCS#8 `PrivateKeyInfo` and `OneAsymmetricKey` (RFC 5958) and `SubjectPublicKeyInfo` (RFC 5280 section
/// 4.1.2.7) of X25519 and Ed25519 (RFC 8410), of P-256 (RFC 5480), of ML-KEM (RFC 9935), ML-DSA (RFC 9881) and SLH-DSA (RFC 9909), the
/// pure forms of the last two; `ECPrivateKey` of P-256 (RFC 5915; read only), as DER (X.690)
/// or PEM (RFC 7468). DER is strict: definite and shortest lengths, nothing behind. PEM text before the block is passed over, as
/// section 2 of RFC 7468 asks, and so are blocks with parameters. What was read, an [dev.coffer.crypto.key.EncodedKey], says what it
/// is before a secret is taken for it.
///
/// An algorithm is a constant of [dev.coffer.crypto.key.KeyAlgorithm] and a `KeyForm` for it: identifiers, sizes, workspace,
/// encodings, what it does. Nothing else here knows one.
///
/// RSA private keys are numbers for who signs with them elsewhere ([dev.coffer.crypto.key.EncodedRsaKey]): PKCS#1 (RFC 8017, appendix A.1.2) and PKCS#8.
///
/// Under a passphrase: PKCS#12 files ([dev.coffer.crypto.key.Pkcs12], RFC 7292 and 9879) and EncryptedPrivateKeyInfo
/// ([dev.coffer.crypto.key.EncryptedKey], RFC 5958), of PBES2 with PBKDF2 and AES in CBC mode (RFC 8018), decrypted where they lie. Whoever hands such a file to
/// [dev.coffer.crypto.key.EncodedKey], which has no passphrase, is told what it is.
///
/// Left out, and refused in words that say what it is: other locks (scrypt, PBES1, PEM headers of RFC 1421), OpenSSH's own forms, certificates, PKCS#7 bundles,
/// other algorithms.
///
/// The largest thing here is the workspace of ML-DSA-87, below 40 KiB; a file has at most [dev.coffer.crypto.key.EncodedKey#FILE_BYTES_MAX], of PKCS#12
/// [dev.coffer.crypto.key.Pkcs12#FILE_BYTES_MAX].
@org.jspecify.annotations.NullMarked
package dev.coffer.crypto.key;
