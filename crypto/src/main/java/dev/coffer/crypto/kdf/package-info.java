/// HKDF (RFC 5869), with TLS 1.3's HKDF-Expand-Label (RFC 8446, section 7.1). Left out on purpose:
/// password hashing, which is in [dev.coffer.crypto.argon2]. Holds nothing; the largest thing it needs is a workspace of at most 2 KiB of the caller's.
@org.jspecify.annotations.NullMarked
package dev.coffer.crypto.kdf;
