/// The tables of `docs/performance.md`: each is one [dev.coffer.bench.table.Table] of [dev.coffer.bench.Tables], printed by
/// `bench/run NAME`, with its peers in the same run.
package dev.coffer.bench;
