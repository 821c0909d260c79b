package dev.coffer.client.easy;

import dev.coffer.client.Origin;
import dev.coffer.http.Ascii;
import dev.coffer.http.Method;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What is asked: method, URI, fields, content. Immutable, but for the bytes of the content, which are not copied and must not be changed
/// while it is asked.
public final class Question {
    private static final Set<String> ENGINES = Set.of("connection", "content-length", "expect", "host", "keep-alive",
            "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade");
    /// What belongs to one origin alone (RFC 9110, section 15.4).
    private static final Set<String> CREDENTIALS = Set.of("authorization", "cookie", "proxy-authorization");
    /// Of a request line and of each field: method, version, separators; what an engine adds.
    private static final int LINE_BYTES = 7 + 1 + 1 + 11;
    private static final int FIELD_BYTES = 4;
    private static final int ADDED_BYTES = 96;

    /// One field; the name in lower case.
    record Field(Ascii name, Ascii value) {}

    private final Method method;
    private final URI uri;
    private final Origin origin;
    private final Ascii target;
    private final List<Field> fields;
    private final byte @Nullable [] content;  // null for none

    private Question(Method method, URI uri, List<Field> fields, byte @Nullable [] content) {
        if (method == Method.CONNECT || method == Method.OTHER) {
            throw new IllegalArgumentException("method " + method + " is not asked here");
        }
        if (method == Method.TRACE && content != null && content.length > 0) {
            throw new IllegalArgumentException("TRACE has no content (RFC 9110 section 9.3.8)");
        }
        this.method = method;
        this.uri = uri;
        this.origin = Origin.of(uri);
        boolean bare = uri.getRawPath() == null || uri.getRawPath().isEmpty();
        // of a server as such, and not of its root (RFC 9110, section 9.3.7; RFC 9113, section 8.3.1)
        String path = !bare ? uri.getRawPath() : method == Method.OPTIONS && uri.getRawQuery() == null ? "*" : "/";
        this.target = Ascii.of(uri.getRawQuery() == null ? path : path + "?" + uri.getRawQuery());
        this.fields = fields;
        this.content = content;
    }

    /// {@return GET of a URI}
    ///
    /// @param uri  `http://host[:port][/path][?query]` or `https://...`, percent-encoded; a fragment is not sent
    /// @throws IllegalArgumentException  no such URI (caller's fault)
    public static Question get(String uri) {
        return of(Method.GET, uri);
    }

    /// {@return a request without content}
    ///
    /// @throws IllegalArgumentException  as [#get] (caller's fault)
    public static Question of(Method method, String uri) {
        return new Question(method, Location.parse(uri), List.of(), null);
    }

    /// {@return POST of text in UTF-8}
    ///
    /// @param mediaType  `application/json`
    /// @throws IllegalArgumentException  as [#get], or not a field's value (caller's fault)
    public static Question post(String uri, String mediaType, String text) {
        return of(Method.POST, uri).withContent(mediaType, text.getBytes(StandardCharsets.UTF_8));
    }

    /// {@return this question with content}
    ///
    /// @throws IllegalArgumentException  not a field's value (caller's fault)
    public Question withContent(String mediaType, byte[] bytes) {
        return new Question(method, uri, fields, Objects.requireNonNull(bytes)).withField("content-type", mediaType);
    }

    /// {@return this question with content whose type a field says, or nobody}
    public Question withContent(byte[] bytes) {
        return new Question(method, uri, fields, Objects.requireNonNull(bytes));
    }

    /// {@return this question without the fields of that name, in upper or lower case}
    public Question withoutField(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return new Question(method, uri, fields.stream().filter(f -> !f.name().toString().equals(lower)).toList(), content);
    }

    /// {@return whether there is a field of that name, in upper or lower case}
    public boolean hasField(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return fields.stream().anyMatch(f -> f.name().toString().equals(lower));
    }

    /// {@return this question with another field; one of that name stays beside it}
    ///
    /// @param name   a token, in upper or lower case
    /// @param value  ASCII without controls
    /// @throws IllegalArgumentException  something else, or a name that is the engine's to write: Host, Content-Length, Connection and
    ///                                   the like (caller's fault)
    public Question withField(String name, String value) {
        String lower = name.toLowerCase(Locale.ROOT);
        if (!lower.matches("[!#$%&'*+.^_`|~0-9a-z-]{1,255}")) {
            throw new IllegalArgumentException("field name: not a token");
        }
        if (ENGINES.contains(lower)) {
            throw new IllegalArgumentException("field " + lower + " is the client's to write");
        }
        if (!value.chars().allMatch(c -> c >= 0x20 && c < 0x7f || c == '\t') || !value.equals(value.strip())) {
            throw new IllegalArgumentException("field " + lower + ": a value of ASCII without controls and without blanks around it");
        }
        List<Field> more = new ArrayList<>(fields);
        more.add(new Field(Ascii.of(lower), Ascii.of(value)));
        return new Question(method, uri, List.copyOf(more), content);
    }

    /// {@return the question that a redirect leads to (RFC 9110, section 15.4): 303 asks with GET, 301 and 302 turn POST into GET, all others
    /// ask the same; another origin gets no credentials}
    ///
    /// @throws IllegalArgumentException  it leads to no URI that can be asked
    Question redirected(int status, String location) {
        URI to = Location.resolve(uri, location);
        boolean same = Origin.of(to).equals(origin);
        boolean bare = method != Method.HEAD && (status == 303 || (status == 301 || status == 302) && method == Method.POST);
        List<Field> kept = fields.stream().filter(f -> same || !CREDENTIALS.contains(f.name().toString()))
                .filter(f -> !bare || !f.name().toString().startsWith("content-")).toList();
        return new Question(bare ? Method.GET : method, to, kept, bare ? null : content);
    }

    /// Refuses a head that the client has no room for.
    void check(int headBytesMax) {
        long bytes = LINE_BYTES + target.length() + FIELD_BYTES + 4 + origin.authority().length() + ADDED_BYTES;
        for (Field field : fields) {
            bytes += field.name().length() + field.value().length() + FIELD_BYTES;
        }
        if (bytes > headBytesMax) {
            throw new IllegalArgumentException("head: about " + bytes + " bytes (expected at most " + headBytesMax
                    + ", the client's sentHeadBytesMax)");
        }
    }

    /// {@return the method}
    public Method method() {
        return method;
    }

    /// {@return the URI}
    public URI uri() {
        return uri;
    }

    Origin origin() {
        return origin;
    }

    Ascii target() {
        return target;
    }

    List<Field> fields() {
        return fields;
    }

    byte @Nullable [] content() {
        return content;
    }

    /// {@return method and origin: a path, a query and fields may hold secrets}
    @Override
    public String toString() {
        return "Question[" + method + " " + origin + ", " + fields.size() + " fields, " + (content == null ? 0 : content.length) + " bytes]";
    }
}
