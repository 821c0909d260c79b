/// The sockets of one loop: a listener and a fixed table of slots, behind one small interface with two drivers.
///
/// [dev.coffer.server.net.EpollSockets] calls Linux itself: 0 heap bytes for every operation, accepting included.
/// [dev.coffer.server.net.NioSockets] is the portable form on the JDK's channels; what those allocate to accept and
/// to change what is awaited is measured and stated in `docs/performance.md`.
///
/// [dev.coffer.server.net.Datagrams] is a datagram socket with its memory, in the same two forms: a batch of what came and a
/// queue of what is to be sent, each datagram with its path and ECN codepoint. On Linux runs of datagrams are cut and groups made by the
/// kernel (GSO, GRO).
///
/// The largest thing held is the table: one entry a slot, made at start; of datagrams, the places of
/// a batch, 65,536 bytes each where they may be groups.
@org.jspecify.annotations.NullMarked
package dev.coffer.server.net;
