/// Falcon, as submitted to the third round of NIST's competition (specification v1.2, October 2020), over the caller's memory: Falcon-512
/// and Falcon-1024, key generation, signing and verifying, in all three encodings of signatures, with the specification's letters.
///
/// FIPS 206 (FN-DSA) is not final and will not be compatible with this; nothing here bears its name. Left out: streaming, as a salt is hashed
/// before the message; files for keys, as no identifier is assigned.
///
/// Secrets are in scalar locals and off-heap memory. The largest things here are the workspace of signing with Falcon-1024, 83,012 bytes, and
/// its expanded key, 126,976; besides, a process holds 32 KiB of tables, which are public numbers.
@org.jspecify.annotations.NullMarked
package dev.coffer.crypto.falcon;
