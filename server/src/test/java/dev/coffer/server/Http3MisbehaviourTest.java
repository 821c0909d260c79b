package dev.coffer.server;

import static dev.coffer.server.Http3Octets.capacity;
import static dev.coffer.server.Http3Octets.data;
import static dev.coffer.server.Http3Octets.entry;
import static dev.coffer.server.Http3Octets.frame;
import static dev.coffer.server.Http3Octets.head;
import static dev.coffer.server.Http3Octets.join;
import static dev.coffer.server.Http3Octets.lines;
import static dev.coffer.server.Http3Octets.numbers;
import static dev.coffer.server.Http3Octets.octets;
import static dev.coffer.server.Http3Octets.pathless;
import static dev.coffer.server.Http3Octets.prefixed;
import static dev.coffer.server.Http3Octets.request;
import static dev.coffer.server.Http3Octets.section;
import static dev.coffer.server.Http3Octets.settings;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.coffer.crypto.key.KeyAlgorithm;
import dev.coffer.http.http3.Http3Config;
import dev.coffer.server.easy.Easy;
import dev.coffer.server.easy.Response;
import dev.coffer.server.route.Route;
import dev.coffer.server.route.Router;
import dev.coffer.server.tls.Certified;
import dev.coffer.server.websocket.WebSocketConfig;
import dev.coffer.server.websocket.WebSocketHub;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// What RFC 9114, 9204, 9218, 9220 and 9297 say must become of each thing that a client may not do, or may, on connections of a server with all that it has: sockets, TLS,
/// QUIC, handlers. What concerns a connection has one of its own and the code that the standard names; one that stays open answers another request afterwards.
class Http3MisbehaviourTest {
    private static final String CREATION = "103";
    private static final String CRITICAL = "104";
    private static final String UNEXPECTED = "105";
    private static final String FRAME = "106";
    private static final String LOAD = "107";
    private static final String ID = "108";
    private static final String SETTINGS = "109";
    private static final String MISSING = "10a";
    private static final String CANCELLED = "10c";
    private static final String INCOMPLETE = "10d";
    private static final String MESSAGE = "10e";
    private static final String SECTION = "200";
    private static final String ENCODER = "201";
    private static final String DECODER = "202";
    private static final int BLOCKED_MAX = 2;
    private static final byte[] WHOLE_ENTRY = join(capacity(4096), entry(":path", "/"));

    /// @param along  on the connection of the one before, where that is one of these too: it concerns its request alone
    private record Case(String name, String outcome, boolean hello, boolean along, Consumer<Http3RawTalk> script) {
        Case(String name, String outcome, boolean hello, Consumer<Http3RawTalk> script) {
            this(name, outcome, hello, false, script);
        }
    }

    private static Certified identity;
    private static Server server;
    private static Http3RawTalk talk;
    private static boolean goesOn;  // the connection of the case before

    private final List<Case> cases = new ArrayList<>();

    @BeforeAll
    static void serve() throws Exception {
        identity = Certified.make(KeyAlgorithm.ED25519, "localhost");
        Http3Serving serving = Http3ServingTest.serving();
        serving = serving.withConfig(Http3Config.defaults().withTables(4096, BLOCKED_MAX, 0)).withSize(64, 8, 80)
                .withQuic(serving.quic().withBlocks(serving.quic().blockBytes(), 1024));
        WebSocketHub hub = WebSocketHub.of(WebSocketConfig.standard(), (socket, text, data, at, length, last) -> {});
        server = Server.open(Http3ServingTest.config(identity).withHttp3(serving), Router.of(Route.get("/", exchange -> exchange.respond(200)),
                Route.post("/", Easy.answering(request -> Response.text(request.text()))), Route.get("/chat", hub)));
        server.start();
        talk = new Http3RawTalk(server.config().tls().config(), identity);
    }

    @AfterAll
    static void stop() throws Exception {
        talk.close();
        server.close();
    }

    /// The connection ends with that code.
    private void closes(String code, String name, Consumer<Http3RawTalk> script) {
        cases.add(new Case(name, "CLOSED " + code, true, script));
    }

    /// The same of what is said first.
    private void first(String code, String name, byte[]... said) {
        cases.add(new Case(name, "CLOSED " + code, false, t -> t.uni(said)));
    }

    /// The request ends with that code, and nothing else.
    private void resets(String code, String name, Consumer<Http3RawTalk> script) {
        cases.add(new Case(name, "RESET " + code, true, script));
    }

    private void malformed(String name, byte[]... said) {
        cases.add(new Case(name, "RESET " + MESSAGE, true, true, t -> t.askAll(said)));
    }

    private void answers(int status, String name, Consumer<Http3RawTalk> script) {
        cases.add(new Case(name, "" + status, true, script));
    }

    private void answered(int status, String name, byte[]... said) {
        cases.add(new Case(name, "" + status, true, true, t -> t.askAll(said)));
    }

    /// Nothing comes of it.
    private void passes(String name, Consumer<Http3RawTalk> script) {
        cases.add(new Case(name, "", true, script));
    }

    @TestFactory
    Stream<DynamicTest> eachHasItsOutcome() {
        streams();
        settingsFirst();
        controlStream();
        requestStreams();
        messages();
        connects();
        sections();
        encoderStream();
        decoderStream();
        return cases.stream().map(each -> DynamicTest.dynamicTest(each.name, () -> run(each)));
    }

    private static void run(Case each) throws Exception {
        if (!each.along || !goesOn) {
            if (goesOn) {
                talk.leave(System.nanoTime());
            }
            talk.begin(server);
            if (each.hello) {
                talk.hello();
            }
        }
        goesOn = false;
        each.script.accept(talk);
        if (each.outcome.startsWith("CLOSED")) {
            assertEquals(each.outcome, talk.end());
            talk.cut();
            return;
        }
        if (!each.outcome.isEmpty()) {
            assertEquals(each.outcome, talk.outcome());
        }
        talk.served();
        if (each.along) {
            goesOn = true;
        } else {
            talk.leave(System.nanoTime());
        }
    }

    private void streams() {
        closes(CREATION, "9114 6.2.1: a second control stream", t -> t.uni(numbers(0), settings()));
        closes(CREATION, "9204 4.2: a second encoder stream", t -> t.say(t.uni(numbers(2)), octets(0x20)).uni(numbers(2)));
        closes(CREATION, "9204 4.2: a second decoder stream", t -> t.say(t.uni(numbers(3)), octets(0x40)).uni(numbers(3)));
        closes(CREATION, "9114 6.2.2: a push stream of a client's", t -> t.uni(numbers(1, 0)));
        closes(CRITICAL, "9114 6.2.1: the control stream ends", t -> t.end(t.control));
        closes(CRITICAL, "9114 6.2.1: the control stream is reset", t -> t.served().reset(t.control, 0x100));
        closes(CRITICAL, "9114 6.2.1: the server's control stream is not wanted", t -> t.stop(t.ofServer(0), 0x100));
        closes(CRITICAL, "9204 4.2: the encoder stream ends", t -> t.end(t.uni(numbers(2))));
        closes(CRITICAL, "9204 4.2: the encoder stream is reset", t -> {
            long encoder = t.uni(numbers(2));
            t.served().reset(encoder, 0x100);
        });
        closes(CRITICAL, "9204 4.2: the decoder stream ends", t -> t.end(t.uni(numbers(3))));
        closes(CRITICAL, "9204 4.2: the decoder stream is reset", t -> {
            long decoder = t.uni(numbers(3));
            t.served().reset(decoder, 0x100);
        });
        closes(CRITICAL, "9204 4.2: the server's decoder stream is not wanted", t -> {
            t.uni(numbers(2), WHOLE_ENTRY);
            t.stop(t.ofServer(3), 0x100);
        });
        passes("9114 6.2: a stream of a type that nobody knows", t -> t.uni(numbers(0x54), new byte[500]));
        passes("9114 6.2.3: one of a reserved type, and its end", t -> t.end(t.uni(numbers(0x1fL * 0x1234567 + 0x21), new byte[500])));
        passes("9114 6.2: one that ends before its type has come", t -> t.end(t.uni(octets(0x80))));
        passes("9114 6.2: one that is reset before its type has come", t -> t.reset(t.uni(octets(0x80)), 0x100));
        passes("9000 16: a type in more octets than it needs", t -> t.uni(octets(0x40, 3)));
    }

    private void settingsFirst() {
        first(MISSING, "9114 6.2.1: GOAWAY first", numbers(0), frame(Http3Octets.GOAWAY, numbers(0)));
        first(MISSING, "9114 6.2.1: MAX_PUSH_ID first", numbers(0), frame(Http3Octets.MAX_PUSH_ID, numbers(0)));
        first(MISSING, "9114 6.2.1: DATA first", numbers(0), data(1));
        first(MISSING, "9114 6.2.1: a reserved type first", numbers(0), frame(0x21, new byte[9]));
        first(FRAME, "9114 7.2.4: SETTINGS that end in a pair", numbers(0), settings(6));
        first(FRAME, "9114 7.2.4: SETTINGS that end in a number", numbers(0), frame(Http3Octets.SETTINGS, octets(6, 0x40)));
        for (int i : new int[] {0, 2, 3, 4, 5}) {
            first(SETTINGS, "9114 7.2.4.1: HTTP/2's setting " + i, numbers(0), settings(i, 0));
        }
        first(SETTINGS, "9114 7.2.4: a setting twice", numbers(0), settings(6, 1000, 6, 1000));
        first(SETTINGS, "9204 5: QPACK's capacity twice", numbers(0), settings(1, 0, 1, 0));
        first(SETTINGS, "9204 5: QPACK's blocked streams twice", numbers(0), settings(7, 0, 7, 0));
        first(SETTINGS, "9220 3: ENABLE_CONNECT_PROTOCOL of 2", numbers(0), settings(8, 2));
        first(SETTINGS, "9297 2.1.1: H3_DATAGRAM of 2", numbers(0), settings(0x33, 2));
        first(LOAD, "9114 10.5: settings without an end", numbers(0), numbers(Http3Octets.SETTINGS, 1 << 20));
        cases.add(new Case("9114 7.2.4.1: settings that nobody knows, and all that are known", "", false,
                t -> t.uni(numbers(0), settings(0x21, 7, 1L << 61, 1L << 61, 1, 100, 6, 1L << 61, 7, 100, 8, 1, 0x33, 0))));
        cases.add(new Case("9114 7.2.4.2: requests before SETTINGS", "200", false, t -> t.askAll(request("GET", "/"))));
    }

    private void controlStream() {
        closes(UNEXPECTED, "9114 7.2.4: SETTINGS again", t -> t.say(t.control, settings()));
        closes(UNEXPECTED, "9114 7.2.1: DATA on the control stream", t -> t.say(t.control, data(0)));
        closes(UNEXPECTED, "9114 7.2.2: HEADERS on the control stream", t -> t.say(t.control, request("GET", "/")));
        closes(UNEXPECTED, "9114 7.2.5: PUSH_PROMISE on the control stream", t -> t.say(t.control, frame(Http3Octets.PUSH_PROMISE, numbers(0))));
        for (int type : new int[] {2, 6, 8, 9}) {
            closes(UNEXPECTED, "9114 7.2.8: HTTP/2's frame " + type + " on the control stream", t -> t.say(t.control, frame(type)));
        }
        closes(ID, "9114 7.2.3: CANCEL_PUSH of what was never promised", t -> t.say(t.control, frame(Http3Octets.CANCEL_PUSH, numbers(0))));
        closes(ID, "9114 7.2.3: the same where MAX_PUSH_ID would allow it", t -> t.say(t.control, frame(Http3Octets.MAX_PUSH_ID, numbers(9)),
                frame(Http3Octets.CANCEL_PUSH, numbers(9))));
        for (int type : new int[] {Http3Octets.CANCEL_PUSH, Http3Octets.GOAWAY, Http3Octets.MAX_PUSH_ID}) {
            closes(FRAME, "9114 7.1: frame " + type + " without its number", t -> t.say(t.control, frame(type)));
            closes(FRAME, "9114 7.1: frame " + type + " with half a number", t -> t.say(t.control, frame(type, octets(0x40))));
            closes(FRAME, "9114 7.1: frame " + type + " with more than its number", t -> t.say(t.control, frame(type, octets(0, 0))));
        }
        closes(ID, "9114 5.2: GOAWAY with a number that rises",
                t -> t.say(t.control, frame(Http3Octets.GOAWAY, numbers(4)), frame(Http3Octets.GOAWAY, numbers(5))));
        closes(ID, "9114 7.2.7: MAX_PUSH_ID that falls",
                t -> t.say(t.control, frame(Http3Octets.MAX_PUSH_ID, numbers(4)), frame(Http3Octets.MAX_PUSH_ID, numbers(3))));
        passes("9114 7.2.7: MAX_PUSH_ID that stays and rises",
                t -> t.say(t.control, frame(Http3Octets.MAX_PUSH_ID, numbers(4)), frame(Http3Octets.MAX_PUSH_ID, numbers(4)),
                        frame(Http3Octets.MAX_PUSH_ID, numbers(1L << 61))));
        passes("9114 5.2: GOAWAY of a push, and then of an earlier one",
                t -> t.say(t.control, frame(Http3Octets.GOAWAY, numbers(7)), frame(Http3Octets.GOAWAY, numbers(7)), frame(Http3Octets.GOAWAY, numbers(1))));
        passes("9114 9: frames that nobody knows on the control stream",
                t -> t.say(t.control, frame(0x21, new byte[400]), frame(0xf0702), frame(0x40, new byte[3])));
        passes("9218 7.2: a priority of a request that has yet to come",
                t -> t.say(t.control, frame(Http3Octets.PRIORITY_UPDATE, join(numbers(0), octets('u', '=', '1')))));
        passes("9218 4: a priority that is none", t -> t.say(t.control, frame(Http3Octets.PRIORITY_UPDATE, join(numbers(0), octets('u', '=', '"', 0xff)))));
        closes(ID, "9218 7.2: a priority of a stream that is no request", t -> t.say(t.control, frame(Http3Octets.PRIORITY_UPDATE, numbers(1))));
        closes(ID, "9218 7.2: a priority of a push", t -> t.say(t.control, frame(Http3Octets.PRIORITY_UPDATE + 1, numbers(0))));
        closes(FRAME, "9218 7.2: a priority of nothing", t -> t.say(t.control, frame(Http3Octets.PRIORITY_UPDATE)));
        closes(LOAD, "9114 10.5: a flood of frames that nobody knows", t -> {
            for (int i = 0; i < 300; i++) {
                t.say(t.control, frame(0x21));
            }
        });
    }

    private void requestStreams() {
        closes(UNEXPECTED, "9114 4.1: DATA before HEADERS", t -> t.ask(data(1)));
        closes(UNEXPECTED, "9114 4.1: empty DATA before HEADERS", t -> t.ask(data(0)));
        closes(UNEXPECTED, "9114 4.1: HEADERS behind trailers", t -> t.ask(request("POST", "/"), data(3), head("a", "b"), head("a", "b")));
        closes(UNEXPECTED, "9114 4.1: DATA behind trailers", t -> t.ask(request("POST", "/"), data(3), head("a", "b"), data(1)));
        for (int type : new int[] {Http3Octets.CANCEL_PUSH, Http3Octets.SETTINGS, Http3Octets.PUSH_PROMISE, Http3Octets.GOAWAY, Http3Octets.MAX_PUSH_ID,
                Http3Octets.PRIORITY_UPDATE, Http3Octets.PRIORITY_UPDATE + 1, 2, 6, 8, 9}) {
            closes(UNEXPECTED, "9114 7.2: frame " + type + " first on a request stream", t -> t.ask(frame(type, numbers(0))));
            closes(UNEXPECTED, "9114 7.2: frame " + type + " behind HEADERS", t -> t.ask(request("POST", "/"), frame(type, numbers(0))));
        }
        closes(FRAME, "9114 7.1: an end behind a frame's type", t -> t.askAll(request("POST", "/"), octets(0)));
        closes(FRAME, "9114 7.1: an end in a frame's length", t -> t.askAll(request("POST", "/"), octets(0, 0x40)));
        closes(FRAME, "9114 7.1: an end in DATA", t -> t.askAll(request("POST", "/"), octets(0, 5, 1, 2)));
        closes(FRAME, "9114 7.1: an end in HEADERS", t -> t.askAll(octets(1, 40, 0, 0, 0xd1)));
        closes(FRAME, "9114 7.1: an end in a frame that nobody knows", t -> t.askAll(octets(0x21, 40, 0)));
        resets(INCOMPLETE, "9114 4.1: an end before HEADERS", t -> t.askAll());
        resets(INCOMPLETE, "9114 4.1: an end behind a frame that nobody knows", t -> t.askAll(frame(0x21, new byte[9])));
        answers(200, "9114 9: frames that nobody knows before, between and behind",
                t -> t.askAll(frame(0x21), request("POST", "/"), frame(0x1fL * 99 + 0x21, new byte[70]),
                        data(3), frame(0x40), head("a", "b"), frame(0xf0800)));
        answers(200, "9114 4.1: content without a length, and trailers", t -> t.askAll(request("POST", "/"), data(3), data(0), data(4), head("a", "b")));
        resets(CANCELLED, "9114 4.1.1: a request is taken back", t -> t.reset(t.ask(request("POST", "/")), 0x10c));
        resets(CANCELLED, "9114 8: a request is taken back for a reason that nobody knows", t -> t.reset(t.ask(request("POST", "/")), 0x4444));
        resets(CANCELLED, "9114 4.1.1: an answer is not wanted", t -> t.stop(t.ask(request("POST", "/")), 0x10c));
        closes(LOAD, "9114 10.5: a flood of empty DATA", t -> {
            t.ask(request("POST", "/"));
            for (int i = 0; i < 20; i++) {
                t.say(t.request, new byte[20]);
            }
        });
    }

    private void messages() {
        malformed("9114 4.3.1: no method", head(":scheme", "https", ":authority", "a", ":path", "/"));
        malformed("9114 4.3.1: no scheme", head(":method", "GET", ":authority", "a", ":path", "/"));
        malformed("9114 4.3.1: no path", head(":method", "GET", ":scheme", "https", ":authority", "a"));
        malformed("9114 4.3.1: an empty path", request("GET", ""));
        malformed("9114 4.3.1: a path without a slash", request("GET", "a"));
        malformed("9114 4.3.1: an asterisk, and not OPTIONS", request("GET", "*"));
        malformed("9114 4.3.1: a fragment in a path", request("GET", "/#a"));
        malformed("9114 4.3.1: no authority and no Host", head(":method", "GET", ":scheme", "https", ":path", "/"));
        malformed("9114 4.3.1: an empty authority", head(":method", "GET", ":scheme", "https", ":authority", "", ":path", "/"));
        malformed("9114 4.3.1: an empty Host", head(":method", "GET", ":scheme", "https", ":path", "/", "host", ""));
        malformed("9114 4.3.1: another Host than the authority", request("GET", "/", "host", "b"));
        malformed("9114 4.3.1: a user in the authority", head(":method", "GET", ":scheme", "https", ":authority", "u@localhost", ":path", "/"));
        malformed("9114 4.3.1: an authority twice", head(":method", "GET", ":scheme", "https", ":authority", "a", ":authority", "a", ":path", "/"));
        answered(200, "9114 4.3.1: Host and no authority", head(":method", "GET", ":scheme", "https", ":path", "/", "host", "localhost"));
        answered(200, "9114 4.3.1: Host as the authority", request("GET", "/", "host", "localhost"));
        malformed("9114 4.3.1: a method that is no token", request("G T", "/"));
        malformed("9114 4.3: a method twice", head(":method", "GET", ":method", "GET", ":scheme", "https", ":authority", "a", ":path", "/"));
        malformed("9114 4.3: a path twice", request("GET", "/", ":path", "/"));
        malformed("9114 4.3: a pseudo-header field that nobody knows", request("GET", "/", ":x", "y"));
        malformed("9114 4.3: an answer's pseudo-header field", request("GET", "/", ":status", "200"));
        malformed("9114 4.3: a pseudo-header field behind a field", head(":method", "GET", ":scheme", "https", ":authority", "a", "x", "y", ":path", "/"));
        malformed("9114 4.3: a pseudo-header field among trailers", request("POST", "/"), data(1), head(":path", "/"));
        malformed("9114 4.2: a capital in a name", request("GET", "/", "Accept", "y"));
        malformed("9114 4.2: a capital in a trailer's name", request("POST", "/"), data(1), head("aB", "c"));
        malformed("9114 10.3: an empty name", request("GET", "/", "", "y"));
        malformed("9114 10.3: a space in a name", request("GET", "/", "a b", "y"));
        malformed("9114 10.3: a colon in a name", request("GET", "/", "a:b", "y"));
        malformed("9114 10.3: CR in a value", request("GET", "/", "x", "a\rb"));
        malformed("9114 10.3: LF in a value", request("GET", "/", "x", "a\nb"));
        malformed("9114 10.3: NUL in a value", request("GET", "/", "x", "a\0b"));
        malformed("9110 5.5: a blank behind a value", request("GET", "/", "x", "a "));
        for (String name : new String[] {"connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade"}) {
            malformed("9114 4.2: " + name, request("GET", "/", name, "close"));
        }
        malformed("9114 4.2: TE of anything but trailers", request("GET", "/", "te", "trailers, gzip"));
        answered(200, "9114 4.2: TE of trailers", request("GET", "/", "te", "trailers"));
        answered(200, "9114 4.2.1: cookies in crumbs", request("GET", "/", "cookie", "a=b", "cookie", "c=d"));
        malformed("9114 4.1.2: less content than was said", request("POST", "/", "content-length", "5"), data(4));
        malformed("9114 4.1.2: more content than was said", request("POST", "/", "content-length", "5"), data(3), data(3));
        malformed("9114 4.1.2: no content where some was said", request("POST", "/", "content-length", "5"));
        malformed("9114 4.1.2: less, and trailers behind it", request("POST", "/", "content-length", "5"), data(4), head("a", "b"));
        answered(200, "9114 4.1.2: as much content as was said", request("POST", "/", "content-length", "5"), data(2), data(3));
        malformed("9110 8.6: two lengths", request("POST", "/", "content-length", "5", "content-length", "6"), data(5));
        malformed("9110 8.6: a length that is no number", request("POST", "/", "content-length", "+5"), data(5));
        malformed("9110 8.6: a length past all numbers", request("POST", "/", "content-length", "9".repeat(30)), data(5));
        malformed("9110 6.5.1: a trailer that may not be one", request("POST", "/"), data(1), head("content-length", "1"));
        answered(431, "9114 4.2.2: a head that is too long", request("GET", "/", "x", "y".repeat(9000)));
        answered(417, "9110 10.1.1: an expectation that nobody knows", request("GET", "/", "expect", "x"));
        answered(405, "9110 15.5.6: a method that the path does not know", request("PUT", "/"));
    }

    private void connects() {
        resets(MESSAGE, "9114 4.4: CONNECT with a path", t -> t.ask(head(":method", "CONNECT", ":authority", "a:1", ":path", "/")));
        resets(MESSAGE, "9114 4.4: CONNECT with a scheme", t -> t.ask(head(":method", "CONNECT", ":authority", "a:1", ":scheme", "https")));
        resets(MESSAGE, "9114 4.4: CONNECT without an authority", t -> t.ask(head(":method", "CONNECT")));
        answers(501, "9114 4.4: CONNECT, which is not served", t -> t.ask(head(":method", "CONNECT", ":authority", "a:1")));
        resets(MESSAGE, "9220 3: a protocol, and not CONNECT",
                t -> t.ask(head(":method", "GET", ":scheme", "https", ":authority", "a", ":path", "/", ":protocol", "x")));
        resets(MESSAGE, "9220 3: an extended CONNECT without a path",
                t -> t.ask(head(":method", "CONNECT", ":protocol", "websocket", ":scheme", "https", ":authority", "a")));
        resets(MESSAGE, "9220 3: an extended CONNECT without a scheme",
                t -> t.ask(head(":method", "CONNECT", ":protocol", "websocket", ":authority", "a", ":path", "/")));
        answers(200, "9220 3: an extended CONNECT", Http3MisbehaviourTest::tunnel);
        closes(UNEXPECTED, "9114 4.4: HEADERS in a tunnel", t -> {
            tunnel(t);
            assertEquals("200", t.outcome());
            t.say(t.request, head("a", "b"));
        });
        passes("9114 4.4: a frame that nobody knows in a tunnel", t -> {
            tunnel(t);
            assertEquals("200", t.outcome());
            t.say(t.request, frame(0x21, new byte[5]));
        });
    }

    private static void tunnel(Http3RawTalk t) {
        t.ask(head(":method", "CONNECT", ":protocol", "websocket", ":scheme", "https", ":authority", "localhost", ":path", "/chat", "sec-websocket-version",
                "13"));
    }

    private void sections() {
        closes(SECTION, "9204 4.5: HEADERS of nothing", t -> t.ask(frame(Http3Octets.HEADERS)));
        closes(SECTION, "9204 4.5.1: a section that ends in its prefix", t -> t.ask(frame(Http3Octets.HEADERS, octets(0))));
        closes(SECTION, "9204 4.5: a section that ends in a line", t -> t.ask(frame(Http3Octets.HEADERS, octets(0, 0, 0x51, 5, 'a'))));
        closes(SECTION, "9204 3.1: an index past the static table", t -> t.ask(section(0, 0, prefixed(0xc0, 6, 99))));
        closes(SECTION, "9204 3.1: a name past the static table", t -> t.ask(section(0, 0, prefixed(0x50, 4, 99), octets(0))));
        closes(SECTION, "9204 2.2.3: an entry where the section says that it needs none", t -> {
            t.uni(numbers(2), WHOLE_ENTRY);
            t.ask(section(0, 1, pathless(), octets(0x80)));
        });
        closes(SECTION, "9204 2.2.3: an entry at the count that the section says it needs", t -> {
            t.uni(numbers(2), WHOLE_ENTRY, entry(":path", "/b"));
            t.ask(section(2, 1, pathless(), octets(0x80)));
        });
        closes(SECTION, "9204 2.2.3: an entry behind the base at that count", t -> {
            t.uni(numbers(2), WHOLE_ENTRY, entry(":path", "/b"));
            t.ask(section(2, 0, pathless(), octets(0x10)));
        });
        closes(SECTION, "9204 2.2.3: a name behind the base at that count", t -> {
            t.uni(numbers(2), WHOLE_ENTRY, entry(":path", "/b"));
            t.ask(section(2, 0, pathless(), octets(0, 1, '/')));
        });
        closes(SECTION, "9204 2.2.3: an entry before the first", t -> {
            t.uni(numbers(2), WHOLE_ENTRY);
            t.ask(section(2, 0, pathless(), octets(0x81)));
        });
        closes(SECTION, "9204 2.2.3: an entry that is evicted", t -> {
            t.uni(numbers(2), capacity(64), entry(":path", "/"), entry(":path", "/b"));
            t.ask(section(3, 0, pathless(), octets(0x81)));
        });
        closes(SECTION, "9204 4.5.1.1: a count past twice the entries", t -> t.ask(section(0xff, 2, octets(0))));
        closes(SECTION, "9204 4.5.1.1: a count that no encoder can mean", t -> t.ask(section(0xc0, 0, octets(0xd1))));
        closes(SECTION, "9204 4.5.1.2: a base below zero", t -> {
            t.uni(numbers(2), WHOLE_ENTRY);
            t.ask(section(2, 0x81, pathless(), octets(0x80)));
        });
        closes(SECTION, "9204 4.5.1.2: a base below zero that nobody uses", t -> t.ask(section(0, 0x80, pathless(), lines(":path", "/"))));
        closes(SECTION, "9204 4.1.1: a number past 62 bits",
                t -> t.ask(section(0, 0, octets(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1))));
        closes(SECTION, "9204 4.1.2: padding of eight bits", t -> t.ask(section(0, 0, pathless(), octets(0x51, 0x82, 0x63, 0xff))));
        closes(SECTION, "9204 4.1.2: padding that is not EOS's", t -> t.ask(section(0, 0, pathless(), octets(0x51, 0x81, 0x60))));
        closes(SECTION, "9204 4.1.2: EOS in a value", t -> t.ask(section(0, 0, pathless(), octets(0x51, 0x84, 0xff, 0xff, 0xff, 0xff))));
        closes(SECTION, "9204 2.1.2: one more stream that waits than was allowed", t -> {
            for (int i = 0; i <= BLOCKED_MAX; i++) {
                t.ask(section(2, 0, octets(0x80)));
            }
        });
        answers(200, "9204 2.1.2: a stream that waits, and what it waits for", t -> {
            t.askAll(section(2, 0, pathless(), octets(0x80)));
            t.uni(numbers(2), WHOLE_ENTRY);
        });
        passes("9204 2.2.2.2: as many as were allowed, which are taken back and make room for as many", t -> {
            long encoder = t.uni(numbers(2), capacity(4096));
            for (int i = 0; i < 2 * BLOCKED_MAX; i++) {
                long waits = t.ask(section(2, 0, octets(0x80)));
                if (i < BLOCKED_MAX) {
                    t.reset(waits, 0x10c);
                    assertEquals("RESET " + CANCELLED, t.outcome());
                }
            }
            t.say(encoder, entry(":path", "/"));
        });
        answers(200, "9204 4.5: entries before and behind the base, by index and by name", t -> {
            t.uni(numbers(2), capacity(4096), entry("x", "y"), entry(":method", "GET"), entry(":scheme", "https"), entry(":authority", "localhost"),
                    entry(":path", "/"),
                    entry("w", "y"));
            t.askAll(section(7, 0x81, octets(0x82, 0x81, 0x80, 0x10), octets(0x43, 1, 'z'), octets(0x01, 1, 'z')));
        });
        answers(200, "9204 4.5.1.1: a count above what the section uses", t -> {
            t.uni(numbers(2), WHOLE_ENTRY);
            t.askAll(section(2, 0, pathless(), lines(":path", "/")));
        });
    }

    private void encoderStream() {
        closes(ENCODER, "9204 4.3.1: a capacity past the one that was allowed", t -> t.uni(numbers(2), capacity(4097)));
        closes(ENCODER, "9204 3.2.2: an entry where the capacity was never set", t -> t.uni(numbers(2), entry("a", "b")));
        closes(ENCODER, "9204 3.2.2: an entry larger than the table", t -> t.uni(numbers(2), capacity(40), entry("abcde", "abcd")));
        passes("9204 3.2.2: an entry as large as the table", t -> t.uni(numbers(2), capacity(40), entry("abcd", "abcd")));
        closes(ENCODER, "9204 3.1: a name past the static table", t -> t.uni(numbers(2), capacity(4096), prefixed(0xc0, 6, 99), octets(0)));
        closes(ENCODER, "9204 2.2.3: the name of an entry that there is not", t -> t.uni(numbers(2), WHOLE_ENTRY, octets(0x81, 0)));
        closes(ENCODER, "9204 2.2.3: a copy of an entry that there is not", t -> t.uni(numbers(2), WHOLE_ENTRY, octets(1)));
        closes(ENCODER, "9204 2.2.3: a copy of an entry that a smaller table evicted",
                t -> t.uni(numbers(2), WHOLE_ENTRY, capacity(0), capacity(4096), octets(0)));
        closes(ENCODER, "9204 4.1.1: a number past 62 bits",
                t -> t.uni(numbers(2), octets(0x3f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1)));
        closes(ENCODER, "9204 4.1.2: padding that is not EOS's", t -> t.uni(numbers(2), capacity(4096), octets(0xc1, 0x81, 0x60)));
        closes(ENCODER, "9204 4.1.2: EOS in a name", t -> t.uni(numbers(2), capacity(4096), octets(0x64, 0xff, 0xff, 0xff, 0xff, 0)));
        passes("9204 4.3: every instruction",
                t -> t.uni(numbers(2), WHOLE_ENTRY, octets(0x80, 1, 'a'), octets(0xc1, 1, 'b'), octets(1), capacity(100), capacity(0)));
    }

    private void decoderStream() {
        closes(DECODER, "9204 4.4.1: an acknowledgement of a stream without a section", t -> t.uni(numbers(3), octets(0x80)));
        closes(DECODER, "9204 4.4.1: an acknowledgement of a section that needs none", t -> {
            t.served().uni(numbers(3), octets(0x80));
        });
        closes(DECODER, "9204 4.4.3: an increment of 0", t -> t.uni(numbers(3), octets(0)));
        closes(DECODER, "9204 4.4.3: an increment past what was sent", t -> t.uni(numbers(3), octets(1)));
        closes(DECODER, "9204 4.1.1: a number past 62 bits",
                t -> t.uni(numbers(3), octets(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1)));
        passes("9204 4.4.2: a cancellation of any stream", t -> t.uni(numbers(3), octets(0x44)));
    }
}
