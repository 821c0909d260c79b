package dev.coffer.server.easy;

import dev.coffer.http.Ascii;
import dev.coffer.http.Status;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/// An answer on the heap: status, fields, content. Immutable, but for the bytes of [#bytes], which are not copied and must not be changed
/// any more.
public final class Response {
    private static final byte[] NOTHING = {};
    private static final String CONTENT_TYPE = "content-type";

    /// One field; the name in lower case.
    record Field(Ascii name, Ascii value) {}

    private final int status;
    private final List<Field> fields;
    private final byte[] content;

    private Response(int status, List<Field> fields, byte[] content) {
        if (status < 200 || status > 999) {
            throw new IllegalArgumentException("status: " + status + " (expected 200..999)");
        }
        this.status = status;
        this.fields = fields;
        this.content = content;
    }

    /// {@return 200 with plain text in UTF-8}
    public static Response text(String text) {
        return bytes("text/plain; charset=utf-8", text.getBytes(StandardCharsets.UTF_8));
    }

    /// {@return 200 with a page in UTF-8}
    public static Response html(String text) {
        return bytes("text/html; charset=utf-8", text.getBytes(StandardCharsets.UTF_8));
    }

    /// {@return 200 with JSON that stands in the text already}
    public static Response json(String text) {
        return bytes("application/json", text.getBytes(StandardCharsets.UTF_8));
    }

    /// {@return 200 with bytes}
    ///
    /// @param mediaType  ASCII, `image/png`
    /// @throws IllegalArgumentException  not a field's value (caller's fault)
    public static Response bytes(String mediaType, byte[] content) {
        return new Response(Status.OK, List.of(), Objects.requireNonNull(content)).withField(CONTENT_TYPE, mediaType);
    }

    /// {@return a status with its words as plain text; without any for 204 and 304}
    ///
    /// @param status  200..999
    /// @throws IllegalArgumentException  another number (caller's fault)
    public static Response status(int status) {
        Response bare = new Response(status, List.of(), NOTHING);
        return Status.isBodiless(status) ? bare : text(Status.phrase(status) + "\n").withStatus(status);
    }

    /// {@return 303, which has the client ask for another place with GET (RFC 9110, section 15.4.4); [#withStatus] makes it 301, 302, 307
    /// or 308}
    ///
    /// @param location  a URI or a reference, percent-encoded
    /// @throws IllegalArgumentException  characters that a field cannot hold (caller's fault)
    public static Response redirect(String location) {
        return status(Status.SEE_OTHER).withField("location", location);
    }

    /// {@return this response with another status}
    ///
    /// @param other  200..999; 204 and 304 are sent without content
    /// @throws IllegalArgumentException  another number (caller's fault)
    public Response withStatus(int other) {
        return new Response(other, fields, content);
    }

    /// {@return this response with a field; one of that name stays beside it, save Content-Type, whose place is taken}
    ///
    /// @param name   a token, in upper or lower case
    /// @param value  ASCII without controls
    /// @throws IllegalArgumentException  something else, or a name that is the engine's to write: Connection, Content-Length, Date,
    ///                                   Keep-Alive, Transfer-Encoding, Upgrade and the like (caller's fault)
    public Response withField(String name, String value) {
        String lower = name.toLowerCase(Locale.ROOT);
        if (!lower.matches("[!#$%&'*+.^_`|~0-9a-z-]+") || lower.matches(
                "connection|content-length|date|keep-alive|proxy-connection|te|trailer|transfer-encoding|upgrade")) {
            throw new IllegalArgumentException("field " + name + ": not a name that a response can set");
        }
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c < ' ' && c != '\t' || c > '~') {
                throw new IllegalArgumentException("field " + name + ": character " + i + " is " + (int) c
                        + " (expected printable ASCII)");
            }
        }
        List<Field> more = new ArrayList<>(fields);
        if (lower.equals(CONTENT_TYPE)) {
            more.removeIf(field -> field.name().toString().equals(CONTENT_TYPE));
        }
        more.add(new Field(Ascii.of(lower), Ascii.of(value)));
        return new Response(status, List.copyOf(more), content);
    }

    int status() {
        return status;
    }

    List<Field> fields() {
        return fields;
    }

    byte[] content() {
        return content;
    }

    /// {@return sizes, never what it holds}
    @Override
    public String toString() {
        return "Response[" + status + ", " + fields.size() + " fields, " + content.length + " bytes]";
    }
}
