/// Sealed messages between two parties in a few kilobytes: a [dev.coffer.crypto.session.SessionWorkspace] holds keys,
/// counters, windows, buffers and scratch of a fixed number of sessions, all planned before start.
///
/// A message is `epoch u32 | sequence u64 | ciphertext | tag 16`, big-endian; the first 12 bytes are authenticated. Keys
/// come from one shared secret by HKDF (RFC 5869) with SHA-256, one for each direction and epoch, each epoch's from the
/// one before it, which is then wiped. Nonces are a counter under a secret mask, as in RFC 8446, section 5.3.
///
/// Left out on purpose: agreeing on the secret (X25519 and the rest are in this module), negotiation, and order: loss,
/// repetition and reordering are the network's, and only repetition is refused.
///
/// Largest thing held: 1024 sessions of four 1 MiB buffers each.
package dev.coffer.crypto.session;
