package dev.coffer.client.easy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.coffer.http.Method;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Where a redirect leads, and what is said of a URI that cannot be asked.
class QuestionTest {
    private static Question redirected(String from, String location) {
        return Question.get(from).redirected(302, location);
    }

    /// RFC 3986, sections 5.4.1 and 5.4.2, the references that stay with the scheme.
    @ParameterizedTest
    @CsvSource(delimiter = ' ', value = {"g http://a/b/c/g", "./g http://a/b/c/g", "g/ http://a/b/c/g/", "/g http://a/g", "//g http://g",
            "?y http://a/b/c/d;p?y", "g?y http://a/b/c/g?y", "#s http://a/b/c/d;p?q#s", "g#s http://a/b/c/g#s", "g?y#s http://a/b/c/g?y#s",
            ";x http://a/b/c/;x", "g;x http://a/b/c/g;x", "g;x?y#s http://a/b/c/g;x?y#s", "'' http://a/b/c/d;p?q", ". http://a/b/c/",
            "./ http://a/b/c/", ".. http://a/b/", "../ http://a/b/", "../g http://a/b/g", "../.. http://a/", "../../ http://a/",
            "../../g http://a/g", "../../../g http://a/g", "../../../../g http://a/g", "/./g http://a/g", "/../g http://a/g",
            "g. http://a/b/c/g.", ".g http://a/b/c/.g", "g.. http://a/b/c/g..", "..g http://a/b/c/..g", "./../g http://a/b/g",
            "./g/. http://a/b/c/g/", "g/./h http://a/b/c/g/h", "g/../h http://a/b/c/h", "g;x=1/./y http://a/b/c/g;x=1/y",
            "g;x=1/../y http://a/b/c/y", "g?y/./x http://a/b/c/g?y/./x", "g?y/../x http://a/b/c/g?y/../x", "g#s/./x http://a/b/c/g#s/./x"})
    void aReferenceIsResolvedAsTheStandardSays(String location, String expected) {
        assertEquals(expected, redirected("http://a/b/c/d;p?q", location).uri().toString());
    }

    @ParameterizedTest
    @CsvSource(delimiter = ' ', value = {"http://host next /next", "http://host:81 .evil.example/x /.evil.example/x", "http://host ?q=1 /?q=1",
            "http://host //host:81 /", "http://host/a?b ?c /a?c", "http://host/a http://host/x/../y /y", "http://host /a%2F..%2fb /a%2F..%2fb",
            "http://host/a //host//x //x", "http://host/ /.//x //x", "http://host/ a:b/ refused", "http://host/ ./a:b/ /a:b/"})
    void theTargetOfARedirectIsAPathWhateverTheBaseWas(String from, String location, String target) {
        if (target.equals("refused")) {
            assertThrows(IllegalArgumentException.class, () -> redirected(from, location));
        } else {
            Question to = redirected(from, location);
            assertEquals(target, to.target().toString());
            assertEquals("host", to.origin().host());
        }
    }

    /// Servers write what they should encode; it is sent encoded.
    /// RFC 9110, sections 9.3.7 and 9.3.8.
    @Test
    void optionsOfAServerAskForNoPathAndTraceHasNoContent() {
        assertEquals("*", Question.of(Method.OPTIONS, "http://host").target().toString());
        assertEquals("/", Question.of(Method.OPTIONS, "http://host/").target().toString());
        assertEquals("/?a", Question.of(Method.OPTIONS, "http://host?a").target().toString());
        assertEquals("/", Question.of(Method.GET, "http://host").target().toString());
        Question trace = Question.of(Method.TRACE, "http://host/");
        assertThrows(IllegalArgumentException.class, () -> trace.withContent(new byte[1]));
        trace.withContent(new byte[0]);
    }

    @Test
    void bytesThatAreNoAsciiAndBlanksAreEncodedInALocation() {
        assertEquals("/%C3%BC/a%20b?%E2%82%AC", redirected("http://host/", "/\u00c3\u00bc/a b?\u00e2\u0082\u00ac").target().toString());
        assertThrows(IllegalArgumentException.class, () -> redirected("http://host/", "http://\u00fcx/"));
        assertThrows(IllegalArgumentException.class, () -> redirected("http://host/", "/a\tb"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://secret:secret@host/", "http://secret@host/ x", "http://secret:sec ret@host/", "http://a:secret@b@c/",
            "http://a:sec/secret@c/", "https://secret:secret@host/", "secret:x@host", "http://host:secret/", "http://host/%secret", "//secret@host/",
            "http://host/\u00fcsecret"})
    void whatIsSaidOfAUriThatCannotBeAskedHoldsNothingOfIt(String uri) {
        for (Throwable e = assertThrows(IllegalArgumentException.class, () -> Question.of(Method.GET, uri)); e != null; e = e.getCause()) {
            assertFalse(e.toString().contains("secret"), e.toString());
        }
    }

    @Test
    void whatServersWriteAndNoUriMayHoldIsEncodedInALocation() {
        java.net.URI base = java.net.URI.create("http://h/d/f");
        assertEquals("http://h/a%7Cb%22%7Bx%7D?q=[1]", Location.resolve(base, "/a|b\"{x}?q=[1]").toString());
        assertEquals("http://h/d/%3Ca%3E%5C%5E%60?%7C#%7C%23", Location.resolve(base, "<a>\\^`?|#|#").toString());
        assertEquals("http://h/%25/%2525%20%25zz%25", Location.resolve(base, "/%/%2525 %zz%").toString());
        assertEquals("http://[::1]:8080/%5Ba%5D?[b]", Location.resolve(base, "http://[::1]:8080/[a]?[b]").toString());
        assertEquals("http://[::1]/%5Ba%5D", Location.resolve(base, "//[::1]/[a]").toString());
        assertEquals("http://h/%5Ba%5D//%5B::1%5D", Location.resolve(base, "/[a]//[::1]").toString());
    }

    @Test
    void whatIsSaidOfALocationThatCannotBeAskedHoldsNothingOfIt() {
        for (String location : new String[] {"http://secret:secret@host/", "secret:x", "http://host:secret/", "http://%secret/", "http://[secret/"}) {
            IllegalArgumentException refused = assertThrows(IllegalArgumentException.class, () -> redirected("http://host/", location));
            assertFalse(refused.toString().contains("secret"), refused.toString());
        }
    }
}
