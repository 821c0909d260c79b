/// The outline that all protocol engines share, so that one driver can drive them all and one simulator can test them all:
/// [dev.coffer.memory.engine.Engine] over a stream of bytes (TLS, HTTP/1.1, HTTP/2), [dev.coffer.memory.engine.DatagramEngine]
/// over datagrams (QUIC), and what travels beside a datagram's bytes; [dev.coffer.memory.engine.StreamTransport] is what an engine of many
/// streams (QUIC) offers to the one on it (HTTP/3). Holds nothing.
@NullMarked
package dev.coffer.memory.engine;

import org.jspecify.annotations.NullMarked;
