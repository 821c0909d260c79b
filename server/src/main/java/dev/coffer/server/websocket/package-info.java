/// WebSocket (RFC 6455, and RFC 8441 over HTTP/2) out of planned memory: [dev.coffer.server.websocket.WebSocketHub] is the site that clients open
/// sockets at, and what any thread sends by; a [dev.coffer.server.websocket.WebSocketListener] hears what they say, on the loop's thread, through a
/// [dev.coffer.server.websocket.WebSocket] each.
///
/// An idle socket over HTTP/1.1 holds its connection's row, an exchange and 320 bytes; over HTTP/2 its stream and that stream's window. Memory for a message
/// is lent while one is under way: see [dev.coffer.server.websocket.WebSocketConfig].
///
/// Left out on purpose: extensions (permessage-deflate is never agreed on), and messages of ours in fragments.
///
/// The largest thing held is what the configuration says, for each loop. A message takes 0 heap bytes over HTTP/1.1, counted in four modes of the JVM.
@org.jspecify.annotations.NullMarked
package dev.coffer.server.websocket;
