/// Between buffers and those who lend them: what only this module can hand from one package to another. Not exported.
///
/// No standard is implemented here. Largest thing held: a reference.
package dev.coffer.memory.internal.lending;
