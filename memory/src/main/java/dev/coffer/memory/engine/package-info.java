/// The outline that all protocol engines share, so that one driver can drive them all and one simulator can test them all:
/// [dev.coffer.memory.engine.Engine] over a stream of bytes (TLS, HTTP/1.1, HTTP/2), [dev.coffer.memory.engine.DatagramEngine]
/// over datagrams (QUIC, and HTTP/3 on it), and what travels beside a datagram's bytes. Holds nothing.
@NullMarked
package dev.coffer.memory.engine;

import org.jspecify.annotations.NullMarked;
