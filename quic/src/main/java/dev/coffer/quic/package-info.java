/// QUIC version 1 and 2 without I/O, over the caller's memory (RFC 9000, 9001, 9002, 9369).
@org.jspecify.annotations.NullMarked
package dev.coffer.quic;
