/// The precompiles that `coffer-evm` lacks: 3, 5 and 9, point evaluation and from Prague BLS12-381, 10 to 17 (Yellow Paper, appendix E; EIP-152, EIP-198, EIP-2537,
/// EIP-4844), on blst's machine code or on Bouncy Castle, on `BigInteger` and on longs. Largest thing held: with blst 160 KiB, planned; else what one call computes with.
package dev.coffer.evm.precompiles;
