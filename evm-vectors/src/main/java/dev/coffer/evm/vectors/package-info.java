/// Runs fixture files against the machine: message calls with expected results, and the VMTests of Frontier. For tests
/// and tools; makes objects freely.
package dev.coffer.evm.vectors;
