/// The `coffer` command.
module dev.coffer.cli {
    requires dev.coffer.memory;
    requires dev.coffer.instruments;
    requires dev.coffer.server;
    requires dev.coffer.crypto;
    requires dev.coffer.evm;
    requires info.picocli;
    requires me.tongfei.progressbar;
    requires java.management;
    requires jdk.management;  // heap bytes per thread

    opens dev.coffer.cli to info.picocli;  // it fills the options of the command classes
}
