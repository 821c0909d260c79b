package dev.coffer.server.route;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Which paths a route is for, segment by segment: `/users/{id}/posts/{post}`, `/files/{rest*}`, `/`.
///
/// | segment | stands for |
/// |---|---|
/// | `users` | itself: octet for octet, after percent-decoding on both sides, so `/%75sers` is the same path (RFC 3986, section 6.2.2) |
/// | `{id}` | one segment, of one byte at least |
/// | `{rest*}` | all that is left, with its slashes; perhaps nothing. The last one |
///
/// An empty segment is a segment: `/a/` is another path than `/a`, and so is `/a//`. Upper and lower case differ.
///
/// Immutable, thread-safe.
public final class PathPattern {
    /// Segments, at most.
    public static final int SEGMENTS_MAX = 32;

    /// How the paths of one pattern lie to those of another.
    enum Relation { APART, EQUAL, WITHIN, AROUND, CROSSING }

    private final String text;
    private final byte[][] literals;        // by segment, decoded; null where it is a parameter
    private final String[] names;           // of the parameters, in their order
    private final boolean hasRest;          // the last segment takes all that is left

    private PathPattern(String text, byte[][] literals, String[] names, boolean hasRest) {
        this.text = text;
        this.literals = literals;
        this.names = names;
        this.hasRest = hasRest;
    }

    /// {@return the pattern of that text}
    ///
    /// @throws IllegalArgumentException  no leading `/`, too many segments, a parameter without a name or two of one name, a rest
    ///                                   that is not the last, a brace elsewhere, a `?`, `#` or control, a `%` without two digits,
    ///                                   a segment `.` or `..` (caller's fault)
    public static PathPattern of(String text) {
        if (!text.startsWith("/")) {
            throw wrong(text, "expected a leading /");
        }
        String[] segments = text.substring(1).split("/", -1);
        if (segments.length > SEGMENTS_MAX) {
            throw wrong(text, segments.length + " segments, at most " + SEGMENTS_MAX);
        }
        byte[][] literals = new byte[segments.length][];
        List<String> names = new ArrayList<>();
        boolean rest = false;
        for (int i = 0; i < segments.length; i++) {
            String segment = segments[i];
            if (!segment.startsWith("{")) {
                literals[i] = literal(text, segment);
                continue;
            }
            rest = segment.endsWith("*}");
            String name = segment.substring(1, Math.max(1, segment.length() - (rest ? 2 : 1)));
            if (!segment.endsWith("}") || name.isEmpty() || name.matches(".*[{}*].*")) {
                throw wrong(text, "a parameter is {name} or {name*}, and the whole segment");
            }
            if (rest && i < segments.length - 1) {
                throw wrong(text, "{" + name + "*} takes all that is left, and must be the last");
            }
            if (names.contains(name)) {
                throw wrong(text, "two parameters are {" + name + "}");
            }
            names.add(name);
        }
        return new PathPattern(text, literals, names.toArray(String[]::new), rest);
    }

    private static byte[] literal(String text, String segment) {
        byte[] sent = segment.getBytes(StandardCharsets.UTF_8);
        for (byte b : sent) {
            if (b >= 0 && b <= ' ' || b == 0x7f || "{}?#*".indexOf(b) >= 0) {
                throw wrong(text, "a segment has a control, a space, or one of {}?#*; write it as %XX");
            }
        }
        byte[] decoded = new byte[sent.length];
        int length = Percent.decode(MemorySegment.ofArray(sent), 0, sent.length, MemorySegment.ofArray(decoded), 0, sent.length);
        if (length < 0) {
            throw wrong(text, "a % is followed by two hexadecimal digits");
        }
        byte[] literal = Arrays.copyOf(decoded, length);
        if (Arrays.equals(literal, new byte[] {'.'}) || Arrays.equals(literal, new byte[] {'.', '.'})) {
            throw wrong(text, "no path with a segment . or .. is routed");
        }
        return literal;
    }

    private static IllegalArgumentException wrong(String text, String why) {
        return new IllegalArgumentException("pattern " + text + ": " + why);
    }

    /// {@return how many segments it has, the rest among them}
    int segments() {
        return literals.length;
    }

    /// {@return the octets of a segment, null for a parameter}
    byte[] literal(int index) {
        return literals[index];
    }

    /// {@return whether that segment takes all that is left}
    boolean isRest(int index) {
        return hasRest && index == literals.length - 1;
    }

    boolean hasRest() {
        return hasRest;
    }

    /// {@return the names of its parameters, in their order}
    public List<String> parameters() {
        return List.of(names);
    }

    int parameterCount() {
        return names.length;
    }

    String name(int index) {
        return names[index];
    }

    /// {@return how the paths that fit this pattern lie to those that fit the other: within, around, ... them}
    Relation to(PathPattern other) {
        boolean narrower = false;
        boolean wider = false;
        for (int i = 0;; i++) {
            boolean rest = i < segments() && isRest(i);
            boolean otherRest = i < other.segments() && other.isRest(i);
            if (rest || otherRest) {
                // a rest takes at least the slash before it, so the other pattern must reach as far
                if (i >= segments() || i >= other.segments()) {
                    return Relation.APART;
                }
                return relation(narrower || !rest, wider || !otherRest);
            }
            if (i == segments() || i == other.segments()) {
                return segments() == other.segments() ? relation(narrower, wider) : Relation.APART;
            }
            byte[] mine = literals[i];
            byte[] its = other.literals[i];
            if (mine != null && its != null) {
                if (!Arrays.equals(mine, its)) {
                    return Relation.APART;
                }
            } else if (mine != null || its != null) {
                if ((mine != null ? mine : its).length == 0) {
                    return Relation.APART;  // a parameter is never empty
                }
                narrower |= mine != null;
                wider |= its != null;
            }
        }
    }

    private static Relation relation(boolean narrower, boolean wider) {
        return narrower ? wider ? Relation.CROSSING : Relation.WITHIN : wider ? Relation.AROUND : Relation.EQUAL;
    }

    /// {@return the pattern as it was written}
    @Override
    public String toString() {
        return text;
    }
}
