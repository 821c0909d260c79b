/// SHA-2 (FIPS 180-4): SHA-256, SHA-384, SHA-512 over whole bytes. Left out on purpose: SHA-1, SHA-224, SHA-512/t, and
/// messages that end inside a byte. Holds nothing; a state has at most 200 bytes of the caller's memory.
@org.jspecify.annotations.NullMarked
package dev.coffer.crypto.sha2;
