/// A Coffer ledger as Micrometer meters: [dev.coffer.micrometer.CofferMetrics] binds one to a registry. It translates
/// names and decides nothing.
///
/// Largest thing held: one gauge a number, made when bound.
package dev.coffer.micrometer;
