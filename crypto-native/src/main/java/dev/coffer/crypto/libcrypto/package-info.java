/// The system's libcrypto (OpenSSL 3) behind the house's types: AES-GCM (SP 800-38D) and ChaCha20-Poly1305 (RFC 8439) as
/// [dev.coffer.crypto.Aead]s, the ciphers of QUIC's header protection (RFC 9001, section 5.4), and suites of TLS 1.3 made of both; curves; RSA keys that sign. Its
/// memory, all of it, lies in regions of ours: planned, accounted, wiped when freed, and what holds keys locked. Keys never lie on the Java heap.
///
/// Left out on purpose: XChaCha20-Poly1305, which libcrypto does not have, and versions other than 3. The largest thing held is the
/// library's heap of its start, [dev.coffer.crypto.libcrypto.LibcryptoConfig#startBytes].
@org.jspecify.annotations.NullMarked
package dev.coffer.crypto.libcrypto;
