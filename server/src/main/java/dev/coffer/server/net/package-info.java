/// The sockets of one loop: a listener and a fixed table of slots, behind one small interface with two drivers.
///
/// [dev.coffer.server.net.EpollSockets] calls Linux itself: 0 heap bytes for every operation, accepting included.
/// [dev.coffer.server.net.NioSockets] is the portable form on the JDK's channels; what those allocate to accept and
/// to change what is awaited is measured and stated in `docs/performance.md`.
///
/// The largest thing held is the table: one entry a slot, made at start.
package dev.coffer.server.net;
