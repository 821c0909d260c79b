package dev.coffer.cli;

import dev.coffer.client.easy.Reply;
import dev.coffer.client.easy.ReplySink;
import dev.coffer.http.Status;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/// Writes an answer as it comes. On the client's thread, which waits while an output does: that holds the server back.
final class Download implements ReplySink, AutoCloseable {
    /// Less is there before anyone looks.
    private static final long PROGRESS_BYTES_MIN = 4L << 20;
    /// Words about a range are read that far, for the sake of the connection.
    private static final long PASSED_BYTES_MAX = 1 << 16;

    private final String url;
    private final Output out;
    private final boolean heads;
    private final boolean contents;
    private final long limit;
    private final boolean follows;
    private final Manners manners;
    private Progress progress = Progress.none();
    private long bytes;
    private long end = Long.MAX_VALUE;  // bytes with which a part is there as its head says; MAX_VALUE where that says nothing
    private boolean passes;         // what comes is not the content

    /// More is not looked at of an answer whose content is not wanted.
    static final class Enough extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    /// How it behaves.
    ///
    /// @param quiet       whether no progress is shown
    /// @param fails       whether an error's content is not written, wherever to
    /// @param ranged      whether a part is asked for
    /// @param resumption  what is kept and gone on from; null for nothing
    record Manners(boolean quiet, boolean fails, boolean ranged, Resumption resumption) {}

    /// @param heads     whether the head is written
    /// @param contents  whether content is asked for
    /// @param limit     bytes of content, at most
    /// @param follows   whether redirects are followed
    Download(String url, Output out, boolean heads, boolean contents, long limit, boolean follows, Manners manners) {
        this.manners = manners;
        this.url = url;
        this.out = out;
        this.heads = heads;
        this.contents = contents;
        this.limit = limit;
        this.follows = follows;
    }

    @Override
    public void head(Reply head) {
        boolean whole = manners.resumption() != null && Resumption.isWhole(head);
        if (!whole && contents && head.contentLength() > limit) {
            throw tooLarge();
        }
        if (!whole && (!out.isDirect() || manners.fails())) {
            refuse(head);  // a file would only be removed again
        }
        long before = manners.resumption() == null ? 0 : manners.resumption().begin(head, out);
        passes = whole;
        if (before > limit) {
            throw tooLarge();
        }
        bytes = whole ? 0 : before;
        ContentRange range = head.status() == 206 && contents ? ContentRange.of(head) : null;
        if (range != null) {
            end = before + range.length();
            if (head.contentLength() >= 0 && head.contentLength() != range.length()) {
                throw new Failure(GetExit.RANGE, head.uri() + ": the server sends " + head.contentLength() + " bytes as a part of " + range.length());
            }
        }
        if (heads) {
            StringBuilder text = new StringBuilder("HTTP/" + head.version() / 10 + "." + head.version() % 10 + " " + head.status() + " "
                    + Status.phrase(head.status()) + "\r\n");
            head.headers().forEach((name, values) -> values.forEach(value -> text.append(name).append(": ").append(value).append("\r\n")));
            out.write(ByteBuffer.wrap(text.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1)));
        }
        if (!manners.quiet() && contents && !whole) {
            progress = Progress.of("get", head.contentLength() < 0 ? -1 : head.contentLength() + before, PROGRESS_BYTES_MIN);
            progress.done(before);
        }
    }

    @Override
    public void take(ByteBuffer piece) {
        int length = piece.remaining();
        if (passes) {  // words about a range
            bytes += length;
            if (bytes > PASSED_BYTES_MAX) {
                throw new Enough();
            }
            return;
        }
        if (length > limit - bytes) {
            throw tooLarge();
        }
        if (length > end - bytes) {
            out.keepPart(null);  // which of its bytes are which is not known any more: what was there before stays
            throw new Failure(GetExit.PARTIAL, url + ": the server sends more than the part that it says it sends");
        }
        bytes += length;
        out.write(piece);
        progress.done(length);
    }

    /// The answer is whole.
    ///
    /// @throws Failure  it is an error, a redirect that nobody follows, or less than it says
    void end(Reply reply) {
        if (passes) {
            return;
        }
        refuse(reply);
        if (reply.status() == 304) {
            out.leave();
        }
        if (end != Long.MAX_VALUE && bytes < end) {
            throw new Failure(GetExit.PARTIAL, url + ": the answer was cut short: " + (end - bytes) + " bytes of the part are missing");
        }
    }

    private void refuse(Reply reply) {
        int status = reply.status();
        String words = reply.uri() + ": " + (status + " " + Status.phrase(status)).strip();
        if (status >= 400) {
            throw new Failure(GetExit.STATUS, words);
        }
        if (status == 206 && !manners.ranged()) {
            ContentRange range = ContentRange.of(reply);
            if (range == null || !range.isRestFrom(0)) {
                throw new Failure(GetExit.RANGE, reply.uri() + ": the server sends a part that was not asked for");
            }
        }
        if (!heads && reply.header("location").isPresent() && status >= 300 && status != 304) {
            boolean counted = follows && reply.isRedirect();
            throw new Failure(counted ? GetExit.REDIRECTS : ExitCode.FAILED,
                    words + ", to " + reply.header("location").get() + (reply.isRedirect() && !follows ? "; -L follows it" : ""));
        }
    }

    private Failure tooLarge() {
        return new Failure(GetExit.TOO_LARGE, url + ": more than " + limit + " bytes of content");
    }

    @Override
    public void close() {
        progress.close();
    }
}
