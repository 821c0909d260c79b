/// The curve P-256 (SP 800-186 section 3.2.1.3): key pairs, ECDH (SP 800-56A section 5.7.1.2, RFC 8446 section 7.4.2),
/// and ECDSA with
/// SHA-256 (FIPS 186-5 section 6), its nonce by RFC 6979 with optional extra entropy, over the caller's memory.
///
/// Whatever touches a private key or a nonce uses complete addition formulas and tables that are read by passing over
/// them; verification is for public data, uses Jacobian coordinates and branches. Points are read compressed and
/// uncompressed, are checked to lie on the curve, and are never the neutral element. The group's cofactor is 1.
///
/// Left out: other curves of SP 800-186, hybrid point encodings (SEC 1 leading byte 6 or 7), other hashes than SHA-256
/// as part
/// of an operation (a digest of 32 bytes may be signed), and any rule for low s: both halves verify, as in FIPS 186-5.
///
/// The largest thing here is one [dev.coffer.crypto.p256.EcdsaP256#VERIFY_WORKSPACE_BYTES] workspace; besides it a
/// process holds
/// 70 KiB of tables, which are public numbers.
@org.jspecify.annotations.NullMarked
package dev.coffer.crypto.p256;
