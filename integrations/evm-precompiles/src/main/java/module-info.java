/// The precompiles of Ethereum that stand on other libraries.
module dev.coffer.evm.precompiles {
    requires transitive dev.coffer.evm;
    requires dev.coffer.crypto;
    requires org.bouncycastle.provider;

    exports dev.coffer.evm.precompiles;  // LibraryPrecompiles
}
