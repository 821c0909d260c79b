/// SLH-DSA, the hash-based signatures of FIPS 205 (August 2024), over the caller's memory: sections 4 to 11, all twelve parameter
/// sets, hedged and deterministic, pure and pre-hashed; with the standard's names (WOTS+, XMSS, hypertree, FORS, ADRS).
///
/// Strict profile only: everything is scalar, as almost all that signing hashes is secret until it is published, and the rest is not
/// worth telling apart. Left out: SPHINCS+ as submitted to NIST, which FIPS 205 is not compatible with.
///
/// The largest thing here is a workspace, below 4.5 KiB for every operation of every set; a signature has up to 49,856 bytes.
@org.jspecify.annotations.NullMarked
package dev.coffer.crypto.slhdsa;
