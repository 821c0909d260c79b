/// Argon2id, version 0x13 (RFC 9106): keys and check values of passphrases, by a function that takes as much memory and time as the
/// caller plans. Left out on purpose: Argon2d and Argon2i, of which the RFC says to take Argon2id instead (section 4), and the text
/// form `$argon2id$v=19$...`, which is a matter of who stores passwords.
///
/// Holds nothing; the largest thing it needs is the memory of a [dev.coffer.crypto.argon2.Argon2Cost], the caller's.
@org.jspecify.annotations.NullMarked
package dev.coffer.crypto.argon2;
