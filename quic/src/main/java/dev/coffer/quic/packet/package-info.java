/// Packets of QUIC on the wire (RFC 9000, sections 12 and 17; RFC 8999; RFC 9369; RFC 9287) and their protection (RFC 9001, sections 5 and
/// 6): headers read and written, coalesced ones walked over, numbers cut and found again, Initial secrets, keys of a level with their key
/// phases and limits, the tag of a Retry, Version Negotiation. Over the caller's memory, 0 heap bytes.
///
/// Left out on purpose: frames ([dev.coffer.quic.frame]), which keys a connection has when, and when it updates them (it is told whether it
/// may); drafts of version 1.
///
/// The largest thing held is one direction's expanded keys, 1,992 bytes with AES-256, lent while packets go through; 160 bytes rest.
@org.jspecify.annotations.NullMarked
package dev.coffer.quic.packet;
