/// TLS before whatever a loop speaks: a lane around another. Memory: a connection's keys; handshakes and records by need.
@org.jspecify.annotations.NullMarked
package dev.coffer.server.tls;
