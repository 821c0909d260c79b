package dev.coffer.server;

import dev.coffer.http.Ascii;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// The media type of a file, by the ending of its name (RFC 9110, section 8.3; types of the IANA registry). Stateless,
/// thread-safe; 0 heap bytes.
public final class MediaType {
    /// What a file of unknown ending is: bytes.
    public static final Ascii UNKNOWN = Ascii.of("application/octet-stream");
    /// Plain text.
    public static final Ascii TEXT = Ascii.of("text/plain; charset=utf-8");
    public static final Ascii HTML = Ascii.of("text/html; charset=utf-8");
    public static final Ascii JSON = Ascii.of("application/json");

    /// Longest ending in the table.
    private static final int ENDING_BYTES_MAX = 11;

    private static final Ascii[] ENDINGS;
    private static final Ascii[] TYPES;

    static {
        String[][] table = {
                {"text/html; charset=utf-8", "html", "htm"},
                {"text/css; charset=utf-8", "css"},
                {"text/javascript; charset=utf-8", "js", "mjs"},
                {"text/plain; charset=utf-8", "txt", "text", "log", "conf", "java", "c", "h", "rs", "py", "sh"},
                {"text/markdown; charset=utf-8", "md", "markdown"},
                {"text/csv; charset=utf-8", "csv"},
                {"text/xml; charset=utf-8", "xml"},
                {"application/json", "json", "map"},
                {"application/manifest+json", "webmanifest"},
                {"application/wasm", "wasm"},
                {"application/pdf", "pdf"},
                {"application/zip", "zip"},
                {"application/gzip", "gz", "tgz"},
                {"application/x-tar", "tar"},
                {"application/java-archive", "jar"},
                {"application/yaml", "yaml", "yml"},
                {"image/svg+xml", "svg"},
                {"image/png", "png"},
                {"image/jpeg", "jpg", "jpeg"},
                {"image/gif", "gif"},
                {"image/webp", "webp"},
                {"image/avif", "avif"},
                {"image/vnd.microsoft.icon", "ico"},
                {"font/woff2", "woff2"},
                {"font/woff", "woff"},
                {"font/ttf", "ttf"},
                {"font/otf", "otf"},
                {"audio/mpeg", "mp3"},
                {"audio/ogg", "ogg"},
                {"video/mp4", "mp4"},
                {"video/webm", "webm"},
        };
        int count = 0;
        for (String[] row : table) {
            count += row.length - 1;
        }
        ENDINGS = new Ascii[count];
        TYPES = new Ascii[count];
        for (String[] row : table) {
            Ascii type = Ascii.of(row[0]);
            for (int i = 1; i < row.length; i++) {
                ENDINGS[--count] = Ascii.of(row[i]);
                TYPES[count] = type;
            }
        }
    }

    private MediaType() {}

    /// {@return the type of the file whose name is at `at`, [#UNKNOWN] if its ending is not in the table}
    public static Ascii of(MemorySegment name, long at, int length) {
        for (int bytes = 1; bytes <= ENDING_BYTES_MAX && bytes < length; bytes++) {
            byte before = name.get(ValueLayout.JAVA_BYTE, at + length - bytes - 1);
            if (before == '/') {
                return UNKNOWN;
            }
            if (before == '.') {
                for (int i = 0; i < ENDINGS.length; i++) {
                    if (ENDINGS[i].matchesAnyCase(name, at + length - bytes, bytes)) {
                        return TYPES[i];
                    }
                }
                return UNKNOWN;
            }
        }
        return UNKNOWN;
    }
}
