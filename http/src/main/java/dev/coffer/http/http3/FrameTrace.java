package dev.coffer.http.http3;

/// Hears of every frame of a connection of HTTP/3, for one who looks on. On the engine's thread, from inside its calls; it calls no method of the engine.
public interface FrameTrace {
    /// A frame's head has come, or a frame was written.
    ///
    /// @param sent    whether it is ours
    /// @param type    0..2^62-1 (RFC 9114, section 7.2), see [#nameOf]
    /// @param stream  of QUIC
    /// @param length  bytes of its payload
    void http3Frame(boolean sent, long type, long stream, long length);

    /// {@return the name of a type, `frame 0xN` for one that is not known}
    static String nameOf(long type) {
        return switch ((int) Math.min(type, Integer.MAX_VALUE)) {
            case Frame.DATA -> "DATA";
            case Frame.HEADERS -> "HEADERS";
            case Frame.CANCEL_PUSH -> "CANCEL_PUSH";
            case Frame.SETTINGS -> "SETTINGS";
            case Frame.PUSH_PROMISE -> "PUSH_PROMISE";
            case Frame.GOAWAY -> "GOAWAY";
            case Frame.MAX_PUSH_ID -> "MAX_PUSH_ID";
            case Frame.PRIORITY_UPDATE, Frame.PRIORITY_UPDATE_PUSH -> "PRIORITY_UPDATE";
            default -> "frame 0x" + Long.toHexString(type);
        };
    }
}
