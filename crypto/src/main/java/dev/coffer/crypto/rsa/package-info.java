/// Signatures of RSA with PSS (RFC 8017, section 8.1), as TLS 1.3 has them: the encoding is ours, a key computes wherever its numbers lie, and nothing is
/// given out that was not verified before.
///
/// Left out on purpose: making keys, encryption, signatures by PKCS #1 v1.5, verifying others' signatures. Arithmetic with a private key is nobody's here: a
/// [dev.coffer.crypto.rsa.RsaKey] is made by who has it in constant time, such as the module on libcrypto. The numbers of a key are read and checked by
/// [dev.coffer.crypto.key.EncodedRsaKey].
///
/// The largest thing here is the workspace of a signature, below 3 KiB.
@org.jspecify.annotations.NullMarked
package dev.coffer.crypto.rsa;
