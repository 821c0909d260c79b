package dev.coffer.server;

import dev.coffer.server.LoopStatistics.Count;
import dev.coffer.server.net.Notice;
import java.lang.System.Logger;

/// What comes out of an application's code and should not have: counted, and logged in one line that names the class of the
/// throwable and where it was thrown. Its message may hold what the request held, so it is not told.
final class Failures {
    private final LoopStatistics statistics;
    private final Logger.Level level;

    /// @param statistics  of the loop
    /// @param level       at which it is logged
    Failures(LoopStatistics statistics, Logger.Level level) {
        this.statistics = statistics;
        this.level = level;
    }

    /// Counts and logs.
    ///
    /// Errors of the virtual machine too: an [InternalError] is what a mapped file throws that was cut while it was read.
    void thrown(Throwable thrown) {
        statistics.add(Count.FAILED);
        String place = "";
        try {
            StackTraceElement[] trace = thrown.getStackTrace();
            place = thrown.getClass().getName() + (trace.length == 0 ? "" : " at " + trace[0]);
        } catch (RuntimeException | Error e) {
            // no memory for it
        }
        Notice.tell(level, "a handler failed: " + place);
    }

    LoopStatistics statistics() {
        return statistics;
    }

    /// A handler returned and left its request unanswered.
    void unanswered() {
        statistics.add(Count.FAILED);
        Notice.tell(level, "a handler failed: it neither answered nor took the content nor said that it will answer later");
    }
}
