/// What the `evm` command needs beside the machine: precompiles of the Ethereum protocol on Bouncy Castle and
/// `BigInteger`, and trace lines (EIP-3155). Makes objects freely; not constant in time. Left out: 11 to 17,
/// BLS12-381 (EIP-2537).
package dev.coffer.cli.evm;
