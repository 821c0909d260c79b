/// Sealed messages between two parties in a few kilobytes: a [dev.coffer.crypto.session.SessionWorkspace] holds keys,
/// counters, windows, buffers and scratch of a fixed number of sessions, all planned before start.
///
/// A message is `id 4 | epoch u32 | sequence u64 | ciphertext | tag 16`, big-endian; the first 16 bytes are authenticated.
/// Keys and ids come from one shared secret by HKDF (RFC 5869) with SHA-256, one for each direction; keys one for each
/// epoch, each epoch's from the one before it, which is then wiped. Nonces are a counter under a secret mask, as in
/// RFC 8446, section 5.3. The id tells a session's messages from those of another on the same link; it is public and links
/// a session's messages to each other.
///
/// What ends a session, beside its owner and its age: authentic messages that break the rules, which only a holder of the
/// key can make. What the network does, or who injects packets into it, is counted by kind and ends nothing.
///
/// Left out on purpose: agreeing on the secret (X25519 and the rest are in this module), negotiation, and order: loss,
/// repetition and reordering are the network's, and only repetition is refused.
///
/// Largest thing held: 1024 sessions of four 1 MiB buffers each.
@org.jspecify.annotations.NullMarked
package dev.coffer.crypto.session;
