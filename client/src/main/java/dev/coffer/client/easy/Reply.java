package dev.coffer.client.easy;

import dev.coffer.http.ResponseHead;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// An answer, copied onto the heap: it may be kept, and read by any thread. Immutable but for [#bytes].
public final class Reply {
    private final URI uri;
    private final int status;
    private final int version;
    private final long contentLength;
    private final Map<String, List<String>> headers;
    private final byte[] content;

    private Reply(URI uri, int status, int version, long contentLength, Map<String, List<String>> headers, byte[] content) {
        this.uri = uri;
        this.status = status;
        this.version = version;
        this.contentLength = contentLength;
        this.headers = headers;
        this.content = content;
    }

    /// A head, without its content.
    static Reply of(URI uri, ResponseHead head) {
        Map<String, List<String>> headers = new LinkedHashMap<>();
        for (int i = 0; i < head.count(); i++) {
            headers.computeIfAbsent(text(head.segment(), head.nameAt(i), head.nameLength(i)), name -> new ArrayList<>(1))
                    .add(text(head.segment(), head.valueAt(i), head.valueLength(i)));
        }
        return new Reply(uri, head.status(), head.version(), head.contentLength(), headers, new byte[0]);
    }

    private static String text(MemorySegment segment, long at, int length) {
        byte[] bytes = new byte[length];
        MemorySegment.copy(segment, ValueLayout.JAVA_BYTE, at, bytes, 0, length);
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    Reply withContent(byte[] bytes) {
        return new Reply(uri, status, version, contentLength, headers, bytes);
    }

    /// {@return where it comes from: the last of the places that redirects led to}
    public URI uri() {
        return uri;
    }

    /// {@return the status, 200..999}
    public int status() {
        return status;
    }

    /// {@return whether it leads elsewhere and may be followed: a status of 300 to 399 with a Location, which of those that nobody knows is as good as 300 (RFC 9110, section
    /// 15); but 304, and 305 and 306, which are not in use any more}
    public boolean isRedirect() {
        return status >= 300 && status < 400 && (status < 304 || status > 306) && header("location").isPresent();
    }

    /// {@return the version in tens: 10, 11, 20 or 30}
    public int version() {
        return version;
    }

    /// {@return bytes of content that were announced, -1 where they were not}
    public long contentLength() {
        return contentLength;
    }

    /// {@return the value of the first field of that name, in upper or lower case}
    public Optional<String> header(String name) {
        return headers(name).stream().findFirst();
    }

    /// {@return the values of all fields of that name, in their order, each byte a character}
    public List<String> headers(String name) {
        return List.copyOf(headers.getOrDefault(name.toLowerCase(Locale.ROOT), List.of()));
    }

    /// {@return all fields by their names in lower case, in the order in which they came first}
    public Map<String, List<String>> headers() {
        return Collections.unmodifiableMap(headers);
    }

    /// {@return the content; not a copy. Empty where a [ReplySink] took it}
    public byte[] bytes() {
        return content;
    }

    /// {@return the content read as UTF-8; what is none becomes U+FFFD}
    public String text() {
        return new String(content, StandardCharsets.UTF_8);
    }

    /// {@return sizes, never what it holds}
    @Override
    public String toString() {
        return "Reply[" + status + ", " + headers.size() + " fields, " + content.length + " bytes]";
    }
}
