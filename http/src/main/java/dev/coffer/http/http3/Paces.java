package dev.coffer.http.http3;

import dev.coffer.http.internal.Pace;

/// The pace of each stream of a connection, in either direction. Content that waits for the application is not the peer's fault, nor is an
/// answer that waits for its source or its turn: a peer is slow where its flow control holds an answer back. What moves of one counts for all, as a
/// peer may send or take one after the other. Stateless: what is remembered is each stream's.
final class Paces {
    static final long NEVER = Long.MAX_VALUE;

    private Paces() {}

    /// Time has gone by in the state that the last call left.
    static void excuse(Http3Engine engine, long elapsed) {
        StreamList streams = engine.streams;
        for (int i = 0; i < streams.count(); i++) {
            Stream stream = streams.get(i);
            if (isHolding(stream)) {
                stream.receiveUntil = excused(stream.receiveUntil, elapsed);
            }
            if (!isHeldBack(engine, stream)) {
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

    private static boolean isHeldBack(Http3Engine engine, Stream stream) {
        return Pace.isRunning(stream.sendUntil) && engine.sending().isHeldBack(stream);
    }

    static void came(Http3Engine engine, long bytes, long now) {
        StreamList streams = engine.streams;
        for (int i = 0; i < streams.count(); i++) {
            Stream stream = streams.get(i);
            stream.receiveUntil = passed(engine, stream.receiveUntil, bytes, now);
        }
    }

    static void went(Http3Engine engine, long bytes, long now) {
        StreamList streams = engine.streams;
        for (int i = 0; i < streams.count(); i++) {
            Stream stream = streams.get(i);
            stream.sendUntil = passed(engine, stream.sendUntil, bytes, now);
        }
    }

    private static long passed(Http3Engine engine, long deadline, long bytes, long now) {
        return Pace.passed(deadline, bytes, now, engine.limits.graceNanos(), engine.limits.bytesPerSecondMin());
    }

    static long deadlineNanos(Http3Engine engine, long now) {
        StreamList streams = engine.streams;
        long deadline = NEVER;
        for (int i = 0; i < streams.count(); i++) {
            Stream stream = streams.get(i);
            settle(engine, stream, now);
            deadline = Math.min(deadline, Math.min(isHolding(stream) ? NEVER : stream.receiveUntil,
                    isHeldBack(engine, stream) ? stream.sendUntil : NEVER));
        }
        return deadline;
    }

    private static void settle(Http3Engine engine, Stream stream, long now) {
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
    static void onDeadline(Http3Engine engine, long now) {
        StreamList streams = engine.streams;
        for (int i = streams.count() - 1; i >= 0; i--) {
            Stream stream = streams.get(i);
            settle(engine, stream, now);
            if (isHeldBack(engine, stream) && stream.sendUntil <= now) {
                engine.exchanges().reset(stream, ErrorCode.H3_REQUEST_CANCELLED, dev.coffer.http.Refusal.READS_TOO_SLOWLY);
            } else if (!isHolding(stream) && stream.receiveUntil <= now) {
                engine.exchanges().refuse(stream, dev.coffer.http.Refusal.TOO_SLOW);
            }
        }
    }
}
