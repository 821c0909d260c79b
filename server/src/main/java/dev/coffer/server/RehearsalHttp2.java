package dev.coffer.server;

import dev.coffer.http.http2.Http2Server;
import java.nio.charset.StandardCharsets;

/// What is said over HTTP/2 before the doors open: each way to be answered, and the ends of streams and of the connection. Octets as characters.
final class RehearsalHttp2 {
    private static final int DATA = 0;
    private static final int HEADERS = 1;
    private static final int RST_STREAM = 3;
    private static final int SETTINGS = 4;
    private static final int PING = 6;
    private static final int WINDOW_UPDATE = 8;
    private static final int CONTINUATION = 9;
    private static final int PRIORITY_UPDATE = 16;
    private static final int END_STREAM = 1;
    private static final int END_HEADERS = 4;
    private static final int FIELD_BYTES = 9000;    // past a head's room

    private RehearsalHttp2() {}

    /// {@return a connection with streams of all kinds}
    static String requests() {
        StringBuilder all = new StringBuilder(new String(Http2Server.preface(), StandardCharsets.ISO_8859_1));
        all.append(frame(SETTINGS, 0, 0, "\0\4\0\0\u00ff\u00ff")).append(frame(SETTINGS, 1, 0, ""));
        int stream = 1;
        for (String path : new String[] {"/~status", "/~bytes?q", "/~answer", "/~none", "/~later", "/~laterbytes", "/~lateranswer", "/~throw", "/~throwhead",
                "/~nothing"}) {
            all.append(frame(HEADERS, END_STREAM | END_HEADERS, stream, head("GET", path) + field("cookie", "a=b") + field("priority", "u=1, i")));
            stream += 2;
        }
        all.append(frame(HEADERS, END_HEADERS, stream, head("POST", "/~take") + field("expect", "100-continue"))).append(frame(DATA, 0, stream, "hello"))
                .append(frame(HEADERS, END_STREAM | END_HEADERS, stream, field("x-sum", "1")));
        all.append(frame(HEADERS, END_STREAM, stream + 2, head("HEAD", "/~status"))).append(frame(CONTINUATION, 0, stream + 2, field("a", "b")))
                .append(frame(CONTINUATION, END_HEADERS, stream + 2, ""));
        all.append(frame(HEADERS, END_STREAM | END_HEADERS, stream + 4,
                head("GET", "/~status") + "\0\1x\u007f" + number(FIELD_BYTES - 0x7f) + "y".repeat(FIELD_BYTES)));
        all.append(frame(HEADERS, END_HEADERS, stream + 6, head("POST", "/~hold"))).append(frame(RST_STREAM, 0, stream + 6, "\0\0\0\u0008"));
        all.append(frame(HEADERS, END_STREAM | END_HEADERS, stream + 8, head("GET", "/~status") + field("te", "x")));
        all.append(frame(HEADERS, END_HEADERS, stream + 10, head("POST", "/~status")));
        return all.append(frame(PING, 0, 0, "12345678")).append(frame(PRIORITY_UPDATE, 0, 0, "\0\0\0\1u=2")).append(frame(WINDOW_UPDATE, 0, 0, "\0\0\1\0"))
                .toString();
    }

    /// {@return what ends the connection}
    static String fault() {
        return frame(DATA, 0, 0, "x");
    }

    private static String number(int value) {
        StringBuilder octets = new StringBuilder();
        int rest = value;
        for (; rest >= 0x80; rest >>>= 7) {
            octets.append((char) (rest & 0x7f | 0x80));
        }
        return octets.append((char) rest).toString();
    }

    private static String head(String method, String path) {
        return field(":method", method) + field(":scheme", "http") + field(":path", path) + field(":authority", "a");
    }

    private static String field(String name, String value) {
        return "\0" + (char) name.length() + name + (char) value.length() + value;
    }

    private static String frame(int type, int flags, int stream, String payload) {
        int length = payload.length();
        return "" + (char) (length >>> 16) + (char) (length >>> 8 & 0xff) + (char) (length & 0xff) + (char) type + (char) flags + "\0\0\0" + (char) stream
                + payload;
    }
}
