package dev.coffer.cli;

import dev.coffer.client.easy.Reply;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Which bytes an answer of 206 holds (RFC 9110, section 14.4).
///
/// @param first  the first one's number, 0 for the first of all
/// @param last   the last one's
/// @param whole  bytes of the whole; UNKNOWN where the server does not say
record ContentRange(long first, long last, long whole) {
    static final long UNKNOWN = -1;
    private static final Pattern BYTES = Pattern.compile("bytes (\\d{1,18})-(\\d{1,18})/(\\d{1,18}|\\*)", Pattern.CASE_INSENSITIVE);

    /// {@return what the head says; null where it says nothing that makes sense, or says it twice, or that several parts come, each with its own}
    static ContentRange of(Reply head) {
        List<String> fields = head.headers("content-range");
        if (fields.size() != 1 || isOfSeveral(head)) {
            return null;
        }
        Matcher matcher = BYTES.matcher(fields.getFirst());
        if (!matcher.matches()) {
            return null;
        }
        ContentRange range = new ContentRange(Long.parseLong(matcher.group(1)), Long.parseLong(matcher.group(2)),
                matcher.group(3).equals("*") ? UNKNOWN : Long.parseLong(matcher.group(3)));
        return range.last < range.first || range.whole != UNKNOWN && range.whole <= range.last ? null : range;
    }

    /// {@return whether parts of it come one behind the other, with words between them (section 14.6)}
    private static boolean isOfSeveral(Reply head) {
        return head.header("content-type").orElse("").toLowerCase(Locale.ROOT).startsWith("multipart/byteranges");
    }

    /// {@return bytes that it holds, 1 or more}
    long length() {
        return last - first + 1;
    }

    /// {@return whether it goes on from there to the end}
    boolean isRestFrom(long at) {
        return first == at && last + 1 == whole;
    }
}
