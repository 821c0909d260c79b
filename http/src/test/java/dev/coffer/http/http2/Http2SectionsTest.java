package dev.coffer.http.http2;

import static dev.coffer.http.http2.Http2Peer.block;
import static dev.coffer.http.http2.Http2Peer.get;
import static dev.coffer.http.http2.Http2Peer.ints;
import static dev.coffer.http.http2.Http2Peer.request;
import static dev.coffer.http.http2.Http2Peer.setting;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What a client may do and may not, section by section of RFC 9113 (and 7541, 9218), whole and in single octets.
class Http2SectionsTest {
    private static final int END_BOTH = Frame.END_HEADERS | Frame.END_STREAM;

    /// @param expected  the last thing that is said, settings aside
    record Case(String section, String expected, Consumer<Http2Peer> does) {
        @Override
        public String toString() {
            return section + ": " + expected;
        }
    }

    static Stream<Case> cases() {
        return Stream.of(frames(), states(), controls(), flows(), heads(), others()).flatMap(List::stream);
    }

    private static Case of(String section, String expected, Consumer<Http2Peer> does) {
        return new Case(section, expected, does);
    }

    private static String away(String code) {
        return "GOAWAY 0 " + code;
    }

    private static List<Case> frames() {
        return List.of(
                of("3.4 an invalid preface", away("PROTOCOL_ERROR"), p -> p.send("PRI * HTTP/2.0\r\n\r\nSX".getBytes())),
                of("3.4 the first frame is not SETTINGS", away("PROTOCOL_ERROR"), p -> p.send(Http2Server.preface()).frame(Frame.PING, 0, 0, new byte[8])),
                of("3.4 the first frame is an acknowledgement", away("PROTOCOL_ERROR"), p -> p.send(Http2Server.preface()).frame(Frame.SETTINGS, 1, 0)),
                of("4.1 an unknown type", "PING ack", p -> p.hello().frame(0xee, 0, 0, new byte[100]).frame(Frame.PING, 0, 0, new byte[8])),
                of("4.1 unknown flags", "PING ack", p -> p.hello().frame(Frame.PING, 0xfe, 0, new byte[8])),
                of("4.1 the reserved bit", "PING ack", p -> p.hello().frame(Frame.PING, 0, Integer.MIN_VALUE, new byte[8])),
                of("4.2 DATA of 16,384", "UPDATE 0 32768", p -> p.hello().post(1, "/hold").data(1, false, 1 << 14).data(1, false, 1 << 14)),
                of("4.2 DATA of 16,385", "GOAWAY 1 FRAME_SIZE_ERROR", p -> p.hello().post(1, "/hold").data(1, false, (1 << 14) + 1)),
                of("4.2 HEADERS of 16,385", away("FRAME_SIZE_ERROR"), p -> p.hello().frame(Frame.HEADERS, END_BOTH, 1, new byte[(1 << 14) + 1])),
                of("4.3 a block that is no HPACK", "GOAWAY 1 COMPRESSION_ERROR", p -> p.hello().frame(Frame.HEADERS, END_BOTH, 1, (byte) 0x80)),
                of("4.3 a block that is cut", "GOAWAY 1 COMPRESSION_ERROR", p -> p.hello().frame(Frame.HEADERS, END_BOTH, 1, (byte) 0x40)),
                of("4.3 PRIORITY in a block", "GOAWAY 1 PROTOCOL_ERROR", p -> p.hello().frame(Frame.HEADERS, Frame.END_STREAM, 1, get("/"))
                        .frame(Frame.PRIORITY, 0, 1, ints(0, 0))),
                of("4.3 another stream's HEADERS in a block", "GOAWAY 1 PROTOCOL_ERROR", p -> p.hello().frame(Frame.HEADERS, Frame.END_STREAM, 1, get("/"))
                        .get(3, "/")),
                of("4.3 an unknown type in a block", "GOAWAY 1 PROTOCOL_ERROR", p -> p.hello().frame(Frame.HEADERS, Frame.END_STREAM, 1, get("/"))
                        .frame(0xee, 0, 0)),
                of("7541 2.3.3 an index past the table", "GOAWAY 1 COMPRESSION_ERROR",
                        p -> p.hello().frame(Frame.HEADERS, END_BOTH, 1, (byte) 0xff, (byte) 0x7f)),
                of("7541 4.2 a size update behind a field", "GOAWAY 1 COMPRESSION_ERROR",
                        p -> p.hello().frame(Frame.HEADERS, END_BOTH, 1, (byte) 0x82, (byte) 0x20)),
                of("7541 6.3 a size past our settings", "GOAWAY 1 COMPRESSION_ERROR", p -> p.hello().frame(Frame.HEADERS, END_BOTH, 1, (byte) 0x3f, (byte) 0xe2,
                        (byte) 0x1f)),
                of("7541 5.2 padding of zeros", "GOAWAY 1 COMPRESSION_ERROR", p -> p.hello().frame(Frame.HEADERS, END_BOTH, 1, (byte) 0, (byte) 0x81,
                        (byte) 0, (byte) 0)));
    }

    private static List<Case> states() {
        return List.of(
                of("5.1 idle: DATA", away("PROTOCOL_ERROR"), p -> p.hello().data(1, true, 4)),
                of("5.1 idle: RST_STREAM", away("PROTOCOL_ERROR"), p -> p.hello().frame(Frame.RST_STREAM, 0, 1, ints(8))),
                of("5.1 idle: WINDOW_UPDATE", away("PROTOCOL_ERROR"), p -> p.hello().frame(Frame.WINDOW_UPDATE, 0, 1, ints(100))),
                of("5.1 idle: CONTINUATION", away("PROTOCOL_ERROR"), p -> p.hello().frame(Frame.CONTINUATION, 4, 1, get("/"))),
                of("5.1 half-closed (remote): DATA", "RST 1 STREAM_CLOSED", p -> p.hello().get(1, "/wait").data(1, true, 4)),
                of("5.1 half-closed (remote): HEADERS", "RST 1 STREAM_CLOSED", p -> p.hello().get(1, "/wait").get(1, "/")),
                of("5.1 half-closed (remote): CONTINUATION", "GOAWAY 1 PROTOCOL_ERROR", p -> p.hello().get(1, "/wait").frame(Frame.CONTINUATION, 4, 1,
                        get("/"))),
                of("5.1 closed by END_STREAM: DATA", "GOAWAY 1 STREAM_CLOSED", p -> p.hello().get(1, "/").data(1, true, 4)),
                of("5.1 closed by END_STREAM: HEADERS", "GOAWAY 1 STREAM_CLOSED", p -> p.hello().get(1, "/").get(1, "/")),
                of("5.1 closed by RST_STREAM: DATA", "GOAWAY 1 STREAM_CLOSED", p -> p.hello().post(1, "/wait").frame(Frame.RST_STREAM, 0, 1, ints(8)).data(1,
                        true, 4)),
                of("5.1 closed by RST_STREAM: HEADERS", "GOAWAY 1 STREAM_CLOSED", p -> p.hello().post(1, "/wait").frame(Frame.RST_STREAM, 0, 1, ints(8)).get(1,
                        "/")),
                of("5.1 closed by RST_STREAM: WINDOW_UPDATE, RST_STREAM", "PING ack", p -> p.hello().post(1, "/wait").frame(Frame.RST_STREAM, 0, 1, ints(8))
                        .frame(Frame.WINDOW_UPDATE, 0, 1, ints(8)).frame(Frame.RST_STREAM, 0, 1, ints(8)).frame(Frame.PING, 0, 0, new byte[8])),
                of("5.1 reset by us: DATA and HEADERS that were on their way", "PING ack", p -> p.hello().frame(Frame.HEADERS, Frame.END_HEADERS, 1,
                        request("POST", "/wait", "Bad", "x")).data(1, false, 4).get(1, "/").frame(Frame.PING, 0, 0, new byte[8])),
                of("5.1.1 an even stream", away("PROTOCOL_ERROR"), p -> p.hello().get(2, "/")),
                of("5.1.1 a stream below the last", "GOAWAY 5 PROTOCOL_ERROR", p -> p.hello().get(5, "/").get(3, "/")),
                of("5.1.2 more streams than allowed", "RST 5 REFUSED_STREAM", p -> p.hello().get(1, "/wait").get(3, "/wait").get(5, "/")),
                of("5.3.1 HEADERS that depend on themselves", "RST 1 PROTOCOL_ERROR", p -> p.hello().frame(Frame.HEADERS, END_BOTH | Frame.PRIORITIZED, 1,
                        joined(ints(1), new byte[1], get("/")))),
                of("5.3.1 PRIORITY that depends on itself", "RST 1 PROTOCOL_ERROR", p -> p.hello().get(1, "/wait").frame(Frame.PRIORITY, 0, 1,
                        joined(ints(1), new byte[1]))),
                of("5.4.1 GOAWAY, then the end", "GOAWAY 3 PROTOCOL_ERROR", p -> {
                    p.hello().get(1, "/").get(3, "/").frame(Frame.PING, 0, 1, new byte[8]);
                    assertTrue(p.engine.isEnded() && p.engine.isOutputEnded());
                    assertEquals("CLOSED", p.events.getLast());
                }),
                of("5.5 unknown settings", "PING ack", p -> p.hello().frame(Frame.SETTINGS, 0, 0, setting(0xff, 1)).frame(Frame.PING, 0, 0, new byte[8])));
    }

    private static List<Case> controls() {
        return List.of(
                of("6.1 DATA on stream 0", away("PROTOCOL_ERROR"), p -> p.hello().data(0, true, 4)),
                of("6.1 padding as long as the payload", "GOAWAY 1 PROTOCOL_ERROR", p -> p.hello().post(1, "/echo").frame(Frame.DATA, Frame.PADDED, 1, (byte) 5,
                        (byte) 0, (byte) 0, (byte) 0, (byte) 0)),
                of("6.1 padding without its length", "GOAWAY 1 FRAME_SIZE_ERROR", p -> p.hello().post(1, "/echo").frame(Frame.DATA, Frame.PADDED, 1)),
                of("6.1 padded DATA", "HEADERS 1 vary=0, x-end=text/plain end", p -> p.hello().post(1, "/echo").frame(Frame.DATA,
                        Frame.PADDED | Frame.END_STREAM, 1, (byte) 3, (byte) 'x', (byte) 0, (byte) 0, (byte) 0)),
                of("6.2 HEADERS on stream 0", away("PROTOCOL_ERROR"), p -> p.hello().get(0, "/")),
                of("6.2 padding as long as the payload", away("PROTOCOL_ERROR"), p -> p.hello().frame(Frame.HEADERS, END_BOTH | Frame.PADDED, 1, (byte) 3,
                        (byte) 0x82, (byte) 0)),
                of("6.2 padded HEADERS with priority", "DATA 1 5 end", p -> p.hello().frame(Frame.HEADERS, END_BOTH | Frame.PADDED | Frame.PRIORITIZED, 1,
                        joined(new byte[] {2}, ints(0), new byte[1], get("/"), new byte[2]))),
                of("6.3 PRIORITY on stream 0", away("PROTOCOL_ERROR"), p -> p.hello().frame(Frame.PRIORITY, 0, 0, new byte[5])),
                of("6.3 PRIORITY of four octets", "RST 1 FRAME_SIZE_ERROR", p -> p.hello().get(1, "/wait").frame(Frame.PRIORITY, 0, 1, new byte[4])),
                of("6.3 PRIORITY of an idle stream", "PING ack", p -> p.hello().frame(Frame.PRIORITY, 0, 9, new byte[5]).frame(Frame.PING, 0, 0, new byte[8])),
                of("6.4 RST_STREAM on stream 0", away("PROTOCOL_ERROR"), p -> p.hello().frame(Frame.RST_STREAM, 0, 0, ints(8))),
                of("6.4 RST_STREAM of three octets", "GOAWAY 1 FRAME_SIZE_ERROR", p -> p.hello().get(1, "/wait").frame(Frame.RST_STREAM, 0, 1, new byte[3])),
                of("6.5 SETTINGS on a stream", "GOAWAY 1 PROTOCOL_ERROR", p -> p.hello().get(1, "/wait").frame(Frame.SETTINGS, 0, 1)),
                of("6.5 an acknowledgement with payload", away("FRAME_SIZE_ERROR"), p -> p.hello().frame(Frame.SETTINGS, 1, 0, new byte[6])),
                of("6.5 SETTINGS of three octets", away("FRAME_SIZE_ERROR"), p -> p.hello().frame(Frame.SETTINGS, 0, 0, new byte[3])),
                of("6.5.2 ENABLE_PUSH of 2", away("PROTOCOL_ERROR"), p -> p.hello().frame(Frame.SETTINGS, 0, 0, setting(2, 2))),
                of("6.5.2 INITIAL_WINDOW_SIZE of 2^31", away("FLOW_CONTROL_ERROR"), p -> p.hello().frame(Frame.SETTINGS, 0, 0, setting(4, Integer.MIN_VALUE))),
                of("6.5.2 MAX_FRAME_SIZE of 16,383", away("PROTOCOL_ERROR"), p -> p.hello().frame(Frame.SETTINGS, 0, 0, setting(5, 16_383))),
                of("6.5.2 MAX_FRAME_SIZE of 2^24", away("PROTOCOL_ERROR"), p -> p.hello().frame(Frame.SETTINGS, 0, 0, setting(5, 1 << 24))),
                of("6.5.2 MAX_FRAME_SIZE of 2^24 - 1", "PING ack", p -> p.hello().frame(Frame.SETTINGS, 0, 0, setting(5, (1 << 24) - 1)).frame(Frame.PING, 0, 0,
                        new byte[8])),
                of("6.6 PUSH_PROMISE", "GOAWAY 1 PROTOCOL_ERROR", p -> p.hello().get(1, "/wait").frame(Frame.PUSH_PROMISE, 4, 1, new byte[8])),
                of("6.7 PING", "PING ack", p -> p.hello().frame(Frame.PING, 0, 0, new byte[8])),
                of("6.7 an acknowledgement", "-", p -> p.hello().frame(Frame.PING, 1, 0, new byte[8])),
                of("6.7 PING on a stream", away("PROTOCOL_ERROR"), p -> p.hello().frame(Frame.PING, 0, 1, new byte[8])),
                of("6.7 PING of six octets", away("FRAME_SIZE_ERROR"), p -> p.hello().frame(Frame.PING, 0, 0, new byte[6])),
                of("6.8 GOAWAY on a stream", away("PROTOCOL_ERROR"), p -> p.hello().frame(Frame.GOAWAY, 0, 1, new byte[8])),
                of("6.8 GOAWAY of seven octets", away("FRAME_SIZE_ERROR"), p -> p.hello().frame(Frame.GOAWAY, 0, 0, new byte[7])),
                of("6.8 the client goes", "PING", p -> p.hello().frame(Frame.GOAWAY, 0, 0, new byte[8])));
    }

    private static List<Case> flows() {
        return List.of(
                of("6.9 an increment of 0", away("PROTOCOL_ERROR"), p -> p.hello().frame(Frame.WINDOW_UPDATE, 0, 0, ints(0))),
                of("6.9 an increment of 0 for a stream", "RST 1 PROTOCOL_ERROR", p -> p.hello().get(1, "/wait").frame(Frame.WINDOW_UPDATE, 0, 1, ints(0))),
                of("6.9 WINDOW_UPDATE of three octets", away("FRAME_SIZE_ERROR"), p -> p.hello().frame(Frame.WINDOW_UPDATE, 0, 0, new byte[3])),
                of("6.9.1 a window past 2^31 - 1", away("FLOW_CONTROL_ERROR"), p -> p.hello().frame(Frame.WINDOW_UPDATE, 0, 0, ints(Integer.MAX_VALUE))),
                of("6.9.1 a window of 2^31 - 1", "PING ack",
                        p -> p.hello().frame(Frame.WINDOW_UPDATE, 0, 0, ints(Integer.MAX_VALUE - 65_535)).frame(Frame.PING, 0,
                                0, new byte[8])),
                of("6.9.1 a stream's window past 2^31 - 1", "RST 1 FLOW_CONTROL_ERROR", p -> p.hello().get(1, "/wait").frame(Frame.WINDOW_UPDATE, 0, 1,
                        ints(Integer.MAX_VALUE))),
                of("6.9.1 no more than the stream's window", "DATA 1 1",
                        p -> p.send(Http2Server.preface()).frame(Frame.SETTINGS, 0, 0, setting(4, 1)).get(1, "/")),
                of("6.9.2 settings change open streams", "DATA 1 4 end",
                        p -> p.send(Http2Server.preface()).frame(Frame.SETTINGS, 0, 0, setting(4, 1)).get(1, "/")
                                .frame(Frame.SETTINGS, 0, 0, setting(4, 10))),
                of("6.9.2 a window below zero", "DATA 1 1", p -> {
                    p.send(Http2Server.preface()).frame(Frame.SETTINGS, 0, 0, setting(4, 3)).get(1, "/").frame(Frame.SETTINGS, 0, 0, setting(4, 0));
                    assertEquals("DATA 1 3", p.last());
                    p.frame(Frame.WINDOW_UPDATE, 0, 1, ints(3));
                    assertEquals("DATA 1 3", p.last());
                    p.frame(Frame.WINDOW_UPDATE, 0, 1, ints(1));
                }),
                of("6.9.2 settings that take a window past 2^31 - 1", "GOAWAY 1 FLOW_CONTROL_ERROR",
                        p -> p.hello().get(1, "/wait").frame(Frame.WINDOW_UPDATE, 0, 1,
                                ints(Integer.MAX_VALUE - 65_535)).frame(Frame.SETTINGS, 0, 0, setting(4, 65_536))),
                of("6.9.1 more than our window of a stream", "RST 1 FLOW_CONTROL_ERROR", p -> {
                    p.hello().post(1, "/hold");
                    for (int i = 0; i < 4; i++) {
                        p.data(1, false, i == 3 ? (1 << 14) - 1 : 1 << 14);
                    }
                    assertTrue(p.said().stream().noneMatch(text -> text.startsWith("RST")), p.said().toString());
                    p.data(1, false, 1);
                }),
                of("6.10 CONTINUATIONs", "DATA 1 5 end", p -> {
                    byte[] block = get("/", "x", "y".repeat(30));
                    p.hello().frame(Frame.HEADERS, Frame.END_STREAM, 1, java.util.Arrays.copyOf(block, 7))
                            .frame(Frame.CONTINUATION, 0, 1, java.util.Arrays.copyOfRange(block, 7, 8)).frame(Frame.CONTINUATION, 0, 1)
                            .frame(Frame.CONTINUATION, Frame.END_HEADERS, 1, java.util.Arrays.copyOfRange(block, 8, block.length));
                }),
                of("6.10 CONTINUATION behind a whole block", "GOAWAY 1 PROTOCOL_ERROR",
                        p -> p.hello().get(1, "/wait").frame(Frame.CONTINUATION, 4, 1, get("/"))),
                of("6.10 CONTINUATION of another stream", "GOAWAY 1 PROTOCOL_ERROR",
                        p -> p.hello().frame(Frame.HEADERS, 0, 1, get("/")).frame(Frame.CONTINUATION,
                                4, 3)),
                of("6.10 CONTINUATION on stream 0", "GOAWAY 1 PROTOCOL_ERROR",
                        p -> p.hello().frame(Frame.HEADERS, 0, 1, get("/")).frame(Frame.CONTINUATION, 4, 0)));
    }

    private static Case malformed(String section, byte[] block) {
        return of(section, "RST 1 PROTOCOL_ERROR", p -> p.hello().frame(Frame.HEADERS, END_BOTH, 1, block));
    }

    private static List<Case> heads() {
        return List.of(
                malformed("8.2.1 a name with capitals", get("/", "X-Test", "a")), malformed("8.2.1 a name with a space", get("/", "x test", "a")),
                malformed("8.2.1 an empty name", get("/", "", "a")), malformed("8.2.1 a value with LF", get("/", "x", "a\nb")),
                malformed("8.2.1 a value with NUL", get("/", "x", "a\0b")), malformed("8.2.1 a value that begins with a space", get("/", "x", " a")),
                malformed("8.2.1 a value that ends with a tab", get("/", "x", "a\t")),
                malformed("8.2.2 Connection", get("/", "connection", "close")), malformed("8.2.2 Keep-Alive", get("/", "keep-alive", "1")),
                malformed("8.2.2 Proxy-Connection", get("/", "proxy-connection", "x")), malformed("8.2.2 Upgrade", get("/", "upgrade", "h2c")),
                malformed("8.2.2 Transfer-Encoding", get("/", "transfer-encoding", "chunked")), malformed("8.2.2 TE", get("/", "te", "trailers, deflate")),
                of("8.2.2 TE of trailers", "DATA 1 5 end", p -> p.hello().get(1, "/", "te", "trailers")),
                malformed("8.3 an unknown pseudo-header field", get("/", ":test", "a")), malformed("8.3 one of responses", get("/", ":status", "200")),
                malformed("8.3 one behind a field", block(":method", "GET", ":scheme", "http", "x", "a", ":path", "/")),
                malformed("8.3.1 an empty path", get("")), malformed("8.3.1 no method", block(":scheme", "http", ":path", "/")),
                malformed("8.3.1 no scheme", block(":method", "GET", ":path", "/")), malformed("8.3.1 no path", block(":method", "GET", ":scheme", "http")),
                malformed("8.3.1 two methods", get("/", ":method", "GET")), malformed("8.3.1 two schemes", get("/", ":scheme", "http")),
                malformed("8.3.1 two paths", get("/", ":path", "/")), malformed("8.3.1 two authorities", get("/", ":authority", "a")),
                malformed("8.3.1 a scheme that is none", block(":method", "GET", ":scheme", "ht tp", ":authority", "a", ":path", "/")),
                malformed("8.3.1 a scheme that begins with a digit", block(":method", "GET", ":scheme", "1", ":authority", "a", ":path", "/")),
                malformed("8.3.1 an empty scheme", block(":method", "GET", ":scheme", "", ":authority", "a", ":path", "/")),
                of("8.3.1 a scheme that nobody knows", "DATA 1 5 end", p -> p.hello().frame(Frame.HEADERS, END_BOTH, 1,
                        block(":method", "GET", ":scheme", "Web+x-1.y", ":authority", "a", ":path", "/"))),
                malformed("8.3.1 a path without a slash", get("a")), malformed("8.3.1 a path with a space", get("/ a")),
                malformed("8.3.1 a path with a fragment", get("/#a")), malformed("8.3.1 an asterisk for GET", get("*")),
                malformed("8.3.1 Host beside another authority", get("/", "host", "b")), malformed("8.3.1 Host twice", get("/", "host", "a", "host", "a")),
                malformed("8.3.1 an authority with a user", block(":method", "GET", ":scheme", "http", ":path", "/", ":authority", "u@a")),
                malformed("8.3.1 an authority with a broken percent", block(":method", "GET", ":scheme", "http", ":path", "/", ":authority", "a%zz")),
                of("8.3.1 Host beside the same authority", "DATA 1 5 end", p -> p.hello().get(1, "/", "host", "a")),
                of("8.3.1 an asterisk for OPTIONS", "DATA 1 5 end", p -> p.hello().frame(Frame.HEADERS, END_BOTH, 1, request("OPTIONS", "*"))),
                malformed("8.1.1 a length without content", get("/", "content-length", "1")),
                malformed("8.1.1 a length that is no number", get("/", "content-length", "x")),
                malformed("8.1.1 two lengths", get("/", "content-length", "0", "content-length", "0")),
                of("8.1.1 less content than announced", "RST 1 PROTOCOL_ERROR", p -> p.hello().post(1, "/echo", "content-length", "5").data(1, true, 4)),
                of("8.1.1 more content than announced", "RST 1 PROTOCOL_ERROR",
                        p -> p.hello().post(1, "/echo", "content-length", "5").data(1, false, 3).data(1, false,
                                3)),
                of("8.1.1 as much content as announced", "HEADERS 1 vary=0, x-end=text/plain end",
                        p -> p.hello().post(1, "/echo", "content-length", "5").data(1, false,
                                3).data(1, true, 2)),
                of("8.1 trailers", "HEADERS 1 vary=2, x-end=text/plain end",
                        p -> p.hello().post(1, "/echo").data(1, false, 2).frame(Frame.HEADERS, END_BOTH, 1, block("x-a",
                                "1", "x-b", "2"))),
                of("8.1 trailers that do not end the stream", "RST 1 PROTOCOL_ERROR", p -> p.hello().post(1, "/echo").frame(Frame.HEADERS, Frame.END_HEADERS, 1,
                        block("x", "a"))),
                of("8.1 a pseudo-header field in trailers", "RST 1 PROTOCOL_ERROR",
                        p -> p.hello().post(1, "/echo").frame(Frame.HEADERS, END_BOTH, 1, block(":method",
                                "GET"))),
                of("8.1 Content-Length in trailers", "RST 1 PROTOCOL_ERROR",
                        p -> p.hello().post(1, "/echo").frame(Frame.HEADERS, END_BOTH, 1, block("content-length",
                                "0"))),
                malformed("8.5 CONNECT with a scheme", block(":method", "CONNECT", ":scheme", "http", ":authority", "a:1")),
                malformed("8.5 CONNECT with a path", block(":method", "CONNECT", ":authority", "a:1", ":path", "/")),
                malformed("8.5 CONNECT without an authority", block(":method", "CONNECT")),
                malformed("8.2.1 a blank behind a value", get("/", "x", "a ")), malformed("8.2.1 a tab before a value", get("/", "x", "\ta")),
                of("8.5 CONNECT", "DATA 1 46 end", p -> p.hello().frame(Frame.HEADERS, END_BOTH, 1, block(":method", "CONNECT", ":authority", "a:1"))));
    }

    private static List<Case> others() {
        return List.of(
                of("8.1 an answer before the content's end", "DATA 1 5 end", p -> p.hello().post(1, "/")),
                of("8.1 an answer before the content's end, which does not come for a second", "RST 1 NO_ERROR",
                        p -> p.hello().post(1, "/").pass(1_000_000_000L)),
                of("8.1 an answer before the content's end, which comes", "DATA 1 5 end", p -> {
                    p.hello().post(1, "/").data(1, false, 9).data(1, true, 9);
                    assertTrue(p.engine.streams.isEmpty());
                    p.pass(1_000_000_000L);
                }),
                of("8.1 an answer before the end of a content that fills half of the window", "RST 1 NO_ERROR",
                        p -> p.hello().post(1, "/").data(1, false, 1 << 14)
                                .data(1, false, 1 << 14).data(1, false, 1)),
                of("8.1 an answer, then the client takes its request back", "PING ack", p -> {
                    p.hello().post(1, "/").frame(Frame.RST_STREAM, 0, 1, ints(8));
                    assertTrue(p.engine.streams.isEmpty());
                    p.frame(Frame.PING, 0, 0, new byte[8]);
                }),
                of("8.1 HEAD", "HEADERS 1 :status=200, content-type=text/plain, content-length=5 end", p -> p.hello().frame(Frame.HEADERS, END_BOTH, 1,
                        request("HEAD", "/"))),
                of("8.1 a source that fails", "RST 1 INTERNAL_ERROR", p -> p.hello().get(1, "/fail")),
                of("8.1 a head that throws", "DATA 1 5 end", p -> {
                    p.hello().get(1, "/throw");
                    assertTrue(p.said().contains("HEADERS 1 :status=500, content-type=text/plain, content-length=5"), p.said().toString());
                }),
                of("9110 10.1.1 100-continue", "HEADERS 1 :status=100", p -> p.hello().post(1, "/echo", "expect", "100-continue")),
                of("9110 10.1.1 another expectation", "RST 1 NO_ERROR", p -> p.hello().post(1, "/echo", "expect", "tea").pass(1_000_000_000L)),
                of("9218 7.1 PRIORITY_UPDATE on a stream", away("PROTOCOL_ERROR"), p -> p.hello().frame(Frame.PRIORITY_UPDATE, 0, 1, ints(1))),
                of("9218 7.1 PRIORITY_UPDATE of three octets", away("FRAME_SIZE_ERROR"), p -> p.hello().frame(Frame.PRIORITY_UPDATE, 0, 0, new byte[3])),
                of("9218 7.1 PRIORITY_UPDATE of stream 0", away("PROTOCOL_ERROR"), p -> p.hello().frame(Frame.PRIORITY_UPDATE, 0, 0, ints(0))),
                of("9218 7.1 PRIORITY_UPDATE of a push", away("PROTOCOL_ERROR"), p -> p.hello().frame(Frame.PRIORITY_UPDATE, 0, 0, ints(2))),
                of("9218 7.1 PRIORITY_UPDATE of more requests than there may be", "GOAWAY 1 PROTOCOL_ERROR", p -> p.hello().get(1, "/wait")
                        .frame(Frame.PRIORITY_UPDATE, 0, 0, ints(3)).frame(Frame.PRIORITY_UPDATE, 0, 0, ints(5))),
                of("9218 7.1 PRIORITY_UPDATE of as many requests as there may be, again and again", "PING ack", p -> p.hello().get(1, "/wait")
                        .frame(Frame.PRIORITY_UPDATE, 0, 0, ints(3)).frame(Frame.PRIORITY_UPDATE, 0, 0, ints(3)).frame(Frame.PRIORITY_UPDATE, 0, 0, ints(1))
                        .get(3, "/").frame(Frame.PRIORITY_UPDATE, 0, 0, ints(7)).frame(Frame.PRIORITY_UPDATE, 0, 0, ints(3))
                        .frame(Frame.PING, 0, 0, new byte[8])),
                of("9218 7.1 PRIORITY_UPDATE of what is no priority", "PING ack", p -> p.hello().get(1, "/wait")
                        .frame(Frame.PRIORITY_UPDATE, 0, 0, joined(ints(1), "u=".getBytes())).frame(Frame.PING, 0, 0, new byte[8])),
                of("9113 8.5 HEADERS in a tunnel", "RST 1 PROTOCOL_ERROR", p -> p.hello().frame(Frame.HEADERS, Frame.END_HEADERS, 1, block(":method", "CONNECT",
                        ":protocol", "websocket", ":scheme", "http", ":authority", "a", ":path", "/tunnel"))
                        .frame(Frame.HEADERS, END_BOTH, 1, block("x", "y"))),
                of("9218 7.1 PRIORITY_UPDATE", "PING ack",
                        p -> p.hello().get(1, "/wait").frame(Frame.PRIORITY_UPDATE, 0, 0, joined(ints(1), "u=1, i".getBytes()))
                                .frame(Frame.PING, 0, 0, new byte[8])));
    }

    private static byte[] joined(byte[]... parts) {
        java.io.ByteArrayOutputStream all = new java.io.ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void isAnsweredAsTheSectionSays(Case one) {
        Http2Peer whole = new Http2Peer(Http2Config.defaults().withStreamsMax(2), 4, 4);
        one.does.accept(whole);
        assertEquals(one.expected, whole.last(), () -> whole.said() + ", " + whole.events);
        Http2Peer split = new Http2Peer(Http2Config.defaults().withStreamsMax(2), 4, 4);
        split.piece = 1;
        one.does.accept(split);
        assertEquals(one.expected, split.last(), () -> split.said() + ", " + split.events);
    }
}
