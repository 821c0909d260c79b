/// Hybrid key exchange as TLS 1.3 (RFC 8446, section 4.2.8) uses it: ECDHE and ML-KEM side by side, after
/// draft-ietf-tls-ecdhe-mlkem, which the registry of named groups refers to: X25519MLKEM768 and SecP256r1MLKEM768. Left
/// out: SecP384r1MLKEM1024, as there is no P-384 here; the key schedule, which is TLS's.
///
/// The largest thing here is the workspace, 10,736 bytes; between its two flights a client holds 96.
package dev.coffer.crypto.hybrid;
