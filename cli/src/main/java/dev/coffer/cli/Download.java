package dev.coffer.cli;

import dev.coffer.client.easy.Reply;
import dev.coffer.client.easy.ReplySink;
import dev.coffer.http.Status;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/// Writes an answer as it comes. On the client's thread, which waits while an output does: that holds the server back.
final class Download implements ReplySink, AutoCloseable {
    private final String url;
    private final Output out;
    private final boolean heads;
    private final boolean contents;
    private final long limit;
    private final boolean follows;
    private Progress progress = Progress.of("", 0);
    private long bytes;

    /// @param heads     whether the head is written
    /// @param contents  whether content is asked for
    /// @param limit     bytes of content, at most
    /// @param follows   whether redirects are followed
    Download(String url, Output out, boolean heads, boolean contents, long limit, boolean follows) {
        this.url = url;
        this.out = out;
        this.heads = heads;
        this.contents = contents;
        this.limit = limit;
        this.follows = follows;
    }

    @Override
    public void head(Reply head) {
        if (head.contentLength() > limit) {
            throw tooLarge();
        }
        if (!out.isDirect()) {
            refuse(head);  // a file would only be removed again
        }
        if (heads) {
            StringBuilder text = new StringBuilder("HTTP/" + head.version() / 10 + "." + head.version() % 10 + " " + head.status() + " "
                    + Status.phrase(head.status()) + "\r\n");
            head.headers().forEach((name, values) -> values.forEach(value -> text.append(name).append(": ").append(value).append("\r\n")));
            out.write(ByteBuffer.wrap(text.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1)));
        }
        progress = Progress.of("get", contents ? head.contentLength() : 0);
    }

    @Override
    public void take(ByteBuffer piece) {
        int length = piece.remaining();
        if (length > limit - bytes) {
            throw tooLarge();
        }
        bytes += length;
        out.write(piece);
        progress.done(length);
    }

    /// The answer is whole.
    ///
    /// @throws Failure  it is an error, or a redirect that nobody follows
    void end(Reply reply) {
        refuse(reply);
    }

    private void refuse(Reply reply) {
        int status = reply.status();
        String words = reply.uri() + ": " + (status + " " + Status.phrase(status)).strip();
        if (status >= 400) {
            throw new Failure(ExitCode.FAILED, words);
        }
        if (!heads && reply.header("location").isPresent() && status >= 300 && status != 304) {
            throw new Failure(ExitCode.FAILED, words + ", to " + reply.header("location").get() + (follows ? "" : "; -L follows it"));
        }
    }

    private Failure tooLarge() {
        return new Failure(ExitCode.FAILED, url + ": more than " + limit + " bytes of content");
    }

    @Override
    public void close() {
        progress.close();
    }
}
