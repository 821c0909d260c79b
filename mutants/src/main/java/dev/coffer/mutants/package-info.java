/// A random sample of single breaks of main code, made by PIT, chosen by a seed and tried against the tests of the module.
/// Nothing here is shipped. The largest thing held is PIT's own list of one module's breaks, some thousands.
package dev.coffer.mutants;
