/// Drives protocols over streams and knows none: [dev.coffer.server.drive.StreamDriver] moves bytes between a socket and
/// whatever [dev.coffer.memory.engine.Engine] a [dev.coffer.server.drive.Lane] lends it, [dev.coffer.server.drive.Loop] gives
/// each connection its turn and keeps time. Policy of output (large buffers lent, patience with a peer that does not read,
/// lingering after a refusal) is here and nowhere else.
/// [dev.coffer.server.drive.DatagramDriver] does the same for a [dev.coffer.memory.engine.DatagramEngine] over a socket of
/// datagrams.
///
/// An idle connection is one row and its socket; a protocol with its memory is lent from the first byte until the connection
/// is at rest. When none is left that one connection waits, and hears a refusal when its time is over.
///
/// The largest thing held is the region of each loop.
@org.jspecify.annotations.NullMarked
package dev.coffer.server.drive;
