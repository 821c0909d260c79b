/// SHA-3 and SHAKE (FIPS 202), Keccak-256, cSHAKE and KMAC (SP 800-185) over whole bytes. Left out on purpose: messages
/// that end inside a byte, TupleHash and ParallelHash. Holds nothing; a state has 208 bytes of the caller's memory.
@org.jspecify.annotations.NullMarked
package dev.coffer.crypto.keccak;
