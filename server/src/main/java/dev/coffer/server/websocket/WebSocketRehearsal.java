package dev.coffer.server.websocket;

import dev.coffer.http.websocket.CloseCode;
import java.lang.foreign.MemorySegment;
import java.util.List;

/// What a hub's rehearsal plays: handshakes that are refused; sockets that are sent to in every way, pinged, and closed by either side.
final class WebSocketRehearsal {
    private static final String HEAD = " HTTP/1.1\r\nHost: a\r\n";
    private static final String KEY = "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n";
    private static final String UPGRADE = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n";
    private static final String OPENING = "GET /" + HEAD + UPGRADE + KEY + "Sec-WebSocket-Protocol: none, played\r\n\r\n";
    private static final int FIN = 0x80;
    private static final int TEXT = 1;
    private static final int BINARY = 2;
    private static final int CLOSE = 8;
    private static final int PING = 9;
    private static final int PONG = 10;

    static final List<String> REQUESTS = List.of("GET /" + HEAD + "\r\n", "POST /" + HEAD + "\r\n", "GET /" + HEAD + UPGRADE + "\r\n",
            "GET /" + HEAD + UPGRADE + KEY + "Origin: https://b\r\n\r\n", OPENING, frame(FIN | TEXT, "h\u00c3\u00a9"), frame(FIN | PING, "p"),
            frame(TEXT, "one, ") + frame(FIN | PING, "") + frame(FIN, "two") + frame(FIN | PONG, ""), frame(FIN | BINARY, "x".repeat(300)),
            frame(FIN | CLOSE, "\u0003\u00e8"), OPENING + frame(FIN | BINARY, "close"), OPENING, frame(FIN | TEXT, "\u00ff"));

    private WebSocketRehearsal() {}

    /// {@return a hub that echoes and sends to all; what begins with c it closes}
    static WebSocketHub stage() {
        WebSocketHub[] stage = new WebSocketHub[1];
        stage[0] = WebSocketHub.of(WebSocketConfig.standard().withSockets(2).withMessages(1024, 1).withSent(1024, 2, 2, 2), new WebSocketListener() {
            @Override
            public void opened(WebSocket socket) {
                socket.pause();
                socket.resume();
                stage[0].send(socket.number(), "opened");
            }

            @Override
            public void message(WebSocket socket, boolean text, MemorySegment data, long at, long length, boolean last) {
                socket.send(text, data, at, length);
                stage[0].broadcast(text, data, at, length);
                if (length > 0 && data.get(java.lang.foreign.ValueLayout.JAVA_BYTE, at) == 'c') {
                    stage[0].close(socket.number(), CloseCode.NORMAL);
                }
            }
        }).withProtocols("played");
        return stage[0];
    }

    /// {@return a frame as a client sends it, under a mask of zeros}
    private static String frame(int first, String payload) {
        int length = payload.length();
        String size = length < 126 ? "" + (char) (0x80 | length) : "" + (char) (0x80 | 126) + (char) (length >> 8) + (char) (length & 0xff);
        return (char) first + size + "\0\0\0\0" + payload;
    }
}
