/// Curves over prime fields of 256 bits that the protocol computes with: secp256k1 (SEC 2, section 2.4.1), on which transactions and authorizations are signed, and
/// alt_bn128 with its pairing (EIP-196, EIP-197).
/// All that comes here is public, so it is kept in arrays and takes time by its value. Not for keys. Largest thing held: two tables of 16 points.
package dev.coffer.evm.curve;
