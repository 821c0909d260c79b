package dev.coffer.cli;

import dev.coffer.client.easy.Question;
import dev.coffer.client.easy.Reply;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/// What is kept of a download that was cut short, and asked for no more: beside the output `FILE.coffer-part`, and `FILE.coffer-part.from`, which
/// says of what it is a part. It is asked for by Range and If-Range (RFC 9110, sections 13.1.5, 14.2): where the server's file is another by now,
/// all of it comes anew. What has no validator that says so is not kept.
final class Resumption {
    private static final String FIRST_LINE = "coffer get 1";
    private static final int COPY_BYTES = 1 << 16;

    private final Path part;
    private final Path note;
    private final String of;        // which URL, as a hash: it may hold a password
    private String validator;       // of the part that is there; null where there is none
    private long length;

    /// @param file  that is downloaded to
    /// @throws Failure  what is there may not be read
    Resumption(String file, String url) {
        part = Path.of(file + ".coffer-part");
        note = Path.of(file + ".coffer-part.from");
        of = hash(url);
        try {
            if (Files.isRegularFile(part, LinkOption.NOFOLLOW_LINKS) && Files.isRegularFile(note, LinkOption.NOFOLLOW_LINKS)) {
                List<String> lines = Files.readAllLines(note);
                if (lines.size() == 3 && lines.get(0).equals(FIRST_LINE) && lines.get(1).equals(of)) {
                    validator = lines.get(2);
                    length = Files.size(part);
                }
            }
        } catch (IOException | UncheckedIOException e) {
            validator = null;  // not one of ours
        }
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
        return validator == null || length == 0 ? question
                : question.withField("range", "bytes=" + length + "-").withField("if-range", validator);
    }

    /// The head of the answer has come.
    ///
    /// @param out  gets what is there already, where the answer goes on from it
    /// @return bytes that it got
    /// @throws Failure  the answer is a part that does not go on from ours
    long begin(Reply head, Output out) {
        if (head.status() == 206 || head.status() == 416) {
            String range = head.header("content-range").orElse("");
            boolean whole = head.status() == 416 && range.equals("bytes */" + length);
            if (validator == null || length == 0 || !whole && !(head.status() == 206 && range.startsWith("bytes " + length + "-"))) {
                throw new Failure(GetExit.RANGE, head.uri() + ": the server sends a part that was not asked for (" + range + ")");
            }
            if (!whole && !validator(head).isEmpty() && !validator(head).equals(validator)) {
                throw new Failure(GetExit.RANGE, head.uri() + ": the server sends a part of what is another file by now");
            }
            copy(out);
            out.keepPart(part);
            return length;
        }
        if (head.status() < 300) {
            String fresh = validator(head);
            if (!fresh.isEmpty()) {
                try {
                    Files.deleteIfExists(part);  // first: it is not of what is noted next
                    Files.writeString(note, FIRST_LINE + "\n" + of + "\n" + fresh + "\n");
                    out.keepPart(part);
                } catch (IOException e) {
                    throw Failure.of(ExitCode.FAILED, note.toString(), e);
                }
            }
        }
        return 0;
    }

    /// {@return whether nothing is left to come: the server has no more than what is there}
    static boolean isWhole(Reply head) {
        return head.status() == 416;
    }

    /// {@return a validator that is the same only for the same bytes: a strong entity tag; a time only where there is none. Empty for none}
    private static String validator(Reply head) {
        String tag = head.header("etag").orElse("");
        return tag.startsWith("\"") ? tag : tag.isEmpty() ? head.header("last-modified").orElse("") : "";
    }

    private void copy(Output out) {
        ByteBuffer buffer = ByteBuffer.allocate(COPY_BYTES);
        try (FileChannel from = FileChannel.open(part, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
            long left = length;
            while (left > 0) {
                buffer.clear().limit((int) Math.min(COPY_BYTES, left));
                int read = from.read(buffer);
                if (read < 0) {
                    throw new Failure(ExitCode.CHANGED, part + ": has become shorter");
                }
                out.write(buffer.flip());
                left -= read;
            }
        } catch (IOException e) {
            throw Failure.of(ExitCode.FAILED, part.toString(), e);
        }
    }

    /// The file is whole, and in its place.
    void done() {
        try {
            Files.deleteIfExists(part);
            Files.deleteIfExists(note);
        } catch (IOException e) {
            // they say of what they are a part, and are looked at again
        }
    }
}
