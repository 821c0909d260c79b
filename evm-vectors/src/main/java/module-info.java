/// Fixture files of the Ethereum virtual machine, read and run.
module dev.coffer.evm.vectors {
    requires transitive dev.coffer.evm;
    requires dev.coffer.crypto;

    exports dev.coffer.evm.vectors;  // VectorRunner and what it reads: for the command, benchmarks and tests
}
