package dev.coffer.http.websocket;

/// What [WebSocketEngine#read] has come upon.
public enum WebSocketEvent {
    /// The head of a frame of a message: [WebSocketEngine#isFirst], [WebSocketEngine#isFinal], [WebSocketEngine#frameLength]. None of its payload
    /// was taken.
    FRAME,
    /// A piece of a message, unmasked where it lay; the last one may be empty.
    DATA,
    /// A ping; its pong is on its way out.
    PING,
    /// A pong, asked for or not.
    PONG,
    /// The peer closes: [WebSocketEngine#closeCode]. Its answer is due ([WebSocketEngine#endMessages]), and what comes behind it is discarded.
    CLOSE,
    /// The peer broke a rule or a limit: [WebSocketEngine#closeCode] says which, and a close frame with it is due. What comes behind is
    /// discarded.
    FAILED
}
