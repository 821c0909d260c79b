/// What is held, live: [dev.coffer.memory.ledger.Ledger] is the tree of regions, rows and budgets,
/// [dev.coffer.memory.ledger.LedgerSnapshot] all its numbers at one moment, as values, a table and JSON (RFC 8259; names
/// escaped, numbers as decimal integers, nothing else of it is needed).
///
/// Largest thing held: one array of numbers per snapshot, a few dozen bytes a line.
@org.jspecify.annotations.NullMarked
package dev.coffer.memory.ledger;
