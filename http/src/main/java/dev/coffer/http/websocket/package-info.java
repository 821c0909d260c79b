/// WebSocket (RFC 6455) without I/O, the server's side: [dev.coffer.http.websocket.WebSocketHandshake] judges a request and makes its answer, in
/// HTTP/1.1 (section 4.2) and by extended CONNECT (RFC 8441, section 5); [dev.coffer.http.websocket.WebSocketEngine] reads and writes the frames
/// of one connection.
///
/// Here: opening handshake (section 4), framing, masking, fragmentation, control frames (5), UTF-8 that fails at the first wrong octet (8.1),
/// closing handshake and status codes (7). Left out on purpose: the client's side, messages of ours in fragments, and extensions (9): none is ever
/// agreed on, permessage-deflate (RFC 7692) neither, as a message's size would say nothing of the memory that it takes.
///
/// The largest thing held is one control frame each way, 320 bytes with the heads of two frames; payload is never copied here.
@NullMarked
package dev.coffer.http.websocket;

import org.jspecify.annotations.NullMarked;
