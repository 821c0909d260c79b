/// Coffer's ledger as Micrometer meters.
module dev.coffer.micrometer {
    requires transitive dev.coffer.memory;
}
