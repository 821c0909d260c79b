/// Deadlines by the million: [dev.coffer.memory.time.TimerWheel] says when something is due, and knows no clock.
///
/// No standard is implemented here; the structure is the hierarchical timing wheel of Varghese and Lauck (1987), scheme 7,
/// with the levels told apart by the highest bit that differs from now. Largest thing held: the lists of one wheel, 16 bytes
/// a timer and 512 a level, a row of a region's plan.
@org.jspecify.annotations.NullMarked
package dev.coffer.memory.time;
