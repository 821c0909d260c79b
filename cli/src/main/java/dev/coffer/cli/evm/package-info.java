/// What the `evm` command needs beside the machine: precompiles of the Ethereum protocol on Bouncy Castle and
/// `BigInteger`, and trace lines (EIP-3155). Makes objects freely; not constant in time. Left out: 10, the KZG point
/// evaluation, and 11 to 17, BLS12-381.
package dev.coffer.cli.evm;
