package dev.coffer.server.files;

import dev.coffer.http.Ascii;

/// Content codings of files that were compressed before (RFC 9110, section 8.4.1; RFC 7932, RFC 8878, RFC 1952), by index: the one
/// that is preferred where a client has no preference first. Their names and the endings of the files that have them.
final class Coding {
    /// How many there are.
    static final int COUNT = 3;
    static final int GZIP = 2;
    /// Bytes of an ending, at most.
    static final int ENDING_BYTES_MAX = 4;

    private static final Ascii[] TOKENS = {Ascii.of("br"), Ascii.of("zstd"), Ascii.of("gzip")};
    private static final Ascii[] ENDINGS = {Ascii.of(".br"), Ascii.of(".zst"), Ascii.of(".gz")};

    private Coding() {}

    /// {@return the name as Content-Encoding has it}
    static Ascii token(int index) {
        return TOKENS[index];
    }

    /// {@return what the file's name ends with}
    static Ascii ending(int index) {
        return ENDINGS[index];
    }
}
