package dev.coffer.http.http3;

/// The pace of each stream of a connection, in either direction. Content that waits for the application is not the peer's fault, nor is an
/// answer that waits for its source or its turn: a peer is slow where its flow control holds an answer back. What moves of one counts for all, as a
/// peer may send or take one after the other.
final class Paces {
    private static final long NEVER = Long.MAX_VALUE;

    private final Http3Engine engine;
    private final StreamList streams;

    Paces(Http3Engine engine) {
        this.engine = engine;
        this.streams = engine.streams;
    }

    /// Time has gone by in the state that the last call left.
    void excuse(long elapsed) {
        for (int i = 0; i < streams.count(); i++) {
            Stream stream = streams.get(i);
            if (isHolding(stream)) {
                stream.receivePace.excuse(elapsed);
            }
            if (!isHeldBack(stream)) {
                stream.sendPace.excuse(elapsed);
            }
        }
    }

    private static boolean isHolding(Stream stream) {
        return stream.shown > 0 || stream.awaits100;
    }

    private boolean isHeldBack(Stream stream) {
        return stream.sendPace.isRunning() && engine.sending().isHeldBack(stream);
    }

    void came(long bytes, long now) {
        for (int i = 0; i < streams.count(); i++) {
            streams.get(i).receivePace.passed(bytes, now);
        }
    }

    void went(long bytes, long now) {
        for (int i = 0; i < streams.count(); i++) {
            streams.get(i).sendPace.passed(bytes, now);
        }
    }

    long deadlineNanos(long now) {
        long deadline = NEVER;
        for (int i = 0; i < streams.count(); i++) {
            Stream stream = streams.get(i);
            settle(stream, now);
            deadline = Math.min(deadline, Math.min(isHolding(stream) ? NEVER : stream.receivePace.deadlineNanos(),
                    isHeldBack(stream) ? stream.sendPace.deadlineNanos() : NEVER));
        }
        return deadline;
    }

    private void settle(Stream stream, long now) {
        if (!engine.exchanges().awaitsContent(stream)) {
            stream.receivePace.stop();
        } else if (!stream.receivePace.isRunning()) {
            stream.receivePace.start(now);
        }
        if (!stream.isPending()) {
            stream.sendPace.stop();
        } else if (!stream.sendPace.isRunning()) {
            stream.sendPace.start(now);
        }
    }

    /// Ends the streams whose peer was too slow.
    void onDeadline(long now) {
        for (int i = streams.count() - 1; i >= 0; i--) {
            Stream stream = streams.get(i);
            settle(stream, now);
            if (isHeldBack(stream) && stream.sendPace.deadlineNanos() <= now) {
                engine.exchanges().reset(stream, ErrorCode.H3_REQUEST_CANCELLED, dev.coffer.http.Refusal.READS_TOO_SLOWLY);
            } else if (!isHolding(stream) && stream.receivePace.deadlineNanos() <= now) {
                engine.exchanges().refuse(stream, dev.coffer.http.Refusal.TOO_SLOW);
            }
        }
    }
}
