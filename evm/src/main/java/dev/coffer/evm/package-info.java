/// The Ethereum virtual machine (Yellow Paper, section 9, and the EIPs that [dev.coffer.evm.opcode.Fork] names): one
/// message call with all calls below it, from start to halt; and whole transactions (section 6; EIP-1559, EIP-2718, EIP-2930,
/// EIP-3529, EIP-3607, EIP-4844, EIP-7623, EIP-7825) around it, with the state that changes (EIP-161). Left out: recovering a
/// signer, delegated code of EIP-7702, and every precompile but SHA-256 and identity, which stand behind
/// [dev.coffer.evm.Precompiles].
///
/// A machine holds what [dev.coffer.evm.InterpreterConfig#plan] says: by default 64 MiB and 33 MiB of address space that
/// commit when touched, and about 20 MiB of heap, nearly all of it for code.
package dev.coffer.evm;
