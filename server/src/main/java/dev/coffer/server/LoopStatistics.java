package dev.coffer.server;

import dev.coffer.server.drive.Tally;
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
        /// Requests that were handed to the handler.
        REQUESTS,
        /// Answers of a status of 400 or more, of those requests.
        ERRORS,
        /// Connections whose peer broke HTTP or a limit, slow ones included.
        REFUSED,
        /// Connections that ended by a reset or before an answer was complete, by whomever: a peer that read too slowly and
        /// was refused for it is counted there and here, an answer that a stop has cut is counted here.
        BROKEN,
        /// Connections answered 503 because all the memory for active ones was lent for longer than they may wait.
        STARVED,
        /// Exceptions and errors that came out of a handler, its sinks and its answers, and requests that it left unanswered.
        FAILED,
        /// Requests that an access log could not take: its buffer was full, or the file refused them.
        UNLOGGED
    }

    private static final Count[] ALL = Count.values();
    private static final int COUNT = ALL.length;

    private final long[] counts = new long[COUNT];

    LoopStatistics() {}

    /// {@return the count of that ordinal, without the array that `values()` makes}
    static Count count(int ordinal) {
        return ALL[ordinal];
    }

    void add(Count what) {
        add(what, 1);
    }

    void add(Count what, long times) {
        COUNTS.setOpaque(counts, what.ordinal(), counts[what.ordinal()] + times);
    }

    /// {@return where the loop tells what happens to its connections}
    Tally tally() {
        return new Tally() {
            @Override
            public void accepted() {
                add(Count.ACCEPTED);
            }

            @Override
            public void turnedAway() {
                add(Count.TURNED_AWAY);
            }

            @Override
            public void acceptPaused() {
                add(Count.ACCEPT_PAUSED);
            }

            @Override
            public void starved() {
                add(Count.STARVED);
            }

            @Override
            public void refused() {
                add(Count.REFUSED);
            }

            @Override
            public void broken() {
                add(Count.BROKEN);
            }
        };
    }

    /// {@return how often it has happened}
    public long of(Count what) {
        return (long) COUNTS.getOpaque(counts, what.ordinal());
    }
}
