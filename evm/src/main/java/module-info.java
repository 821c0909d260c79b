/// The Ethereum virtual machine on one bounded region.
module dev.coffer.evm {
    requires transitive dev.coffer.memory;
    requires dev.coffer.crypto;
}
