/// Transport parameters (RFC 9000, section 18; RFC 9221, section 3; RFC 9287, section 3; RFC 9368, section 3) in a place of fixed size, 245 bytes,
/// and on the wire. Each is checked by itself when it is read; whether an ID is the right one only the connection knows, which can ask.
@org.jspecify.annotations.NullMarked
package dev.coffer.quic.parameter;
