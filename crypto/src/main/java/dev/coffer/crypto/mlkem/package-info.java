/// ML-KEM, the key encapsulation mechanism of FIPS 203 (August 2024), over the caller's memory: sections 4 to 8, all three
/// parameter sets, keys as seeds and expanded; with the standard's letters (rho, sigma, `tHat`).
///
/// Strict profile only: secrets in scalar locals and off-heap memory; the public matrix alone is sampled on vectors where
/// the module for them is there. Left out: Kyber as submitted to NIST, which FIPS 203 is not compatible with.
///
/// The largest thing here is the workspace of ML-KEM-1024, 6,016 bytes, and an expanded decapsulation key of ML-KEM-1024,
/// 12,352; besides, a process holds 2.5 KiB of tables, which are public numbers.
@org.jspecify.annotations.NullMarked
package dev.coffer.crypto.mlkem;
