/// What a table of measurements is: its rows, how each is run beside its peers, and the machine that it ran on.
///
/// No standard is implemented here. Largest thing held: the results of one table.
package dev.coffer.bench.table;
