package dev.coffer.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.coffer.http.Ascii;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The type of a name is that of what stands behind its last dot, and of any other name unknown.
class MediaTypeTest {
    private static Ascii of(String name) {
        byte[] bytes = ("##" + name + ".html").getBytes(StandardCharsets.UTF_8);
        return MediaType.of(MemorySegment.ofArray(bytes), 2, bytes.length - 7);
    }

    @ParameterizedTest
    @CsvSource({"index.html, text/html; charset=utf-8", "a/b.htm, text/html; charset=utf-8", "x.CSS, text/css; charset=utf-8",
            "a.mjs, text/javascript; charset=utf-8", "a.c, text/plain; charset=utf-8", "a.conf, text/plain; charset=utf-8",
            "a.markdown, text/markdown; charset=utf-8", "a.csv, text/csv; charset=utf-8", "a.json, application/json", "a.js.map, application/json",
            "site.webmanifest, application/manifest+json", "a.wasm, application/wasm", "a.tar.gz, application/gzip", "a.tgz, application/gzip",
            "a.jpeg, image/jpeg", "a.Jpg, image/jpeg", "favicon.ico, image/vnd.microsoft.icon", "a.woff, font/woff", "a.woff2, font/woff2",
            "a.mp3, audio/mpeg", "a.webm, video/webm", ".html, text/html; charset=utf-8", "a..svg, image/svg+xml"})
    void anEndingOfTheTableHasItsTypeInAnyCase(String name, String type) {
        assertEquals(type, of(name).toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "html", "a", "a.", ".", "a.htmlx", "a.xhtml", "a.html/b", "a.html/", "a.html.", "a.webmanifestx", "a.woff3",
            "a.0123456789", "a.01234567890", "a.012345678901", "nodotatallinthisname"})
    void anyOtherNameIsUnknown(String name) {
        assertSame(MediaType.UNKNOWN, of(name), name);
    }
}
