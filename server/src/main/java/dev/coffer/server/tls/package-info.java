/// TLS before whatever a loop speaks: a lane around another. Memory: a connection's keys; handshakes and records by need.
package dev.coffer.server.tls;
