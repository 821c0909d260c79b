/// Coffer's ledger as Micrometer meters.
@SuppressWarnings({"requires-automatic", "requires-transitive-automatic"})  // Micrometer has no descriptor of its own
module dev.coffer.micrometer {
    requires transitive dev.coffer.memory;
    requires transitive micrometer.core;

    exports dev.coffer.micrometer;  // CofferMetrics
}
