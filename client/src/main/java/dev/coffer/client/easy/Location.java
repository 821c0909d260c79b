package dev.coffer.client.easy;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;

/// Text to URIs: what a user asks and where a `Location` field leads. What is refused is never repeated: it may hold a password, or what
/// a server would have a terminal do.
final class Location {
    private Location() {}

    /// {@return the URI}
    ///
    /// @throws IllegalArgumentException  it is none; the message says what is wrong and where, and nothing of the text
    static URI parse(String text) {
        try {
            return new URI(text);
        } catch (URISyntaxException e) {
            // not its cause, which holds the text
            throw new IllegalArgumentException("no URI: character " + (e.getIndex() + 1) + " does not belong there");
        }
    }

    /// {@return where a reference leads (RFC 3986, section 5.2; without a fragment of its own it keeps the base's: RFC 9110, section
    /// 10.2.2). [URI#resolve(URI)] goes by the RFC before it, which loses the last segment before a query and keeps `..` at the root}
    ///
    /// @param base       absolute, with a host
    /// @param reference  as a field holds it, each byte a character. What servers write and no URI may hold is encoded: blanks, bytes that are no ASCII, `"<>\^`{|}`, a `%` that
    ///                   begins no octet, brackets in a path, a second `#`
    /// @throws IllegalArgumentException  it is none, as [#parse] says
    static URI resolve(URI base, String reference) {
        URI to = parse(encode(reference));
        if (to.isOpaque()) {
            return to;
        }
        boolean same = to.getScheme() == null && to.getRawAuthority() == null;
        String scheme = to.getScheme() == null ? base.getScheme() : to.getScheme();
        String authority = same ? base.getRawAuthority() : to.getRawAuthority();
        if (authority == null) {
            throw new IllegalArgumentException("a URI without a host");
        }
        String path = to.getRawPath();
        String query = to.getRawQuery();
        if (same && path.isEmpty()) {
            path = base.getRawPath();
            query = query == null ? base.getRawQuery() : query;
        } else if (same && !path.startsWith("/")) {
            path = withoutDots(base.getRawPath().substring(0, base.getRawPath().lastIndexOf('/') + 1) + path);
        } else {
            path = withoutDots(path);
        }
        String fragment = to.getRawFragment() == null ? base.getRawFragment() : to.getRawFragment();
        return parse(scheme + "://" + authority + path + (query == null ? "" : "?" + query) + (fragment == null ? "" : "#" + fragment));
    }

    private static String encode(String bytes) {
        StringBuilder text = new StringBuilder(bytes.length());
        int path = pathAt(bytes);
        int query = before(bytes, path, "?#");
        int fragment = before(bytes, path, "#");
        for (int i = 0; i < bytes.length(); i++) {
            char c = bytes.charAt(i);
            boolean wrong = c == ' ' || c >= 0x80 || "\"<>\\^`{|}".indexOf(c) >= 0 || c == '%' && !isOctet(bytes, i)
                    || i >= path && i < query && (c == '[' || c == ']') || i > fragment && c == '#';
            if (wrong) {
                text.append('%').append(String.format(Locale.ROOT, "%02X", c & 0xff));
            } else {
                text.append(c);
            }
        }
        return text.toString();
    }

    /// {@return where the path begins: behind scheme and authority, where there are any}
    private static int pathAt(String reference) {
        int slashes = reference.indexOf("//");
        boolean absolute = slashes == 0 || slashes > 0 && reference.charAt(slashes - 1) == ':' && before(reference, 0, "/?#") == slashes;
        return absolute ? before(reference, slashes + 2, "/?#") : 0;
    }

    /// {@return where the first of some characters is from there on, or the end}
    private static int before(String text, int from, String characters) {
        int at = from;
        while (at < text.length() && characters.indexOf(text.charAt(at)) < 0) {
            at++;
        }
        return at;
    }

    private static boolean isOctet(String text, int at) {
        return at + 2 < text.length() && Character.digit(text.charAt(at + 1), 16) >= 0 && Character.digit(text.charAt(at + 2), 16) >= 0;
    }

    /// {@return the path without segments `.` and `..` (section 5.2.4), which starts with `/` unless it is empty}
    private static String withoutDots(String path) {
        if (path.isEmpty()) {
            return path;
        }
        StringBuilder kept = new StringBuilder(path.length() + 1);
        int at = path.startsWith("/") ? 1 : 0;
        while (true) {
            int slash = path.indexOf('/', at);
            String segment = path.substring(at, slash < 0 ? path.length() : slash);
            boolean up = segment.equals("..");
            if (up) {
                kept.setLength(Math.max(0, kept.lastIndexOf("/")));
            }
            if (!up && !segment.equals(".")) {
                kept.append('/').append(segment);
            } else if (slash < 0) {
                kept.append('/');
            }
            if (slash < 0) {
                return kept.toString();
            }
            at = slash + 1;
        }
    }
}
