/// Interleavings of the memory room's lock-free classes, by jcstress; run by `stress/run`.
package dev.coffer.stress.memory;
