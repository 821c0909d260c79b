/// The precompiles of Ethereum that stand on other libraries. For blst it needs native access of its own, `--enable-native-access=dev.coffer.evm.precompiles`, and the
/// module `jblst`, which nobody requires: `--add-modules jblst`. Without one of them Bouncy Castle does its work.
module dev.coffer.evm.precompiles {
    requires transitive dev.coffer.evm;
    requires dev.coffer.crypto;
    requires org.bouncycastle.provider;

    exports dev.coffer.evm.precompiles;  // LibraryPrecompiles, CurveLibrary
}
