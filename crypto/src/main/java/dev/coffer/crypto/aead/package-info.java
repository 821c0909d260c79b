/// AEADs: ChaCha20-Poly1305 (RFC 8439) and its form with the long nonce (draft-irtf-cfrg-xchacha-03); AES-GCM
/// (FIPS 197, SP 800-38D). Users reach them through [dev.coffer.crypto.Aead]. Left out on purpose: tags shorter than 16
/// bytes, GCM nonces of other sizes than 12 bytes, AES-192, CCM. Holds nothing; the largest thing it needs is a
/// workspace of the caller's.
@org.jspecify.annotations.NullMarked
package dev.coffer.crypto.aead;
