/// Pools over carved memory: blocks that are made once, handed out, wiped and taken back; nothing here allocates after
/// the start. [dev.coffer.memory.pool.BufferPool] is the general one.
///
/// No standard is implemented here. Largest thing held: one pool's memory, a row of a region's plan.
@org.jspecify.annotations.NullMarked
package dev.coffer.memory.pool;
