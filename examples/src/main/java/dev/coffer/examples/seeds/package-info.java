/// The examples of five documents on memory in native, Rust and Zig systems, written on Coffer's public API: what each expects
/// stands beside what happens here. `docs/from-the-seeds.md` has the tables and says why where the two differ.
package dev.coffer.examples.seeds;
