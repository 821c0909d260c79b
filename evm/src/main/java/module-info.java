/// The Ethereum virtual machine on one bounded region.
module dev.coffer.evm {
    requires transitive dev.coffer.memory;
    requires dev.coffer.crypto;

    exports dev.coffer.evm;         // Interpreter, TransactionExecutor, Host, Precompiles, WorldState
    exports dev.coffer.evm.memory;  // EvmMemory, for machines of others
    exports dev.coffer.evm.word;    // 256-bit arithmetic, for hosts
    exports dev.coffer.evm.gas;     // costs per fork
    exports dev.coffer.evm.trie;    // roots of states, RLP
    exports dev.coffer.evm.opcode;  // the instruction set and the forks
}
