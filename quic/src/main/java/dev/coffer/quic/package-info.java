/// QUIC version 1 without I/O, over the caller's memory: connections and their streams (RFC 9000), the handshake of TLS that they carry (RFC 9001), loss and
/// congestion (RFC 9002; CUBIC of RFC 9438). A connection keeps one core of a fixed layout; streams, data, and packets under way lie in blocks of the loop,
/// lent by need. Left out so far: early data, DATAGRAM, larger datagrams by probing, preferred addresses.
/// The largest thing here: [dev.coffer.quic.QuicConfig#blocks] x [dev.coffer.quic.QuicConfig#blockBytes].
@org.jspecify.annotations.NullMarked
package dev.coffer.quic;
