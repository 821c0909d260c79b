/// Sealing streams of any length in constant memory: [dev.coffer.crypto.stream.SealedStream] cuts a stream into chunks,
/// each sealed under a nonce that says its place and whether it is the last (the STREAM construction of Hoang,
/// Reyhanitabar, Rogaway and Vizár, 2015). So no chunk can be dropped, repeated, moved or cut off unnoticed, and no byte
/// is given out before it is verified.
///
/// The format is fixed in `docs/sealed-format.md`; it has room for recipients of other kinds and for passphrases, which are
/// not written yet. Left out on purpose: reading from the middle.
///
/// Largest stream: 2^32 chunks of 64 KiB, 256 TiB; the AEAD's own limit on messages is not reached, as each stream has
/// a key of its own.
package dev.coffer.crypto.stream;
