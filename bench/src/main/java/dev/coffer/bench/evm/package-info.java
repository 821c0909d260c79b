/// Benchmarks of the EVM room, beside the way another Java client keeps its memory, and beside another implementation.
package dev.coffer.bench.evm;
