/// Sealing streams of any length in constant memory: [dev.coffer.crypto.stream.SealedStream] cuts a stream into chunks,
/// each sealed under a nonce that says its place and whether it is the last (the STREAM construction of Hoang,
/// Reyhanitabar, Rogaway and Vizár, 2015). So no chunk can be dropped, repeated, moved or cut off unnoticed, and no byte
/// is given out before it is verified.
///
/// A stream is sealed to keys of 32 bytes, to passphrases (Argon2id, RFC 9106) and to public keys (HPKE, RFC 9180), to several of each. The
/// format is fixed in `docs/sealed-format.md`. Left out on purpose: reading from the middle; saying who sealed it.
///
/// Largest stream: 2^32 chunks of 64 KiB, 256 TiB; the AEAD's own limit on messages is not reached, as each stream has
/// a key of its own.
@org.jspecify.annotations.NullMarked
package dev.coffer.crypto.stream;
