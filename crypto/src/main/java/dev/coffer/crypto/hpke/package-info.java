/// Hybrid public key encryption (RFC 9180): whoever has a public key seals messages that its owner alone opens. A
/// [dev.coffer.crypto.hpke.HpkeSuite] names KEM, KDF and AEAD; a [dev.coffer.crypto.hpke.HpkeSender] and a
/// [dev.coffer.crypto.hpke.HpkeReceiver] set up a context and seal, open and export with it.
///
/// Modes: base, psk, auth, auth_psk (section 5.1). KEMs: DHKEM of X25519 and P-256 with HKDF-SHA256 (section 7.1); X-Wing
/// (draft-connolly-cfrg-xwing-kem-10, codepoint 0x647a, which draft-ietf-hpke-pq calls MLKEM768-X25519); ML-KEM-512, 768 and 1024
/// (draft-ietf-hpke-pq, codepoints 0x0040 to 0x0042). The last four are drafts: their codepoints are asked for, not final, and they
/// have no auth modes. KDFs: HKDF with SHA-256, SHA-384, SHA-512. AEADs: AES-GCM, ChaCha20-Poly1305, export-only.
///
/// Left out: P-384, P-521 and X448, as the curves are not here, and with P-384 the hybrid MLKEM1024-P384; MLKEM768-P256; the
/// single-stage KDFs of the draft (SHAKE, TurboSHAKE); DeriveKeyPair of the drafts' KEMs, on which the two drafts disagree: their
/// private keys are seeds, which are drawn.
///
/// The largest thing here is the workspace of a suite, at most 11,457 bytes (ML-KEM-1024 with HKDF-SHA512).
@org.jspecify.annotations.NullMarked
package dev.coffer.crypto.hpke;
