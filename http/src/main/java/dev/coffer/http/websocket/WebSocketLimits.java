package dev.coffer.http.websocket;

/// What a peer may send; past either of them it is closed with 1009.
///
/// @param frameBytesMax    payload of one frame, 1 or more
/// @param messageBytesMax  of one message, all its frames together, 1 or more
public record WebSocketLimits(long frameBytesMax, long messageBytesMax) {
    /// Checks ranges.
    ///
    /// @throws IllegalArgumentException  a number below 1 (caller's fault)
    public WebSocketLimits {
        if (frameBytesMax < 1 || messageBytesMax < 1) {
            throw new IllegalArgumentException("limits: frames of " + frameBytesMax + ", messages of " + messageBytesMax
                    + " bytes (expected 1 or more)");
        }
    }
}
