package dev.coffer.http.http2;

import dev.coffer.http.Refusal;

/// The pace of each stream of a connection, in either direction. Content that waits for the application is not the peer's fault, nor is an
/// answer that waits for its source or its turn: a peer is slow where its windows hold an answer back. Where it is the
/// connection's window alone, what goes of one answer counts for all; and what comes of one message counts for all that have yet to come,
/// as a peer may send one after the other.
final class Paces {
    private static final long NEVER = Long.MAX_VALUE;

    private final Http2Engine engine;
    private final StreamList streams;

    Paces(Http2Engine engine) {
        this.engine = engine;
        this.streams = engine.streams;
    }

    /// Time has gone by in the state that the last call left.
    void excuse(long elapsed) {
        for (Stream stream = streams.first; stream != null; stream = stream.next) {
            if (stream.holdsContent()) {
                stream.receivePace.excuse(elapsed);
            }
            if (!engine.sending().isHeldBack(stream)) {
                stream.sendPace.excuse(elapsed);
            }
        }
    }

    /// Content of one of them has come.
    void came(long bytes, long now) {
        for (Stream stream = streams.first; stream != null; stream = stream.next) {
            stream.receivePace.passed(bytes, now);
        }
    }

    long deadlineNanos(long now) {
        long deadline = NEVER;
        for (Stream stream = streams.first; stream != null; stream = stream.next) {
            settle(stream, now);
            deadline = Math.min(Math.min(deadline, stream.lingersUntil), Math.min(stream.holdsContent() ? NEVER : stream.receivePace.deadlineNanos(),
                    engine.sending().isHeldBack(stream) ? stream.sendPace.deadlineNanos() : NEVER));
        }
        return deadline;
    }

    private void settle(Stream stream, long now) {
        if (!engine.exchanges().awaitsContent(stream)) {
            stream.receivePace.stop();
        } else if (!stream.receivePace.isRunning()) {
            stream.receivePace.start(now);
        }
        if (!stream.isPending() || stream.answer != Stream.Answer.CONTENT) {
            stream.sendPace.stop();
        } else if (!stream.sendPace.isRunning()) {
            stream.sendPace.start(now);
        }
    }

    /// Ends the streams whose peer was too slow.
    void onDeadline(long now) {
        for (Stream stream = streams.first; stream != null;) {
            Stream following = stream.next;
            settle(stream, now);
            if (stream.lingersUntil <= now) {
                engine.exchanges().lingered(stream);
                if (engine.isOver()) {
                    return;
                }
            } else if (engine.sending().isHeldBack(stream) && stream.sendPace.deadlineNanos() <= now) {
                if (!engine.exchanges().reset(stream, ErrorCode.CANCEL, Refusal.READS_TOO_SLOWLY)) {
                    return;
                }
            } else if (!stream.holdsContent() && stream.receivePace.deadlineNanos() <= now) {
                if (!engine.exchanges().refuse(stream, Refusal.TOO_SLOW)) {
                    return;
                }
            }
            stream = following;
        }
    }
}
