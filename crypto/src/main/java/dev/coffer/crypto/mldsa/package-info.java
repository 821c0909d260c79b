/// ML-DSA, the signatures of FIPS 204 (August 2024), over the caller's memory: sections 5 to 7, all three parameter sets,
/// hedged and deterministic, pure and pre-hashed, with external mu; with the standard's letters (rho, mu, `cTilde`).
///
/// Strict profile only: secrets in scalar locals and off-heap memory; the public matrix alone is sampled on vectors where
/// the module for them is there. Left out: Dilithium as submitted to NIST, which FIPS 204 is not compatible with.
///
/// The largest things here are the workspace of signing with ML-DSA-87, 23,744 bytes, and its expanded key, 80,992; besides,
/// a process holds 4 KiB of tables, which are public numbers.
@org.jspecify.annotations.NullMarked
package dev.coffer.crypto.mldsa;
