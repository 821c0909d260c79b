/// Coffer for C: its cryptography and its EVM memory as a table of function pointers, over the caller's buffers.
module dev.coffer.c {
    requires dev.coffer.crypto;
    requires dev.coffer.evm;
    requires transitive dev.coffer.memory;

    exports dev.coffer.c;  // CTable, which makes the table, and its configuration
}
