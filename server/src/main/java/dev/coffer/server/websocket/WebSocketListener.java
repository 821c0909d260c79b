package dev.coffer.server.websocket;

import dev.coffer.server.Exchange;
import java.lang.foreign.MemorySegment;

/// Hears what the sockets of a hub say. On the loop's thread, and with several loops by several threads; must not wait. What it throws is counted and
/// logged, and cuts that one socket.
public interface WebSocketListener {
    /// A client asks for a socket, and its handshake is in order. Who answers the exchange here (403 for instance) has refused it; what is wanted of the
    /// request later is to be read here.
    default void opening(Exchange exchange) {}

    /// The socket is open, and may be sent to.
    default void opened(WebSocket socket) {}

    /// A message has come, or a piece of one where the hub takes them in pieces. Text is UTF-8, of which a piece may cut a character.
    ///
    /// @param data    memory of the connection or the hub, borrowed for the call; read it only
    /// @param length  bytes at `at`, 0 or more
    /// @param last    whether the message is complete with it; where the hub takes messages whole, always
    void message(WebSocket socket, boolean text, MemorySegment data, long at, long length, boolean last);

    /// A message that was refused for want of room could be sent now.
    default void sendable(WebSocket socket) {}

    /// The socket is over. Told once for each that was opened.
    ///
    /// @param code  what the peer has said ([dev.coffer.http.websocket.CloseCode], NONE where nothing); why it was closed, where it broke a rule; ABNORMAL
    ///              where it ended without a close of its own
    default void closed(WebSocket socket, int code) {}
}
