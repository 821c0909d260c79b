package dev.coffer.http.http3;

import dev.coffer.http.internal.Pace;

/// The pace of each stream of a connection, in either direction. Content that waits for the application is not the peer's fault, nor is an
/// answer that waits for its source or its turn: a peer is slow where its flow control holds an answer back. What moves of one counts for all, as a
/// peer may send or take one after the other.
final class Paces {
    static final long NEVER = Long.MAX_VALUE;

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
                stream.receiveUntil = excused(stream.receiveUntil, elapsed);
            }
            if (!isHeldBack(stream)) {
                stream.sendUntil = excused(stream.sendUntil, elapsed);
            }
        }
    }

    private static long excused(long deadline, long elapsed) {
        return Pace.isRunning(deadline) ? deadline + elapsed : deadline;
    }

    private static boolean isHolding(Stream stream) {
        return stream.shown > 0 || stream.awaits100;
    }

    private boolean isHeldBack(Stream stream) {
        return Pace.isRunning(stream.sendUntil) && engine.sending().isHeldBack(stream);
    }

    void came(long bytes, long now) {
        for (int i = 0; i < streams.count(); i++) {
            Stream stream = streams.get(i);
            stream.receiveUntil = passed(stream.receiveUntil, bytes, now);
        }
    }

    void went(long bytes, long now) {
        for (int i = 0; i < streams.count(); i++) {
            Stream stream = streams.get(i);
            stream.sendUntil = passed(stream.sendUntil, bytes, now);
        }
    }

    private long passed(long deadline, long bytes, long now) {
        return Pace.passed(deadline, bytes, now, engine.limits.graceNanos(), engine.limits.bytesPerSecondMin());
    }

    long deadlineNanos(long now) {
        long deadline = NEVER;
        for (int i = 0; i < streams.count(); i++) {
            Stream stream = streams.get(i);
            settle(stream, now);
            deadline = Math.min(deadline, Math.min(isHolding(stream) ? NEVER : stream.receiveUntil,
                    isHeldBack(stream) ? stream.sendUntil : NEVER));
        }
        return deadline;
    }

    private void settle(Stream stream, long now) {
        if (!engine.exchanges().awaitsContent(stream)) {
            stream.receiveUntil = NEVER;
        } else if (!Pace.isRunning(stream.receiveUntil)) {
            stream.receiveUntil = now + engine.limits.graceNanos();
        }
        if (!stream.isPending()) {
            stream.sendUntil = NEVER;
        } else if (!Pace.isRunning(stream.sendUntil)) {
            stream.sendUntil = now + engine.limits.graceNanos();
        }
    }

    /// Ends the streams whose peer was too slow.
    void onDeadline(long now) {
        for (int i = streams.count() - 1; i >= 0; i--) {
            Stream stream = streams.get(i);
            settle(stream, now);
            if (isHeldBack(stream) && stream.sendUntil <= now) {
                engine.exchanges().reset(stream, ErrorCode.H3_REQUEST_CANCELLED, dev.coffer.http.Refusal.READS_TOO_SLOWLY);
            } else if (!isHolding(stream) && stream.receiveUntil <= now) {
                engine.exchanges().refuse(stream, dev.coffer.http.Refusal.TOO_SLOW);
            }
        }
    }
}
