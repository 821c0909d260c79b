package dev.coffer.server.files;

import dev.coffer.http.Ascii;
import dev.coffer.server.FixedFields;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/// What `Cache-Control` says of the files whose names fit a pattern: the name from the root, decoded, with `*` for any bytes, also
/// none, also `/`. `/assets/*`, `*.html`, `*`. Immutable, thread-safe; 0 heap bytes.
final class CacheRule {
    private static final int PATTERN_BYTES_MAX = 255;
    private static final String NAME = "Cache-Control";

    private final byte[] pattern;
    private final Ascii value;

    /// @throws IllegalArgumentException  a pattern that begins with neither `/` nor `*` or is too long, a value that no field can have
    CacheRule(String pattern, String value) {
        this.pattern = pattern.getBytes(StandardCharsets.UTF_8);
        this.value = FixedFields.value(NAME, value.strip());
        if (this.pattern.length == 0 || this.pattern.length > PATTERN_BYTES_MAX || this.pattern[0] != '/' && this.pattern[0] != '*') {
            throw new IllegalArgumentException("cache control: pattern \"" + pattern.replaceAll("[^ -~]", "?")
                    + "\" (expected / or * and up to " + (PATTERN_BYTES_MAX - 1) + " bytes more)");
        }
    }

    Ascii value() {
        return value;
    }

    /// {@return bytes of the field as HTTP/1.1 writes it}
    int bytes() {
        return NAME.length() + ": \r\n".length() + value.length();
    }

    /// {@return whether a name fits: `/` and the bytes at `at`}
    boolean fits(MemorySegment name, long at, int length) {
        int p = 0;
        int star = -1;          // where the last star stands, and what it has taken so far
        int starred = 0;
        int i = 0;
        while (i <= length) {
            if (p < pattern.length && pattern[p] == '*') {
                star = p++;
                starred = i;
            } else if (p < pattern.length && pattern[p] == (i == 0 ? '/' : name.get(ValueLayout.JAVA_BYTE, at + i - 1))) {
                p++;
                i++;
            } else if (star >= 0) {
                p = star + 1;
                i = ++starred;
            } else {
                return false;
            }
        }
        while (p < pattern.length && pattern[p] == '*') {
            p++;
        }
        return p == pattern.length;
    }
}
