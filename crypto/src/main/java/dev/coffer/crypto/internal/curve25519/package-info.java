/// What Curve25519 and edwards25519 share: the field of 2^255 - 19, the Edwards group, and the integers modulo its
/// prime
/// order (RFC 7748 section 4.1, RFC 8032 section 5.1). Not for users.
///
/// Elements are limbs in the caller's workspace, named by offset. The largest thing here is the table of multiples of
/// the base point, 30 KiB of public numbers, made once a process.
@org.jspecify.annotations.NullMarked
package dev.coffer.crypto.internal.curve25519;
