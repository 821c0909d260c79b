/// BLAKE2b (RFC 7693), of any length of digest and with or without a key; users reach two lengths of it through
/// [dev.coffer.crypto.Hash]. Left out on purpose: BLAKE2s, trees, salts and personal strings, which nothing here needs.
/// Holds nothing; a state is 200 bytes of the caller's.
@org.jspecify.annotations.NullMarked
package dev.coffer.crypto.blake2;
