package dev.coffer.http.http2;

/// Hears of every frame of a connection, for one who looks on. On the engine's thread, from inside its calls; it calls no method of the engine.
public interface FrameTrace {
    /// A frame's head has come, or a frame was written.
    ///
    /// @param sent    whether it is ours
    /// @param type    0..255 (RFC 9113, section 6), see [#name]
    /// @param flags   0..255
    /// @param stream  0 for the connection
    /// @param length  bytes of its payload
    void frame(boolean sent, int type, int flags, int stream, int length);

    /// {@return the name of a type, `frame N` for one that is not known}
    static String name(int type) {
        return switch (type) {
            case Frame.DATA -> "DATA";
            case Frame.HEADERS -> "HEADERS";
            case Frame.PRIORITY -> "PRIORITY";
            case Frame.RST_STREAM -> "RST_STREAM";
            case Frame.SETTINGS -> "SETTINGS";
            case Frame.PUSH_PROMISE -> "PUSH_PROMISE";
            case Frame.PING -> "PING";
            case Frame.GOAWAY -> "GOAWAY";
            case Frame.WINDOW_UPDATE -> "WINDOW_UPDATE";
            case Frame.CONTINUATION -> "CONTINUATION";
            case Frame.PRIORITY_UPDATE -> "PRIORITY_UPDATE";
            default -> "frame " + type;
        };
    }
}
