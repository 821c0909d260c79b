package dev.coffer.server;

import dev.coffer.http.Ascii;
import dev.coffer.http.FieldName;
import dev.coffer.http.HeadWriter;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Consumer;

/// Fields that are the same in many answers, checked once: what someone who runs a server adds to what it says anyhow.
///
/// Immutable, thread-safe; writing them makes no object.
public final class FixedFields {
    /// No fields.
    public static final FixedFields NONE = new FixedFields(List.of());
    /// Fields at most.
    public static final int COUNT_MAX = 32;
    /// Bytes of all of them as HTTP/1.1 writes them, at most.
    public static final int BYTES_MAX = 8192;
    private static final int SEPARATORS_BYTES = ": \r\n".length();

    /// What frames a message or belongs to one connection is the engine's to write (RFC 9110, section 7.6.1), what describes a content
    /// is whoever's has it; a second one would contradict it.
    private static final Set<FieldName> REFUSED = EnumSet.of(FieldName.CONTENT_LENGTH, FieldName.TRANSFER_ENCODING, FieldName.CONNECTION,
            FieldName.KEEP_ALIVE, FieldName.PROXY_CONNECTION, FieldName.TE, FieldName.TRAILER, FieldName.UPGRADE, FieldName.EXPECT,
            FieldName.HOST, FieldName.DATE, FieldName.CONTENT_TYPE, FieldName.CONTENT_ENCODING, FieldName.CONTENT_RANGE,
            FieldName.ACCEPT_RANGES, FieldName.ETAG, FieldName.LAST_MODIFIED, FieldName.LOCATION, FieldName.ALLOW,
            FieldName.RETRY_AFTER, FieldName.VARY, FieldName.X_CONTENT_TYPE_OPTIONS, FieldName.CACHE_CONTROL);

    private final FieldName[] names;
    private final Ascii[] others;       // the name where it is OTHER
    private final Ascii[] values;
    private final int bytes;
    private final Consumer<HeadWriter> writer = this::write;

    private FixedFields(List<String> lines) {
        int count = lines.size();
        names = new FieldName[count];
        others = new Ascii[count];
        values = new Ascii[count];
        int sum = 0;
        for (int i = 0; i < count; i++) {
            String line = lines.get(i);
            int colon = line.indexOf(':');
            if (colon < 0) {
                throw new IllegalArgumentException("header \"" + printable(line) + "\" (expected NAME: VALUE)");
            }
            String name = line.substring(0, colon);
            String value = line.substring(colon + 1).strip();
            names[i] = name(name);
            others[i] = Ascii.of(name.toLowerCase(Locale.ROOT));
            values[i] = value(name, value);
            sum += name.length() + value.length() + SEPARATORS_BYTES;
        }
        if (count > COUNT_MAX || sum > BYTES_MAX) {
            throw new IllegalArgumentException("headers: " + count + " of " + sum + " bytes (expected at most " + COUNT_MAX + " of " + BYTES_MAX
                    + ")");
        }
        bytes = sum;
    }

    /// {@return fields, in their order}
    ///
    /// @param lines  each `Name: value`
    /// @throws IllegalArgumentException  no colon, no name, a value with a control or a character past 0x7e, a name that is the
    ///                                   server's to write, or more than [#COUNT_MAX] or [#BYTES_MAX] (caller's fault)
    public static FixedFields of(List<String> lines) {
        return lines.isEmpty() ? NONE : new FixedFields(new ArrayList<>(lines));
    }

    /// {@return a value of one field, checked as those of [#of] are}
    ///
    /// @throws IllegalArgumentException  a control, a character past 0x7e, or nothing (caller's fault)
    public static Ascii value(String name, String value) {
        if (value.isEmpty()) {
            throw new IllegalArgumentException("header " + printable(name) + ": no value");
        }
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c != '\t' && (c < ' ' || c > '~')) {
                throw new IllegalArgumentException("header " + printable(name) + ": character " + i + " of its value is " + (int) c
                        + " (expected printable ASCII)");
            }
        }
        return Ascii.of(value);
    }

    private static FieldName name(String text) {
        if (text.isEmpty() || text.length() > 255 || !text.chars().allMatch(FixedFields::isTokenCharacter)) {
            throw new IllegalArgumentException("header \"" + printable(text) + "\": not a name (RFC 9110, section 5.6.2)");
        }
        String lower = text.toLowerCase(Locale.ROOT);
        for (FieldName known : FieldName.values()) {
            if (known != FieldName.OTHER && known.lower().toString().equals(lower)) {
                if (REFUSED.contains(known)) {
                    throw new IllegalArgumentException("header " + text + " is the server's own to write"
                            + (known == FieldName.CACHE_CONTROL ? "; see cache control" : ""));
                }
                return known;
            }
        }
        return FieldName.OTHER;
    }

    private static boolean isTokenCharacter(int c) {
        return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || "!#$%&'*+-.^_`|~".indexOf(c) >= 0;
    }

    /// {@return the text without what a terminal would obey}
    private static String printable(String text) {
        return text.replaceAll("[^ -~]", "?");
    }

    /// {@return bytes of all of them as HTTP/1.1 writes them}
    public int bytes() {
        return bytes;
    }

    /// {@return how many there are}
    public int count() {
        return names.length;
    }

    /// {@return what writes them, the same object each time}
    Consumer<HeadWriter> writer() {
        return writer;
    }

    void write(HeadWriter head) {
        for (int i = 0; i < names.length; i++) {
            if (names[i] == FieldName.OTHER) {
                head.field(others[i], values[i]);
            } else {
                head.field(names[i], values[i]);
            }
        }
    }
}
