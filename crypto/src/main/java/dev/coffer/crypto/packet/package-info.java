/// Protection of records and packets under traffic secrets: nonces, counts, key updates (RFC 8446, sections 5.2, 5.3, 5.5, 7.2 and
/// 7.3; RFC 9001, sections 5.1, 5.3, 5.4, 6 and 6.6; RFC 9369, section 3.3). What TLS's record layer and QUIC stand on; it knows
/// neither a record's fields nor a packet's.
///
/// Left out on purpose: the content of headers, the decoding of packet numbers (RFC 9000, appendix A.3), which key a key phase
/// means, Retry (section 5.8), DTLS. Everything lies in the caller's memory: 120 bytes a direction at rest, the expanded key beside
/// them while it is used; the largest is AES-256's, 1,024 bytes and 960 for headers.
@org.jspecify.annotations.NullMarked
package dev.coffer.crypto.packet;
