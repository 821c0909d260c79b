/// The instruction set as one table of traits, and the forks that changed it (Yellow Paper, appendix H.2; the EIPs named
/// at each fork). Holds five arrays of 256.
package dev.coffer.evm.opcode;
