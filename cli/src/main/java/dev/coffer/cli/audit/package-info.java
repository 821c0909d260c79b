/// The promises of the house, run on this machine: one class a proof, each with a measured figure and with faults under
/// which it must fail. [dev.coffer.cli.audit.Proofs] lists them; the command `coffer audit` prints them.
///
/// What a machine cannot run is not passed: it is reported as not run, with the reason. What each proof does not show
/// stands in `docs/proofs.md`.
///
/// Largest thing held: a core of a child JVM on disk, about 150 MB, in a temporary folder that is removed.
package dev.coffer.cli.audit;
