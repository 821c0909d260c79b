/// Ed25519, the signature of RFC 8032 section 5.1, over the caller's memory. Deterministic.
///
/// **Verification is cofactorless**: `[S]B = R + [k]A`, checked by encoding `[S]B - [k]A` and comparing it with the 32
/// bytes
/// of R, as section 5.1.7 permits. S is refused from L on; A is refused where its y is p or above, where it is no
/// point, and where x = 0 has its sign bit set; R is never decoded, so only its canonical encoding can match. Points of
/// small order are not refused. OpenSSL, Go, BoringSSL and the JDK verify by this equation; verifiers that multiply by
/// the
/// cofactor differ on signatures made to show it, never on honest ones.
///
/// Left out: Ed25519ctx and Ed25519ph (sections 5.1, 7.2, 7.3), Ed448, batch verification.
///
/// The largest thing here is one [dev.coffer.crypto.ed25519.Ed25519#VERIFY_WORKSPACE_BYTES] workspace; besides it a
/// process
/// holds 37.5 KiB of tables, which are public numbers.
@org.jspecify.annotations.NullMarked
package dev.coffer.crypto.ed25519;
