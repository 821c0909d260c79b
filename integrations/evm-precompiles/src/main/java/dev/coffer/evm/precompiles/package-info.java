/// The precompiles that `coffer-evm` lacks: 3, 5 to 10, and from Prague 11 to 17 (Yellow Paper, appendix E; EIP-152, EIP-196, EIP-197, EIP-198, EIP-2537,
/// EIP-4844), on Bouncy Castle, on `BigInteger` and on longs. They make objects. Largest thing held: what one call computes with.
package dev.coffer.evm.precompiles;
