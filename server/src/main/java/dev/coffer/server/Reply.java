package dev.coffer.server;

import dev.coffer.http.Ascii;
import dev.coffer.http.FieldName;
import dev.coffer.http.HeadWriter;
import dev.coffer.http.MessageSource;
import dev.coffer.http.Status;
import dev.coffer.memory.engine.Passage;
import dev.coffer.server.drive.Transport;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The answer of one exchange as its engine pulls it: a status with its words, bytes that lie somewhere, or an [Answer].
final class Reply implements MessageSource {
    private enum Kind { NONE, STATUS, BYTES, ANSWER, TUNNEL }

    /// Who was asked last on a connection: the one at fault where that call throws, which may be told of when others were asked
    /// on other connections.
    static final class Pulled {
        private @Nullable Reply last;  // null where it is over
        private boolean gone;       // it is over, and what it has thrown may yet be told

        /// A connection begins.
        void renew() {
            last = null;
            gone = false;
        }

        private void ask(Reply reply) {
            last = reply;
            gone = false;
        }

        private void over(Reply reply) {
            if (last == reply) {
                last = null;
                gone = true;
            }
        }

        boolean isLast(@Nullable Reply reply) {
            return last == reply;
        }

        /// {@return once, whether who was asked last is over: nobody else is to blame}
        boolean takeGone() {
            boolean was = gone;
            gone = false;
            return was;
        }
    }

    private final ExtraFields fields;
    private final Failures failures;

    private Kind kind = Kind.NONE;
    private int status;
    private @Nullable Ascii mediaType;
    private @Nullable MemorySegment segment;
    private long from;          // of the words or bytes: the next one
    private long left;
    private @Nullable Answer answer;
    private @Nullable Ascii protocol;  // of a tunnel
    private FixedFields announced = FixedFields.NONE;  // where else the server is
    private boolean begun;      // content was asked for, so the head has gone
    private boolean headed;     // the head was written
    private long contentBytes;  // handed over
    private boolean failed;     // once: the answer is 500 now
    private @Nullable Transport transport;
    private @Nullable Pulled pulled;  // of the connection

    // Where head and content lie that may not have gone: those of the connection's last fill.
    private int headFill;       // with the head
    private long headEnd;       // where content was first asked for behind it
    private int fill;           // with the last piece of content
    private long gone;          // content of fills before it
    private long pieceAt;       // where that piece lies
    private long pieceFrom;     // content before it

    Reply(ExtraFields fields, Failures failures) {
        this.fields = fields;
        this.failures = failures;
    }

    private Answer answer() {
        return Objects.requireNonNull(answer, "given");
    }

    private Pulled pulled() {
        return Objects.requireNonNull(pulled, "begun");
    }

    private Transport transport() {
        return Objects.requireNonNull(transport, "begun");
    }

    /// Another exchange begins.
    void renew(Transport newTransport, Pulled newPulled) {
        pulled = newPulled;
        transport = newTransport;
        fill = newTransport.fills() - 1;  // none
        gone = 0;
        status = 0;
        headed = false;
        contentBytes = 0;
        failed = false;
    }

    /// Has the answer, unless it becomes a tunnel, say where else the server is.
    void announce(FixedFields where) {
        announced = where;
    }

    void give(int newStatus) {
        kind = Kind.STATUS;
        status = newStatus;
    }

    void give(int newStatus, Ascii newMediaType, MemorySegment newSegment, long at, long length) {
        kind = Kind.BYTES;
        status = newStatus;
        mediaType = newMediaType;
        segment = newSegment;
        from = at;
        left = length;
    }

    void give(int newStatus, Answer newAnswer) {
        kind = Kind.ANSWER;
        status = newStatus;
        answer = newAnswer;
    }

    void giveTunnel(int newStatus, Ascii newProtocol, Tunnel tunnel) {
        kind = Kind.TUNNEL;
        status = newStatus;
        protocol = newProtocol;
        answer = tunnel;
    }

    /// {@return the tunnel that it is, or null}
    @Nullable
    Tunnel tunnel() {
        return kind == Kind.TUNNEL ? (Tunnel) answer : null;
    }

    /// A tunnel's connection is at rest: who was asked last there is nobody any more.
    void rest() {
        pulled().over(this);
        pulled = null;
    }

    void reopen(Pulled newPulled) {
        pulled = newPulled;
    }

    boolean isGiven() {
        return kind != Kind.NONE;
    }

    int status() {
        return status;
    }

    /// Makes the answer 500 where nothing of it can have been sent, and that was not done before.
    ///
    /// @return whether it is
    boolean fail() {
        if (begun || failed || kind == Kind.TUNNEL) {
            return false;
        }
        end(false);
        fields.clear();
        failed = true;
        give(Status.INTERNAL_SERVER_ERROR);
        return true;
    }

    /// Sees what has come of it: of the last fill, what lies before the first byte that has not gone. Exact where that byte is of the last
    /// piece of content or of no content; before it the frames of what lies between are taken for content that has not gone.
    void settle(boolean complete) {
        long unsentAt = complete ? Transport.ALL_SENT : transport().unsentAt();
        if (unsentAt != Transport.ALL_SENT) {
            int last = transport().fills();
            headed &= headFill != last || headEnd <= unsentAt;
            if (fill == last) {
                contentBytes = Math.max(gone, Math.min(contentBytes, pieceFrom + unsentAt - pieceAt));
            }
        }
        transport = null;
        if (pulled != null) {
            pulled.over(this);
            pulled = null;
        }
    }

    long contentBytes() {
        return contentBytes;
    }

    boolean isBegun() {
        return headed;
    }

    /// Lets go of what was answered.
    void end(boolean complete) {
        Answer ending = answer;
        kind = Kind.NONE;
        answer = null;
        protocol = null;
        segment = null;
        mediaType = null;
        begun = false;
        if (ending != null) {
            try {
                ending.ended(complete);
            } catch (RuntimeException | Error thrown) {
                failures.thrown(thrown);
            }
        }
    }

    @Override
    public void head(HeadWriter head) {
        pulled().ask(this);
        if (kind == Kind.TUNNEL) {
            head.tunnel(Objects.requireNonNull(protocol, "of a tunnel"));
        } else {
            head.status(status);
        }
        fields.write(head);
        if (kind != Kind.TUNNEL) {
            announced.write(head);
        }
        switch (kind) {
            case STATUS -> {
                if (!Status.isBodiless(status)) {
                    from = 0;
                    left = Status.wordsLength(status);
                    head.field(FieldName.CONTENT_TYPE, MediaType.TEXT).content(left);
                }
            }
            case BYTES -> head.field(FieldName.CONTENT_TYPE, Objects.requireNonNull(mediaType, "of bytes")).content(left);
            case ANSWER, TUNNEL -> answer().head(head);
            case NONE -> throw new AssertionError("nothing was answered");
        }
        headed = true;
        headFill = transport().fills();
        headEnd = Transport.ALL_SENT;
    }

    @Override
    public long body(MemorySegment output, long at, long room) {
        pulled().ask(this);
        begun = true;
        headEnd = Math.min(headEnd, at);
        long given = switch (kind) {
            case STATUS -> words(output, at, (int) Math.min(room, left));
            case BYTES -> bytes(output, at, Math.min(room, left));
            case ANSWER, TUNNEL -> pull(output, at, room);
            case NONE -> throw new AssertionError("nothing was answered");
        };
        if (given > 0) {
            int now = transport().fills();
            if (fill != now) {
                fill = now;
                gone = contentBytes;
            }
            pieceAt = at;
            pieceFrom = contentBytes;
            contentBytes += given;
        }
        return given;
    }

    @Override
    public boolean pass(Passage passage, long most) {
        pulled().ask(this);
        begun = true;
        if (kind != Kind.ANSWER) {
            return false;  // few bytes, or memory that others may close
        }
        try {
            return answer().pass(passage, most);
        } catch (RuntimeException | Error thrown) {
            failures.thrown(thrown);
            return false;
        }
    }

    @Override
    public void passed(long bytes) {
        contentBytes += bytes;
        try {
            answer().passed(bytes);
        } catch (RuntimeException | Error thrown) {
            failures.thrown(thrown);
        }
    }

    private long words(MemorySegment output, long at, int length) {
        Status.writeWords(status, (int) from, output, at, length);
        from += length;
        left -= length;
        return length;
    }

    private long bytes(MemorySegment output, long at, long length) {
        try {
            MemorySegment.copy(segment, from, output, at, length);
        } catch (RuntimeException thrown) {  // its memory was closed meanwhile
            failures.thrown(thrown);
            return FAILED;
        }
        from += length;
        left -= length;
        return length;
    }

    private long pull(MemorySegment output, long at, long room) {
        long written;
        try {
            written = answer().body(output, at, room);
        } catch (RuntimeException | Error thrown) {
            failures.thrown(thrown);
            return FAILED;
        }
        if (written > room || written < FAILED) {
            failures.thrown(new IllegalStateException("an answer wrote " + written + " bytes, room was " + room));
            return FAILED;
        }
        return written;
    }

    @Override
    public void trailers(HeadWriter trailers) {
        pulled().ask(this);
        if (answer != null) {
            answer.trailers(trailers);
        }
    }
}
