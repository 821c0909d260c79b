package dev.coffer.cli;

import static java.time.format.DateTimeFormatter.RFC_1123_DATE_TIME;

import dev.coffer.client.easy.Question;
import dev.coffer.client.easy.Reply;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;

/// What is kept of a download that was cut short, and asked for no more. It is asked for by Range and If-Range (RFC 9110, sections 13.1.5, 14.2): where the server's file is another by now,
/// all of it comes anew. What has no validator that says so is not kept.
final class Resumption {
    private static final String FIRST_LINE = "coffer get 2";
    private static final String NONE = "-";
    private static final long STILL_SECONDS = 60;

    private final KeptPart part;
    private final String of;        // which URL, as a hash: it may hold a password
    private final String validator; // of the part that is there; null where there is none
    private final String whole;     // bytes of the whole, as its server said; NONE where it did not
    private final String coding;    // its Content-Encoding, NONE for none
    private final long length;

    Resumption(KeptPart part, String url) {
        this.part = part;
        of = hash(url);
        List<String> lines = part.lines();
        boolean ours = lines.size() == 5 && lines.get(0).equals(FIRST_LINE) && lines.get(1).equals(of) && isSendable(lines.get(2));
        length = ours ? part.length() : 0;
        validator = length > 0 ? lines.get(2) : null;
        whole = ours ? lines.get(3) : NONE;
        coding = ours ? lines.get(4) : NONE;
    }

    /// {@return whether it may stand in a field: another may have written the note}
    private static boolean isSendable(String validator) {
        return !validator.isEmpty() && validator.chars().allMatch(c -> c >= 0x20 && c < 0x7f);
    }

    private static String hash(String url) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(url.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    /// {@return the question, for what is not there yet}
    Question ask(Question question) {
        return validator == null ? question : question.withField("range", "bytes=" + length + "-").withField("if-range", validator);
    }

    /// The head of the answer has come.
    ///
    /// @param out  gets what is there already, where the answer goes on from it
    /// @return bytes that it got
    /// @throws Failure  the answer is a part that does not go on from ours to the end
    long begin(Reply head, Output out) {
        if (head.status() == 206 || head.status() == 416) {
            String said = head.header("content-range").orElse("");
            ContentRange range = ContentRange.of(head);
            if (validator == null || !(isWhole(head) ? said.equals("bytes */" + length) : range != null && range.isRestFrom(length))) {
                throw new Failure(GetExit.RANGE, head.uri() + ": the server sends a part that was not asked for (" + said + ")");
            }
            if (isOfAnother(head, isWhole(head) ? length : range.whole())) {
                throw new Failure(GetExit.RANGE, head.uri() + ": the server sends a part of what is another file by now");
            }
            part.copy(length, out);
            out.keepPart(part.file());
            return length;
        }
        if (head.status() < 300) {
            String fresh = validator(head);
            if (isSendable(fresh) && isSendable(coding(head))) {
                part.begin(List.of(FIRST_LINE, of, fresh, head.contentLength() < 0 ? NONE : Long.toString(head.contentLength()), coding(head)));
                out.keepPart(part.file());
            }
        }
        return 0;
    }

    /// {@return whether what is sent now belongs to other bytes than what is there: another validator, length or coding. A part need not say the last (RFC 9110, section 15.3.7)}
    private boolean isOfAnother(Reply head, long bytes) {
        String now = validator(head);
        return !now.isEmpty() && !now.equals(validator) || !whole.equals(NONE) && !whole.equals(Long.toString(bytes))
                || !isWhole(head) && !coding(head).equals(NONE) && !coding(head).equals(coding);
    }

    private static String coding(Reply head) {
        String all = String.join(",", head.headers("content-encoding"));
        return all.isEmpty() ? NONE : all;
    }

    /// {@return whether nothing is left to come: the server has no more than what is there}
    static boolean isWhole(Reply head) {
        return head.status() == 416;
    }

    /// {@return a validator that is the same only for the same bytes: a strong entity tag; where there is none, a time that was long over when the answer
    /// was made, as what changes twice in a second has one time (RFC 9110, section 8.8.2.2), and not of what is coded, as it has the time of what is not. Empty for none}
    private static String validator(Reply head) {
        String tag = head.header("etag").orElse("");
        String modified = head.header("last-modified").orElse("");
        boolean dated = tag.isEmpty() && coding(head).equals(NONE) && isOlder(modified, head.header("date").orElse(""));
        return tag.startsWith("\"") ? tag : dated ? modified : "";
    }

    private static boolean isOlder(String modified, String date) {
        try {
            return Instant.from(RFC_1123_DATE_TIME.parse(modified)).plusSeconds(STILL_SECONDS).compareTo(Instant.from(RFC_1123_DATE_TIME.parse(date))) <= 0;
        } catch (DateTimeException e) {
            return false;
        }
    }

    /// The file is whole, and in its place.
    void done() {
        part.forget();
    }
}
