/// The `coffer` command.
module dev.coffer.cli {
    requires dev.coffer.memory;
    requires dev.coffer.instruments;
    requires dev.coffer.server;
    requires dev.coffer.client;
    requires dev.coffer.crypto;
    requires dev.coffer.crypto.libcrypto;
    requires dev.coffer.evm;
    requires dev.coffer.evm.vectors;
    requires info.picocli;
    requires com.google.gson;  // the ledger command reads a server's JSON
    requires me.tongfei.progressbar;
    requires dev.coffer.evm.precompiles;
    requires org.bouncycastle.provider;  // keys of the development certificate
    requires org.bouncycastle.pkix;      // the development certificate
    requires jdk.unsupported;  // sun.misc.Signal: SIGHUP
    requires java.management;
    requires jdk.management;  // heap bytes per thread

    opens dev.coffer.cli to info.picocli;  // it fills the options of the command classes
}
