/// A ring of bytes between a writer and a reader: [dev.coffer.memory.ring.CircularBuffer], over memory of its own or over what a
/// pool lends while there is something to hold.
///
/// No standard is implemented here. Largest thing held: one ring's memory, a row of a region's plan.
@org.jspecify.annotations.NullMarked
package dev.coffer.memory.ring;
