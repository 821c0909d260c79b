/// Gas: one table of costs per fork (Yellow Paper, appendix G), and what the precompiles cost. Memory's own formula lives
/// with [dev.coffer.evm.memory.EvmMemory]. Holds one array of 256 ints a fork.
package dev.coffer.evm.gas;
