package dev.coffer.http.http1;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.http.Refusal;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// Requests that two readers could take in two ways, and what each gets (RFC 9112, section 11.2).
class SmugglingTest {
    private record Case(String name, int status, Refusal refusal, String request) {}

    private static Case refused(String name, Refusal refusal, String request) {
        return new Case(name, refusal.status(), refusal, request);
    }

    private static Case taken(String name, String request) {
        return new Case(name, 200, Refusal.NONE, request);
    }

    private static final String POST = "POST / HTTP/1.1\r\nHost: a\r\n";
    private static final String CHUNKS = POST + "Transfer-Encoding: chunked\r\n\r\n";

    private static Case field(String name, Refusal refusal, String line) {
        return refused(name, refusal, "GET / HTTP/1.1\r\nHost: a\r\n" + line + "\r\n\r\n");
    }

    private static Case start(String name, Refusal refusal, String line) {
        return refused(name, refusal, line + "\r\nHost: a\r\n\r\n");
    }

    private static Case chunk(String name, Refusal refusal, String body) {
        return refused(name, refusal, CHUNKS + body);
    }

    private static List<Case> cases() {
        return List.of(
                // both lengths, differing lengths, lengths that are none
                refused("both lengths", Refusal.BOTH_LENGTHS,
                        POST + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
                refused("both lengths, the other way", Refusal.BOTH_LENGTHS,
                        POST + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n"),
                refused("two lengths", Refusal.CONTENT_LENGTH, POST + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!"),
                refused("one length twice", Refusal.CONTENT_LENGTH,
                        POST + "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello"),
                refused("a list of lengths", Refusal.CONTENT_LENGTH, POST + "Content-Length: 5, 5\r\n\r\nhello"),
                refused("length with a sign", Refusal.CONTENT_LENGTH, POST + "Content-Length: +5\r\n\r\nhello"),
                refused("negative length", Refusal.CONTENT_LENGTH, POST + "Content-Length: -1\r\n\r\n"),
                refused("empty length", Refusal.CONTENT_LENGTH, POST + "Content-Length:\r\n\r\n"),
                refused("hexadecimal length", Refusal.CONTENT_LENGTH, POST + "Content-Length: 0x5\r\n\r\nhello"),
                refused("length with a fraction", Refusal.CONTENT_LENGTH, POST + "Content-Length: 5.0\r\n\r\nhello"),
                refused("length past 2^63", Refusal.CONTENT_LENGTH, POST + "Content-Length: 9223372036854775808\r\n\r\n"),
                refused("length past 2^64", Refusal.CONTENT_LENGTH, POST + "Content-Length: 18446744073709551621\r\n\r\n"),
                refused("length with a space inside", Refusal.CONTENT_LENGTH, POST + "Content-Length: 1 0\r\n\r\n"),
                taken("length with leading zeros", POST + "Content-Length: 0005\r\n\r\nhello"),
                taken("length with blanks around", POST + "Content-Length: \t 5 \t\r\n\r\nhello"),
                // transfer codings
                taken("chunked", CHUNKS + "5\r\nhello\r\n0\r\n\r\n"),
                taken("Chunked in capitals", POST + "Transfer-Encoding: CHUNKED\r\n\r\n0\r\n\r\n"),
                refused("another coding", Refusal.TRANSFER_ENCODING, POST + "Transfer-Encoding: gzip\r\n\r\n"),
                refused("coding before chunked", Refusal.TRANSFER_CODING_UNKNOWN,
                        POST + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
                refused("chunked not last", Refusal.TRANSFER_ENCODING, POST + "Transfer-Encoding: chunked, gzip\r\n\r\n"),
                refused("chunked twice", Refusal.TRANSFER_ENCODING, POST + "Transfer-Encoding: chunked, chunked\r\n\r\n"),
                refused("two coding lines", Refusal.TRANSFER_ENCODING,
                        POST + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n"),
                refused("the same coding line twice", Refusal.TRANSFER_ENCODING,
                        POST + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
                refused("identity", Refusal.TRANSFER_ENCODING, POST + "Transfer-Encoding: identity\r\n\r\n"),
                refused("xchunked", Refusal.TRANSFER_ENCODING, POST + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"),
                refused("chunked with a parameter", Refusal.TRANSFER_ENCODING,
                        POST + "Transfer-Encoding: chunked;q=1\r\n\r\n0\r\n\r\n"),
                refused("chunked in quotes", Refusal.TRANSFER_ENCODING,
                        POST + "Transfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n"),
                refused("an empty member before chunked", Refusal.TRANSFER_CODING_UNKNOWN,
                        POST + "Transfer-Encoding: ,chunked\r\n\r\n0\r\n\r\n"),
                refused("vertical tab before chunked", Refusal.CONTROL,
                        POST + "Transfer-Encoding: \u000bchunked\r\n\r\n0\r\n\r\n"),
                refused("empty coding", Refusal.TRANSFER_ENCODING, POST + "Transfer-Encoding:\r\n\r\n"),
                refused("chunked in HTTP/1.0", Refusal.TRANSFER_ENCODING,
                        "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
                // line ends
                refused("LF alone after the request line", Refusal.BARE_CR_OR_LF, "GET / HTTP/1.1\nHost: a\r\n\r\n"),
                refused("LF alone after a field", Refusal.BARE_CR_OR_LF, "GET / HTTP/1.1\r\nHost: a\n\r\n"),
                refused("LF alone as the end", Refusal.BARE_CR_OR_LF, "GET / HTTP/1.1\r\nHost: a\r\n\n"),
                refused("LF first", Refusal.BARE_CR_OR_LF, "\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"),
                refused("CR alone in a value", Refusal.BARE_CR_OR_LF, "GET / HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n"),
                refused("CR alone in a name", Refusal.BARE_CR_OR_LF, "GET / HTTP/1.1\r\nHost: a\r\nX\rY: a\r\n\r\n"),
                refused("CR CR LF", Refusal.BARE_CR_OR_LF, "GET / HTTP/1.1\r\nHost: a\r\r\n\r\n"),
                refused("CR in the request line", Refusal.BARE_CR_OR_LF, "GET /\r HTTP/1.1\r\nHost: a\r\n\r\n"),
                refused("CR alone first", Refusal.BARE_CR_OR_LF, "\rGET / HTTP/1.1\r\nHost: a\r\n\r\n"),
                taken("one empty line first", "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"),
                refused("two empty lines first", Refusal.BARE_CR_OR_LF, "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"),
                // field lines
                field("folded line", Refusal.FOLDED_LINE, "X: a\r\n b"),
                field("folded with a tab", Refusal.FOLDED_LINE, "X: a\r\n\tb"),
                refused("space before the first field", Refusal.SPACE_BEFORE_COLON,
                        "GET / HTTP/1.1\r\n Host: a\r\n\r\n"),
                field("space before the colon", Refusal.SPACE_BEFORE_COLON, "Content-Length : 5"),
                field("tab before the colon", Refusal.SPACE_BEFORE_COLON, "Transfer-Encoding\t: chunked"),
                field("space in the name", Refusal.SPACE_BEFORE_COLON, "Content Length: 5"),
                field("no colon", Refusal.FIELD_NAME, "Content-Length"),
                field("empty name", Refusal.FIELD_NAME, ": 5"),
                field("name that is no token", Refusal.FIELD_NAME, "Content-Length[]: 5"),
                field("name in quotes", Refusal.FIELD_NAME, "\"X\": 5"),
                field("name in Latin-1", Refusal.FIELD_NAME, "X\u00e9: 5"),
                field("NUL in a name", Refusal.CONTROL, "X\0Y: 5"),
                field("NUL in a value", Refusal.CONTROL, "X: a\0b"),
                field("BEL in a value", Refusal.CONTROL, "X: a\u0007b"),
                field("DEL in a value", Refusal.CONTROL, "X: a\u007fb"),
                field("escape at the end of a value", Refusal.CONTROL, "X: a\u001b"),
                taken("tab and Latin-1 in a value", "GET / HTTP/1.1\r\nHost: a\r\nX: a\tb\u00e9\u0080\u00ff\r\n\r\n"),
                taken("empty value", "GET / HTTP/1.1\r\nHost: a\r\nX:\r\n\r\n"),
                // request line
                start("two spaces", Refusal.START_LINE, "GET  / HTTP/1.1"),
                start("two spaces before the version", Refusal.START_LINE, "GET /  HTTP/1.1"),
                start("tab", Refusal.START_LINE, "GET\t/ HTTP/1.1"),
                start("space first", Refusal.START_LINE, " GET / HTTP/1.1"),
                start("space last", Refusal.START_LINE, "GET / HTTP/1.1 "),
                start("no version", Refusal.START_LINE, "GET /"),
                start("no target", Refusal.START_LINE, "GET HTTP/1.1"),
                start("method alone", Refusal.START_LINE, "GET"),
                start("version in small letters", Refusal.START_LINE, "GET / http/1.1"),
                start("version with two digits", Refusal.START_LINE, "GET / HTTP/1.10"),
                start("version without a dot", Refusal.START_LINE, "GET / HTTP/1"),
                start("another protocol", Refusal.START_LINE, "GET / HTTPS/1.1"),
                start("method that is no token", Refusal.START_LINE, "G(T / HTTP/1.1"),
                start("NUL in the target", Refusal.CONTROL, "GET /\0 HTTP/1.1"),
                start("NUL first", Refusal.CONTROL, "\0GET / HTTP/1.1"),
                start("Latin-1 in the target", Refusal.START_LINE, "GET /\u00e9 HTTP/1.1"),
                start("fragment in the target", Refusal.START_LINE, "GET /a#b HTTP/1.1"),
                start("HTTP/2.0", Refusal.VERSION, "GET / HTTP/2.0"),
                start("the preface of HTTP/2", Refusal.VERSION, "PRI * HTTP/2.0"),
                start("HTTP/0.9", Refusal.VERSION, "GET / HTTP/0.9"),
                start("a version of letters", Refusal.START_LINE, "GET / HTTP/1.a"), start("another", Refusal.START_LINE, "GET / HTTP/:.1"),
                start("below the digits", Refusal.START_LINE, "GET / HTTP/1./"),
                start("HTTP/3.0", Refusal.VERSION, "GET / HTTP/3.0"),
                taken("HTTP/1.7 as 1.1", "GET / HTTP/1.7\r\nHost: a\r\n\r\n"),
                start("long method", Refusal.METHOD, "M".repeat(33) + " / HTTP/1.1"),
                taken("unknown method", "M".repeat(32) + " / HTTP/1.1\r\nHost: a\r\n\r\n"),
                start("CONNECT", Refusal.METHOD, "CONNECT a:443 HTTP/1.1"),
                start("target that is a path without its slash", Refusal.TARGET, "GET a HTTP/1.1"),
                start("asterisk with GET", Refusal.TARGET, "GET * HTTP/1.1"),
                taken("asterisk with OPTIONS", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n"),
                start("authority with GET", Refusal.TARGET, "GET a:80 HTTP/1.1"),
                start("another scheme", Refusal.TARGET, "GET ftp://a/ HTTP/1.1"),
                start("absolute target without host", Refusal.TARGET, "GET http:///x HTTP/1.1"),
                start("user information", Refusal.TARGET, "GET http://u@a/x HTTP/1.1"),
                taken("absolute target", "GET HTTP://b:8080/x?y HTTP/1.1\r\nHost: a\r\n\r\n"),
                taken("absolute target without path", "GET http://b?y HTTP/1.1\r\nHost: a\r\n\r\n"),
                // Host
                refused("no Host", Refusal.HOST, "GET / HTTP/1.1\r\n\r\n"),
                refused("no Host with an absolute target", Refusal.HOST, "GET http://a/ HTTP/1.1\r\n\r\n"),
                refused("two Hosts", Refusal.HOST, "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"),
                refused("two Hosts in HTTP/1.0", Refusal.HOST, "GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n"),
                refused("Host with a broken percent", Refusal.HOST, "GET / HTTP/1.1\r\nHost: a%zz\r\n\r\n"),
                refused("Host without a host", Refusal.HOST, "GET / HTTP/1.1\r\nHost: :80\r\n\r\n"),
                refused("Host with a broken address", Refusal.HOST, "GET / HTTP/1.1\r\nHost: [1::2::3]\r\n\r\n"),
                refused("Host with brackets around a name", Refusal.HOST, "GET / HTTP/1.1\r\nHost: [abc]\r\n\r\n"),
                start("absolute target with a broken percent", Refusal.TARGET, "GET http://a%zz/ HTTP/1.1"),
                start("absolute target with a broken address", Refusal.TARGET, "GET http://[::g]/ HTTP/1.1"),
                start("absolute target without host but a port", Refusal.TARGET, "GET http://:80/ HTTP/1.1"),
                taken("empty Host", "GET / HTTP/1.1\r\nHost:\r\n\r\n"),
                taken("encoded Host", "GET / HTTP/1.1\r\nHost: a%41\r\n\r\n"),
                refused("Host with a path", Refusal.HOST, "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"),
                refused("Host with user information", Refusal.HOST, "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n"),
                refused("Host with a space", Refusal.HOST, "GET / HTTP/1.1\r\nHost: a b\r\n\r\n"),
                refused("Host with a bad port", Refusal.HOST, "GET / HTTP/1.1\r\nHost: a:8x\r\n\r\n"),
                refused("Host with two ports", Refusal.HOST, "GET / HTTP/1.1\r\nHost: a:80:80\r\n\r\n"),
                refused("Host with an open bracket", Refusal.HOST, "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n"),
                refused("Host with text after the bracket", Refusal.HOST, "GET / HTTP/1.1\r\nHost: [::1]a\r\n\r\n"),
                taken("Host in brackets with port", "GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n"),
                taken("empty Host", "GET / HTTP/1.1\r\nHost:\r\n\r\n"),
                taken("no Host in HTTP/1.0", "GET / HTTP/1.0\r\n\r\n"),
                // expectations
                field("another expectation", Refusal.EXPECTATION, "Expect: 200-maybe"),
                field("two expectations", Refusal.EXPECTATION, "Expect: 100-continue\r\nExpect: 100-continue"),
                // chunks
                chunk("no size", Refusal.CHUNK, "\r\nhello\r\n0\r\n\r\n"),
                chunk("size with a sign", Refusal.CHUNK, "+5\r\nhello\r\n0\r\n\r\n"),
                chunk("negative size", Refusal.CHUNK, "-1\r\n\r\n"),
                chunk("size with 0x", Refusal.CHUNK, "0x5\r\nhello\r\n0\r\n\r\n"),
                chunk("size with an underscore", Refusal.CHUNK, "5_0\r\nhello\r\n0\r\n\r\n"),
                chunk("space before the size", Refusal.CHUNK, " 5\r\nhello\r\n0\r\n\r\n"),
                chunk("space after the size", Refusal.CHUNK, "5 \r\nhello\r\n0\r\n\r\n"),
                chunk("LF alone after the size", Refusal.CHUNK, "5\nhello\r\n0\r\n\r\n"),
                chunk("CR alone after the size", Refusal.CHUNK, "5\rhello\r\n0\r\n\r\n"),
                chunk("LF alone after the data", Refusal.CHUNK, "5\r\nhello\n0\r\n\r\n"),
                chunk("data longer than its size", Refusal.CHUNK, "5\r\nhello!\r\n0\r\n\r\n"),
                chunk("data shorter than its size", Refusal.CHUNK, "6\r\nhello\r\n0\r\n\r\n"),
                chunk("17 digits", Refusal.CHUNK, "00000000000000005\r\nhello\r\n0\r\n\r\n"),
                taken("16 digits", CHUNKS + "0000000000000005\r\nhello\r\n0\r\n\r\n"),
                chunk("size past 2^63", Refusal.CONTENT_TOO_LARGE, "8000000000000005\r\nhello\r\n0\r\n\r\n"),
                chunk("size that wraps with the content before", Refusal.CONTENT_TOO_LARGE,
                        "5\r\nhello\r\n7fffffffffffffff\r\n"),
                taken("extensions", CHUNKS + "5;a;b=c ; d = \"e\\\"f;\"\r\nhello\r\n0;x\r\n\r\n"),
                chunk("CR in an extension", Refusal.CHUNK, "5;a=\"\r\n\"\r\nhello\r\n0\r\n\r\n"),
                chunk("LF in an extension", Refusal.CHUNK, "5;a\nb\r\nhello\r\n0\r\n\r\n"),
                chunk("NUL in an extension", Refusal.CHUNK, "5;a\0\r\nhello\r\n0\r\n\r\n"),
                chunk("extension without a name", Refusal.CHUNK, "5;\r\nhello\r\n0\r\n\r\n"),
                chunk("extension without a value", Refusal.CHUNK, "5;a=\r\nhello\r\n0\r\n\r\n"),
                chunk("extension with an open quote", Refusal.CHUNK, "5;a=\"b\r\nhello\r\n0\r\n\r\n"),
                chunk("space at the end of an extension", Refusal.CHUNK, "5;a=\"b\" \r\nhello\r\n0\r\n\r\n"),
                chunk("comma after the size", Refusal.CHUNK, "5,a\r\nhello\r\n0\r\n\r\n"),
                // trailers
                taken("trailer", CHUNKS + "0\r\nX-Sum: 1\r\n\r\n"),
                chunk("length in trailers", Refusal.TRAILER, "0\r\nContent-Length: 5\r\n\r\n"),
                chunk("coding in trailers", Refusal.TRAILER, "0\r\nTransfer-Encoding: chunked\r\n\r\n"),
                chunk("Host in trailers", Refusal.TRAILER, "0\r\nHost: b\r\n\r\n"),
                chunk("Authorization in trailers", Refusal.TRAILER, "0\r\nAuthorization: b\r\n\r\n"),
                chunk("folded trailer", Refusal.FOLDED_LINE, "0\r\nX: b\r\n c\r\n\r\n"),
                chunk("space before a trailer's colon", Refusal.SPACE_BEFORE_COLON, "0\r\nX : b\r\n\r\n"),
                chunk("LF alone after a trailer", Refusal.BARE_CR_OR_LF, "0\r\nX: b\n\r\n"),
                chunk("LF alone as the end of trailers", Refusal.BARE_CR_OR_LF, "0\r\n\n"));
    }

    /// The answer waits for the whole request, so that a fault in its content still has a status.
    @TestFactory
    Stream<DynamicTest> eachCaseGetsItsStatusAndNothingBehindItIsServed() {
        return cases().stream().map(c -> DynamicTest.dynamicTest(c.name, () -> {
            try (Lab lab = new Lab()) {
                String[] whole = {null};
                lab.onRequest = l -> whole[0] = "told";
                lab.feed(c.request);
                if (c.refusal == Refusal.NONE) {
                    assertTrue(lab.events.getLast().startsWith("END"), lab.events.toString());
                    lab.server.respond(lab.server.stream(), Lab.text(200, ""));
                    lab.turn();
                }
                assertEquals(List.of(c.status), lab.statuses(), lab.events.toString());
                assertEquals(c.refusal, lab.server.refusal());
                int heard = lab.events.size();
                lab.feed("GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n");
                if (c.refusal != Refusal.NONE) {
                    assertTrue(lab.closed());
                    assertEquals(heard, lab.events.size(), "nothing is heard after a refusal");
                    assertTrue(lab.output.toString().contains("\r\nConnection: close\r\n"));
                } else if (!c.request.contains("HTTP/1.0")) {
                    assertTrue(lab.events.get(heard).contains("GET /smuggled"), lab.events.toString());
                }
            }
        }));
    }

    @Test
    void faultInContentAfterTheAnswerBeganClosesWithoutAnotherByte() {
        try (Lab lab = new Lab()) {
            lab.onRequest = l -> l.server.respond(0, new Lab.TextSource(h -> h.status(200).content(10), "") {
                @Override
                public long body(java.lang.foreign.MemorySegment output, long at, long room) {
                    return 0;
                }
            });
            lab.feed(CHUNKS + "5\r\nhello\r\n");
            String begun = lab.output.toString();
            assertTrue(begun.startsWith("HTTP/1.1 200"));
            lab.feed("zz\r\n");
            assertEquals(begun, lab.output.toString());
            assertEquals(List.of("ABORTED 0", "REFUSED CHUNK", "CLOSED -1"), lab.events.subList(1, 4));
            assertFalse(lab.events.contains("SENT 0"));
        }
    }

    @Test
    void faultInContentThatNobodyWantsIsStillAnswered() {
        try (Lab lab = new Lab()) {
            lab.onRequest = l -> l.server.discard(0);
            lab.feed(CHUNKS + "5\r\nhello\r\nzz\r\n");
            assertEquals(List.of(400), lab.statuses());
            assertEquals(List.of("ABORTED 0", "REFUSED CHUNK", "CLOSED -1"), lab.events.subList(1, 4));
        }
    }

    /// A request that would be served if the engine read its head by the other length.
    @Test
    void contentThatLooksLikeARequestIsContent() {
        try (Lab lab = new Lab()) {
            String inner = "GET /inner HTTP/1.1\r\nHost: a\r\n\r\n";
            lab.feed(POST + "Content-Length: " + inner.length() + "\r\n\r\n" + inner);
            lab.feed(CHUNKS + Integer.toHexString(inner.length()) + "\r\n" + inner + "\r\n0\r\n\r\n");
            assertEquals(2, lab.statuses().size());
            assertTrue(lab.events.stream().noneMatch(e -> e.contains("/inner HTTP")
                    && e.startsWith("REQUEST")));
        }
    }
}
