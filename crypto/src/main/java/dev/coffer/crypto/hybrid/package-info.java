/// A curve and ML-KEM side by side. Hybrid key exchange as TLS 1.3 (RFC 8446, section 4.2.8) uses it, after
/// draft-ietf-tls-ecdhe-mlkem, which the registry of named groups refers to: X25519MLKEM768 and SecP256r1MLKEM768. And X-Wing
/// (draft-connolly-cfrg-xwing-kem-10), which is a KEM of its own and needs no protocol around it. Left out: SecP384r1MLKEM1024,
/// as there is no P-384 here; the key schedule, which is TLS's.
///
/// The largest thing here is a workspace, 9,270 bytes; between its two flights a client of TLS holds 96.
@org.jspecify.annotations.NullMarked
package dev.coffer.crypto.hybrid;
