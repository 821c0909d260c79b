package dev.coffer.server;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/// What a loop has done since it started. Written by its thread alone, without fences; read by any thread, exact when
/// the loop is quiet.
public final class LoopStatistics {
    private static final VarHandle COUNTS = MethodHandles.arrayElementVarHandle(long[].class);

    /// What is counted.
    public enum Count {
        /// Connections accepted into the table.
        ACCEPTED,
        /// Connections answered 503 at the door because every table was full or no file descriptor was left.
        TURNED_AWAY,
        /// Times that accepting paused because no file descriptor was left.
        ACCEPT_PAUSED,
        /// Requests whose answer was given to the engine.
        REQUESTS,
        /// Answers of a status of 400 or more, of those requests.
        ERRORS,
        /// Connections whose peer broke HTTP or a limit, slow ones included.
        REFUSED,
        /// Connections that ended by a reset or before an answer was complete, by whomever: a peer that read too slowly and
        /// was refused for it is counted there and here, an answer that a stop has cut is counted here.
        BROKEN
    }

    private static final int COUNT = Count.values().length;

    private final long[] counts = new long[COUNT];

    LoopStatistics() {}

    void add(Count what) {
        COUNTS.setOpaque(counts, what.ordinal(), counts[what.ordinal()] + 1);
    }

    /// {@return how often it has happened}
    public long of(Count what) {
        return (long) COUNTS.getOpaque(counts, what.ordinal());
    }
}
