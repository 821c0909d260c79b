/// TLS 1.3 without I/O, over the caller's memory (RFC 8446): a server's connection that carries another engine, what the connections of one
/// loop share, and who the server is. Memory is planned: keys a connection, handshakes and records in flight from pools that the plan
/// bounds.
@org.jspecify.annotations.NullMarked
package dev.coffer.tls;
