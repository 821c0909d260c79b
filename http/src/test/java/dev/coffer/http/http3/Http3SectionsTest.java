package dev.coffer.http.http3;

import static dev.coffer.http.http3.Http3Peer.CONTROL;
import static dev.coffer.http.http3.Http3Peer.DECODER;
import static dev.coffer.http.http3.Http3Peer.ENCODER;
import static dev.coffer.http.http3.Http3Peer.data;
import static dev.coffer.http.http3.Http3Peer.frame;
import static dev.coffer.http.http3.Http3Peer.join;
import static dev.coffer.http.http3.Http3Peer.numbers;
import static dev.coffer.http.http3.Http3Peer.request;
import static dev.coffer.http.http3.Http3Peer.section;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// What RFC 9114, 9204, 9218 and 9220 say that a server must do with each thing that a client may not do, or may: its error code, or none, whole and in
/// single octets. Every connection that stays open still answers a request afterwards.
class Http3SectionsTest {
    private static final String OPEN = "-";
    private static final long SECOND_CONTROL = 14;
    private static final long OTHER = 18;

    private record Case(String name, String closed, String said, boolean hello, Consumer<Http3Peer> script) {}

    private final List<Case> cases = new ArrayList<>();

    /// The connection ends with that code.
    private void closes(String name, ErrorCode code, Consumer<Http3Peer> script) {
        cases.add(new Case(name, code.name(), "", true, script));
    }

    /// Stream 0 ends with that, and the connection goes on.
    private void says(String name, String said, Consumer<Http3Peer> script) {
        cases.add(new Case(name, OPEN, said, true, script));
    }

    private void first(String name, ErrorCode code, Consumer<Http3Peer> script) {
        cases.add(new Case(name, code.name(), "", false, script));
    }

    private void resets(String name, ErrorCode code, Consumer<Http3Peer> script) {
        says(name, "RESET " + code, script);
    }

    private static byte[] settings(long... idsAndValues) {
        return frame(Frame.SETTINGS, numbers(idsAndValues));
    }

    private static byte[] control(byte[]... frames) {
        return join(numbers(Frame.CONTROL), join(frames));
    }

    private static byte[] head(String... fields) {
        return frame(Frame.HEADERS, section(fields));
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    @TestFactory
    Stream<DynamicTest> eachSectionHasItsAnswer() {
        streams();
        controlStream();
        requestStreams();
        messages();
        qpack();
        return cases.stream().map(each -> dynamicTest(each.name, () -> {
            run(each, Integer.MAX_VALUE);
            run(each, 1);
        }));
    }

    private static void run(Case each, int piece) {
        Http3Peer peer = new Http3Peer();
        peer.wire.piece = piece;
        if (each.hello) {
            peer.hello();
        }
        each.script.accept(peer);
        assertEquals(each.closed, peer.closed(), () -> each.name + ": " + peer.events);
        if (each.closed.equals(OPEN)) {
            assertTrue(each.said.isEmpty() || peer.said(0).stream().anyMatch(text -> text.startsWith(each.said)), () -> peer.said(0).toString());
            peer.get(400, "/");
            assertEquals("end", peer.said(400).getLast(), "the connection goes on");
            peer.engine.close();
        } else {
            assertTrue(peer.engine.isEnded());
            assertEquals("CLOSED", peer.events.getLast());
        }
        assertTrue(peer.exchanges.isEmpty() || each.closed.equals(OPEN), "every exchange has its end");
        peer.checkNothingHeld();
    }

    private void streams() {
        closes("6.2.1: a second control stream", ErrorCode.H3_STREAM_CREATION_ERROR, p -> p.send(SECOND_CONTROL, control(settings())));
        closes("9204 4.2: a second encoder stream", ErrorCode.H3_STREAM_CREATION_ERROR,
                p -> p.send(ENCODER, numbers(Frame.ENCODER)).send(OTHER, numbers(Frame.ENCODER)));
        closes("9204 4.2: a second decoder stream", ErrorCode.H3_STREAM_CREATION_ERROR,
                p -> p.send(DECODER, numbers(Frame.DECODER)).send(OTHER, numbers(Frame.DECODER)));
        closes("6.2.2: a client's push stream", ErrorCode.H3_STREAM_CREATION_ERROR, p -> p.send(OTHER, numbers(Frame.PUSH, 0)));
        closes("6.2.1: the control stream ends", ErrorCode.H3_CLOSED_CRITICAL_STREAM, p -> p.end(CONTROL));
        closes("6.2.1: the control stream is reset", ErrorCode.H3_CLOSED_CRITICAL_STREAM, p -> p.reset(CONTROL, 0x100));
        closes("9204 4.2: the encoder stream ends", ErrorCode.H3_CLOSED_CRITICAL_STREAM, p -> p.end(ENCODER, numbers(Frame.ENCODER)));
        closes("9204 4.2: the encoder stream is reset", ErrorCode.H3_CLOSED_CRITICAL_STREAM,
                p -> p.send(ENCODER, numbers(Frame.ENCODER)).reset(ENCODER, 0x100));
        closes("9204 4.2: the decoder stream ends", ErrorCode.H3_CLOSED_CRITICAL_STREAM, p -> p.end(DECODER, numbers(Frame.DECODER)));
        closes("6.2.1: it reads our control stream no more", ErrorCode.H3_CLOSED_CRITICAL_STREAM, p -> {
            p.wire.stopByPeer(3, 0x100);
            p.run();
        });
        says("6.2: a stream of a type that nobody knows", "", p -> p.send(OTHER, numbers(0x21 + 0x1f * 77), new byte[500]));
        says("6.2: one of a type in eight octets", "", p -> p.send(OTHER, Http3PeerNumbers.wide(0x3fffffffffL), new byte[5]));
        says("6.2: one that ends before its type has come", "", p -> p.end(OTHER, new byte[] {(byte) 0x80}));
        says("6.2: one that is reset before its type has come", "", p -> p.send(OTHER, new byte[] {(byte) 0x80}).reset(OTHER, 0x100));
        says("6.2: more of these than have a place", "", p -> {
            for (int i = 0; i < 2 * PeerStreams.UNTYPED_MAX; i++) {
                p.send(OTHER + 4L * i, new byte[] {(byte) 0x40});
            }
        });
        says("9000 16: a type longer than it need be", "", p -> p.send(DECODER, new byte[] {0x40, 0x03}));
    }

    private void controlStream() {
        first("6.2.1: another frame before SETTINGS", ErrorCode.H3_MISSING_SETTINGS, p -> p.send(CONTROL, control(frame(Frame.GOAWAY, numbers(0)))));
        first("6.2.1: one of no known type before SETTINGS", ErrorCode.H3_MISSING_SETTINGS, p -> p.send(CONTROL, control(frame(0x21))));
        first("6.2.1: DATA before SETTINGS", ErrorCode.H3_MISSING_SETTINGS, p -> p.send(CONTROL, control(data(0))));
        first("7.2.4: cut in a pair", ErrorCode.H3_FRAME_ERROR, p -> p.send(CONTROL, control(frame(Frame.SETTINGS, numbers(6)))));
        first("7.2.4: cut in a number", ErrorCode.H3_FRAME_ERROR, p -> p.send(CONTROL, control(frame(Frame.SETTINGS, (byte) 6, (byte) 0x40))));
        first("7.2.4: cut in a name", ErrorCode.H3_FRAME_ERROR, p -> p.send(CONTROL, control(frame(Frame.SETTINGS, (byte) 0x40))));
        first("7.2.4: longer than anybody has settings", ErrorCode.H3_EXCESSIVE_LOAD, p -> p.send(CONTROL, control(numbers(Frame.SETTINGS, 4097))));
        for (int i = 0; i <= 5; i++) {
            if (i != 1) {
                long reserved = i;
                first("7.2.4.1: HTTP/2's setting " + i, ErrorCode.H3_SETTINGS_ERROR, p -> p.send(CONTROL, control(settings(reserved, 1))));
            }
        }
        first("7.2.4: a setting twice", ErrorCode.H3_SETTINGS_ERROR, p -> p.send(CONTROL, control(settings(6, 1, 6, 1))));
        first("9204 5: a capacity twice", ErrorCode.H3_SETTINGS_ERROR, p -> p.send(CONTROL, control(settings(1, 1, 1, 2))));
        first("9220 3: ENABLE_CONNECT_PROTOCOL of 2", ErrorCode.H3_SETTINGS_ERROR, p -> p.send(CONTROL, control(settings(8, 2))));
        first("9297 2.1.1: H3_DATAGRAM of 2", ErrorCode.H3_SETTINGS_ERROR, p -> p.send(CONTROL, control(settings(0x33, 2))));
        cases.add(new Case("7.2.4.1: settings that nobody knows", OPEN, "", false,
                p -> p.send(CONTROL, control(settings(0x21, 7, 0x3fffffffffffffL, 1, 8, 1, 0x33, 1, 6, 1000)))));
        closes("7.2.4: SETTINGS again", ErrorCode.H3_FRAME_UNEXPECTED, p -> p.send(CONTROL, settings()));
        closes("7.2.1: DATA on the control stream", ErrorCode.H3_FRAME_UNEXPECTED, p -> p.send(CONTROL, data(0)));
        closes("7.2.2: HEADERS on the control stream", ErrorCode.H3_FRAME_UNEXPECTED, p -> p.send(CONTROL, request("GET", "/")));
        closes("7.2.5: PUSH_PROMISE on the control stream", ErrorCode.H3_FRAME_UNEXPECTED, p -> p.send(CONTROL, frame(Frame.PUSH_PROMISE, numbers(0))));
        for (long type : new long[] {2, 6, 8, 9}) {
            closes("7.2.8: HTTP/2's frame " + type + " on the control stream", ErrorCode.H3_FRAME_UNEXPECTED, p -> p.send(CONTROL, frame(type)));
        }
        closes("7.2.3: CANCEL_PUSH of what was never promised", ErrorCode.H3_ID_ERROR, p -> p.send(CONTROL, frame(Frame.CANCEL_PUSH, numbers(0))));
        closes("7.1: CANCEL_PUSH without a number", ErrorCode.H3_FRAME_ERROR, p -> p.send(CONTROL, frame(Frame.CANCEL_PUSH)));
        closes("7.1: CANCEL_PUSH with more than a number", ErrorCode.H3_FRAME_ERROR, p -> p.send(CONTROL, frame(Frame.CANCEL_PUSH, numbers(0, 0))));
        closes("7.1: GOAWAY without a number", ErrorCode.H3_FRAME_ERROR, p -> p.send(CONTROL, frame(Frame.GOAWAY)));
        closes("7.1: GOAWAY with more than a number", ErrorCode.H3_FRAME_ERROR, p -> p.send(CONTROL, frame(Frame.GOAWAY, numbers(1, 1))));
        closes("7.1: GOAWAY with a number that is cut", ErrorCode.H3_FRAME_ERROR, p -> p.send(CONTROL, frame(Frame.GOAWAY, (byte) 0x40)));
        closes("5.2: GOAWAY with a larger number than before", ErrorCode.H3_ID_ERROR,
                p -> p.send(CONTROL, frame(Frame.GOAWAY, numbers(4)), frame(Frame.GOAWAY, numbers(5))));
        says("5.2: GOAWAY with the same and a smaller number", "",
                p -> p.send(CONTROL, frame(Frame.GOAWAY, numbers(4)), frame(Frame.GOAWAY, numbers(4)), frame(Frame.GOAWAY, numbers(0))));
        closes("7.1: MAX_PUSH_ID without a number", ErrorCode.H3_FRAME_ERROR, p -> p.send(CONTROL, frame(Frame.MAX_PUSH_ID)));
        closes("7.1: MAX_PUSH_ID with a number that is cut", ErrorCode.H3_FRAME_ERROR, p -> p.send(CONTROL, frame(Frame.MAX_PUSH_ID, (byte) 0xc0)));
        closes("7.2.7: MAX_PUSH_ID goes down", ErrorCode.H3_ID_ERROR,
                p -> p.send(CONTROL, frame(Frame.MAX_PUSH_ID, numbers(4)), frame(Frame.MAX_PUSH_ID, numbers(3))));
        says("7.2.7: MAX_PUSH_ID stays and goes up", "",
                p -> p.send(CONTROL, frame(Frame.MAX_PUSH_ID, numbers(4)), frame(Frame.MAX_PUSH_ID, numbers(4)), frame(Frame.MAX_PUSH_ID, numbers(5))));
        says("7.2.8: frames that nobody knows on the control stream", "", p -> p.send(CONTROL, frame(0x21, new byte[300]), frame(0xf0702), frame(0x40)));
        says("9218 7.2: a priority of a request that has yet to come", "",
                p -> p.send(CONTROL, frame(Frame.PRIORITY_UPDATE, join(numbers(0), ascii("u=2, i, x=\"" + "y".repeat(200) + "\"")))));
        closes("9218 7.2: a priority of a stream that is no request", ErrorCode.H3_ID_ERROR, p -> p.send(CONTROL, frame(Frame.PRIORITY_UPDATE, numbers(3))));
        closes("9218 7.2: a priority of a stream that may not be opened", ErrorCode.H3_ID_ERROR, p -> {
            p.wire.peersMax = 100;
            p.send(CONTROL, frame(Frame.PRIORITY_UPDATE, numbers(400)));
        });
        says("9218 7.2: a priority of the last that may be", "", p -> {
            p.wire.peersMax = 100;
            p.send(CONTROL, frame(Frame.PRIORITY_UPDATE, numbers(396)));
        });
        says("9218 7.2: a priority of a request that is over, again and again", "", p -> {
            p.get(4, "/");
            p.send(CONTROL, frame(Frame.PRIORITY_UPDATE, join(numbers(4), ascii("u=1"))), frame(Frame.PRIORITY_UPDATE, join(numbers(4), ascii("u=2"))));
        });
        says("9218 7.2: what is no priority", "", p -> p.send(CONTROL, frame(Frame.PRIORITY_UPDATE, join(numbers(0), ascii("u=1,")))));
        closes("9218 7.2: a priority of a push", ErrorCode.H3_ID_ERROR, p -> p.send(CONTROL, frame(Frame.PRIORITY_UPDATE_PUSH, numbers(0))));
        closes("9218 7.2: a priority of nothing", ErrorCode.H3_FRAME_ERROR, p -> p.send(CONTROL, frame(Frame.PRIORITY_UPDATE)));
        closes("10.5: a flood of frames that nobody knows", ErrorCode.H3_EXCESSIVE_LOAD, p -> {
            byte[] one = frame(0x21);
            byte[] many = new byte[257 * one.length];
            for (int i = 0; i < many.length; i++) {
                many[i] = one[i % one.length];
            }
            p.send(CONTROL, many);
        });
    }

    private void requestStreams() {
        closes("4.1: DATA before HEADERS", ErrorCode.H3_FRAME_UNEXPECTED, p -> p.send(0, data(1)));
        closes("4.1: empty DATA before HEADERS", ErrorCode.H3_FRAME_UNEXPECTED, p -> p.send(0, data(0)));
        closes("4.1: HEADERS behind trailers", ErrorCode.H3_FRAME_UNEXPECTED, p -> p.send(0, request("POST", "/wait"), head("a", "b"), head("a", "b")));
        closes("4.1: DATA behind trailers", ErrorCode.H3_FRAME_UNEXPECTED, p -> p.send(0, request("POST", "/wait"), head("a", "b"), data(1)));
        for (long type : new long[] {Frame.SETTINGS, Frame.CANCEL_PUSH, Frame.GOAWAY, Frame.MAX_PUSH_ID, Frame.PUSH_PROMISE, Frame.PRIORITY_UPDATE,
                Frame.PRIORITY_UPDATE_PUSH, 2, 6, 8, 9}) {
            closes("7.2: frame " + Long.toHexString(type) + " on a request stream", ErrorCode.H3_FRAME_UNEXPECTED,
                    p -> p.send(0, request("POST", "/wait"), frame(type, numbers(0))));
            closes("7.2: frame " + Long.toHexString(type) + " before HEADERS", ErrorCode.H3_FRAME_UNEXPECTED, p -> p.send(0, frame(type, numbers(0))));
        }
        closes("7.1: an end in a frame's head", ErrorCode.H3_FRAME_ERROR, p -> p.end(0, request("POST", "/wait"), new byte[] {0}));
        closes("7.1: an end in a frame's length", ErrorCode.H3_FRAME_ERROR, p -> p.end(0, request("POST", "/wait"), new byte[] {0, 0x40}));
        closes("7.1: an end in DATA", ErrorCode.H3_FRAME_ERROR, p -> p.end(0, request("POST", "/echo"), new byte[] {0, 5, 1, 2}));
        closes("7.1: an end in DATA that nobody wants", ErrorCode.H3_FRAME_ERROR, p -> p.send(0, request("POST", "/wait"), new byte[] {0, 5, 1, 2}).end(0));
        closes("7.1: an end in HEADERS", ErrorCode.H3_FRAME_ERROR, p -> p.end(0, new byte[] {1, 40, 0, 0, (byte) 0xd1}));
        closes("7.1: an end in a frame that nobody knows", ErrorCode.H3_FRAME_ERROR, p -> p.end(0, new byte[] {0x21, 40, 0}));
        resets("4.1: an end before HEADERS", ErrorCode.H3_REQUEST_INCOMPLETE, p -> p.end(0));
        resets("4.1: an end behind a frame that nobody knows", ErrorCode.H3_REQUEST_INCOMPLETE, p -> p.end(0, frame(0x21, new byte[9])));
        says("9: frames that nobody knows anywhere", "DATA 5", p -> p.end(0, frame(0x21), frame(0x40, new byte[70]), request("GET", "/"), frame(0xf0800)));
        says("4.1.1: a request is taken back", "RESET H3_REQUEST_CANCELLED", p -> p.send(0, request("POST", "/wait")).reset(0, 0x10c));
        says("4.1.1: its answer is not wanted", "RESET H3_REQUEST_CANCELLED", p -> {
            p.send(0, request("POST", "/wait"));
            p.wire.stopByPeer(0, 0x10c);
            p.run();
        });
        says("4.1.1: a stream is reset before anything came", "RESET", p -> p.reset(0, 0x10c));
        closes("10.5: a flood of requests that are taken back", ErrorCode.H3_EXCESSIVE_LOAD, p -> {
            for (int i = 0; i < 201; i++) {
                p.send(4L * i, request("POST", "/wait")).reset(4L * i, 0x10c);
            }
        });
        says("10.5: what comes with each request is no flood, however many there are in no time", "DATA 5", p -> {
            for (int i = 0; i < 290; i++) {
                long stream = 4 * (1000L - i);
                p.send(CONTROL, frame(Frame.PRIORITY_UPDATE, numbers(stream)), frame(Frame.PRIORITY_UPDATE, numbers(stream)), frame(0x21));
                p.end(stream, request("POST", "/", "content-length", "0"), frame(0x21), data(0));
            }
            p.get(0, "/");
        });
        closes("10.5: a flood of empty DATA", ErrorCode.H3_EXCESSIVE_LOAD, p -> p.send(0, request("POST", "/wait"), new byte[130]));
    }

    private void messages() {
        ErrorCode code = ErrorCode.H3_MESSAGE_ERROR;
        resets("4.3.1: no method", code, p -> p.end(0, head(":scheme", "https", ":authority", "a", ":path", "/")));
        resets("4.3.1: no scheme", code, p -> p.end(0, head(":method", "GET", ":authority", "a", ":path", "/")));
        resets("4.3.1: no path", code, p -> p.end(0, head(":method", "GET", ":scheme", "https", ":authority", "a")));
        for (String wrong : new String[] {"", "ht tp", "https:", "1", "ht_tp", "h\u00fc"}) {
            resets("4.3.1: a scheme '" + wrong + "'", code, p -> p.end(0, head(":method", "GET", ":scheme", wrong, ":authority", "a", ":path", "/")));
        }
        says("4.3.1: a scheme that nobody knows", "DATA 5", p -> p.end(0, head(":method", "GET", ":scheme", "Web+x-1.y", ":authority", "a", ":path", "/")));
        resets("4.3.1: an empty path", code, p -> p.end(0, request("GET", "")));
        resets("4.3.1: a path without a slash", code, p -> p.end(0, request("GET", "x")));
        resets("4.3.1: no authority and no Host", code, p -> p.end(0, head(":method", "GET", ":scheme", "https", ":path", "/")));
        resets("4.3.1: an empty authority", code, p -> p.end(0, head(":method", "GET", ":scheme", "https", ":authority", "", ":path", "/")));
        for (String wrong : new String[] {"u@a", "a%zz", "a:b"}) {
            resets("4.3.1: an authority " + wrong, code, p -> p.end(0, head(":method", "GET", ":scheme", "https", ":authority", wrong, ":path", "/")));
            resets("4.3.1: a Host " + wrong, code, p -> p.end(0, head(":method", "GET", ":scheme", "https", ":path", "/", "host", wrong)));
        }
        resets("4.3.1: an empty Host", code, p -> p.end(0, head(":method", "GET", ":scheme", "https", ":path", "/", "host", "")));
        resets("4.3.1: another Host than the authority", code, p -> p.end(0, request("GET", "/", "host", "b")));
        says("4.3.1: Host alone", "DATA 5", p -> p.end(0, head(":method", "GET", ":scheme", "https", ":path", "/", "host", "a")));
        says("4.3.1: Host and the same authority", "DATA 5", p -> p.end(0, request("GET", "/", "host", "a")));
        resets("4.3: a pseudo-header field twice", code,
                p -> p.end(0, head(":method", "GET", ":method", "GET", ":scheme", "https", ":authority", "a", ":path", "/")));
        resets("4.3: one that nobody knows", code, p -> p.end(0, head(":method", "GET", ":scheme", "https", ":authority", "a", ":path", "/", ":x", "y")));
        resets("4.3: an answer's", code, p -> p.end(0, head(":method", "GET", ":scheme", "https", ":authority", "a", ":path", "/", ":status", "200")));
        resets("4.3: one behind a field", code, p -> p.end(0, head(":method", "GET", ":scheme", "https", ":authority", "a", "x", "y", ":path", "/")));
        resets("4.3: one among trailers", code, p -> p.end(0, request("POST", "/echo"), head(":path", "/")));
        resets("4.2: a capital in a name", code, p -> p.end(0, request("GET", "/", "X", "y")));
        resets("4.2: an empty name", code, p -> p.end(0, request("GET", "/", "", "y")));
        resets("4.2: a space in a name", code, p -> p.end(0, request("GET", "/", "a b", "y")));
        resets("4.2: Connection", code, p -> p.end(0, request("GET", "/", "connection", "close")));
        resets("4.2: Keep-Alive", code, p -> p.end(0, request("GET", "/", "keep-alive", "1")));
        resets("4.2: Proxy-Connection", code, p -> p.end(0, request("GET", "/", "proxy-connection", "close")));
        resets("4.1: Transfer-Encoding", code, p -> p.end(0, request("GET", "/", "transfer-encoding", "chunked")));
        resets("4.2: Upgrade", code, p -> p.end(0, request("GET", "/", "upgrade", "h2c")));
        resets("4.2: TE of anything", code, p -> p.end(0, request("GET", "/", "te", "gzip")));
        says("4.2: TE of trailers", "DATA 5", p -> p.end(0, request("GET", "/", "te", "trailers")));
        resets("10.3: a line end in a value", code, p -> p.end(0, request("GET", "/", "x", "a\nb")));
        resets("10.3: a NUL in a value", code, p -> p.end(0, request("GET", "/", "x", "a\0b")));
        resets("10.3: a blank before a value", code, p -> p.end(0, request("GET", "/", "x", " a")));
        for (String wrong : new String[] {"a ", "a\t", "\ta", "a\rb", " "}) {
            resets("10.3, 4.2: a value '" + wrong.replace("\t", "TAB").replace("\r", "CR") + "'", code, p -> p.end(0, request("GET", "/", "x", wrong)));
        }
        resets("4.1.2: less content than was said", code, p -> p.end(0, request("POST", "/echo", "content-length", "5"), data(4)));
        resets("4.1.2: more content than was said", code, p -> p.end(0, request("POST", "/echo", "content-length", "5"), data(3), data(3)));
        resets("4.1.2: no content where some was said", code, p -> p.end(0, request("POST", "/echo", "content-length", "5")));
        says("4.1.2: as much content as was said", "DATA 5", p -> p.end(0, request("POST", "/echo", "content-length", "5"), data(5)));
        resets("4.1.2: two lengths", code, p -> p.end(0, request("POST", "/echo", "content-length", "5", "content-length", "5"), data(5)));
        resets("4.1.2: a length that is no number", code, p -> p.end(0, request("POST", "/echo", "content-length", "+5"), data(5)));
        resets("9110 6.5.1: a trailer that may not be one", code, p -> p.end(0, request("POST", "/echo"), head("content-length", "0")));
        resets("4.4: CONNECT with a path", code, p -> p.send(0, head(":method", "CONNECT", ":authority", "a", ":path", "/")));
        resets("4.4: CONNECT with a scheme", code, p -> p.send(0, head(":method", "CONNECT", ":authority", "a", ":scheme", "https")));
        resets("4.3.1: an asterisk for GET", code, p -> p.end(0, request("GET", "*")));
        resets("4.3.1: Host twice", code, p -> p.end(0, request("GET", "/", "host", "a", "host", "a")));
        resets("4.3.1: two authorities", code, p -> p.end(0, head(":method", "GET", ":scheme", "https", ":authority", "a", ":authority", "a", ":path", "/")));
        resets("4.4: CONNECT without an authority", code, p -> p.send(0, head(":method", "CONNECT")));
        says("4.4: CONNECT", "HEADERS :status=501", p -> p.send(0, head(":method", "CONNECT", ":authority", "a:1")));
        resets("9220 3: a protocol without CONNECT", code, p -> p.send(0, request("GET", "/", ":protocol", "x")));
        resets("9220 3: an extended CONNECT without a path", code,
                p -> p.send(0, head(":method", "CONNECT", ":protocol", "x", ":scheme", "https", ":authority", "a")));
        says("9110 10.1.1: an expectation that nobody knows", "HEADERS :status=417", p -> p.end(0, request("GET", "/", "expect", "x")));
        says("4.2.1: cookies in crumbs", "DATA 5", p -> p.end(0, request("GET", "/", "cookie", "a=b", "cookie", "c=d")));
    }

    private void qpack() {
        ErrorCode failed = ErrorCode.QPACK_DECOMPRESSION_FAILED;
        closes("9204 4.5: HEADERS without a section", failed, p -> p.send(0, frame(Frame.HEADERS)));
        closes("9204 4.5.1: a section cut in its first octets", failed, p -> p.send(0, frame(Frame.HEADERS, (byte) 0)));
        closes("9204 4.5: a section cut in a field", failed, p -> p.send(0, frame(Frame.HEADERS, (byte) 0, (byte) 0, (byte) 0x51)));
        closes("9204 3.1: past the static table", failed, p -> p.send(0, frame(Frame.HEADERS, (byte) 0, (byte) 0, (byte) 0xff, (byte) 0x24)));
        closes("9204 2.2.3: an entry that there is not", failed, p -> p.send(0, frame(Frame.HEADERS, (byte) 0, (byte) 0, (byte) 0x80)));
        closes("9204 4.5.1.1: a count past twice the entries", failed, p -> p.send(0, frame(Frame.HEADERS, (byte) 0xff, (byte) 2, (byte) 0)));
        closes("9204 2.1.2: more streams that wait than were allowed", failed, p -> {
            for (int i = 0; i < 17; i++) {
                p.send(4L * i, frame(Frame.HEADERS, (byte) 2, (byte) 0, (byte) 0x80));
            }
        });
        says("9204 2.1.2: as many as were allowed", "", p -> {
            for (int i = 1; i < 17; i++) {
                p.send(4L * i, frame(Frame.HEADERS, (byte) 2, (byte) 0, (byte) 0x80));
            }
        });
        ErrorCode encoder = ErrorCode.QPACK_ENCODER_STREAM_ERROR;
        closes("9204 4.3.1: a capacity past ours", encoder, p -> p.send(ENCODER, numbers(Frame.ENCODER), new byte[] {0x3f, (byte) 0xe2, 0x1f}));
        closes("9204 4.3.2: a name of an entry that there is not", encoder, p -> p.send(ENCODER, numbers(Frame.ENCODER), new byte[] {(byte) 0x80, 0}));
        closes("9204 4.3.4: a duplicate of nothing", encoder, p -> p.send(ENCODER, numbers(Frame.ENCODER), new byte[] {0}));
        closes("9204 3.2.2: an entry larger than the table", encoder, p -> p.send(ENCODER, numbers(Frame.ENCODER), new byte[] {0x41, 'a', 1, 'b'}));
        ErrorCode decoder = ErrorCode.QPACK_DECODER_STREAM_ERROR;
        closes("9204 4.4.1: an acknowledgement of nothing", decoder, p -> p.send(DECODER, numbers(Frame.DECODER), new byte[] {(byte) 0x80}));
        closes("9204 4.4.3: an increment of 0", decoder, p -> p.send(DECODER, numbers(Frame.DECODER), new byte[] {0}));
        closes("9204 4.4.3: an increment past what was sent", decoder, p -> p.send(DECODER, numbers(Frame.DECODER), new byte[] {1}));
        says("9204 4.4.2: a cancellation of anything", "", p -> p.send(DECODER, numbers(Frame.DECODER), new byte[] {0x44}));
    }

    /// Numbers that are longer than they need be.
    private static final class Http3PeerNumbers {
        static byte[] wide(long value) {
            byte[] eight = new byte[8];
            Frame.number(java.lang.foreign.MemorySegment.ofArray(eight), 0, value, 8);
            return eight;
        }
    }
}
