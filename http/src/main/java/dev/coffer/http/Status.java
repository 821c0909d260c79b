package dev.coffer.http;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Status codes (RFC 9110, section 15) as plain numbers, and the phrase that HTTP/1.1 writes beside them.
/// Any code 100..999 may be used; unnamed ones go without a phrase. Stateless, thread-safe.
public final class Status {
    public static final int CONTINUE = 100;
    public static final int SWITCHING_PROTOCOLS = 101;
    public static final int EARLY_HINTS = 103;                      // RFC 8297
    public static final int OK = 200;
    public static final int CREATED = 201;
    public static final int ACCEPTED = 202;
    public static final int NO_CONTENT = 204;
    public static final int RESET_CONTENT = 205;
    public static final int PARTIAL_CONTENT = 206;
    public static final int MOVED_PERMANENTLY = 301;
    public static final int FOUND = 302;
    public static final int SEE_OTHER = 303;
    public static final int NOT_MODIFIED = 304;
    public static final int TEMPORARY_REDIRECT = 307;
    public static final int PERMANENT_REDIRECT = 308;
    public static final int BAD_REQUEST = 400;
    public static final int UNAUTHORIZED = 401;
    public static final int FORBIDDEN = 403;
    public static final int NOT_FOUND = 404;
    public static final int METHOD_NOT_ALLOWED = 405;
    public static final int NOT_ACCEPTABLE = 406;
    public static final int REQUEST_TIMEOUT = 408;
    public static final int CONFLICT = 409;
    public static final int GONE = 410;
    public static final int LENGTH_REQUIRED = 411;
    public static final int PRECONDITION_FAILED = 412;
    public static final int CONTENT_TOO_LARGE = 413;
    public static final int URI_TOO_LONG = 414;
    public static final int UNSUPPORTED_MEDIA_TYPE = 415;
    public static final int RANGE_NOT_SATISFIABLE = 416;
    public static final int EXPECTATION_FAILED = 417;
    public static final int MISDIRECTED_REQUEST = 421;
    public static final int UNPROCESSABLE_CONTENT = 422;
    public static final int TOO_EARLY = 425;                        // RFC 8470
    public static final int UPGRADE_REQUIRED = 426;
    public static final int TOO_MANY_REQUESTS = 429;                // RFC 6585
    public static final int REQUEST_HEADER_FIELDS_TOO_LARGE = 431;  // RFC 6585
    public static final int INTERNAL_SERVER_ERROR = 500;
    public static final int NOT_IMPLEMENTED = 501;
    public static final int BAD_GATEWAY = 502;
    public static final int SERVICE_UNAVAILABLE = 503;
    public static final int GATEWAY_TIMEOUT = 504;
    public static final int HTTP_VERSION_NOT_SUPPORTED = 505;

    private static final Ascii NO_PHRASE = Ascii.of("");
    private static final Ascii[] PHRASES = phrases();

    private Status() {}

    /// {@return the phrase of a named code, else an empty text}
    ///
    /// @param status  100..999
    public static Ascii phrase(int status) {
        return PHRASES[status];
    }

    /// {@return bytes of the words that say a status in plain text: its phrase and a line end}
    ///
    /// @param status  100..999
    public static int wordsLength(int status) {
        return PHRASES[status].length() + 1;
    }

    /// Writes a part of the words of [#wordsLength].
    ///
    /// @param from    first byte of the words to write
    /// @param target  `length` bytes at `at`
    /// @param length  0..`wordsLength - from`
    public static void writeWords(int status, int from, MemorySegment target, long at, int length) {
        Ascii phrase = PHRASES[status];
        int letters = Math.min(length, phrase.length() - from);
        for (int i = 0; i < letters; i++) {  // to the end and not past it: C2 would leave its code at each last turn
            target.set(ValueLayout.JAVA_BYTE, at + i, phrase.at(from + i));
        }
        if (letters < length) {
            target.set(ValueLayout.JAVA_BYTE, at + letters, (byte) '\n');
        }
    }

    /// {@return whether a response of this status never has content (RFC 9110, section 6.4.1): 1xx, 204, 304}
    public static boolean isBodiless(int status) {
        return status < 200 || status == NO_CONTENT || status == NOT_MODIFIED;
    }

    private static Ascii[] phrases() {
        Ascii[] all = new Ascii[1000];
        java.util.Arrays.fill(all, NO_PHRASE);
        for (var field : Status.class.getFields()) {
            // OK is written as it is, the others in words
            String name = field.getName();
            StringBuilder words = new StringBuilder();
            for (String word : name.split("_")) {
                boolean kept = word.equals("OK") || word.equals("URI") || word.equals("HTTP");
                words.append(words.isEmpty() ? "" : " ").append(kept ? word
                        : word.charAt(0) + word.substring(1).toLowerCase(java.util.Locale.ROOT));
            }
            try {
                all[field.getInt(null)] = Ascii.of(words.toString());
            } catch (IllegalAccessException e) {
                throw new ExceptionInInitializerError(e);
            }
        }
        return all;
    }
}
